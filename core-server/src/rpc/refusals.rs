//! Refusals of nobody in the trail of calls: a few of a kind a minute. Whoever knocks without a credential writes no more
//! rows than that, however often they knock.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};

const PERIOD: TimeDelta = TimeDelta::minutes(1);
/// How many refusals of one kind are kept in that time.
const KEPT: u32 = 30;

/// How often what was refused in the present minute.
#[derive(Debug, Default)]
pub(crate) struct Refusals(Mutex<Minute>);

#[derive(Debug, Default)]
struct Minute {
    begun: DateTime<Utc>,
    kinds: HashMap<(Arc<str>, &'static str), u32>,
    left_out: u64,
}

impl Refusals {
    /// Whether a refusal of a method for a reason is to be kept. The others are counted, and said once a minute.
    pub(crate) fn keep(&self, now: DateTime<Utc>, store: &Arc<str>, method: &Arc<str>, reason: &'static str) -> bool {
        let mut minute = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if now - minute.begun >= PERIOD {
            if minute.left_out > 0 {
                tracing::warn!(calls = minute.left_out, "refused calls of nobody were left out of the trail");
            }
            *minute = Minute { begun: now, ..Minute::default() };
        }
        let count = minute.kinds.entry((Arc::clone(method), reason)).or_default();
        if *count < KEPT {
            *count = count.saturating_add(1);
            return true;
        }
        minute.left_out = minute.left_out.saturating_add(1);
        metrics::counter!("activity.left_out", "store" => Arc::clone(store)).increment(1);
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_refusals_of_a_kind_are_kept_each_minute() {
        let (refusals, start, store) = (Refusals::default(), DateTime::UNIX_EPOCH, Arc::from("Warung"));
        let kept = |second, method: &str, reason| {
            let method = Arc::from(method);
            let now = start + TimeDelta::seconds(second);
            (0..100).filter(|_| refusals.keep(now, &store, &method, reason)).count()
        };
        assert_eq!(kept(0, "A/Do", "UNAUTHENTICATED"), 30);
        assert_eq!((kept(1, "A/Do", "RATE_LIMITED"), kept(1, "A/Other", "UNAUTHENTICATED")), (30, 30));
        assert_eq!((kept(59, "A/Do", "UNAUTHENTICATED"), kept(61, "A/Do", "UNAUTHENTICATED")), (0, 30));
    }
}
