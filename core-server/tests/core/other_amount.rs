//! Money of another amount than was asked for: at its own page a gateway takes any under the same reference.

use warung_app::testing::ADMIN_ID;
use warung_proto::{
    ErrorReason,
    order::{Order, OrderState},
    payment::{
        ListPaymentsToReviewRequest, Payment, PaymentState, SettlePaymentRequest,
        receive_webhook_response::Result as Received,
    },
};
use warung_store::{on_both_databases, testing::TestDatabase};

use crate::support::{BUYER, Caller, Till, assert_refused, rupiah};

on_both_databases! {
    what_was_asked_for_still_counts_after_another_amount_was_booked;
    another_amount_counts_after_what_was_asked_for_was_paid;
    another_amount_that_is_enough_settles_the_order_and_ends_the_invoice;
    money_is_booked_once_whichever_payment_of_its_reference_is_named;
    who_tells_of_another_amount_while_somebody_asks_must_come_again;
}

impl Till {
    /// The buyer changes the amount in the address of the gateway's page, and pays there. Answers the webhook.
    async fn pay_another(&self, payment: &Payment, amount: i64) -> String {
        let page = payment.pay_url.replace("/25000?", &format!("/{amount}?"));
        assert_ne!(page, payment.pay_url);
        reqwest::get(&page).await.unwrap().error_for_status().unwrap();
        reqwest::Client::new().post(&page).send().await.unwrap().error_for_status().unwrap();
        self.webhook_of(payment, amount)
    }

    /// The webhook of a payment, with this amount in it.
    fn webhook_of(&self, payment: &Payment, amount: i64) -> String {
        let mut body = self.sim.webhook_body(&payment.reference, "completed").unwrap();
        body["amount"] = amount.into();
        body.to_string()
    }

    /// The buyer pays what the invoice says, though there is another payment of its reference.
    async fn pay_invoice(&self, payment: &Payment) -> Received {
        reqwest::Client::new().post(&payment.pay_url).send().await.unwrap().error_for_status().unwrap();
        self.post(self.webhook_of(payment, 25_000)).await.unwrap()
    }

    /// What sellers are to look at.
    async fn to_review(&self, admin: &Caller) -> Vec<String> {
        let list = ListPaymentsToReviewRequest::default();
        let found = self.payments_of_all().list_payments_to_review(admin.says(list)).await.unwrap().into_inner();
        found.payments.into_iter().map(|found| found.reason).collect()
    }

    async fn settle_by_hand(&self, admin: &Caller, payment: &Payment, amount: i64) -> Payment {
        let message = SettlePaymentRequest {
            request_id: self.request_id(),
            payment_id: payment.payment_id.clone(),
            received: Some(rupiah(amount)),
            note: "seen at the gateway".into(),
        };
        let answer = self.payments_of_all().settle_payment(admin.says(message)).await.unwrap().into_inner();
        answer.payment.unwrap()
    }

    async fn ordered(database: TestDatabase) -> (Self, Caller, Caller, Order) {
        let till = Self::open(database).await;
        let (buyer, admin) = (till.user(BUYER).await, till.user(ADMIN_ID).await);
        let order = till.buy(&buyer).await;
        (till, buyer, admin, order)
    }
}

async fn what_was_asked_for_still_counts_after_another_amount_was_booked(database: TestDatabase) {
    let (till, buyer, admin, order) = Till::ordered(database).await;
    let payment = &order.payments[0];
    let body = till.pay_another(payment, 1_000).await;
    assert_eq!(till.post(body).await.unwrap(), Received::ToReview);
    assert_eq!(till.to_review(&admin).await, ["the gateway has received Rp1.000 instead of Rp25.000"]);
    for _ in 0..2 {
        let booked = till.settle_by_hand(&admin, payment, 1_000).await;
        assert_eq!((booked.state(), booked.amount), (PaymentState::Paid, Some(rupiah(1_000))));
        assert_eq!(booked.reference, format!("{}-1000", payment.reference), "a payment of its own");
    }
    assert_eq!((till.balance(&buyer).await, till.to_review(&admin).await), (1_000, vec![]), "once");
    let seen = till.order(&buyer, &order).await;
    assert_eq!(seen.state(), OrderState::Pending);
    assert!(seen.payments.iter().any(|seen| seen.reference == payment.reference && seen.state() == PaymentState::Open));
    till.clock.advance_seconds(2);
    assert_eq!(till.pay_invoice(payment).await, Received::Settled);
    assert_eq!(till.order(&buyer, &order).await.state(), OrderState::Paid);
    assert_eq!((till.balance(&buyer).await, till.stock().await), (1_000, (9, 0, 1)));
}

async fn another_amount_counts_after_what_was_asked_for_was_paid(database: TestDatabase) {
    let (till, buyer, admin, order) = Till::ordered(database).await;
    let payment = &order.payments[0];
    assert_eq!(till.pay(payment).await, Received::Settled);
    assert_eq!(till.post(till.webhook_of(payment, 2_000)).await.unwrap(), Received::NotConfirmed);
    assert!(till.to_review(&admin).await.is_empty(), "nobody paid that");
    let body = till.pay_another(payment, 1_000).await;
    till.clock.advance_seconds(2);
    for _ in 0..2 {
        assert_eq!(till.post(body.clone()).await.unwrap(), Received::ToReview);
        till.clock.advance_seconds(2);
    }
    assert_eq!(till.to_review(&admin).await, ["the gateway has received Rp1.000 besides Rp25.000"]);
    till.settle_by_hand(&admin, payment, 1_000).await;
    assert_eq!((till.balance(&buyer).await, till.to_review(&admin).await), (1_000, vec![]));
    till.clock.advance_seconds(2);
    assert_eq!(till.post(body).await.unwrap(), Received::Repeated, "it is booked");
    assert_eq!(till.balance(&buyer).await, 1_000);
}

async fn another_amount_that_is_enough_settles_the_order_and_ends_the_invoice(database: TestDatabase) {
    let (till, buyer, admin, order) = Till::ordered(database).await;
    let payment = &order.payments[0];
    let body = till.pay_another(payment, 30_000).await;
    assert_eq!(till.post(body).await.unwrap(), Received::ToReview);
    till.settle_by_hand(&admin, payment, 30_000).await;
    let seen = till.order(&buyer, &order).await;
    let invoice = seen.payments.iter().find(|seen| seen.reference == payment.reference).unwrap();
    assert_eq!((seen.state(), invoice.state()), (OrderState::Paid, PaymentState::Cancelled));
    assert_eq!(till.balance(&buyer).await, 5_000);
    let open = till.sim.transactions().into_iter().find(|made| made.amount == 25_000).unwrap();
    assert_ne!(open.status(till.sim.now()), warung_emulators::pakasir::Status::Pending, "nobody can pay it any more");
}

async fn money_is_booked_once_whichever_payment_of_its_reference_is_named(database: TestDatabase) {
    let (till, buyer, admin, order) = Till::ordered(database).await;
    let payment = &order.payments[0];
    let booked = till.settle_by_hand(&admin, payment, 1_000).await;
    assert_eq!(till.settle_by_hand(&admin, &booked, 1_000).await, booked);
    let other = till.settle_by_hand(&admin, &booked, 2_000).await;
    assert_eq!(till.settle_by_hand(&admin, payment, 2_000).await, other);
    assert_eq!(till.settle_by_hand(&admin, &other, 25_000).await.payment_id, payment.payment_id);
    assert_eq!(till.order(&buyer, &order).await.state(), OrderState::Paid);
    assert_eq!((till.balance(&buyer).await, till.stock().await), (3_000, (9, 0, 1)));
}

async fn who_tells_of_another_amount_while_somebody_asks_must_come_again(database: TestDatabase) {
    let (till, _, admin, order) = Till::ordered(database).await;
    let payment = &order.payments[0];
    let body = till.pay_another(payment, 1_000).await;
    // Somebody posts something, so that the gateway rests.
    assert_eq!(till.post(till.webhook_of(payment, 25_000)).await.unwrap(), Received::NotConfirmed);
    assert_refused(till.post(body.clone()).await, tonic::Code::Unavailable, ErrorReason::GatewayUnavailable);
    till.clock.advance_seconds(3);
    assert_eq!(till.post(body).await.unwrap(), Received::ToReview);
    assert_eq!(till.to_review(&admin).await.len(), 1);
}
