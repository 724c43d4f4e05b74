//! Begins a payment.

use serde::{Deserialize, Serialize};
use warung_domain::{
    ids::{OrderId, PaymentId},
    money::Currency,
    order::OrderState,
    payment::{BALANCE_GATEWAY, Closure, Event, Method, PaidThrough, PaymentState},
    settle::from_balance,
};
use warung_store::{Read, Tx, rows};

use super::{Attempt, question::ask_begun};
use crate::{
    context::Context,
    engine::{Command, Query},
    error::{Precondition, Result},
    gateway::Gateways,
    order::{Gives, OrderEdit, Reach, Stock, reachable},
};

/// Begins to pay an order of the caller's.
#[derive(Clone, Debug)]
pub struct BeginPayment {
    /// The order's id or code.
    pub order: String,
    /// How.
    pub method: Method,
    /// With another method than BALANCE: pay what the balance holds from it, and the rest by the method.
    pub use_balance: bool,
}

impl BeginPayment {
    fn way(&self, gateways: &Gateways) -> Way {
        PayBy { method: self.method, use_balance: self.use_balance }.way(gateways)
    }
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
        let mut edit = OrderEdit::by_name(tx, ctx, &self.order, Reach::Own).await?;
        if edit.state() != OrderState::Pending || edit.order.expire_time <= ctx.now {
            return Err(Precondition::OrderNotPayable.into());
        }
        edit.payments.load(tx, edit.order.id).await?;
        if let Some(underway) = edit.payments.underway()
            && !self.method.is_balance()
        {
            if underway.method() == self.method {
                return Ok(Begun { payment_id: underway.id(), order_id: edit.id(), state: underway.state() });
            }
            // Another one is closed at its gateway first.
            return Err(warung_store::Error::Conflict("uq_payment_open".into()).into());
        }
        check_count(ctx, self.method, edit.payments.all().len())?;
        let lines = tx.lines_of_order(edit.order.id).await?;
        Begin { command: self, edit, lines }.run(tx, ctx).await
    }
}

/// Refuses one payment more of an order than is allowed. The balance pays at once, and is never refused.
fn check_count(ctx: &Context, method: Method, before: usize) -> Result<()> {
    let is_allowed = i64::try_from(before).is_ok_and(|before| before < ctx.settings.payments_max);
    if method.is_balance() || is_allowed { Ok(()) } else { Err(Precondition::TooManyPayments.into()) }
}

/// How an order is to be paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PayBy {
    /// By which method.
    pub method: Method,
    /// With another method than BALANCE: pay what the balance holds from it, and the rest by the method.
    pub use_balance: bool,
}

impl PayBy {
    /// The same by some gateways.
    pub(crate) fn way(self, gateways: &Gateways) -> Way {
        let Self { method, use_balance } = self;
        Way { method, use_balance, minimum: gateways.minimum(method) }
    }
}

/// What a way to pay takes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Way {
    method: Method,
    use_balance: bool,
    /// The least that the method's gateway takes, in rupiah.
    minimum: i64,
}

impl Way {
    /// Whether its gateway takes so much, whatever a balance holds.
    pub(crate) fn has_gateway_for(self, amount: i64) -> bool {
        !self.method.is_balance() && amount >= self.minimum
    }

    fn takes_balance(self) -> bool {
        self.method.is_balance() || self.use_balance
    }

    /// How much of what is missing it takes from a balance, `None`: nothing of it may be paid from one; the rest goes through
    /// the gateway. Refuses what can't be paid this way.
    pub(crate) fn takes(self, missing: i64, balance: Option<i64>) -> Result<i64> {
        if self.method.is_balance() {
            return match balance {
                None => Err(Precondition::PaymentMethodUnavailable.into()),
                Some(balance) if balance < missing => Err(Precondition::BalanceTooLow.into()),
                Some(_) => Ok(missing),
            };
        }
        let balance = balance.filter(|_| self.use_balance);
        let taken = balance.map_or(0, |balance| from_balance(missing, balance, self.minimum));
        let rest = missing.saturating_sub(taken);
        if 0 < rest && rest < self.minimum {
            return Err(Precondition::AmountBelowMinimum { minimum: self.minimum }.into());
        }
        Ok(taken)
    }
}

/// Whether anything of an order may be paid from its buyer's balance. Balance that is bought with balance would move in a
/// circle; and what a balance holds is rupiah.
fn may_take_balance(order: &rows::Order, lines: &[rows::OrderLine]) -> bool {
    Gives::of(lines).top_up == 0 && order.currency == Currency::Idr
}

/// The gateways that an order may be paid through.
fn gateways_of(ctx: &Context, order: &rows::Order) -> Gateways {
    ctx.gateways.among(&PaidThrough::from_column(order.gateways.as_deref()))
}

/// How much a payment would take from its buyer's balance if it began now, in rupiah; an error when it would be refused.
#[derive(Clone, Debug)]
pub(super) struct TakesOfBalance {
    pub(super) command: BeginPayment,
}

impl Query for TakesOfBalance {
    type Output = i64;

    async fn fetch(&self, read: &Read, ctx: &Context) -> Result<i64> {
        let method = self.command.method;
        let order = reachable(read, ctx, &self.command.order, Reach::Own).await?;
        let may_take = may_take_balance(&order, &read.lines_of_order(order.id).await?);
        let wallet: Option<rows::Wallet> = read.find(order.buyer_id).await?;
        let balance = may_take.then_some(wallet.map_or(0, |wallet| wallet.balance_minor));
        let missing = order.due_minor.saturating_sub(order.paid_minor).max(0);
        let taken = self.command.way(&gateways_of(ctx, &order)).takes(missing, balance)?;
        let underway = read.payment_underway(order.id).await?;
        if taken > 0 || underway.is_none_or(|row| row.method != method) {
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
}

impl Begin<'_> {
    async fn run(mut self, tx: &mut Tx, ctx: &Context) -> Result<Begun> {
        let missing = self.edit.missing();
        let gateways = gateways_of(ctx, &self.edit.order);
        let way = self.command.way(&gateways);
        let balance = match may_take_balance(&self.edit.order, &self.lines) {
            true if way.takes_balance() => Some(self.edit.books.holdings(tx).await?.balance),
            true => Some(0),
            false => None,
        };
        let taken = way.takes(missing, balance)?;
        let rest = missing.saturating_sub(taken);
        let from_balance = if taken > 0 { Some(self.take(tx, ctx, taken).await?) } else { None };
        let order_id = self.edit.id();
        if let (0, Some(payment_id)) = (rest, from_balance) {
            if let Some(id) = self.edit.payments.underway().map(Attempt::id) {
                self.edit.close_payment(tx, ctx, id, Event::GivenUp(Closure::Cancelled)).await?;
            }
            self.edit.settle(tx, ctx, &self.lines, Stock::Kept).await?;
            self.edit.save(tx, ctx).await?;
            return Ok(Begun { payment_id, order_id, state: PaymentState::Paid });
        }
        let method = self.command.method;
        let gateway = gateways.for_method(method).ok_or(Precondition::PaymentMethodUnavailable)?;
        let row = self.row(ctx, method, gateway.name(), rest);
        let payment_id = PaymentId(row.id);
        if let Some(question) = ask_begun(ctx, &row, self.edit.order.expire_time) {
            self.edit.ask(question);
        }
        self.edit.payments.add(row);
        self.edit.save(tx, ctx).await?;
        Ok(Begun { payment_id, order_id, state: PaymentState::Creating })
    }

    /// Takes an amount from the balance, as a payment of its own. The balance has been looked at.
    async fn take(&mut self, tx: &mut Tx, ctx: &Context, amount: i64) -> Result<PaymentId> {
        let row = rows::Payment {
            state: PaymentState::Paid.into(),
            received_minor: Some(amount),
            paid_time: Some(ctx.now),
            ..self.row(ctx, Method::Balance, BALANCE_GATEWAY, amount)
        };
        let id = PaymentId(row.id);
        if !self.edit.books.paid_by_balance(tx, ctx, id, amount).await? {
            return Err(Precondition::BalanceTooLow.into());
        }
        self.edit.order.paid_minor = self.edit.order.paid_minor.saturating_add(amount);
        self.edit.payments.add(row);
        Ok(id)
    }

    /// A payment that the gateway has yet to make.
    fn row(&self, ctx: &Context, method: Method, gateway: &str, amount: i64) -> rows::Payment {
        let number = self.edit.payments.next_number();
        rows::Payment {
            id: ctx.new_id(),
            order_id: self.edit.order.id,
            number,
            reference: format!("{}-{number}", self.edit.order.code),
            gateway: gateway.to_owned(),
            method: method.into(),
            state: PaymentState::Creating.into(),
            currency: self.edit.order.currency,
            amount_minor: amount,
            fee_minor: 0,
            total_minor: amount,
            received_minor: None,
            payload: None,
            pay_url: None,
            expire_time: None,
            paid_time: None,
            awaits: None,
            reversed_minor: None,
            review_reason: None,
            create_time: ctx.now,
        }
    }
}
