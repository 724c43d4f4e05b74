//! In which order calls lock what they contend for.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use tokio::sync::Notify;
use uuid::Uuid;
use warung_app::{
    Command, Context, Engine, PageRequest, Result,
    operations::audit::ListAuditEntries,
    order::{CancelOrder, ListOrders, Reach, place_order},
    payment::{ClosePayment, SettlePayment},
    testing::gateways,
};
use warung_domain::{
    catalog::ProductKind,
    ids::PaymentId,
    money::Money,
    order::OrderState,
    payment::{Closure, PaymentState},
    principal::Principal,
};
use warung_store::{
    Tx, rows,
    testing::{HeldTable, Kind, TestDatabase, until_one_waits, until_wait, writers},
};

use crate::shop::{Shop, placing};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_waits_for_its_user_has_not_taken_its_request_id_yet() {
    let database = TestDatabase::new(Kind::Postgres).await;
    let url = database.config.url.clone();
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(2001).await;
    shop.stocked("akun", 20_000, 5).await;
    let other = shop.test.replica().await;
    let by =
        |engine: &Engine| engine.context(buyer, "test").with_request_id(Uuid::from_u128(77)).with_gateways(gateways());
    let products = HeldTable::new(&url, "product").await;
    // A turn that has locked the buyer and reads the products takes the request id only then, and so does a twin of the call
    // that waits for the buyer in another process: else each would wait for the other.
    let turn = async { place_order(&shop.test.engine, &by(&shop.test.engine), placing(&[("akun", 1)])).await };
    let alone = async {
        until_wait(&url, 1).await;
        other.engine.run(&by(&other.engine), placing(&[("akun", 1)])).await
    };
    let taken = async {
        until_wait(&url, 2).await;
        let taken = writers(&url, "idempotency").await;
        products.let_go().await;
        taken
    };
    let (turn, alone, taken) = tokio::join!(turn, alone, taken);
    assert_eq!((turn.unwrap().id, taken), (alone.unwrap().id, 0));
}

/// As a webhook of another process does it: a payment is to be asked about at once; and commits late.
struct Mark {
    payment: PaymentId,
    locked: Arc<Notify>,
    go_on: Arc<AtomicBool>,
}

impl Command for Mark {
    type Output = ();
    const NAME: &'static str = "test.mark";
    const BY_REQUEST_ID: bool = false;

    async fn execute(&self, tx: &mut Tx, ctx: &Context) -> Result<()> {
        let row: rows::Question = tx.lock_own_question(self.payment.0).await?.unwrap();
        tx.update(rows::Question { due_time: Some(ctx.now), told_time: Some(ctx.now), ..row }).await?;
        self.locked.notify_one();
        while !self.go_on.load(Ordering::SeqCst) {
            tx.lock_own_question(self.payment.0).await?;
        }
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_webhook_told_outlives_an_order_that_ends_meanwhile() {
    let database = TestDatabase::new(Kind::Postgres).await;
    let url = database.config.url.clone();
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(2001).await;
    shop.stocked("akun", 20_000, 5).await;
    let order = shop.place(buyer, &[("akun", 1)]).await;
    let payment = shop.invoice(buyer, order).await;
    let (locked, go_on) = (Arc::new(Notify::new()), Arc::new(AtomicBool::new(false)));
    let mark = Mark { payment, locked: Arc::clone(&locked), go_on: Arc::clone(&go_on) };
    let cancel = async {
        locked.notified().await;
        let waits = async {
            until_one_waits(&url).await;
            go_on.store(true, Ordering::SeqCst);
        };
        tokio::join!(shop.run(buyer, CancelOrder { name: order.to_string() }), waits).0.unwrap();
    };
    tokio::join!(shop.core(mark), cancel);
    // The gateway is asked at once, not by the schedule of payments that have ended.
    assert_eq!(shop.due().await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_shows_orders_as_they_were_at_one_moment() {
    let database = TestDatabase::new(Kind::Postgres).await;
    let url = database.config.url.clone();
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(2001).await;
    shop.stocked("akun", 20_000, 5).await;
    let order = shop.place(buyer, &[("akun", 1)]).await;
    let payment = shop.invoice(buyer, order).await;
    // Somebody lists orders while one is settled: both of its rows change at once.
    let settling = HeldTable::new(&url, "payment").await;
    let list = ListOrders { page: PageRequest::default(), reach: Reach::Store, state: None };
    let settled = format!(
        "update orders set state = 'PAID', paid_minor = 20000 where id = '{}'; \
         update payment set state = 'PAID', received_minor = 20000 where id = '{}'",
        order.0, payment.0
    );
    let settle = async {
        until_one_waits(&url).await;
        settling.let_go_after(&settled).await;
    };
    let ((listed, _), ()) = tokio::join!(shop.ask(Principal::CORE, list), settle);
    let seen: Vec<_> = listed.iter().map(|order| (order.state, order.payments[0].state)).collect();
    assert_eq!(seen, [(OrderState::Paid, PaymentState::Paid)]);
}

/// A payment ends, and what it wrote is committed late.
struct EndsLate {
    payment_id: PaymentId,
    locked: Arc<Notify>,
    go_on: Arc<AtomicBool>,
}

impl Command for EndsLate {
    type Output = ();
    const NAME: &'static str = "test.ends_late";
    const BY_REQUEST_ID: bool = false;

    async fn execute(&self, tx: &mut Tx, ctx: &Context) -> Result<()> {
        ClosePayment { payment_id: self.payment_id, how: Closure::Cancelled }.execute(tx, ctx).await?;
        self.locked.notify_one();
        while !self.go_on.load(Ordering::SeqCst) {
            tx.lock_own_question(self.payment_id.0).await?;
        }
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_trail_of_a_settled_payment_tells_how_it_stood_when_it_was_settled() {
    let database = TestDatabase::new(Kind::Postgres).await;
    let url = database.config.url.clone();
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(2001).await;
    shop.stocked("akun", 20_000, 5).await;
    let order = shop.place(buyer, &[("akun", 1)]).await;
    let payment_id = shop.invoice(buyer, order).await;
    let (locked, go_on) = (Arc::new(Notify::new()), Arc::new(AtomicBool::new(false)));
    let ends = EndsLate { payment_id, locked: Arc::clone(&locked), go_on: Arc::clone(&go_on) };
    let settle = async {
        locked.notified().await;
        let waits = async {
            until_one_waits(&url).await;
            go_on.store(true, Ordering::SeqCst);
        };
        let settle = SettlePayment { payment_id, received: Money::idr(20_000), note: "terlihat di dasbor".into() };
        tokio::join!(shop.run(Principal::CORE, settle), waits).0.unwrap();
    };
    tokio::join!(shop.core(ends), settle);
    let (entries, _) = shop.ask(Principal::CORE, ListAuditEntries::default()).await;
    let entry = entries.iter().find(|entry| entry.command == "payment.settle").unwrap();
    assert_eq!(entry.before_json, r#"{"state":"CANCELLED"}"#);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_waits_for_the_counter_of_a_product_has_written_the_rest_of_their_order() {
    let database = TestDatabase::new(Kind::Postgres).await;
    let url = database.config.url.clone();
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(2001).await;
    shop.stocked("akun", 20_000, 5).await;
    shop.product("panduan", ProductKind::Shared, 0).await;
    let ctx = shop.call(buyer).with_gateways(gateways());
    for (is_batched, items) in [(true, [("akun", 1)]), (false, [("akun", 1)]), (false, [("panduan", 1)])] {
        // All buyers of a product wait for this row: whoever has it only commits.
        let counters = HeldTable::from_writers(&url, "product_stock").await;
        let ctx = ctx.clone().with_request_id(shop.call(buyer).request.unwrap().id);
        let place = async {
            if is_batched {
                place_order(&shop.test.engine, &ctx, placing(&items)).await.map(|placed| placed.id)
            } else {
                shop.test.engine.run(&ctx, placing(&items)).await.map(|placed| placed.id)
            }
        };
        let written = async {
            until_one_waits(&url).await;
            let (requests, lines) = (writers(&url, "idempotency").await, writers(&url, "order_line").await);
            let said = if items[0].0 == "panduan" { writers(&url, "delivery").await } else { 1 };
            counters.let_go().await;
            (requests, lines, said)
        };
        let (placed, written) = tokio::join!(place, written);
        assert!(placed.is_ok(), "{placed:?}");
        assert_eq!(written, (1, 1, 1), "{items:?}, batched {is_batched}");
    }
}
