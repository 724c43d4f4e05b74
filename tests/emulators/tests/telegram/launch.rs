//! Launches of Mini Apps: what Telegram signs, and how the app is addressed.

use std::collections::BTreeMap;

use crate::support::{ALICE, BOT, STRANGER, TOKEN, world};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signature, SigningKey, Verifier as _, VerifyingKey};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;
use warung_emulators::telegram::{SimError, launch};

fn hmac(key: &[u8], message: &str) -> Vec<u8> {
    Hmac::<Sha256>::new_from_slice(key).unwrap().chain_update(message).finalize().into_bytes().to_vec()
}

fn fields(init_data: &str) -> BTreeMap<String, String> {
    let url = reqwest::Url::parse(&format!("http://x/?{init_data}")).unwrap();
    url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

fn lines(fields: &BTreeMap<String, String>) -> String {
    fields.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("\n")
}

fn unhex(text: &str) -> Vec<u8> {
    let pairs = text.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
    pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
}

/// Recomputes the hash the way a server does, apart from the code that signed.
fn hash_is_right(init_data: &str, token: &str) -> bool {
    let mut fields = fields(init_data);
    let hash = fields.remove("hash").unwrap();
    let expected = hmac(&hmac(b"WebAppData", token), &lines(&fields));
    expected == unhex(&hash)
}

#[test]
fn signing_gives_the_published_vector() {
    let user = r#"{"id":42,"first_name":"Test"}"#;
    let signed = launch::sign("42:TEST", None, &[("auth_date", "1650385342"), ("user", user), ("query_id", "test")]);
    assert_eq!(
        signed,
        "auth_date=1650385342&user=%7B%22id%22%3A42%2C%22first_name%22%3A%22Test%22%7D&query_id=test\
         &hash=46d2ea5e32911ec8d30999b56247654460c0d20949b6277af519e76271182803"
    );
    assert!(hash_is_right(&signed, "42:TEST"));
    assert!(!hash_is_right(&signed, "42:INVALID"));
}

#[test]
fn the_third_party_signature_gives_the_published_vector() {
    let seed = [
        0xc8, 0x0e, 0x09, 0xdc, 0x60, 0xf5, 0xef, 0xcf, 0x2e, 0x1f, 0x8d, 0x07, 0x93, 0x35, 0x8e, 0x0e, 0xa3, 0x37,
        0x12, 0x67, 0xbe, 0xf0, 0x02, 0x45, 0x88, 0xf7, 0xbf, 0x67, 0xcf, 0x48, 0xdf, 0xb9,
    ];
    let user = r#"{"id":42,"first_name":"Test"}"#;
    let key = SigningKey::from_bytes(&seed);
    let signed =
        launch::sign("42:TEST", Some(&key), &[("auth_date", "1650385342"), ("user", user), ("query_id", "test")]);
    let signature = "JQ0JR2tjC65yq_jNZV0wuJVX6J-SWPMV0mprUXG34g-NvxL4RcF1Rz5n4VVo00VRghEUBf5t___uoeb1-jU_Cw";
    assert_eq!(fields(&signed)["signature"], signature);
    assert!(hash_is_right(&signed, "42:TEST"), "the hash covers the signature");
}

#[tokio::test]
async fn a_launch_from_the_menu_is_signed_both_ways() {
    let world = world().await;
    assert_eq!(world.sim.user(ALICE).open_mini_app(BOT), Err(SimError::NoMiniApp));
    let button = json!({"type": "web_app", "text": "Buka", "web_app": {"url": "http://127.0.0.1:8080/app/"}});
    world.ok("setChatMenuButton", json!({"menu_button": button})).await;
    let launch = world.sim.user(ALICE).open_mini_app(BOT).unwrap();
    assert!(hash_is_right(&launch.init_data, TOKEN));

    let mut given = fields(&launch.init_data);
    let user: Value = serde_json::from_str(&given["user"]).unwrap();
    assert_eq!((&user["id"], &user["allows_write_to_pm"]), (&json!(ALICE), &json!(true)));
    assert_eq!(given.get("query_id"), launch.query_id.as_ref());
    given.remove("hash");
    let signature = URL_SAFE_NO_PAD.decode(given.remove("signature").unwrap()).unwrap();
    let key = unhex(&world.sim.public_key()).try_into().unwrap();
    let key = VerifyingKey::from_bytes(&key).unwrap();
    let message = format!("{BOT}:WebAppData\n{}", lines(&given));
    key.verify(message.as_bytes(), &Signature::from_slice(&signature).unwrap()).unwrap();

    let (page, fragment) = launch.url.split_once('#').unwrap();
    assert_eq!(page, "http://127.0.0.1:8080/app/");
    let parameters = fields(fragment);
    assert_eq!(parameters["tgWebAppData"], launch.init_data);
    assert_eq!((parameters["tgWebAppVersion"].as_str(), parameters["tgWebAppPlatform"].as_str()), ("8.0", "web"));
    let theme: Value = serde_json::from_str(&parameters["tgWebAppThemeParams"]).unwrap();
    assert_eq!(theme["bg_color"], "#ffffff");
}

#[tokio::test]
async fn a_launch_by_link_carries_its_start_parameter_and_no_query() {
    let world = world().await;
    world.sim.set_main_mini_app(BOT, "https://shop.example/app/?v=1").unwrap();
    let launch = world.sim.user(STRANGER).open_mini_app_link(BOT, "t_42").unwrap();
    assert!(hash_is_right(&launch.init_data, TOKEN));
    let given = fields(&launch.init_data);
    assert_eq!((given["start_param"].as_str(), given["chat_type"].as_str()), ("t_42", "sender"));
    assert!(given["chat_instance"].parse::<i64>().is_ok());
    assert_eq!((launch.query_id, given.get("query_id")), (None, None));
    assert!(launch.url.starts_with("https://shop.example/app/?v=1&tgWebAppStartParam=t_42#tgWebAppData="));
    let user: Value = serde_json::from_str(&given["user"]).unwrap();
    assert!(user.get("allows_write_to_pm").is_none(), "the stranger never allowed it");
    let refused = world.sim.user(STRANGER).open_mini_app_link(BOT, "no spaces");
    assert!(matches!(refused, Err(SimError::BadPayload(_))));
}

#[tokio::test]
async fn a_query_of_a_launch_is_answered_once() {
    let world = world().await;
    let button = json!({"type": "web_app", "text": "Buka", "web_app": {"url": "http://127.0.0.1:8080/app/"}});
    world.ok("setChatMenuButton", json!({"menu_button": button})).await;
    let launch = world.sim.user(ALICE).open_mini_app(BOT).unwrap();
    let result =
        json!({"type": "article", "id": "1", "title": "t", "input_message_content": {"message_text": "picked"}});
    let params = json!({"web_app_query_id": launch.query_id, "result": result});
    world.ok("answerWebAppQuery", params.clone()).await;
    assert_eq!(world.sim.user(ALICE).messages(BOT).unwrap().last().unwrap().text(), "picked");
    assert_eq!(world.refused("answerWebAppQuery", params).await.0, 400);
}
