use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;
use warung_app::{
    Command, Context, Error, Query, Result,
    context::Request,
    operations::{audit::ListAuditEntries, put::Etag, settings::UpdateSetting},
    testing::TestEngine,
};
use warung_domain::principal::{Principal, Service};
use warung_store::{Error as StoreError, Read, Tx, on_both_databases, rows, testing::TestDatabase};

on_both_databases! {
    a_command_needs_a_request_id_unless_it_is_harmless;
    twins_are_carried_out_once_and_get_one_answer;
    a_request_is_what_was_asked_for_whatever_command_a_version_makes_of_it;
    an_admins_request_is_carried_out_by_a_command_that_tells_what_it_changed;
    an_output_that_an_earlier_version_kept_is_answered;
    an_output_that_this_version_can_not_read_is_no_fault_of_its_own;
    a_panic_is_its_own_callers_alone;
    an_error_that_a_command_swallowed_undoes_it;
    what_a_lost_caller_asked_for_is_carried_out_whole;
    a_failed_command_leaves_nothing_and_may_be_tried_again;
    a_query_sees_what_was_committed;
    times_are_whole_microseconds;
}

fn lease(name: String) -> rows::Lease {
    rows::Lease { name, holder: "test".into(), expire_time: chrono::DateTime::UNIX_EPOCH }
}

/// Writes two rows, and then does as it is told.
struct Pair {
    name: String,
    then: Then,
    runs: Arc<AtomicU32>,
}

#[derive(Clone, Copy, PartialEq)]
enum Then {
    Answer,
    Panic,
    Refuse,
    Swallow,
}

fn pair(name: &str, then: Then) -> Pair {
    Pair { name: name.to_owned(), then, runs: Arc::default() }
}

impl Command for Pair {
    type Output = u32;
    const NAME: &'static str = "test.pair";

    async fn execute(&self, tx: &mut Tx, _: &Context) -> Result<u32> {
        let run = self.runs.fetch_add(1, Ordering::SeqCst);
        tx.insert(lease(format!("{} left", self.name))).await?;
        match self.then {
            Then::Answer => {}
            Then::Panic => panic!("as asked"),
            Then::Refuse => return Err(Error::Forbidden),
            Then::Swallow => {
                let _ = tx.insert(lease(format!("{} left", self.name))).await;
            }
        }
        tx.insert(lease(format!("{} right", self.name))).await?;
        Ok(run)
    }
}

/// How many of the two rows are there.
struct Count(String);

impl Query for Count {
    type Output = usize;

    async fn fetch(&self, read: &Read, _: &Context) -> Result<usize> {
        let mut count = 0;
        for side in ["left", "right"] {
            count += usize::from(read.find::<rows::Lease>(format!("{} {side}", self.0)).await?.is_some());
        }
        Ok(count)
    }
}

async fn count(test: &TestEngine, name: &str) -> usize {
    test.engine.ask(&test.context(0), Count(name.to_owned())).await.unwrap()
}

async fn a_command_needs_a_request_id_unless_it_is_harmless(database: TestDatabase) {
    let test = TestEngine::new(database).await;
    let nameless = test.engine.context(Principal::CORE, "test");
    let refused = test.engine.run(&nameless, pair("one", Then::Answer)).await;
    assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
    assert_eq!(count(&test, "one").await, 0);
}

async fn twins_are_carried_out_once_and_get_one_answer(database: TestDatabase) {
    let test = TestEngine::new(database).await;
    let runs = Arc::new(AtomicU32::new(0));
    let mut tasks = JoinSet::new();
    for _ in 0..50 {
        let (engine, ctx, runs) = (test.engine.clone(), test.context(7), Arc::clone(&runs));
        let command = Pair { name: "one".into(), then: Then::Answer, runs };
        tasks.spawn(async move { engine.run(&ctx, command).await.unwrap() });
    }
    assert!(tasks.join_all().await.into_iter().all(|answer| answer == 0));
    assert_eq!((runs.load(Ordering::SeqCst), count(&test, "one").await), (1, 2));
    let other = test.engine.run(&test.asked(7, "other"), pair("other", Then::Answer)).await;
    assert!(matches!(other, Err(Error::RequestIdReused)), "{other:?}");
    let edge = Principal { service: Some(Service::Edge), ..Principal::default() };
    test.engine.run(&test.context(7).with_principal(edge), pair("of the edge", Then::Answer)).await.unwrap();
}

async fn a_request_is_what_was_asked_for_whatever_command_a_version_makes_of_it(database: TestDatabase) {
    let test = TestEngine::new(database).await;
    let first = test.engine.run(&test.asked(7, "asked for"), pair("by the configuration then", Then::Answer)).await;
    let again = test.engine.run(&test.asked(7, "asked for"), pair("by the configuration now", Then::Answer)).await;
    assert_eq!((first.unwrap(), again.unwrap()), (0, 0));
    assert_eq!(count(&test, "by the configuration now").await, 0);
    let other = test.engine.run(&test.asked(7, "another"), pair("by the configuration then", Then::Answer)).await;
    assert!(matches!(other, Err(Error::RequestIdReused)), "{other:?}");
}

async fn an_admins_request_is_carried_out_by_a_command_that_tells_what_it_changed(database: TestDatabase) {
    let test = TestEngine::new(database).await;
    let request = Request { is_admins: true, ..test.asked(1, "a change").request.unwrap() };
    let ctx = test.context(1).with_request(request);
    let silent = test.engine.run(&ctx, pair("silent", Then::Answer)).await;
    assert!(matches!(silent, Err(Error::Internal(_))), "{silent:?}");
    assert_eq!(count(&test, "silent").await, 0);
    let command = UpdateSetting { key: "store.contact".into(), value: "@warung".into(), etag: Etag::default() };
    test.engine.run(&ctx, command).await.unwrap();
    let (entries, _) = test.engine.ask(&test.context(0), ListAuditEntries::default()).await.unwrap();
    assert_eq!((entries.len(), &*entries[0].command), (1, "operations.update_setting"));
}

/// A command as two versions of a program have it. The first answered a number, the second answers it in a word.
struct Counted<const VERSION: u16>;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct InAWord {
    count: String,
}

impl Command for Counted<1> {
    type Output = i64;
    const NAME: &'static str = "test.counted";

    async fn execute(&self, _: &mut Tx, _: &Context) -> Result<i64> {
        Ok(1)
    }
}

impl Command for Counted<2> {
    type Output = InAWord;
    const NAME: &'static str = "test.counted";
    const OUTPUT_VERSION: u16 = 2;

    fn output_of(version: u16, kept: serde_json::Value) -> Option<InAWord> {
        let words = ["none", "one", "two"];
        let word = words.get(usize::try_from(kept.as_u64().filter(|_| version == 1)?).ok()?)?;
        Some(InAWord { count: (*word).to_owned() })
    }

    async fn execute(&self, _: &mut Tx, _: &Context) -> Result<InAWord> {
        Ok(InAWord { count: "two".to_owned() })
    }
}

async fn an_output_that_an_earlier_version_kept_is_answered(database: TestDatabase) {
    let test = TestEngine::new(database).await;
    assert_eq!(test.engine.run(&test.context(1), Counted::<1>).await.unwrap(), 1);
    let replayed = test.engine.run(&test.context(1), Counted::<2>).await.unwrap();
    assert_eq!(replayed.count, "one", "what was done then, and not done again");
    assert_eq!(test.engine.run(&test.context(2), Counted::<2>).await.unwrap().count, "two");
    assert_eq!(test.engine.run(&test.context(2), Counted::<2>).await.unwrap().count, "two");
}

async fn an_output_that_this_version_can_not_read_is_no_fault_of_its_own(database: TestDatabase) {
    let test = TestEngine::new(database).await;
    test.engine.run(&test.context(1), Counted::<2>).await.unwrap();
    // As an older replica meets it while the newer ones take over.
    let unread = test.engine.run(&test.context(1), Counted::<1>).await;
    assert!(matches!(unread, Err(Error::Store(StoreError::Unavailable(_)))), "{unread:?}");
    assert!(unread.unwrap_err().is_passing());
}

async fn a_panic_is_its_own_callers_alone(database: TestDatabase) {
    let test = TestEngine::new(database).await;
    let mut tasks = JoinSet::new();
    for number in 0..40_u128 {
        let (engine, ctx) = (test.engine.clone(), test.context(number + 1));
        let then = if number % 4 == 0 { Then::Panic } else { Then::Answer };
        tasks.spawn(async move { (then, engine.run(&ctx, pair(&format!("pair {number}"), then)).await) });
    }
    for (then, answer) in tasks.join_all().await {
        match answer {
            Ok(_) => assert!(then == Then::Answer),
            Err(error) => {
                assert!(then == Then::Panic && matches!(error, Error::Store(StoreError::Panicked)), "{error:?}");
            }
        }
    }
    for number in 0..40 {
        let expected = if number % 4 == 0 { 0 } else { 2 };
        assert_eq!(count(&test, &format!("pair {number}")).await, expected);
    }
}

async fn an_error_that_a_command_swallowed_undoes_it(database: TestDatabase) {
    let test = TestEngine::new(database).await;
    let answer = test.engine.run(&test.context(1), pair("one", Then::Swallow)).await;
    assert!(matches!(answer, Err(Error::Store(_))), "{answer:?}");
    assert_eq!(count(&test, "one").await, 0);
}

async fn what_a_lost_caller_asked_for_is_carried_out_whole(database: TestDatabase) {
    let test = TestEngine::new(database).await;
    for number in 0..100_u64 {
        let ctx = test.context(u128::from(number) + 1);
        let call = test.engine.run(&ctx, pair(&format!("pair {number}"), Then::Answer));
        let _ = tokio::time::timeout(Duration::from_micros(number % 10 * 100), call).await;
    }
    for number in 0..100_u64 {
        // The same request finds its outcome, or waits for it: it is never carried out twice, nor by half.
        let ctx = test.context(u128::from(number) + 1);
        test.engine.run(&ctx, pair(&format!("pair {number}"), Then::Answer)).await.unwrap();
        assert_eq!(count(&test, &format!("pair {number}")).await, 2);
    }
}

async fn a_failed_command_leaves_nothing_and_may_be_tried_again(database: TestDatabase) {
    let test = TestEngine::new(database).await;
    let refused = test.engine.run(&test.context(1), pair("one", Then::Refuse)).await;
    assert!(matches!(refused, Err(Error::Forbidden)));
    assert_eq!(count(&test, "one").await, 0);
    // Not even its request id is used up.
    assert_eq!(test.engine.run(&test.context(1), pair("one", Then::Answer)).await.unwrap(), 0);
    assert_eq!(count(&test, "one").await, 2);
}

async fn a_query_sees_what_was_committed(database: TestDatabase) {
    let test = TestEngine::new(database).await;
    let command = UpdateSetting { key: "store.contact".into(), value: "@warung".into(), etag: Etag::default() };
    test.engine.run(&test.context(1), command).await.unwrap();
    let (entries, next) = test.engine.ask(&test.context(0), ListAuditEntries::default()).await.unwrap();
    assert_eq!((entries.len(), next.as_str()), (1, ""));
    assert_eq!(entries[0].actor, "service:core");
}

async fn times_are_whole_microseconds(database: TestDatabase) {
    let test = TestEngine::new(database).await;
    test.clock.advance(chrono::TimeDelta::nanoseconds(1_999));
    let now = test.context(0).now;
    assert_eq!(now.timestamp_subsec_nanos() % 1_000, 0);
    let command = UpdateSetting { key: "store.contact".into(), value: "@warung".into(), etag: Etag::default() };
    test.engine.run(&test.context(1), command).await.unwrap();
    let (entries, _) = test.engine.ask(&test.context(0), ListAuditEntries::default()).await.unwrap();
    assert_eq!(entries[0].create_time, now, "both databases give back what they were given");
}
