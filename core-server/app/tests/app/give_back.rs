//! Giving money back through a gateway that can: it is asked once, whatever becomes of its answer.

use chrono::TimeDelta;
use warung_app::{
    Error, PageRequest, Precondition, Result,
    payment::{BeginRefund, Destination, PaymentsToReview, gateway::GatewayError},
    testing::ADMIN_ID,
};
use warung_domain::{ids::OrderId, money::Money, order::OrderState, principal::Principal};
use warung_store::{on_both_databases, testing::TestDatabase};

use crate::{
    gateway::{checkout, lost},
    shop::Shop,
};

on_both_databases! {
    a_gateway_gives_back_once_however_often_the_request_comes;
    a_refund_that_the_gateway_refuses_has_failed_and_may_be_tried_again;
    a_refund_whose_answer_is_lost_is_shown_to_a_seller_and_not_tried_again;
    a_refund_that_nobody_finished_is_shown_to_a_seller_once;
}

async fn bought(database: TestDatabase) -> (Shop, OrderId) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    shop.stocked("akun", 20_000, 5).await;
    let order = shop.bought(buyer, &[("akun", 1)]).await;
    shop.sent().await;
    (shop, order)
}

/// A refund. That the gateway can do it is found out by the checkout.
fn refund(order: OrderId, amount: i64) -> BeginRefund {
    BeginRefund {
        order: order.to_string(),
        amount: Some(Money::idr(amount)),
        destination: Destination::Gateway,
        reason: "rusak".into(),
        gateway_can_refund: false,
    }
}

fn is_unavailable(answer: &Result<OrderId>) -> bool {
    matches!(answer, Err(Error::Precondition(Precondition::GatewayUnavailable)))
}

async fn to_review(shop: &Shop) -> Vec<String> {
    let (found, _) = shop.ask(Principal::CORE, PaymentsToReview { page: PageRequest::default() }).await;
    found.into_iter().map(|(_, reason)| reason).collect()
}

async fn a_gateway_gives_back_once_however_often_the_request_comes(database: TestDatabase) {
    let (shop, order) = bought(database).await;
    let (checkout, gateway) = checkout(&shop);
    let ctx = shop.call(Principal::CORE);
    for _ in 0..3 {
        assert_eq!(checkout.refund_order(&ctx, refund(order, 12_000)).await.unwrap(), order);
    }
    assert_eq!(gateway.refunded(), [12_000]);
    assert_eq!(shop.order(order).await.refunded, Money::idr(12_000));
    let other = shop.call(Principal::CORE);
    checkout.refund_order(&other, refund(order, 8_000)).await.unwrap();
    assert_eq!(gateway.refunded(), [12_000, 8_000]);
    assert_eq!(shop.order(order).await.state, OrderState::Refunded);
    shop.proven().await;
}

async fn a_refund_that_the_gateway_refuses_has_failed_and_may_be_tried_again(database: TestDatabase) {
    let (shop, order) = bought(database).await;
    let (checkout, gateway) = checkout(&shop);
    gateway.refunds(Err(GatewayError::Refused("too late".into())));
    let ctx = shop.call(Principal::CORE);
    let answer = checkout.refund_order(&ctx, refund(order, 20_000)).await;
    assert!(is_unavailable(&answer), "{answer:?}");
    assert_eq!(shop.order(order).await.refunded, Money::idr(0));
    // What failed keeps nothing of what can be given back, and nobody need look at it.
    checkout.refund_order(&shop.call(Principal::CORE), refund(order, 20_000)).await.unwrap();
    assert_eq!((gateway.refunded(), shop.order(order).await.state), (vec![20_000, 20_000], OrderState::Refunded));
    assert_eq!(to_review(&shop).await, [""; 0]);
    shop.proven().await;
}

async fn a_refund_whose_answer_is_lost_is_shown_to_a_seller_and_not_tried_again(database: TestDatabase) {
    let (shop, order) = bought(database).await;
    let (checkout, gateway) = checkout(&shop);
    gateway.refunds(Err(lost()));
    let ctx = shop.call(Principal::CORE);
    let answer = checkout.refund_order(&ctx, refund(order, 20_000)).await;
    assert!(is_unavailable(&answer), "{answer:?}");
    assert_eq!(to_review(&shop).await, ["it is not known whether Rp20.000 was refunded: look at the gateway"]);
    checkout.refund_order(&ctx, refund(order, 20_000)).await.unwrap();
    let another = checkout.refund_order(&shop.call(Principal::CORE), refund(order, 1)).await;
    assert!(matches!(another, Err(Error::Precondition(Precondition::OrderNotRefundable))), "{another:?}");
    assert_eq!((gateway.refunded(), shop.order(order).await.refunded), (vec![20_000], Money::idr(0)));
    assert_eq!(shop.sent().await.iter().filter(|sent| sent.chat_id == ADMIN_ID).count(), 1);
    shop.proven().await;
}

async fn a_refund_that_nobody_finished_is_shown_to_a_seller_once(database: TestDatabase) {
    let (shop, order) = bought(database).await;
    let (checkout, gateway) = checkout(&shop);
    // Whoever began it lives no more.
    shop.run(Principal::CORE, BeginRefund { gateway_can_refund: true, ..refund(order, 5_000) }).await.unwrap();
    let review = async || checkout.review_stuck_refunds(&shop.call(Principal::CORE)).await.unwrap();
    shop.test.clock.advance(TimeDelta::minutes(4));
    review().await;
    assert_eq!(to_review(&shop).await, [""; 0], "the gateway may be answering yet");
    shop.test.clock.advance(TimeDelta::minutes(1));
    for _ in 0..3 {
        review().await;
        assert_eq!(to_review(&shop).await, ["it is not known whether Rp5.000 was refunded: look at the gateway"]);
        shop.test.clock.advance(TimeDelta::hours(2));
    }
    let told = shop.owner_is_told().await;
    assert_eq!(told.iter().filter(|text| text.contains("Rp5.000 was refunded")).count(), 1, "{told:?}");
    assert_eq!(shop.sent().await.iter().filter(|sent| sent.chat_id == ADMIN_ID).count(), 1);
    assert_eq!(gateway.refunded(), [0_i64; 0]);
}
