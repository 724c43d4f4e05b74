//! Placing, cancelling and expiring orders.

use chrono::TimeDelta;
use tokio::task::JoinSet;
use uuid::Uuid;
use warung_app::{
    Error, PageRequest, Precondition,
    gateway::Gateways,
    operations::{put::Etag, settings::UpdateSetting},
    order::{
        CancelOrder, DueOrder, DueOrders, ExpireOrder, GetOrder, ListOrders, OrderVersion, PlaceOrder, Reach,
        place_order,
    },
};
use warung_domain::{
    catalog::ProductKind,
    ids::{ApiKeyId, ProductId},
    money::Money,
    order::{HoldReason, OrderState},
    payment::{Method, PaymentState},
    price::RULE_VERSION,
    principal::Principal,
};
use warung_store::{on_both_databases, testing::TestDatabase};

use crate::shop::{Key, LEAST, Plant, Shop, placing};

on_both_databases! {
    an_order_freezes_its_prices_and_keeps_its_stock;
    of_a_hundred_buyers_exactly_ten_get_ten_units;
    what_breaks_a_limit_is_refused_and_reserves_nothing;
    a_changed_price_or_an_archived_product_is_noticed;
    a_buyer_has_three_unpaid_orders_however_many_they_place_at_once;
    an_order_below_every_minimum_is_refused_unless_the_balance_covers_it;
    an_order_that_costs_nothing_is_settled_at_once;
    cancelling_frees_the_stock_and_is_done_once;
    an_order_expires_with_its_invoice_and_frees_its_stock;
    a_buyer_sees_their_own_orders_and_a_key_those_that_it_placed;
    a_key_does_not_spend_its_buyers_balance;
    a_key_leaves_its_buyer_their_own_unpaid_orders;
    a_repeated_request_places_one_order;
    several_products_are_reserved_together_or_not_at_all;
}

async fn an_order_freezes_its_prices_and_keeps_its_stock(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    let stocked = shop.stocked("akun", 20_000, 5).await;
    shop.product("panduan", ProductKind::Shared, 5_000).await;
    let id = shop.place(buyer, &[("akun", 2), ("panduan", 1)]).await;
    let order = shop.order(id).await;
    assert_eq!((order.state, order.version, order.buyer_telegram_id), (OrderState::Pending, 1, 7));
    assert!(order.code.starts_with("tg7-") && order.code.len() == 12, "{}", order.code);
    assert_eq!((order.subtotal, order.total, order.paid), (Money::idr(45_000), Money::idr(45_000), Money::idr(0)));
    assert_eq!(order.rule_version, RULE_VERSION);
    assert_eq!(order.expire_time - order.create_time, TimeDelta::seconds(900));
    let lines: Vec<_> = order.lines.iter().map(|line| (&*line.product_name, line.quantity, line.net)).collect();
    assert_eq!(lines, [("Produk akun", 2, Money::idr(40_000)), ("Produk panduan", 1, Money::idr(5_000))]);
    assert_eq!(shop.units(stocked).await, (3, 2, 0));
    shop.put("akun", ProductKind::Stock, 99_000, true).await;
    assert_eq!(shop.order(id).await.total, Money::idr(45_000), "what was agreed stays");
    shop.proven().await;
}

/// How often a hundred buyers come at once.
const ROUNDS: usize = 100;

async fn of_a_hundred_buyers_exactly_ten_get_ten_units(database: TestDatabase) {
    let shop = std::sync::Arc::new(Shop::new(database).await);
    // Nobody pays: what each has won stays unpaid.
    let update = UpdateSetting { key: "order.unpaid_max".into(), value: ROUNDS.to_string(), etag: Etag::any() };
    shop.core(update).await;
    shop.test.engine.refresh_settings().await.unwrap();
    let mut buyers = Vec::new();
    for telegram_id in 1..=100 {
        buyers.push(shop.buyer(telegram_id).await);
    }
    for round in 0..ROUNDS {
        let code = format!("rebutan-{round}");
        let product = shop.stocked(&code, 10_000, 10).await;
        let mut tasks = JoinSet::new();
        for buyer in buyers.iter().copied() {
            let (shop, code) = (std::sync::Arc::clone(&shop), code.clone());
            tasks.spawn(async move { shop.try_place(buyer, &[(&code, 1)]).await });
        }
        let mut won = 0;
        for placed in tasks.join_all().await {
            match placed {
                Ok(_) => won += 1,
                Err(error) => assert!(
                    matches!(error, Error::Precondition(Precondition::OutOfStock { product: p, left: 0 }) if p.0 == product),
                    "{error:?}"
                ),
            }
        }
        assert_eq!((won, shop.units(product).await), (10, (0, 10, 0)), "round {round}");
    }
    shop.proven().await;
}

async fn what_breaks_a_limit_is_refused_and_reserves_nothing(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    let product = shop.stocked("akun", 20_000, 5).await;
    shop.product("mahal", ProductKind::Manual, 100_000_000).await;
    shop.product("vip", ProductKind::Membership, 20_000).await;
    shop.product("saldo", ProductKind::TopUp, 20_000).await;
    let id = ProductId(product).to_string();
    let many: Vec<_> = (0..21).map(|_| ("akun", 1)).collect();
    for (items, field) in [
        (&[("akun", 0)][..], "items[0].quantity"),
        (&[("akun", -1)], "items[0].quantity"),
        (&[("akun", 101)], "items[0].quantity"),
        (&[("akun", i64::MAX)], "items[0].quantity"),
        (&[("akun", i64::MIN)], "items[0].quantity"),
        (&[], "items"),
        (&many, "items"),
        (&[("akun", 1), ("akun", 1)], "items[1].product_id"),
        (&[("akun", 1), (&id, 1)], "items[1].product_id"),
        (&[("mahal", 11)], "items"),
        (&[("vip", 2)], "items[0].quantity"),
        (&[("saldo", 2)], "items[0].quantity"),
        (&[("saldo", 1), ("akun", 1)], "items[0].product_id"),
    ] {
        let Err(Error::Invalid(violations)) = shop.try_place(buyer, items).await else { panic!("{items:?}") };
        assert!(violations.iter().any(|violation| violation.field == field), "{items:?}: {violations}");
    }
    for name in ["tidak-ada", "", "prd_00000000000000000000000007"] {
        let refused = shop.try_place(buyer, &[(name, 1)]).await;
        assert!(matches!(refused, Err(Error::NotFound { .. } | Error::Invalid(_))), "{name}: {refused:?}");
    }
    let refused = shop.try_place(buyer, &[("akun", 6)]).await;
    let expected = Precondition::OutOfStock { product: ProductId(product), left: 5 };
    assert!(matches!(refused, Err(Error::Precondition(p)) if p == expected), "{refused:?}");
    let named = PlaceOrder { buyer_telegram_id: Some(8), ..placing(&[("akun", 1)]) };
    assert!(matches!(shop.run(buyer, named).await, Err(Error::Invalid(_))), "only a key names a buyer");
    let nobody = shop.try_place(Principal::default(), &[("akun", 1)]).await;
    assert!(matches!(nobody, Err(Error::Unauthenticated(_))));
    assert_eq!(shop.units(product).await, (5, 0, 0));
    shop.proven().await;
}

async fn a_changed_price_or_an_archived_product_is_noticed(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    let product = shop.stocked("akun", 20_000, 5).await;
    let shown = PlaceOrder { expected_subtotal: Some(Money::idr(40_000)), ..placing(&[("akun", 2)]) };
    shop.put("akun", ProductKind::Stock, 25_000, false).await;
    let refused = shop.run(buyer, shown.clone()).await;
    let changed = Precondition::PriceChanged { subtotal: 50_000 };
    assert!(matches!(refused, Err(Error::Precondition(p)) if p == changed), "{refused:?}");
    let shown_now = PlaceOrder { expected_subtotal: Some(Money::idr(50_000)), ..shown };
    let order = shop.run(buyer, shown_now.clone()).await.unwrap().id;
    shop.put("akun", ProductKind::Stock, 25_000, true).await;
    assert!(matches!(shop.run(buyer, shown_now).await, Err(Error::NotFound { .. })));
    // What was placed before goes on.
    let payment = shop.invoice(buyer, order).await;
    shop.pay(payment, 50_000).await;
    assert_eq!(shop.order(order).await.state, OrderState::Paid);
    assert_eq!(shop.units(product).await, (3, 0, 2));
    shop.proven().await;
}

async fn a_buyer_has_three_unpaid_orders_however_many_they_place_at_once(database: TestDatabase) {
    let shop = std::sync::Arc::new(Shop::new(database).await);
    let buyer = shop.buyer(7).await;
    let product = shop.stocked("akun", 20_000, 50).await;
    let mut tasks = JoinSet::new();
    for _ in 0..20 {
        let shop = std::sync::Arc::clone(&shop);
        tasks.spawn(async move { shop.try_place(buyer, &[("akun", 1)]).await });
    }
    let mut placed = Vec::new();
    for outcome in tasks.join_all().await {
        match outcome {
            Ok(id) => placed.push(id),
            Err(error) => {
                assert!(matches!(error, Error::Precondition(Precondition::TooManyUnpaidOrders)), "{error:?}");
            }
        }
    }
    assert_eq!((placed.len(), shop.units(product).await), (3, (47, 3, 0)));
    shop.run(buyer, CancelOrder { name: placed[0].to_string() }).await.unwrap();
    shop.place(buyer, &[("akun", 1)]).await;
    let other = shop.buyer(8).await;
    shop.place(other, &[("akun", 1)]).await;
    shop.proven().await;
}

async fn an_order_below_every_minimum_is_refused_unless_the_balance_covers_it(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    let product = shop.stocked("murah", LEAST - 1, 5).await;
    let refused = shop.try_place(buyer, &[("murah", 1)]).await;
    let below = Precondition::AmountBelowMinimum { minimum: LEAST };
    assert!(matches!(refused, Err(Error::Precondition(p)) if p == below), "{refused:?}");
    assert_eq!(shop.units(product).await, (5, 0, 0));
    // Where there is no gateway at all, nobody is told of the least that one takes.
    let without = shop.call(buyer).with_gateways(Gateways::default());
    let refused = shop.test.engine.run(&without, placing(&[("murah", 1)])).await;
    assert!(matches!(refused, Err(Error::Precondition(Precondition::BalanceTooLow))), "{refused:?}");
    shop.top_up(buyer, 10_000).await;
    let order = shop.place(buyer, &[("murah", 1)]).await;
    shop.begin(buyer, order, Method::Balance, false).await.unwrap();
    assert_eq!(shop.balance(buyer).await, 10_000 - (LEAST - 1));
    shop.proven().await;
}

async fn an_order_that_costs_nothing_is_settled_at_once(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    let product = shop.stocked("hadiah", 0, 1).await;
    let order = shop.place(buyer, &[("hadiah", 1)]).await;
    assert_eq!(shop.order(order).await.state, OrderState::Paid);
    assert_eq!(shop.units(product).await, (0, 0, 1));
    shop.sent().await;
    assert_eq!(shop.order(order).await.state, OrderState::Completed);
    shop.proven().await;
}

async fn cancelling_frees_the_stock_and_is_done_once(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let (buyer, other) = (shop.buyer(7).await, shop.buyer(8).await);
    let product = shop.stocked("akun", 20_000, 5).await;
    let order = shop.place(buyer, &[("akun", 2)]).await;
    let payment = shop.invoice(buyer, order).await;
    let cancel = || CancelOrder { name: order.to_string() };
    assert!(matches!(shop.run(other, cancel()).await, Err(Error::NotFound { .. })), "it is not theirs");
    let ctx = shop.call(buyer);
    for _ in 0..2 {
        assert_eq!(shop.test.engine.run(&ctx, cancel()).await.unwrap(), order, "a repeat answers the same");
    }
    let seen = shop.order(order).await;
    assert_eq!((seen.state, shop.units(product).await), (OrderState::Cancelled, (5, 0, 0)));
    assert_eq!(shop.payment(payment).await.state, PaymentState::Cancelled);
    let again = shop.run(buyer, cancel()).await;
    assert!(matches!(again, Err(Error::Precondition(Precondition::OrderNotCancellable))), "{again:?}");
    shop.proven().await;
}

async fn an_order_expires_with_its_invoice_and_frees_its_stock(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    let product = shop.stocked("akun", 20_000, 5).await;
    let order = shop.place(buyer, &[("akun", 2)]).await;
    shop.test.clock.advance_seconds(600);
    let payment = shop.invoice(buyer, order).await;
    shop.test.clock.advance_seconds(899);
    assert_eq!(
        shop.ask(Principal::CORE, DueOrders { after: None, limit: 10 }).await,
        [],
        "the invoice's time counts now"
    );
    assert!(!shop.core(ExpireOrder { order_id: order }).await);
    shop.test.clock.advance_seconds(1);
    assert_eq!(
        shop.ask(Principal::CORE, DueOrders { after: None, limit: 10 }).await[..],
        [DueOrder { expire_time: shop.test.engine.now(), order_id: order }]
    );
    assert!(shop.core(ExpireOrder { order_id: order }).await);
    assert!(!shop.core(ExpireOrder { order_id: order }).await, "once");
    let seen = shop.order(order).await;
    assert_eq!((seen.state, shop.units(product).await), (OrderState::Expired, (5, 0, 0)));
    assert_eq!(seen.end_time, Some(shop.test.engine.now()));
    assert_eq!(shop.payment(payment).await.state, PaymentState::Expired);
    assert_eq!(shop.payment(payment).await.payload, None, "nothing payable is shown");
    let refused = shop.begin(buyer, order, Method::Qris, false).await;
    assert!(matches!(refused, Err(Error::Precondition(Precondition::OrderNotPayable))), "{refused:?}");
    shop.proven().await;
}

async fn a_buyer_sees_their_own_orders_and_a_key_those_that_it_placed(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let (buyer, other) = (shop.buyer(7).await, shop.buyer(8).await);
    shop.stocked("akun", 20_000, 50).await;
    let ids = [Uuid::from_u128(1), Uuid::from_u128(2)];
    for id in ids {
        shop.core(Plant(Key(id))).await;
    }
    let [key, another] = ids.map(|id| Principal { api_key: Some(ApiKeyId(id)), ..Principal::default() });
    let own = shop.place(buyer, &[("akun", 1)]).await;
    let for_buyer = PlaceOrder { buyer_telegram_id: Some(7), ..placing(&[("akun", 1)]) };
    let by_key = shop.run(key, for_buyer.clone()).await.unwrap().id;
    let unknown = PlaceOrder { buyer_telegram_id: Some(4_242), ..for_buyer.clone() };
    let for_stranger = shop.run(key, unknown).await.unwrap().id;
    assert_eq!(shop.order(for_stranger).await.buyer_telegram_id, 4_242, "who is not known is recorded");
    let nobody = PlaceOrder { buyer_telegram_id: None, ..for_buyer.clone() };
    assert!(matches!(shop.run(key, nobody).await, Err(Error::Invalid(_))));
    let nonsense = PlaceOrder { buyer_telegram_id: Some(-1), ..for_buyer };
    assert!(matches!(shop.run(key, nonsense).await, Err(Error::Invalid(_))));
    let list = async |who| {
        let (orders, _) =
            shop.ask(who, ListOrders { page: PageRequest::default(), reach: Reach::Own, state: None }).await;
        orders.into_iter().map(|order| order.id).collect::<Vec<_>>()
    };
    assert_eq!(list(buyer).await, [by_key, own]);
    assert_eq!(list(key).await, [for_stranger, by_key]);
    assert_eq!(list(other).await, []);
    assert_eq!(list(another).await, []);
    let code = shop.order(by_key).await.code;
    for name in [by_key.to_string(), code.clone()] {
        for (who, sees) in [(buyer, true), (key, true), (other, false), (another, false), (Principal::CORE, false)] {
            let query = GetOrder { name: name.clone(), reach: Reach::Own };
            assert_eq!(shop.test.engine.ask(&shop.call(who), query).await.is_ok(), sees);
            let query = OrderVersion { name: name.clone(), reach: Reach::Own };
            assert_eq!(shop.test.engine.ask(&shop.call(who), query).await.is_ok(), sees);
            let begun = shop.run(who, CancelOrder { name: name.clone() }).await;
            assert_eq!(matches!(begun, Err(Error::NotFound { .. })), !sees, "{begun:?}");
        }
    }
    let cancelled =
        ListOrders { page: PageRequest::default(), reach: Reach::Store, state: Some(OrderState::Cancelled) };
    let (found, _) = shop.ask(Principal::CORE, cancelled).await;
    assert_eq!(found.iter().map(|order| order.id).collect::<Vec<_>>(), [by_key]);
}

async fn a_key_does_not_spend_its_buyers_balance(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    shop.top_up(buyer, 30_000).await;
    shop.stocked("akun", 20_000, 5).await;
    shop.product("permen", ProductKind::Shared, LEAST - 1).await;
    let id = Uuid::from_u128(1);
    shop.core(Plant(Key(id))).await;
    let key = Principal { api_key: Some(ApiKeyId(id)), ..Principal::default() };
    let for_buyer = |code| PlaceOrder { buyer_telegram_id: Some(7), ..placing(&[(code, 1)]) };
    let order = shop.run(key, for_buyer("akun")).await.unwrap().id;
    for (method, use_balance) in [(Method::Balance, false), (Method::Balance, true), (Method::Qris, true)] {
        let refused = shop.begin(key, order, method, use_balance).await;
        assert!(matches!(refused, Err(Error::Precondition(Precondition::PaymentMethodUnavailable))), "{refused:?}");
    }
    let refused = shop.run(key, for_buyer("permen")).await;
    assert!(matches!(refused, Err(Error::Precondition(Precondition::AmountBelowMinimum { .. }))), "{refused:?}");
    assert_eq!((shop.order(order).await.paid, shop.balance(buyer).await), (Money::idr(0), 30_000));
    assert_eq!(shop.begin(key, order, Method::Qris, false).await.unwrap().state, PaymentState::Creating);
    assert_eq!(shop.begin(buyer, order, Method::Balance, false).await.unwrap().state, PaymentState::Paid);
    assert_eq!(shop.balance(buyer).await, 10_000, "the buyer may");
    shop.proven().await;
}

async fn a_key_leaves_its_buyer_their_own_unpaid_orders(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    shop.stocked("akun", 20_000, 20).await;
    let ids = [Uuid::from_u128(1), Uuid::from_u128(2)];
    for id in ids {
        shop.core(Plant(Key(id))).await;
    }
    let for_buyer = || PlaceOrder { buyer_telegram_id: Some(7), ..placing(&[("akun", 1)]) };
    for id in ids {
        let key = Principal { api_key: Some(ApiKeyId(id)), ..Principal::default() };
        for _ in 0..3 {
            shop.run(key, for_buyer()).await.unwrap();
        }
        let refused = shop.run(key, for_buyer()).await;
        assert!(matches!(refused, Err(Error::Precondition(Precondition::TooManyUnpaidOrders))), "{refused:?}");
        shop.run(key, PlaceOrder { buyer_telegram_id: Some(8), ..for_buyer() }).await.unwrap();
    }
    for _ in 0..3 {
        shop.place(buyer, &[("akun", 1)]).await;
    }
    let refused = shop.try_place(buyer, &[("akun", 1)]).await;
    assert!(matches!(refused, Err(Error::Precondition(Precondition::TooManyUnpaidOrders))), "{refused:?}");
    shop.proven().await;
}

async fn a_repeated_request_places_one_order(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    let product = shop.stocked("akun", 20_000, 5).await;
    let ctx = shop.call(buyer);
    let mut tasks = JoinSet::new();
    for _ in 0..10 {
        let (engine, ctx) = (shop.test.engine.clone(), ctx.clone());
        tasks.spawn(async move { place_order(&engine, &ctx, placing(&[("akun", 1)])).await.unwrap() });
    }
    let placed = tasks.join_all().await;
    assert_eq!(placed.iter().filter(|placed| placed.order.is_some()).count(), 1, "a repeat is to be read");
    let mut placed: Vec<_> = placed.into_iter().map(|placed| placed.id).collect();
    placed.dedup();
    assert_eq!((placed.len(), shop.units(product).await), (1, (4, 1, 0)));
    let begin =
        warung_app::payment::BeginPayment { order: placed[0].to_string(), method: Method::Qris, use_balance: false };
    let ctx = shop.call(buyer);
    let first = shop.test.engine.run(&ctx, begin.clone()).await.unwrap();
    assert_eq!(shop.test.engine.run(&ctx, begin).await.unwrap(), first);
    assert_eq!(shop.order(placed[0]).await.payments.len(), 1);
}

async fn several_products_are_reserved_together_or_not_at_all(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    let one = shop.stocked("satu", 20_000, 5).await;
    let two = shop.stocked("dua", 20_000, 1).await;
    shop.product("tangan", ProductKind::Manual, 5_000).await;
    let both = [("dua", 2), ("satu", 1)];
    let refused = shop.try_place(buyer, &both).await;
    assert!(matches!(refused, Err(Error::Precondition(Precondition::OutOfStock { .. }))), "{refused:?}");
    assert_eq!((shop.units(one).await, shop.units(two).await), ((5, 0, 0), (1, 0, 0)));
    let order = shop.bought(buyer, &[("dua", 1), ("satu", 5), ("tangan", 1)]).await;
    assert_eq!((shop.units(one).await, shop.units(two).await), ((0, 0, 5), (0, 0, 1)));
    let seen = shop.order(order).await;
    assert_eq!((seen.state, seen.hold_reason), (OrderState::Paid, Some(HoldReason::Manual)));
    shop.proven().await;
}
