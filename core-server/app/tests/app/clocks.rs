//! Replicas on machines whose clocks differ.

use chrono::TimeDelta;
use warung_app::{
    context::SystemClock,
    operations::lease::{AcquirePollingLease, POLLING_LEASE, ReleasePollingLease},
    testing::Replica,
};
use warung_domain::{message::Bot, principal::Principal};
use warung_store::testing::{Kind, TestDatabase};

/// A machine whose clock is so many seconds ahead.
async fn replica(database: &TestDatabase, ahead: i64) -> Replica {
    Replica::new(database, SystemClock::ahead(TimeDelta::seconds(ahead))).await
}

#[tokio::test]
async fn replicas_whose_clocks_differ_agree_on_when_a_lease_ends() {
    let database = TestDatabase::new(Kind::Postgres).await;
    let (early, late) = (replica(&database, 30).await, replica(&database, -30).await);
    for (holder, other) in [(&early.engine, &late.engine), (&late.engine, &early.engine)] {
        let ctx = holder.context(Principal::CORE, "test");
        let held = holder.run(&ctx, AcquirePollingLease { bot: Bot::Main, worker_id: "w1".into() }).await.unwrap();
        assert!(held.held);
        let ctx = other.context(Principal::CORE, "test");
        let asked = other.run(&ctx, AcquirePollingLease { bot: Bot::Main, worker_id: "w2".into() }).await.unwrap();
        assert!(!asked.held, "nobody takes what is held");
        let left = asked.expire_time - other.now();
        assert!(left <= POLLING_LEASE + TimeDelta::seconds(1), "the other waits for {left}");
        holder.run(&ctx, ReleasePollingLease { bot: Bot::Main, worker_id: "w1".into() }).await.unwrap();
    }
}

#[tokio::test]
async fn how_far_a_machines_clock_is_off_is_known() {
    let database = TestDatabase::new(Kind::Postgres).await;
    for ahead in [30, -30] {
        let behind = replica(&database, ahead).await.engine.refresh().await.unwrap();
        assert!((behind + TimeDelta::seconds(ahead)).abs() < TimeDelta::seconds(5), "{behind} is told of {ahead} s");
    }
}
