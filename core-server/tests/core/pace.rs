//! How fast deliveries go out, and how soon a waiting worker hears of them.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use tokio_util::sync::CancellationToken;
use warung_domain::delivery::Lane;
use warung_proto::{
    library::FollowTitleRequestRequest,
    messaging::{AcquirePollingLeaseRequest, Bot, ReleasePollingLeaseRequest},
};
use warung_store::{
    on_both_databases,
    testing::{Kind, TestDatabase},
};

use crate::support::{BUYER, Caller, Shop, file, free, sent, soon, title};

on_both_databases! {
    a_bot_sends_at_most_thirty_a_second_over_all_workers;
    a_clock_that_is_set_back_does_not_silence_a_bot;
    a_waiting_worker_is_woken_at_once_in_the_same_process;
    a_core_that_stops_answers_whoever_waits_at_once;
    the_right_to_poll_is_one_workers_and_passes_on_within_fifteen_seconds;
}

async fn a_bot_sends_at_most_thirty_a_second_over_all_workers(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let workers = [shop.worker("w1"), shop.worker("w2")];
    shop.plant((1..=100).map(|chat| (chat, Lane::Reply))).await;
    let mut times: Vec<i64> = Vec::new();
    for step in 0..400 {
        for claimed in workers[step % 2].claim().await {
            workers[step % 2].report(&claimed, sent(1)).await;
            times.push(i64::try_from(step).unwrap() * 10);
        }
        if times.len() == 100 {
            break;
        }
        shop.clock.advance_ms(10);
    }
    assert_eq!(times.len(), 100);
    for start in &times {
        let within = times.iter().filter(|time| (*start..start + 1_000).contains(*time)).count();
        assert!(within <= 30, "{within} in the second from {start} ms");
    }
    assert!(times[99] <= 3_800, "and hardly fewer: the last went out at {} ms", times[99]);
}

async fn a_clock_that_is_set_back_does_not_silence_a_bot(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let worker = shop.worker("w1");
    shop.plant((1..=3).map(|chat| (chat, Lane::Reply))).await;
    for claimed in worker.claim().await {
        worker.report(&claimed, sent(1)).await;
    }
    shop.clock.advance(TimeDelta::hours(-1));
    shop.plant([(4, Lane::Reply)]).await;
    assert_eq!(worker.claim_one().await.chat_id, 4);
}

/// How long it took until a waiting worker had a delivery.
struct Heard {
    since_its_call: Duration,
    since_the_commit: Duration,
}

/// Asserts how soon a waiting worker has a delivery, in one of some tries: how often it looks is a matter of the core, and
/// shows in each of them; what it takes besides is a matter of the machine, which other tests keep busy.
async fn assert_heard_within(bound: Duration, of: fn(&Heard) -> Duration, asking: &Shop, claiming: &Shop) {
    let worker = claiming.worker("w1");
    let mut tries = Vec::new();
    for chat in 1..=16 {
        asking.clock.advance_seconds(2);
        let called = Instant::now();
        let waiting = worker.wait();
        tokio::pin!(waiting);
        let parked = tokio::time::timeout(Duration::from_millis(60), &mut waiting).await;
        assert!(parked.is_err(), "nothing is due");
        asking.plant([(chat, Lane::Reply)]).await;
        let committed = Instant::now();
        let claimed = waiting.await;
        let heard = of(&Heard { since_its_call: called.elapsed(), since_the_commit: committed.elapsed() });
        assert_eq!(claimed.len(), 1);
        worker.report(&claimed[0], sent(1)).await;
        if heard <= bound {
            return;
        }
        tries.push(heard);
    }
    panic!("never within {bound:?}: {tries:?}");
}

async fn a_waiting_worker_is_woken_at_once_in_the_same_process(database: TestDatabase) {
    let shop = Shop::open(database).await;
    assert_heard_within(Duration::from_millis(100), |heard| heard.since_the_commit, &shop, &shop).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_waiting_worker_of_another_process_hears_within_half_a_second() {
    let shop = Shop::open(TestDatabase::new(Kind::Postgres).await).await;
    let replica = shop.replica().await;
    // Since its call: it looked then, and no commit can wait for longer than one that comes just after a look.
    assert_heard_within(Duration::from_millis(500), |heard| heard.since_its_call, &shop, &replica).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_claim_on_an_empty_queue_writes_nothing() {
    let database = TestDatabase::new(Kind::Sqlite).await;
    let path = database.config.url.trim_start_matches("sqlite://").to_owned();
    let files = move || ["", "-wal"].map(|end| std::fs::read(format!("{path}{end}")).unwrap_or_default());
    let shop = Shop::open(database).await;
    let worker = shop.worker("w1");
    // The first claim of a bot ever makes its row.
    worker.claim().await;
    shop.core.engine().flush_calls().await.unwrap();
    // The calls of before may still be on their way into the file.
    let mut before = files();
    for _ in 0..20 {
        worker.claim().await;
    }
    let settled = files();
    if settled != before {
        before = settled;
        for _ in 0..20 {
            worker.claim().await;
        }
    }
    assert!(files() == before, "a poll of nothing changed the database");
}

async fn a_core_that_stops_answers_whoever_waits_at_once(database: TestDatabase) {
    let shop = Shop::open(database).await;
    shop.put(title("filem", [free(file())])).await;
    let buyer = shop.user(BUYER).await;
    let request = shop.request(&buyer, "filem").await.unwrap();
    let busy = shop.worker("busy").claim_one().await;
    assert_eq!(busy.chat_id, BUYER);
    let worker = shop.worker("w1");
    let mut library = shop.library();
    let message = FollowTitleRequestRequest {
        title_request_id: request.title_request_id,
        wait: Some(prost_types::Duration { seconds: 25, nanos: 0 }),
    };
    let follow = buyer.says(message);
    let polls = async { tokio::join!(worker.wait(), library.follow_title_request(follow)) };
    tokio::pin!(polls);
    let parked = tokio::time::timeout(Duration::from_millis(100), &mut polls).await;
    assert!(parked.is_err(), "both wait");
    let started = Instant::now();
    let ((claimed, followed), ()) = soon(async { tokio::join!(polls, shop.core.stop()) }).await;
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    assert!(claimed.is_empty());
    let request = followed.unwrap().into_inner().title_request.unwrap();
    assert_eq!(request.state(), warung_proto::library::title_request::State::Queued);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_told_to_stop_answers_whoever_waits_and_ends() {
    let shop = Shop::open(TestDatabase::new(Kind::Sqlite).await).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let shutdown = CancellationToken::new();
    let channel = warung_proto::channel::remote(&address).unwrap();
    let worker = crate::support::Worker::new(
        warung_proto::messaging::delivery_service_client::DeliveryServiceClient::new(channel),
        "w1",
    );
    let serving = Box::pin(shop.core.serve(listener, shutdown.clone()));
    let polling = async {
        let waiting = worker.wait();
        tokio::pin!(waiting);
        let parked = tokio::time::timeout(Duration::from_millis(200), &mut waiting).await;
        assert!(parked.is_err(), "nothing is due");
        shutdown.cancel();
        waiting.await
    };
    let both = Box::pin(async { tokio::join!(serving, polling) });
    let (served, claimed) = tokio::time::timeout(Duration::from_secs(10), both)
        .await
        .expect("the server ends although a poll would wait for longer");
    served.unwrap();
    assert!(claimed.is_empty());
}

async fn the_right_to_poll_is_one_workers_and_passes_on_within_fifteen_seconds(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let acquire = async |worker: &str, bot: Bot| {
        let message = AcquirePollingLeaseRequest { bot: bot.into(), worker_id: worker.into() };
        shop.deliveries().acquire_polling_lease(Caller::bot().says(message)).await.unwrap().into_inner()
    };
    let first = acquire("w1", Bot::Main).await;
    assert!(first.held);
    let remaining = Duration::try_from(first.remaining.unwrap()).unwrap();
    assert!(remaining <= Duration::from_secs(15) && remaining >= Duration::from_secs(5), "{remaining:?}");
    assert!(!acquire("w2", Bot::Main).await.held);
    assert!(acquire("w2", Bot::Owner).await.held, "another bot, another right");
    shop.clock.advance_seconds(5);
    assert!(acquire("w1", Bot::Main).await.held, "it is renewed");
    shop.clock.advance(TimeDelta::from_std(remaining).unwrap() - TimeDelta::milliseconds(1));
    assert!(!acquire("w2", Bot::Main).await.held);
    shop.clock.advance_ms(1);
    assert!(acquire("w2", Bot::Main).await.held, "its holder is lost");
    assert!(!acquire("w1", Bot::Main).await.held);
    let release = async |worker: &str| {
        let message = ReleasePollingLeaseRequest { bot: Bot::Main.into(), worker_id: worker.into() };
        shop.deliveries().release_polling_lease(Caller::bot().says(message)).await.unwrap();
    };
    release("w1").await;
    assert!(!acquire("w1", Bot::Main).await.held, "nobody gives away what is another's");
    release("w2").await;
    assert!(acquire("w1", Bot::Main).await.held);
}
