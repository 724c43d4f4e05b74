//! What the core does by itself: sweeping, on a schedule; and the small tasks that run all the time.

use std::{
    panic::AssertUnwindSafe,
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};
use futures_util::FutureExt as _;
use tokio::task::JoinHandle;
use tokio_cron_scheduler::{Job, JobScheduler, JobSchedulerError};
use tokio_util::sync::CancellationToken;
use tonic_health::{ServingStatus, server::HealthReporter};
use warung_app::{
    Engine, KNOWN_FOR,
    ledger::prove_since_checkpoint,
    operations::{
        alert::RaiseAlert,
        sweep::{SweepBounds, sweep},
    },
    payment::Checkout,
};
use warung_domain::principal::Principal;

use crate::disk::Disks;

/// Calls wait at most this long before they are written.
const FLUSH_EVERY: Duration = Duration::from_millis(500);
/// How often settings are read again: what another replica changed holds here within [`KNOWN_FOR`], the read included.
const REFRESH_EVERY: Duration = KNOWN_FOR.checked_div(2).expect("two is not zero");
/// The owner is told of a machine whose clock is further off the database's.
const CLOCK_OFF_MAX: TimeDelta = TimeDelta::seconds(5);
/// How often at most.
const CLOCK_TOLD_EVERY: Duration = Duration::from_hours(1);
/// How often it is looked for orders whose time has passed.
const ORDERS: Pace = Pace { every: Duration::from_secs(2), round_max: ROUND_MAX };
/// How often it is looked for refunds whose outcome nobody wrote down.
const REFUNDS: Pace = Pace { every: Duration::from_mins(1), round_max: ROUND_MAX };
/// So long a round of these may last: much longer than gateways that do not answer can make it.
const ROUND_MAX: Duration = Duration::from_mins(10);
/// At the tenth second of every tenth minute.
const SWEEP_SCHEDULE: &str = "10 */10 * * * *";
/// At the fortieth second of every tenth minute.
const PROOF_SCHEDULE: &str = "40 */10 * * * *";

/// Starts the schedule. Every replica ticks; the database decides which of them does the work. What is in the middle of it
/// at the end is left to the next tick.
pub(crate) async fn schedule(engine: &Engine, ending: CancellationToken) -> Result<JobScheduler, JobSchedulerError> {
    let scheduler = JobScheduler::new().await?;
    scheduler.add(job(SWEEP_SCHEDULE, "sweep", engine, &ending, sweep_now)?).await?;
    scheduler.add(job(PROOF_SCHEDULE, "proof", engine, &ending, prove_now)?).await?;
    scheduler.start().await?;
    Ok(scheduler)
}

fn job<F>(
    schedule: &str,
    name: &'static str,
    engine: &Engine,
    ending: &CancellationToken,
    run: impl Fn(Engine, DateTime<Utc>) -> F + Clone + Send + Sync + 'static,
) -> Result<Job, JobSchedulerError>
where
    F: Future<Output = warung_app::Result<()>> + Send + 'static,
{
    // The scheduler's tasks may outlive its end, and must not hold the database.
    let (engine, ending) = (engine.downgrade(), ending.clone());
    Job::new_async(schedule, move |_, _| {
        let (engine, ending, run) = (engine.clone(), ending.clone(), run.clone());
        Box::pin(async move {
            let Some(engine) = engine.upgrade() else { return };
            let Ok(time) = engine.now().duration_trunc(TimeDelta::minutes(10)) else { return };
            if let Some(Err(error)) = ending.run_until_cancelled(run(engine, time)).await {
                tracing::error!(job = name, %error, "a job failed; the next tick tries again");
            }
        })
    })
}

async fn sweep_now(engine: Engine, time: DateTime<Utc>) -> warung_app::Result<()> {
    let ctx = engine.context(Principal::CORE, "sweep");
    if let Some(swept) = sweep(&engine, &ctx, time, SweepBounds::default()).await? {
        tracing::info!(swept.requests, swept.calls, swept.budgets, "swept");
    }
    Ok(())
}

async fn prove_now(engine: Engine, time: DateTime<Utc>) -> warung_app::Result<()> {
    for fault in prove_since_checkpoint(&engine, time).await? {
        tracing::error!(rule = fault.rule, subject = fault.subject, "the books do not hold");
    }
    Ok(())
}

/// Writes the calls that wait, now and then or when they are many, until the end and once more then.
pub(crate) fn flush(engine: Engine, ending: CancellationToken) -> JoinHandle<()> {
    tokio::spawn(async move {
        let pause = async || {
            let _ = tokio::time::timeout(FLUSH_EVERY, engine.many_calls()).await;
        };
        while ending.run_until_cancelled(pause()).await.is_some() {
            if let Err(error) = engine.flush_calls().await {
                tracing::warn!(%error, "the trail of calls could not be written; it waits");
            }
            if let Err(error) = engine.flush_api_key_uses().await {
                tracing::warn!(%error, "the last uses of API keys could not be written; they wait");
            }
        }
        if let Err(error) = engine.flush_calls().await {
            tracing::warn!(%error, "the last calls could not be written");
        }
        if let Err(error) = engine.flush_api_key_uses().await {
            tracing::warn!(%error, "the last uses of API keys could not be written");
        }
    })
}

/// Reads the settings and the database's time again and again, which tells as well whether the database answers, and looks
/// whether there is room for what is written.
pub(crate) fn refresh(
    engine: Engine,
    disks: Arc<Disks>,
    health: HealthReporter,
    ending: CancellationToken,
) -> JoinHandle<()> {
    let engine = Arc::new(engine);
    tokio::spawn(async move {
        let mut clock_told: Option<Instant> = None;
        loop {
            let status = match engine.refresh().await {
                Ok(behind) => {
                    let is_told = clock_told.is_some_and(|told| told.elapsed() < CLOCK_TOLD_EVERY);
                    if behind.abs() > CLOCK_OFF_MAX && !is_told {
                        clock_told = Some(Instant::now());
                        tell_clock(&engine, behind).await;
                    }
                    if disks.have_room(&engine).await { ServingStatus::Serving } else { ServingStatus::NotServing }
                }
                Err(error) => {
                    tracing::warn!(%error, "the database does not answer");
                    ServingStatus::NotServing
                }
            };
            health.set_service_status("", status).await;
            if ending.run_until_cancelled(tokio::time::sleep(REFRESH_EVERY)).await.is_none() {
                break;
            }
        }
        health.set_service_status("", ServingStatus::NotServing).await;
    })
}

/// Tells the owner that a machine's clock is wrong. Nothing of Warung suffers, as all go by the database's.
async fn tell_clock(engine: &Engine, behind: TimeDelta) {
    let seconds = behind.num_seconds();
    let text = format!(
        "The clock of a machine that runs the core is {} s {} the database's. Warung goes by the database's clock; set the \
         machine's by NTP all the same, as its logs show the wrong time.",
        seconds.abs(),
        if seconds > 0 { "behind" } else { "ahead of" }
    );
    let ctx = engine.context(Principal::CORE, "clock");
    let ctx = ctx.clone().with_request_id(ctx.new_id());
    if let Err(error) = engine.run(&ctx, RaiseAlert { key: "core.clock_off".to_owned(), text }).await {
        tracing::warn!(%error, "nobody could be told of a clock that is off");
    }
}

/// How often something is done.
#[derive(Clone, Copy, Debug)]
struct Pace {
    /// The wait before each round.
    every: Duration,
    /// How long a round may last.
    round_max: Duration,
}

/// Asks gateways about what webhooks told of and what is due by its schedule, until the end. Every replica does; leases
/// decide which of them asks about a payment.
pub(crate) fn ask_gateways(engine: Engine, checkout: Checkout, ending: CancellationToken) -> JoinHandle<()> {
    tokio::spawn(async move {
        let asking = checkout.ask_gateways(|| engine.context(Principal::CORE, "payments"));
        ending.run_until_cancelled(asking).await;
    })
}

/// Ends orders whose time has passed, until the end. A task of its own: it does not wait for what payments are asked about.
pub(crate) fn expire_orders(engine: Engine, checkout: Checkout, ending: CancellationToken) -> JoinHandle<()> {
    again_and_again("orders", ORDERS, ending, move |after| {
        let (checkout, ctx) = (checkout.clone(), engine.context(Principal::CORE, "orders"));
        async move { checkout.expire_due(&ctx, after).await }
    })
}

/// Has sellers look at refunds whose outcome nobody knows, until the end.
pub(crate) fn review_refunds(engine: Engine, checkout: Checkout, ending: CancellationToken) -> JoinHandle<()> {
    again_and_again("refunds", REFUNDS, ending, move |()| {
        let (checkout, ctx) = (checkout.clone(), engine.context(Principal::CORE, "refunds"));
        async move { checkout.review_stuck_refunds(&ctx).await }
    })
}

/// Does something every so often until the end. Each round is given what the one before it answered. One that fails,
/// panics or lasts too long is followed by one from the start.
fn again_and_again<S, R, F>(name: &'static str, pace: Pace, ending: CancellationToken, mut round: R) -> JoinHandle<()>
where
    S: Default + Send + 'static,
    R: FnMut(S) -> F + Send + 'static,
    F: Future<Output = warung_app::Result<S>> + Send,
{
    tokio::spawn(async move {
        let rounds = async {
            let mut from = S::default();
            loop {
                tokio::time::sleep(pace.every).await;
                let round = AssertUnwindSafe(Box::pin(round(std::mem::take(&mut from)))).catch_unwind();
                match tokio::time::timeout(pace.round_max, round).await {
                    Ok(Ok(Ok(next))) => from = next,
                    Ok(Ok(Err(error))) => {
                        tracing::warn!(job = name, %error, "a round failed; the next one tries again");
                    }
                    Ok(Err(_)) => tracing::error!(job = name, "a round panicked; the next one tries again"),
                    Err(_) => tracing::error!(job = name, "a round took too long; the next one tries again"),
                }
            }
        };
        // What is in the middle of a round is done again by the next process.
        ending.run_until_cancelled(rounds).await;
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_round_that_panics_fails_or_hangs_is_followed_by_the_next() {
        let (tell, mut rounds) = tokio::sync::mpsc::unbounded_channel();
        let pace = Pace { every: Duration::from_millis(1), round_max: Duration::from_millis(20) };
        let (ending, mut number) = (CancellationToken::new(), 0);
        let job = again_and_again("test", pace, ending.clone(), move |from: u32| {
            number += 1;
            let _ = tell.send((number, from));
            async move {
                match number {
                    2 => panic!("a fault of ours"),
                    4 => Err(warung_app::Error::DeadlineExceeded),
                    6 => std::future::pending().await,
                    number => Ok(number),
                }
            }
        });
        // Each goes on where the one before it ended, and from the start after one that did not.
        for round in [(1, 0), (2, 1), (3, 0), (4, 3), (5, 0), (6, 5), (7, 0), (8, 7)] {
            assert_eq!(rounds.recv().await, Some(round));
        }
        ending.cancel();
        job.await.unwrap();
    }
}
