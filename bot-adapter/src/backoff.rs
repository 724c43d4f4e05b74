//! Pauses between attempts.

use std::{
    hash::{DefaultHasher, Hash, Hasher as _},
    time::Duration,
};

/// Pauses that double up to a limit, each cut by up to a half, so that workers that failed together don't return together.
/// The cut comes from the worker's name and the number of the attempt: it needs to differ between workers, not to be
/// unpredictable.
#[derive(Clone, Debug)]
pub(crate) struct Backoff {
    min: Duration,
    max: Duration,
    seed: u64,
    attempt: u32,
}

impl Backoff {
    pub(crate) fn new(name: &str, min: Duration, max: Duration) -> Self {
        Self { min, max, seed: hash((name, 0)), attempt: 0 }
    }

    /// Begins anew after a success.
    pub(crate) fn reset(&mut self) {
        self.attempt = 0;
    }

    /// How long to wait after one more failure.
    pub(crate) fn next(&mut self) -> Duration {
        let doubled = self.min.saturating_mul(2_u32.saturating_pow(self.attempt)).min(self.max);
        self.attempt = self.attempt.saturating_add(1);
        let permille = u32::try_from(hash((self.seed, self.attempt)) % 501).unwrap_or(0);
        doubled.saturating_sub(doubled.saturating_mul(permille) / 1_000)
    }
}

fn hash(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_the_limit_and_differ_between_workers() {
        let (min, max) = (Duration::from_millis(100), Duration::from_secs(2));
        let pauses = |name| {
            let mut backoff = Backoff::new(name, min, max);
            (0..40).map(|_| backoff.next()).collect::<Vec<_>>()
        };
        let (one, other) = (pauses("one"), pauses("other"));
        assert_ne!(one, other);
        assert!(one.iter().all(|pause| *pause >= min / 2 && *pause <= max), "{one:?}");
        assert!(one[39] >= max / 2);
    }

    #[test]
    fn a_success_begins_anew() {
        let mut backoff = Backoff::new("one", Duration::from_millis(100), Duration::from_mins(1));
        for _ in 0..10 {
            backoff.next();
        }
        backoff.reset();
        assert!(backoff.next() <= Duration::from_millis(100));
    }
}
