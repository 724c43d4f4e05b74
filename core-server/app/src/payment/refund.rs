//! Gives money of a paid order back.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;
use warung_domain::{
    ids::{OrderId, OrderLineId, PaymentId, RefundId},
    membership::Membership,
    money::{Currency, Money},
    order::{Event, OrderState},
    payment::{Destination, PaymentState, RefundState},
    price::LINES_MAX,
    refund::{Wanted, spread},
    settle::taken_back,
    violation::Violations,
};
use warung_store::{Tx, rows};

use super::close_refund::refund;
use crate::{
    context::Context,
    engine::{AdminCommand, Change, Command, Told},
    error::{Error, Precondition, Result},
    membership,
    order::{Gives, Notice, OrderEdit, Reach, Refunded, to_user},
};

const REASON_CHARACTERS: usize = 200;
const SECONDS_A_DAY: i64 = 86_400;

/// What goes back of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineRefund {
    /// The line.
    pub line: OrderLineId,
    /// How much of it; `None`: all that is left.
    pub amount: Option<Money>,
}

/// Begins to give money of a paid order back. To the balance it is done at once.
#[derive(Clone, Debug)]
pub struct BeginRefund {
    /// The order's id or code.
    pub order: String,
    /// How much, without lines: spread over them by what is left of each. `None`: all that is left.
    pub amount: Option<Money>,
    /// What goes back of which lines, each once; empty: see `amount`.
    pub lines: Vec<LineRefund>,
    /// Where to.
    pub destination: Destination,
    /// Why, 1 to 200 characters; the buyer is told.
    pub reason: String,
    /// The gateway that took the order's money can give it back.
    pub gateway_can_refund: bool,
}

/// A refund that was begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BegunRefund {
    /// The refund.
    pub refund_id: RefundId,
    /// Its order.
    pub order_id: OrderId,
    /// How much.
    pub amount: Money,
    /// The payment whose gateway is to be asked; `None`: it is done.
    pub payment_id: Option<PaymentId>,
}

impl AdminCommand for BeginRefund {
    type Output = BegunRefund;
    const NAME: &'static str = "payment.begin_refund";

    async fn change(&self, tx: &mut Tx, ctx: &Context) -> Result<Told<BegunRefund>> {
        let mut edit = OrderEdit::by_name(tx, ctx, &self.order, Reach::Store).await?;
        let in_currency = edit.order.currency.0;
        self.check(in_currency)?;
        if !matches!(edit.state(), OrderState::Paid | OrderState::Completed) {
            return Err(Precondition::OrderNotRefundable.into());
        }
        let before = tx.refunds_of_order(edit.order.id).await?;
        let lines = tx.lines_of_order(edit.order.id).await?;
        let parts = self.parts(tx, &before, &lines).await?;
        let amount = parts.iter().map(|(_, part)| *part).fold(0, i64::saturating_add);
        let gives = Gives::of(&lines);
        let payment = match self.destination {
            // Balance that was bought goes back the way it was paid.
            _ if gives.top_up > 0 && !self.gateway_can_refund => return Err(Precondition::TopUpNotRefundable.into()),
            Destination::Balance if gives.top_up > 0 => return Err(Precondition::TopUpByGatewayOnly.into()),
            // What a balance holds is rupiah.
            Destination::Balance if in_currency != Currency::Idr => {
                return Err(Precondition::RefundUnsupported.into());
            }
            Destination::Balance => None,
            Destination::Gateway => Some(self.payment(tx, &edit, &before, amount).await?),
        };
        let row = self.row(ctx, &edit, payment, amount);
        let change = Change::of("order", &edit.order.code)
            .from(Some(json!({ "refunded": edit.order.refunded_minor })))
            .to(json!({
                "amount": amount, "lines": self.lines, "destination": self.destination.name(), "reason": self.reason,
            }));
        keep(tx, &row, parts).await?;
        if payment.is_none() {
            give(tx, ctx, &mut edit, &row, None).await?;
        }
        let begun = BegunRefund {
            refund_id: RefundId(row.id),
            order_id: edit.id(),
            amount: in_currency.amount(amount),
            payment_id: payment.map(PaymentId),
        };
        edit.save(tx, ctx).await?;
        Ok(Told::changed(begun, change))
    }
}

fn sum<'a>(refunds: impl Iterator<Item = &'a rows::Refund>) -> i64 {
    refunds.map(|row| row.amount_minor).fold(0, i64::saturating_add)
}

/// How much goes back of which lines; `None`: less is left, what is on its way being gone.
pub(super) async fn parts_of(
    tx: &Tx,
    before: &[rows::Refund],
    lines: &[rows::OrderLine],
    wanted: &Wanted,
) -> Result<Option<Vec<(Uuid, i64)>>> {
    let pending = before.iter().filter(|row| row.state == RefundState::Pending);
    let underway = tx.refund_lines(pending.map(|row| row.id).collect()).await?;
    let left = |line: &rows::OrderLine| {
        let of_line = underway.iter().filter(|part| part.order_line_id == line.id).map(|part| part.amount_minor);
        of_line.fold(line.net_minor.saturating_sub(line.refunded_minor), i64::saturating_sub)
    };
    let left: Vec<_> = lines.iter().map(left).collect();
    let named = |parts: Vec<i64>| lines.iter().map(|line| line.id).zip(parts).filter(|(_, part)| *part > 0).collect();
    Ok(spread(&left, wanted).ok().map(named))
}

/// Writes a refund, with what of it is of which line.
pub(super) async fn keep(tx: &mut Tx, row: &rows::Refund, parts: Vec<(Uuid, i64)>) -> Result<()> {
    tx.insert(row.clone()).await?;
    let of_line = |(line, amount_minor)| rows::RefundLine { refund_id: row.id, order_line_id: line, amount_minor };
    Ok(tx.insert_all(parts.into_iter().map(of_line).collect()).await?)
}

/// The place of a line that is named, and how much goes back of it.
fn place_of((named, refund): (usize, &LineRefund), lines: &[rows::OrderLine]) -> Result<(usize, Option<i64>)> {
    let place = lines.iter().position(|line| line.id == refund.line.0);
    let unknown = || Error::invalid(&format!("lines[{named}].order_line_id"), "must be a line of the order");
    Ok((place.ok_or_else(unknown)?, refund.amount.map(|amount| amount.minor_units)))
}

impl BeginRefund {
    fn check(&self, in_currency: Currency) -> Result<()> {
        let must_be = format!("must be in {}", in_currency.name());
        let mut violations = Violations::new();
        violations.length("reason", &self.reason, 1..=REASON_CHARACTERS);
        let mut check = |field: &str, amount: Option<Money>| {
            let Some(amount) = amount else { return };
            violations.check(amount.currency == in_currency, field, &must_be);
            violations.check(amount.minor_units >= 1, field, "must be at least 1");
        };
        check("amount", self.amount);
        for (place, LineRefund { amount, .. }) in self.lines.iter().enumerate() {
            check(&format!("lines[{place}].amount"), *amount);
        }
        let names: HashSet<_> = self.lines.iter().map(|refund| refund.line.0).collect();
        violations.check(names.len() == self.lines.len(), "lines", "must be each line once");
        violations.check(self.lines.len() <= LINES_MAX, "lines", "must be at most 20");
        let is_one = self.lines.is_empty() || self.amount.is_none();
        violations.check(is_one, "amount", "is for a refund that names no lines");
        Ok(violations.finish()?)
    }

    /// How much goes back of which lines.
    async fn parts(&self, tx: &Tx, before: &[rows::Refund], lines: &[rows::OrderLine]) -> Result<Vec<(Uuid, i64)>> {
        let wanted = match self.amount {
            Some(amount) => Wanted::Amount(amount.minor_units),
            None if self.lines.is_empty() => Wanted::Rest,
            None => {
                Wanted::Lines(self.lines.iter().enumerate().map(|named| place_of(named, lines)).collect::<Result<_>>()?)
            }
        };
        let parts = parts_of(tx, before, lines, &wanted).await?;
        Ok(parts.ok_or(Precondition::OrderNotRefundable)?)
    }

    /// The payment whose gateway gives so much back.
    async fn payment(&self, tx: &Tx, edit: &OrderEdit, before: &[rows::Refund], amount: i64) -> Result<Uuid> {
        let unsupported = || Error::from(Precondition::RefundUnsupported);
        if !self.gateway_can_refund {
            return Err(unsupported());
        }
        let (mut from_balance, mut taking) = (0_i64, None);
        for row in tx.payments_of_order(edit.order.id).await? {
            if row.state != PaymentState::Paid {
                continue;
            }
            if row.method.0.is_balance() {
                from_balance = from_balance.saturating_add(row.amount_minor);
            } else if row.received_minor.is_some_and(|received| received >= amount) {
                taking = Some(row.id);
            }
        }
        let counts = |row: &&rows::Refund| row.destination == Destination::Gateway && row.state != RefundState::Failed;
        let gone = sum(before.iter().filter(counts));
        let by_gateway = edit.order.paid_minor.saturating_sub(from_balance).saturating_sub(gone);
        taking.filter(|_| amount <= by_gateway).ok_or_else(unsupported)
    }

    fn row(&self, ctx: &Context, edit: &OrderEdit, payment: Option<Uuid>, amount: i64) -> rows::Refund {
        rows::Refund {
            id: ctx.new_id(),
            order_id: edit.order.id,
            payment_id: payment,
            destination: self.destination.into(),
            currency: edit.order.currency,
            amount_minor: amount,
            state: if payment.is_some() { RefundState::Pending } else { RefundState::Done }.into(),
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
        let (mut edit, row) = with_order(tx, self.refund_id).await?;
        if row.state != RefundState::Pending {
            return Ok(());
        }
        end(tx, ctx, &mut edit, row, self.done).await?;
        edit.save(tx, ctx).await
    }
}

/// A refund as it stands now that its order is locked.
pub(super) async fn with_order(tx: &mut Tx, id: RefundId) -> Result<(OrderEdit, rows::Refund)> {
    let order_id = OrderId(refund(tx, id).await?.order_id);
    let edit = OrderEdit::by_id(tx, order_id).await?.ok_or_else(|| Error::inconsistent("refund.order_id"))?;
    Ok((edit, refund(tx, id).await?))
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
    row.state = if done { RefundState::Done } else { RefundState::Failed }.into();
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
    edit.order.refunded_minor = edit.order.refunded_minor.saturating_add(amount);
    let is_whole = edit.order.refunded_minor >= edit.order.paid_minor;
    let mut lines = tx.lines_of_order(edit.order.id).await?;
    let gives = Gives::of(&lines);
    let (mut back, mut parts) = (0_i64, Vec::new());
    let is_one_of_several = lines.len() > 1;
    for part in tx.refund_lines(vec![row.id]).await? {
        let line = lines.iter_mut().find(|line| line.id == part.order_line_id);
        let line = line.ok_or_else(|| Error::inconsistent("refund_line.order_line_id"))?;
        let before = line.refunded_minor;
        line.refunded_minor = before.saturating_add(part.amount_minor);
        back = back.saturating_add(seconds_back(line, before));
        if is_one_of_several {
            parts.push((line.product_name.clone(), part.amount_minor));
        }
        tx.update(line.clone()).await?;
    }
    if is_whole {
        // What came without money goes with the last of it.
        let free = lines.iter().filter(|line| line.net_minor == 0).map(|line| line.membership_days);
        back = free.fold(back, |back, days| back.saturating_add(days.saturating_mul(SECONDS_A_DAY)));
    }
    let mut member = None;
    if back > 0 {
        let shorten = |rule: Membership| Ok(rule.shorten(ctx.now, back));
        member = Some(membership::write(tx, ctx, edit.receiver().id, shorten).await?.1);
    }
    match gateway {
        None => edit.books.refund_to_wallet(tx, ctx, id, amount).await?,
        Some(gateway) if gives.top_up > 0 => edit.books.refund_top_up(tx, ctx, id, gateway, amount).await?,
        Some(gateway) => edit.books.refund_to_gateway(ctx, id, gateway, amount)?,
    }
    if is_whole {
        edit.change(ctx, Event::Refunded)?;
    } else {
        edit.wait_for_what_is_left(tx, ctx, &lines).await?;
    }
    let refund = Refunded { order: &edit.order, amount, to_balance: gateway.is_none(), parts: &parts };
    let (of_buyer, of_other) = if edit.receiver().id == edit.buyer.id { (member, None) } else { (None, member) };
    let mut told = vec![to_user(ctx, &edit.buyer, &Notice::Refunded { refund, reason: &row.reason, member: of_buyer })];
    told.extend(
        of_other.map(|member| to_user(ctx, edit.receiver(), &Notice::Shortened { order: &edit.order, member })),
    );
    edit.say(told);
    Ok(())
}

/// How many seconds of membership go back with what went back of a line since `before`.
fn seconds_back(line: &rows::OrderLine, before: i64) -> i64 {
    let seconds = line.membership_days.saturating_mul(SECONDS_A_DAY);
    let back = |refunded| taken_back(seconds, line.net_minor, refunded);
    back(line.refunded_minor).saturating_sub(back(before))
}
