//! The same request by JSON, by grpc-web and by gRPC is one request.

use prost::Message as _;
use serde_json::json;
use tonic::Request;
use warung::demo::FREE;
use warung_proto::{
    ErrorReason, channel, error,
    library::{RequestTitleRequest, RequestTitleResponse, library_service_client::LibraryServiceClient},
};

use crate::{operator::request_id, stage::Stage};

/// Asks by grpc-web. Answers the id of what was made.
async fn by_grpc_web(stage: &Stage, authorization: &str, message: &RequestTitleRequest) -> String {
    let message = message.encode_to_vec();
    let length = u32::try_from(message.len()).unwrap().to_be_bytes();
    let path = "warung.library.v1.LibraryService/RequestTitle";
    let answer = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = answer
        .post(format!("{}/{path}", stage.demo.http_url().trim_end_matches('/')))
        .header("content-type", "application/grpc-web+proto")
        .header("authorization", authorization)
        .body([&[0][..], &length, &message].concat());
    let answer = answer.send().await.unwrap().bytes().await.unwrap();
    let length = u32::from_be_bytes(answer[1..5].try_into().unwrap());
    let answer = RequestTitleResponse::decode(&answer[5..5 + usize::try_from(length).unwrap()]).unwrap();
    answer.title_request.unwrap().title_request_id
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_is_the_same_by_json_by_grpc_web_and_by_grpc() {
    let stage = Stage::start(&[]).await;
    let authorization = format!("tma {}", stage.init_data(FREE));
    let message = RequestTitleRequest { request_id: request_id(), title_id: "peron".into(), ..Default::default() };
    // Spelt out, and in another order.
    let spelt_out = json!({
        "writeAccessGranted": false,
        "titleId": "peron",
        "episodeNumber": 0,
        "requestId": message.request_id,
    });
    let headers = [("authorization", authorization.as_str())];
    let answer = stage.api.post("/api/v1/title-requests", &headers, &spelt_out).await;
    let first = answer.body["titleRequest"]["titleRequestId"].as_str().unwrap_or_else(|| panic!("{answer:?}"));
    assert_eq!(by_grpc_web(&stage, &authorization, &message).await, first);
    let by_grpc = async |message| {
        let mut request = Request::new(message);
        request.metadata_mut().insert("authorization", authorization.parse().unwrap());
        let edge = channel::remote(stage.demo.http_url().trim_end_matches('/')).unwrap();
        LibraryServiceClient::new(edge).request_title(request).await
    };
    let answer = by_grpc(message.clone()).await.unwrap().into_inner();
    assert_eq!(answer.title_request.unwrap().title_request_id, first);
    let refused = by_grpc(RequestTitleRequest { title_id: "layar".into(), ..message }).await.unwrap_err();
    assert_eq!(error::reason(&refused), ErrorReason::RequestIdReused);
    assert_eq!(stage.films(FREE).len(), 1);
    stage.stop().await;
}
