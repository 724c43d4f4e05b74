//! Money of another amount than was asked for: at its own page a gateway takes any under the same reference.

use chrono::TimeDelta;
use warung_app::testing::ADMIN_ID;
use warung_emulators::pakasir::{ApiFault, Endpoint, Fault};
use warung_proto::{
    ErrorReason,
    order::{Order, OrderState},
    payment::{
        DismissReviewRequest, ListPaymentsToReviewRequest, Payment, PaymentState, SettlePaymentRequest,
        receive_webhook_response::Result as Received,
    },
};
use warung_store::{on_both_databases, testing::TestDatabase};

use crate::support::{BUYER, Caller, Till, assert_refused, rupiah, until};

on_both_databases! {
    what_was_asked_for_still_counts_after_another_amount_was_booked;
    another_amount_counts_after_what_was_asked_for_was_paid;
    another_amount_that_is_enough_settles_the_order_and_ends_the_invoice;
    money_is_booked_once_whichever_payment_of_its_reference_is_named;
    another_amount_that_comes_while_the_gateway_rests_is_asked_about_by_itself;
    another_amount_that_is_not_confirmed_at_once_is_asked_about_until_it_is_seen;
    a_gateway_that_never_says_whether_it_has_another_amount_is_told_of;
    amounts_that_strangers_make_up_are_few_and_hide_no_money;
    a_review_is_dismissed_with_a_note_and_stays_so;
    money_of_a_reference_that_is_lost_is_told_to_the_owner_once;
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
    async fn pay_invoice(&self, payment: &Payment) {
        reqwest::Client::new().post(&payment.pay_url).send().await.unwrap().error_for_status().unwrap();
        self.told(self.webhook_of(payment, 25_000)).await;
    }

    /// A webhook comes, and the gateway was asked because of it.
    async fn told(&self, body: String) {
        assert_eq!(self.post(body).await.unwrap(), Received::Kept);
        self.asked().await;
    }

    /// The other amounts of payments that are known of.
    async fn other_amounts(&self) -> Vec<i64> {
        let rows = self.question_rows().await.into_iter();
        rows.filter(|row| !row.is_own).map(|row| row.amount_minor).collect()
    }

    /// What sellers are to look at.
    async fn to_review(&self, admin: &Caller) -> Vec<String> {
        let list = ListPaymentsToReviewRequest::default();
        let found = self.payments_of_all().list_payments_to_review(admin.says(list)).await.unwrap().into_inner();
        let reasons = found.payments.into_iter().flat_map(|found| found.reasons);
        let told = reasons
            .map(|reason| (reason.code().as_str_name().trim_start_matches("REVIEW_CODE_").to_owned(), reason.amount));
        told.map(|(code, amount)| format!("{code} {}", amount.map_or(0, |amount| amount.minor_units))).collect()
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
    till.told(body).await;
    assert_eq!(till.to_review(&admin).await, ["OTHER_AMOUNT 1000"]);
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
    till.pay_invoice(payment).await;
    assert_eq!(till.order(&buyer, &order).await.state(), OrderState::Paid);
    assert_eq!((till.balance(&buyer).await, till.stock().await), (1_000, (9, 0, 1)));
}

async fn another_amount_counts_after_what_was_asked_for_was_paid(database: TestDatabase) {
    let (till, buyer, admin, order) = Till::ordered(database).await;
    let payment = &order.payments[0];
    till.pay(payment).await;
    till.told(till.webhook_of(payment, 2_000)).await;
    assert!(till.to_review(&admin).await.is_empty(), "nobody paid that");
    let body = till.pay_another(payment, 1_000).await;
    till.clock.advance_seconds(2);
    till.told(body.clone()).await;
    till.clock.advance_seconds(2);
    assert_eq!(till.post(body.clone()).await.unwrap(), Received::Repeated, "it is known");
    assert_eq!(till.to_review(&admin).await, ["OTHER_AMOUNT 1000"]);
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
    till.told(body).await;
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

async fn another_amount_that_comes_while_the_gateway_rests_is_asked_about_by_itself(database: TestDatabase) {
    let (till, _, admin, order) = Till::ordered(database).await;
    let payment = &order.payments[0];
    let body = till.pay_another(payment, 1_000).await;
    // Somebody posts something, so that the gateway rests.
    till.told(till.webhook_of(payment, 25_000)).await;
    assert_eq!(till.post(body).await.unwrap(), Received::Kept);
    assert!(till.to_review(&admin).await.is_empty());
    till.clock.advance_seconds(3);
    till.asked().await;
    until(async || till.to_review(&admin).await == ["OTHER_AMOUNT 1000"]).await;
}

async fn another_amount_that_is_not_confirmed_at_once_is_asked_about_until_it_is_seen(database: TestDatabase) {
    for fault in [
        ApiFault::Status { code: 502, retry_after: Some(0) },
        ApiFault::Drop,
        ApiFault::Html { code: 200 },
        ApiFault::OtherAmount { amount: 25_000 },
        ApiFault::StillPending,
    ] {
        let database = TestDatabase::new(database.kind()).await;
        let (till, buyer, admin, order) = Till::ordered(database).await;
        let body = till.pay_another(&order.payments[0], 12_000).await;
        till.sim.fault(Fault::next(Endpoint::Detail, fault.clone()).times(3));
        till.told(body).await;
        till.sim.clear_faults();
        // The gateway posts it no more, and the order comes to its end.
        till.cancel(&buyer, &order).await.unwrap();
        assert!(till.to_review(&admin).await.is_empty(), "{fault:?}");
        till.clock.advance(TimeDelta::minutes(11));
        till.asked().await;
        until(async || till.to_review(&admin).await == ["OTHER_AMOUNT 12000"]).await;
        till.settle_by_hand(&admin, &order.payments[0], 12_000).await;
        assert_eq!(till.balance(&buyer).await, 12_000, "{fault:?}");
    }
}

async fn a_gateway_that_never_says_whether_it_has_another_amount_is_told_of(database: TestDatabase) {
    let (till, _, _, order) = Till::ordered(database).await;
    let body = till.pay_another(&order.payments[0], 12_000).await;
    till.sim.fault(Fault::next(Endpoint::Detail, ApiFault::Status { code: 500, retry_after: None }).times(100_000));
    till.told(body).await;
    till.clock.advance(TimeDelta::days(8));
    let admin = till.user(ADMIN_ID).await;
    till.asked().await;
    until(async || till.to_review(&admin).await.contains(&"OTHER_AMOUNT_UNKNOWN 12000".to_owned())).await;
    assert_eq!(till.other_amounts().await, [0; 0], "it is left alone");
}

async fn amounts_that_strangers_make_up_are_few_and_hide_no_money(database: TestDatabase) {
    let (till, _, admin, order) = Till::ordered(database).await;
    let payment = &order.payments[0];
    let body = till.pay_another(payment, 1_000).await;
    // As long as the gateway does not say that it knows nothing of them, they keep their places.
    till.sim.fault(Fault::next(Endpoint::Detail, ApiFault::Status { code: 500, retry_after: None }).times(100_000));
    let mut refused = 0;
    for amount in 2_000..2_030 {
        refused += usize::from(till.post(till.webhook_of(payment, amount)).await.is_err());
        assert!(till.other_amounts().await.len() <= 5, "{amount}");
    }
    till.sim.clear_faults();
    assert!(refused > 0, "the gateway is asked seldom: whoever knows of something must come again");
    // What the gateway knows nothing of makes room for what it does.
    until(async || {
        till.clock.advance_seconds(2);
        matches!(till.post(body.clone()).await, Ok(Received::Repeated))
    })
    .await;
    assert_eq!(till.to_review(&admin).await, ["OTHER_AMOUNT 1000"]);
    till.clock.advance(TimeDelta::days(2));
    until(async || {
        till.clock.advance(TimeDelta::days(1));
        till.other_amounts().await == [1_000]
    })
    .await;
}

async fn a_review_is_dismissed_with_a_note_and_stays_so(database: TestDatabase) {
    let (till, buyer, admin, order) = Till::ordered(database).await;
    let payment = &order.payments[0];
    let dismiss = |note: &str| DismissReviewRequest {
        request_id: till.request_id(),
        payment_id: payment.payment_id.clone(),
        note: note.into(),
    };
    let dismissed =
        async |message: DismissReviewRequest| till.payments_of_all().dismiss_review(admin.says(message)).await;
    let early = dismissed(dismiss("tidak ada")).await;
    assert_refused(early, tonic::Code::FailedPrecondition, ErrorReason::PaymentNotInReview);
    let body = till.pay_another(payment, 1_000).await;
    till.told(body.clone()).await;
    let silent = dismissed(dismiss("")).await;
    assert_refused(silent, tonic::Code::InvalidArgument, ErrorReason::InvalidArgument);
    let foreign = till.payments_of_all().dismiss_review(buyer.says(dismiss("x"))).await;
    assert_refused(foreign, tonic::Code::PermissionDenied, ErrorReason::Forbidden);
    let message = dismiss("sudah dikembalikan di luar");
    for _ in 0..2 {
        let answer = dismissed(message.clone()).await.unwrap().into_inner();
        assert_eq!(answer.payment.unwrap().payment_id, payment.payment_id, "once for one request");
    }
    assert!(till.to_review(&admin).await.is_empty());
    let second = dismissed(dismiss("saya juga")).await;
    assert_refused(second, tonic::Code::FailedPrecondition, ErrorReason::PaymentNotInReview);
    till.clock.advance_seconds(3);
    assert_eq!(till.post(body).await.unwrap(), Received::Repeated, "what was looked at is no news");
    assert!(till.to_review(&admin).await.is_empty());
    let noted = till.audit_rows().await.into_iter().filter(|entry| entry.command == "payment.dismiss_review");
    let noted: Vec<_> = noted.map(|entry| entry.after_json.unwrap_or_default()).collect();
    assert_eq!(noted.len(), 1);
    assert!(noted[0].contains("sudah dikembalikan di luar"), "{noted:?}");
}

async fn money_of_a_reference_that_is_lost_is_told_to_the_owner_once(database: TestDatabase) {
    let (till, _, _, order) = Till::ordered(database).await;
    let payment = &order.payments[0];
    // After a backup was put back the gateway knows an order that the store does not.
    let reference = "tg7-lost0000-1";
    let unknown = |amount: i64| {
        let mut body: serde_json::Value = serde_json::from_str(&till.webhook_of(payment, amount)).unwrap();
        body["order_id"] = reference.into();
        body.to_string()
    };
    let alerts = async || till.delivery_rows().await.into_iter().filter(|row| row.purpose == "ALERT").count();
    let asked = async |count: usize| until(async || till.sim.count(Endpoint::Detail, reference) == count).await;
    assert_eq!(till.post(unknown(9_000)).await.unwrap(), Received::Unknown);
    asked(1).await;
    assert_eq!(alerts().await, 0, "anybody can post anything");
    let page = payment.pay_url.replace("/25000?", "/9000?").replace(&payment.reference, reference);
    reqwest::get(&page).await.unwrap().error_for_status().unwrap();
    assert_eq!(till.post(unknown(9_000)).await.unwrap(), Received::Unknown);
    asked(2).await;
    assert_eq!(alerts().await, 0, "it is not paid");
    reqwest::Client::new().post(&page).send().await.unwrap().error_for_status().unwrap();
    for count in 3..6 {
        assert_eq!(till.post(unknown(9_000)).await.unwrap(), Received::Unknown);
        asked(count).await;
    }
    until(async || alerts().await == 1).await;
    assert!(till.question_rows().await.iter().all(|row| row.is_own), "no row of what the store does not know");
}
