//! The audit finds a fault of each kind: each is planted, past all commands.

use chrono::TimeDelta;
use uuid::Uuid;
use warung_app::{
    Context, Query, Result,
    ledger::{Audit, Prove, ProveFrom, prove_since_checkpoint},
};
use warung_domain::{
    catalog::ProductKind,
    ids::{OrderId, UserId},
    ledger::Account,
    principal::Principal,
};
use warung_store::{BOOK_RULES, Read, Tx, on_both_databases, rows, testing::TestDatabase};

use crate::shop::{Plant, Planting, Shop};

on_both_databases! {
    books_of_a_busy_shop_hold;
    a_planted_fault_of_each_kind_is_named;
    a_proof_goes_on_from_the_checkpoint_and_names_each_fault_that_came_after_it;
    a_history_that_was_changed_behind_a_checkpoint_is_found_by_the_full_proof;
    a_checkpoint_that_somebody_else_wrote_proves_nothing;
    books_with_a_fault_get_no_checkpoint_and_the_owner_is_told;
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

/// What is wrong.
#[derive(Clone, Copy, Debug)]
enum What {
    Journal(InJournals),
    Wallet(InWallets),
    Order(InOrders),
    Stock(InStock),
}

#[derive(Clone, Copy, Debug)]
enum InJournals {
    Unbalanced,
    Empty,
    /// Of this kind, for something that never came about.
    OfNothing(&'static str),
    OfAnotherOrder,
    OfAnotherPayment,
    MoreThanReversed,
    OfAnotherRefund,
}

#[derive(Clone, Copy, Debug)]
enum InWallets {
    WrongBalance,
    WrongReceivable,
    WrongBalanceAfter,
    Missing,
}

#[derive(Clone, Copy, Debug)]
enum InOrders {
    Unsettled,
    NotPaidExactly,
    Held,
    UnbookedPayment,
    UnbookedRefund,
    WrongRefunds,
}

#[derive(Clone, Copy, Debug)]
enum InStock {
    SoldToNobody,
    TooFewLines,
    WrongAvailable,
    WrongReserved,
    WrongSold,
}

struct Fault {
    what: What,
    user: UserId,
    product: Uuid,
    paid: Uuid,
    pending: Uuid,
    number: u128,
}

impl Planting for Fault {
    async fn plant(&self, tx: &mut Tx, _ctx: &Context) -> Result<()> {
        match self.what {
            What::Journal(what) => self.in_journals(tx, what).await,
            What::Wallet(what) => self.in_wallets(tx, what).await,
            What::Order(what) => self.in_orders(tx, what).await,
            What::Stock(what) => self.in_stock(tx, what).await,
        }
    }
}

impl Fault {
    fn id(&self, part: u128) -> Uuid {
        Uuid::from_u128(self.number + part)
    }

    /// Books these entries under a kind, of something of an order's.
    async fn book(
        &self,
        tx: &mut Tx,
        (kind, ref_id, order_id): (&str, Uuid, Option<Uuid>),
        entries: &[(String, i64, Option<i64>)],
    ) -> Result<()> {
        let (id, create_time) = (self.id(1), chrono::DateTime::UNIX_EPOCH);
        tx.insert(rows::Journal { id, kind: kind.into(), ref_id, order_id, create_time }).await?;
        for (part, (account, amount, balance_after)) in (10..).zip(entries) {
            let entry = rows::LedgerEntry {
                id: self.id(part),
                journal_id: id,
                account: account.clone(),
                currency: "IDR".into(),
                amount_minor: *amount,
                balance_after_minor: *balance_after,
            };
            tx.insert(entry).await?;
        }
        Ok(())
    }

    async fn journal(&self, tx: &mut Tx, entries: &[(String, i64, Option<i64>)]) -> Result<()> {
        self.book(tx, ("TEST", self.id(1), None), entries).await
    }

    async fn in_journals(&self, tx: &mut Tx, what: InJournals) -> Result<()> {
        let entries =
            |amount: i64| [("revenue".to_owned(), amount, None), ("gateway:PAKASIR".to_owned(), -amount, None)];
        let mut payment = tx.payments_of_order(self.paid).await?.remove(0);
        match what {
            InJournals::Unbalanced => self.journal(tx, &[("revenue".into(), 5, None)]).await,
            InJournals::Empty => self.journal(tx, &[]).await,
            InJournals::OfNothing(kind) => {
                let open = tx.payment_underway(self.pending).await?.unwrap().id;
                let (ref_id, order_id) = match kind {
                    "PAYMENT" | "CREDIT" => (open, self.pending),
                    "RETURN" | "REVERSAL" => (payment.id, self.paid),
                    "SETTLEMENT" => (self.pending, self.pending),
                    "REFUND" => {
                        tx.insert(self.refund("PENDING")).await?;
                        (self.refund("PENDING").id, self.paid)
                    }
                    _ => (self.id(2), self.paid),
                };
                self.book(tx, (kind, ref_id, Some(order_id)), &entries(5)).await
            }
            InJournals::OfAnotherOrder => self.book(tx, ("CREDIT", payment.id, Some(self.pending)), &entries(5)).await,
            InJournals::OfAnotherPayment => {
                payment.received_minor = payment.received_minor.map(|received| received - 1);
                Ok(tx.update(payment).await?)
            }
            InJournals::MoreThanReversed => {
                self.book(tx, ("REVERSAL", payment.id, Some(self.paid)), &entries(6)).await?;
                "REVERSED".clone_into(&mut payment.state);
                payment.reversed_minor = Some(5);
                Ok(tx.update(payment).await?)
            }
            InJournals::OfAnotherRefund => {
                self.say_refunded(tx).await?;
                let refund = self.refund("DONE");
                self.book(tx, ("REFUND", refund.id, Some(self.paid)), &entries(refund.amount_minor + 1)).await?;
                Ok(tx.insert(refund).await?)
            }
        }
    }

    async fn in_wallets(&self, tx: &mut Tx, what: InWallets) -> Result<()> {
        let mut wallet: rows::Wallet = tx.find(self.user.0).await?.unwrap();
        let account = Account::Wallet(self.user).to_string();
        match what {
            InWallets::WrongBalance => wallet.balance_minor += 1,
            InWallets::WrongReceivable => wallet.receivable_minor += 1,
            InWallets::WrongBalanceAfter => {
                let wrong = wallet.balance_minor + 7;
                let entries = [(account.clone(), -5, Some(wrong)), (account, 5, Some(wallet.balance_minor))];
                return self.journal(tx, &entries).await;
            }
            InWallets::Missing => {
                let account = Account::Wallet(UserId(self.id(2))).to_string();
                return self.journal(tx, &[(account, -5, Some(5)), ("revenue".into(), 5, None)]).await;
            }
        }
        Ok(tx.update(wallet).await?)
    }

    async fn in_orders(&self, tx: &mut Tx, what: InOrders) -> Result<()> {
        let mut paid: rows::Order = tx.find(self.paid).await?.unwrap();
        let mut pending: rows::Order = tx.find(self.pending).await?.unwrap();
        match what {
            InOrders::Unsettled => {
                Ok(tx.insert(rows::Order { id: self.id(3), code: "tg7-aaaaaaaa".into(), ..paid }).await?)
            }
            InOrders::NotPaidExactly => {
                paid.paid_minor -= 1;
                Ok(tx.update(paid).await?)
            }
            InOrders::Held => {
                pending.paid_minor += 1;
                Ok(tx.update(pending).await?)
            }
            InOrders::UnbookedPayment => {
                let row = tx.payments_of_order(self.paid).await?.remove(0);
                let row = rows::Payment { id: self.id(4), number: 9, reference: "tg7-aaaaaaaa-9".into(), ..row };
                Ok(tx.insert(row).await?)
            }
            InOrders::UnbookedRefund => {
                self.say_refunded(tx).await?;
                Ok(tx.insert(self.refund("DONE")).await?)
            }
            InOrders::WrongRefunds => {
                self.say_refunded(tx).await?;
                Ok(tx.insert(self.refund("PENDING")).await?)
            }
        }
    }

    async fn in_stock(&self, tx: &mut Tx, what: InStock) -> Result<()> {
        let mut stock: rows::ProductStock = tx.find(self.product).await?.unwrap();
        let mut line = tx.lines_of_order(self.paid).await?.remove(0);
        match what {
            InStock::SoldToNobody => {
                let mut sold = tx.sold_stock_lines(vec![line.id]).await?.remove(0);
                sold.order_line_id = None;
                return Ok(tx.update(sold).await?);
            }
            InStock::TooFewLines => {
                line.quantity += 1;
                return Ok(tx.update(line).await?);
            }
            InStock::WrongAvailable => stock.available += 1,
            InStock::WrongReserved => {
                stock.available -= 1;
                stock.reserved += 1;
            }
            InStock::WrongSold => stock.sold += 1,
        }
        Ok(tx.update(stock).await?)
    }

    /// The paid order says that as much went back as [`Self::refund`] is of.
    async fn say_refunded(&self, tx: &mut Tx) -> Result<()> {
        let mut paid: rows::Order = tx.find(self.paid).await?.unwrap();
        paid.refunded_minor = self.refund("").amount_minor;
        Ok(tx.update(paid).await?)
    }

    fn refund(&self, state: &str) -> rows::Refund {
        rows::Refund {
            id: self.id(5),
            order_id: self.paid,
            payment_id: None,
            destination: "BALANCE".into(),
            currency: "IDR".into(),
            amount_minor: 5,
            state: state.into(),
            reason: "uji".into(),
            actor: "test".into(),
            create_time: chrono::DateTime::UNIX_EPOCH,
            done_time: None,
        }
    }
}

/// Each fault, and the rule that it breaks.
const FAULTS: [(What, &str); 28] = {
    use {InJournals as J, InOrders as O, InStock as S, InWallets as W, What::*};
    const HAPPENED: &str = "every journal is of something that happened";
    [
        (Journal(J::Unbalanced), "every journal sums to zero"),
        (Journal(J::Empty), "every journal has entries"),
        (Journal(J::OfNothing("PAYMENT")), HAPPENED),
        (Journal(J::OfNothing("CREDIT")), HAPPENED),
        (Journal(J::OfNothing("RETURN")), HAPPENED),
        (Journal(J::OfNothing("REVERSAL")), HAPPENED),
        (Journal(J::OfNothing("SETTLEMENT")), HAPPENED),
        (Journal(J::OfNothing("REFUND")), HAPPENED),
        (Journal(J::OfNothing("TEST")), HAPPENED),
        (Journal(J::OfAnotherOrder), HAPPENED),
        (Journal(J::OfAnotherPayment), "every payment is booked as what it received"),
        (Journal(J::MoreThanReversed), "no more is booked as taken back than a gateway took"),
        (Journal(J::OfAnotherRefund), "every refund is booked as what went back"),
        (Wallet(W::WrongBalance), "every wallet equals its entries"),
        (Wallet(W::WrongReceivable), "every wallet equals its entries"),
        (Wallet(W::WrongBalanceAfter), "every wallet entry's balance follows from the one before"),
        (Wallet(W::Missing), "every wallet equals its entries"),
        (Order(O::Unsettled), "every settled order has its settlement booked"),
        (Order(O::NotPaidExactly), "every settled order is paid exactly"),
        (Order(O::Held), "an order holds what was paid of it until it is settled, and nothing afterwards"),
        (Order(O::UnbookedPayment), "every payment that has its money is booked"),
        (Order(O::UnbookedRefund), "every refund that was made is booked"),
        (Order(O::WrongRefunds), "an order's refunds come to what it says"),
        (Stock(S::SoldToNobody), "every sold stock line belongs to a settled order of its product"),
        (Stock(S::TooFewLines), "every settled line has as many stock lines as units"),
        (Stock(S::WrongAvailable), "a product has as many free stock lines as units that can be ordered or are kept"),
        (Stock(S::WrongReserved), "a product's kept units are those of its unpaid orders"),
        (Stock(S::WrongSold), "a product's sold units are those of its settled orders"),
    ]
};

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
                currency: "IDR".into(),
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

/// A fault that is planted, looked for, and undone.
struct Undone(Fault, Proof);

impl Planting for Undone {
    async fn plant(&self, tx: &mut Tx, ctx: &Context) -> Result<()> {
        self.0.plant(tx, ctx).await?;
        let found = self.1.fetch(tx, ctx).await?;
        Err(warung_app::Error::Internal(format!("{found:?}")))
    }
}
