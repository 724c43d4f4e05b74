//! In which order calls lock what they contend for.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU32, Ordering},
};

use tokio::sync::Notify;
use uuid::Uuid;
use warung_app::{Command, Context, Error, Result, order::CancelOrder};
use warung_domain::ids::PaymentId;
use warung_store::{
    DoneRequest, RequestKey, Tx, rows,
    testing::{Kind, TestDatabase, until_one_waits},
};

use crate::shop::Shop;

const REQUEST: Uuid = Uuid::from_u128(77);

/// Locks its caller, as those commands do that are also carried out many at once.
struct Alone {
    runs: Arc<AtomicU32>,
}

impl Command for Alone {
    type Output = ();
    const NAME: &'static str = "test.alone";
    const LOCKS_CALLER: bool = true;

    async fn execute(&self, tx: &mut Tx, ctx: &Context) -> Result<()> {
        self.runs.fetch_add(1, Ordering::SeqCst);
        tx.lock_user(ctx.person()?.user_id.0).await.map(drop).map_err(Error::from)
    }
}

/// As a turn of another process does it: locks the user, takes the request id of the call once that waits, and fails.
struct Turn {
    locked: Arc<Notify>,
    go_on: Arc<AtomicBool>,
    takes: Arc<AtomicU32>,
}

impl Command for Turn {
    type Output = ();
    const NAME: &'static str = "test.turn";
    const BY_REQUEST_ID: bool = false;

    async fn execute(&self, tx: &mut Tx, ctx: &Context) -> Result<()> {
        let user = ctx.person()?.user_id.0;
        tx.lock_user(user).await?;
        self.locked.notify_one();
        while !self.go_on.load(Ordering::SeqCst) {
            tx.lock_user(user).await?;
        }
        let principal = ctx.principal.to_string();
        let key = RequestKey { principal: &principal, command: Alone::NAME, request_id: REQUEST };
        let taken = tx.claim_requests(&[DoneRequest { key, hash: b"", output: "" }], ctx.now).await?;
        self.takes.fetch_add(u32::from(taken == [true]), Ordering::SeqCst);
        Err(Error::Forbidden)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_waits_for_its_user_has_not_taken_its_request_id_yet() {
    let database = TestDatabase::new(Kind::Postgres).await;
    let url = database.config.url.clone();
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(2001).await;
    let engine = &shop.test.engine;
    let ctx = engine.context(buyer, "test").with_request_id(REQUEST);
    let (locked, go_on) = (Arc::new(Notify::new()), Arc::new(AtomicBool::new(false)));
    let (takes, runs) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let turn = Turn { locked: Arc::clone(&locked), go_on: Arc::clone(&go_on), takes: Arc::clone(&takes) };
    let alone = async {
        locked.notified().await;
        let waits = async {
            until_one_waits(&url).await;
            go_on.store(true, Ordering::SeqCst);
        };
        tokio::join!(engine.run(&ctx, Alone { runs: Arc::clone(&runs) }), waits).0
    };
    let (turn, alone) = tokio::join!(engine.run(&ctx, turn), alone);
    assert!(matches!(turn, Err(Error::Forbidden)), "{turn:?}");
    alone.unwrap();
    assert_eq!((takes.load(Ordering::SeqCst), runs.load(Ordering::SeqCst)), (1, 1), "neither was tried again");
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
