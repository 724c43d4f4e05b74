//! Telegram's refusals and silences, from the request to the chat.

use std::time::Duration;

use serde_json::json;
use warung::demo::{FREE, MAIN_TOKEN, NEWCOMER, VIP};
use warung_emulators::telegram::{Call, Fault, FaultKind};

use crate::{
    operator::request_id,
    stage::Stage,
    time::{DEADLINE, eventually},
};

/// The calls that carried films, or should have.
fn sends(stage: &Stage, user: i64) -> Vec<Call> {
    let mut calls = stage.sim.calls();
    calls.retain(|call| call.chat_id == Some(user) && matches!(&*call.method, "sendphoto" | "sendmessage"));
    calls
}

fn refusal(code: u16, description: &str) -> FaultKind {
    FaultKind::Status { code, description: Some(description.to_owned()), retry_after: None }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_chat_that_telegram_lets_wait_holds_up_nobody_else() {
    let stage = Stage::start(&[]).await;
    stage.sim.fault(Fault::next("sendPhoto", FaultKind::too_many_requests(1_386)).in_chat(FREE));
    let authorization = format!("tma {}", stage.init_data(FREE));
    let body = json!({"requestId": request_id(), "titleId": "peron"});
    let answer = stage.api.post("/api/v1/title-requests", &[("authorization", &authorization)], &body).await;
    assert_eq!(answer.body["titleRequest"]["state"], "STATE_QUEUED", "{answer:?}");
    let refused = stage.sim.wait_for_call(|call| call.status == 429, DEADLINE).await.unwrap();
    assert_eq!(stage.film(VIP, "peron").await, "STATE_SENT");
    let served = sends(&stage, VIP).pop().unwrap();
    let waited = served.elapsed_ms - refused.elapsed_ms;
    assert!(waited < 5_000, "somebody else's film came after {waited} ms");
    assert_eq!(sends(&stage, FREE).len(), 1, "the chat itself waits as it was told");
    stage.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_certainly_did_not_arrive_is_sent_once_more() {
    let stage = Stage::start(&[]).await;
    let faults = [
        (FREE, "peron", FaultKind::Status { code: 429, description: None, retry_after: None }),
        (VIP, "peron", FaultKind::status(500)),
        (FREE, "layar", FaultKind::status(502)),
        (VIP, "layar", FaultKind::status(409)),
    ];
    for (user, title, fault) in faults {
        let before = sends(&stage, user).len();
        let method = if title == "peron" { "sendPhoto" } else { "sendMessage" };
        stage.sim.fault(Fault::next(method, fault.clone()).in_chat(user));
        assert_eq!(stage.film(user, title).await, "STATE_SENT", "{fault:?}");
        let calls = sends(&stage, user).split_off(before);
        assert_eq!(calls.len(), 2, "{fault:?}");
        assert!(calls[1].elapsed_ms - calls[0].elapsed_ms >= 1_000, "it is not asked again at once");
    }
    for user in [FREE, VIP] {
        assert_eq!(stage.films(user).len(), 2, "each film came once");
    }
    stage.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_may_have_arrived_is_sent_again_rather_than_lost() {
    let stage = Stage::start(&[]).await;
    for (user, fault) in [(FREE, FaultKind::LostReply), (VIP, FaultKind::Truncated)] {
        stage.sim.fault(Fault::next("sendPhoto", fault.clone()).in_chat(user));
        assert_eq!(stage.film(user, "peron").await, "STATE_SENT", "{fault:?}");
        assert_eq!(stage.films(user).len(), 2, "{fault:?}");
    }
    stage.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_telegram_that_hangs_for_one_user_holds_up_nobody_else() {
    let stage = Stage::start(&[]).await;
    stage.sim.fault(Fault::next("sendMessage", FaultKind::Hang).in_chat(FREE));
    let hanging = tokio::spawn({
        let (api, init_data) = (stage.api.clone(), stage.init_data(FREE));
        async move { api.film(&init_data, "layar", DEADLINE).await }
    });
    stage.sim.wait_for_call(|call| call.chat_id == Some(FREE), DEADLINE).await.unwrap();
    assert_eq!(stage.film(VIP, "layar").await, "STATE_SENT");
    assert!(!hanging.is_finished());
    assert_eq!(hanging.await.unwrap(), "STATE_SENT");
    assert_eq!(stage.films(FREE).len(), 1, "what hung was never performed");
    stage.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_closed_chat_asks_its_user_to_press_start() {
    let stage = Stage::start(&[]).await;
    let words = [
        (FREE, "peron", 403, "Forbidden: bot was blocked by the user"),
        (FREE, "layar", 400, "Bad Request: chat not found"),
        (VIP, "peron", 400, "Bad Request: PEER_ID_INVALID"),
        (VIP, "layar", 403, "Forbidden: bot can't initiate conversation with a user"),
    ];
    for (user, title, code, description) in words {
        let method = if title == "peron" { "sendPhoto" } else { "sendMessage" };
        stage.sim.fault(Fault::next(method, refusal(code, description)).in_chat(user));
        assert_eq!(stage.film(user, title).await, "STATE_NEED_START", "{description}");
    }
    // Nobody is written to against their will.
    assert_eq!((sends(&stage, FREE).len(), sends(&stage, VIP).len()), (2, 2));

    // And as it really happens: somebody who has never pressed Start, and then does.
    let authorization = format!("tma {}", stage.init_data(NEWCOMER));
    let body = json!({"requestId": request_id(), "titleId": "peron"});
    let answer = stage.api.post("/api/v1/title-requests", &[("authorization", &authorization)], &body).await;
    let request = &answer.body["titleRequest"];
    assert_eq!(request["state"], "STATE_NEED_START", "{answer:?}");
    stage.sim.user(NEWCOMER).follow_link(request["link"].as_str().unwrap()).unwrap();
    let path = format!("/api/v1/title-requests/{}?wait=20s", request["titleRequestId"].as_str().unwrap());
    let sent = eventually("the film's arrival", DEADLINE, async || {
        let answer = stage.api.get(&path, &authorization).await;
        (answer.body["titleRequest"]["state"] == "STATE_SENT").then_some(())
    });
    sent.await;
    assert_eq!(stage.films(NEWCOMER).len(), 1);
    // From now on films come by themselves.
    assert_eq!(stage.film(NEWCOMER, "layar").await, "STATE_SENT");
    stage.stop().await;
}

/// These take their time: the owner is not told of what passes by itself.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_owner_is_told_of_what_only_they_can_mend() {
    tokio::join!(a_token_that_was_revoked(), a_second_program_that_polls());
}

async fn a_token_that_was_revoked() {
    let stage = Stage::start(&[("BOT_STORE_NAME", "Warung Cabut")]).await;
    stage.sim.fault(Fault { bot: Some(stage.bot), ..Fault::next("sendPhoto", FaultKind::status(401)).times(1_000) });
    let authorization = format!("tma {}", stage.init_data(FREE));
    let body = json!({"requestId": request_id(), "titleId": "peron"});
    let answer = stage.api.post("/api/v1/title-requests", &[("authorization", &authorization)], &body).await;
    assert_eq!(answer.body["titleRequest"]["state"], "STATE_QUEUED", "it waits for another token: {answer:?}");
    let alert = stage.alert("refuses the token of the main bot", DEADLINE).await;
    assert!(alert.text().contains("Warung Cabut"), "it names the store: {}", alert.text());
    assert!(!alert.text().contains(MAIN_TOKEN.split_once(':').unwrap().1));
    // A claim that was open already may bring it once more; after that the token is given a rest.
    assert!(sends(&stage, FREE).len() <= 2, "a token that is refused is not tried again and again");
    stage.stop().await;
}

async fn a_second_program_that_polls() {
    let stage = Stage::start(&[("BOT_STORE_NAME", "Warung Dua")]).await;
    stage.sim.fault(Fault::next("getUpdates", FaultKind::status(409)).times(1_000));
    let alert = stage.alert("Another program polls", Duration::from_secs(75)).await;
    assert!(alert.text().contains("Warung Dua"), "it names the store: {}", alert.text());
    // It ends, and the bot answers again: what was written meanwhile is not lost.
    let user = stage.sim.user(NEWCOMER);
    user.press_start(stage.bot, None).unwrap();
    stage.sim.clear_faults();
    user.wait_for_message(stage.bot, |message| message.text().contains("Selamat datang"), DEADLINE).await.unwrap();
    stage.stop().await;
}
