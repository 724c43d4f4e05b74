//! What a person sees and does in a real Chromium, from Start to the video: see `tests/browser`.

// So that clippy takes the helpers below for tests as well.
#![cfg(test)]

mod support;

use std::path::Path;

use serde_json::json;
use support::{demo, need, project, succeeds};
use tokio::process::Command;
use warung::demo::{BOT_USERNAME, FREE, NEWCOMER, SELLER, VIP};
use warung_emulators::telegram::Message;

/// Plays one scenario of `tests/browser/scenarios.mjs`. Its pictures are left below `target/tmp/browser`. Answers the
/// bot's messages to a person, oldest first.
async fn play(scenario: &str, user: i64) -> Vec<Message> {
    need("clients/mini-app/dist/index.html", "make test");
    need("clients/node_modules/playwright-core/package.json", "make test");
    let demo = demo().await;
    let (sim, pakasir) = (demo.telegram.sim(), demo.pakasir.sim());
    let bot = sim.bot(BOT_USERNAME).expect("the demo has its bot");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("browser").join(scenario);
    let stage = json!({
        "chatUrl": demo.telegram.url(),
        "payUrl": demo.pakasir.url(),
        "appUrl": demo.http_url(),
        "bot": bot,
        "folder": folder,
        "people": {"member": VIP, "newcomer": NEWCOMER, "free": FREE, "seller": SELLER, "botUsername": BOT_USERNAME},
    });
    let mut node = Command::new("node");
    node.arg(project().join("tests/browser/scenarios.mjs")).arg(scenario).env("WARUNG_STAGE", stage.to_string());
    succeeds(&mut node).await;
    demo.stop().await.expect("the demo ends cleanly");
    assert!(pakasir.created_twice().is_empty(), "an invoice was asked for twice");
    let mut chat = sim.user(user).messages(bot).expect("the chat is there");
    chat.retain(|message| message.from_bot);
    chat
}

/// Plays one scenario, at whose end a person has so many messages from the bot and none twice.
async fn plays(scenario: &str, user: i64, messages: usize) {
    let chat = play(scenario, user).await;
    assert_eq!(chat.len(), messages, "{chat:#?}");
}

/// How many lines of the voucher's stock are in a chat.
fn vouchers(chat: &[Message]) -> usize {
    chat.iter().map(|message| message.text().matches("SENJA-").count()).sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_member_gets_a_film_and_its_video() {
    plays("member", VIP, 5).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_no_member_is_told_why_and_gets_what_is_free() {
    plays("no_member", FREE, 3).await;
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demo_is_wholly_english_for_whoever_switches_to_it() {
    plays("english", FREE, 2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_product_that_is_bought_in_the_chat_and_paid_arrives_within_two_seconds() {
    assert_eq!(vouchers(&play("buy_in_chat", FREE).await), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_refused_a_film_buys_a_membership_and_gets_it() {
    // The welcome, the news of the membership, the film and its video.
    plays("become_member", FREE, 4).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_top_up_pays_for_a_purchase_in_the_app() {
    assert_eq!(vouchers(&play("balance", FREE).await), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_of_an_order_stays_true_over_a_reload_a_lost_connection_and_a_refund() {
    // The welcome, the news of the membership, and of its end.
    plays("order_page", FREE, 3).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_refuses_messages_is_told_that_nothing_was_sent() {
    plays("refused_messages", NEWCOMER, 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_failed_is_tried_again_when_the_connection_is_back() {
    plays("connection", FREE, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invoice_that_nobody_pays_expires_and_frees_its_stock() {
    assert_eq!(vouchers(&play("expiry", FREE).await), 0);
}
