//! What was measured.

use std::{collections::BTreeMap, time::Duration};

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

use crate::{
    goods::Goods,
    machine::Machine,
    peer::Other,
    plan::{Kind, Plan, Wire, Workload},
    postgres::PgBench,
    process::Memory,
};

/// One workload in one round.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Round {
    /// Calls that were answered as they should be.
    pub(crate) calls: u64,
    pub(crate) length: Duration,
    pub(crate) p50_us: u64,
    pub(crate) p99_us: u64,
    /// How soon the call itself was answered, where what it began is waited for as well.
    #[serde(default)]
    pub(crate) answered: Option<Answered>,
    /// Processor time of the server meanwhile.
    pub(crate) server_time: Duration,
    /// Processor time of the database's own processes meanwhile.
    pub(crate) database_time: Duration,
    /// Resident memory of the server at its end.
    pub(crate) memory_kib: u64,
    /// The most memory of its own that the server held meanwhile.
    #[serde(default)]
    pub(crate) own_kib: u64,
    /// Other answers, and how many of each there were.
    pub(crate) faults: BTreeMap<String, u64>,
}

/// How soon calls were answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Answered {
    pub(crate) p50_us: u64,
    pub(crate) p99_us: u64,
}

impl Answered {
    pub(crate) fn of(times: &Histogram<u64>) -> Self {
        Self { p50_us: times.value_at_quantile(0.5), p99_us: times.value_at_quantile(0.99) }
    }
}

/// The middle of some figures, and the least and the most of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Spread {
    pub(crate) median: u64,
    pub(crate) least: u64,
    pub(crate) most: u64,
}

impl Spread {
    pub(crate) fn of(figures: impl IntoIterator<Item = u64>) -> Self {
        let mut figures: Vec<_> = figures.into_iter().collect();
        figures.sort_unstable();
        let place = figures.len().saturating_sub(1) / 2;
        Self {
            median: figures.get(place).copied().unwrap_or_default(),
            least: figures.first().copied().unwrap_or_default(),
            most: figures.last().copied().unwrap_or_default(),
        }
    }

    /// The middle, and the ends in parentheses.
    pub(crate) fn words(self, words: impl Fn(u64) -> String) -> String {
        format!("{} ({}–{})", words(self.median), words(self.least), words(self.most))
    }
}

/// All rounds of a workload by one wire.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Series {
    pub(crate) database: Kind,
    pub(crate) workload: Workload,
    pub(crate) wire: Wire,
    pub(crate) in_flight: usize,
    pub(crate) rounds: Vec<Round>,
    pub(crate) summary: Summary,
}

/// What the rounds come to.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Summary {
    pub(crate) calls_per_second: Spread,
    pub(crate) p50_us: Spread,
    pub(crate) p99_us: Spread,
    /// How soon the calls themselves were answered, where that is another time.
    pub(crate) answered: Option<AnsweredSpread>,
    /// Processor time of the server a call: as many microseconds as there are seconds in a million calls.
    pub(crate) server_us_per_call: Spread,
    pub(crate) database_us_per_call: Spread,
    pub(crate) memory_kib: u64,
    /// The most memory of its own that the server held.
    pub(crate) own_kib: u64,
    pub(crate) faults: BTreeMap<String, u64>,
}

/// How soon calls were answered, over all rounds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct AnsweredSpread {
    pub(crate) p50_us: Spread,
    pub(crate) p99_us: Spread,
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// How many a second.
pub(crate) fn per_second(count: u64, time: Duration) -> u64 {
    count.saturating_mul(1_000_000).checked_div(micros(time)).unwrap_or_default()
}

/// How many microseconds each.
pub(crate) fn us_each(time: Duration, count: u64) -> u64 {
    micros(time).checked_div(count).unwrap_or_default()
}

impl Series {
    pub(crate) fn new(database: Kind, workload: Workload, wire: Wire, in_flight: usize) -> Self {
        Self { database, workload, wire, in_flight, rounds: Vec::new(), summary: Summary::default() }
    }

    /// Of another server, which runs on PostgreSQL and speaks JSON.
    pub(crate) fn of_peer(workload: Workload, in_flight: usize) -> Self {
        Self::new(Kind::Postgres, workload, Wire::Json, in_flight)
    }

    /// How many thousandths of another one's calls a second were answered, round for round.
    pub(crate) fn times(&self, other: &Self) -> Spread {
        let rate = |round: &Round| per_second(round.calls, round.length);
        let rounds = self.rounds.iter().zip(&other.rounds);
        let of = |(one, other)| rate(one).saturating_mul(1_000).checked_div(rate(other));
        Spread::of(rounds.filter_map(of))
    }

    pub(crate) fn add(&mut self, round: Round) {
        self.rounds.push(round);
        let spread = |figure: fn(&Round) -> u64| Spread::of(self.rounds.iter().map(figure));
        let mut faults = BTreeMap::new();
        for (fault, count) in self.rounds.iter().flat_map(|round| &round.faults) {
            let sum: &mut u64 = faults.entry(fault.clone()).or_default();
            *sum = sum.saturating_add(*count);
        }
        let answered: Vec<_> = self.rounds.iter().filter_map(|round| round.answered).collect();
        let answered = (!answered.is_empty()).then(|| AnsweredSpread {
            p50_us: Spread::of(answered.iter().map(|answered| answered.p50_us)),
            p99_us: Spread::of(answered.iter().map(|answered| answered.p99_us)),
        });
        self.summary = Summary {
            answered,
            calls_per_second: spread(|round| per_second(round.calls, round.length)),
            p50_us: spread(|round| round.p50_us),
            p99_us: spread(|round| round.p99_us),
            server_us_per_call: spread(|round| us_each(round.server_time, round.calls)),
            database_us_per_call: spread(|round| us_each(round.database_time, round.calls)),
            memory_kib: self.rounds.iter().map(|round| round.memory_kib).max().unwrap_or_default(),
            own_kib: self.rounds.iter().map(|round| round.own_kib).max().unwrap_or_default(),
            faults,
        };
    }
}

/// First sessions, each of which records its user.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(crate) struct NewUsers {
    pub(crate) users: u64,
    pub(crate) per_second: u64,
    pub(crate) server_us_per_call: u64,
}

/// From the start of the process to readiness, in milliseconds.
#[derive(Clone, Copy, Debug, Default, Serialize)]
#[expect(clippy::struct_field_names, reason = "a figure carries its unit, in the JSON too")]
pub(crate) struct Starts {
    /// On an empty database, migrations and all.
    pub(crate) empty_ms: u64,
    /// With the small library.
    pub(crate) few_titles_ms: Spread,
    /// With the large one.
    pub(crate) many_titles_ms: Spread,
}

/// What a server takes.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(crate) struct Footprint {
    pub(crate) before: Memory,
    /// After all workloads.
    pub(crate) after: Memory,
    /// Processor time of the idle server, in thousandths of a processor.
    pub(crate) idle_per_mille: u64,
    /// Of the database's own processes meanwhile.
    pub(crate) database_idle_per_mille: u64,
}

/// Lists and searches of a small and of a large library, by turns.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Scale {
    pub(crate) workload: Workload,
    pub(crate) in_flight: usize,
    pub(crate) few: Series,
    pub(crate) many: Series,
}

/// All of one database.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct OnDatabase {
    pub(crate) kind: Kind,
    pub(crate) version: String,
    pub(crate) starts: Starts,
    pub(crate) footprint: Footprint,
    pub(crate) new_users: NewUsers,
    pub(crate) series: Vec<Series>,
    /// The other servers', of the same rounds.
    pub(crate) peers: Vec<(Other, Series)>,
    pub(crate) scale: Vec<Scale>,
    pub(crate) pgbench: Option<PgBench>,
    /// From payments to goods, where settlements are measured.
    pub(crate) goods: Option<Goods>,
    /// Film requests that were answered `SENT`, warm-ups and all, and messages that the Bot API was sent for them.
    pub(crate) messages_sent: u64,
}

/// All of a run.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Results {
    pub(crate) begun: String,
    pub(crate) took_seconds: u64,
    pub(crate) machine: Machine,
    pub(crate) plan: Plan,
    pub(crate) databases: Vec<OnDatabase>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_and_the_spread_its_ends() {
        assert_eq!(Spread::of([5, 1, 9]), Spread { median: 5, least: 1, most: 9 });
        assert_eq!(Spread::of([4, 2]), Spread { median: 2, least: 2, most: 4 });
        assert_eq!(Spread::of([]), Spread::default());
    }

    #[test]
    fn figures_come_from_calls_and_time() {
        assert_eq!(per_second(1_500, Duration::from_millis(500)), 3_000);
        assert_eq!(us_each(Duration::from_millis(30), 100), 300);
        assert_eq!(us_each(Duration::from_millis(30), 0), 0);
    }

    #[test]
    fn faults_of_all_rounds_are_summed() {
        let round = |count| Round {
            calls: 10,
            length: Duration::from_secs(1),
            p50_us: 1,
            p99_us: 2,
            server_time: Duration::from_millis(1),
            database_time: Duration::ZERO,
            answered: Some(Answered { p50_us: 1, p99_us: count }),
            memory_kib: 7,
            own_kib: 5,
            faults: BTreeMap::from([("answered STATE_QUEUED".to_owned(), count)]),
        };
        let mut series = Series::new(Kind::Sqlite, Workload::Film, Wire::Json, 32);
        series.add(round(1));
        series.add(round(2));
        assert_eq!(series.summary.faults.values().sum::<u64>(), 3);
        assert_eq!(series.summary.calls_per_second.median, 10);
        assert_eq!(series.summary.server_us_per_call.median, 100);
        let answered = series.summary.answered.unwrap();
        assert_eq!(answered.p99_us, Spread { median: 1, least: 1, most: 2 });
    }
}
