//! A worker's claim, which waits for deliveries.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use warung_domain::{
    delivery::Lane,
    ids::DeliveryId,
    message::{Bot, Media, Operation},
};
use warung_store::{Read, Written};

use super::{
    check_worker,
    claim::{CLAIM_MAX, ClaimDeliveries, Claimed, Lease},
    file::GiveUp,
    file_ids::FileIds,
    handover::{Presence, Quiet},
    pace::Pace,
    resolve::Named,
};
use crate::{
    context::Context,
    engine::{Engine, Query},
    error::Result,
};

/// When the next delivery is due, and when it may go out.
struct NextLook {
    bot: Bot,
}

/// Times that have passed mean now.
#[derive(Clone, Copy)]
struct Next {
    due_time: DateTime<Utc>,
    may_go_time: DateTime<Utc>,
}

impl Query for NextLook {
    /// `None`: nothing is open.
    type Output = Option<Next>;

    async fn fetch(&self, read: &Read, ctx: &Context) -> Result<Option<Next>> {
        let Some(due_time) = read.next_delivery_time(self.bot.name()).await? else { return Ok(None) };
        let pace = read.bot_pace(self.bot.name()).await?;
        let may_go_time = pace.map_or(due_time, |pace| Pace::of(pace).next_time(ctx, due_time));
        Ok(Some(Next { due_time, may_go_time }))
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

/// What a claim is answered with.
#[derive(Clone, Debug, Default)]
pub struct ClaimAnswer {
    /// In the order in which it goes out.
    pub deliveries: Vec<ClaimedDelivery>,
    /// Of what an answer that was lost had given to the worker there is more.
    pub has_more_lost: bool,
}

/// Completes what is leased with all that a worker needs.
struct Complete {
    leases: Vec<Lease>,
    bot: Bot,
    bot_id: i64,
    file_ids: FileIds,
}

impl Query for Complete {
    /// What a worker can carry out, and what nobody can.
    type Output = (Vec<ClaimedDelivery>, Vec<GiveUp>);

    async fn fetch(&self, read: &Read, ctx: &Context) -> Result<Self::Output> {
        let named = Named::by(read, ctx, &self.leases).await?;
        let (mut found, mut broken) = (Vec::new(), Vec::new());
        for lease in &self.leases {
            let Lease { id, chat_id, lane, attempt, expire_time, may_be_repeated, operation, .. } = lease.clone();
            let operation = match named.resolve(operation) {
                Ok(operation) => operation,
                Err(error) => {
                    broken.push(GiveUp { id, attempt, words: error.to_string(), is_shown: false });
                    continue;
                }
            };
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
        Ok((found, broken))
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

/// What a waiting claim does next.
#[derive(Clone, Copy)]
enum Look {
    /// It claims: something was written, or an answer to the worker may have been lost.
    Claim,
    /// It claims if something is due: no transaction begins when nothing is.
    Glance,
}

/// What a look at the deliveries found.
enum Found {
    Leased(Claimed),
    /// Nothing may go out now.
    Nothing(Option<Next>),
}

impl ClaimDeliveries {
    async fn look(&self, engine: &Engine, now: &Context, look: Look) -> Result<Found> {
        if let Look::Glance = look {
            let next = engine.ask(now, NextLook { bot: self.bot }).await?;
            if next.is_none_or(|next| next.may_go_time > now.now) {
                return Ok(Found::Nothing(next));
            }
        }
        let claimed = engine.run(now, self.clone()).await?;
        if claimed.leases.is_empty() && !claimed.has_more_lost {
            return Ok(Found::Nothing(engine.ask(now, NextLook { bot: self.bot }).await?));
        }
        Ok(Found::Leased(claimed))
    }

    async fn complete(self, engine: &Engine, ctx: &Context, claimed: Claimed) -> Result<ClaimAnswer> {
        let Claimed { leases, has_more_lost, .. } = claimed;
        let complete = Complete { leases, bot: self.bot, bot_id: self.bot_id, file_ids: engine.file_ids() };
        let (deliveries, broken) = engine.ask(ctx, complete).await?;
        // Who waits for them is told, and their chats wait for them no longer.
        for give_up in broken {
            engine.run(ctx, give_up).await?;
        }
        Ok(ClaimAnswer { deliveries, has_more_lost })
    }

    /// What a look before this call found, as far as it still holds, and what to do when it does not.
    fn known(&self, engine: &Engine, written: Written) -> (Option<Quiet>, Look) {
        if !self.holds_all {
            return (None, Look::Claim);
        }
        match engine.handovers().quiet(self.bot).filter(|quiet| quiet.written == written) {
            Some(quiet) => (quiet.holds(engine.now()).then_some(quiet), Look::Glance),
            None => (None, Look::Claim),
        }
    }

    /// The worker's box, if it may have one.
    fn presence(&self, engine: &Engine, most: usize) -> Option<Presence> {
        if !self.holds_all {
            engine.handovers().forget(self.bot, &self.worker_id);
            return None;
        }
        Some(engine.handovers().arrive(self.bot, &self.worker_id, most))
    }
}

/// Claims deliveries, and waits up to `wait` when nothing is due. A core that is ending answers at once.
pub async fn claim_deliveries(
    engine: &Engine,
    ctx: &Context,
    claim: ClaimDeliveries,
    wait: Duration,
    ending: &CancellationToken,
) -> Result<ClaimAnswer> {
    check_worker(&claim.worker_id)?;
    let deadline = Instant::now() + wait;
    let most = usize::try_from(claim.limit.min(CLAIM_MAX)).unwrap_or_default();
    let presence = claim.presence(engine, most);
    // Read before each look: what is committed between looking and waiting is not missed.
    let mut writes = engine.watch().deliveries(claim.bot);
    let mut written = *writes.borrow_and_update();
    let (mut known, mut look) = claim.known(engine, written);
    loop {
        let now = engine.context(ctx.principal, &ctx.call_id);
        let handed = presence.as_ref().map_or_else(Vec::new, |presence| presence.take(most));
        if !handed.is_empty() {
            return claim.complete(engine, &now, Claimed { leases: handed, ..Claimed::default() }).await;
        }
        let quiet = match known.take() {
            Some(quiet) => quiet,
            None => match claim.look(engine, &now, look).await? {
                Found::Leased(claimed) => {
                    if let Some(presence) = &presence {
                        presence.set_idle(claimed.is_all);
                    }
                    return claim.complete(engine, &now, claimed).await;
                }
                Found::Nothing(next) => {
                    let quiet = Quiet { written, next_time: next.map(|next| next.may_go_time) };
                    engine.handovers().set_quiet(claim.bot, quiet);
                    if let Some(presence) = &presence {
                        presence.set_idle(next.is_none_or(|next| next.due_time > now.now));
                    }
                    quiet
                }
            },
        };
        let until = quiet.next_look(now.now).map_or(deadline, |time| time.min(deadline));
        tokio::select! {
            () = ending.cancelled() => return Ok(ClaimAnswer::default()),
            () = handed_to(presence.as_ref()) => {}
            _ = writes.changed() => {
                // What another process wrote is mostly its own worker's already.
                look = if writes.borrow().here == written.here { Look::Glance } else { Look::Claim };
            }
            () = tokio::time::sleep_until(until) => {
                if until >= deadline {
                    return Ok(ClaimAnswer::default());
                }
                look = Look::Glance;
            }
        }
        written = *writes.borrow_and_update();
    }
}

async fn handed_to(presence: Option<&Presence>) {
    match presence {
        Some(presence) => presence.handed().await,
        None => std::future::pending().await,
    }
}
