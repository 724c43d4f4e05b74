//! Rights that one worker holds at a time.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use warung_domain::message::Bot;
use warung_store::Tx;

use crate::{context::Context, engine::Command, error::Result, messaging::check_worker};

/// How long the right to poll holds. Another worker takes over at most this long after its holder was lost.
pub const POLLING_LEASE: TimeDelta = TimeDelta::seconds(12);

/// Takes or renews the right to poll for a bot's updates.
#[derive(Clone, Debug)]
pub struct AcquirePollingLease {
    /// For which bot.
    pub bot: Bot,
    /// Who asks.
    pub worker_id: String,
}

/// Who holds a lease.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct LeaseState {
    /// The one who asked.
    pub held: bool,
    /// Until when somebody does.
    pub expire_time: DateTime<Utc>,
}

impl Command for AcquirePollingLease {
    type Output = LeaseState;
    const NAME: &'static str = "messaging.acquire_polling_lease";
    // Who holds the lease renews it.
    const BY_REQUEST_ID: bool = false;

    async fn execute(&self, tx: &mut Tx, ctx: &Context) -> Result<LeaseState> {
        check_worker(&self.worker_id)?;
        let lease = tx.take_lease(&name(self.bot), &self.worker_id, ctx.now, ctx.now + POLLING_LEASE).await?;
        Ok(LeaseState { held: lease.holder == self.worker_id, expire_time: lease.expire_time })
    }
}

/// Gives the right to poll back.
#[derive(Clone, Debug)]
pub struct ReleasePollingLease {
    /// For which bot.
    pub bot: Bot,
    /// Who held it.
    pub worker_id: String,
}

impl Command for ReleasePollingLease {
    type Output = ();
    const NAME: &'static str = "messaging.release_polling_lease";
    // A lease that another holds stays theirs.
    const BY_REQUEST_ID: bool = false;

    async fn execute(&self, tx: &mut Tx, _ctx: &Context) -> Result<()> {
        check_worker(&self.worker_id)?;
        Ok(tx.release_lease(&name(self.bot), &self.worker_id).await?)
    }
}

/// Ends what a process that is gone still holds. For the start of the only process at a store: nobody else can hold
/// anything, so nobody has to wait for the leases of the one before, which may have been killed.
#[derive(Clone, Copy, Debug)]
pub struct EndLeases;

impl Command for EndLeases {
    /// How many deliveries are due again.
    type Output = u64;
    const NAME: &'static str = "messaging.end_leases";
    // What has ended is due already.
    const BY_REQUEST_ID: bool = false;

    async fn execute(&self, tx: &mut Tx, ctx: &Context) -> Result<u64> {
        tx.end_leases(POLLING).await?;
        Ok(tx.end_delivery_leases(ctx.now).await?)
    }
}

const POLLING: &str = "polling:";

fn name(bot: Bot) -> String {
    format!("{POLLING}{}", bot.name())
}
