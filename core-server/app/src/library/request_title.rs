//! Asks for an episode: it arrives in the caller's chat with the bot.

use std::{collections::HashMap, time::Duration};

use chrono::TimeDelta;
use uuid::Uuid;
use warung_domain::{
    delivery::Lane,
    ids::TitleRequestId,
    library::RequestState,
    membership::Membership,
    message::{Bot, Operation},
};
use warung_store::{Asking, TitleKey, Topic, Tx, WantedEpisode, rows};

use super::{
    card::card,
    check_watcher, title_key,
    title_request::{TitleRequest, await_title_request, follow_title_request},
};
use crate::{
    context::Context,
    engine::{Batched, BatchedCall, Command, Engine, Plan, alone},
    error::{Error, Precondition, Result},
    identity::language_of,
    messaging::{Handovers, Lease, NewDelivery, Purpose, Recipient},
};

/// Asks for an episode.
#[derive(Clone, Debug)]
pub struct RequestTitle {
    /// The title's id or code.
    pub title: String,
    /// The episode's number; `None`: the first.
    pub episode_number: Option<i64>,
    /// The user has just allowed the bot to write.
    pub write_access_granted: bool,
    /// The id of the request that is made, if one is.
    pub new_id: Uuid,
}

/// Asks for an episode, and waits a moment for its arrival.
pub async fn request_title(engine: &Engine, ctx: &Context, command: RequestTitle) -> Result<TitleRequest> {
    let new_id = TitleRequestId(command.new_id);
    // Before the request is made: what becomes of it at once is not missed.
    let waiter = engine.watch().wait_for(Topic::TitleRequest(new_id.0));
    let id = match engine.run_batched(ctx, command).await {
        Ok(id) => id,
        Err(Error::Precondition(Precondition::VipRequired)) => return TitleRequest::vip_required(engine, ctx).await,
        Err(error) => return Err(error),
    };
    let wait = Duration::from_millis(u64::try_from(ctx.settings.request_wait_ms).unwrap_or_default());
    if id == new_id {
        return await_title_request(engine, ctx, id, waiter, wait, Some(TitleRequest::made(id))).await;
    }
    follow_title_request(engine, ctx, id, wait).await
}

impl Command for RequestTitle {
    type Output = TitleRequestId;
    const NAME: &'static str = "library.request_title";
    const LOCKS_CALLER: bool = true;

    async fn execute(&self, tx: &mut Tx, ctx: &Context) -> Result<TitleRequestId> {
        alone(self, tx, ctx).await
    }
}

/// What becomes of a request.
enum Decision {
    /// It was made a moment ago.
    Again(TitleRequestId),
    /// It is made now.
    New(Box<NewRequest>),
}

/// A request and its delivery, to be written.
pub(crate) struct NewRequest {
    request: rows::TitleRequest,
    delivery: rows::Delivery,
}

impl RequestTitle {
    /// What becomes of the request, of the user who is locked.
    fn decide(&self, ctx: &Context, user: &rows::User, wanted: Option<WantedEpisode>) -> Result<Decision> {
        let person = ctx.person()?;
        let wanted = wanted.filter(|wanted| !wanted.title.hidden);
        let WantedEpisode { title, episode, member_until, last_request } =
            wanted.ok_or_else(|| Error::not_found("title", &self.title))?;
        let number = self.episode_number.unwrap_or(1);
        let episode = episode.ok_or_else(|| Error::not_found("episode", &format!("{}:{number}", self.title)))?;
        check_watcher(ctx, &episode, person.standing, Membership { expire_time: member_until })?;
        if let Some(id) = self.same_again(ctx, last_request) {
            return Ok(Decision::Again(id));
        }
        let delivery = NewDelivery {
            bot: Bot::Main,
            chat_id: person.telegram_id,
            lane: Lane::Reply,
            operation: Operation::Send(card(ctx, language_of(user), person.telegram_id, &title, &episode)?),
            purpose: Purpose::TitleRequest(TitleRequestId(self.new_id)),
        };
        let request = rows::TitleRequest {
            id: self.new_id,
            user_id: person.user_id.0,
            episode_id: episode.id,
            state: RequestState::Queued.into(),
            pending_action_id: None,
            create_time: ctx.now,
            update_time: ctx.now,
        };
        Ok(Decision::New(Box::new(NewRequest { request, delivery: delivery.row(ctx)? })))
    }

    /// A request of a moment ago for the same, whose answer still holds: somebody tapped twice.
    fn same_again(&self, ctx: &Context, last: Option<rows::TitleRequest>) -> Option<TitleRequestId> {
        let last = last?;
        let window = TimeDelta::try_seconds(ctx.settings.request_repeat_window_seconds).unwrap_or_default();
        if ctx.now - last.create_time >= window {
            return None;
        }
        match last.state.0 {
            RequestState::Queued | RequestState::Sent => Some(TitleRequestId(last.id)),
            RequestState::NeedStart if !self.write_access_granted => Some(TitleRequestId(last.id)),
            _ => None,
        }
    }
}

/// The requests that a batch makes, by user and episode, for those that come after them.
type Made = HashMap<(Uuid, Uuid), rows::TitleRequest>;

impl RequestTitle {
    fn plan_one(
        &self,
        ctx: &Context,
        user: &rows::User,
        wanted: Option<WantedEpisode>,
        made: &mut Made,
    ) -> Result<(TitleRequestId, Option<Box<NewRequest>>)> {
        let mut wanted = wanted;
        if let Some(WantedEpisode { episode: Some(episode), last_request, .. }) = &mut wanted
            && let Some(request) = made.get(&(user.id, episode.id))
        {
            *last_request = Some(request.clone());
        }
        Ok(match self.decide(ctx, user, wanted)? {
            Decision::Again(id) => (id, None),
            Decision::New(rows) => {
                made.insert((user.id, rows.request.episode_id), rows.request.clone());
                (TitleRequestId(self.new_id), Some(rows))
            }
        })
    }
}

/// What each of these wants, in their order.
async fn wanted(calls: &[(&BatchedCall<RequestTitle>, Uuid)], tx: &Tx) -> Result<Vec<Option<WantedEpisode>>> {
    // One statement for all that name a title by its id, as the Mini App and the bot do.
    let by_id = |command: &RequestTitle| match title_key(&command.title) {
        TitleKey::Id(title_id) if calls.len() > 1 => Some(title_id),
        _ => None,
    };
    let asking = calls.iter().filter_map(|((_, command), user_id)| {
        Some(Asking { title_id: by_id(command)?, number: command.episode_number, user_id: *user_id })
    });
    let mut of_many = tx.wanted_of_many(asking.collect()).await?.into_iter();
    let mut found = Vec::with_capacity(calls.len());
    for ((_, command), user_id) in calls {
        found.push(match by_id(command) {
            Some(_) => of_many.next().flatten(),
            None => tx.wanted(title_key(&command.title), command.episode_number, *user_id).await?,
        });
    }
    Ok(found)
}

impl Batched for RequestTitle {
    /// `None`: the request was made before.
    type Change = Option<Box<NewRequest>>;
    /// Where there may be a worker for their deliveries.
    type Aid = Handovers;
    /// What was leased to whom.
    type After = Option<(Recipient, Vec<Lease>)>;

    async fn plan(calls: &[&BatchedCall<Self>], tx: &mut Tx, waits: bool) -> Result<Vec<Plan<Self>>> {
        let people: Vec<_> = calls.iter().map(|(ctx, _)| ctx.person().map(|person| person.user_id.0)).collect();
        let users = tx.lock_users(people.iter().flatten().copied().collect(), waits).await?;
        let user_of = |person: &Result<Uuid>| {
            let id = person.as_ref().ok()?;
            users.iter().find(|user| user.id == *id)
        };
        let there: Vec<_> =
            calls.iter().zip(&people).filter_map(|(call, person)| Some((*call, user_of(person)?.id))).collect();
        let mut wanted = wanted(&there, tx).await?.into_iter();
        let mut made = Made::new();
        let plans = calls.iter().zip(&people).map(|((ctx, command), person)| match user_of(person) {
            Some(user) => Plan::from(command.plan_one(ctx, user, wanted.next().flatten(), &mut made)),
            None => ctx.person().map_or_else(Plan::Refuse, |_| Plan::Alone),
        });
        Ok(plans.collect())
    }

    async fn write(
        changes: Vec<Self::Change>,
        tx: &mut Tx,
        ctx: &Context,
        handovers: Option<&Handovers>,
    ) -> Result<Self::After> {
        let mut rows: Vec<_> = changes.into_iter().flatten().collect();
        let mut handover = None;
        if let Some(recipient) = handovers.filter(|_| !rows.is_empty()).and_then(|all| all.recipient(Bot::Main)) {
            let leases = recipient.lease(tx, ctx, rows.iter_mut().map(|rows| &mut rows.delivery).collect()).await?;
            handover = Some((recipient, leases));
        }
        let (requests, deliveries) = rows.into_iter().map(|rows| (rows.request, rows.delivery)).unzip();
        tx.insert_all::<rows::TitleRequest>(requests).await?;
        tx.insert_all::<rows::Delivery>(deliveries).await?;
        Ok(handover)
    }

    fn committed(handovers: &Handovers, after: Self::After) {
        if let Some((recipient, leases)) = after {
            handovers.hand(&recipient, leases);
        }
    }
}
