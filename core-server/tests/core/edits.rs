//! Two who edit the same thing at once: the second one is told, and nobody's edit is lost.

use tonic::{Code, Response, Status};
use warung_app::testing::{ADMIN_ID, OWNER_ID};
use warung_proto::{
    ErrorReason,
    catalog::{ProductKind, PutProductCategoryRequest, PutProductRequest, PutResult},
    library::{self, GetTitleRequest, PutCategoryRequest, PutTitleRequest},
    operations::UpdateSettingRequest,
};
use warung_store::{on_both_databases, testing::TestDatabase};

use crate::support::{BUYER, Caller, Shop, Till, assert_refused, episode, file, free, linked, product, rupiah, title};

on_both_databases! {
    of_two_who_edit_a_product_at_once_one_is_told_and_edits_what_the_other_made;
    of_two_who_edit_a_title_at_once_one_is_told;
    of_two_who_edit_a_shelf_at_once_one_is_told;
    of_two_who_change_a_setting_at_once_one_is_told;
    of_two_who_make_the_same_at_once_one_is_told;
    what_is_there_is_not_overwritten_by_who_has_not_looked;
    a_sale_is_no_edit;
    what_is_not_meant_stays_as_a_colleague_left_it;
    what_is_archived_is_still_seen_by_who_edits_it;
}

/// Of two answers, the one that was given; the other one says that somebody was before.
#[track_caller]
fn one_of<T: std::fmt::Debug>(answers: (Result<Response<T>, Status>, Result<Response<T>, Status>)) -> T {
    let (given, refused) = match answers {
        (Ok(given), refused) | (refused, Ok(given)) => (given, refused),
        (Err(one), Err(other)) => panic!("{one:?}, {other:?}"),
    };
    let status = assert_refused(refused, Code::Aborted, ErrorReason::EditedMeanwhile);
    assert!(status.message().contains("look at it again"), "{status:?}");
    given.into_inner()
}

/// How many edits of products were written down.
async fn traces(shop: &Shop) -> usize {
    shop.audit_rows().await.iter().filter(|row| row.command == "catalog.put_product").count()
}

async fn of_two_who_edit_a_product_at_once_one_is_told_and_edits_what_the_other_made(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let (one, other) = (shop.user(ADMIN_ID).await, shop.user(OWNER_ID).await);
    let seen = shop.put_product(product("pulsa", ProductKind::Stock)).await.product.unwrap();
    let edit = |etag: &str| PutProductRequest {
        request_id: shop.request_id(),
        etag: etag.into(),
        ..product("pulsa", ProductKind::Stock)
    };
    let dearer = PutProductRequest { price: Some(rupiah(30_000)), ..edit(&seen.etag) };
    let described = PutProductRequest { description: "Lebih jelas.".into(), ..edit(&seen.etag) };
    let put = async |caller: &Caller, message| shop.catalog_admin().put_product(caller.says(message)).await;
    let made = one_of(tokio::join!(put(&one, dearer), put(&other, described)));
    let made = made.product.unwrap();
    assert_ne!(made.etag, seen.etag);
    assert_eq!(shop.product("pulsa").await.unwrap(), made, "the edit that came first is whole");
    // Who was refused looks again, and edits what is there now.
    let again = PutProductRequest { description: "Sama-sama.".into(), ..edit(&made.etag) };
    let again = put(&one, PutProductRequest { price: made.price.clone(), ..again }).await.unwrap().into_inner();
    assert_eq!((again.result(), again.product.unwrap().price), (PutResult::Updated, made.price));
    // A stale one is refused even within the same instant, and what asks for no change is not.
    let late = put(&other, PutProductRequest { price: Some(rupiah(1)), ..edit(&made.etag) }).await;
    assert_refused(late, Code::Aborted, ErrorReason::EditedMeanwhile);
    let now = shop.product("pulsa").await.unwrap();
    let same = PutProductRequest { price: now.price, description: now.description, ..edit(&seen.etag) };
    assert_eq!(put(&other, same).await.unwrap().into_inner().result(), PutResult::Unchanged);
    assert_eq!(traces(&shop).await, 3, "one trace an edit");
}

async fn of_two_who_edit_a_title_at_once_one_is_told(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let (one, other) = (shop.user(ADMIN_ID).await, shop.user(OWNER_ID).await);
    let seen = shop.put(title("filem", [free(file())])).await;
    let edit =
        |title: PutTitleRequest| PutTitleRequest { request_id: shop.request_id(), etag: seen.etag.clone(), ..title };
    // One adds an episode, the other one gives the title another name.
    let longer = edit(title("filem", [free(file()), episode(linked())]));
    let named = edit(PutTitleRequest { name: "Judul lain".into(), ..title("filem", [free(file())]) });
    let put = async |caller: &Caller, message| shop.library_admin().put_title(caller.says(message)).await;
    let made = one_of(tokio::join!(put(&one, longer), put(&other, named))).title.unwrap();
    let message = GetTitleRequest { title_id: "filem".into() };
    let found = shop.library().get_title(one.says(message)).await.unwrap().into_inner().title.unwrap();
    assert_eq!(found, made, "whole, with its episodes");
    assert_ne!(made.etag, seen.etag);
}

async fn of_two_who_edit_a_shelf_at_once_one_is_told(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let operator = Caller::operator();
    let shelf = |name: &str, etag: &str| PutProductCategoryRequest {
        request_id: shop.request_id(),
        code: "rak".into(),
        name: name.into(),
        etag: etag.into(),
        ..Default::default()
    };
    let put = async |message| shop.catalog_admin().put_product_category(operator.says(message)).await;
    let seen = put(shelf("Rak", "")).await.unwrap().into_inner().product_category.unwrap();
    let (one, other) = (shelf("Rak satu", &seen.etag), shelf("Rak dua", &seen.etag));
    let made = one_of(tokio::join!(put(one), put(other))).product_category.unwrap();
    assert_ne!(made.etag, seen.etag);
    put(shelf("Rak tiga", &made.etag)).await.unwrap();

    let shelf = |name: &str, etag: &str| PutCategoryRequest {
        request_id: shop.request_id(),
        code: "laga".into(),
        name: name.into(),
        etag: etag.into(),
        ..Default::default()
    };
    let put = async |message| shop.library_admin().put_category(operator.says(message)).await;
    let seen = put(shelf("Laga", "")).await.unwrap().into_inner().category.unwrap();
    let (one, other) = (shelf("Laga satu", &seen.etag), shelf("Laga dua", &seen.etag));
    let made = one_of(tokio::join!(put(one), put(other))).category.unwrap();
    assert_ne!(made.etag, seen.etag);
    put(shelf("Laga tiga", &made.etag)).await.unwrap();
}

async fn of_two_who_change_a_setting_at_once_one_is_told(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let (one, other) = (shop.user(OWNER_ID).await, Caller::operator());
    let put = async |caller: &Caller, value: &str, etag: &str| {
        let message = UpdateSettingRequest {
            request_id: shop.request_id(),
            key: "store.contact".into(),
            value: value.into(),
            etag: etag.into(),
        };
        shop.operations().update_setting(caller.says(message)).await
    };
    // Both saw the default, and then what the first of them made of it.
    let made = one_of(tokio::join!(put(&one, "@satu", ""), put(&other, "@dua", ""))).setting.unwrap();
    let again = one_of(tokio::join!(put(&one, "@tiga", &made.etag), put(&other, "@empat", &made.etag)));
    let again = again.setting.unwrap();
    assert_ne!(again.etag, made.etag);
    let default = put(&one, "", &again.etag).await.unwrap().into_inner().setting.unwrap();
    assert_eq!((default.value, default.etag), (String::new(), String::new()));
    let late = put(&other, "@lima", &again.etag).await;
    assert_refused(late, Code::Aborted, ErrorReason::EditedMeanwhile);
}

async fn of_two_who_make_the_same_at_once_one_is_told(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let operator = Caller::operator();
    let new = |price| PutProductRequest {
        request_id: shop.request_id(),
        price: Some(rupiah(price)),
        etag: String::new(),
        ..product("pulsa", ProductKind::Stock)
    };
    let put = async |message| shop.catalog_admin().put_product(operator.says(message)).await;
    let made = one_of(tokio::join!(put(new(10_000)), put(new(20_000))));
    assert_eq!(made.result(), PutResult::Created);
    assert_eq!(shop.product("pulsa").await.unwrap(), made.product.unwrap());
}

async fn what_is_there_is_not_overwritten_by_who_has_not_looked(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let put = |price, etag: &str| {
        let etag = etag.to_owned();
        shop.try_put_product(PutProductRequest {
            price: Some(rupiah(price)),
            etag,
            ..product("pulsa", ProductKind::Stock)
        })
    };
    assert_eq!(put(10_000, "").await.unwrap().result(), PutResult::Created);
    assert_eq!(put(10_000, "").await.unwrap().result(), PutResult::Unchanged, "just so");
    for etag in ["", "0", "1", "garbage"] {
        assert_refused(put(20_000, etag).await, Code::Aborted, ErrorReason::EditedMeanwhile);
    }
    assert_eq!(put(20_000, "*").await.unwrap().result(), PutResult::Updated);
    assert_eq!(traces(&shop).await, 2, "who is refused changes nothing");
}

async fn a_sale_is_no_edit(database: TestDatabase) {
    let till = Till::open(database).await;
    let seen = till.product("pulsa").await.unwrap();
    let buyer = till.user(BUYER).await;
    let order = till.buy(&buyer).await;
    till.pay(&order.payments[0]).await;
    till.add_stock("pulsa", ["sebaris"]).await.unwrap();
    let now = till.product("pulsa").await.unwrap();
    assert_ne!((now.stock, now.sold), (seen.stock, seen.sold));
    assert_eq!(now.etag, seen.etag);
}

async fn what_is_not_meant_stays_as_a_colleague_left_it(database: TestDatabase) {
    let shop = Shop::open(database).await;
    shop.put_product(product("panduan", ProductKind::Shared)).await;
    let described = PutProductRequest { description: "Lebih jelas.".into(), ..product("panduan", ProductKind::Shared) };
    let described = shop.put_product(described).await.product.unwrap();
    // As a price list has it: nothing but the price.
    let dearer = |mask: &[&str]| PutProductRequest {
        code: "panduan".into(),
        price: Some(rupiah(30_000)),
        etag: "*".into(),
        update_mask: mask.iter().map(|field| (*field).to_owned()).collect(),
        ..Default::default()
    };
    let put = shop.put_product(dearer(&["price"])).await;
    assert_eq!(put.result(), PutResult::Updated);
    let now = put.product.unwrap();
    assert_eq!(
        (&now.price, &now.description, &now.name),
        (&Some(rupiah(30_000)), &described.description, &described.name)
    );
    assert_eq!(shop.put_product(dearer(&["price"])).await.result(), PutResult::Unchanged);
    for mask in [&["prize"][..], &["price", ""], &["request_id"]] {
        let refused = shop.try_put_product(dearer(mask)).await;
        assert_refused(refused, Code::InvalidArgument, ErrorReason::InvalidArgument);
    }

    let seen = shop.put(title("filem", [free(file()), episode(linked())])).await;
    let renamed = PutTitleRequest {
        code: "filem".into(),
        name: "Judul lain".into(),
        etag: seen.etag.clone(),
        update_mask: vec!["name".into()],
        ..Default::default()
    };
    let now = shop.put(renamed).await;
    assert_eq!(library::Title { name: "Judul lain".into(), etag: now.etag.clone(), ..seen }, now, "its episodes too");
}

async fn what_is_archived_is_still_seen_by_who_edits_it(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let archived = PutProductRequest { archived: true, ..product("lama", ProductKind::Stock) };
    let made = shop.put_product(archived).await.product.unwrap();
    let get = async |caller: &Caller| {
        let message = warung_proto::catalog::GetProductRequest { product_id: "lama".into() };
        shop.catalog().get_product(caller.says(message)).await.map(|found| found.into_inner().product.unwrap())
    };
    assert_eq!(get(&shop.user(ADMIN_ID).await).await.unwrap(), made);
    assert_refused(get(&shop.user(BUYER).await).await, Code::NotFound, ErrorReason::NotFound);
}
