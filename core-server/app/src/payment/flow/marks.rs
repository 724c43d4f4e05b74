//! What a webhook told of while the gateway was being asked or rested: the gateway is asked again as soon as it may be.
//!
//! The due time in the database is the truth, and the core's round finds it in any case, a round later at most. A mark is a
//! timer in the process that knows of it, so that the buyer does not wait for that round.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::{StreamExt as _, stream::FuturesUnordered};
use tokio::sync::mpsc;

use super::Checkout;
use crate::context::Context;

/// So many marks wait at most; the core's round does the others.
const MARKS_MAX: usize = 256;
/// The longest wait: what is due later is the round's.
const WAIT_MAX: TimeDelta = TimeDelta::seconds(10);
const A_LITTLE: TimeDelta = TimeDelta::milliseconds(5);

/// The marks of a process.
#[derive(Clone, Debug)]
pub(super) struct Marks {
    sender: mpsc::Sender<DateTime<Utc>>,
    receiver: Arc<Mutex<Option<mpsc::Receiver<DateTime<Utc>>>>>,
}

impl Default for Marks {
    fn default() -> Self {
        let (sender, receiver) = mpsc::channel(MARKS_MAX);
        Self { sender, receiver: Arc::new(Mutex::new(Some(receiver))) }
    }
}

impl Marks {
    /// Has gateways asked about what is due then.
    pub(super) fn note(&self, due: DateTime<Utc>) {
        // No room: the core's round does it.
        let _ = self.sender.try_send(due);
    }

    fn take(&self) -> Option<mpsc::Receiver<DateTime<Utc>>> {
        self.receiver.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Checkout {
    /// Asks gateways about what webhooks told of, each as soon as it is due. It never ends by itself, and only the first
    /// call does anything.
    pub async fn ask_at_marks(&self, context: impl Fn() -> Context) {
        let Some(mut marks) = self.marks.take() else { return std::future::pending().await };
        let mut waiting = FuturesUnordered::new();
        loop {
            tokio::select! {
                due = marks.recv(), if waiting.len() < MARKS_MAX => {
                    let Some(due) = due else { return };
                    // A timer may be a little early, and then nothing is due yet.
                    let wait = (due + A_LITTLE - self.engine.now()).min(WAIT_MAX).to_std().unwrap_or_default();
                    let ctx = context();
                    waiting.push(async move {
                        tokio::time::sleep(wait).await;
                        if let Err(error) = Box::pin(self.poll_due(&ctx)).await {
                            tracing::warn!(%error, "what a webhook told of could not be looked for; the next round does it");
                        }
                    });
                }
                Some(()) = waiting.next(), if !waiting.is_empty() => {}
            }
        }
    }
}
