//! The user pressed Start with a token: what waited for it is delivered.

use std::time::Duration;

use warung_domain::{
    delivery::Lane,
    ids::{EpisodeId, TitleRequestId},
    library::{RequestState, StartToken},
    message::{Bot, Operation},
};
use warung_store::{Read, Tx, rows};

use super::{
    card::card,
    check_access, shown_episode,
    title_request::{TitleRequest, follow_title_request},
};
use crate::{
    context::Context,
    engine::{Command, Engine},
    error::{Error, Precondition, Result},
    identity::language_of,
    messaging::{NewDelivery, Purpose, open_chat, write_delivery},
};

/// Uses a start token up.
#[derive(Clone, Debug)]
pub struct RedeemStartToken {
    /// SHA-256 of the token: the token itself is written nowhere.
    token_hash: Vec<u8>,
}

impl RedeemStartToken {
    /// Of a token as it stood in a link.
    pub fn of(token: &str) -> Result<Self> {
        let token = StartToken::parse(token).ok_or(Precondition::StartTokenUnknown)?;
        Ok(Self { token_hash: token.hash().to_vec() })
    }
}

/// Redeems a token, and says where what waited for it stands.
pub async fn redeem_start_token(engine: &Engine, ctx: &Context, command: RedeemStartToken) -> Result<TitleRequest> {
    match engine.run(ctx, command).await {
        Ok(id) => follow_title_request(engine, ctx, id, Duration::ZERO).await,
        Err(Error::Precondition(Precondition::VipRequired)) => TitleRequest::vip_required(engine, ctx).await,
        Err(error) => Err(error),
    }
}

impl Command for RedeemStartToken {
    type Output = TitleRequestId;
    const NAME: &'static str = "library.redeem_start_token";

    async fn execute(&self, tx: &mut Tx, ctx: &Context) -> Result<TitleRequestId> {
        let person = ctx.person()?;
        // The user first: whatever one user does at once goes one after another, in one order of locks.
        let user = tx.lock_user(person.user_id.0).await?;
        let action = tx.pending_action_by_token(&self.token_hash).await?;
        let action = action.ok_or(Precondition::StartTokenUnknown)?;
        if action.user_id != person.user_id.0 {
            return Err(Precondition::StartTokenForeign.into());
        }
        if action.redeem_time.is_some() {
            return Err(Precondition::StartTokenUsed.into());
        }
        if ctx.now >= action.expire_time {
            return Err(Precondition::StartTokenExpired.into());
        }
        let request = request_of(tx, &action).await?;
        deliver(tx, ctx, &user, &action, &request).await?;
        open_chat(tx, ctx, person.telegram_id).await?;
        Ok(TitleRequestId(request.id))
    }
}

/// The request that waits with a pending action.
pub(super) async fn request_of(read: &Read, action: &rows::PendingAction) -> Result<rows::TitleRequest> {
    let request: Option<rows::TitleRequest> = read.find(action.title_request_id).await?;
    request.ok_or_else(|| Error::inconsistent("pending_action.title_request_id"))
}

/// Uses a pending action of a user, who is locked, up, and delivers the film that waited with it.
///
/// The film may have been hidden meanwhile, or a membership have ended. Then the action stays as it is: it is good until its
/// time, should it be shown again, or they renew.
pub(super) async fn deliver(
    tx: &mut Tx,
    ctx: &Context,
    user: &rows::User,
    action: &rows::PendingAction,
    request: &rows::TitleRequest,
) -> Result<()> {
    let (title, episode) = shown_episode(tx, EpisodeId(request.episode_id)).await?;
    check_access(tx, ctx, &episode, (user.id, ctx.person()?.standing)).await?;
    let content = card(ctx, language_of(user), user.telegram_id, &title, &episode)?;
    if !tx.redeem_pending_action(action.id, ctx.now).await? {
        return Err(Precondition::StartTokenUsed.into());
    }
    tx.set_title_request_state(request.id, RequestState::Queued, None, ctx.now).await?;
    let delivery = NewDelivery {
        bot: Bot::Main,
        chat_id: user.telegram_id,
        lane: Lane::Reply,
        operation: Operation::Send(content),
        purpose: Purpose::TitleRequest(TitleRequestId(request.id)),
    };
    write_delivery(tx, ctx, delivery).await?;
    Ok(())
}
