//! The seeds' two contracts.

use http::Method;
use prost_types::Timestamp;
use serde_json::{Value, json};
use tonic::Code;
use tonic_types::ErrorDetails;
use tower::ServiceExt as _;
use uuid::Uuid;
use warung_proto::{
    ErrorReason,
    identity::{GetMeRequest, GetMeResponse, User},
    key::{Service, ServiceKey},
    library::{
        GetPendingActionRequest, GetPendingActionResponse, RequestTitleRequest, RequestTitleResponse, Title,
        TitleRequest, title_request::State,
    },
};

use crate::support::{MASTER_KEY, Reply, World, request, status};

const PATH: &str = "/api/v1/handle_movie_request";
const USER: i64 = 279_058_397;

fn world(state: State, link: &'static str) -> World {
    let world = World::new();
    world
        .peer
        .on("GetMe", |_: GetMeRequest| Ok(GetMeResponse { user: Some(User { telegram_id: USER, ..User::default() }) }));
    world.peer.on("RequestTitle", move |_: RequestTitleRequest| {
        let title_request = TitleRequest { state: state.into(), link: link.to_owned(), ..TitleRequest::default() };
        Ok(RequestTitleResponse { title_request: Some(title_request) })
    });
    world
}

fn ask() -> Value {
    json!({
        "chat_id": USER,
        "movie_id": "senja:3",
        "title": "<b>Forged</b>",
        "poster_url": "http://169.254.169.254/",
        "init_data": "user=%7B%7D&hash=00",
    })
}

async fn asked(world: &World, body: &Value) -> Reply {
    world.json(Method::POST, PATH, &body.to_string()).await
}

#[track_caller]
fn expect_refusal(reply: &Reply, http: u16, reason: &str) {
    assert_eq!(reply.status.as_u16(), http, "{reply:?}");
    let json = reply.json();
    assert_eq!(json["reason"], reason);
    assert!(!json["message"].as_str().unwrap().is_empty());
    assert_eq!(json.as_object().unwrap().len(), 2, "reason and message alone: {json}");
}

#[tokio::test]
async fn each_state_is_answered_as_the_seeds_have_it() {
    let link = "https://t.me/warung_bot?start=x";
    for (state, expected) in [
        (State::Sent, json!({"status": "sent"})),
        (State::Queued, json!({"status": "queued"})),
        (State::NeedStart, json!({"status": "need_start", "link": link})),
        (State::VipRequired, json!({"status": "vip_required", "link": link})),
    ] {
        let reply = asked(&world(state, link), &ask()).await;
        assert_eq!((reply.status.as_u16(), reply.json()), (200, expected));
    }
    expect_refusal(&asked(&world(State::Failed, ""), &ask()).await, 503, "UNAVAILABLE");
}

#[tokio::test]
async fn init_data_proves_the_user_and_the_catalogue_says_what_is_asked() {
    let world = world(State::Sent, "");
    let headers = [
        ("content-type", "application/json"),
        ("idempotency-key", "0190A5F0-0000-7000-8000-000000000001"),
        ("authorization", "Bearer of-somebody-else"),
    ];
    let reply = world.send(request(Method::POST, PATH, &headers, ask().to_string())).await;
    assert_eq!(reply.status, 200);
    let calls = world.peer.calls();
    assert_eq!(calls.iter().map(|call| call.rpc).collect::<Vec<_>>(), ["GetMe", "RequestTitle"]);
    for call in &calls {
        assert_eq!(call.header("authorization").as_deref(), Some("tma user=%7B%7D&hash=00"));
        assert!(call.header("warung-service-key").unwrap().starts_with("wsk_edge_"));
    }
    let asked = calls[1].message::<RequestTitleRequest>();
    assert_eq!((&*asked.title_id, asked.episode_number), ("senja", 3));
    assert_eq!(asked.request_id, "0190a5f0-0000-7000-8000-000000000001");
}

#[tokio::test]
async fn every_request_has_an_id_of_its_own() {
    let world = world(State::Sent, "");
    for key in ["", "not-a-uuid"] {
        let headers = [("content-type", "application/json"), ("idempotency-key", key)];
        world.send(request(Method::POST, PATH, &headers, ask().to_string())).await;
    }
    let calls = world.peer.calls();
    let ids: Vec<String> = [1, 3].map(|call: usize| calls[call].message::<RequestTitleRequest>().request_id).into();
    assert!(ids.iter().all(|id| Uuid::try_parse(id).is_ok()));
    assert_ne!(ids[0], ids[1]);
}

#[tokio::test]
async fn another_users_chat_is_refused() {
    let world = world(State::Sent, "");
    let mut body = ask();
    body["chat_id"] = json!("279058398");
    expect_refusal(&asked(&world, &body).await, 403, "FORBIDDEN");
    let calls = world.peer.calls();
    assert!(calls.iter().all(|call| call.rpc == "GetMe"), "nothing was requested");
    let claims: Vec<_> = calls.iter().map(|call| call.header("warung-acting-user")).collect();
    assert_eq!(claims, [None, Some("279058398".to_owned())], "the core refuses the claim, which its trail shows");
    assert_eq!(calls[0].header("x-request-id"), calls[1].header("x-request-id"));
}

#[tokio::test]
async fn what_gets_no_further_is_refused_in_the_form_of_the_contracts() {
    let world = World::with(|config| (config.limits.client_rate, config.limits.client_burst) = (1, 1));
    assert_eq!(world.get("/openapi.json").await.status, 200);
    for reply in [asked(&world, &ask()).await, pending(&world, "").await] {
        expect_refusal(&reply, 429, "RATE_LIMITED");
        assert!(reply.header("retry-after").is_some());
    }

    let world = World::with(|config| config.limits.concurrency = 1);
    world.peer.hang("GetMe");
    let waiting = tokio::spawn(world.router.clone().oneshot(request(Method::GET, "/api/v1/me", &[], "")));
    while world.peer.calls().is_empty() {
        tokio::task::yield_now().await;
    }
    for reply in [asked(&world, &ask()).await, pending(&world, "").await] {
        expect_refusal(&reply, 503, "UNAVAILABLE");
        assert_eq!(reply.header("retry-after"), Some("1"));
    }
    waiting.abort();

    let world = World::with(|config| config.limits.body_timeout = std::time::Duration::from_millis(1));
    let slow = axum::body::Body::from_stream(tokio_stream::pending::<std::io::Result<&str>>());
    let reply = world.send(request(Method::POST, PATH, &[("content-type", "application/json")], slow)).await;
    expect_refusal(&reply, 408, "DEADLINE_EXCEEDED");
}

#[tokio::test]
async fn another_method_is_refused_in_the_form_of_the_contracts() {
    let world = World::new();
    for (method, path, allowed) in [(Method::GET, PATH, "POST"), (Method::POST, "/api/v1/pending/token", "GET,HEAD")] {
        let reply = world.json(method, path, "{}").await;
        expect_refusal(&reply, 405, "UNIMPLEMENTED");
        assert_eq!(reply.header("allow"), Some(allowed));
    }
    let other = world.json(Method::POST, "/readyz", "{}").await;
    other.expect_error(405, "UNIMPLEMENTED");
    assert_eq!(other.header("allow"), Some("GET,HEAD"));
}

#[tokio::test]
async fn refusals_have_a_reason_and_words_in_the_users_language() {
    for (code, reason, http) in [
        (Code::Unauthenticated, ErrorReason::InitDataExpired, 401),
        (Code::Unauthenticated, ErrorReason::InitDataInvalid, 401),
        (Code::NotFound, ErrorReason::NotFound, 404),
        (Code::ResourceExhausted, ErrorReason::RateLimited, 429),
    ] {
        let world = World::new();
        world.peer.fail("GetMe", status(code, reason, ErrorDetails::new()));
        let reply = asked(&world, &ask()).await;
        expect_refusal(&reply, http, reason.as_reason());
        assert_eq!(reply.header("retry-after").is_some(), http == 429);
        let headers = [("content-type", "application/json"), ("accept-language", "en-US,id;q=0.5")];
        let english = world.send(request(Method::POST, PATH, &headers, ask().to_string())).await;
        assert_ne!(reply.json()["message"], english.json()["message"]);
    }
}

#[tokio::test]
async fn a_request_that_is_none_is_refused() {
    let world = world(State::Sent, "");
    for body in [
        "",
        "{",
        "[]",
        "{\"chat_id\":1,\"chat_id\":2}",
        "{}",
        "{\"chat_id\":{},\"movie_id\":\"a\",\"init_data\":\"a\"}",
    ] {
        expect_refusal(&world.json(Method::POST, PATH, body).await, 400, "INVALID_ARGUMENT");
    }
    let deep = format!("{{\"title\":{}{}}}", "[".repeat(100), "]".repeat(100));
    expect_refusal(&world.json(Method::POST, PATH, &deep).await, 400, "INVALID_ARGUMENT");
    expect_refusal(&world.send(request(Method::POST, PATH, &[], ask().to_string())).await, 415, "INVALID_ARGUMENT");
    let mut long = ask();
    long["init_data"] = json!("a".repeat(1_000_000));
    expect_refusal(&asked(&world, &long).await, 413, "INVALID_ARGUMENT");
    let mut absent = ask();
    absent.as_object_mut().unwrap().remove("init_data");
    expect_refusal(&asked(&world, &absent).await, 401, "UNAUTHENTICATED");
    assert!(world.peer.calls().is_empty());
}

fn pending_world() -> World {
    let world = World::with(|config| config.public_url = Some("https://shop.example/".to_owned()));
    world.peer.on("GetPendingAction", |request: GetPendingActionRequest| {
        assert_eq!(request.token, "token");
        let title = Title {
            title_id: "ttl_1".into(),
            name: "Senja".into(),
            poster_media_id: "med_1".into(),
            episode_count: 3,
            ..Title::default()
        };
        Ok(GetPendingActionResponse {
            telegram_id: USER,
            title: Some(title),
            episode_number: 2,
            expire_time: Some(Timestamp { seconds: 1_769_852_400, nanos: 0 }),
        })
    });
    world
}

async fn pending(world: &World, authorization: &str) -> Reply {
    world.send(request(Method::GET, "/api/v1/pending/token", &[("authorization", authorization)], "")).await
}

#[tokio::test]
async fn a_service_reads_what_is_pending() {
    let world = pending_world();
    let derived = ServiceKey::new(MASTER_KEY).present_as(Service::Bot);
    for key in [MASTER_KEY, &derived] {
        let reply = pending(&world, &format!("Bearer {key}")).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        let expected = json!({
            "chat_id": USER,
            "movie_id": "ttl_1:2",
            "title": "Senja",
            "poster_url": "https://shop.example/api/v1/media/med_1",
            "expires_at": "2026-01-31T09:40:00Z",
        });
        assert_eq!(reply.json(), expected);
    }
    let call = world.peer.calls().pop().unwrap();
    assert_eq!(call.header("authorization"), None, "the key stays here");
}

#[tokio::test]
async fn without_the_service_key_nothing_is_told() {
    let world = pending_world();
    for authorization in ["", "Bearer ", "Bearer wrong", "tma user=1", MASTER_KEY, "Bearer wsk_bot_00"] {
        expect_refusal(&pending(&world, authorization).await, 401, "UNAUTHENTICATED");
    }
    assert!(world.peer.calls().is_empty());
}

#[tokio::test]
async fn a_token_is_unknown_or_gone() {
    let world = World::new();
    let key = format!("Bearer {MASTER_KEY}");
    for (code, reason, http) in [
        (Code::NotFound, ErrorReason::StartTokenUnknown, 404),
        (Code::InvalidArgument, ErrorReason::InvalidArgument, 404),
        (Code::FailedPrecondition, ErrorReason::StartTokenUsed, 410),
        (Code::FailedPrecondition, ErrorReason::StartTokenExpired, 410),
    ] {
        world.peer.fail("GetPendingAction", status(code, reason, ErrorDetails::new()));
        expect_refusal(&pending(&world, &key).await, http, reason.as_reason());
    }
}
