//! Leasing deliveries to a worker.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use warung_domain::{
    delivery::{Attempt, Lane, Outcome, State, after},
    ids::DeliveryId,
    message::{Bot, Media, Operation},
    text::one_line,
};
use warung_store::{ClaimFilter, Read, Tx, rows};

use super::{
    check_worker,
    report::{ERROR_CHARACTERS_MAX, settle},
    resolve::{Shown, fault, resolve},
    write::{lane, set_state},
};
use crate::{
    context::Context,
    engine::{Command, Engine, Query},
    error::{Error, Result},
    identity::in_seconds,
};

/// How many deliveries a claim answers at most.
const CLAIM_MAX: u64 = 100;
/// How often a waiting claim looks for what other processes wrote.
const LOOK_AGAIN: Duration = Duration::from_millis(250);
/// How soon a claim looks again when something is due that may not go out yet: its chat was written to just now.
const PACED: Duration = Duration::from_millis(50);

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
}

/// A delivery that was leased.
#[derive(Clone, Debug)]
pub struct ClaimedDelivery {
    /// Its id.
    pub id: DeliveryId,
    /// By which bot.
    pub bot: Bot,
    /// To which chat.
    pub chat_id: i64,
    /// Its queue.
    pub lane: Lane,
    /// Which attempt this is.
    pub attempt: i64,
    /// Until when the lease holds.
    pub lease_expire_time: DateTime<Utc>,
    /// An earlier attempt may have arrived.
    pub may_be_repeated: bool,
    /// What to do.
    pub operation: Operation,
    /// The messenger's id of the operation's picture, if this bot uploaded it before.
    pub photo_file_id: Option<String>,
}

impl Command for ClaimDeliveries {
    /// The ids that are leased now, in the order in which they go out.
    type Output = Vec<DeliveryId>;
    const NAME: &'static str = "messaging.claim_deliveries";
    const BY_REQUEST_ID: bool = false;

    async fn execute(&self, tx: &mut Tx, ctx: &Context) -> Result<Vec<DeliveryId>> {
        let bot = self.bot.name();
        // Claims of one bot go one after another: its pace is the first thing locked.
        let mut pace = tx.lock_bot_pace(bot, full_pace(bot, ctx)).await?;
        let mut claimed = Vec::new();
        for row in tx.deliveries_of_worker(&self.worker_id, ctx.now).await? {
            let id = DeliveryId(row.id);
            if row.bot == bot && !self.held.contains(&id) && !gave_up(tx, ctx, &row).await? {
                claimed.push(id);
            }
        }
        let tokens = tokens(&pace, ctx);
        let room = self.limit.min(CLAIM_MAX).saturating_sub(count(&claimed));
        let limit = room.min(u64::try_from(tokens / MILLI).unwrap_or_default());
        if limit == 0 || pace.blocked_until > ctx.now {
            return Ok(claimed);
        }
        let chat_interval = TimeDelta::try_milliseconds(ctx.settings.chat_interval_ms).unwrap_or_default();
        let filter = ClaimFilter { bot, now: ctx.now, chat_quiet_since: ctx.now - chat_interval, limit };
        let due = tx.due_deliveries(&filter).await?;
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
            return Ok(claimed);
        }
        let until = in_seconds(ctx.now, ctx.settings.lease_seconds);
        tx.lease_deliveries(leased.clone(), &self.worker_id, until).await?;
        pace.tokens_milli =
            tokens.saturating_sub(i64::try_from(leased.len()).unwrap_or(i64::MAX).saturating_mul(MILLI));
        pace.refill_time = ctx.now;
        tx.update(pace).await?;
        claimed.extend(leased.into_iter().map(DeliveryId));
        Ok(claimed)
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

/// How far the clocks of replicas differ at most.
const CLOCKS_DIFFER: TimeDelta = TimeDelta::seconds(2);
/// The bot's pace is kept in thousandths of a message.
const MILLI: i64 = 1_000;

/// How many may go out at one moment, a tenth of a second's worth: a window of one second never sees more than the
/// setting says, as the refill makes up the rest alone.
fn burst(ctx: &Context) -> i64 {
    (ctx.settings.bot_per_second / 10).max(1)
}

fn full_pace(bot: &str, ctx: &Context) -> rows::BotPace {
    rows::BotPace {
        bot: bot.to_owned(),
        tokens_milli: burst(ctx).saturating_mul(MILLI),
        refill_time: ctx.now,
        blocked_until: DateTime::UNIX_EPOCH,
    }
}

/// How many thousandths a second the bot's tokens grow by.
fn refill_per_second(ctx: &Context) -> i64 {
    ctx.settings.bot_per_second.saturating_sub(burst(ctx)).max(1).saturating_mul(MILLI)
}

fn tokens(pace: &rows::BotPace, ctx: &Context) -> i64 {
    let elapsed = ctx.now - pace.refill_time;
    if elapsed < -CLOCKS_DIFFER {
        // The clock was set back: waiting for it to come to where it was would silence the bot.
        return burst(ctx).saturating_mul(MILLI);
    }
    let elapsed_ms = elapsed.num_milliseconds().clamp(0, 60_000);
    let grown = refill_per_second(ctx).saturating_mul(elapsed_ms) / MILLI;
    pace.tokens_milli.saturating_add(grown).min(burst(ctx).saturating_mul(MILLI))
}

fn count<T>(rows: &[T]) -> u64 {
    u64::try_from(rows.len()).unwrap_or(u64::MAX)
}

/// When a worker should look again.
struct NextLook {
    bot: Bot,
}

impl Query for NextLook {
    /// `None`: nothing is open. A time that has passed: now.
    type Output = Option<DateTime<Utc>>;

    async fn fetch(&self, read: &Read, ctx: &Context) -> Result<Option<DateTime<Utc>>> {
        let Some(due_time) = read.next_delivery_time(self.bot.name()).await? else { return Ok(None) };
        let Some(pace) = read.bot_pace(self.bot.name()).await? else { return Ok(Some(due_time)) };
        let mut next = due_time.max(pace.blocked_until);
        let missing = MILLI.saturating_sub(tokens(&pace, ctx));
        if missing > 0 {
            let wait_ms = missing.saturating_mul(MILLI) / refill_per_second(ctx);
            let refilled = TimeDelta::try_milliseconds(wait_ms.saturating_add(1))
                .and_then(|wait| ctx.now.checked_add_signed(wait));
            next = next.max(refilled.unwrap_or(next));
        }
        Ok(Some(next))
    }
}

/// Deliveries that are leased, as a worker needs them.
struct Leased {
    ids: Vec<DeliveryId>,
    bot_id: i64,
}

impl Query for Leased {
    type Output = Vec<ClaimedDelivery>;

    async fn fetch(&self, read: &Read, ctx: &Context) -> Result<Vec<ClaimedDelivery>> {
        let mut found = Vec::new();
        for row in read.deliveries(self.ids.iter().map(|id| id.0).collect()).await? {
            let id = DeliveryId(row.id);
            let operation = serde_json::from_str(&row.operation)
                .map_err(|error| Error::inconsistent(format!("delivery.operation: {error}")))?;
            let Some(operation) = resolve(read, ctx, id, operation).await? else { continue };
            found.push(ClaimedDelivery {
                id,
                bot: Bot::from_name(&row.bot).ok_or_else(|| Error::inconsistent("delivery.bot"))?,
                chat_id: row.chat_id,
                lane: lane(&row)?,
                attempt: row.attempts,
                lease_expire_time: row.due_time,
                may_be_repeated: row.may_be_repeated,
                operation,
                photo_file_id: None,
            });
        }
        let hashes = found.iter().filter_map(photo_hash).map(ToOwned::to_owned).collect();
        let files = read.media_files(self.bot_id, hashes).await?;
        for delivery in &mut found {
            let file = photo_hash(delivery).and_then(|hash| files.iter().find(|file| file.hash == hash));
            delivery.photo_file_id = file.map(|file| file.file_id.clone());
        }
        // In the order of the claim, which is that of the lanes.
        found.sort_by_key(|delivery| self.ids.iter().position(|id| *id == delivery.id));
        Ok(found)
    }
}

fn photo_hash(delivery: &ClaimedDelivery) -> Option<&str> {
    let content = match &delivery.operation {
        Operation::Send(content) | Operation::Edit { content, .. } => content,
        Operation::EditSent { .. }
        | Operation::SendGoods { .. }
        | Operation::Delete { .. }
        | Operation::Copy { .. } => return None,
    };
    match &content.media {
        Some(Media::Photo { media_id }) => media_id.strip_prefix("med_"),
        Some(Media::Video { .. } | Media::QrCode { .. } | Media::Status(_) | Media::TextFile { .. }) | None => None,
    }
}

/// Claims deliveries, and waits up to `wait` when nothing is due. A core that is ending answers at once.
pub async fn claim_deliveries(
    engine: &Engine,
    ctx: &Context,
    claim: ClaimDeliveries,
    wait: Duration,
    ending: &CancellationToken,
) -> Result<Vec<ClaimedDelivery>> {
    check_worker(&claim.worker_id)?;
    let deadline = tokio::time::Instant::now() + wait;
    // Marked before the first look: what is committed between looking and waiting is not missed.
    let mut deliveries = engine.deliveries_due();
    // The first look is a claim: it finds what the worker was given in an answer that was lost, too. And so is one after
    // something was written. A look that finds nothing due writes nothing.
    let mut claims = true;
    loop {
        deliveries.mark_unchanged();
        let now = engine.context(ctx.principal, &ctx.call_id);
        let mut next = None;
        if !claims {
            next = engine.ask(&now, NextLook { bot: claim.bot }).await?;
            claims = next.is_some_and(|time| time <= now.now);
        }
        if claims {
            let ids = engine.run(&now, claim.clone()).await?;
            if !ids.is_empty() {
                return engine.ask(&now, Leased { ids, bot_id: claim.bot_id }).await;
            }
            next = engine.ask(&now, NextLook { bot: claim.bot }).await?;
        }
        let is_due = next.is_some_and(|time| time <= now.now);
        claims = false;
        let mut sleep = if engine.is_shared() { LOOK_AGAIN } else { wait };
        if let Some(next) = next {
            sleep = sleep.min((next - now.now).to_std().unwrap_or(PACED).max(Duration::from_millis(1)));
        }
        let until = (tokio::time::Instant::now() + sleep).min(deadline);
        tokio::select! {
            () = ending.cancelled() => return Ok(Vec::new()),
            _ = deliveries.changed(), if !is_due => {}
            () = tokio::time::sleep_until(until) => {
                if until >= deadline {
                    return Ok(Vec::new());
                }
            }
        }
    }
}
