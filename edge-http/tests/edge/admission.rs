//! Ids, rates, room, measures, health.

use std::sync::Arc;

use axum::{Router, routing::get};
use http::Method;
use tonic::Code;
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse, health_check_response::ServingStatus};
use tonic_types::ErrorDetails;
use tower::ServiceExt as _;
use warung_proto::{
    ErrorReason,
    identity::GetMeRequest,
    library::{ListTitlesRequest, ListTitlesResponse},
};

use crate::support::{World, from, request, status};

fn listing(world: &World) {
    world.peer.on("ListTitles", |_: ListTitlesRequest| Ok(ListTitlesResponse::default()));
}

#[tokio::test]
async fn a_request_keeps_its_id_or_gets_one() {
    let world = World::with(|config| config.ids = Arc::new(|| uuid::Uuid::from_u128(7)));
    listing(&world);
    let ours = uuid::Uuid::from_u128(7).to_string();
    for (given, answered) in [("abcdefgh-1", "abcdefgh-1"), ("short", &ours), ("has spaces!", &ours), ("", &ours)] {
        let reply = world.send(request(Method::GET, "/api/v1/titles", &[("x-request-id", given)], "")).await;
        assert_eq!(reply.header("x-request-id"), Some(answered));
        assert_eq!(world.peer.calls().pop().unwrap().header("x-request-id").as_deref(), Some(answered));
    }
    assert!(world.get("/nothing").await.header("x-request-id").is_some());
}

#[tokio::test]
async fn a_client_that_asks_too_often_is_told_when_to_come_back() {
    let world = World::with(|config| {
        config.limits.client_rate = 1;
        config.limits.client_burst = 3;
        config.trusted_proxy_hops = 1;
    });
    listing(&world);
    let ask = async |client: &str, kind: &str| {
        let headers = [("x-forwarded-for", client), ("content-type", kind)];
        world.send(from(request(Method::GET, "/api/v1/titles", &headers, ""), "10.0.0.1:1")).await
    };
    for _ in 0..3 {
        assert_eq!(ask("6.6.6.6, 1.1.1.1", "").await.status, 200);
    }
    let refused = ask("7.7.7.7, 1.1.1.1", "").await;
    refused.expect_error(429, "RATE_LIMITED");
    assert_eq!(refused.header("retry-after"), Some("1"));
    let refused = ask("1.1.1.1", "application/grpc-web+proto").await;
    assert_eq!((refused.status.as_u16(), refused.header("grpc-status")), (200, Some("8")));
    assert_eq!(ask("1.1.1.2", "").await.status, 200, "another client is served");
    assert_eq!(world.get("/healthz").await.status, 200);
}

#[tokio::test]
async fn more_work_than_there_is_room_for_is_refused_at_once() {
    let world = World::with(|config| config.limits.concurrency = 1);
    world.peer.hang("GetMe");
    listing(&world);
    let waiting = world.router.clone().oneshot(request(Method::GET, "/api/v1/me", &[], ""));
    let waiting = tokio::spawn(waiting);
    while world.peer.calls().is_empty() {
        tokio::task::yield_now().await;
    }
    let reply = world.get("/api/v1/titles").await;
    reply.expect_error(503, "UNAVAILABLE");
    assert_eq!(reply.header("retry-after"), Some("1"));
    assert_eq!(world.get("/healthz").await.status, 200);
    waiting.abort();
    let _ = waiting.await;
    assert_eq!(world.get("/api/v1/titles").await.status, 200, "the room of a client that went away is free again");
}

#[tokio::test]
async fn a_panic_is_an_error_in_the_common_shape() {
    let world = World::new();
    // A handler of the edge's that panics: rendering the metrics is the only code that comes from outside.
    let world = World {
        router: {
            let mut config = crate::support::config();
            config.metrics = Some(Arc::new(|| panic!("a secret in a panic")));
            config.metrics_public = true;
            warung_edge::router(config, world.peer.channel())
        },
        ..world
    };
    let reply = world.get("/metrics").await;
    assert_eq!(reply.expect_error(500, "INTERNAL"), "internal error");
    assert!(reply.header("x-request-id").is_some());
    let reply = world.send(request(Method::GET, "/metrics", &[("content-type", "application/grpc")], "")).await;
    let status = tonic::Status::from_header_map(&reply.headers).unwrap();
    assert_eq!((reply.status.as_u16(), status.code(), status.message()), (200, Code::Internal, "internal error"));
}

#[tokio::test]
async fn ready_means_that_the_core_and_its_database_answer() {
    let world = World::new();
    assert_eq!(world.get("/healthz").await.text(), "ok\n");
    assert!(world.peer.calls().is_empty(), "liveness asks nobody");
    world.peer.fail("Check", status(Code::Unavailable, ErrorReason::StorageFull, ErrorDetails::new()));
    let message = world.get("/readyz").await.expect_error(503, "UNAVAILABLE");
    assert!(message.contains("STORAGE_FULL"), "{message}");
    let says = |status: ServingStatus| {
        world.peer.on("Check", move |_: HealthCheckRequest| Ok(HealthCheckResponse { status: status.into() }));
    };
    says(ServingStatus::NotServing);
    world.get("/readyz").await.expect_error(503, "UNAVAILABLE");
    says(ServingStatus::Serving);
    assert_eq!(world.get("/readyz").await.status, 200);
}

#[tokio::test]
async fn metrics_are_for_this_machine_alone() {
    let world = World::with(|config| config.metrics = Some(Arc::new(|| "a_metric 1\n".to_owned())));
    let ask = |peer: &'static str, headers: &'static [(&str, &str)]| {
        from(request(Method::GET, "/metrics", headers, ""), peer)
    };
    assert_eq!(world.send(ask("127.0.0.1:5", &[])).await.text(), "a_metric 1\n");
    assert_eq!(world.send(ask("[::1]:5", &[])).await.status, 200);
    world.send(ask("10.0.0.1:5", &[])).await.expect_error(404, "NOT_FOUND");
    world.send(ask("127.0.0.1:5", &[("x-forwarded-for", "1.1.1.1")])).await.expect_error(404, "NOT_FOUND");
    world.get("/metrics").await.expect_error(404, "NOT_FOUND");
    let open = World::with(|config| {
        config.metrics = Some(Arc::new(|| "a_metric 1\n".to_owned()));
        config.metrics_public = true;
    });
    assert_eq!(open.send(ask("10.0.0.1:5", &[])).await.status, 200);
}

#[tokio::test]
async fn requests_are_measured_by_route_and_never_by_path() {
    let recorder = metrics_exporter_prometheus::PrometheusBuilder::new().build_recorder();
    let handle = recorder.handle();
    let _guard = metrics::set_default_local_recorder(&recorder);
    let world = World::with(|config| config.store = "toko".to_owned());
    world.peer.fail("GetMe", status(Code::Unauthenticated, ErrorReason::Unauthenticated, ErrorDetails::new()));
    for path in
        ["/api/v1/titles/a-1", "/api/v1/me", "/nothing/a-2", "/api/v1/watch/a-3", "/api/v1/nothing/a-4", "/app/a-5"]
    {
        world.get(path).await;
    }
    let headers = [("content-type", "application/grpc-web")];
    let path = "/warung.identity.v1.IdentityService/GetMe";
    let body = [0_u8; 5].to_vec();
    world.send(request(Method::POST, path, &headers, body)).await;
    assert_eq!(world.peer.calls().pop().unwrap().message::<GetMeRequest>(), GetMeRequest {});
    let text = handle.render();
    for labels in [
        r#"store="toko",route="/api/v1/titles/{title_id}",kind="json",status="5xx""#,
        r#"store="toko",route="/api/v1/me",kind="json",status="4xx""#,
        r#"store="toko",route="/api/v1/watch/{token}",kind="json",status="5xx""#,
        r#"store="toko",route="/app/{*path}",kind="static",status="4xx""#,
        r#"store="toko",route="none",kind="none",status="4xx""#,
        r#"store="toko",route="/warung.identity.v1.IdentityService/GetMe",kind="grpc-web",status="2xx""#,
    ] {
        assert!(text.contains(labels), "{labels}\n{text}");
    }
    assert!(!text.contains("a-1") && !text.contains("a-2") && !text.contains("a-4"), "{text}");
}

#[tokio::test]
async fn other_routes_can_stand_beside() {
    let world = World::new();
    listing(&world);
    let beside = Router::new().route("/telegram/webhook", get(async || "webhook"));
    let world = World { router: world.router.clone().merge(beside), ..world };
    assert_eq!(world.get("/telegram/webhook").await.text(), "webhook");
    assert_eq!(world.get("/api/v1/titles").await.status, 200);
}
