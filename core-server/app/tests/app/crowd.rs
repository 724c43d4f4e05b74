//! Orders that many buyers place at the same moment: however they are carried out, each is what it would be alone.

use std::sync::Arc;

use tokio::task::JoinSet;
use warung_app::{
    Error, Precondition, Result,
    order::{PlaceOrder, PlacedOrder, place_order},
};
use warung_domain::{catalog::ProductKind, order::OrderState, principal::Principal};
use warung_store::{on_both_databases, testing::TestDatabase};

use crate::shop::{Shop, placing};

on_both_databases! {
    a_crowd_gets_what_there_is_and_no_more;
    in_a_crowd_a_buyer_has_no_more_unpaid_orders_than_alone;
    a_request_that_a_crowd_repeats_places_one_order;
    one_bad_order_in_a_crowd_spoils_no_other;
}

/// All of these at once, each buyer what they want.
async fn all_at_once(shop: &Arc<Shop>, wanted: Vec<(Principal, PlaceOrder)>) -> Vec<Result<PlacedOrder>> {
    let mut tasks = JoinSet::new();
    for (place, (buyer, order)) in wanted.into_iter().enumerate() {
        let (ctx, engine) = (shop.call(buyer), shop.test.engine.clone());
        tasks.spawn(async move { (place, place_order(&engine, &ctx, order).await) });
    }
    let mut placed = tasks.join_all().await;
    placed.sort_by_key(|(place, _)| *place);
    placed.into_iter().map(|(_, placed)| placed).collect()
}

async fn a_crowd_gets_what_there_is_and_no_more(database: TestDatabase) {
    let shop = Arc::new(Shop::new(database).await);
    let product = shop.stocked("rebutan", 10_000, 40).await;
    let other = shop.stocked("lain", 5_000, 100).await;
    let mut wanted = Vec::new();
    for telegram_id in 1..=100 {
        // Named in either order: no two wait for each other for ever.
        let (one, two) = (("rebutan", 1), ("lain", 1));
        let items = if telegram_id % 2 == 0 { [one, two] } else { [two, one] };
        wanted.push((shop.buyer(telegram_id).await, placing(&items)));
    }
    let mut won = Vec::new();
    for placed in all_at_once(&shop, wanted).await {
        match placed {
            Ok(placed) => won.push(placed),
            Err(error) => assert!(
                matches!(error, Error::Precondition(Precondition::OutOfStock { product: p, left: 0 }) if p.0 == product),
                "{error:?}"
            ),
        }
    }
    assert_eq!((won.len(), shop.units(product).await, shop.units(other).await), (40, (0, 40, 0), (60, 40, 0)));
    for placed in won {
        shop.answered_as_read(&placed).await;
        let order = shop.order(placed.id).await;
        assert_eq!((order.state, order.lines.len(), order.version), (OrderState::Pending, 2, 1));
        assert_eq!(order.total.minor_units, 15_000);
    }
    shop.proven().await;
}

async fn in_a_crowd_a_buyer_has_no_more_unpaid_orders_than_alone(database: TestDatabase) {
    let shop = Arc::new(Shop::new(database).await);
    let product = shop.stocked("akun", 20_000, 200).await;
    let mut wanted = Vec::new();
    for telegram_id in 1..=10 {
        let buyer = shop.buyer(telegram_id).await;
        wanted.extend((0..8).map(|_| (buyer, placing(&[("akun", 2)]))));
    }
    let placed = all_at_once(&shop, wanted).await;
    for of_one in placed.chunks(8) {
        let (won, lost): (Vec<_>, Vec<_>) = of_one.iter().partition(|placed| placed.is_ok());
        assert_eq!(won.len(), 3);
        let too_many = |placed: &&Result<PlacedOrder>| {
            matches!(placed, Err(Error::Precondition(Precondition::TooManyUnpaidOrders)))
        };
        assert!(lost.iter().all(too_many), "{lost:?}");
    }
    assert_eq!(shop.units(product).await, (140, 60, 0));
    shop.proven().await;
}

async fn a_request_that_a_crowd_repeats_places_one_order(database: TestDatabase) {
    let shop = Arc::new(Shop::new(database).await);
    let product = shop.stocked("akun", 20_000, 50).await;
    let mut calls = Vec::new();
    for telegram_id in 1..=10 {
        calls.push(shop.call(shop.buyer(telegram_id).await));
    }
    let mut tasks = JoinSet::new();
    for (place, ctx) in calls.iter().enumerate().cycle().take(40) {
        let (ctx, engine) = (ctx.clone(), shop.test.engine.clone());
        tasks.spawn(async move { (place, place_order(&engine, &ctx, placing(&[("akun", 1)])).await.unwrap().id) });
    }
    let mut placed = tasks.join_all().await;
    placed.sort_unstable_by_key(|(place, id)| (*place, id.0));
    placed.dedup();
    assert_eq!((placed.len(), shop.units(product).await), (10, (40, 10, 0)));
    shop.proven().await;
}

async fn one_bad_order_in_a_crowd_spoils_no_other(database: TestDatabase) {
    let shop = Arc::new(Shop::new(database).await);
    let product = shop.stocked("akun", 20_000, 100).await;
    shop.product("gratis", ProductKind::Shared, 0).await;
    let mut wanted = Vec::new();
    for telegram_id in 1..=40 {
        let items: &[(&str, i64)] = match telegram_id % 4 {
            0 => &[("tidak-ada", 1)],
            1 => &[("akun", 0)],
            2 => &[("gratis", 1)],
            _ => &[("akun", 1)],
        };
        wanted.push((shop.buyer(telegram_id).await, placing(items)));
    }
    for (telegram_id, placed) in (1..).zip(all_at_once(&shop, wanted).await) {
        match telegram_id % 4 {
            0 => assert!(matches!(placed, Err(Error::NotFound { .. })), "{placed:?}"),
            1 => assert!(matches!(placed, Err(Error::Invalid(_))), "{placed:?}"),
            _ => assert!(placed.is_ok(), "{placed:?}"),
        }
    }
    assert_eq!(shop.units(product).await, (90, 10, 0));
    shop.proven().await;
}
