//! The books: journals of debits and credits that sum to zero.

use std::fmt;

use uuid::Uuid;

use crate::{
    ids::{OrderId, UserId},
    money::Currency,
    named,
};

/// What is booked on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Account {
    /// What a gateway holds for the store.
    Gateway(String),
    /// What the store owes a user.
    Wallet(UserId),
    /// What a user owes the store.
    Receivable(UserId),
    /// What an order holds until it is settled.
    Order(OrderId),
    /// What the store has earned.
    Revenue,
    /// What gateways have kept for themselves of what they received.
    Fees,
}

/// Its name in the database.
impl fmt::Display for Account {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gateway(name) => write!(formatter, "gateway:{name}"),
            Self::Wallet(user_id) => write!(formatter, "wallet:{user_id}"),
            Self::Receivable(user_id) => write!(formatter, "receivable:{user_id}"),
            Self::Order(order_id) => write!(formatter, "order:{order_id}"),
            Self::Revenue => formatter.write_str("revenue"),
            Self::Fees => formatter.write_str("fees"),
        }
    }
}

named! {
    /// What happened.
    pub enum JournalKind {
        /// Money arrived for an order.
        Payment = "PAYMENT",
        /// An order was settled.
        Settlement = "SETTLEMENT",
        /// Money that no order could take went to a wallet.
        Credit = "CREDIT",
        /// What an order held went back to the wallet that it came from.
        Return = "RETURN",
        /// An order's money went back.
        Refund = "REFUND",
        /// A gateway took money back that had gone to a wallet.
        Reversal = "REVERSAL",
    }
}

/// A line of a journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Where.
    pub account: Account,
    /// How much: positive is a debit, negative a credit; never 0.
    pub amount: i64,
}

/// Something to book, in one currency, which sums to zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Journal {
    kind: JournalKind,
    ref_id: Uuid,
    order_id: Option<OrderId>,
    currency: Currency,
    entries: Vec<Entry>,
}

/// Entries that don't sum to zero, or sum to more than can be counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a journal must sum to zero")]
pub struct Unbalanced;

/// Collects the entries of a journal.
#[derive(Clone, Debug)]
pub struct JournalBuilder(Journal);

impl Journal {
    /// Begins a journal of what happened to `ref_id`: of each kind there is one.
    #[must_use]
    pub fn of(kind: JournalKind, ref_id: Uuid, order_id: Option<OrderId>, currency: Currency) -> JournalBuilder {
        JournalBuilder(Self { kind, ref_id, order_id, currency, entries: Vec::new() })
    }

    /// What its amounts are in.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// What happened.
    #[must_use]
    pub fn kind(&self) -> JournalKind {
        self.kind
    }

    /// To what.
    #[must_use]
    pub fn ref_id(&self) -> Uuid {
        self.ref_id
    }

    /// The order that it belongs to.
    #[must_use]
    pub fn order_id(&self) -> Option<OrderId> {
        self.order_id
    }

    /// Its lines: at least two, unless nothing moved.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }
}

impl JournalBuilder {
    /// Adds a debit; nothing when the amount is 0.
    #[must_use]
    pub fn debit(self, account: Account, amount: i64) -> Self {
        self.entry(account, amount)
    }

    /// Adds a credit; nothing when the amount is 0.
    #[must_use]
    pub fn credit(self, account: Account, amount: i64) -> Self {
        // The least number has no opposite. Kept as it is, the sum can't be zero.
        self.entry(account, amount.checked_neg().unwrap_or(amount))
    }

    fn entry(mut self, account: Account, amount: i64) -> Self {
        if amount != 0 {
            self.0.entries.push(Entry { account, amount });
        }
        self
    }

    /// The journal, if it sums to zero.
    pub fn finish(self) -> Result<Journal, Unbalanced> {
        let sum = self.0.entries.iter().try_fold(0_i64, |sum, entry| sum.checked_add(entry.amount));
        if sum == Some(0) { Ok(self.0) } else { Err(Unbalanced) }
    }
}

/// What a wallet holds, and what its user owes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Holdings {
    /// What can be spent; never negative.
    pub balance: i64,
    /// What is owed; never negative.
    pub receivable: i64,
}

/// How an amount divides between a wallet and what its user owes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Split {
    /// The part that the wallet gets or gives.
    pub wallet: i64,
    /// The part by which the debt falls or grows.
    pub receivable: i64,
    /// What there is afterwards.
    pub after: Holdings,
}

impl Holdings {
    /// Adds an amount, which pays what is owed first; `None` when it is negative or more than can be counted.
    #[must_use]
    pub fn gain(self, amount: i64) -> Option<Split> {
        let receivable = amount.min(self.receivable);
        let wallet = amount.checked_sub(receivable)?;
        let after =
            Self { balance: self.balance.checked_add(wallet)?, receivable: self.receivable.checked_sub(receivable)? };
        (amount >= 0).then_some(Split { wallet, receivable, after })
    }

    /// Takes an amount that the wallet holds; `None` when it does not, or the amount is negative.
    #[must_use]
    pub fn spend(self, amount: i64) -> Option<Self> {
        let balance = self.balance.checked_sub(amount)?;
        (amount >= 0 && balance >= 0).then_some(Self { balance, ..self })
    }

    /// Takes an amount whether the wallet holds it or not: what it lacks is owed.
    #[must_use]
    pub fn take(self, amount: i64) -> Option<Split> {
        let wallet = amount.min(self.balance);
        let receivable = amount.checked_sub(wallet)?;
        let after =
            Self { balance: self.balance.checked_sub(wallet)?, receivable: self.receivable.checked_add(receivable)? };
        (amount >= 0).then_some(Split { wallet, receivable, after })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn journal() -> JournalBuilder {
        Journal::of(JournalKind::Payment, Uuid::from_u128(1), None, Currency::Idr)
    }

    #[test]
    fn what_does_not_sum_to_zero_is_refused() {
        let gateway = || Account::Gateway("PAKASIR".into());
        let booked = journal().debit(gateway(), 5).credit(Account::Revenue, 3).credit(Account::Revenue, 2).finish();
        assert_eq!(booked.unwrap().entries().len(), 3);
        assert_eq!(journal().debit(gateway(), 5).finish(), Err(Unbalanced));
        assert_eq!(journal().debit(gateway(), 5).credit(Account::Revenue, 4).finish(), Err(Unbalanced));
        assert_eq!(journal().debit(gateway(), i64::MAX).debit(gateway(), 1).finish(), Err(Unbalanced));
        assert_eq!(journal().credit(gateway(), i64::MIN).finish(), Err(Unbalanced));
        assert!(journal().debit(gateway(), 0).finish().unwrap().entries().is_empty(), "nothing is booked as nothing");
    }

    #[test]
    fn accounts_are_named_as_they_are_kept() {
        let id = Uuid::from_u128(7);
        for (account, name) in [
            (Account::Gateway("PAKASIR".into()), "gateway:PAKASIR"),
            (Account::Wallet(UserId(id)), "wallet:usr_00000000000000000000000007"),
            (Account::Receivable(UserId(id)), "receivable:usr_00000000000000000000000007"),
            (Account::Order(OrderId(id)), "order:ord_00000000000000000000000007"),
            (Account::Revenue, "revenue"),
            (Account::Fees, "fees"),
        ] {
            assert_eq!(account.to_string(), name);
        }
        for kind in JournalKind::ALL {
            assert_eq!(JournalKind::from_name(kind.name()), Some(kind));
        }
    }

    #[test]
    fn a_credit_pays_what_is_owed_first() {
        let owing = Holdings { balance: 0, receivable: 300 };
        assert_eq!(owing.gain(200).unwrap().after, Holdings { balance: 0, receivable: 100 });
        let split = owing.gain(500).unwrap();
        assert_eq!((split.wallet, split.receivable, split.after), (200, 300, Holdings { balance: 200, receivable: 0 }));
        assert_eq!(owing.gain(-1), None);
    }

    #[test]
    fn a_wallet_never_goes_below_zero() {
        let holding = Holdings { balance: 100, receivable: 0 };
        assert_eq!(holding.spend(101), None);
        assert_eq!(holding.spend(-1), None);
        assert_eq!(holding.spend(100), Some(Holdings::default()));
        let split = holding.take(150).unwrap();
        assert_eq!((split.wallet, split.receivable, split.after), (100, 50, Holdings { balance: 0, receivable: 50 }));
    }

    proptest! {
        #[test]
        fn holdings_change_by_exactly_the_amount(balance in 0_i64..1_000_000, receivable in 0_i64..1_000_000, amount in 0_i64..1_000_000) {
            let before = Holdings { balance, receivable };
            let worth = |holdings: Holdings| holdings.balance - holdings.receivable;
            let added = before.gain(amount).unwrap();
            prop_assert_eq!(worth(added.after), worth(before) + amount);
            prop_assert_eq!(added.wallet + added.receivable, amount);
            let taken = before.take(amount).unwrap();
            prop_assert_eq!(worth(taken.after), worth(before) - amount);
            prop_assert!(taken.after.balance >= 0 && added.after.receivable >= 0);
        }

        #[test]
        fn a_balanced_journal_is_taken_and_any_other_refused(amounts in prop::collection::vec(-1_000_i64..1_000, 0..8)) {
            let mut open = journal();
            for amount in &amounts {
                open = open.debit(Account::Revenue, *amount);
            }
            prop_assert_eq!(open.finish().is_ok(), amounts.iter().sum::<i64>() == 0);
        }
    }
}
