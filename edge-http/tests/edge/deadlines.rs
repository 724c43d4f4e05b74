//! Calls whose time is over, before a core that is a process of its own.

use bytes::Bytes;
use http::Method;
use prost::Message as _;
use tokio::net::TcpListener;
use tonic::{Code, Status, transport::server::TcpIncoming};
use warung_proto::{ErrorReason, channel, identity::GetMeRequest};

use crate::{
    peer::Peer,
    support::{World, config, request},
};

/// Who is slower than the other shows only now and then.
const CALLS: usize = 20;
const ME: &str = "/warung.identity.v1.IdentityService/GetMe";

/// An edge over a peer that listens at an address and never answers.
async fn apart() -> World {
    let peer = Peer::default();
    peer.hang("GetMe");
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let core = channel::remote(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let server = tonic::transport::Server::builder().add_routes(peer.routes());
    tokio::spawn(server.serve_with_incoming(TcpIncoming::from(listener)));
    World { router: warung_edge::router(config(), core), peer }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_whose_time_is_over_is_always_told_so_by_json_and_by_grpc() {
    let world = apart().await;
    for timeout in ["40m", "3m", "1m", "500u", "0n"].into_iter().flat_map(|timeout| [timeout; CALLS]) {
        let reply = world.send(request(Method::GET, "/api/v1/me", &[("grpc-timeout", timeout)], "")).await;
        reply.expect_error(504, "DEADLINE_EXCEEDED");
        for kind in ["application/grpc", "application/grpc-web+proto", "application/grpc-web-text"] {
            let message = GetMeRequest {}.encode_to_vec();
            assert!(message.is_empty());
            let frame = if kind.contains("text") { &b"AAAAAAA="[..] } else { &[0; 5] };
            let headers = [("content-type", kind), ("grpc-timeout", timeout)];
            let reply = world.send(request(Method::POST, ME, &headers, Bytes::from_static(frame))).await;
            let status = Status::from_header_map(&reply.headers).unwrap();
            assert_eq!(
                (status.code(), warung_proto::error::reason(&status)),
                (Code::DeadlineExceeded, ErrorReason::DeadlineExceeded),
                "{kind} {timeout}: {status:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_body_that_does_not_come_costs_no_more_time_than_its_caller_has() {
    let world = World::new();
    let body = || axum::body::Body::from_stream(tokio_stream::pending::<Result<Bytes, std::io::Error>>());
    let headers = [("content-type", "application/json"), ("grpc-timeout", "5m")];
    let reply = world.send(request(Method::PATCH, "/api/v1/me", &headers, body())).await;
    reply.expect_error(504, "DEADLINE_EXCEEDED");
    let headers = [("content-type", "application/grpc-web+proto"), ("grpc-timeout", "5m")];
    let reply = world.send(request(Method::POST, ME, &headers, body())).await;
    assert_eq!(Status::from_header_map(&reply.headers).unwrap().code(), Code::DeadlineExceeded);
}
