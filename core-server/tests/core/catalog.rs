//! The shop: what sellers put on its shelves, and what buyers see of it.

use std::collections::BTreeSet;

use sha2::{Digest as _, Sha256};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;
use warung_proto::{
    ErrorReason,
    catalog::{
        AddStockRequest, ListProductCategoriesRequest, ListProductsRequest, Product, ProductCategory, ProductKind,
        PutProductCategoryRequest, PutProductRequest, PutResult,
    },
    library::{RequestTitleRequest, title_request::State},
    operations::{ListAuditEntriesRequest, PutMediaRequest},
    types::Money,
};
use warung_store::{on_both_databases, testing::TestDatabase};

use crate::support::{BUYER, Caller, Shop, assert_refused, episode, file, free, picture, product, rupiah, title};

on_both_databases! {
    a_code_is_the_key_of_a_product;
    every_fault_of_a_product_is_told_at_once;
    the_kind_of_a_product_stays;
    shared_content_stays_until_another_is_given;
    what_is_archived_is_not_there_for_buyers;
    a_list_of_products_is_searched_and_filtered;
    pages_have_every_product_once_while_others_are_added;
    a_product_category_shows_what_is_on_it;
    stock_that_is_added_twice_counts_once;
    two_who_add_the_same_stock_at_once_add_it_once;
    stock_is_for_products_of_its_kind_and_within_limits;
    what_buyers_pay_for_is_stored_nowhere_in_the_clear;
    changes_of_the_shop_are_audited_without_secrets;
    a_list_shows_stock_that_was_just_added;
    a_refusal_for_members_names_the_plans;
}

fn fields(status: &Status) -> BTreeSet<String> {
    let details = status.get_details_bad_request().unwrap();
    details.field_violations.into_iter().map(|found| found.field).collect()
}

async fn refused_fields(shop: &Shop, product: PutProductRequest) -> BTreeSet<String> {
    let refused = shop.try_put_product(product).await;
    fields(&assert_refused(refused, Code::InvalidArgument, ErrorReason::InvalidArgument))
}

async fn a_code_is_the_key_of_a_product(database: TestDatabase) {
    let shop = Shop::open(database).await;
    for kind in
        [ProductKind::Stock, ProductKind::Shared, ProductKind::Manual, ProductKind::Membership, ProductKind::TopUp]
    {
        let code = format!("barang-{}", i32::from(kind));
        let first = shop.put_product(product(&code, kind)).await;
        assert_eq!(first.result(), PutResult::Created);
        let made = first.product.unwrap();
        assert_eq!((made.kind(), made.price.clone()), (kind, Some(rupiah(25_000))));
        assert_eq!(made.stock, (kind == ProductKind::Stock).then_some(0), "the others have no end");
        let again = shop.put_product(product(&code, kind)).await;
        assert_eq!((again.result(), again.product), (PutResult::Unchanged, Some(made.clone())));
        let dearer = PutProductRequest { price: Some(rupiah(30_000)), ..product(&code, kind) };
        let changed = shop.put_product(dearer).await;
        assert_eq!(changed.result(), PutResult::Updated);
        let changed = changed.product.unwrap();
        assert_eq!((&changed.product_id, changed.price.clone()), (&made.product_id, Some(rupiah(30_000))));
        for name in [&code, &made.product_id] {
            assert_eq!(shop.product(name).await.unwrap(), changed, "an id or a code names it");
        }
    }
    for name in ["", "tidak-ada", "prd_7zzzzzzzzzzzzzzzzzzzzzzzzz", "É"] {
        assert_refused(shop.product(name).await, Code::NotFound, ErrorReason::NotFound);
    }
}

async fn every_fault_of_a_product_is_told_at_once(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let bad = PutProductRequest {
        code: "Huruf Besar".into(),
        name: "a\u{1}b".into(),
        description: "x".repeat(4_001),
        category_code: "É".into(),
        price: Some(Money { currency_code: "USD".into(), minor_units: 1 }),
        picture_media_id: "med_x".into(),
        membership_days: 5,
        shared_content: "x".into(),
        ..Default::default()
    };
    let found = refused_fields(&shop, bad).await;
    let expected = [
        "category_code",
        "code",
        "description",
        "kind",
        "membership_days",
        "name",
        "picture_media_id",
        "price",
        "shared_content",
    ];
    assert_eq!(found, expected.map(str::to_owned).into());
    // What only the store knows is told at once, too.
    let unknown = PutProductRequest {
        category_code: "tidak-ada".into(),
        picture_media_id: format!("med_{}", "0".repeat(64)),
        shared_content: String::new(),
        ..product("bagi", ProductKind::Shared)
    };
    let expected = ["category_code", "picture_media_id", "shared_content"];
    assert_eq!(refused_fields(&shop, unknown).await, expected.map(str::to_owned).into());
    for price in [-1, 100_000_001, i64::MAX] {
        let bad = PutProductRequest { price: Some(rupiah(price)), ..product("a", ProductKind::Stock) };
        assert_eq!(refused_fields(&shop, bad).await, ["price.minor_units".to_owned()].into(), "{price}");
    }
    assert_refused(shop.product("a").await, Code::NotFound, ErrorReason::NotFound);
}

async fn the_kind_of_a_product_stays(database: TestDatabase) {
    let shop = Shop::open(database).await;
    shop.put_product(product("a", ProductKind::Stock)).await;
    for kind in [ProductKind::Shared, ProductKind::Manual, ProductKind::Membership, ProductKind::TopUp] {
        assert_eq!(refused_fields(&shop, product("a", kind)).await, ["kind".to_owned()].into());
    }
    assert_eq!(shop.product("a").await.unwrap().kind(), ProductKind::Stock);
}

async fn shared_content_stays_until_another_is_given(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let with =
        |content: &str| PutProductRequest { shared_content: content.into(), ..product("a", ProductKind::Shared) };
    assert_eq!(shop.put_product(with("tautan satu")).await.result(), PutResult::Created);
    assert_eq!(shop.put_product(with("")).await.result(), PutResult::Unchanged);
    assert_eq!(shop.put_product(with("tautan satu")).await.result(), PutResult::Unchanged, "though it is encrypted");
    assert_eq!(shop.put_product(with("tautan dua")).await.result(), PutResult::Updated);
    assert_eq!(shop.put_product(with("")).await.result(), PutResult::Unchanged);
    assert_eq!(shop.put_product(with("tautan dua")).await.result(), PutResult::Unchanged);
}

async fn what_is_archived_is_not_there_for_buyers(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let made = shop.put_product(product("a", ProductKind::Stock)).await.product.unwrap();
    let archived = PutProductRequest { archived: true, ..product("a", ProductKind::Stock) };
    let after = shop.put_product(archived).await;
    assert_eq!(after.result(), PutResult::Updated);
    let after = after.product.unwrap();
    assert_eq!(after, Product { etag: after.etag.clone(), ..made.clone() });
    for name in ["a", &made.product_id] {
        assert_refused(shop.product(name).await, Code::NotFound, ErrorReason::NotFound);
    }
    assert!(shop.list_products(ListProductsRequest::default()).await.unwrap().products.is_empty());
    let added = shop.add_stock("a", ["x"]).await.unwrap();
    assert_eq!(added.product.unwrap().stock, Some(1), "it may be stocked before it is sold again");
    shop.put_product(product("a", ProductKind::Stock)).await;
    assert_eq!(shop.product("a").await.unwrap().stock, Some(1));
}

async fn a_list_of_products_is_searched_and_filtered(database: TestDatabase) {
    let shop = Shop::open(database).await;
    for (code, name, kind) in [
        ("satu", "Kunci Pertama", ProductKind::Stock),
        ("dua", "KUNCÍ Kedua 100%", ProductKind::Shared),
        ("tiga", "Jasa_Hati", ProductKind::Manual),
        ("empat", "Kunci VIP", ProductKind::Membership),
        ("lima", "Kunci Saldo", ProductKind::TopUp),
    ] {
        shop.put_product(PutProductRequest { name: name.into(), ..product(code, kind) }).await;
    }
    let of = |query: &str, kind: ProductKind| ListProductsRequest {
        query: query.into(),
        kind: kind.into(),
        ..Default::default()
    };
    for (query, kind, expected) in [
        ("", ProductKind::Unspecified, &["tiga", "dua", "satu"][..]),
        ("ku", ProductKind::Unspecified, &["dua", "satu"]),
        ("KUNCI kedu", ProductKind::Unspecified, &["dua"]),
        ("hati", ProductKind::Unspecified, &["tiga"]),
        ("100%", ProductKind::Unspecified, &["dua"]),
        ("jasahati", ProductKind::Unspecified, &["tiga"]),
        ("k++", ProductKind::Unspecified, &[]),
        ("' or 1=1 --", ProductKind::Unspecified, &[]),
        ("", ProductKind::Stock, &["satu"]),
        ("", ProductKind::Membership, &["empat"]),
        ("", ProductKind::TopUp, &["lima"]),
        ("kunci", ProductKind::Membership, &["empat"]),
        ("kunci", ProductKind::Manual, &[]),
    ] {
        let found = shop.list_products(of(query, kind)).await.unwrap().products;
        let codes: Vec<_> = found.iter().map(|product| product.code.as_str()).collect();
        assert_eq!(codes, expected, "{query} {kind:?}");
    }
    for query in ["a", "%%", "\0", &"a".repeat(101)] {
        let refused = shop.list_products(of(query, ProductKind::Unspecified)).await;
        assert_refused(refused, Code::InvalidArgument, ErrorReason::InvalidArgument);
    }
    // New words take the place of the old.
    shop.put_product(PutProductRequest { name: "Gembok".into(), ..product("satu", ProductKind::Stock) }).await;
    assert_eq!(shop.list_products(of("kunci", ProductKind::Stock)).await.unwrap().products.len(), 0);
    assert_eq!(shop.list_products(of("gembok", ProductKind::Stock)).await.unwrap().products.len(), 1);
}

async fn pages_have_every_product_once_while_others_are_added(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let long = PutProductRequest { description: "é".repeat(4_000), ..product("barang-00", ProductKind::Stock) };
    shop.put_product(long).await;
    for number in 1..25 {
        shop.put_product(product(&format!("barang-{number:02}"), ProductKind::Stock)).await;
    }
    let (mut seen, mut page_token) = (Vec::new(), String::new());
    loop {
        let page = shop.list_products(ListProductsRequest { page_token, ..Default::default() }).await.unwrap();
        assert!(page.products.len() == 20 || page.next_page_token.is_empty());
        seen.extend(page.products);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
        shop.put_product(product(&format!("baru-{}", seen.len()), ProductKind::Manual)).await;
        let other = ListProductsRequest {
            page_token: page_token.clone(),
            kind: ProductKind::Stock.into(),
            ..Default::default()
        };
        let refused = shop.list_products(other).await;
        assert_refused(refused, Code::InvalidArgument, ErrorReason::PageTokenInvalid);
    }
    let codes: Vec<_> = seen.iter().map(|product| product.code.clone()).collect();
    assert_eq!(codes, (0..25).rev().map(|number| format!("barang-{number:02}")).collect::<Vec<_>>());
    assert_eq!(seen[24].description.chars().count(), 200, "a list shows its beginning");
    assert_eq!(shop.product("barang-00").await.unwrap().description.chars().count(), 4_000);
    for (page_size, count) in [(1_000, 26), (26, 26), (1, 1)] {
        let page = shop.list_products(ListProductsRequest { page_size, ..Default::default() }).await.unwrap();
        assert_eq!((page.products.len(), page.next_page_token.is_empty()), (count, page_size != 1));
    }
    let negative = shop.list_products(ListProductsRequest { page_size: -1, ..Default::default() }).await;
    assert_refused(negative, Code::InvalidArgument, ErrorReason::InvalidArgument);
}

async fn a_product_category_shows_what_is_on_it(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let put = async |code: &str, name: &str, emoji: &str| {
        let message = PutProductCategoryRequest {
            request_id: shop.request_id(),
            code: code.into(),
            name: name.into(),
            emoji: emoji.into(),
            etag: "*".into(),
            ..Default::default()
        };
        Ok::<_, Status>(shop.catalog_admin().put_product_category(Caller::operator().says(message)).await?.into_inner())
    };
    let made = put("kunci", "Kunci", "🔑").await.unwrap();
    assert_eq!(made.result(), PutResult::Created);
    assert_eq!(put("kunci", "Kunci", "🔑").await.unwrap().result(), PutResult::Unchanged);
    put("kosong", "Kosong", "").await.unwrap();
    put("arsip", "Arsip", "").await.unwrap();
    let refused = assert_refused(put("X", "", "x").await, Code::InvalidArgument, ErrorReason::InvalidArgument);
    assert_eq!(fields(&refused), ["code", "name", "emoji"].map(str::to_owned).into());
    let on = |code: &str, kind| PutProductRequest { category_code: code.into(), ..product(code, kind) };
    let image = PutMediaRequest { request_id: shop.request_id(), content: picture(1) };
    let image = shop.media().put_media(Caller::operator().says(image)).await.unwrap().into_inner().media.unwrap();
    let pictured = PutProductRequest { picture_media_id: image.media_id.clone(), ..on("kunci", ProductKind::Stock) };
    shop.put_product(pictured).await;
    shop.put_product(PutProductRequest { archived: true, ..on("arsip", ProductKind::Stock) }).await;
    shop.put_product(product("lepas", ProductKind::Stock)).await;
    assert_eq!(put("kunci", "Kunci Emas", "🗝").await.unwrap().result(), PutResult::Updated);

    let message = ListProductCategoriesRequest {};
    let shelves = shop.catalog().list_product_categories(Caller::edge().says(message)).await.unwrap().into_inner();
    let shelves = shelves.product_categories;
    let names: Vec<_> = shelves.iter().map(|shelf| (shelf.code.as_str(), shelf.name.as_str())).collect();
    assert_eq!(names, [("kunci", "Kunci Emas")]);
    for name in ["kunci", &shelves[0].product_category_id] {
        let message = ListProductsRequest { product_category_id: name.into(), ..Default::default() };
        let found = shop.list_products(message).await.unwrap().products;
        assert_eq!(found.len(), 1);
        let shelf = ProductCategory { etag: String::new(), ..shelves[0].clone() };
        assert_eq!(found[0].category, Some(shelf), "it is edited elsewhere");
        assert_eq!(found[0].picture_media_id, image.media_id);
    }
    for unknown in ["gembok", "cat_7zzzzzzzzzzzzzzzzzzzzzzzzz"] {
        let message = ListProductsRequest { product_category_id: unknown.into(), ..Default::default() };
        assert_refused(shop.list_products(message).await, Code::NotFound, ErrorReason::NotFound);
    }
}

async fn stock_that_is_added_twice_counts_once(database: TestDatabase) {
    let shop = Shop::open(database).await;
    shop.put_product(product("a", ProductKind::Stock)).await;
    shop.put_product(product("b", ProductKind::Stock)).await;
    let first = shop.add_stock("a", ["satu", "dua\n", "satu\r\n", " tiga "]).await.unwrap();
    assert_eq!((first.added, first.duplicates, first.product.unwrap().stock), (3, 1, Some(3)));
    let second = shop.add_stock("a", ["dua", "empat", "tiga"]).await.unwrap();
    assert_eq!(
        (second.added, second.duplicates, second.product.unwrap().stock),
        (1, 2, Some(4)),
        "blanks make no line"
    );
    let other = shop.add_stock("b", ["satu"]).await.unwrap();
    assert_eq!((other.added, other.duplicates), (1, 0), "another product has stock of its own");
    // A retry is no second time, and answers as the first did.
    let message =
        AddStockRequest { request_id: shop.request_id(), code: "a".into(), lines: vec!["lima".into(), "satu".into()] };
    let operator = Caller::operator();
    let first = shop.catalog_admin().add_stock(operator.says(message.clone())).await.unwrap().into_inner();
    let again = shop.catalog_admin().add_stock(operator.says(message.clone())).await.unwrap().into_inner();
    assert_eq!((first.added, first.duplicates), (1, 1));
    assert_eq!(first, again);
    let another = AddStockRequest { lines: vec!["enam".into()], ..message };
    let refused = shop.catalog_admin().add_stock(operator.says(another)).await;
    assert_refused(refused, Code::InvalidArgument, ErrorReason::RequestIdReused);
    assert_eq!(shop.product("a").await.unwrap().stock, Some(5));
}

async fn two_who_add_the_same_stock_at_once_add_it_once(database: TestDatabase) {
    let shop = Shop::open(database).await;
    shop.put_product(product("a", ProductKind::Stock)).await;
    let forward: Vec<_> = (0..600).map(|number| format!("baris-{number}")).collect();
    let backward: Vec<_> = (300..900).rev().map(|number| format!("baris-{number}")).collect();
    let (one, other) = tokio::join!(shop.add_stock("a", &forward), shop.add_stock("a", &backward));
    let (one, other) = (one.unwrap(), other.unwrap());
    assert_eq!(one.added + other.added, 900);
    assert_eq!(one.duplicates + other.duplicates, 300);
    assert_eq!(shop.product("a").await.unwrap().stock, Some(900));
}

async fn stock_is_for_products_of_its_kind_and_within_limits(database: TestDatabase) {
    let shop = Shop::open(database).await;
    shop.put_product(product("a", ProductKind::Stock)).await;
    shop.put_product(product("jasa", ProductKind::Manual)).await;
    for unknown in ["", "tidak-ada"] {
        assert_refused(shop.add_stock(unknown, ["x"]).await, Code::NotFound, ErrorReason::NotFound);
    }
    let refused = shop.add_stock("jasa", ["x"]).await;
    assert_refused(refused, Code::InvalidArgument, ErrorReason::InvalidArgument);
    let invalid = (Code::InvalidArgument, ErrorReason::InvalidArgument);
    let many = vec!["x"; 1_001];
    let refused = assert_refused(shop.add_stock("a", many).await, invalid.0, invalid.1);
    assert_eq!(fields(&refused), ["lines".to_owned()].into());
    let refused = assert_refused(shop.add_stock("a", Vec::<String>::new()).await, invalid.0, invalid.1);
    assert_eq!(fields(&refused), ["lines".to_owned()].into());
    let bad = ["baik".to_owned(), String::new(), "é".repeat(4_001), "a\u{7}b".to_owned(), "\n".to_owned()];
    let refused = assert_refused(shop.add_stock("a", bad).await, invalid.0, invalid.1);
    assert_eq!(fields(&refused), ["lines[1]", "lines[2]", "lines[3]", "lines[4]"].map(str::to_owned).into());
    assert_eq!(shop.product("a").await.unwrap().stock, Some(0), "nothing of it was added");
    let most: Vec<_> = (0..1_000).map(|number| format!("{number:04}{}", "x".repeat(96))).collect();
    assert_eq!(shop.add_stock("a", most).await.unwrap().added, 1_000);
    assert_eq!(shop.add_stock("a", ["é".repeat(4_000)]).await.unwrap().added, 1);
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

async fn what_buyers_pay_for_is_stored_nowhere_in_the_clear(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let marks = ["RAHASIA-BARIS-4711", "RAHASIA-BERSAMA-4712", "RAHASIA-GANTI-4713"];
    shop.put_product(product("tampak-di-rak", ProductKind::Stock)).await;
    shop.add_stock("tampak-di-rak", [format!("akun@x.test:{}", marks[0])]).await.unwrap();
    for content in &marks[1..] {
        let shared = PutProductRequest { shared_content: (*content).into(), ..product("bagi", ProductKind::Shared) };
        shop.put_product(shared).await;
    }
    let dump = shop.dump();
    let holds = |text: &str| {
        [text, &hex(text.as_bytes())]
            .iter()
            .any(|needle| dump.windows(needle.len()).any(|window| window == needle.as_bytes()))
    };
    assert!(holds("tampak-di-rak"), "what is there is found");
    for mark in marks {
        assert!(!holds(mark), "{mark}");
    }
    // Nor is a hash that could be found out by trying.
    let request = format!(r#"{{"code":"tampak-di-rak","lines":["akun@x.test:{}"]}}"#, marks[0]);
    let hash = Sha256::digest(request.as_bytes());
    assert!(!dump.windows(32).any(|window| window == hash.as_slice()) && !holds(&hex(&hash)));
}

async fn changes_of_the_shop_are_audited_without_secrets(database: TestDatabase) {
    let shop = Shop::open(database).await;
    shop.put_product(product("a", ProductKind::Stock)).await;
    shop.put_product(PutProductRequest { price: Some(rupiah(31_000)), ..product("a", ProductKind::Stock) }).await;
    shop.add_stock("a", ["RAHASIA-1", "RAHASIA-2"]).await.unwrap();
    shop.add_stock("a", ["RAHASIA-1"]).await.unwrap();
    let shared =
        |content: &str| PutProductRequest { shared_content: content.into(), ..product("b", ProductKind::Shared) };
    shop.put_product(shared("RAHASIA-3")).await;
    shop.put_product(shared("RAHASIA-4")).await;
    let message = ListAuditEntriesRequest { page_size: 5, ..Default::default() };
    let found = shop.operations().list_audit_entries(Caller::operator().says(message)).await.unwrap().into_inner();
    let entries: Vec<_> = found.audit_entries.iter().rev().collect();
    let commands: Vec<_> = entries.iter().map(|entry| entry.command.as_str()).collect();
    let put = "catalog.put_product";
    assert_eq!(commands, [put, put, "catalog.add_stock", put, put], "what adds nothing leaves no trace");
    assert!(entries[1].before_json.contains("\"price\":25000") && entries[1].after_json.contains("\"price\":31000"));
    assert!(entries[2].after_json.contains("\"added\":2"));
    assert!(entries[4].after_json.contains("\"shared_content_replaced\":true"));
    assert!(!format!("{entries:?}").contains("RAHASIA"));
}

async fn a_list_shows_stock_that_was_just_added(database: TestDatabase) {
    let shop = Shop::open(database).await;
    shop.put_product(product("a", ProductKind::Stock)).await;
    let all = ListProductsRequest::default;
    assert_eq!(shop.list_products(all()).await.unwrap().products[0].stock, Some(0));
    shop.add_stock("a", ["x"]).await.unwrap();
    assert_eq!(shop.list_products(all()).await.unwrap().products[0].stock, Some(1));
    if shop.core.engine().is_shared() {
        let other = shop.replica().await;
        assert_eq!(other.list_products(all()).await.unwrap().products[0].stock, Some(1));
        shop.add_stock("a", ["y"]).await.unwrap();
        let started = std::time::Instant::now();
        while other.list_products(all()).await.unwrap().products[0].stock != Some(2) {
            assert!(started.elapsed().as_secs() < 30, "the page of the other replica stays as it was");
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }
}

async fn a_refusal_for_members_names_the_plans(database: TestDatabase) {
    let shop = Shop::open(database).await;
    shop.put(title("anggota", [free(file()), episode(file())])).await;
    let buyer = shop.user(BUYER).await;
    let request = async || {
        let message = RequestTitleRequest {
            request_id: shop.request_id(),
            title_id: "anggota".into(),
            episode_number: 2,
            ..Default::default()
        };
        shop.request_with(&buyer, message).await.unwrap()
    };
    let without = request().await;
    assert_eq!((without.state(), without.plans.len()), (State::VipRequired, 0));
    for number in 1..=12 {
        let plan = PutProductRequest {
            price: Some(rupiah(100_000 - number * 1_000)),
            membership_days: i32::try_from(number).unwrap() * 30,
            archived: number == 12,
            ..product(&format!("vip-{number}"), ProductKind::Membership)
        };
        shop.put_product(plan).await;
    }
    let refused = request().await;
    assert_eq!(refused.link, "https://t.me/warung_uji_bot?start=vip");
    let codes: Vec<_> = refused.plans.iter().map(|plan| plan.code.clone()).collect();
    assert_eq!(codes, (2..=11).rev().map(|number| format!("vip-{number}")).collect::<Vec<_>>(), "the cheapest ten");
    assert_eq!((refused.plans[0].membership_days, refused.plans[0].kind()), (330, ProductKind::Membership));
    let free = shop.request(&buyer, "anggota").await.unwrap();
    assert!(free.plans.is_empty());
}
