//! What was read a moment ago, kept for those who ask again.

use std::{
    fmt,
    hash::Hash,
    sync::atomic::{AtomicU64, Ordering},
    time::Instant,
};

use chrono::{DateTime, TimeDelta, Utc};
use moka::sync::Cache;

use crate::engine::KNOWN_FOR;

/// Values by their key, each for [`KNOWN_FOR`] from before it was read: for so long another process may have changed it.
/// What this process changes it forgets at once.
pub(crate) struct Remembered<K, V> {
    values: Cache<K, Kept<V>>,
    /// Goes up when something is forgotten: what was read at another age counts no more.
    age: AtomicU64,
}

#[derive(Clone)]
struct Kept<V> {
    value: V,
    began: Began,
}

/// A moment, taken before something is read. It is measured twice: a clock may be set back, and time that stands still in a
/// test is to hold nothing for ever.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reading {
    time: DateTime<Utc>,
    instant: Instant,
}

impl Reading {
    /// Now; `time` is what the store's clock shows.
    pub(crate) fn now(time: DateTime<Utc>) -> Self {
        Self { time, instant: Instant::now() }
    }

    /// Whether what was read then still holds at `now`.
    pub(crate) fn holds(self, now: DateTime<Utc>) -> bool {
        let passed = now.signed_duration_since(self.time);
        let known_for = TimeDelta::from_std(KNOWN_FOR).unwrap_or_default();
        (TimeDelta::zero()..known_for).contains(&passed) && self.instant.elapsed() < KNOWN_FOR
    }
}

/// A reading at the age that it has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Began {
    reading: Reading,
    age: u64,
}

impl<K, V> Remembered<K, V>
where
    K: Hash + Eq + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// Room for so many values.
    pub(crate) fn of(most: u64) -> Self {
        let values = Cache::builder().max_capacity(most).time_to_live(KNOWN_FOR).build();
        Self { values, age: AtomicU64::new(0) }
    }

    /// What is known of a key at `now`.
    pub(crate) fn get(&self, key: &K, now: DateTime<Utc>) -> Option<V> {
        let kept = self.values.get(key)?;
        (kept.began.age == self.age() && kept.began.reading.holds(now)).then_some(kept.value)
    }

    /// Taken before a value is read.
    pub(crate) fn begin(&self, now: DateTime<Utc>) -> Began {
        Began { reading: Reading::now(now), age: self.age() }
    }

    /// Keeps what was read since. It counts only as long as nothing was forgotten meanwhile.
    pub(crate) fn keep(&self, key: K, value: V, began: Began) {
        self.values.insert(key, Kept { value, began });
    }

    /// Forgets all values, those too that are being read: one was changed.
    pub(crate) fn forget(&self) {
        self.age.fetch_add(1, Ordering::SeqCst);
        self.values.invalidate_all();
    }

    fn age(&self) -> u64 {
        self.age.load(Ordering::SeqCst)
    }
}

impl<K, V> fmt::Debug for Remembered<K, V> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Remembered")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(1_795_251_600_000 + milliseconds).unwrap()
    }

    #[test]
    fn what_was_read_holds_for_a_second_from_before_it_was_read() {
        let values = Remembered::of(10);
        let began = values.begin(at(0));
        values.keep("key", 1, began);
        assert_eq!(values.get(&"key", at(0)), Some(1));
        assert_eq!(values.get(&"key", at(999)), Some(1));
        assert_eq!(values.get(&"key", at(1_000)), None);
        assert_eq!(values.get(&"key", at(-1)), None, "a clock that was set back holds nothing longer");
    }

    #[test]
    fn what_was_being_read_when_it_changed_does_not_count() {
        let values = Remembered::of(10);
        let began = values.begin(at(0));
        values.forget();
        values.keep("key", 1, began);
        assert_eq!(values.get(&"key", at(0)), None);
        values.keep("key", 2, values.begin(at(0)));
        assert_eq!(values.get(&"key", at(0)), Some(2));
        values.forget();
        assert_eq!(values.get(&"key", at(0)), None);
    }
}
