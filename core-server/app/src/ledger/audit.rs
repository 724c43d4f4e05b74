//! Proves the books.

use uuid::Uuid;
use warung_domain::{
    ids::{OrderId, OrderLineId, PaymentId, ProductId, RefundId, UserId},
    ledger::Account,
};
use warung_store::{BOOK_RULES, Read, WalletSums};

use crate::{context::Context, engine::Query, error::Result};

/// How many wallets are looked at in one step.
const STEP: u64 = 256;
const WALLET_RULE: &str = "every wallet equals its entries";

/// Something in the books that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The rule that is broken, in English.
    pub rule: &'static str,
    /// What breaks it, such as `order ord_…`.
    pub subject: String,
}

/// Proves the books. Answers every fault, at most 100 of each rule; none: they hold. The database sums, so the memory
/// that it takes does not grow with the store. It may run while the store is in use.
#[derive(Clone, Copy, Debug)]
pub struct Audit;

impl Query for Audit {
    type Output = Vec<Fault>;

    async fn fetch(&self, read: &Read, _ctx: &Context) -> Result<Vec<Fault>> {
        let mut faults = Vec::new();
        for rule in BOOK_RULES {
            for subject in read.broken(rule).await? {
                faults.push(Fault { rule: rule.text, subject: named(rule.subject, subject) });
            }
        }
        faults.extend(wallets(read).await?);
        Ok(faults)
    }
}

fn named(kind: &str, id: String) -> String {
    let Ok(uuid) = id.parse::<Uuid>() else { return id };
    let id = match kind {
        "order" => OrderId(uuid).to_string(),
        "order line" => OrderLineId(uuid).to_string(),
        "payment" => PaymentId(uuid).to_string(),
        "refund" => RefundId(uuid).to_string(),
        "product" => ProductId(uuid).to_string(),
        _ => id,
    };
    format!("{kind} {id}")
}

fn holds(sums: WalletSums) -> bool {
    sums.balance == sums.booked_balance && sums.receivable == sums.booked_receivable
}

/// Every wallet against its entries. What differs at first may have changed between two looks: one statement decides.
async fn wallets(read: &Read) -> Result<Vec<Fault>> {
    let mut faults = Vec::new();
    let mut after = None;
    loop {
        let step = read.wallets_after(after, STEP).await?;
        let Some(last) = step.last() else { break };
        after = Some(last.user_id);
        let accounts = |id| (Account::Wallet(UserId(id)).to_string(), Account::Receivable(UserId(id)).to_string());
        let names = step.iter().flat_map(|row| <[String; 2]>::from(accounts(row.user_id))).collect();
        let sums = read.account_sums(names).await?;
        let sum = |name: &str| sums.iter().find(|(account, _)| account == name).map_or(0, |(_, total)| *total);
        for row in &step {
            let (wallet, receivable) = accounts(row.user_id);
            let seen = WalletSums {
                balance: row.balance_minor,
                booked_balance: sum(&wallet).saturating_neg(),
                receivable: row.receivable_minor,
                booked_receivable: sum(&receivable),
            };
            if !holds(seen) && !holds(read.wallet_sums(row.user_id, &wallet, &receivable).await?) {
                faults.push(Fault { rule: WALLET_RULE, subject: wallet });
            }
        }
    }
    if faults.is_empty() && !holds(read.all_wallet_sums().await?) {
        faults.push(Fault { rule: WALLET_RULE, subject: "entries of a wallet that is not there".into() });
    }
    Ok(faults)
}
