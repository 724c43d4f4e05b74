//! Faults of the books, each planted past all commands.

use uuid::Uuid;
use warung_app::{Context, Result};
use warung_domain::{
    ids::UserId,
    ledger::Account,
    money::Currency,
    payment::{Destination, PaymentState, RefundState},
};
use warung_store::{Tx, rows};

use crate::shop::Planting;

/// What is wrong.
#[derive(Clone, Copy, Debug)]
pub(super) enum What {
    Journal(InJournals),
    Wallet(InWallets),
    Order(InOrders),
    Stock(InStock),
}

#[derive(Clone, Copy, Debug)]
pub(super) enum InJournals {
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
pub(super) enum InWallets {
    WrongBalance,
    WrongReceivable,
    WrongBalanceAfter,
    Missing,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum InOrders {
    Unsettled,
    NotPaidExactly,
    WrongLine,
    WrongSum,
    Held,
    UnbookedPayment,
    UnbookedRefund,
    WrongRefunds,
    RefundOfNoLine,
    WrongRefundOfLine,
    TooMuchOfLine,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum InStock {
    SoldToNobody,
    TooFewLines,
    WrongAvailable,
    WrongReserved,
    WrongSold,
}

pub(super) struct Fault {
    pub(super) what: What,
    pub(super) user: UserId,
    pub(super) product: Uuid,
    pub(super) paid: Uuid,
    pub(super) pending: Uuid,
    pub(super) number: u128,
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
                currency: Currency::Idr.into(),
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
                        tx.insert(self.refund(RefundState::Pending)).await?;
                        (self.refund(RefundState::Pending).id, self.paid)
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
                payment.state = PaymentState::Reversed.into();
                payment.reversed_minor = Some(5);
                Ok(tx.update(payment).await?)
            }
            InJournals::OfAnotherRefund => {
                self.say_refunded(tx).await?;
                let refund = self.refund(RefundState::Done);
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
        let mut line = tx.lines_of_order(self.paid).await?.remove(0);
        match what {
            InOrders::Unsettled => {
                Ok(tx.insert(rows::Order { id: self.id(3), code: "tg7-aaaaaaaa".into(), ..paid }).await?)
            }
            InOrders::NotPaidExactly => {
                paid.paid_minor -= 1;
                Ok(tx.update(paid).await?)
            }
            InOrders::WrongLine => {
                line.discount_minor += 1;
                Ok(tx.update(line).await?)
            }
            InOrders::WrongSum => {
                pending.subtotal_minor += 1;
                Ok(tx.update(pending).await?)
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
                Ok(tx.insert(self.refund(RefundState::Done)).await?)
            }
            InOrders::WrongRefunds => {
                self.say_refunded(tx).await?;
                Ok(tx.insert(self.refund(RefundState::Pending)).await?)
            }
            InOrders::RefundOfNoLine => Ok(tx.insert(self.refund(RefundState::Pending)).await?),
            InOrders::WrongRefundOfLine => {
                line.refunded_minor += 1;
                Ok(tx.update(line).await?)
            }
            InOrders::TooMuchOfLine => {
                let amount_minor = line.net_minor + 1;
                let refund = rows::Refund { amount_minor, ..self.refund(RefundState::Pending) };
                let refund_id = refund.id;
                tx.insert(refund).await?;
                Ok(tx.insert(rows::RefundLine { refund_id, order_line_id: line.id, amount_minor }).await?)
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
        paid.refunded_minor = self.refund(RefundState::Done).amount_minor;
        Ok(tx.update(paid).await?)
    }

    fn refund(&self, state: RefundState) -> rows::Refund {
        rows::Refund {
            id: self.id(5),
            order_id: self.paid,
            payment_id: None,
            destination: Destination::Balance.into(),
            currency: Currency::Idr.into(),
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
pub(super) const FAULTS: [(What, &str); 33] = {
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
        (Order(O::WrongLine), "every line is paid its price less what comes off it"),
        (Order(O::WrongSum), "an order comes to the sum of its lines"),
        (Order(O::Held), "an order holds what was paid of it until it is settled, and nothing afterwards"),
        (Order(O::UnbookedPayment), "every payment that has its money is booked"),
        (Order(O::UnbookedRefund), "every refund that was made is booked"),
        (Order(O::WrongRefunds), "an order's refunds come to what it says"),
        (Order(O::RefundOfNoLine), "every refund is of lines of its order, which come to it"),
        (Order(O::WrongRefundOfLine), "a line's refunds come to what it says"),
        (Order(O::TooMuchOfLine), "of a line no more goes back than was paid for it"),
        (Stock(S::SoldToNobody), "every sold stock line belongs to a settled order of its product"),
        (Stock(S::TooFewLines), "every settled line has as many stock lines as units"),
        (Stock(S::WrongAvailable), "a product has as many free stock lines as units that can be ordered or are kept"),
        (Stock(S::WrongReserved), "a product's kept units are those of its unpaid orders"),
        (Stock(S::WrongSold), "a product's sold units are those of its settled orders"),
    ]
};
