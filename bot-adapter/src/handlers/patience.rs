//! How long what an update asks for is tried again.

use std::time::Duration;

use tokio::time::Instant;

use super::app::Failure;
use crate::{backoff::Backoff, config::Limits, core::is_transient, telegram::CallError};

/// What is left of the time and of the attempts that an update has.
///
/// What Telegram certainly did not take is tried again until the time is over. What it may have taken, and what the core
/// failed, is tried a few times: an answer that comes twice is harmless, one that comes without end is not.
pub(crate) struct Patience {
    backoff: Backoff,
    attempts_left: u32,
    until: Instant,
}

impl Patience {
    /// `name` is of the worker and of what it tries, so that those who failed together don't return together.
    pub(crate) fn new(name: &str, limits: &Limits) -> Self {
        Self {
            backoff: Backoff::new(name, limits.pause_min, limits.pause_max),
            attempts_left: limits.update_attempts.saturating_sub(1),
            until: Instant::now() + limits.answer_patience,
        }
    }

    /// How long to wait before the next attempt; `None` when there is none.
    pub(crate) fn after(&mut self, failure: &Failure) -> Option<Duration> {
        let pause = self.backoff.next();
        let pause = match failure {
            Failure::Telegram(CallError::NotDone(_) | CallError::Refused { code: 500.., .. }) => pause,
            Failure::Telegram(CallError::Refused { code: 429, retry_after, .. }) => {
                retry_after.unwrap_or_default().saturating_add(pause)
            }
            Failure::Telegram(CallError::Unknown(_)) => self.spend(pause)?,
            Failure::Core(status) if is_transient(status) => self.spend(pause)?,
            Failure::Telegram(_) | Failure::Core(_) => return None,
        };
        (pause <= self.until.saturating_duration_since(Instant::now())).then_some(pause)
    }

    /// The pause, while there are attempts left.
    fn spend(&mut self, pause: Duration) -> Option<Duration> {
        self.attempts_left = self.attempts_left.checked_sub(1)?;
        Some(pause)
    }
}
