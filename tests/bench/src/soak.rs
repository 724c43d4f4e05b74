//! A long run: mixed load at a steady pace on a store with a history of orders, and by turns on one without, so that what
//! the machine does in the meantime befalls both. Answers take as long with the history as without, and the server's memory
//! stays what it was, or the run fails.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    io::Write as _,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use hdrhistogram::Histogram;
use serde::Serialize;
use tokio::{task::JoinSet, time::timeout};

use crate::{
    Failure,
    bot_api::BotApi,
    client::{Client, clients, settle},
    database::Place,
    fill::Content,
    fixture::{Fixture, now},
    gateway::Gateway,
    http::Connection,
    load::{CALL_MAX, Target, count, histogram, record},
    paid::{Counted, Orders, watch},
    plan::{Kind, Plan, Soak, Wire, Workload},
    prepare::{prepare, prove, stock, titles},
    process,
    results::Spread,
    scenario::Bench,
    server::Server,
    shop::Prepared,
    table::{Table, ratio, thousandths, whole},
};

/// What every twenty calls are, in this order.
const MIX: [Workload; 20] = {
    use Workload::{Film, List, Place, Read, Session, Settle};
    [
        List, Place, Film, List, Settle, Read, List, Film, Place, Session, List, Film, Place, List, Settle, Read, List,
        Film, Place, Session,
    ]
};
/// The workloads in it.
const WORKLOADS: [Workload; 6] =
    [Workload::List, Workload::Session, Workload::Film, Workload::Place, Workload::Settle, Workload::Read];
/// How many of [`MIX`] are paid orders.
const PAID: u64 = 2;
/// How many calls may be in flight: at a steady pace there are few.
const CALLERS: usize = 64;
/// How long a store is under load at a time. Of both it is the same: a longer time would meet more of what is seldom.
const TURN: Duration = Duration::from_secs(10);
/// How many turns the store with the history has before the empty one has one.
const TURNS: u32 = 3;
/// How long the load of a turn runs before it counts.
const WARM_UP: Duration = Duration::from_secs(1);
/// How often the server's memory is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// By how much answers may be slower with the history, in thousandths.
const TIMES_MAX: u64 = 1_500;
/// By how much memory may grow, in thousandths, and what an allocator may hold more or less of in any case.
const GROWTH_MAX: u64 = 1_050;
const GROWTH_KIB: u64 = 1_024;
/// What a proof is timed for, in orders, and how long it may take.
const PROVEN: u128 = 100_000;
const PROOF_US_MAX: u64 = 2_000_000;

/// A store under load.
struct Store {
    name: &'static str,
    server: Server,
    target: Target,
    /// For each workload, the p50 and p99 of each turn in microseconds, and all calls.
    turns: BTreeMap<Workload, Turns>,
    /// Own memory in KiB, as often as it was looked at.
    memory: Vec<u64>,
    faults: BTreeMap<String, u64>,
}

/// What a workload did, turn by turn.
#[derive(Debug, Default)]
struct Turns {
    calls: u64,
    p50_us: Vec<u64>,
    p99_us: Vec<u64>,
}

/// A workload on both stores.
#[derive(Debug, Serialize)]
struct Line {
    workload: Workload,
    calls: u64,
    p50_us: [Spread; 2],
    p99_us: [Spread; 2],
}

/// What became of one database.
#[derive(Debug, Serialize)]
struct Soaked {
    kind: Kind,
    version: String,
    seconds: u64,
    lines: Vec<Line>,
    /// Of the store with the history: the middle of the second quarter of its time, and of the last.
    memory_kib: [u64; 2],
    memory_most_kib: u64,
    /// How long the proof of all books takes for 100,000 orders, with the history, in microseconds.
    proof_us: u64,
    faults: BTreeMap<String, u64>,
    /// What is not as it should be, in words.
    failed: Vec<String>,
}

/// Runs it on each database, and writes down what it found. An error: something is not as it should be.
pub(crate) async fn run(soak: Soak) -> Result<(), Failure> {
    let begun = now();
    let folder = tempfile::Builder::new().prefix("warung-soak-").tempdir_in("/var/tmp")?;
    // PostgreSQL runs as a user of its own, who must be able to go through it.
    fs::set_permissions(folder.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
    let (bot_api, gateway) = (BotApi::start().await?, Gateway::start().await?);
    let mut all = Vec::new();
    for kind in &soak.plan.databases {
        let bench = Bench { plan: &soak.plan, kind: *kind, bot_api: &bot_api, gateway: &gateway, peers: None };
        all.push(on_database(&bench, &soak, folder.path()).await?);
    }
    let text = report(&soak, &all);
    fs::create_dir_all(&soak.plan.output)?;
    let path = soak.plan.output.join(begun.format("%Y-%m-%d-%H%M%S-soak.md").to_string());
    fs::write(&path, &text)?;
    fs::write(path.with_extension("json"), serde_json::to_vec_pretty(&all)?)?;
    writeln!(std::io::stdout().lock(), "{text}\n{}", path.display())?;
    let failed = all.iter().map(|soaked| soaked.failed.len()).sum::<usize>();
    if failed == 0 { Ok(()) } else { Err(format!("{failed} figures are not as they should be").into()) }
}

/// How many orders are paid for on a store, at most.
fn prepared(soak: &Soak) -> Prepared {
    // With what runs before a turn counts.
    let seconds = soak.length.as_secs().saturating_mul(TURN.as_secs() + WARM_UP.as_secs()) / TURN.as_secs();
    let calls = seconds.saturating_add(60).saturating_mul(soak.calls_per_second);
    let paid = calls.saturating_mul(PAID).checked_div(u64::try_from(MIX.len()).unwrap_or(1)).unwrap_or_default();
    Prepared { spread: paid, hot: 0, users: u64::try_from(soak.plan.users).unwrap_or_default() }
}

async fn on_database(bench: &Bench<'_>, soak: &Soak, folder: &Path) -> Result<Soaked, Failure> {
    let place = Place::new(bench.kind, folder, false).await?;
    let mut with = Store::open(bench, soak, &place, ("history", soak.history), folder).await?;
    let mut without = Store::open(bench, soak, &place, ("empty", 0), folder).await?;
    let started = Instant::now();
    let mut loaded = Duration::ZERO;
    while loaded < soak.length {
        bench.say(&format!("{} of {} s under load", loaded.as_secs(), soak.length.as_secs()));
        for _ in 0..TURNS {
            with.turn(soak, TURN).await?;
            loaded = loaded.saturating_add(TURN);
        }
        without.turn(soak, TURN).await?;
    }
    let seconds = started.elapsed().as_secs();
    bench.say("proves the books");
    let proof = prove(&with.server).await?.as_micros();
    let orders = u128::from(soak.history.saturating_add(prepared(soak).count()));
    let proof_us = u64::try_from(proof.saturating_mul(PROVEN).checked_div(orders).unwrap_or_default())?;
    let soaked = Soaked::of((bench.kind, place.version().await?), seconds, proof_us, [&with, &without]);
    with.server.stop().await?;
    without.server.stop().await?;
    Ok(soaked)
}

impl Store {
    /// Starts a server on a new database with so many orders of history, and warms it up.
    async fn open(
        bench: &Bench<'_>,
        soak: &Soak,
        place: &Place,
        (name, history): (&'static str, u64),
        folder: &Path,
    ) -> Result<Self, Failure> {
        bench.say(&format!("makes a store with {} orders of history", whole(history)));
        let plan: &Plan = &soak.plan;
        let database = place.create(name).await?;
        let start = bench.start(&database, folder, name)?;
        let server = start.start().await?;
        let poster = prepare(&server).await?;
        let prepared = prepared(soak);
        let (mut fixture, _) = bench.sign_in(&server, prepared).await?;
        server.stop().await?;
        let began = Instant::now();
        let content = Content { titles: plan.titles, poster_hash: &poster, prepared: Some(prepared), history };
        database.fill(content).await?;
        bench.say(&format!("it was filled in {} s", began.elapsed().as_secs()));
        let server = start.start().await?;
        fixture.titles = titles(&server, plan.titles).await?;
        stock(&server, prepared).await?;
        let target = Target { fixture: Arc::new(fixture), place: place.clone(), database, server_pid: server.pid };
        let mut store =
            Self { name, server, target, turns: BTreeMap::new(), memory: Vec::new(), faults: BTreeMap::new() };
        // Its plans and caches are then those of a store that has been open for a while.
        store.turn(soak, Duration::from_secs(5).min(soak.length)).await?;
        store.target.database.analyze().await?;
        (store.turns, store.memory) = (BTreeMap::new(), Vec::new());
        Ok(store)
    }

    /// Puts it under load for a while, and adds what came of it.
    async fn turn(&mut self, soak: &Soak, length: Duration) -> Result<(), Failure> {
        let mut rows = self.target.database.goods_rows().await?;
        let pace = Arc::new(Pace::new(soak.calls_per_second, length));
        let counted = pace.counted;
        let orders = Arc::new(Orders::new(0, CALLERS));
        let channels = clients(&self.server, Wire::Grpc, CALLERS).await?;
        let mut callers = JoinSet::new();
        for client in channels {
            let connection = Connection::new(self.server.http);
            let mut caller = Caller { client, connection, times: BTreeMap::new(), faults: BTreeMap::new() };
            let (fixture, pace, orders) = (Arc::clone(&self.target.fixture), Arc::clone(&pace), Arc::clone(&orders));
            callers.spawn(async move {
                let done = caller.run(&fixture, &pace, &orders).await;
                orders.leave();
                done.map(|()| caller)
            });
        }
        let (seen, ()) = tokio::join!(watch(&mut rows, &orders, counted), self.look_at_memory(counted.until));
        let (paid, missing) = seen?;
        let mut times = BTreeMap::from([(Workload::Settle, paid)]);
        while let Some(caller) = callers.join_next().await {
            let caller = caller??;
            for (workload, its) in &caller.times {
                times.entry(*workload).or_insert(histogram()?).add(its)?;
            }
            for (fault, count) in caller.faults {
                let sum = self.faults.entry(format!("{}: {fault}", self.name)).or_default();
                *sum = sum.saturating_add(count);
            }
        }
        if missing > 0 {
            self.faults.insert(format!("{}: no goods within {CALL_MAX:?}", self.name), missing);
        }
        for (workload, times) in times {
            let turns = self.turns.entry(workload).or_default();
            turns.calls = turns.calls.saturating_add(times.len());
            turns.p50_us.push(times.value_at_quantile(0.5));
            turns.p99_us.push(times.value_at_quantile(0.99));
        }
        Ok(())
    }

    async fn look_at_memory(&mut self, until: Instant) {
        while Instant::now() < until {
            self.memory.push(process::memory(self.server.pid).own_kib);
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}

/// When each call is due: one after another at a steady pace, however long the answers take.
struct Pace {
    begun: Instant,
    calls_per_second: u64,
    next: AtomicU64,
    counted: Counted,
}

impl Pace {
    fn new(calls_per_second: u64, length: Duration) -> Self {
        let begun = Instant::now();
        let from = begun + WARM_UP;
        Self { begun, calls_per_second, next: AtomicU64::new(0), counted: Counted { from, until: from + length } }
    }

    /// What is called next, and when.
    fn next(&self) -> Option<(Workload, Instant)> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let after = Duration::from_micros(number.saturating_mul(1_000_000).checked_div(self.calls_per_second)?);
        let due = self.begun.checked_add(after).filter(|due| *due < self.counted.until)?;
        let place = usize::try_from(number).ok()?.checked_rem(MIX.len())?;
        Some((*MIX.get(place)?, due))
    }
}

struct Caller {
    client: Client,
    connection: Connection,
    times: BTreeMap<Workload, Histogram<u64>>,
    faults: BTreeMap<String, u64>,
}

impl Caller {
    /// Makes calls until the time is over. Each is timed from when it was due, not from when there was time for it.
    async fn run(&mut self, fixture: &Fixture, pace: &Pace, orders: &Orders) -> Result<(), Failure> {
        while let Some((workload, due)) = pace.next() {
            tokio::time::sleep_until(due.into()).await;
            let answer = timeout(CALL_MAX, self.call(workload, due, fixture, orders)).await;
            let ended = Instant::now();
            match answer.unwrap_or_else(|_| Err(format!("no answer within {CALL_MAX:?}"))) {
                // A paid order is timed until it has its goods, by the one who looks at the rows.
                Ok(()) if workload == Workload::Settle || !pace.counted.holds(ended) => {}
                Ok(()) => {
                    let times = self.times.entry(workload).or_insert(histogram()?);
                    record(times, ended.saturating_duration_since(due));
                }
                Err(fault) => count(&mut self.faults, format!("{}: {fault}", workload.name())),
            }
        }
        Ok(())
    }

    async fn call(
        &mut self,
        workload: Workload,
        due: Instant,
        fixture: &Fixture,
        orders: &Orders,
    ) -> Result<(), String> {
        if workload != Workload::Settle {
            return self.client.call(workload, fixture).await;
        }
        let order = fixture.shop.next_to_settle(&fixture.users, workload).ok_or("all payments are settled")?;
        orders.add(order.number, due);
        let answer = settle(&mut self.connection, &order).await;
        if answer.is_err() {
            orders.take(order.number);
        }
        answer
    }
}

impl Soaked {
    fn of((kind, version): (Kind, String), seconds: u64, proof_us: u64, [with, without]: [&Store; 2]) -> Self {
        let line = |workload: &Workload| {
            let (one, other) = (with.turns.get(workload)?, without.turns.get(workload)?);
            let spreads = |of: fn(&Turns) -> &Vec<u64>| [one, other].map(|turns| Spread::of(of(turns).clone()));
            let (p50_us, p99_us) = (spreads(|turns| &turns.p50_us), spreads(|turns| &turns.p99_us));
            Some(Line { workload: *workload, calls: one.calls.saturating_add(other.calls), p50_us, p99_us })
        };
        let lines: Vec<_> = WORKLOADS.iter().filter_map(line).collect();
        let memory_kib = quarters(&with.memory);
        let mut failed: Vec<_> = lines.iter().filter_map(Line::fault).collect();
        failed.extend(grown(memory_kib));
        let faults: BTreeMap<_, _> = with.faults.clone().into_iter().chain(without.faults.clone()).collect();
        failed.extend(faults.iter().map(|(fault, count)| format!("{count} × {fault}")));
        let memory_most_kib = with.memory.iter().copied().max().unwrap_or_default();
        if proof_us > PROOF_US_MAX {
            failed.push(format!("the proof of {PROVEN} orders takes {} ms", thousandths(proof_us, 0)));
        }
        Self { kind, version, seconds, lines, memory_kib, memory_most_kib, proof_us, faults, failed }
    }
}

impl Line {
    /// What is wrong with it, in words.
    fn fault(&self) -> Option<String> {
        let [with, without] = self.p99_us.map(|spread| spread.median);
        let is_slower = with.saturating_mul(1_000) > without.saturating_mul(TIMES_MAX);
        is_slower
            .then(|| format!("{}: p99 is {} times that of an empty store", self.workload.name(), ratio(with, without)))
    }
}

/// The middle of the second quarter of some figures, and of the last: in the first one, caches are still being filled.
fn quarters(figures: &[u64]) -> [u64; 2] {
    let quarter = figures.len() / 4;
    let median = |from: usize| Spread::of(figures.iter().skip(from).take(quarter).copied()).median;
    [median(quarter), median(quarter.saturating_mul(3))]
}

/// Whether memory grew from the one to the other, in words.
fn grown([earlier, later]: [u64; 2]) -> Option<String> {
    let most = earlier.saturating_mul(GROWTH_MAX).checked_div(1_000).unwrap_or_default().saturating_add(GROWTH_KIB);
    (later > most).then(|| format!("the server's own memory grew from {earlier} to {later} KiB"))
}

fn report(soak: &Soak, all: &[Soaked]) -> String {
    let mut text = format!(
        "# A long run\n\nMixed load of {} calls a second ({} s on the store with {} orders of history, by turns with an empty \
         one). Times are from when a call was due; a paid order's until its goods are written. Medians of the turns.\n",
        whole(soak.calls_per_second),
        soak.length.as_secs(),
        whole(soak.history),
    );
    let headings = [
        "call",
        "calls",
        "p50 ms, empty",
        "with history",
        "p99 ms, empty",
        "with history",
        "ratio (wanted: at most 1.5)",
    ];
    for soaked in all {
        let _ = writeln!(text, "\n## {}, {} s\n", soaked.version, soaked.seconds);
        let mut table = Table::new(&headings, 1);
        for line in &soaked.lines {
            let milliseconds = |spread: Spread| thousandths(spread.median, 2);
            let ([p50_with, p50], [p99_with, p99]) = (line.p50_us, line.p99_us);
            table.row([
                line.workload.name().to_owned(),
                whole(line.calls),
                milliseconds(p50),
                milliseconds(p50_with),
                milliseconds(p99),
                milliseconds(p99_with),
                ratio(p99_with.median, p99.median),
            ]);
        }
        text.push_str(&table.text());
        let mebibytes = |kibibytes: u64| thousandths(kibibytes.saturating_mul(1_000) / 1_024, 1);
        let [earlier, later] = soaked.memory_kib.map(mebibytes);
        let most = mebibytes(soaked.memory_most_kib);
        let _ = writeln!(
            text,
            "\n* memory of the server's own (RssAnon), with the history: {earlier} MiB in the second quarter, {later} in the \
             last, {most} at most; wanted: no more than 5 % and 1 MiB more"
        );
        let _ = writeln!(
            text,
            "* the proof of all books, for 100,000 orders each: {} ms; wanted: at most 2,000",
            thousandths(soaked.proof_us, 0)
        );
        if soaked.failed.is_empty() {
            text.push_str("* everything is as it should be\n");
        }
        for fault in &soaked.failed {
            let _ = writeln!(text, "* NOT as it should be: {fault}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_is_measured_is_in_the_mix() {
        assert!(WORKLOADS.iter().all(|workload| MIX.contains(workload)));
        assert!(MIX.iter().all(|workload| WORKLOADS.contains(workload)));
        assert_eq!(MIX.iter().filter(|workload| **workload == Workload::Settle).count(), 2);
        assert_eq!(PAID, 2);
    }

    #[test]
    fn calls_are_due_at_a_steady_pace_until_the_end() {
        let pace = Pace::new(10, Duration::from_secs(1));
        let due: Vec<_> = std::iter::from_fn(|| pace.next()).map(|(_, due)| due - pace.begun).collect();
        // The warm-up is a second, too.
        assert_eq!(due.len(), 20);
        assert_eq!(
            (due[0], due[7], due[19]),
            (Duration::ZERO, Duration::from_millis(700), Duration::from_millis(1_900))
        );
    }

    #[test]
    fn memory_that_grows_is_told_and_what_caches_take_at_first_is_not() {
        assert_eq!(quarters(&[1, 2, 9, 9, 10, 11, 10, 10]), [9, 10]);
        assert_eq!(grown([20_000, 21_900]), None);
        assert!(grown([20_000, 22_100]).is_some());
        assert_eq!(quarters(&[]), [0, 0]);
    }

    #[test]
    fn a_call_that_is_slower_with_the_history_is_told() {
        let spread = |median| Spread { median, ..Spread::default() };
        let line = |with, without| Line {
            workload: Workload::Read,
            calls: 1,
            p50_us: [spread(1); 2],
            p99_us: [spread(with), spread(without)],
        };
        assert_eq!(line(1_500, 1_000).fault(), None);
        assert!(line(1_501, 1_000).fault().is_some());
    }
}
