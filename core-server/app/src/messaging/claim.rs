//! Leasing deliveries to a worker.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use warung_domain::{
    delivery::{Attempt, Fault, Lane, Outcome, State, after},
    ids::DeliveryId,
    message::{Bot, Operation},
    text::one_line,
};
use warung_store::{ClaimFilter, Tx, rows};

use super::{
    pace::Pace,
    report::{ERROR_CHARACTERS_MAX, settle},
    write::{GOODS, Purpose, lane, set_state},
};
use crate::{
    context::Context,
    engine::Command,
    error::{Error, Result},
    identity::in_seconds,
    operations::alert::alert,
    order::{self, Showing},
};

/// How many deliveries a claim answers at most.
pub(super) const CLAIM_MAX: u64 = 100;
/// How much the deliveries of a claim are at most, in bytes: an answer must fit into a message of the API, with room to
/// spare.
pub(super) const CLAIM_BYTES_MAX: usize = 1024 * 1024;
/// How much a message of goods is at most, which is put together once it is claimed: 4,096 units of text, each a letter
/// that HTML writes in six, and the tags round each line.
const GOODS_BYTES_MAX: usize = 64 * 1024;
/// So long a newer core is given to claim what this one can't read.
const NEWER_CORE: TimeDelta = TimeDelta::hours(1);
/// How long what can't be read waits before it is looked at again.
const LOOK_AGAIN: TimeDelta = TimeDelta::minutes(1);

/// Leases deliveries that are due to a worker.
#[derive(Clone, Debug)]
pub struct ClaimDeliveries {
    /// For which bot.
    pub bot: Bot,
    /// That bot's id at Telegram.
    pub bot_id: i64,
    /// The worker.
    pub worker_id: String,
    /// At most so many.
    pub limit: u64,
    /// What the worker holds and is still busy with.
    pub held: Vec<DeliveryId>,
    /// That is all it was given: no answer to a claim of it was lost.
    pub holds_all: bool,
}

/// A delivery that is leased. What it says of goods is put together once it goes out: it stands in none of these.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Lease {
    /// Of which delivery.
    pub id: DeliveryId,
    /// To which chat.
    pub chat_id: i64,
    /// Its queue.
    pub lane: Lane,
    /// Which attempt this is.
    pub attempt: i64,
    /// Until when it holds.
    pub expire_time: DateTime<Utc>,
    /// An earlier attempt may have arrived.
    pub may_be_repeated: bool,
    /// How much of an answer it is at most, in bytes.
    pub bytes: usize,
    /// What to do.
    pub operation: Operation,
}

/// How much of an answer a delivery is, in bytes, at most.
pub(super) fn weight(row: &rows::Delivery) -> usize {
    if row.purpose == GOODS { GOODS_BYTES_MAX } else { row.operation.len() }
}

/// What is left of the bytes that an answer may be.
pub(super) struct Room(usize);

impl Default for Room {
    fn default() -> Self {
        Self(CLAIM_BYTES_MAX)
    }
}

impl Room {
    /// Takes the bytes of a delivery; `false`: it does not fit any more.
    pub(super) fn take(&mut self, bytes: usize) -> bool {
        let left = self.0.checked_sub(bytes);
        self.0 = left.unwrap_or_default();
        left.is_some()
    }
}

impl Lease {
    pub(super) fn of(row: &rows::Delivery) -> Result<Self> {
        let operation = serde_json::from_str(&row.operation)
            .map_err(|error| Error::inconsistent(format!("delivery.operation: {error}")))?;
        Ok(Self {
            id: DeliveryId(row.id),
            chat_id: row.chat_id,
            lane: lane(row)?,
            attempt: row.attempts,
            expire_time: row.due_time,
            may_be_repeated: row.may_be_repeated,
            bytes: weight(row),
            operation,
        })
    }

    /// Of the next attempt, until then. `had_ended`: the one before may have arrived.
    fn next(self, until: DateTime<Utc>, had_ended: bool) -> Self {
        let may_be_repeated = self.may_be_repeated || had_ended;
        Self { attempt: self.attempt.saturating_add(1), expire_time: until, may_be_repeated, ..self }
    }
}

/// What a claim leased.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Claimed {
    /// In the order in which it goes out.
    pub leases: Vec<Lease>,
    /// There is nothing else that may go out now.
    pub is_all: bool,
    /// Of what an answer that was lost had given to the worker there is more than fits in here.
    pub has_more_lost: bool,
}

impl Command for ClaimDeliveries {
    type Output = Claimed;
    const NAME: &'static str = "messaging.claim_deliveries";
    // Who claims again tells what they hold, and is given the rest of theirs anew.
    const BY_REQUEST_ID: bool = false;

    async fn execute(&self, tx: &mut Tx, ctx: &Context) -> Result<Claimed> {
        let bot = self.bot.name();
        // Claims of one bot go one after another: its pace is the first thing locked.
        let pace = Pace::lock(tx, ctx, bot).await?;
        let mut claimed = Claimed::default();
        let mut room = Room::default();
        let lost = if self.holds_all {
            Vec::new()
        } else {
            let held = self.held.iter().map(|id| id.0).collect();
            tx.lost_deliveries(bot, &self.worker_id, held, ctx.now, CLAIM_MAX).await?
        };
        claimed.has_more_lost = count(&lost) == CLAIM_MAX;
        for row in lost {
            if gave_up(tx, ctx, &row).await? {
                continue;
            }
            match Lease::of(&row) {
                Ok(lease) if room.take(weight(&row)) => claimed.leases.push(lease),
                Ok(_) => claimed.has_more_lost = true,
                // A newer core gave it out. When its lease ends, it is that one's again.
                Err(error) => tracing::warn!(delivery.id = %DeliveryId(row.id), %error, "a lease can't be read"),
            }
        }
        let limit = self.limit.min(CLAIM_MAX).saturating_sub(count(&claimed.leases)).min(pace.allowed(ctx));
        if limit == 0 || claimed.has_more_lost {
            return Ok(claimed);
        }
        let due = self.due(tx, ctx, limit).await?;
        claimed.is_all = count(&due) < limit;
        let until = in_seconds(ctx.now, ctx.settings.lease_seconds);
        let (mut leased, mut shown) = (Vec::new(), Vec::new());
        for (row, lease) in due {
            if gave_up(tx, ctx, &row).await? {
                continue;
            }
            if !room.take(lease.bytes) {
                claimed.is_all = false;
                break;
            }
            let (showing, had_ended) = (showing(&row)?, row.worker.is_some());
            if goes_out(tx, ctx, row).await? {
                shown.extend(showing);
                leased.push(lease.next(until, had_ended));
            }
        }
        if leased.is_empty() {
            return Ok(claimed);
        }
        tx.lease_deliveries(leased.iter().map(|lease| lease.id.0).collect(), &self.worker_id, until).await?;
        order::reveal(tx, ctx, &shown).await?;
        pace.spend(tx, ctx, leased.len()).await?;
        claimed.leases.extend(leased);
        Ok(claimed)
    }
}

impl ClaimDeliveries {
    /// What is due, and can be read here. What can't is out of the way of the others.
    async fn due(&self, tx: &mut Tx, ctx: &Context, limit: u64) -> Result<Vec<(rows::Delivery, Lease)>> {
        let chat_interval = TimeDelta::try_milliseconds(ctx.settings.chat_interval_ms).unwrap_or_default();
        let bot = self.bot.name();
        let filter = ClaimFilter { bot, now: ctx.now, chat_quiet_since: ctx.now - chat_interval, limit };
        loop {
            let due = tx.due_deliveries(&filter).await?;
            let (mut readable, mut unreadable) = (Vec::new(), Vec::new());
            for row in due {
                match (Lease::of(&row), Purpose::from_row(&row)) {
                    (Ok(lease), Ok(_)) => readable.push((row, lease)),
                    _ => unreadable.push(row),
                }
            }
            if unreadable.is_empty() {
                return Ok(readable);
            }
            put_aside(tx, ctx, unreadable).await?;
        }
    }
}

/// Lets what can't be read here wait a little: a newer core beside this one reads it. What none has claimed in a long time
/// ends, so that its chat goes on.
async fn put_aside(tx: &mut Tx, ctx: &Context, rows: Vec<rows::Delivery>) -> Result<()> {
    let mut waiting = Vec::new();
    for mut row in rows {
        let id = DeliveryId(row.id);
        if ctx.now - row.release_time < NEWER_CORE {
            tracing::warn!(delivery.id = %id, "a delivery is of a version that this core does not know");
            waiting.push(row.id);
            continue;
        }
        set_state(&mut row, &State::Failed, ctx.now);
        row.error = Some("no core that runs here can read it".to_owned());
        tx.update(row).await?;
        let text = format!(
            "The delivery {id} was written by another version of Warung, and can't be read by this one: it was given up. \
             Whoever waited for it has to be told."
        );
        alert(tx, ctx, "delivery.unreadable", &text).await?;
    }
    if waiting.is_empty() { Ok(()) } else { Ok(tx.postpone_deliveries(waiting, ctx.now + LOOK_AGAIN).await?) }
}

/// Gives up a delivery that is larger than an answer: it can't be sent from here. Who waits for it, sellers and owner are
/// told, and its chat waits for it no longer. Answers whether it is not to be sent.
async fn gave_up(tx: &mut Tx, ctx: &Context, row: &rows::Delivery) -> Result<bool> {
    if weight(row) <= CLAIM_BYTES_MAX {
        return Ok(false);
    }
    give_up(tx, ctx, row, "it is larger than an answer to a claim", Fault::MessageRefused).await?;
    Ok(true)
}

/// The goods that a delivery shows, if it is one of goods.
pub(super) fn showing(row: &rows::Delivery) -> Result<Option<Showing>> {
    Ok(match Purpose::from_row(row)? {
        Purpose::Goods(order) => Some(Showing { order, delivery: DeliveryId(row.id), chat_id: row.chat_id }),
        _ => None,
    })
}

/// Ends a delivery that nobody has reported meanwhile.
pub(super) async fn give_up(tx: &mut Tx, ctx: &Context, row: &rows::Delivery, words: &str, fault: Fault) -> Result<()> {
    tracing::error!(delivery.id = %DeliveryId(row.id), fault = words, "a delivery can't be sent");
    let is_same =
        |found: &rows::Delivery| (found.attempts, &found.worker, found.done_time) == (row.attempts, &row.worker, None);
    if let Some(mut row) = tx.lock_deliveries(vec![row.id]).await?.into_iter().find(is_same) {
        set_state(&mut row, &State::Failed, ctx.now);
        row.error = Some(one_line(words, ERROR_CHARACTERS_MAX));
        settle(tx, ctx, &row, &State::Failed, fault).await?;
        tx.update(row).await?;
    }
    Ok(())
}

/// Whether a delivery goes out: once more, should its lease have ended, which makes another attempt of most and ends the rest.
async fn goes_out(tx: &mut Tx, ctx: &Context, mut row: rows::Delivery) -> Result<bool> {
    if row.worker.is_none() {
        return Ok(true);
    }
    let attempt = Attempt {
        lane: lane(&row)?,
        number: u32::try_from(row.attempts).unwrap_or(u32::MAX),
        since: row.release_time,
        may_be_repeated: row.may_be_repeated,
    };
    let transition = after(Outcome::Uncertain, attempt, ctx.now, 0);
    // Its lease was wait enough: what is to be tried again is tried at once.
    if matches!(transition.state, State::Pending { .. }) {
        return Ok(true);
    }
    set_state(&mut row, &transition.state, ctx.now);
    row.may_be_repeated = transition.may_be_repeated;
    settle(tx, ctx, &row, &transition.state, Fault::Unanswered).await?;
    tx.update(row).await?;
    Ok(false)
}

fn count<T>(rows: &[T]) -> u64 {
    u64::try_from(rows.len()).unwrap_or(u64::MAX)
}
