//! What the core refuses, and what goes wrong on the way to it, as JSON.

use std::time::Duration;

use http::Method;
use serde_json::json;
use tonic::{Code, Status};
use tonic_types::ErrorDetails;
use warung_proto::ErrorReason;

use crate::support::{World, request, status};

#[tokio::test]
async fn a_refusal_of_the_core_keeps_its_reason_and_details() {
    let world = World::new();
    let mut details = ErrorDetails::new();
    details
        .set_precondition_failure(vec![tonic_types::PreconditionViolation::new("VIP", "eps_1", "members only")])
        .set_resource_info("episode", "eps_1", "", "")
        .set_debug_info(vec!["core-server/src/x.rs".to_owned()], "stack");
    world.peer.fail("RequestTitle", status(Code::FailedPrecondition, ErrorReason::VipRequired, details));
    let reply = world.json(Method::POST, "/api/v1/title-requests", r#"{"titleId":"a"}"#).await;
    assert_eq!(reply.status, 400);
    let mut json = reply.json();
    json["details"].as_array_mut().unwrap().sort_by_key(|detail| detail["@type"].to_string());
    assert_eq!(
        json,
        json!({
            "code": 9,
            "reason": "VIP_REQUIRED",
            "message": "words for developers",
            "details": [
                {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "VIP_REQUIRED", "domain": "warung"},
                {"@type": "type.googleapis.com/google.rpc.PreconditionFailure",
                 "violations": [{"type": "VIP", "subject": "eps_1", "description": "members only"}]},
                {"@type": "type.googleapis.com/google.rpc.ResourceInfo", "resourceType": "episode", "resourceName": "eps_1"},
            ],
        })
    );
}

#[tokio::test]
async fn codes_become_http_codes() {
    let world = World::new();
    for (code, http) in [
        (Code::InvalidArgument, 400),
        (Code::Unauthenticated, 401),
        (Code::PermissionDenied, 403),
        (Code::NotFound, 404),
        (Code::AlreadyExists, 409),
        (Code::Aborted, 409),
        (Code::FailedPrecondition, 400),
        (Code::ResourceExhausted, 429),
        (Code::Unimplemented, 501),
        (Code::Internal, 500),
        (Code::Unavailable, 503),
        (Code::DeadlineExceeded, 504),
    ] {
        world.peer.fail("GetMe", status(code, ErrorReason::Conflict, ErrorDetails::new()));
        let reply = world.get("/api/v1/me").await;
        reply.expect_error(http, "CONFLICT");
        assert_eq!(reply.header("retry-after").is_some(), matches!(http, 429 | 503), "{http}");
    }
}

#[tokio::test]
async fn when_to_try_again_is_told() {
    let world = World::new();
    let mut details = ErrorDetails::new();
    details.set_retry_info(Some(Duration::from_millis(2_100)));
    world.peer.fail("GetMe", status(Code::ResourceExhausted, ErrorReason::RateLimited, details));
    let reply = world.get("/api/v1/me").await;
    reply.expect_error(429, "RATE_LIMITED");
    assert_eq!(reply.header("retry-after"), Some("3"));
}

#[tokio::test]
async fn what_a_fault_inside_says_is_not_shown() {
    let world = World::new();
    world.peer.fail("GetMe", Status::unknown("postgres://user:secret@db"));
    let reply = world.get("/api/v1/me").await;
    assert_eq!(reply.expect_error(500, "INTERNAL"), "internal error");
}

#[tokio::test]
async fn what_is_not_the_cores_own_word_is_one_of_few_things() {
    let world = World::new();
    for (code, http, reason) in [
        (Code::Unavailable, 503, "UNAVAILABLE"),
        (Code::Cancelled, 503, "UNAVAILABLE"),
        (Code::DeadlineExceeded, 504, "DEADLINE_EXCEEDED"),
        (Code::Unimplemented, 501, "UNIMPLEMENTED"),
        (Code::OutOfRange, 500, "INTERNAL"),
        (Code::PermissionDenied, 500, "INTERNAL"),
        (Code::Unknown, 500, "INTERNAL"),
    ] {
        world.peer.fail("GetMe", Status::new(code, "postgres://user:secret@db"));
        let reply = world.get("/api/v1/me").await;
        assert!(!reply.expect_error(http, reason).contains("secret"), "{code:?}");
        assert_eq!(reply.header("retry-after").is_some(), http == 503, "{code:?}");
    }
}

#[tokio::test]
async fn a_core_that_is_not_there_is_unavailable() {
    let channel = warung_proto::channel::remote("http://127.0.0.1:1").unwrap();
    let world = World { router: warung_edge::router(crate::support::config(), channel), ..World::new() };
    let reply = world.get("/api/v1/me").await;
    reply.expect_error(503, "UNAVAILABLE");
    assert_eq!(reply.header("retry-after"), Some("1"));
}

#[tokio::test]
async fn a_deadline_ends_the_call() {
    let world = World::new();
    world.peer.hang("GetMe");
    let reply = world.send(request(Method::GET, "/api/v1/me", &[("grpc-timeout", "1m")], "")).await;
    reply.expect_error(504, "DEADLINE_EXCEEDED");
    let call = world.peer.call();
    assert_eq!((call.header("grpc-timeout"), call.header("warung-timeout").as_deref()), (None, Some("1m")));
}
