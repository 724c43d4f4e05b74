//! The user pressed Start with a token: what waited for it is delivered.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use warung_domain::{
    delivery::Lane,
    ids::{EpisodeId, TitleRequestId},
    library::StartToken,
    message::{Bot, Operation},
};
use warung_store::{Tx, rows};

use super::{
    card::card,
    check_access, shown_episode,
    title_request::{RequestState, TitleRequest, follow_title_request},
};
use crate::{
    context::Context,
    engine::{Command, Engine},
    error::{Error, Precondition, Result},
    identity::language_of,
    messaging::{NewDelivery, Purpose, open_chat, write_delivery},
};

/// Uses a start token up.
#[derive(Clone, Debug, Serialize, Deserialize)]
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
        let request: Option<rows::TitleRequest> = tx.find(action.title_request_id).await?;
        let request = request.ok_or_else(|| Error::inconsistent("pending_action.title_request_id"))?;
        // The film may have been hidden meanwhile, or a membership have ended. Then the token stays: it is good until its
        // time, should it be shown again, or they renew.
        let (title, episode) = shown_episode(tx, EpisodeId(request.episode_id)).await?;
        check_access(tx, ctx, &episode, person.user_id.0).await?;
        if !tx.redeem_pending_action(action.id, ctx.now).await? {
            return Err(Precondition::StartTokenUsed.into());
        }
        open_chat(tx, ctx, person.telegram_id).await?;
        tx.set_title_request_state(request.id, RequestState::Queued.name(), None, ctx.now).await?;
        let id = TitleRequestId(request.id);
        let delivery = NewDelivery {
            bot: Bot::Main,
            chat_id: person.telegram_id,
            lane: Lane::Reply,
            operation: Operation::Send(card(ctx, language_of(&user), person.telegram_id, &title, &episode)?),
            purpose: Purpose::TitleRequest(id),
        };
        write_delivery(tx, ctx, delivery).await?;
        Ok(id)
    }
}
