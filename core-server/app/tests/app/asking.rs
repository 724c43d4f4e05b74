//! Asking a gateway: it may not answer, be asked by several at once, and say what can't be booked.

use chrono::TimeDelta;
use uuid::Uuid;
use warung_app::{
    Context, Error, Precondition, Result,
    gateway::{GatewayStatus, Invoice, UnknownMeans},
    order::{CancelOrder, DueOrder, ExpireOrder},
    payment::{Answer, Checkout, ClosePayment, PayBy, RecordInvoice, WebhookResult},
    testing::ADMIN_ID,
};
use warung_domain::{
    catalog::ProductKind,
    ids::{OrderId, PaymentId},
    money::Money,
    order::OrderState,
    payment::{Closure, Method, PaymentState},
    principal::Principal,
};
use warung_store::{
    Tx, on_both_databases, rows,
    testing::{TestDatabase, run_sql},
};

use crate::{
    gateway::{checkout, lost, paid},
    shop::{Plant, Planting, Shop},
};

mod webhooks;

on_both_databases! {
    a_gateway_without_an_answer_is_asked_for_a_week_and_then_a_seller_looks;
    a_late_answer_that_is_lost_is_asked_for_again_and_settles;
    a_payment_that_is_closed_days_after_its_end_is_asked_about_once_more;
    an_invoice_that_may_still_be_good_is_asked_about_until_its_own_end;
    an_invoice_lasts_at_most_seven_days;
    changing_the_way_to_pay_keeps_stock_an_hour_and_no_longer_than_was_said_before;
    an_order_is_begun_to_be_paid_so_often_and_no_more;
    what_the_buyer_has_not_chosen_yet_is_cancelled_before_it_counts_as_gone;
    a_step_after_a_slow_gateway_is_run_at_its_own_time;
    a_round_claims_no_more_than_it_asks_at_once;
    payments_of_a_gateway_that_is_gone_wait_for_it_and_are_told;
    money_that_comes_while_its_order_expires_settles_it;
    a_payment_that_can_not_be_read_keeps_no_other_from_being_asked_about;
    money_that_can_not_be_booked_is_shown_to_a_seller_and_its_order_ends;
    orders_that_can_not_end_keep_no_other_waiting;
}

pub(crate) struct Counter {
    pub(crate) product: Uuid,
    pub(crate) available: i64,
    pub(crate) reserved: i64,
}

impl Planting for Counter {
    async fn plant(&self, tx: &mut Tx, _ctx: &Context) -> Result<()> {
        let mut row: rows::ProductStock = tx.find(self.product).await?.unwrap();
        (row.available, row.reserved) = (self.available, self.reserved);
        Ok(tx.update(row).await?)
    }
}

/// A shop with five units at Rp20.000, and a buyer who has an open invoice of one.
async fn invoiced(database: TestDatabase) -> (Shop, Principal, OrderId, PaymentId) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    shop.stocked("akun", 20_000, 5).await;
    let order = shop.place(buyer, &[("akun", 1)]).await;
    let payment = shop.invoice(buyer, order).await;
    (shop, buyer, order, payment)
}

impl Shop {
    /// A webhook of a payment.
    async fn webhook(&self, checkout: &Checkout, payment: PaymentId) -> Result<WebhookResult> {
        let payment = self.payment(payment).await;
        let body = format!("{} {}", payment.reference, payment.amount.minor_units);
        Box::pin(checkout.receive_webhook(&self.call(Principal::CORE), "PAKASIR", body.as_bytes(), "")).await
    }

    async fn poll(&self, checkout: &Checkout) -> usize {
        Box::pin(checkout.ask_due(&self.call(Principal::CORE))).await.unwrap()
    }

    async fn expire(&self, checkout: &Checkout, after: Option<DueOrder>) -> Option<DueOrder> {
        Box::pin(checkout.expire_due(&self.call(Principal::CORE), after)).await.unwrap()
    }
}

async fn a_gateway_without_an_answer_is_asked_for_a_week_and_then_a_seller_looks(database: TestDatabase) {
    let (shop, _, order, payment) = invoiced(database).await;
    shop.test.clock.advance_seconds(900);
    let end = shop.test.engine.now();
    shop.core(ExpireOrder { order_id: order }).await;
    // All looks of the schedule but the last are answered.
    shop.test.clock.advance(TimeDelta::hours(2));
    assert_eq!(shop.due().await, 1);
    shop.answered(payment, Answer::NotPaid).await;
    shop.test.clock.advance(TimeDelta::hours(22));
    assert_eq!(shop.due().await, 1, "24 hours after its end");
    let mut looks = 0;
    while shop.to_review().await.is_empty() {
        shop.answered(payment, Answer::Missing).await;
        shop.test.clock.advance_seconds(599);
        assert_eq!(shop.due().await, 0);
        shop.test.clock.advance_seconds(1);
        looks += shop.due().await;
        assert!(shop.test.engine.now() < end + TimeDelta::days(8), "nobody is told");
    }
    assert!((800..900).contains(&looks), "six days, each ten minutes: {looks}");
    assert_eq!(shop.to_review().await, ["UNANSWERED"]);
    shop.test.clock.advance(TimeDelta::days(30));
    assert_eq!(shop.due().await, 0, "it is left alone");
    let told: Vec<_> = shop.sent().await.into_iter().filter(|sent| sent.chat_id == ADMIN_ID).collect();
    assert_eq!(told.len(), 1, "{told:?}");
}

async fn a_late_answer_that_is_lost_is_asked_for_again_and_settles(database: TestDatabase) {
    let (shop, _, order, payment) = invoiced(database).await;
    let (checkout, gateway) = checkout(&shop);
    // The core was away for more than a day, and then the gateway is.
    gateway.says([Err(lost()), Err(lost()), Err(lost()), Ok(paid(20_000))]);
    shop.test.clock.advance(TimeDelta::hours(25));
    assert_eq!(shop.expire(&checkout, None).await, None);
    assert_eq!(shop.order(order).await.state, OrderState::Expired);
    for _ in 0..2 {
        shop.test.clock.advance(TimeDelta::minutes(10));
        assert_eq!(shop.poll(&checkout).await, 1);
    }
    assert_eq!((gateway.asked(), shop.payment(payment).await.state), (4, PaymentState::Paid));
    assert_eq!(gateway.cancelled(), 1, "what it does not call ended is cancelled, whether it answers or not");
    assert_eq!(shop.order(order).await.state, OrderState::Paid);
    shop.proven().await;
}

async fn a_payment_that_is_closed_days_after_its_end_is_asked_about_once_more(database: TestDatabase) {
    let (shop, _, order, payment) = invoiced(database).await;
    shop.test.clock.advance(TimeDelta::days(2));
    assert_eq!(shop.due().await, 1);
    shop.answered(payment, Answer::NotPaid).await;
    // It may be paid between the answer and the end.
    assert!(shop.core(ExpireOrder { order_id: order }).await);
    shop.test.clock.advance(TimeDelta::minutes(10));
    assert_eq!(shop.due().await, 1);
    shop.answered(payment, Answer::NotPaid).await;
    shop.test.clock.advance(TimeDelta::days(30));
    assert_eq!(shop.due().await, 0);
}

async fn an_invoice_that_may_still_be_good_is_asked_about_until_its_own_end(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    shop.stocked("akun", 20_000, 5).await;
    for (confirmed, asked) in [(false, true), (true, false)] {
        let order = shop.place(buyer, &[("akun", 1)]).await;
        let payment_id =
            shop.begin(buyer, order, warung_domain::payment::Method::Qris, false).await.unwrap().payment_id;
        let invoice = RecordInvoice {
            payment_id,
            fee: Money::idr(0),
            total: Money::idr(20_000),
            payload: None,
            pay_url: None,
            expire_time: shop.test.engine.now() + TimeDelta::days(3),
        };
        shop.core(invoice).await;
        if confirmed {
            shop.core(ClosePayment { payment_id, how: Closure::Cancelled }).await;
        }
        // Unless its cancelling was confirmed, the gateway may take money for it as long as it is good.
        shop.run(buyer, CancelOrder { name: order.to_string() }).await.unwrap();
        for _ in 0..2 {
            shop.test.clock.advance(TimeDelta::hours(36));
            shop.due().await;
            shop.answered(payment_id, Answer::NotPaid).await;
        }
        shop.test.clock.advance(TimeDelta::hours(1));
        assert_eq!(shop.due().await == 1, asked);
        shop.test.clock.advance(TimeDelta::days(3));
        shop.due().await;
        shop.answered(payment_id, Answer::NotPaid).await;
    }
}

async fn an_invoice_lasts_at_most_seven_days(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    let product = shop.stocked("akun", 20_000, 5).await;
    let (checkout, gateway) = checkout(&shop);
    let now = shop.test.engine.now();
    for (good, kept) in [(3, 3), (7, 7), (30, 7)] {
        gateway.makes(Invoice {
            fee: Money::idr(400),
            total: Money::idr(20_400),
            payload: "00020101021226QRIS".into(),
            pay_url: None,
            expire_time: now + TimeDelta::days(good),
        });
        let order = shop.place(buyer, &[("akun", 1)]).await;
        let pay_by = PayBy { method: Method::Qris, use_balance: false };
        let payment = checkout.start_payment(&shop.call(buyer), &order.to_string(), pay_by).await.unwrap();
        let end = now + TimeDelta::days(kept);
        assert_eq!(shop.payment(payment).await.expire_time, Some(end), "{good} days");
        assert_eq!(shop.order(order).await.expire_time, end, "{good} days");
    }
    assert_eq!(shop.units(product).await, (2, 3, 0));
    shop.test.clock.advance(TimeDelta::days(7) + TimeDelta::seconds(1));
    checkout.expire_due(&shop.call(Principal::CORE), None).await.unwrap();
    assert_eq!(shop.units(product).await, (5, 0, 0), "whatever the gateway says, its stock is kept no longer");
}

impl Shop {
    /// An invoice of an order that is good for so long at its gateway, in place of the one before.
    async fn switched(&self, buyer: Principal, order: OrderId, good: TimeDelta) -> PaymentId {
        let payment_id = self.begin(buyer, order, Method::Qris, false).await.unwrap().payment_id;
        let record = RecordInvoice {
            payment_id,
            fee: Money::idr(400),
            total: Money::idr(20_400),
            payload: None,
            pay_url: None,
            expire_time: self.test.engine.now() + good,
        };
        assert_eq!(self.core(record).await, PaymentState::Open);
        payment_id
    }
}

async fn changing_the_way_to_pay_keeps_stock_an_hour_and_no_longer_than_was_said_before(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    let product = shop.stocked("akun", 20_000, 5).await;
    for (first_good, kept) in [(TimeDelta::minutes(15), TimeDelta::hours(1)), (TimeDelta::days(1), TimeDelta::days(1))]
    {
        let order = shop.place(buyer, &[("akun", 1)]).await;
        let placed = shop.test.engine.now();
        let mut payment_id = shop.switched(buyer, order, first_good).await;
        assert_eq!(shop.order(order).await.expire_time, placed + first_good, "the first invoice says so itself");
        for minutes in [14, 40, 59] {
            shop.test.clock.advance(placed + TimeDelta::minutes(minutes) - shop.test.engine.now());
            shop.core(ClosePayment { payment_id, how: Closure::Cancelled }).await;
            payment_id = shop.switched(buyer, order, TimeDelta::days(2)).await;
            assert_eq!(shop.order(order).await.expire_time, placed + kept, "{minutes} minutes");
            assert_eq!(shop.payment(payment_id).await.expire_time, Some(placed + kept), "{minutes} minutes");
        }
        shop.test.clock.advance(placed + kept - shop.test.engine.now());
        assert!(shop.core(ExpireOrder { order_id: order }).await);
    }
    assert_eq!(shop.units(product).await, (5, 0, 0));
}

async fn an_order_is_begun_to_be_paid_so_often_and_no_more(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    shop.stocked("akun", 20_000, 5).await;
    shop.top_up(buyer, 20_000).await;
    let order = shop.place(buyer, &[("akun", 1)]).await;
    let most = shop.test.engine.context(Principal::CORE, "test").settings.payments_max;
    for number in 1..=most {
        let payment_id = shop.switched(buyer, order, TimeDelta::minutes(15)).await;
        if number < most {
            shop.core(ClosePayment { payment_id, how: Closure::Cancelled }).await;
        }
    }
    let (checkout, gateway) = checkout(&shop);
    let pay_by = PayBy { method: Method::Qris, use_balance: true };
    let refused = checkout.start_payment(&shop.call(buyer), &order.to_string(), pay_by).await;
    assert!(matches!(refused, Err(Error::Precondition(Precondition::TooManyPayments))), "{refused:?}");
    assert_eq!((gateway.asked(), gateway.cancelled()), (0, 0), "the open invoice is left as it is");
    let pay_by = PayBy { method: Method::Qris, use_balance: false };
    checkout.start_payment(&shop.call(buyer), &order.to_string(), pay_by).await.unwrap();
    // The balance pays at once, and is never refused.
    shop.begin(buyer, order, Method::Balance, false).await.unwrap();
    assert_eq!(shop.order(order).await.state, OrderState::Paid);
}

async fn what_the_buyer_has_not_chosen_yet_is_cancelled_before_it_counts_as_gone(database: TestDatabase) {
    for (means, cancelled) in [(UnknownMeans::NeverExisted, 0), (UnknownMeans::NotYetChosen, 1)] {
        let database = TestDatabase::new(database.kind()).await;
        let (shop, buyer, order, payment) = invoiced(database).await;
        let (checkout, gateway) = checkout(&shop);
        gateway.unknown_means(means);
        gateway.says(vec![Ok(GatewayStatus::Unknown); 1 + cancelled]);
        checkout.cancel_order(&shop.call(buyer), &order.to_string()).await.unwrap();
        assert_eq!(
            (gateway.cancelled(), shop.order(order).await.state),
            (cancelled, OrderState::Cancelled),
            "{means:?}"
        );
        assert_eq!(shop.payment(payment).await.state, PaymentState::Cancelled);
        // Money that comes all the same is still found.
        gateway.says([Ok(paid(20_000))]);
        shop.test.clock.advance(TimeDelta::hours(1));
        assert_eq!(shop.poll(&checkout).await, 1, "{means:?}");
        assert_eq!(shop.payment(payment).await.state, PaymentState::Paid);
    }
}

async fn a_step_after_a_slow_gateway_is_run_at_its_own_time(database: TestDatabase) {
    let (shop, _, _, payment) = invoiced(database).await;
    let (checkout, gateway) = checkout(&shop);
    gateway.hold();
    gateway.says([Err(lost())]);
    shop.test.clock.advance_seconds(30);
    let asked_at = shop.test.engine.now();
    let slow = async {
        gateway.is_asked().await;
        shop.test.clock.advance(TimeDelta::minutes(9));
        gateway.answer();
    };
    tokio::join!(shop.poll(&checkout), slow);
    // Nine minutes after the question the next one lies ahead, not in the past.
    assert_eq!(shop.due().await, 0, "it would be asked without a rest");
    shop.test.clock.advance_seconds(30);
    assert_eq!(shop.due().await, 1);
    assert!(shop.test.engine.now() > asked_at);
    assert_eq!(shop.payment(payment).await.state, PaymentState::Open);
}

async fn a_round_claims_no_more_than_it_asks_at_once(database: TestDatabase) {
    let shop = Shop::new(database).await;
    shop.stocked("akun", 20_000, 70).await;
    for telegram_id in 1..=66 {
        let buyer = shop.buyer(telegram_id).await;
        let order = shop.place(buyer, &[("akun", 1)]).await;
        shop.invoice(buyer, order).await;
    }
    shop.test.clock.advance_seconds(60);
    let (checkout, gateway) = checkout(&shop);
    gateway.hold();
    let meanwhile = async {
        for _ in 0..64 {
            gateway.is_asked().await;
        }
        assert_eq!(shop.due().await, 2, "the rest is anybody's");
        (0..64).for_each(|_| gateway.answer());
    };
    let (asked, ()) = tokio::join!(shop.poll(&checkout), meanwhile);
    assert_eq!((asked, gateway.asked()), (64, 64));
}

async fn payments_of_a_gateway_that_is_gone_wait_for_it_and_are_told(database: TestDatabase) {
    let (shop, _, _, payment) = invoiced(database).await;
    let gone = Checkout::new(shop.test.engine.clone(), std::iter::empty().collect());
    shop.test.clock.advance_seconds(60);
    assert_eq!(shop.poll(&gone).await, 0, "nobody is asked");
    assert_eq!(gone.tell_of_missing_gateways(&shop.call(Principal::CORE)).await.unwrap(), [("PAKASIR".to_owned(), 1)]);
    let told = shop.owner_is_told().await;
    assert_eq!(told.iter().filter(|text| text.contains("1 payments of PAKASIR")).count(), 1, "{told:?}");
    let (checkout, gateway) = checkout(&shop);
    assert_eq!(checkout.tell_of_missing_gateways(&shop.call(Principal::CORE)).await.unwrap(), []);
    gateway.says([Ok(paid(20_000))]);
    assert_eq!(shop.poll(&checkout).await, 1, "once it is back, what waited is asked about");
    assert_eq!(shop.payment(payment).await.state, PaymentState::Paid);
}

async fn money_that_comes_while_its_order_expires_settles_it(database: TestDatabase) {
    let (shop, _, order, payment) = invoiced(database).await;
    let (checkout, gateway) = checkout(&shop);
    // It is not there when the gateway is asked a last time, and there when it has cancelled.
    gateway.says([Ok(GatewayStatus::Pending), Ok(paid(20_000))]);
    shop.test.clock.advance_seconds(900);
    shop.expire(&checkout, None).await;
    assert_eq!((shop.order(order).await.state, gateway.asked()), (OrderState::Paid, 2));
    assert_eq!(shop.payment(payment).await.state, PaymentState::Paid);
    shop.proven().await;
}

/// All payments until now are by a method that nobody knows.
struct Unreadable;

impl Planting for Unreadable {
    async fn plant(&self, tx: &mut Tx, _ctx: &Context) -> Result<()> {
        Ok(run_sql(tx, "update payment set method = 'BARTER'").await?)
    }
}

async fn a_payment_that_can_not_be_read_keeps_no_other_from_being_asked_about(database: TestDatabase) {
    let (shop, buyer, ..) = invoiced(database).await;
    shop.core(Plant(Unreadable)).await;
    let order = shop.place(buyer, &[("akun", 1)]).await;
    let payment = shop.invoice(buyer, order).await;
    shop.test.clock.advance_seconds(60);
    let (checkout, gateway) = checkout(&shop);
    gateway.says([Ok(paid(20_000))]);
    assert_eq!(shop.poll(&checkout).await, 1);
    assert_eq!(shop.payment(payment).await.state, PaymentState::Paid);
}

async fn money_that_can_not_be_booked_is_shown_to_a_seller_and_its_order_ends(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    // There is a unit to order, and no line that could be given for it.
    let product = shop.product("akun", ProductKind::Stock, 20_000).await;
    shop.core(Plant(Counter { product, available: 1, reserved: 0 })).await;
    let order = shop.place(buyer, &[("akun", 1)]).await;
    let payment = shop.invoice(buyer, order).await;
    let (checkout, gateway) = checkout(&shop);
    gateway.says([Ok(paid(20_000)), Ok(paid(20_000)), Ok(paid(20_000))]);
    for _ in 0..2 {
        assert_eq!(shop.webhook(&checkout, payment).await.unwrap(), WebhookResult::Kept);
        assert_eq!(shop.poll(&checkout).await, 1);
        shop.test.clock.advance_seconds(2);
    }
    assert_eq!(shop.to_review().await, ["NOT_BOOKED Rp20.000"]);
    let sent = shop.sent().await;
    assert_eq!(sent.iter().filter(|sent| sent.chat_id == ADMIN_ID).count(), 1, "told once: {sent:?}");
    shop.test.clock.advance_seconds(900);
    shop.expire(&checkout, None).await;
    assert_eq!((shop.order(order).await.state, shop.units(product).await), (OrderState::Expired, (1, 0, 0)));
    // Once it is put right, the next look settles what was paid.
    shop.core(Plant(Counter { product, available: 0, reserved: 0 })).await;
    gateway.says([Ok(paid(20_000))]);
    shop.test.clock.advance_seconds(61);
    shop.poll(&checkout).await;
    assert_eq!((shop.payment(payment).await.state, shop.balance(buyer).await), (PaymentState::Paid, 20_000));
    assert_eq!(shop.to_review().await, [""; 0]);
    shop.proven().await;
}

async fn orders_that_can_not_end_keep_no_other_waiting(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let (checkout, _) = checkout(&shop);
    let broken = shop.stocked("rusak", 20_000, 64).await;
    let whole = shop.stocked("akun", 20_000, 1).await;
    for telegram_id in 1..=32 {
        let buyer = shop.buyer(telegram_id).await;
        for _ in 0..2 {
            shop.place(buyer, &[("rusak", 1)]).await;
        }
    }
    shop.test.clock.advance_seconds(1);
    let buyer = shop.buyer(100).await;
    let order = shop.place(buyer, &[("akun", 1)]).await;
    shop.core(Plant(Counter { product: broken, available: 0, reserved: 0 })).await;
    shop.test.clock.advance_seconds(900);
    let next = shop.expire(&checkout, None).await;
    assert!(next.is_some(), "a full round is not the last");
    assert_eq!(shop.order(order).await.state, OrderState::Pending);
    assert_eq!(shop.expire(&checkout, next).await, None);
    assert_eq!((shop.order(order).await.state, shop.units(whole).await), (OrderState::Expired, (1, 0, 0)));
    let told = shop.owner_is_told().await;
    assert_eq!(told.iter().filter(|text| text.contains("can't expire and keeps its stock")).count(), 1, "{told:?}");
}
