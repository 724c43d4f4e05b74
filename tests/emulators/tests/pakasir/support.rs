//! A started Pakasir, a merchant who takes its webhooks, and raw requests.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use reqwest::Response;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use warung_emulators::pakasir::{Pakasir, PakasirConfig, PakasirSim, Project};

pub(crate) const SLUG: &str = "warungcontoh";
pub(crate) const KEY: &str = "kunci-rahasia-tiruan";
pub(crate) const ORDER: &str = "tg1001-0abcdef1-1";
pub(crate) const SOON: Duration = Duration::from_secs(10);

/// What the merchant got: the body and the signature.
pub(crate) type Got = (String, Option<String>);

/// Takes webhooks, and answers as told.
#[derive(Clone)]
pub(crate) struct Merchant {
    got: Arc<Mutex<Vec<Got>>>,
    answer: Arc<Mutex<StatusCode>>,
}

impl Merchant {
    pub(crate) fn got(&self) -> Vec<Got> {
        self.got.lock().unwrap().clone()
    }

    pub(crate) fn bodies(&self) -> Vec<Value> {
        self.got().iter().map(|(body, _)| serde_json::from_str(body).unwrap()).collect()
    }

    pub(crate) fn answers(&self, status: StatusCode) {
        *self.answer.lock().unwrap() = status;
    }
}

pub(crate) struct World {
    pub(crate) pakasir: Pakasir,
    pub(crate) sim: PakasirSim,
    pub(crate) merchant: Merchant,
    pub(crate) http: reqwest::Client,
}

pub(crate) async fn world() -> World {
    world_with(|_| {}).await
}

pub(crate) async fn world_with(change: impl FnOnce(&mut PakasirConfig)) -> World {
    let merchant = Merchant { got: Arc::default(), answer: Arc::new(Mutex::new(StatusCode::OK)) };
    let router = Router::new().route("/webhooks/pakasir", post(take)).with_state(merchant.clone());
    let hooks = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let webhook_url = format!("http://{}/webhooks/pakasir", hooks.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(hooks, router).await });
    let project = Project { webhook_url: Some(webhook_url), ..Project::new(SLUG, KEY, "Warung <Contoh>") };
    let mut config = PakasirConfig::new(project);
    change(&mut config);
    let pakasir = Pakasir::start(TcpListener::bind("127.0.0.1:0").await.unwrap(), config);
    let sim = pakasir.sim();
    let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    World { pakasir, sim, merchant, http }
}

async fn take(State(merchant): State<Merchant>, headers: HeaderMap, body: String) -> StatusCode {
    let signature = headers.get("x-pakasir-signature").map(|value| value.to_str().unwrap().to_owned());
    merchant.got.lock().unwrap().push((body, signature));
    *merchant.answer.lock().unwrap()
}

/// The four fields that every request has.
pub(crate) fn fields(order_id: &str, amount: impl Into<Value>) -> Value {
    json!({"project": SLUG, "order_id": order_id, "amount": amount.into(), "api_key": KEY})
}

impl World {
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Response {
        self.http.post(format!("{}/api/{path}", self.pakasir.url())).json(body).send().await.unwrap()
    }

    pub(crate) async fn post_json(&self, path: &str, body: &Value) -> (u16, Value) {
        let response = self.post(path, body).await;
        (response.status().as_u16(), response.json().await.unwrap())
    }

    /// Makes a payment of the usual order by QRIS.
    pub(crate) async fn create(&self, amount: i64) -> Value {
        let (status, body) = self.post_json("transactioncreate/qris", &fields(ORDER, amount)).await;
        assert_eq!(status, 200, "{body}");
        body["payment"].clone()
    }

    pub(crate) async fn get_detail(&self, order_id: &str, amount: &str) -> reqwest::Result<Response> {
        let url = format!("{}/api/transactiondetail", self.pakasir.url());
        let query = [("project", SLUG), ("amount", amount), ("order_id", order_id), ("api_key", KEY)];
        self.http.get(url).query(&query).send().await
    }

    pub(crate) async fn detail(&self, amount: i64) -> Value {
        let response = self.get_detail(ORDER, &amount.to_string()).await.unwrap();
        assert_eq!(response.status(), 200);
        response.json::<Value>().await.unwrap()["transaction"].clone()
    }

    pub(crate) async fn page(&self, address: &str) -> (u16, String) {
        let response = self.http.get(format!("{}{address}", self.pakasir.url())).send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    }

    pub(crate) async fn sim_post(&self, path: &str, body: Value) -> (u16, Value) {
        let response = self.http.post(format!("{}/sim/{path}", self.pakasir.url())).json(&body).send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }
}
