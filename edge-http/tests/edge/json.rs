//! JSON for every public RPC.

use std::time::Duration;

use http::Method;
use prost_types::Timestamp;
use serde_json::json;

use warung_proto::{
    descriptor,
    identity::{GetMeRequest, GetMeResponse, UpdateMeRequest, UpdateMeResponse, User},
    library::{
        Category, Episode, EpisodeAccess, FollowTitleRequestRequest, FollowTitleRequestResponse, GetTitleRequest,
        GetTitleResponse, ListTitlesRequest, ListTitlesResponse, PutTitleRequest, PutTitleResponse,
        RequestTitleRequest, RequestTitleResponse, Title, TitleRequest, episode_input, title_request::State,
    },
    membership::{
        GetUserMembershipRequest, GetUserMembershipResponse, GrantMembershipRequest, GrantMembershipResponse,
        Membership, SetMembershipRequest, SetMembershipResponse,
    },
    operations::{PutMediaRequest, PutMediaResponse},
    order::{PlaceOrderRequest, PlaceOrderResponse},
};

use crate::support::{World, request};

fn title() -> Title {
    Title {
        title_id: "ttl_1".into(),
        code: "senja".into(),
        name: "Senja \"di\" Jakarta <b>\u{1f305}\n".into(),
        category: Some(Category { category_id: "cat_1".into(), ..Category::default() }),
        release_year: 2024,
        episode_count: 2,
        episodes: vec![
            Episode {
                episode_id: "eps_1".into(),
                number: 1,
                access: EpisodeAccess::Free.into(),
                available: true,
                ..Episode::default()
            },
            Episode { episode_id: "eps_2".into(), number: 2, access: EpisodeAccess::Vip.into(), ..Episode::default() },
        ],
        ..Title::default()
    }
}

#[tokio::test]
async fn a_message_is_written_as_canonical_json() {
    let world = World::new();
    world.peer.on("GetTitle", |_: GetTitleRequest| Ok(GetTitleResponse { title: Some(title()) }));
    let reply = world.get("/api/v1/titles/senja").await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("content-type"), Some("application/json"));
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    assert_eq!(
        reply.text(),
        r#"{"title":{"titleId":"ttl_1","code":"senja","name":"Senja \"di\" Jakarta <b>🌅\n","category":{"categoryId":"cat_1"},"releaseYear":2024,"episodeCount":2,"episodes":[{"episodeId":"eps_1","number":1,"access":"EPISODE_ACCESS_FREE","available":true},{"episodeId":"eps_2","number":2,"access":"EPISODE_ACCESS_VIP"}]}}"#
    );
    assert_eq!(world.peer.call().message::<GetTitleRequest>().title_id, "senja");
}

#[tokio::test]
async fn a_64_bit_integer_is_a_string_and_a_time_ends_in_z() {
    let world = World::new();
    world.peer.on("GetUserMembership", |request: GetUserMembershipRequest| {
        let expire_time = Some(Timestamp { seconds: 1_769_852_400, nanos: 250_000_000 });
        let membership = Membership { telegram_id: request.telegram_id, active: true, expire_time };
        Ok(GetUserMembershipResponse { membership: Some(membership) })
    });
    let reply = world.get("/api/v1/admin/memberships/4503599627370495").await;
    assert_eq!(
        reply.text(),
        r#"{"membership":{"telegramId":"4503599627370495","active":true,"expireTime":"2026-01-31T09:40:00.250Z"}}"#
    );
}

#[tokio::test]
async fn an_empty_message_is_an_empty_object() {
    let world = World::new();
    world.peer.on("ListTitles", |_: ListTitlesRequest| Ok(ListTitlesResponse::default()));
    assert_eq!(world.get("/api/v1/titles").await.text(), "{}");
}

#[tokio::test]
async fn a_query_fills_fields_by_either_name() {
    let world = World::new();
    world.peer.on("ListTitles", |_: ListTitlesRequest| Ok(ListTitlesResponse::default()));
    let reply = world.get("/api/v1/titles?page_size=3&pageToken=a%2Bb&query=senja+di+%C3%A9&category_id=").await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let request = ListTitlesRequest {
        page_size: 3,
        page_token: "a+b".into(),
        query: "senja di é".into(),
        category_id: String::new(),
    };
    assert_eq!(world.peer.call().message::<ListTitlesRequest>(), request);
}

#[tokio::test]
async fn a_query_takes_a_duration() {
    let world = World::new();
    world.peer.on("FollowTitleRequest", |_: FollowTitleRequestRequest| Ok(FollowTitleRequestResponse::default()));
    let reply = world.get("/api/v1/title-requests/req_1?wait=2.5s").await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let request = world.peer.call().message::<FollowTitleRequestRequest>();
    assert_eq!(request.title_request_id, "req_1");
    assert_eq!(request.wait, Some(prost_types::Duration { seconds: 2, nanos: 500_000_000 }));
}

#[tokio::test]
async fn every_bad_parameter_is_named() {
    let world = World::new();
    let reply = world.get("/api/v1/titles?page_size=many&colour=red&query=a&query=b&page_token=%ff").await;
    reply.expect_error(400, "INVALID_ARGUMENT");
    let reply = world.get("/api/v1/titles?page_size=many&colour=red&query=a&query=b").await;
    let violations = reply.violations();
    assert_eq!(violations["page_size"], "must be a whole 32-bit number");
    assert_eq!(violations["colour"], "is no parameter that this request has");
    assert_eq!(violations["query"], "is given twice");
    let reply = world.get("/api/v1/titles/a?title_id=b").await;
    assert_eq!(reply.violations()["title_id"], "is given by the path");
    let reply = world.get("/api/v1/title-requests/a?wait.seconds=1").await;
    assert!(reply.violations().contains_key("wait.seconds"));
    assert!(world.peer.calls().is_empty());
}

#[tokio::test]
async fn a_verb_in_the_path_finds_its_rpc_and_its_variable() {
    let world = World::new();
    world.peer.on("GrantMembership", |_: GrantMembershipRequest| Ok(GrantMembershipResponse::default()));
    world.peer.on("SetMembership", |_: SetMembershipRequest| Ok(SetMembershipResponse::default()));
    let path = "/api/v1/admin/memberships/279058397:grant";
    let reply = world.json(Method::POST, path, r#"{"requestId":"r","days":30}"#).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let granted = world.peer.call().message::<GrantMembershipRequest>();
    assert_eq!((granted.telegram_id, granted.days, &*granted.request_id), (279_058_397, 30, "r"));

    let body = r#"{"telegramId": "1", "expireTime": "2026-01-31T16:40:00+07:00"}"#;
    let reply = world.json(Method::PUT, "/api/v1/admin/memberships/279058397", body).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let set = world.peer.calls()[1].message::<SetMembershipRequest>();
    assert_eq!(set.telegram_id, 279_058_397, "the path counts");
    assert_eq!(set.expire_time, Some(Timestamp { seconds: 1_769_852_400, nanos: 0 }));

    let reply = world.json(Method::POST, "/api/v1/admin/memberships/abc:grant", "{}").await;
    assert!(reply.violations().contains_key("telegram_id"));
}

#[tokio::test]
async fn a_nested_body_arrives_whole() {
    let world = World::new();
    world.peer.on("PutTitle", |_: PutTitleRequest| Ok(PutTitleResponse::default()));
    let body = json!({
        "name": "Senja",
        "hidden": false,
        "synopsis": null,
        "episodes": [
            {"number": 1, "access": "EPISODE_ACCESS_FREE", "url": "https://v.example/1"},
            {"number": "2", "access": 2, "message_copy": {"chatId": "-1001234567890", "messageId": 7}},
            {"number": 3, "file": {"fileId": "BAAC"}},
        ],
    });
    let reply = world.json(Method::PUT, "/api/v1/admin/titles/senja", &body.to_string()).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let title = world.peer.call().message::<PutTitleRequest>();
    assert_eq!((&*title.code, &*title.name, title.episodes.len()), ("senja", "Senja", 3));
    assert_eq!(title.episodes[0].video, Some(episode_input::Video::Url("https://v.example/1".into())));
    let Some(episode_input::Video::MessageCopy(copy)) = &title.episodes[1].video else { panic!("{title:?}") };
    assert_eq!((copy.chat_id, copy.message_id), (-1_001_234_567_890, 7));
    assert_eq!(title.episodes[1].access(), EpisodeAccess::Vip);
}

#[tokio::test]
async fn every_field_that_breaks_a_rule_is_named() {
    let world = World::new();
    let body = r#"{
        "name": 5, "hidden": "yes", "release_year": 1.5, "synopsis": ["a"], "colour": {"a": [1, {}]},
        "episodes": [
            {"number": 2147483648, "access": "EPISODE_ACCESS_GOLD", "file": "x"},
            null,
            {"url": "a", "file": {"botId": "x"}, "number": true, "name": {}}
        ],
        "category_code": "a", "categoryCode": "b"
    }"#;
    let reply = world.json(Method::PUT, "/api/v1/admin/titles/senja", body).await;
    reply.expect_error(400, "INVALID_ARGUMENT");
    let violations = reply.violations();
    let expected = [
        ("name", "must be a string, not a number"),
        ("hidden", "must be true or false, not a string"),
        ("release_year", "must be a whole number, not a number with decimals"),
        ("synopsis", "must be a string, not a list"),
        ("colour", "is no field that this request has"),
        ("episodes[0].number", "is a number out of its range"),
        ("episodes[0].access", "has no value \"EPISODE_ACCESS_GOLD\""),
        ("episodes[0].file", "must be an object, not a string"),
        ("episodes[1]", "must be an object, not null"),
        ("episodes[2].file.bot_id", "must be a whole 64-bit number"),
        ("episodes[2].file", "excludes another field that is given"),
        ("episodes[2].number", "must be a whole number, not true or false"),
        ("episodes[2].name", "must be a string, not an object"),
        ("category_code", "is given twice"),
    ];
    for (field, description) in expected {
        assert_eq!(violations.get(field).map(String::as_str), Some(description), "{field}: {violations:#?}");
    }
    assert_eq!(violations.len(), expected.len(), "{violations:#?}");
    let reply = world.json(Method::PUT, "/api/v1/admin/titles/senja", r#"{"episodes": {}}"#).await;
    assert_eq!(reply.violations()["episodes"], "must be a list, not an object");
    assert!(world.peer.calls().is_empty());
}

#[tokio::test]
async fn a_whole_number_counts_however_json_writes_it() {
    let world = World::new();
    world.peer.on("GrantMembership", |_: GrantMembershipRequest| Ok(GrantMembershipResponse::default()));
    world.peer.on("PlaceOrder", |_: PlaceOrderRequest| Ok(PlaceOrderResponse::default()));
    for days in ["30", "30.0", "3e1", "300E-1", "0.3e+2", "\"30\""] {
        let body = format!(r#"{{"requestId":"r","days":{days}}}"#);
        let reply = world.json(Method::POST, "/api/v1/admin/memberships/279058397:grant", &body).await;
        assert_eq!(reply.status, 200, "{days}: {reply:?}");
        assert_eq!(world.peer.calls().pop().unwrap().message::<GrantMembershipRequest>().days, 30, "{days}");
    }
    for (days, wrong) in [
        ("1.5", "must be a whole number, not a number with decimals"),
        ("1e-1", "must be a whole number, not a number with decimals"),
        ("2147483648.0", "is a number out of its range"),
        ("1e400", "is a number out of its range"),
        // What other programs read as ten is no ten thousand here: text is read as it stands.
        ("\"10.000\"", "must be a whole 32-bit number"),
        ("\"1.0\"", "must be a whole 32-bit number"),
        ("\"1e0\"", "must be a whole 32-bit number"),
        ("[1]", "must be a whole number, not a list"),
        ("{}", "must be a whole number, not an object"),
        ("true", "must be a whole number, not true or false"),
    ] {
        let body = format!(r#"{{"requestId":"r","days":{days}}}"#);
        let reply = world.json(Method::POST, "/api/v1/admin/memberships/279058397:grant", &body).await;
        reply.expect_error(400, "INVALID_ARGUMENT");
        assert_eq!(reply.violations()["days"], wrong, "{days}");
    }
    // Beyond what a float tells apart, each unit of money still counts.
    for (units, read) in [
        ("9007199254740993.0", 9_007_199_254_740_993),
        ("9223372036854775807", i64::MAX),
        ("9223372036854775807.0", i64::MAX),
        ("-9223372036854775808e0", i64::MIN),
        ("\"9223372036854775807\"", i64::MAX),
    ] {
        let body = format!(r#"{{"requestId":"r","expectedSubtotal":{{"currencyCode":"IDR","minorUnits":{units}}}}}"#);
        let reply = world.json(Method::POST, "/api/v1/orders", &body).await;
        assert_eq!(reply.status, 200, "{units}: {reply:?}");
        let sent = world.peer.calls().pop().unwrap().message::<PlaceOrderRequest>();
        assert_eq!(sent.expected_subtotal.unwrap().minor_units, read, "{units}");
    }
    for units in ["9223372036854775808", "9223372036854775807.1e1", "-9223372036854775809.0"] {
        let body = format!(r#"{{"requestId":"r","expectedSubtotal":{{"currencyCode":"IDR","minorUnits":{units}}}}}"#);
        let reply = world.json(Method::POST, "/api/v1/orders", &body).await;
        assert_eq!(reply.violations()["expected_subtotal.minor_units"], "is a number out of its range", "{units}");
    }
}

#[tokio::test]
async fn a_body_is_json_whatever_the_case_and_parameters_of_its_type_and_never_compressed() {
    let world = World::new();
    world.peer.on("UpdateMe", |_: UpdateMeRequest| Ok(UpdateMeResponse::default()));
    let body = r#"{"requestId":"r","languageCode":"id"}"#;
    for kind in ["application/json; charset=utf-8", "Application/JSON;charset=\"UTF-8\"", "application/json ; x=y"] {
        let reply = world.send(request(Method::PATCH, "/api/v1/me", &[("content-type", kind)], body)).await;
        assert_eq!(reply.status, 200, "{kind}: {reply:?}");
    }
    for kind in
        ["application/json; charset=latin1", "application/jsonx", "text/plain", "application/x-www-form-urlencoded"]
    {
        let reply = world.send(request(Method::PATCH, "/api/v1/me", &[("content-type", kind)], body)).await;
        reply.expect_error(415, "INVALID_ARGUMENT");
    }
    for (encoding, status) in [("identity", 200), ("Identity", 200), ("gzip", 415), ("identity, br", 415)] {
        let headers = [("content-type", "application/json"), ("content-encoding", encoding)];
        let reply = world.send(request(Method::PATCH, "/api/v1/me", &headers, body)).await;
        assert_eq!(reply.status.as_u16(), status, "{encoding}: {reply:?}");
    }
}

#[tokio::test]
async fn json_that_is_no_json_is_refused() {
    let world = World::new();
    let malformed: [&[u8]; 14] = [
        b"{",
        b"}",
        b"{\"titleId\"}",
        b"{\"titleId\":}",
        b"{\"titleId\":\"a\",}",
        b"{'titleId':'a'}",
        b"{titleId:1}",
        b"{} {}",
        b"\xef\xbb\xbf{}",
        b"{\"titleId\":\"\xff\"}",
        b"{\"titleId\":\"\\ud800\"}",
        b"nul",
        b"{\"titleId\":01}",
        b"{\"titleId\":\"a\tb\"}",
    ];
    for body in malformed {
        let headers = [("content-type", "application/json")];
        let reply = world.send(request(Method::POST, "/api/v1/title-requests", &headers, body)).await;
        reply.expect_error(400, "INVALID_ARGUMENT");
    }
    for (body, found) in
        [("[]", "a list"), ("7", "a number"), ("\"a\"", "a string"), ("null", "null"), ("true", "true or false")]
    {
        let reply = world.json(Method::POST, "/api/v1/title-requests", body).await;
        let message = reply.expect_error(400, "INVALID_ARGUMENT");
        assert_eq!(message, format!("the request must be an object, not {found}"));
    }
    assert!(world.peer.calls().is_empty());
}

#[tokio::test]
async fn json_nested_too_deep_is_refused() {
    let world = World::new();
    for depth in [33, 1000, 30_000] {
        let body = format!("{{\"x\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
        let reply = world.json(Method::POST, "/api/v1/title-requests", &body).await;
        let message = reply.expect_error(400, "INVALID_ARGUMENT");
        assert!(message.contains("deeper than 32"), "{message}");
    }
    let body = format!("{{\"titleId\":\"{}\"}}", "[".repeat(1000));
    world.peer.on("RequestTitle", |_: RequestTitleRequest| Ok(RequestTitleResponse::default()));
    let reply = world.json(Method::POST, "/api/v1/title-requests", &body).await;
    assert_eq!(reply.status, 200, "brackets in a string are no nesting");
}

#[tokio::test]
async fn a_body_of_another_type_is_refused() {
    let world = World::new();
    for kind in
        ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin1", "application/jsonp"]
    {
        let reply = world.send(request(Method::POST, "/api/v1/title-requests", &[("content-type", kind)], "{}")).await;
        reply.expect_error(415, "INVALID_ARGUMENT");
    }
    world.send(request(Method::POST, "/api/v1/title-requests", &[], "{}")).await.expect_error(415, "INVALID_ARGUMENT");
    world.peer.on("RequestTitle", |_: RequestTitleRequest| Ok(RequestTitleResponse::default()));
    let headers = [("content-type", "Application/JSON; charset=\"UTF-8\"")];
    assert_eq!(world.send(request(Method::POST, "/api/v1/title-requests", &headers, "{}")).await.status, 200);
}

#[tokio::test]
async fn a_body_is_as_large_as_its_callers_need() {
    let world = World::new();
    world.peer.on("PutMedia", |_: PutMediaRequest| Ok(PutMediaResponse::default()));
    let body = |bytes: usize| format!("{{\"content\":\"{}\"}}", "AAAA".repeat(bytes / 3));
    let reply = world.json(Method::POST, "/api/v1/admin/media", &body(2 * 1024 * 1024)).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    assert_eq!(world.peer.call().message::<PutMediaRequest>().content.len(), 2 * 1024 * 1024 / 3 * 3);
    world
        .json(Method::POST, "/api/v1/admin/media", &body(10 * 1024 * 1024))
        .await
        .expect_error(413, "INVALID_ARGUMENT");
    let long = format!("{{\"titleId\":\"{}\"}}", "a".repeat(65_536));
    world.json(Method::POST, "/api/v1/title-requests", &long).await.expect_error(413, "INVALID_ARGUMENT");
    // The same without a length that is told beforehand.
    let parts = futures_body(&long);
    let headers = [("content-type", "application/json")];
    let reply = world.send(request(Method::POST, "/api/v1/title-requests", &headers, parts)).await;
    reply.expect_error(413, "INVALID_ARGUMENT");
}

fn futures_body(text: &str) -> axum::body::Body {
    let parts: Vec<Result<String, std::convert::Infallible>> =
        text.as_bytes().chunks(1000).map(|part| Ok(String::from_utf8_lossy(part).into_owned())).collect();
    axum::body::Body::from_stream(tokio_stream::iter(parts))
}

#[tokio::test]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let world = World::with(|config| config.limits.body_timeout = Duration::from_millis(1));
    let body = axum::body::Body::from_stream(tokio_stream::pending::<Result<String, std::convert::Infallible>>());
    let headers = [("content-type", "application/json")];
    let reply = world.send(request(Method::POST, "/api/v1/title-requests", &headers, body)).await;
    reply.expect_error(408, "DEADLINE_EXCEEDED");
}

#[tokio::test]
async fn an_unknown_path_or_method_is_answered_in_the_common_shape() {
    let world = World::new();
    for path in [
        "/api/v1/nothing",
        "/api/v1/titles/a/b",
        "/api/v1/admin/memberships/7:revoke:x/y",
        "/nothing",
        "/api/v1/titles/%ff",
    ] {
        world.get(path).await.expect_error(404, "NOT_FOUND");
    }
    let reply = world.json(Method::DELETE, "/api/v1/me", "").await;
    reply.expect_error(405, "UNIMPLEMENTED");
    let allowed: Vec<&str> = reply.header("allow").unwrap().split(", ").collect();
    assert_eq!(allowed.len(), 3, "{allowed:?}");
    assert!(["GET", "HEAD", "PATCH"].iter().all(|method| allowed.contains(method)), "{allowed:?}");
    world.json(Method::POST, "/healthz", "").await.expect_error(405, "UNIMPLEMENTED");
}

#[tokio::test]
async fn head_is_answered_like_get() {
    let world = World::new();
    world.peer.on("ListTitles", |_: ListTitlesRequest| Ok(ListTitlesResponse::default()));
    let reply = world.send(request(Method::HEAD, "/api/v1/titles", &[], "")).await;
    assert_eq!(reply.status, 200);
}

#[tokio::test]
async fn metadata_comes_from_the_edge_alone() {
    let world = World::new();
    world.peer.on("GetMe", |_: GetMeRequest| Ok(GetMeResponse { user: Some(User::default()) }));
    let headers = [
        ("authorization", "Bearer a-session"),
        ("warung-service-key", "wsk_operator_forged"),
        ("warung-acting-user", "1"),
        ("warung-client-address", "9.9.9.9"),
        ("warung-anything", "x"),
        ("x-request-id", "abcdefgh-1234"),
        ("cookie", "a=b"),
    ];
    let reply = world.send(crate::support::from(request(Method::GET, "/api/v1/me", &headers, ""), "1.2.3.4:5")).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let call = world.peer.call();
    assert_eq!(call.header("authorization").as_deref(), Some("Bearer a-session"));
    assert_eq!(call.header("warung-client-address").as_deref(), Some("1.2.3.4"));
    assert_eq!(call.header("x-request-id").as_deref(), Some("abcdefgh-1234"));
    assert_eq!(call.header("warung-acting-user"), None);
    assert_eq!(call.header("warung-anything"), None);
    assert_eq!(call.header("cookie"), None);
    let key = call.header("warung-service-key").unwrap();
    let ours = warung_proto::key::ServiceKey::new(crate::support::MASTER_KEY);
    assert_eq!(ours.verify(&key), Some(warung_proto::key::Service::Edge));
    assert_eq!(call.metadata.get_all("warung-service-key").iter().count(), 1);
}

#[tokio::test]
async fn each_state_of_a_request_is_a_name() {
    let world = World::new();
    world.peer.on("RequestTitle", |request: RequestTitleRequest| {
        let state = State::try_from(request.episode_number).map_or(request.episode_number, i32::from);
        Ok(RequestTitleResponse { title_request: Some(TitleRequest { state, ..TitleRequest::default() }) })
    });
    for (number, state) in [(1, json!("STATE_QUEUED")), (4, json!("STATE_VIP_REQUIRED")), (77, json!(77))] {
        let reply =
            world.json(Method::POST, "/api/v1/title-requests", &json!({"episodeNumber": number}).to_string()).await;
        assert_eq!(reply.json()["titleRequest"]["state"], state, "what is newer than this edge stays a number");
    }
}

#[test]
fn what_is_public_is_what_has_a_json_form() {
    for method in descriptor::methods() {
        let bindings = descriptor::http_bindings(&method);
        assert_eq!(descriptor::is_public(&method), !bindings.is_empty(), "{}", method.full_name());
    }
}
