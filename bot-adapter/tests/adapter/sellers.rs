//! What sellers write.

use tonic::Code;
use warung_proto::{ErrorReason, order::RefundDestination};

use crate::{
    core::refusal,
    core_shop::idr,
    shop::stock,
    world::{BUDI, MAIN, SITI, World},
};

const CODE: &str = "tg1001-00000001";

/// A shop with an order of Budi's; Siti sells.
async fn with_order(world: &World) {
    let budi = world.started(BUDI);
    stock(world, 1);
    world.core.change(|state| state.shop.sellers.insert(SITI));
    budi.press_start(MAIN, Some("i_produk-1")).unwrap();
    world.idle().await;
    world.tap(&budi, "⚡ Beli sekarang · Rp10.000").await;
    world.tap(&budi, "📱 QRIS · biaya ± Rp485").await;
    world.core.change(|state| state.shop.orders[0].paid = Some(idr(10_000)));
}

#[tokio::test]
async fn a_seller_hands_over_goods_of_several_lines() {
    let (world, _adapter) = World::with_adapter().await;
    with_order(&world).await;
    let siti = world.started(SITI);
    let goods = "akun@contoh.id\n  sandi: <rahasia> & 🎬";
    let answer = world.say(&siti, &format!("/serahkan {CODE}\n{goods}")).await;
    assert!(answer.text().contains("handed over") && answer.text().contains(CODE), "{}", answer.text());
    assert!(!answer.text().contains("rahasia"));
    assert_eq!(world.core.state().shop.goods, [(CODE.to_owned(), goods.to_owned())]);
}

#[tokio::test]
async fn goods_with_a_character_that_can_not_be_seen_are_told_apart_from_half_a_command() {
    let (world, _adapter) = World::with_adapter().await;
    with_order(&world).await;
    let siti = world.started(SITI);
    // Of what a core refuses in goods, the one that its API refuses.
    let answer = world.say(&siti, &format!("/serahkan {CODE} rahasia\0x")).await;
    assert!(answer.text().contains("can't be seen") && !answer.text().contains("rahasia"), "{}", answer.text());
    assert!(world.core.state().shop.goods.is_empty());
}

#[tokio::test]
async fn a_seller_gives_money_back_in_part_or_whole() {
    let (world, _adapter) = World::with_adapter().await;
    with_order(&world).await;
    let siti = world.started(SITI);
    siti.send_text(MAIN, &format!("/refund {CODE} 2.500 saldo barang rusak")).unwrap();
    let answer = world.message(&siti, "is refunded").await;
    assert!(answer.text().contains("Rp2.500 of Rp10.000"), "{}", answer.text());
    siti.send_text(MAIN, &format!("/refund {CODE} gateway salah beli")).unwrap();
    world.message(&siti, "Rp10.000 of Rp10.000").await;
    let refunds = world.core.state().shop.refunds.clone();
    let seen: Vec<_> = refunds.iter().map(|r| (r.amount.clone(), r.destination(), r.reason.as_str())).collect();
    let expected = [
        (Some(idr(2_500)), RefundDestination::Balance, "barang rusak"),
        (None, RefundDestination::Gateway, "salah beli"),
    ];
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn half_a_command_is_explained_to_sellers_and_does_not_exist_for_others() {
    let (world, _adapter) = World::with_adapter().await;
    with_order(&world).await;
    let (budi, siti) = (world.started(BUDI), world.started(SITI));
    let commands = [
        "/serahkan",
        "/serahkan tg1",
        "/refund",
        "/refund tg1 saldo",
        "/refund tg1 -5 saldo x",
        "/refund tg1 1e3 saldo x",
    ];
    for command in commands {
        let answer = world.say(&siti, command).await;
        assert!(answer.text().contains("Write the order's code"), "{command}: {}", answer.text());
        let answer = world.say(&budi, command).await;
        assert!(answer.text().contains("belum mengerti"), "{command}: {}", answer.text());
    }
    for (amount, words) in [("-5", "is below zero"), ("1e3", "is not an amount"), ("1.500rb", "more than one amount")] {
        let answer = world.say(&siti, &format!("/refund tg1 {amount} saldo x")).await;
        assert!(answer.text().starts_with(&format!("“\u{2068}{amount}\u{2069}” ")), "{}", answer.text());
        assert!(answer.text().contains(words), "{}", answer.text());
    }
    let whole = [format!("/serahkan {CODE} isi"), format!("/refund {CODE} saldo alasan")];
    for command in whole {
        budi.send_text(MAIN, "/start").unwrap();
        world.message(&budi, "Selamat datang").await;
        budi.send_text(MAIN, &command).unwrap();
        world.idle().await;
        budi.wait_for_message(MAIN, |last| last.text().contains("belum mengerti"), crate::core::PATIENCE)
            .await
            .unwrap();
    }
    let state = world.core.state();
    assert!(state.shop.goods.is_empty() && state.shop.refunds.is_empty());
}

#[tokio::test]
async fn a_seller_is_told_why_it_can_t_be_done() {
    let (world, _adapter) = World::with_adapter().await;
    with_order(&world).await;
    let siti = world.started(SITI);
    let cases = [
        (
            "FulfilOrder",
            "/serahkan tg7-x isi",
            Code::FailedPrecondition,
            ErrorReason::NothingToFulfil,
            "waits for no goods",
        ),
        ("FulfilOrder", "/serahkan tg7-x isi", Code::NotFound, ErrorReason::NotFound, "was not found"),
        (
            "RefundOrder",
            "/refund tg7-x saldo y",
            Code::FailedPrecondition,
            ErrorReason::OrderNotRefundable,
            "is not paid",
        ),
        (
            "RefundOrder",
            "/refund tg7-x gateway y",
            Code::FailedPrecondition,
            ErrorReason::RefundUnsupported,
            "/refund tg7-x balance",
        ),
        (
            "RefundOrder",
            "/refund tg7-x saldo y",
            Code::FailedPrecondition,
            ErrorReason::TopUpByGatewayOnly,
            "/refund tg7-x gateway",
        ),
        (
            "RefundOrder",
            "/refund tg7-x gateway y",
            Code::FailedPrecondition,
            ErrorReason::TopUpNotRefundable,
            "transfer it yourself",
        ),
        (
            "RefundOrder",
            "/refund tg7-x saldo y",
            Code::InvalidArgument,
            ErrorReason::InvalidArgument,
            "Write the order's",
        ),
        (
            "RefundOrder",
            "/refund tg7-x gateway y",
            Code::Unavailable,
            ErrorReason::GatewayUnavailable,
            "does not answer",
        ),
    ];
    for (method, command, code, reason, words) in cases {
        world.core.change(|state| {
            state.shop.refusals.clear();
            state.shop.refusals.insert(method, refusal(code, reason));
        });
        siti.send_text(MAIN, command).unwrap();
        world.message(&siti, words).await;
    }
}

#[tokio::test]
async fn the_help_of_a_seller_has_their_commands() {
    let (world, _adapter) = World::with_adapter().await;
    with_order(&world).await;
    assert!(world.say(&world.started(SITI), "/help").await.text().contains("/serahkan"));
    assert!(!world.say(&world.started(BUDI), "/help").await.text().contains("/serahkan"));
}
