//! The shop in memory: what the rules of money say, as plainly as it can be said.

use chrono::{DateTime, TimeDelta, Utc};
use warung_domain::{
    catalog::ProductKind,
    order::OrderState,
    payment::{Method, PaymentState, RefundState},
};

/// The least that the gateway takes.
pub(crate) const MINIMUM: i64 = 500;
/// How many unpaid orders a buyer may have.
const UNPAID_MAX: usize = 3;
/// How long an order without an invoice lives.
const UNPAID_SECONDS: i64 = 900;
const SWITCHED_SECONDS: i64 = 3_600;
const PAYMENTS_MAX: usize = 20;

/// Why something is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum No {
    Invalid,
    OutOfStock,
    TooManyUnpaid,
    BelowMinimum,
    NotPayable,
    /// Another way to pay is underway.
    Underway,
    WayUnavailable,
    TooManyPayments,
    BalanceTooLow,
    NotCancellable,
    NotRefundable,
    RefundUnsupported,
    NothingToFulfil,
    /// What a wallet holds is rupiah.
    NotRupiah,
}

#[derive(Clone, Debug)]
pub(crate) struct User {
    pub(crate) balance: i64,
    pub(crate) receivable: i64,
    pub(crate) member_until: Option<DateTime<Utc>>,
}

#[derive(Clone, Debug)]
pub(crate) struct Product {
    pub(crate) kind: ProductKind,
    pub(crate) price: i64,
    pub(crate) days: i64,
    pub(crate) available: i64,
    pub(crate) reserved: i64,
    pub(crate) sold: i64,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Line {
    /// None: a top-up of an amount of the buyer's own.
    pub(crate) product: Option<usize>,
    pub(crate) quantity: i64,
    pub(crate) net: i64,
    pub(crate) refunded: i64,
    /// What a seller makes by hand was handed over.
    pub(crate) handed_over: bool,
}

impl Line {
    pub(crate) fn left(&self) -> i64 {
        self.net - self.refunded
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Order {
    pub(crate) user: usize,
    pub(crate) in_stars: bool,
    pub(crate) lines: Vec<Line>,
    /// A seller has still to hand something over.
    pub(crate) waits: bool,
    pub(crate) due: i64,
    pub(crate) paid: i64,
    pub(crate) refunded: i64,
    pub(crate) state: OrderState,
    pub(crate) place_time: DateTime<Utc>,
    pub(crate) expire_time: DateTime<Utc>,
    pub(crate) payments: Vec<usize>,
    pub(crate) refunds: Vec<usize>,
}

#[derive(Clone, Debug)]
pub(crate) struct Payment {
    pub(crate) order: usize,
    pub(crate) method: Method,
    pub(crate) amount: i64,
    pub(crate) state: PaymentState,
    pub(crate) received: i64,
    /// How much of what was received went to the wallet.
    pub(crate) credited: i64,
    /// How much the gateway took back.
    pub(crate) reversed: i64,
    /// The payment that was asked for, when this one books money of another amount.
    pub(crate) asked_for: Option<usize>,
}

#[derive(Clone, Debug)]
pub(crate) struct Refund {
    pub(crate) order: usize,
    /// How much of each line.
    pub(crate) parts: Vec<i64>,
    pub(crate) to_balance: bool,
    pub(crate) state: RefundState,
}

/// What became of money that arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arrived {
    Settled,
    Credited,
    Short,
    Repeated,
}

#[derive(Clone, Debug)]
pub(crate) struct Model {
    pub(crate) now: DateTime<Utc>,
    pub(crate) users: Vec<User>,
    pub(crate) products: Vec<Product>,
    pub(crate) orders: Vec<Order>,
    pub(crate) payments: Vec<Payment>,
    pub(crate) refunds: Vec<Refund>,
}

impl Model {
    pub(crate) fn kind(&self, line: &Line) -> ProductKind {
        line.product.map_or(ProductKind::TopUp, |product| self.products[product].kind)
    }

    pub(crate) fn is_top_up(&self, order: usize) -> bool {
        self.kind(&self.orders[order].lines[0]) == ProductKind::TopUp
    }

    pub(crate) fn has(&self, order: usize, kinds: &[ProductKind]) -> bool {
        self.orders[order].lines.iter().any(|line| kinds.contains(&self.kind(line)))
    }

    pub(crate) fn place(&mut self, user: usize, items: &[(usize, i64)]) -> Result<(), Vec<No>> {
        for (product, quantity) in items {
            let kind = self.products[*product].kind;
            let one_alone = matches!(kind, ProductKind::Membership | ProductKind::TopUp);
            let is_too_many = (one_alone && *quantity != 1) || (kind == ProductKind::TopUp && items.len() > 1);
            if !(1..=100).contains(quantity) || is_too_many {
                return Err(vec![No::Invalid]);
            }
        }
        let is_top_up = self.products[items[0].0].kind == ProductKind::TopUp;
        let due = items.iter().map(|(product, quantity)| self.products[*product].price * quantity).sum::<i64>();
        let mut no = Vec::new();
        if self.orders.iter().filter(|order| order.user == user && order.state == OrderState::Pending).count()
            >= UNPAID_MAX
        {
            no.push(No::TooManyUnpaid);
        }
        if 0 < due && due < MINIMUM && (is_top_up || self.users[user].balance < due) {
            no.push(No::BelowMinimum);
        }
        let lines: Vec<_> = items.iter().map(|(product, quantity)| self.line(*product, *quantity)).collect();
        if !self.can_be_had(&lines) {
            no.push(No::OutOfStock);
        }
        if !no.is_empty() {
            return Err(no);
        }
        self.keep(&lines);
        self.add_order(user, lines);
        if due == 0 {
            self.settle(self.orders.len() - 1);
        }
        Ok(())
    }

    pub(crate) fn top_up(&mut self, user: usize, amount: i64) -> Result<(), Vec<No>> {
        if !(10_000..=10_000_000).contains(&amount) {
            return Err(vec![No::Invalid]);
        }
        if self.orders.iter().filter(|order| order.user == user && order.state == OrderState::Pending).count()
            >= UNPAID_MAX
        {
            return Err(vec![No::TooManyUnpaid]);
        }
        self.add_order(user, vec![Line { product: None, quantity: 1, net: amount, refunded: 0, handed_over: false }]);
        Ok(())
    }

    fn line(&self, product: usize, quantity: i64) -> Line {
        let net = self.products[product].price * quantity;
        Line { product: Some(product), quantity, net, refunded: 0, handed_over: false }
    }

    fn add_order(&mut self, user: usize, lines: Vec<Line>) {
        self.orders.push(Order {
            user,
            in_stars: false,
            due: lines.iter().map(|line| line.net).sum(),
            lines,
            waits: false,
            paid: 0,
            refunded: 0,
            state: OrderState::Pending,
            place_time: self.now,
            expire_time: self.now + TimeDelta::seconds(UNPAID_SECONDS),
            payments: Vec::new(),
            refunds: Vec::new(),
        });
    }

    /// The products of STOCK lines, and how many of each.
    fn counted(&self, lines: &[Line]) -> Vec<(usize, i64)> {
        let counted = lines.iter().filter(|line| self.kind(line) == ProductKind::Stock);
        counted.map(|line| (line.product.unwrap(), line.quantity)).collect()
    }

    fn keep(&mut self, lines: &[Line]) {
        for (product, quantity) in self.counted(lines) {
            self.products[product].available -= quantity;
            self.products[product].reserved += quantity;
        }
    }

    fn free(&mut self, order: usize) {
        for (product, quantity) in self.counted(&self.orders[order].lines) {
            self.products[product].available += quantity;
            self.products[product].reserved -= quantity;
        }
    }

    /// The payment of an order that is underway.
    pub(crate) fn underway(&self, order: usize) -> Option<usize> {
        let payments = &self.orders[order].payments;
        payments.iter().copied().find(|payment| self.payments[*payment].state.is_underway())
    }

    /// Begins a payment. Answers the one that is underway from now on, or is paid.
    pub(crate) fn begin(&mut self, order: usize, method: Method, use_balance: bool) -> Result<usize, Vec<No>> {
        let Order { user, due, paid, state, expire_time, in_stars, .. } = self.orders[order];
        if state != OrderState::Pending || expire_time <= self.now {
            return Err(vec![No::NotPayable]);
        }
        let missing = due - paid;
        let balance = self.users[user].balance;
        let may_take = !in_stars && !self.is_top_up(order);
        if method.is_balance() {
            if !may_take || balance < missing {
                return Err(vec![if may_take { No::BalanceTooLow } else { No::WayUnavailable }]);
            }
            self.pay_from_balance(order, missing);
            self.settle(order);
            return Ok(self.payments.len() - 1);
        }
        if let Some(underway) = self.underway(order) {
            return if self.payments[underway].method == method { Ok(underway) } else { Err(vec![No::Underway]) };
        }
        if self.orders[order].payments.len() >= PAYMENTS_MAX {
            return Err(vec![No::TooManyPayments]);
        }
        let part = match use_balance && may_take {
            false => 0,
            true if balance >= missing => missing,
            true => balance.min(missing - MINIMUM).max(0),
        };
        if part < missing && missing - part < MINIMUM {
            return Err(vec![No::BelowMinimum]);
        }
        if part > 0 {
            self.pay_from_balance(order, part);
        }
        if part == missing {
            self.settle(order);
        } else {
            self.add_payment(order, method, missing - part, PaymentState::Creating);
        }
        Ok(self.payments.len() - 1)
    }

    fn pay_from_balance(&mut self, order: usize, amount: i64) {
        self.users[self.orders[order].user].balance -= amount;
        self.orders[order].paid += amount;
        self.add_payment(order, Method::Balance, amount, PaymentState::Paid);
    }

    fn add_payment(&mut self, order: usize, method: Method, amount: i64, state: PaymentState) {
        let (received, credited, reversed, asked_for) = (0, 0, 0, None);
        self.payments.push(Payment { order, method, amount, state, received, credited, reversed, asked_for });
        self.orders[order].payments.push(self.payments.len() - 1);
    }

    /// The gateway made the invoice of a payment.
    pub(crate) fn invoice(&mut self, payment: usize, expire_time: DateTime<Utc>) {
        if self.payments[payment].state == PaymentState::Creating {
            self.payments[payment].state = PaymentState::Open;
            let order = &self.orders[self.payments[payment].order];
            let had_invoice = |other: &&usize| {
                let Payment { method, state, .. } = self.payments[**other];
                **other != payment && !method.is_balance() && state != PaymentState::Failed
            };
            let is_first = !order.payments.iter().any(|other| had_invoice(&other));
            // Changing the way to pay prolongs what was said before up to an hour, and no further.
            let kept = order.expire_time.max(order.place_time + TimeDelta::seconds(SWITCHED_SECONDS));
            let expire_time = if is_first { expire_time } else { expire_time.min(kept) };
            self.orders[self.payments[payment].order].expire_time = expire_time;
        }
    }

    /// The gateway would not make it.
    pub(crate) fn fail(&mut self, payment: usize) {
        if self.payments[payment].state == PaymentState::Creating {
            self.payments[payment].state = PaymentState::Failed;
        }
    }

    /// Another way to pay takes its place, or it has ended at its gateway.
    pub(crate) fn close(&mut self, payment: usize, to: PaymentState) {
        if self.payments[payment].state.is_underway() {
            self.payments[payment].state = to;
        }
    }

    /// A seller saw so much for a payment. Another amount than was asked for is a payment of its own, once.
    pub(crate) fn apply_seen(&mut self, payment: usize, received: i64) -> Result<Arrived, Vec<No>> {
        let asked_for = self.payments[payment].asked_for.unwrap_or(payment);
        let Payment { order, amount, method, .. } = self.payments[asked_for];
        if received == amount {
            return self.apply(asked_for, received);
        }
        let is_it = |other: &&Payment| other.asked_for == Some(asked_for) && other.amount == received;
        if self.payments.iter().any(|other| is_it(&other)) {
            return Ok(Arrived::Repeated);
        }
        self.add_payment(order, method, received, PaymentState::Failed);
        let beside = self.payments.len() - 1;
        self.payments[beside].asked_for = Some(asked_for);
        let arrived = self.apply(beside, received);
        if arrived.is_err() {
            self.payments.pop();
            self.orders[order].payments.pop();
        }
        arrived
    }

    /// A gateway says that so much has arrived for a payment.
    pub(crate) fn apply(&mut self, payment: usize, received: i64) -> Result<Arrived, Vec<No>> {
        if self.payments[payment].state.has_money() {
            return Ok(Arrived::Repeated);
        }
        let order = self.payments[payment].order;
        let Order { user, due, paid, state, in_stars, .. } = self.orders[order];
        let lines = self.orders[order].lines.clone();
        let missing = due - paid;
        let takes = match state {
            OrderState::Pending => received >= missing,
            OrderState::Cancelled | OrderState::Expired => received >= missing && self.can_be_had(&lines),
            OrderState::Paid | OrderState::Completed | OrderState::Refunded => false,
        };
        let credited = if takes { received - missing } else { received };
        if in_stars && credited > 0 {
            return Err(vec![No::NotRupiah]);
        }
        let paid = &mut self.payments[payment];
        (paid.state, paid.received, paid.credited) = (PaymentState::Paid, received, credited);
        if !takes {
            self.credit(user, received);
            return Ok(if state == OrderState::Pending { Arrived::Short } else { Arrived::Credited });
        }
        if matches!(state, OrderState::Cancelled | OrderState::Expired) {
            self.keep(&lines);
        }
        self.orders[order].paid += missing;
        self.settle(order);
        self.credit(user, credited);
        Ok(Arrived::Settled)
    }

    fn can_be_had(&self, lines: &[Line]) -> bool {
        self.counted(lines).into_iter().all(|(product, quantity)| self.products[product].available >= quantity)
    }

    pub(crate) fn credit(&mut self, user: usize, amount: i64) {
        let user = &mut self.users[user];
        let owed = user.receivable.min(amount);
        user.receivable -= owed;
        user.balance += amount - owed;
    }

    /// The money of an order is complete.
    fn settle(&mut self, order: usize) {
        for payment in self.orders[order].payments.clone() {
            self.close(payment, PaymentState::Cancelled);
        }
        let user = self.orders[order].user;
        for line in self.orders[order].lines.clone() {
            let kind = self.kind(&line);
            if let Some(product) = line.product {
                let item = &mut self.products[product];
                item.sold += line.quantity;
                if kind == ProductKind::Stock {
                    item.reserved -= line.quantity;
                }
            }
            match kind {
                ProductKind::Membership => {
                    let days = self.products[line.product.unwrap()].days * line.quantity;
                    let start = self.users[user].member_until.map_or(self.now, |until| until.max(self.now));
                    self.users[user].member_until = Some(start + TimeDelta::days(days));
                }
                ProductKind::TopUp => self.credit(user, line.net),
                ProductKind::Stock | ProductKind::Shared | ProductKind::Manual => {}
            }
        }
        self.orders[order].waits = self.has(order, &[ProductKind::Manual]);
        let is_sent = self.orders[order].waits || self.has(order, &[ProductKind::Stock, ProductKind::Shared]);
        self.orders[order].state = if is_sent { OrderState::Paid } else { OrderState::Completed };
    }

    pub(crate) fn cancel(&mut self, order: usize) -> Result<(), Vec<No>> {
        if self.orders[order].state != OrderState::Pending {
            return Err(vec![No::NotCancellable]);
        }
        self.give_up(order, OrderState::Cancelled, PaymentState::Cancelled);
        Ok(())
    }

    /// Answers whether it expired now.
    pub(crate) fn expire(&mut self, order: usize) -> bool {
        let due = self.orders[order].state == OrderState::Pending && self.orders[order].expire_time <= self.now;
        if due {
            self.give_up(order, OrderState::Expired, PaymentState::Expired);
        }
        due
    }

    fn give_up(&mut self, order: usize, state: OrderState, of_payments: PaymentState) {
        self.free(order);
        self.orders[order].state = state;
        for payment in self.orders[order].payments.clone() {
            let Payment { method, amount, state, .. } = self.payments[payment];
            if method.is_balance() && state == PaymentState::Paid {
                self.payments[payment].state = PaymentState::Returned;
                self.orders[order].paid -= amount;
                self.credit(self.orders[order].user, amount);
            } else if state.is_underway() {
                self.payments[payment].state = of_payments;
            }
        }
    }
}
