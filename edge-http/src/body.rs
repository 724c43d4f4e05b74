//! Reading a request's body within its bounds.

use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use tonic::Code;
use warung_proto::ErrorReason;

use crate::{error::Fault, fields, rooms::NoRoom};

/// The whole body, of at most `limit` bytes, within `timeout`.
pub(crate) async fn read(headers: &HeaderMap, body: Body, limit: usize, timeout: Duration) -> Result<Bytes, Fault> {
    if !fields::is_plain(headers) {
        let fault = Fault::malformed("the request's body must not be compressed");
        return Err(fault.over_http(StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > limit) {
        return Err(too_large(limit));
    }
    match tokio::time::timeout(timeout, Limited::new(body, limit).collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large(limit)),
        Ok(Err(error)) if is_no_room(error.as_ref()) => Err(Fault::unavailable(NoRoom.to_string())),
        Ok(Err(_)) => Err(Fault::malformed("the request's body ended too early")),
        Err(_) => {
            let message = "the request's body took too long to arrive";
            let fault = Fault::new(Code::DeadlineExceeded, ErrorReason::DeadlineExceeded, message);
            Err(fault.over_http(StatusCode::REQUEST_TIMEOUT))
        }
    }
}

/// The cause may lie deeper: each layer of a body may wrap it.
fn is_no_room(error: &(dyn std::error::Error + 'static)) -> bool {
    std::iter::successors(Some(error), |error| error.source()).any(<dyn std::error::Error>::is::<NoRoom>)
}

fn too_large(limit: usize) -> Fault {
    Fault::malformed(format!("the request's body is larger than {limit} bytes"))
        .over_http(StatusCode::PAYLOAD_TOO_LARGE)
}
