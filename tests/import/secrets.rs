//! Stock lines are other people's secrets: what a reader would change or lose of them without a word is a fault with its line.

use warung_store::testing::TestDatabase;

use crate::{created, shop::Shop};

warung_store::on_both_databases! {
    a_line_is_sold_as_it_stands_in_the_file;
    a_line_of_a_stock_file_is_counted_as_it_is_delivered;
}

/// A file whose product has this stock, from line 2 on.
fn with_stock(stock: &str) -> String {
    format!("products:\n- {{code: a, name: A, kind: stock, price: 1, {stock}}}\n")
}

fn with_lines(lines: &str) -> String {
    format!("products:\n- code: a\n  name: A\n  kind: stock\n  price: 1\n  stock:\n{lines}\n")
}

async fn a_line_is_sold_as_it_stands_in_the_file(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let file = with_lines(concat!(
        "    - 0123\n    - 1e5\n    - 0x1F\n    - 1_000\n    - 12:30:00\n    - 2026-01-01\n    - yes\n    - .inf\n",
        "    - budi@contoh.example:rahasia#1\n    - 'it''s: #1'\n    - \"a \\\"b\\\" \\\\ c # d\"\n    - x,y\n",
        "    - |\n      email: budi@contoh.example # utama\n      sandi: ~\n    - \"~\" # a comment\n    - 'null'\n    - -- -x\n",
    ));
    let lines = [
        "0123",
        "1e5",
        "0x1F",
        "1_000",
        "12:30:00",
        "2026-01-01",
        "yes",
        ".inf",
        "budi@contoh.example:rahasia#1",
        "it's: #1",
        "a \"b\" \\ c # d",
        "x,y",
        "email: budi@contoh.example # utama\nsandi: ~",
        "~",
        "null",
        "-- -x",
    ];
    let imported = shop.import(&shop.file("library.yaml", file)).await.unwrap();
    assert_eq!(imported.stock, created(lines.len()));
    assert_eq!(shop.add_stock("a", &lines).await, 0, "each is there, just so");
    shop.close().await;
}

async fn a_line_of_a_stock_file_is_counted_as_it_is_delivered(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let file = shop.file("library.yaml", with_stock("stock_file: akun.txt"));
    shop.file("akun.txt", "a@x:1\n");
    assert_eq!(shop.import(&file).await.unwrap().stock, created(1));
    shop.file("akun.txt", "\u{feff}a@x:1\u{200b}\r\na@x:1 \t\n\na@x:1\u{2028}\n\u{ad}a@x:1\n#2 ~ \"b\": c # d\n");
    let again = shop.import(&file).await.unwrap().stock;
    assert_eq!((again.created, again.unchanged), (1, 4));
    assert_eq!(shop.add_stock("a", &["a@x:1", "#2 ~ \"b\": c # d"]).await, 0);

    shop.file("akun.txt", "baik\n\u{200b}\nx\u{200b}y\n\nlama\rdua\nhil\u{fffd}ang\n");
    let refused = shop.import(&file).await.unwrap_err().to_string();
    let told = "akun.txt: line 2 has nothing that can be seen; line 3 has U+200B, which can't be seen, or changes how the \
                rest reads: type it anew without; line 5 has U+000D, which is a control character: type it anew without; \
                line 6 has U+FFFD, which stands for a letter that was lost when the text was saved in another encoding: \
                type it anew without";
    assert!(refused.contains(told), "{refused}");
    assert_eq!(shop.product("a").await.stock, Some(2), "nothing of it was added");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_yaml_would_make_of_a_stock_line_without_a_word_is_a_fault() {
    let shop = Shop::on_sqlite().await;
    let cut = "is cut by YAML at \" #\"";
    let nothing = "says nothing in YAML";
    for (lines, fault) in [
        ("    - budi@contoh.example:rahasia #1", cut),
        ("    - budi@contoh.example:rahasia\t# satu", cut),
        ("    - ~", nothing),
        ("    - null", nothing),
        ("    -", nothing),
        ("    - #rahasia", nothing),
        ("    - satu\n      dua", "goes over several lines"),
        ("    - 'satu\n      dua'", "goes over several lines"),
        ("    - >\n      satu\n      dua", "goes over several lines"),
        ("    - \"C:\\new\"", "has a \\ in double quotes"),
        ("    - \"a\\x41\"", "has a \\ in double quotes"),
        ("    - user: sandi", "must be text: put it in quotes"),
        ("    - *rahasia", "found unknown anchor"),
        ("    - &rahasia x", "has an anchor (&)"),
        ("    - !rahasia x", "has a tag (!)"),
        ("    - rahasia\u{200b}x", "has U+200B"),
        ("    - \"rahasia\u{202e}x\"", "has U+202E"),
        ("    - \"\u{200b}\"", "has nothing that can be seen"),
    ] {
        let refusal = shop.refusal(with_lines(lines)).await;
        let line = refusal.lines().next().unwrap();
        // The reader says that a folded text begins below its sign.
        let at = if lines.contains('>') { "library.yaml:8: " } else { "library.yaml:7: " };
        assert!(line.starts_with(at) && line.contains(fault), "{lines}\n{refusal}");
        assert!(refusal.ends_with("faults: 1."), "{refusal}");
        assert!(!refusal.contains("rahasia") && !refusal.contains("budi"), "a line is shown: {refusal}");
    }
    let refusal = shop.refusal(with_stock("stock: [a@x:pa,ss, 'b,c', d]")).await;
    assert!(refusal.starts_with("library.yaml:2: products[0].stock[1]: follows a comma without a blank"), "{refusal}");
    assert!(refusal.ends_with("faults: 1."), "{refusal}");
    assert_eq!(shop.audited().await, 0);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_text_that_a_comment_cuts_is_a_fault() {
    let shop = Shop::on_sqlite().await;
    for (item, field) in [
        ("products:\n- {code: a, kind: manual, price: 1, name: Kopi #1\n  }", "products[0].name"),
        (
            "products:\n- {code: a, kind: manual, price: 1, name: A, description: Nomor #1\n  }",
            "products[0].description",
        ),
        ("products:\n- {code: a, kind: shared, price: 1, name: A, content: isi #1\n }", "products[0].content"),
        ("titles:\n- code: a\n  name: Seri #2\n  episodes: [{number: 1, access: vip}]", "titles[0].name"),
        (
            "titles:\n- code: a\n  name: A\n  synopsis: Seri #2\n  episodes: [{number: 1, access: vip}]",
            "titles[0].synopsis",
        ),
    ] {
        let refusal = shop.refusal(item).await;
        assert!(refusal.contains(&format!("{field}: is cut by YAML")), "{item}\n{refusal}");
    }
    // Of what can't hold a # nothing is lost.
    let fine =
        "titles: # semua\n- code: a # satu\n  name: \"Seri #2\" # dua\n  episodes: [{number: 1, access: vip}] # tiga\n";
    shop.import(&shop.file("library.yaml", fine)).await.unwrap();
    assert_eq!(shop.title("a").await.name, "Seri #2");
    shop.close().await;
}
