//! A gateway that fails in every way it can, and a process that dies between any two steps: no money is invented, lost
//! or doubled, and what was begun comes to an end.

use std::time::Duration;

use tonic::Code;
use warung_app::{
    order::Item,
    payment::{NewOrder, PayBy},
};
use warung_domain::payment::Method;
use warung_emulators::pakasir::{ApiFault, Endpoint, Fault, Status as AtGateway};
use warung_proto::{
    ErrorReason,
    order::{ListOrdersRequest, Order, OrderState, PlaceOrderRequest},
    payment::{PaymentMethod, PaymentState},
};
use warung_store::{on_both_databases, testing::TestDatabase};

use crate::support::{BUYER, Caller, Deadly, Death, Till, assert_refused, until};

/// How long a gateway is waited for that does not answer; time enough for one that does.
const IMPATIENT: Duration = Duration::from_secs(2);
/// How long one takes that answers when nobody waits any more.
const HANGING_MS: u64 = 600_000;

on_both_databases! {
    no_fault_of_the_status_is_money;
    a_status_that_lags_behind_is_asked_again;
    a_lost_answer_of_create_is_found_out_by_the_status;
    an_invoice_that_was_never_made_is_asked_for_under_another_number;
    a_create_that_hangs_is_found_out_by_the_status_and_never_asked_again;
    a_status_that_hangs_settles_nothing_and_the_next_question_does;
    a_gateway_that_is_down_leaves_an_order_that_can_be_paid_later;
    an_invoice_that_does_not_fit_is_never_shown;
    a_process_that_dies_while_it_begins_a_payment_is_completed_by_the_same_request;
    what_nobody_asks_for_again_is_closed_by_the_core;
    two_cores_at_once_settle_once;
    a_gateway_that_hangs_keeps_no_order_from_ending;
}

async fn no_fault_of_the_status_is_money(database: TestDatabase) {
    let till = Till::opened(database, 10, |config| config.timeout = IMPATIENT).await;
    let buyer = till.user(BUYER).await;
    let to_review = [
        ApiFault::OtherOrder { order_id: "tg1-00000000-1".into() },
        ApiFault::OtherAmount { amount: 1 },
        ApiFault::OtherProject { project: "lain".into() },
    ];
    let unanswered = [
        ApiFault::Timeout,
        ApiFault::Drop,
        ApiFault::LostAnswer,
        ApiFault::Status { code: 429, retry_after: Some(0) },
        ApiFault::Status { code: 500, retry_after: None },
        ApiFault::Status { code: 503, retry_after: Some(0) },
        ApiFault::Html { code: 200 },
        ApiFault::Html { code: 404 },
        ApiFault::Redirect { location: "http://127.0.0.1:1/".into() },
        ApiFault::Truncated,
        ApiFault::Huge { bytes: 70_000 },
    ];
    let order = till.buy(&buyer).await;
    let payment = &order.payments[0];
    till.sim.pay(&payment.reference).unwrap();
    for fault in unanswered {
        till.sim.fault(Fault::next(Endpoint::Detail, fault.clone()).times(3));
        till.tell(payment).await;
        assert_eq!(till.order(&buyer, &order).await, order, "{fault:?}");
        till.sim.clear_faults();
    }
    for fault in to_review {
        till.sim.fault(Fault::next(Endpoint::Detail, fault.clone()));
        till.tell(payment).await;
        assert_eq!(till.order(&buyer, &order).await.state(), OrderState::Pending, "{fault:?}");
        till.clock.advance_seconds(2);
    }
    assert_eq!(till.stock().await, (9, 1, 0));
    till.tell(payment).await;
    assert_eq!(till.order(&buyer, &order).await.state(), OrderState::Paid, "once it answers");
}

async fn a_status_that_lags_behind_is_asked_again(database: TestDatabase) {
    let till = Till::open(database).await;
    let buyer = till.user(BUYER).await;
    let order = till.buy(&buyer).await;
    till.sim.fault(Fault::next(Endpoint::Detail, ApiFault::StillPending));
    till.sim.pay(&order.payments[0].reference).unwrap();
    till.tell(&order.payments[0]).await;
    assert_eq!(till.order(&buyer, &order).await.state(), OrderState::Pending);
    till.clock.advance_seconds(31);
    till.until_state(&buyer, &order, OrderState::Paid).await;
}

async fn a_lost_answer_of_create_is_found_out_by_the_status(database: TestDatabase) {
    let till = Till::open(database).await;
    let buyer = till.user(BUYER).await;
    till.sim.fault(Fault::next(Endpoint::Create, ApiFault::LostAnswer));
    let order = till.place(&buyer, till.basket(1)).await.unwrap();
    let payment = &order.payments[0];
    assert_eq!((payment.state(), payment.qr_payload.as_str()), (PaymentState::Open, ""));
    assert!(payment.pay_url.contains("/pay/warung-uji/25000?order_id="), "{}", payment.pay_url);
    assert!(till.sim.created_twice().is_empty());
    till.pay(payment).await;
    assert_eq!((till.sim.transactions().len(), till.stock().await), (1, (9, 0, 1)));
}

async fn an_invoice_that_was_never_made_is_asked_for_under_another_number(database: TestDatabase) {
    let till = Till::open(database).await;
    let buyer = till.user(BUYER).await;
    till.sim.fault(Fault::next(Endpoint::Create, ApiFault::Drop));
    let order = till.place(&buyer, till.basket(1)).await.unwrap();
    let states: Vec<_> = order.payments.iter().map(|payment| (&*payment.reference, payment.state())).collect();
    let (first, second) = (format!("{}-1", order.code), format!("{}-2", order.code));
    assert_eq!(states, [(&*second, PaymentState::Open), (&*first, PaymentState::Failed)]);
    assert!(till.sim.created_twice().is_empty());
    till.pay(&order.payments[0]).await;
}

async fn a_create_that_hangs_is_found_out_by_the_status_and_never_asked_again(database: TestDatabase) {
    let till = Till::opened(database, 10, |config| config.timeout = IMPATIENT).await;
    let buyer = till.user(BUYER).await;
    // It makes the invoice and does not say so in time, or does not make it at all.
    for (fault, is_made) in [(ApiFault::Delay { millis: HANGING_MS }, true), (ApiFault::Timeout, false)] {
        till.sim.fault(Fault::next(Endpoint::Create, fault));
        let order = till.place(&buyer, till.basket(1)).await.unwrap();
        let first = format!("{}-1", order.code);
        assert_eq!((till.sim.creates(&first), till.sim.count(Endpoint::Create, &first)), (usize::from(is_made), 1));
        assert_eq!(till.sim.count(Endpoint::Detail, &first), 1, "its status tells what became of it");
        let open = &order.payments[0];
        let expected = if is_made { first } else { format!("{}-2", order.code) };
        assert_eq!((open.state(), &open.reference), (PaymentState::Open, &expected));
        till.pay(open).await;
    }
    assert_eq!(till.stock().await, (8, 0, 2));
    till.proven().await;
}

/// An order whose money is there, while the gateway hangs whoever asks.
async fn paid_and_unanswered(till: &Till, buyer: &Caller) -> Order {
    let order = till.buy(buyer).await;
    let payment = &order.payments[0];
    till.sim.pay(&payment.reference).unwrap();
    till.sim.fault(Fault::next(Endpoint::Detail, ApiFault::Timeout).times(2));
    till.tell(payment).await;
    assert_refused(till.check(buyer, payment).await, Code::Unavailable, ErrorReason::GatewayUnavailable);
    assert_eq!(till.order(buyer, &order).await, order);
    order
}

async fn a_status_that_hangs_settles_nothing_and_the_next_question_does(database: TestDatabase) {
    let till = Till::opened(database, 10, |config| config.timeout = IMPATIENT).await;
    let buyer = till.user(BUYER).await;
    let order = paid_and_unanswered(&till, &buyer).await;
    assert_eq!(till.check(&buyer, &order.payments[0]).await.unwrap().state(), PaymentState::Paid);
    assert_eq!(till.order(&buyer, &order).await.state(), OrderState::Paid);
    // When nobody else asks, the core does.
    let order = paid_and_unanswered(&till, &buyer).await;
    till.clock.advance_seconds(21);
    till.until_state(&buyer, &order, OrderState::Paid).await;
    assert!(till.payment_rows().await.iter().all(|row| row.review_reason.is_none()), "no answer is no wrong one");
    assert_eq!(till.stock().await, (8, 0, 2));
    till.proven().await;
}

async fn a_gateway_that_is_down_leaves_an_order_that_can_be_paid_later(database: TestDatabase) {
    let till = Till::open(database).await;
    let buyer = till.user(BUYER).await;
    let basket = till.basket(1);
    for fault in [
        ApiFault::Drop,
        ApiFault::Status { code: 500, retry_after: None },
        ApiFault::Status { code: 429, retry_after: Some(0) },
        ApiFault::Html { code: 502 },
    ] {
        till.sim.fault(Fault { endpoint: None, order_id: None, times: 100, kind: fault.clone() });
        let answer = till.place(&buyer, basket.clone()).await;
        assert_refused(answer, Code::Unavailable, ErrorReason::GatewayUnavailable);
        assert_eq!(till.stock().await, (9, 1, 0), "{fault:?}: the order is placed, once");
        till.sim.clear_faults();
    }
    let order = till.place(&buyer, basket).await.unwrap();
    assert_eq!(order.payments[0].state(), PaymentState::Open);
    assert!(till.sim.created_twice().is_empty());
    let mine = till.orders().list_orders(buyer.says(ListOrdersRequest::default())).await.unwrap().into_inner().orders;
    assert_eq!(mine.len(), 1);
    till.pay(&order.payments[0]).await;
    assert_eq!(till.stock().await, (9, 0, 1));
}

async fn an_invoice_that_does_not_fit_is_never_shown(database: TestDatabase) {
    let till = Till::open(database).await;
    let buyer = till.user(BUYER).await;
    for fault in [
        ApiFault::WrongChecksum,
        ApiFault::WrongSum,
        ApiFault::OtherTotal { total: 1_000_000 },
        ApiFault::OtherAmount { amount: 1_000_000 },
        ApiFault::OtherOrder { order_id: "tg1-00000000-1".into() },
        ApiFault::OtherProject { project: "lain".into() },
    ] {
        till.sim.fault(Fault::next(Endpoint::Create, fault.clone()));
        let answer = till.place(&buyer, till.basket(1)).await;
        assert_refused(answer, Code::FailedPrecondition, ErrorReason::InvoiceUnusable);
        assert_eq!(till.stock().await, (10, 0, 0), "its stock is free at once: {fault:?}");
    }
    assert!(
        till.payment_rows()
            .await
            .iter()
            .all(|payment| payment.state == warung_domain::payment::PaymentState::Failed && payment.payload.is_none())
    );
    let told = till.delivery_rows().await.into_iter().filter(|delivery| delivery.purpose == "ALERT").count();
    assert_eq!(told, 1, "the owner is told, once an hour");
    let made = till.sim.transactions();
    assert_eq!(made.len(), 6);
    for made in &made {
        assert_eq!(till.sim.status(&made.order_id), Some(AtGateway::Cancelled), "{}", made.order_id);
    }
    // The order is gone with it for who asks again, and what is ordered anew can be paid.
    till.sim.fault(Fault::next(Endpoint::Create, ApiFault::WrongChecksum));
    let basket = till.basket(1);
    assert_refused(till.place(&buyer, basket.clone()).await, Code::FailedPrecondition, ErrorReason::InvoiceUnusable);
    assert_eq!(till.place(&buyer, basket).await.unwrap().state(), OrderState::Cancelled);
    let order = till.place(&buyer, till.basket(1)).await.unwrap();
    assert_eq!(order.payments[0].state(), PaymentState::Open);
    // So it is when the way to pay is changed to one whose account is none.
    till.sim.fault(Fault::next(Endpoint::Create, ApiFault::WrongSum));
    let refused = till.start(&buyer, &order, PaymentMethod::BniVa).await;
    assert_refused(refused, Code::FailedPrecondition, ErrorReason::InvoiceUnusable);
    assert_eq!((till.order(&buyer, &order).await.state(), till.stock().await), (OrderState::Cancelled, (10, 0, 0)));
}

/// Begins an order in a process that dies there. Answers the request.
async fn begin_and_die(till: &Till, death: Death) -> PlaceOrderRequest {
    let basket = till.basket(1);
    let deadly = Deadly::at(till.gateway(), death);
    if matches!(death, Death::BeforeStatus | Death::AfterStatus) {
        deadly.lose_answers();
    }
    let checkout = deadly.checkout(till);
    let ctx = till.as_buyer("warung.order.v1.OrderService/PlaceOrder", &basket).await;
    let items = vec![Item { product: "pulsa".into(), quantity: 1 }];
    let order = NewOrder { items, expected_subtotal: None, buyer_telegram_id: None };
    let pay_by = Some(PayBy { method: Method::Qris, use_balance: false });
    deadly.kills(Box::pin(checkout.place_order(&ctx, order, pay_by))).await;
    basket
}

const DEATHS: [Death; 4] = [Death::BeforeCreate, Death::AfterCreate, Death::BeforeStatus, Death::AfterStatus];

async fn a_process_that_dies_while_it_begins_a_payment_is_completed_by_the_same_request(database: TestDatabase) {
    let mut till = Till::open(database).await;
    for (round, death) in (1_i64..).zip(DEATHS) {
        let buyer = till.user(BUYER).await;
        let basket = begin_and_die(&till, death).await;
        till = till.restarted().await;
        till.clock.advance_seconds(35);
        // The core's own round may be asking just now: then it is tried again, as a client does.
        until(async || till.place(&buyer, basket.clone()).await.is_ok()).await;
        let order = till.place(&buyer, basket).await.unwrap();
        let open: Vec<_> =
            order.payments.iter().filter(|payment| payment.state() == PaymentState::Open).cloned().collect();
        assert_eq!(open.len(), 1, "{death:?}: {order:?}");
        assert!(till.sim.created_twice().is_empty(), "{death:?}");
        till.pay(&open[0]).await;
        assert_eq!(till.stock().await, (10 - round, 0, round), "{death:?}");
    }
}

async fn what_nobody_asks_for_again_is_closed_by_the_core(database: TestDatabase) {
    let till = Till::open(database).await;
    let buyer = till.user(BUYER).await;
    begin_and_die(&till, Death::AfterCreate).await;
    let made = till.sim.transactions().remove(0);
    till.clock.advance_seconds(61);
    until(async || till.payment_rows().await[0].state == warung_domain::payment::PaymentState::Failed).await;
    assert_eq!(till.sim.status(&made.order_id), Some(AtGateway::Cancelled));
    // The order itself is there, and can be paid.
    let mine = till.orders().list_orders(buyer.says(ListOrdersRequest::default())).await.unwrap().into_inner().orders;
    let payment = till.start(&buyer, &mine[0], PaymentMethod::Qris).await.unwrap();
    till.pay(&payment).await;
    assert_eq!(till.stock().await, (9, 0, 1));
}

async fn two_cores_at_once_settle_once(database: TestDatabase) {
    let till = Till::open(database).await;
    // On SQLite there is one process; on PostgreSQL there are two.
    let replica = if till.core.engine().is_shared() { Some(till.replica().await) } else { None };
    let buyer = till.user(BUYER).await;
    for round in 1..=3_i64 {
        let order = till.buy(&buyer).await;
        till.sim.pay(&order.payments[0].reference).unwrap();
        till.clock.advance_seconds(21);
        let body = till.webhook(&order.payments[0]);
        let (one, other) = tokio::join!(till.post(body.clone()), till.post(body));
        assert!(one.is_ok() && other.is_ok());
        till.until_state(&buyer, &order, OrderState::Paid).await;
        assert_eq!(till.stock().await, (10 - round, 0, round));
        assert_eq!(till.sim.count(Endpoint::Detail, &order.payments[0].reference), 1);
    }
    drop(replica);
}

async fn a_gateway_that_hangs_keeps_no_order_from_ending(database: TestDatabase) {
    let (till, hanging) = Till::mortal(database).await;
    hanging.dies_next(Death::BeforeStatus, 0);
    let buyer = till.user(BUYER).await;
    till.buy(&buyer).await;
    let unpaid = till.place(&buyer, PlaceOrderRequest { payment_method: 0, ..till.basket(1) }).await.unwrap();
    till.clock.advance_seconds(21);
    hanging.died().await;
    // The poller waits for an answer that never comes.
    till.clock.advance_seconds(900);
    till.until_state(&buyer, &unpaid, OrderState::Expired).await;
    assert_eq!(till.stock().await, (9, 1, 0));
}
