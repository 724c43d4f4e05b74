//! Money that arrives, and money that goes back.

use rand::{RngExt as _, rngs::StdRng};
use warung_app::{
    Error,
    payment::{AppliedOutcome, ApplyPayment, BeginRefund, FinishRefund, LineRefund, ReversePayment, Source},
};
use warung_domain::{
    money::Money,
    payment::{Destination, RefundState},
};

use crate::{
    back::Back,
    model::{Arrived, Line},
    walk::{RECENT, Walk},
};

impl Walk {
    /// A recent payment through a gateway, whatever became of it.
    pub(crate) fn some_payment(&mut self) -> Option<usize> {
        let from = self.payments.len().saturating_sub(RECENT);
        let is_through_gateway = |payment: &usize| !self.model.payments[*payment].method.is_balance();
        let through_gateway: Vec<_> = (from..self.payments.len()).filter(is_through_gateway).collect();
        through_gateway.get(self.rng.random_range(0..through_gateway.len().max(1))).copied()
    }

    pub(crate) async fn pay(&mut self) -> Option<usize> {
        let payment = self.some_payment()?;
        let amount = self.model.payments[payment].amount;
        let received = match self.rng.random_range(0..10) {
            0 => amount + self.rng.random_range(1..5_000),
            1 => self.rng.random_range(1..=amount),
            _ => amount,
        };
        let is_seen = self.rng.random_bool(0.1);
        self.arrive(payment, received, is_seen).await;
        Some(self.model.payments[payment].order)
    }

    /// Money arrives for a payment, by the word of its gateway or of a seller.
    pub(crate) async fn arrive(&mut self, payment: usize, received: i64, is_seen: bool) {
        let order = self.model.payments[payment].order;
        self.note(format!("pay: payment {payment}, received {received}, seen by a seller {is_seen}"));
        let apply = ApplyPayment {
            payment_id: self.payments[payment],
            received: self.money(order, received),
            withheld: if self.rng.random_bool(0.1) { received / 100 } else { 0 },
            paid_time: self.model.now,
            source: if is_seen { Source::Seller { note: "seen".to_owned() } } else { Source::Gateway },
        };
        let ctx = self.core();
        if self.rng.random_bool(0.02) {
            let other = if self.model.orders[order].in_stars { Money::idr(received) } else { Money::xtr(received) };
            let refused = self.store.engine.run(&ctx, ApplyPayment { received: other, ..apply.clone() }).await;
            assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}; {}", self.story());
        }
        let applied = self.store.engine.run(&ctx, apply).await;
        let said = if is_seen { self.model.apply_seen(payment, received) } else { self.model.apply(payment, received) };
        let Ok((applied, arrived)) = self.agree(applied, said) else { return };
        if self.model.payments.len() > self.payments.len() {
            self.payments.push(applied.payment_id);
        }
        let asked_for = if is_seen { self.model.payments[payment].asked_for.unwrap_or(payment) } else { payment };
        if applied.payment_id == self.payments[asked_for] {
            self.is_paid(asked_for);
        }
        let said = match arrived {
            Arrived::Settled => AppliedOutcome::Settled,
            Arrived::Credited => AppliedOutcome::Credited,
            Arrived::Short => AppliedOutcome::Short,
            Arrived::Repeated => AppliedOutcome::Repeated,
        };
        assert_eq!(applied.outcome, said, "{}", self.story());
    }

    /// A gateway takes money of a payment back, once more of it or the same again.
    pub(crate) async fn reverse(&mut self) -> Option<usize> {
        let payment = self.some_payment()?;
        let order = self.model.payments[payment].order;
        let total = self.rng.random_range(1..=self.model.payments[payment].amount + 1_000);
        self.note(format!("reverse: payment {payment}, {total} in all"));
        let reverse = ReversePayment { payment_id: self.payments[payment], reversed: self.money(order, total) };
        let ctx = self.core();
        let had_money = self.model.payments[payment].state.has_money();
        let reversed = self.store.engine.run(&ctx, reverse).await;
        let said = self.model.reverse(payment, total);
        self.refunds.resize(self.model.refunds.len(), None);
        let (is_news, said) = self.agree(reversed, said).ok()?;
        assert_eq!(is_news, said, "{}", self.story());
        if had_money {
            self.has_gone_back(payment);
        }
        Some(order)
    }

    /// Gives money back, to the balance or through the gateway, whose answer may come later.
    pub(crate) async fn refund(&mut self) -> Option<usize> {
        let order = self.some_order()?;
        let back = self.some_back(order);
        let to_balance = self.rng.random_bool(if self.model.is_top_up(order) { 0.1 } else { 0.7 });
        self.note(format!("refund: order {order}, {back:?}, to balance {to_balance}"));
        let seen = self.look_at(order).await;
        let line = |(line, part): &(usize, Option<i64>)| LineRefund {
            line: seen.lines[*line].id,
            amount: part.map(|part| self.money(order, part)),
        };
        let command = BeginRefund {
            order: self.orders[order].to_string(),
            amount: if let Back::Amount(amount) = back { Some(self.money(order, amount)) } else { None },
            lines: if let Back::Lines(lines) = &back { lines.iter().map(line).collect() } else { Vec::new() },
            destination: if to_balance { Destination::Balance } else { Destination::Gateway },
            reason: "asked for".to_owned(),
            gateway_can_refund: true,
        };
        let ctx = self.core();
        let begun = self.store.engine.run(&ctx, command).await;
        let said = self.model.begin_refund(order, &back, to_balance);
        let (begun, ()) = self.agree(begun, said).ok()?;
        self.refunds.push(Some(begun.refund_id));
        if self.rng.random_bool(0.6) {
            self.answer_of_refund(self.refunds.len() - 1).await;
        }
        Some(order)
    }

    /// The gateway of a refund that is on its way answers.
    pub(crate) async fn finish_refund(&mut self) -> Option<usize> {
        let from = self.refunds.len().saturating_sub(RECENT);
        let is_underway = |refund: &usize| self.model.refunds[*refund].state == RefundState::Pending;
        let refund = (from..self.refunds.len()).find(is_underway)?;
        self.answer_of_refund(refund).await;
        Some(self.model.refunds[refund].order)
    }

    /// It answers once more what became of one that has ended, and nothing changes.
    async fn answer_of_refund(&mut self, refund: usize) {
        let Some(refund_id) = self.refunds[refund] else { return };
        let done = self.rng.random_bool(0.8);
        self.note(format!("the gateway gives refund {refund} back: {done}"));
        let ctx = self.core();
        self.store.engine.run(&ctx, FinishRefund { refund_id, done }).await.unwrap();
        self.model.finish_refund(refund, done);
    }

    /// All that is left of an order, an amount, or parts of some lines; sometimes more than there is.
    fn some_back(&mut self, order: usize) -> Back {
        let lines: Vec<_> = self.model.orders[order].lines.iter().map(Line::left).collect();
        let some = |rng: &mut StdRng, left: i64| match rng.random_range(0..4) {
            0 => left + 1,
            1 => left.max(1),
            _ => rng.random_range(1..=left.max(1)),
        };
        match self.rng.random_range(0..4) {
            0 => Back::Rest,
            1 => Back::Amount(some(&mut self.rng, lines.iter().sum())),
            _ => {
                let mut named = Vec::new();
                for (line, left) in lines.into_iter().enumerate() {
                    if named.is_empty() || self.rng.random_bool(0.4) {
                        let amount = self.rng.random_bool(0.7).then(|| some(&mut self.rng, left));
                        named.push((line, amount));
                    }
                }
                // Of several not always the first.
                if named.len() > 1 {
                    named.remove(0);
                }
                Back::Lines(named)
            }
        }
    }
}
