//! What payment gateways post. The edge passes it on as it came: what it means, and whether it is true, is found out in
//! the core. Nothing of a body is ever logged here.

use std::{sync::Arc, time::Duration};

use axum::{
    Extension, Json,
    body::Body,
    extract::State,
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, StatusCode};
use serde_json::json;
use tonic::Code;
use warung_proto::{
    ErrorReason,
    access::Room,
    payment::{ReceiveWebhookRequest, payment_service_client::PaymentServiceClient, receive_webhook_response},
};

use crate::{caller::Caller, contract::core_call, error::Fault, fields::MediaType, router::Edge};

/// The largest body that is passed on.
const BODY_BYTES_MAX: usize = 64 * 1_024;
/// How long a body may take to arrive: a gateway's machine is not a phone on a train.
const BODY_TIMEOUT: Duration = Duration::from_secs(5);
const SIGNATURE: &str = "x-pakasir-signature";

/// `POST /webhooks/pakasir`.
pub(crate) async fn pakasir(
    State(edge): State<Arc<Edge>>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    match receive(&edge, &caller, &headers, body).await {
        Ok(result) => (StatusCode::OK, Json(json!({"result": name(result)}))).into_response(),
        Err(fault) => unkept(fault).into_response(),
    }
}

async fn receive(
    edge: &Edge,
    caller: &Caller,
    headers: &HeaderMap,
    body: Body,
) -> Result<receive_webhook_response::Result, Fault> {
    if !MediaType::of(headers).is_some_and(|media| media.is("application/json")) {
        let fault = Fault::malformed("the body must be application/json");
        return Err(fault.over_http(StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }
    let read = edge.rooms.read_webhook(headers, body, BODY_BYTES_MAX, caller.address, BODY_TIMEOUT).await?;
    // Only now: whoever sends a body slowly keeps no other out.
    let _place = edge.rooms.enter(Room::Webhook, Some(caller.address))?;
    let signature = headers.get(SIGNATURE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let request = ReceiveWebhookRequest {
        gateway: "pakasir".to_owned(),
        body: read.bytes.into(),
        signature: signature.to_owned(),
    };
    // Whoever posts it is nobody: a credential that comes along says nothing.
    let caller = caller.with_authorization(None);
    let call = |channel, request| async move { PaymentServiceClient::new(channel).receive_webhook(request).await };
    core_call(edge, &caller, call, request).await.map(|answer| answer.result())
}

/// What could not be kept now is answered so that the gateway posts it again.
fn unkept(fault: Fault) -> Fault {
    match fault.status.code() {
        Code::DeadlineExceeded | Code::Cancelled | Code::Aborted | Code::ResourceExhausted | Code::Internal => {
            Fault::new(Code::Unavailable, ErrorReason::Unavailable, "it could not be kept now; post it again")
        }
        // The core knows no such gateway: it is not configured.
        Code::NotFound => Fault::not_found("this store has no such gateway"),
        _ => fault,
    }
}

fn name(result: receive_webhook_response::Result) -> &'static str {
    use receive_webhook_response::Result;
    match result {
        Result::Unspecified => "unspecified",
        Result::Kept => "kept",
        Result::Repeated => "repeated",
        Result::Unknown => "unknown",
    }
}
