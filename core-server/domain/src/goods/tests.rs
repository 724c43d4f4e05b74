use proptest::prelude::*;

use super::*;
use crate::text::printable;

fn faults(text: &str) -> Vec<String> {
    let mut found = Violations::new();
    Goods::new(text).check(&mut found, "goods", 50);
    found.into_iter().map(|violation| violation.description).collect()
}

#[test]
fn what_clings_to_the_ends_of_a_line_makes_no_other_line() {
    for given in [
        "a@x:1",
        "a@x:1\u{200b}",
        "\u{feff}a@x:1",
        "\u{ad}a@x:1\u{ad}",
        "a@x:1\u{2028}",
        "a@x:1 ",
        "a@x:1\t",
        " \u{200b} a@x:1 \u{2060}\t\u{a0}",
        "\u{2068}a@x:1\u{2069}",
        "\u{202a}a@x:1\u{202c}",
        "a@x:1\u{200d}",
        "a@x:1\n",
        "a@x:1\r\n",
        "\r\n\na@x:1\n \n\u{85}",
    ] {
        assert_eq!(Goods::new(given).reveal(), "a@x:1", "{given:?}");
        assert_eq!(faults(given), Vec::<String>::new(), "{given:?}");
    }
}

#[test]
fn what_reads_the_same_is_the_same() {
    for (one, other) in [
        ("kata sandi", "kata\u{a0}sandi"),
        ("kata sandi", "kata\u{3000}sandi"),
        ("caf\u{e9}", "cafe\u{301}"),
        ("satu\ndua", "satu \t\r\ndua"),
    ] {
        assert_eq!(Goods::new(one).reveal(), Goods::new(other).reveal());
    }
    assert_eq!(Goods::new("satu\n  dua\tx").reveal(), "satu\n  dua\tx", "what can be seen stays");
}

#[test]
fn what_has_nothing_that_can_be_seen_is_refused() {
    for text in ["", " \t ", "\n", "\u{200b}", "\u{feff}\u{feff}", "\u{2800}", "\u{3164} \u{115f}", "\u{ad}", "\0"] {
        let found = faults(text);
        assert!(matches!(&found[..], [fault] if fault.contains("nothing that can be seen")), "{text:?}: {found:?}");
    }
}

#[test]
fn what_can_not_be_seen_inside_is_named_and_refused() {
    for character in [
        '\0',
        '\u{1}',
        '\u{7f}',
        '\u{85}',
        '\r',
        '\u{b}',
        '\u{ad}',
        '\u{34f}',
        '\u{61c}',
        '\u{180e}',
        '\u{200b}',
        '\u{200c}',
        '\u{200d}',
        '\u{200e}',
        '\u{202e}',
        '\u{2028}',
        '\u{2029}',
        '\u{2060}',
        '\u{2066}',
        '\u{2800}',
        '\u{3164}',
        '\u{fe0f}',
        '\u{feff}',
        '\u{fff9}',
        '\u{fffd}',
        '\u{e0041}',
        '\u{e0101}',
    ] {
        let found = faults(&format!("rahasia{character}123"));
        let code = format!("U+{:04X}", u32::from(character));
        assert!(matches!(&found[..], [fault] if fault.contains(&code) && !fault.contains("rahasia")), "{found:?}");
    }
    assert!(faults("satu\ndua\u{200b}x")[0].starts_with("in its line 2 has U+200B"));
}

#[test]
fn emoji_and_scripts_that_need_joiners_are_goods() {
    for text in [
        "Selamat menikmati ❤\u{fe0f}",
        "❤\u{fe0f}",
        "👨\u{200d}👩\u{200d}👧",
        "🏳\u{fe0f}\u{200d}🌈",
        "👩🏽\u{200d}💻",
        "1\u{fe0f}\u{20e3} buka situsnya",
        "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f} Liga",
        "می\u{200c}خواهم",
        "क्\u{200d}ष",
        "user@contoh.example:p@ss #1, \"x\" \\ ~",
    ] {
        assert_eq!(faults(text), Vec::<String>::new(), "{text:?}");
        assert_eq!(Goods::new(text).reveal(), text);
    }
}

#[test]
fn length_counts_what_is_kept() {
    assert_eq!(faults(&format!("  {}\u{200b}\n", "é".repeat(50))), Vec::<String>::new());
    assert_eq!(faults(&"é".repeat(51)), ["must have 1 to 50 characters"]);
}

#[test]
fn goods_are_not_shown() {
    assert_eq!(format!("{:?}", Goods::new("user:pass")), "Goods([redacted])");
}

fn hostile() -> impl Strategy<Value = String> {
    let parts = prop::sample::select(vec![
        "a",
        "é",
        "e\u{301}",
        " ",
        "\t",
        "\n",
        "\r\n",
        "\r",
        "\u{a0}",
        "\u{200b}",
        "\u{feff}",
        "\u{ad}",
        "\u{2028}",
        "\0",
        "❤\u{fe0f}",
        "\u{fe0f}",
        "\u{200d}",
        "👩",
        "\u{202e}",
        "\u{e0041}",
    ]);
    prop::collection::vec(parts, 0..12).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn the_form_of_the_form_is_the_same(text in prop_oneof![hostile(), any::<String>()]) {
        let once = Goods::new(&text);
        let twice = Goods::new(once.reveal());
        prop_assert_eq!(twice.reveal(), once.reveal());
    }

    #[test]
    fn what_is_counted_is_what_is_delivered(text in prop_oneof![hostile(), any::<String>()]) {
        let goods = Goods::new(&text);
        if faults(&text).is_empty() {
            // A message shows the printable part.
            prop_assert_eq!(printable(goods.reveal()), goods.reveal());
        }
    }
}
