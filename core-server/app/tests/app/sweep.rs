use std::time::Duration;

use chrono::{DurationRound as _, TimeDelta};
use warung_app::{
    Budget, Call, Error, Payer,
    operations::{
        self,
        put::Etag,
        settings::UpdateSetting,
        sweep::{SweepBounds, Swept},
    },
    testing::TestEngine,
};
use warung_store::{
    on_both_databases,
    testing::{Kind, TestDatabase},
};

on_both_databases! {
    a_sweep_removes_what_is_old_and_that_alone;
    a_sweep_removes_a_backlog_in_batches_up_to_its_bounds_and_the_next_one_goes_on;
    of_all_replicas_one_sweeps_each_time;
    a_request_id_is_remembered_for_its_time;
}

fn update(value: &str) -> UpdateSetting {
    UpdateSetting { key: "store.contact".into(), value: value.into(), etag: Etag::any() }
}

async fn sweep(test: &TestEngine) -> Option<Swept> {
    sweep_within(test, SweepBounds::default()).await
}

async fn sweep_within(test: &TestEngine, bounds: SweepBounds) -> Option<Swept> {
    let ctx = test.context(0);
    let scheduled_time = ctx.now.duration_trunc(TimeDelta::minutes(10)).unwrap();
    operations::sweep::sweep(&test.engine, &ctx, scheduled_time, bounds).await.unwrap()
}

fn note(test: &TestEngine) {
    let ctx = test.context(0);
    test.engine.note_call(Call {
        start_time: ctx.now,
        principal: ctx.principal,
        method: "warung.library.v1.LibraryService/GetTitle".into(),
        outcome: "OK",
        duration_us: 5,
        call_id: "".into(),
    });
}

async fn call(test: &TestEngine) {
    let ctx = test.context(0);
    note(test);
    test.engine.flush_calls().await.unwrap();
    // More than a replica lends.
    for _ in 0..=300 {
        test.engine.spend(&ctx, Payer::Address("203.0.113.7"), Budget::Read).await.unwrap();
    }
}

async fn a_sweep_removes_what_is_old_and_that_alone(database: TestDatabase) {
    let test = TestEngine::new(database).await;
    call(&test).await;
    test.engine.run(&test.context(1), update("@satu")).await.unwrap();
    test.clock.advance(TimeDelta::days(30));
    call(&test).await;
    test.engine.run(&test.context(2), update("@dua")).await.unwrap();
    assert_eq!(sweep(&test).await.unwrap().calls, 0, "a month is kept to its end");
    test.clock.advance(TimeDelta::minutes(10));
    let swept = sweep(&test).await.unwrap();
    assert_eq!((swept.requests, swept.calls), (0, 1), "the first sweep took the request id, this one the call");
    test.clock.advance(TimeDelta::days(365));
    let swept = sweep(&test).await.unwrap();
    assert_eq!((swept.requests, swept.calls), (1, 1));
    let budgets = u64::from(test.engine.is_shared());
    assert_eq!(swept.budgets, budgets, "where there is one process alone, budgets are kept in memory");
}

async fn a_sweep_removes_a_backlog_in_batches_up_to_its_bounds_and_the_next_one_goes_on(database: TestDatabase) {
    let test = TestEngine::new(database).await;
    for number in 1..=7 {
        note(&test);
        test.engine.run(&test.context(number), update(&format!("@warung_{number}"))).await.unwrap();
    }
    test.engine.flush_calls().await.unwrap();
    test.clock.advance(TimeDelta::days(365));
    let bounds = SweepBounds { batch: 2, batches: 3 };
    let swept = sweep_within(&test, bounds).await.unwrap();
    assert_eq!((swept.requests, swept.calls), (6, 6), "three batches of two");
    test.clock.advance(TimeDelta::minutes(10));
    let swept = sweep_within(&test, bounds).await.unwrap();
    assert_eq!((swept.requests, swept.calls), (1, 1), "what was left");
}

async fn of_all_replicas_one_sweeps_each_time(database: TestDatabase) {
    let test = TestEngine::new(database).await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let (engine, ctx) = (test.engine.clone(), test.context(0));
        let scheduled_time = ctx.now;
        let bounds = SweepBounds::default();
        tasks.spawn(async move { operations::sweep::sweep(&engine, &ctx, scheduled_time, bounds).await.unwrap() });
    }
    assert_eq!(tasks.join_all().await.into_iter().flatten().count(), 1);
    assert!(sweep(&test).await.is_none());
    test.clock.advance(TimeDelta::minutes(10));
    assert!(sweep(&test).await.is_some());
}

async fn a_request_id_is_remembered_for_its_time(database: TestDatabase) {
    let test = TestEngine::new(database).await;
    test.engine.run(&test.context(1), update("@satu")).await.unwrap();
    test.clock.advance(TimeDelta::hours(72));
    sweep(&test).await;
    let reused = test.engine.run(&test.asked(1, "@dua"), update("@dua")).await;
    assert!(matches!(reused, Err(Error::RequestIdReused)), "{reused:?}");
    test.clock.advance(TimeDelta::minutes(10));
    sweep(&test).await;
    test.engine.run(&test.context(1), update("@dua")).await.unwrap();
}

#[tokio::test]
async fn calls_wait_for_the_clock_until_they_are_many() {
    let test = TestEngine::new(TestDatabase::new(Kind::Sqlite).await).await;
    let are_many = async || tokio::time::timeout(Duration::ZERO, test.engine.many_calls()).await.is_ok();
    for _ in 1..2_000 {
        note(&test);
    }
    assert!(!are_many().await);
    note(&test);
    assert!(are_many().await);
    note(&test);
    assert!(!are_many().await, "told once");
    test.engine.flush_calls().await.unwrap();
    for _ in 0..2_000 {
        note(&test);
    }
    assert!(are_many().await, "and again of the next");
}
