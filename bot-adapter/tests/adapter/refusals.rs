//! Why something was refused, in words that say what to do, and with the button that does it.

use tonic::Code;
use warung_emulators::telegram::{Fault, FaultKind};
use warung_proto::ErrorReason;

use crate::{
    core::refusal,
    core_shop::idr,
    shop::stock,
    world::{BUDI, MAIN, SITI, World, current, picture_of},
};

/// Opens the ways to pay one unit of the first product, for whoever it is.
async fn checkout(world: &World, user: i64) {
    let user = world.started(user);
    user.press_start(MAIN, Some("i_produk-1")).unwrap();
    world.idle().await;
    let screen = current(&user);
    let buy = screen.content.keyboard.iter().flatten().find(|button| button.text.starts_with('⚡')).unwrap();
    world.tap(&user, &buy.text).await;
}

#[tokio::test]
async fn each_refusal_of_an_order_or_its_payment_says_what_to_do() {
    let (world, _adapter) = World::with_adapter().await;
    let budi = world.started(BUDI);
    stock(&world, 1);
    let failed = Code::FailedPrecondition;
    let cases = [
        ("PlaceOrder", failed, ErrorReason::OutOfStock, "Stoknya tidak cukup", "◀️ Kembali"),
        ("PlaceOrder", failed, ErrorReason::PriceChanged, "berubah", "🧾 Lihat harga baru"),
        ("PlaceOrder", failed, ErrorReason::TooManyUnpaidOrders, "belum dibayar", "📦 Pesanan saya"),
        ("PlaceOrder", failed, ErrorReason::AmountBelowMinimum, "terlalu kecil", "◀️ Kembali"),
        ("PlaceOrder", failed, ErrorReason::NoWayToPay, "Belum ada metode pembayaran", "📦 Pesanan saya"),
        ("PlaceOrder", Code::NotFound, ErrorReason::NotFound, "tidak ditemukan", "🏠 Menu"),
        ("StartPayment", failed, ErrorReason::BalanceTooLow, "Saldomu tidak cukup", "➕ Isi saldo"),
        ("StartPayment", failed, ErrorReason::PaymentMethodUnavailable, "tidak tersedia", "💳 Metode lain"),
        ("StartPayment", failed, ErrorReason::AmountBelowMinimum, "terlalu kecil", "💳 Metode lain"),
        ("StartPayment", failed, ErrorReason::OrderNotPayable, "tidak bisa dibayar", "📦 Pesanan saya"),
        ("StartPayment", Code::Unavailable, ErrorReason::GatewayUnavailable, "tidak menjawab", "🔄 Coba lagi"),
    ];
    for (method, code, reason, words, button) in cases {
        let user = world.sim.add_user(warung_emulators::telegram::User::new(3_000 + i64::from(i32::from(reason)), "X"));
        checkout(&world, user.id()).await;
        world.core.change(|state| state.shop.refusals.insert(method, refusal(code, reason)));
        world.tap(&user, "📱 QRIS · biaya ± Rp485").await;
        world.core.change(|state| state.shop.refusals.clear());
        let screen = current(&user);
        assert!(screen.text().contains(words), "{reason:?}: {}", screen.text());
        assert!(screen.button(button).is_some(), "{reason:?}: {}", picture_of(&screen));
    }
    assert_eq!(budi.messages(MAIN).unwrap().iter().filter(|message| message.from_bot).count(), 0);
}

#[tokio::test]
async fn what_changed_since_it_was_shown_is_refused_and_shown_anew() {
    let (world, _adapter) = World::with_adapter().await;
    let budi = world.started(BUDI);
    stock(&world, 1);
    checkout(&world, BUDI).await;
    world.core.change(|state| state.shop.products[0].price = Some(idr(12_000)));
    world.tap(&budi, "📱 QRIS · biaya ± Rp485").await;
    assert!(current(&budi).text().contains("berubah"));
    world.tap(&budi, "🧾 Lihat harga baru").await;
    assert!(current(&budi).text().contains("Rp12.000"));
    world.core.change(|state| state.shop.products[0].stock = Some(0));
    world.tap(&budi, "📱 QRIS · biaya ± Rp485").await;
    assert!(current(&budi).text().contains("Stoknya tidak cukup"));
    assert!(world.core.state().shop.orders.is_empty());
}

#[tokio::test]
async fn a_gateway_that_is_back_pays_the_order_that_was_placed() {
    let (world, _adapter) = World::with_adapter().await;
    let siti = world.started(SITI);
    stock(&world, 1);
    checkout(&world, SITI).await;
    let away = refusal(Code::Unavailable, ErrorReason::GatewayUnavailable);
    world.core.change(|state| state.shop.refusals.insert("StartPayment", away));
    world.tap(&siti, "📱 QRIS · fee ± Rp485").await;
    let screen = current(&siti);
    assert!(screen.text().contains("nothing is ordered twice"), "{}", screen.text());
    world.core.change(|state| state.shop.refusals.clear());
    world.tap(&siti, "🔄 Try again").await;
    assert!(current(&siti).text().contains("is placed"));
    let state = world.core.state();
    assert_eq!((state.shop.orders.len(), state.shop.invoices.len()), (1, 1));
}

#[tokio::test]
async fn a_core_that_stays_away_is_one_calm_sentence_and_the_button_still_works() {
    let (world, _adapter) = World::with_adapter().await;
    let budi = world.started(BUDI);
    stock(&world, 1);
    checkout(&world, BUDI).await;
    let away = refusal(Code::Unavailable, ErrorReason::Unavailable);
    world.core.change(|state| state.shop.refusals.insert("StartPayment", away));
    let shown = world.tap(&budi, "📱 QRIS · biaya ± Rp485").await.unwrap_or_default();
    assert!(shown.contains("gangguan"), "{shown}");
    world.core.change(|state| state.shop.refusals.clear());
    assert_eq!(world.tap(&budi, "📱 QRIS · biaya ± Rp485").await, None);
    let state = world.core.state();
    assert_eq!((state.shop.orders.len(), state.shop.invoices.len()), (1, 1));
}

#[tokio::test]
async fn a_refusal_that_no_handler_knows_is_no_outage() {
    let (world, _adapter) = World::with_adapter().await;
    let budi = world.started(BUDI);
    stock(&world, 1);
    let help = world.say(&budi, "/help").await;
    let cases = [
        (Code::InvalidArgument, ErrorReason::InvalidArgument, "tidak bisa dibaca"),
        (Code::FailedPrecondition, ErrorReason::OrderNotRefundable, "tidak bisa dilakukan"),
        (Code::PermissionDenied, ErrorReason::Forbidden, "tidak bisa dilakukan"),
        (Code::NotFound, ErrorReason::NotFound, "tidak bisa dilakukan"),
        (Code::Internal, ErrorReason::Internal, "gangguan"),
    ];
    for (code, reason, words) in cases {
        world.core.change(|state| state.shop.refusals.insert("GetWallet", refusal(code, reason)));
        let answer = world.say(&budi, "/saldo").await;
        assert!(answer.text().contains(words), "{reason:?}: {}", answer.text());
        let shown = world.tap_on(&budi, help.message_id, "💰 Saldo").await.unwrap_or_default();
        assert!(shown.contains(words), "{reason:?}: {shown}");
    }
}

#[tokio::test]
async fn a_search_without_a_letter_finds_nothing_and_says_so() {
    let (world, _adapter) = World::with_adapter().await;
    let budi = world.started(BUDI);
    stock(&world, 3);
    let refused = refusal(Code::InvalidArgument, ErrorReason::InvalidArgument);
    world.core.change(|state| state.shop.refusals.insert("ListProducts", refused));
    for words in ["🎧", "%", "++"] {
        let answer = world.say(&budi, &format!("/produk {words}")).await;
        assert!(
            answer.text().contains(&format!("Tidak ada yang cocok dengan “\u{2068}{words}\u{2069}”")),
            "{}",
            answer.text()
        );
        assert!(answer.button("🗂 Kategori").is_some());
    }
    world.core.change(|state| state.shop.refusals.clear());
    let answer = world.say(&budi, "/produk zzz").await;
    assert!(answer.text().contains("Tidak ada yang cocok dengan “\u{2068}zzz\u{2069}”"), "{}", answer.text());
}

#[tokio::test]
async fn an_answer_that_telegram_refuses_leaves_nobody_in_silence() {
    let (world, _adapter) = World::with_adapter().await;
    let budi = world.started(BUDI);
    stock(&world, 1);
    let refused = |method: &str| {
        let description = Some("Bad Request: reply markup is too long".to_owned());
        Fault::next(method, FaultKind::Status { code: 400, description, retry_after: None })
    };
    world.fault(refused("sendMessage"));
    assert!(world.say(&budi, "/saldo").await.text().contains("gangguan"));
    let help = world.say(&budi, "/help").await;
    world.fault(refused("editMessageText"));
    let shown = world.tap_on(&budi, help.message_id, "💰 Saldo").await.unwrap_or_default();
    assert!(shown.contains("gangguan"), "{shown}");
    // A payment is carried on by itself.
    checkout(&world, BUDI).await;
    world.fault(refused("editMessageText"));
    let shown = world.tap(&budi, "📱 QRIS · biaya ± Rp485").await.unwrap_or_default();
    assert!(shown.contains("gangguan"), "{shown}");
}
