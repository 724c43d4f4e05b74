//! Deliveries that are handed to a worker of this process by the transaction that writes them.
//!
//! A worker that has nothing to wait for needs no claim of its own for what is written meanwhile: it is leased to the
//! worker as it is written, by the rules of a claim, and waits in the worker's box for its call, which is under way already
//! or comes in a moment. Only a worker that says it lost no answer has a box. One that lost an answer gets what is leased
//! to it from the database, and its box is thrown away, so that nothing comes twice.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::{sync::Notify, time::Instant};
use warung_domain::{delivery::State, message::Bot};
use warung_store::{Tx, Written, rows};

use super::{
    claim::{CLAIM_BYTES_MAX, Lease, Room, weight},
    pace::Pace,
};
use crate::{context::Context, engine::Engine, error::Result, identity::in_seconds};

/// How soon a claim looks again when something is due that may not go out yet: its chat was written to just now.
const PACED: Duration = Duration::from_millis(50);

/// How long after its call ended a worker is taken to come back. What is leased to one that does not waits for the end of
/// its lease.
const RETURNS: Duration = Duration::from_millis(50);

/// How long after its last call a worker's box is kept.
const FORGOTTEN: Duration = Duration::from_hours(1);

/// What a look at a bot's deliveries found when nothing was due.
#[derive(Clone, Copy, Debug)]
pub(super) struct Quiet {
    /// The commits that had written deliveries of the bot.
    pub(super) written: Written,
    /// When the next may go out; `None`: none is open.
    pub(super) next_time: Option<DateTime<Utc>>,
}

impl Quiet {
    /// Whether it still tells that nothing may go out.
    pub(super) fn holds(&self, now: DateTime<Utc>) -> bool {
        self.next_time.is_none_or(|time| time > now)
    }

    /// When to look again, though nothing is written; `None`: nothing is open.
    pub(super) fn next_look(&self, now: DateTime<Utc>) -> Option<Instant> {
        let wait = (self.next_time? - now).to_std().unwrap_or(PACED).max(Duration::from_millis(1));
        Instant::now().checked_add(wait)
    }
}

/// What was handed to a worker and not fetched yet.
#[derive(Debug)]
struct Mailbox {
    /// Told from those that the worker had before.
    number: u64,
    worker_id: String,
    room: usize,
    leases: Vec<Lease>,
    /// How many of its calls are under way.
    calls: usize,
    call_ended: Instant,
    /// Nothing else is due: what is written now overtakes nothing.
    is_idle: bool,
    handed: Arc<Notify>,
}

#[derive(Debug, Default)]
struct Desk {
    boxes_made: u64,
    boxes: HashMap<Bot, Vec<Mailbox>>,
    quiet: HashMap<Bot, Quiet>,
}

impl Desk {
    fn find(&mut self, bot: Bot, number: u64) -> Option<&mut Mailbox> {
        self.boxes.get_mut(&bot)?.iter_mut().find(|one| one.number == number)
    }
}

/// What is handed to workers in this process. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Handovers(Arc<Mutex<Desk>>);

impl Engine {
    pub(crate) fn handovers(&self) -> Handovers {
        self.part()
    }
}

/// A call of a worker that has a box. It sees no other box, though the worker may have another by now.
#[derive(Debug)]
pub(super) struct Presence {
    handovers: Handovers,
    bot: Bot,
    number: u64,
    handed: Arc<Notify>,
}

/// To whom deliveries are leased as they are written.
#[derive(Clone, Debug)]
pub(crate) struct Recipient {
    bot: Bot,
    number: u64,
    worker_id: String,
    room: usize,
}

impl Handovers {
    fn lock(&self) -> MutexGuard<'_, Desk> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A call of a worker begins that lost no answer, with room for so many.
    pub(super) fn arrive(&self, bot: Bot, worker_id: &str, room: usize) -> Presence {
        let mut desk = self.lock();
        let Desk { boxes_made, boxes, .. } = &mut *desk;
        let boxes = boxes.entry(bot).or_default();
        if let Some(found) = boxes.iter_mut().find(|one| one.worker_id == worker_id) {
            found.calls = found.calls.saturating_add(1);
            found.room = room;
            return Presence { handovers: self.clone(), bot, number: found.number, handed: Arc::clone(&found.handed) };
        }
        *boxes_made = boxes_made.wrapping_add(1);
        let (number, handed) = (*boxes_made, Arc::new(Notify::new()));
        boxes.push(Mailbox {
            number,
            worker_id: worker_id.to_owned(),
            room,
            leases: Vec::new(),
            calls: 1,
            call_ended: Instant::now(),
            is_idle: false,
            handed: Arc::clone(&handed),
        });
        Presence { handovers: self.clone(), bot, number, handed }
    }

    /// A worker lost an answer, or starts: it gets what is leased to it from the database.
    pub(super) fn forget(&self, bot: Bot, worker_id: &str) {
        if let Some(boxes) = self.lock().boxes.get_mut(&bot) {
            boxes.retain(|one| one.worker_id != worker_id);
        }
    }

    /// The worker with most room of those that are here, or will be in a moment.
    pub(crate) fn recipient(&self, bot: Bot) -> Option<Recipient> {
        let desk = self.lock();
        let room = |one: &Mailbox| one.room.saturating_sub(one.leases.len());
        let here = |one: &&Mailbox| one.is_idle && (one.calls > 0 || one.call_ended.elapsed() < RETURNS);
        let best = desk.boxes.get(&bot)?.iter().filter(here).max_by_key(|one| room(one))?;
        let recipient = Recipient { bot, number: best.number, worker_id: best.worker_id.clone(), room: room(best) };
        (recipient.room > 0).then_some(recipient)
    }

    /// Hands over what was leased, once that is committed.
    pub(crate) fn hand(&self, recipient: &Recipient, leases: Vec<Lease>) {
        let mut desk = self.lock();
        if let (Some(found), false) = (desk.find(recipient.bot, recipient.number), leases.is_empty()) {
            found.leases.extend(leases);
            found.handed.notify_waiters();
        }
    }

    /// What the last look found, if nothing was due then.
    pub(super) fn quiet(&self, bot: Bot) -> Option<Quiet> {
        self.lock().quiet.get(&bot).copied()
    }

    /// Nothing of the bot may go out.
    pub(super) fn set_quiet(&self, bot: Bot, quiet: Quiet) {
        self.lock().quiet.insert(bot, quiet);
    }
}

impl Presence {
    /// Takes up to `most` out of the box, as many as fit into an answer.
    pub(super) fn take(&self, most: usize) -> Vec<Lease> {
        let mut desk = self.handovers.lock();
        let Some(found) = desk.find(self.bot, self.number) else { return Vec::new() };
        let mut room = Room::default();
        let count = found.leases.iter().take(most).take_while(|lease| room.take(lease.bytes)).count();
        found.leases.drain(..count).collect()
    }

    /// Ends when there is something in the box.
    pub(super) async fn handed(&self) {
        loop {
            let handed = self.handed.notified();
            let is_empty =
                self.handovers.lock().find(self.bot, self.number).is_none_or(|found| found.leases.is_empty());
            if !is_empty {
                return;
            }
            handed.await;
        }
    }

    /// Whether something else is due, or may be: then nothing is handed over, as it would be overtaken.
    pub(super) fn set_idle(&self, is_idle: bool) {
        if let Some(found) = self.handovers.lock().find(self.bot, self.number) {
            found.is_idle = is_idle;
        }
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        let mut desk = self.handovers.lock();
        if let Some(found) = desk.find(self.bot, self.number) {
            found.calls = found.calls.saturating_sub(1);
            found.call_ended = Instant::now();
        }
        // Workers that went for good leave nothing here.
        if let Some(boxes) = desk.boxes.get_mut(&self.bot) {
            boxes.retain(|one| one.calls > 0 || one.call_ended.elapsed() < FORGOTTEN);
        }
    }
}

impl Recipient {
    /// Leases what may go out now of deliveries that are about to be written: as many as there is room for and the bot's
    /// pace allows, each to a chat that waits for nothing else and was not written to just now.
    pub(crate) async fn lease(
        &self,
        tx: &mut Tx,
        ctx: &Context,
        deliveries: Vec<&mut rows::Delivery>,
    ) -> Result<Vec<Lease>> {
        let bot = self.bot.name();
        let fits = |delivery: &&mut rows::Delivery| delivery.bot == bot && weight(delivery) <= CLAIM_BYTES_MAX;
        let mut free: Vec<_> = deliveries.into_iter().filter(fits).collect();
        if free.is_empty() {
            return Ok(Vec::new());
        }
        // The first thing that a claim locks: whatever it has leased is seen from here on.
        let pace = Pace::lock(tx, ctx, bot).await?;
        let chat_interval = TimeDelta::try_milliseconds(ctx.settings.chat_interval_ms).unwrap_or_default();
        let chats = free.iter().map(|delivery| delivery.chat_id).collect();
        let mut busy: HashSet<_> = tx.busy_chats(bot, chats, ctx.now - chat_interval).await?.into_iter().collect();
        free.retain(|delivery| busy.insert(delivery.chat_id));
        free.truncate(self.room.min(usize::try_from(pace.allowed(ctx)).unwrap_or(usize::MAX)));
        let until = in_seconds(ctx.now, ctx.settings.lease_seconds);
        let state = State::Claimed { worker_id: self.worker_id.clone(), lease_expire_time: until };
        let mut leases = Vec::new();
        for delivery in free {
            state.name().clone_into(&mut delivery.state);
            delivery.worker = Some(self.worker_id.clone());
            delivery.due_time = until;
            delivery.attempts = 1;
            leases.push(Lease::of(delivery)?);
        }
        pace.spend(tx, ctx, leases.len()).await?;
        Ok(leases)
    }
}

#[cfg(test)]
mod tests {
    use warung_domain::{delivery::Lane, ids::DeliveryId, message::Operation};

    use super::*;

    fn leases(count: usize) -> Vec<Lease> {
        let lease = Lease {
            id: DeliveryId(uuid::Uuid::nil()),
            chat_id: 7,
            lane: Lane::Reply,
            attempt: 1,
            expire_time: DateTime::UNIX_EPOCH,
            may_be_repeated: false,
            bytes: 1,
            operation: Operation::Delete { message_id: 1 },
        };
        vec![lease; count]
    }

    fn idle(handovers: &Handovers, worker_id: &str, room: usize) -> Presence {
        let presence = handovers.arrive(Bot::Main, worker_id, room);
        presence.set_idle(true);
        presence
    }

    #[tokio::test]
    async fn whoever_has_most_room_is_handed_and_each_bot_has_its_own() {
        let handovers = Handovers::default();
        let (one, other) = (idle(&handovers, "one", 5), idle(&handovers, "other", 9));
        assert!(handovers.recipient(Bot::Owner).is_none());
        handovers.hand(&handovers.recipient(Bot::Main).unwrap(), leases(6));
        other.handed().await;
        assert_eq!(other.take(4).len(), 4, "no more than an answer carries");
        assert_eq!(handovers.recipient(Bot::Main).unwrap().worker_id, "other", "7 against 5");
        assert_eq!((one.take(9).len(), other.take(9).len()), (0, 2));
    }

    #[tokio::test]
    async fn what_does_not_fit_into_an_answer_waits_for_the_next() {
        let handovers = Handovers::default();
        let one = idle(&handovers, "one", 5);
        let large = leases(3).into_iter().map(|lease| Lease { bytes: CLAIM_BYTES_MAX / 2, ..lease }).collect();
        handovers.hand(&handovers.recipient(Bot::Main).unwrap(), large);
        assert_eq!((one.take(5).len(), one.take(5).len()), (2, 1));
    }

    #[tokio::test]
    async fn what_comes_between_two_calls_of_a_worker_waits_for_the_next_and_after_a_while_nothing_does() {
        let handovers = Handovers::default();
        drop(idle(&handovers, "one", 5));
        let between = handovers.recipient(Bot::Main).unwrap();
        handovers.hand(&between, leases(1));
        assert_eq!(handovers.arrive(Bot::Main, "one", 5).take(5).len(), 1);
        handovers.lock().find(Bot::Main, between.number).unwrap().call_ended =
            Instant::now().checked_sub(RETURNS).unwrap();
        assert!(handovers.recipient(Bot::Main).is_none());
    }

    #[tokio::test]
    async fn nothing_overtakes_what_is_due_and_nothing_is_handed_beyond_the_room() {
        let handovers = Handovers::default();
        let one = handovers.arrive(Bot::Main, "one", 2);
        assert!(handovers.recipient(Bot::Main).is_none(), "it has not looked yet");
        one.set_idle(true);
        handovers.hand(&handovers.recipient(Bot::Main).unwrap(), leases(2));
        assert!(handovers.recipient(Bot::Main).is_none(), "it is full");
        one.take(2);
        one.set_idle(false);
        assert!(handovers.recipient(Bot::Main).is_none());
    }

    #[tokio::test]
    async fn a_worker_that_lost_an_answer_is_handed_nothing_of_before() {
        let handovers = Handovers::default();
        let zombie = idle(&handovers, "one", 5);
        let before = handovers.recipient(Bot::Main).unwrap();
        handovers.forget(Bot::Main, "one");
        let one = idle(&handovers, "one", 5);
        handovers.hand(&before, leases(1));
        assert!(one.take(5).is_empty());
        // A call from before takes nothing out of the new box, nor does its end count there.
        handovers.hand(&handovers.recipient(Bot::Main).unwrap(), leases(1));
        assert!(zombie.take(5).is_empty());
        drop(zombie);
        assert_eq!(handovers.lock().find(Bot::Main, one.number).unwrap().calls, 1);
        assert_eq!(one.take(5).len(), 1);
    }
}
