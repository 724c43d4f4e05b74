//! The store and the model, compared.

use chrono::{DateTime, Utc};
use warung_app::{
    Error, Precondition,
    catalog::GetProduct,
    ledger::Audit,
    membership::GetMembership,
    order::{GetOrder, Reach},
    wallet::GetWallet,
};
use warung_domain::order::OrderState;

use crate::{
    model::{No, Order},
    walk::{PRODUCTS, RECENT, Walk, code},
};

impl Walk {
    /// The store does what the model does, or refuses for a reason that the model has too.
    pub(crate) fn agree<T: std::fmt::Debug, S: std::fmt::Debug>(
        &self,
        done: Result<T, Error>,
        said: Result<S, Vec<No>>,
    ) -> Result<(T, S), No> {
        match (done, said) {
            (Ok(done), Ok(said)) => Ok((done, said)),
            (Err(error), Err(reasons)) => {
                let reason = reason(&error).unwrap_or_else(|| panic!("{error:?}; {}", self.story()));
                assert!(reasons.contains(&reason), "{reason:?} is none of {reasons:?}; {}", self.story());
                Err(reason)
            }
            (done, said) => panic!("the store: {done:?}, the model: {said:?}; {}", self.story()),
        }
    }

    pub(crate) async fn look_at(&mut self, order: usize) -> warung_app::order::Order {
        let ctx = self.core();
        let name = self.orders[order].to_string();
        self.store.engine.ask(&ctx, GetOrder { name, reach: Reach::Store }).await.unwrap()
    }

    pub(crate) async fn compare_order(&mut self, order: usize) {
        let seen = self.look_at(order).await;
        let said: &Order = &self.model.orders[order];
        let story = self.story();
        assert_eq!(seen.state, said.state, "order {order}; {story}");
        let amounts = (seen.paid.minor_units, seen.refunded.minor_units);
        assert_eq!(amounts, (said.paid, said.refunded), "order {order}; {story}");
        let refunded: Vec<_> = seen.lines.iter().map(|line| line.refunded.minor_units).collect();
        let said_refunded: Vec<_> = said.lines.iter().map(|line| line.refunded).collect();
        assert_eq!(refunded, said_refunded, "the lines of order {order}; {story}");
        let awaits = |(place, line): (usize, &warung_app::order::OrderLine)| line.awaits_goods.then_some(place);
        let waiting: Vec<_> = seen.lines.iter().enumerate().filter_map(awaits).collect();
        let said_waiting = if said.state == OrderState::Paid { self.model.waiting(order) } else { Vec::new() };
        assert_eq!(waiting, said_waiting, "what order {order} waits for; {story}");
        if said.state == OrderState::Pending {
            assert_eq!(seen.expire_time, said.expire_time, "order {order}; {story}");
        }
        let mut states: Vec<_> = seen.payments.iter().map(|payment| payment.state).collect();
        states.reverse();
        let said_states: Vec<_> = said.payments.iter().map(|payment| self.model.payments[*payment].state).collect();
        assert_eq!(states, said_states, "the payments of order {order}; {story}");
        self.compare_user(self.model.orders[order].user).await;
    }

    async fn compare_user(&mut self, user: usize) {
        let ctx = self.by(user);
        let wallet = self.store.engine.ask(&ctx, GetWallet).await.unwrap();
        let said = &self.model.users[user];
        let seen = (wallet.balance.minor_units, wallet.receivable.minor_units);
        assert_eq!(seen, (said.balance, said.receivable), "user {user}; {}", self.story());
    }

    pub(crate) async fn compare_all(&mut self) {
        self.compare_unanswered().await;
        for order in self.orders.len().saturating_sub(RECENT)..self.orders.len() {
            self.compare_order(order).await;
        }
        for user in 0..self.people.len() {
            self.compare_user(user).await;
            let ctx = self.core();
            let telegram_id = self.people[user].telegram_id;
            let membership = self.store.engine.ask(&ctx, GetMembership { telegram_id }).await.unwrap();
            let until: Option<DateTime<Utc>> = self.model.users[user].member_until;
            assert_eq!(membership.expire_time, until, "user {user}; {}", self.story());
        }
        for product in 0..PRODUCTS.len() {
            let ctx = self.core();
            let seen =
                self.store.engine.ask(&ctx, GetProduct { name: code(product), archived_too: true }).await.unwrap();
            let said = &self.model.products[product];
            assert_eq!(seen.sold, said.sold, "product {product}; {}", self.story());
            if let Some(stock) = seen.stock {
                assert_eq!(stock, said.available, "product {product}; {}", self.story());
            }
        }
        let ctx = self.core();
        let faults = self.store.engine.ask(&ctx, Audit).await.unwrap();
        assert!(faults.is_empty(), "{faults:?}; {}", self.story());
    }
}

fn reason(error: &Error) -> Option<No> {
    Some(match error {
        Error::Invalid(_) => No::Invalid,
        Error::Precondition(precondition) => match precondition {
            Precondition::OutOfStock { .. } => No::OutOfStock,
            Precondition::TooManyUnpaidOrders => No::TooManyUnpaid,
            Precondition::AmountBelowMinimum { .. } => No::BelowMinimum,
            Precondition::OrderNotPayable => No::NotPayable,
            Precondition::PaymentMethodUnavailable => No::WayUnavailable,
            Precondition::TooManyPayments => No::TooManyPayments,
            Precondition::BalanceTooLow => No::BalanceTooLow,
            Precondition::OrderNotCancellable => No::NotCancellable,
            Precondition::OrderNotRefundable => No::NotRefundable,
            Precondition::RefundUnsupported | Precondition::TopUpByGatewayOnly | Precondition::TopUpNotRefundable => {
                No::RefundUnsupported
            }
            Precondition::NothingToFulfil => No::NothingToFulfil,
            _ => return None,
        },
        Error::Store(warung_store::Error::Conflict(constraint)) if constraint == "uq_payment_open" => No::Underway,
        Error::Internal(text) if text.starts_with("wallets hold rupiah") => No::NotRupiah,
        _ => return None,
    })
}
