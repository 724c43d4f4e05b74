//! A random history, done by the store and by the model side by side.

use std::collections::VecDeque;

use chrono::TimeDelta;
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use uuid::Uuid;
use warung_app::{
    Context,
    catalog::{AddStock, Etag, Mask, PutProduct},
    identity::{Contact, Profile, RecordContact},
    order::{Basket, CancelOrder, ExpireOrder, FulfilOrder, Item, PlaceOrder, place_order},
    payment::{
        AppliedOutcome, ApplyPayment, BeginPayment, BeginRefund, ClosePayment, Destination, FailPayment, FinishRefund,
        LineRefund, RecordInvoice, Source,
    },
    testing::{TestEngine, gateways},
};
use warung_domain::{
    catalog::{ProductInput, ProductKind},
    goods::Goods,
    ids::{OrderId, PaymentId},
    money::Money,
    order::OrderState,
    payment::{Method, PaymentState},
    principal::{Person, Principal},
    standing::Standing,
};
use warung_store::testing::TestDatabase;

use crate::{
    back::Back,
    model::{Arrived, Line, Model, Product, User},
};

const USERS: i64 = 5;
/// Kind, price, days.
pub(crate) const PRODUCTS: [(ProductKind, i64, i32); 8] = [
    (ProductKind::Stock, 10_000, 0),
    (ProductKind::Stock, 7_777, 0),
    (ProductKind::Stock, 300, 0),
    (ProductKind::Shared, 25_000, 0),
    (ProductKind::Shared, 0, 0),
    (ProductKind::Manual, 50_000, 0),
    (ProductKind::Membership, 29_000, 30),
    (ProductKind::TopUp, 20_000, 0),
];
/// How often everything is compared, and the books are proven.
const LOOK_EVERY: usize = 500;
/// Of a long history, everything is much: it is compared each time that a fiftieth of it is new.
const LOOK_AT_GROWTH: usize = 50;
/// How far back an order may lie that something still happens to.
const RECENT: usize = 40;

pub(crate) struct Walk {
    pub(crate) store: TestEngine,
    seed: u64,
    rng: StdRng,
    pub(crate) model: Model,
    pub(crate) people: Vec<Person>,
    pub(crate) orders: Vec<OrderId>,
    payments: Vec<PaymentId>,
    requests: u128,
    stock_lines: u64,
    last: VecDeque<String>,
}

impl Walk {
    pub(crate) async fn new(database: TestDatabase, seed: u64) -> Self {
        let store = TestEngine::new(database).await;
        let now = store.engine.now();
        let user = User { balance: 0, receivable: 0, member_until: None };
        let model = Model {
            now,
            users: vec![user; usize::try_from(USERS).unwrap()],
            products: Vec::new(),
            orders: Vec::new(),
            payments: Vec::new(),
        };
        let mut walk = Self {
            store,
            seed,
            rng: StdRng::seed_from_u64(seed),
            model,
            people: Vec::new(),
            orders: Vec::new(),
            payments: Vec::new(),
            requests: 0,
            stock_lines: 0,
            last: VecDeque::new(),
        };
        walk.open_shop().await;
        walk
    }

    async fn open_shop(&mut self) {
        for telegram_id in 1..=USERS {
            let ctx = self.core();
            let contact = RecordContact { profile: Profile::of(telegram_id), contact: Contact::Started };
            let recorded = self.store.engine.run(&ctx, contact).await.unwrap();
            self.people.push(Person { user_id: recorded.user_id, telegram_id, standing: Standing::Buyer });
        }
        for (place, (kind, price, days)) in PRODUCTS.into_iter().enumerate() {
            let input = ProductInput {
                code: code(place),
                name: format!("Product {place}"),
                kind: Some(kind),
                price: Some(Money::idr(price)),
                membership_days: days,
                shared_content: Goods::new(if kind == ProductKind::Shared {
                    "shared".to_owned()
                } else {
                    String::new()
                }),
                ..ProductInput::default()
            };
            let ctx = self.core();
            self.store.engine.run(&ctx, PutProduct { input, etag: Etag::any(), mask: Mask::default() }).await.unwrap();
            let product = Product { kind, price, days: i64::from(days), available: 0, reserved: 0, sold: 0 };
            self.model.products.push(product);
        }
    }

    pub(crate) fn core(&mut self) -> Context {
        self.requests += 1;
        self.store.context(self.requests)
    }

    pub(crate) fn by(&mut self, user: usize) -> Context {
        let principal = Principal { person: Some(self.people[user]), ..Principal::default() };
        self.requests += 1;
        let ctx = self.store.engine.context(principal, "model").with_request_id(Uuid::from_u128(self.requests));
        ctx.with_gateways(gateways())
    }

    /// The operations that led here, for whoever has to find out why.
    pub(crate) fn story(&self) -> String {
        let last: Vec<_> = self.last.iter().cloned().collect();
        format!("seed {}, the last operations:\n{}", self.seed, last.join("\n"))
    }

    fn note(&mut self, operation: String) {
        if self.last.len() == 40 {
            self.last.pop_front();
        }
        self.last.push_back(operation);
    }

    pub(crate) async fn run(&mut self, operations: usize) {
        let mut next_look = LOOK_EVERY;
        for done in 1..=operations {
            self.step().await;
            if done >= next_look || done == operations {
                self.compare_all().await;
                next_look = done + LOOK_EVERY.max(done / LOOK_AT_GROWTH);
            }
        }
    }

    async fn step(&mut self) {
        let touched = match self.rng.random_range(0..100) {
            0..28 => self.place().await,
            28..33 => self.top_up().await,
            33..53 => self.begin().await,
            53..73 => self.pay().await,
            73..78 => self.cancel().await,
            78..84 => self.pass_time().await,
            84..88 => self.add_stock().await,
            88..96 => self.refund().await,
            _ => self.fulfil().await,
        };
        if let Some(order) = touched {
            self.compare_order(order).await;
        }
    }

    /// An order that something happens to: a recent one, most of the time one that is unpaid.
    fn some_order(&mut self) -> Option<usize> {
        let from = self.orders.len().saturating_sub(RECENT);
        let unpaid: Vec<_> =
            (from..self.orders.len()).filter(|order| self.model.orders[*order].state == OrderState::Pending).collect();
        if !unpaid.is_empty() && self.rng.random_bool(0.7) {
            return Some(unpaid[self.rng.random_range(0..unpaid.len())]);
        }
        (from < self.orders.len()).then(|| self.rng.random_range(from..self.orders.len()))
    }

    async fn place(&mut self) -> Option<usize> {
        let user = self.rng.random_range(0..self.people.len());
        let items = self.some_items();
        self.note(format!("place: user {user}, products and quantities {items:?}"));
        let ctx = self.by(user);
        let item = |(product, quantity): &(usize, i64)| Item { product: code(*product), quantity: *quantity };
        let place = placing(Basket::Products(items.iter().map(item).collect()));
        let placed = place_order(&self.store.engine, &ctx, place.clone()).await.map(|placed| placed.id);
        let said = self.model.place(user, &items);
        let placed = self.agree(placed, said)?;
        if self.rng.random_bool(0.05) {
            let again = place_order(&self.store.engine, &ctx, place).await.unwrap();
            assert_eq!(again.id, placed, "a repeat is the same order; {}", self.story());
        }
        self.orders.push(placed);
        Some(self.orders.len() - 1)
    }

    /// Mostly one product; else several, each once.
    fn some_items(&mut self) -> Vec<(usize, i64)> {
        let count = if self.rng.random_bool(0.6) { 1 } else { self.rng.random_range(2..5) };
        let mut items: Vec<(usize, i64)> = Vec::new();
        while items.len() < count {
            let product = self.rng.random_range(0..PRODUCTS.len());
            if items.iter().any(|(other, _)| *other == product) {
                continue;
            }
            let is_one = matches!(PRODUCTS[product].0, ProductKind::Membership | ProductKind::TopUp);
            let quantity = match self.rng.random_range(0..20) {
                0 => [-1, 0, 101, i64::MAX][self.rng.random_range(0..4)],
                1..4 if !is_one || count == 1 => self.rng.random_range(2..6),
                _ => 1,
            };
            // Balance is bought alone, but for those that are to be refused.
            if PRODUCTS[product].0 != ProductKind::TopUp || count == 1 || self.rng.random_bool(0.1) {
                items.push((product, quantity));
            }
        }
        items
    }

    async fn top_up(&mut self) -> Option<usize> {
        let user = self.rng.random_range(0..self.people.len());
        let amount = [9_999, 10_000, 35_000, 100_000, 10_000_001][self.rng.random_range(0..5)];
        self.note(format!("top up: user {user}, {amount}"));
        let ctx = self.by(user);
        let placed = place_order(&self.store.engine, &ctx, placing(Basket::Balance(Money::idr(amount)))).await;
        let said = self.model.top_up(user, amount);
        let placed = self.agree(placed, said)?.id;
        self.orders.push(placed);
        Some(self.orders.len() - 1)
    }

    async fn begin(&mut self) -> Option<usize> {
        let order = self.some_order()?;
        self.close_underway(order).await;
        let is_top_up = self.model.is_top_up(order);
        let by_balance = !is_top_up && self.rng.random_bool(0.3);
        let use_balance = !is_top_up && !by_balance && self.rng.random_bool(0.4);
        self.note(format!("begin: order {order}, by balance {by_balance}, use balance {use_balance}"));
        let ctx = self.by(self.model.orders[order].user);
        let command = BeginPayment {
            order: self.orders[order].to_string(),
            method: if by_balance { Method::Balance } else { Method::Qris },
            use_balance,
        };
        let begun = self.store.engine.run(&ctx, command).await;
        let before = self.model.payments.len();
        let said = self.model.begin(order, by_balance, use_balance);
        let begun = self.agree(begun, said)?;
        // A part from the balance comes before the payment that is underway.
        let made = self.model.payments.len() - before;
        let seen = self.look_at(order).await;
        let mut ids: Vec<_> = seen.payments.iter().take(made).map(|payment| payment.id).collect();
        ids.reverse();
        assert_eq!(ids.last(), Some(&begun.payment_id), "{}", self.story());
        self.payments.extend(ids);
        let payment = self.model.payments.len() - 1;
        assert_eq!(begun.state, self.model.payments[payment].state, "{}", self.story());
        if begun.state == PaymentState::Creating {
            self.answer_of_the_gateway(payment).await;
        }
        Some(order)
    }

    async fn answer_of_the_gateway(&mut self, payment: usize) {
        let ctx = self.core();
        match self.rng.random_range(0..20) {
            // Its answer is still on its way when other things happen.
            0 => {}
            1 => {
                self.note(format!("the gateway refuses payment {payment}"));
                let fail = FailPayment { payment_id: self.payments[payment], check_again: true };
                self.store.engine.run(&ctx, fail).await.unwrap();
                self.model.fail(payment);
            }
            _ => {
                let expire_time = self.model.now + TimeDelta::seconds(self.rng.random_range(300..3_600));
                let amount = self.model.payments[payment].amount;
                let invoice = RecordInvoice {
                    payment_id: self.payments[payment],
                    fee: Money::idr(310),
                    total: Money::idr(amount + 310),
                    payload: Some("QR".to_owned()),
                    pay_url: None,
                    expire_time,
                };
                self.store.engine.run(&ctx, invoice).await.unwrap();
                self.model.invoice(payment, expire_time);
            }
        }
    }

    async fn close_underway(&mut self, order: usize) {
        for payment in self.model.orders[order].payments.clone() {
            if self.model.payments[payment].state.is_underway() {
                self.note(format!("close: payment {payment}"));
                let close = ClosePayment { payment_id: self.payments[payment], to: PaymentState::Cancelled };
                let ctx = self.core();
                self.store.engine.run(&ctx, close).await.unwrap();
                self.model.close(payment);
            }
        }
    }

    async fn pay(&mut self) -> Option<usize> {
        let from = self.payments.len().saturating_sub(RECENT);
        let through_gateway: Vec<_> =
            (from..self.payments.len()).filter(|payment| !self.model.payments[*payment].by_balance).collect();
        let payment = *through_gateway.get(self.rng.random_range(0..through_gateway.len().max(1)))?;
        let amount = self.model.payments[payment].amount;
        let received = match self.rng.random_range(0..10) {
            0 => amount + self.rng.random_range(1..5_000),
            1 => self.rng.random_range(1..=amount),
            _ => amount,
        };
        self.note(format!("pay: payment {payment} of {amount}, received {received}"));
        let is_seen = self.rng.random_bool(0.1);
        let source = if is_seen { Source::Seller { note: "seen".to_owned() } } else { Source::Gateway };
        let apply = ApplyPayment {
            payment_id: self.payments[payment],
            received: Money::idr(received),
            withheld: 0,
            paid_time: self.model.now,
            source,
        };
        let ctx = self.core();
        let applied =
            self.store.engine.run(&ctx, apply).await.unwrap_or_else(|error| panic!("{error}; {}", self.story()));
        let arrived =
            if is_seen { self.model.apply_seen(payment, received) } else { self.model.apply(payment, received) };
        if self.model.payments.len() > self.payments.len() {
            self.payments.push(applied.payment_id);
        }
        let said = match arrived {
            Arrived::Settled => AppliedOutcome::Settled,
            Arrived::Credited => AppliedOutcome::Credited,
            Arrived::Short => AppliedOutcome::Short,
            Arrived::Repeated => AppliedOutcome::Repeated,
        };
        assert_eq!(applied.outcome, said, "{}", self.story());
        Some(self.model.payments[payment].order)
    }

    async fn cancel(&mut self) -> Option<usize> {
        let order = self.some_order()?;
        self.note(format!("cancel: order {order}"));
        let ctx = self.by(self.model.orders[order].user);
        let cancelled = self.store.engine.run(&ctx, CancelOrder { name: self.orders[order].to_string() }).await;
        let said = self.model.cancel(order);
        self.agree(cancelled, said)?;
        Some(order)
    }

    async fn pass_time(&mut self) -> Option<usize> {
        let seconds = self.rng.random_range(1..1_200);
        self.note(format!("{seconds} s pass"));
        self.store.clock.advance_seconds(seconds);
        self.model.now += TimeDelta::seconds(seconds);
        // The job comes round, though not always at once.
        if self.rng.random_bool(0.8) {
            let from = self.orders.len().saturating_sub(RECENT);
            for order in from..self.orders.len() {
                let ctx = self.core();
                let expired = self.store.engine.run(&ctx, ExpireOrder { order_id: self.orders[order] }).await.unwrap();
                assert_eq!(expired, self.model.expire(order), "order {order} expires; {}", self.story());
            }
        }
        None
    }

    async fn add_stock(&mut self) -> Option<usize> {
        let product = self.rng.random_range(0..3);
        let count = self.rng.random_range(1..20);
        self.note(format!("add {count} units of product {product}"));
        let lines = (0..count).map(|_| {
            self.stock_lines += 1;
            Goods::new(format!("line {}", self.stock_lines))
        });
        let add = AddStock { code: code(product), lines: lines.collect() };
        let ctx = self.core();
        let added = self.store.engine.run(&ctx, add).await.unwrap();
        assert_eq!(added.added, count, "{}", self.story());
        self.model.products[product].available += count;
        None
    }

    async fn refund(&mut self) -> Option<usize> {
        let order = self.some_order()?;
        let back = self.some_back(order);
        let is_top_up = self.model.is_top_up(order);
        let to_balance = is_top_up == self.rng.random_bool(0.1);
        // What was paid from the balance can't go back through a gateway: only top-ups go that way here.
        if !to_balance && !is_top_up {
            return None;
        }
        self.note(format!("refund: order {order}, {back:?}, to balance {to_balance}"));
        let seen = self.look_at(order).await;
        let amount = |amount: &Option<i64>| amount.map(Money::idr);
        let lines = match &back {
            Back::Lines(lines) => lines
                .iter()
                .map(|(line, part)| LineRefund { line: seen.lines[*line].id, amount: amount(part) })
                .collect(),
            _ => Vec::new(),
        };
        let command = BeginRefund {
            order: self.orders[order].to_string(),
            amount: if let Back::Amount(amount) = back { Some(Money::idr(amount)) } else { None },
            lines,
            destination: if to_balance { Destination::Balance } else { Destination::Gateway },
            reason: "asked for".to_owned(),
            gateway_can_refund: true,
        };
        let ctx = self.core();
        let begun = self.store.engine.run(&ctx, command).await;
        let mut said = self.model.clone();
        let outcome = said.refund(order, &back, to_balance);
        let begun = self.agree(begun, outcome)?;
        let done = to_balance || self.rng.random_bool(0.8);
        if !to_balance {
            let finish = FinishRefund { refund_id: begun.refund_id, done };
            let ctx = self.core();
            self.store.engine.run(&ctx, finish).await.unwrap();
        }
        if done {
            self.model = said;
        }
        Some(order)
    }

    async fn fulfil(&mut self) -> Option<usize> {
        let order = self.some_order()?;
        let count = self.model.orders[order].lines.len();
        let line = self.rng.random_bool(0.6).then(|| self.rng.random_range(0..count));
        self.note(format!("fulfil: order {order}, line {line:?}"));
        let seen = self.look_at(order).await;
        let goods = Goods::new("made by hand".to_owned());
        let fulfil =
            FulfilOrder { name: self.orders[order].to_string(), line: line.map(|line| seen.lines[line].id), goods };
        let ctx = self.core();
        let done = self.store.engine.run(&ctx, fulfil).await;
        let said = self.model.fulfil(order, line);
        self.agree(done, said)?;
        Some(order)
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

fn placing(basket: Basket) -> PlaceOrder {
    PlaceOrder { basket, expected_subtotal: None, buyer_telegram_id: None, pay_by: None }
}

pub(crate) fn code(product: usize) -> String {
    format!("product-{product}")
}
