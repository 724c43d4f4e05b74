//! The shop of a file: its products and their stock.

use std::fs;

use warung::import::{Counts, Summary};
use warung_proto::catalog::{Product, ProductKind};
use warung_store::testing::TestDatabase;

use crate::{created, shop::Shop, unchanged};

warung_store::on_both_databases! {
    a_shop_is_changed_and_changed_back;
    stock_is_added_once_whatever_file_it_comes_from;
}

const BEFORE: &str = "
product_categories: [{code: hiburan, name: Hiburan, emoji: 🎧}]
products:
  - {code: jasa, name: Jasa, kind: manual, price: 150000, archived: false}
  - {code: panduan, name: Panduan, kind: shared, price: 25000, content: isi rahasia}
  - {code: vip, name: VIP, kind: membership, price: 45000, days: 30}
  - {code: saldo, name: Saldo, kind: top_up, price: 50000}
  - code: voucher
    name: 500 Permata
    category: hiburan
    kind: stock
    price: 68000
    description: |
      Baris satu.
      Baris dua.
    stock: [A-1, A-2, 0042]
";

fn kinds(products: &[Product]) -> Vec<(&str, ProductKind)> {
    products.iter().map(|product| (product.code.as_str(), product.kind())).collect()
}

async fn a_shop_is_changed_and_changed_back(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let first = shop.import(&shop.file("shop.yaml", BEFORE)).await.unwrap();
    let all = Summary { product_categories: created(1), products: created(5), stock: created(3), ..Summary::default() };
    assert_eq!(first, all);
    let listed = shop.products(ProductKind::Unspecified).await;
    let expected = [("voucher", ProductKind::Stock), ("panduan", ProductKind::Shared), ("jasa", ProductKind::Manual)];
    assert_eq!(kinds(&listed), expected, "the file's last is the newest");
    let voucher = shop.product("voucher").await;
    assert_eq!((voucher.stock, voucher.description.as_str()), (Some(3), "Baris satu.\nBaris dua."));
    assert_eq!(voucher.category.unwrap().name, "Hiburan");
    assert_eq!(shop.product("vip").await.membership_days, 30);
    assert_eq!(kinds(&shop.products(ProductKind::TopUp).await), [("saldo", ProductKind::TopUp)]);
    let audited = shop.audited().await;

    let again = shop.import(&shop.file("shop.yaml", BEFORE)).await.unwrap();
    let none =
        Summary { product_categories: unchanged(1), products: unchanged(5), stock: unchanged(3), ..Summary::default() };
    assert_eq!(again, none);
    assert_eq!(shop.audited().await, audited, "what is the same leaves no trace");

    let after = "
products:
  - {code: voucher, name: 500 Permata, category: hiburan, kind: stock, price: 70000, stock: [A-2, A-3]}
  - {code: panduan, name: Panduan, kind: shared, price: 25000, content: isi lain}
  - {code: jasa, name: Jasa, kind: manual, price: 150000, archived: true}
";
    let second = shop.import(&shop.file("shop.yaml", after)).await.unwrap();
    assert_eq!(second.products, Counts { updated: 3, ..Counts::default() });
    assert_eq!(second.stock, Counts { created: 1, unchanged: 1, ..Counts::default() });
    let voucher = shop.product("voucher").await;
    let left_out = "what the file leaves out stays as it is in the store";
    assert_eq!((voucher.stock, voucher.description.as_str()), (Some(4), "Baris satu.\nBaris dua."), "{left_out}");
    assert_eq!(voucher.price.unwrap().minor_units, 70_000);
    assert_eq!(shop.products(ProductKind::Unspecified).await.len(), 2, "an archived product is not listed");

    let third = shop.import(&shop.file("shop.yaml", BEFORE)).await.unwrap();
    assert_eq!(third.products, Counts { created: 0, updated: 3, unchanged: 2 });
    assert_eq!(third.stock, unchanged(3), "stock is added and never taken away");
    assert_eq!(shop.product("voucher").await.stock, Some(4));
    shop.close().await;
}

async fn stock_is_added_once_whatever_file_it_comes_from(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let lines: Vec<_> = (0..2_500).map(|number| format!("akun-{number}@kotak.example")).collect();
    shop.file("akun.txt", format!("\u{feff}\n{}\r\n\n\n", lines.join("\r\n")));
    let yaml = "products: [{code: akun, name: Akun, kind: stock, price: 5000, stock_file: akun.txt}]";
    let first = shop.import(&shop.file("shop.yaml", yaml)).await.unwrap();
    assert_eq!(first.stock, created(2_500), "more than fit into one call, and blank lines are none");
    assert_eq!(shop.product("akun").await.stock, Some(2_500));
    let inline = "products: [{code: akun, name: Akun, kind: stock, price: 5000, stock: [akun-7@kotak.example, baru]}]";
    let second = shop.import(&shop.file("shop.yaml", inline)).await.unwrap();
    assert_eq!(second.stock, Counts { created: 1, unchanged: 1, ..Counts::default() });
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_of_a_shop_is_told_with_its_line_and_nothing_is_written() {
    let shop = Shop::on_sqlite().await;
    shop.file("catatan.txt", "ini bukan gambar");
    shop.file("kosong.txt", "\n \n");
    shop.file("biner.txt", b"\xff\xfe");
    shop.file("panjang.txt", format!("baik\n{}\nbaik juga\n{}\n", "x".repeat(4_001), "y".repeat(5_000)));
    let told = shop.refusal(include_str!("faulty_shop.yaml")).await;
    assert_eq!(told, include_str!("faulty_shop.txt").trim_end(), "{told}");
    assert_eq!((shop.audited().await, shop.products(ProductKind::Unspecified).await.len()), (0, 0));
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_core_refuses_of_a_shop_is_told_with_its_line() {
    let shop = Shop::on_sqlite().await;
    let picture = fs::read("samples/products/vip-30-hari.jpg").unwrap();
    shop.file("vip.jpg", picture);
    let made = "products: [{code: a, name: A, kind: manual, price: 1, picture: vip.jpg}]";
    let first = shop.import(&shop.file("shop.yaml", made)).await.unwrap();
    assert_eq!((first.products, first.pictures), (created(1), 1));
    assert!(shop.product("a").await.picture_media_id.starts_with("med_"));
    let other = "products:\n  - code: a\n    name: A\n    kind: stock\n    price: 1\n    stock: [x]\n";
    let refusal = shop.import(&shop.file("library.yaml", other)).await.unwrap_err().to_string();
    assert!(refusal.contains("library.yaml:4: products[0].kind: can't be changed: it is MANUAL"), "{refusal}");
    assert_eq!(shop.product("a").await.kind(), ProductKind::Manual);
    let unknown =
        "products:\n  - code: a\n    name: A\n    kind: manual\n    price: 1\n    gateways:\n      - pakasirr\n";
    let refusal = shop.import(&shop.file("library.yaml", unknown)).await.unwrap_err().to_string();
    let expected = "library.yaml:7: products[0].gateways[0]: is no gateway of this store; there is none";
    assert!(refusal.contains(expected), "{refusal}");
    shop.close().await;
}
