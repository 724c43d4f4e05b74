//! Orders of several lines: each is handed over, and goes back, by itself.

use chrono::{DateTime, TimeDelta, Utc};
use warung_app::{
    Error, Precondition, Result,
    order::{FulfilOrder, SendGoods},
    payment::{BeginRefund, BegunRefund, FinishRefund, LineRefund},
};
use warung_domain::{
    catalog::ProductKind,
    goods::Goods,
    ids::{OrderId, OrderLineId},
    money::Money,
    order::{HoldReason, OrderState},
    payment::Destination,
    principal::Principal,
};
use warung_store::{on_both_databases, testing::TestDatabase};

use crate::{
    goods::to,
    shop::{FindMembership, Shop},
};

on_both_databases! {
    days_go_back_with_the_money_of_their_own_line_alone;
    of_a_line_no_more_goes_back_than_was_paid_for_it;
    a_refund_that_names_no_line_is_spread_by_what_is_left_of_each;
    a_refund_names_lines_of_its_order_each_once;
    what_is_made_by_hand_is_handed_over_line_by_line;
    an_order_waits_for_no_line_whose_money_went_back;
    goods_of_a_line_that_went_back_are_not_sent_any_more;
}

async fn line_of(shop: &Shop, order: OrderId, place: usize) -> OrderLineId {
    shop.order(order).await.lines[place].id
}

async fn refunded(shop: &Shop, order: OrderId) -> Vec<i64> {
    shop.order(order).await.lines.iter().map(|line| line.refunded.minor_units).collect()
}

/// What goes back of lines, by their places.
async fn of_lines(shop: &Shop, order: OrderId, parts: &[(usize, Option<i64>)]) -> BeginRefund {
    let lines = shop.order(order).await.lines;
    let part =
        |(place, amount): &(usize, Option<i64>)| LineRefund { line: lines[*place].id, amount: amount.map(Money::idr) };
    BeginRefund {
        order: order.to_string(),
        amount: None,
        lines: parts.iter().map(part).collect(),
        destination: Destination::Balance,
        reason: "rusak".to_owned(),
        gateway_can_refund: true,
    }
}

async fn refund(shop: &Shop, order: OrderId, parts: &[(usize, Option<i64>)]) -> Result<BegunRefund> {
    let command = of_lines(shop, order, parts).await;
    shop.run(Principal::CORE, command).await
}

fn is_too_much(refused: &Result<BegunRefund>) -> bool {
    matches!(refused, Err(Error::Precondition(Precondition::OrderNotRefundable)))
}

async fn member_until(shop: &Shop, buyer: Principal) -> DateTime<Utc> {
    shop.ask(buyer, FindMembership(buyer.person.unwrap().user_id)).await.unwrap()
}

async fn days_go_back_with_the_money_of_their_own_line_alone(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    shop.product("buku", ProductKind::Shared, 50_000).await;
    shop.product("vip", ProductKind::Membership, 50_000).await;
    let full = shop.test.engine.now() + TimeDelta::days(30);
    let order = shop.bought(buyer, &[("buku", 1), ("vip", 1)]).await;
    refund(&shop, order, &[(0, None)]).await.unwrap();
    assert_eq!((member_until(&shop, buyer).await, shop.balance(buyer).await), (full, 50_000));
    let told = to(&shop.sent().await, 7);
    assert!(told.contains("• Produk buku: Rp50.000") && !told.contains("VIP kamu sekarang"), "{told}");
    refund(&shop, order, &[(1, Some(25_000))]).await.unwrap();
    assert_eq!(member_until(&shop, buyer).await, full - TimeDelta::days(15));
    assert_eq!(
        (refunded(&shop, order).await, shop.order(order).await.state),
        (vec![50_000, 25_000], OrderState::Completed)
    );
    refund(&shop, order, &[(1, None)]).await.unwrap();
    assert_eq!(member_until(&shop, buyer).await, shop.test.engine.now(), "all days, and never what has passed");
    assert_eq!(shop.order(order).await.state, OrderState::Refunded);
    shop.proven().await;
}

async fn of_a_line_no_more_goes_back_than_was_paid_for_it(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    shop.stocked("akun", 20_000, 5).await;
    shop.product("buku", ProductKind::Shared, 50_000).await;
    let order = shop.bought(buyer, &[("akun", 1), ("buku", 1)]).await;
    let refused = refund(&shop, order, &[(0, Some(20_001))]).await;
    assert!(is_too_much(&refused), "{refused:?}");
    // What is on its way counts, of its line alone.
    let to_gateway =
        BeginRefund { destination: Destination::Gateway, ..of_lines(&shop, order, &[(0, Some(15_000))]).await };
    let begun = shop.run(Principal::CORE, to_gateway).await.unwrap();
    let refused = refund(&shop, order, &[(0, Some(5_001))]).await;
    assert!(is_too_much(&refused), "{refused:?}");
    refund(&shop, order, &[(1, Some(40_000)), (0, Some(1_000))]).await.unwrap();
    shop.core(FinishRefund { refund_id: begun.refund_id, done: false }).await;
    refund(&shop, order, &[(0, None)]).await.unwrap();
    assert_eq!(refunded(&shop, order).await, [20_000, 40_000], "what failed is free again");
    let refused = refund(&shop, order, &[(0, None), (1, Some(1))]).await;
    assert!(is_too_much(&refused), "nothing is left of one of them: {refused:?}");
    assert_eq!(shop.balance(buyer).await, 60_000);
    shop.proven().await;
}

async fn a_refund_that_names_no_line_is_spread_by_what_is_left_of_each(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    for (code, price) in [("satu", 10_000), ("dua", 20_000), ("tiga", 30_001)] {
        shop.product(code, ProductKind::Shared, price).await;
    }
    let order = shop.bought(buyer, &[("satu", 1), ("dua", 1), ("tiga", 1)]).await;
    refund(&shop, order, &[(0, None)]).await.unwrap();
    let none = of_lines(&shop, order, &[]).await;
    let some = BeginRefund { amount: Some(Money::idr(10_000)), ..none.clone() };
    shop.run(Principal::CORE, some).await.unwrap();
    assert_eq!(refunded(&shop, order).await, [10_000, 4_000, 6_000]);
    let refused = shop.run(Principal::CORE, BeginRefund { amount: Some(Money::idr(40_002)), ..none.clone() }).await;
    assert!(is_too_much(&refused), "{refused:?}");
    shop.run(Principal::CORE, none).await.unwrap();
    assert_eq!(refunded(&shop, order).await, [10_000, 20_000, 30_001]);
    assert_eq!((shop.order(order).await.state, shop.balance(buyer).await), (OrderState::Refunded, 60_001));
    shop.proven().await;
}

async fn a_refund_names_lines_of_its_order_each_once(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    shop.stocked("akun", 20_000, 5).await;
    shop.product("buku", ProductKind::Shared, 50_000).await;
    let order = shop.bought(buyer, &[("akun", 1), ("buku", 1)]).await;
    let other = shop.bought(buyer, &[("buku", 1)]).await;
    let foreign = LineRefund { line: line_of(&shop, other, 0).await, amount: None };
    let good = of_lines(&shop, order, &[(0, Some(1_000))]).await;
    for (wrong, field) in [
        (BeginRefund { lines: vec![foreign], ..good.clone() }, "lines[0].order_line_id"),
        (BeginRefund { amount: Some(Money::idr(1_000)), ..good.clone() }, "amount"),
        (of_lines(&shop, order, &[(0, Some(1)), (0, Some(1))]).await, "lines"),
        (of_lines(&shop, order, &[(1, Some(0))]).await, "lines[0].amount"),
    ] {
        let Err(Error::Invalid(violations)) = shop.run(Principal::CORE, wrong).await else { panic!("{field}") };
        assert!(violations.iter().any(|violation| violation.field == field), "{field}: {violations}");
    }
    assert_eq!((refunded(&shop, order).await, refunded(&shop, other).await), (vec![0, 0], vec![0]));
}

async fn what_is_made_by_hand_is_handed_over_line_by_line(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    shop.stocked("akun", 20_000, 5).await;
    shop.product("logo", ProductKind::Manual, 50_000).await;
    shop.product("poster", ProductKind::Manual, 30_000).await;
    let order = shop.bought(buyer, &[("akun", 1), ("logo", 1), ("poster", 1)]).await;
    let sent = shop.sent().await;
    assert!(to(&sent, warung_app::testing::ADMIN_ID).contains("nomor 2, 3"), "the seller is told which");
    assert!(to(&sent, 7).contains("rahasia-akun-0"), "what is there is sent at once");
    let waits = async || {
        let order = shop.order(order).await;
        (order.state, order.hold_reason, order.lines.iter().map(|line| line.awaits_goods).collect::<Vec<_>>())
    };
    let manual = Some(HoldReason::Manual);
    assert_eq!(waits().await, (OrderState::Paid, manual, vec![false, true, true]));
    let fulfil = |line, goods: &str| FulfilOrder { name: order.to_string(), line, goods: Goods::new(goods.to_owned()) };
    let Err(Error::Invalid(violations)) = shop.run(Principal::CORE, fulfil(None, "yang mana")).await else { panic!() };
    assert_eq!(violations.iter().next().unwrap().field, "order_line_id");
    let [account, logo, poster] =
        [line_of(&shop, order, 0).await, line_of(&shop, order, 1).await, line_of(&shop, order, 2).await];
    let refused = shop.run(Principal::CORE, fulfil(Some(account), "bukan ini")).await;
    assert!(matches!(refused, Err(Error::Precondition(Precondition::NothingToFulfil))), "{refused:?}");
    shop.run(Principal::CORE, fulfil(Some(poster), "isi poster")).await.unwrap();
    let told = to(&shop.sent().await, 7);
    let place = |text: &str| told.find(text).unwrap_or_else(|| panic!("{text}: {told}"));
    assert!(place("Produk poster") < place("<code>isi poster</code>") && !told.contains("Produk logo"), "{told}");
    assert_eq!(waits().await, (OrderState::Paid, manual, vec![false, true, false]));
    let again = shop.run(Principal::CORE, fulfil(Some(poster), "sekali lagi")).await;
    assert!(matches!(again, Err(Error::Precondition(Precondition::NothingToFulfil))), "{again:?}");
    // The only one left needs no name.
    shop.run(Principal::CORE, fulfil(None, "isi logo")).await.unwrap();
    assert_eq!(waits().await, (OrderState::Paid, None, vec![false, false, false]));
    let told = to(&shop.sent().await, 7);
    let place = |text: &str| told.find(text).unwrap_or_else(|| panic!("{text}: {told}"));
    assert!(place("Produk logo") < place("isi logo") && place("isi logo") < place("Produk poster"), "{told}");
    assert!(place("Produk poster") < place("isi poster"), "each under its product: {told}");
    assert_eq!(shop.order(order).await.state, OrderState::Completed);
    let late = shop.run(Principal::CORE, fulfil(Some(logo), "lagi")).await;
    assert!(matches!(late, Err(Error::Precondition(Precondition::NothingToFulfil))), "{late:?}");
    shop.proven().await;
}

async fn an_order_waits_for_no_line_whose_money_went_back(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    shop.stocked("akun", 20_000, 5).await;
    shop.product("vip", ProductKind::Membership, 20_000).await;
    shop.product("logo", ProductKind::Manual, 50_000).await;
    let seen = async |order| {
        let order = shop.order(order).await;
        (order.state, order.hold_reason)
    };
    let arrived = shop.bought(buyer, &[("akun", 1), ("logo", 1)]).await;
    shop.sent().await;
    refund(&shop, arrived, &[(1, Some(49_999))]).await.unwrap();
    assert_eq!(seen(arrived).await, (OrderState::Paid, Some(HoldReason::Manual)), "something of it is still paid for");
    refund(&shop, arrived, &[(1, None)]).await.unwrap();
    assert_eq!(seen(arrived).await, (OrderState::Completed, None));
    let underway = shop.bought(buyer, &[("akun", 1), ("logo", 1)]).await;
    refund(&shop, underway, &[(1, None)]).await.unwrap();
    assert_eq!(seen(underway).await, (OrderState::Paid, None));
    shop.sent().await;
    assert_eq!(seen(underway).await, (OrderState::Completed, None));
    let without_goods = shop.bought(buyer, &[("vip", 1), ("logo", 1)]).await;
    refund(&shop, without_goods, &[(1, None)]).await.unwrap();
    assert_eq!(seen(without_goods).await, (OrderState::Completed, None));
    let late = FulfilOrder { name: arrived.to_string(), line: None, goods: Goods::new("logo".to_owned()) };
    let late = shop.run(Principal::CORE, late).await;
    assert!(matches!(late, Err(Error::Precondition(Precondition::NothingToFulfil))), "{late:?}");
    shop.proven().await;
}

async fn goods_of_a_line_that_went_back_are_not_sent_any_more(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    shop.stocked("akun", 20_000, 5).await;
    shop.product("buku", ProductKind::Shared, 50_000).await;
    shop.product("vip", ProductKind::Membership, 20_000).await;
    let order = shop.bought(buyer, &[("akun", 1), ("buku", 1), ("vip", 1)]).await;
    refund(&shop, order, &[(0, None)]).await.unwrap();
    let told = to(&shop.sent().await, 7);
    assert!(!told.contains("rahasia-akun") && told.contains("https://rahasia.example/panduan"), "{told}");
    refund(&shop, order, &[(1, None)]).await.unwrap();
    let refused = shop.run(buyer, SendGoods { name: order.to_string() }).await;
    assert!(matches!(refused, Err(Error::Precondition(Precondition::NothingToSend))), "{refused:?}");
    // Both went back before anything was sent: what is to be said of the days stays, and no goods are shown.
    let order = shop.bought(buyer, &[("akun", 1), ("vip", 1)]).await;
    refund(&shop, order, &[(0, None)]).await.unwrap();
    let told = to(&shop.sent().await, 7);
    assert!(!told.contains("rahasia-akun"), "{told}");
    assert_eq!(shop.order(order).await.state, OrderState::Completed);
    shop.proven().await;
}
