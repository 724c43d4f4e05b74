//! Payments that wait for somebody's word: their orders do not end, and no gateway is asked.

use chrono::TimeDelta;
use warung_app::{Context, Result, payment::Checkout};
use warung_domain::{
    ids::{OrderId, PaymentId},
    order::OrderState,
    payment::{PaymentState, Word},
    principal::Principal,
};
use warung_store::{Tx, on_both_databases, rows, testing::TestDatabase};

use crate::{
    gateway::checkout,
    shop::{Plant, Planting, Shop},
};

on_both_databases! {
    an_order_whose_payment_waits_for_a_word_does_not_end_before_its_time;
    money_that_a_word_confirms_settles_the_order;
}

/// The buyer says that they paid.
struct Awaiting(PaymentId, Word, TimeDelta);

impl Planting for Awaiting {
    async fn plant(&self, tx: &mut Tx, ctx: &Context) -> Result<()> {
        let row: rows::Payment = tx.find(self.0.0).await?.unwrap();
        tx.remove_own_questions(vec![row.id]).await?;
        let state = PaymentState::Awaiting.into();
        let (awaits, expire_time) = (Some(self.1.into()), Some(ctx.now + self.2));
        Ok(tx.update(rows::Payment { state, awaits, expire_time, ..row }).await?)
    }
}

async fn awaiting(database: TestDatabase, word: Word) -> (Shop, Principal, OrderId, PaymentId) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    shop.stocked("akun", 20_000, 5).await;
    let order = shop.place(buyer, &[("akun", 1)]).await;
    let payment = shop.invoice(buyer, order).await;
    shop.core(Plant(Awaiting(payment, word, TimeDelta::hours(24)))).await;
    (shop, buyer, order, payment)
}

async fn an_order_whose_payment_waits_for_a_word_does_not_end_before_its_time(database: TestDatabase) {
    for word in Word::ALL {
        let database = TestDatabase::new(database.kind()).await;
        let (shop, buyer, order, payment) = awaiting(database, word).await;
        let (checkout, gateway): (Checkout, _) = checkout(&shop);
        shop.test.clock.advance(TimeDelta::hours(23));
        let call = || shop.call(Principal::CORE);
        checkout.expire_due(&call(), None).await.unwrap();
        assert!(!shop.core(warung_app::order::ExpireOrder { order_id: order }).await, "{word:?}");
        assert_eq!(checkout.ask_due(&call()).await.unwrap(), 0);
        let checked = checkout.check_payment(&shop.call(buyer), payment).await.unwrap();
        assert_eq!((checked.state, gateway.asked()), (PaymentState::Awaiting, 0), "{word:?}");
        assert_eq!(shop.order(order).await.state, OrderState::Pending, "{word:?}");
        shop.test.clock.advance(TimeDelta::hours(1));
        checkout.expire_due(&call(), None).await.unwrap();
        assert_eq!(shop.order(order).await.state, OrderState::Expired, "{word:?}");
        assert_eq!((shop.payment(payment).await.state, gateway.asked()), (PaymentState::Expired, 0), "{word:?}");
        shop.proven().await;
    }
}

async fn money_that_a_word_confirms_settles_the_order(database: TestDatabase) {
    let (shop, _, order, payment) = awaiting(database, Word::Seller).await;
    shop.test.clock.advance(TimeDelta::hours(5));
    shop.pay(payment, 20_000).await;
    assert_eq!(shop.order(order).await.state, OrderState::Paid);
    assert_eq!(shop.payment(payment).await.state, PaymentState::Paid);
    shop.proven().await;
}
