//! The audit finds a fault of each kind: each is planted, past all commands.

use uuid::Uuid;
use warung_app::{Context, Result, ledger::Audit};
use warung_domain::{
    catalog::ProductKind,
    ids::{OrderId, UserId},
    ledger::Account,
    principal::Principal,
};
use warung_store::{Tx, on_both_databases, rows, testing::TestDatabase};

use crate::shop::{Plant, Planting, Shop};

on_both_databases! {
    books_of_a_busy_shop_hold;
    a_planted_fault_of_each_kind_is_named;
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

#[derive(Clone, Copy, Debug)]
enum What {
    UnbalancedJournal,
    EmptyJournal,
    WrongBalance,
    WrongReceivable,
    WrongBalanceAfter,
    NoWallet,
    Unsettled,
    NotPaidExactly,
    Held,
    UnbookedPayment,
    UnbookedRefund,
    WrongRefunds,
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

impl Fault {
    fn id(&self, part: u128) -> Uuid {
        Uuid::from_u128(self.number * 100 + part)
    }

    async fn journal(&self, tx: &mut Tx, entries: &[(String, i64, Option<i64>)]) -> Result<()> {
        let id = self.id(1);
        let row = rows::Journal {
            id,
            kind: "TEST".into(),
            ref_id: id,
            order_id: None,
            create_time: chrono::DateTime::UNIX_EPOCH,
        };
        tx.insert(row).await?;
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
}

impl Planting for Fault {
    #[expect(clippy::too_many_lines, reason = "a table of faults")]
    async fn plant(&self, tx: &mut Tx, _ctx: &Context) -> Result<()> {
        let mut wallet: rows::Wallet = tx.find(self.user.0).await?.unwrap();
        let mut paid: rows::Order = tx.find(self.paid).await?.unwrap();
        let mut pending: rows::Order = tx.find(self.pending).await?.unwrap();
        let mut stock: rows::ProductStock = tx.find(self.product).await?.unwrap();
        let mut line = tx.lines_of_order(self.paid).await?.remove(0);
        let account = Account::Wallet(self.user).to_string();
        match self.what {
            What::UnbalancedJournal => self.journal(tx, &[("revenue".into(), 5, None)]).await?,
            What::EmptyJournal => self.journal(tx, &[]).await?,
            What::WrongBalance => {
                wallet.balance_minor += 1;
                tx.update(wallet).await?;
            }
            What::WrongReceivable => {
                wallet.receivable_minor += 1;
                tx.update(wallet).await?;
            }
            What::WrongBalanceAfter => {
                let wrong = wallet.balance_minor + 7;
                let entries = [(account.clone(), -5, Some(wrong)), (account, 5, Some(wallet.balance_minor))];
                self.journal(tx, &entries).await?;
            }
            What::NoWallet => {
                let account = Account::Wallet(UserId(self.id(2))).to_string();
                self.journal(tx, &[(account, -5, Some(5)), ("revenue".into(), 5, None)]).await?;
            }
            What::Unsettled => {
                tx.insert(rows::Order { id: self.id(3), code: "tg7-aaaaaaaa".into(), ..paid }).await?;
            }
            What::NotPaidExactly => {
                paid.paid_minor -= 1;
                tx.update(paid).await?;
            }
            What::Held => {
                pending.paid_minor += 1;
                tx.update(pending).await?;
            }
            What::UnbookedPayment => {
                let row = tx.payments_of_order(self.paid).await?.remove(0);
                let row = rows::Payment { id: self.id(4), number: 9, reference: "tg7-aaaaaaaa-9".into(), ..row };
                tx.insert(row).await?;
            }
            What::UnbookedRefund => {
                paid.refunded_minor = 5;
                tx.update(paid).await?;
                tx.insert(self.refund("DONE")).await?;
            }
            What::WrongRefunds => {
                paid.refunded_minor = 5;
                tx.update(paid).await?;
                tx.insert(self.refund("PENDING")).await?;
            }
            What::SoldToNobody => {
                let mut sold = tx.sold_stock_lines(vec![line.id]).await?.remove(0);
                sold.order_line_id = None;
                tx.update(sold).await?;
            }
            What::TooFewLines => {
                line.quantity += 1;
                tx.update(line).await?;
            }
            What::WrongAvailable => {
                stock.available += 1;
                tx.update(stock).await?;
            }
            What::WrongReserved => {
                stock.available -= 1;
                stock.reserved += 1;
                tx.update(stock).await?;
            }
            What::WrongSold => {
                stock.sold += 1;
                tx.update(stock).await?;
            }
        }
        Ok(())
    }
}

impl Fault {
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

async fn a_planted_fault_of_each_kind_is_named(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let (buyer, product, paid, pending) = busy(&shop).await;
    let user = buyer.person.unwrap().user_id;
    let mut known = 0;
    for (number, (what, rule)) in (1..).zip([
        (What::UnbalancedJournal, "every journal sums to zero"),
        (What::EmptyJournal, "every journal has entries"),
        (What::WrongBalance, "every wallet equals its entries"),
        (What::WrongReceivable, "every wallet equals its entries"),
        (What::WrongBalanceAfter, "every wallet entry's balance follows from the one before"),
        (What::NoWallet, "every wallet equals its entries"),
        (What::Unsettled, "every settled order has its settlement booked"),
        (What::NotPaidExactly, "every settled order is paid exactly"),
        (What::Held, "an order holds what was paid of it until it is settled, and nothing afterwards"),
        (What::UnbookedPayment, "every payment that has its money is booked"),
        (What::UnbookedRefund, "every refund that was made is booked"),
        (What::WrongRefunds, "an order's refunds come to what it says"),
        (What::SoldToNobody, "every sold stock line belongs to a settled order of its product"),
        (What::TooFewLines, "every settled line has as many stock lines as units"),
        (What::WrongAvailable, "a product has as many free stock lines as units that can be ordered or are kept"),
        (What::WrongReserved, "a product's kept units are those of its unpaid orders"),
        (What::WrongSold, "a product's sold units are those of its settled orders"),
    ]) {
        let fault = Fault { what, user, product, paid: paid.0, pending: pending.0, number };
        // One at a time: a planted fault does not hide the next, and is undone with its transaction.
        let found = shop.run(Principal::CORE, Plant(Undone(fault))).await;
        let Err(warung_app::Error::Internal(found)) = found else { panic!("{what:?}: {found:?}") };
        assert!(found.contains(rule), "{what:?}: {found}");
        known += 1;
    }
    assert_eq!(known, 17);
    assert_eq!(shop.ask(Principal::CORE, Audit).await, []);
}

/// A fault that is planted, looked for, and undone.
struct Undone(Fault);

impl Planting for Undone {
    async fn plant(&self, tx: &mut Tx, ctx: &Context) -> Result<()> {
        use warung_app::Query as _;
        self.0.plant(tx, ctx).await?;
        let found = Audit.fetch(tx, ctx).await?;
        Err(warung_app::Error::Internal(format!("{found:?}")))
    }
}
