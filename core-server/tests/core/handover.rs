//! Films that are handed to a waiting worker by the transaction of their request.

use std::{pin::Pin, time::Duration};

use warung_app::testing::has_idle_worker;
use warung_domain::{delivery::Lane, message::Bot};
use warung_proto::messaging::Delivery;
use warung_store::testing::{Kind, TestDatabase};

use crate::support::{BUYER, Caller, OTHER, Shop, Worker, file, free, sent, title};

/// A shop with a film, and the film's id: by its code it is asked for less often, and handed to nobody.
async fn cinema() -> (Shop, String) {
    let shop = Shop::open(TestDatabase::new(Kind::Postgres).await).await;
    let film = shop.put(title("filem", [free(file())])).await;
    (shop, film.title_id)
}

/// How long a worker is given to look, and to find that nothing is due.
const LOOKS: Duration = Duration::from_millis(60);

/// Lets a worker's call wait until the worker is one that films are handed to, or never is.
async fn until_it_waits(shop: &Shop, mut waiting: Pin<&mut impl Future<Output = Vec<Delivery>>>) {
    // However slow the machine is; only a worker that nothing is handed to never gets there.
    for _ in 0..50 {
        let parked = tokio::time::timeout(LOOKS, waiting.as_mut()).await;
        assert!(parked.is_err(), "nothing is due");
        if has_idle_worker(shop.core.engine(), Bot::Main) {
            break;
        }
    }
}

/// Asks for a film. Answers whether the request handed it over: it tells nobody else of it then.
async fn was_handed(shop: &Shop, film: &str, caller: &Caller) -> bool {
    let due = shop.core.engine().watch().deliveries(Bot::Main);
    let before = due.borrow().here;
    shop.request(caller, film).await.unwrap();
    due.borrow().here == before
}

/// Asks for a film while a worker waits that says what it holds. Answers what the worker was given, and whether the
/// request handed it over.
async fn asked(shop: &Shop, film: &str, caller: &Caller, worker: &Worker, held: &[&Delivery]) -> (Vec<Delivery>, bool) {
    let waiting = worker.wait_holding_all(held);
    tokio::pin!(waiting);
    until_it_waits(shop, waiting.as_mut()).await;
    let was_handed = was_handed(shop, film, caller).await;
    let given = if was_handed { waiting.await } else { Vec::new() };
    (given, was_handed)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_film_is_handed_to_a_worker_that_waits_and_arrives_once() {
    let (shop, film) = cinema().await;
    let buyer = shop.user(BUYER).await;
    let worker = shop.worker("w1");
    let (given, was_handed) = asked(&shop, &film, &buyer, &worker, &[]).await;
    assert!(was_handed);
    assert_eq!((given.len(), given[0].chat_id, given[0].attempt), (1, BUYER, 1));
    assert!(shop.worker("w2").claim().await.is_empty(), "it is leased");
    worker.report(&given[0], sent(5)).await;
    assert_eq!(shop.title_request_rows().await[0].state.0.name(), "SENT");
    assert_eq!(shop.delivery_rows().await[0].message_id, Some(5));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_worker_did_not_hear_of_is_given_to_it_again_and_then_no_more() {
    let (shop, film) = cinema().await;
    let buyer = shop.user(BUYER).await;
    let worker = shop.worker("w1");
    let (given, was_handed) = asked(&shop, &film, &buyer, &worker, &[]).await;
    assert!(was_handed);
    // As one that starts anew, or whose answer was lost.
    let again = worker.claim().await;
    assert_eq!((again.len(), &again[0].delivery_id, again[0].attempt), (1, &given[0].delivery_id, 1));
    assert!(worker.claim_with(&[&again[0]], Duration::ZERO).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_film_for_a_chat_that_waits_for_something_else_is_handed_to_nobody() {
    let (shop, film) = cinema().await;
    let buyer = shop.user(BUYER).await;
    let worker = shop.worker("w1");
    shop.plant([(BUYER, Lane::Reply)]).await;
    let busy = worker.claim_one().await;
    let (_, was_handed) = asked(&shop, &film, &buyer, &worker, &[&busy]).await;
    assert!(!was_handed, "it would overtake what is under way");
    worker.report(&busy, sent(1)).await;
    assert_eq!(shop.delivery_rows().await[1].state, "PENDING");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_handed_over_while_something_else_waits_for_its_turn() {
    let (shop, film) = cinema().await;
    let buyer = shop.user(BUYER).await;
    let worker = shop.worker("w1");
    shop.plant([(OTHER, Lane::Broadcast), (OTHER, Lane::Broadcast)]).await;
    let first = worker.claim_one().await;
    worker.report(&first, sent(1)).await;
    let (_, was_handed) = asked(&shop, &film, &buyer, &worker, &[]).await;
    assert!(!was_handed, "the second message to the chat is due, and waits for its second to pass");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn films_are_handed_over_at_the_pace_of_their_bot() {
    let (shop, film) = cinema().await;
    shop.set("messaging.bot_per_second", "1").await;
    let (buyer, other) = (shop.user(BUYER).await, shop.user(OTHER).await);
    let worker = shop.worker("w1");
    shop.clock.advance_seconds(60);
    let (given, was_handed) = asked(&shop, &film, &buyer, &worker, &[]).await;
    assert!(was_handed);
    let (_, was_handed) = asked(&shop, &film, &other, &worker, &[&given[0]]).await;
    assert!(!was_handed, "the second has to wait");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_may_have_lost_an_answer_is_handed_nothing() {
    let (shop, film) = cinema().await;
    let buyer = shop.user(BUYER).await;
    let worker = shop.worker("w1");
    let waiting = worker.wait();
    tokio::pin!(waiting);
    assert!(tokio::time::timeout(LOOKS, &mut waiting).await.is_err());
    assert!(!was_handed(&shop, &film, &buyer).await);
    assert_eq!(waiting.await.len(), 1, "it claims it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_film_in_the_box_of_a_core_that_ends_arrives_once_after_its_lease() {
    let (shop, film) = cinema().await;
    let buyer = shop.user(BUYER).await;
    {
        let worker = shop.worker("w1");
        let waiting = worker.wait_holding_all(&[]);
        tokio::pin!(waiting);
        until_it_waits(&shop, waiting.as_mut()).await;
        assert!(was_handed(&shop, &film, &buyer).await);
        // The call has not gone on since: both end with the film in the box.
    }
    let shop = shop.restarted().await;
    let other = shop.worker("w2");
    assert!(other.claim().await.is_empty(), "it is leased to the one that never heard of it");
    shop.clock.advance_ms(shop.lease_ms());
    let taken = other.claim_one().await;
    assert_eq!((taken.chat_id, taken.attempt), (BUYER, 2));
    other.report(&taken, sent(5)).await;
    shop.clock.advance_ms(2 * shop.lease_ms());
    assert!(other.claim().await.is_empty() && shop.worker("w1").claim().await.is_empty(), "it came once");
    let (requests, deliveries) = (shop.title_request_rows().await, shop.delivery_rows().await);
    assert_eq!((requests.len(), requests[0].state.0.name()), (1, "SENT"));
    assert_eq!((deliveries.len(), deliveries[0].message_id), (1, Some(5)));
}
