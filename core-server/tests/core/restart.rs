//! A process that ends between any two steps of a film's way loses nothing, and doubles nothing that it could know of.

use warung_proto::{
    library::{RequestTitleRequest, title_request::State},
    messaging::{Delivery, report_deliveries_response::Acceptance},
};
use warung_store::{on_both_databases, testing::TestDatabase};

use crate::support::{Caller, Shop, file, free, sent, title};

on_both_databases! {
    a_core_that_restarts_between_any_two_steps_sends_a_film_once;
    a_worker_that_dies_before_or_after_sending_leaves_no_film_undelivered;
    the_only_process_at_a_store_need_not_wait_for_the_leases_of_the_one_before;
}

/// Messages that have arrived in a chat.
#[derive(Default)]
struct Chat(Vec<Delivery>);

/// Asks for the film of a new user.
fn ask(shop: &Shop) -> RequestTitleRequest {
    RequestTitleRequest { request_id: shop.request_id(), title_id: "filem".into(), ..Default::default() }
}

async fn restarted_if(shop: Shop, restarts: bool) -> Shop {
    if restarts { shop.restarted().await } else { shop }
}

async fn a_core_that_restarts_between_any_two_steps_sends_a_film_once(database: TestDatabase) {
    let mut shop = Shop::open(database).await;
    shop.put(title("filem", [free(file())])).await;
    for restarts in 0..16_i64 {
        let at = |step: i64| restarts & (1 << step) != 0;
        let user = Caller::bot().acting_for(5_000 + restarts);
        let message = ask(&shop);
        let asked = shop.request_with(&user, message.clone()).await.unwrap();
        shop = restarted_if(shop, at(0)).await;
        let claimed = shop.worker("w1").claim_one().await;
        shop = restarted_if(shop, at(1)).await;
        // The answer to the claim was lost: the worker finds it again.
        assert_eq!(shop.worker("w1").claim().await, std::slice::from_ref(&claimed));
        let mut chat = Chat::default();
        chat.0.push(claimed.clone());
        shop = restarted_if(shop, at(2)).await;
        assert_eq!(shop.worker("w1").report(&claimed, sent(7)).await, Acceptance::Accepted);
        shop = restarted_if(shop, at(3)).await;
        // The answer to the report was lost: the worker reports again.
        assert_eq!(shop.worker("w1").report(&claimed, sent(7)).await, Acceptance::Repeated);
        shop.clock.advance_ms(2 * shop.lease_ms());
        assert!(shop.worker("w2").claim().await.is_empty());
        let decided = shop.request_with(&user, message).await.unwrap();
        assert_eq!((decided.state(), decided.title_request_id), (State::Sent, asked.title_request_id));
        assert_eq!(chat.0.len(), 1);
    }
    assert_eq!(shop.delivery_rows().await.len(), 16);
}

async fn a_worker_that_dies_before_or_after_sending_leaves_no_film_undelivered(database: TestDatabase) {
    let mut shop = Shop::open(database).await;
    shop.put(title("filem", [free(file())])).await;
    for (round, (restarts, was_sent)) in [(false, false), (false, true), (true, false), (true, true)].iter().enumerate()
    {
        let user = Caller::bot().acting_for(6_000 + i64::try_from(round).unwrap());
        let message = ask(&shop);
        shop.request_with(&user, message.clone()).await.unwrap();
        let mut chat = Chat::default();
        let lost = shop.worker("dies").claim_one().await;
        if *was_sent {
            chat.0.push(lost.clone());
        }
        shop = restarted_if(shop, *restarts).await;
        assert!(shop.worker("lives").claim().await.is_empty(), "its lease still holds");
        shop.clock.advance_ms(shop.lease_ms());
        let taken = shop.worker("lives").claim_one().await;
        assert_eq!((&taken.delivery_id, taken.attempt), (&lost.delivery_id, 2));
        assert!(taken.may_be_repeated, "nobody knows whether it was sent");
        chat.0.push(taken.clone());
        shop = restarted_if(shop, *restarts).await;
        assert_eq!(shop.worker("lives").report(&taken, sent(9)).await, Acceptance::Accepted);
        assert_eq!(chat.0.len(), 1 + usize::from(*was_sent));
        assert_eq!(shop.request_with(&user, message).await.unwrap().state(), State::Sent);
        shop.clock.advance_ms(2 * shop.lease_ms());
        assert!(shop.worker("lives").claim().await.is_empty());
    }
}

async fn the_only_process_at_a_store_need_not_wait_for_the_leases_of_the_one_before(database: TestDatabase) {
    let mut shop = Shop::open(database).await;
    shop.put(title("filem", [free(file())])).await;
    let user = Caller::bot().acting_for(7_000);
    let message = ask(&shop);
    shop.request_with(&user, message).await.unwrap();
    let lost = shop.worker("killed").claim_one().await;
    shop = shop.restarted().await;
    shop.core.end_leases_of_the_gone().await.unwrap();
    let taken = shop.worker("new").claim().await;
    if shop.core.engine().is_shared() {
        assert!(taken.is_empty(), "the other may live, in another process");
    } else {
        assert_eq!(taken.len(), 1);
        assert_eq!((&taken[0].delivery_id, taken[0].attempt), (&lost.delivery_id, 2));
        assert!(taken[0].may_be_repeated);
    }
}
