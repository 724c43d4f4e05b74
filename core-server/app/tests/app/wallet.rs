//! Wallets: top-ups and statements.

use warung_app::{
    Error, PageRequest,
    wallet::{EntryKind, GetWallet, ListEntries},
};
use warung_domain::{money::Money, order::OrderState, payment::Method, principal::Principal};
use warung_store::{on_both_databases, testing::TestDatabase};

use crate::shop::{Shop, topping_up};

on_both_databases! {
    a_top_up_keeps_its_bounds;
    a_statement_tells_every_change_of_the_balance;
}

async fn a_top_up_keeps_its_bounds(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    let wallet = shop.ask(buyer, GetWallet).await;
    assert_eq!(
        (wallet.balance, wallet.top_up_minimum, wallet.top_up_maximum),
        (Money::idr(0), Money::idr(10_000), Money::idr(10_000_000))
    );
    for amount in [i64::MIN, -1, 0, 9_999, 10_000_001, i64::MAX] {
        let refused = shop.run(buyer, topping_up(Money::idr(amount))).await;
        assert!(matches!(refused, Err(Error::Invalid(_))), "{amount}: {refused:?}");
    }
    assert!(matches!(shop.run(buyer, topping_up(Money::xtr(10_000))).await, Err(Error::Invalid(_))));
    assert!(matches!(shop.run(Principal::CORE, topping_up(Money::idr(10_000))).await, Err(Error::Unauthenticated(_))));
    let order = shop.order(shop.top_up(buyer, 10_000).await).await;
    assert_eq!(
        (order.state, &*order.lines[0].product_name, order.lines[0].product_id),
        (OrderState::Completed, "Isi saldo", None)
    );
    assert_eq!(shop.ask(buyer, GetWallet).await.balance, Money::idr(10_000));
    shop.proven().await;
}

async fn a_statement_tells_every_change_of_the_balance(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let (buyer, other) = (shop.buyer(7).await, shop.buyer(8).await);
    shop.stocked("akun", 15_000, 5).await;
    shop.top_up(buyer, 20_000).await;
    let bought = shop.place(buyer, &[("akun", 1)]).await;
    shop.begin(buyer, bought, Method::Qris, true).await.unwrap();
    let order = shop.place(buyer, &[("akun", 1)]).await;
    let payment = shop.invoice(buyer, order).await;
    shop.pay(payment, 16_000).await;
    let page = |size, token: &str| ListEntries { page: PageRequest { size, token: token.into() } };
    let (first, next) = shop.ask(buyer, page(2, "")).await;
    let (rest, end) = shop.ask(buyer, page(2, &next)).await;
    assert_eq!(end, "");
    let told: Vec<_> = first
        .iter()
        .chain(&rest)
        .map(|entry| (entry.kind, entry.amount.minor_units, entry.balance_after.minor_units))
        .collect();
    assert_eq!(
        told,
        [(EntryKind::Credit, 1_000, 6_000), (EntryKind::Purchase, -15_000, 5_000), (EntryKind::TopUp, 20_000, 20_000)]
    );
    assert_eq!(first[0].order_code, shop.order(order).await.code);
    assert!(shop.ask(other, page(10, "")).await.0.is_empty());
    shop.proven().await;
}
