//! A worker's claim, which waits for deliveries.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio_util::sync::CancellationToken;
use warung_domain::{
    delivery::Lane,
    ids::DeliveryId,
    message::{Bot, Media, Operation},
};
use warung_store::Read;

use super::{
    check_worker,
    claim::{ClaimDeliveries, Lease},
    file_ids::FileIds,
    pace::{MILLI, refill_per_second, tokens},
    resolve::resolve,
};
use crate::{
    context::Context,
    engine::{Engine, Query},
    error::Result,
};

/// How often a waiting claim looks for what other processes wrote.
const LOOK_AGAIN: Duration = Duration::from_millis(250);
/// How soon a claim looks again when something is due that may not go out yet: its chat was written to just now.
const PACED: Duration = Duration::from_millis(50);

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

/// A delivery as its worker carries it out.
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

/// Completes what is leased with all that a worker needs.
struct Complete {
    leases: Vec<Lease>,
    bot: Bot,
    bot_id: i64,
    file_ids: FileIds,
}

impl Query for Complete {
    type Output = Vec<ClaimedDelivery>;

    async fn fetch(&self, read: &Read, ctx: &Context) -> Result<Vec<ClaimedDelivery>> {
        let mut found = Vec::new();
        for lease in &self.leases {
            let Lease { id, chat_id, lane, attempt, expire_time, may_be_repeated, operation } = lease.clone();
            let Some(operation) = resolve(read, ctx, id, operation).await? else { continue };
            found.push(ClaimedDelivery {
                id,
                bot: self.bot,
                chat_id,
                lane,
                attempt,
                lease_expire_time: expire_time,
                may_be_repeated,
                operation,
                photo_file_id: None,
            });
        }
        let hashes = found.iter().filter_map(photo_hash).map(ToOwned::to_owned).collect();
        let file_ids = self.file_ids.of(read, self.bot_id, hashes).await?;
        for delivery in &mut found {
            delivery.photo_file_id = photo_hash(delivery).and_then(|hash| file_ids.get(hash).cloned());
        }
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
    let mut deliveries = engine.deliveries_due(claim.bot);
    // The first look is a claim: it finds what the worker was given in an answer that was lost, too. And so is one after
    // something was written. Any other begins no transaction when nothing is due.
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
            let leases = engine.run(&now, claim.clone()).await?;
            if !leases.is_empty() {
                let ClaimDeliveries { bot, bot_id, .. } = claim;
                return engine.ask(&now, Complete { leases, bot, bot_id, file_ids: engine.file_ids().clone() }).await;
            }
            next = engine.ask(&now, NextLook { bot: claim.bot }).await?;
        }
        claims = false;
        let mut sleep = if engine.is_shared() { LOOK_AGAIN } else { wait };
        if let Some(next) = next {
            sleep = sleep.min((next - now.now).to_std().unwrap_or(PACED).max(Duration::from_millis(1)));
        }
        let until = (tokio::time::Instant::now() + sleep).min(deadline);
        tokio::select! {
            () = ending.cancelled() => return Ok(Vec::new()),
            _ = deliveries.changed() => claims = true,
            () = tokio::time::sleep_until(until) => {
                if until >= deadline {
                    return Ok(Vec::new());
                }
            }
        }
    }
}
