//! The end of the process, as those see it who wait for an answer.

use std::time::Duration;

use bytes::Bytes;
use http::Method;
use prost::Message as _;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    time::timeout,
};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;
use warung_proto::{
    library::{RequestTitleRequest, RequestTitleResponse, TitleRequest},
    order::{FollowOrderRequest, FollowOrderResponse, Order},
};

use crate::support::{World, request};

const FOLLOW: &str = "/api/v1/orders/ord_1:follow?knownVersion=7&wait=25s";

#[tokio::test]
async fn whoever_waits_is_asked_for_once_more_and_nobody_else_is() {
    let ending = CancellationToken::new();
    let world = World::with(|config| config.ending = ending.clone());
    for rpc in ["FollowOrder", "RequestTitle", "GetMe"] {
        world.peer.hang(rpc);
    }
    let body = r#"{"requestId":"r","titleId":"senja"}"#;
    let json = [("content-type", "application/json")];
    let message = FollowOrderRequest { order_id: "ord_1".into(), known_version: 7, wait: None }.encode_to_vec();
    let frame = [&[0, 0, 0, 0, u8::try_from(message.len()).unwrap()][..], &message].concat();
    let web = [("content-type", "application/grpc-web+proto")];
    let requests = [
        request(Method::GET, FOLLOW, &[], ""),
        request(Method::POST, "/api/v1/title-requests", &json, body),
        request(Method::POST, "/warung.order.v1.OrderService/FollowOrder", &web, frame),
        request(Method::GET, "/api/v1/me", &[], ""),
    ];
    let waiting = requests.map(|request| tokio::spawn(world.router.clone().oneshot(request)));
    while world.peer.calls().len() < waiting.len() {
        tokio::task::yield_now().await;
    }
    // The core answers now, if it is asked again.
    world.peer.on("FollowOrder", |_: FollowOrderRequest| {
        Ok(FollowOrderResponse { order: Some(Order { version: 7, ..Order::default() }) })
    });
    world.peer.on("RequestTitle", |request: RequestTitleRequest| {
        assert_eq!((&*request.request_id, &*request.title_id), ("r", "senja"), "it is the same request");
        Ok(RequestTitleResponse { title_request: Some(TitleRequest::default()) })
    });
    ending.cancel();
    let [follow, wanted, web, me] = waiting;
    for answer in [follow, wanted, web] {
        let answer = timeout(Duration::from_secs(20), answer).await.expect("it is answered").unwrap().unwrap();
        assert_eq!(answer.status(), 200);
    }
    assert!(!me.is_finished(), "what only takes long is not asked for twice");
    me.abort();
    let again = world.peer.calls().split_off(4);
    assert_eq!(again.len(), 3);
    for call in again {
        assert_eq!(call.header("warung-no-wait").as_deref(), Some("1"), "{}", call.rpc);
    }
}

#[tokio::test]
async fn no_client_may_say_for_itself_that_its_call_does_not_wait() {
    let world = World::new();
    world.peer.on("FollowOrder", |_: FollowOrderRequest| Ok(FollowOrderResponse::default()));
    world.send(request(Method::GET, FOLLOW, &[("warung-no-wait", "1"), ("warung-timeout", "1m")], "")).await;
    let call = world.peer.call();
    assert_eq!(call.header("warung-no-wait"), None);
    assert_ne!(call.header("warung-timeout").as_deref(), Some("1m"));
}

#[tokio::test]
async fn a_body_that_does_not_arrive_before_the_end_is_told_that_this_is_the_end() {
    let ending = CancellationToken::new();
    let world = World::with(|config| config.ending = ending.clone());
    let body = axum::body::Body::from_stream(tokio_stream::pending::<Result<Bytes, std::io::Error>>());
    let slow = request(Method::PATCH, "/api/v1/me", &[("content-type", "application/json")], body);
    let answer = world.send(slow);
    ending.cancel();
    let reply = timeout(Duration::from_secs(5), answer).await.expect("it is not waited for");
    reply.expect_error(503, "UNAVAILABLE");
    assert_eq!(reply.header("retry-after"), Some("1"));
}

#[tokio::test]
async fn connections_without_a_request_in_work_do_not_hold_up_the_end() {
    let world = World::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let shutdown = CancellationToken::new();
    let server = tokio::spawn(warung_edge::serve(listener, world.router.clone(), shutdown.clone()));
    // One that is idle, one that has begun its next request, one that never began, and one of HTTP/2 that says nothing.
    let mut idle = Vec::new();
    for beginning in ["", "GET / HTTP/1.1\r\nhost:", "P", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u{4}\0\0\0\0\0"] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        if beginning.starts_with('G') || beginning.is_empty() {
            stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
            assert!(stream.read(&mut [0; 512]).await.unwrap() > 0);
        }
        stream.write_all(beginning.as_bytes()).await.unwrap();
        idle.push(stream);
    }
    shutdown.cancel();
    timeout(Duration::from_secs(5), server).await.expect("the end comes soon").unwrap();
}
