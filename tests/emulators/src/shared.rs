//! The state of an emulator, shared between the calls, with a signal at each change.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// A state that counts its changes.
pub(crate) trait Revised {
    /// The count, to be raised after each change.
    fn revision(&mut self) -> &mut u64;
}

#[derive(Debug)]
pub(crate) struct Shared<S> {
    state: Mutex<S>,
    revision: watch::Sender<u64>,
    started: Instant,
    pub stop: CancellationToken,
    /// All that runs for the emulator; each ends at `stop`.
    pub tasks: TaskTracker,
    pub http: reqwest::Client,
}

impl<S: Revised> Shared<S> {
    pub(crate) fn new(state: S) -> Self {
        Self {
            state: Mutex::new(state),
            revision: watch::Sender::new(0),
            started: Instant::now(),
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
            http: reqwest::Client::builder().no_proxy().build().unwrap_or_default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, S> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at the state.
    pub(crate) fn read<T>(&self, look: impl FnOnce(&S) -> T) -> T {
        look(&self.lock())
    }

    /// Changes the state and wakes whoever waits for a change.
    pub(crate) fn write<T>(&self, change: impl FnOnce(&mut S) -> T) -> T {
        let mut state = self.lock();
        let result = change(&mut state);
        let revision = state.revision();
        *revision += 1;
        self.revision.send_replace(*revision);
        result
    }

    /// Works on the state without waking anybody, for what nobody waits for.
    pub(crate) fn write_quietly<T>(&self, change: impl FnOnce(&mut S) -> T) -> T {
        change(&mut self.lock())
    }

    /// A receiver that changes with every change of the state.
    pub(crate) fn subscribe(&self) -> watch::Receiver<u64> {
        self.revision.subscribe()
    }

    /// Waits until something is found in the state, and for no longer than the deadline.
    pub(crate) async fn wait<T>(&self, deadline: Duration, mut look: impl FnMut(&S) -> Option<T>) -> Option<T> {
        let mut changes = self.subscribe();
        let search = async {
            loop {
                changes.mark_unchanged();
                if let Some(found) = self.read(&mut look) {
                    return found;
                }
                if changes.changed().await.is_err() {
                    std::future::pending::<()>().await;
                }
            }
        };
        tokio::time::timeout(deadline, search).await.ok()
    }

    /// Ends all that runs, and waits for it.
    pub(crate) async fn end(&self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// Milliseconds since the start.
    pub(crate) fn elapsed_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}
