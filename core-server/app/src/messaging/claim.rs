//! Leasing deliveries to a worker.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use warung_domain::{
    delivery::{Attempt, Lane, Outcome, State, after},
    ids::DeliveryId,
    message::{Bot, Operation},
    text::one_line,
};
use warung_store::{ClaimFilter, Tx, rows};

use super::{
    pace::Pace,
    report::{ERROR_CHARACTERS_MAX, settle},
    resolve::{Shown, fault},
    write::{lane, set_state},
};
use crate::{
    context::Context,
    engine::Command,
    error::{Error, Result},
    identity::in_seconds,
};

/// How many deliveries a claim answers at most.
pub(super) const CLAIM_MAX: u64 = 100;

/// Leases deliveries that are due to a worker.
#[derive(Clone, Debug, Serialize, Deserialize)]
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
    /// What to do.
    pub operation: Operation,
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
            operation,
        })
    }
}

/// What a claim leased.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Claimed {
    /// In the order in which it goes out.
    pub leases: Vec<Lease>,
    /// There is nothing else that may go out now.
    pub is_all: bool,
}

impl Command for ClaimDeliveries {
    type Output = Claimed;
    const NAME: &'static str = "messaging.claim_deliveries";
    const BY_REQUEST_ID: bool = false;

    async fn execute(&self, tx: &mut Tx, ctx: &Context) -> Result<Claimed> {
        let bot = self.bot.name();
        // Claims of one bot go one after another: its pace is the first thing locked.
        let pace = Pace::lock(tx, ctx, bot).await?;
        let mut claimed = Vec::new();
        let lost = if self.holds_all { Vec::new() } else { tx.deliveries_of_worker(&self.worker_id, ctx.now).await? };
        for row in lost {
            if row.bot == bot && !self.held.contains(&DeliveryId(row.id)) && !gave_up(tx, ctx, &row).await? {
                claimed.push(Lease::of(&row)?);
            }
        }
        let room = self.limit.min(CLAIM_MAX).saturating_sub(count(&claimed));
        let limit = room.min(pace.allowed(ctx));
        if limit == 0 {
            return Ok(Claimed { leases: claimed, is_all: false });
        }
        let chat_interval = TimeDelta::try_milliseconds(ctx.settings.chat_interval_ms).unwrap_or_default();
        let filter = ClaimFilter { bot, now: ctx.now, chat_quiet_since: ctx.now - chat_interval, limit };
        let due = tx.due_deliveries(&filter).await?;
        let is_all = count(&due) < limit;
        let mut leased = Vec::new();
        for row in due {
            if gave_up(tx, ctx, &row).await? {
                continue;
            }
            let shown = Shown::by(&row)?;
            if let Some(id) = lapse(tx, ctx, row).await? {
                leased.push(id);
                if let Some(shown) = shown {
                    shown.note(tx, ctx).await?;
                }
            }
        }
        if leased.is_empty() {
            return Ok(Claimed { leases: claimed, is_all });
        }
        let until = in_seconds(ctx.now, ctx.settings.lease_seconds);
        let leased = tx.lease_deliveries(leased, &self.worker_id, until).await?;
        pace.spend(tx, ctx, leased.len()).await?;
        for row in &leased {
            claimed.push(Lease::of(row)?);
        }
        Ok(Claimed { leases: claimed, is_all })
    }
}

/// Gives up a delivery whose goods can't be put together: sellers and owner are told, and its chat waits for it no longer.
/// Answers whether it is not to be sent.
async fn gave_up(tx: &mut Tx, ctx: &Context, row: &rows::Delivery) -> Result<bool> {
    let Some(fault) = fault(tx, ctx, row).await? else { return Ok(false) };
    tracing::error!(delivery.id = %DeliveryId(row.id), %fault, "goods can't be sent");
    let is_same =
        |found: &rows::Delivery| (found.attempts, &found.worker, found.done_time) == (row.attempts, &row.worker, None);
    if let Some(mut row) = tx.lock_deliveries(vec![row.id]).await?.into_iter().find(is_same) {
        set_state(&mut row, &State::Failed, ctx.now);
        row.error = Some(one_line(&fault, ERROR_CHARACTERS_MAX));
        settle(tx, ctx, &row, &State::Failed).await?;
        tx.update(row).await?;
    }
    Ok(true)
}

/// What an ended lease makes of a delivery: of most, another attempt; `None` when it is not sent again.
async fn lapse(tx: &mut Tx, ctx: &Context, mut row: rows::Delivery) -> Result<Option<Uuid>> {
    if row.worker.is_none() {
        return Ok(Some(row.id));
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
        return Ok(Some(row.id));
    }
    set_state(&mut row, &transition.state, ctx.now);
    row.may_be_repeated = transition.may_be_repeated;
    settle(tx, ctx, &row, &transition.state).await?;
    tx.update(row).await?;
    Ok(None)
}

fn count<T>(rows: &[T]) -> u64 {
    u64::try_from(rows.len()).unwrap_or(u64::MAX)
}
