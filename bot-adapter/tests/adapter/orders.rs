//! A user's orders, and the buttons of the core's notices.

use tonic::Code;
use warung_emulators::telegram::{Message, Pressed, SimUser};
use warung_proto::{
    ErrorReason,
    messaging::{Action, ActionRow, Content, action::Kind},
    order::{HoldReason, OrderState},
    payment::PaymentState,
};

use crate::{
    core::{PATIENCE, refusal},
    core_shop::idr,
    deliveries::{send, text},
    shop::stock,
    world::{BUDI, MAIN, World, current, picture_of, texts},
};

/// Buys the first product so often.
async fn buy(world: &World, times: usize) {
    let budi = world.started(BUDI);
    for _ in 0..times {
        budi.press_start(MAIN, Some("i_produk-1")).unwrap();
        world.idle().await;
        world.tap(&budi, "⚡ Beli sekarang · Rp10.000").await;
        world.tap(&budi, "📱 QRIS · biaya ± Rp485").await;
    }
}

/// Sends a notice as the core does, with a button that has this data, and presses it.
pub(crate) async fn press(world: &World, data: &str) -> (Message, Option<String>) {
    let budi = world.budi();
    let action = Action { label: "Tombol".to_owned(), kind: Some(Kind::CallbackData(data.to_owned())) };
    let words = format!("Tagihan {data} {}", budi.messages(MAIN).unwrap().len());
    world.core.deliver(BUDI, send(Content { rows: vec![ActionRow { actions: vec![action] }], ..text(&words) }));
    let notice = world.message(&budi, &words).await;
    let shown = world.tap_on(&budi, notice.message_id, "Tombol").await;
    (notice, shown)
}

fn change(world: &World, state: OrderState, hold: HoldReason) {
    world.core.change(|core| {
        core.shop.orders[0].set_state(state);
        core.shop.orders[0].set_hold_reason(hold);
    });
}

fn text_of(user: &SimUser, message_id: i64) -> String {
    let messages = user.messages(MAIN).unwrap();
    messages.into_iter().find(|message| message.message_id == message_id).unwrap().text().to_owned()
}

#[tokio::test]
async fn an_order_shows_its_state_and_the_buttons_that_fit_it() {
    let (world, _adapter) = World::with_adapter().await;
    let budi = world.started(BUDI);
    stock(&world, 1);
    insta::assert_snapshot!("orders_none", picture_of(&world.say(&budi, "/pesanan").await));
    buy(&world, 1).await;
    insta::assert_snapshot!("orders", picture_of(&world.say(&budi, "/pesanan").await));
    world.tap(&budi, "1").await;
    insta::assert_snapshot!("order_pending", picture_of(&current(&budi)));
    let none = HoldReason::Unspecified;
    let cases = [
        (OrderState::Paid, none, "sedang dikirim", Some("📤 Kirim ulang")),
        (OrderState::Paid, HoldReason::Manual, "diproses penjual", None),
        (OrderState::Paid, HoldReason::BuyerUnreachable, "/start", Some("📤 Kirim ulang")),
        (OrderState::Paid, HoldReason::Undeliverable, "sudah diberi tahu", Some("📤 Kirim ulang")),
        (OrderState::Completed, none, "Selesai", Some("📤 Kirim ulang")),
        (OrderState::Cancelled, none, "Dibatalkan", None),
        (OrderState::Expired, none, "Kedaluwarsa", None),
        (OrderState::Refunded, none, "dikembalikan", None),
    ];
    for (state, hold, words, button) in cases {
        change(&world, state, hold);
        world.core.change(|core| core.shop.orders[0].refunded = Some(idr(0)));
        world.say(&budi, "/pesanan").await;
        world.tap(&budi, "1").await;
        let screen = current(&budi);
        assert!(screen.text().contains(words), "{state:?} {hold:?}: {}", screen.text());
        assert_eq!(picture_of(&screen).contains("Kirim ulang"), button.is_some(), "{state:?} {hold:?}");
        assert!(screen.button("❌ Batalkan").is_none(), "{state:?}");
    }
}

#[tokio::test]
async fn the_list_of_orders_has_pages_that_are_the_user_s_own() {
    let (world, _adapter) = World::with_adapter().await;
    let budi = world.started(BUDI);
    stock(&world, 1);
    buy(&world, 1).await;
    world.core.change(|state| {
        let first = state.shop.orders[0].clone();
        for number in 2..=11 {
            let (order_id, code) = (format!("ord_{number:026}"), format!("tg{BUDI}-{number:08}"));
            state.shop.orders.push(warung_proto::order::Order { order_id, code, ..first.clone() });
        }
    });
    world.say(&budi, "/pesanan").await;
    assert!(current(&budi).button("10").is_some());
    world.tap(&budi, "▶️").await;
    let second = current(&budi);
    assert!(second.button("1").is_some() && second.button("2").is_none() && second.button("▶️").is_none());
    world.tap(&budi, "◀️").await;
    assert!(current(&budi).button("10").is_some());
}

#[tokio::test]
async fn an_order_is_paid_another_way_from_its_screen() {
    let (world, _adapter) = World::with_adapter().await;
    let budi = world.started(BUDI);
    stock(&world, 1);
    buy(&world, 1).await;
    world.tap(&budi, "🧾 Lihat pesanan").await;
    world.tap(&budi, "💳 Metode lain").await;
    world.core.change(|state| assert_eq!(state.shop.offered_for, state.shop.orders[0].order_id));
    insta::assert_snapshot!("pay", picture_of(&current(&budi)));
    world.tap(&budi, "🏦 Virtual account bank").await;
    insta::assert_snapshot!("pay_banks", picture_of(&current(&budi)));
    world.tap(&budi, "◀️ Kembali").await;
    assert!(current(&budi).button("📱 QRIS · biaya ± Rp485").is_some());
    world.tap(&budi, "🏦 Virtual account bank").await;
    world.tap(&budi, "BRI · ± Rp3.500").await;
    assert!(current(&budi).text().contains("dibuat"));
    world.tap(&budi, "🧾 Lihat pesanan").await;
    assert_eq!(world.tap(&budi, "🧾 Kirim tagihan").await, None);
    let state = world.core.state();
    assert_eq!((state.shop.orders.len(), state.shop.orders[0].payments.len()), (1, 2));
    let bri = state.shop.orders[0].payments[0].payment_id.clone();
    assert_eq!(state.shop.invoices[1..], [bri.clone(), bri]);
}

#[tokio::test]
async fn check_status_is_answered_in_a_window_and_leaves_the_invoice_alone() {
    let (world, _adapter) = World::with_adapter().await;
    let budi = world.started(BUDI);
    stock(&world, 1);
    buy(&world, 1).await;
    let payment = world.core.state().shop.orders[0].payments[0].payment_id.clone();
    let cases = [
        (PaymentState::Open, "Belum ada pembayaran masuk"),
        (PaymentState::Creating, "Belum ada pembayaran masuk"),
        (PaymentState::Paid, "Lunas ✅"),
        (PaymentState::Expired, "kedaluwarsa"),
        (PaymentState::Cancelled, "dibatalkan"),
        (PaymentState::Failed, "dibatalkan"),
        (PaymentState::Awaiting, "Belum ada pembayaran masuk"),
        (PaymentState::Returned, "dikembalikan"),
        (PaymentState::Reversed, "dikembalikan"),
    ];
    for (state, words) in cases {
        world.core.change(|core| core.shop.orders[0].payments[0].set_state(state));
        let before = texts(&budi).len();
        let (notice, shown) = press(&world, &format!("v1:pc:{payment}")).await;
        let shown = shown.unwrap_or_default();
        assert!(shown.contains(words), "{state:?}: {shown}");
        assert_eq!((texts(&budi).len(), text_of(&budi, notice.message_id)), (before + 1, notice.text().to_owned()));
    }
    let away = refusal(Code::Unavailable, ErrorReason::GatewayUnavailable);
    world.core.change(|state| state.shop.refusals.insert("CheckPayment", away));
    let (_, shown) = press(&world, &format!("v1:pc:{payment}")).await;
    assert!(shown.unwrap_or_default().contains("tidak menjawab"));
}

#[tokio::test]
async fn an_order_is_cancelled_after_a_question_and_the_invoice_is_left_to_the_core() {
    let (world, _adapter) = World::with_adapter().await;
    let budi = world.started(BUDI);
    stock(&world, 1);
    buy(&world, 1).await;
    let order = world.core.state().shop.orders[0].order_id.clone();
    let (notice, _) = press(&world, &format!("v1:oc:{order}")).await;
    let question = current(&budi);
    assert!(question.text().contains("Yakin") && question.message_id != notice.message_id);
    let (_, _) = press(&world, &format!("v1:oc:{order}")).await;
    let stale = current(&budi);
    assert_eq!(text_of(&budi, notice.message_id), notice.text());
    world.tap_on(&budi, question.message_id, "◀️ Tidak jadi").await;
    assert_eq!(world.core.state().shop.orders[0].state(), OrderState::Pending);
    assert!(text_of(&budi, question.message_id).contains("Menunggu pembayaran"));
    world.tap_on(&budi, question.message_id, "❌ Batalkan").await;
    world.tap_on(&budi, question.message_id, "❌ Ya, batalkan").await;
    assert!(text_of(&budi, question.message_id).contains("Dibatalkan"));
    world.tap_on(&budi, stale.message_id, "❌ Ya, batalkan").await;
    assert!(text_of(&budi, stale.message_id).contains("tidak bisa dibatalkan"));
    press(&world, &format!("v1:oc:{order}")).await;
    assert!(current(&budi).text().contains("Dibatalkan") && current(&budi).button("❌ Ya, batalkan").is_none());
}

#[tokio::test]
async fn the_question_before_cancelling_names_the_order_and_only_the_balance_that_was_used() {
    let (world, _adapter) = World::with_adapter().await;
    let budi = world.started(BUDI);
    stock(&world, 1);
    buy(&world, 1).await;
    let (order, code) = {
        let state = world.core.state();
        (state.shop.orders[0].order_id.clone(), state.shop.orders[0].code.clone())
    };
    press(&world, &format!("v1:oc:{order}")).await;
    let question = current(&budi).text().to_owned();
    assert!(question.contains(&code) && question.contains("Akun Musik 1"), "{question}");
    assert!(!question.to_lowercase().contains("saldo"), "{question}");
    world.core.change(|state| state.shop.orders[0].paid = Some(idr(2_500)));
    press(&world, &format!("v1:oc:{order}")).await;
    let question = current(&budi).text().to_owned();
    assert!(question.contains("Rp2.500, kembali ke saldomu"), "{question}");
}

#[tokio::test]
async fn an_invoice_is_paid_from_the_balance_or_the_way_to_top_up_is_shown() {
    let (world, _adapter) = World::with_adapter().await;
    let budi = world.started(BUDI);
    stock(&world, 1);
    buy(&world, 1).await;
    let order = world.core.state().shop.orders[0].order_id.clone();
    assert_eq!(press(&world, &format!("v1:ob:{order}")).await.1, None);
    let screen = world.message(&budi, "Saldomu tidak cukup").await;
    assert!(screen.button("➕ Isi saldo").is_some());
    world.core.change(|state| state.shop.wallet.balance = Some(idr(10_000)));
    let (_, shown) = press(&world, &format!("v1:ob:{order}")).await;
    assert!(shown.unwrap_or_default().contains("Dibayar dari saldo"));
    let (_, shown) = press(&world, &format!("v1:ob:{order}")).await;
    assert!(shown.unwrap_or_default().contains("tidak bisa dibayar lagi"));
    assert_eq!(world.core.state().shop.wallet.balance, Some(idr(0)), "it is paid once");
}

#[tokio::test]
async fn goods_are_sent_again_and_a_notice_leads_to_its_order() {
    let (world, _adapter) = World::with_adapter().await;
    let budi = world.started(BUDI);
    stock(&world, 1);
    buy(&world, 1).await;
    let order = world.core.state().shop.orders[0].order_id.clone();
    let (_, shown) = press(&world, &format!("v1:og:{order}")).await;
    assert!(shown.unwrap_or_default().contains("Dikirim ulang"));
    assert_eq!(world.core.state().shop.sent_again, std::slice::from_ref(&order));
    let nothing = refusal(Code::FailedPrecondition, ErrorReason::NothingToSend);
    world.core.change(|state| state.shop.refusals.insert("SendGoods", nothing));
    let (_, shown) = press(&world, &format!("v1:og:{order}")).await;
    assert!(shown.unwrap_or_default().contains("tidak punya barang"));
    let (notice, _) = press(&world, &format!("v1:o:{order}")).await;
    let screen = world.message(&budi, "Pesanan tg").await;
    assert!(screen.message_id > notice.message_id, "in a message of its own");
    press(&world, &format!("v1:o:ord_{:026}", 99)).await;
    world.message(&budi, "tidak ditemukan").await;
}

#[tokio::test]
async fn a_gateway_that_hangs_holds_up_nobody_else() {
    let (world, _adapter) = World::with_adapter().await;
    stock(&world, 1);
    buy(&world, 1).await;
    let payment = world.core.state().shop.orders[0].payments[0].payment_id.clone();
    world.core.change(|state| state.shop.hanging = true);
    let action = Action { label: "Cek".to_owned(), kind: Some(Kind::CallbackData(format!("v1:pc:{payment}"))) };
    world.core.deliver(BUDI, send(Content { rows: vec![ActionRow { actions: vec![action] }], ..text("Tagihan") }));
    let notice = world.message(&world.budi(), "Tagihan").await;
    let pressed = world.budi().press_button(MAIN, notice.message_id, "Cek").unwrap();
    world.core.wait("the question to the gateway", |state| (state.shop.asked > 0).then_some(())).await;
    world.siti().press_start(MAIN, None).unwrap();
    world.message(&world.siti(), "Welcome").await;
    world.core.change(|state| state.shop.hanging = false);
    let Pressed::Callback { query_id } = pressed else { panic!("{pressed:?}") };
    world.sim.wait_for_answer(&query_id, PATIENCE).await.unwrap();
}
