//! Somebody who waits at a store for their order to change.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinSet};
use warung_emulators::pakasir::{Pakasir, PakasirConfig, Project};

use crate::{
    api::{Answer, Api},
    operator::{products, request_id},
    process::Process,
    shop::Shop,
    time::{DEADLINE, eventually},
};

/// How many calls of one person may wait: the next one is refused, which shows that all of them are there.
const WAITING: usize = 8;

/// A store with a gateway to pay by: without one nothing can be ordered.
pub(crate) struct Store {
    pub(crate) shop: Shop,
    gateway: Pakasir,
}

impl Store {
    pub(crate) async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let gateway = Pakasir::start(listener, PakasirConfig::new(Project::new("toko", "kunci", "Toko")));
        Self { shop: Shop::new().await, gateway }
    }

    /// Starts a role; what has HTTP has it at this port.
    pub(crate) fn start(&self, name: &str, role: &str, http: Option<u16>) -> Process {
        let (gateway, http) = (self.gateway.url(), http.map(|port| format!("127.0.0.1:{port}")));
        let mut more = vec![
            ("PAKASIR_PROJECT_SLUG", "toko"),
            ("PAKASIR_API_KEY", "kunci"),
            ("PAKASIR_BASE_URL", gateway.as_str()),
        ];
        more.extend(http.as_deref().map(|http| ("WARUNG_HTTP_ADDR", http)));
        self.shop.start(name, role, &more)
    }
}

/// A buyer with an unpaid order.
#[derive(Clone)]
pub(crate) struct Follower {
    pub(crate) authorization: String,
    pub(crate) order_id: String,
    pub(crate) version: String,
}

impl Follower {
    /// Fills a new store with what it sells, and orders.
    pub(crate) async fn new(store: &Store, api: &Api) -> Self {
        let shop = &store.shop;
        shop.operator().fill_from(&products()).await;
        let authorization = format!("tma {}", shop.person(0).init_data());
        let order = json!({"requestId": request_id(), "items": [{"productId": "akun-proses", "quantity": 1.0}]});
        let placed = api.post("/api/v1/orders", &[("authorization", &authorization)], &order).await;
        assert_eq!(placed.status, 200, "{placed:?}");
        let text = |name: &str| placed.body["order"][name].as_str().unwrap().to_owned();
        Self { authorization, order_id: text("orderId"), version: text("version") }
    }

    /// Where the order is followed.
    pub(crate) fn path(&self, wait: &str) -> String {
        format!("/api/v1/orders/{}:follow?knownVersion={}&wait={wait}", self.order_id, self.version)
    }

    /// Waits as often as one person may, at an edge; answers once all of them wait.
    pub(crate) async fn wait_at(&self, api: &Api) -> Waiting {
        let mut answers = JoinSet::new();
        for _ in 0..WAITING {
            let (api, follower) = (api.clone(), self.clone());
            answers.spawn(async move {
                loop {
                    let answer = api.get(&follower.path("25s"), &follower.authorization).await;
                    // Whoever looks whether all wait takes one of their places for a moment.
                    if answer.status != 429 {
                        return answer;
                    }
                }
            });
        }
        eventually("all waits", DEADLINE, async || {
            let answer = api.get(&self.path("0.001s"), &self.authorization).await;
            (answer.status == 429).then_some(())
        })
        .await;
        Waiting { answers, version: self.version.clone() }
    }
}

/// Calls that wait.
pub(crate) struct Waiting {
    answers: JoinSet<Answer>,
    version: String,
}

impl Waiting {
    /// All are answered as if their time were over, and soon after `since`.
    pub(crate) async fn are_answered(self, since: Instant, within: Duration) {
        for answer in self.answers.join_all().await {
            assert_eq!(answer.status, 200, "{answer:?}");
            assert_eq!(answer.body["order"]["version"], Value::from(self.version.as_str()));
            assert_eq!(answer.body["order"]["state"], "ORDER_STATE_PENDING");
        }
        let took = since.elapsed();
        assert!(took < within, "the last of them was answered after {took:?}");
    }
}
