//! The audit finds a fault of each kind: each is planted, past all commands.

mod faults;

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;
use warung_app::{
    Context, Query, Result,
    context::Clock,
    ledger::{Audit, Prove, ProveFrom, prove_since_checkpoint},
    testing::{Replica, TestClock},
};
use warung_domain::{catalog::ProductKind, ids::OrderId, principal::Principal};
use warung_store::{BOOK_RULES, Read, Tx, on_both_databases, rows, testing::TestDatabase};

use self::faults::{FAULTS, Fault, InStock, What};
use crate::shop::{Plant, Planting, Shop};

on_both_databases! {
    books_of_a_busy_shop_hold;
    a_planted_fault_of_each_kind_is_named;
    a_proof_goes_on_from_the_checkpoint_and_names_each_fault_that_came_after_it;
    a_history_that_was_changed_behind_a_checkpoint_is_found_by_the_full_proof;
    a_checkpoint_that_somebody_else_wrote_proves_nothing;
    books_with_a_fault_get_no_checkpoint_and_the_owner_is_told;
    a_proof_ends_while_time_goes_on;
}

async fn busy(shop: &Shop) -> (Principal, Uuid, OrderId, OrderId) {
    let buyer = shop.buyer(7).await;
    let product = shop.stocked("akun", 20_000, 9).await;
    shop.product("vip", ProductKind::Membership, 10_000).await;
    shop.top_up(buyer, 30_000).await;
    let paid = shop.bought(buyer, &[("akun", 2), ("vip", 1)]).await;
    let pending = shop.place(buyer, &[("akun", 3)]).await;
    shop.begin(buyer, pending, warung_domain::payment::Method::Qris, true).await.unwrap();
    (buyer, product, paid, pending)
}

async fn books_of_a_busy_shop_hold(database: TestDatabase) {
    let shop = Shop::new(database).await;
    busy(&shop).await;
    shop.proven().await;
}

async fn a_planted_fault_of_each_kind_is_named(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let (buyer, product, paid, pending) = busy(&shop).await;
    let user = buyer.person.unwrap().user_id;
    for (place, (what, rule)) in (1..).zip(FAULTS) {
        let number = place * 100;
        let fault = Fault { what, user, product, paid: paid.0, pending: pending.0, number };
        // One at a time: a planted fault does not hide the next, and is undone with its transaction.
        let found = shop.run(Principal::CORE, Plant(Undone(fault, Proof::Full))).await;
        let Err(warung_app::Error::Internal(found)) = found else { panic!("{what:?}: {found:?}") };
        assert!(found.contains(rule), "{what:?}: {found}");
    }
    for rule in BOOK_RULES {
        assert!(FAULTS.iter().any(|(_, named)| *named == rule.text), "no fault is planted for: {}", rule.text);
    }
    assert_eq!(shop.ask(Principal::CORE, Audit).await, []);
}

/// So long after it was written everything is covered by a checkpoint.
const OLD: TimeDelta = TimeDelta::minutes(11);

/// All steps of a proof.
#[derive(Clone, Copy)]
enum Proof {
    Full,
    SinceCheckpoint,
}

impl Query for Proof {
    type Output = Vec<String>;

    async fn fetch(&self, read: &Read, ctx: &Context) -> Result<Vec<String>> {
        let (mut from, is_full) = match self {
            Self::Full => (ProveFrom::Nothing, true),
            Self::SinceCheckpoint => (ProveFrom::Kept, false),
        };
        let mut found = Vec::new();
        loop {
            let step = Prove(from).fetch(read, ctx).await?;
            found.extend(step.faults.into_iter().map(|fault| format!("{}: {}", fault.rule, fault.subject)));
            if step.is_all {
                return Ok(found);
            }
            from = ProveFrom::Step(step.checkpoint, is_full);
        }
    }
}

/// What a proof names that goes on from the checkpoint, and what one names that begins at nothing.
async fn found(shop: &Shop) -> [Vec<String>; 2] {
    [shop.ask(Principal::CORE, Proof::SinceCheckpoint).await, shop.ask(Principal::CORE, Proof::Full).await]
}

async fn keep_checkpoint(shop: &Shop) {
    shop.test.clock.advance(OLD);
    assert_eq!(prove_since_checkpoint(&shop.test.engine, shop.test.engine.now()).await.unwrap(), []);
}

async fn a_proof_goes_on_from_the_checkpoint_and_names_each_fault_that_came_after_it(database: TestDatabase) {
    let shop = Shop::timed(database).await;
    let (buyer, product, ..) = busy(&shop).await;
    keep_checkpoint(&shop).await;
    assert_eq!(found(&shop).await, [[], []].map(Vec::<String>::from));
    // Another order of the same buyer, paid and to be paid, and of another product.
    let paid = shop.bought(buyer, &[("akun", 1), ("vip", 1)]).await;
    let pending = shop.place(buyer, &[("akun", 1)]).await;
    shop.begin(buyer, pending, warung_domain::payment::Method::Qris, true).await.unwrap();
    assert_eq!(found(&shop).await, [[], []].map(Vec::<String>::from));
    let user = buyer.person.unwrap().user_id;
    for (place, (what, rule)) in (1..).zip(FAULTS) {
        let number = (u128::try_from(shop.test.engine.now().timestamp_millis()).unwrap() << 80) + place * 100;
        // What belongs to no order, whenever it was written, is left to the full proof.
        if matches!(what, What::Stock(InStock::SoldToNobody)) {
            continue;
        }
        let fault = Fault { what, user, product, paid: paid.0, pending: pending.0, number };
        let found = shop.run(Principal::CORE, Plant(Undone(fault, Proof::SinceCheckpoint))).await;
        let Err(warung_app::Error::Internal(found)) = found else { panic!("{what:?}: {found:?}") };
        assert!(found.contains(rule), "{what:?}: {found}");
    }
    // Money goes back for an order that the checkpoint covers: its journals are new, so it is proven again.
    keep_checkpoint(&shop).await;
    assert_eq!(found(&shop).await, [[], []].map(Vec::<String>::from));
}

/// Changes rows past all commands.
struct Change(fn(&mut Rows));

/// Rows that a history may be changed in.
struct Rows {
    order: rows::Order,
    checkpoint: rows::BookCheckpoint,
}

struct Changed(OrderId, Change);

impl Planting for Changed {
    async fn plant(&self, tx: &mut Tx, _ctx: &Context) -> Result<()> {
        let order: rows::Order = tx.find(self.0.0).await?.unwrap();
        let checkpoint = tx.book_checkpoint().await?.unwrap();
        let mut rows = Rows { order, checkpoint };
        (self.1.0)(&mut rows);
        tx.update(rows.order).await?;
        Ok(tx.update(rows.checkpoint).await?)
    }
}

/// A journal of a time that is long over: it balances, and moves what was earned to a gateway.
struct Slipped(OrderId, Uuid);

impl Planting for Slipped {
    async fn plant(&self, tx: &mut Tx, ctx: &Context) -> Result<()> {
        let payment = tx.payments_of_order(self.0.0).await?.remove(0);
        let (id, order_id) = (self.1, Some(self.0.0));
        tx.insert(rows::Journal { id, kind: "CREDIT".into(), ref_id: payment.id, order_id, create_time: ctx.now })
            .await?;
        for (part, account, amount_minor) in [(1, "revenue", 5), (2, "gateway:PAKASIR", -5)] {
            let entry = rows::LedgerEntry {
                id: Uuid::from_u128(id.as_u128() + part),
                journal_id: id,
                account: account.into(),
                currency: warung_domain::money::Currency::Idr.into(),
                amount_minor,
                balance_after_minor: None,
            };
            tx.insert(entry).await?;
        }
        Ok(())
    }
}

async fn a_history_that_was_changed_behind_a_checkpoint_is_found_by_the_full_proof(database: TestDatabase) {
    let shop = Shop::timed(database).await;
    let (.., paid, _) = busy(&shop).await;
    let long_ago = Uuid::from_u128(u128::try_from(shop.test.engine.now().timestamp_millis()).unwrap() << 80);
    keep_checkpoint(&shop).await;
    shop.core(Plant(Changed(paid, Change(|rows| rows.order.paid_minor -= 1)))).await;
    let [since, all] = found(&shop).await;
    assert_eq!(since, Vec::<String>::new());
    assert!(all.iter().any(|fault| fault.starts_with("every settled order is paid exactly")), "{all:?}");
    shop.core(Plant(Changed(paid, Change(|rows| rows.order.paid_minor += 1)))).await;
    assert_eq!(found(&shop).await, [[], []].map(Vec::<String>::from));

    shop.core(Plant(Slipped(paid, long_ago))).await;
    let [since, all] = found(&shop).await;
    assert_eq!(
        (since, all),
        (Vec::new(), vec!["what a checkpoint covers is as it was: the sums up to it are others now".to_owned()])
    );
}

async fn a_checkpoint_that_somebody_else_wrote_proves_nothing(database: TestDatabase) {
    let shop = Shop::timed(database).await;
    let (.., paid, _) = busy(&shop).await;
    keep_checkpoint(&shop).await;
    let altered = "what a checkpoint covers is as it was: the newest checkpoint was altered, or is of another key";
    shop.core(Plant(Changed(paid, Change(|rows| rows.checkpoint.sealed.insert(9, 'A'))))).await;
    assert_eq!(found(&shop).await, [vec![altered.to_owned()], vec![altered.to_owned()]]);
}

async fn books_with_a_fault_get_no_checkpoint_and_the_owner_is_told(database: TestDatabase) {
    let shop = Shop::timed(database).await;
    let (.., paid, _) = busy(&shop).await;
    keep_checkpoint(&shop).await;
    let again = shop.bought(shop.buyer(8).await, &[("vip", 1)]).await;
    shop.core(Plant(Changed(again, Change(|rows| rows.order.paid_minor -= 1)))).await;
    for _ in 0..2 {
        shop.test.clock.advance(OLD);
        let faults = prove_since_checkpoint(&shop.test.engine, shop.test.engine.now()).await.unwrap();
        assert_eq!(faults.len(), 1, "{faults:?}");
    }
    let told = shop.owner_is_told().await;
    assert!(told.iter().any(|text| text.contains("every settled order is paid exactly")), "{told:?}");
    let time = shop.test.engine.now();
    shop.core(Plant(Changed(again, Change(|rows| rows.order.paid_minor += 1)))).await;
    keep_checkpoint(&shop).await;
    // Only one replica does what is scheduled for a time.
    shop.core(Plant(Changed(paid, Change(|rows| rows.order.paid_minor -= 1)))).await;
    assert_eq!(prove_since_checkpoint(&shop.test.engine, time + OLD).await.unwrap(), []);
}

/// A clock that goes on each time that it is looked at.
#[derive(Debug, Default)]
struct Ticking(TestClock);

impl Clock for Ticking {
    fn now(&self) -> DateTime<Utc> {
        self.0.advance_ms(5);
        self.0.now()
    }
}

async fn a_proof_ends_while_time_goes_on(database: TestDatabase) {
    let replica = Replica::new(&database, Ticking::default()).await;
    let engine = &replica.engine;
    let proof = async || prove_since_checkpoint(engine, engine.now()).await.unwrap();
    for _ in 0..2 {
        let faults = tokio::time::timeout(Duration::from_mins(1), proof()).await.expect("it ends");
        assert_eq!(faults, []);
    }
}

/// A fault that is planted, looked for, and undone.
struct Undone(Fault, Proof);

impl Planting for Undone {
    async fn plant(&self, tx: &mut Tx, ctx: &Context) -> Result<()> {
        self.0.plant(tx, ctx).await?;
        let found = self.1.fetch(tx, ctx).await?;
        Err(warung_app::Error::Internal(format!("{found:?}")))
    }
}
