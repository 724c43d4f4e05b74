//! Products: search, pages, and stock that is counted.

use crate::common::{count, id, look, now, write};
use warung_domain::{
    catalog::{ProductKind, StockState},
    category::CategoryArea,
};
use warung_store::{
    Error, ProductFilter, ProductKey, ProductOnShelf, Store, on_both_databases, rows, testing::TestDatabase,
};

on_both_databases! {
    a_search_of_products_keeps_to_its_area_and_filters;
    pages_show_every_product_once_while_others_are_added;
    archived_products_and_their_categories_are_not_shown;
    plans_are_shown_from_the_cheapest;
    a_product_is_shown_with_its_category_and_counters;
    stock_lines_are_added_once_and_counted;
    a_product_without_counters_takes_no_stock;
}

fn product(number: u128, kind: ProductKind) -> rows::Product {
    rows::Product {
        id: id(number),
        code: format!("p{number}"),
        name: format!("Product {number}"),
        description: String::new(),
        category_id: None,
        kind: kind.into(),
        currency: warung_domain::money::Currency::Idr.into(),
        price_minor: 1_000,
        picture_hash: None,
        membership_days: 0,
        shared_cipher: Some(vec![1]),
        gateways: None,
        archived: false,
        create_time: now(),
        update_time: now(),
    }
}

async fn put(store: &Store, row: rows::Product) {
    let outcome = write(store, move |tx| {
        let row = row.clone();
        Box::pin(async move {
            let product_id = row.id;
            tx.index_product(&row, &row.name.to_lowercase()).await?;
            tx.insert(row).await?;
            tx.insert(rows::ProductStock { product_id, available: 0, reserved: 0, sold: 0 }).await
        })
    });
    outcome.await.unwrap();
}

async fn category(store: &Store, number: u128, name: &'static str) {
    let row = move || rows::Category {
        id: id(number),
        area: CategoryArea::Catalog.into(),
        code: name.to_lowercase(),
        name: name.into(),
        emoji: "🔑".into(),
        create_time: now(),
        update_time: now(),
    };
    write(store, move |tx| Box::pin(async move { tx.insert(row()).await })).await.unwrap();
}

async fn list(store: &Store, filter: ProductFilter) -> Vec<u128> {
    let found = look(store, move |read| {
        let filter = ProductFilter { limit: if filter.limit == 0 { 50 } else { filter.limit }, ..filter.clone() };
        Box::pin(async move { read.shown_products(&filter).await })
    });
    found.await.unwrap().iter().map(|row| row.id.as_u128()).collect()
}

async fn find(store: &Store, key: ProductKey<'static>) -> Option<ProductOnShelf> {
    look(store, move |read| Box::pin(async move { read.product_on_shelf(key).await })).await.unwrap()
}

async fn a_search_of_products_keeps_to_its_area_and_filters(database: TestDatabase) {
    let store = database.open().await;
    category(&store, 100, "Kunci").await;
    for (number, kind) in (1..).zip(ProductKind::ALL) {
        let category_id = (number == 2).then_some(id(100));
        put(&store, rows::Product { category_id, ..product(number, kind) }).await;
    }
    // A title of the same name is not among products.
    write(&store, |tx| Box::pin(async move { tx.index_words("title", id(6), "product 6", &["#title".into()]).await }))
        .await
        .unwrap();
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let all = ProductFilter::default;
    for (filter, found) in [
        (all(), &[3, 2, 1][..]),
        (ProductFilter { kind: Some(ProductKind::Membership), ..all() }, &[4]),
        (ProductFilter { kind: Some(ProductKind::TopUp), ..all() }, &[5]),
        (ProductFilter { kind: Some(ProductKind::Stock), ..all() }, &[1]),
        (ProductFilter { category_id: Some(id(100)), ..all() }, &[2]),
        (ProductFilter { category_id: Some(id(100)), kind: Some(ProductKind::Stock), ..all() }, &[]),
        (ProductFilter { words: words(&["pr"]), ..all() }, &[3, 2, 1]),
        (ProductFilter { words: words(&["product", "2"]), ..all() }, &[2]),
        (ProductFilter { words: words(&["product", "4"]), ..all() }, &[]),
        (ProductFilter { words: words(&["product", "4"]), kind: Some(ProductKind::Membership), ..all() }, &[4]),
        (ProductFilter { after: Some(id(3)), ..all() }, &[2, 1]),
        (ProductFilter { limit: 1, ..all() }, &[3]),
    ] {
        assert_eq!(list(&store, filter.clone()).await, found, "{filter:?}");
    }
}

async fn pages_show_every_product_once_while_others_are_added(database: TestDatabase) {
    let store = database.open().await;
    for number in 1..=25 {
        put(&store, product(number, ProductKind::Stock)).await;
    }
    let (mut seen, mut after) = (Vec::new(), None);
    for newer in 100.. {
        let page = list(&store, ProductFilter { after, limit: 10, ..ProductFilter::default() }).await;
        let Some(last) = page.last() else { break };
        after = Some(id(*last));
        seen.extend(page);
        put(&store, product(newer, ProductKind::Stock)).await;
    }
    assert_eq!(seen, (1..=25).rev().collect::<Vec<_>>());
}

async fn archived_products_and_their_categories_are_not_shown(database: TestDatabase) {
    let store = database.open().await;
    category(&store, 100, "Kunci").await;
    category(&store, 101, "Arsip").await;
    put(&store, rows::Product { category_id: Some(id(100)), ..product(1, ProductKind::Stock) }).await;
    put(&store, rows::Product { category_id: Some(id(101)), archived: true, ..product(2, ProductKind::Stock) }).await;
    assert_eq!(list(&store, ProductFilter::default()).await, [1]);
    let shelves =
        look(&store, |read| Box::pin(async move { read.shown_categories(CategoryArea::Catalog).await })).await.unwrap();
    assert_eq!(shelves.iter().map(|shelf| shelf.code.as_str()).collect::<Vec<_>>(), ["kunci"]);
    assert!(find(&store, ProductKey::Code("p2")).await.unwrap().archived, "who asks is told that it is");
}

async fn plans_are_shown_from_the_cheapest(database: TestDatabase) {
    let store = database.open().await;
    for (number, price) in [(1, 50_000), (2, 15_000), (3, 150_000), (4, 15_000)] {
        put(&store, rows::Product { price_minor: price, ..product(number, ProductKind::Membership) }).await;
    }
    put(&store, rows::Product { archived: true, price_minor: 1, ..product(5, ProductKind::Membership) }).await;
    put(&store, rows::Product { price_minor: 1, ..product(6, ProductKind::Stock) }).await;
    let plans = look(&store, |read| Box::pin(async move { read.membership_plans(3).await })).await.unwrap();
    assert_eq!(plans.iter().map(|plan| plan.id.as_u128()).collect::<Vec<_>>(), [2, 4, 1]);
}

async fn a_product_is_shown_with_its_category_and_counters(database: TestDatabase) {
    let store = database.open().await;
    category(&store, 100, "Kunci").await;
    put(&store, rows::Product { category_id: Some(id(100)), ..product(1, ProductKind::Stock) }).await;
    put(&store, product(2, ProductKind::Stock)).await;
    let stock = rows::ProductStock { product_id: id(1), available: 7, reserved: 2, sold: 3 };
    write(&store, move |tx| {
        let stock = stock.clone();
        Box::pin(async move { tx.update(stock).await })
    })
    .await
    .unwrap();
    let found = find(&store, ProductKey::Id(id(1))).await.unwrap();
    assert_eq!((found.available, found.sold), (7, 3));
    assert_eq!(found.category_id, Some(id(100)));
    assert_eq!(found.category_name.as_deref(), Some("Kunci"));
    assert_eq!(find(&store, ProductKey::Code("p1")).await, Some(found));
    assert_eq!(find(&store, ProductKey::Code("p2")).await.unwrap().category_code, None);
    assert_eq!(find(&store, ProductKey::Id(id(3))).await, None);
}

/// Lines of a product with these fingerprints, in their order.
fn lines(product: u128, fingerprints: impl IntoIterator<Item = u16>, from: u128) -> Vec<rows::StockLine> {
    let line = |(fingerprint, number): (u16, u128)| rows::StockLine {
        id: id(number),
        product_id: id(product),
        cipher: vec![1, 0],
        fingerprint: fingerprint.to_be_bytes().to_vec(),
        state: StockState::Available.into(),
        order_line_id: None,
        create_time: now(),
        sold_time: None,
    };
    fingerprints.into_iter().zip(from..).map(line).collect()
}

async fn add(store: &Store, product: u128, lines: Vec<rows::StockLine>) -> Result<u64, Error> {
    write(store, move |tx| {
        let lines = lines.clone();
        Box::pin(async move { tx.add_stock(id(product), lines).await })
    })
    .await
}

async fn stock_lines_are_added_once_and_counted(database: TestDatabase) {
    let store = database.open().await;
    put(&store, product(1, ProductKind::Stock)).await;
    put(&store, product(2, ProductKind::Stock)).await;
    assert_eq!(add(&store, 1, lines(1, 0..500, 1_000)).await, Ok(500));
    assert_eq!(add(&store, 1, lines(1, 0..500, 2_000)).await, Ok(0));
    assert_eq!(add(&store, 1, lines(1, 250..750, 3_000)).await, Ok(250));
    assert_eq!(add(&store, 1, lines(1, [900, 900], 4_000)).await, Ok(1), "once within one statement, too");
    assert_eq!(add(&store, 1, Vec::new()).await, Ok(0));
    assert_eq!(add(&store, 2, lines(2, 0..10, 5_000)).await, Ok(10), "another product has lines of its own");
    // Many at once, of which half are the same.
    let (one, other) =
        tokio::join!(add(&store, 1, lines(1, 1_000..1_600, 10_000)), add(&store, 1, lines(1, 1_300..1_900, 20_000)));
    assert_eq!(one.unwrap() + other.unwrap(), 900);
    assert_eq!(find(&store, ProductKey::Id(id(1))).await.unwrap().available, 1_651);
    assert_eq!(count(&store, "select count(*) as number from stock_line").await, 1_661);
}

async fn a_product_without_counters_takes_no_stock(database: TestDatabase) {
    let store = database.open().await;
    let row = product(1, ProductKind::Stock);
    write(&store, move |tx| {
        let row = row.clone();
        Box::pin(async move { tx.insert(row).await })
    })
    .await
    .unwrap();
    let refused = add(&store, 1, lines(1, 0..3, 10)).await;
    assert!(matches!(refused, Err(Error::Inconsistent(_))), "{refused:?}");
    assert_eq!(count(&store, "select count(*) as number from stock_line").await, 0);
}
