//! Applies money that has arrived: to its order, or to the buyer's wallet.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use warung_domain::{
    ids::{OrderId, PaymentId},
    money::{Currency, Money},
    payment::PaymentState,
    settle::{Account, Verdict, judge},
    violation::Violations,
};
use warung_store::{Tx, rows};

use super::{
    check::reference_of_other,
    record::locked,
    review::retain,
    view::{method_of, state_of},
};
use crate::{
    context::{Context, whole_microseconds},
    engine::Command,
    error::{Error, Result},
    operations::audit::{Change, audit},
    order::{InvoiceEnd, OrderEdit, Unused, can_be_had, credited, invoice_edits},
};

/// More than this, in rupiah, nobody pays at once.
const RECEIVED_MAX: i64 = 10_000_000_000;
const NOTE_CHARACTERS: usize = 200;

/// Who says that the money has arrived.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Source {
    /// The gateway, asked by us.
    Gateway,
    /// A seller, who saw it at the gateway.
    Seller {
        /// Why they say so, 1 to 200 characters.
        note: String,
    },
}

/// What became of the money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AppliedOutcome {
    /// It settled the order.
    Settled,
    /// It went to the wallet: it was late, or the order had been paid.
    Credited,
    /// It was not enough and went to the wallet; the order can still be paid.
    Short,
    /// It was applied before.
    Repeated,
}

/// Money that was applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    /// The payment that holds it: the one that was named, or one of its own for an amount that nobody had asked for.
    pub payment_id: PaymentId,
    /// The payment's order.
    pub order_id: OrderId,
    /// What became of the money.
    pub outcome: AppliedOutcome,
}

/// Applies money that has arrived for a payment, once.
#[derive(Clone, Debug)]
pub struct ApplyPayment {
    /// Which payment.
    pub payment_id: PaymentId,
    /// How much arrived, without the gateway's fee; at least 1.
    pub received: Money,
    /// When.
    pub paid_time: DateTime<Utc>,
    /// Who says so.
    pub source: Source,
}

impl Command for ApplyPayment {
    type Output = Applied;
    const NAME: &'static str = "payment.apply";
    // The payment itself tells whether it was applied.
    const BY_REQUEST_ID: bool = false;

    async fn execute(&self, tx: &mut Tx, ctx: &Context) -> Result<Applied> {
        self.check()?;
        let (mut edit, mut named) = locked(tx, self.payment_id).await?;
        let is_seen = matches!(self.source, Source::Seller { .. });
        if is_seen && let Some(asked_for) = asked_for(tx, &named).await? {
            (edit, named) = locked(tx, asked_for).await?;
        }
        let order_id = edit.id();
        if method_of(&named)?.is_balance() {
            return Err(Error::not_found("payment", &self.payment_id));
        }
        let is_other = is_seen && self.received.minor_units != named.amount_minor;
        let mut row = if is_other { self.beside(tx, ctx, named).await? } else { named };
        let (before, payment_id) = (state_of(&row)?, PaymentId(row.id));
        if before.has_money() {
            return Ok(Applied { payment_id, order_id, outcome: AppliedOutcome::Repeated });
        }
        let received = self.received.minor_units;
        let price = Account { state: edit.state()?, due: edit.order.due_minor, paid: edit.order.paid_minor };
        edit.books.paid_by_gateway(ctx, payment_id, &row.gateway, received)?;
        let verdict = judge(price, received);
        if let Source::Seller { note } = &self.source {
            self.note(tx, ctx, &row, note).await?;
        }
        PaymentState::Paid.name().clone_into(&mut row.state);
        row.received_minor = Some(received);
        row.paid_time = Some(whole_microseconds(self.paid_time));
        row.check_time = None;
        row.check_lease_time = None;
        row.review_reason = None;
        if is_other {
            tx.insert(row.clone()).await?;
        } else {
            tx.update(row.clone()).await?;
        }
        let outcome = self.follow(tx, ctx, &mut edit, &row, verdict, before).await?;
        let end = match outcome {
            AppliedOutcome::Settled | AppliedOutcome::Repeated => InvoiceEnd::Settled,
            AppliedOutcome::Credited | AppliedOutcome::Short => InvoiceEnd::Credited,
        };
        let edits = invoice_edits(tx, ctx, &edit.buyer, &edit.order, &row, end).await?;
        edit.say(edits);
        edit.save(tx, ctx).await?;
        Ok(Applied { payment_id, order_id, outcome })
    }
}

impl ApplyPayment {
    /// The payment that books money of another amount than was asked for, once: what was asked for may still arrive.
    async fn beside(&self, tx: &mut Tx, ctx: &Context, mut named: rows::Payment) -> Result<rows::Payment> {
        let received = self.received.minor_units;
        let reference = reference_of_other(&named.reference, received);
        let all = tx.payments_of_order(named.order_id).await?;
        let number = all.iter().map(|row| row.number).max().unwrap_or_default().saturating_add(1);
        if let Some(found) = all.into_iter().find(|row| row.reference == reference) {
            return Ok(found);
        }
        let row = rows::Payment {
            id: ctx.new_id(),
            number,
            reference,
            state: PaymentState::Failed.name().to_owned(),
            amount_minor: received,
            fee_minor: 0,
            total_minor: received,
            payload: None,
            pay_url: None,
            expire_time: None,
            checks: 0,
            create_time: ctx.now,
            ..named.clone()
        };
        if named.review_reason.is_some() {
            retain(&mut named, |reason| !reason.is_about_booked(self.received))?;
            tx.update(named).await?;
        }
        Ok(row)
    }

    fn check(&self) -> Result<()> {
        let mut violations = Violations::new();
        violations.check(self.received.currency == Currency::Idr, "received", "must be in IDR");
        violations.range("received", self.received.minor_units, 1..=RECEIVED_MAX);
        if let Source::Seller { note } = &self.source {
            violations.length("note", note, 1..=NOTE_CHARACTERS);
        }
        Ok(violations.finish()?)
    }

    async fn note(&self, tx: &mut Tx, ctx: &Context, row: &rows::Payment, note: &str) -> Result<()> {
        let change = Change {
            command: "payment.settle",
            target: format!("payment:{}", self.payment_id),
            before: Some(serde_json::json!({ "state": row.state })),
            after: Some(serde_json::json!({ "received": self.received.minor_units, "note": note })),
        };
        audit(tx, ctx, change).await
    }

    /// Does what the rules say.
    async fn follow(
        &self,
        tx: &mut Tx,
        ctx: &Context,
        edit: &mut OrderEdit,
        row: &rows::Payment,
        verdict: Verdict,
        before: PaymentState,
    ) -> Result<AppliedOutcome> {
        let received = self.received.minor_units;
        let (kept, over, is_late) = match verdict {
            Verdict::Settle { kept, over } => (kept, over, false),
            Verdict::Late { kept, over } => (kept, over, true),
            Verdict::Short => return credit(tx, ctx, edit, row, received, Unused::Short).await,
            Verdict::Double => return credit(tx, ctx, edit, row, received, Unused::Double).await,
            Verdict::TooLate => return credit(tx, ctx, edit, row, received, Unused::Late).await,
        };
        let lines = tx.lines_of_order(edit.order.id).await?;
        if is_late && !can_be_had(tx, &lines).await? {
            return credit(tx, ctx, edit, row, received, Unused::Late).await;
        }
        // Of one order's payments one is underway: when it is not this one, it may be another, which is of no use now.
        if !before.is_underway()
            && let Some(other) = underway(tx, edit).await?
        {
            edit.close_payment(tx, ctx, other, PaymentState::Cancelled).await?;
        }
        edit.order.paid_minor = edit.order.paid_minor.saturating_add(kept);
        if over > 0 {
            credit(tx, ctx, edit, row, over, Unused::Over).await?;
        }
        edit.settle(tx, ctx, &lines, is_late).await?;
        Ok(AppliedOutcome::Settled)
    }
}

/// The payment of an order that is underway, locked.
async fn underway(tx: &mut Tx, edit: &OrderEdit) -> Result<Option<rows::Payment>> {
    for row in tx.lock_payments_of_order(edit.order.id).await? {
        if state_of(&row)?.is_underway() {
            return Ok(Some(row));
        }
    }
    Ok(None)
}

/// The payment that a gateway was asked for, when `named` books money of another amount under the same reference.
async fn asked_for(tx: &Tx, named: &rows::Payment) -> Result<Option<PaymentId>> {
    let all = tx.payments_of_order(named.order_id).await?;
    let is_it = |row: &rows::Payment| reference_of_other(&row.reference, named.amount_minor) == named.reference;
    Ok(all.into_iter().find(is_it).map(|row| PaymentId(row.id)))
}

/// Money that the order does not take goes to the wallet, and buyer and sellers are told.
async fn credit(
    tx: &mut Tx,
    ctx: &Context,
    edit: &mut OrderEdit,
    row: &rows::Payment,
    amount: i64,
    unused: Unused,
) -> Result<AppliedOutcome> {
    edit.books.credit(tx, ctx, PaymentId(row.id), amount).await?;
    let notices = credited(ctx, &edit.buyer, &edit.order, amount, unused);
    edit.say(notices);
    Ok(if unused == Unused::Short { AppliedOutcome::Short } else { AppliedOutcome::Credited })
}
