//! What payment gateways post, on its way to the core.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use http::Method;
use tokio_stream::StreamExt as _;
use tonic::Code;
use tonic_types::ErrorDetails;
use tower::ServiceExt as _;
use warung_proto::{
    ErrorReason,
    payment::{ReceiveWebhookRequest, ReceiveWebhookResponse, receive_webhook_response::Result as Received},
};

use crate::support::{Reply, World, request, status};

const PATH: &str = "/webhooks/pakasir";
const BODY: &str = r#"{"amount":22000,"order_id":"tg1-00000000-1","project":"toko","status":"completed"}"#;

fn world(result: Received) -> World {
    let world = World::new();
    world
        .peer
        .on("ReceiveWebhook", move |_: ReceiveWebhookRequest| Ok(ReceiveWebhookResponse { result: result.into() }));
    world
}

async fn post(world: &World, headers: &[(&str, &str)], body: impl Into<axum::body::Body>) -> Reply {
    world.send(request(Method::POST, PATH, headers, body)).await
}

const JSON: (&str, &str) = ("content-type", "application/json");

#[tokio::test]
async fn a_webhook_goes_to_the_core_as_it_came() {
    let world = world(Received::Kept);
    let body = format!("  {BODY}\n");
    let headers =
        [JSON, ("x-pakasir-signature", "00ff"), ("authorization", "Bearer x"), ("content-encoding", "identity")];
    let reply = post(&world, &headers, body.clone()).await;
    assert_eq!((reply.status.as_u16(), reply.json()["result"].as_str()), (200, Some("kept")));
    let call = world.peer.call();
    let message: ReceiveWebhookRequest = call.message();
    assert_eq!((&*message.gateway, message.body.as_slice(), &*message.signature), ("pakasir", body.as_bytes(), "00ff"));
    assert_eq!(call.header("authorization"), None, "whoever posts it is nobody");
}

#[tokio::test]
async fn whatever_was_understood_is_not_posted_again() {
    for (result, name) in [(Received::Kept, "kept"), (Received::Repeated, "repeated"), (Received::Unknown, "unknown")] {
        let reply = post(&world(result), &[("content-type", "application/json; charset=utf-8")], BODY).await;
        assert_eq!((reply.status.as_u16(), reply.json()["result"].as_str()), (200, Some(name)));
    }
}

#[tokio::test]
async fn a_refusal_has_its_code_and_what_could_not_be_kept_comes_again() {
    for (code, reason, expected) in [
        (Code::InvalidArgument, ErrorReason::InvalidArgument, 400),
        (Code::PermissionDenied, ErrorReason::WebhookRefused, 403),
        (Code::NotFound, ErrorReason::NotFound, 404),
        (Code::Unavailable, ErrorReason::GatewayUnavailable, 503),
        (Code::Unavailable, ErrorReason::Unavailable, 503),
        (Code::DeadlineExceeded, ErrorReason::DeadlineExceeded, 503),
        (Code::Aborted, ErrorReason::Conflict, 503),
        (Code::Internal, ErrorReason::Internal, 503),
    ] {
        let world = World::new();
        world.peer.fail("ReceiveWebhook", status(code, reason, ErrorDetails::new()));
        let reply = post(&world, &[JSON], BODY).await;
        assert_eq!(reply.status.as_u16(), expected, "{code:?}");
        assert_eq!(reply.header("retry-after").is_some(), expected == 503, "{code:?}");
    }
}

#[tokio::test]
async fn what_is_too_large_is_not_read() {
    let world = world(Received::Kept);
    for size in [64 * 1024 + 1, 10 * 1024 * 1024] {
        assert_eq!(post(&world, &[JSON], vec![b' '; size]).await.status, 413);
        // The same without a length that is told.
        let parts = in_parts(size);
        assert_eq!(post(&world, &[JSON], parts).await.status, 413);
    }
    assert_eq!(post(&world, &[JSON], vec![b' '; 64 * 1024]).await.status, 200);
    assert_eq!(world.peer.calls().len(), 1);
}

/// A body in parts, whose length nobody tells.
fn in_parts(size: usize) -> axum::body::Body {
    let part = bytes::Bytes::from(vec![b' '; 4_096]);
    let parts = (0..=size.div_ceil(4_096)).map(move |_| Ok::<_, std::io::Error>(part.clone()));
    axum::body::Body::from_stream(tokio_stream::iter(parts))
}

#[tokio::test]
async fn a_compressed_body_is_not_unpacked() {
    let world = world(Received::Kept);
    for encoding in ["gzip", "br", "deflate", "gzip, identity", "zstd"] {
        let reply = post(&world, &[JSON, ("content-encoding", encoding)], vec![0x1F, 0x8B]).await;
        assert_eq!(reply.status, 415, "{encoding}");
    }
    for kind in ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""] {
        assert_eq!(post(&world, &[("content-type", kind)], BODY).await.status, 415, "{kind}");
    }
    assert_eq!(post(&world, &[], BODY).await.status, 415);
    assert!(world.peer.calls().is_empty());
}

#[tokio::test]
async fn a_webhook_is_posted_and_nothing_else() {
    let world = world(Received::Kept);
    for method in [Method::GET, Method::PUT, Method::DELETE] {
        assert_eq!(world.send(request(method, PATH, &[JSON], BODY)).await.status, 405);
    }
    assert!(world.peer.calls().is_empty());
}

#[tokio::test]
async fn more_webhooks_than_there_is_room_for_come_again() {
    let world = World::new();
    world.peer.hang("ReceiveWebhook");
    let mut hanging = tokio::task::JoinSet::new();
    for _ in 0..32 {
        let router = world.router.clone();
        hanging.spawn(router.oneshot(request(Method::POST, PATH, &[JSON], BODY)));
    }
    while world.peer.calls().len() < 32 {
        tokio::task::yield_now().await;
    }
    let reply = post(&world, &[JSON], BODY).await;
    assert_eq!((reply.status.as_u16(), reply.header("retry-after")), (503, Some("1")));
    assert_eq!(world.get("/healthz").await.status, 200, "the rest goes on");
}

#[tokio::test]
async fn bodies_that_come_slowly_keep_no_webhook_out() {
    let world = world(Received::Kept);
    let begun = Arc::new(AtomicUsize::new(0));
    let mut slow = tokio::task::JoinSet::new();
    for _ in 0..100 {
        let begun = Arc::clone(&begun);
        let part = tokio_stream::once(()).map(move |()| {
            begun.fetch_add(1, Ordering::Relaxed);
            Ok::<_, std::io::Error>("{")
        });
        let body = axum::body::Body::from_stream(part.chain(tokio_stream::pending()));
        slow.spawn(world.router.clone().oneshot(request(Method::POST, PATH, &[JSON], body)));
    }
    while begun.load(Ordering::Relaxed) < 100 {
        tokio::task::yield_now().await;
    }
    assert_eq!(post(&world, &[JSON], BODY).await.status, 200);
}

#[tokio::test]
async fn a_body_that_breaks_off_is_refused() {
    let world = world(Received::Kept);
    let parts = [Ok(&BODY[..10]), Err(std::io::Error::other("the connection is gone"))];
    let reply = post(&world, &[JSON], axum::body::Body::from_stream(tokio_stream::iter(parts))).await;
    assert!(reply.expect_error(400, "INVALID_ARGUMENT").contains("ended too early"), "{reply:?}");
    assert!(world.peer.calls().is_empty());
}

#[tokio::test]
async fn verbs_of_an_order_stand_beside_the_order_itself() {
    use warung_proto::{
        order::{
            CancelOrderRequest, CancelOrderResponse, FollowOrderRequest, FollowOrderResponse, GetOrderRequest,
            GetOrderResponse,
        },
        payment::{CheckPaymentRequest, CheckPaymentResponse},
    };
    let world = World::new();
    world.peer.on("GetOrder", |_: GetOrderRequest| Ok(GetOrderResponse::default()));
    world.peer.on("FollowOrder", |_: FollowOrderRequest| Ok(FollowOrderResponse::default()));
    world.peer.on("CancelOrder", |_: CancelOrderRequest| Ok(CancelOrderResponse::default()));
    world.peer.on("CheckPayment", |_: CheckPaymentRequest| Ok(CheckPaymentResponse::default()));
    assert_eq!(world.get("/api/v1/orders/tg1-00000000").await.status, 200);
    assert_eq!(world.get("/api/v1/orders/tg1-00000000:follow?knownVersion=7&wait=2s").await.status, 200);
    let id = r#"{"requestId":"0190a5f0-0000-7000-8000-000000000000"}"#;
    assert_eq!(world.json(Method::POST, "/api/v1/orders/tg1-00000000:cancel", id).await.status, 200);
    assert_eq!(world.json(Method::POST, "/api/v1/payments/pay_1:check", "{}").await.status, 200);
    let calls = world.peer.calls();
    let names: Vec<_> = calls.iter().map(|call| call.rpc).collect();
    assert_eq!(names, ["GetOrder", "FollowOrder", "CancelOrder", "CheckPayment"]);
    assert_eq!(calls[0].message::<GetOrderRequest>().order_id, "tg1-00000000");
    let followed: FollowOrderRequest = calls[1].message();
    assert_eq!((&*followed.order_id, followed.known_version), ("tg1-00000000", 7));
    assert_eq!(followed.wait.unwrap().seconds, 2);
    assert_eq!(calls[2].message::<CancelOrderRequest>().order_id, "tg1-00000000");
}
