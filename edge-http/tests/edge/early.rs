//! Answers that come before the request is whole: whoever sends it sees the answer and no reset.

use std::{net::SocketAddr, time::Duration};

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};
use warung_proto::identity::{UpdateMeRequest, UpdateMeResponse};

use crate::support::{World, serve};

/// More than all buffers on the way hold: who writes it whole needs somebody who reads it.
const LARGE: usize = 12 * 1024 * 1024;
/// What a refused call mostly has.
const SMALL: usize = 2_000;

/// Every way to be refused by the head alone: method, path, more of the head, and the answer's code.
const REFUSED: [(&str, &str, &str, u16); 8] = [
    ("POST", "/nothing", "", 404),
    ("POST", "/api/v1/nothing", "content-type: application/json\r\n", 404),
    ("DELETE", "/api/v1/me", "content-type: application/json\r\n", 405),
    ("POST", "/warung.x/Y", "content-type: application/grpc-web+json\r\n", 415),
    ("POST", "/webhooks/pakasir", "content-type: text/plain\r\n", 415),
    ("PATCH", "/api/v1/me", "authorization: tma x\r\ncontent-encoding: gzip\r\n", 415),
    ("GET", "/api/v1/pending/x", "", 401),
    ("PATCH", "/api/v1/me", "content-type: application/json\r\n", 401),
];

async fn edge() -> SocketAddr {
    let world = World::new();
    world.peer.on("UpdateMe", |_: UpdateMeRequest| Ok(UpdateMeResponse::default()));
    serve(&world).await
}

/// Reads an answer: its head and as much of a body as it announces.
async fn read_answer(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&answer).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length =
                head.to_ascii_lowercase().lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
            if body.len() >= length.unwrap_or(0) {
                return text;
            }
        }
        let read = timeout(Duration::from_secs(20), stream.read_buf(&mut answer)).await.expect("it is answered");
        assert_ne!(read.expect("no reset"), 0, "an end instead of an answer: {text}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_writes_all_before_reading_sees_why_it_was_refused() {
    let address = edge().await;
    let too_large = ("PATCH", "/api/v1/me", "authorization: tma x\r\ncontent-type: application/json\r\n", 413);
    for (method, path, head, code) in REFUSED.into_iter().chain([too_large]) {
        for chunked in [false, true] {
            let mut stream = TcpStream::connect(address).await.unwrap();
            let length =
                if chunked { "transfer-encoding: chunked".to_owned() } else { format!("content-length: {LARGE}") };
            let head = format!("{method} {path} HTTP/1.1\r\nhost: x\r\n{head}{length}\r\n\r\n");
            stream.write_all(head.as_bytes()).await.unwrap();
            if chunked {
                stream.write_all(format!("{LARGE:x}\r\n").as_bytes()).await.unwrap();
            }
            let body = vec![b' '; LARGE];
            let written = timeout(Duration::from_secs(20), stream.write_all(&body)).await.expect("somebody reads");
            written.unwrap_or_else(|error| panic!("{path} {code} chunked={chunked}: {error}"));
            let answer = read_answer(&mut stream).await;
            assert!(answer.starts_with(&format!("HTTP/1.1 {code} ")), "{path} chunked={chunked}: {answer}");
            assert!(answer.to_ascii_lowercase().contains("connection: close"), "{path}: {answer}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_with_a_small_body_keeps_its_connection() {
    let address = edge().await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    for (method, path, head, code) in REFUSED.into_iter().cycle().take(3 * REFUSED.len()) {
        let head = format!("{method} {path} HTTP/1.1\r\nhost: x\r\n{head}content-length: {SMALL}\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        // The answer may come before the body does.
        let answer = read_answer(&mut stream).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {code} ")), "{path}: {answer}");
        stream.write_all(&[b' '; SMALL]).await.unwrap();
    }
}

#[tokio::test]
async fn a_body_that_waits_to_be_asked_for_is_not_asked_for() {
    let address = edge().await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!("POST /nothing HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: {SMALL}\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    timeout(Duration::from_secs(20), stream.read_to_string(&mut answer)).await.expect("it ends").expect("no reset");
    assert!(answer.starts_with("HTTP/1.1 404 ") && answer.contains("connection: close"), "{answer}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn client_libraries_see_the_answer_by_http1_and_by_http2() {
    let address = edge().await;
    let http1 = reqwest::Client::builder().no_proxy().build().unwrap();
    let stream = TokioIo::new(TcpStream::connect(address).await.unwrap());
    let (mut http2, driver) = hyper::client::conn::http2::handshake(TokioExecutor::new(), stream).await.unwrap();
    tokio::spawn(driver);
    for size in [SMALL, LARGE] {
        for _ in 0..10 {
            let body = Bytes::from(vec![b' '; size]);
            let answer = http1.post(format!("http://{address}/nothing")).body(body.clone()).send().await;
            assert_eq!(answer.expect("no reset").status(), StatusCode::NOT_FOUND, "{size}");

            let request = Request::builder().method(Method::POST).uri(format!("http://{address}/nothing"));
            let answer = http2.send_request(request.body(Full::new(body)).unwrap()).await.expect("no reset");
            assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{size}");
            let said = answer.into_body().collect().await.expect("the answer is whole").to_bytes();
            assert!(said.ends_with(b"}"), "{size}: {said:?}");
        }
    }
}
