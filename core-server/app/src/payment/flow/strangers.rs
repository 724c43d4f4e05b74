//! How often a gateway is asked because of what names no payment of ours.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// So many questions in [`WINDOW`], in each process: anybody can post references that there are not.
const QUESTIONS_MAX: usize = 10;
const WINDOW: Duration = Duration::from_secs(20);

/// When the last questions were.
#[derive(Clone, Debug, Default)]
pub(super) struct Strangers(Arc<Mutex<VecDeque<Instant>>>);

impl Strangers {
    /// Whether one more question may be asked now; if so, it counts.
    pub(super) fn may_ask(&self, now: Instant) -> bool {
        let mut asked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while asked.front().is_some_and(|first| now.duration_since(*first) >= WINDOW) {
            asked.pop_front();
        }
        let may = asked.len() < QUESTIONS_MAX;
        if may {
            asked.push_back(now);
        }
        may
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_strangers_post_has_a_gateway_asked_seldom() {
        let (strangers, now) = (Strangers::default(), Instant::now());
        assert_eq!((0..100).filter(|_| strangers.may_ask(now)).count(), QUESTIONS_MAX);
        assert_eq!((0..100).filter(|_| strangers.may_ask(now + WINDOW)).count(), QUESTIONS_MAX);
    }
}
