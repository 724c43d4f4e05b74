//! Errors as HTTP shows them: one shape for the core's and the edge's own, in JSON and in gRPC.

use std::time::Duration;

use axum::{
    Json,
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use serde_json::{Map, Value, json};
use tonic::{Code, Status};
use tonic_types::{ErrorDetail, ErrorDetails, FieldViolation, StatusExt as _};
use warung_proto::{ErrorReason, deadline, error as proto_error};

use crate::{fields::GrpcForm, transcode::text, words::Language};

/// A status on its way to a client, and the HTTP code where it is not the status's usual one.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    pub(crate) status: Status,
    http: Option<StatusCode>,
}

impl From<Status> for Fault {
    fn from(status: Status) -> Self {
        let ours = status.get_details_error_info().is_some_and(|info| info.domain == proto_error::DOMAIN);
        if ours { Self { status, http: None } } else { Self::of_another(&status) }
    }
}

impl Fault {
    /// A status that is not the core's own: a transport's, or of another program at the core's address. Its code and its
    /// words were not meant for a client.
    fn of_another(status: &Status) -> Self {
        tracing::warn!(code = ?status.code(), message = status.message(), "a call of the core failed on its way");
        match proto_error::reason(status) {
            ErrorReason::DeadlineExceeded => Self::deadline(),
            ErrorReason::Unavailable | ErrorReason::RateLimited => Self::unavailable("the core can't be reached"),
            ErrorReason::Unimplemented => {
                Self::new(Code::Unimplemented, ErrorReason::Unimplemented, "the core has no such method")
            }
            _ => Self::internal(),
        }
    }

    /// A fault of the edge's own.
    pub(crate) fn new(code: Code, reason: ErrorReason, message: impl Into<String>) -> Self {
        Self::with_details(code, reason, message, ErrorDetails::new())
    }

    fn with_details(code: Code, reason: ErrorReason, message: impl Into<String>, mut details: ErrorDetails) -> Self {
        details.set_error_info(reason.as_reason(), proto_error::DOMAIN, std::collections::HashMap::new());
        Self { status: Status::with_error_details(code, message, details), http: None }
    }

    /// The same under another HTTP code.
    pub(crate) fn over_http(mut self, code: StatusCode) -> Self {
        self.http = Some(code);
        self
    }

    /// Fields that break their rules; a violation is (field, what is wrong).
    pub(crate) fn invalid(violations: Vec<(String, String)>) -> Self {
        let message = match violations.as_slice() {
            [(field, description)] if field.is_empty() => format!("the request {description}"),
            [(field, description)] => format!("{field} {description}"),
            many => format!("{} fields are invalid", many.len()),
        };
        let fields: Vec<_> =
            violations.into_iter().map(|(field, description)| FieldViolation::new(field, description)).collect();
        let mut details = ErrorDetails::new();
        details.set_bad_request(fields);
        Self::with_details(Code::InvalidArgument, ErrorReason::InvalidArgument, message, details)
    }

    /// A request that can't be read at all.
    pub(crate) fn malformed(message: impl Into<String>) -> Self {
        Self::new(Code::InvalidArgument, ErrorReason::InvalidArgument, message)
    }

    /// There is something at the path, but not for this method.
    pub(crate) fn method_not_allowed(message: impl Into<String>) -> Self {
        Self::new(Code::Unimplemented, ErrorReason::Unimplemented, message).over_http(StatusCode::METHOD_NOT_ALLOWED)
    }

    /// There is nothing at the path.
    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(Code::NotFound, ErrorReason::NotFound, message)
    }

    /// Nobody who may ask is signed in.
    pub(crate) fn unauthenticated(message: impl Into<String>) -> Self {
        Self::new(Code::Unauthenticated, ErrorReason::Unauthenticated, message)
    }

    /// The core can't be reached, or the edge has too much to do.
    pub(crate) fn unavailable(message: impl Into<String>) -> Self {
        let mut details = ErrorDetails::new();
        details.set_retry_info(Some(Duration::from_secs(1)));
        Self::with_details(Code::Unavailable, ErrorReason::Unavailable, message, details)
    }

    /// The client asks too often.
    pub(crate) fn rate_limited(retry_after: Duration) -> Self {
        let mut details = ErrorDetails::new();
        details.set_retry_info(Some(retry_after));
        let message = "too many requests from this address";
        Self::with_details(Code::ResourceExhausted, ErrorReason::RateLimited, message, details)
    }

    /// The time for the call is over.
    pub(crate) fn deadline() -> Self {
        deadline::exceeded().into()
    }

    /// A fault of ours.
    pub(crate) fn internal() -> Self {
        Self::new(Code::Internal, ErrorReason::Internal, "internal error")
    }

    /// The HTTP code.
    pub(crate) fn http(&self) -> StatusCode {
        self.http.unwrap_or_else(|| http_code(self.status.code()))
    }

    /// Why, in the vocabulary of front ends. A newer core's reason is passed on as it is.
    pub(crate) fn reason(&self) -> String {
        self.status
            .get_details_error_info()
            .filter(|info| info.domain == proto_error::DOMAIN)
            .map_or_else(|| proto_error::reason(&self.status).as_reason().to_owned(), |info| info.reason)
    }

    /// The answer of a gRPC call that failed before it had any other: headers only.
    pub(crate) fn into_grpc(self, form: GrpcForm) -> Response {
        let mut response = self.status.into_http::<Body>();
        form.mark(&mut response);
        response
    }

    /// The seeds' shape: `{"reason", "message"}` alone, in words for people.
    pub(crate) fn into_contract(self, language: Language) -> Response {
        let reason = self.reason();
        let message = language.error(&reason).map_or_else(|| self.status.message().to_owned(), str::to_owned);
        let mut response = (self.http(), Json(json!({"reason": reason, "message": message}))).into_response();
        self.add_retry_after(&mut response);
        response
    }

    fn add_retry_after(&self, response: &mut Response) {
        let limited = matches!(response.status(), StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE);
        if limited {
            let delay = proto_error::retry_delay(&self.status).unwrap_or(Duration::from_secs(1));
            let seconds = delay.as_secs().saturating_add(u64::from(delay.subsec_nanos() > 0)).max(1);
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let body = json!({
            "code": i32::from(self.status.code()),
            "reason": self.reason(),
            "message": self.status.message(),
            "details": self.status.get_error_details_vec().into_iter().filter_map(detail).collect::<Vec<_>>(),
        });
        let mut response = (self.http(), Json(body)).into_response();
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        self.add_retry_after(&mut response);
        response
    }
}

/// The HTTP code of a gRPC code, as `google.rpc.Code` has it.
fn http_code(code: Code) -> StatusCode {
    match code {
        Code::Ok => StatusCode::OK,
        Code::InvalidArgument | Code::FailedPrecondition | Code::OutOfRange => StatusCode::BAD_REQUEST,
        Code::Unauthenticated => StatusCode::UNAUTHORIZED,
        Code::PermissionDenied => StatusCode::FORBIDDEN,
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::AlreadyExists | Code::Aborted => StatusCode::CONFLICT,
        Code::ResourceExhausted => StatusCode::TOO_MANY_REQUESTS,
        Code::Cancelled => StatusCode::from_u16(499).unwrap_or(StatusCode::BAD_REQUEST),
        Code::Unimplemented => StatusCode::NOT_IMPLEMENTED,
        Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Code::DeadlineExceeded => StatusCode::GATEWAY_TIMEOUT,
        Code::Unknown | Code::Internal | Code::DataLoss => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// A detail as canonical JSON of `google.protobuf.Any`. Debugging information stays inside.
fn detail(detail: ErrorDetail) -> Option<Value> {
    let (name, value) = match detail {
        ErrorDetail::ErrorInfo(info) => {
            ("ErrorInfo", json!({"reason": info.reason, "domain": info.domain, "metadata": info.metadata}))
        }
        ErrorDetail::BadRequest(bad) => {
            let fields = bad.field_violations.into_iter();
            let fields: Vec<_> = fields.map(|field| pair("field", &field.field, &field.description)).collect();
            ("BadRequest", json!({"fieldViolations": fields}))
        }
        ErrorDetail::PreconditionFailure(failure) => {
            let violations = failure.violations.into_iter().map(|violation| {
                json!({"type": violation.r#type, "subject": violation.subject, "description": violation.description})
            });
            ("PreconditionFailure", json!({"violations": violations.collect::<Vec<_>>()}))
        }
        ErrorDetail::QuotaFailure(failure) => {
            let violations = failure.violations.into_iter();
            let violations = violations.map(|violation| pair("subject", &violation.subject, &violation.description));
            ("QuotaFailure", json!({"violations": violations.collect::<Vec<_>>()}))
        }
        ErrorDetail::ResourceInfo(info) => {
            ("ResourceInfo", json!({"resourceType": info.resource_type, "resourceName": info.resource_name}))
        }
        ErrorDetail::RetryInfo(info) => {
            let delay = info.retry_delay.unwrap_or_default();
            let seconds = i64::try_from(delay.as_secs()).unwrap_or(i64::MAX);
            let nanos = i32::try_from(delay.subsec_nanos()).unwrap_or(0);
            ("RetryInfo", json!({"retryDelay": text::duration(seconds, nanos)}))
        }
        ErrorDetail::RequestInfo(info) => ("RequestInfo", json!({"requestId": info.request_id})),
        ErrorDetail::LocalizedMessage(message) => {
            ("LocalizedMessage", json!({"locale": message.locale, "message": message.message}))
        }
        _ => return None,
    };
    let mut any = Map::new();
    any.insert("@type".to_owned(), format!("type.googleapis.com/google.rpc.{name}").into());
    if let Value::Object(fields) = value {
        any.extend(fields.into_iter().filter(|(_, value)| !is_empty(value)));
    }
    Some(Value::Object(any))
}

fn pair(key: &str, value: &str, description: &str) -> Value {
    json!({key: value, "description": description})
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::String(text) => text.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::Array(list) => list.is_empty(),
        _ => false,
    }
}
