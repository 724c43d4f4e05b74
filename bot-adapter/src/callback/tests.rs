//! Codes, written and read.

use proptest::prelude::*;
use warung_proto::payment::PaymentMethod;

use super::*;

fn any_id(prefix: &'static str) -> impl Strategy<Value = String> {
    "[0-9a-hjkmnp-tv-z]{26}".prop_map(move |rest| format!("{prefix}{rest}"))
}

fn any_method() -> impl Strategy<Value = PaymentMethod> {
    (0_i32..=11).prop_map(|number| PaymentMethod::try_from(number).unwrap())
}

fn any_pay() -> impl Strategy<Value = Pay> {
    (any_method(), any::<bool>()).prop_map(|(method, use_balance)| Pay { method, use_balance })
}

fn any_choice() -> impl Strategy<Value = Choice> {
    let page = proptest::option::of(any::<u64>().prop_map(PageKey));
    (any_id("prd_"), 1..=QUANTITY_MAX, page).prop_map(|(product_id, quantity, page)| Choice {
        product_id,
        quantity,
        page,
    })
}

fn any_of_shop() -> impl Strategy<Value = Callback> {
    let page = || proptest::option::of(any::<u64>().prop_map(PageKey));
    let buy = (any_id("prd_"), 1..=QUANTITY_MAX, any_pay(), any::<u32>(), 0..=1_000_000_000_u64);
    prop_oneof![
        page().prop_map(Callback::Products),
        any::<u16>().prop_map(Callback::Categories),
        any_id("cat_").prop_map(Callback::Category),
        any_choice().prop_map(Callback::Product),
        any_choice().prop_map(Callback::Checkout),
        (any_choice(), any::<u32>()).prop_map(|(choice, screen)| {
            Callback::CheckoutBanks(CheckoutBanks { choice, screen: ScreenId(screen) })
        }),
        buy.prop_map(|(product_id, quantity, pay, screen, subtotal)| {
            Callback::Buy(Buy { product_id, quantity, pay, screen: ScreenId(screen), subtotal })
        }),
    ]
}

fn any_of_order() -> impl Strategy<Value = Callback> {
    let named = || (any_id("ord_"), any::<bool>()).prop_map(|(order_id, here)| OrderName { order_id, here });
    let payment = (any_id("ord_"), any_pay(), any::<u32>());
    prop_oneof![
        proptest::option::of(any::<u64>().prop_map(PageKey)).prop_map(Callback::Orders),
        named().prop_map(Callback::Order),
        named().prop_map(Callback::Cancel),
        any_id("ord_").prop_map(Callback::Methods),
        any_id("ord_").prop_map(Callback::OrderBanks),
        any_id("ord_").prop_map(Callback::CancelConfirmed),
        any_id("ord_").prop_map(Callback::PayFromBalance),
        any_id("ord_").prop_map(Callback::SendGoods),
        any_id("pay_").prop_map(Callback::Invoice),
        any_id("pay_").prop_map(Callback::CheckPayment),
        payment.prop_map(|(order_id, pay, screen)| {
            Callback::StartPayment(StartPayment { order_id, pay, screen: ScreenId(screen) })
        }),
    ]
}

fn any_review() -> impl Strategy<Value = Callback> {
    let verdict = prop_oneof![
        (any_id("pay_"), 1..10_000_000_000_u64).prop_map(|(payment_id, amount)| Verdict::Arrived(payment_id, amount)),
        any_id("pay_").prop_map(Verdict::NoMoney),
        (any_id("rfd_"), any::<bool>()).prop_map(|(refund_id, made)| Verdict::Refund(refund_id, made)),
    ];
    (verdict, 0..3).prop_map(|(verdict, step)| {
        Callback::Review(match step {
            0 => Review::Ask(verdict),
            1 => Review::Confirmed(verdict),
            _ => Review::Kept,
        })
    })
}

fn any_callback() -> impl Strategy<Value = Callback> {
    let top_up = (any::<u64>(), any_method(), any::<u32>());
    prop_oneof![
        any_id("eps_").prop_map(Callback::Watch),
        any_review(),
        Just(Callback::Help),
        Just(Callback::Languages),
        prop_oneof![Just(Language::Indonesian), Just(Language::English)].prop_map(Callback::Language),
        Just(Callback::Menu),
        Just(Callback::Wallet),
        Just(Callback::TopUp),
        Just(Callback::Plans),
        any::<u64>().prop_map(Callback::TopUpAmount),
        (any::<u64>(), any::<u32>())
            .prop_map(|(amount, screen)| Callback::TopUpBanks(TopUpBanks { amount, screen: ScreenId(screen) })),
        top_up.prop_map(|(amount, method, screen)| {
            Callback::StartTopUp(StartTopUp { amount, method, screen: ScreenId(screen) })
        }),
        any_of_shop(),
        any_of_order(),
    ]
}

proptest! {
    #[test]
    fn every_code_fits_telegram_and_is_read_back(callback in any_callback()) {
        let data = callback.to_string();
        prop_assert!(data.len() <= CALLBACK_DATA_BYTES_MAX, "{}", data);
        prop_assert_eq!(data.parse(), Ok(callback));
    }

    #[test]
    fn what_is_read_is_written_the_same(data in ".{0,70}") {
        if let Ok(callback) = data.parse::<Callback>() {
            prop_assert_eq!(callback.to_string(), data);
        }
    }

    #[test]
    fn an_altered_code_is_unknown_or_another_whole_one(
        callback in any_callback(),
        place in any::<prop::sample::Index>(),
        letter in "[ -~]",
    ) {
        let data = callback.to_string();
        let at = place.index(data.len());
        let altered = format!("{}{letter}{}", &data[..at], &data[at + 1..]);
        if let Ok(callback) = altered.parse::<Callback>() {
            prop_assert_eq!(callback.to_string(), altered);
        }
    }
}

#[test]
fn the_longest_code_fits_telegram() {
    let choice = Choice {
        product_id: "prd_01jabcdefghjkmnpqrstvwxyz0".to_owned(),
        quantity: QUANTITY_MAX,
        page: Some(PageKey(u64::MAX)),
    };
    let banks = Callback::CheckoutBanks(CheckoutBanks { choice, screen: ScreenId(u32::MAX) });
    assert_eq!(banks.to_string().len(), CALLBACK_DATA_BYTES_MAX);
}

#[test]
fn the_codes_of_the_core_s_notices_are_known() {
    let ord = "ord_01jabcdefghjkmnpqrstvwxyz0";
    let pay = "pay_01jabcdefghjkmnpqrstvwxyz0";
    let named = OrderName { order_id: ord.to_owned(), here: false };
    let codes = [
        (format!("v1:pc:{pay}"), Callback::CheckPayment(pay.to_owned())),
        (format!("v1:oc:{ord}"), Callback::Cancel(named.clone())),
        (format!("v1:ob:{ord}"), Callback::PayFromBalance(ord.to_owned())),
        (format!("v1:og:{ord}"), Callback::SendGoods(ord.to_owned())),
        (format!("v1:o:{ord}"), Callback::Order(named)),
    ];
    for (data, callback) in codes {
        assert_eq!(data.parse(), Ok(callback), "{data}");
    }
}

#[test]
fn old_new_and_altered_codes_are_unknown() {
    let prd = "prd_01jabcdefghjkmnpqrstvwxyz0";
    let ord = "ord_01jabcdefghjkmnpqrstvwxyz0";
    let altered = [
        format!("v1:p:{prd}"),
        format!("v1:p:{prd}:0"),
        format!("v1:p:{prd}:101"),
        format!("v1:p:{prd}:01"),
        format!("v1:p:{prd}:-1"),
        format!("v1:p:{ord}:1"),
        format!("v1:p:{prd}:1:zz"),
        format!("v1:bp:{prd}:1:12:a:a"),
        format!("v1:bp:{prd}:1:2:A:a"),
        format!("v1:bp:{prd}:1:2:a:+a"),
        format!("v1:bp:{prd}:1:2:a"),
        format!("v1:o:{ord}:x"),
        format!("v1:a:{prd}:1"),
        format!("v1:a:{prd}:1:A"),
        "v1:ta:5".to_owned(),
        format!("v1:pc:{ord}"),
        "v1:t:1e3".to_owned(),
        "v1:t:-5".to_owned(),
        "v1:s:".to_owned(),
        "v1:s:00000000000000000".to_owned(),
    ];
    let known = ["", "v0:h", "v2:h", "v1", "v1:", "v1:x", "v1:h:", "v1:w:", "v1:w:eps_1", "v1:l:fr", "V1:h"];
    for data in known.into_iter().map(str::to_owned).chain(altered) {
        assert_eq!(data.parse::<Callback>(), Err(UnknownCallback), "{data}");
    }
}
