use proptest::prelude::*;

use super::*;

fn product(kind: ProductKind) -> ProductInput {
    ProductInput {
        code: "kunci-1".into(),
        name: "Kunci & Gembok 🔑".into(),
        description: "Baris satu.\nBaris dua.".into(),
        kind: Some(kind),
        price: Some(Money::idr(25_000)),
        membership_days: if kind == ProductKind::Membership { 30 } else { 0 },
        ..ProductInput::default()
    }
}

fn fields(violations: Violations) -> Vec<String> {
    violations.into_iter().map(|violation| violation.field).collect()
}

#[test]
fn a_kind_reads_back_from_its_name() {
    for kind in ProductKind::ALL {
        assert_eq!(ProductKind::from_name(kind.name()), Some(kind));
    }
    assert_eq!(ProductKind::from_name("stock"), None);
}

#[test]
fn a_whole_product_of_each_kind_keeps_the_rules() {
    for kind in ProductKind::ALL {
        assert_eq!(product(kind).violations().finish(), Ok(()), "{kind:?}");
    }
    let whole = ProductInput {
        category_code: "kunci".into(),
        picture_media_id: format!("med_{}", "0a".repeat(32)),
        shared_content: Goods::new("https://guide.example\nkata sandi: x"),
        archived: true,
        ..product(ProductKind::Shared)
    };
    assert_eq!(whole.violations().finish(), Ok(()));
}

#[test]
fn every_fault_of_a_product_is_told_at_once() {
    let bad = ProductInput {
        code: "Kunci 1".into(),
        name: "a\nb".into(),
        description: "x".repeat(4_001),
        category_code: "Kunci".into(),
        kind: None,
        price: None,
        picture_media_id: "med_1".into(),
        membership_days: 1,
        shared_content: Goods::new("x".repeat(16_001)),
        gateways: vec!["pakasir".into(), "paka sir".into()],
        archived: false,
    };
    assert_eq!(
        fields(bad.violations()),
        [
            "code",
            "name",
            "description",
            "category_code",
            "kind",
            "price",
            "picture_media_id",
            "gateways[1]",
            "membership_days",
            "shared_content",
            "shared_content",
        ]
    );
}

#[test]
fn limits_of_a_product_hold_to_the_character() {
    let stock = || product(ProductKind::Stock);
    for (name, refused) in
        [("🔑".repeat(120), false), ("🔑".repeat(121), true), (String::new(), true), (" ".into(), true)]
    {
        assert_eq!(!ProductInput { name: name.clone(), ..stock() }.violations().is_empty(), refused, "{name}");
    }
    for (description, refused) in [("é".repeat(4_000), false), ("é".repeat(4_001), true)] {
        assert_eq!(!ProductInput { description, ..stock() }.violations().is_empty(), refused);
    }
    for (content, refused) in [("é".repeat(16_000), false), ("é".repeat(16_001), true), ("\n ".into(), true)] {
        let shared_content = Goods::new(content);
        let input = ProductInput { shared_content, ..product(ProductKind::Shared) };
        assert_eq!(!input.violations().is_empty(), refused);
    }
}

#[test]
fn a_price_is_in_rupiah_and_bounded() {
    for (price, field) in [
        (Money::idr(0), None),
        (Money::idr(100_000_000), None),
        (Money::idr(100_000_001), Some("price.minor_units")),
        (Money::idr(-1), Some("price.minor_units")),
        (Money::idr(i64::MIN), Some("price.minor_units")),
        (Money::xtr(5), Some("price.currency_code")),
    ] {
        let input = ProductInput { price: Some(price), ..product(ProductKind::Manual) };
        assert_eq!(fields(input.violations()), Vec::from_iter(field), "{price}");
    }
}

#[test]
fn days_and_shared_content_belong_to_their_kinds() {
    for kind in ProductKind::ALL {
        let is_membership = kind == ProductKind::Membership;
        for (days, fits) in [(0, !is_membership), (1, is_membership), (3_660, is_membership), (3_661, false)] {
            let input = ProductInput { membership_days: days, ..product(kind) };
            assert_eq!(input.violations().is_empty(), fits, "{kind:?} {days}");
        }
        let input = ProductInput { shared_content: Goods::new("x"), ..product(kind) };
        assert_eq!(input.violations().is_empty(), kind == ProductKind::Shared, "{kind:?}");
    }
}

#[test]
fn stock_lines_are_bounded_in_number_and_length() {
    for (count, refused) in [(0, true), (1, false), (1_000, false), (1_001, true)] {
        assert_eq!(!stock_violations(&vec![Goods::new("a:b"); count]).is_empty(), refused, "{count}");
    }
    for (line, refused) in [
        ("é".repeat(4_000), false),
        (format!("{}\r\n", "é".repeat(4_000)), false),
        ("é".repeat(4_001), true),
        (String::new(), true),
        (" \t ".into(), true),
        ("\n".into(), true),
        ("a\0b".into(), true),
        ("a\u{200b}b".into(), true),
    ] {
        let found = fields(stock_violations(&[Goods::new("a:b"), Goods::new(line.clone())]));
        assert_eq!(found, Vec::from_iter(refused.then_some("lines[1]")), "{line:?}");
    }
    let many = vec![Goods::new(""); 100_000];
    assert!(stock_violations(&many).iter().count() <= MAX_STOCK_LINES + 1, "the answer is bounded, too");
}

#[test]
fn what_buyers_get_is_not_shown() {
    let shared_content = Goods::new("https://secret.example");
    let input = ProductInput { shared_content, ..product(ProductKind::Shared) };
    assert!(!format!("{input:?}").contains("secret.example"));
    let refused = ProductInput { kind: Some(ProductKind::Stock), ..input };
    assert!(!refused.violations().to_string().contains("secret.example"));
    let line = Goods::new("s".repeat(4_001));
    assert!(!stock_violations(std::slice::from_ref(&line)).to_string().contains("ss"));
    assert!(!format!("{line:?}").contains("ss"));
}

proptest! {
    #[test]
    fn any_product_is_checked_without_a_panic(code: String, name: String, content: String, days: i32, price: i64) {
        let input = ProductInput {
            code,
            name,
            price: Some(Money::idr(price)),
            membership_days: days,
            shared_content: Goods::new(content),
            ..product(ProductKind::Shared)
        };
        for violation in input.violations() {
            prop_assert!(!violation.field.is_empty() && !violation.description.is_empty());
        }
    }
}
