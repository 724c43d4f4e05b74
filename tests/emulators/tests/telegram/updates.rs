//! Updates: what users do, by long poll and by webhook.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::support::{ALICE, BOT, SOON, STRANGER, TOKEN, World, world};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;
use warung_emulators::telegram::{Clock, Link, Pressed, Rules, SimError, TelegramConfig};

async fn updates(world: &World, params: Value) -> Vec<Value> {
    world.ok("getUpdates", params).await.as_array().unwrap().clone()
}

/// Sends a message with one callback button and presses it. Returns the query's id.
async fn pressed(world: &World) -> String {
    let keyboard = json!({"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]});
    let sent = world.ok("sendMessage", json!({"chat_id": ALICE, "text": "x", "reply_markup": keyboard})).await;
    let id = sent["message_id"].as_i64().unwrap();
    let Pressed::Callback { query_id } = world.sim.user(ALICE).press_button(BOT, id, "Go").unwrap() else {
        panic!("no callback")
    };
    query_id
}

#[tokio::test]
async fn a_deep_link_arrives_as_a_start_command_with_its_payload() {
    let world = world().await;
    let link = "https://t.me/warung_bot?start=p_abc-DEF_123";
    assert_eq!(world.sim.user(STRANGER).follow_link(link), Ok(BOT));
    let all = updates(&world, json!({})).await;
    let message = &all.last().unwrap()["message"];
    assert_eq!(message["text"], "/start p_abc-DEF_123");
    assert_eq!(message["entities"], json!([{"type": "bot_command", "offset": 0, "length": 6}]));
    assert_eq!((&message["from"]["id"], &message["chat"]["id"]), (&json!(STRANGER), &json!(STRANGER)));
    for bad in ["", "a b", "é", &"x".repeat(65)] {
        let refused = world.sim.user(STRANGER).press_start(BOT, Some(bad));
        assert!(matches!(refused, Err(SimError::BadPayload(_))), "{bad:?}");
    }
}

#[tokio::test]
async fn updates_stay_until_an_offset_confirms_them() {
    let world = world().await;
    world.sim.user(ALICE).send_text(BOT, "two").unwrap();
    let first = updates(&world, json!({"limit": 1})).await;
    assert_eq!(first, updates(&world, json!({"limit": 1})).await);
    let next = first[0]["update_id"].as_i64().unwrap() + 1;
    let second = updates(&world, json!({"offset": next})).await;
    assert_eq!((second.len(), &second[0]["message"]["text"]), (1, &json!("two")));
    assert!(updates(&world, json!({"offset": next + 1})).await.is_empty());
    world.sim.wait_until_idle(BOT, SOON).await.unwrap();
}

#[tokio::test]
async fn a_long_poll_answers_when_something_happens() {
    let world = world().await;
    let waiting = updates(&world, json!({"offset": -1})).await[0]["update_id"].as_i64().unwrap() + 1;
    let poll = updates(&world, json!({"offset": waiting, "timeout": 50}));
    let act = async {
        world.sim.wait_until_idle(BOT, SOON).await.unwrap();
        world.sim.user(ALICE).send_text(BOT, "now").unwrap();
    };
    let (updates, ()) = tokio::join!(poll, act);
    assert_eq!(updates[0]["message"]["text"], "now");
}

#[tokio::test]
async fn the_older_of_two_pollers_is_refused() {
    let world = world().await;
    let older = world.call_as(TOKEN, "getUpdates", json!({"offset": 2_000_000_000, "timeout": 50}));
    let newer = async {
        // The older poll has begun once its offset has confirmed Alice's start.
        world.sim.wait_until_idle(BOT, SOON).await.unwrap();
        world.ok("getUpdates", json!({})).await;
    };
    let ((status, body), ()) = tokio::join!(older, newer);
    assert_eq!(status, StatusCode::CONFLICT);
    assert_eq!(
        body["description"],
        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
    );
}

#[tokio::test]
async fn only_the_kinds_of_update_that_were_asked_for_are_kept() {
    let world = world().await;
    world.ok("getUpdates", json!({"offset": -1, "allowed_updates": ["message"]})).await;
    pressed(&world).await;
    world.sim.user(ALICE).block(BOT).unwrap();
    assert_eq!(world.sim.pending_updates(BOT), 1);
    world.ok("getUpdates", json!({"allowed_updates": []})).await;
    world.sim.user(ALICE).unblock(BOT).unwrap();
    let all = updates(&world, json!({})).await;
    assert_eq!(all.last().unwrap()["my_chat_member"]["new_chat_member"]["status"], "member");
}

#[tokio::test]
async fn allowing_messages_sends_a_service_message_once() {
    let world = world().await;
    world.sim.user(STRANGER).allow_write(BOT).unwrap();
    world.sim.user(STRANGER).allow_write(BOT).unwrap();
    let all = updates(&world, json!({})).await;
    assert_eq!(all.len(), 2, "Alice's start and one service message: {all:?}");
    assert_eq!(all[1]["message"]["write_access_allowed"], json!({"from_request": true}));
}

#[tokio::test]
async fn a_callback_query_is_answered_while_it_is_young() {
    let (set_time, time) = watch::channel(chrono::DateTime::from_timestamp(1_800_000_000, 0).unwrap());
    let config = TelegramConfig { clock: Clock::new(move || *time.borrow()), ..crate::support::config() };
    let world = crate::support::world_with(config).await;
    let query_id = pressed(&world).await;
    let all = updates(&world, json!({})).await;
    let query = &all.last().unwrap()["callback_query"];
    assert_eq!((&query["id"], &query["data"]), (&json!(query_id), &json!("go")));
    assert_eq!(query["message"]["text"], "x");
    world.ok("answerCallbackQuery", json!({"callback_query_id": query_id, "text": "Done", "show_alert": true})).await;
    let answer = world.sim.wait_for_answer(&query_id, SOON).await.unwrap();
    assert_eq!((answer.text.as_deref(), answer.show_alert), (Some("Done"), true));

    let old = pressed(&world).await;
    set_time.send_modify(|time| *time += Duration::from_secs(901));
    let refusal = (400, "Bad Request: query is too old and response timeout expired or query ID is invalid".to_owned());
    assert_eq!(world.refused("answerCallbackQuery", json!({"callback_query_id": old})).await, refusal);
    assert_eq!(world.refused("answerCallbackQuery", json!({"callback_query_id": "0"})).await, refusal);
}

#[tokio::test]
async fn a_link_button_says_where_it_leads() {
    let world = world().await;
    let keyboard = json!({"inline_keyboard": [[{"text": "Open", "url": "https://t.me/warung_bot?startapp=t_1"}]]});
    let sent = world.ok("sendMessage", json!({"chat_id": ALICE, "text": "x", "reply_markup": keyboard})).await;
    let pressed = world.sim.user(ALICE).press_button(BOT, sent["message_id"].as_i64().unwrap(), "Open").unwrap();
    let Pressed::Url { link, .. } = pressed else { panic!("no link") };
    assert_eq!(link, Link::MiniApp { username: "warung_bot".into(), start_param: "t_1".into() });
}

/// What a webhook got: the secret header and the update, one a request.
type Received = Arc<Mutex<Vec<(Option<String>, Value)>>>;

/// A webhook that refuses its first request, and takes the rest.
async fn webhook(State(received): State<Received>, headers: HeaderMap, body: axum::Json<Value>) -> StatusCode {
    let secret = headers.get("x-telegram-bot-api-secret-token").map(|value| value.to_str().unwrap().to_owned());
    let mut received = received.lock().unwrap();
    received.push((secret, body.0));
    if received.len() == 1 { StatusCode::INTERNAL_SERVER_ERROR } else { StatusCode::OK }
}

#[tokio::test]
async fn a_webhook_gets_each_update_in_order_with_the_secret_until_it_takes_it() {
    let rules = Rules { webhook_retry: Duration::from_millis(5), ..Rules::default() };
    let world = crate::support::world_with_rules(rules).await;
    let received = Received::default();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/telegram/webhook", listener.local_addr().unwrap());
    let app = axum::Router::new().route("/telegram/webhook", axum::routing::post(webhook)).with_state(received.clone());
    let server = tokio::spawn(async move { axum::serve(listener, app).await });

    world.sim.user(ALICE).send_text(BOT, "second").unwrap();
    world.ok("setWebhook", json!({"url": url, "secret_token": "s3cret-Token_1"})).await;
    let refusal = world.refused("getUpdates", json!({})).await;
    let active =
        "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first";
    assert_eq!(refusal, (409, active.to_owned()));
    world.sim.wait_until_idle(BOT, SOON).await.unwrap();

    let texts: Vec<String> = received
        .lock()
        .unwrap()
        .iter()
        .map(|(_, update)| update["message"]["text"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(texts, ["/start", "/start", "second"], "the first was refused once, and came again before the second");
    assert!(received.lock().unwrap().iter().all(|(secret, _)| secret.as_deref() == Some("s3cret-Token_1")));
    let info = world.ok("getWebhookInfo", json!({})).await;
    assert_eq!((info["url"].as_str(), info["pending_update_count"].as_u64()), (Some(url.as_str()), Some(0)));
    assert_eq!(info["last_error_message"], "Wrong response from the webhook: 500 Internal Server Error");
    world.ok("deleteWebhook", json!({})).await;
    assert_eq!(updates(&world, json!({})).await, Vec::<Value>::new());
    server.abort();
}

#[tokio::test]
async fn a_secret_token_has_an_alphabet() {
    let world = world().await;
    let refusal =
        world.refused("setWebhook", json!({"url": "https://shop.example/hook", "secret_token": "no spaces"})).await;
    assert_eq!(refusal, (400, "Bad Request: secret token contains unallowed characters".into()));
}
