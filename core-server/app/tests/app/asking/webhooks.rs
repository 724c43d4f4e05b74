//! Asking because of webhooks: of those that meet, and of those without end.

use chrono::TimeDelta;
use warung_app::{
    gateway::GatewayStatus,
    order::ExpireOrder,
    payment::{Answer, ClaimQuestion, QuestionClaim, WebhookResult},
};
use warung_domain::{order::OrderState, payment::PaymentState, principal::Principal};
use warung_store::{on_both_databases, testing::TestDatabase};

use super::invoiced;
use crate::gateway::{checkout, paid};

on_both_databases! {
    a_webhook_is_answered_before_its_gateway_is_asked_and_settles_at_once;
    a_webhook_that_meets_a_rest_has_the_gateway_asked_as_soon_as_it_is_over;
    a_webhook_that_meets_a_check_has_the_gateway_asked_again_at_once;
    a_webhook_that_meets_a_webhook_has_the_gateway_asked_again_soon;
    a_webhook_counts_though_the_one_who_asks_dies;
    webhooks_without_end_keep_no_stock_and_ask_seldom;
}

async fn a_webhook_is_answered_before_its_gateway_is_asked_and_settles_at_once(database: TestDatabase) {
    let (shop, buyer, order, payment) = invoiced(database).await;
    let (checkout, gateway) = checkout(&shop);
    gateway.hold();
    gateway.says([Ok(paid(20_000))]);
    let known = shop.order(order).await.version;
    let (call, name) = (shop.call(buyer), order.to_string());
    let settled = checkout.follow_order(&call, &name, known, std::time::Duration::from_secs(30));
    let told = async {
        for _ in 0..3 {
            assert_eq!(shop.webhook(&checkout, payment).await.unwrap(), WebhookResult::Kept);
        }
        gateway.is_asked().await;
        assert_eq!(shop.order(order).await.state, OrderState::Pending);
        gateway.answer();
        settled.await.unwrap()
    };
    // The wake alone has it asked: nobody looks by the clock, which stands still.
    let followed = tokio::select! {
        () = checkout.ask_gateways(|| shop.test.engine.context(Principal::CORE, "test")) => panic!("it ended"),
        followed = told => followed,
    };
    assert_eq!((followed.state, gateway.asked()), (OrderState::Paid, 1));
    assert_eq!(shop.webhook(&checkout, payment).await.unwrap(), WebhookResult::Repeated);
}

async fn a_webhook_that_meets_a_rest_has_the_gateway_asked_as_soon_as_it_is_over(database: TestDatabase) {
    let (shop, _, order, payment) = invoiced(database).await;
    let (checkout, gateway) = checkout(&shop);
    gateway.says([Ok(GatewayStatus::Pending), Ok(paid(20_000))]);
    // A stranger posts something, and then the money comes.
    assert_eq!(shop.webhook(&checkout, payment).await.unwrap(), WebhookResult::Kept);
    assert_eq!(shop.poll(&checkout).await, 1);
    assert_eq!(shop.webhook(&checkout, payment).await.unwrap(), WebhookResult::Kept);
    assert_eq!(shop.poll(&checkout).await, 0, "the gateway rests");
    shop.test.clock.advance_seconds(2);
    assert_eq!(shop.poll(&checkout).await, 1);
    assert_eq!((shop.order(order).await.state, gateway.asked()), (OrderState::Paid, 2));
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
        assert_eq!(shop.webhook(&checkout, payment).await.unwrap(), WebhookResult::Kept);
        assert_eq!(shop.poll(&checkout).await, 0, "one asks at a time");
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
    assert_eq!(shop.webhook(&checkout, payment).await.unwrap(), WebhookResult::Kept);
    let meanwhile = async {
        gateway.is_asked().await;
        assert_eq!(shop.webhook(&checkout, payment).await.unwrap(), WebhookResult::Kept);
        gateway.answer();
        gateway.answer();
    };
    let (asked, ()) = tokio::join!(shop.poll(&checkout), meanwhile);
    assert_eq!((asked, shop.poll(&checkout).await), (1, 0), "not at once: anybody can post without end");
    shop.test.clock.advance_seconds(2);
    assert_eq!(shop.poll(&checkout).await, 1);
    assert_eq!((gateway.asked(), shop.order(order).await.state), (2, OrderState::Paid));
}

async fn a_webhook_counts_though_the_one_who_asks_dies(database: TestDatabase) {
    let (shop, _, order, payment) = invoiced(database).await;
    let (checkout, _) = checkout(&shop);
    // Somebody asked long after the end, and lives no more.
    shop.test.clock.advance_seconds(900);
    shop.core(ExpireOrder { order_id: order }).await;
    shop.test.clock.advance(TimeDelta::hours(2));
    assert_eq!(shop.due().await, 1);
    shop.answered(payment, Answer::NotPaid).await;
    let claim = ClaimQuestion { payment_id: payment };
    assert!(matches!(shop.core(claim).await, QuestionClaim::Claimed(_)));
    assert_eq!(shop.webhook(&checkout, payment).await.unwrap(), WebhookResult::Kept);
    assert_eq!(shop.due().await, 0);
    shop.test.clock.advance_seconds(30);
    assert_eq!(shop.due().await, 1);
}

async fn webhooks_without_end_keep_no_stock_and_ask_seldom(database: TestDatabase) {
    let (shop, _, order, payment) = invoiced(database).await;
    let (checkout, gateway) = checkout(&shop);
    for _ in 0..10 {
        assert_eq!(shop.webhook(&checkout, payment).await.unwrap(), WebhookResult::Kept);
        shop.poll(&checkout).await;
    }
    assert_eq!(gateway.asked(), 1);
    // The buyer themselves may ask at any time, and is answered truly.
    let claim = ClaimQuestion { payment_id: payment };
    assert!(matches!(shop.core(claim).await, QuestionClaim::Claimed(_)));
    shop.answered(payment, Answer::NotPaid).await;
    shop.test.clock.advance_seconds(2);
    assert_eq!(shop.webhook(&checkout, payment).await.unwrap(), WebhookResult::Kept);
    shop.poll(&checkout).await;
    assert_eq!(gateway.asked(), 2);
    // Somebody asks whenever the order could end.
    shop.test.clock.advance_seconds(898);
    for (wait, state) in [(0, OrderState::Pending), (60, OrderState::Pending), (1, OrderState::Expired)] {
        shop.test.clock.advance_seconds(wait);
        shop.core(claim).await;
        shop.expire(&checkout, None).await;
        assert_eq!(shop.order(order).await.state, state, "{wait}");
    }
}
