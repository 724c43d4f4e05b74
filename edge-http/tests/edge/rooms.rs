//! Nobody shuts others out: places by what calls wait for, heads before bodies, and bytes of bodies in flight.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use axum::body::Body;
use bytes::Bytes;
use http::{Method, Request, Response};
use tokio::task::JoinSet;
use tokio_stream::{StreamExt as _, wrappers::ReceiverStream};
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse, health_check_response::ServingStatus};
use tower::ServiceExt as _;
use warung_proto::{
    identity::{UpdateMeRequest, UpdateMeResponse},
    library::{ListTitlesRequest, ListTitlesResponse},
    payment::{ReceiveWebhookRequest, ReceiveWebhookResponse, receive_webhook_response::Result as Received},
};

use crate::support::{Reply, STRANGER, World, from, request};

/// Calls of one kind that do not end; they are given up with this.
type Waiting = JoinSet<Result<Response<Body>, std::convert::Infallible>>;

/// Sends a request so often, and waits until the core has all of them.
async fn wait_in_work(world: &World, count: usize, ask: impl Fn() -> Request<Body>) -> Waiting {
    let before = world.peer.calls().len();
    let mut waiting = JoinSet::new();
    for _ in 0..count {
        waiting.spawn(world.router.clone().oneshot(ask()));
    }
    while world.peer.calls().len() < before + count {
        tokio::task::yield_now().await;
    }
    waiting
}

fn everything_answers(world: &World) {
    world.peer.on("ListTitles", |_: ListTitlesRequest| Ok(ListTitlesResponse::default()));
    let kept = ReceiveWebhookResponse { result: Received::Kept.into() };
    world.peer.on("ReceiveWebhook", move |_: ReceiveWebhookRequest| Ok(kept));
    let serving = HealthCheckResponse { status: ServingStatus::Serving.into() };
    world.peer.on("Check", move |_: HealthCheckRequest| Ok(serving));
}

async fn expect_others_to_be_answered(world: &World) {
    assert_eq!(world.get("/api/v1/titles").await.status, 200, "the catalogue");
    assert_eq!(world.get("/readyz").await.status, 200, "readiness");
    assert_eq!(webhook(world, "203.0.113.9:1", "{}").await.status, 200, "a webhook");
}

async fn webhook(world: &World, peer: &str, body: impl Into<Body>) -> Reply {
    let headers = [STRANGER, ("content-type", "application/json")];
    world.send(from(request(Method::POST, "/webhooks/pakasir", &headers, body), peer)).await
}

fn get(path: &'static str) -> Request<Body> {
    request(Method::GET, path, &[], "")
}

#[tokio::test]
async fn two_thousand_who_wait_keep_out_nobody_else() {
    let world = World::new();
    everything_answers(&world);
    world.peer.hang("FollowTitleRequest");
    let _viewers = wait_in_work(&world, 2_000, || get("/api/v1/title-requests/trq_1?wait=20s")).await;
    expect_others_to_be_answered(&world).await;
}

#[tokio::test]
async fn more_who_wait_than_there_are_places_keep_out_nobody_who_does_not_wait() {
    let world = World::with(|config| config.limits.waits = 50);
    everything_answers(&world);
    world.peer.hang("FollowTitleRequest");
    let follow = || get("/api/v1/title-requests/trq_1?wait=20s");
    let _viewers = wait_in_work(&world, 50, follow).await;
    for _ in 0..50 {
        world.send(follow()).await.expect_error(503, "UNAVAILABLE");
    }
    expect_others_to_be_answered(&world).await;
}

#[tokio::test]
async fn a_payment_gateway_that_hangs_keeps_out_nobody_who_does_not_pay() {
    let world = World::with(|config| config.limits.gateway_calls = 3);
    everything_answers(&world);
    world.peer.hang("PlaceOrder");
    let order = || request(Method::POST, "/api/v1/orders", &[("content-type", "application/json")], "{}");
    let _orders = wait_in_work(&world, 3, order).await;
    world.send(order()).await.expect_error(503, "UNAVAILABLE");
    expect_others_to_be_answered(&world).await;
}

#[tokio::test]
async fn the_common_room_when_full_keeps_out_neither_webhooks_nor_readiness_nor_those_who_wait() {
    let world = World::with(|config| config.limits.concurrency = 2);
    everything_answers(&world);
    world.peer.hang("GetMe");
    world.peer.hang("FollowOrder");
    let _busy = wait_in_work(&world, 2, || get("/api/v1/me")).await;
    for path in ["/api/v1/titles", "/openapi.json", "/app/"] {
        world.get(path).await.expect_error(503, "UNAVAILABLE");
    }
    assert_eq!(world.get("/readyz").await.status, 200);
    assert_eq!(webhook(&world, "203.0.113.9:1", "{}").await.status, 200);
    let _waiting = wait_in_work(&world, 1, || get("/api/v1/orders/A1:follow")).await;
}

#[tokio::test]
async fn strangers_at_one_address_leave_places_for_another() {
    let world = World::with(|config| config.limits.strangers = 2);
    world.peer.hang("ListTitles");
    let at = |peer| from(request(Method::GET, "/api/v1/titles", &[STRANGER], ""), peer);
    let _waiting = wait_in_work(&world, 2, || at("203.0.113.1:1")).await;
    world.send(at("203.0.113.1:2")).await.expect_error(429, "RATE_LIMITED");
    let _newcomer = wait_in_work(&world, 1, || at("203.0.113.2:1")).await;
    let _known = wait_in_work(&world, 1, || from(get("/api/v1/titles"), "203.0.113.1:3")).await;
}

#[tokio::test]
async fn webhooks_of_one_address_leave_places_for_another() {
    let world = World::with(|config| config.limits.webhooks_of_address = 2);
    world.peer.hang("ReceiveWebhook");
    let post = |peer| {
        let headers = [STRANGER, ("content-type", "application/json")];
        from(request(Method::POST, "/webhooks/pakasir", &headers, "{}"), peer)
    };
    let _waiting = wait_in_work(&world, 2, || post("203.0.113.1:1")).await;
    assert_eq!(world.send(post("203.0.113.1:2")).await.status, 503, "the gateway shall post it again");
    let _other = wait_in_work(&world, 1, || post("203.0.113.2:1")).await;
}

/// A body that tells whether anybody looked at it, and never ends.
fn unread() -> (Body, Arc<AtomicBool>) {
    let looked = Arc::new(AtomicBool::new(false));
    let tell = Arc::clone(&looked);
    let body = Body::from_stream(futures_of(move || tell.store(true, Ordering::Relaxed)));
    (body, looked)
}

fn futures_of(
    tell: impl Fn() + Send + 'static,
) -> impl tokio_stream::Stream<Item = Result<Bytes, std::io::Error>> + Send {
    let mut sent = false;
    tokio_stream::iter(std::iter::from_fn(move || {
        tell();
        (!std::mem::replace(&mut sent, true)).then(|| Ok(Bytes::from_static(b"{")))
    }))
    .chain(tokio_stream::pending())
}

/// Ways to send a body to a method of the buyers' and one of the sellers'.
const BODIES: [(&str, &str, &str); 4] = [
    ("PATCH", "/api/v1/me", "application/json"),
    ("POST", "/api/v1/admin/media", "application/json"),
    ("POST", "/warung.identity.v1.IdentityService/UpdateMe", "application/grpc-web+proto"),
    ("POST", "/warung.operations.v1.MediaService/PutMedia", "application/grpc"),
];

fn refusal(reply: &Reply) -> Option<&'static str> {
    let grpc = reply.header("grpc-status");
    match (reply.status.as_u16(), grpc) {
        (401, None) | (200, Some("16")) => Some("UNAUTHENTICATED"),
        (403, None) | (200, Some("7")) => Some("FORBIDDEN"),
        _ => None,
    }
}

#[tokio::test]
async fn who_may_not_call_is_refused_before_the_body_is_read() {
    let world = World::new();
    let key = ("authorization", "Bearer wrg_AAAA");
    for (method, path, kind) in BODIES {
        for (who, refused) in
            [(STRANGER, "UNAUTHENTICATED"), (key, "FORBIDDEN"), (("authorization", "Basic eA=="), "UNAUTHENTICATED")]
        {
            let (body, looked) = unread();
            let reply = world.send(request(method.parse().unwrap(), path, &[who, ("content-type", kind)], body)).await;
            assert_eq!(refusal(&reply), Some(refused), "{path} {who:?}: {reply:?}");
            assert!(!looked.load(Ordering::Relaxed), "{path} {who:?}");
        }
    }
    assert!(world.peer.calls().is_empty());
}

#[tokio::test]
async fn a_large_body_is_not_taken_in_before_the_core_has_said_that_its_sender_may_call() {
    let world = World::new();
    world.peer.forbid("PutMedia");
    for (method, path, kind) in BODIES.into_iter().filter(|(_, path, _)| path.to_lowercase().contains("media")) {
        let (body, looked) = unread();
        let reply = world.send(request(method.parse().unwrap(), path, &[("content-type", kind)], body)).await;
        assert_eq!(refusal(&reply), Some("FORBIDDEN"), "{path}: {reply:?}");
        assert!(!looked.load(Ordering::Relaxed), "{path}");
    }
}

#[tokio::test]
async fn a_buyers_method_takes_no_more_than_it_needs() {
    let world = World::new();
    let long = format!("{{\"languageCode\":\"{}\"}}", "a".repeat(64 * 1024));
    world.json(Method::PATCH, "/api/v1/me", &long).await.expect_error(413, "INVALID_ARGUMENT");
}

#[tokio::test]
async fn bytes_in_flight_are_bounded_in_all_and_by_address_with_room_for_webhooks() {
    let world = World::with(|config| config.limits.small_bodies_bytes = 4_000);
    everything_answers(&world);
    world.peer.on("UpdateMe", |_: UpdateMeRequest| Ok(UpdateMeResponse::default()));
    let update = |peer, body: Body| {
        from(request(Method::PATCH, "/api/v1/me", &[("content-type", "application/json")], body), peer)
    };
    let mut slow = JoinSet::new();
    let mut open = Vec::new();
    // Each sends a kilobyte, and the rest when the test says: nothing of it is promised by what it announces.
    for peer in ["203.0.113.1:1", "203.0.113.2:1", "203.0.113.3:1", "203.0.113.4:1"] {
        let (sender, body) = tokio::sync::mpsc::channel::<Result<Bytes, std::io::Error>>(1);
        slow.spawn(world.router.clone().oneshot(update(peer, Body::from_stream(ReceiverStream::new(body)))));
        sender.send(Ok(Bytes::from(vec![b' '; 990]))).await.unwrap();
        // The channel has room again once the edge has taken it.
        sender.send(Ok(Bytes::new())).await.unwrap();
        open.push(sender);
    }
    let reply = world.send(update("203.0.113.5:1", Body::from(vec![b' '; 100]))).await;
    reply.expect_error(503, "UNAVAILABLE");
    let reply = world.send(update("203.0.113.1:2", Body::from(vec![b' '; 20]))).await;
    reply.expect_error(503, "UNAVAILABLE");
    expect_others_to_be_answered(&world).await;
    for sender in &open {
        sender.send(Ok(Bytes::from_static(b"{}"))).await.unwrap();
    }
    drop(open);
    while let Some(answer) = slow.join_next().await {
        assert_eq!(answer.unwrap().unwrap().status(), 200);
    }
    assert_eq!(world.send(update("203.0.113.1:2", Body::from("{}"))).await.status, 200, "what was held is free again");
}
