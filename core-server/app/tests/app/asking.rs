//! Asking a gateway: it may not answer, be asked by several at once, and say what can't be booked.

use chrono::TimeDelta;
use uuid::Uuid;
use warung_app::{
    Context, Result,
    order::{CancelOrder, DueOrder, ExpireOrder},
    payment::{
        Answer, CheckBy, CheckClaim, Checkout, ClaimCheck, ClaimDueChecks, ClosePayment, PayBy, RecordInvoice,
        ReleaseCheck, WebhookResult,
        gateway::{GatewayStatus, Invoice},
    },
    testing::ADMIN_ID,
};
use warung_domain::{
    catalog::ProductKind,
    ids::{OrderId, PaymentId},
    money::Money,
    order::OrderState,
    payment::{Method, PaymentState},
    principal::Principal,
};
use warung_store::{Tx, on_both_databases, rows, testing::TestDatabase};

use crate::{
    gateway::{checkout, lost, paid},
    shop::{Plant, Planting, Shop},
};

on_both_databases! {
    a_gateway_without_an_answer_is_asked_for_a_week_and_then_a_seller_looks;
    a_late_answer_that_is_lost_is_asked_for_again_and_settles;
    a_payment_that_is_closed_days_after_its_end_is_asked_about_once_more;
    an_invoice_that_may_still_be_good_is_asked_about_until_its_own_end;
    an_invoice_lasts_at_most_seven_days;
    an_order_keeps_its_stock_seven_days_however_often_its_way_to_pay_changes;
    money_that_comes_while_its_order_expires_settles_it;
    a_payment_that_can_not_be_read_keeps_no_other_from_being_asked_about;
    a_webhook_that_meets_a_check_has_the_gateway_asked_again_at_once;
    a_webhook_that_meets_a_webhook_has_the_gateway_asked_again_soon;
    a_webhook_counts_though_the_one_who_asks_dies;
    money_that_can_not_be_booked_is_shown_to_a_seller_and_its_order_ends;
    orders_that_can_not_end_keep_no_other_waiting;
    webhooks_without_end_keep_no_stock_and_ask_seldom;
}

struct Counter {
    product: Uuid,
    available: i64,
    reserved: i64,
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
    async fn due(&self) -> usize {
        self.core(ClaimDueChecks { limit: 10 }).await.len()
    }

    async fn release(&self, payment_id: PaymentId, answer: Answer) -> bool {
        self.core(ReleaseCheck { payment_id, answer, by_webhook: false }).await
    }

    /// A webhook of a payment.
    async fn webhook(&self, checkout: &Checkout, payment: PaymentId) -> Result<WebhookResult> {
        let payment = self.payment(payment).await;
        let body = format!("{} {}", payment.reference, payment.amount.minor_units);
        Box::pin(checkout.receive_webhook(&self.call(Principal::CORE), "PAKASIR", body.as_bytes(), "")).await
    }

    async fn poll(&self, checkout: &Checkout) -> usize {
        Box::pin(checkout.poll_due(&self.call(Principal::CORE))).await.unwrap()
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
    shop.release(payment, Answer::NotPaid).await;
    shop.test.clock.advance(TimeDelta::hours(22));
    assert_eq!(shop.due().await, 1, "24 hours after its end");
    let mut looks = 0;
    while shop.to_review().await.is_empty() {
        shop.release(payment, Answer::Missing).await;
        shop.test.clock.advance_seconds(599);
        assert_eq!(shop.due().await, 0);
        shop.test.clock.advance_seconds(1);
        looks += shop.due().await;
        assert!(shop.test.engine.now() < end + TimeDelta::days(8), "nobody is told");
    }
    assert!((800..900).contains(&looks), "six days, each ten minutes: {looks}");
    assert_eq!(shop.to_review().await, ["PAKASIR has not said for days whether it is paid: look there"]);
    shop.test.clock.advance(TimeDelta::days(30));
    assert_eq!(shop.due().await, 0, "it is left alone");
    let told: Vec<_> = shop.sent().await.into_iter().filter(|sent| sent.chat_id == ADMIN_ID).collect();
    assert_eq!(told.len(), 1, "{told:?}");
}

async fn a_late_answer_that_is_lost_is_asked_for_again_and_settles(database: TestDatabase) {
    let (shop, _, order, payment) = invoiced(database).await;
    let (checkout, gateway) = checkout(&shop);
    // The core was away for more than a day, and then the gateway is.
    gateway.says([Err(lost()), Err(lost()), Ok(paid(20_000))]);
    shop.test.clock.advance(TimeDelta::hours(25));
    assert_eq!(shop.expire(&checkout, None).await, None);
    assert_eq!(shop.order(order).await.state, OrderState::Expired);
    for _ in 0..2 {
        shop.test.clock.advance(TimeDelta::minutes(10));
        assert_eq!(shop.poll(&checkout).await, 1);
    }
    assert_eq!((gateway.asked(), shop.payment(payment).await.state), (3, PaymentState::Paid));
    assert_eq!(shop.order(order).await.state, OrderState::Paid);
    shop.proven().await;
}

async fn a_payment_that_is_closed_days_after_its_end_is_asked_about_once_more(database: TestDatabase) {
    let (shop, _, order, payment) = invoiced(database).await;
    shop.test.clock.advance(TimeDelta::days(2));
    assert_eq!(shop.due().await, 1);
    shop.release(payment, Answer::NotPaid).await;
    // It may be paid between the answer and the end.
    assert!(shop.core(ExpireOrder { order_id: order }).await);
    shop.test.clock.advance(TimeDelta::minutes(10));
    assert_eq!(shop.due().await, 1);
    shop.release(payment, Answer::NotPaid).await;
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
            let to = PaymentState::Cancelled;
            shop.core(warung_app::payment::ClosePayment { payment_id, to }).await;
        }
        // Unless its cancelling was confirmed, the gateway may take money for it as long as it is good.
        shop.run(buyer, CancelOrder { name: order.to_string() }).await.unwrap();
        for _ in 0..2 {
            shop.test.clock.advance(TimeDelta::hours(36));
            shop.due().await;
            shop.release(payment_id, Answer::NotPaid).await;
        }
        shop.test.clock.advance(TimeDelta::hours(1));
        assert_eq!(shop.due().await == 1, asked);
        shop.test.clock.advance(TimeDelta::days(3));
        shop.due().await;
        shop.release(payment_id, Answer::NotPaid).await;
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

async fn an_order_keeps_its_stock_seven_days_however_often_its_way_to_pay_changes(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    let product = shop.stocked("akun", 20_000, 5).await;
    let order = shop.place(buyer, &[("akun", 1)]).await;
    let end = shop.test.engine.now() + TimeDelta::days(7);
    for day in 0..7 {
        let payment_id = shop.begin(buyer, order, Method::Qris, false).await.unwrap().payment_id;
        let record = RecordInvoice {
            payment_id,
            fee: Money::idr(400),
            total: Money::idr(20_400),
            payload: None,
            pay_url: None,
            expire_time: shop.test.engine.now() + TimeDelta::days(2),
        };
        assert_eq!(shop.core(record).await, PaymentState::Open);
        let kept = shop.order(order).await.expire_time;
        assert_eq!(kept, end.min(shop.test.engine.now() + TimeDelta::days(2)), "day {day}");
        shop.core(ClosePayment { payment_id, to: PaymentState::Cancelled }).await;
        shop.test.clock.advance(TimeDelta::days(1));
    }
    assert!(shop.core(ExpireOrder { order_id: order }).await);
    assert_eq!(shop.units(product).await, (5, 0, 0));
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

/// A method that nobody knows.
struct Unreadable(PaymentId);

impl Planting for Unreadable {
    async fn plant(&self, tx: &mut Tx, _ctx: &Context) -> Result<()> {
        let mut row: rows::Payment = tx.find(self.0.0).await?.unwrap();
        "BARTER".clone_into(&mut row.method);
        Ok(tx.update(row).await?)
    }
}

async fn a_payment_that_can_not_be_read_keeps_no_other_from_being_asked_about(database: TestDatabase) {
    let (shop, buyer, _, unreadable) = invoiced(database).await;
    let order = shop.place(buyer, &[("akun", 1)]).await;
    let payment = shop.invoice(buyer, order).await;
    shop.core(Plant(Unreadable(unreadable))).await;
    shop.test.clock.advance_seconds(60);
    let (checkout, gateway) = checkout(&shop);
    gateway.says([Ok(paid(20_000))]);
    assert_eq!(shop.poll(&checkout).await, 1);
    assert_eq!(shop.payment(payment).await.state, PaymentState::Paid);
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
    let by = CheckBy::Webhook { reference: shop.payment(payment).await.reference, amount: Money::idr(20_000) };
    assert_eq!(shop.core(ClaimCheck { by }).await, CheckClaim::BeingChecked(payment));
    assert_eq!(shop.due().await, 0);
    shop.test.clock.advance_seconds(30);
    assert_eq!(shop.due().await, 1);
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
        assert_eq!(shop.webhook(&checkout, payment).await.unwrap(), WebhookResult::ToReview);
        shop.test.clock.advance_seconds(2);
    }
    assert_eq!(shop.to_review().await, ["Rp20.000 has arrived but could not be booked: the core's log says why"]);
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
