//! Telegram's send limits.

use std::collections::{HashMap, VecDeque};

/// Messages a bot may send in a second.
const BOT_PER_SECOND: usize = 30;
/// Messages a chat takes at once before the rate of one a second counts.
const CHAT_BURST: u64 = 3;
/// The rate of a chat: one message in this many milliseconds.
const CHAT_PERIOD_MS: u64 = 1_000;
/// Above this many chats those at rest are forgotten.
const CHATS_MAX: usize = 10_000;

/// When each bot sent of late, and when each chat is at rest again.
#[derive(Debug, Default)]
pub(crate) struct Limits {
    bots: HashMap<i64, VecDeque<u64>>,
    chats: HashMap<(i64, i64), u64>,
}

impl Limits {
    /// Counts a send at this time in milliseconds, or says in how many seconds it may be tried again.
    pub(crate) fn admit(&mut self, bot: i64, chat_id: i64, now_ms: u64) -> Result<(), u64> {
        let sent = self.bots.entry(bot).or_default();
        while sent.front().is_some_and(|at| at + 1_000 <= now_ms) {
            sent.pop_front();
        }
        if sent.len() >= BOT_PER_SECOND {
            return Err(1);
        }
        let rest_at = self.chats.get(&(bot, chat_id)).copied().unwrap_or(now_ms).max(now_ms);
        let ahead = rest_at - now_ms;
        if ahead > (CHAT_BURST - 1) * CHAT_PERIOD_MS {
            return Err((ahead - (CHAT_BURST - 1) * CHAT_PERIOD_MS).div_ceil(1_000));
        }
        sent.push_back(now_ms);
        if self.chats.len() >= CHATS_MAX {
            self.chats.retain(|_, rest_at| *rest_at > now_ms);
        }
        self.chats.insert((bot, chat_id), rest_at + CHAT_PERIOD_MS);
        Ok(())
    }
}
