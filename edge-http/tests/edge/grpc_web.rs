//! grpc-web and gRPC.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http::Method;
use prost::Message as _;
use tonic::Code;
use tonic_types::{ErrorDetails, StatusExt as _};
use warung_proto::{
    ErrorReason, descriptor,
    identity::{GetMeRequest, GetMeResponse, User},
    library::{ListTitlesRequest, ListTitlesResponse},
};

use crate::support::{Reply, World, request, status};

const LIST: &str = "/warung.library.v1.LibraryService/ListTitles";
const ME: &str = "/warung.identity.v1.IdentityService/GetMe";
const WEB: &str = "application/grpc-web+proto";
const TEXT: &str = "application/grpc-web-text";

fn frame(flag: u8, length: u32, message: &[u8]) -> Vec<u8> {
    [&[flag][..], &length.to_be_bytes(), message].concat()
}

fn framed(message: &impl prost::Message) -> Vec<u8> {
    let bytes = message.encode_to_vec();
    frame(0, u32::try_from(bytes.len()).unwrap(), &bytes)
}

async fn call(world: &World, path: &str, kind: &str, body: Vec<u8>) -> Reply {
    world.send(request(Method::POST, path, &[("content-type", kind), ("x-grpc-web", "1")], body)).await
}

/// The message and the trailers of an answer.
fn parts(body: &[u8]) -> (Bytes, String) {
    let length = usize::try_from(u32::from_be_bytes(body[1..5].try_into().unwrap())).unwrap();
    let (message, trailers) = body[5..].split_at(length);
    assert_eq!(trailers[0], 0x80);
    (Bytes::copy_from_slice(message), String::from_utf8(trailers[5..].to_vec()).unwrap())
}

#[track_caller]
fn expect_status(reply: &Reply, code: Code, reason: ErrorReason) {
    assert_eq!(reply.status, 200, "{reply:?}");
    assert!(reply.body.is_empty(), "{reply:?}");
    let status = tonic::Status::from_header_map(&reply.headers).unwrap();
    assert_eq!(status.code(), code, "{status:?}");
    assert_eq!(warung_proto::error::reason(&status), reason, "{status:?}");
}

fn listing(world: &World) {
    world.peer.on("ListTitles", |request: ListTitlesRequest| {
        Ok(ListTitlesResponse { next_page_token: request.query, ..ListTitlesResponse::default() })
    });
}

#[tokio::test]
async fn a_binary_call_is_answered_with_a_message_and_trailers() {
    let world = World::new();
    listing(&world);
    let asked = ListTitlesRequest { query: "senja".into(), ..ListTitlesRequest::default() };
    let reply = call(&world, LIST, WEB, framed(&asked)).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("content-type"), Some(WEB));
    let (message, trailers) = parts(&reply.body);
    assert_eq!(ListTitlesResponse::decode(message).unwrap().next_page_token, "senja");
    assert!(trailers.contains("grpc-status:0"), "{trailers}");
}

#[tokio::test]
async fn a_text_call_is_answered_in_text() {
    let world = World::new();
    listing(&world);
    let asked = ListTitlesRequest { query: "senja".into(), ..ListTitlesRequest::default() };
    let reply = call(&world, LIST, TEXT, BASE64_STANDARD.encode(framed(&asked)).into_bytes()).await;
    assert_eq!(reply.header("content-type"), Some("application/grpc-web-text+proto"));
    // Each part is base64 of its own: an end of padding may stand in the middle.
    let mut bytes = Vec::new();
    for part in
        reply.text().split_inclusive("==").flat_map(|part| part.split_inclusive('=')).filter(|part| *part != "=")
    {
        let padded =
            format!("{}{}", part.trim_end_matches('='), "=".repeat((4 - part.trim_end_matches('=').len() % 4) % 4));
        bytes.extend(BASE64_STANDARD.decode(padded).unwrap());
    }
    let (message, trailers) = parts(&bytes);
    assert_eq!(ListTitlesResponse::decode(message).unwrap().next_page_token, "senja");
    assert!(trailers.contains("grpc-status:0"));
}

#[tokio::test]
async fn text_may_come_in_padded_pieces_as_our_own_answers_do() {
    let world = World::new();
    listing(&world);
    let asked = framed(&ListTitlesRequest { query: "senja di peron".into(), ..ListTitlesRequest::default() });
    for size in 1..=asked.len() {
        let pieces: String = asked.chunks(size).map(|piece| BASE64_STANDARD.encode(piece)).collect();
        for text in [pieces.as_str(), pieces.trim_end_matches('=')] {
            let reply = call(&world, LIST, TEXT, text.as_bytes().to_vec()).await;
            assert!(reply.headers.get("grpc-status").is_none(), "pieces of {size}: {reply:?}");
            let sent = world.peer.calls().pop().unwrap().message::<ListTitlesRequest>();
            assert_eq!(sent.query, "senja di peron", "pieces of {size}");
        }
    }
}

#[tokio::test]
async fn a_type_is_named_in_any_case_and_with_parameters() {
    let world = World::new();
    listing(&world);
    let asked = framed(&ListTitlesRequest::default());
    for (kind, accept, answered) in [
        ("application/grpc-web+proto; charset=utf-8", "", WEB),
        ("Application/GRPC-Web", "*/*", WEB),
        (WEB, "application/grpc-web-text;q=0.9, */*;q=0.1", "application/grpc-web-text+proto"),
        (WEB, "application/grpc-web-text;q=0", WEB),
    ] {
        let headers = [("content-type", kind), ("accept", accept)];
        let reply = world.send(request(Method::POST, LIST, &headers, asked.clone())).await;
        assert_eq!((reply.status.as_u16(), reply.header("content-type")), (200, Some(answered)), "{kind} {accept}");
        assert!(!reply.body.is_empty(), "{kind} {accept}: {reply:?}");
        // A refusal is of the same form.
        let reply = world.send(request(Method::POST, "/warung.x/Y", &headers, asked.clone())).await;
        assert_eq!(reply.header("content-type"), Some(answered), "{kind} {accept}");
        expect_status(&reply, Code::Unimplemented, ErrorReason::Unimplemented);
    }
}

#[tokio::test]
async fn native_grpc_passes_on_the_same_port() {
    let world = World::new();
    listing(&world);
    let body = framed(&ListTitlesRequest { query: "senja".into(), ..ListTitlesRequest::default() });
    let reply = call(&world, LIST, "application/grpc", body).await;
    assert_eq!((reply.status.as_u16(), reply.header("content-type")), (200, Some("application/grpc")));
    assert_eq!(ListTitlesResponse::decode(reply.body.slice(5..)).unwrap().next_page_token, "senja");
}

#[tokio::test]
async fn a_refusal_keeps_its_details() {
    let world = World::new();
    world.peer.fail("GetMe", status(Code::Unauthenticated, ErrorReason::SessionExpired, ErrorDetails::new()));
    let reply = call(&world, ME, WEB, framed(&GetMeRequest {})).await;
    expect_status(&reply, Code::Unauthenticated, ErrorReason::SessionExpired);
}

#[tokio::test]
async fn only_public_rpcs_pass() {
    let world = World::new();
    let mut refused = 0;
    for method in descriptor::methods() {
        let reply = call(&world, &descriptor::path(&method), WEB, framed(&GetMeRequest {})).await;
        let status = tonic::Status::from_header_map(&reply.headers).unwrap();
        let reached = status.message() == "the test gave no answer";
        assert_eq!(reached, descriptor::is_public(&method), "{} {status:?}", method.full_name());
        refused += usize::from(!reached);
    }
    assert!(refused > 5, "there are calls of services alone");
    for path in [
        "/warung.library.v1.LibraryService/Nothing",
        "/warung.x/Y",
        "/grpc.health.v1.Health/Check",
        "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    ] {
        expect_status(&call(&world, path, WEB, vec![]).await, Code::Unimplemented, ErrorReason::Unimplemented);
    }
}

#[tokio::test]
async fn frames_that_are_cut_too_long_or_compressed_are_refused() {
    let world = World::new();
    listing(&world);
    for body in [
        vec![],
        vec![0],
        vec![0, 0, 0, 0],
        frame(0, 5, b"abc"),
        frame(0, u32::MAX, b"abc"),
        frame(0, 4 * 1024 * 1024 + 1, b"abc"),
        frame(1, 3, b"abc"),
        frame(0x80, 0, b""),
        frame(0, 0, b"more"),
        [frame(0, 0, b""), frame(0, 0, b"")].concat(),
    ] {
        expect_status(
            &call(&world, LIST, WEB, body.clone()).await,
            Code::InvalidArgument,
            ErrorReason::InvalidArgument,
        );
        let text = BASE64_STANDARD.encode(&body).into_bytes();
        expect_status(&call(&world, LIST, TEXT, text).await, Code::InvalidArgument, ErrorReason::InvalidArgument);
    }
    for text in ["?", "AAAA?AAA", "AAAAA", "=AAAA"] {
        let reply = call(&world, LIST, TEXT, text.as_bytes().to_vec()).await;
        expect_status(&reply, Code::InvalidArgument, ErrorReason::InvalidArgument);
    }
    assert!(world.peer.calls().is_empty());
}

#[tokio::test]
async fn a_message_that_is_no_message_is_refused_by_the_core() {
    let world = World::new();
    listing(&world);
    for message in [&b"\xff\xff\xff"[..], b"\x1a\x05ab", b"\x1a\x02\xff\xfe"] {
        let reply = call(&world, LIST, WEB, frame(0, u32::try_from(message.len()).unwrap(), message)).await;
        assert_eq!(reply.status, 200);
        assert_ne!(reply.header("grpc-status"), Some("0"));
    }
}

#[tokio::test]
async fn a_message_is_as_large_as_its_callers_need() {
    let world = World::new();
    listing(&world);
    let big = ListTitlesRequest { query: "a".repeat(70_000), ..ListTitlesRequest::default() };
    for (kind, body) in [(WEB, framed(&big)), (TEXT, BASE64_STANDARD.encode(framed(&big)).into_bytes())] {
        expect_status(&call(&world, LIST, kind, body).await, Code::InvalidArgument, ErrorReason::InvalidArgument);
    }
    let path = "/warung.operations.v1.MediaService/PutMedia";
    let body = frame(0, 5 * 1024 * 1024, &vec![0; 5 * 1024 * 1024]);
    expect_status(&call(&world, path, WEB, body).await, Code::InvalidArgument, ErrorReason::InvalidArgument);
    assert!(world.peer.calls().is_empty());
}

#[tokio::test]
async fn a_deadline_of_a_millisecond_is_kept() {
    let world = World::new();
    world.peer.hang("GetMe");
    for kind in [WEB, "application/grpc"] {
        let headers = [("content-type", kind), ("grpc-timeout", "1m")];
        let reply = world.send(request(Method::POST, ME, &headers, framed(&GetMeRequest {}))).await;
        expect_status(&reply, Code::DeadlineExceeded, ErrorReason::DeadlineExceeded);
        assert_eq!(reply.header("content-type"), Some(kind));
    }
}

#[tokio::test]
async fn metadata_comes_from_the_edge_alone() {
    let world = World::new();
    world.peer.on("GetMe", |_: GetMeRequest| Ok(GetMeResponse { user: Some(User::default()) }));
    let headers = [
        ("content-type", WEB),
        ("authorization", "tma user=1"),
        ("warung-service-key", "wsk_operator_forged"),
        ("warung-acting-user", "1"),
        ("grpc-accept-encoding", "gzip"),
    ];
    let reply = world.send(request(Method::POST, ME, &headers, framed(&GetMeRequest {}))).await;
    assert!(parts(&reply.body).1.contains("grpc-status:0"));
    let call = world.peer.call();
    assert_eq!(call.header("authorization").as_deref(), Some("tma user=1"));
    assert_eq!(call.header("warung-acting-user"), None);
    assert!(call.header("warung-service-key").unwrap().starts_with("wsk_edge_"));
    assert_eq!(call.header("grpc-accept-encoding"), None);
    assert!(call.header("x-request-id").is_some());
}

#[tokio::test]
async fn another_type_or_method_is_refused() {
    let world = World::new();
    for kind in [
        "application/json",
        "application/grpc-web+json",
        "application/grpc-web-texts",
        "application/grpc+x",
        "text/plain",
    ] {
        let reply = call(&world, LIST, kind, vec![]).await;
        reply.expect_error(415, "INVALID_ARGUMENT");
    }
    let reply = world.send(request(Method::GET, LIST, &[("content-type", WEB)], "")).await;
    reply.expect_error(405, "UNIMPLEMENTED");
}

#[tokio::test]
async fn a_core_that_is_not_there_is_unavailable() {
    let channel = warung_proto::channel::remote("http://127.0.0.1:1").unwrap();
    let world = World { router: warung_edge::router(crate::support::config(), channel), ..World::new() };
    let reply = call(&world, ME, WEB, framed(&GetMeRequest {})).await;
    expect_status(&reply, Code::Unavailable, ErrorReason::Unavailable);
    let status = tonic::Status::from_header_map(&reply.headers).unwrap();
    assert!(status.get_details_retry_info().is_some());
}
