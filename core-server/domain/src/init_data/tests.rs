use ed25519_dalek::{Signer as _, SigningKey};
use proptest::prelude::*;

use super::*;

const TOKEN_A: &str = "5768337691:AAH5YkoiEuPk8-FZa32hStHTqXiLPtAEhx8";
const VECTOR_A: &str = "query_id=AAHdF6IQAAAAAN0XohDhrOrc&user=%7B%22id%22%3A279058397%2C%22first_name%22%3A%22Vladislav%22%2C%22last_name%22%3A%22Kibenko%22%2C%22username%22%3A%22vdkfrost%22%2C%22language_code%22%3A%22ru%22%2C%22is_premium%22%3Atrue%7D&auth_date=1662771648&hash=c501b71e775f74ce10e377dea85a7ea24ecd640b223ea86dfe453e0eaed2e2b2";
const TIME_A: i64 = 1_662_771_648;

/// Real output of Telegram, with `hash` and `signature`.
const TOKEN_B: &str = "7342037359:AAFZehRPBRs8Seg40oDjTMIW8uTGPuW1zfQ";
const BOT_B: i64 = 7_342_037_359;
const VECTOR_B: &str = "user=%7B%22id%22%3A279058397%2C%22first_name%22%3A%22Vladislav%20%2B%20-%20%3F%20%5C%2F%22%2C%22last_name%22%3A%22Kibenko%22%2C%22username%22%3A%22vdkfrost%22%2C%22language_code%22%3A%22ru%22%2C%22is_premium%22%3Atrue%2C%22allows_write_to_pm%22%3Atrue%2C%22photo_url%22%3A%22https%3A%5C%2F%5C%2Ft.me%5C%2Fi%5C%2Fuserpic%5C%2F320%5C%2F4FPEE4tmP3ATHa57u6MqTDih13LTOiMoKoLDRG4PnSA.svg%22%7D&chat_instance=8134722200314281151&chat_type=private&auth_date=1733584787&signature=zL-ucjNyREiHDE8aihFwpfR9aggP2xiAo3NSpfe-p7IbCisNlDKlo7Kb6G4D0Ao2mBrSgEk4maLSdv6MLIlADQ&hash=2174df5b000556d044f3f020384e879c8efcab55ddea2ced4eb752e93e7080d6";
const TIME_B: i64 = 1_733_584_787;

const TOKEN_C: &str = "42:TEST";
const VECTOR_C: &str = "auth_date=1650385342&user=%7B%22id%22%3A42%2C%22first_name%22%3A%22Test%22%7D&query_id=test&hash=46d2ea5e32911ec8d30999b56247654460c0d20949b6277af519e76271182803";
const TIME_C: i64 = 1_650_385_342;

const SEED_E: [u8; 32] = [
    0xc8, 0x0e, 0x09, 0xdc, 0x60, 0xf5, 0xef, 0xcf, 0x2e, 0x1f, 0x8d, 0x07, 0x93, 0x35, 0x8e, 0x0e, 0xa3, 0x37, 0x12,
    0x67, 0xbe, 0xf0, 0x02, 0x45, 0x88, 0xf7, 0xbf, 0x67, 0xcf, 0x48, 0xdf, 0xb9,
];
const VECTOR_E: &str = "auth_date=1650385342&user=%7B%22id%22%3A42%2C%22first_name%22%3A%22Test%22%7D&query_id=test&signature=JQ0JR2tjC65yq_jNZV0wuJVX6J-SWPMV0mprUXG34g-NvxL4RcF1Rz5n4VVo00VRghEUBf5t___uoeb1-jU_Cw";

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

fn hmac_at(raw: &str, token: &str, seconds: i64) -> Result<InitData, InitDataError> {
    verify_hmac(raw, token, at(seconds), DEFAULT_MAX_AGE, DEFAULT_MAX_SKEW)
}

fn third_party_at(raw: &str, bot_id: i64, key: &[u8; 32], seconds: i64) -> Result<InitData, InitDataError> {
    verify_third_party(raw, bot_id, key, at(seconds), DEFAULT_MAX_AGE, DEFAULT_MAX_SKEW)
}

fn public_key_e() -> [u8; 32] {
    SigningKey::from_bytes(&SEED_E).verifying_key().to_bytes()
}

/// The fields as a query string, rightly signed for [`TOKEN_C`], whatever they say.
fn signed(fields: &[(&str, &str)]) -> String {
    let mut lines: Vec<_> = fields.iter().map(|(key, value)| format!("{key}={value}")).collect();
    lines.sort();
    let key = hmac_sha256(b"WebAppData", &[TOKEN_C.as_bytes()]);
    let hash = hmac_sha256(&key, &[lines.join("\n").as_bytes()]);
    let hash = hash.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
    let encode = |value: &str| value.bytes().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat();
    let pairs: Vec<_> = fields.iter().map(|(key, value)| format!("{key}={}", encode(value))).collect();
    format!("{}&hash={hash}", pairs.join("&"))
}

const USER: (&str, &str) = ("user", r#"{"id":42,"first_name":"Test"}"#);
const DATE: (&str, &str) = ("auth_date", "1650385342");

#[test]
fn published_vectors_verify() {
    let a = hmac_at(VECTOR_A, TOKEN_A, TIME_A).unwrap();
    assert_eq!((a.user.id, a.user.is_premium, a.user.allows_write_to_pm), (279_058_397, true, false));
    assert_eq!(a.query_id.as_deref(), Some("AAHdF6IQAAAAAN0XohDhrOrc"));
    assert_eq!(a.auth_date, at(TIME_A));

    let b = hmac_at(VECTOR_B, TOKEN_B, TIME_B).unwrap();
    assert_eq!(b.user.first_name, "Vladislav + - ? /");
    assert_eq!(b.user.language_code.as_deref(), Some("ru"));
    assert!(b.user.allows_write_to_pm);
    assert!(b.user.photo_url.as_deref().is_some_and(|url| url.starts_with("https://t.me/i/userpic/320/")));
    assert_eq!((b.start_param.as_deref(), b.query_id.as_deref()), (None, None));

    let c = hmac_at(VECTOR_C, TOKEN_C, TIME_C).unwrap();
    assert_eq!((c.user.id, c.user.first_name.as_str(), c.user.username), (42, "Test", None));
}

#[test]
fn published_third_party_vectors_verify() {
    let b = third_party_at(VECTOR_B, BOT_B, &PRODUCTION_PUBLIC_KEY, TIME_B).unwrap();
    assert_eq!(b, hmac_at(VECTOR_B, TOKEN_B, TIME_B).unwrap());
    let key = public_key_e();
    assert_eq!(key[..4], [0x41, 0x12, 0x76, 0x50]);
    assert_eq!(third_party_at(VECTOR_E, 42, &key, TIME_C).unwrap().user.id, 42);
    assert!(VerifyingKey::from_bytes(&TEST_PUBLIC_KEY).is_ok());
}

#[test]
fn a_third_party_signature_of_another_key_bot_or_text_is_refused() {
    let mismatch = Err(InitDataError::SignatureMismatch);
    assert_eq!(third_party_at(VECTOR_B, BOT_B, &TEST_PUBLIC_KEY, TIME_B), mismatch);
    assert_eq!(third_party_at(VECTOR_B, BOT_B + 1, &PRODUCTION_PUBLIC_KEY, TIME_B), mismatch);
    let key = public_key_e();
    assert_eq!(third_party_at(&VECTOR_E.replace("jU_Cw", "j1U_w"), 42, &key, TIME_C), mismatch);
    assert_eq!(third_party_at(&VECTOR_E.replace("=test", "=tent"), 42, &key, TIME_C), mismatch);
    let malformed = Err(InitDataError::Malformed);
    assert_eq!(third_party_at(VECTOR_C, 42, &key, TIME_C), malformed, "it has no signature");
    assert_eq!(third_party_at(&format!("{VECTOR_E}=="), 42, &key, TIME_C), malformed);
}

#[test]
fn the_hash_is_no_part_of_what_a_third_party_verifies() {
    let signing = SigningKey::from_bytes(&SEED_E);
    let signature = signing.sign(b"42:WebAppData\nauth_date=1650385342\nuser={\"id\":42,\"first_name\":\"Test\"}");
    let signature = URL_SAFE_NO_PAD.encode(signature.to_bytes());
    let raw = format!("user={}&hash=anything&auth_date=1650385342&signature={signature}", USER.1.replace('"', "%22"));
    assert_eq!(third_party_at(&raw, 42, &public_key_e(), TIME_C).map(|data| data.user.id), Ok(42));
}

#[test]
fn init_data_of_another_bot_is_refused() {
    for (raw, token, time) in
        [(VECTOR_A, TOKEN_B, TIME_A), (VECTOR_B, TOKEN_A, TIME_B), (VECTOR_C, "42:INVALID", TIME_C)]
    {
        assert_eq!(hmac_at(raw, token, time), Err(InitDataError::SignatureMismatch));
    }
}

#[test]
fn an_empty_bot_token_verifies_nothing() {
    assert_eq!(hmac_at(VECTOR_A, "", TIME_A), Err(InitDataError::KeyMissing));
}

#[test]
fn the_signature_field_is_part_of_what_is_signed() {
    let (before, rest) = VECTOR_B.split_once("&signature=").unwrap();
    let (_, after) = rest.split_once('&').unwrap();
    assert_eq!(hmac_at(&format!("{before}&{after}"), TOKEN_B, TIME_B), Err(InitDataError::SignatureMismatch));
}

#[test]
fn malformed_init_data_is_refused() {
    let upper_case = VECTOR_C.replace("hash=46d2ea5e", "hash=46D2EA5E");
    let (unsigned, hash) = VECTOR_C.split_once("&hash=").unwrap();
    let cases = [
        String::new(),
        "here comes something wrong;".into(),
        "no_hash=true".into(),
        "hash=abc".into(),
        "hash=abc&auth_date=test".into(),
        "test&foo=bar=baz".into(),
        "&".into(),
        format!("{VECTOR_A}abc"),
        format!("{VECTOR_C}&"),
        format!("&{VECTOR_C}"),
        unsigned.into(),
        format!("{unsigned}&hash="),
        format!("{unsigned}&hash=test"),
        format!("{unsigned}&hash={}", &hash[..63]),
        format!("{unsigned}&hash=%C3%A9%C3%A9%C3%A9"),
        format!("{unsigned}&hash={}", "é".repeat(32)),
        format!("{unsigned}&hash={}", "zz".repeat(32)),
        upper_case,
        format!("{VECTOR_C}&hash={hash}"),
        format!("{VECTOR_C}&user=%7B%7D"),
        format!("{VECTOR_C}&%75ser=%7B%7D"),
        VECTOR_C.replace("%22%7D", "%22%7"),
        VECTOR_C.replace("%22%7D", "%22%XX"),
        VECTOR_C.replace("Test", "%FF"),
        // One field that would make the same signed lines as two, and a key that would as well.
        VECTOR_C.replace("&query_id=test", "").replace("auth_date=1650385342", "auth_date=1650385342%0Aquery_id=test"),
        VECTOR_C.replace("query_id=test", "query_id%3Dtest="),
    ];
    for raw in cases {
        assert_eq!(hmac_at(&raw, TOKEN_C, TIME_C), Err(InitDataError::Malformed), "{raw}");
    }
}

#[test]
fn init_data_beyond_the_limit_is_refused_before_anything_else() {
    assert_eq!(hmac_at(&"a".repeat(1_024 * 1_024), TOKEN_C, TIME_C), Err(InitDataError::TooLong));
    let padding = "x".repeat(MAX_INIT_DATA_BYTES);
    assert_eq!(hmac_at(&format!("{VECTOR_C}&a={padding}"), TOKEN_C, TIME_C), Err(InitDataError::TooLong));
}

#[test]
fn order_escapes_and_spaces_may_be_written_otherwise() {
    let reversed = VECTOR_B.split('&').rev().collect::<Vec<_>>().join("&");
    let expected = hmac_at(VECTOR_B, TOKEN_B, TIME_B);
    assert!(expected.is_ok());
    assert_eq!(hmac_at(&reversed, TOKEN_B, TIME_B), expected);
    assert_eq!(hmac_at(&VECTOR_B.replace("%20", "+"), TOKEN_B, TIME_B), expected);
    assert_eq!(hmac_at(&VECTOR_B.replace("%2C", "%2c").replace("%7B", "{"), TOKEN_B, TIME_B), expected);
    let twice = VECTOR_B.replace("%20", "%2520");
    assert_eq!(hmac_at(&twice, TOKEN_B, TIME_B), Err(InitDataError::SignatureMismatch), "decoded once alone");
}

#[test]
fn init_data_is_good_for_its_window_alone() {
    let check = |seconds| hmac_at(VECTOR_C, TOKEN_C, seconds).map(|data| data.user.id);
    assert_eq!(check(TIME_C + 86_400), Ok(42));
    assert_eq!(check(TIME_C + 86_401), Err(InitDataError::Expired));
    assert_eq!(check(TIME_C - 60), Ok(42));
    assert_eq!(check(TIME_C - 61), Err(InitDataError::FromFuture));
    let hour = verify_hmac(VECTOR_C, TOKEN_C, at(TIME_C + 3_601), TimeDelta::hours(1), DEFAULT_MAX_SKEW);
    assert_eq!(hour, Err(InitDataError::Expired));
    let third_party = third_party_at(VECTOR_E, 42, &public_key_e(), TIME_C + 86_401);
    assert_eq!(third_party, Err(InitDataError::Expired));
}

#[test]
fn an_auth_date_that_is_no_time_is_refused_though_it_is_signed() {
    assert_eq!(hmac_at(&signed(&[USER]), TOKEN_C, TIME_C), Err(InitDataError::Malformed));
    for date in ["", "-1650385342", "+1650385342", "1650385342.0", "9223372036854775807", "9223372036854775808", "test"]
    {
        let raw = signed(&[USER, ("auth_date", date)]);
        assert_eq!(hmac_at(&raw, TOKEN_C, TIME_C), Err(InitDataError::Malformed), "{date}");
    }
    assert_eq!(hmac_at(&signed(&[USER, ("auth_date", "0")]), TOKEN_C, TIME_C), Err(InitDataError::Expired));
}

#[test]
fn a_user_that_can_not_be_is_refused_though_it_is_signed() {
    assert_eq!(hmac_at(&signed(&[DATE]), TOKEN_C, TIME_C), Err(InitDataError::UserMissing));
    for id in ["\"42\"", "42.0", "4.2e1", "0", "-42", "null", "true", "4503599627370496", "9007199254740993", "1e400"] {
        let user = format!(r#"{{"id":{id},"first_name":"Test"}}"#);
        let raw = signed(&[DATE, ("user", &user)]);
        assert_eq!(hmac_at(&raw, TOKEN_C, TIME_C), Err(InitDataError::UserInvalid), "{id}");
    }
    let deep = format!(r#"{{"id":42,"first_name":"Test","x":{}"#, "[".repeat(5_000));
    for user in ["", "[]", "42", r#"{"first_name":"Test"}"#, r#"{"id":1,"id":2,"first_name":"Test"}"#, deep.as_str()] {
        let raw = signed(&[DATE, ("user", user)]);
        assert!(raw.len() <= MAX_INIT_DATA_BYTES);
        assert_eq!(hmac_at(&raw, TOKEN_C, TIME_C), Err(InitDataError::UserInvalid), "{user}");
    }
}

#[test]
fn fields_that_telegram_adds_later_are_accepted() {
    let user = r#"{"id":4503599627370495,"first_name":"","added_to_attachment_menu":true,"future":{"a":[1]}}"#;
    let raw = signed(&[DATE, ("user", user), ("chat_join_request_query_id", "7"), ("future_field", "a=b&c")]);
    assert_eq!(hmac_at(&raw, TOKEN_C, TIME_C).map(|data| data.user.id), Ok(MAX_TELEGRAM_ID));
}

#[test]
fn a_start_param_of_other_characters_is_refused() {
    let with = |value: &str| hmac_at(&signed(&[DATE, USER, ("start_param", value)]), TOKEN_C, TIME_C);
    assert_eq!(with("t_ttl-01").map(|data| data.start_param), Ok(Some("t_ttl-01".to_owned())));
    assert_eq!(with("").map(|data| data.start_param), Ok(None));
    for value in ["<script>", "a b", "é", "../x", &"a".repeat(513)] {
        assert_eq!(with(value), Err(InitDataError::Malformed), "{value}");
    }
}

proptest! {
    #[test]
    fn an_altered_byte_changes_nothing_or_is_refused(place: prop::sample::Index, byte in 0_u8..128) {
        let mut bytes = VECTOR_B.as_bytes().to_vec();
        let place = place.index(bytes.len());
        bytes[place] = byte;
        let altered = String::from_utf8(bytes).unwrap();
        let original = Fields::parse(VECTOR_B).unwrap().0;
        let same = Fields::parse(&altered).is_ok_and(|fields| fields.0 == original);
        prop_assert_eq!(hmac_at(&altered, TOKEN_B, TIME_B).is_ok(), same);
    }

    #[test]
    fn a_cut_or_lengthened_text_is_refused(place in 0..VECTOR_B.len(), tail in "[ -~]{1,20}") {
        prop_assert!(hmac_at(&VECTOR_B[..place], TOKEN_B, TIME_B).is_err());
        let lengthened = format!("{VECTOR_B}{tail}");
        prop_assert!(hmac_at(&lengthened, TOKEN_B, TIME_B).is_err());
        let inserted = format!("{}{tail}{}", &VECTOR_B[..place], &VECTOR_B[place..]);
        let original = Fields::parse(VECTOR_B).unwrap().0;
        let same = Fields::parse(&inserted).is_ok_and(|fields| fields.0 == original);
        prop_assert_eq!(hmac_at(&inserted, TOKEN_B, TIME_B).is_ok(), same);
    }

    #[test]
    fn any_bytes_are_refused_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let raw = String::from_utf8_lossy(&bytes);
        prop_assert!(hmac_at(&raw, TOKEN_C, TIME_C).is_err());
        prop_assert!(third_party_at(&raw, 42, &public_key_e(), TIME_C).is_err());
        let with_hash = format!("{raw}&hash={}", "0".repeat(64));
        prop_assert!(hmac_at(&with_hash, TOKEN_C, TIME_C).is_err());
    }

    #[test]
    fn any_signed_fields_are_read_without_a_panic(user in "\\PC{0,60}", date in "[0-9+ -]{0,22}", start in "\\PC{0,9}") {
        let raw = signed(&[("user", &user), ("auth_date", &date), ("start_param", &start)]);
        prop_assert_ne!(hmac_at(&raw, TOKEN_C, TIME_C), Err(InitDataError::SignatureMismatch));
    }
}
