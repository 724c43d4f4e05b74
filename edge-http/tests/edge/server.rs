//! Connections.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;
use warung_edge::ServerLimits;
use warung_proto::library::{ListTitlesRequest, ListTitlesResponse, library_service_client::LibraryServiceClient};

use crate::support::World;

struct Served {
    address: SocketAddr,
    shutdown: CancellationToken,
    task: JoinHandle<()>,
    world: World,
}

async fn served(limits: ServerLimits) -> Served {
    let world = World::new();
    world.peer.on("ListTitles", |_: ListTitlesRequest| {
        Ok(ListTitlesResponse { next_page_token: "next".into(), ..ListTitlesResponse::default() })
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let shutdown = CancellationToken::new();
    let task = tokio::spawn(warung_edge::serve_within(listener, world.router.clone(), shutdown.clone(), limits));
    Served { address, shutdown, task, world }
}

async fn http1(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn http1_and_http2_are_served_on_one_port() {
    let served = served(ServerLimits::default()).await;
    let answer = http1(served.address, "GET /api/v1/titles HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with(r#"{"nextPageToken":"next"}"#), "{answer}");
    let channel = warung_proto::channel::remote(&format!("http://{}", served.address)).unwrap();
    let answer = LibraryServiceClient::new(channel).list_titles(ListTitlesRequest::default()).await.unwrap();
    assert_eq!(answer.into_inner().next_page_token, "next");
    let call = served.world.peer.calls().pop().unwrap();
    assert_eq!(call.header("warung-client-address").as_deref(), Some("127.0.0.1"));
}

#[tokio::test]
async fn a_client_that_sends_its_head_too_slowly_is_let_go() {
    let limits = ServerLimits { head_timeout: Duration::from_millis(50), ..ServerLimits::default() };
    let served = served(limits).await;
    for beginning in ["", "P", "PRI * HTTP/2.0\r\n", "GET / HTTP/1.1\r\nhost: x\r\nx-slow:"] {
        let mut stream = TcpStream::connect(served.address).await.unwrap();
        stream.write_all(beginning.as_bytes()).await.unwrap();
        // It ends orderly, or not: what was not read is cut off.
        let ended = tokio::time::timeout(Duration::from_secs(10), stream.read_to_end(&mut Vec::new())).await;
        assert!(ended.is_ok(), "{beginning:?} is waited for without end");
    }
}

#[tokio::test]
async fn connections_beyond_the_bound_wait() {
    let limits = ServerLimits { connections: 1, reserved_connections: 0, ..ServerLimits::default() };
    let served = served(limits).await;
    let mut first = TcpStream::connect(served.address).await.unwrap();
    let mut second = TcpStream::connect(served.address).await.unwrap();
    second.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
    // Connections are taken in order: one that asks later, but came first, is answered first.
    first.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    assert!(first.read(&mut [0; 512]).await.unwrap() > 0);
    let early = second.try_read(&mut [0; 1]).map_err(|error| error.kind());
    assert_eq!(early, Err(std::io::ErrorKind::WouldBlock), "there is room for one");
    drop(first);
    let mut answer = String::new();
    second.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn requests_in_work_end_before_the_server_does() {
    let served = served(ServerLimits::default()).await;
    let (finish, finished) = oneshot::channel::<()>();
    let finished = std::sync::Mutex::new(Some(finished));
    // A call that ends when the test says.
    served.world.peer.on("ListTitles", move |_: ListTitlesRequest| {
        let finished = finished.lock().unwrap().take();
        tokio::task::block_in_place(|| finished.map(|finished| finished.blocking_recv()));
        Ok(ListTitlesResponse::default())
    });
    let request = "GET /api/v1/titles HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    let answer = tokio::spawn(http1(served.address, request));
    while served.world.peer.calls().is_empty() {
        tokio::task::yield_now().await;
    }
    served.shutdown.cancel();
    while TcpStream::connect(served.address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert!(!served.task.is_finished());
    finish.send(()).unwrap();
    assert!(answer.await.unwrap().starts_with("HTTP/1.1 200 OK"));
    served.task.await.unwrap();
}

#[tokio::test]
async fn a_request_that_does_not_end_is_not_waited_for_without_end() {
    let limits = ServerLimits { drain: Duration::from_millis(50), ..ServerLimits::default() };
    let served = served(limits).await;
    served.world.peer.hang("ListTitles");
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    stream.write_all(b"GET /api/v1/titles HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    while served.world.peer.calls().is_empty() {
        tokio::task::yield_now().await;
    }
    served.shutdown.cancel();
    served.task.await.unwrap();
    let mut answer = Vec::new();
    assert_eq!(stream.read_to_end(&mut answer).await.unwrap_or(0), 0, "its connection is cut");
}

/// A client of its own address on this machine.
async fn connect_from(source: &str, address: SocketAddr) -> TcpStream {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind(format!("{source}:0").parse().unwrap()).unwrap();
    socket.connect(address).await.unwrap()
}

/// Asks whether the server lives.
async fn asks(mut stream: TcpStream, path: &str) -> String {
    stream.write_all(format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

/// An HTTP/2 connection that asks nothing, and answers every ping.
async fn idle_http2(source: &str, address: SocketAddr) -> JoinHandle<()> {
    let stream = connect_from(source, address).await;
    let (sender, connection) = hyper::client::conn::http2::handshake::<_, _, http_body_util::Empty<bytes::Bytes>>(
        hyper_util::rt::TokioExecutor::new(),
        hyper_util::rt::TokioIo::new(stream),
    )
    .await
    .unwrap();
    tokio::spawn(async move {
        let _ = connection.await;
        drop(sender);
    })
}

#[tokio::test]
async fn idle_connections_of_one_address_keep_out_no_newcomer() {
    // Behind a proxy of ours an address is no client: there, too, whoever asks nothing makes room.
    for connections_of_address in [Some(20), None] {
        let limits = ServerLimits { connections: 40, connections_of_address, ..ServerLimits::default() };
        let served = served(limits).await;
        let mut idle = Vec::new();
        for _ in 0..60 {
            idle.push(idle_http2("127.0.0.2", served.address).await);
        }
        // In the first second nobody has been idle for long enough: a newcomer may be told to come again.
        let newcomer = async {
            while !asks(connect_from("127.0.0.3", served.address).await, "/api/v1/titles").await.contains("200 OK") {}
        };
        tokio::time::timeout(Duration::from_secs(20), newcomer).await.expect("a newcomer is served");
        for connection in idle {
            connection.abort();
        }
    }
}

#[tokio::test]
async fn a_connection_that_answers_pings_and_asks_nothing_is_closed() {
    let served = served(ServerLimits { idle_timeout: Duration::from_millis(50), ..ServerLimits::default() }).await;
    let idle = idle_http2("127.0.0.1", served.address).await;
    tokio::time::timeout(Duration::from_secs(20), idle).await.expect("it is closed").unwrap();
}

#[tokio::test]
async fn when_every_connection_is_busy_webhooks_and_health_are_still_answered() {
    let limits = ServerLimits { connections: 1, reserved_connections: 4, ..ServerLimits::default() };
    let served = served(limits).await;
    served.world.peer.hang("ListTitles");
    let mut busy = TcpStream::connect(served.address).await.unwrap();
    busy.write_all(b"GET /api/v1/titles HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    while served.world.peer.calls().is_empty() {
        tokio::task::yield_now().await;
    }
    let answer = asks(connect_from("127.0.0.2", served.address).await, "/healthz").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.contains("connection: close"), "{answer}");
    let mut webhook = connect_from("127.0.0.3", served.address).await;
    let post =
        "POST /webhooks/pakasir HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}";
    webhook.write_all(post.as_bytes()).await.unwrap();
    let mut answer = String::new();
    webhook.read_to_string(&mut answer).await.unwrap();
    assert_eq!(served.world.peer.calls().last().unwrap().rpc, "ReceiveWebhook", "{answer}");
    let answer = asks(connect_from("127.0.0.4", served.address).await, "/api/v1/titles").await;
    assert!(answer.starts_with("HTTP/1.1 503 Service Unavailable"), "{answer}");
}
