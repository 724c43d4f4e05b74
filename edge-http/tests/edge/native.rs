//! gRPC itself on the edge's port, as its own clients see it.

use std::time::Duration;

use http::Request;
use http_body_util::Full;
use hyper::body::Body as _;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;
use tonic::{Code, Status, codec::CompressionEncoding};
use tonic_types::{ErrorDetails, StatusExt as _};
use warung_proto::{
    ErrorReason, channel, error,
    identity::{GetMeRequest, identity_service_client::IdentityServiceClient},
    library::{ListTitlesRequest, ListTitlesResponse, library_service_client::LibraryServiceClient},
    messaging::{ClaimDeliveriesRequest, delivery_service_client::DeliveryServiceClient},
};

use crate::support::{World, request, serve, status};

fn world() -> World {
    let world = World::with(|config| {
        config.limits.client_rate = 1;
        config.limits.client_burst = 5;
    });
    world.peer.on("ListTitles", |request: ListTitlesRequest| {
        Ok(ListTitlesResponse { next_page_token: request.query, ..ListTitlesResponse::default() })
    });
    let mut details = ErrorDetails::new();
    details.add_bad_request_violation("session", "is over");
    world.peer.fail("GetMe", status(Code::Unauthenticated, ErrorReason::SessionExpired, details));
    world
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_sees_answers_refusals_and_their_details() {
    let world = world();
    let channel = channel::remote(&format!("http://{}", serve(&world).await)).unwrap();
    let mut library = LibraryServiceClient::new(channel.clone());
    let asked = ListTitlesRequest { query: "senja".into(), ..ListTitlesRequest::default() };
    assert_eq!(library.list_titles(asked.clone()).await.unwrap().into_inner().next_page_token, "senja");

    let mut me = tonic::Request::new(GetMeRequest {});
    me.metadata_mut().insert("authorization", "Bearer AAAA".parse().unwrap());
    let refused = IdentityServiceClient::new(channel.clone()).get_me(me).await.unwrap_err();
    assert_eq!((refused.code(), error::reason(&refused)), (Code::Unauthenticated, ErrorReason::SessionExpired));
    assert_eq!(refused.get_details_bad_request().unwrap().field_violations[0].field, "session");

    let mut compressed = LibraryServiceClient::new(channel.clone()).send_compressed(CompressionEncoding::Gzip);
    let refused = compressed.list_titles(asked.clone()).await.unwrap_err();
    assert_eq!((refused.code(), error::reason(&refused)), (Code::Unimplemented, ErrorReason::Unimplemented));

    // The list of what may pass, and the rates, hold here as well.
    let mut deliveries = DeliveryServiceClient::new(channel);
    let refused = deliveries.claim_deliveries(ClaimDeliveriesRequest::default()).await.unwrap_err();
    assert_eq!((refused.code(), error::reason(&refused)), (Code::Unimplemented, ErrorReason::Unimplemented));
    let limited = async {
        loop {
            if let Err(refused) = library.list_titles(asked.clone()).await {
                break refused;
            }
        }
    };
    let refused = tokio::time::timeout(Duration::from_secs(20), limited).await.expect("the rate has an end");
    assert_eq!((refused.code(), error::reason(&refused)), (Code::ResourceExhausted, ErrorReason::RateLimited));
    assert!(error::retry_delay(&refused).is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_is_its_head_alone() {
    let world = world();
    let stream = TokioIo::new(TcpStream::connect(serve(&world).await).await.unwrap());
    let (mut connection, driver) = hyper::client::conn::http2::handshake(TokioExecutor::new(), stream).await.unwrap();
    tokio::spawn(driver);
    // The core's own refusal, and the edge's.
    for path in ["/warung.identity.v1.IdentityService/GetMe", "/warung.x/Y"] {
        let request = Request::post(format!("http://edge{path}"))
            .header("content-type", "application/grpc")
            .header("te", "trailers")
            .header("authorization", "Bearer AAAA")
            .body(Full::new(bytes::Bytes::from_static(&[0; 5])))
            .unwrap();
        let answer = connection.send_request(request).await.unwrap();
        assert_ne!(Status::from_header_map(answer.headers()).unwrap().code(), Code::Ok);
        assert!(answer.body().is_end_stream(), "{path}: more comes behind the status, which is then no status");
    }
}

#[tokio::test]
async fn a_proxy_that_speaks_http1_is_told_of_in_a_form_that_passes_it() {
    let world = world();
    let path = "/warung.library.v1.LibraryService/ListTitles";
    let mut request = request(http::Method::POST, path, &[("content-type", "application/grpc")], vec![0; 5]);
    *request.version_mut() = http::Version::HTTP_11;
    let reply = world.send(request).await;
    let status = Status::from_header_map(&reply.headers).unwrap();
    assert_eq!((reply.status.as_u16(), status.code()), (200, Code::Unimplemented));
    assert!(status.message().contains("HTTP/2"), "{status:?}");
    assert!(world.peer.calls().is_empty());
    assert!(reply.body.is_empty());
}
