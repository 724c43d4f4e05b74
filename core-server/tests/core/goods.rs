//! A process that ends between any two steps of the goods' way: a line is sold once and arrives, and it is sent twice
//! only where nobody could know that it had arrived.

use std::collections::BTreeSet;

use warung_proto::{
    messaging::{Delivery, delivery::Operation, report_deliveries_response::Acceptance},
    order::{Order, OrderState},
};
use warung_store::{on_both_databases, testing::TestDatabase};

use crate::support::{Caller, Till, Worker, sent};

on_both_databases! {
    a_core_that_restarts_between_any_two_steps_delivers_goods_once;
    a_worker_that_dies_before_or_after_sending_leaves_no_goods_undelivered;
}

/// The stock lines that a delivery carries.
fn lines(delivery: &Delivery) -> Vec<String> {
    let Some(Operation::Send(send)) = &delivery.operation else { return Vec::new() };
    let text = &send.content.as_ref().unwrap().text_html;
    let found = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-');
    found.filter(|word| word.starts_with("kode-rahasia-")).map(str::to_owned).collect()
}

/// Claims what is due, and answers the goods: one delivery at most. What else there is, is sent.
async fn claim_goods(worker: &Worker) -> Option<Delivery> {
    let mut goods = Vec::new();
    for delivery in worker.claim().await {
        if lines(&delivery).is_empty() {
            worker.report(&delivery, sent(1)).await;
        } else {
            goods.push(delivery);
        }
    }
    assert!(goods.len() <= 1, "{goods:#?}");
    goods.pop()
}

/// Somebody new buys a unit and pays.
async fn bought(till: &Till, telegram_id: i64) -> (Caller, Order) {
    let buyer = till.user(telegram_id).await;
    let order = till.buy(&buyer).await;
    till.pay(&order.payments[0]).await;
    (buyer, order)
}

async fn restarted_if(till: Till, restarts: bool) -> Till {
    if restarts { till.restarted().await } else { till }
}

async fn a_core_that_restarts_between_any_two_steps_delivers_goods_once(database: TestDatabase) {
    let mut till = Till::with_stock(database, 20).await;
    let mut delivered = BTreeSet::new();
    for restarts in 0..16_i64 {
        let at = |step: i64| restarts & (1 << step) != 0;
        let (buyer, order) = bought(&till, 5_000 + restarts).await;
        till = restarted_if(till, at(0)).await;
        let claimed = claim_goods(&till.worker("w1")).await.unwrap();
        till = restarted_if(till, at(1)).await;
        // The answer to the claim was lost: the worker finds it again, with the same line.
        assert_eq!(claim_goods(&till.worker("w1")).await.as_ref(), Some(&claimed));
        assert!(delivered.insert(lines(&claimed)), "a line is sold once: {claimed:?}");
        assert_eq!(till.order(&buyer, &order).await.state(), OrderState::Paid, "nobody knows yet that it has arrived");
        till = restarted_if(till, at(2)).await;
        assert_eq!(till.worker("w1").report(&claimed, sent(7)).await, Acceptance::Accepted);
        till = restarted_if(till, at(3)).await;
        // The answer to the report was lost: the worker reports again.
        assert_eq!(till.worker("w1").report(&claimed, sent(7)).await, Acceptance::Repeated);
        assert_eq!(till.order(&buyer, &order).await.state(), OrderState::Completed);
        till.clock.advance_ms(2 * till.lease_ms());
        assert_eq!(claim_goods(&till.worker("w2")).await, None);
    }
    assert_eq!((till.stock().await, delivered.len()), ((4, 0, 16), 16));
    assert!(delivered.iter().all(|lines| lines.len() == 1), "{delivered:?}");
    till.proven().await;
}

async fn a_worker_that_dies_before_or_after_sending_leaves_no_goods_undelivered(database: TestDatabase) {
    let mut till = Till::open(database).await;
    let mut sold = BTreeSet::new();
    for (round, (restarts, was_sent)) in (0..).zip([(false, false), (false, true), (true, false), (true, true)]) {
        let (buyer, order) = bought(&till, 6_000 + round).await;
        let mut chat = Vec::new();
        let lost = claim_goods(&till.worker("dies")).await.unwrap();
        if was_sent {
            chat.push(lines(&lost));
        }
        till = restarted_if(till, restarts).await;
        assert_eq!(claim_goods(&till.worker("lives")).await, None, "its lease still holds");
        till.clock.advance_ms(till.lease_ms());
        let taken = claim_goods(&till.worker("lives")).await.unwrap();
        assert_eq!((&taken.delivery_id, taken.attempt), (&lost.delivery_id, 2));
        assert!(taken.may_be_repeated, "nobody knows whether it was sent");
        chat.push(lines(&taken));
        till = restarted_if(till, restarts).await;
        assert_eq!(till.worker("lives").report(&taken, sent(9)).await, Acceptance::Accepted);
        // Twice is the same line again, and only because the report was lost.
        assert_eq!(chat.len(), 1 + usize::from(was_sent));
        chat.dedup();
        assert_eq!((chat.len(), till.order(&buyer, &order).await.state()), (1, OrderState::Completed));
        assert!(sold.insert(chat.remove(0)), "a line is sold once");
        till.clock.advance_ms(2 * till.lease_ms());
        assert_eq!(claim_goods(&till.worker("lives")).await, None);
    }
    assert_eq!((till.stock().await, sold.len()), ((6, 0, 4), 4));
    till.proven().await;
}
