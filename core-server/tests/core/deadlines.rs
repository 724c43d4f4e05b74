//! Calls whose time is over, as callers see them over a real connection.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http2::SendRequest;
use hyper_util::rt::{TokioExecutor, TokioIo};
use prost::Message as _;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tonic::{Code, Status};
use warung_app::testing::BOT_ID;
use warung_proto::{
    ErrorReason, channel, error,
    key::{Service, ServiceKey},
    messaging::{Bot, ClaimDeliveriesRequest, delivery_service_client::DeliveryServiceClient},
    metadata,
};
use warung_store::testing::{Kind, TestDatabase};

use crate::support::{Caller, SERVICE_KEY, Shop, assert_refused, soon};

/// Who is slower than the other shows only now and then.
const CALLS: usize = 20;
const CLAIM: &str = "/warung.messaging.v1.DeliveryService/ClaimDeliveries";

/// A call that waits for twenty seconds.
fn long_wait() -> ClaimDeliveriesRequest {
    ClaimDeliveriesRequest {
        bot: Bot::Main.into(),
        worker_id: "w1".into(),
        max_deliveries: 10,
        wait: Some(Duration::from_secs(20).try_into().unwrap()),
        bot_id: BOT_ID,
        ..ClaimDeliveriesRequest::default()
    }
}

/// Runs `calls` against a core that listens at an address.
async fn with_a_served_core(calls: impl AsyncFnOnce(std::net::SocketAddr)) {
    let shop = Shop::open(TestDatabase::new(Kind::Sqlite).await).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let shutdown = CancellationToken::new();
    let both = Box::pin(async {
        tokio::join!(shop.core.serve(listener, shutdown.clone()), async {
            calls(address).await;
            shutdown.cancel();
        })
    });
    soon(both).await.0.unwrap();
}

/// A client that keeps no time of its own, and is answered by trailers alone.
async fn answer(connection: &mut SendRequest<Full<Bytes>>, timeout: &str) -> HeaderMap {
    let message = long_wait().encode_to_vec();
    let frame = [&[0][..], &u32::try_from(message.len()).unwrap().to_be_bytes(), &message].concat();
    let request = Request::post(format!("http://core{CLAIM}"))
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .header("grpc-timeout", timeout)
        .header(metadata::SERVICE_KEY, ServiceKey::new(SERVICE_KEY).present_as(Service::Bot))
        .body(Full::new(frame.into()))
        .unwrap();
    let answer = connection.send_request(request).await.unwrap();
    assert_eq!(answer.status(), 200);
    let (head, body) = answer.into_parts();
    assert!(body.collect().await.unwrap().to_bytes().is_empty());
    head.headers
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_whose_time_is_over_is_always_told_so_whatever_clock_is_first() {
    with_a_served_core(async |address| {
        let stream = TokioIo::new(TcpStream::connect(address).await.unwrap());
        let (mut connection, driver) =
            hyper::client::conn::http2::handshake(TokioExecutor::new(), stream).await.unwrap();
        tokio::spawn(driver);
        for timeout in ["40m", "3m", "1m", "500u", "0n"].into_iter().flat_map(|timeout| [timeout; CALLS]) {
            let headers = answer(&mut connection, timeout).await;
            let status = Status::from_header_map(&headers).unwrap();
            assert_refused::<()>(Err(status), Code::DeadlineExceeded, ErrorReason::DeadlineExceeded);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn our_own_clients_tell_time_from_a_core_that_is_not_there() {
    with_a_served_core(async |address| {
        let channel = channel::remote(&format!("http://{address}")).unwrap();
        let mut client = DeliveryServiceClient::new(channel);
        for timeout in [40, 3, 1].into_iter().flat_map(|timeout| [timeout; CALLS]) {
            let hurried = Caller::bot().within(Duration::from_millis(timeout)).says(long_wait());
            let refused = client.claim_deliveries(hurried).await;
            assert_refused(refused, Code::DeadlineExceeded, ErrorReason::DeadlineExceeded);
        }
    })
    .await;
    let nobody = channel::remote("http://127.0.0.1:1").unwrap();
    let hurried = Caller::bot().within(Duration::from_secs(10)).says(long_wait());
    let refused = DeliveryServiceClient::new(nobody).claim_deliveries(hurried).await.unwrap_err();
    assert_eq!(error::reason(&refused), ErrorReason::Unavailable);
}
