//! Goods are one text: what is counted is what is delivered, whatever way it comes in.

use warung_app::{
    Error,
    catalog::{AddStock, Etag, Mask, PutProduct},
    order::FulfilOrder,
};
use warung_domain::{
    catalog::{ProductInput, ProductKind},
    goods::Goods,
    money::Money,
    principal::Principal,
};
use warung_store::{on_both_databases, testing::TestDatabase};

use crate::{
    goods::to,
    shop::{FindStock, Shop},
};

on_both_databases! {
    a_line_that_was_sold_is_not_sold_again_whatever_clings_to_it;
    what_has_nothing_that_can_be_seen_is_never_in_stock;
    what_is_handed_over_arrives_as_it_was_checked;
    what_all_buyers_get_arrives_as_it_was_checked;
}

/// The same line, as copying and other programs leave it.
const SAME: [&str; 7] =
    ["a@x:1", "a@x:1\u{200b}", "\u{feff}a@x:1", "a@x:1\u{ad}", "a@x:1\u{2028}", " a@x:1\t ", "a@x:1\r\n"];

async fn a_line_that_was_sold_is_not_sold_again_whatever_clings_to_it(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    let id = shop.product("akun", ProductKind::Stock, 20_000).await;
    shop.stock("akun", ["\u{feff}a@x:1 ".to_owned()]).await;
    shop.bought(buyer, &[("akun", 1)]).await;
    assert!(to(&shop.sent().await, 7).contains("<code>a@x:1</code>"), "what is delivered is what was counted");
    for line in SAME {
        let added = shop.core(AddStock { code: "akun".into(), lines: vec![Goods::new(line)] }).await;
        assert_eq!((added.added, added.duplicates), (0, 1), "{line:?}");
    }
    assert_eq!(shop.ask(Principal::CORE, FindStock(id)).await, (0, 0, 1));
    let lines = SAME.map(|line| Goods::new(line.replace('1', "2"))).to_vec();
    let added = shop.core(AddStock { code: "akun".into(), lines }).await;
    assert_eq!((added.added, added.duplicates), (1, 6), "of one batch as well");
    shop.proven().await;
}

async fn what_has_nothing_that_can_be_seen_is_never_in_stock(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let id = shop.product("akun", ProductKind::Stock, 20_000).await;
    for line in ["\u{200b}", "\u{feff}", "\u{ad} \u{2028}", "\u{3164}", "a\u{200b}b", "a\0b", "a\u{202e}b"] {
        let lines = vec![Goods::new("baik"), Goods::new(line)];
        let refused = shop.run(Principal::CORE, AddStock { code: "akun".into(), lines }).await;
        let Err(Error::Invalid(violations)) = refused else { panic!("{line:?}: {refused:?}") };
        let fields: Vec<_> = violations.iter().map(|violation| &*violation.field).collect();
        assert_eq!(fields, ["lines[1]"], "{line:?}");
    }
    assert_eq!(shop.ask(Principal::CORE, FindStock(id)).await, (0, 0, 0), "of a batch with a fault nothing is added");
}

async fn what_is_handed_over_arrives_as_it_was_checked(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    shop.product("tangan", ProductKind::Manual, 5_000).await;
    let order = shop.bought(buyer, &[("tangan", 1)]).await;
    let fulfil = |goods: &str| FulfilOrder { name: order.to_string(), line: None, goods: Goods::new(goods) };
    for goods in ["\u{200b}", "hasil\u{200b}kerja", "hasil\u{7}"] {
        let refused = shop.run(Principal::CORE, fulfil(goods)).await;
        let Err(Error::Invalid(violations)) = refused else { panic!("{goods:?}: {refused:?}") };
        assert!(violations.iter().all(|violation| violation.field == "goods"), "{violations:?}");
    }
    shop.run(Principal::CORE, fulfil("\u{feff}hasil kerja ❤\u{fe0f}\r\nbaris dua \n")).await.unwrap();
    assert!(to(&shop.sent().await, 7).contains("<code>hasil kerja ❤\u{fe0f}\nbaris dua</code>"));
}

async fn what_all_buyers_get_arrives_as_it_was_checked(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    let put = |content: &str| {
        let input = ProductInput {
            code: "panduan".into(),
            name: "Panduan".into(),
            kind: Some(ProductKind::Shared),
            price: Some(Money::idr(5_000)),
            shared_content: Goods::new(content),
            ..ProductInput::default()
        };
        PutProduct { input, etag: Etag::any(), mask: Mask::default() }
    };
    shop.core(put("\u{200b}https://rahasia.example/panduan \n")).await;
    for content in ["\u{200b}", " ", "https://rahasia.example/\u{202e}panduan"] {
        let refused = shop.run(Principal::CORE, put(content)).await;
        let Err(Error::Invalid(violations)) = refused else { panic!("{content:?}: {refused:?}") };
        assert!(violations.iter().all(|violation| violation.field == "shared_content"), "{violations:?}");
    }
    let before = shop.core(put("https://rahasia.example/panduan")).await;
    assert_eq!(before, shop.core(put("")).await, "nothing given is what it was");
    shop.bought(buyer, &[("panduan", 1)]).await;
    assert!(to(&shop.sent().await, 7).contains("<code>https://rahasia.example/panduan</code>"));
}
