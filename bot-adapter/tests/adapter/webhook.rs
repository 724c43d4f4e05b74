//! The webhook.

use std::time::Duration;

use axum::{
    Router,
    body::Body,
    http::{Method, Request, StatusCode},
};
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;
use warung_bot::{Config, Error, Limits, Mode};
use warung_emulators::telegram::{Call, Fault, FaultKind};

use crate::{
    core::PATIENCE,
    world::{BUDI, MAIN, World, limits, texts},
};

const SECRET: &str = "hook-secret_1";

fn config(world: &World, worker: &str, url: &str) -> Config {
    let mode = Mode::Webhook { secret: SecretString::from(SECRET), url: url.parse().unwrap() };
    Config { mode, ..world.config(worker) }
}

fn route(world: &World) -> Router {
    world.adapter(config(world, "w1", "https://shop.example/telegram/webhook")).webhook().unwrap()
}

fn start(update_id: u32, text: &str) -> Value {
    let user = json!({"id": BUDI, "is_bot": false, "first_name": "Budi", "language_code": "id"});
    let chat = json!({"id": BUDI, "type": "private", "first_name": "Budi"});
    json!({"update_id": update_id, "message": {"message_id": 1, "date": 1, "chat": chat, "from": user, "text": text}})
}

async fn call(route: &Router, method: Method, secret: Option<&str>, body: impl Into<Body>) -> StatusCode {
    let mut request = Request::builder().method(method).uri("/telegram/webhook");
    if let Some(secret) = secret {
        request = request.header("X-Telegram-Bot-Api-Secret-Token", secret);
    }
    route.clone().oneshot(request.body(body.into()).unwrap()).await.unwrap().status()
}

#[tokio::test]
async fn only_telegram_may_call_and_only_with_an_update() {
    let world = World::new().await;
    world.started(BUDI);
    let route = route(&world);
    let update = || start(1, "/start").to_string();
    for secret in [None, Some(""), Some("hook-secret_2"), Some("hook-secret_"), Some("hook-secret_11")] {
        assert_eq!(call(&route, Method::POST, secret, update()).await, StatusCode::UNAUTHORIZED, "{secret:?}");
    }
    assert_eq!(call(&route, Method::GET, Some(SECRET), "").await, StatusCode::METHOD_NOT_ALLOWED);
    for body in ["", "null", "[]", "{}", "{\"update_id\":", "\u{feff}{}"] {
        assert_eq!(call(&route, Method::POST, Some(SECRET), body).await, StatusCode::BAD_REQUEST, "{body}");
    }
    let huge = vec![b' '; 2 * 1024 * 1024];
    assert_eq!(call(&route, Method::POST, Some(SECRET), huge).await, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(world.core.state().contacts.is_empty());
    assert_eq!(call(&route, Method::POST, Some(SECRET), update()).await, StatusCode::OK);
    assert_eq!(world.core.state().contacts.len(), 1, "it was dealt with before it was answered");
    assert_eq!(texts(&world.budi()).len(), 1);
}

#[tokio::test]
async fn a_repeated_update_is_answered_once_and_has_the_same_request_id_everywhere() {
    let world = World::new().await;
    world.started(BUDI);
    let (one, other) = (route(&world), route(&world));
    for route in [&one, &one, &other] {
        assert_eq!(call(route, Method::POST, Some(SECRET), start(7, "/start").to_string()).await, StatusCode::OK);
    }
    assert_eq!(call(&one, Method::POST, Some(SECRET), start(8, "/start").to_string()).await, StatusCode::OK);
    let state = world.core.state();
    let ids: Vec<_> = state.contacts.iter().map(|contact| contact.request_id.as_str()).collect();
    assert_eq!(ids.len(), 3, "the same process does not deal with it again");
    assert_eq!(ids[0], ids[1], "another process, or one after a crash, has the same id for it");
    assert_ne!(ids[0], ids[2]);
    assert!(ids.iter().all(|id| id.len() == 36));
}

#[tokio::test]
async fn updates_of_a_chat_that_come_at_once_are_dealt_with_in_order() {
    let world = World::new().await;
    world.started(BUDI);
    let route = route(&world);
    world.fault(Fault::next("sendMessage", FaultKind::Delay { millis: 300 }));
    let post = |id, text| {
        let route = route.clone();
        async move { call(&route, Method::POST, Some(SECRET), start(id, text).to_string()).await }
    };
    let first = tokio::spawn(post(1, "/start"));
    world.core.wait("the contact", |state| (!state.contacts.is_empty()).then_some(())).await;
    assert_eq!(post(2, "/help").await, StatusCode::OK);
    assert_eq!(first.await.unwrap(), StatusCode::OK);
    let texts = texts(&world.budi());
    assert!(texts[0].contains("Selamat datang") && texts[1].contains("Cara memakai"), "{texts:?}");
}

#[tokio::test]
async fn telegram_is_told_that_an_update_was_dealt_with_when_its_answer_has_arrived() {
    let world = World::new().await;
    world.started(BUDI);
    let limits = Limits { answer_wait: Duration::from_millis(100), ..limits() };
    let config = Config { limits, ..config(&world, "w1", "https://shop.example/telegram/webhook") };
    let route = world.adapter(config).webhook().unwrap();
    world.fault(Fault::next("sendMessage", FaultKind::too_many_requests(1)).in_chat(BUDI));
    assert_eq!(call(&route, Method::POST, Some(SECRET), start(1, "/start").to_string()).await, StatusCode::OK);
    assert_eq!(texts(&world.budi()).len(), 1);
}

#[tokio::test]
async fn updates_that_nobody_knows_are_taken_so_that_they_do_not_come_again() {
    let world = World::new().await;
    let route = route(&world);
    let updates = [json!({"update_id": 1, "something_new": {}}), json!({"update_id": 2, "message": {"half": true}})];
    for update in updates {
        assert_eq!(call(&route, Method::POST, Some(SECRET), update.to_string()).await, StatusCode::OK);
    }
}

#[tokio::test]
async fn telegram_is_told_where_to_call_and_calls() {
    let world = World::new().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/telegram/webhook", listener.local_addr().unwrap());
    let shutdown = CancellationToken::new();
    let config = config(&world, "w1", &url);
    let running = tokio::spawn(warung_bot::run(config, world.core.channel(), Some(listener), shutdown.clone()));
    let is_set = |call: &Call| call.method == "setwebhook" && call.status == 200;
    let set = world.sim.wait_for_call(is_set, PATIENCE).await.unwrap();
    assert_eq!(set.params["allowed_updates"], json!(["message", "callback_query", "my_chat_member"]));
    world.budi().press_start(MAIN, None).unwrap();
    world.message(&world.budi(), "Selamat datang").await;
    world.idle().await;
    assert!(world.sim.calls().iter().all(|call| call.method != "getupdates"));
    shutdown.cancel();
    tokio::time::timeout(PATIENCE, running).await.expect("it stops in time").unwrap().unwrap();
}

#[tokio::test]
async fn polling_takes_the_webhook_away_first() {
    let world = World::new().await;
    let address = format!("{}/bot{MAIN}:{}/setWebhook", world.telegram.url(), crate::world::SECRET);
    let set =
        reqwest::Client::new().post(address).json(&json!({"url": "https://old.example/hook"})).send().await.unwrap();
    assert!(set.status().is_success());
    let _adapter = world.run(world.config("w1"));
    world.budi().press_start(MAIN, None).unwrap();
    world.message(&world.budi(), "Selamat datang").await;
    assert!(world.sim.calls().iter().all(|call| call.status != 409));
}

#[tokio::test]
async fn a_wrong_configuration_is_named_without_its_secrets() {
    let world = World::new().await;
    let core = || world.core.channel();
    let refused = |config: Config| warung_bot::Adapter::new(config, core()).err().expect("an error");
    let token = Config { token: SecretString::from("hunter2"), ..world.config("w1") };
    let error = refused(token);
    assert!(matches!(error, Error::TokenMalformed { bot: "main" }) && !error.to_string().contains("hunter2"));
    let worker = Config { worker_id: "zwei Worte".to_owned(), ..world.config("w1") };
    assert!(matches!(refused(worker), Error::WorkerIdMalformed));
    let url = Config { api_url: "ftp://telegram.example".parse().unwrap(), ..world.config("w1") };
    assert!(matches!(refused(url), Error::AddressMalformed { .. }));
    let mode = Mode::Webhook { secret: SecretString::from("ä"), url: "https://shop.example/".parse().unwrap() };
    assert!(matches!(refused(Config { mode, ..world.config("w1") }), Error::WebhookSecretMalformed));
    assert!(!format!("{:?}", world.config("w1")).contains(crate::world::SECRET));
}
