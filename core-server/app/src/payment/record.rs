//! What a gateway answered to a payment that was begun, and its end.

use chrono::{DateTime, TimeDelta, Utc};
use warung_domain::{
    ids::PaymentId,
    money::{Currency, Money},
    order::OrderState,
    payment::{PaymentState, next_check},
};
use warung_store::{LockedPayment, Tx, rows};

use super::view::{method_of, state_of};
use crate::{
    context::{Context, whole_microseconds},
    engine::Command,
    error::{Error, Result},
    order::OrderEdit,
};

/// An unpaid order lives no longer than this, whatever a gateway says of its invoices.
pub(super) const ORDER_LIFE_MAX: TimeDelta = TimeDelta::days(7);

/// A payment that is worked on, and its order.
pub(super) async fn locked(tx: &mut Tx, id: PaymentId) -> Result<(OrderEdit, rows::Payment)> {
    let found = tx.lock_payment(id.0).await?.ok_or_else(|| Error::not_found("payment", &id))?;
    let LockedPayment { buyer, order, payment } = found;
    Ok((OrderEdit::of(buyer, order), payment))
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
        let (mut edit, mut row) = locked(tx, self.payment_id).await?;
        let state = state_of(&row)?;
        if state != PaymentState::Creating {
            return Ok(state);
        }
        let fits = self.fee.minor_units >= 0
            && self.fee.currency == Currency::Idr
            && self.total.currency == Currency::Idr
            && row.amount_minor.checked_add(self.fee.minor_units) == Some(self.total.minor_units);
        if !fits {
            return Err(Error::Internal("an invoice's total is not its amount and its fee".into()));
        }
        row.fee_minor = self.fee.minor_units;
        row.total_minor = self.total.minor_units;
        row.payload.clone_from(&self.payload);
        row.pay_url.clone_from(&self.pay_url);
        let kept_until = kept_until(tx, ctx, &edit, &row).await?;
        let expire_time = whole_microseconds(self.expire_time.min(kept_until));
        row.expire_time = Some(expire_time);
        row.check_lease_time = None;
        let state = if edit.state()? == OrderState::Pending {
            edit.order.expire_time = expire_time;
            row.check_time = next_check(row.create_time, expire_time, ctx.now);
            PaymentState::Open.name().clone_into(&mut row.state);
            tx.update(row).await?;
            PaymentState::Open
        } else {
            edit.close_payment(tx, ctx, row, PaymentState::Cancelled).await?;
            PaymentState::Cancelled
        };
        edit.save(tx, ctx).await?;
        Ok(state)
    }
}

/// Until when an order is kept at most. Its first invoice says so itself, within the life of an order; changing the way to
/// pay prolongs what was said before up to a setting, and no further.
async fn kept_until(tx: &Tx, ctx: &Context, edit: &OrderEdit, row: &rows::Payment) -> Result<DateTime<Utc>> {
    let mut is_first = true;
    for other in tx.payments_of_order(edit.order.id).await? {
        let had_invoice = state_of(&other)? != PaymentState::Failed && !method_of(&other)?.is_balance();
        is_first &= other.id == row.id || !had_invoice;
    }
    let life = edit.order.create_time + ORDER_LIFE_MAX;
    if is_first {
        return Ok(life);
    }
    let switched = edit.order.create_time + TimeDelta::seconds(ctx.settings.switched_hold_seconds);
    Ok(edit.order.expire_time.max(switched).min(life))
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
        let (edit, mut row) = locked(tx, self.payment_id).await?;
        let state = state_of(&row)?;
        if state != PaymentState::Creating {
            return Ok(state);
        }
        PaymentState::Failed.name().clone_into(&mut row.state);
        row.expire_time = Some(ctx.now);
        row.check_lease_time = None;
        row.check_time = if self.check_again { next_check(row.create_time, ctx.now, ctx.now) } else { None };
        tx.update(row).await?;
        edit.save(tx, ctx).await?;
        Ok(PaymentState::Failed)
    }
}

/// Ends a payment that is underway, and that can't be paid any more at its gateway.
#[derive(Clone, Copy, Debug)]
pub struct ClosePayment {
    /// Which payment.
    pub payment_id: PaymentId,
    /// CANCELLED or EXPIRED.
    pub to: PaymentState,
}

impl Command for ClosePayment {
    /// Where the payment stands now: what had ended before stays so.
    type Output = PaymentState;
    const NAME: &'static str = "payment.close";
    const BY_REQUEST_ID: bool = false;

    async fn execute(&self, tx: &mut Tx, ctx: &Context) -> Result<PaymentState> {
        if !matches!(self.to, PaymentState::Cancelled | PaymentState::Expired) {
            return Err(Error::Internal(format!("a payment is not closed as {:?}", self.to)));
        }
        let (mut edit, mut row) = locked(tx, self.payment_id).await?;
        let state = state_of(&row)?;
        if !state.is_underway() {
            return Ok(state);
        }
        row.expire_time = Some(row.expire_time.map_or(ctx.now, |time| time.min(ctx.now)));
        edit.close_payment(tx, ctx, row, self.to).await?;
        edit.save(tx, ctx).await?;
        Ok(self.to)
    }
}
