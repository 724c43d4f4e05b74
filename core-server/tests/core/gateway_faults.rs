//! A gateway that fails in every way it can, and a process that dies between any two steps: no money is invented, lost
//! or doubled, and what was begun comes to an end.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use async_trait::async_trait;
use tokio::sync::Notify;
use tonic::Code;
use uuid::Uuid;
use warung_app::{
    order::Item,
    payment::{
        Checkout, Lookup, NewOrder, PayBy,
        gateway::{Gateway, GatewayError, GatewayStatus, Invoice, NewInvoice, WebhookClaim, WebhookError},
    },
};
use warung_domain::{ids::UserId, money::Money, payment::Method, principal::Principal};
use warung_emulators::pakasir::{ApiFault, Endpoint, Fault, Status as AtGateway};
use warung_proto::{
    ErrorReason,
    order::{ListOrdersRequest, OrderState, PlaceOrderRequest},
    payment::{PaymentMethod, PaymentState, receive_webhook_response::Result as Received},
};
use warung_store::{on_both_databases, testing::TestDatabase};

use crate::support::{BUYER, Till, assert_refused, soon, until};

on_both_databases! {
    no_fault_of_the_status_is_money;
    a_status_that_lags_behind_is_asked_again;
    a_lost_answer_of_create_is_found_out_by_the_status;
    an_invoice_that_was_never_made_is_asked_for_under_another_number;
    a_gateway_that_is_down_leaves_an_order_that_can_be_paid_later;
    an_invoice_that_does_not_fit_is_never_shown;
    a_process_that_dies_while_it_begins_a_payment_is_completed_by_the_same_request;
    what_nobody_asks_for_again_is_closed_by_the_core;
    two_cores_at_once_settle_once;
    a_gateway_that_hangs_keeps_no_order_from_ending;
}

async fn no_fault_of_the_status_is_money(database: TestDatabase) {
    let till = Till::open(database).await;
    let buyer = till.user(BUYER).await;
    let to_review = [
        ApiFault::OtherOrder { order_id: "tg1-00000000-1".into() },
        ApiFault::OtherAmount { amount: 1 },
        ApiFault::OtherProject { project: "lain".into() },
    ];
    let unanswered = [
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
        let answer = till.post(till.webhook(payment)).await;
        assert_refused(answer, Code::Unavailable, ErrorReason::GatewayUnavailable);
        assert_eq!(till.order(&buyer, &order).await, order, "{fault:?}");
        till.sim.clear_faults();
    }
    for fault in to_review {
        till.sim.fault(Fault::next(Endpoint::Detail, fault.clone()));
        assert_eq!(till.post(till.webhook(payment)).await.unwrap(), Received::ToReview, "{fault:?}");
        assert_eq!(till.order(&buyer, &order).await.state(), OrderState::Pending, "{fault:?}");
        till.clock.advance_seconds(2);
    }
    assert_eq!(till.stock().await, (9, 1, 0));
    assert_eq!(till.post(till.webhook(payment)).await.unwrap(), Received::Settled, "once it answers");
}

async fn a_status_that_lags_behind_is_asked_again(database: TestDatabase) {
    let till = Till::open(database).await;
    let buyer = till.user(BUYER).await;
    let order = till.buy(&buyer).await;
    till.sim.fault(Fault::next(Endpoint::Detail, ApiFault::StillPending));
    assert_eq!(till.pay(&order.payments[0]).await, Received::NotConfirmed);
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
    assert_eq!(till.pay(payment).await, Received::Settled);
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
    assert_eq!(till.pay(&order.payments[0]).await, Received::Settled);
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
    assert_eq!(till.pay(&order.payments[0]).await, Received::Settled);
    assert_eq!(till.stock().await, (9, 0, 1));
}

async fn an_invoice_that_does_not_fit_is_never_shown(database: TestDatabase) {
    let till = Till::open(database).await;
    let buyer = till.user(BUYER).await;
    let basket = till.basket(1);
    for fault in [
        ApiFault::WrongChecksum,
        ApiFault::WrongSum,
        ApiFault::OtherTotal { total: 1_000_000 },
        ApiFault::OtherAmount { amount: 1_000_000 },
        ApiFault::OtherOrder { order_id: "tg1-00000000-1".into() },
        ApiFault::OtherProject { project: "lain".into() },
    ] {
        till.sim.fault(Fault::next(Endpoint::Create, fault.clone()));
        let answer = till.place(&buyer, basket.clone()).await;
        assert_refused(answer, Code::Unavailable, ErrorReason::GatewayUnavailable);
    }
    assert!(till.payment_rows().await.iter().all(|payment| payment.state == "FAILED" && payment.payload.is_none()));
    let told = till.delivery_rows().await.into_iter().filter(|delivery| delivery.purpose == "ALERT").count();
    assert_eq!(told, 1, "the owner is told, once an hour");
    let made = till.sim.transactions();
    assert_eq!(made.len(), 6);
    for made in &made {
        assert_eq!(till.sim.status(&made.order_id), Some(AtGateway::Cancelled), "{}", made.order_id);
    }
    assert_eq!(till.place(&buyer, basket).await.unwrap().payments[0].state(), PaymentState::Open);
}

/// Where a process dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Death {
    BeforeCreate,
    AfterCreate,
    BeforeStatus,
    AfterStatus,
}

/// A gateway at whose call the process dies.
struct Deadly {
    inner: Arc<dyn Gateway>,
    death: Death,
    died: Arc<Notify>,
    loses_answers: AtomicBool,
}

impl Deadly {
    async fn dies_at(&self, here: Death) {
        if self.death == here {
            self.died.notify_one();
            std::future::pending::<()>().await;
        }
    }
}

#[async_trait]
impl Gateway for Deadly {
    fn name(&self) -> &'static str {
        self.inner.name()
    }
    fn methods(&self) -> &[Method] {
        self.inner.methods()
    }
    fn minimum(&self, method: Method) -> Money {
        self.inner.minimum(method)
    }
    fn estimated_fee(&self, method: Method, amount: Money) -> Money {
        self.inner.estimated_fee(method, amount)
    }
    fn pay_url(&self, payment: &Lookup) -> Option<String> {
        self.inner.pay_url(payment)
    }
    async fn create(&self, invoice: &NewInvoice) -> Result<Invoice, GatewayError> {
        self.dies_at(Death::BeforeCreate).await;
        let made = self.inner.create(invoice).await;
        self.dies_at(Death::AfterCreate).await;
        if self.loses_answers.load(Ordering::Relaxed) { Err(GatewayError::Uncertain("lost".into())) } else { made }
    }
    async fn status(&self, payment: &Lookup) -> Result<GatewayStatus, GatewayError> {
        self.dies_at(Death::BeforeStatus).await;
        let status = self.inner.status(payment).await;
        self.dies_at(Death::AfterStatus).await;
        status
    }
    async fn cancel(&self, payment: &Lookup) -> Result<(), GatewayError> {
        self.inner.cancel(payment).await
    }
    fn can_refund(&self) -> bool {
        false
    }
    async fn refund(&self, payment: &Lookup, amount: Money) -> Result<(), GatewayError> {
        self.inner.refund(payment, amount).await
    }
    fn read_webhook(&self, body: &[u8], signature: &str) -> Result<WebhookClaim, WebhookError> {
        self.inner.read_webhook(body, signature)
    }
}

/// Begins an order in a process that dies there. Answers the request's id.
async fn begin_and_die(till: &Till, death: Death) -> String {
    let request_id = till.request_id();
    let died = Arc::new(Notify::new());
    let is_late = matches!(death, Death::BeforeStatus | Death::AfterStatus);
    let inner = till.gateway();
    let deadly = Deadly { inner, death, died: Arc::clone(&died), loses_answers: AtomicBool::new(is_late) };
    let gateway: Arc<dyn Gateway> = Arc::new(deadly);
    let checkout = Checkout::new(till.core.engine().clone(), std::iter::once(gateway).collect());
    let user = till.user_rows().await.into_iter().find(|user| user.telegram_id == BUYER).unwrap();
    let person = warung_app::testing::environment().person(UserId(user.id), BUYER);
    let principal = Principal { person: Some(person), ..Principal::default() };
    let ctx = till.core.engine().context(principal, "test").with_request_id(Uuid::parse_str(&request_id).unwrap());
    let items = vec![Item { product: "pulsa".into(), quantity: 1 }];
    let order = NewOrder { items, expected_subtotal: None, buyer_telegram_id: None };
    let pay_by = Some(PayBy { method: Method::Qris, use_balance: false });
    let place = Box::pin(checkout.place_order(&ctx, order, pay_by));
    soon(async {
        tokio::select! {
            outcome = place => panic!("{death:?}: it lived: {outcome:?}"),
            () = died.notified() => {}
        }
    })
    .await;
    request_id
}

const DEATHS: [Death; 4] = [Death::BeforeCreate, Death::AfterCreate, Death::BeforeStatus, Death::AfterStatus];

async fn a_process_that_dies_while_it_begins_a_payment_is_completed_by_the_same_request(database: TestDatabase) {
    let mut till = Till::open(database).await;
    for (round, death) in (1_i64..).zip(DEATHS) {
        let buyer = till.user(BUYER).await;
        let request_id = begin_and_die(&till, death).await;
        till = till.restarted().await;
        till.clock.advance_seconds(35);
        let mut basket = till.basket(1);
        basket.request_id = request_id;
        // The core's own round may be asking just now: then it is tried again, as a client does.
        until(async || till.place(&buyer, basket.clone()).await.is_ok()).await;
        let order = till.place(&buyer, basket).await.unwrap();
        let open: Vec<_> =
            order.payments.iter().filter(|payment| payment.state() == PaymentState::Open).cloned().collect();
        assert_eq!(open.len(), 1, "{death:?}: {order:?}");
        assert!(till.sim.created_twice().is_empty(), "{death:?}");
        assert_eq!(till.pay(&open[0]).await, Received::Settled, "{death:?}");
        assert_eq!(till.stock().await, (10 - round, 0, round), "{death:?}");
    }
}

async fn what_nobody_asks_for_again_is_closed_by_the_core(database: TestDatabase) {
    let till = Till::open(database).await;
    let buyer = till.user(BUYER).await;
    begin_and_die(&till, Death::AfterCreate).await;
    let made = till.sim.transactions().remove(0);
    till.clock.advance_seconds(61);
    until(async || till.payment_rows().await[0].state == "FAILED").await;
    assert_eq!(till.sim.status(&made.order_id), Some(AtGateway::Cancelled));
    // The order itself is there, and can be paid.
    let mine = till.orders().list_orders(buyer.says(ListOrdersRequest::default())).await.unwrap().into_inner().orders;
    let payment = till.start(&buyer, &mine[0], PaymentMethod::Qris).await.unwrap();
    assert_eq!(till.pay(&payment).await, Received::Settled);
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
    let asked = Arc::new(Notify::new());
    let died = Arc::clone(&asked);
    let hanging = |inner| -> Arc<dyn Gateway> {
        Arc::new(Deadly { inner, death: Death::BeforeStatus, died, loses_answers: AtomicBool::new(false) })
    };
    let till = Till::behind(database, 10, |_| {}, hanging).await;
    let buyer = till.user(BUYER).await;
    till.buy(&buyer).await;
    let unpaid = till.place(&buyer, PlaceOrderRequest { payment_method: 0, ..till.basket(1) }).await.unwrap();
    till.clock.advance_seconds(21);
    soon(asked.notified()).await;
    // The poller waits for an answer that never comes.
    till.clock.advance_seconds(900);
    till.until_state(&buyer, &unpaid, OrderState::Expired).await;
    assert_eq!(till.stock().await, (9, 1, 0));
}
