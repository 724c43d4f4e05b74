//! The chat page and the `/sim` API that it lives on.

use std::time::Duration;

use futures_util::StreamExt as _;
use serde_json::{Value, json};

use crate::support::{ALICE, BOT, STRANGER, TOKEN, World, world};

async fn post(world: &World, path: &str, body: Value) -> (u16, Value) {
    let url = format!("{}{path}", world.telegram.url());
    let response = world.http.post(url).json(&body).send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

#[tokio::test]
async fn the_page_is_served_whole_and_may_load_nothing_else() {
    let world = world().await;
    let get = async |path: &str| {
        let response = world.http.get(format!("{}{path}", world.telegram.url())).send().await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
        let policy = response.headers()["content-security-policy"].to_str().unwrap().to_owned();
        assert!(policy.contains("script-src 'self'"), "{path}: {policy}");
        response.text().await.unwrap()
    };
    let mut wanted = vec!["/".to_owned()];
    let mut seen = Vec::new();
    while let Some(path) = wanted.pop() {
        if seen.contains(&path) {
            continue;
        }
        let text = get(&path).await;
        for part in text.split('"').filter(|part| !part.contains([' ', '<', '>', '\n'])) {
            let is_file = [".js", ".css", ".svg"].iter().any(|end| part.ends_with(end));
            if is_file && (part.starts_with('/') || part.starts_with("./")) {
                wanted.push(format!("/{}", part.trim_start_matches("./").trim_start_matches('/')));
            }
        }
        seen.push(path);
    }
    assert_eq!(seen.len(), 8, "{seen:?}");
}

#[tokio::test]
async fn a_user_acts_over_http_as_in_process() {
    let world = world().await;
    let chat = format!("/sim/users/{STRANGER}/bots/{BOT}");
    assert_eq!(post(&world, &format!("{chat}/start"), json!({"payload": "p_1"})).await.0, 200);
    assert_eq!(post(&world, &format!("{chat}/block"), json!({})).await.0, 200);
    let (status, body) = post(&world, &format!("{chat}/text"), json!({"text": "hi"})).await;
    assert_eq!((status, &body["reason"]), (409, &json!("blocked")));
    let (status, body) = post(&world, "/sim/users/5/bots/42/start", json!({})).await;
    assert_eq!((status, &body["reason"]), (404, &json!("unknown_user")));
    let link = json!({"url": "https://t.me/warung_bot?start=p_2"});
    let (_, opened) = post(&world, &format!("/sim/users/{STRANGER}/open_link"), link).await;
    assert_eq!((&opened["bot"], &opened["link"]["payload"]), (&json!(BOT), &json!("p_2")));
    let texts: Vec<String> =
        world.sim.user(STRANGER).messages(BOT).unwrap().into_iter().map(|m| m.content.text).collect();
    assert_eq!(texts, ["/start p_1"], "opening a link presses nothing");
}

#[tokio::test]
async fn the_page_hears_of_its_own_users_chats_only() {
    let world = world().await;
    world.sim.user(STRANGER).press_start(BOT, None).unwrap();
    let url = format!("{}/sim/users/{ALICE}/events", world.telegram.url());
    let mut events = world.http.get(url).send().await.unwrap().bytes_stream();
    let mut next = async || {
        let chunk = tokio::time::timeout(Duration::from_secs(10), events.next()).await.unwrap();
        String::from_utf8(chunk.unwrap().unwrap().to_vec()).unwrap()
    };
    let first = next().await;
    assert!(first.starts_with("event: changed"), "{first}");
    world.sim.user(STRANGER).send_text(BOT, "not for Alice").unwrap();
    world.ok("sendMessage", json!({"chat_id": ALICE, "text": "for Alice"})).await;
    let second = next().await;
    let revision =
        |event: &str| event.lines().find_map(|line| line.strip_prefix("data: ")?.parse::<u64>().ok()).unwrap();
    let chat = world.sim.user(ALICE).chat(BOT).unwrap();
    assert_eq!(revision(&second), chat.revision);
    assert!(revision(&first) < revision(&second));
}

#[tokio::test]
async fn a_callback_answer_can_be_waited_for() {
    let world = world().await;
    let keyboard = json!({"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]});
    let sent = world.ok("sendMessage", json!({"chat_id": ALICE, "text": "x", "reply_markup": keyboard})).await;
    let press = json!({"message_id": sent["message_id"], "label": "Go"});
    let (_, pressed) = post(&world, &format!("/sim/users/{ALICE}/bots/{BOT}/press"), press).await;
    let query_id = pressed["query_id"].as_str().unwrap();
    let url = format!("{}/sim/callbacks/{query_id}", world.telegram.url());
    let early: Value = world.http.get(&url).send().await.unwrap().json().await.unwrap();
    assert_eq!(early["answer"], Value::Null);
    let waiting = world.http.get(format!("{url}?wait_ms=20000")).send();
    let answer = world.call_as(TOKEN, "answerCallbackQuery", json!({"callback_query_id": query_id, "text": "ok"}));
    let (waited, _) = tokio::join!(waiting, answer);
    assert_eq!(waited.unwrap().json::<Value>().await.unwrap()["answer"]["text"], "ok");
}

#[tokio::test]
async fn stopping_closes_every_connection() {
    let world = world().await;
    let url = world.method(TOKEN, "getUpdates");
    let poll = world.http.post(&url).json(&json!({"offset": 2_000_000_000, "timeout": 50})).send();
    let poll = tokio::spawn(poll);
    world.sim.wait_until_idle(BOT, Duration::from_secs(10)).await.unwrap();
    world.telegram.stop().await;
    let outcome = poll.await.unwrap();
    assert!(outcome.is_err() || outcome.unwrap().status() == 502);
    assert!(world.http.post(&url).send().await.unwrap_err().is_connect());
}
