//! Asking because of webhooks: of those that meet, and of those without end.

use chrono::TimeDelta;
use warung_app::{
    order::ExpireOrder,
    payment::{Answer, CheckBy, CheckClaim, ClaimCheck, WebhookResult, gateway::GatewayStatus},
};
use warung_domain::{money::Money, order::OrderState, payment::PaymentState, principal::Principal};
use warung_store::{on_both_databases, testing::TestDatabase};

use super::invoiced;
use crate::gateway::{checkout, paid};

on_both_databases! {
    a_webhook_that_meets_a_rest_has_the_gateway_asked_as_soon_as_it_is_over;
    a_webhook_that_meets_a_check_has_the_gateway_asked_again_at_once;
    a_webhook_that_meets_a_webhook_has_the_gateway_asked_again_soon;
    a_webhook_counts_though_the_one_who_asks_dies;
    webhooks_without_end_keep_no_stock_and_ask_seldom;
}

async fn a_webhook_that_meets_a_rest_has_the_gateway_asked_as_soon_as_it_is_over(database: TestDatabase) {
    let (shop, _, order, payment) = invoiced(database).await;
    let (checkout, gateway) = checkout(&shop);
    gateway.says([Ok(GatewayStatus::Pending), Ok(paid(20_000))]);
    // A stranger posts something, and then the money comes.
    assert_eq!(shop.webhook(&checkout, payment).await.unwrap(), WebhookResult::NotConfirmed);
    assert_eq!(shop.webhook(&checkout, payment).await.unwrap(), WebhookResult::BeingChecked);
    shop.test.clock.advance_seconds(2);
    let ctx = || shop.test.engine.context(Principal::CORE, "test");
    let (known, buyer) = (shop.order(order).await.version, shop.buyer(7).await);
    let call = shop.call(buyer);
    let name = order.to_string();
    let settled = checkout.follow_order(&call, &name, known, std::time::Duration::from_secs(30));
    // Nobody but the timer asks: there is no round.
    let followed = tokio::select! {
        () = checkout.ask_at_marks(ctx) => panic!("it ended"),
        followed = settled => followed.unwrap(),
    };
    assert_eq!((followed.state, gateway.asked()), (OrderState::Paid, 2));
}

async fn a_webhook_that_meets_a_check_has_the_gateway_asked_again_at_once(database: TestDatabase) {
    let (shop, buyer, order, payment) = invoiced(database).await;
    let (checkout, gateway) = checkout(&shop);
    gateway.hold();
    gateway.says([Ok(GatewayStatus::Pending), Ok(paid(20_000))]);
    let ctx = shop.call(buyer);
    let check = Box::pin(checkout.check_payment(&ctx, payment));
    let meanwhile = async {
        gateway.is_asked().await;
        assert_eq!(shop.webhook(&checkout, payment).await.unwrap(), WebhookResult::BeingChecked);
        gateway.answer();
        gateway.answer();
    };
    let (checked, ()) = tokio::join!(check, meanwhile);
    assert_eq!((checked.unwrap().state, gateway.asked()), (PaymentState::Paid, 2));
    assert_eq!(shop.order(order).await.state, OrderState::Paid);
}

async fn a_webhook_that_meets_a_webhook_has_the_gateway_asked_again_soon(database: TestDatabase) {
    let (shop, _, order, payment) = invoiced(database).await;
    let (checkout, gateway) = checkout(&shop);
    gateway.hold();
    gateway.says([Ok(GatewayStatus::Pending), Ok(paid(20_000))]);
    let first = shop.webhook(&checkout, payment);
    let meanwhile = async {
        gateway.is_asked().await;
        assert_eq!(shop.webhook(&checkout, payment).await.unwrap(), WebhookResult::BeingChecked);
        gateway.answer();
        gateway.answer();
    };
    let (first, ()) = tokio::join!(first, meanwhile);
    assert_eq!(first.unwrap(), WebhookResult::NotConfirmed);
    shop.test.clock.advance_seconds(2);
    assert_eq!(shop.poll(&checkout).await, 1);
    assert_eq!((gateway.asked(), shop.order(order).await.state), (2, OrderState::Paid));
}

async fn a_webhook_counts_though_the_one_who_asks_dies(database: TestDatabase) {
    let (shop, _, order, payment) = invoiced(database).await;
    // Somebody asked long after the end, and lives no more.
    shop.test.clock.advance_seconds(900);
    shop.core(ExpireOrder { order_id: order }).await;
    shop.test.clock.advance(TimeDelta::hours(2));
    assert_eq!(shop.due().await, 1);
    shop.release(payment, Answer::NotPaid).await;
    let by = CheckBy::Payment(payment);
    assert!(matches!(shop.core(ClaimCheck { by }).await, CheckClaim::Claimed(_)));
    let reference = shop.payment(payment).await.reference;
    let by = CheckBy::Webhook { gateway: "PAKASIR".into(), reference, amount: Money::idr(20_000) };
    assert!(matches!(shop.core(ClaimCheck { by }).await, CheckClaim::Marked { .. }));
    assert_eq!(shop.due().await, 0);
    shop.test.clock.advance_seconds(30);
    assert_eq!(shop.due().await, 1);
}

async fn webhooks_without_end_keep_no_stock_and_ask_seldom(database: TestDatabase) {
    let (shop, _, order, payment) = invoiced(database).await;
    let (checkout, gateway) = checkout(&shop);
    assert_eq!(shop.webhook(&checkout, payment).await.unwrap(), WebhookResult::NotConfirmed);
    for _ in 0..10 {
        assert_eq!(shop.webhook(&checkout, payment).await.unwrap(), WebhookResult::BeingChecked);
    }
    assert_eq!(gateway.asked(), 1);
    // The buyer themselves may ask at any time, and is answered truly.
    let by = CheckBy::Payment(payment);
    assert!(matches!(shop.core(ClaimCheck { by }).await, CheckClaim::Claimed(_)));
    shop.release(payment, Answer::NotPaid).await;
    shop.test.clock.advance_seconds(2);
    assert_eq!(shop.webhook(&checkout, payment).await.unwrap(), WebhookResult::NotConfirmed);
    // Somebody asks whenever the order could end.
    shop.test.clock.advance_seconds(898);
    for (wait, state) in [(0, OrderState::Pending), (60, OrderState::Pending), (1, OrderState::Expired)] {
        shop.test.clock.advance_seconds(wait);
        shop.core(ClaimCheck { by: CheckBy::Payment(payment) }).await;
        shop.expire(&checkout, None).await;
        assert_eq!(shop.order(order).await.state, state, "{wait}");
    }
}
