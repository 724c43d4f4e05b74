//! "Tonton Sekarang" and other buttons.

use tonic::Code;
use warung_emulators::telegram::Pressed;
use warung_proto::{
    ErrorReason,
    messaging::{Action, ActionRow, Content, action::Kind},
};

use crate::{
    core::{PATIENCE, refusal},
    deliveries::{send, text},
    world::{BUDI, MAIN, World, limits, texts},
};

const EPISODE: &str = "eps_01jabcdefghjkmnpqrstvwxyz0";

/// Sends a message with this button and presses it; answers the words that the user was shown.
async fn press(world: &World, data: &str) -> Option<String> {
    let action = Action { label: "Tonton Sekarang".to_owned(), kind: Some(Kind::CallbackData(data.to_owned())) };
    let rows = vec![ActionRow { actions: vec![action] }];
    world.core.deliver(BUDI, send(Content { rows, ..text("Film") }));
    let message = world.message(&world.budi(), "Film").await;
    let pressed = world.budi().press_button(MAIN, message.message_id, "Tonton Sekarang").unwrap();
    let Pressed::Callback { query_id } = pressed else { panic!("{pressed:?}") };
    let answer = world.sim.wait_for_answer(&query_id, PATIENCE).await.unwrap();
    let answer = serde_json::to_value(answer).unwrap();
    answer["text"].as_str().map(str::to_owned).filter(|text| !text.is_empty())
}

#[tokio::test]
async fn the_button_asks_for_the_video_for_who_pressed_it() {
    let (world, _adapter) = World::with_adapter().await;
    world.started(BUDI);
    assert_eq!(press(&world, &format!("v1:w:{EPISODE}")).await, None);
    let state = world.core.state();
    let watched: Vec<_> = state.watched.iter().map(|(user, _, episode)| (*user, episode.as_str())).collect();
    assert_eq!(watched, [(BUDI, EPISODE)]);
}

#[tokio::test]
async fn each_refusal_is_explained_on_the_button() {
    let (world, _adapter) = World::with_adapter().await;
    world.started(BUDI);
    let cases = [
        (Code::FailedPrecondition, ErrorReason::VipRequired, "anggota VIP"),
        (Code::FailedPrecondition, ErrorReason::VideoMissing, "belum tersedia"),
        (Code::NotFound, ErrorReason::NotFound, "tidak ada lagi"),
        (Code::ResourceExhausted, ErrorReason::RateLimited, "Terlalu cepat"),
        (Code::Unavailable, ErrorReason::StorageFull, "penuh"),
        (Code::Unavailable, ErrorReason::Unavailable, "gangguan"),
    ];
    for (code, reason, words) in cases {
        world.core.change(|state| state.watch_answer = Some(refusal(code, reason)));
        let shown = press(&world, &format!("v1:w:{EPISODE}")).await.unwrap_or_default();
        assert!(shown.contains(words), "{reason:?}: {shown}");
    }
    world.message(&world.budi(), "Film VIP hanya untuk anggota").await;
    let plans = texts(&world.budi()).into_iter().filter(|text| text.starts_with("💎")).count();
    assert_eq!(plans, 1, "who is no member is shown how to become one, and nobody else");
}

#[tokio::test]
async fn a_button_that_is_not_known_is_answered_kindly() {
    let (world, _adapter) = World::with_adapter().await;
    world.started(BUDI);
    for data in ["v2:w:1", "v1:w:eps_short", "old", "v1:l:fr"] {
        let shown = press(&world, data).await.unwrap_or_default();
        assert!(shown.contains("tidak berlaku"), "{data}: {shown}");
    }
    assert!(world.core.state().watched.is_empty());
}

#[tokio::test]
async fn who_presses_without_end_is_asked_to_wait() {
    let (world, _adapter) = World::with_adapter().await;
    world.started(BUDI);
    let mut shown = None;
    for _ in 0..=limits().answer_burst {
        shown = press(&world, &format!("v1:w:{EPISODE}")).await;
    }
    assert!(shown.unwrap_or_default().contains("Terlalu cepat"));
    let watched = u32::try_from(world.core.state().watched.len()).unwrap();
    assert_eq!(watched, limits().answer_burst);
}
