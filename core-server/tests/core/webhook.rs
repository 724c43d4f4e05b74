//! What somebody posts in the gateway's name is a hint, and never money.

use chrono::TimeDelta;
use tonic::Code;
use warung_emulators::pakasir::{ApiFault, Endpoint, Fault};
use warung_proto::{
    ErrorReason,
    order::OrderState,
    payment::{PaymentState, ReceiveWebhookRequest, receive_webhook_response::Result as Received},
};
use warung_store::{on_both_databases, testing::TestDatabase};

use crate::support::{BUYER, Caller, OTHER, Till, assert_refused, rupiah, soon};

on_both_databases! {
    a_forged_webhook_settles_nothing;
    a_hundred_duplicates_at_once_settle_once_and_ask_once;
    what_comes_out_of_order_changes_nothing;
    a_webhook_of_another_amount_project_or_order_settles_nothing;
    an_amount_that_is_no_whole_number_is_malformed;
    what_can_not_be_read_is_malformed;
    a_sandbox_payment_does_not_count_in_production;
    with_a_secret_an_unsigned_webhook_is_refused;
    a_webhook_may_come_before_the_invoice_is_recorded;
    money_after_the_end_delivers_while_there_is_stock;
    money_after_the_end_without_stock_goes_to_the_wallet;
}

async fn a_forged_webhook_settles_nothing(database: TestDatabase) {
    let till = Till::open(database).await;
    let buyer = till.user(BUYER).await;
    let order = till.buy(&buyer).await;
    let forged = till.webhook(&order.payments[0]);
    for _ in 0..3 {
        assert_eq!(till.post(forged.clone()).await.unwrap(), Received::Kept);
        till.asked().await;
        till.clock.advance_seconds(2);
    }
    assert_eq!(till.order(&buyer, &order).await, order);
    assert_eq!(till.stock().await, (9, 1, 0));
    // The real one still counts.
    till.pay(&order.payments[0]).await;
}

async fn a_hundred_duplicates_at_once_settle_once_and_ask_once(database: TestDatabase) {
    let till = Till::open(database).await;
    let buyer = till.user(BUYER).await;
    let order = till.buy(&buyer).await;
    let payment = &order.payments[0];
    till.sim.pay(&payment.reference).unwrap();
    // All of them come while the gateway thinks.
    till.sim.fault(Fault::next(Endpoint::Detail, ApiFault::Delay { millis: 1_500 }));
    let body = till.webhook(payment);
    let mut posts = tokio::task::JoinSet::new();
    for _ in 0..100 {
        let (mut client, gateway) = (till.payments(), "pakasir".to_owned());
        let message = ReceiveWebhookRequest { gateway, body: body.clone().into(), signature: String::new() };
        posts.spawn(async move {
            client.receive_webhook(Caller::edge().says(message)).await.unwrap().into_inner().result()
        });
    }
    let received = soon(posts.join_all()).await;
    assert!(received.iter().all(|result| *result == Received::Kept), "before the gateway answers: {received:?}");
    assert_eq!(till.question_rows().await.len(), 1, "of a payment and an amount one");
    till.asked().await;
    assert_eq!(till.sim.count(Endpoint::Detail, &payment.reference), 1);
    assert_eq!(till.order(&buyer, &order).await.paid, Some(rupiah(25_000)));
    assert_eq!((till.stock().await, till.balance(&buyer).await), ((9, 0, 1), 0));
}

async fn what_comes_out_of_order_changes_nothing(database: TestDatabase) {
    let till = Till::open(database).await;
    let buyer = till.user(BUYER).await;
    let order = till.buy(&buyer).await;
    let payment = &order.payments[0];
    let failed = till.sim.webhook_body(&payment.reference, "failed").unwrap().to_string();
    assert_eq!(till.post(failed.clone()).await.unwrap(), Received::Kept);
    till.asked().await;
    till.clock.advance_seconds(2);
    till.pay(payment).await;
    let settled = till.order(&buyer, &order).await;
    assert_eq!(till.post(failed).await.unwrap(), Received::Repeated);
    assert_eq!(till.order(&buyer, &order).await, settled);
}

async fn a_webhook_of_another_amount_project_or_order_settles_nothing(database: TestDatabase) {
    let till = Till::open(database).await;
    let buyer = till.user(BUYER).await;
    let order = till.buy(&buyer).await;
    let other = till.buy(&till.user(OTHER).await).await;
    let payment = &order.payments[0];
    till.sim.pay(&payment.reference).unwrap();
    let body = till.webhook(payment);
    for amount in ["24999", "25001", "1", "9223372036854775807"] {
        let changed = body.replace("25000", amount);
        assert_eq!(till.post(changed).await.unwrap(), Received::Kept, "{amount}");
        till.asked().await;
        till.clock.advance_seconds(2);
    }
    let foreign = body.replace("warung-uji", "warung-lain");
    assert_refused(till.post(foreign).await, Code::PermissionDenied, ErrorReason::WebhookRefused);
    let of_other = body.replace(&payment.reference, &other.payments[0].reference);
    assert_eq!(till.post(of_other).await.unwrap(), Received::Kept);
    till.asked().await;
    let unknown = body.replace(&payment.reference, &format!("{}-7", order.code));
    assert_eq!(till.post(unknown).await.unwrap(), Received::Unknown);
    assert_eq!(till.order(&buyer, &order).await.state(), OrderState::Pending);
    assert_eq!(till.stock().await, (8, 2, 0));
    till.tell(payment).await;
    assert_eq!(till.order(&buyer, &order).await.state(), OrderState::Paid);
}

async fn an_amount_that_is_no_whole_number_is_malformed(database: TestDatabase) {
    let till = Till::open(database).await;
    let buyer = till.user(BUYER).await;
    let order = till.buy(&buyer).await;
    till.sim.pay(&order.payments[0].reference).unwrap();
    let body = till.webhook(&order.payments[0]);
    for amount in ["\"25000\"", "25000.0", "2.5e4", "1e3", "null", "-25000", "0", "[25000]", "true", "0x61A8"] {
        let changed = body.replace("25000", amount);
        assert_ne!(changed, body);
        assert_refused(till.post(changed).await, Code::InvalidArgument, ErrorReason::InvalidArgument);
    }
    assert_eq!(till.order(&buyer, &order).await, order);
    assert_eq!(till.sim.count(Endpoint::Detail, &order.payments[0].reference), 0, "nobody was asked for it");
}

async fn what_can_not_be_read_is_malformed(database: TestDatabase) {
    let till = Till::open(database).await;
    let buyer = till.user(BUYER).await;
    let order = till.buy(&buyer).await;
    let body = till.webhook(&order.payments[0]);
    let malformed: [Vec<u8>; 12] = [
        Vec::new(),
        b"null".into(),
        b"[]".into(),
        b"{}".into(),
        b"<xml/>".into(),
        body[..body.len() / 2].into(),
        format!("{body}x").into(),
        vec![0xFF; 100],
        vec![0; 100],
        b"[".repeat(60_000),
        body.replace(&order.payments[0].reference, "\\u0000").into(),
        format!("{}{body}", " ".repeat(70_000)).into(),
    ];
    for body in malformed {
        assert_refused(till.post(body).await, Code::InvalidArgument, ErrorReason::InvalidArgument);
    }
    let message = ReceiveWebhookRequest { gateway: "midtrans".into(), body: body.into(), signature: String::new() };
    let answer = till.payments().receive_webhook(Caller::edge().says(message)).await;
    assert_refused(answer, Code::NotFound, ErrorReason::NotFound);
}

async fn a_sandbox_payment_does_not_count_in_production(database: TestDatabase) {
    let till = Till::open(database).await;
    let buyer = till.user(BUYER).await;
    let order = till.buy(&buyer).await;
    till.sim.set_project(|project| project.sandbox = true);
    till.sim.pay(&order.payments[0].reference).unwrap();
    let body = till.webhook(&order.payments[0]);
    assert!(body.contains("\"is_sandbox\":true"), "{body}");
    assert_refused(till.post(body).await, Code::PermissionDenied, ErrorReason::WebhookRefused);
    assert_eq!(till.order(&buyer, &order).await.state(), OrderState::Pending);
}

async fn with_a_secret_an_unsigned_webhook_is_refused(database: TestDatabase) {
    let till = Till::opened(database, 10, |config| config.webhook_secret = Some("rahasia".into())).await;
    let buyer = till.user(BUYER).await;
    let order = till.buy(&buyer).await;
    till.sim.pay(&order.payments[0].reference).unwrap();
    for signature in ["", "00", &"0".repeat(64), &"g".repeat(64)] {
        let answer = till.post_signed(till.webhook(&order.payments[0]), signature).await;
        assert_refused(answer, Code::PermissionDenied, ErrorReason::WebhookRefused);
    }
    assert_eq!(till.sim.count(Endpoint::Detail, &order.payments[0].reference), 0);
}

async fn a_webhook_may_come_before_the_invoice_is_recorded(database: TestDatabase) {
    let till = Till::open(database).await;
    let buyer = till.user(BUYER).await;
    till.sim.fault(Fault::next(Endpoint::Create, ApiFault::Delay { millis: 1_000 }));
    let place = Box::pin(till.place(&buyer, till.basket(1)));
    let pay = async {
        let made = till.sim.wait_for_transaction(|_| true, std::time::Duration::from_secs(10)).await.unwrap();
        till.sim.pay(&made.order_id).unwrap();
        let body = till.sim.webhook_body(&made.order_id, "completed").unwrap().to_string();
        assert_eq!(till.post(body).await.unwrap(), Received::Kept);
    };
    let (order, ()) = soon(async { tokio::join!(place, pay) }).await;
    till.asked().await;
    let order = till.order(&buyer, &order.unwrap()).await;
    assert_eq!((order.state(), order.payments[0].state()), (OrderState::Paid, PaymentState::Paid));
    assert_eq!((order.payments.len(), till.stock().await), (1, (9, 0, 1)));
}

async fn money_after_the_end_delivers_while_there_is_stock(database: TestDatabase) {
    let till = Till::with_stock(database, 1).await;
    let buyer = till.user(BUYER).await;
    let order = till.buy(&buyer).await;
    till.clock.advance(TimeDelta::minutes(31));
    till.until_state(&buyer, &order, OrderState::Expired).await;
    till.sim.pay_late(&order.payments[0].reference).unwrap();
    till.tell(&order.payments[0]).await;
    assert_eq!(till.order(&buyer, &order).await.state(), OrderState::Paid);
    assert_eq!(till.stock().await, (0, 0, 1));
}

async fn money_after_the_end_without_stock_goes_to_the_wallet(database: TestDatabase) {
    let till = Till::with_stock(database, 1).await;
    let (buyer, other) = (till.user(BUYER).await, till.user(OTHER).await);
    let order = till.buy(&buyer).await;
    till.clock.advance(TimeDelta::minutes(31));
    till.until_state(&buyer, &order, OrderState::Expired).await;
    let faster = till.buy(&other).await;
    till.sim.pay_late(&order.payments[0].reference).unwrap();
    till.tell(&order.payments[0]).await;
    let order = till.order(&buyer, &order).await;
    assert_eq!((order.state(), order.payments[0].state()), (OrderState::Expired, PaymentState::Paid));
    assert_eq!(till.balance(&buyer).await, 25_000);
    till.pay(&faster.payments[0]).await;
    assert_eq!(till.stock().await, (0, 0, 1));
}
