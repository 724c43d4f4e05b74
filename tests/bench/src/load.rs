//! Load: a fixed number of callers, each of whom calls again as soon as the answer is there.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use hdrhistogram::Histogram;
use tokio::{task::JoinSet, time::timeout};

use crate::{
    Failure,
    client::Client,
    database::{Database, Place},
    fixture::Fixture,
    paid,
    plan::Workload,
    process,
    results::Round,
};

/// A call that takes longer has failed.
pub(crate) const CALL_MAX: Duration = Duration::from_secs(10);
/// The longest time that is told apart from longer ones, in microseconds.
const TIME_MAX: u64 = 10_000_000;
/// How often memory is looked at under load.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// What is under load.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) fixture: Arc<Fixture>,
    pub(crate) place: Place,
    /// The server's.
    pub(crate) database: Database,
    pub(crate) server_pid: u32,
}

/// What the server used meanwhile.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Used {
    server_time: Duration,
    database_time: Duration,
    /// Resident memory at the end.
    memory_kib: u64,
    /// The most of it that was the server's own.
    own_kib: u64,
}

impl Used {
    /// The round in which calls took these times.
    pub(crate) fn round(self, times: &Histogram<u64>, length: Duration, faults: BTreeMap<String, u64>) -> Round {
        Round {
            calls: times.len(),
            length,
            p50_us: times.value_at_quantile(0.5),
            p99_us: times.value_at_quantile(0.99),
            answered: None,
            server_time: self.server_time,
            database_time: self.database_time,
            memory_kib: self.memory_kib,
            own_kib: self.own_kib,
            faults,
        }
    }
}

/// An empty histogram of times in microseconds.
pub(crate) fn histogram() -> Result<Histogram<u64>, Failure> {
    Ok(Histogram::new_with_bounds(1, TIME_MAX, 3)?)
}

/// Adds a time to a histogram.
pub(crate) fn record(times: &mut Histogram<u64>, time: Duration) {
    let time = u64::try_from(time.as_micros()).unwrap_or(TIME_MAX);
    times.saturating_record(time.clamp(1, TIME_MAX));
}

/// Adds a fault to those of its kind.
pub(crate) fn count(faults: &mut BTreeMap<String, u64>, fault: String) {
    let count = faults.entry(fault).or_default();
    *count = count.saturating_add(1);
}

struct Caller {
    client: Client,
    times: Histogram<u64>,
    faults: BTreeMap<String, u64>,
}

impl Caller {
    async fn run(&mut self, workload: Workload, fixture: &Fixture, from: Instant, until: Instant) {
        loop {
            let begun = Instant::now();
            if begun >= until {
                return;
            }
            let answer = timeout(CALL_MAX, self.client.call(workload, fixture)).await;
            let ended = Instant::now();
            // What ends within the time counts, wherever it began.
            if ended < from || ended >= until {
                continue;
            }
            match answer.unwrap_or_else(|_| Err(format!("no answer within {CALL_MAX:?}"))) {
                Ok(()) => record(&mut self.times, ended.duration_since(begun)),
                Err(fault) => count(&mut self.faults, fault),
            }
        }
    }
}

impl Target {
    /// Runs a workload by these clients, each with one call in flight, and gives them back.
    pub(crate) async fn run(
        &self,
        workload: Workload,
        clients: Vec<Client>,
        warm_up: Duration,
        length: Duration,
    ) -> Result<(Round, Vec<Client>), Failure> {
        // Another server answers a webhook when it has settled the order: to it, it is a call like any other.
        if workload.is_paid() && !matches!(clients.first(), Some(Client::Peer(..))) {
            return paid::run(self, workload, clients, warm_up, length).await;
        }
        let begun = Instant::now();
        let from = begun.checked_add(warm_up).ok_or("no such time")?;
        let until = from.checked_add(length).ok_or("no such time")?;
        let mut callers = JoinSet::new();
        for client in clients {
            let fixture = Arc::clone(&self.fixture);
            let mut caller = Caller { client, times: histogram()?, faults: BTreeMap::new() };
            callers.spawn(async move {
                caller.run(workload, &fixture, from, until).await;
                caller
            });
        }
        let used = self.used(from, until, None).await;
        let mut times = histogram()?;
        let (mut clients, mut faults) = (Vec::new(), BTreeMap::new());
        while let Some(caller) = callers.join_next().await {
            let caller = caller?;
            times.add(&caller.times)?;
            for (fault, count) in caller.faults {
                let sum: &mut u64 = faults.entry(fault).or_default();
                *sum = sum.saturating_add(count);
            }
            clients.push(caller.client);
        }
        Ok((used.round(&times, length, faults), clients))
    }

    /// Waits until the end of a time, and tells what server and database used in it, without a process of the database
    /// that works for us.
    pub(crate) async fn used(&self, from: Instant, until: Instant, not_counted: Option<u32>) -> Used {
        let times = || {
            let not_counted = not_counted.map(process::processor_time).unwrap_or_default();
            let database = self.place.processor_time().saturating_sub(not_counted);
            (process::processor_time_with_children(self.server_pid), database)
        };
        tokio::time::sleep_until(from.into()).await;
        let before = times();
        let mut own_kib = 0;
        while Instant::now() < until {
            own_kib = own_kib.max(process::memory(self.server_pid).own_kib);
            tokio::time::sleep_until((Instant::now() + LOOK_EVERY).min(until).into()).await;
        }
        let (after, memory) = (times(), process::memory(self.server_pid));
        Used {
            server_time: after.0.saturating_sub(before.0),
            database_time: after.1.saturating_sub(before.1),
            memory_kib: memory.now_kib,
            own_kib: own_kib.max(memory.own_kib),
        }
    }
}
