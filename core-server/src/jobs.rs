//! What the core does by itself: sweeping, on a schedule; and the small tasks that run all the time.

use std::{sync::Arc, time::Duration};

use chrono::{DurationRound as _, TimeDelta};
use tokio::task::JoinHandle;
use tokio_cron_scheduler::{Job, JobScheduler, JobSchedulerError};
use tokio_util::sync::CancellationToken;
use tonic_health::{ServingStatus, server::HealthReporter};
use warung_app::{Engine, operations::sweep::Sweep, payment::Checkout};
use warung_domain::principal::Principal;

/// Calls wait at most this long before they are written.
const FLUSH_EVERY: Duration = Duration::from_millis(500);
/// Settings that another replica changed count after this long at most.
const REFRESH_EVERY: Duration = Duration::from_secs(2);
/// How often it is looked for payments to ask about, and for orders whose time has passed.
const PAYMENTS_EVERY: Duration = Duration::from_secs(2);
/// At the tenth second of every tenth minute.
const SWEEP_SCHEDULE: &str = "10 */10 * * * *";

/// Starts the schedule. Every replica ticks; the database decides which of them does the work.
pub(crate) async fn schedule(engine: &Engine) -> Result<JobScheduler, JobSchedulerError> {
    let scheduler = JobScheduler::new().await?;
    // The scheduler's tasks may outlive its end, and must not hold the database.
    let engine = engine.downgrade();
    let sweep = Job::new_async(SWEEP_SCHEDULE, move |_, _| {
        let engine = engine.clone();
        Box::pin(async move {
            let Some(engine) = engine.upgrade() else { return };
            if let Err(error) = sweep(&engine).await {
                tracing::error!(%error, "sweeping failed; the next tick tries again");
            }
        })
    })?;
    scheduler.add(sweep).await?;
    scheduler.start().await?;
    Ok(scheduler)
}

async fn sweep(engine: &Engine) -> warung_app::Result<()> {
    let ctx = engine.context(Principal::CORE, "sweep");
    let scheduled_time = ctx
        .now
        .duration_trunc(TimeDelta::minutes(10))
        .map_err(|error| warung_app::Error::Internal(error.to_string()))?;
    if let Some(swept) = engine.run(&ctx, Sweep { scheduled_time }).await? {
        tracing::info!(swept.requests, swept.calls, swept.budgets, "swept");
    }
    Ok(())
}

/// Writes the calls that wait, until the end and once more then.
pub(crate) fn flush(engine: Engine, ending: CancellationToken) -> JoinHandle<()> {
    tokio::spawn(async move {
        while ending.run_until_cancelled(tokio::time::sleep(FLUSH_EVERY)).await.is_some() {
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

/// Reads the settings again and again, which tells as well whether the database answers.
pub(crate) fn refresh(engine: Engine, health: HealthReporter, ending: CancellationToken) -> JoinHandle<()> {
    let engine = Arc::new(engine);
    tokio::spawn(async move {
        loop {
            let status = match engine.refresh_settings().await {
                Ok(()) => ServingStatus::Serving,
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

/// Asks about payments whose webhook never came, and ends orders whose time has passed. Every replica does; leases decide
/// which of them asks about a payment.
pub(crate) fn look_after_payments(engine: Engine, checkout: Checkout, ending: CancellationToken) -> JoinHandle<()> {
    tokio::spawn(async move {
        let rounds = async {
            loop {
                tokio::time::sleep(PAYMENTS_EVERY).await;
                let ctx = engine.context(Principal::CORE, "payments");
                let (polled, expired) =
                    tokio::join!(Box::pin(checkout.poll_due(&ctx)), Box::pin(checkout.expire_due(&ctx)));
                if let Err(error) = polled.and(expired) {
                    tracing::warn!(%error, "it could not be looked after payments; the next round does");
                }
            }
        };
        // What is in the middle of a round is done again by the next process.
        ending.run_until_cancelled(rounds).await;
    })
}
