//! What a person sees and does in a real Chromium, from Start to the video: see `tests/browser`.

// So that clippy takes the helpers below for tests as well.
#![cfg(test)]

mod support;

use std::path::Path;

use serde_json::json;
use support::{demo, need, project, succeeds};
use tokio::process::Command;
use warung::demo::{BOT_USERNAME, FREE, NEWCOMER, VIP};

/// Plays one scenario of `tests/browser/film.mjs`, at whose end a person has so many messages from the bot and none
/// twice. Its pictures are left below `target/tmp/browser`.
async fn plays(scenario: &str, user: i64, messages: usize) {
    need("clients/mini-app/dist/index.html", "make test");
    need("clients/node_modules/playwright-core/package.json", "make test");
    let demo = demo().await;
    let sim = demo.telegram.sim();
    let bot = sim.bot(BOT_USERNAME).expect("the demo has its bot");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("browser").join(scenario);
    let stage = json!({
        "chatUrl": demo.telegram.url(),
        "appUrl": demo.http_url(),
        "bot": bot,
        "folder": folder,
        "people": {"member": VIP, "newcomer": NEWCOMER, "free": FREE, "botUsername": BOT_USERNAME},
    });
    let mut node = Command::new("node");
    node.arg(project().join("tests/browser/film.mjs")).arg(scenario).env("WARUNG_STAGE", stage.to_string());
    succeeds(&mut node).await;
    demo.stop().await.expect("the demo ends cleanly");
    let chat = sim.user(user).messages(bot).expect("the chat is there");
    assert_eq!(chat.iter().filter(|message| message.from_bot).count(), messages, "{chat:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_member_gets_a_film_and_its_video() {
    plays("member", VIP, 5).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_no_member_is_told_why_and_gets_what_is_free() {
    plays("no_member", FREE, 4).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_never_pressed_start_gets_the_film_after_it() {
    plays("newcomer", NEWCOMER, 3).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_allows_messages_needs_no_start() {
    plays("allowed", NEWCOMER, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn language_and_theme_can_be_chosen_and_all_fits_the_narrowest_phone() {
    plays("looks", FREE, 2).await;
}
