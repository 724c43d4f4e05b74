//! Applies money that has arrived: to its order, or to the buyer's wallet.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;
use warung_domain::{
    ids::{OrderId, PaymentId},
    money::Money,
    payment::{Closure, Event, PaymentState},
    settle::{Account, Verdict, judge},
    violation::Violations,
};
use warung_store::{StockChanges, Tx, rows};

use super::{
    attempt::Attempt,
    record::{locked, locked_all},
    review::{NOTE_CHARACTERS, retain},
    told::reference_of_other,
};
use crate::{
    context::{Context, whole_microseconds},
    engine::{AdminCommand, Change, Command, Told},
    error::{Error, Result},
    order::{InvoiceEnd, OrderEdit, Stock, Unused, can_be_had, credited, invoice_edits, invoices, lines_of},
};

/// More than this, in rupiah, nobody pays at once.
const RECEIVED_MAX: i64 = 10_000_000_000;

/// Who says that the money has arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// How much of that the gateway keeps for itself: from 0 to all of it. The order has it all the same.
    pub withheld: i64,
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
        let applied = apply(tx, ctx, std::slice::from_ref(self)).await?.pop().flatten();
        applied.ok_or_else(|| Error::not_found("payment", &self.payment_id))
    }
}

/// Applies money that a seller saw at the gateway.
#[derive(Clone, Debug)]
pub struct SettlePayment {
    /// Which payment.
    pub payment_id: PaymentId,
    /// How much arrived, without the gateway's fee; at least 1.
    pub received: Money,
    /// Why they say so, 1 to 200 characters.
    pub note: String,
}

impl AdminCommand for SettlePayment {
    type Output = Applied;
    const NAME: &'static str = "payment.settle";

    async fn change(&self, tx: &mut Tx, ctx: &Context) -> Result<Told<Applied>> {
        let Self { payment_id, received, note } = self.clone();
        let source = Source::Seller { note };
        let apply = ApplyPayment { payment_id, received, withheld: 0, paid_time: ctx.now, source };
        apply.check()?;
        let before = locked(tx, payment_id).await?.payments.get(payment_id)?.state();
        let applied = apply.execute(tx, ctx).await?;
        if applied.outcome == AppliedOutcome::Repeated {
            return Ok(Told::unchanged(applied));
        }
        let change = Change::of("payment", payment_id)
            .from(Some(json!({ "state": before.name() })))
            .to(json!({ "received": received.minor_units, "note": self.note }));
        Ok(Told::changed(applied, change))
    }
}

/// Applies money of many payments by few statements.
#[derive(Clone, Debug)]
pub(super) struct ApplyPayments(pub(super) Vec<ApplyPayment>);

impl Command for ApplyPayments {
    /// Of each, in their order; `None`: it has to be applied by itself.
    type Output = Vec<Option<Applied>>;
    const NAME: &'static str = "payment.apply_many";
    const BY_REQUEST_ID: bool = false;

    async fn execute(&self, tx: &mut Tx, ctx: &Context) -> Result<Self::Output> {
        apply(tx, ctx, &self.0).await
    }
}

/// Applies money of payments, of each buyer's that of one: of two, each would write the buyer's wallet and membership as
/// it found them. `None`: another of the buyer's was applied, or there is no such payment.
async fn apply(tx: &mut Tx, ctx: &Context, all: &[ApplyPayment]) -> Result<Vec<Option<Applied>>> {
    let mut ids = Vec::new();
    for money in all {
        money.check()?;
        ids.push(money.asked_for(tx).await?);
    }
    let mut at_hand = AtHand::load(tx, &ids).await?;
    let (mut applied, mut changed, mut answered) = (Vec::new(), Vec::new(), Vec::new());
    for (money, id) in all.iter().zip(ids) {
        let Some(mut edit) = at_hand.take(id) else {
            applied.push(None);
            continue;
        };
        let done = money.apply(tx, ctx, &mut edit, id, &mut at_hand).await?;
        // Money of another amount answers nothing of what was asked for. And of what was applied before, a webhook may
        // have asked again meanwhile.
        if done.payment_id == id {
            answered.push(id.0);
        }
        if done.outcome != AppliedOutcome::Repeated {
            changed.push(edit);
        }
        applied.push(Some(done));
    }
    if !answered.is_empty() {
        tx.remove_paid_questions(answered).await?;
    }
    OrderEdit::save_all(changed, StockChanges::default(), tx, ctx).await?;
    Ok(applied)
}

/// What is at hand of several payments' orders, by few statements.
struct AtHand {
    edits: Vec<OrderEdit>,
    lines: HashMap<Uuid, Vec<rows::OrderLine>>,
    invoices: HashMap<Uuid, Vec<rows::Delivery>>,
}

impl AtHand {
    async fn load(tx: &mut Tx, ids: &[PaymentId]) -> Result<Self> {
        let mut edits = locked_all(tx, ids).await?;
        let mut people = std::collections::HashSet::new();
        edits.retain(|edit| {
            let (buyer, receiver) = (edit.buyer.id, edit.receiver().id);
            people.insert(buyer) && (receiver == buyer || people.insert(receiver))
        });
        let (mut lines, mut by_payment): (_, HashMap<_, Vec<_>>) = Default::default();
        if !edits.is_empty() {
            lines = lines_of(tx, edits.iter().map(|edit| edit.order.id).collect()).await?;
            for invoice in invoices(tx, ids).await? {
                by_payment.entry(invoice.purpose_id.unwrap_or_default()).or_default().push(invoice);
            }
        }
        Ok(Self { edits, lines, invoices: by_payment })
    }

    /// The order of a payment, once.
    fn take(&mut self, id: PaymentId) -> Option<OrderEdit> {
        let place = self.edits.iter().position(|edit| edit.payments.get(id).is_ok())?;
        Some(self.edits.swap_remove(place))
    }
}

impl ApplyPayment {
    fn is_seen(&self) -> bool {
        matches!(self.source, Source::Seller { .. })
    }

    /// The payment that a gateway was asked for, when the one that a seller names books money of another amount under the
    /// same reference.
    async fn asked_for(&self, tx: &Tx) -> Result<PaymentId> {
        let named: Option<rows::Payment> = if self.is_seen() { tx.find(self.payment_id.0).await? } else { None };
        let Some(named) = named else { return Ok(self.payment_id) };
        let all = tx.payments_of_order(named.order_id).await?;
        let is_it = |row: &rows::Payment| reference_of_other(&row.reference, named.amount_minor) == named.reference;
        Ok(all.into_iter().find(is_it).map_or(self.payment_id, |row| PaymentId(row.id)))
    }

    async fn apply(
        &self,
        tx: &mut Tx,
        ctx: &Context,
        edit: &mut OrderEdit,
        id: PaymentId,
        at_hand: &mut AtHand,
    ) -> Result<Applied> {
        let order_id = edit.id();
        let named = edit.payments.get(id)?;
        if named.method().is_balance() {
            return Err(Error::not_found("payment", &self.payment_id));
        }
        let in_currency = named.row().currency.0;
        if self.received.currency != in_currency {
            return Err(Error::invalid("received", &format!("must be in {}", in_currency.name())));
        }
        let is_other = self.is_seen() && self.received.minor_units != named.row().amount_minor;
        let payment_id = if is_other { self.beside(ctx, edit, id)? } else { id };
        let before = edit.payments.get(payment_id)?.state();
        if before.has_money() {
            return Ok(Applied { payment_id, order_id, outcome: AppliedOutcome::Repeated });
        }
        let received = self.received.minor_units;
        let price = Account { state: edit.state(), due: edit.order.due_minor, paid: edit.order.paid_minor };
        let attempt = edit.payments.get_mut(payment_id)?;
        attempt.change(ctx, Event::Arrived(received, whole_microseconds(self.paid_time)))?;
        attempt.row_mut().review_reason = None;
        let row = attempt.row().clone();
        edit.books.paid_by_gateway(ctx, payment_id, &row.gateway, (received, self.withheld))?;
        let lines = at_hand.lines.remove(&order_id.0).unwrap_or_default();
        let outcome = self.follow(tx, ctx, edit, &lines, (payment_id, before), judge(price, received)).await?;
        let end = match outcome {
            AppliedOutcome::Settled | AppliedOutcome::Repeated => InvoiceEnd::Settled,
            AppliedOutcome::Credited | AppliedOutcome::Short => InvoiceEnd::Credited,
        };
        let sent = at_hand.invoices.remove(&payment_id.0).unwrap_or_default();
        let edits = invoice_edits(ctx, (&edit.buyer, &edit.order), &row, sent, end);
        edit.say(edits);
        Ok(Applied { payment_id, order_id, outcome })
    }

    /// The payment that books money of another amount than was asked for, once: what was asked for may still arrive.
    fn beside(&self, ctx: &Context, edit: &mut OrderEdit, id: PaymentId) -> Result<PaymentId> {
        let received = self.received.minor_units;
        let named = edit.payments.get(id)?.row().clone();
        let reference = reference_of_other(&named.reference, received);
        if let Some(found) = edit.payments.all().iter().find(|attempt| attempt.row().reference == reference) {
            return Ok(found.id());
        }
        if named.review_reason.is_some() {
            let row = edit.payments.get_mut(id)?.row_mut();
            retain(row, |reason| !reason.is_about_booked(self.received))?;
        }
        let row = rows::Payment {
            id: ctx.new_id(),
            number: edit.payments.next_number(),
            reference,
            // Nobody is to pay it.
            state: PaymentState::Failed.into(),
            amount_minor: received,
            fee_minor: 0,
            total_minor: received,
            received_minor: None,
            payload: None,
            pay_url: None,
            expire_time: Some(ctx.now),
            paid_time: None,
            reversed_minor: None,
            create_time: ctx.now,
            ..named
        };
        let beside = PaymentId(row.id);
        edit.payments.add(row);
        Ok(beside)
    }

    fn check(&self) -> Result<()> {
        let mut violations = Violations::new();
        violations.range("received", self.received.minor_units, 1..=RECEIVED_MAX);
        violations.range("withheld", self.withheld, 0..=self.received.minor_units.max(0));
        if let Source::Seller { note } = &self.source {
            violations.length("note", note, 1..=NOTE_CHARACTERS);
        }
        Ok(violations.finish()?)
    }

    /// Does what the rules say.
    async fn follow(
        &self,
        tx: &mut Tx,
        ctx: &Context,
        edit: &mut OrderEdit,
        lines: &[rows::OrderLine],
        (id, before): (PaymentId, PaymentState),
        verdict: Verdict,
    ) -> Result<AppliedOutcome> {
        let received = self.received.minor_units;
        let (kept, over, is_late) = match verdict {
            Verdict::Settle { kept, over } => (kept, over, false),
            Verdict::Late { kept, over } => (kept, over, true),
            Verdict::Short => return credit(tx, ctx, edit, id, received, Unused::Short).await,
            Verdict::Double => return credit(tx, ctx, edit, id, received, Unused::Double).await,
            Verdict::TooLate => return credit(tx, ctx, edit, id, received, Unused::Late).await,
        };
        if is_late && !can_be_had(tx, lines).await? {
            return credit(tx, ctx, edit, id, received, Unused::Late).await;
        }
        // Of one order's payments one is underway: when it is not this one, it may be another, which is of no use now.
        if !before.is_underway()
            && let Some(other) = edit.payments.underway().map(Attempt::id)
        {
            edit.close_payment(tx, ctx, other, Event::GivenUp(Closure::Cancelled)).await?;
        }
        edit.order.paid_minor = edit.order.paid_minor.saturating_add(kept);
        if over > 0 {
            credit(tx, ctx, edit, id, over, Unused::Over).await?;
        }
        edit.settle(tx, ctx, lines, if is_late { Stock::Free } else { Stock::Kept }).await?;
        Ok(AppliedOutcome::Settled)
    }
}

/// Money that the order does not take goes to the wallet, and buyer and sellers are told.
async fn credit(
    tx: &mut Tx,
    ctx: &Context,
    edit: &mut OrderEdit,
    id: PaymentId,
    amount: i64,
    unused: Unused,
) -> Result<AppliedOutcome> {
    edit.books.credit(tx, ctx, id, amount).await?;
    let notices = credited(ctx, &edit.buyer, &edit.order, amount, unused);
    edit.say(notices);
    Ok(if unused == Unused::Short { AppliedOutcome::Short } else { AppliedOutcome::Credited })
}
