//! Booking: what happens to an order's money, as journals and as the buyer's wallet.

use uuid::Uuid;
use warung_domain::{
    ids::{OrderId, PaymentId, RefundId, UserId},
    ledger::{Account, Holdings, Journal, JournalBuilder, JournalKind, Split},
    money::Currency,
};
use warung_store::{Tx, rows};

use crate::{
    context::Context,
    error::{Error, Result},
};

/// The books of one order, while a command works on it. Nothing is written before [`Books::write_all`].
pub(crate) struct Books {
    buyer: UserId,
    order: OrderId,
    currency: Currency,
    wallet: Option<Wallet>,
    journals: Vec<rows::Journal>,
    entries: Vec<rows::LedgerEntry>,
}

/// The buyer's wallet as it was found, and as it is now.
struct Wallet {
    is_new: bool,
    before: Holdings,
    now: Holdings,
}

fn too_much() -> Error {
    Error::Internal("an amount is too large to be booked".into())
}

impl Books {
    pub(crate) fn of(order: &rows::Order) -> Self {
        Self {
            buyer: UserId(order.buyer_id),
            order: OrderId(order.id),
            currency: order.currency.0,
            wallet: None,
            journals: Vec::new(),
            entries: Vec::new(),
        }
    }

    /// What the buyer's wallet holds; it is locked from now on.
    pub(crate) async fn holdings(&mut self, tx: &mut Tx) -> Result<Holdings> {
        if let Some(wallet) = &self.wallet {
            return Ok(wallet.now);
        }
        if self.currency != Currency::Idr {
            return Err(Error::Internal(format!("wallets hold rupiah, not {}", self.currency.name())));
        }
        let row = tx.lock_wallet(self.buyer.0).await?;
        let is_new = row.is_none();
        let holdings = row.map_or_else(Holdings::default, |row| Holdings {
            balance: row.balance_minor,
            receivable: row.receivable_minor,
        });
        self.wallet = Some(Wallet { is_new, before: holdings, now: holdings });
        Ok(holdings)
    }

    fn keep(&mut self, holdings: Holdings) {
        if let Some(wallet) = &mut self.wallet {
            wallet.now = holdings;
        }
    }

    fn journal(&self, kind: JournalKind, ref_id: Uuid) -> JournalBuilder {
        Journal::of(kind, ref_id, Some(self.order), self.currency)
    }

    fn post(&mut self, ctx: &Context, journal: JournalBuilder) -> Result<()> {
        let journal = journal.finish().map_err(|error| Error::Internal(error.to_string()))?;
        if journal.entries().is_empty() {
            return Ok(());
        }
        let id = ctx.new_id();
        self.journals.push(rows::Journal {
            id,
            kind: journal.kind().name().to_owned(),
            ref_id: journal.ref_id(),
            order_id: journal.order_id().map(|order| order.0),
            create_time: ctx.now,
        });
        let balance = self.wallet.as_ref().map(|wallet| wallet.now.balance);
        for entry in journal.entries() {
            let is_wallet = matches!(entry.account, Account::Wallet(_));
            self.entries.push(rows::LedgerEntry {
                id: ctx.new_id(),
                journal_id: id,
                account: entry.account.to_string(),
                currency: journal.currency().into(),
                amount_minor: entry.amount,
                balance_after_minor: balance.filter(|_| is_wallet),
            });
        }
        Ok(())
    }

    /// Credits the wallet and what is owed.
    fn credited(&self, journal: JournalBuilder, split: Split) -> JournalBuilder {
        journal
            .credit(Account::Receivable(self.buyer), split.receivable)
            .credit(Account::Wallet(self.buyer), split.wallet)
    }

    /// A gateway received money for the order, and has withheld some of it as its fee.
    pub(crate) fn paid_by_gateway(
        &mut self,
        ctx: &Context,
        payment: PaymentId,
        gateway: &str,
        (received, withheld): (i64, i64),
    ) -> Result<()> {
        let journal = self.journal(JournalKind::Payment, payment.0);
        let journal = journal
            .debit(Account::Gateway(gateway.to_owned()), received.checked_sub(withheld).ok_or_else(too_much)?)
            .debit(Account::Fees, withheld)
            .credit(Account::Order(self.order), received);
        self.post(ctx, journal)
    }

    /// The order takes from the wallet what that holds. Answers whether it holds as much.
    pub(crate) async fn paid_by_balance(
        &mut self,
        tx: &mut Tx,
        ctx: &Context,
        payment: PaymentId,
        amount: i64,
    ) -> Result<bool> {
        let Some(after) = self.holdings(tx).await?.spend(amount) else { return Ok(false) };
        self.keep(after);
        let journal = self.journal(JournalKind::Payment, payment.0);
        let journal = journal.debit(Account::Wallet(self.buyer), amount).credit(Account::Order(self.order), amount);
        self.post(ctx, journal)?;
        Ok(true)
    }

    /// The order is settled: what it holds is earned, but for `top_up`, which is the buyer's.
    pub(crate) async fn settled(&mut self, tx: &mut Tx, ctx: &Context, earned: i64, top_up: i64) -> Result<()> {
        let held = earned.checked_add(top_up).ok_or_else(too_much)?;
        let mut journal = self.journal(JournalKind::Settlement, self.order.0);
        journal = journal.debit(Account::Order(self.order), held).credit(Account::Revenue, earned);
        if top_up > 0 {
            let split = self.holdings(tx).await?.gain(top_up).ok_or_else(too_much)?;
            self.keep(split.after);
            journal = self.credited(journal, split);
        }
        self.post(ctx, journal)
    }

    async fn deposit(&mut self, tx: &mut Tx, ctx: &Context, journal: JournalBuilder, amount: i64) -> Result<()> {
        if amount == 0 {
            return Ok(());
        }
        let split = self.holdings(tx).await?.gain(amount).ok_or_else(too_much)?;
        self.keep(split.after);
        let journal = self.credited(journal, split);
        self.post(ctx, journal)
    }

    /// Money of a payment that the order could not take goes to the wallet.
    pub(crate) async fn credit(&mut self, tx: &mut Tx, ctx: &Context, payment: PaymentId, amount: i64) -> Result<()> {
        let journal = self.journal(JournalKind::Credit, payment.0).debit(Account::Order(self.order), amount);
        self.deposit(tx, ctx, journal, amount).await
    }

    /// What the order took from the wallet goes back there.
    pub(crate) async fn give_back(
        &mut self,
        tx: &mut Tx,
        ctx: &Context,
        payment: PaymentId,
        amount: i64,
    ) -> Result<()> {
        let journal = self.journal(JournalKind::Return, payment.0).debit(Account::Order(self.order), amount);
        self.deposit(tx, ctx, journal, amount).await
    }

    /// What was earned goes back to the wallet.
    pub(crate) async fn refund_to_wallet(
        &mut self,
        tx: &mut Tx,
        ctx: &Context,
        refund: RefundId,
        amount: i64,
    ) -> Result<()> {
        let journal = self.journal(JournalKind::Refund, refund.0).debit(Account::Revenue, amount);
        self.deposit(tx, ctx, journal, amount).await
    }

    /// What was earned went back through a gateway.
    pub(crate) fn refund_to_gateway(
        &mut self,
        ctx: &Context,
        refund: RefundId,
        gateway: &str,
        amount: i64,
    ) -> Result<()> {
        let journal = self.journal(JournalKind::Refund, refund.0);
        let journal = journal.debit(Account::Revenue, amount).credit(Account::Gateway(gateway.to_owned()), amount);
        self.post(ctx, journal)
    }

    /// A gateway took money of a payment back that had gone to the wallet: what the wallet lacks is owed. It may do so part by
    /// part: each is told by how much is gone with it, `in_all`.
    pub(crate) async fn reversed(
        &mut self,
        tx: &mut Tx,
        ctx: &Context,
        (payment, in_all): (PaymentId, i64),
        gateway: &str,
        amount: i64,
    ) -> Result<()> {
        let part = Uuid::new_v5(&payment.0, &in_all.to_be_bytes());
        let journal = self.journal(JournalKind::Reversal, part);
        self.take_back(tx, ctx, journal, gateway, amount).await
    }

    /// What was credited to the wallet went back through a gateway: what the wallet lacks is owed.
    pub(crate) async fn refund_top_up(
        &mut self,
        tx: &mut Tx,
        ctx: &Context,
        refund: RefundId,
        gateway: &str,
        amount: i64,
    ) -> Result<()> {
        let journal = self.journal(JournalKind::Refund, refund.0);
        self.take_back(tx, ctx, journal, gateway, amount).await
    }

    async fn take_back(
        &mut self,
        tx: &mut Tx,
        ctx: &Context,
        journal: JournalBuilder,
        gateway: &str,
        amount: i64,
    ) -> Result<()> {
        let split = self.holdings(tx).await?.take(amount).ok_or_else(too_much)?;
        self.keep(split.after);
        let journal = journal
            .debit(Account::Wallet(self.buyer), split.wallet)
            .debit(Account::Receivable(self.buyer), split.receivable)
            .credit(Account::Gateway(gateway.to_owned()), amount);
        self.post(ctx, journal)
    }

    /// Writes all of it, of orders of different buyers.
    pub(crate) async fn write_all(all: Vec<Self>, tx: &mut Tx, ctx: &Context) -> Result<()> {
        let (mut journals, mut entries) = (Vec::new(), Vec::new());
        for books in all {
            if let Some(wallet) = books.wallet.filter(|wallet| wallet.before != wallet.now) {
                let row = rows::Wallet {
                    user_id: books.buyer.0,
                    balance_minor: wallet.now.balance,
                    receivable_minor: wallet.now.receivable,
                    update_time: ctx.now,
                };
                if wallet.is_new {
                    tx.insert(row).await?;
                } else {
                    tx.update_all(vec![row]).await?;
                }
            }
            journals.extend(books.journals);
            entries.extend(books.entries);
        }
        tx.insert_all(journals).await?;
        Ok(tx.insert_all(entries).await?)
    }
}
