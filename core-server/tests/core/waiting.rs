//! Whoever waits at one replica for what another does.

use std::{
    pin::pin,
    time::{Duration, Instant},
};

use warung_domain::delivery::Lane;
use warung_proto::{
    library::{FollowTitleRequestRequest, TitleRequest, title_request::State},
    order::OrderState,
};
use warung_store::testing::{Kind, TestDatabase, end_listeners};

use crate::support::{BUYER, Caller, Shop, Till, file, free, sent, soon, title, until};

/// How soon one hears of another replica's commit.
const BOUND: Duration = Duration::from_millis(500);
/// How often it is tried.
const TRIES: usize = 10;
/// How many tries a machine that other tests keep busy may spoil. By chance, at the pace of the slow poll, more than that
/// would be late.
const SPOILT_MAX: usize = 3;

async fn follow(shop: &Shop, caller: &Caller, wanted: &TitleRequest) -> State {
    let wait = Some(prost_types::Duration { seconds: 15, nanos: 0 });
    let message = FollowTitleRequestRequest { title_request_id: wanted.title_request_id.clone(), wait };
    let answer = soon(shop.library().follow_title_request(caller.says(message))).await.unwrap();
    answer.into_inner().title_request.unwrap().state()
}

/// A buyer asks for a film and waits at one replica; the bot is at the other. Answers how long after the report the buyer
/// knew.
async fn arrives(shop: &Shop, replica: &Shop, caller: &Caller) -> Duration {
    shop.clock.advance_seconds(60);
    let wanted = shop.request(caller, "filem").await.unwrap();
    let worker = replica.worker("w1");
    let claimed = worker.claim_one().await;
    let mut waiting = pin!(follow(shop, caller, &wanted));
    let parked = tokio::time::timeout(Duration::from_millis(30), &mut waiting).await;
    assert!(parked.is_err(), "it is on its way");
    worker.report(&claimed, sent(1)).await;
    let reported = Instant::now();
    assert_eq!(waiting.await, State::Sent);
    reported.elapsed()
}

async fn two_replicas() -> (Shop, Shop, Caller) {
    let shop = Shop::open(TestDatabase::new(Kind::Postgres).await).await;
    shop.put(title("filem", [free(file())])).await;
    let replica = shop.replica().await;
    let caller = shop.user(BUYER).await;
    (shop, replica, caller)
}

fn assert_soon(times: &[Duration]) {
    let late = times.iter().filter(|time| **time > BOUND).count();
    assert!(late <= SPOILT_MAX, "{times:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_another_replica_reports_wakes_whoever_waits_within_half_a_second() {
    let (shop, replica, caller) = two_replicas().await;
    let mut times = Vec::new();
    for _ in 0..TRIES {
        times.push(arrives(&shop, &replica, &caller).await);
    }
    assert_soon(&times);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_that_another_replica_changes_is_seen_within_half_a_second() {
    let till = Till::open(TestDatabase::new(Kind::Postgres).await).await;
    let replica = till.replica().await;
    let buyer = till.user(BUYER).await;
    let mut times = Vec::new();
    for _ in 0..TRIES {
        let order = till.buy(&buyer).await;
        let mut waiting = pin!(till.follow(&buyer, &order));
        assert!(tokio::time::timeout(Duration::from_millis(30), &mut waiting).await.is_err(), "nothing has changed");
        let cancel =
            warung_proto::order::CancelOrderRequest { request_id: till.request_id(), order_id: order.order_id.clone() };
        Box::pin(replica.orders().cancel_order(buyer.says(cancel))).await.unwrap();
        let cancelled = Instant::now();
        let mut seen = soon(waiting).await;
        while seen.state() == OrderState::Pending {
            seen = soon(till.follow(&buyer, &seen)).await;
        }
        times.push(cancelled.elapsed());
        assert_eq!(seen.state(), OrderState::Cancelled);
    }
    assert_soon(&times);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_nothing_can_be_heard_it_is_polled_and_afterwards_heard_again() {
    let database = TestDatabase::new(Kind::Postgres).await;
    let url = database.config.url.clone();
    let shop = Shop::open(database).await;
    shop.put(title("filem", [free(file())])).await;
    let replica = shop.replica().await;
    let caller = shop.user(BUYER).await;
    until(|| async { end_listeners(&url).await > 0 }).await;
    let ending = async {
        loop {
            end_listeners(&url).await;
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let polled = async {
        // A film and, at the replica, a worker that waits.
        let late = arrives(&shop, &replica, &caller).await;
        let worker = replica.worker("w1");
        let mut waiting = pin!(worker.wait());
        assert!(tokio::time::timeout(Duration::from_millis(30), &mut waiting).await.is_err(), "nothing is due");
        shop.plant([(7, Lane::Reply)]).await;
        let claimed = soon(waiting).await;
        worker.report(&claimed[0], sent(2)).await;
        late
    };
    let late = tokio::select! {
        () = ending => unreachable!("it has no end"),
        late = polled => late,
    };
    assert!(late < Duration::from_secs(5), "{late:?}");
    // Both listen again.
    let mut times = Vec::new();
    soon(async {
        while times.len() < TRIES {
            let time = arrives(&shop, &replica, &caller).await;
            // As long as the connections are being opened anew.
            if !times.is_empty() || time < BOUND {
                times.push(time);
            }
        }
    })
    .await;
    assert_soon(&times);
}
