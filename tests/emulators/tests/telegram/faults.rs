//! Scheduled faults, the log of calls, and Telegram's send limits.

use std::time::Duration;

use crate::support::{ALICE, BOT, SOON, STRANGER, TOKEN, World, world};
use reqwest::StatusCode;
use serde_json::{Value, json};
use warung_emulators::telegram::{Fault, FaultKind, Rules, User};

async fn send(world: &World) -> Result<reqwest::Response, reqwest::Error> {
    let params = json!({"chat_id": ALICE, "text": "hi"});
    world.http.post(world.method(TOKEN, "sendMessage")).json(&params).timeout(SOON).send().await
}

fn texts(world: &World) -> Vec<String> {
    world.sim.user(ALICE).messages(BOT).unwrap().into_iter().map(|message| message.content.text).collect()
}

#[tokio::test]
async fn a_scheduled_429_says_how_long_to_wait_and_performs_nothing() {
    let world = world().await;
    world.sim.fault(Fault::next("SendMessage", FaultKind::too_many_requests(35)));
    let refused = send(&world).await.unwrap();
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.headers()["retry-after"], "35");
    assert_eq!(
        refused.json::<Value>().await.unwrap(),
        json!({"ok": false, "error_code": 429, "description": "Too Many Requests: retry after 35", "parameters": {"retry_after": 35}})
    );
    assert_eq!(texts(&world), ["/start"]);
    assert_eq!(send(&world).await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn a_429_may_come_without_a_time_to_wait() {
    let world = world().await;
    world.sim.fault(Fault::next("sendMessage", FaultKind::status(429)));
    let refused = send(&world).await.unwrap();
    assert!(refused.headers().get("retry-after").is_none());
    assert!(refused.json::<Value>().await.unwrap().get("parameters").is_none());
}

#[tokio::test]
async fn a_lost_reply_was_performed_and_a_dropped_call_was_not() {
    let world = world().await;
    world.sim.fault(Fault::next("sendMessage", FaultKind::LostReply));
    assert!(send(&world).await.unwrap_err().is_request());
    assert_eq!(texts(&world), ["/start", "hi"]);
    world.sim.fault(Fault::next("sendMessage", FaultKind::Drop));
    assert!(send(&world).await.unwrap_err().is_request());
    assert_eq!(texts(&world), ["/start", "hi"]);
    let calls = world.sim.calls();
    assert_eq!(calls.len(), 2);
    assert_eq!((calls[0].status, calls[0].fault.as_ref().unwrap().kind.clone()), (0, FaultKind::LostReply));
    assert_eq!(calls[0].result.as_ref().unwrap()["text"], "hi");
}

#[tokio::test]
async fn a_truncated_answer_is_no_json_though_the_call_was_performed() {
    let world = world().await;
    world.sim.fault(Fault::next("sendMessage", FaultKind::Truncated));
    let answer = send(&world).await.unwrap().text().await.unwrap();
    assert!(answer.starts_with("{\"ok\":true"));
    assert!(serde_json::from_str::<Value>(&answer).is_err());
    assert_eq!(texts(&world), ["/start", "hi"]);
}

#[tokio::test]
async fn a_hung_call_gets_no_answer() {
    let world = world().await;
    world.sim.fault(Fault::next("sendMessage", FaultKind::Hang));
    let params = json!({"chat_id": ALICE, "text": "hi"});
    let hung = world.http.post(world.method(TOKEN, "sendMessage")).json(&params);
    let hung = tokio::spawn(hung.timeout(Duration::from_millis(300)).send());
    let call = world.sim.wait_for_call(|call| call.method == "sendmessage", SOON).await.unwrap();
    assert_eq!(call.status, 0);
    assert!(hung.await.unwrap().unwrap_err().is_timeout());
    assert_eq!(texts(&world), ["/start"]);
}

#[tokio::test]
async fn a_fault_meets_only_its_chat_and_method_and_only_so_often() {
    let world = world().await;
    world.sim.user(STRANGER).press_start(BOT, None).unwrap();
    world.sim.fault(Fault::next("sendMessage", FaultKind::status(500)).times(2).in_chat(STRANGER));
    let to = |chat_id: i64| json!({"chat_id": chat_id, "text": "x"});
    world.ok("sendMessage", to(ALICE)).await;
    world.ok("sendChatAction", json!({"chat_id": STRANGER, "action": "typing"})).await;
    for _ in 0..2 {
        assert_eq!(world.refused("sendMessage", to(STRANGER)).await, (500, "Internal Server Error".into()));
    }
    world.ok("sendMessage", to(STRANGER)).await;
    assert_eq!(world.sim.faults(), []);
}

#[tokio::test]
async fn a_fault_without_a_method_spares_the_poller() {
    let world = world().await;
    world.sim.fault(Fault { bot: None, method: None, chat_id: None, times: 1, kind: FaultKind::status(401) });
    world.ok("getUpdates", json!({})).await;
    assert_eq!(world.refused("getMe", json!({})).await, (401, "Unauthorized".into()));
}

#[tokio::test]
async fn faults_and_calls_can_be_reached_over_http() {
    let world = world().await;
    let sim = format!("{}/sim", world.telegram.url());
    let fault = json!({"method": "sendMessage", "kind": "status", "code": 403});
    world.http.post(format!("{sim}/faults")).json(&fault).send().await.unwrap().error_for_status().unwrap();
    let refusal = world.refused("sendMessage", json!({"chat_id": ALICE, "text": "x"})).await;
    assert_eq!(refusal, (403, "Forbidden: bot was blocked by the user".into()));
    let calls = world.http.get(format!("{sim}/calls?method=SendMessage&chat_id={ALICE}")).send().await.unwrap();
    let calls: Value = calls.json().await.unwrap();
    assert_eq!((&calls["calls"][0]["status"], &calls["calls"][0]["params"]["text"]), (&json!(403), &json!("x")));
}

#[tokio::test]
async fn with_limits_a_chat_takes_a_burst_of_three_and_a_bot_thirty_a_second() {
    let world = crate::support::world_with_rules(Rules { enforce_limits: true, ..Rules::default() }).await;
    let to = |chat_id: i64| json!({"chat_id": chat_id, "text": "x"});
    for _ in 0..3 {
        world.ok("sendMessage", to(ALICE)).await;
    }
    let (status, body) = world.call_as(TOKEN, "sendMessage", to(ALICE)).await;
    assert_eq!((status, &body["parameters"]), (StatusCode::TOO_MANY_REQUESTS, &json!({"retry_after": 1})));

    let users: Vec<i64> = (2000..2100).collect();
    for id in &users {
        world.sim.add_user(User::new(*id, "Many")).press_start(BOT, None).unwrap();
    }
    for id in users {
        world.call_as(TOKEN, "sendMessage", to(id)).await;
    }
    let sent: Vec<u64> =
        world.sim.calls().iter().filter(|call| call.status == 200).map(|call| call.elapsed_ms).collect();
    // A call is stamped on arrival and counted a moment later, hence a window a little shorter than a second.
    let most = sent.iter().map(|start| sent.iter().filter(|at| (*start..start + 950).contains(at)).count()).max();
    assert!(most <= Some(30), "{most:?} messages within a second");
    assert!(world.sim.calls().iter().any(|call| call.chat_id != Some(ALICE) && call.status == 429));
}

#[tokio::test]
async fn a_refusal_is_read_by_who_is_still_writing() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let world = world().await;
    let body = vec![b'x'; 8 * 1024 * 1024];
    for (path, status) in [("/bot1:WRONG/sendMessage", "401"), ("/nothing", "404"), ("/bot42:TEST/nothing", "400")] {
        let mut stream = tokio::net::TcpStream::connect(world.telegram.addr()).await.unwrap();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(&body).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{path}: {answer}");
    }
}
