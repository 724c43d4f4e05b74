//! The seeds' two HTTP contracts, from the edge to the chat and back.

use serde_json::{Value, json};
use warung::demo::{BOT_USERNAME, FREE, MAIN_TOKEN, NEWCOMER, SELLER, VIP};
use warung_emulators::telegram::{Fault, FaultKind, launch};

use crate::{
    api::Answer,
    shop::{now, sign},
    stage::{Stage, has_poster},
    time::{DEADLINE, eventually},
};

const PATH: &str = "/api/v1/handle_movie_request";
const DAY: i64 = 86_400;

/// A request as the seeds' programs make it. Title and poster are lies, which the catalogue does not believe.
fn body(chat_id: &Value, movie_id: &str, init_data: &str) -> Value {
    json!({
        "chat_id": chat_id,
        "movie_id": movie_id,
        "title": "Film lain",
        "poster_url": "http://169.254.169.254/latest",
        "init_data": init_data,
    })
}

async fn asked(stage: &Stage, user: i64, movie_id: &str) -> Answer {
    stage.api.post(PATH, &[], &body(&json!(user), movie_id, &stage.init_data(user))).await
}

fn token_of(answer: &Answer) -> String {
    let link = answer.body["link"].as_str().unwrap_or_else(|| panic!("{answer:?}"));
    let token = link.strip_prefix(&format!("https://t.me/{BOT_USERNAME}?start=")).unwrap();
    assert_eq!(token.len(), 43);
    token.to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_movie_request_has_the_answers_of_the_seeds() {
    let stage = Stage::start(&[]).await;
    let sent = asked(&stage, FREE, "peron").await;
    assert_eq!((sent.status.as_u16(), &sent.body), (200, &json!({"status": "sent"})));
    let film = stage.films(FREE).pop().unwrap();
    assert!(has_poster(&film) && film.text().contains("Peron <Lima> & Menit 🚂 مرحبا"), "{}", film.text());

    let vip = asked(&stage, FREE, "peron:2").await;
    let link = format!("https://t.me/{BOT_USERNAME}?start=vip");
    assert_eq!((vip.status.as_u16(), &vip.body), (200, &json!({"status": "vip_required", "link": link})));
    assert_eq!(asked(&stage, VIP, "peron:2").await.body, json!({"status": "sent"}));

    let need_start = asked(&stage, NEWCOMER, "peron").await;
    let link = format!("https://t.me/{BOT_USERNAME}?start={}", token_of(&need_start));
    assert_eq!((need_start.status.as_u16(), &need_start.body), (200, &json!({"status": "need_start", "link": link})));

    stage.sim.fault(Fault::next("sendMessage", FaultKind::Delay { millis: 4_500 }).in_chat(VIP));
    let queued = asked(&stage, VIP, "layar").await;
    assert_eq!((queued.status.as_u16(), &queued.body), (200, &json!({"status": "queued"})));
    eventually("the queued film's arrival", DEADLINE, async || (stage.films(VIP).len() == 2).then_some(())).await;

    for (movie_id, outcome) in [
        ("peron:3", (400, "VIDEO_MISSING")),
        ("peron:4", (404, "NOT_FOUND")),
        ("tidak-ada", (404, "NOT_FOUND")),
        ("ttl_00000000000000000000000000", (404, "NOT_FOUND")),
        ("arsip", (404, "NOT_FOUND")),
        ("", (400, "INVALID_ARGUMENT")),
        ("peron:0", (400, "INVALID_ARGUMENT")),
    ] {
        let refused = asked(&stage, FREE, movie_id).await;
        assert_eq!(refused.outcome(), outcome, "{movie_id}");
        assert!(refused.body["message"].as_str().is_some_and(|words| !words.is_empty()));
        assert_eq!(refused.body.as_object().unwrap().len(), 2, "a reason and a message: {refused:?}");
    }
    stage.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_user_whom_telegram_vouches_for_gets_films() {
    let stage = Stage::start(&[]).await;
    let today = now();
    let user = |id: i64| format!(r#"{{"id":{id},"first_name":"Citra"}}"#);
    let (citra, date) = (user(FREE), today.to_string());
    let signed = |fields: &[(&str, &str)]| launch::sign(MAIN_TOKEN, None, fields);
    let good = stage.init_data(FREE);
    let forged = good.replace("first_name", "last_name");
    let cases = [
        ("forged", forged, "INIT_DATA_INVALID"),
        ("of another bot", sign("7000000009:another-bot", FREE, today), "INIT_DATA_INVALID"),
        ("older than a day", sign(MAIN_TOKEN, FREE, today - DAY - 60), "INIT_DATA_EXPIRED"),
        ("from the future", sign(MAIN_TOKEN, FREE, today + 3_600), "INIT_DATA_EXPIRED"),
        ("a key twice", signed(&[("user", &citra), ("user", &user(VIP)), ("auth_date", &date)]), "INIT_DATA_INVALID"),
        ("another hash", format!("{good}&hash={}", "0".repeat(64)), "INIT_DATA_INVALID"),
        ("no hash", good.split("&hash=").next().unwrap().to_owned(), "INIT_DATA_INVALID"),
        ("no user", signed(&[("auth_date", &date)]), "INIT_DATA_INVALID"),
        ("no date", signed(&[("user", &citra)]), "INIT_DATA_INVALID"),
        ("absent", String::new(), "UNAUTHENTICATED"),
        ("not what it should be", "halo".to_owned(), "INIT_DATA_INVALID"),
    ];
    for (case, init_data, reason) in cases {
        let refused = stage.api.post(PATH, &[], &body(&json!(FREE), "peron", &init_data)).await;
        assert_eq!(refused.outcome(), (401, reason), "{case}");
    }
    let long = format!("{good}&long={}", "a".repeat(1_000_000));
    let refused = stage.api.post(PATH, &[], &body(&json!(FREE), "peron", &long)).await;
    assert_eq!(refused.outcome(), (413, "INVALID_ARGUMENT"), "a megabyte");
    let long = format!("{good}&long={}", "a".repeat(20_000));
    let refused = stage.api.post(PATH, &[], &body(&json!(FREE), "peron", &long)).await;
    assert_eq!(refused.outcome(), (401, "INIT_DATA_INVALID"), "longer than Telegram signs");
    for chat_id in [json!(VIP), json!(VIP.to_string()), json!(0), json!(-FREE)] {
        let refused = stage.api.post(PATH, &[], &body(&chat_id, "peron", &good)).await;
        assert_eq!(refused.outcome(), (403, "FORBIDDEN"), "somebody else's chat: {chat_id}");
    }
    for user in [FREE, VIP] {
        assert!(stage.films(user).is_empty(), "nobody got anything");
    }

    // With the signature for third parties and without, and a chat id as text.
    let launched = stage.sim.user(FREE).open_mini_app_link(stage.bot, "").unwrap().init_data;
    assert!(launched.contains("signature="));
    for (init_data, movie_id) in [(launched, "peron"), (good, "layar")] {
        let sent = stage.api.post(PATH, &[], &body(&json!(FREE.to_string()), movie_id, &init_data)).await;
        assert_eq!(sent.body, json!({"status": "sent"}));
    }
    stage.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_asks_too_often_is_told_when_to_come_back() {
    let stage = Stage::start(&[]).await;
    stage.operator().set("rate.film_per_minute", "3").await;
    let limited = eventually("the limit", DEADLINE, async || {
        let answer = asked(&stage, SELLER, "peron").await;
        (answer.status != 200).then_some(answer)
    });
    let limited = limited.await;
    assert_eq!(limited.outcome(), (429, "RATE_LIMITED"));
    assert!(limited.retry_after.is_some_and(|seconds| (1..=60).contains(&seconds)), "{limited:?}");
    assert_eq!(asked(&stage, FREE, "peron").await.body, json!({"status": "sent"}), "others are not held up");
    stage.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_pending_can_be_read_until_start_is_pressed() {
    let stage = Stage::start(&[]).await;
    stage.operator().set("library.request_repeat_window_seconds", "60").await;
    let need_start = asked(&stage, NEWCOMER, "peron").await;
    let token = token_of(&need_start);
    let path = format!("/api/v1/pending/{token}");
    for authorization in ["", "Bearer wrong", "Bearer ", &format!("tma {}", stage.init_data(NEWCOMER))] {
        assert_eq!(stage.api.get(&path, authorization).await.outcome(), (401, "UNAUTHENTICATED"));
    }
    let bearer = stage.service_bearer();
    let unknown = format!("/api/v1/pending/{}", "A".repeat(43));
    assert_eq!(stage.api.get(&unknown, &bearer).await.outcome(), (404, "START_TOKEN_UNKNOWN"));
    assert_eq!(stage.api.get("/api/v1/pending/x", &bearer).await.outcome(), (404, "START_TOKEN_UNKNOWN"));

    let first = stage.api.get(&path, &bearer).await;
    assert_eq!(first.status, 200, "{first:?}");
    assert_eq!(stage.api.get(&path, &bearer).await.body, first.body, "reading consumes nothing");
    let pending = first.body.as_object().unwrap();
    let names: Vec<&str> = pending.keys().map(String::as_str).collect();
    assert_eq!(names, ["chat_id", "expires_at", "movie_id", "poster_url", "title"]);
    assert_eq!((&pending["chat_id"], &pending["title"]), (&json!(NEWCOMER), &json!("Peron <Lima> & Menit 🚂 مرحبا")));
    let expires_at = pending["expires_at"].as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap();
    assert!((1..=900).contains(&(expires_at.timestamp() - now())), "{expires_at}");

    // The poster is there for whoever reads its address.
    let url = pending["poster_url"].as_str().unwrap();
    assert!(url.starts_with(&stage.demo.http_url()), "{url}");
    let (status, kind, bytes) = stage.api.fetch(url).await;
    assert_eq!((status.as_u16(), &*kind), (200, "image/jpeg"));
    let poster = concat!(env!("CARGO_MANIFEST_DIR"), "/samples/posters/peron-lima-menit-lagi.jpg");
    assert_eq!(bytes, std::fs::read(poster).unwrap());

    // What it names is what can be asked for again.
    let again = asked(&stage, NEWCOMER, pending["movie_id"].as_str().unwrap()).await;
    assert_eq!(token_of(&again), token, "the same request, a moment ago");

    // Somebody else's Start uses nothing up.
    let thief = stage.sim.user(FREE);
    thief.press_start(stage.bot, Some(&token)).unwrap();
    thief.wait_for_message(stage.bot, |message| message.text().contains("milik orang lain"), DEADLINE).await.unwrap();
    assert_eq!(stage.api.get(&path, &bearer).await.status, 200);

    let user = stage.sim.user(NEWCOMER);
    user.press_start(stage.bot, Some(&token)).unwrap();
    user.wait_for_message(stage.bot, has_poster, DEADLINE).await.unwrap();
    assert_eq!(stage.api.get(&path, &bearer).await.outcome(), (410, "START_TOKEN_USED"));
    assert!(stage.films(FREE).is_empty());
    user.press_start(stage.bot, Some(&token)).unwrap();
    user.wait_for_message(stage.bot, |message| message.text().contains("sudah dipakai"), DEADLINE).await.unwrap();
    assert_eq!(stage.films(NEWCOMER).len(), 1, "a token is good for one film");
    stage.stop().await;
}
