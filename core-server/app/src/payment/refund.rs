//! Gives money of a paid order back.

use serde::{Deserialize, Serialize};
use serde_json::json;
use warung_domain::{
    ids::{OrderId, RefundId},
    membership::Membership,
    money::{Currency, Money},
    order::{Event, OrderState},
    payment::{PaymentState, RefundState},
    settle::taken_back,
    violation::Violations,
};
use warung_store::{Tx, rows};

use super::{
    Lookup,
    view::{method_of, state_of},
};
use crate::{
    context::Context,
    engine::{AdminCommand, Change, Command, Told},
    error::{Error, Precondition, Result},
    membership,
    order::{Gives, Notice, OrderEdit, Reach, to_buyer},
};

const REASON_CHARACTERS: usize = 200;
const SECONDS_A_DAY: i64 = 86_400;

const BALANCE: &str = "BALANCE";
pub(super) const GATEWAY: &str = "GATEWAY";

/// Where refunded money goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Destination {
    /// To the buyer's wallet balance.
    Balance,
    /// Back through the gateway that took it.
    Gateway,
}

/// Begins to give money of a paid order back. To the balance it is done at once.
#[derive(Clone, Debug)]
pub struct BeginRefund {
    /// The order's id or code.
    pub order: String,
    /// How much; `None`: all that is left.
    pub amount: Option<Money>,
    /// Where to.
    pub destination: Destination,
    /// Why, 1 to 200 characters; the buyer is told.
    pub reason: String,
    /// The gateway that took the order's money can give it back.
    pub gateway_can_refund: bool,
}

/// A refund that was begun.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BegunRefund {
    /// The refund.
    pub refund_id: RefundId,
    /// Its order.
    pub order_id: OrderId,
    /// How much.
    pub amount: Money,
    /// What the gateway is asked to give back from; `None`: it is done.
    pub lookup: Option<Lookup>,
}

impl AdminCommand for BeginRefund {
    type Output = BegunRefund;
    const NAME: &'static str = "payment.begin_refund";

    async fn change(&self, tx: &mut Tx, ctx: &Context) -> Result<Told<BegunRefund>> {
        self.check()?;
        let mut edit = OrderEdit::by_name(tx, ctx, &self.order, Reach::Store).await?;
        if !matches!(edit.state()?, OrderState::Paid | OrderState::Completed) {
            return Err(Precondition::OrderNotRefundable.into());
        }
        let before = tx.refunds_of_order(edit.order.id).await?;
        let pending = sum(before.iter().filter(|row| row.state == RefundState::Pending.name()));
        let left = edit.order.paid_minor.saturating_sub(edit.order.refunded_minor).saturating_sub(pending);
        let amount = self.amount.map_or(left, |amount| amount.minor_units);
        if amount < 1 || amount > left {
            return Err(Precondition::OrderNotRefundable.into());
        }
        let gives = Gives::of(&tx.lines_of_order(edit.order.id).await?)?;
        let payment = match self.destination {
            // Balance that was bought goes back the way it was paid.
            _ if gives.top_up > 0 && !self.gateway_can_refund => return Err(Precondition::TopUpNotRefundable.into()),
            Destination::Balance if gives.top_up > 0 => return Err(Precondition::TopUpByGatewayOnly.into()),
            Destination::Balance => None,
            Destination::Gateway => Some(self.payment(tx, &edit, &before, amount).await?),
        };
        let row = self.row(ctx, &edit, payment.as_ref(), amount);
        let change = Change::of("order", &edit.order.code)
            .from(Some(json!({ "refunded": edit.order.refunded_minor })))
            .to(json!({ "amount": amount, "destination": self.destination, "reason": self.reason }));
        tx.insert(row.clone()).await?;
        if payment.is_none() {
            give(tx, ctx, &mut edit, &row, None).await?;
        }
        let begun = BegunRefund {
            refund_id: RefundId(row.id),
            order_id: edit.id(),
            amount: Money::idr(amount),
            lookup: payment.as_ref().map(Lookup::from_row).transpose()?,
        };
        edit.save(tx, ctx).await?;
        Ok(Told::changed(begun, change))
    }
}

fn sum<'a>(refunds: impl Iterator<Item = &'a rows::Refund>) -> i64 {
    refunds.map(|row| row.amount_minor).fold(0, i64::saturating_add)
}

impl BeginRefund {
    fn check(&self) -> Result<()> {
        let mut violations = Violations::new();
        violations.length("reason", &self.reason, 1..=REASON_CHARACTERS);
        if let Some(amount) = self.amount {
            violations.check(amount.currency == Currency::Idr, "amount", "must be in IDR");
            violations.check(amount.minor_units >= 1, "amount", "must be at least 1");
        }
        Ok(violations.finish()?)
    }

    /// The payment whose gateway gives so much back.
    async fn payment(&self, tx: &Tx, edit: &OrderEdit, before: &[rows::Refund], amount: i64) -> Result<rows::Payment> {
        let unsupported = || Error::from(Precondition::RefundUnsupported);
        if !self.gateway_can_refund {
            return Err(unsupported());
        }
        let (mut from_balance, mut taking) = (0_i64, None);
        for row in tx.payments_of_order(edit.order.id).await? {
            if state_of(&row)? != PaymentState::Paid {
                continue;
            }
            if method_of(&row)?.is_balance() {
                from_balance = from_balance.saturating_add(row.amount_minor);
            } else if row.received_minor.is_some_and(|received| received >= amount) {
                taking = Some(row);
            }
        }
        let counts = |row: &&rows::Refund| row.destination == GATEWAY && row.state != RefundState::Failed.name();
        let gone = sum(before.iter().filter(counts));
        let by_gateway = edit.order.paid_minor.saturating_sub(from_balance).saturating_sub(gone);
        taking.filter(|_| amount <= by_gateway).ok_or_else(unsupported)
    }

    fn row(&self, ctx: &Context, edit: &OrderEdit, payment: Option<&rows::Payment>, amount: i64) -> rows::Refund {
        rows::Refund {
            id: ctx.new_id(),
            order_id: edit.order.id,
            payment_id: payment.map(|row| row.id),
            destination: if payment.is_some() { GATEWAY } else { BALANCE }.to_owned(),
            currency: edit.order.currency.clone(),
            amount_minor: amount,
            state: if payment.is_some() { RefundState::Pending } else { RefundState::Done }.name().to_owned(),
            reason: self.reason.clone(),
            actor: ctx.principal.to_string(),
            create_time: ctx.now,
            done_time: payment.is_none().then_some(ctx.now),
        }
    }
}

/// Ends a refund through a gateway.
#[derive(Clone, Copy, Debug)]
pub struct FinishRefund {
    /// Which refund.
    pub refund_id: RefundId,
    /// The gateway gave the money back; else it would not.
    pub done: bool,
}

impl Command for FinishRefund {
    type Output = ();
    const NAME: &'static str = "payment.finish_refund";
    const BY_REQUEST_ID: bool = false;

    async fn execute(&self, tx: &mut Tx, ctx: &Context) -> Result<()> {
        let not_found = || Error::not_found("refund", &self.refund_id);
        let found: Option<rows::Refund> = tx.find(self.refund_id.0).await?;
        let order_id = OrderId(found.ok_or_else(not_found)?.order_id);
        let edit = OrderEdit::by_id(tx, order_id).await?;
        let mut edit = edit.ok_or_else(|| Error::inconsistent("refund.order_id"))?;
        // Read again, now that the order is locked.
        let found: Option<rows::Refund> = tx.find(self.refund_id.0).await?;
        let row = found.ok_or_else(not_found)?;
        if row.state != RefundState::Pending.name() {
            return Ok(());
        }
        end(tx, ctx, &mut edit, row, self.done).await?;
        edit.save(tx, ctx).await
    }
}

/// Ends a refund that is on its way through a gateway: `done`, and it is booked, or failed. Its order is locked.
pub(super) async fn end(
    tx: &mut Tx,
    ctx: &Context,
    edit: &mut OrderEdit,
    mut row: rows::Refund,
    done: bool,
) -> Result<()> {
    if done {
        let payment: Option<rows::Payment> = match row.payment_id {
            Some(id) => tx.find(id).await?,
            None => None,
        };
        let payment = payment.ok_or_else(|| Error::inconsistent("refund.payment_id"))?;
        give(tx, ctx, edit, &row, Some(&payment.gateway)).await?;
    }
    if done { RefundState::Done } else { RefundState::Failed }.name().clone_into(&mut row.state);
    row.done_time = Some(ctx.now);
    Ok(tx.update(row).await?)
}

/// Books a refund, and takes back what was granted for the money.
pub(super) async fn give(
    tx: &mut Tx,
    ctx: &Context,
    edit: &mut OrderEdit,
    row: &rows::Refund,
    gateway: Option<&str>,
) -> Result<()> {
    let (id, amount) = (RefundId(row.id), row.amount_minor);
    let gives = Gives::of(&tx.lines_of_order(edit.order.id).await?)?;
    let before = edit.order.refunded_minor;
    edit.order.refunded_minor = before.saturating_add(amount);
    let mut member = None;
    if gives.days > 0 {
        let seconds = gives.days.saturating_mul(SECONDS_A_DAY);
        let due = edit.order.due_minor;
        let back = taken_back(seconds, due, edit.order.refunded_minor).saturating_sub(taken_back(seconds, due, before));
        let shorten = |rule: Membership| Ok(rule.shorten(ctx.now, back));
        member = Some(membership::write(tx, ctx, edit.buyer.id, shorten).await?.1);
    }
    match gateway {
        None => edit.books.refund_to_wallet(tx, ctx, id, amount).await?,
        Some(gateway) if gives.top_up > 0 => edit.books.refund_top_up(tx, ctx, id, gateway, amount).await?,
        Some(gateway) => edit.books.refund_to_gateway(ctx, id, gateway, amount)?,
    }
    if edit.order.refunded_minor >= edit.order.paid_minor {
        edit.change(ctx, Event::Refunded)?;
    }
    let (order, reason) = (&edit.order, row.reason.as_str());
    let told = Notice::Refunded { order, amount, to_balance: gateway.is_none(), reason, member };
    let told = to_buyer(ctx, &edit.buyer, &told);
    edit.say([told]);
    Ok(())
}
