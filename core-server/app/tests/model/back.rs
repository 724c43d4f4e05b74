//! What goes back in the model, and what is handed over: line by line.

use chrono::TimeDelta;
use warung_domain::{
    catalog::ProductKind,
    order::OrderState,
    payment::{PaymentState, RefundState},
    share::share,
};

use crate::model::{Line, Model, No, Order, Payment, Refund};

const DAY_SECONDS: i64 = 86_400;

/// What is to go back.
#[derive(Clone, Debug)]
pub(crate) enum Back {
    Rest,
    Amount(i64),
    Lines(Vec<(usize, Option<i64>)>),
}

impl Model {
    /// What is left of each line, less what is on its way.
    fn left(&self, order: usize) -> Vec<i64> {
        let mut left: Vec<_> = self.orders[order].lines.iter().map(Line::left).collect();
        for refund in &self.orders[order].refunds {
            let Refund { parts, state, .. } = &self.refunds[*refund];
            if *state == RefundState::Pending {
                left.iter_mut().zip(parts).for_each(|(left, part)| *left -= part);
            }
        }
        left
    }

    /// How much goes back of each line; `None`: less is left.
    fn parts(&self, order: usize, back: &Back) -> Option<Vec<i64>> {
        let left = self.left(order);
        let parts = match back {
            Back::Rest => left.clone(),
            Back::Amount(amount) if *amount > left.iter().sum::<i64>() => return None,
            Back::Amount(amount) => share(*amount, &left),
            Back::Lines(named) => {
                let mut parts = vec![0; left.len()];
                for (line, amount) in named {
                    parts[*line] = amount.unwrap_or(left[*line]);
                }
                if named.iter().any(|(line, _)| !(1..=left[*line]).contains(&parts[*line])) {
                    return None;
                }
                parts
            }
        };
        (parts.iter().sum::<i64>() > 0).then_some(parts)
    }

    /// Whether a gateway took as much for an order, and has not given it back.
    fn can_go_back_by_gateway(&self, order: usize, amount: i64) -> bool {
        let paid = self.orders[order].payments.iter().map(|payment| &self.payments[*payment]);
        let paid: Vec<_> = paid.filter(|payment| payment.state == PaymentState::Paid).collect();
        let by_balance = paid.iter().filter(|payment| payment.method.is_balance());
        let from_balance: i64 = by_balance.map(|payment| payment.amount).sum();
        let refunds = self.orders[order].refunds.iter().map(|refund| &self.refunds[*refund]);
        let by_gateway = refunds.filter(|refund| !refund.to_balance && refund.state != RefundState::Failed);
        let gone: i64 = by_gateway.map(|refund| refund.parts.iter().sum::<i64>()).sum();
        paid.iter().any(|payment| !payment.method.is_balance() && payment.received >= amount)
            && amount <= self.orders[order].paid - from_balance - gone
    }

    fn is_settled(&self, order: usize) -> bool {
        matches!(self.orders[order].state, OrderState::Paid | OrderState::Completed)
    }

    /// Begins to give money back: to the balance at once, through the gateway it is on its way.
    pub(crate) fn begin_refund(&mut self, order: usize, back: &Back, to_balance: bool) -> Result<(), Vec<No>> {
        let parts = self.parts(order, back);
        let mut no = Vec::new();
        if !self.is_settled(order) || parts.is_none() {
            no.push(No::NotRefundable);
        }
        let amount = parts.iter().flatten().sum();
        let is_possible = if to_balance {
            !self.is_top_up(order) && !self.orders[order].in_stars
        } else {
            self.can_go_back_by_gateway(order, amount)
        };
        if !is_possible {
            no.push(No::RefundUnsupported);
        }
        let (true, Some(parts)) = (no.is_empty(), parts) else { return Err(no) };
        self.add_refund(order, parts, to_balance);
        if to_balance {
            self.finish_refund(self.refunds.len() - 1, true);
        }
        Ok(())
    }

    fn add_refund(&mut self, order: usize, parts: Vec<i64>, to_balance: bool) {
        self.refunds.push(Refund { order, parts, to_balance, state: RefundState::Pending });
        self.orders[order].refunds.push(self.refunds.len() - 1);
    }

    /// The gateway of a refund has answered.
    pub(crate) fn finish_refund(&mut self, refund: usize, done: bool) {
        let Refund { order, parts, to_balance, state } = self.refunds[refund].clone();
        if state == RefundState::Pending {
            self.refunds[refund].state = if done { RefundState::Done } else { RefundState::Failed };
            if done {
                self.give(order, parts, to_balance);
            }
        }
    }

    /// Takes from a wallet; what it lacks is owed.
    fn take(&mut self, user: usize, amount: i64) {
        let taken = self.users[user].balance.min(amount);
        self.users[user].balance -= taken;
        self.users[user].receivable += amount - taken;
    }

    /// Money of an order goes back.
    fn give(&mut self, order: usize, parts: Vec<i64>, to_balance: bool) {
        let Order { user, paid, refunded, .. } = self.orders[order];
        let amount: i64 = parts.iter().sum();
        self.orders[order].refunded = refunded + amount;
        let mut seconds = 0;
        for (place, part) in parts.into_iter().enumerate() {
            let line = self.orders[order].lines[place];
            self.orders[order].lines[place].refunded += part;
            if self.kind(&line) == ProductKind::Membership {
                let all = self.products[line.product.unwrap()].days * line.quantity * DAY_SECONDS;
                let share = |of: i64| i64::try_from(i128::from(all) * i128::from(of) / i128::from(line.net)).unwrap();
                seconds += share(line.refunded + part) - share(line.refunded);
            }
        }
        if let Some(until) = self.users[user].member_until.filter(|until| *until > self.now) {
            self.users[user].member_until = Some((until - TimeDelta::seconds(seconds)).max(self.now));
        }
        if to_balance {
            self.credit(user, amount);
        } else if self.is_top_up(order) {
            self.take(user, amount);
        }
        if self.orders[order].refunded == paid {
            self.orders[order].state = OrderState::Refunded;
        } else if self.orders[order].waits && self.waiting(order).is_empty() {
            // Nothing is left to hand over, and no message with anything else is under way.
            self.orders[order].waits = false;
            let handed_over = self.orders[order].lines.iter().any(|line| line.handed_over);
            if !handed_over && !self.has(order, &[ProductKind::Stock, ProductKind::Shared]) {
                self.orders[order].state = OrderState::Completed;
            }
        }
    }

    /// The gateway of a payment has taken so much of it back, in all. Answers whether that is news.
    pub(crate) fn reverse(&mut self, payment: usize, total: i64) -> Result<bool, Vec<No>> {
        let Payment { order, state, received, credited, reversed: before, .. } = self.payments[payment];
        let news = total.min(received) - before;
        if !matches!(state, PaymentState::Paid | PaymentState::Reversed) || news < 1 {
            return Ok(false);
        }
        let left = self.left(order);
        let kept = (received - credited - before).max(0);
        let of_order = if self.is_settled(order) { news.min(kept).min(left.iter().sum()) } else { 0 };
        let of_wallet = news - of_order;
        if of_wallet > 0 && self.orders[order].in_stars {
            return Err(vec![No::NotRupiah]);
        }
        if of_order > 0 {
            self.add_refund(order, share(of_order, &left), false);
            self.finish_refund(self.refunds.len() - 1, true);
        }
        self.take(self.orders[order].user, of_wallet);
        (self.payments[payment].state, self.payments[payment].reversed) = (PaymentState::Reversed, before + news);
        Ok(true)
    }

    /// The lines that a seller has still to hand over.
    pub(crate) fn waiting(&self, order: usize) -> Vec<usize> {
        let waits = |line: &Line| self.kind(line) == ProductKind::Manual && !line.handed_over && line.left() > 0;
        let lines = self.orders[order].lines.iter().enumerate();
        lines.filter(|(_, line)| waits(line)).map(|(place, _)| place).collect()
    }

    /// A seller hands over what they made by hand for a line; it arrives later.
    pub(crate) fn fulfil(&mut self, order: usize, line: Option<usize>) -> Result<(), Vec<No>> {
        let waiting = self.waiting(order);
        if self.orders[order].state != OrderState::Paid || !self.orders[order].waits {
            return Err(vec![No::NothingToFulfil]);
        }
        let line = match (line, &*waiting) {
            (Some(line), _) if waiting.contains(&line) => line,
            (None, [line]) => *line,
            (None, _) => return Err(vec![No::Invalid]),
            (Some(_), _) => return Err(vec![No::NothingToFulfil]),
        };
        self.orders[order].lines[line].handed_over = true;
        self.orders[order].waits = waiting.len() > 1;
        Ok(())
    }
}
