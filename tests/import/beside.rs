//! A file that is imported while somebody edits the store.

use tonic::{Code, Status};
use warung::import::Counts;
use warung_proto::{
    ErrorReason,
    catalog::{ProductKind, PutProductRequest},
    error::reason,
    types::Money,
};
use warung_store::testing::TestDatabase;

use crate::shop::Shop;

warung_store::on_both_databases! {
    what_a_file_and_a_seller_say_at_once_of_a_product_is_all_kept;
    what_a_file_and_a_seller_make_at_once_is_as_the_file_says_or_the_seller_is_told;
    a_line_that_a_file_and_a_seller_add_at_once_is_there_once;
}

/// The chances that both meet.
const ROUNDS: i64 = 15;

fn of_file(shop: &Shop, code: &str, price: i64, more: &str) -> std::path::PathBuf {
    let yaml = format!("products: [{{code: {code}, name: Akun, kind: stock, price: {price}{more}}}]");
    shop.file("shop.yaml", yaml)
}

/// A seller's edit of what they see of a product, made again when they are told that somebody else edited it.
async fn describe(shop: &Shop, description: &str) {
    loop {
        let etag = shop.product("akun").await.etag;
        let (description, update_mask) = (description.to_owned(), vec!["description".to_owned()]);
        let edit = PutProductRequest { code: "akun".into(), description, etag, update_mask, ..Default::default() };
        match shop.put_product(edit).await {
            Ok(()) => return,
            Err(status) => assert_told(&status),
        }
    }
}

fn assert_told(status: &Status) {
    assert_eq!((status.code(), reason(status)), (Code::Aborted, ErrorReason::EditedMeanwhile), "{status}");
}

async fn what_a_file_and_a_seller_say_at_once_of_a_product_is_all_kept(database: TestDatabase) {
    let shop = Shop::open(database).await;
    shop.import(&of_file(&shop, "akun", 5_000, "")).await.unwrap();
    for round in 1..=ROUNDS {
        let (file, description) = (of_file(&shop, "akun", 5_000 + round, ""), format!("Putaran {round}."));
        let (imported, ()) = tokio::join!(shop.import(&file), describe(&shop, &description));
        assert_eq!(imported.unwrap().products, Counts { updated: 1, ..Counts::default() });
        let now = shop.product("akun").await;
        assert_eq!((now.price.unwrap().minor_units, now.description), (5_000 + round, description));
    }
    shop.close().await;
}

async fn what_a_file_and_a_seller_make_at_once_is_as_the_file_says_or_the_seller_is_told(database: TestDatabase) {
    let shop = Shop::open(database).await;
    for round in 1..=ROUNDS {
        let code = format!("akun-{round}");
        let file = of_file(&shop, &code, 5_000, "");
        let new = PutProductRequest {
            code: code.clone(),
            name: "Akun".into(),
            kind: ProductKind::Stock.into(),
            price: Some(Money { currency_code: "IDR".into(), minor_units: 7_000 }),
            ..Default::default()
        };
        let (imported, made) = tokio::join!(shop.import(&file), shop.put_product(new));
        let Counts { created, updated, unchanged } = imported.unwrap().products;
        if let Err(status) = &made {
            assert_told(status);
        }
        assert_eq!((created, updated, unchanged), if made.is_ok() { (0, 1, 0) } else { (1, 0, 0) });
        assert_eq!(shop.product(&code).await.price.unwrap().minor_units, 5_000);
    }
    shop.close().await;
}

async fn a_line_that_a_file_and_a_seller_add_at_once_is_there_once(database: TestDatabase) {
    let shop = Shop::open(database).await;
    shop.import(&of_file(&shop, "akun", 5_000, "")).await.unwrap();
    for round in 1..=ROUNDS {
        let file = of_file(&shop, "akun", 5_000, &format!(", stock: [file-{round}, both-{round}]"));
        let (both, own) = (format!("both-{round}"), format!("own-{round}"));
        let lines = [both.as_str(), own.as_str()];
        let (imported, added) = tokio::join!(shop.import(&file), shop.add_stock("akun", &lines));
        assert_eq!(imported.unwrap().stock.created + usize::try_from(added).unwrap(), 3);
        assert_eq!(shop.product("akun").await.stock, Some(3 * round));
    }
    shop.close().await;
}
