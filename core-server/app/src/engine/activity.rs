//! The trail of calls: one row each, refusals included, written in batches outside the calls' transactions.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use tokio::sync::Notify;
use warung_domain::principal::Principal;
use warung_store::{Tx, Work, rows};

use super::Engine;
use crate::error::{Error, Result};

/// How many calls may wait to be written; when the database is away for longer, the oldest wait and the rest are counted.
const WAITING_MAX: usize = 20_000;
/// How many calls wait before they are written without waiting longer: more would only take memory.
const MANY: usize = 2_000;
/// How many calls are written at once.
const BATCH_MAX: usize = 500;

/// A call that has ended.
#[derive(Clone, Debug)]
pub struct Call {
    /// When it began.
    pub start_time: DateTime<Utc>,
    /// Who made it.
    pub principal: Principal,
    /// Which RPC, such as `warung.library.v1.LibraryService/GetTitle`.
    pub method: Arc<str>,
    /// `OK`, or the reason of the refusal.
    pub outcome: &'static str,
    /// How long it took.
    pub duration_us: i64,
    /// Its id in the logs.
    pub call_id: Arc<str>,
}

#[derive(Debug, Default)]
pub(super) struct ActivityLog {
    waiting: Mutex<Vec<Call>>,
    many: Notify,
}

impl ActivityLog {
    fn lock(&self) -> MutexGuard<'_, Vec<Call>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Batch(Vec<rows::Activity>);

impl Work for Batch {
    type Output = ();
    type Error = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        tx.add_activity(self.0.clone()).await?;
        Ok(())
    }
}

impl Engine {
    /// Notes a call that has ended.
    pub fn note_call(&self, call: Call) {
        let mut waiting = self.0.activity.lock();
        if waiting.len() < WAITING_MAX {
            waiting.push(call);
            // Once: when they can't be written, more of them are no reason to try again.
            if waiting.len() == MANY {
                self.0.activity.many.notify_one();
            }
        } else {
            metrics::counter!("activity.dropped", "store" => self.0.environment.store_name.clone()).increment(1);
        }
    }

    /// Ends when many calls wait to be written.
    pub async fn many_calls(&self) {
        self.0.activity.many.notified().await;
    }

    /// Writes the calls that wait. Those that can't be written wait on.
    pub async fn flush_calls(&self) -> Result<()> {
        loop {
            let batch: Vec<_> = {
                let mut waiting = self.0.activity.lock();
                let count = waiting.len().min(BATCH_MAX);
                waiting.drain(..count).collect()
            };
            if batch.is_empty() {
                return Ok(());
            }
            let rows = batch.iter().map(|call| self.row(call)).collect();
            if let Err(error) = self.0.store.transact(Batch(rows)).await {
                let mut waiting = self.0.activity.lock();
                let room = WAITING_MAX.saturating_sub(waiting.len());
                waiting.splice(0..0, batch.into_iter().take(room));
                return Err(error);
            }
        }
    }

    fn row(&self, call: &Call) -> rows::Activity {
        rows::Activity {
            id: self.0.ids.next(),
            create_time: call.start_time,
            principal: call.principal.to_string(),
            method: call.method.to_string(),
            outcome: call.outcome.to_owned(),
            duration_us: call.duration_us,
            call_id: call.call_id.to_string(),
        }
    }
}
