//! Files with faults: each is told with its line, and nothing is written.

use std::{fmt::Write as _, fs};

use warung::import::ImportError;

use crate::shop::Shop;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_is_told_with_its_line_and_nothing_is_written() {
    let shop = Shop::on_sqlite().await;
    shop.file("catatan.txt", "ini bukan gambar");
    shop.file("besar.jpg", vec![0xff; 3 << 20]);
    let told = shop.refusal(include_str!("faulty.yaml")).await;
    assert_eq!(told, include_str!("faulty.txt").trim_end(), "{told}");
    assert_eq!((shop.audited().await, shop.titles().await.len()), (0, 0));
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_is_no_library_is_refused() {
    let shop = Shop::on_sqlite().await;
    let deep = format!("titles: {}{}", "[".repeat(200), "]".repeat(200));
    for (content, told) in [
        ("", "1: is empty: categories, titles, memberships, product_categories or products are expected"),
        (
            "# nothing yet\n---\n",
            "1: is empty: categories, titles, memberships, product_categories or products are expected",
        ),
        (
            "- satu\n- dua\n",
            "1: must be keys with values: categories, titles, memberships, product_categories, products",
        ),
        ("titles: satu\n", "1: titles: must be a list: each item on a line that begins with a hyphen"),
        ("titles:\n  - code: satu\n   name: Satu\n", "3: is no valid YAML: "),
        ("titles:\n  - {code: satu, name: \"Satu}\n", "2: is no valid YAML: "),
        ("categories: []\n--- \ntitles: []\n", "2: begins a second document (---): a file has one"),
        ("categories: []\ntitles: [{code: a\u{0}}]\n", "2: has a control character, which YAML does not allow"),
        ("titles:\n  - ? [a, b]\n    : c\n", "2: titles[0]: has a list or mapping as a key: keys are text"),
        (&deep, "1: titles[0][0][0][0][0][0][0][0][0][0][0][0][0][0][0]: lies deeper than 16 levels"),
    ] {
        let refusal = shop.refusal(content).await;
        assert!(refusal.starts_with(&format!("library.yaml:{told}")), "{content}\n{refusal}");
        assert!(refusal.ends_with("Nothing was imported; faults: 1."), "{content}\n{refusal}");
    }
    let latin = shop.refusal(b"categories:\n  - {code: a, name: Caf\xe9}\n").await;
    assert!(latin.starts_with("library.yaml:2: is not UTF-8: save the file in UTF-8\n"), "{latin}");
    assert_eq!(shop.refusal(vec![b'#'; (16 << 20) + 1]).await, "library.yaml: is larger than 16 MiB: split it");
    let absent = shop.import(&shop.folder.path().join("absent.yaml")).await.unwrap_err().to_string();
    assert!(absent.contains("absent.yaml: can't be read: No such file"), "{absent}");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn aliases_of_aliases_are_not_followed() {
    let shop = Shop::on_sqlite().await;
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..=30 {
        let below = format!("*a{}, ", level - 1).repeat(10);
        writeln!(bomb, "a{level}: &a{level} [{below}]").unwrap();
    }
    let Err(ImportError::Faults { faults, .. }) = shop.import(&shop.file("library.yaml", bomb)).await else {
        panic!("the file has faults");
    };
    assert_eq!(faults.len(), 31 + 31 + 300, "each key, anchor and alias once");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_picture_is_looked_at_before_anything_is_sent() {
    let shop = Shop::on_sqlite().await;
    let picture = fs::read("samples/posters/layang-layang-naga.jpg").unwrap();
    shop.file("utuh.jpg", &picture);
    shop.file("putus.jpg", &picture[..picture.len() / 2]);
    let title = |code: &str, poster: &str| {
        format!("  - {{code: {code}, name: A, poster: {poster}, episodes: [{{number: 1, access: free}}]}}\n")
    };
    let refusal = shop.refusal(format!("titles:\n{}{}", title("a", "utuh.jpg"), title("b", "putus.jpg"))).await;
    assert!(refusal.starts_with("library.yaml:3: titles[1].poster: putus.jpg is a damaged picture\n"), "{refusal}");
    assert!(shop.refusal(format!("titles:\n{}", title("a", "."))).await.contains("is no file"));
    assert_eq!(shop.pictures(), 0);

    // The same picture under two names is sent once.
    shop.file("sama.jpg", &picture);
    let both = shop.file("library.yaml", format!("titles:\n{}{}", title("a", "utuh.jpg"), title("b", "sama.jpg")));
    assert_eq!(shop.import(&both).await.unwrap().pictures, 1);
    assert_eq!(shop.title("a").await.poster_media_id, shop.title("b").await.poster_media_id);
    shop.close().await;
}
