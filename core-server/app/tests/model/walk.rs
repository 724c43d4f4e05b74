//! A random history, done by the store and by the model side by side.

use std::collections::VecDeque;

use chrono::TimeDelta;
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use uuid::Uuid;
use warung_app::{
    Command, Context, Result,
    catalog::{AddStock, Etag, Mask, PutProduct},
    identity::{Contact, Profile, RecordContact},
    order::{Basket, ExpireOrder, FulfilOrder, Item, PlaceOrder, place_order},
    testing::{TestEngine, gateways},
};
use warung_domain::{
    catalog::{ProductInput, ProductKind},
    goods::Goods,
    ids::{OrderId, PaymentId, RefundId},
    money::Money,
    order::OrderState,
    principal::{Person, Principal},
    standing::Standing,
};
use warung_store::{Tx, rows, testing::TestDatabase};

use crate::{
    flow::Flow,
    model::{Model, Product, User},
    webhooks::Told,
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
pub(crate) const RECENT: usize = 40;

pub(crate) struct Walk {
    pub(crate) store: TestEngine,
    seed: u64,
    pub(crate) rng: StdRng,
    pub(crate) model: Model,
    pub(crate) people: Vec<Person>,
    pub(crate) orders: Vec<OrderId>,
    pub(crate) payments: Vec<PaymentId>,
    /// None: of one that a gateway made by itself.
    pub(crate) refunds: Vec<Option<RefundId>>,
    pub(crate) flows: Vec<Flow>,
    pub(crate) told: Told,
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
            refunds: Vec::new(),
        };
        let mut walk = Self {
            store,
            seed,
            rng: StdRng::seed_from_u64(seed),
            model,
            people: Vec::new(),
            orders: Vec::new(),
            payments: Vec::new(),
            refunds: Vec::new(),
            flows: Vec::new(),
            told: Told::default(),
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

    pub(crate) fn note(&mut self, operation: String) {
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
            0..20 => self.place().await,
            20..24 => self.top_up().await,
            24..33 => self.start_flow(),
            33..59 => self.step_flow().await,
            59..72 => self.pay().await,
            72..75 => self.cancel().await,
            75..80 => self.pass_time().await,
            80..84 => self.add_stock().await,
            84..90 => self.refund().await,
            90..92 => self.finish_refund().await,
            92..94 => self.reverse().await,
            94..96 => self.fulfil().await,
            96 => self.ask_due().await,
            97 | 98 => self.tell().await,
            _ => self.price_in_stars().await,
        };
        // Not each time: what is wrong with an order stays so, and looking costs more than doing.
        if let Some(order) = touched
            && self.rng.random_bool(0.4)
        {
            self.compare_order(order).await;
        }
    }

    /// An order that something happens to: a recent one, most of the time one that is unpaid.
    pub(crate) fn some_order(&mut self) -> Option<usize> {
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
        let (placed, ()) = self.agree(placed, said).ok()?;
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
        let placed = self.agree(placed, said).ok()?.0.id;
        self.orders.push(placed);
        Some(self.orders.len() - 1)
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
        self.agree(done, said).ok()?;
        Some(order)
    }

    /// An order becomes one in Stars before anything of it is paid: nothing sells for them yet.
    async fn price_in_stars(&mut self) -> Option<usize> {
        let order = self.some_order()?;
        let said = &self.model.orders[order];
        if said.state != OrderState::Pending || !said.payments.is_empty() || self.model.is_top_up(order) {
            return None;
        }
        self.note(format!("order {order} is in Stars"));
        let ctx = self.core();
        self.store.engine.run(&ctx, InStars(self.orders[order])).await.unwrap();
        self.model.orders[order].in_stars = true;
        Some(order)
    }

    /// Money in the currency of an order.
    pub(crate) fn money(&self, order: usize, amount: i64) -> Money {
        if self.model.orders[order].in_stars { Money::xtr(amount) } else { Money::idr(amount) }
    }
}

struct InStars(OrderId);

impl Command for InStars {
    type Output = ();
    const NAME: &'static str = "test.in_stars";
    const BY_REQUEST_ID: bool = false;

    async fn execute(&self, tx: &mut Tx, _ctx: &Context) -> Result<()> {
        let order: Option<rows::Order> = tx.find(self.0.0).await?;
        Ok(tx.update(rows::Order { currency: warung_domain::money::Currency::Xtr.into(), ..order.unwrap() }).await?)
    }
}

fn placing(basket: Basket) -> PlaceOrder {
    PlaceOrder { basket, expected_subtotal: None, buyer_telegram_id: None, pay_by: None }
}

pub(crate) fn code(product: usize) -> String {
    format!("product-{product}")
}
