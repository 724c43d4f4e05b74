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
    record::locked,
    view::{method_of, state_of},
};
use crate::{
    context::{Context, whole_microseconds},
    engine::Command,
    error::{Error, Result},
    operations::audit::{Change, audit},
    order::{OrderEdit, Unused, can_be_had, credited, invoice_edits},
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
    /// The payment's order.
    pub order_id: OrderId,
    /// What became of the money.
    pub outcome: AppliedOutcome,
}

/// Applies money that has arrived for a payment, once.
#[derive(Clone, Debug, Serialize, Deserialize)]
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
        let (mut edit, mut row) = locked(tx, self.payment_id).await?;
        let order_id = edit.id();
        let before = state_of(&row)?;
        if method_of(&row)?.is_balance() {
            return Err(Error::not_found("payment", &self.payment_id));
        }
        if before.has_money() {
            return Ok(Applied { order_id, outcome: AppliedOutcome::Repeated });
        }
        let received = self.received.minor_units;
        let price = Account { state: edit.state()?, due: edit.order.due_minor, paid: edit.order.paid_minor };
        edit.books.paid_by_gateway(ctx, self.payment_id, &row.gateway, received)?;
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
        let edits = invoice_edits(tx, ctx, &edit.buyer, &edit.order, &row).await?;
        edit.say(edits);
        tx.update(row).await?;
        let outcome = self.follow(tx, ctx, &mut edit, verdict, before).await?;
        edit.save(tx, ctx).await?;
        Ok(Applied { order_id, outcome })
    }
}

impl ApplyPayment {
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
        verdict: Verdict,
        before: PaymentState,
    ) -> Result<AppliedOutcome> {
        let received = self.received.minor_units;
        let (kept, over, is_late) = match verdict {
            Verdict::Settle { kept, over } => (kept, over, false),
            Verdict::Late { kept, over } => (kept, over, true),
            Verdict::Short => return self.credit(tx, ctx, edit, received, Unused::Short).await,
            Verdict::Double => return self.credit(tx, ctx, edit, received, Unused::Double).await,
            Verdict::TooLate => return self.credit(tx, ctx, edit, received, Unused::Late).await,
        };
        let lines = tx.lines_of_order(edit.order.id).await?;
        if is_late && !can_be_had(tx, &lines).await? {
            return self.credit(tx, ctx, edit, received, Unused::Late).await;
        }
        // Of one order's payments one is underway: when it is not this one, it may be another, which is of no use now.
        if !before.is_underway()
            && let Some(other) = tx.payment_underway(edit.order.id).await?
        {
            edit.close_payment(tx, ctx, other, PaymentState::Cancelled).await?;
        }
        edit.order.paid_minor = edit.order.paid_minor.saturating_add(kept);
        if over > 0 {
            self.credit(tx, ctx, edit, over, Unused::Over).await?;
        }
        edit.settle(tx, ctx, &lines, is_late).await?;
        Ok(AppliedOutcome::Settled)
    }

    /// Money that the order does not take goes to the wallet, and buyer and sellers are told.
    async fn credit(
        &self,
        tx: &mut Tx,
        ctx: &Context,
        edit: &mut OrderEdit,
        amount: i64,
        unused: Unused,
    ) -> Result<AppliedOutcome> {
        edit.books.credit(tx, ctx, self.payment_id, amount).await?;
        let notices = credited(ctx, &edit.buyer, &edit.order, amount, unused);
        edit.say(notices);
        Ok(if unused == Unused::Short { AppliedOutcome::Short } else { AppliedOutcome::Credited })
    }
}
