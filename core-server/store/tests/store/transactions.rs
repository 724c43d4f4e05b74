//! Transactions, on both databases.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use uuid::Uuid;
use warung_store::{Claim, Error, RequestKey, Result, Tx, Work, on_both_databases, testing::TestDatabase};

use crate::common::{is_there, lease, now};

struct Insert(String);

impl Work for Insert {
    type Output = ();
    type Error = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        tx.insert(lease(&self.0)).await
    }
}

on_both_databases! {
    a_swallowed_database_error_fails_the_transaction;
    a_panic_harms_nobody_else;
    a_unique_rule_is_a_conflict;
    what_a_dropped_caller_asked_for_is_whole;
    fifty_twins_of_one_request_are_carried_out_once;
    work_that_waits_for_something_else_is_refused_where_it_would_block;
    a_lease_has_one_holder;
    of_all_who_raise_an_alert_one_tells_it;
}

async fn a_swallowed_database_error_fails_the_transaction(database: TestDatabase) {
    struct Swallow;
    impl Work for Swallow {
        type Output = ();
        type Error = Error;

        async fn run(&self, tx: &mut Tx) -> Result<()> {
            tx.insert(lease("before")).await?;
            let _ = tx.insert(lease("taken")).await;
            Ok(())
        }
    }
    let store = database.open().await;
    store.transact(Insert("taken".into())).await.unwrap();
    assert_eq!(store.transact(Swallow).await, Err(Error::Swallowed));
    assert!(!is_there(&store, "before").await);
}

async fn a_panic_harms_nobody_else(database: TestDatabase) {
    struct Panic;
    impl Work for Panic {
        type Output = ();
        type Error = Error;

        async fn run(&self, tx: &mut Tx) -> Result<()> {
            tx.insert(lease("panicked")).await?;
            panic!("as asked");
        }
    }
    let store = database.open().await;
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..20 {
        let store = store.clone();
        tasks.spawn(async move {
            if number % 4 == 0 {
                assert_eq!(store.transact(Panic).await, Err(Error::Panicked));
            } else {
                store.transact(Insert(format!("fine {number}"))).await.unwrap();
            }
        });
    }
    tasks.join_all().await;
    assert!(!is_there(&store, "panicked").await);
    for number in (0..20).filter(|number| number % 4 != 0) {
        assert!(is_there(&store, &format!("fine {number}")).await);
    }
}

async fn a_unique_rule_is_a_conflict(database: TestDatabase) {
    let store = database.open().await;
    store.transact(Insert("one".into())).await.unwrap();
    assert!(matches!(store.transact(Insert("one".into())).await, Err(Error::Conflict(_))));
}

async fn what_a_dropped_caller_asked_for_is_whole(database: TestDatabase) {
    struct Pair(u32);
    impl Work for Pair {
        type Output = ();
        type Error = Error;

        async fn run(&self, tx: &mut Tx) -> Result<()> {
            tx.insert(lease(&format!("left {}", self.0))).await?;
            tx.insert(lease(&format!("right {}", self.0))).await
        }
    }
    let store = database.open().await;
    for number in 0..100 {
        let call = store.transact(Pair(number));
        // Polled once, then dropped: the caller has gone.
        let _ = tokio::time::timeout(Duration::from_micros(u64::from(number % 7) * 100), call).await;
    }
    // The last command to be taken ends after all that came before it, on either database, or is waited for.
    store.transact(Insert("last".into())).await.unwrap();
    let started = std::time::Instant::now();
    for number in 0..100 {
        loop {
            let left = is_there(&store, &format!("left {number}")).await;
            let right = is_there(&store, &format!("right {number}")).await;
            if left && right {
                break;
            }
            // Not yet, or between our two looks. A pair that stays half times the test out.
            assert!(started.elapsed() < Duration::from_mins(1), "every command that was taken is carried out whole");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}

struct Once {
    request_id: Uuid,
    hash: u8,
    runs: Arc<AtomicU32>,
}

impl Work for Once {
    type Output = String;
    type Error = Error;

    async fn run(&self, tx: &mut Tx) -> Result<String> {
        let key = RequestKey { principal: "user:1", command: "test.once", request_id: self.request_id };
        match tx.claim_request(key, &[self.hash], now()).await? {
            Claim::Done(output) => return Ok(output),
            Claim::Reused => return Ok("reused".into()),
            Claim::New => {}
        }
        let run = self.runs.fetch_add(1, Ordering::Relaxed);
        tx.insert(lease(&format!("run {run}"))).await?;
        tx.finish_request(key, format!("output {run}")).await?;
        Ok(format!("output {run}"))
    }
}

async fn fifty_twins_of_one_request_are_carried_out_once(database: TestDatabase) {
    let store = database.open().await;
    let runs = Arc::new(AtomicU32::new(0));
    let request_id = Uuid::from_u128(7);
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let (store, runs) = (store.clone(), Arc::clone(&runs));
        tasks.spawn(async move { store.transact(Once { request_id, hash: 1, runs }).await.unwrap() });
    }
    let outputs = tasks.join_all().await;
    assert_eq!(runs.load(Ordering::Relaxed), 1);
    assert!(outputs.iter().all(|output| output == "output 0"), "{outputs:?}");
    let other = store.transact(Once { request_id, hash: 2, runs }).await.unwrap();
    assert_eq!(other, "reused");
}

async fn work_that_waits_for_something_else_is_refused_where_it_would_block(database: TestDatabase) {
    struct Waits;
    impl Work for Waits {
        type Output = ();
        type Error = Error;

        async fn run(&self, tx: &mut Tx) -> Result<()> {
            tx.insert(lease("waited")).await?;
            tokio::task::yield_now().await;
            Ok(())
        }
    }
    let store = database.open().await;
    let outcome = store.transact(Waits).await;
    if store.is_sqlite() {
        assert_eq!(outcome, Err(Error::Yielded));
        assert!(!is_there(&store, "waited").await);
    } else {
        assert_eq!(outcome, Ok(()));
    }
}

async fn a_lease_has_one_holder(database: TestDatabase) {
    struct Take(&'static str, i64);
    impl Work for Take {
        type Output = String;
        type Error = Error;

        async fn run(&self, tx: &mut Tx) -> Result<String> {
            let at = now() + chrono::TimeDelta::seconds(self.1);
            Ok(tx.take_lease("polling", self.0, at, at + chrono::TimeDelta::seconds(10)).await?.holder)
        }
    }
    let store = database.open().await;
    let mut tasks = tokio::task::JoinSet::new();
    for holder in ["a", "b", "c", "d"] {
        let store = store.clone();
        tasks.spawn(async move { store.transact(Take(holder, 0)).await.unwrap() });
    }
    let holders = tasks.join_all().await;
    assert!(holders.iter().all(|holder| *holder == holders[0]), "{holders:?}");
    assert_eq!(store.transact(Take("late", 9)).await.unwrap(), holders[0]);
    assert_eq!(store.transact(Take("late", 10)).await.unwrap(), "late");
}

async fn of_all_who_raise_an_alert_one_tells_it(database: TestDatabase) {
    struct Tell(i64);
    impl Work for Tell {
        type Output = bool;
        type Error = Error;

        async fn run(&self, tx: &mut Tx) -> Result<bool> {
            let at = now() + chrono::TimeDelta::seconds(self.0);
            tx.tell_alert("disk", at, at - chrono::TimeDelta::hours(1)).await
        }
    }
    let store = database.open().await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..10 {
        let store = store.clone();
        tasks.spawn(async move { store.transact(Tell(0)).await.unwrap() });
    }
    assert_eq!(tasks.join_all().await.into_iter().filter(|told| *told).count(), 1);
    assert!(!store.transact(Tell(3599)).await.unwrap());
    assert!(store.transact(Tell(3600)).await.unwrap());
}
