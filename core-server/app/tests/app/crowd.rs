//! Orders that many buyers place at the same moment: however they are carried out, each is what it would be alone.

use std::{collections::HashMap, sync::Arc};

use tokio::task::JoinSet;
use uuid::Uuid;
use warung_app::{
    Error, Precondition, Result,
    context::Request,
    order::{PlaceOrder, PlacedOrder, place_order},
};
use warung_domain::{
    catalog::ProductKind,
    ids::{ApiKeyId, ProductId},
    money::Money,
    order::OrderState,
    principal::Principal,
};
use warung_store::{
    on_both_databases,
    testing::{Kind, TestDatabase},
};

use crate::shop::{Key, LEAST, Plant, Shop, placing, topping_up};

on_both_databases! {
    a_crowd_gets_what_there_is_and_no_more;
    in_a_crowd_a_buyer_has_no_more_unpaid_orders_than_alone;
    a_request_that_a_crowd_repeats_places_one_order;
    one_bad_order_in_a_crowd_spoils_no_other;
    in_a_crowd_each_order_has_its_own_answer_whatever_its_kind;
    a_request_id_that_a_crowd_uses_for_two_orders_places_one;
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

async fn in_a_crowd_each_order_has_its_own_answer_whatever_its_kind(database: TestDatabase) {
    let shop = Arc::new(Shop::new(database).await);
    let gift = shop.stocked("hadiah", 0, 5).await;
    let account = shop.stocked("akun", 20_000, 100).await;
    shop.product("permen", ProductKind::Shared, LEAST - 1).await;
    let key = ApiKeyId(Uuid::from_u128(1));
    shop.core(Plant(Key(key.0))).await;
    let key = Principal { api_key: Some(key), ..Principal::default() };
    let rich = shop.buyer(1).await;
    shop.top_up(rich, 10_000).await;
    let mut wanted = vec![(rich, placing(&[("permen", 1)])), (rich, topping_up(Money::idr(10_000)))];
    for telegram_id in 2..=11 {
        let buyer = shop.buyer(telegram_id).await;
        wanted.push((buyer, placing(&[("hadiah", 1)])));
        wanted.push((buyer, placing(&[("permen", 1)])));
        wanted.push((buyer, PlaceOrder { expected_subtotal: Some(Money::idr(1)), ..placing(&[("akun", 1)]) }));
        wanted.push((key, PlaceOrder { buyer_telegram_id: Some(telegram_id), ..placing(&[("akun", 1)]) }));
        // Nobody knows them yet.
        wanted.push((key, PlaceOrder { buyer_telegram_id: Some(telegram_id + 100), ..placing(&[("akun", 2)]) }));
    }
    let mut answers = all_at_once(&shop, wanted).await.into_iter();
    let paid_by_balance = answers.next().unwrap().unwrap();
    assert_eq!(shop.order(paid_by_balance.id).await.total, Money::idr(LEAST - 1));
    assert_eq!(shop.order(answers.next().unwrap().unwrap().id).await.lines[0].kind, ProductKind::TopUp);
    let mut given = 0;
    for _ in 2..=11 {
        match answers.next().unwrap() {
            Ok(placed) => {
                given += 1;
                assert_eq!(shop.order(placed.id).await.state, OrderState::Paid, "it costs nothing");
            }
            Err(Error::Precondition(Precondition::OutOfStock { product, left: 0 })) => assert_eq!(product.0, gift),
            Err(error) => panic!("{error:?}"),
        }
        let below = answers.next().unwrap();
        assert!(matches!(below, Err(Error::Precondition(Precondition::AmountBelowMinimum { .. }))), "{below:?}");
        let changed = answers.next().unwrap();
        assert!(matches!(changed, Err(Error::Precondition(Precondition::PriceChanged { .. }))), "{changed:?}");
        for _ in 0..2 {
            shop.answered_as_read(&answers.next().unwrap().unwrap()).await;
        }
    }
    assert_eq!((given, shop.units(gift).await, shop.units(account).await), (5, (0, 0, 5), (70, 30, 0)));
    shop.proven().await;
}

async fn a_request_id_that_a_crowd_uses_for_two_orders_places_one(database: TestDatabase) {
    let shop = Arc::new(Shop::new(database).await);
    let product = shop.stocked("akun", 20_000, 50).await;
    let ctx = shop.call(shop.buyer(7).await);
    let mut tasks = JoinSet::new();
    for quantity in 1..=8_i64 {
        let secret = &ctx.environment.secret;
        let asked = Request::asked(secret, ctx.request.unwrap().id, "order.place", &quantity.to_be_bytes());
        let (ctx, engine) = (ctx.clone().with_request(asked), shop.test.engine.clone());
        tasks.spawn(async move { place_order(&engine, &ctx, placing(&[("akun", quantity)])).await });
    }
    let (won, lost): (Vec<_>, Vec<_>) = tasks.join_all().await.into_iter().partition(Result::is_ok);
    assert!(lost.iter().all(|lost| matches!(lost, Err(Error::RequestIdReused))), "{lost:?}");
    let (_, reserved, _) = shop.units(product).await;
    let order = shop.order(won.into_iter().next().unwrap().unwrap().id).await;
    assert_eq!((lost.len(), order.lines[0].quantity), (7, reserved));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn crowds_at_two_processes_share_what_there_is_and_a_repeat_at_the_other_is_the_same_order() {
    let shop = Arc::new(Shop::new(TestDatabase::new(Kind::Postgres).await).await);
    let other = shop.test.replica().await;
    let product = shop.stocked("rebutan", 10_000, 60).await;
    let mut tasks = JoinSet::new();
    for telegram_id in 1..=100 {
        let ctx = shop.call(shop.buyer(telegram_id).await);
        // Each asks both at once, as by a retry that another edge took to another core.
        for engine in [&shop.test.engine, &other.engine] {
            let (ctx, engine) = (ctx.clone(), engine.clone());
            tasks.spawn(async move { (telegram_id, place_order(&engine, &ctx, placing(&[("rebutan", 1)])).await) });
        }
    }
    let mut answers = HashMap::<_, Vec<_>>::new();
    for (telegram_id, placed) in tasks.join_all().await {
        let sold_out = Precondition::OutOfStock { product: ProductId(product), left: 0 };
        let id = match placed {
            Ok(placed) => Some(placed.id),
            Err(Error::Precondition(found)) if found == sold_out => None,
            Err(error) => panic!("{error:?}"),
        };
        answers.entry(telegram_id).or_default().push(id);
    }
    assert!(answers.values().all(|both| both[0] == both[1]), "{answers:?}");
    let won = answers.values().filter(|both| both[0].is_some()).count();
    assert_eq!((won, shop.units(product).await), (60, (0, 60, 0)));
    shop.proven().await;
}
