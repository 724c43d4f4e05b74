//! Where a request for a film stands.

use std::time::Duration;

use chrono::{DateTime, Utc};
use warung_domain::{
    delivery::State,
    ids::{PendingActionId, TitleRequestId},
    library::{RequestState, StartToken},
};
use warung_store::{News, Read, Topic, Tx, Waiter, rows};

use crate::{
    catalog::{ListPlans, Product},
    context::Context,
    engine::{Engine, Found, Query, wait_until},
    error::{Error, Result},
    identity::in_seconds,
};

/// The mark of a request that is on its way, for those who wait.
const QUEUED: i64 = 0;

/// A user's request for an episode.
#[derive(Clone, Debug)]
pub struct TitleRequest {
    /// Its id; `None` when nothing was stored.
    pub id: Option<TitleRequestId>,
    /// Where it stands.
    pub state: RequestState,
    /// Where the user goes on: to Start, or to a membership.
    pub link: String,
    /// Until when a link to Start is good.
    pub expire_time: Option<DateTime<Utc>>,
    /// What makes the user a member, cheapest first; of `VipRequired` alone.
    pub plans: Vec<Product>,
}

impl TitleRequest {
    /// A request that was made a moment ago, as it stands.
    pub(super) fn made(id: TitleRequestId) -> Found<Self> {
        Found::NotYet(Self::plain(id, RequestState::Queued), QUEUED)
    }

    /// A request of which nothing is to be known but its state.
    fn plain(id: TitleRequestId, state: RequestState) -> Self {
        Self { id: Some(id), state, link: String::new(), expire_time: None, plans: Vec::new() }
    }

    /// A request that needs a membership.
    pub(super) async fn vip_required(engine: &Engine, ctx: &Context) -> Result<Self> {
        let link = ctx.environment.main_bot.start_link("vip");
        let plans = engine.ask(ctx, ListPlans).await?;
        Ok(Self { id: None, state: RequestState::VipRequired, link, expire_time: None, plans })
    }
}

/// A request of the calling user.
pub(super) struct GetTitleRequest(pub(super) TitleRequestId);

impl Query for GetTitleRequest {
    type Output = TitleRequest;

    async fn fetch(&self, read: &Read, ctx: &Context) -> Result<TitleRequest> {
        let user_id = ctx.person()?.user_id;
        let row = read.title_request_of(self.0.0, user_id.0).await?;
        let row = row.ok_or_else(|| Error::not_found("title request", &self.0))?;
        let state = row.state.0;
        let mut request = TitleRequest::plain(self.0, state);
        if let (RequestState::NeedStart, Some(id)) = (state, row.pending_action_id) {
            let action: Option<rows::PendingAction> = read.find(id).await?;
            let action = action.ok_or_else(|| Error::inconsistent("title_request.pending_action_id"))?;
            let token = StartToken::of(&ctx.environment.secret, PendingActionId(id));
            request.link = token.link(&ctx.environment.main_bot.username);
            request.expire_time = Some(action.expire_time);
        }
        Ok(request)
    }
}

/// Where a request of the calling user stands; waits up to `wait` while it is on its way.
pub async fn follow_title_request(
    engine: &Engine,
    ctx: &Context,
    id: TitleRequestId,
    wait: Duration,
) -> Result<TitleRequest> {
    await_title_request(engine, ctx, id, engine.watch().wait_for(Topic::TitleRequest(id.0)), wait, None).await
}

/// The same, by a waiter of before; `known`: how the request stood a moment ago.
pub(super) async fn await_title_request(
    engine: &Engine,
    ctx: &Context,
    id: TitleRequestId,
    waiter: Waiter,
    wait: Duration,
    known: Option<Found<TitleRequest>>,
) -> Result<TitleRequest> {
    let look = |news| async move {
        if news == News::Arrived {
            return Ok(Found::This(TitleRequest::plain(id, RequestState::Sent)));
        }
        let request = engine.ask(ctx, GetTitleRequest(id)).await?;
        Ok(if request.state == RequestState::Queued { Found::NotYet(request, QUEUED) } else { Found::This(request) })
    };
    wait_until(ctx, waiter, wait, known, look).await
}

/// The films of these requests have arrived.
pub(crate) async fn settle_sent_title_requests(tx: &mut Tx, ctx: &Context, ids: Vec<TitleRequestId>) -> Result<()> {
    let ids = ids.into_iter().map(|id| id.0).collect();
    Ok(tx.set_title_requests_arrived(ids, RequestState::Sent, ctx.now).await?)
}

/// What became of the delivery of a request.
pub(crate) async fn settle_title_request(tx: &mut Tx, ctx: &Context, id: TitleRequestId, state: &State) -> Result<()> {
    let (state, pending_action_id) = match state {
        State::Sent { .. } => (RequestState::Sent, None),
        State::Refused(_) => (RequestState::NeedStart, Some(wait_for_start(tx, ctx, id).await?)),
        State::Failed | State::Uncertain | State::Dead => (RequestState::Failed, None),
        State::Pending { .. } | State::Claimed { .. } => return Ok(()),
    };
    Ok(tx.set_title_request_state(id.0, state, pending_action_id, ctx.now).await?)
}

/// Keeps a request until its user presses Start with a token.
async fn wait_for_start(tx: &mut Tx, ctx: &Context, id: TitleRequestId) -> Result<uuid::Uuid> {
    let request: Option<rows::TitleRequest> = tx.find(id.0).await?;
    let request = request.ok_or_else(|| Error::inconsistent("delivery.purpose_id"))?;
    // The user before what is theirs: the order of locks that redeeming has, too.
    tx.lock_user(request.user_id).await?;
    tx.close_pending_actions(id.0, ctx.now).await?;
    let action_id = PendingActionId(ctx.new_id());
    let token = StartToken::of(&ctx.environment.secret, action_id);
    let row = rows::PendingAction {
        id: action_id.0,
        user_id: request.user_id,
        title_request_id: id.0,
        token_hash: token.hash().to_vec(),
        expire_time: in_seconds(ctx.now, ctx.settings.start_token_ttl_seconds),
        redeem_time: None,
        create_time: ctx.now,
    };
    tx.insert(row).await?;
    Ok(action_id.0)
}
