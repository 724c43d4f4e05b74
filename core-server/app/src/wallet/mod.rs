//! Wallets: balance that orders are paid from.

use chrono::{DateTime, Utc};
use warung_domain::{
    ids::LedgerEntryId,
    ledger::{Account, JournalKind},
    money::Money,
};
use warung_store::{Read, rows};

use crate::{
    context::Context,
    engine::Query,
    error::{Error, Result},
    page::PageRequest,
};

/// A user's wallet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wallet {
    /// What can be spent.
    pub balance: Money,
    /// What the user owes the store: later credits go there first.
    pub receivable: Money,
    /// The least that a top-up may be.
    pub top_up_minimum: Money,
    /// The most that a top-up may be.
    pub top_up_maximum: Money,
}

/// The calling person's wallet.
#[derive(Clone, Copy, Debug)]
pub struct GetWallet;

impl Query for GetWallet {
    type Output = Wallet;

    async fn fetch(&self, read: &Read, ctx: &Context) -> Result<Wallet> {
        let row: Option<rows::Wallet> = read.find(ctx.person()?.user_id.0).await?;
        Ok(Wallet {
            balance: Money::idr(row.as_ref().map_or(0, |row| row.balance_minor)),
            receivable: Money::idr(row.as_ref().map_or(0, |row| row.receivable_minor)),
            top_up_minimum: Money::idr(ctx.settings.top_up_minimum),
            top_up_maximum: Money::idr(ctx.settings.top_up_maximum),
        })
    }
}

/// What a change of a balance was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A top-up was paid.
    TopUp,
    /// An order was paid from the balance.
    Purchase,
    /// An order that was not completed gave back what it had taken.
    Return,
    /// An order was refunded.
    Refund,
    /// Money arrived that no order could take.
    Credit,
    /// A top-up was refunded through its gateway.
    Reversal,
}

/// A change of a balance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WalletEntry {
    /// Its id.
    pub id: LedgerEntryId,
    /// When.
    pub create_time: DateTime<Utc>,
    /// What it was.
    pub kind: EntryKind,
    /// What was added; negative: what was taken.
    pub amount: Money,
    /// The balance after it.
    pub balance_after: Money,
    /// The order that it belongs to; empty without one.
    pub order_code: String,
}

/// What happened to the calling person's balance, newest first.
#[derive(Clone, Debug, Default)]
pub struct ListEntries {
    /// Which page.
    pub page: PageRequest,
}

impl Query for ListEntries {
    type Output = (Vec<WalletEntry>, String);

    async fn fetch(&self, read: &Read, ctx: &Context) -> Result<(Vec<WalletEntry>, String)> {
        let user_id = ctx.person()?.user_id;
        let account = Account::Wallet(user_id).to_string();
        let page = self.page.read(ctx, &account)?;
        let mut found = read.wallet_entries(&account, page.after, page.limit()).await?;
        let next = page.cut(ctx, &mut found, |row| row.id);
        let entries = found.into_iter().map(|row| {
            let amount = row.amount_minor.checked_neg().ok_or_else(|| Error::inconsistent("ledger_entry.amount"))?;
            let kind = match row.kind.0 {
                JournalKind::Payment => EntryKind::Purchase,
                JournalKind::Settlement => EntryKind::TopUp,
                JournalKind::Credit => EntryKind::Credit,
                JournalKind::Return => EntryKind::Return,
                JournalKind::Reversal => EntryKind::Reversal,
                JournalKind::Refund if amount < 0 => EntryKind::Reversal,
                JournalKind::Refund => EntryKind::Refund,
            };
            Ok(WalletEntry {
                id: LedgerEntryId(row.id),
                create_time: row.create_time,
                kind,
                amount: Money::idr(amount),
                balance_after: Money::idr(row.balance_after_minor),
                order_code: row.order_code.unwrap_or_default(),
            })
        });
        Ok((entries.collect::<Result<_>>()?, next))
    }
}
