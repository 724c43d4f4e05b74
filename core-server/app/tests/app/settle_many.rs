//! Money of many payments that arrives at the same moment.

use warung_app::payment::WebhookResult;
use warung_domain::{catalog::ProductKind, order::OrderState, payment::PaymentState, principal::Principal};
use warung_store::{on_both_databases, testing::TestDatabase};

use crate::{
    gateway::{checkout, paid},
    shop::Shop,
};

on_both_databases! {
    money_that_arrives_at_once_settles_each_order_as_if_it_came_alone;
    money_that_can_not_be_booked_keeps_no_other_from_being_booked;
}

async fn money_that_arrives_at_once_settles_each_order_as_if_it_came_alone(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let first = shop.stocked("akun", 20_000, 100).await;
    let second = shop.stocked("voucher", 20_000, 100).await;
    shop.product("panduan", ProductKind::Shared, 20_000).await;
    shop.product("vip", ProductKind::Membership, 20_000).await;
    shop.product("saldo", ProductKind::TopUp, 20_000).await;
    let codes = ["akun", "voucher", "panduan", "vip", "saldo"];
    let (checkout, gateway) = checkout(&shop);
    let mut payments = Vec::new();
    for telegram_id in 1..=20 {
        let buyer = shop.buyer(telegram_id).await;
        // Two of a buyer's: each finds the wallet and the membership as the other left them.
        for place in 0..2_usize {
            let code = codes[(usize::try_from(telegram_id).unwrap() + place) % codes.len()];
            let order = shop.place(buyer, &[(code, 1)]).await;
            payments.push((shop.invoice(buyer, order).await, order, code));
        }
    }
    gateway.says(std::iter::repeat_n(Ok(paid(20_000)), payments.len()));
    for (payment, ..) in &payments {
        let found = shop.payment(*payment).await;
        let body = format!("{} 20000", found.reference);
        let told = checkout.receive_webhook(&shop.call(Principal::CORE), "PAKASIR", body.as_bytes(), "").await;
        assert_eq!(told.unwrap(), WebhookResult::Kept);
    }
    assert_eq!(checkout.ask_due(&shop.call(Principal::CORE)).await.unwrap(), payments.len());
    for (payment, order, code) in &payments {
        let done = if matches!(*code, "vip" | "saldo") { OrderState::Completed } else { OrderState::Paid };
        assert_eq!(shop.order(*order).await.state, done, "{code}");
        assert_eq!(shop.payment(*payment).await.state, PaymentState::Paid);
    }
    let sold = |code: &str| i64::try_from(payments.iter().filter(|(.., of)| *of == code).count()).unwrap();
    assert_eq!(shop.units(first).await, (100 - sold("akun"), 0, sold("akun")));
    assert_eq!(shop.units(second).await, (100 - sold("voucher"), 0, sold("voucher")));
    assert_eq!(gateway.asked(), payments.len(), "each once");
    shop.proven().await;
}

async fn money_that_can_not_be_booked_keeps_no_other_from_being_booked(database: TestDatabase) {
    let shop = Shop::new(database).await;
    shop.stocked("akun", 20_000, 20).await;
    // Units that can be ordered, and no line that could be given.
    let broken = shop.product("rusak", ProductKind::Stock, 20_000).await;
    shop.core(crate::shop::Plant(crate::asking::Counter { product: broken, available: 1, reserved: 0 })).await;
    let mut payments = Vec::new();
    for telegram_id in 1..=8 {
        let buyer = shop.buyer(telegram_id).await;
        let code = if telegram_id == 4 { "rusak" } else { "akun" };
        let order = shop.place(buyer, &[(code, 1)]).await;
        payments.push((shop.invoice(buyer, order).await, code));
    }
    let (checkout, gateway) = checkout(&shop);
    gateway.says(std::iter::repeat_n(Ok(paid(20_000)), payments.len()));
    shop.test.clock.advance_seconds(20);
    assert_eq!(checkout.ask_due(&shop.call(Principal::CORE)).await.unwrap(), payments.len());
    for (payment, code) in payments {
        let state = if code == "rusak" { PaymentState::Open } else { PaymentState::Paid };
        assert_eq!(shop.payment(payment).await.state, state, "{code}");
    }
    assert_eq!(shop.to_review().await, ["NOT_BOOKED Rp20.000"]);
}
