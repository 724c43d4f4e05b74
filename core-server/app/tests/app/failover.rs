//! Several gateways for one way to pay: which of them makes an invoice.

use std::sync::Arc;

use chrono::TimeDelta;
use warung_app::{
    Error, Precondition, Result,
    gateway::{Gateway, GatewayError, Invoice},
    order::{PlaceOrder, place_order},
    payment::{Checkout, PayBy},
};
use warung_domain::{
    ids::{OrderId, PaymentId},
    money::Money,
    payment::{Method, PaymentState},
    principal::Principal,
};
use warung_store::{on_both_databases, testing::TestDatabase};

use crate::{
    gateway::{TestGateway, paid},
    shop::{Shop, placing},
};

on_both_databases! {
    what_one_gateway_can_not_make_another_makes_in_the_same_request;
    a_gateway_that_fails_lately_is_not_asked_first;
    the_same_request_after_a_fail_over_is_the_same_payment;
    what_a_product_may_be_paid_through_is_asked_for_its_invoice;
    an_order_is_paid_through_what_all_its_lines_allow_as_they_were_when_it_was_placed;
}

const BY_QRIS: PayBy = PayBy { method: Method::Qris, use_balance: false };

struct Two {
    shop: Shop,
    checkout: Checkout,
    first: Arc<TestGateway>,
    second: Arc<TestGateway>,
}

impl Two {
    async fn new(database: TestDatabase) -> Self {
        let shop = Shop::new(database).await;
        shop.stocked("akun", 20_000, 50).await;
        let (first, second) = (Arc::new(TestGateway::default()), Arc::new(TestGateway::named("KEDUA")));
        let both = [Arc::<TestGateway>::clone(&first), Arc::<TestGateway>::clone(&second)];
        let gateways = both.into_iter().map(|gateway| -> Arc<dyn Gateway> { gateway }).collect();
        let checkout = Checkout::new(shop.test.engine.clone(), gateways);
        Self { shop, checkout, first, second }
    }

    fn invoice(&self) -> Invoice {
        Invoice {
            fee: Money::idr(0),
            total: Money::idr(20_000),
            payload: "00020101021226QRIS".into(),
            pay_url: None,
            expire_time: self.shop.test.engine.now() + TimeDelta::minutes(15),
        }
    }

    async fn place(&self, buyer: Principal, items: &[(&str, i64)], pay_by: Option<PayBy>) -> Result<OrderId> {
        let ctx = self.shop.call(buyer).with_gateways(self.checkout.gateways().clone());
        let command = PlaceOrder { pay_by, ..placing(items) };
        place_order(&self.shop.test.engine, &ctx, command).await.map(|placed| placed.id)
    }

    async fn pay(&self, telegram_id: i64) -> (Principal, PaymentId) {
        let buyer = self.shop.buyer(telegram_id).await;
        let order = self.place(buyer, &[("akun", 1)], None).await.unwrap();
        let begun = Box::pin(self.checkout.start_payment(&self.shop.call(buyer), &order.to_string(), BY_QRIS)).await;
        (buyer, begun.unwrap())
    }

    async fn gateways_of(&self, payment: PaymentId) -> Vec<(String, PaymentState)> {
        let order = self.shop.payment(payment).await.order_id;
        let mut payments = self.shop.order(order).await.payments;
        payments.sort_by(|one, other| one.reference.cmp(&other.reference));
        payments.into_iter().map(|payment| (payment.gateway, payment.state)).collect()
    }
}

fn at(gateway: &str, state: PaymentState) -> (String, PaymentState) {
    (gateway.to_owned(), state)
}

async fn what_one_gateway_can_not_make_another_makes_in_the_same_request(database: TestDatabase) {
    for failure in [
        GatewayError::Unavailable("down".into()),
        GatewayError::Refused("the key is wrong".into()),
        GatewayError::Uncertain("lost".into()),
    ] {
        let two = Two::new(TestDatabase::new(database.kind()).await).await;
        two.first.fails(failure.clone());
        // Whether it made something all the same is not known yet.
        two.first.says([Err(GatewayError::Unavailable("down".into()))]);
        two.second.makes(two.invoice());
        let (_, payment) = two.pay(7).await;
        let made = two.gateways_of(payment).await;
        assert_eq!(made, [at("PAKASIR", PaymentState::Failed), at("KEDUA", PaymentState::Open)], "{failure}");
        two.second.says([Ok(paid(20_000))]);
        two.shop.test.clock.advance_seconds(21);
        two.checkout.ask_due(&two.shop.call(Principal::CORE)).await.unwrap();
        assert_eq!(two.shop.payment(payment).await.state, PaymentState::Paid, "each is asked where it was made");
        two.shop.proven().await;
    }
}

async fn a_gateway_that_fails_lately_is_not_asked_first(database: TestDatabase) {
    let two = Two::new(database).await;
    for telegram_id in 1..=3 {
        two.first.fails(GatewayError::Unavailable("down".into()));
        two.second.makes(two.invoice());
        assert_eq!(two.gateways_of(two.pay(telegram_id).await.1).await.len(), 2);
    }
    two.first.makes(two.invoice());
    two.second.makes(two.invoice());
    assert_eq!(two.gateways_of(two.pay(4).await.1).await, [at("KEDUA", PaymentState::Open)], "it is passed over");
}

async fn the_same_request_after_a_fail_over_is_the_same_payment(database: TestDatabase) {
    let two = Two::new(database).await;
    let buyer = two.shop.buyer(7).await;
    let order = two.shop.place(buyer, &[("akun", 1)]).await.to_string();
    two.first.fails(GatewayError::Unavailable("down".into()));
    two.second.makes(two.invoice());
    let call = two.shop.call(buyer);
    let begun = Box::pin(two.checkout.start_payment(&call, &order, BY_QRIS)).await.unwrap();
    let only_first: Arc<dyn Gateway> = Arc::<TestGateway>::clone(&two.first);
    for checkout in
        [two.checkout.clone(), Checkout::new(two.shop.test.engine.clone(), std::iter::once(only_first).collect())]
    {
        let again = Box::pin(checkout.start_payment(&call, &order, BY_QRIS)).await;
        assert_eq!(again.unwrap(), begun, "whatever is configured now");
    }
    assert_eq!(two.gateways_of(begun).await.len(), 2);
}

async fn what_a_product_may_be_paid_through_is_asked_for_its_invoice(database: TestDatabase) {
    let two = Two::new(database).await;
    two.shop.paid_through(&two.checkout, "akun", &["kedua"]).await;
    for telegram_id in 1..=4 {
        two.second.makes(two.invoice());
        let (_, payment) = two.pay(telegram_id).await;
        assert_eq!(two.gateways_of(payment).await, [at("KEDUA", PaymentState::Open)], "the first is never asked");
    }
    // One that fails has no other in its place, however many the store has.
    two.second.fails(GatewayError::Unavailable("down".into()));
    let buyer = two.shop.buyer(5).await;
    let order = two.place(buyer, &[("akun", 1)], None).await.unwrap();
    let call = two.shop.call(buyer);
    let refused = Box::pin(two.checkout.start_payment(&call, &order.to_string(), BY_QRIS)).await;
    assert!(matches!(refused, Err(Error::Precondition(Precondition::GatewayUnavailable))), "{refused:?}");
    let tried: Vec<_> = two.shop.order(order).await.payments.into_iter().map(|payment| payment.gateway).collect();
    assert_eq!(tried, ["KEDUA"]);
}

async fn an_order_is_paid_through_what_all_its_lines_allow_as_they_were_when_it_was_placed(database: TestDatabase) {
    let two = Two::new(database).await;
    let mut products = Vec::new();
    for (code, gateways) in [("satu", &["KEDUA", "PAKASIR"][..]), ("dua", &["kedua"]), ("tiga", &["pakasir"])] {
        products.push((code, two.shop.stocked(code, 10_000, 20).await));
        two.shop.paid_through(&two.checkout, code, gateways).await;
    }
    let buyer = two.shop.buyer(7).await;
    let by_qris = Some(BY_QRIS);
    for pay_by in [None, by_qris] {
        let refused = two.place(buyer, &[("dua", 1), ("tiga", 1)], pay_by).await;
        assert!(matches!(refused, Err(Error::Precondition(Precondition::NoWayToPay))), "{refused:?}");
    }
    let no_bank = Some(PayBy { method: Method::BniVa, use_balance: false });
    let refused = two.place(buyer, &[("dua", 1)], no_bank).await;
    assert!(matches!(refused, Err(Error::Precondition(Precondition::PaymentMethodUnavailable))), "{refused:?}");
    for (_, product) in &products {
        assert_eq!(two.shop.units(*product).await, (20, 0, 0), "nothing was kept");
    }
    let order = two.place(buyer, &[("akun", 1), ("satu", 1), ("dua", 1)], by_qris).await.unwrap();
    // What is edited later is for later orders.
    two.shop.paid_through(&two.checkout, "dua", &["pakasir"]).await;
    two.second.makes(Invoice { total: Money::idr(40_000), ..two.invoice() });
    let call = two.shop.call(buyer);
    let payment = Box::pin(two.checkout.start_payment(&call, &order.to_string(), BY_QRIS)).await.unwrap();
    assert_eq!(two.gateways_of(payment).await, [at("KEDUA", PaymentState::Open)]);
    // The balance pays what no gateway may.
    two.shop.top_up(buyer, 20_000).await;
    two.shop.paid_through(&two.checkout, "dua", &["kedua"]).await;
    let from_balance = Some(PayBy { method: Method::Balance, use_balance: false });
    two.place(buyer, &[("dua", 1), ("tiga", 1)], from_balance).await.unwrap();
}
