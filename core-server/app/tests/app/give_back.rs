//! Giving money back through a gateway that can: it is asked once, whatever becomes of its answer.

use chrono::TimeDelta;
use warung_app::{
    Error, Precondition, Result,
    gateway::GatewayError,
    operations::audit::ListAuditEntries,
    payment::{BeginRefund, CloseRefund, FinishRefund, GetRefund},
    testing::ADMIN_ID,
};
use warung_domain::{
    ids::{OrderId, RefundId},
    money::Money,
    order::OrderState,
    payment::{Destination, RefundState},
    principal::Principal,
};
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
    a_seller_says_that_a_refund_was_made_and_it_is_booked;
    a_seller_says_that_a_refund_was_not_made_and_it_may_be_tried_again;
    of_two_refunds_that_are_lost_each_is_closed_by_itself;
    a_refund_is_closed_once_and_only_when_nobody_asks_its_gateway;
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
        lines: Vec::new(),
        destination: Destination::Gateway,
        reason: "rusak".into(),
        gateway_can_refund: false,
    }
}

fn is_unavailable(answer: &Result<OrderId>) -> bool {
    matches!(answer, Err(Error::Precondition(Precondition::GatewayUnavailable)))
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
    assert_eq!(shop.to_review().await, [""; 0]);
    shop.proven().await;
}

async fn a_refund_whose_answer_is_lost_is_shown_to_a_seller_and_not_tried_again(database: TestDatabase) {
    let (shop, order) = bought(database).await;
    let (checkout, gateway) = checkout(&shop);
    gateway.refunds(Err(lost()));
    let ctx = shop.call(Principal::CORE);
    let answer = checkout.refund_order(&ctx, refund(order, 20_000)).await;
    assert!(is_unavailable(&answer), "{answer:?}");
    assert_eq!(shop.to_review().await, ["REFUND_UNKNOWN Rp20.000"]);
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
    assert_eq!(shop.to_review().await, [""; 0], "the gateway may be answering yet");
    shop.test.clock.advance(TimeDelta::minutes(1));
    for _ in 0..3 {
        review().await;
        assert_eq!(shop.to_review().await, ["REFUND_UNKNOWN Rp5.000"]);
        shop.test.clock.advance(TimeDelta::hours(2));
    }
    let told = shop.owner_is_told().await;
    assert_eq!(told.iter().filter(|text| text.contains("apakah Rp5.000 sudah dikembalikan")).count(), 1, "{told:?}");
    assert_eq!(shop.sent().await.iter().filter(|sent| sent.chat_id == ADMIN_ID).count(), 1);
    assert_eq!(gateway.refunded(), [0_i64; 0]);
}

fn closing(refund_id: RefundId, done: bool) -> CloseRefund {
    CloseRefund { refund_id, done, note: "terlihat di dasbor".into() }
}

fn is_not_closable(answer: &Result<OrderId>) -> bool {
    matches!(answer, Err(Error::Precondition(Precondition::RefundNotClosable)))
}

/// A refund whose answer is lost, and which nobody is asking about any more.
async fn lost_refund(shop: &Shop, order: OrderId, amount: i64) -> RefundId {
    let (checkout, gateway) = checkout(shop);
    gateway.refunds(Err(lost()));
    let answer = checkout.refund_order(&shop.call(Principal::CORE), refund(order, amount)).await;
    assert!(is_unavailable(&answer), "{answer:?}");
    let found = shop.payments_to_review().await.remove(0).refunds;
    let refund = found.last().unwrap();
    assert_eq!((refund.state, refund.amount, &*refund.reason), (RefundState::Pending, Money::idr(amount), "rusak"));
    shop.test.clock.advance(TimeDelta::minutes(5));
    refund.id
}

async fn a_seller_says_that_a_refund_was_made_and_it_is_booked(database: TestDatabase) {
    let (shop, order) = bought(database).await;
    let id = lost_refund(&shop, order, 20_000).await;
    let seller = shop.call(Principal::CORE);
    for _ in 0..2 {
        assert_eq!(shop.test.engine.run(&seller, closing(id, true)).await.unwrap(), order, "once for one request");
    }
    let seen = shop.order(order).await;
    assert_eq!((seen.state, seen.refunded), (OrderState::Refunded, Money::idr(20_000)));
    assert_eq!(shop.ask(Principal::CORE, GetRefund { id }).await.state, RefundState::Done);
    assert_eq!(shop.to_review().await, [""; 0]);
    let sent = format!("{:?}", shop.sent().await);
    assert_eq!(sent.matches("dikembalikan lewat pembayaran asalnya. Alasan: rusak").count(), 1, "{sent}");
    let (entries, _) = shop.ask(Principal::CORE, ListAuditEntries::default()).await;
    let noted: Vec<_> = entries.iter().filter(|entry| entry.command == "payment.close_refund").collect();
    assert_eq!((noted.len(), &*noted[0].target), (1, &*format!("refund:{id}")));
    assert_eq!(noted[0].after_json, r#"{"note":"terlihat di dasbor","state":"DONE"}"#);
    shop.proven().await;
}

async fn a_seller_says_that_a_refund_was_not_made_and_it_may_be_tried_again(database: TestDatabase) {
    let (shop, order) = bought(database).await;
    let id = lost_refund(&shop, order, 20_000).await;
    shop.core(closing(id, false)).await;
    assert_eq!(shop.ask(Principal::CORE, GetRefund { id }).await.state, RefundState::Failed);
    let seen = shop.order(order).await;
    assert_eq!((seen.state, seen.refunded), (OrderState::Completed, Money::idr(0)));
    assert_eq!(shop.to_review().await, [""; 0]);
    shop.proven().await;
    let (checkout, gateway) = checkout(&shop);
    checkout.refund_order(&shop.call(Principal::CORE), refund(order, 20_000)).await.unwrap();
    assert_eq!((gateway.refunded(), shop.order(order).await.state), (vec![20_000], OrderState::Refunded));
    shop.proven().await;
}

async fn of_two_refunds_that_are_lost_each_is_closed_by_itself(database: TestDatabase) {
    let (shop, order) = bought(database).await;
    let (first, second) = (lost_refund(&shop, order, 5_000).await, lost_refund(&shop, order, 8_000).await);
    assert_eq!(shop.to_review().await, ["REFUND_UNKNOWN Rp8.000", "REFUND_UNKNOWN Rp5.000"]);
    shop.core(closing(first, false)).await;
    assert_eq!(shop.to_review().await, ["REFUND_UNKNOWN Rp8.000"], "the other stays to be looked at");
    checkout(&shop).0.review_stuck_refunds(&shop.call(Principal::CORE)).await.unwrap();
    assert_eq!(shop.to_review().await, ["REFUND_UNKNOWN Rp8.000"]);
    let left: Vec<_> = shop.payments_to_review().await.remove(0).refunds.iter().map(|refund| refund.id).collect();
    assert_eq!(left, [second]);
    shop.core(closing(second, true)).await;
    assert_eq!((shop.to_review().await, shop.order(order).await.refunded), (Vec::new(), Money::idr(8_000)));
    shop.proven().await;
}

async fn a_refund_is_closed_once_and_only_when_nobody_asks_its_gateway(database: TestDatabase) {
    let (shop, order) = bought(database).await;
    let begin = BeginRefund { gateway_can_refund: true, ..refund(order, 5_000) };
    let id = shop.core(begin).await.refund_id;
    let close = async |done| shop.run(Principal::CORE, closing(id, done)).await;
    shop.test.clock.advance(TimeDelta::minutes(5) - TimeDelta::seconds(1));
    let early = close(true).await;
    assert!(is_not_closable(&early), "the gateway may be answering yet: {early:?}");
    shop.test.clock.advance_seconds(1);
    let silent = shop.run(Principal::CORE, CloseRefund { note: String::new(), ..closing(id, true) }).await;
    assert!(matches!(silent, Err(Error::Invalid(_))), "{silent:?}");
    close(false).await.unwrap();
    // Neither another decision nor an answer that comes after all changes what was decided.
    assert!(is_not_closable(&close(true).await));
    shop.core(FinishRefund { refund_id: id, done: true }).await;
    assert_eq!(shop.order(order).await.refunded, Money::idr(0));
    let to_balance = BeginRefund { destination: Destination::Balance, ..refund(order, 5_000) };
    let to_balance = shop.core(to_balance).await.refund_id;
    shop.test.clock.advance(TimeDelta::minutes(5));
    assert!(is_not_closable(&shop.run(Principal::CORE, closing(to_balance, false)).await));
    let unknown = shop.run(Principal::CORE, closing(RefundId(uuid::Uuid::nil()), true)).await;
    assert!(matches!(unknown, Err(Error::NotFound { .. })), "{unknown:?}");
    shop.proven().await;
}
