//! Load: a fixed number of callers, each of whom calls again as soon as the answer is there.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use hdrhistogram::Histogram;
use tokio::{task::JoinSet, time::timeout};

use crate::{Failure, client::Client, database::Place, fixture::Fixture, plan::Workload, process, results::Round};

/// A call that takes longer has failed.
const CALL_MAX: Duration = Duration::from_secs(10);
/// The longest time that is told apart from longer ones, in microseconds.
const TIME_MAX: u64 = 10_000_000;

/// What is under load.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) fixture: Arc<Fixture>,
    pub(crate) place: Place,
    pub(crate) server_pid: u32,
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
                Ok(()) => {
                    let time = u64::try_from(ended.duration_since(begun).as_micros()).unwrap_or(TIME_MAX);
                    self.times.saturating_record(time.clamp(1, TIME_MAX));
                }
                Err(fault) => {
                    let count = self.faults.entry(fault).or_default();
                    *count = count.saturating_add(1);
                }
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
        let begun = Instant::now();
        let from = begun.checked_add(warm_up).ok_or("no such time")?;
        let until = from.checked_add(length).ok_or("no such time")?;
        let mut callers = JoinSet::new();
        for client in clients {
            let fixture = Arc::clone(&self.fixture);
            let times = Histogram::new_with_bounds(1, TIME_MAX, 3)?;
            let mut caller = Caller { client, times, faults: BTreeMap::new() };
            callers.spawn(async move {
                caller.run(workload, &fixture, from, until).await;
                caller
            });
        }
        tokio::time::sleep_until(from.into()).await;
        let before = self.processor_times();
        tokio::time::sleep_until(until.into()).await;
        let after = self.processor_times();
        let mut times = Histogram::<u64>::new_with_bounds(1, TIME_MAX, 3)?;
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
        let round = Round {
            calls: times.len(),
            length,
            p50_us: times.value_at_quantile(0.5),
            p99_us: times.value_at_quantile(0.99),
            server_time: after.0.saturating_sub(before.0),
            database_time: after.1.saturating_sub(before.1),
            memory_kib: process::memory(self.server_pid).now_kib,
            faults,
        };
        Ok((round, clients))
    }

    /// Of the server, and of the database's own processes.
    fn processor_times(&self) -> (Duration, Duration) {
        (process::processor_time_with_children(self.server_pid), self.place.processor_time())
    }
}
