//! A shop with a gateway: the emulated Pakasir, by the same clock.

use std::sync::Arc;

use tonic::Status;
use warung_app::{
    context::Clock as _,
    testing::{TestClock, environment},
};
use warung_core::{
    Gateway,
    gateway::pakasir::{Pakasir, PakasirConfig, TIMEOUT},
};
use warung_emulators::{
    Clock,
    pakasir::{self as emulated, PakasirSim, Project},
};
use warung_proto::{
    catalog::ProductKind,
    order::{CancelOrderRequest, FollowOrderRequest, GetOrderRequest, Order, OrderItem, OrderState, PlaceOrderRequest},
    payment::{
        CheckPaymentRequest, Payment, PaymentMethod, PaymentState, ReceiveWebhookRequest, StartPaymentRequest,
        receive_webhook_response::Result as Received,
    },
    wallet::{GetWalletRequest, TopUpRequest},
};
use warung_store::{rows, testing::TestDatabase};

use super::{Caller, Shop, product, rupiah, until};

/// The slug of the store's project.
pub(crate) const SLUG: &str = "warung-uji";
const KEY: &str = "the key of the tests' project";

/// A shop that takes money, and the gateway that takes it.
pub(crate) struct Till {
    pub(crate) shop: Shop,
    pub(crate) sim: PakasirSim,
    gateway: Arc<dyn Gateway>,
    _pakasir: emulated::Pakasir,
}

impl std::ops::Deref for Till {
    type Target = Shop;

    fn deref(&self) -> &Shop {
        &self.shop
    }
}

impl Till {
    /// Opens a shop with ten units of the product `pulsa`, at Rp25.000.
    pub(crate) async fn open(database: TestDatabase) -> Self {
        Self::with_stock(database, 10).await
    }

    /// Opens a shop with so many units of the product `pulsa`, at Rp25.000.
    pub(crate) async fn with_stock(database: TestDatabase, units: usize) -> Self {
        Self::opened(database, units, |_| {}).await
    }

    /// Opens a shop whose gateway is called in another way.
    pub(crate) async fn opened(database: TestDatabase, units: usize, change: impl FnOnce(&mut PakasirConfig)) -> Self {
        Self::behind(database, units, change, |gateway| gateway).await
    }

    /// Opens a shop whose core has another gateway before its own.
    pub(crate) async fn behind(
        database: TestDatabase,
        units: usize,
        change: impl FnOnce(&mut PakasirConfig),
        wrap: impl FnOnce(Arc<dyn Gateway>) -> Arc<dyn Gateway>,
    ) -> Self {
        let clock = TestClock::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut emulated = emulated::PakasirConfig::new(Project::new(SLUG, KEY, "Warung Uji"));
        let now = clock.clone();
        emulated.clock = Clock::new(move || now.now());
        let emulated = emulated::Pakasir::start(listener, emulated);
        let mut config = PakasirConfig {
            base_url: emulated.url().parse().unwrap(),
            project_slug: SLUG.into(),
            api_key: KEY.into(),
            webhook_secret: None,
            sandbox: false,
            timeout: TIMEOUT,
        };
        change(&mut config);
        let gateway: Arc<dyn Gateway> = Arc::new(Pakasir::new(config).unwrap());
        let gateways = std::iter::once(wrap(Arc::clone(&gateway))).collect();
        let shop = Shop::with_gateways(database, environment(), clock, gateways).await;
        shop.put_product(product("pulsa", ProductKind::Stock)).await;
        shop.add_stock("pulsa", (0..units).map(|line| format!("kode-rahasia-{line}"))).await.unwrap();
        Self { shop, sim: emulated.sim(), gateway, _pakasir: emulated }
    }

    /// The same till after the core has ended and started again.
    pub(crate) async fn restarted(self) -> Self {
        Self { shop: self.shop.restarted().await, ..self }
    }

    /// The same till after the core has ended and started again with these gateways.
    pub(crate) async fn restarted_with(self, gateways: impl IntoIterator<Item = Arc<dyn Gateway>>) -> Self {
        Self { shop: self.shop.restarted_with(gateways.into_iter().collect()).await, ..self }
    }

    /// The gateway, as the shop calls it.
    pub(crate) fn gateway(&self) -> Arc<dyn Gateway> {
        Arc::clone(&self.gateway)
    }

    /// An order of units of `pulsa`, to be paid by QRIS.
    pub(crate) fn basket(&self, quantity: i32) -> PlaceOrderRequest {
        PlaceOrderRequest {
            request_id: self.request_id(),
            items: vec![OrderItem { product_id: "pulsa".into(), quantity }],
            payment_method: PaymentMethod::Qris.into(),
            ..Default::default()
        }
    }

    /// Places an order.
    pub(crate) async fn place(&self, caller: &Caller, message: PlaceOrderRequest) -> Result<Order, Status> {
        Ok(Box::pin(self.orders().place_order(caller.says(message))).await?.into_inner().order.unwrap())
    }

    /// A buyer orders a unit of `pulsa` by QRIS.
    pub(crate) async fn buy(&self, caller: &Caller) -> Order {
        let order = self.place(caller, self.basket(1)).await.unwrap();
        assert_eq!((order.state(), order.payments[0].state()), (OrderState::Pending, PaymentState::Open));
        order
    }

    /// An order as it stands.
    pub(crate) async fn order(&self, caller: &Caller, order: &Order) -> Order {
        let message = GetOrderRequest { order_id: order.order_id.clone() };
        self.orders().get_order(caller.says(message)).await.unwrap().into_inner().order.unwrap()
    }

    /// An order once it is another than it was.
    pub(crate) async fn follow(&self, caller: &Caller, order: &Order) -> Order {
        let wait = Some(prost_types::Duration { seconds: 20, nanos: 0 });
        let message = FollowOrderRequest { order_id: order.order_id.clone(), known_version: order.version, wait };
        self.orders().follow_order(caller.says(message)).await.unwrap().into_inner().order.unwrap()
    }

    /// Waits until an order is in this state.
    pub(crate) async fn until_state(&self, caller: &Caller, order: &Order, state: OrderState) -> Order {
        super::soon(async {
            let mut order = order.clone();
            while order.state() != state {
                order = self.follow(caller, &order).await;
            }
            order
        })
        .await
    }

    pub(crate) async fn cancel(&self, caller: &Caller, order: &Order) -> Result<Order, Status> {
        let message = CancelOrderRequest { request_id: self.request_id(), order_id: order.order_id.clone() };
        Ok(Box::pin(self.orders().cancel_order(caller.says(message))).await?.into_inner().order.unwrap())
    }

    pub(crate) async fn start(&self, caller: &Caller, order: &Order, method: PaymentMethod) -> Result<Payment, Status> {
        let message = StartPaymentRequest {
            request_id: self.request_id(),
            order_id: order.order_id.clone(),
            method: method.into(),
            use_balance: false,
        };
        self.start_with(caller, message).await
    }

    pub(crate) async fn start_with(&self, caller: &Caller, message: StartPaymentRequest) -> Result<Payment, Status> {
        Ok(Box::pin(self.payments().start_payment(caller.says(message))).await?.into_inner().payment.unwrap())
    }

    pub(crate) async fn check(&self, caller: &Caller, payment: &Payment) -> Result<Payment, Status> {
        let message = CheckPaymentRequest { payment_id: payment.payment_id.clone() };
        Ok(self.payments().check_payment(caller.says(message)).await?.into_inner().payment.unwrap())
    }

    /// Somebody posts this as a webhook.
    pub(crate) async fn post(&self, body: impl Into<Vec<u8>>) -> Result<Received, Status> {
        self.post_signed(body, "").await
    }

    pub(crate) async fn post_signed(&self, body: impl Into<Vec<u8>>, signature: &str) -> Result<Received, Status> {
        let message =
            ReceiveWebhookRequest { gateway: "pakasir".into(), body: body.into(), signature: signature.into() };
        let answer = Box::pin(self.payments().receive_webhook(Caller::edge().says(message))).await?;
        Ok(answer.into_inner().result())
    }

    /// The webhook that the gateway posts of a payment.
    pub(crate) fn webhook(&self, payment: &Payment) -> String {
        self.sim.webhook_body(&payment.reference, "completed").unwrap().to_string()
    }

    /// Waits until the gateway was asked about all that is due, and its answers are kept.
    pub(crate) async fn asked(&self) {
        until(async || {
            let now = self.clock.now();
            let rows = self.question_rows().await;
            let is_free = |row: &rows::Question| row.lease_time.is_none_or(|ends| ends <= now);
            rows.iter().all(|row| is_free(row) && row.due_time.is_none_or(|due| due > now))
        })
        .await;
    }

    /// The webhook of a payment comes, and the gateway was asked because of it.
    pub(crate) async fn tell(&self, payment: &Payment) {
        assert_eq!(self.post(self.webhook(payment)).await.unwrap(), Received::Kept);
        self.asked().await;
    }

    /// A buyer pays, the gateway says so, and it is settled.
    pub(crate) async fn pay(&self, payment: &Payment) {
        self.sim.pay(&payment.reference).unwrap();
        self.post(self.webhook(payment)).await.unwrap();
        self.asked().await;
        let paid = |row: &rows::Payment| {
            row.reference == payment.reference && row.state == warung_domain::payment::PaymentState::Paid
        };
        assert!(self.payment_rows().await.iter().any(paid), "it was not paid: {payment:?}");
    }

    /// A buyer's balance.
    pub(crate) async fn balance(&self, caller: &Caller) -> i64 {
        let wallet = self.shop.wallet().get_wallet(caller.says(GetWalletRequest {})).await.unwrap().into_inner();
        wallet.wallet.unwrap().balance.unwrap().minor_units
    }

    /// Gives a buyer balance, by a top-up that they pay.
    pub(crate) async fn fill(&self, caller: &Caller, amount: i64) {
        let message = TopUpRequest {
            request_id: self.request_id(),
            amount: Some(rupiah(amount)),
            payment_method: PaymentMethod::Qris.into(),
        };
        let order = self.shop.wallet().top_up(caller.says(message)).await.unwrap().into_inner().order.unwrap();
        self.pay(&order.payments[0]).await;
    }

    /// Units that can be ordered, that are kept for orders, and that are sold.
    pub(crate) async fn stock(&self) -> (i64, i64, i64) {
        let rows = self.product_stock_rows().await;
        assert_eq!(rows.len(), 1, "{rows:?}");
        (rows[0].available, rows[0].reserved, rows[0].sold)
    }
}
