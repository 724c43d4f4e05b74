//! Load of paid orders: webhooks of open payments are posted, and each order is waited for until the delivery row of its
//! goods is committed, whichever way the server gets there.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use hdrhistogram::Histogram;
use tokio::{
    sync::Semaphore,
    task::JoinSet,
    time::{timeout, timeout_at},
};

use crate::{
    Failure,
    client::{Client, settle},
    fixture::Fixture,
    goods_rows::GoodsRows,
    http::Connection,
    load::{CALL_MAX, Target, count, histogram, record},
    plan::Workload,
    results::{Answered, Round},
};

/// A webhook may be answered before its order has its goods. For each that is in flight so many orders may wait for
/// theirs: enough that the server never waits for the next look at the rows.
const WAITING_EACH: usize = 8;
/// How often the rows are looked at: no time is told more exactly.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// The orders that are paid for.
#[derive(Debug)]
pub(crate) struct Orders {
    /// Those that have no goods yet, and when their webhooks were posted.
    waiting: Mutex<BTreeMap<u64, Instant>>,
    /// Room for more of them.
    room: Semaphore,
    /// How many callers go on posting.
    callers: AtomicUsize,
}

impl Orders {
    /// So many may wait for their goods, and so many callers post webhooks.
    pub(crate) fn new(room: usize, callers: usize) -> Self {
        Self { waiting: Mutex::default(), room: Semaphore::new(room), callers: AtomicUsize::new(callers) }
    }

    /// An order waits for its goods from now on.
    pub(crate) fn add(&self, number: u64, posted: Instant) {
        self.waiting().insert(number, posted);
    }

    /// A caller has posted its last webhook.
    pub(crate) fn leave(&self) {
        self.callers.fetch_sub(1, Ordering::Release);
    }

    fn waiting(&self) -> MutexGuard<'_, BTreeMap<u64, Instant>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes an order off, and answers when its webhook was posted.
    pub(crate) fn take(&self, number: u64) -> Option<Instant> {
        let posted = self.waiting().remove(&number);
        if posted.is_some() {
            self.room.add_permits(1);
        }
        posted
    }
}

/// The time in which what happens counts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counted {
    pub(crate) from: Instant,
    pub(crate) until: Instant,
}

impl Counted {
    pub(crate) fn holds(self, time: Instant) -> bool {
        self.from <= time && time < self.until
    }
}

struct Caller {
    connection: Connection,
    answers: Histogram<u64>,
    faults: BTreeMap<String, u64>,
}

impl Caller {
    /// Posts one webhook after another while there is time and room.
    async fn run(&mut self, workload: Workload, fixture: &Fixture, orders: &Orders, counted: Counted) {
        while let Ok(Ok(room)) = timeout_at(counted.until.into(), orders.room.acquire()).await {
            let posted = Instant::now();
            // Room that is there is given even when the time is over.
            if posted >= counted.until {
                return;
            }
            let Some(order) = fixture.shop.next_to_settle(&fixture.users, workload) else {
                count(&mut self.faults, "all prepared payments are settled".to_owned());
                return;
            };
            room.forget();
            orders.add(order.number, posted);
            let answer = timeout(CALL_MAX, settle(&mut self.connection, &order)).await;
            let ended = Instant::now();
            match answer.unwrap_or_else(|_| Err(format!("no answer within {CALL_MAX:?}"))) {
                Ok(()) if counted.holds(ended) => record(&mut self.answers, ended.duration_since(posted)),
                Ok(()) => {}
                Err(fault) => {
                    orders.take(order.number);
                    count(&mut self.faults, fault);
                }
            }
        }
    }
}

/// Looks at the rows until every order has its goods, or has waited for them too long. Answers how long those took whose
/// goods came while it counted, and how many have none.
pub(crate) async fn watch(
    rows: &mut GoodsRows,
    orders: &Orders,
    counted: Counted,
) -> Result<(Histogram<u64>, u64), Failure> {
    let (mut times, mut missing) = (histogram()?, 0_u64);
    loop {
        let looked = Instant::now();
        let (late, waiting): (Vec<_>, Vec<_>) = {
            let waiting = orders.waiting();
            let each = waiting.iter().map(|(number, posted)| (*number, *posted));
            each.partition(|(_, posted)| looked.saturating_duration_since(*posted) > CALL_MAX)
        };
        for (number, _) in late {
            missing = missing.saturating_add(u64::from(orders.take(number).is_some()));
        }
        if waiting.is_empty() && orders.callers.load(Ordering::Acquire) == 0 {
            return Ok((times, missing));
        }
        if !waiting.is_empty() {
            let numbers: Vec<_> = waiting.into_iter().map(|(number, _)| number).collect();
            let found = rows.among(&numbers).await?;
            let seen = Instant::now();
            for posted in found.into_iter().filter_map(|number| orders.take(number)) {
                if counted.holds(seen) {
                    record(&mut times, seen.saturating_duration_since(posted));
                }
            }
        }
        tokio::time::sleep_until((looked + LOOK_EVERY).into()).await;
    }
}

/// Runs a workload of paid orders by these clients, each with one webhook in flight, and gives them back.
pub(crate) async fn run(
    target: &Target,
    workload: Workload,
    clients: Vec<Client>,
    warm_up: Duration,
    length: Duration,
) -> Result<(Round, Vec<Client>), Failure> {
    let mut rows = target.database.goods_rows().await?;
    let begun = Instant::now();
    let from = begun.checked_add(warm_up).ok_or("no such time")?;
    let counted = Counted { from, until: from.checked_add(length).ok_or("no such time")? };
    let room = if clients.len() == 1 { 1 } else { clients.len().saturating_mul(WAITING_EACH) };
    let orders = Arc::new(Orders::new(room, clients.len()));
    let mut callers = JoinSet::new();
    for client in clients {
        let Client::Json(connection) = client else { return Err("a gateway posts JSON".into()) };
        let (fixture, orders) = (Arc::clone(&target.fixture), Arc::clone(&orders));
        let mut caller = Caller { connection, answers: histogram()?, faults: BTreeMap::new() };
        callers.spawn(async move {
            caller.run(workload, &fixture, &orders, counted).await;
            orders.leave();
            caller
        });
    }
    let not_counted = rows.backend();
    let (seen, used) =
        tokio::join!(watch(&mut rows, &orders, counted), target.used(counted.from, counted.until, not_counted));
    let (times, missing) = seen?;
    let (mut clients, mut faults, mut answers) = (Vec::new(), BTreeMap::new(), histogram()?);
    while let Some(caller) = callers.join_next().await {
        let Caller { connection, answers: its, faults: of_it } = caller?;
        answers.add(&its)?;
        for (fault, times) in of_it {
            let sum: &mut u64 = faults.entry(fault).or_default();
            *sum = sum.saturating_add(times);
        }
        clients.push(Client::Json(connection));
    }
    if missing > 0 {
        faults.insert(format!("no goods within {CALL_MAX:?}"), missing);
    }
    let mut round = used.round(&times, length, faults);
    round.answered = Some(Answered::of(&answers));
    Ok((round, clients))
}
