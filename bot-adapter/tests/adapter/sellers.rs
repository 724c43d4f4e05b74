//! What sellers write.

use tonic::Code;
use warung_proto::{
    ErrorReason,
    order::{OrderLine, RefundDestination, RefundLine},
};

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
    assert_eq!(world.core.state().shop.goods, [(CODE.to_owned(), String::new(), goods.to_owned())]);
}

/// The order has a second line, and both wait for the seller.
fn with_two_lines(world: &World) {
    world.core.change(|state| {
        let order = &mut state.shop.orders[0];
        let first = order.lines[0].clone();
        order.lines = ["orl_1", "orl_2"].map(|id| OrderLine { order_line_id: id.into(), ..first.clone() }).into();
        order.lines[1].product_name = "Jasa desain".to_owned();
        order.lines.iter_mut().for_each(|line| line.awaits_goods = true);
    });
}

#[tokio::test]
async fn a_seller_hands_over_an_order_of_several_lines_one_by_one() {
    let (world, _adapter) = World::with_adapter().await;
    with_order(&world).await;
    with_two_lines(&world);
    let siti = world.started(SITI);
    for command in [format!("/serahkan {CODE} isi"), format!("/serahkan {CODE}#3 isi")] {
        let answer = world.say(&siti, &command).await;
        let text = answer.text();
        assert!(text.contains(&format!("/serahkan {CODE}#1")) && text.contains(&format!("{CODE}#2")), "{text}");
        assert!(text.contains("Jasa desain"), "{text}");
    }
    assert!(world.core.state().shop.goods.is_empty());
    for (number, goods) in [(2, "logo"), (1, "sandi #1")] {
        let answer = world.say(&siti, &format!("/serahkan {CODE}#{number} {goods}")).await;
        assert!(answer.text().contains("handed over"), "{}", answer.text());
    }
    let handed = |line: &str, goods: &str| (CODE.to_owned(), line.to_owned(), goods.to_owned());
    assert_eq!(world.core.state().shop.goods, [handed("orl_2", "logo"), handed("orl_1", "sandi #1")]);
    let answer = world.say(&siti, &format!("/serahkan {CODE}#7 isi")).await;
    assert!(answer.text().contains("waits for no goods"), "{}", answer.text());
}

#[tokio::test]
async fn a_seller_gives_the_money_of_one_line_back() {
    let (world, _adapter) = World::with_adapter().await;
    with_order(&world).await;
    with_two_lines(&world);
    let siti = world.started(SITI);
    for command in [format!("/refund {CODE} 2.500 saldo rusak"), format!("/refund {CODE}#9 saldo rusak")] {
        siti.send_text(MAIN, &command).unwrap();
        let answer = world.message(&siti, &format!("/refund {CODE}#2")).await;
        assert!(answer.text().contains("Rp10.000 left"), "{}", answer.text());
    }
    assert!(world.core.state().shop.refunds.is_empty(), "which line is not known");
    siti.send_text(MAIN, &format!("/refund {CODE}#2 2.500 saldo rusak")).unwrap();
    world.message(&siti, "Rp2.500 of Rp10.000").await;
    siti.send_text(MAIN, &format!("/refund {CODE}#1 saldo rusak")).unwrap();
    world.message(&siti, "Rp10.000 of Rp10.000").await;
    let part = |id: &str, amount| RefundLine { order_line_id: id.into(), amount };
    let lines: Vec<_> = world.core.state().shop.refunds.iter().map(|refund| refund.lines.clone()).collect();
    assert_eq!(lines, [[part("orl_2", Some(idr(2_500)))], [part("orl_1", None)]]);
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
