//! Chats that write and press faster than anybody reads.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use teloxide::types::CallbackQuery;
use tokio::time::Instant;

use super::{App, Failure};
use crate::words::Key;

/// Above this many chats those at rest are forgotten.
const CHATS_MAX: usize = 10_000;

/// Counts what each chat writes: a burst, and then one message in a period.
#[derive(Debug)]
pub(crate) struct Flood {
    burst: u32,
    period: Duration,
    chats: Mutex<HashMap<i64, Seen>>,
}

#[derive(Clone, Copy, Debug)]
struct Seen {
    /// When the chat is at rest again.
    rest_at: Instant,
    /// The last update that was admitted: another attempt at it is not another message.
    update_id: u32,
}

impl Flood {
    pub(crate) fn new(burst: u32, period: Duration) -> Self {
        Self { burst: burst.max(1), period, chats: Mutex::default() }
    }

    /// Whether a message of this chat is answered.
    pub(crate) fn admits(&self, chat: i64, update_id: u32) -> bool {
        self.admits_at(chat, update_id, Instant::now())
    }

    fn admits_at(&self, chat: i64, update_id: u32, now: Instant) -> bool {
        let mut chats = self.chats.lock().unwrap_or_else(PoisonError::into_inner);
        if chats.len() >= CHATS_MAX {
            chats.retain(|_, seen| seen.rest_at > now);
        }
        let seen = chats.get(&chat).copied();
        if seen.is_some_and(|seen| seen.update_id == update_id) {
            return true;
        }
        let rest_at = seen.map_or(now, |seen| seen.rest_at.max(now));
        if rest_at.saturating_duration_since(now) > self.period * (self.burst - 1) {
            return false;
        }
        chats.insert(chat, Seen { rest_at: rest_at + self.period, update_id });
        true
    }
}

/// Leaves a message of a flood unanswered; the chat is answered again once it is calm.
pub(super) async fn ignore(app: Arc<App>) -> Result<(), Failure> {
    metrics::counter!("warung_bot_flood_total", "store" => app.store.clone()).increment(1);
    Ok(())
}

/// Answers a press of a flood with the advice to wait.
pub(super) async fn refuse(app: Arc<App>, query: CallbackQuery) -> Result<(), Failure> {
    metrics::counter!("warung_bot_flood_total", "store" => app.store.clone()).increment(1);
    let words = app.words.plain(app.guess_language(&query.from), Key::TooManyCalls, &[]);
    app.answer(&query, Some(words)).await;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_answered_and_a_flood_is_not() {
        let flood = Flood::new(3, Duration::from_secs(2));
        let now = Instant::now();
        let answered = (1..=1_000).filter(|id| flood.admits_at(7, *id, now)).count();
        assert_eq!(answered, 3);
        assert!(flood.admits_at(8, 1_001, now), "another chat is not meant");
        assert!(!flood.admits_at(7, 1_002, now + Duration::from_secs(1)));
        assert!(flood.admits_at(7, 1_003, now + Duration::from_secs(3)));
    }

    #[test]
    fn another_attempt_at_an_update_is_not_another_message() {
        let flood = Flood::new(1, Duration::from_secs(2));
        let now = Instant::now();
        assert!(flood.admits_at(7, 1, now));
        assert!(flood.admits_at(7, 1, now));
        assert!(!flood.admits_at(7, 2, now));
    }
}
