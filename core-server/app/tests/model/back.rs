//! What goes back in the model, and what is handed over: line by line.

use chrono::TimeDelta;
use warung_domain::{catalog::ProductKind, order::OrderState, share::share};

use crate::model::{Line, Model, No, Order};

const DAY_SECONDS: i64 = 86_400;

/// What is to go back.
#[derive(Clone, Debug)]
pub(crate) enum Back {
    Rest,
    Amount(i64),
    Lines(Vec<(usize, Option<i64>)>),
}

impl Model {
    /// How much goes back of each line; `None`: less is left.
    fn parts(&self, order: usize, back: &Back) -> Option<Vec<i64>> {
        let left: Vec<_> = self.orders[order].lines.iter().map(Line::left).collect();
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

    /// Gives money back, to the balance or through the gateway.
    pub(crate) fn refund(&mut self, order: usize, back: &Back, to_balance: bool) -> Result<(), Vec<No>> {
        let Order { user, paid, refunded, state, .. } = self.orders[order];
        let parts = self.parts(order, back);
        let mut no = Vec::new();
        if !matches!(state, OrderState::Paid | OrderState::Completed) || parts.is_none() {
            no.push(No::NotRefundable);
        }
        if self.is_top_up(order) == to_balance {
            no.push(No::RefundUnsupported);
        }
        let (true, Some(parts)) = (no.is_empty(), parts) else { return Err(no) };
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
        if self.is_top_up(order) {
            let taken = self.users[user].balance.min(amount);
            self.users[user].balance -= taken;
            self.users[user].receivable += amount - taken;
        } else {
            self.credit(user, amount);
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
        Ok(())
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
