//! Removes what is old, a batch a transaction: however much of it there is, none of them takes long.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use warung_store::Tx;

use crate::{
    context::Context,
    engine::{Command, Engine},
    error::Result,
};

/// Runs of jobs are kept this long.
const JOB_RUNS: TimeDelta = TimeDelta::days(30);
/// Budgets of calls are of no use after their minute.
const BUDGETS: TimeDelta = TimeDelta::minutes(10);

/// How much is removed at most.
#[derive(Clone, Copy, Debug)]
pub struct SweepBounds {
    /// How many rows one command removes. Others wait for it meanwhile: on SQLite it holds the only writer.
    pub batch: u64,
    /// How many batches of a kind one sweep removes. The next one goes on.
    pub batches: u32,
}

impl Default for SweepBounds {
    fn default() -> Self {
        // Milliseconds a command; and in the ten minutes of a sweep more than the busiest store leaves behind in them.
        Self { batch: 1_000, batches: 2_000 }
    }
}

/// How much a sweep removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Request ids.
    pub requests: u64,
    /// Calls.
    pub calls: u64,
    /// Budgets.
    pub budgets: u64,
}

/// Removes request ids, calls, budgets and runs of jobs that are old. One replica does it, once for each time it is
/// scheduled; `None`: another one has. What it leaves behind, as it was too much or the process ended, the next one
/// removes.
pub async fn sweep(
    engine: &Engine,
    ctx: &Context,
    scheduled_time: DateTime<Utc>,
    bounds: SweepBounds,
) -> Result<Option<Swept>> {
    if !engine.run(ctx, BeginSweep { scheduled_time, limit: bounds.batch }).await? {
        return Ok(None);
    }
    let requests = remove_all(engine, ctx, Kind::Request, bounds).await;
    let calls = remove_all(engine, ctx, Kind::Call, bounds).await;
    let budgets = remove_all(engine, ctx, Kind::Budget, bounds).await;
    // A kind that can't be removed keeps none of the others.
    Ok(Some(Swept { requests: requests?, calls: calls?, budgets: budgets? }))
}

/// Removes what is old of a kind, up to the bounds. Answers how much it was.
async fn remove_all(engine: &Engine, ctx: &Context, kind: Kind, bounds: SweepBounds) -> Result<u64> {
    let mut removed: u64 = 0;
    for _ in 0..bounds.batches {
        let batch = engine.run(ctx, RemoveOld { kind, limit: bounds.batch }).await?;
        removed = removed.saturating_add(batch);
        if batch < bounds.batch {
            break;
        }
    }
    Ok(removed)
}

/// Begins a sweep, unless another replica has.
struct BeginSweep {
    scheduled_time: DateTime<Utc>,
    limit: u64,
}

impl Command for BeginSweep {
    type Output = bool;
    const NAME: &'static str = "operations.sweep";
    // Of a scheduled time there is one row.
    const BY_REQUEST_ID: bool = false;

    async fn execute(&self, tx: &mut Tx, ctx: &Context) -> Result<bool> {
        if !tx.begin_job(Self::NAME, self.scheduled_time, ctx.now).await? {
            return Ok(false);
        }
        tx.remove_old_job_runs(ctx.now - JOB_RUNS, self.limit).await?;
        Ok(true)
    }
}

/// What is swept.
#[derive(Clone, Copy, Serialize)]
enum Kind {
    Request,
    Call,
    Budget,
}

/// Removes a batch of what is old. Answers how much it was.
struct RemoveOld {
    kind: Kind,
    limit: u64,
}

impl Command for RemoveOld {
    type Output = u64;
    const NAME: &'static str = "operations.remove_old";
    // What is gone is not there to be removed.
    const BY_REQUEST_ID: bool = false;

    async fn execute(&self, tx: &mut Tx, ctx: &Context) -> Result<u64> {
        let Self { kind, limit } = *self;
        Ok(match kind {
            Kind::Request => {
                let hours = TimeDelta::try_hours(ctx.settings.idempotency_ttl_hours).unwrap_or(JOB_RUNS);
                tx.remove_old_requests(ctx.now - hours, limit).await?
            }
            Kind::Call => {
                let days = TimeDelta::try_days(ctx.settings.activity_ttl_days).unwrap_or(JOB_RUNS);
                tx.remove_old_activity(ctx.now - days, limit).await?
            }
            Kind::Budget => tx.remove_old_budgets(ctx.now - BUDGETS, limit).await?,
        })
    }
}
