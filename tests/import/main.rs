//! `warung import` against a real core on real databases.

// So that clippy takes the helpers below for tests as well.
#![cfg(test)]

mod beside;
mod faults;
mod goods;
mod secrets;
mod shop;
mod trouble;

use std::fs;

use warung::import::{Counts, Summary};
use warung_store::testing::TestDatabase;

use shop::Shop;

warung_store::on_both_databases! {
    importing_again_changes_nothing;
    what_differs_is_changed_and_changed_back;
}

fn created(created: usize) -> Counts {
    Counts { created, ..Counts::default() }
}

fn unchanged(unchanged: usize) -> Counts {
    Counts { unchanged, ..Counts::default() }
}

async fn importing_again_changes_nothing(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let first = shop.import(&shop::sample()).await.unwrap();
    let all = Summary {
        categories: created(6),
        titles: created(24),
        memberships: created(1),
        product_categories: created(3),
        products: created(13),
        stock: created(178),
        pictures: 37,
        by_address: 1,
    };
    assert_eq!(first, all);
    assert_eq!(shop.audited().await, 89);
    // The file's last is the newest.
    let listed = shop.titles().await;
    assert_eq!(listed.len(), 24);
    assert_eq!((&*listed[0].code, &*listed[23].code), ("layang-layang-naga", "senja-di-dermaga-tiga"));
    assert!(listed.iter().all(|title| title.poster_media_id.starts_with("med_")));

    let again = shop.import(&shop::sample()).await.unwrap();
    let none = Summary {
        categories: unchanged(6),
        titles: unchanged(24),
        memberships: unchanged(1),
        product_categories: unchanged(3),
        products: unchanged(13),
        stock: unchanged(178),
        pictures: 37,
        by_address: 1,
    };
    assert_eq!(again, none);
    assert_eq!(shop.audited().await, 89, "what is the same leaves no trace");
    shop.close().await;
}

async fn what_differs_is_changed_and_changed_back(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let before = "
categories: [{code: misteri, name: Misteri, emoji: 🔍}]
titles:
  - {code: satu, name: Satu, category: misteri, episodes: [{number: 1, access: free, video: {file_id: A}}]}
  - code: dua
    name: 1917
    synopsis: |
      Baris satu.
      Baris dua.
    year: 2025
    episodes:
      - {number: 1, access: free, duration: 60, video: {chat_id: -100123, message_id: 7}}
      - {number: 2, name: Akhir, access: vip, video: {url: \"https://video.example/2.mp4\"}}
memberships: [{telegram_id: 7, until: 2027-01-31}, {telegram_id: 8, until: 2027-01-31T12:00:00+07:00}]
";
    let after = "
titles:
  - {code: tiga, name: Tiga, category: misteri, hidden: true, episodes: [{number: 1, access: vip}]}
  - {code: dua, name: 1917, synopsis: Baris satu., episodes: [{number: 1, access: vip}]}
memberships: [{telegram_id: 7, until: 2027-02-01}]
";
    let first = shop.import(&shop.file("library.yaml", before)).await.unwrap();
    let all = Summary {
        categories: created(1),
        titles: created(2),
        memberships: created(2),
        by_address: 1,
        ..Summary::default()
    };
    assert_eq!(first, all);
    let title = shop.title("dua").await;
    assert_eq!((&*title.name, &*title.synopsis, title.release_year), ("1917", "Baris satu.\nBaris dua.", 2025));
    assert_eq!((title.episode_count, title.free_episode_count), (2, 1));
    assert_eq!(shop.member_until(7).await, "2027-01-31T17:00:00+00:00", "the end of the day in Jakarta");
    assert_eq!(shop.member_until(8).await, "2027-01-31T05:00:00+00:00");

    // The category is not in this file, but in the store.
    let second = shop.import(&shop.file("library.yaml", after)).await.unwrap();
    assert_eq!(second.titles, Counts { created: 1, updated: 1, unchanged: 0 });
    assert_eq!(second.memberships, Counts { updated: 1, ..Counts::default() });
    let title = shop.title("dua").await;
    assert_eq!((title.episode_count, title.release_year), (1, 2025), "episodes that are gone from the file are hidden");
    assert_eq!(shop.member_until(7).await, "2027-02-01T17:00:00+00:00");
    assert_eq!(shop.member_until(8).await, "2027-01-31T05:00:00+00:00", "what the file does not name stays");
    assert_eq!(shop.titles().await.len(), 2, "a hidden title is not listed");

    let third = shop.import(&shop.file("library.yaml", before)).await.unwrap();
    assert_eq!(third.categories, unchanged(1));
    assert_eq!(third.titles, Counts { created: 0, updated: 1, unchanged: 1 });
    assert_eq!(third.memberships, Counts { created: 0, updated: 1, unchanged: 1 });
    assert_eq!(shop.title("dua").await.episode_count, 2);
    shop.close().await;
}

#[test]
fn the_summary_is_readable() {
    let summary = Summary {
        categories: created(6),
        titles: unchanged(24),
        memberships: created(1),
        products: created(13),
        stock: created(178),
        pictures: 37,
        ..Summary::default()
    };
    let expected = "categories:         6 created, 0 updated, 0 unchanged\n\
                    titles:             0 created, 0 updated, 24 unchanged\n\
                    memberships:        1 created, 0 updated, 0 unchanged\n\
                    product categories: 0 created, 0 updated, 0 unchanged\n\
                    products:           13 created, 0 updated, 0 unchanged\n\
                    stock lines:        178 created, 0 updated, 0 unchanged\n\
                    pictures:           37";
    assert_eq!(summary.to_string(), expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_example_of_the_documentation_can_be_imported() {
    let shop = Shop::on_sqlite().await;
    let documentation = fs::read_to_string("docs/import.md").unwrap();
    let (_, rest) = documentation.split_once("```yaml\n").unwrap();
    let (example, _) = rest.split_once("```").unwrap();
    for folder in ["posters", "products", "stock"] {
        fs::create_dir(shop.folder.path().join(folder)).unwrap();
    }
    for file in [
        "posters/mercusuar-nomor-sembilan.jpg",
        "products/voucher-rimba-juara-500.jpg",
        "stock/voucher-rimba-juara-500.txt",
    ] {
        shop.file(file, fs::read(format!("samples/{file}")).unwrap());
    }
    let summary = shop.import(&shop.file("library.yaml", example)).await.unwrap();
    let all = Summary {
        categories: created(1),
        titles: created(1),
        memberships: created(1),
        product_categories: created(1),
        products: created(5),
        stock: created(50),
        pictures: 2,
        by_address: 1,
    };
    assert_eq!(summary, all);
    assert_eq!(shop.title("mercusuar-nomor-sembilan").await.episodes.len(), 3);
    shop.close().await;
}
