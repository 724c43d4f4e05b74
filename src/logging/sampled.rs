//! A bound on lines of one kind: whoever makes a process complain again and again does not fill its disk with it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tracing::{Event, Level, Metadata, Subscriber, callsite::Identifier};
use tracing_subscriber::layer::{Context, Layer};

/// The time in which lines of a kind are counted.
const PERIOD: Duration = Duration::from_mins(1);
/// How many lines of one place in the sources are written in that time.
const LINES_MAX: u32 = 60;
/// The same of places that tell of every call, for whoever looks for a fault.
const DETAILED_LINES_MAX: u32 = 600;

/// Lets through so many lines of a kind a minute, and counts the rest.
#[derive(Clone, Debug, Default)]
pub(super) struct Sampled(Arc<Mutex<HashMap<Identifier, Kind>>>);

#[derive(Debug)]
struct Kind {
    metadata: &'static Metadata<'static>,
    begun: Instant,
    written: u32,
    left_out: u64,
}

/// Lines of a kind that were left out.
pub(super) struct LeftOut {
    /// Where in the sources they come from.
    pub(super) place: String,
    pub(super) lines: u64,
}

impl Sampled {
    fn lock(&self) -> MutexGuard<'_, HashMap<Identifier, Kind>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lets_through(&self, metadata: &'static Metadata<'static>, now: Instant) -> bool {
        let most = if *metadata.level() <= Level::INFO { LINES_MAX } else { DETAILED_LINES_MAX };
        let mut kinds = self.lock();
        let new = || Kind { metadata, begun: now, written: 0, left_out: 0 };
        let kind = kinds.entry(metadata.callsite()).or_insert_with(new);
        if now.duration_since(kind.begun) >= PERIOD {
            kind.begun = now;
            kind.written = 0;
        }
        if kind.written < most {
            kind.written = kind.written.saturating_add(1);
            return true;
        }
        kind.left_out = kind.left_out.saturating_add(1);
        false
    }

    /// What was left out since this was last asked.
    pub(super) fn left_out(&self) -> Vec<LeftOut> {
        let mut kinds = self.lock();
        let left_out = kinds.values_mut().filter(|kind| kind.left_out > 0);
        left_out
            .map(|kind| {
                let (file, line) = (kind.metadata.file().unwrap_or_default(), kind.metadata.line().unwrap_or_default());
                LeftOut { place: format!("{file}:{line}"), lines: std::mem::take(&mut kind.left_out) }
            })
            .collect()
    }

    /// Says every minute what was left out.
    pub(super) async fn tell(self) {
        loop {
            tokio::time::sleep(PERIOD).await;
            for LeftOut { place, lines } in self.left_out() {
                tracing::warn!(place, lines, "lines of one kind were left out of the log: there were too many");
            }
        }
    }
}

impl<S: Subscriber> Layer<S> for Sampled {
    fn event_enabled(&self, event: &Event<'_>, _: Context<'_, S>) -> bool {
        self.lets_through(event.metadata(), Instant::now())
    }
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;

    /// Counts what is let through.
    #[derive(Clone, Default)]
    struct Seen(Arc<Mutex<Vec<Level>>>);

    impl<S: Subscriber> Layer<S> for Seen {
        fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
            self.0.lock().unwrap().push(*event.metadata().level());
        }
    }

    #[test]
    fn lines_of_one_kind_are_bounded_and_those_left_out_are_counted() {
        let (sampled, seen) = (Sampled::default(), Seen::default());
        let log = tracing_subscriber::registry().with(seen.clone()).with(sampled.clone());
        tracing::subscriber::with_default(log, || {
            for number in 0..1_000 {
                tracing::warn!(number, "a stranger was refused");
            }
            tracing::error!("something else");
        });
        let seen = seen.0.lock().unwrap();
        let count = |level| seen.iter().filter(|seen| **seen == level).count();
        assert_eq!((count(Level::WARN), count(Level::ERROR)), (60, 1), "one kind does not hide another");
        let left_out = sampled.left_out();
        assert_eq!(left_out.iter().map(|kind| kind.lines).collect::<Vec<_>>(), [940]);
        assert!(left_out[0].place.contains("sampled.rs:"), "{}", left_out[0].place);
        assert!(sampled.left_out().is_empty(), "it is told once");
    }
}
