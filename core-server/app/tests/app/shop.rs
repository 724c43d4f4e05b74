//! A shop to test with: buyers, products and stock, and short words for what happens in it.

use std::sync::atomic::{AtomicU64, Ordering};

use chrono::TimeDelta;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use warung_app::{
    Command, Context, PageRequest, Query, Result,
    catalog::{AddStock, Etag, Mask, PutProduct},
    identity::{Contact, Profile, RecordContact},
    ledger::Audit,
    messaging::{
        ClaimDeliveries, ClaimedDelivery, Outcome, Report, ReportDeliveries, claim_deliveries, report_deliveries,
    },
    order::{Basket, GetOrder, Item, Order, PlaceOrder, PlacedOrder, Reach, place_order},
    payment::{
        Answer, AnswerQuestion, Applied, AppliedOutcome, ApplyPayment, BeginPayment, Begun, Checkout, ClaimQuestions,
        GetPayment, Payment, PaymentToReview, PaymentsToReview, RecordInvoice, Source,
    },
    testing::{BOT_ID, TestClock, TestEngine, TimedIds, gateways},
};
use warung_domain::{
    catalog::{ProductInput, ProductKind},
    goods::Goods,
    ids::{OrderId, PaymentId, UserId},
    message::{Bot, Operation},
    money::Money,
    payment::Method,
    principal::{Person, Principal},
    standing::Standing,
};
use warung_store::{Read, Tx, rows, testing::TestDatabase};

/// The least that the gateway of these tests takes.
pub(crate) const LEAST: i64 = 500;

pub(crate) struct Shop {
    pub(crate) test: TestEngine,
    requests: AtomicU64,
}

/// Wallet of a user.
pub(crate) struct FindWallet(pub(crate) UserId);

impl Query for FindWallet {
    type Output = (i64, i64);

    async fn fetch(&self, read: &Read, _ctx: &Context) -> Result<(i64, i64)> {
        let row: Option<rows::Wallet> = read.find(self.0.0).await?;
        Ok(row.map_or((0, 0), |row| (row.balance_minor, row.receivable_minor)))
    }
}

/// Available, reserved and sold units of a product.
pub(crate) struct FindStock(pub(crate) Uuid);

impl Query for FindStock {
    type Output = (i64, i64, i64);

    async fn fetch(&self, read: &Read, _ctx: &Context) -> Result<(i64, i64, i64)> {
        let row: rows::ProductStock = read.find(self.0).await?.expect("a product has counters");
        Ok((row.available, row.reserved, row.sold))
    }
}

/// A user's membership.
pub(crate) struct FindMembership(pub(crate) UserId);

impl Query for FindMembership {
    type Output = Option<chrono::DateTime<chrono::Utc>>;

    async fn fetch(&self, read: &Read, _ctx: &Context) -> Result<Self::Output> {
        let row: Option<rows::Membership> = read.find(self.0.0).await?;
        Ok(row.map(|row| row.expire_time))
    }
}

impl Shop {
    pub(crate) async fn new(database: TestDatabase) -> Self {
        Self { test: TestEngine::new(database).await, requests: AtomicU64::new(1) }
    }

    /// One whose ids are of their time.
    pub(crate) async fn timed(database: TestDatabase) -> Self {
        let clock = TestClock::default();
        let test = TestEngine::with_ids(database, clock.clone(), TimedIds::of(clock)).await;
        Self { test, requests: AtomicU64::new(1) }
    }

    /// A call that begins now, under a new request id.
    pub(crate) fn call(&self, principal: Principal) -> Context {
        let request = self.requests.fetch_add(1, Ordering::SeqCst);
        self.test.context(u128::from(request)).with_principal(principal).with_gateways(gateways())
    }

    pub(crate) async fn run<C: Command>(&self, principal: Principal, command: C) -> Result<C::Output> {
        self.test.engine.run(&self.call(principal), command).await
    }

    pub(crate) async fn ask<Q: Query>(&self, principal: Principal, query: Q) -> Q::Output {
        self.test.engine.ask(&self.call(principal), query).await.unwrap()
    }

    /// The core itself does something.
    pub(crate) async fn core<C: Command>(&self, command: C) -> C::Output {
        self.run(Principal::CORE, command).await.unwrap()
    }

    pub(crate) async fn buyer(&self, telegram_id: i64) -> Principal {
        let profile = Profile { first_name: "Budi".into(), client_language: "id".into(), ..Profile::of(telegram_id) };
        let user = self.core(RecordContact { profile, contact: Contact::Started }).await;
        let person = Person { user_id: user.user_id, telegram_id, standing: Standing::Buyer };
        Principal { person: Some(person), ..Principal::default() }
    }

    pub(crate) async fn put(&self, code: &str, kind: ProductKind, price: i64, archived: bool) -> Uuid {
        let shared = if kind == ProductKind::Shared { "https://rahasia.example/panduan" } else { "" };
        let input = ProductInput {
            code: code.into(),
            name: format!("Produk {code}"),
            description: String::new(),
            category_code: String::new(),
            kind: Some(kind),
            price: Some(Money::idr(price)),
            picture_media_id: String::new(),
            membership_days: if kind == ProductKind::Membership { 30 } else { 0 },
            shared_content: Goods::new(shared.to_owned()),
            gateways: Vec::new(),
            archived,
        };
        self.core(PutProduct { input, etag: Etag::any(), mask: Mask::default() }).await.0.0
    }

    pub(crate) async fn product(&self, code: &str, kind: ProductKind, price: i64) -> Uuid {
        self.put(code, kind, price, false).await
    }

    /// Says what a product may be paid through, of these gateways of the store.
    pub(crate) async fn paid_through(&self, checkout: &Checkout, code: &str, gateways: &[&str]) {
        let gateways = gateways.iter().map(|name| (*name).to_owned()).collect();
        let input = ProductInput { code: code.into(), gateways, ..ProductInput::default() };
        let mask = Mask(vec!["gateways".to_owned()]);
        let ctx = self.call(Principal::CORE).with_gateways(checkout.gateways().clone());
        self.test.engine.run(&ctx, PutProduct { input, etag: Etag::any(), mask }).await.unwrap();
    }

    pub(crate) async fn stock(&self, code: &str, lines: impl IntoIterator<Item = String>) {
        let lines = lines.into_iter().map(Goods::new).collect();
        self.core(AddStock { code: code.into(), lines }).await;
    }

    /// A STOCK product with so many units.
    pub(crate) async fn stocked(&self, code: &str, price: i64, units: usize) -> Uuid {
        let id = self.product(code, ProductKind::Stock, price).await;
        self.stock(code, (0..units).map(|unit| format!("rahasia-{code}-{unit}"))).await;
        id
    }

    /// Places an order as an RPC does.
    pub(crate) async fn try_place(&self, buyer: Principal, items: &[(&str, i64)]) -> Result<OrderId> {
        let placed = place_order(&self.test.engine, &self.call(buyer), placing(items)).await?;
        self.answered_as_read(&placed).await;
        Ok(placed.id)
    }

    /// What placing answers without reading is what a reader sees.
    pub(crate) async fn answered_as_read(&self, placed: &PlacedOrder) {
        if let Some(order) = &placed.order {
            assert_eq!(**order, self.order(placed.id).await);
        }
    }

    pub(crate) async fn place(&self, buyer: Principal, items: &[(&str, i64)]) -> OrderId {
        self.try_place(buyer, items).await.unwrap()
    }

    pub(crate) async fn begin(
        &self,
        buyer: Principal,
        order: OrderId,
        method: Method,
        use_balance: bool,
    ) -> Result<Begun> {
        self.run(buyer, BeginPayment { order: order.to_string(), method, use_balance }).await
    }

    /// An open QRIS payment of an order, good for a quarter of an hour.
    pub(crate) async fn invoice(&self, buyer: Principal, order: OrderId) -> PaymentId {
        let begun = self.begin(buyer, order, Method::Qris, false).await.unwrap();
        self.record(begun.payment_id).await;
        begun.payment_id
    }

    pub(crate) async fn record(&self, payment_id: PaymentId) {
        let amount = self.payment(payment_id).await.amount.minor_units;
        let invoice = RecordInvoice {
            payment_id,
            fee: Money::idr(400),
            total: Money::idr(amount + 400),
            payload: Some("00020101021226QRIS".into()),
            pay_url: Some("https://bayar.example/1".into()),
            expire_time: self.test.engine.now() + TimeDelta::minutes(15),
        };
        self.core(invoice).await;
    }

    pub(crate) async fn try_pay(&self, payment_id: PaymentId, received: i64) -> Result<Applied> {
        let paid_time = self.test.engine.now();
        let received = Money::idr(received);
        self.run(
            Principal::CORE,
            ApplyPayment { payment_id, received, withheld: 0, paid_time, source: Source::Gateway },
        )
        .await
    }

    pub(crate) async fn pay(&self, payment_id: PaymentId, received: i64) -> AppliedOutcome {
        self.try_pay(payment_id, received).await.unwrap().outcome
    }

    /// An order that was placed and paid by QRIS.
    pub(crate) async fn bought(&self, buyer: Principal, items: &[(&str, i64)]) -> OrderId {
        let order = self.place(buyer, items).await;
        let payment = self.invoice(buyer, order).await;
        let amount = self.payment(payment).await.amount.minor_units;
        assert_eq!(self.pay(payment, amount).await, AppliedOutcome::Settled);
        order
    }

    /// Gives a buyer balance, by a top-up that they pay.
    pub(crate) async fn top_up(&self, buyer: Principal, amount: i64) -> OrderId {
        let order = self.run(buyer, topping_up(Money::idr(amount))).await.unwrap().id;
        let payment = self.invoice(buyer, order).await;
        assert_eq!(self.pay(payment, amount).await, AppliedOutcome::Settled);
        order
    }

    pub(crate) async fn order(&self, id: OrderId) -> Order {
        self.ask(Principal::CORE, GetOrder { name: id.to_string(), reach: Reach::Store }).await
    }

    pub(crate) async fn payment(&self, id: PaymentId) -> Payment {
        self.ask(Principal::CORE, GetPayment { id, reach: Reach::Store }).await
    }

    pub(crate) async fn balance(&self, buyer: Principal) -> i64 {
        self.ask(Principal::CORE, FindWallet(buyer.person.unwrap().user_id)).await.0
    }

    pub(crate) async fn units(&self, product: Uuid) -> (i64, i64, i64) {
        self.ask(Principal::CORE, FindStock(product)).await
    }

    /// The payments that sellers are to look at.
    pub(crate) async fn payments_to_review(&self) -> Vec<PaymentToReview> {
        self.ask(Principal::CORE, PaymentsToReview { page: PageRequest::default() }).await.0
    }

    /// Why sellers are to look at payments.
    pub(crate) async fn to_review(&self) -> Vec<String> {
        let reasons = self.payments_to_review().await.into_iter().flat_map(|found| found.reasons);
        reasons.map(|reason| reason.to_string()).collect()
    }

    /// The books hold.
    pub(crate) async fn proven(&self) {
        assert_eq!(self.ask(Principal::CORE, Audit).await, []);
    }

    /// What a bot is to send now.
    pub(crate) async fn claim(&self, bot: Bot) -> Vec<ClaimedDelivery> {
        self.test.clock.advance_seconds(2);
        let ctx = self.call(Principal::CORE);
        let claim = ClaimDeliveries {
            bot,
            bot_id: BOT_ID,
            worker_id: "test".into(),
            limit: 100,
            held: Vec::new(),
            holds_all: false,
        };
        let no_wait = std::time::Duration::ZERO;
        let answer = claim_deliveries(&self.test.engine, &ctx, claim, no_wait, &CancellationToken::new()).await;
        answer.unwrap().deliveries
    }

    /// Reports of each what `outcome` says.
    pub(crate) async fn report(&self, claimed: &[ClaimedDelivery], outcome: impl Fn(&ClaimedDelivery) -> Outcome) {
        let reports = claimed.iter().map(|delivery| Report {
            delivery_id: delivery.id,
            attempt: delivery.attempt,
            outcome: outcome(delivery),
        });
        let reports = ReportDeliveries { worker_id: "test".into(), bot_id: BOT_ID, reports: reports.collect() };
        report_deliveries(&self.test.engine, &self.call(Principal::CORE), reports).await.unwrap();
    }

    /// What a bot sends now, each reported as `outcome` says.
    pub(crate) async fn deliver_by(
        &self,
        bot: Bot,
        outcome: impl Fn(&ClaimedDelivery) -> Outcome,
    ) -> Vec<ClaimedDelivery> {
        let mut sent = Vec::new();
        loop {
            let claimed = self.claim(bot).await;
            if claimed.is_empty() {
                return sent;
            }
            self.report(&claimed, &outcome).await;
            sent.extend(claimed);
        }
    }

    /// What the main bot sends now, each reported as `outcome` says.
    pub(crate) async fn deliver(&self, outcome: impl Fn(&ClaimedDelivery) -> Outcome) -> Vec<ClaimedDelivery> {
        self.deliver_by(Bot::Main, outcome).await
    }

    /// What the bot of the owners sends now.
    pub(crate) async fn owner_is_told(&self) -> Vec<String> {
        let told = self.deliver_by(Bot::Owner, arrived).await.into_iter();
        told.filter_map(|sent| match sent.operation {
            Operation::Send(content) => Some(content.text_html),
            _ => None,
        })
        .collect()
    }

    /// All that the bot has to send, sent.
    pub(crate) async fn sent(&self) -> Vec<ClaimedDelivery> {
        self.deliver(arrived).await
    }
}

pub(crate) fn arrived(delivery: &ClaimedDelivery) -> Outcome {
    let message_id = i64::try_from(delivery.id.0.as_u128() & 0xffff).unwrap();
    Outcome::Sent { message_id, uploaded_file_id: String::new() }
}

pub(crate) fn placing(items: &[(&str, i64)]) -> PlaceOrder {
    let items = items.iter().map(|(product, quantity)| Item { product: (*product).into(), quantity: *quantity });
    placing_basket(Basket::Products(items.collect()))
}

pub(crate) fn topping_up(amount: Money) -> PlaceOrder {
    placing_basket(Basket::Balance(amount))
}

fn placing_basket(basket: Basket) -> PlaceOrder {
    PlaceOrder { basket, expected_subtotal: None, buyer_telegram_id: None, pay_by: None }
}

/// The question about what a payment was asked for.
struct FindOwnQuestion(PaymentId);

impl Query for FindOwnQuestion {
    type Output = Uuid;

    async fn fetch(&self, read: &Read, _ctx: &Context) -> Result<Uuid> {
        let all = read.questions_of_payments(vec![self.0.0]).await?;
        // One that is over is asked no more: an answer to it changes nothing.
        Ok(all.into_iter().find(|row| row.is_own).map_or(Uuid::nil(), |row| row.id))
    }
}

impl Shop {
    /// How much is to be asked about now; it is claimed.
    pub(crate) async fn due(&self) -> usize {
        self.core(ClaimQuestions { limit: 100, gateways: vec!["PAKASIR".into()] }).await.len()
    }

    /// The gateway has answered about a payment.
    pub(crate) async fn answered(&self, payment_id: PaymentId, answer: Answer) {
        let id = self.ask(Principal::CORE, FindOwnQuestion(payment_id)).await;
        self.core(AnswerQuestion { id, payment_id, answer }).await;
    }
}

/// Plants what no command would write.
pub(crate) struct Plant<W>(pub W);

/// What is planted.
pub(crate) trait Planting: Send + Sync + 'static {
    fn plant(&self, tx: &mut Tx, ctx: &Context) -> impl std::future::Future<Output = Result<()>> + Send;
}

impl<W: Planting> Command for Plant<W> {
    type Output = ();
    const NAME: &'static str = "test.plant";
    const BY_REQUEST_ID: bool = false;

    async fn execute(&self, tx: &mut Tx, ctx: &Context) -> Result<()> {
        self.0.plant(tx, ctx).await
    }
}

/// An API key that may order.
pub(crate) struct Key(pub Uuid);

impl Planting for Key {
    async fn plant(&self, tx: &mut Tx, _ctx: &Context) -> Result<()> {
        let row = rows::ApiKey {
            id: self.0,
            name: "uji".into(),
            secret_hash: self.0.as_bytes().to_vec(),
            scopes: "order.write".into(),
            create_time: chrono::DateTime::UNIX_EPOCH,
            last_use_time: None,
            revoke_time: None,
        };
        Ok(tx.insert(row).await?)
    }
}
