//! What a gateway answered to a payment that was begun, and its end.

use chrono::{DateTime, TimeDelta, Utc};
use warung_domain::{
    ids::PaymentId,
    money::Money,
    order::OrderState,
    payment::{Closure, Event, PaymentState},
};
use warung_store::{LockedOrder, Tx};

use super::{
    attempt::{Attempt, Attempts},
    question::ask_given_up,
};
use crate::{
    context::{Context, whole_microseconds},
    engine::Command,
    error::{Error, Result},
    order::OrderEdit,
};

/// An unpaid order lives no longer than this, whatever a gateway says of its invoices.
pub(super) const ORDER_LIFE_MAX: TimeDelta = TimeDelta::days(7);

/// The orders of payments, locked with all of their payments. Those of a payment that there is not are left out.
pub(super) async fn locked_all(tx: &mut Tx, ids: &[PaymentId]) -> Result<Vec<OrderEdit>> {
    let orders = tx.lock_orders_of_payments(ids.iter().map(|id| id.0).collect()).await?;
    if orders.is_empty() {
        return Ok(Vec::new());
    }
    // By a statement of its own, once the orders are locked: what was begun until then is seen.
    let mut payments = tx.lock_payments_of_orders(orders.iter().map(|found| found.order.id).collect()).await?;
    let edit = |locked: LockedOrder| {
        let of_order = payments.extract_if(.., |row| row.order_id == locked.order.id).collect::<Vec<_>>();
        let mut edit = OrderEdit::of(locked);
        edit.payments = Attempts::of(of_order);
        edit
    };
    Ok(orders.into_iter().map(edit).collect())
}

/// The order of a payment, locked with all of its payments.
pub(super) async fn locked(tx: &mut Tx, id: PaymentId) -> Result<OrderEdit> {
    locked_all(tx, &[id]).await?.pop().ok_or_else(|| Error::not_found("payment", &id))
}

/// Keeps the invoice that a gateway made: CREATING becomes OPEN, and the order is kept as long as the invoice is good.
#[derive(Clone, Debug)]
pub struct RecordInvoice {
    /// Of which payment.
    pub payment_id: PaymentId,
    /// What the gateway charges the buyer on top.
    pub fee: Money,
    /// What the buyer pays: amount and fee.
    pub total: Money,
    /// The text of the QR code, or the number of the virtual account.
    pub payload: Option<String>,
    /// The gateway's own page for it.
    pub pay_url: Option<String>,
    /// Until when it can be paid.
    pub expire_time: DateTime<Utc>,
}

impl Command for RecordInvoice {
    /// Where the payment stands now: OPEN, unless it was ended meanwhile.
    type Output = PaymentState;
    const NAME: &'static str = "payment.record_invoice";
    const BY_REQUEST_ID: bool = false;

    async fn execute(&self, tx: &mut Tx, ctx: &Context) -> Result<PaymentState> {
        let mut edit = locked(tx, self.payment_id).await?;
        let life = kept_until(ctx, &edit, self.payment_id);
        let attempt = edit.payments.get_mut(self.payment_id)?;
        let state = attempt.state();
        if state != PaymentState::Creating {
            return Ok(state);
        }
        let in_currency = attempt.row().currency.0;
        let fits = self.fee.minor_units >= 0
            && self.fee.currency == in_currency
            && self.total.currency == in_currency
            && attempt.row().amount_minor.checked_add(self.fee.minor_units) == Some(self.total.minor_units);
        if !fits {
            return Err(Error::Internal("an invoice's total is not its amount and its fee".into()));
        }
        let expire_time = whole_microseconds(self.expire_time).min(life);
        attempt.change(ctx, Event::Invoiced(expire_time))?;
        let row = attempt.row_mut();
        row.fee_minor = self.fee.minor_units;
        row.total_minor = self.total.minor_units;
        row.payload.clone_from(&self.payload);
        row.pay_url.clone_from(&self.pay_url);
        let is_pending = edit.state() == OrderState::Pending;
        if is_pending {
            edit.order.expire_time = expire_time;
        } else {
            // The order came to its end while the gateway made the invoice.
            edit.close_payment(tx, ctx, self.payment_id, Event::GivenUp(Closure::Cancelled)).await?;
        }
        edit.save(tx, ctx).await?;
        Ok(if is_pending { PaymentState::Open } else { PaymentState::Cancelled })
    }
}

/// Until when an order is kept at most. Its first invoice says so itself, within the life of an order; changing the way to
/// pay prolongs what was said before up to a setting, and no further.
fn kept_until(ctx: &Context, edit: &OrderEdit, id: PaymentId) -> DateTime<Utc> {
    let had_invoice = |other: &Attempt| other.state() != PaymentState::Failed && !other.method().is_balance();
    let is_first = !edit.payments.all().iter().any(|other| other.id() != id && had_invoice(other));
    let life = edit.order.create_time + ORDER_LIFE_MAX;
    if is_first {
        return life;
    }
    let switched = edit.order.create_time + TimeDelta::seconds(ctx.settings.switched_hold_seconds);
    edit.order.expire_time.max(switched).min(life)
}

/// The gateway would not make a payment, or nobody knows: CREATING becomes FAILED.
#[derive(Clone, Copy, Debug)]
pub struct FailPayment {
    /// Which payment.
    pub payment_id: PaymentId,
    /// The gateway may have made it all the same: it is asked again later.
    pub check_again: bool,
}

impl Command for FailPayment {
    /// Where the payment stands now.
    type Output = PaymentState;
    const NAME: &'static str = "payment.fail";
    const BY_REQUEST_ID: bool = false;

    async fn execute(&self, tx: &mut Tx, ctx: &Context) -> Result<PaymentState> {
        let mut edit = locked(tx, self.payment_id).await?;
        let attempt = edit.payments.get_mut(self.payment_id)?;
        let state = attempt.state();
        if state != PaymentState::Creating {
            return Ok(state);
        }
        attempt.change(ctx, Event::GivenUp(Closure::Failed))?;
        let question = ask_given_up(ctx, attempt)?.filter(|_| self.check_again);
        match question {
            Some(question) => edit.ask(question),
            None => tx.remove_own_questions(vec![self.payment_id.0]).await?,
        }
        edit.save(tx, ctx).await?;
        Ok(PaymentState::Failed)
    }
}

/// Ends a payment that is underway, and that can't be paid any more at its gateway.
#[derive(Clone, Copy, Debug)]
pub struct ClosePayment {
    /// Which payment.
    pub payment_id: PaymentId,
    /// Why.
    pub how: Closure,
}

impl Command for ClosePayment {
    /// Where the payment stands now: what had ended before stays so.
    type Output = PaymentState;
    const NAME: &'static str = "payment.close";
    const BY_REQUEST_ID: bool = false;

    async fn execute(&self, tx: &mut Tx, ctx: &Context) -> Result<PaymentState> {
        let mut edit = locked(tx, self.payment_id).await?;
        let state = edit.payments.get(self.payment_id)?.state();
        if !state.is_underway() {
            return Ok(state);
        }
        edit.close_payment(tx, ctx, self.payment_id, Event::Ended(self.how)).await?;
        let closed = edit.payments.get(self.payment_id)?.state();
        edit.save(tx, ctx).await?;
        Ok(closed)
    }
}
