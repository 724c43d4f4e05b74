//! Flows of the checkout, as calls of several devices and processes are: many at once, of one order and of one buyer, each
//! going on by a step while others do theirs.

use chrono::TimeDelta;
use rand::RngExt as _;
use warung_app::{
    order::CancelOrder,
    payment::{BeginPayment, ClosePayment, FailPayment, RecordInvoice},
};
use warung_domain::{
    order::OrderState,
    payment::{Closure, Method, PaymentState},
};

use crate::{model::No, walk::Walk};

/// How many are under way at once: when there is one more, the process of another dies.
const FLOWS_MAX: usize = 8;
/// How often a flow looks again when it met another.
const TRIES_MAX: u8 = 3;

/// Something that somebody wants of an order.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Flow {
    order: usize,
    goal: Goal,
    next: Next,
    tries: u8,
}

#[derive(Clone, Copy, Debug)]
enum Goal {
    Pay { method: Method, use_balance: bool },
    Cancel,
}

/// What it does next. What it saw before may not be so any more.
#[derive(Clone, Copy, Debug)]
enum Next {
    Look,
    /// A payment is ended that is in its way.
    Close(usize),
    Act,
    /// The gateway answers about the invoice of a payment.
    Answer(usize),
}

impl Walk {
    /// Of any order, as likely as not of one that has a flow already.
    pub(crate) fn start_flow(&mut self) -> Option<usize> {
        let order = match self.flows.len() {
            0 => self.some_order()?,
            count if self.rng.random_bool(0.4) => self.flows[self.rng.random_range(0..count)].order,
            _ => self.some_order()?,
        };
        let goal = match self.rng.random_range(0..10) {
            0 => Goal::Cancel,
            1..3 => Goal::Pay { method: Method::Balance, use_balance: false },
            number => Goal::Pay {
                method: if number < 6 { Method::BniVa } else { Method::Qris },
                use_balance: self.rng.random_bool(0.3),
            },
        };
        if self.flows.len() == FLOWS_MAX {
            self.flows.swap_remove(self.rng.random_range(0..FLOWS_MAX));
        }
        self.flows.push(Flow { order, goal, next: Next::Look, tries: 0 });
        None
    }

    pub(crate) async fn step_flow(&mut self) -> Option<usize> {
        if self.flows.is_empty() {
            return None;
        }
        let flow = self.flows.swap_remove(self.rng.random_range(0..self.flows.len()));
        if let Some(flow) = self.go_on(flow).await {
            self.flows.push(flow);
        }
        (!matches!(flow.next, Next::Look)).then_some(flow.order)
    }

    /// The next step of a flow. Answers the flow, unless that was the last one.
    async fn go_on(&mut self, flow: Flow) -> Option<Flow> {
        let Flow { order, goal, next, tries } = flow;
        let next = match (next, goal) {
            (Next::Look, Goal::Pay { method, use_balance: false })
                if self.model.underway(order).is_some_and(|open| self.model.payments[open].method == method) =>
            {
                Next::Act
            }
            (Next::Look, _) => self.model.underway(order).map_or(Next::Act, Next::Close),
            (Next::Close(payment), _) => {
                self.give_up(payment).await;
                if self.model.orders[order].state != OrderState::Pending {
                    return None;
                }
                Next::Act
            }
            (Next::Act, Goal::Cancel) => {
                self.cancel_order(order).await;
                return None;
            }
            (Next::Act, Goal::Pay { method, use_balance }) => match self.begin(order, method, use_balance).await {
                Ok(Some(payment)) => Next::Answer(payment),
                Err(No::Underway) if tries < TRIES_MAX => {
                    return Some(Flow { next: Next::Look, tries: tries + 1, ..flow });
                }
                Ok(None) | Err(_) => return None,
            },
            (Next::Answer(payment), _) => {
                self.answer_of_the_gateway(payment).await;
                return None;
            }
        };
        Some(Flow { next, ..flow })
    }

    /// Begins a payment. Answers the one that its gateway is to be asked for.
    async fn begin(&mut self, order: usize, method: Method, use_balance: bool) -> Result<Option<usize>, No> {
        self.note(format!("begin: order {order}, {method:?}, use balance {use_balance}"));
        let ctx = self.by(self.model.orders[order].user);
        let command = BeginPayment { order: self.orders[order].to_string(), method, use_balance };
        let begun = self.store.engine.run(&ctx, command).await;
        let before = self.model.payments.len();
        let said = self.model.begin(order, method, use_balance);
        let (begun, payment) = self.agree(begun, said)?;
        // A part from the balance comes before the payment that is underway.
        let made = self.model.payments.len() - before;
        if made > 0 {
            let seen = self.look_at(order).await;
            let mut ids: Vec<_> = seen.payments.iter().take(made).map(|payment| payment.id).collect();
            ids.reverse();
            self.payments.extend(ids);
        }
        let said = (self.payments[payment], self.model.payments[payment].state);
        assert_eq!((begun.payment_id, begun.state), said, "{}", self.story());
        Ok((made > 0 && begun.state == PaymentState::Creating).then_some(payment))
    }

    /// The gateway is asked, and says that a payment is paid, or that it is ended now.
    async fn give_up(&mut self, payment: usize) {
        if self.rng.random_bool(0.15) {
            self.arrive(payment, self.model.payments[payment].amount, false).await;
            return;
        }
        let (how, to) = if self.rng.random_bool(0.8) {
            (Closure::Cancelled, PaymentState::Cancelled)
        } else {
            (Closure::Expired, PaymentState::Expired)
        };
        self.note(format!("close: payment {payment} as {to:?}"));
        let close = ClosePayment { payment_id: self.payments[payment], how };
        let ctx = self.core();
        self.store.engine.run(&ctx, close).await.unwrap();
        self.model.close(payment, to);
    }

    /// Cancels an order at once, a payment of it may be under way.
    pub(crate) async fn cancel(&mut self) -> Option<usize> {
        let order = self.some_order()?;
        self.cancel_order(order).await;
        Some(order)
    }

    async fn cancel_order(&mut self, order: usize) {
        self.note(format!("cancel: order {order}"));
        let ctx = self.by(self.model.orders[order].user);
        let cancelled = self.store.engine.run(&ctx, CancelOrder { name: self.orders[order].to_string() }).await;
        let said = self.model.cancel(order);
        let _ = self.agree(cancelled, said);
    }

    async fn answer_of_the_gateway(&mut self, payment: usize) {
        let ctx = self.core();
        let order = self.model.payments[payment].order;
        match self.rng.random_range(0..20) {
            // It is lost.
            0 => {}
            1 => {
                self.note(format!("the gateway refuses payment {payment}"));
                let fail = FailPayment { payment_id: self.payments[payment], check_again: true };
                self.store.engine.run(&ctx, fail).await.unwrap();
                self.model.fail(payment);
            }
            _ => {
                self.note(format!("the gateway makes payment {payment}"));
                let expire_time = self.model.now + TimeDelta::seconds(self.rng.random_range(300..3_600));
                let amount = self.model.payments[payment].amount;
                let invoice = RecordInvoice {
                    payment_id: self.payments[payment],
                    fee: self.money(order, 310),
                    total: self.money(order, amount + 310),
                    payload: Some("QR".to_owned()),
                    pay_url: None,
                    expire_time,
                };
                self.store.engine.run(&ctx, invoice).await.unwrap();
                self.model.invoice(payment, expire_time);
            }
        }
    }
}
