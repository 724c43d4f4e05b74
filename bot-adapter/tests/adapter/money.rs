//! The wallet in the chat.

use prost_types::Timestamp;
use warung_proto::{
    payment::{PaymentMethod, PaymentState},
    wallet::{Wallet, WalletEntry, wallet_entry::Kind},
};

use crate::{
    core_shop::{NOW, idr},
    orders::press,
    shop::{data_of, stock},
    world::{BUDI, SITI, World, current, picture_of},
};

fn wallet(world: &World) {
    stock(world, 1);
    world.core.change(|state| {
        state.shop.wallet = Wallet {
            balance: Some(idr(45_000)),
            receivable: Some(idr(5_000)),
            top_up_minimum: Some(idr(10_000)),
            top_up_maximum: Some(idr(100_000)),
        };
        let entry = |kind: Kind, amount, order_code: &str| WalletEntry {
            kind: kind.into(),
            amount: Some(idr(amount)),
            order_code: order_code.to_owned(),
            create_time: Some(Timestamp { seconds: NOW, nanos: 0 }),
            ..WalletEntry::default()
        };
        state.shop.entries = vec![
            entry(Kind::Purchase, -25_000, "tg1001-abcd2345"),
            entry(Kind::TopUp, 50_000, "tg1001-efgh6789"),
            entry(Kind::Return, 1_000, "tg1001-x"),
            entry(Kind::Refund, 2_000, "tg1001-y"),
            entry(Kind::Credit, 3_000, ""),
            entry(Kind::Reversal, -4_000, "tg1001-z"),
        ];
    });
}

#[tokio::test]
async fn the_balance_is_shown_with_what_happened_to_it() {
    let (world, _adapter) = World::with_adapter().await;
    wallet(&world);
    insta::assert_snapshot!("wallet", picture_of(&world.say(&world.started(BUDI), "/saldo").await));
    insta::assert_snapshot!("wallet_en", picture_of(&world.say(&world.started(SITI), "/wallet").await));
}

#[tokio::test]
async fn a_top_up_is_chosen_and_its_invoice_sent_once() {
    let (world, _adapter) = World::with_adapter().await;
    let budi = world.started(BUDI);
    wallet(&world);
    world.say(&budi, "/saldo").await;
    world.tap(&budi, "➕ Isi saldo").await;
    insta::assert_snapshot!("top_up", picture_of(&current(&budi)));
    world.tap(&budi, "Rp50.000").await;
    insta::assert_snapshot!("top_up_methods", picture_of(&current(&budi)));
    world.tap(&budi, "📱 QRIS · biaya ± Rp485").await;
    assert!(current(&budi).text().contains("dibuat"));
    {
        let state = world.core.state();
        assert_eq!(state.shop.orders[0].lines[0].gross, Some(idr(50_000)));
        assert_eq!((state.shop.orders.len(), state.shop.invoices.len()), (1, 1));
    }
    world.tap(&budi, "🧾 Lihat pesanan").await;
    world.tap(&budi, "💳 Metode lain").await;
    let ways = picture_of(&current(&budi));
    assert!(ways.contains("Virtual account bank") && !ways.contains("💰"), "a balance tops up no balance: {ways}");
}

#[tokio::test]
async fn all_ways_to_pay_of_one_screen_and_its_banks_top_up_one_order() {
    let (world, _adapter) = World::with_adapter().await;
    let budi = world.started(BUDI);
    wallet(&world);
    let ways = world.say(&budi, "/topup 75000").await;
    let qris = data_of(&ways, "📱 QRIS · biaya ± Rp485");
    world.tap(&budi, "🏦 Virtual account bank").await;
    assert!(current(&budi).text().contains("Yang harus dibayar: Rp75.000"), "{}", current(&budi).text());
    world.tap(&budi, "◀️ Kembali").await;
    assert!(current(&budi).button("📱 QRIS · biaya ± Rp485").is_some());
    press(&world, &data_of(&ways, "🏦 Virtual account bank")).await;
    let banks = world.message(&budi, "Virtual account bank").await;
    for data in [qris.clone(), qris, data_of(&banks, "BNI · ± Rp3.500")] {
        press(&world, &data).await;
    }
    let state = world.core.state();
    let [order] = state.shop.orders.as_slice() else { panic!("{} orders", state.shop.orders.len()) };
    let methods: Vec<_> = order.payments.iter().map(|payment| (payment.method(), payment.state())).collect();
    assert_eq!(methods, [(PaymentMethod::BniVa, PaymentState::Open), (PaymentMethod::Qris, PaymentState::Cancelled)]);
    assert_eq!(state.shop.invoices.len(), 2, "a repeated press sends no second invoice");
}

#[tokio::test]
async fn an_amount_of_one_s_own_is_written_and_one_out_of_bounds_is_explained() {
    let (world, _adapter) = World::with_adapter().await;
    let budi = world.started(BUDI);
    wallet(&world);
    for text in ["/topup 75000", "/topup Rp75.000", "/topup 75rb", "/topup Rp. 75.000,-", "/topup 75 ribu"] {
        let screen = world.say(&budi, text).await;
        assert!(screen.text().contains("Isi saldo Rp75.000"), "{text}: {}", screen.text());
        assert!(screen.button("💰 Bayar dari saldo (Rp45.000)").is_none(), "a balance tops up no balance");
    }
    for text in ["/topup 9999", "/topup 100001", "/topup 99999999999999"] {
        let screen = world.say(&budi, text).await;
        assert!(screen.text().contains("minimal Rp10.000, maksimal Rp100.000"), "{}", screen.text());
    }
    let wrong = [
        ("", "Isi saldo"),
        (" banyak", "“\u{2068}banyak\u{2069}” bukan jumlah uang"),
        (" -5", "“\u{2068}-5\u{2069}” kurang dari nol"),
        (" 1.500rb", "“\u{2068}1.500rb\u{2069}” bisa berarti lebih dari satu jumlah"),
        (" <b>", "“\u{2068}<b>\u{2069}” bukan jumlah uang"),
    ];
    for (amount, words) in wrong {
        let screen = world.say(&budi, &format!("/topup{amount}")).await;
        assert!(screen.text().contains("Pilih jumlahnya") && screen.text().contains(words), "{}", screen.text());
    }
    assert!(world.core.state().shop.orders.is_empty());
}
