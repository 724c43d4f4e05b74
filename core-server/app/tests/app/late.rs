//! Money that does not fit its order: late, too much, too little, twice.

use warung_app::{
    messaging::ClaimedDelivery,
    order::{CancelOrder, ExpireOrder},
    payment::AppliedOutcome,
};
use warung_domain::{
    message::Operation,
    money::Money,
    order::OrderState,
    payment::{Closure, Method, PaymentState},
};
use warung_store::{on_both_databases, testing::TestDatabase};

use crate::shop::Shop;

on_both_databases! {
    money_that_does_not_fit_is_never_lost;
    late_money_gets_its_goods_while_they_last;
    a_part_from_the_balance_is_not_enough_for_a_late_order;
    what_is_unused_is_told_to_buyer_and_seller;
}

async fn money_that_does_not_fit_is_never_lost(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let product = shop.stocked("akun", 20_000, 50).await;
    let mut sold = 0;
    for (buyer, (received, outcome, state, credited)) in (1..).zip([
        (20_000, AppliedOutcome::Settled, OrderState::Paid, 0),
        (20_001, AppliedOutcome::Settled, OrderState::Paid, 1),
        (45_000, AppliedOutcome::Settled, OrderState::Paid, 25_000),
        (19_999, AppliedOutcome::Short, OrderState::Pending, 19_999),
        (1, AppliedOutcome::Short, OrderState::Pending, 1),
    ]) {
        let buyer = shop.buyer(buyer).await;
        let order = shop.place(buyer, &[("akun", 1)]).await;
        let payment = shop.invoice(buyer, order).await;
        assert_eq!(shop.pay(payment, received).await, outcome, "{received}");
        assert_eq!(shop.pay(payment, received).await, AppliedOutcome::Repeated);
        let seen = shop.order(order).await;
        assert_eq!((seen.state, shop.balance(buyer).await), (state, credited), "{received}");
        assert_eq!(shop.payment(payment).await.state, PaymentState::Paid);
        sold += i64::from(outcome == AppliedOutcome::Settled);
        shop.proven().await;
        if outcome == AppliedOutcome::Short && credited > 10_000 {
            // They pay the rest by another invoice, with what came too short.
            let begun = shop.begin(buyer, order, Method::Qris, true).await.unwrap();
            shop.record(begun.payment_id).await;
            let rest = shop.payment(begun.payment_id).await.amount.minor_units;
            assert_eq!(rest, 500, "the balance leaves the gateway its minimum");
            assert_eq!(shop.pay(begun.payment_id, rest).await, AppliedOutcome::Settled);
            sold += 1;
        }
    }
    assert_eq!(shop.units(product).await.2, sold);
    // Twice: another attempt is paid as well.
    let buyer = shop.buyer(100).await;
    let order = shop.place(buyer, &[("akun", 1)]).await;
    let first = shop.invoice(buyer, order).await;
    let close = warung_app::payment::ClosePayment { payment_id: first, how: Closure::Cancelled };
    shop.core(close).await;
    let second = shop.invoice(buyer, order).await;
    assert_eq!(shop.pay(second, 20_000).await, AppliedOutcome::Settled);
    assert_eq!(shop.pay(first, 20_000).await, AppliedOutcome::Credited);
    assert_eq!((shop.order(order).await.paid, shop.balance(buyer).await), (Money::idr(20_000), 20_000));
    shop.proven().await;
}

async fn late_money_gets_its_goods_while_they_last(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let (buyer, other) = (shop.buyer(7).await, shop.buyer(8).await);
    let product = shop.stocked("akun", 20_000, 2).await;
    for cancelled in [true, false] {
        let order = shop.place(buyer, &[("akun", 1)]).await;
        let payment = shop.invoice(buyer, order).await;
        if cancelled {
            shop.run(buyer, CancelOrder { name: order.to_string() }).await.unwrap();
        } else {
            shop.test.clock.advance_seconds(900);
            assert!(shop.core(ExpireOrder { order_id: order }).await);
            // Archived, but there: what was paid for is given.
            shop.put("akun", warung_domain::catalog::ProductKind::Stock, 99_000, true).await;
        }
        assert_eq!(shop.pay(payment, 20_000).await, AppliedOutcome::Settled);
        assert_eq!(shop.order(order).await.state, OrderState::Paid);
        shop.proven().await;
    }
    assert_eq!(shop.units(product).await, (0, 0, 2));
    shop.put("akun", warung_domain::catalog::ProductKind::Stock, 20_000, false).await;
    shop.stock("akun", ["satu-lagi".to_owned()]).await;
    let order = shop.place(buyer, &[("akun", 1)]).await;
    let payment = shop.invoice(buyer, order).await;
    shop.run(buyer, CancelOrder { name: order.to_string() }).await.unwrap();
    shop.place(other, &[("akun", 1)]).await;
    assert_eq!(shop.pay(payment, 20_000).await, AppliedOutcome::Credited, "another buyer keeps the last one");
    assert_eq!((shop.order(order).await.state, shop.balance(buyer).await), (OrderState::Cancelled, 20_000));
    assert_eq!(shop.units(product).await, (0, 1, 2));
    shop.proven().await;
}

async fn a_part_from_the_balance_is_not_enough_for_a_late_order(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    shop.top_up(buyer, 15_000).await;
    let product = shop.stocked("akun", 20_000, 2).await;
    let order = shop.place(buyer, &[("akun", 1)]).await;
    let begun = shop.begin(buyer, order, Method::Qris, true).await.unwrap();
    shop.record(begun.payment_id).await;
    shop.run(buyer, CancelOrder { name: order.to_string() }).await.unwrap();
    assert_eq!(shop.pay(begun.payment_id, 5_000).await, AppliedOutcome::Credited);
    assert_eq!((shop.balance(buyer).await, shop.units(product).await), (20_000, (2, 0, 0)));
    shop.proven().await;
}

fn says(sent: &ClaimedDelivery, words: &[&str]) -> bool {
    match &sent.operation {
        Operation::Send(content) => words.iter().all(|words| content.text_html.contains(words)),
        _ => false,
    }
}

async fn what_is_unused_is_told_to_buyer_and_seller(database: TestDatabase) {
    let shop = Shop::new(database).await;
    shop.stocked("akun", 20_000, 50).await;
    for (telegram_id, received, cancelled, amount, word) in [
        (1, 23_000, false, "Rp3.000", "berlebih"),
        (2, 12_000, false, "Rp12.000", "kurang"),
        (3, 12_000, true, "Rp12.000", "setelah pesanan ditutup"),
    ] {
        let buyer = shop.buyer(telegram_id).await;
        let order = shop.place(buyer, &[("akun", 1)]).await;
        let payment = shop.invoice(buyer, order).await;
        if cancelled {
            shop.run(buyer, CancelOrder { name: order.to_string() }).await.unwrap();
        }
        shop.pay(payment, received).await;
        let code = shop.order(order).await.code;
        let sent = shop.sent().await;
        for chat_id in [telegram_id, warung_app::testing::ADMIN_ID] {
            let told = sent.iter().any(|sent| sent.chat_id == chat_id && says(sent, &[amount, word, &code]));
            assert!(told, "{chat_id} {word}: {sent:?}");
        }
    }
    // Twice: the payment that was given up is paid as well.
    let buyer = shop.buyer(4).await;
    let order = shop.place(buyer, &[("akun", 1)]).await;
    let first = shop.invoice(buyer, order).await;
    shop.core(warung_app::payment::ClosePayment { payment_id: first, how: Closure::Cancelled }).await;
    let second = shop.invoice(buyer, order).await;
    shop.pay(second, 20_000).await;
    shop.sent().await;
    assert_eq!(shop.pay(first, 20_000).await, AppliedOutcome::Credited);
    let (code, sent) = (shop.order(order).await.code, shop.sent().await);
    let mut told: Vec<_> = sent.iter().filter(|sent| says(sent, &["Rp20.000", "Pembayaran kedua", &code])).collect();
    told.sort_unstable_by_key(|sent| sent.chat_id);
    let chats: Vec<_> = told.iter().map(|sent| sent.chat_id).collect();
    assert_eq!(chats, [4, warung_app::testing::ADMIN_ID], "{sent:?}");
}
