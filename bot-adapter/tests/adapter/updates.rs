//! What users write, and what the bot says.

use serde_json::json;
use tonic::Code;
use warung_emulators::telegram::{ButtonAction, FileSpec, Pressed, User};
use warung_proto::{
    ErrorReason,
    identity::{ContactState, RecordContactRequest},
    library::{Title, title_request::State},
};

use crate::{
    core::{PATIENCE, refusal},
    world::{BUDI, MAIN, MINI_APP, SELLER, SITI, World, limits, texts},
};

const TOKEN: &str = "Abcdefghijklmnopqrstuvwxyz0123456789_-ABCDE";

#[tokio::test]
async fn start_is_answered_with_one_welcome_and_its_buttons() {
    let (world, _adapter) = World::with_adapter().await;
    let budi = world.budi();
    budi.press_start(MAIN, None).unwrap();
    world.idle().await;
    let welcome = world.message(&budi, "Selamat datang").await;
    assert_eq!(texts(&budi).len(), 1);
    insta::assert_snapshot!("welcome_id", welcome.text());
    let open = welcome.button("🎬 Buka Warung Budi").map(|button| button.action.clone());
    assert_eq!(open, Some(ButtonAction::WebApp(MINI_APP.to_owned())));
    assert!(welcome.button("❓ Bantuan").is_some() && welcome.button("🌐 Bahasa").is_some());
    let state = world.core.state();
    let contact = &state.contacts[0];
    assert_eq!((state.contacts.len(), contact.state()), (1, ContactState::Open));
    let profile = contact.profile.as_ref().unwrap();
    assert_eq!((profile.telegram_id, profile.language_code.as_str()), (BUDI, "id"));
}

#[tokio::test]
async fn everybody_is_welcomed_in_their_language_and_by_their_name() {
    let (world, _adapter) = World::with_adapter().await;
    let names = [
        ("<b>Tom</b> & Jerry", Some("<b>Tom</b> & Jerry")),
        ("🎬👩‍👩‍👧", Some("🎬👩‍👩‍👧")),
        ("\u{202e}عمر", Some("عمر")),
        ("Bu\u{2069}di\nAdmin", Some("Budi Admin")),
        ("&lt;", Some("&lt;")),
        ("{ $store }", Some("{ $store }")),
        ("\u{3164}", None),
        ("\u{200b}\u{2069}", None),
    ];
    for (id, (name, shown)) in (2_000..).zip(names) {
        let user = world.sim.add_user(User { language_code: Some("en".to_owned()), ..User::new(id, name) });
        user.press_start(MAIN, None).unwrap();
        let welcome = world.message(&user, "Welcome").await;
        let greeting = shown.map_or("Hello! ".to_owned(), |shown| format!("Hello, \u{2068}{shown}\u{2069}! "));
        assert!(welcome.text().starts_with(&greeting), "{}", welcome.text());
    }
}

#[tokio::test]
async fn a_token_is_redeemed_and_the_film_needs_no_words() {
    let (world, _adapter) = World::with_adapter().await;
    let budi = world.budi();
    for payload in [TOKEN.to_owned(), format!("p_{TOKEN}")] {
        budi.press_start(MAIN, Some(&payload)).unwrap();
    }
    world.idle().await;
    assert_eq!(texts(&budi), Vec::<String>::new());
    let state = world.core.state();
    assert_eq!(state.contacts.len(), 2);
    let redeemed: Vec<_> = state.redeemed.iter().map(|(user, _, token)| (*user, token.as_str())).collect();
    assert_eq!(redeemed, [(BUDI, TOKEN), (BUDI, TOKEN)]);
}

#[tokio::test]
async fn a_token_that_is_of_no_use_is_explained() {
    let (world, _adapter) = World::with_adapter().await;
    let cases = [
        (Code::NotFound, ErrorReason::StartTokenUnknown, "tidak dikenal"),
        (Code::NotFound, ErrorReason::NotFound, "tidak ada lagi"),
        (Code::FailedPrecondition, ErrorReason::StartTokenUsed, "sudah dipakai"),
        (Code::FailedPrecondition, ErrorReason::StartTokenExpired, "kedaluwarsa"),
        (Code::PermissionDenied, ErrorReason::StartTokenForeign, "milik orang lain"),
    ];
    for (code, reason, words) in cases {
        world.core.change(|state| state.redeem_answer = Some(refusal(code, reason)));
        world.budi().press_start(MAIN, Some(TOKEN)).unwrap();
        let answer = world.message(&world.budi(), words).await;
        assert!(answer.button("🎬 Buka Warung Budi").is_some());
    }
    world.core.change(|state| (state.redeem_answer, state.redeem_outcome) = (None, Some(State::VipRequired)));
    world.budi().press_start(MAIN, Some(TOKEN)).unwrap();
    world.message(&world.budi(), "hanya untuk anggota").await;
    assert_eq!(texts(&world.budi()).len(), cases.len() + 1);
}

#[tokio::test]
async fn a_title_opens_in_the_mini_app() {
    let (world, _adapter) = World::with_adapter().await;
    let title = Title {
        title_id: "ttl_01".to_owned(),
        name: "Kopi & <Senja>".to_owned(),
        synopsis: "Cerita. ".repeat(200),
        episode_count: 12,
        ..Title::default()
    };
    world.core.change(|state| state.titles.insert("kopi-senja".to_owned(), title));
    world.budi().press_start(MAIN, Some("t_kopi-senja")).unwrap();
    let message = world.message(&world.budi(), "Kopi & <Senja>").await;
    let action = message.button("▶️ Lihat film ini").map(|button| button.action.clone());
    assert_eq!(action, Some(ButtonAction::WebApp(format!("{MINI_APP}#/titles/ttl_01"))));
    assert!(message.text().contains("Episode: 12") && message.text().ends_with('…'), "{}", message.text());
    world.budi().press_start(MAIN, Some("t_gone")).unwrap();
    world.message(&world.budi(), "tidak ada lagi").await;
}

#[tokio::test]
async fn who_wants_to_be_a_member_is_sent_to_the_seller() {
    let (world, _adapter) = World::with_adapter().await;
    world.siti().press_start(MAIN, Some("vip")).unwrap();
    let message = world.message(&world.siti(), "write to the seller").await;
    let entities = serde_json::to_string(&message.content.entities).unwrap();
    assert!(entities.contains(&SELLER.to_string()), "{entities}");
}

#[tokio::test]
async fn payloads_of_later_are_answered_with_the_welcome() {
    let (world, _adapter) = World::with_adapter().await;
    for (id, payload) in (2_000..).zip(["r_12", "g_1", "whatever"]) {
        let user = world.sim.add_user(User::new(id, "X"));
        user.press_start(MAIN, Some(payload)).unwrap();
        world.message(&user, "Selamat datang").await;
    }
}

#[tokio::test]
async fn a_start_that_is_pressed_again_and_again_is_one_welcome() {
    let (world, _adapter) = World::with_adapter().await;
    for _ in 0..15 {
        world.budi().press_start(MAIN, None).unwrap();
    }
    world.idle().await;
    assert_eq!(texts(&world.budi()).len(), 1);
    assert_eq!(world.core.state().starts.len(), 15, "what waits is given at each of them");
    // In another language it is another welcome.
    world.core.change(|state| state.languages.insert(BUDI, "en".to_owned()));
    world.budi().press_start(MAIN, None).unwrap();
    world.idle().await;
    assert_eq!(texts(&world.budi()).len(), 2);
}

#[tokio::test]
async fn every_start_gives_what_waits_and_a_film_needs_no_words() {
    let (world, _adapter) = World::with_adapter().await;
    let unknown = refusal(Code::NotFound, ErrorReason::StartTokenUnknown);
    world.core.change(|state| (state.redeem_answer, state.waiting) = (Some(unknown), 1));
    world.budi().press_start(MAIN, Some(TOKEN)).unwrap();
    world.idle().await;
    assert_eq!(texts(&world.budi()), Vec::<String>::new(), "the film comes, whatever the token was");
    for payload in [Some(TOKEN), Some("i_gone"), Some("vip"), None] {
        world.budi().press_start(MAIN, payload).unwrap();
    }
    world.idle().await;
    let state = world.core.state();
    assert_eq!(state.starts.len(), 5);
    assert!(state.starts.iter().all(|(user, _)| *user == BUDI));
    drop(state);
    let texts = texts(&world.budi());
    assert!(texts[0].contains("tidak dikenal") && texts.len() == 4, "{texts:?}");
}

#[tokio::test]
async fn help_and_what_is_not_understood_are_answered_kindly() {
    let (world, _adapter) = World::with_adapter().await;
    let budi = world.budi();
    budi.send_text(MAIN, "/help").unwrap();
    insta::assert_snapshot!("help_id", world.message(&budi, "Cara memakai").await.text());
    world.siti().send_text(MAIN, "/help@warung_bot").unwrap();
    insta::assert_snapshot!("help_en", world.message(&world.siti(), "How to use").await.text());
    budi.send_text(MAIN, "/wat").unwrap();
    budi.send_text(MAIN, "halo?").unwrap();
    budi.send_video(MAIN, FileSpec::video("ini.mp4", 3)).unwrap();
    world.idle().await;
    let texts = texts(&budi);
    assert_eq!(texts.iter().filter(|text| text.contains("belum mengerti")).count(), 3, "{texts:?}");
}

#[tokio::test]
async fn the_language_is_chosen_by_a_button_and_kept() {
    let (world, _adapter) = World::with_adapter().await;
    let budi = world.budi();
    budi.send_text(MAIN, "/language").unwrap();
    let question = world.message(&budi, "Pilih bahasa").await;
    let pressed = budi.press_button(MAIN, question.message_id, "🇬🇧 English").unwrap();
    let Pressed::Callback { query_id } = pressed else { panic!("{pressed:?}") };
    world.sim.wait_for_answer(&query_id, PATIENCE).await.unwrap();
    world.message(&budi, "it is English").await;
    budi.press_start(MAIN, None).unwrap();
    world.message(&budi, "Welcome to").await;
    assert_eq!(world.core.state().languages[&BUDI], "en");
}

#[tokio::test]
async fn the_buttons_of_the_welcome_do_what_they_say() {
    let (world, _adapter) = World::with_adapter().await;
    let siti = world.siti();
    siti.press_start(MAIN, None).unwrap();
    let welcome = world.message(&siti, "Welcome").await;
    for (label, words) in [("❓ Help", "How to use"), ("🌐 Language", "Choose a language")] {
        let pressed = siti.press_button(MAIN, welcome.message_id, label).unwrap();
        let Pressed::Callback { query_id } = pressed else { panic!("{pressed:?}") };
        world.sim.wait_for_answer(&query_id, PATIENCE).await.unwrap();
        world.message(&siti, words).await;
    }
}

#[tokio::test]
async fn blocking_and_allowing_are_recorded() {
    let (world, _adapter) = World::with_adapter().await;
    let budi = world.budi();
    budi.allow_write(MAIN).unwrap();
    world.idle().await;
    budi.press_start(MAIN, None).unwrap();
    budi.block(MAIN).unwrap();
    budi.unblock(MAIN).unwrap();
    world.idle().await;
    let told = |contact: &RecordContactRequest| (contact.state(), contact.started);
    let states: Vec<_> = world.core.state().contacts.iter().map(told).collect();
    let blocked = states.iter().filter(|state| **state == (ContactState::Blocked, false)).count();
    assert_eq!(blocked, 1, "{states:?}");
    let (first, last) = (states.first(), states.last());
    assert_eq!((first, last), (Some(&(ContactState::Open, true)), Some(&(ContactState::Open, true))));
}

#[tokio::test]
async fn only_what_opens_a_chat_is_told_as_a_start() {
    let (world, _adapter) = World::with_adapter().await;
    let budi = world.budi();
    budi.press_start(MAIN, None).unwrap();
    budi.send_text(MAIN, "/help").unwrap();
    budi.send_text(MAIN, "halo").unwrap();
    world.idle().await;
    let started: Vec<_> = world.core.state().contacts.iter().map(|contact| contact.started).collect();
    assert_eq!(started, [true, false, false]);
}

#[tokio::test]
async fn groups_channels_edits_and_unknown_updates_are_left_alone() {
    let (world, _adapter) = World::with_adapter().await;
    let from = json!({"id": BUDI, "is_bot": false, "first_name": "Budi"});
    let group = json!({"id": -100, "type": "supergroup", "title": "Grup"});
    let private = json!({"id": BUDI, "type": "private", "first_name": "Budi"});
    let message =
        |chat: &serde_json::Value| json!({"message_id": 5, "date": 1, "chat": chat, "from": from, "text": "/start"});
    world.sim.push_update(MAIN, "message", &message(&group));
    world.sim.push_update(MAIN, "edited_message", &message(&private));
    world.sim.push_update(MAIN, "channel_post", &message(&json!({"id": -200, "type": "channel", "title": "K"})));
    world.sim.push_update(MAIN, "something_new", &json!({"of": "tomorrow"}));
    world.sim.push_update(MAIN, "message", &json!({"half": true}));
    world.siti().press_start(MAIN, None).unwrap();
    world.message(&world.siti(), "Welcome").await;
    world.idle().await;
    let contacts: Vec<_> =
        world.core.state().contacts.iter().map(|c| c.profile.as_ref().unwrap().telegram_id).collect();
    assert_eq!(contacts, [SITI]);
    assert_eq!(world.calls("sendmessage", -100).len() + world.calls("sendmessage", BUDI).len(), 0);
}

#[tokio::test]
async fn a_flood_is_not_answered() {
    let (world, _adapter) = World::with_adapter().await;
    for _ in 0..60 {
        world.budi().send_text(MAIN, "halo").unwrap();
    }
    world.siti().press_start(MAIN, None).unwrap();
    world.message(&world.siti(), "Welcome").await;
    world.idle().await;
    let answers = u32::try_from(texts(&world.budi()).len()).unwrap();
    assert_eq!(answers, limits().answer_burst);
}

#[tokio::test]
async fn updates_of_a_chat_are_dealt_with_in_order() {
    let (world, _adapter) = World::with_adapter().await;
    let budi = world.budi();
    for payload in ["t_1", "t_2", "t_3", "t_4", "t_5", "t_6"] {
        let title = Title { name: payload.to_owned(), ..Title::default() };
        world.core.change(|state| state.titles.insert(payload.replace("t_", ""), title));
        budi.press_start(MAIN, Some(payload)).unwrap();
        world.siti().press_start(MAIN, Some(payload)).unwrap();
    }
    world.idle().await;
    for user in [budi, world.siti()] {
        let texts = texts(&user);
        let order: Vec<_> = texts.iter().filter_map(|text| text.chars().find(char::is_ascii_digit)).collect();
        assert_eq!(order, ['1', '2', '3', '4', '5', '6'], "{texts:?}");
    }
}

#[tokio::test]
async fn a_core_that_is_back_in_a_moment_is_not_noticed() {
    let (world, _adapter) = World::with_adapter().await;
    world.core.change(|state| state.redeem_answer = Some(refusal(Code::Unavailable, ErrorReason::Unavailable)));
    world.budi().press_start(MAIN, Some(TOKEN)).unwrap();
    world.core.wait("an attempt", |state| (!state.redeemed.is_empty()).then_some(())).await;
    world.core.change(|state| state.redeem_answer = None);
    world.idle().await;
    let state = world.core.state();
    let ids: Vec<_> = state.redeemed.iter().map(|(_, id, _)| id).collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "every attempt has the same request id");
    assert_ne!(*ids[0], state.contacts[0].request_id, "every step has its own");
}

#[tokio::test]
async fn a_core_that_stays_away_is_one_calm_sentence() {
    let (world, _adapter) = World::with_adapter().await;
    world.core.change(|state| state.redeem_answer = Some(refusal(Code::Internal, ErrorReason::Internal)));
    world.siti().press_start(MAIN, Some(TOKEN)).unwrap();
    world.message(&world.siti(), "something is wrong on our side").await;
    world.idle().await;
    assert_eq!(texts(&world.siti()).len(), 1);
    let attempts = u32::try_from(world.core.state().redeemed.len()).unwrap();
    assert_eq!(attempts, limits().update_attempts);
}

#[tokio::test]
async fn commands_and_menu_button_are_set_once_in_both_languages() {
    let (world, adapter) = World::with_adapter().await;
    let is_last = |call: &warung_emulators::telegram::Call| call.method == "setchatmenubutton";
    world.sim.wait_for_call(is_last, PATIENCE).await.unwrap();
    for (user, words) in [(world.budi(), "Ganti bahasa"), (world.siti(), "Change the language")] {
        let chat = user.chat(MAIN).unwrap();
        assert!(chat.commands.to_string().contains(words), "{}", chat.commands);
        assert_eq!(chat.menu_button["web_app"]["url"], MINI_APP);
    }
    adapter.stop().await;
    world.sim.clear_calls();
    let _again = world.run(world.config("w2"));
    let asked = |call: &warung_emulators::telegram::Call| call.method == "getchatmenubutton";
    world.sim.wait_for_call(asked, PATIENCE).await.unwrap();
    world.budi().press_start(MAIN, None).unwrap();
    world.message(&world.budi(), "Selamat datang").await;
    let set = world.sim.calls().into_iter().filter(|call| call.method.starts_with("setmy") || is_last(call)).count();
    assert_eq!(set, 0, "what is right already is left as it is");
}
