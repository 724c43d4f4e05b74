//! A bot that Telegram calls.

use serde_json::json;
use warung::demo::{FREE, NEWCOMER};

use crate::{
    stage::{PEOPLE, Stage, has_poster},
    time::DEADLINE,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_webhook_brings_updates_and_refuses_those_of_others() {
    let stage = Stage::start(&[("WARUNG_BOT_MODE", "webhook")]).await;
    let set = stage.sim.wait_for_call(|call| call.method == "setwebhook", DEADLINE).await.unwrap();
    assert_eq!(set.params["url"], format!("{}telegram/webhook", stage.demo.http_url()));
    let secret = set.params["secret_token"].as_str().unwrap().to_owned();
    assert!(secret.len() >= 32);

    // Somebody else's word is not taken, whatever it says.
    let user = json!({"id": FREE, "is_bot": false, "first_name": "Citra"});
    let update = |id: i64| {
        json!({"update_id": id, "message": {
            "message_id": 1, "date": 0, "text": "/help", "from": user,
            "chat": {"id": FREE, "type": "private", "first_name": "Citra"},
        }})
    };
    let header = "x-telegram-bot-api-secret-token";
    let longer = format!("{secret}x");
    for secret in ["", "wrong", &longer, &secret[1..]] {
        let refused = stage.api.post("/telegram/webhook", &[(header, secret)], &update(900_000_001)).await;
        assert_eq!(refused.status, 401);
    }
    assert_eq!(stage.api.post("/telegram/webhook", &[], &update(900_000_001)).await.status, 401);
    // With the secret the very same is an update.
    assert_eq!(stage.api.post("/telegram/webhook", &[(header, &secret)], &update(900_000_001)).await.status, 200);
    let answers = stage.sim.user(FREE).messages(stage.bot).unwrap();
    let helps = answers.iter().filter(|message| message.text().contains("Cara memakai")).count();
    assert_eq!(helps, 1, "the refused ones were not answered");

    // The whole way: no Start yet, the link, the film, the video.
    let request = stage.film(NEWCOMER, "peron").await;
    assert_eq!(request, "STATE_NEED_START");
    let user = stage.sim.user(NEWCOMER);
    let authorization = format!("tma {}", stage.init_data(NEWCOMER));
    let body = json!({"requestId": crate::operator::request_id(), "titleId": "peron"});
    let again = stage.api.post("/api/v1/title-requests", &[("authorization", &authorization)], &body).await;
    user.follow_link(again.body["titleRequest"]["link"].as_str().unwrap()).unwrap();
    let film = user.wait_for_message(stage.bot, has_poster, DEADLINE).await.unwrap();
    user.press_button(stage.bot, film.message_id, "▶️ Tonton Sekarang").unwrap();
    let is_video =
        |message: &warung_emulators::telegram::Message| message.content.media.is_some() && !has_poster(message);
    let video = user.wait_for_message(stage.bot, is_video, DEADLINE).await.unwrap();
    assert!(video.protect_content);
    stage.sim.wait_until_idle(stage.bot, DEADLINE).await.unwrap();
    assert!(stage.sim.calls().iter().all(|call| call.method != "getupdates"), "nobody polls");
    for person in PEOPLE {
        assert!(stage.films(person).len() <= 1);
    }
    stage.stop().await;
}
