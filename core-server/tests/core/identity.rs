//! Launches and sessions.

use base64::Engine as _;
use chrono::TimeDelta;
use ed25519_dalek::{Signer as _, SigningKey};
use tonic::{Code, Status};
use warung_app::{
    context::Clock as _,
    testing::{ADMIN_ID, BOT_ID, BOT_TOKEN, OWNER_ID, environment, init_data, sign_init_data},
};
use warung_proto::{
    ErrorReason,
    identity::{CreateSessionRequest, CreateSessionResponse, GetMeRequest, UpdateMeRequest},
};
use warung_store::{on_both_databases, testing::TestDatabase};

use crate::support::{BUYER, Caller, Shop, assert_refused};

on_both_databases! {
    a_launch_makes_a_session_of_its_user;
    what_is_no_launch_of_ours_is_refused;
    a_launch_is_good_for_a_day_and_not_before_its_time;
    a_launch_passed_on_by_a_third_party_is_verified_by_telegrams_key;
    a_session_ends_and_is_its_stores_alone;
    names_are_kept_as_they_can_be_shown;
    a_user_chooses_a_language_that_we_speak;
    the_language_follows_the_client_until_the_user_chooses_one;
}

async fn sign_in(shop: &Shop, raw: &str) -> Result<CreateSessionResponse, Status> {
    let message = CreateSessionRequest { init_data: raw.to_owned() };
    Ok(shop.identity().create_session(Caller::edge().says(message)).await?.into_inner())
}

async fn a_launch_makes_a_session_of_its_user(database: TestDatabase) {
    let shop = Shop::open(database).await;
    for (telegram_id, is_admin, is_owner) in [(BUYER, false, false), (ADMIN_ID, true, false), (OWNER_ID, true, true)] {
        let made = sign_in(&shop, &shop.launch(telegram_id)).await.unwrap();
        assert!(made.session_token.len() <= 512);
        let user = made.user.unwrap();
        assert_eq!((user.telegram_id, user.is_admin, user.is_owner), (telegram_id, is_admin, is_owner));
        let caller = Caller::nobody().with_session(&made.session_token);
        let me = shop.identity().get_me(caller.says(GetMeRequest {})).await.unwrap().into_inner().user.unwrap();
        assert_eq!(me, user);
    }
    assert_eq!(shop.user_rows().await.len(), 3);
}

async fn what_is_no_launch_of_ours_is_refused(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let good = shop.launch(BUYER);
    let now = shop.clock.now();
    let foreign = init_data("7000000002:OTHER", BUYER, now);
    let empty_key = init_data("", BUYER, now);
    let hash = good.find("hash=").unwrap();
    let (user, date) = (format!(r#"{{"id":{BUYER},"first_name":"B"}}"#), now.timestamp().to_string());
    let cases = [
        ("nothing", String::new()),
        ("of another bot", foreign),
        ("signed with an empty key", empty_key),
        ("without a hash", good[..hash - 1].to_owned()),
        ("with two hashes", format!("{good}&{}", &good[hash..])),
        ("with a hash in capitals", good[..hash].to_owned() + &good[hash..].to_uppercase().replace("HASH", "hash")),
        ("with a short hash", good[..good.len() - 2].to_owned()),
        ("with a field twice", format!("{good}&user=%7B%7D")),
        ("with a field more", format!("{good}&x=1")),
        ("of somebody else", good.replace(&BUYER.to_string(), "42")),
        ("a megabyte long", "a=".to_owned() + &"x".repeat(1_000_000)),
        ("without a user", sign_init_data(BOT_TOKEN, &[("auth_date", &date)])),
        ("without a date", sign_init_data(BOT_TOKEN, &[("user", &user)])),
        ("with a date that is none", sign_init_data(BOT_TOKEN, &[("user", &user), ("auth_date", "-1")])),
        (
            "of a user who can't be",
            sign_init_data(BOT_TOKEN, &[("user", r#"{"id":0,"first_name":"B"}"#), ("auth_date", &date)]),
        ),
        (
            "with a start parameter that is none",
            sign_init_data(BOT_TOKEN, &[("user", &user), ("auth_date", &date), ("start_param", "a b")]),
        ),
    ];
    for (name, raw) in cases {
        let refused = sign_in(&shop, &raw).await;
        let status = assert_refused(refused, Code::Unauthenticated, ErrorReason::InitDataInvalid);
        assert!(!status.message().contains("hash") && !status.message().contains(BOT_TOKEN), "{name}");
        if raw.len() < 10_000 && !raw.is_empty() {
            let caller = Caller::edge().with_init_data(&raw);
            let refused = shop.identity().get_me(caller.says(GetMeRequest {})).await;
            assert_refused(refused, Code::Unauthenticated, ErrorReason::InitDataInvalid);
        }
    }
    assert!(shop.user_rows().await.is_empty());
    let with_signature = [("auth_date", date.as_str()), ("signature", "zL-ucjNyREiHDE8a"), ("user", user.as_str())];
    sign_in(&shop, &sign_init_data(BOT_TOKEN, &with_signature)).await.unwrap();
    let with_more = [("auth_date", date.as_str()), ("chat_type", "private"), ("user", user.as_str())];
    sign_in(&shop, &sign_init_data(BOT_TOKEN, &with_more)).await.unwrap();
}

async fn a_launch_is_good_for_a_day_and_not_before_its_time(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let launch = shop.launch(BUYER);
    shop.clock.advance_seconds(86_400);
    sign_in(&shop, &launch).await.unwrap();
    shop.clock.advance_seconds(1);
    assert_refused(sign_in(&shop, &launch).await, Code::Unauthenticated, ErrorReason::InitDataExpired);
    let future = init_data(BOT_TOKEN, BUYER, shop.clock.now() + TimeDelta::seconds(60));
    sign_in(&shop, &future).await.unwrap();
    let future = init_data(BOT_TOKEN, BUYER, shop.clock.now() + TimeDelta::seconds(61));
    assert_refused(sign_in(&shop, &future).await, Code::Unauthenticated, ErrorReason::InitDataExpired);
    shop.set("identity.init_data_max_age_seconds", "60").await;
    let launch = shop.launch(BUYER);
    shop.clock.advance_seconds(61);
    assert_refused(sign_in(&shop, &launch).await, Code::Unauthenticated, ErrorReason::InitDataExpired);
}

async fn a_launch_passed_on_by_a_third_party_is_verified_by_telegrams_key(database: TestDatabase) {
    let telegram = SigningKey::from_bytes(&[7; 32]);
    let mut facts = environment();
    facts.main_bot.launch_key = telegram.verifying_key().to_bytes();
    let shop = Shop::of(database, facts).await;
    let date = shop.clock.now().timestamp();
    let launch = |signer: &SigningKey, bot_id: i64| {
        let fields = format!("auth_date={date}\nquery_id=A\nuser={{\"id\":{BUYER},\"first_name\":\"B\"}}");
        let signature = signer.sign(format!("{bot_id}:WebAppData\n{fields}").as_bytes()).to_bytes();
        let signature = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(signature);
        format!(
            "auth_date={date}&query_id=A&user=%7B%22id%22%3A{BUYER}%2C%22first_name%22%3A%22B%22%7D&signature={signature}"
        )
    };
    let made = sign_in(&shop, &launch(&telegram, BOT_ID)).await.unwrap();
    assert_eq!(made.user.unwrap().telegram_id, BUYER);
    let forger = SigningKey::from_bytes(&[8; 32]);
    for raw in [launch(&forger, BOT_ID), launch(&telegram, BOT_ID + 1), launch(&telegram, BOT_ID) + "&hash=00"] {
        assert_refused(sign_in(&shop, &raw).await, Code::Unauthenticated, ErrorReason::InitDataInvalid);
    }
}

async fn a_session_ends_and_is_its_stores_alone(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let made = sign_in(&shop, &shop.launch(BUYER)).await.unwrap();
    let caller = Caller::edge().with_session(&made.session_token);
    shop.clock.advance_ms(3_600_000 - 1);
    shop.identity().get_me(caller.says(GetMeRequest {})).await.unwrap();
    shop.clock.advance_ms(1);
    let ended = shop.identity().get_me(caller.says(GetMeRequest {})).await;
    assert_refused(ended, Code::Unauthenticated, ErrorReason::SessionExpired);
    let mut altered = made.session_token.clone();
    altered.replace_range(3..4, if &altered[3..4] == "A" { "B" } else { "A" });
    for token in [altered.as_str(), "", "x", &"A".repeat(5_000)] {
        let refused = shop.identity().get_me(Caller::edge().with_session(token).says(GetMeRequest {})).await;
        assert_refused(refused, Code::Unauthenticated, ErrorReason::SessionInvalid);
    }
}

async fn names_are_kept_as_they_can_be_shown(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let date = shop.clock.now().timestamp().to_string();
    for (id, given, kept) in
        [(1, r"<b>Ani</b> & \u202eBudi", "<b>Ani</b> & Budi"), (2, r"a\u0000b\nc", "ab c"), (3, "👩‍👩‍👧 عمر", "👩‍👩‍👧 عمر")]
    {
        let user = format!(r#"{{"id":{id},"first_name":"{given}","username":"u{id}"}}"#);
        let made = sign_in(&shop, &sign_init_data(BOT_TOKEN, &[("auth_date", &date), ("user", &user)])).await.unwrap();
        assert_eq!(made.user.unwrap().first_name, kept);
    }
    let long = "😀".repeat(500);
    let user = format!(r#"{{"id":4,"first_name":"{long}"}}"#);
    let made = sign_in(&shop, &sign_init_data(BOT_TOKEN, &[("auth_date", &date), ("user", &user)])).await.unwrap();
    assert_eq!(made.user.unwrap().first_name.chars().count(), 64);
}

async fn the_language_follows_the_client_until_the_user_chooses_one(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let date = shop.clock.now().timestamp().to_string();
    let speaks = async |language: &str| {
        let user = format!(r#"{{"id":{BUYER},"first_name":"Citra","language_code":"{language}"}}"#);
        let made = sign_in(&shop, &sign_init_data(BOT_TOKEN, &[("auth_date", &date), ("user", &user)])).await.unwrap();
        made.user.unwrap().language_code
    };
    for (language, spoken) in [("id", "id"), ("en-US", "en"), ("ms", "id"), ("en", "en"), ("", "en"), ("id", "id")] {
        assert_eq!(speaks(language).await, spoken, "a client that speaks {language:?}");
    }
    // The one that is spoken already is a choice, too.
    let buyer = shop.user(BUYER).await;
    let chosen = UpdateMeRequest { request_id: shop.request_id(), language_code: "id".into() };
    shop.identity().update_me(buyer.says(chosen)).await.unwrap();
    assert_eq!(speaks("en").await, "id");
}

async fn a_user_chooses_a_language_that_we_speak(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let buyer = shop.user(BUYER).await;
    let choose = |language: &str| UpdateMeRequest { request_id: shop.request_id(), language_code: language.into() };
    let changed = shop.identity().update_me(buyer.says(choose("en"))).await.unwrap().into_inner().user.unwrap();
    assert_eq!(changed.language_code, "en");
    shop.user(BUYER).await;
    let me = shop.identity().get_me(buyer.says(GetMeRequest {})).await.unwrap().into_inner().user.unwrap();
    assert_eq!(me.language_code, "en", "the client's language does not win over the user's");
    for language in ["", "fr", "EN", "en-GB"] {
        let refused = shop.identity().update_me(buyer.says(choose(language))).await;
        assert_refused(refused, Code::InvalidArgument, ErrorReason::InvalidArgument);
    }
}
