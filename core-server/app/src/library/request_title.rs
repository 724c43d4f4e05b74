//! Asks for an episode: it arrives in the caller's chat with the bot.

use std::{collections::BTreeMap, time::Duration};

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
    engine::{Command, Engine, Gathered, Plans},
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
    let id = match engine.run_gathered(ctx, command).await {
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
        let user_id = ctx.person()?.user_id.0;
        let user = tx.lock_user(user_id).await?;
        let wanted = tx.wanted(title_key(&self.title), self.episode_number, user_id).await?;
        match self.decide(ctx, &user, wanted)? {
            Decision::Again(id) => Ok(id),
            Decision::New(rows) => {
                let NewRequest { request, delivery } = *rows;
                tx.insert(request).await?;
                tx.insert(delivery).await?;
                Ok(TitleRequestId(self.new_id))
            }
        }
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
        if let Some(id) = self.same_again(ctx, last_request)? {
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
    fn same_again(&self, ctx: &Context, last: Option<rows::TitleRequest>) -> Result<Option<TitleRequestId>> {
        let Some(last) = last else { return Ok(None) };
        let window = TimeDelta::try_seconds(ctx.settings.request_repeat_window_seconds).unwrap_or_default();
        if ctx.now - last.create_time >= window {
            return Ok(None);
        }
        Ok(match last.state.0 {
            RequestState::Queued | RequestState::Sent => Some(TitleRequestId(last.id)),
            RequestState::NeedStart if !self.write_access_granted => Some(TitleRequestId(last.id)),
            _ => None,
        })
    }
}

impl Gathered for RequestTitle {
    type Change = Box<NewRequest>;
    /// Where there may be a worker for their deliveries.
    type Beside = Handovers;
    /// What was leased to whom.
    type Handed = Option<(Recipient, Vec<Lease>)>;

    async fn plan(calls: &[(Context, Self)], tx: &mut Tx) -> Result<Plans<Self>> {
        // One request of a user is plain, as it sees all that came before it; a second one does not.
        let mut asking = BTreeMap::new();
        for (place, (ctx, command)) in calls.iter().enumerate() {
            if let (TitleKey::Id(title_id), Ok(person)) = (title_key(&command.title), ctx.person()) {
                let user_id = person.user_id.0;
                let asked = Asking { title_id, number: command.episode_number, user_id };
                asking.entry(user_id).or_insert((place, asked));
            }
        }
        let users = tx.lock_free_users(asking.keys().copied().collect()).await?;
        let free: Vec<_> = users.iter().filter_map(|user| asking.get(&user.id).map(|asked| (user, *asked))).collect();
        let wanted = tx.wanted_of_many(free.iter().map(|(_, (_, asked))| *asked).collect()).await?;
        let mut plans: Vec<_> = calls.iter().map(|_| None).collect();
        for ((user, (place, _)), wanted) in free.into_iter().zip(wanted) {
            let (Some((ctx, command)), Some(plan)) = (calls.get(place), plans.get_mut(place)) else { continue };
            if let Ok(Decision::New(rows)) = command.decide(ctx, user, wanted) {
                *plan = Some((TitleRequestId(command.new_id), rows));
            }
        }
        Ok(plans)
    }

    async fn write(
        mut changes: Vec<Self::Change>,
        tx: &mut Tx,
        ctx: &Context,
        handovers: &Handovers,
    ) -> Result<Self::Handed> {
        let mut handed = None;
        if !changes.is_empty()
            && let Some(recipient) = handovers.recipient(Bot::Main)
        {
            let deliveries = changes.iter_mut().map(|rows| &mut rows.delivery).collect();
            let leases = recipient.lease(tx, ctx, deliveries).await?;
            handed = Some((recipient, leases));
        }
        let (requests, deliveries) = changes.into_iter().map(|rows| (rows.request, rows.delivery)).unzip();
        tx.insert_all::<rows::TitleRequest>(requests).await?;
        tx.insert_all::<rows::Delivery>(deliveries).await?;
        Ok(handed)
    }

    fn hand(handed: Self::Handed, handovers: &Handovers) {
        if let Some((recipient, leases)) = handed {
            handovers.hand(&recipient, leases);
        }
    }
}
