//! Where a request for a film stands.

use std::time::Duration;

use chrono::{DateTime, Utc};
use warung_domain::{
    delivery::State,
    ids::{PendingActionId, TitleRequestId},
    library::StartToken,
};
use warung_store::{Read, Tx, rows};

use crate::{
    catalog::{ListPlans, Product},
    context::Context,
    engine::{Engine, News, Query, Waiter},
    error::{Error, Result},
    identity::in_seconds,
};

/// How often a waiting call looks for what other processes wrote.
const LOOK_AGAIN: Duration = Duration::from_millis(250);

/// Where a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestState {
    /// On its way.
    Queued,
    /// In the user's chat.
    Sent,
    /// The user has to press Start.
    NeedStart,
    /// The user has to become a member. Never stored.
    VipRequired,
    /// It could not be delivered.
    Failed,
}

impl RequestState {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Queued => "QUEUED",
            Self::Sent => "SENT",
            Self::NeedStart => "NEED_START",
            Self::VipRequired => "VIP_REQUIRED",
            Self::Failed => "FAILED",
        }
    }

    pub(super) fn from_name(name: &str) -> Result<Self> {
        [Self::Queued, Self::Sent, Self::NeedStart, Self::Failed]
            .into_iter()
            .find(|state| state.name() == name)
            .ok_or_else(|| Error::inconsistent(format!("title_request.state {name}")))
    }
}

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
    /// A request whose film has arrived.
    fn sent(id: TitleRequestId) -> Self {
        Self { id: Some(id), state: RequestState::Sent, link: String::new(), expire_time: None, plans: Vec::new() }
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
        let state = RequestState::from_name(&row.state)?;
        let mut request =
            TitleRequest { id: Some(self.0), state, link: String::new(), expire_time: None, plans: Vec::new() };
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
    let deadline = tokio::time::Instant::now() + wait;
    // Before the first look: what is decided between looking and waiting is not missed.
    let mut waiter = engine.waiters().wait_for(id.0);
    loop {
        let request = engine.ask(ctx, GetTitleRequest(id)).await?;
        let is_over = ctx.hurry.is_cancelled() || tokio::time::Instant::now() >= deadline;
        if request.state != RequestState::Queued || is_over {
            return Ok(request);
        }
        if arrived(engine, ctx, &mut waiter, deadline).await {
            return Ok(TitleRequest::sent(id));
        }
    }
}

/// Waits for a request of the calling user that was queued a moment ago. `waiter` has waited since before that.
pub(super) async fn await_title_request(
    engine: &Engine,
    ctx: &Context,
    id: TitleRequestId,
    mut waiter: Waiter,
    wait: Duration,
) -> Result<TitleRequest> {
    let deadline = tokio::time::Instant::now() + wait;
    if !wait.is_zero() && arrived(engine, ctx, &mut waiter, deadline).await {
        return Ok(TitleRequest::sent(id));
    }
    let left = deadline.saturating_duration_since(tokio::time::Instant::now());
    follow_title_request(engine, ctx, id, left).await
}

/// Waits until it is time to look. `true`: there is no need, as the film has arrived.
async fn arrived(engine: &Engine, ctx: &Context, waiter: &mut Waiter, deadline: tokio::time::Instant) -> bool {
    // Other processes can't wake us: where there are any, we look.
    let until = if engine.is_shared() { tokio::time::Instant::now() + LOOK_AGAIN } else { deadline };
    let told = tokio::time::timeout_at(until.min(deadline), waiter.told());
    ctx.hurry.run_until_cancelled(told).await == Some(Ok(News::Done))
}

/// The films of these requests have arrived.
pub(crate) async fn settle_sent_title_requests(tx: &mut Tx, ctx: &Context, ids: Vec<TitleRequestId>) -> Result<()> {
    let ids = ids.into_iter().map(|id| id.0).collect();
    Ok(tx.set_title_request_states(ids, RequestState::Sent.name(), ctx.now).await?)
}

/// What became of the delivery of a request.
pub(crate) async fn settle_title_request(tx: &mut Tx, ctx: &Context, id: TitleRequestId, state: &State) -> Result<()> {
    let (state, pending_action_id) = match state {
        State::Sent { .. } => (RequestState::Sent, None),
        State::Refused(_) => (RequestState::NeedStart, Some(wait_for_start(tx, ctx, id).await?)),
        State::Failed | State::Uncertain | State::Dead => (RequestState::Failed, None),
        State::Pending { .. } | State::Claimed { .. } => return Ok(()),
    };
    Ok(tx.set_title_request_state(id.0, state.name(), pending_action_id, ctx.now).await?)
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
