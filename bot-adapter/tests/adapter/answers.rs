//! The bot's own answers under faults of Telegram.

use std::time::Duration;

use warung_bot::{Config, Limits};
use warung_emulators::telegram::{Fault, FaultKind, User};

use crate::{
    core::PATIENCE,
    shop::stock,
    world::{BUDI, MAIN, Running, World, current, limits, texts},
};

/// Limits of an adapter that does not wait long for Telegram.
fn impatient() -> Limits {
    Limits { send_timeout: Duration::from_millis(400), ..limits() }
}

/// Limits under which a second is a wait that must hold up nobody else.
fn busy() -> Limits {
    Limits { answer_wait: Duration::from_millis(100), ..impatient() }
}

fn run(world: &World, worker: &str, limits: Limits) -> Running {
    world.run(Config { limits, ..world.config(worker) })
}

/// What Budi finds who pressed Start while the messages to him met the fault so often.
async fn welcomes(limits: Limits, kind: FaultKind, times: u32) -> Vec<String> {
    let world = World::new().await;
    let _adapter = run(&world, "w1", limits);
    world.fault(Fault::next("sendMessage", kind).in_chat(BUDI).times(times));
    world.budi().press_start(MAIN, None).unwrap();
    world.idle().await;
    let texts = texts(&world.budi());
    assert!(texts.iter().all(|text| text.contains("Selamat datang")), "{texts:?}");
    texts
}

/// Lets no message to Budi through until the faults are cleared.
fn shut(world: &World) {
    world.fault(Fault::next("sendMessage", FaultKind::too_many_requests(1)).in_chat(BUDI).times(1_000));
}

#[tokio::test]
async fn start_is_answered_once_after_a_short_wait_that_telegram_asks_for() {
    assert_eq!(welcomes(impatient(), FaultKind::too_many_requests(1), 1).await.len(), 1);
}

#[tokio::test]
async fn start_is_answered_once_after_a_long_wait_that_telegram_asks_for() {
    assert_eq!(welcomes(busy(), FaultKind::too_many_requests(1), 2).await.len(), 1);
}

#[tokio::test]
async fn start_is_answered_once_by_a_telegram_that_fails_for_a_while() {
    assert_eq!(welcomes(impatient(), FaultKind::status(500), 10).await.len(), 1);
}

#[tokio::test]
async fn start_is_answered_once_after_a_telegram_that_hangs_or_hangs_up() {
    for kind in [FaultKind::Hang, FaultKind::Drop] {
        assert_eq!(welcomes(impatient(), kind.clone(), 2).await.len(), 1, "{kind:?}");
    }
}

#[tokio::test]
async fn start_is_answered_twice_only_where_the_reply_was_lost() {
    for kind in [FaultKind::LostReply, FaultKind::Truncated] {
        assert_eq!(welcomes(impatient(), kind.clone(), 1).await.len(), 2, "{kind:?}");
    }
}

#[tokio::test]
async fn replies_that_are_lost_again_and_again_do_not_fill_the_chat() {
    let answers = welcomes(impatient(), FaultKind::LostReply, 1_000).await;
    assert_eq!(u32::try_from(answers.len()).unwrap(), limits().update_attempts);
}

#[tokio::test]
async fn a_button_is_answered_after_a_wait_too() {
    let world = World::new().await;
    let _adapter = run(&world, "w1", busy());
    world.budi().press_start(MAIN, None).unwrap();
    world.message(&world.budi(), "Selamat datang").await;
    world.fault(Fault::next("editMessageText", FaultKind::too_many_requests(1)).in_chat(BUDI));
    assert_eq!(world.tap(&world.budi(), "❓ Bantuan").await, None);
    assert!(current(&world.budi()).text().contains("Cara memakai"));
}

#[tokio::test]
async fn a_step_of_a_payment_is_answered_after_a_wait_and_done_once() {
    let world = World::new().await;
    let _adapter = run(&world, "w1", busy());
    stock(&world, 1);
    world.budi().press_start(MAIN, Some("i_produk-1")).unwrap();
    world.idle().await;
    world.tap(&world.budi(), "⚡ Beli sekarang · Rp10.000").await;
    world.fault(Fault::next("editMessageText", FaultKind::too_many_requests(1)).in_chat(BUDI));
    world.tap(&world.budi(), "📱 QRIS · biaya ± Rp485").await;
    assert!(current(&world.budi()).text().contains("dibuat"), "{}", current(&world.budi()).text());
    assert_eq!(world.core.state().shop.orders.len(), 1);
}

#[tokio::test]
async fn a_chat_that_telegram_puts_off_keeps_its_order_and_holds_up_no_other() {
    let world = World::new().await;
    let _adapter = run(&world, "w1", Limits { updates_at_once: 1, ..busy() });
    shut(&world);
    world.budi().press_start(MAIN, None).unwrap();
    world.budi().send_text(MAIN, "/help").unwrap();
    world.sim.wait_for_call(|call| call.chat_id == Some(BUDI), PATIENCE).await.unwrap();
    world.siti().press_start(MAIN, None).unwrap();
    world.message(&world.siti(), "Welcome").await;
    assert_eq!(texts(&world.budi()), Vec::<String>::new());
    world.budi().send_text(MAIN, "/language").unwrap();
    world.sim.clear_faults();
    world.idle().await;
    let texts = texts(&world.budi());
    let expected = ["Selamat datang", "Cara memakai", "Pilih bahasa"];
    assert!(texts.iter().zip(expected).all(|(text, words)| text.contains(words)), "{texts:?}");
    assert_eq!(texts.len(), expected.len());
}

#[tokio::test]
async fn more_updates_than_one_poll_brings_pass_a_chat_that_waits() {
    let world = World::new().await;
    let _adapter = run(&world, "w1", busy());
    shut(&world);
    world.budi().press_start(MAIN, None).unwrap();
    for _ in 0..150 {
        world.siti().send_text(MAIN, "halo").unwrap();
    }
    let newcomer = world.sim.add_user(User::new(3_000, "Tono"));
    newcomer.press_start(MAIN, None).unwrap();
    world.message(&newcomer, "Selamat datang").await;
    assert_eq!(texts(&world.budi()), Vec::<String>::new());
    world.sim.clear_faults();
    world.message(&world.budi(), "Selamat datang").await;
}

#[tokio::test]
async fn an_update_that_waits_comes_again_after_a_crash() {
    let world = World::new().await;
    world.core.change(|state| state.lease_time = Duration::from_secs(1));
    let first = run(&world, "first", busy());
    shut(&world);
    world.budi().press_start(MAIN, None).unwrap();
    world.siti().press_start(MAIN, None).unwrap();
    world.message(&world.siti(), "Welcome").await;
    world.sim.wait_for_call(|call| call.chat_id == Some(BUDI), PATIENCE).await.unwrap();
    drop(first);
    world.sim.clear_faults();
    let _second = run(&world, "second", busy());
    world.message(&world.budi(), "Selamat datang").await;
    world.idle().await;
    assert_eq!(texts(&world.budi()).len(), 1);
}

#[tokio::test]
async fn a_wait_beyond_the_bound_is_given_up_and_the_chat_goes_on() {
    let world = World::new().await;
    let _adapter = run(&world, "w1", Limits { answer_patience: Duration::from_secs(30), ..impatient() });
    world.fault(Fault::next("sendMessage", FaultKind::too_many_requests(31)).in_chat(BUDI));
    world.budi().press_start(MAIN, None).unwrap();
    world.budi().send_text(MAIN, "/help").unwrap();
    world.idle().await;
    let texts = texts(&world.budi());
    assert!(texts.len() == 1 && texts[0].contains("Cara memakai"), "{texts:?}");
}
