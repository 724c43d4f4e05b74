//! Begins a payment.

use serde::{Deserialize, Serialize};
use uuid::Uuid;
use warung_domain::{
    ids::{OrderId, PaymentId},
    order::OrderState,
    payment::{BALANCE_GATEWAY, Method, PaymentState, next_check},
    settle::from_balance,
};
use warung_store::{Read, Tx, rows};

use super::view::{method_of, state_of};
use crate::{
    context::Context,
    engine::{Command, Query},
    error::{Precondition, Result},
    order::{Gives, OrderEdit, Reach, reachable},
};

/// Begins to pay an order of the caller's.
#[derive(Clone, Debug)]
pub struct BeginPayment {
    /// The order's id or code.
    pub order: String,
    /// How.
    pub method: Method,
    /// Which gateway: `PAKASIR` or `BALANCE`.
    pub gateway: String,
    /// With another method than BALANCE: pay what the balance holds from it, and the rest by the method.
    pub use_balance: bool,
    /// The least that the gateway takes by the method, in rupiah.
    pub minimum: i64,
}

/// A payment that was begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begun {
    /// The payment.
    pub payment_id: PaymentId,
    /// Its order.
    pub order_id: OrderId,
    /// CREATING: the gateway is to be asked for it. OPEN: it was begun before. PAID: the balance was enough.
    pub state: PaymentState,
}

impl Command for BeginPayment {
    type Output = Begun;
    const NAME: &'static str = "payment.begin";

    async fn execute(&self, tx: &mut Tx, ctx: &Context) -> Result<Begun> {
        if ctx.principal.api_key.is_some() && (self.method.is_balance() || self.use_balance) {
            // A program names its buyer and proves nothing of them: their balance is spent by themselves alone.
            return Err(Precondition::PaymentMethodUnavailable.into());
        }
        let edit = OrderEdit::by_name(tx, ctx, &self.order, Reach::Own).await?;
        if edit.state()? != OrderState::Pending || edit.order.expire_time <= ctx.now {
            return Err(Precondition::OrderNotPayable.into());
        }
        let payments = tx.lock_payments_of_order(edit.order.id).await?;
        let lines = tx.lines_of_order(edit.order.id).await?;
        let mut underway = None;
        for row in &payments {
            if state_of(row)?.is_underway() {
                underway = Some(row);
            }
        }
        if let Some(row) = underway.filter(|_| !self.method.is_balance()) {
            if method_of(row)? == self.method {
                let (payment_id, order_id) = (PaymentId(row.id), edit.id());
                return Ok(Begun { payment_id, order_id, state: state_of(row)? });
            }
            // Another one is closed at its gateway first.
            return Err(warung_store::Error::Conflict("uq_payment_open".into()).into());
        }
        check_count(ctx, self.method, payments.len())?;
        let number = payments.iter().map(|row| row.number).max().unwrap_or_default().saturating_add(1);
        Begin { command: self, edit, lines, underway: underway.cloned(), number }.run(tx, ctx).await
    }
}

/// Refuses one payment more of an order than is allowed. The balance pays at once, and is never refused.
fn check_count(ctx: &Context, method: Method, before: usize) -> Result<()> {
    let is_allowed = i64::try_from(before).is_ok_and(|before| before < ctx.settings.payments_max);
    if method.is_balance() || is_allowed { Ok(()) } else { Err(Precondition::TooManyPayments.into()) }
}

/// How something is to be paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Way {
    /// By which method.
    pub method: Method,
    /// With another method than BALANCE: pay what the balance holds from it, and the rest by the method.
    pub use_balance: bool,
    /// The least that the method's gateway takes, in rupiah.
    pub minimum: i64,
}

impl Way {
    /// Whether it may take anything from the balance. Balance that is bought with balance would move in a circle.
    pub(crate) fn may_take(self, is_top_up: bool) -> bool {
        (self.method.is_balance() || self.use_balance) && !is_top_up
    }

    /// How much of what is missing it takes from a balance; the rest goes through the gateway. Refuses what can't be paid
    /// this way.
    pub(crate) fn takes(self, missing: i64, balance: i64, is_top_up: bool) -> Result<i64> {
        if self.method.is_balance() {
            return match (is_top_up, balance >= missing) {
                (true, _) => Err(Precondition::PaymentMethodUnavailable.into()),
                (false, false) => Err(Precondition::BalanceTooLow.into()),
                (false, true) => Ok(missing),
            };
        }
        let taken = if self.may_take(is_top_up) { from_balance(missing, balance, self.minimum) } else { 0 };
        let rest = missing.saturating_sub(taken);
        if 0 < rest && rest < self.minimum {
            return Err(Precondition::AmountBelowMinimum { minimum: self.minimum }.into());
        }
        Ok(taken)
    }
}

/// How much a payment would take from its buyer's balance if it began now, in rupiah; an error when it would be refused.
#[derive(Clone, Debug)]
pub(super) struct TakesOfBalance {
    pub(super) command: BeginPayment,
}

impl Query for TakesOfBalance {
    type Output = i64;

    async fn fetch(&self, read: &Read, ctx: &Context) -> Result<i64> {
        let BeginPayment { method, use_balance, minimum, .. } = self.command;
        let order = reachable(read, ctx, &self.command.order, Reach::Own).await?;
        let is_top_up = Gives::of(&read.lines_of_order(order.id).await?)?.top_up > 0;
        let wallet: Option<rows::Wallet> = read.find(order.buyer_id).await?;
        let balance = wallet.map_or(0, |wallet| wallet.balance_minor);
        let missing = order.due_minor.saturating_sub(order.paid_minor).max(0);
        let taken = Way { method, use_balance, minimum }.takes(missing, balance, is_top_up)?;
        let underway = read.payment_underway(order.id).await?;
        if taken > 0 || underway.is_none_or(|row| row.method != method.name()) {
            check_count(ctx, method, read.payments_of_order(order.id).await?.len())?;
        }
        Ok(taken)
    }
}

/// A payment that begins.
struct Begin<'a> {
    command: &'a BeginPayment,
    edit: OrderEdit,
    lines: Vec<rows::OrderLine>,
    underway: Option<rows::Payment>,
    number: i64,
}

impl Begin<'_> {
    async fn run(mut self, tx: &mut Tx, ctx: &Context) -> Result<Begun> {
        let missing = self.edit.missing();
        let is_top_up = Gives::of(&self.lines)?.top_up > 0;
        let BeginPayment { method, use_balance, minimum, .. } = *self.command;
        let way = Way { method, use_balance, minimum };
        let balance = if way.may_take(is_top_up) { self.edit.books.holdings(tx).await?.balance } else { 0 };
        let taken = way.takes(missing, balance, is_top_up)?;
        let rest = missing.saturating_sub(taken);
        let from_balance = if taken > 0 { Some(self.take(tx, ctx, taken).await?) } else { None };
        let order_id = self.edit.id();
        if let (0, Some(payment_id)) = (rest, from_balance) {
            if let Some(row) = self.underway.take() {
                self.edit.close_payment(tx, ctx, row, PaymentState::Cancelled).await?;
            }
            self.edit.settle(tx, ctx, &self.lines, false).await?;
            self.edit.save(tx, ctx).await?;
            return Ok(Begun { payment_id, order_id, state: PaymentState::Paid });
        }
        let row = self.row(ctx, self.command.method, &self.command.gateway, rest);
        let payment_id = PaymentId(row.id);
        tx.insert(row).await?;
        self.edit.save(tx, ctx).await?;
        Ok(Begun { payment_id, order_id, state: PaymentState::Creating })
    }

    /// Takes an amount from the balance, as a payment of its own. The balance has been looked at.
    async fn take(&mut self, tx: &mut Tx, ctx: &Context, amount: i64) -> Result<PaymentId> {
        let row = rows::Payment {
            state: PaymentState::Paid.name().to_owned(),
            received_minor: Some(amount),
            paid_time: Some(ctx.now),
            check_time: None,
            ..self.row(ctx, Method::Balance, BALANCE_GATEWAY, amount)
        };
        let id = PaymentId(row.id);
        if !self.edit.books.paid_by_balance(tx, ctx, id, amount).await? {
            return Err(Precondition::BalanceTooLow.into());
        }
        self.edit.order.paid_minor = self.edit.order.paid_minor.saturating_add(amount);
        self.number = self.number.saturating_add(1);
        tx.insert(row).await?;
        Ok(id)
    }

    /// A payment that the gateway has yet to make.
    fn row(&self, ctx: &Context, method: Method, gateway: &str, amount: i64) -> rows::Payment {
        let id: Uuid = ctx.new_id();
        rows::Payment {
            id,
            order_id: self.edit.order.id,
            number: self.number,
            reference: format!("{}-{}", self.edit.order.code, self.number),
            gateway: gateway.to_owned(),
            method: method.name().to_owned(),
            state: PaymentState::Creating.name().to_owned(),
            currency: self.edit.order.currency.clone(),
            amount_minor: amount,
            fee_minor: 0,
            total_minor: amount,
            received_minor: None,
            payload: None,
            pay_url: None,
            expire_time: None,
            paid_time: None,
            // Should whoever asks the gateway now not live to write its answer down, it is asked whether it made one.
            check_time: next_check(ctx.now, self.edit.order.expire_time, ctx.now),
            check_lease_time: None,
            checks: 0,
            review_reason: None,
            create_time: ctx.now,
        }
    }
}
