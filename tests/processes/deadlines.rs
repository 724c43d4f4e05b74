//! Calls whose time is over while they wait, by every way into a store whose edge and core are apart.

use std::time::Duration;

use http::Request;
use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use prost::Message as _;
use tokio::net::TcpStream;
use tonic::{Code, Status};
use warung_proto::{
    ErrorReason,
    channel::{self, Channel},
    error,
    order::{FollowOrderRequest, order_service_client::OrderServiceClient},
};

use crate::{
    follow::{Follower, Store},
    process::port,
    shop::edges,
    time::{DEADLINE, eventually},
};

/// Who is slower than the other shows only now and then.
const CALLS: usize = 20;
const FOLLOW: &str = "/warung.order.v1.OrderService/FollowOrder";

fn follow(follower: &Follower) -> FollowOrderRequest {
    FollowOrderRequest {
        order_id: follower.order_id.clone(),
        known_version: follower.version.parse().unwrap(),
        wait: Some(Duration::from_secs(20).try_into().unwrap()),
    }
}

/// Calls as a client does that keeps no time of its own, and answers the status that came.
async fn call(address: &str, kind: &str, follower: &Follower) -> Status {
    let stream = TokioIo::new(TcpStream::connect(address).await.unwrap());
    let (mut connection, driver) = hyper::client::conn::http2::handshake(TokioExecutor::new(), stream).await.unwrap();
    tokio::spawn(driver);
    let message = follow(follower).encode_to_vec();
    let frame = [&[0][..], &u32::try_from(message.len()).unwrap().to_be_bytes(), &message].concat();
    let request = Request::post(format!("http://{address}{FOLLOW}"))
        .header("content-type", kind)
        .header("te", "trailers")
        .header("grpc-timeout", "200m")
        .header("authorization", &follower.authorization)
        .body(Full::new(bytes::Bytes::from(frame)))
        .unwrap();
    let (head, body) = connection.send_request(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap();
    Status::from_header_map(&head.headers).unwrap_or_else(|| panic!("no status: {head:?} {body:?}"))
}

/// Calls as our own clients do.
async fn call_by(channel: Channel, follower: &Follower) -> Status {
    let mut request = tonic::Request::new(follow(follower));
    request.set_timeout(Duration::from_millis(200));
    request.metadata_mut().insert("authorization", follower.authorization.parse().unwrap());
    OrderServiceClient::new(channel).follow_order(request).await.unwrap_err()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wait_that_is_cut_short_is_always_told_so_by_every_way_in() {
    let store = Store::new().await;
    let http = port();
    let address = format!("127.0.0.1:{http}");
    let _core = store.start("core", "core", None);
    let _edge = store.start("edge", "edge", Some(http));
    let api = edges(&[http]);
    eventually("readiness", DEADLINE, async || api.is_ready().await.then_some(())).await;
    let follower = Follower::new(&store, &api).await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let [core, edge] =
        [&store.shop.grpc, &address].map(|address| channel::remote(&format!("http://{address}")).unwrap());
    for turn in 0..CALLS {
        let json = client.get(format!("http://{address}{}", follower.path("20s"))).header("grpc-timeout", "200m");
        let json = json.header("authorization", &follower.authorization).send().await.unwrap();
        assert_eq!(json.status(), 504, "{turn}: {:?}", json.text().await);
        for status in [
            call(&address, "application/grpc-web+proto", &follower).await,
            call(&address, "application/grpc", &follower).await,
            call(&store.shop.grpc, "application/grpc", &follower).await,
            call_by(edge.clone(), &follower).await,
            call_by(core.clone(), &follower).await,
        ] {
            assert_eq!(
                (status.code(), error::reason(&status)),
                (Code::DeadlineExceeded, ErrorReason::DeadlineExceeded),
                "{turn}: {status:?}"
            );
        }
    }
}
