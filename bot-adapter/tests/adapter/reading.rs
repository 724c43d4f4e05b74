//! What Telegram has learnt to say since teloxide's types were made: each such detail loses nothing but itself.

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode},
};
use secrecy::SecretString;
use serde_json::{Value, json};
use tower::ServiceExt as _;
use warung_bot::{Config, Mode};
use warung_emulators::telegram::User;
use warung_proto::identity::ContactState;

use crate::{
    core::PATIENCE,
    world::{BUDI, MAIN, SECRET, World, current, texts},
};

const HOOK_SECRET: &str = "hook-secret_1";
const FOUR_GIB: u64 = 4_294_967_296;

fn video(changes: &Value) -> Value {
    let mut video = json!({
        "file_id": "BAACAgUAx", "file_unique_id": "u1", "file_size": 9, "width": 1_280, "height": 720, "duration": 60,
        "mime_type": "video/mp4",
    });
    for (name, value) in changes.as_object().unwrap() {
        video[name] = value.clone();
    }
    let fields = video.as_object().unwrap().iter().filter(|(_, value)| !value.is_null());
    Value::Object(fields.map(|(name, value)| (name.clone(), value.clone())).collect())
}

fn date_time(offset: u64) -> Value {
    json!({"type": "date_time", "offset": offset, "length": 1, "unix_time": 1, "date_time_format": "r"})
}

/// Another message, as a reply quotes it.
fn quoted(fields: &Value) -> Value {
    let chat = json!({"id": BUDI, "type": "private", "first_name": "Budi"});
    let mut message = json!({"message_id": 1, "date": 1, "chat": chat});
    for (name, value) in fields.as_object().unwrap() {
        message[name] = value.clone();
    }
    message
}

/// Details beside the command `/help`, each by its name.
fn beside_a_command() -> Vec<(&'static str, Value)> {
    let command = json!({"type": "bot_command", "offset": 0, "length": 5});
    let disabled = json!({"inline_keyboard": [[{"text": "x", "disabled": {}}]]});
    let styled = json!({"inline_keyboard": [[{"text": "x", "callback_data": "x", "style": "primary"}]]});
    vec![
        ("an entity of a new type", json!({"entities": [command, date_time(1)]})),
        (
            "an entity that breaks its own rules",
            json!({"entities": [{"type": "text_link", "offset": 0, "length": 1, "url": "x"}]}),
        ),
        ("entities that are none", json!({"entities": {"of": "tomorrow"}})),
        ("an origin of a new type", json!({"forward_origin": {"type": "community", "date": 1}})),
        ("a disabled button", json!({"reply_markup": disabled})),
        ("a button with a style", json!({"reply_markup": styled})),
        (
            "a reply to a new entity",
            json!({"reply_to_message": quoted(&json!({"text": "x", "entities": [date_time(0)]}))}),
        ),
        ("a reply to a rich message", json!({"reply_to_message": quoted(&json!({"rich_message": {"blocks": []}}))})),
        (
            "a reply to a large file",
            json!({"reply_to_message": quoted(&json!({"video": video(&json!({"file_size": FOUR_GIB}))}))}),
        ),
        ("a reply to what is no message", json!({"reply_to_message": {"of": "tomorrow"}})),
        (
            "a reply elsewhere",
            json!({"external_reply": {"origin": {"type": "community", "date": 1}, "rich_message": {}}}),
        ),
        ("a quote of a new entity", json!({"quote": {"text": "x", "position": 0, "entities": [date_time(0)]}})),
        ("a topic of a private chat", json!({"message_thread_id": 77, "is_topic_message": true})),
        ("an ephemeral message", json!({"message_id": 0, "ephemeral_message_id": 5})),
        ("a paid message", json!({"paid_star_count": 5, "sender_tag": "VIP"})),
        ("more Stars than there is room for", json!({"paid_star_count": FOUR_GIB})),
        ("a field of tomorrow", json!({"of_tomorrow": {"deep": [{"er": null}]}})),
    ]
}

/// What people send without a command.
fn without_a_command() -> Vec<(&'static str, Value)> {
    let photo = json!([{"file_id": "a", "file_unique_id": "b", "width": 1, "height": 1, "file_size": FOUR_GIB}]);
    vec![
        ("a caption with a new entity", json!({"photo": photo, "caption": "x y", "caption_entities": [date_time(2)]})),
        ("a video without a media type", json!({"video": video(&json!({"mime_type": null}))})),
        ("a video of no media type", json!({"video": video(&json!({"mime_type": "film"}))})),
        ("a video of more than 4 GiB", json!({"video": video(&json!({"file_size": FOUR_GIB}))})),
        (
            "a video of many qualities",
            json!({"video": video(&json!({"qualities": [video(&json!({"codec": "h265"}))]}))}),
        ),
        ("a live photo", json!({"photo": photo, "live_photo": {"file_id": "c", "of": "tomorrow"}})),
        ("a rich message", json!({"rich_message": {"blocks": [{"type": "table"}]}})),
        ("a video that is none", json!({"video": {"of": "tomorrow"}})),
    ]
}

/// What only tells that something happened.
fn happenings() -> Vec<Value> {
    let fields =
        ["managed_bot_created", "gift_upgrade_sent", "community_chat_added", "chat_owner_left", "chat_owner_changed"];
    let mut happenings: Vec<_> = fields.iter().map(|name| json!({*name: {"of": "tomorrow"}})).collect();
    happenings.push(json!({"successful_payment": {
        "currency": "XTR", "total_amount": 5, "invoice_payload": "x", "telegram_payment_charge_id": "c",
        "provider_payment_charge_id": "", "subscription_expiration_date": 9, "is_recurring": true, "is_first_recurring": true,
    }}));
    happenings.push(json!({"pinned_message": quoted(&json!({"text": "x"}))}));
    happenings
}

/// Puts all of it before the bot, in one page: updates of new kinds, and messages of one person.
fn everything(world: &World) {
    let budi = world.budi();
    for kind in ["subscription", "guest_message", "managed_bot", "stopped_message_generation"] {
        world.sim.push_update(MAIN, kind, &json!({"user": {"id": BUDI}, "of": "tomorrow"}));
    }
    for (_, fields) in without_a_command() {
        budi.send_message(MAIN, &fields).unwrap();
    }
    for fields in happenings() {
        budi.send_message(MAIN, &fields).unwrap();
    }
    for (_, mut fields) in beside_a_command() {
        fields["text"] = json!("/help");
        budi.send_message(MAIN, &fields).unwrap();
    }
}

/// Asserts that each was answered as what it says, and what says nothing was not.
fn assert_answered(world: &World) {
    let texts = texts(&world.budi());
    let count = |words: &str| texts.iter().filter(|text| text.contains(words)).count();
    assert_eq!(count("Cara memakai"), beside_a_command().len(), "{texts:#?}");
    assert_eq!(count("belum mengerti"), without_a_command().len(), "{texts:#?}");
    assert_eq!(texts.len(), beside_a_command().len() + without_a_command().len(), "{texts:#?}");
}

#[tokio::test]
async fn no_detail_that_is_new_takes_a_message_or_its_page_with_it_by_polling() {
    let world = World::new().await;
    everything(&world);
    let _adapter = world.run(world.config("w1"));
    world.idle().await;
    assert_answered(&world);
}

fn route(world: &World) -> Router {
    let url = "https://shop.example/telegram/webhook".parse().unwrap();
    let mode = Mode::Webhook { secret: SecretString::from(HOOK_SECRET), url };
    world.adapter(Config { mode, ..world.config("w1") }).webhook().unwrap()
}

async fn call(route: &Router, update: &Value) -> StatusCode {
    let request = Request::post("/telegram/webhook").header("X-Telegram-Bot-Api-Secret-Token", HOOK_SECRET);
    route.clone().oneshot(request.body(Body::from(update.to_string())).unwrap()).await.unwrap().status()
}

#[tokio::test]
async fn no_detail_that_is_new_takes_a_message_with_it_by_webhook() {
    let world = World::new().await;
    everything(&world);
    let page = format!("{}/bot{MAIN}:{SECRET}/getUpdates", world.telegram.url());
    let page: Value = reqwest::get(page).await.unwrap().json().await.unwrap();
    let updates = page["result"].as_array().unwrap();
    assert!(updates.len() > beside_a_command().len());
    let route = route(&world);
    for update in updates {
        assert_eq!(call(&route, update).await, StatusCode::OK, "{update}");
    }
    assert_answered(&world);
    let beyond = json!({"update_id": FOUR_GIB + 1, "message": {}});
    assert_eq!(call(&route, &beyond).await, StatusCode::OK, "it would come again for ever");
}

#[tokio::test]
async fn a_press_counts_whatever_the_message_looks_like_that_it_was_made_on() {
    let (world, _adapter) = World::with_adapter().await;
    let budi = world.started(BUDI);
    let shown = [
        json!({"entities": [date_time(0)]}),
        json!({"text": null, "rich_message": {"blocks": []}}),
        json!({"reply_markup": {"inline_keyboard": [[{"text": "x", "disabled": {}}]], "force_reply": {}}}),
        json!({"chat": {"id": BUDI, "type": "of_tomorrow"}}),
    ];
    for fields in shown {
        let help = world.say(&budi, "/help").await;
        let query = budi.press_button_of(MAIN, help.message_id, "🌐 Bahasa", &fields).unwrap();
        world.sim.wait_for_answer(&query, PATIENCE).await.unwrap();
        assert!(current(&budi).text().contains("Pilih bahasa"), "{fields}: {}", current(&budi).text());
    }
}

#[tokio::test]
async fn a_person_whose_id_is_large_and_a_member_of_a_new_status_are_read() {
    let (world, _adapter) = World::with_adapter().await;
    let id = (1 << 52) + 7;
    let user = world.sim.add_user(User::new(id, "Budi"));
    world.say(&user, "/help").await;
    assert_eq!(world.core.state().contacts[0].profile.as_ref().unwrap().telegram_id, id);
    let chat = json!({"id": BUDI, "type": "private", "first_name": "Budi"});
    let person = json!({"id": BUDI, "is_bot": false, "first_name": "Budi"});
    let bot = json!({"id": MAIN, "is_bot": true, "first_name": "Warung"});
    let update = |status: &str| {
        let old = json!({"user": bot, "status": "of_tomorrow"});
        json!({"chat": chat, "from": person, "date": 1, "old_chat_member": old,
            "new_chat_member": {"user": bot, "status": status, "until_date": "soon"}})
    };
    // Nobody knows what came before; what is now is read all the same, or left alone.
    for status in ["of_tomorrow", "kicked"] {
        world.sim.push_update(MAIN, "my_chat_member", &update(status));
    }
    world.say(&world.started(BUDI), "/help").await;
    let state = world.core.state();
    let blocked = state.contacts.iter().filter(|contact| contact.state() == ContactState::Blocked).count();
    assert_eq!(blocked, 1);
}
