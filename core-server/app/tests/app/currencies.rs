//! Books in two currencies, and what gateways keep for themselves.

use warung_app::{
    Context, Error, Precondition, Query, Result,
    gateway::WebhookClaim,
    payment::{
        Answer, AnswerQuestion, ApplyPayment, BeginRefund, FinishRefund, KeepPosted, Kept, Posted, SendInvoice, Source,
    },
};
use warung_domain::{
    catalog::ProductKind,
    ids::{OrderId, PaymentId},
    ledger::Account,
    money::{Currency, Money},
    order::OrderState,
    payment::{Destination, Method},
    principal::Principal,
};
use warung_store::{Read, Tx, on_both_databases, rows, testing::TestDatabase};

use crate::shop::{Plant, Planting, Shop};

on_both_databases! {
    orders_in_two_currencies_are_booked_each_in_its_own;
    a_balance_pays_and_takes_rupiah_alone;
    what_is_said_of_an_order_is_in_its_own_currency;
    what_a_gateway_withholds_is_a_fee_and_the_order_has_all_of_it;
}

/// An order and its payment are in Stars: nothing sells for them yet.
struct InStars(OrderId, PaymentId);

impl Planting for InStars {
    async fn plant(&self, tx: &mut Tx, _ctx: &Context) -> Result<()> {
        let (order, payment): (Option<rows::Order>, Option<rows::Payment>) =
            (tx.find(self.0.0).await?, tx.find(self.1.0).await?);
        let currency = Currency::Xtr.into();
        tx.update(rows::Order { currency, ..order.unwrap() }).await?;
        Ok(tx.update(rows::Payment { currency, ..payment.unwrap() }).await?)
    }
}

/// What the entries of an account sum to.
struct Sum(Account);

impl Query for Sum {
    type Output = i64;

    async fn fetch(&self, read: &Read, _ctx: &Context) -> Result<i64> {
        let sums = read.account_sums(vec![self.0.to_string()]).await?;
        Ok(sums.first().map_or(0, |(_, sum)| *sum))
    }
}

impl Shop {
    async fn sum(&self, account: Account) -> i64 {
        self.ask(Principal::CORE, Sum(account)).await
    }

    async fn money(&self, payment_id: PaymentId, received: Money, withheld: i64) -> Result<()> {
        let (paid_time, source) = (self.test.engine.now(), Source::Gateway);
        let apply = ApplyPayment { payment_id, received, withheld, paid_time, source };
        self.run(Principal::CORE, apply).await.map(drop)
    }
}

async fn orders_in_two_currencies_are_booked_each_in_its_own(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    shop.product("panduan", ProductKind::Shared, 5_000).await;
    let order = shop.place(buyer, &[("panduan", 1)]).await;
    let payment = shop.invoice(buyer, order).await;
    shop.core(Plant(InStars(order, payment))).await;
    assert!(shop.money(payment, Money::idr(5_000), 0).await.is_err(), "rupiah are no Stars");
    shop.money(payment, Money::xtr(5_000), 0).await.unwrap();
    shop.bought(buyer, &[("panduan", 1)]).await;
    assert_eq!(shop.order(order).await.state, OrderState::Paid);
    shop.proven().await;
    // Too much of them has no wallet to go to: nothing of it is booked, and a seller has to look.
    let order = shop.place(buyer, &[("panduan", 1)]).await;
    let payment = shop.invoice(buyer, order).await;
    shop.core(Plant(InStars(order, payment))).await;
    assert!(shop.money(payment, Money::xtr(5_001), 0).await.is_err());
    assert_eq!((shop.order(order).await.state, shop.balance(buyer).await), (OrderState::Pending, 0));
    shop.proven().await;
}

async fn a_balance_pays_and_takes_rupiah_alone(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    shop.product("panduan", ProductKind::Shared, 5_000).await;
    shop.top_up(buyer, 50_000).await;
    let order = shop.place(buyer, &[("panduan", 1)]).await;
    let payment = shop.invoice(buyer, order).await;
    shop.core(Plant(InStars(order, payment))).await;
    let refused = shop.begin(buyer, order, Method::Balance, false).await;
    let is_unavailable = matches!(refused, Err(Error::Precondition(Precondition::PaymentMethodUnavailable)));
    assert!(is_unavailable, "{refused:?}");
    shop.money(payment, Money::xtr(5_000), 0).await.unwrap();
    let back = |destination, amount| BeginRefund {
        order: order.to_string(),
        amount: Some(amount),
        lines: Vec::new(),
        destination,
        reason: "rusak".to_owned(),
        gateway_can_refund: true,
    };
    let refused = shop.run(Principal::CORE, back(Destination::Balance, Money::xtr(2_000))).await;
    let is_unsupported = matches!(refused, Err(Error::Precondition(Precondition::RefundUnsupported)));
    assert!(is_unsupported, "{refused:?}");
    let refused = shop.run(Principal::CORE, back(Destination::Gateway, Money::idr(2_000))).await;
    assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
    let begun = shop.run(Principal::CORE, back(Destination::Gateway, Money::xtr(2_000))).await.unwrap();
    shop.core(FinishRefund { refund_id: begun.refund_id, done: true }).await;
    let refunded = shop.order(order).await.refunded;
    assert_eq!((begun.amount, refunded, shop.balance(buyer).await), (Money::xtr(2_000), Money::xtr(2_000), 50_000));
    shop.proven().await;
}

async fn what_is_said_of_an_order_is_in_its_own_currency(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    shop.product("panduan", ProductKind::Shared, 5_000).await;
    let order = shop.place(buyer, &[("panduan", 1)]).await;
    let payment_id = shop.invoice(buyer, order).await;
    shop.core(Plant(InStars(order, payment_id))).await;
    shop.run(buyer, SendInvoice { payment_id }).await.unwrap();
    // The gateway has another amount of it, at which a seller looks.
    let reference = shop.payment(payment_id).await.reference;
    let claim = WebhookClaim { reference, amount: Money::xtr(7), is_reversal: false };
    let posted = vec![Posted { gateway: "PAKASIR".into(), claim }];
    let kept = shop.core(KeepPosted { posted, places: 1 }).await.remove(0);
    let Kept::Claimed(question) = kept else { panic!("{kept:?}") };
    shop.core(AnswerQuestion { id: question.id, payment_id, answer: Answer::OtherReceived }).await;
    assert_eq!(shop.to_review().await, ["OTHER_AMOUNT ⭐ 7"]);
    shop.money(payment_id, Money::xtr(5_000), 0).await.unwrap();
    let refund = BeginRefund {
        order: order.to_string(),
        amount: Some(Money::xtr(2_000)),
        lines: Vec::new(),
        destination: Destination::Gateway,
        reason: "rusak".to_owned(),
        gateway_can_refund: true,
    };
    let refund_id = shop.run(Principal::CORE, refund).await.unwrap().refund_id;
    shop.core(FinishRefund { refund_id, done: true }).await;
    let said: Vec<_> = shop.sent().await.into_iter().map(|delivery| format!("{:?}", delivery.operation)).collect();
    for amount in ["⭐ 7", "⭐ 5.000", "⭐ 2.000"] {
        assert!(said.iter().any(|said| said.contains(amount)), "{amount}: {said:#?}");
    }
    assert!(!said.iter().any(|said| said.contains("Rp")), "{said:#?}");
}

async fn what_a_gateway_withholds_is_a_fee_and_the_order_has_all_of_it(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    shop.stocked("akun", 20_000, 5).await;
    let order = shop.place(buyer, &[("akun", 1)]).await;
    let payment = shop.invoice(buyer, order).await;
    assert!(shop.money(payment, Money::idr(20_000), 20_001).await.is_err());
    shop.money(payment, Money::idr(20_000), 140).await.unwrap();
    assert_eq!(shop.order(order).await.state, OrderState::Paid);
    assert_eq!(shop.sum(Account::Gateway("PAKASIR".into())).await, 19_860);
    assert_eq!((shop.sum(Account::Fees).await, shop.sum(Account::Revenue).await), (140, -20_000));
    shop.proven().await;
}
