//! The shop: what is ordered, and payments that wait for their money.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::{
    fixture::User,
    plan::{Plan, Workload},
};

/// How many products orders are spread over.
pub(crate) const PRODUCTS: u64 = 500;
/// The number of the product that all orders of a rush are for.
pub(crate) const HOT: u64 = PRODUCTS + 1;
/// What each costs, in rupiah.
pub(crate) const PRICE: i64 = 15_000;
/// How many payments are followed until their goods are in the chat.
pub(crate) const FOLLOWED: u64 = 640;
/// How many orders are looked at, in turn.
const READ: u64 = 1_000;
/// More settlements than this a second are not prepared for.
const SETTLED_PER_SECOND: u64 = 6_000;

/// The code of a product.
pub(crate) fn code(number: u64) -> String {
    format!("produk-{number}")
}

/// The numbers of the orders that are there before the load, each with an open payment.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Prepared {
    /// Of the first so many, each product has its share.
    pub(crate) spread: u64,
    /// So many after them are for one product.
    pub(crate) hot: u64,
    /// How many users they are of, in turn.
    pub(crate) users: u64,
}

impl Prepared {
    /// As many as a plan may need.
    pub(crate) fn of(plan: &Plan) -> Self {
        let once = plan.warm_up.saturating_add(plan.round).saturating_mul(plan.rounds.saturating_add(1));
        let time = once.saturating_add(plan.warm_up).saturating_add(plan.serial);
        let count = u64::try_from(time.as_millis()).unwrap_or_default().saturating_mul(SETTLED_PER_SECOND) / 1_000;
        let of = |workload| if plan.workloads.contains(&workload) { count } else { 0 };
        let users = u64::try_from(plan.users).unwrap_or_default();
        Self { spread: of(Workload::Settle), hot: of(Workload::SettleHot), users }
    }

    /// How many there are of all.
    pub(crate) fn count(self) -> u64 {
        self.spread.saturating_add(self.hot).saturating_add(READ).saturating_add(FOLLOWED)
    }

    /// How many stock lines settlements take of a product at most.
    pub(crate) fn lines(self, product: u64) -> u64 {
        match product {
            HOT => self.hot,
            _ => self.count().saturating_sub(self.hot) / PRODUCTS + 2,
        }
    }
}

/// What calls of the shop are made of.
#[derive(Debug)]
pub(crate) struct Shop {
    pub(crate) prepared: Prepared,
    spread: AtomicU64,
    hot: AtomicU64,
    followed: AtomicU64,
}

/// An order with an open payment, and whose it is.
#[derive(Debug)]
pub(crate) struct Prepaid<'a> {
    pub(crate) user: &'a User,
    /// How many orders were made before it, and itself.
    pub(crate) number: u64,
    /// The order's code.
    pub(crate) code: String,
}

impl Prepaid<'_> {
    /// What the gateway posts when it is paid.
    pub(crate) fn webhook(&self) -> String {
        let project = crate::gateway::PROJECT;
        let code = &self.code;
        format!(
            r#"{{"amount":{PRICE},"order_id":"{code}-1","project":"{project}","status":"completed","payment_method":"qris","completed_at":"2026-01-01T07:00:00.000000000+07:00"}}"#
        )
    }
}

impl Shop {
    pub(crate) fn new(prepared: Prepared) -> Self {
        Self { prepared, spread: AtomicU64::new(0), hot: AtomicU64::new(0), followed: AtomicU64::new(0) }
    }

    /// The number of a product for an order.
    pub(crate) fn product_number(workload: Workload, number: u64) -> u64 {
        if workload == Workload::PlaceHot { HOT } else { number % PRODUCTS + 1 }
    }

    /// Its code.
    pub(crate) fn product(workload: Workload, number: u64) -> String {
        code(Self::product_number(workload, number))
    }

    fn order<'a>(&self, users: &'a [User], number: u64) -> Option<Prepaid<'a>> {
        let user = users.get(usize::try_from(number.checked_rem(self.prepared.users)?).ok()?)?;
        Some(Prepaid { user, number, code: format!("tg{}-{number:08x}", user.telegram_id) })
    }

    /// The next order whose money is to arrive; `None`: there are no more.
    pub(crate) fn next_to_settle<'a>(&self, users: &'a [User], workload: Workload) -> Option<Prepaid<'a>> {
        let Prepared { spread, hot, .. } = self.prepared;
        let next = |counter: &AtomicU64, before: u64, count: u64| {
            let place = counter.fetch_add(1, Ordering::Relaxed);
            (place < count).then(|| before.saturating_add(place).saturating_add(1))
        };
        let number = match workload {
            Workload::SettleHot => next(&self.hot, spread, hot),
            _ => next(&self.spread, 0, spread),
        };
        self.order(users, number?)
    }

    /// An order to look at.
    pub(crate) fn to_read<'a>(&self, users: &'a [User], number: u64) -> Option<Prepaid<'a>> {
        let before = self.prepared.spread.saturating_add(self.prepared.hot);
        self.order(users, before.saturating_add(number % READ).saturating_add(1))
    }

    /// The next order whose goods are waited for.
    pub(crate) fn next_to_follow<'a>(&self, users: &'a [User]) -> Option<Prepaid<'a>> {
        let place = self.followed.fetch_add(1, Ordering::Relaxed);
        let before = self.prepared.count().saturating_sub(FOLLOWED);
        (place < FOLLOWED).then(|| self.order(users, before.saturating_add(place).saturating_add(1))).flatten()
    }
}
