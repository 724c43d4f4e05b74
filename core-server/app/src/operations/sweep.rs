//! Removes what is old.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use warung_store::Tx;

use crate::{context::Context, engine::Command, error::Result};

/// Runs of jobs are kept this long.
const JOB_RUNS: TimeDelta = TimeDelta::days(30);
/// Budgets of calls are of no use after their minute.
const BUDGETS: TimeDelta = TimeDelta::minutes(10);

/// Removes request ids, calls, budgets and runs of jobs that are old. One replica does it, once for each time it is
/// scheduled.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Sweep {
    /// For which time it was scheduled.
    pub scheduled_time: DateTime<Utc>,
}

/// How much a sweep removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Swept {
    /// Request ids.
    pub requests: u64,
    /// Calls.
    pub calls: u64,
    /// Budgets.
    pub budgets: u64,
}

impl Command for Sweep {
    /// `None`: another replica has done it.
    type Output = Option<Swept>;
    const NAME: &'static str = "operations.sweep";
    const BY_REQUEST_ID: bool = false;

    async fn execute(&self, tx: &mut Tx, ctx: &Context) -> Result<Option<Swept>> {
        if !tx.begin_job(Self::NAME, self.scheduled_time, ctx.now).await? {
            return Ok(None);
        }
        let hours = TimeDelta::try_hours(ctx.settings.idempotency_ttl_hours).unwrap_or(JOB_RUNS);
        let days = TimeDelta::try_days(ctx.settings.activity_ttl_days).unwrap_or(JOB_RUNS);
        tx.remove_old_job_runs(ctx.now - JOB_RUNS).await?;
        Ok(Some(Swept {
            requests: tx.remove_old_requests(ctx.now - hours).await?,
            calls: tx.remove_old_activity(ctx.now - days).await?,
            budgets: tx.remove_old_budgets(ctx.now - BUDGETS).await?,
        }))
    }
}
