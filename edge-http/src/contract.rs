//! The seeds' two contracts, as other programs already speak them.
//!
//! Every error is `{"reason", "message"}` alone, those included that a request meets before it comes here; `docs/errors.md`
//! has their codes.

use axum::{
    Extension, Json,
    body::Body,
    extract::State,
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use tonic::Code;
use uuid::Uuid;
use warung_proto::{
    ErrorReason,
    access::Room,
    channel::Channel,
    descriptor, error as proto_error,
    identity::{GetMeRequest, identity_service_client::IdentityServiceClient},
    library::{
        GetPendingActionRequest, GetPendingActionResponse, RequestTitleRequest,
        library_service_client::LibraryServiceClient, title_request::State as RequestState,
    },
};

use crate::{
    caller::Caller,
    core::within,
    error::Fault,
    fields,
    router::{Edge, Variable, value_of},
    transcode::{self, number, text},
    words::Language,
};

/// Where a film is asked for.
pub(crate) const MOVIE_REQUEST: &str = "/api/v1/handle_movie_request";
/// Where a service reads what a start token stands for.
pub(crate) const PENDING: &str = "/api/v1/pending/{token}";

/// Whether a route is one of the two.
pub(crate) fn speaks_at(route: &str) -> bool {
    matches!(route, MOVIE_REQUEST | PENDING)
}

/// More than any init data that Telegram signs; it travels in a header.
const INIT_DATA_BYTES_MAX: usize = 8 * 1024;

/// `POST /api/v1/handle_movie_request`. Title and poster come from the catalogue: the body's are not even read.
#[derive(Default, Deserialize)]
#[serde(default)]
struct MovieRequest {
    chat_id: Value,
    movie_id: Value,
    init_data: Value,
}

/// What a movie request asks for, once it is known to be well-formed.
#[derive(Debug, PartialEq, Eq)]
struct Wanted {
    chat_id: i64,
    title_id: String,
    episode_number: i32,
    authorization: HeaderValue,
}

pub(crate) async fn handle_movie_request(
    State(edge): State<Arc<Edge>>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    match movie_request(&edge, &caller, &headers, body).await {
        Ok(answer) => Json(answer).into_response(),
        Err(fault) => fault.into_contract(Language::of(&headers)),
    }
}

async fn movie_request(edge: &Edge, caller: &Caller, headers: &HeaderMap, body: Body) -> Result<Value, Fault> {
    let limits = &edge.config.limits;
    let read = edge.rooms.read(headers, body, descriptor::REQUEST_BYTES, caller.address);
    let read = within(caller.deadline, read).await?;
    transcode::expect_json(headers, &read.bytes)?;
    if transcode::depth(&read.bytes) > limits.json_depth {
        return Err(Fault::malformed("the JSON is nested too deep"));
    }
    let request: MovieRequest = serde_json::from_slice(&read.bytes)
        .map_err(|error| Fault::malformed(format!("the body is no such request: {error}")))?;
    let wanted = wanted(&request)?;
    let caller = caller.with_authorization(Some(wanted.authorization));

    let get_me = |channel: Channel, request: tonic::Request<GetMeRequest>| async move {
        IdentityServiceClient::new(channel).get_me(request).await
    };
    // Whoever asks is nobody until the core has read their launch data.
    let place = edge.rooms.enter(Room::Unspecified, Some(caller.address))?;
    let me = core_call(edge, &caller, get_me, GetMeRequest {}).await?;
    if me.user.is_none_or(|user| user.telegram_id != wanted.chat_id) {
        // The core refuses this too, and so the refusal is in its trail, under the same call id as who asked.
        let _ = core_call(edge, &caller.in_the_name_of(wanted.chat_id), get_me, GetMeRequest {}).await;
        let message = "chat_id is not the user who signed init_data";
        return Err(Fault::new(Code::PermissionDenied, ErrorReason::Forbidden, message));
    }
    drop(place);
    let _place = edge.rooms.enter(Room::Wait, None)?;
    let request_id = headers.get("idempotency-key").and_then(|key| Uuid::try_parse(key.to_str().ok()?).ok());
    let request = RequestTitleRequest {
        request_id: request_id.unwrap_or_else(|| (edge.config.ids)()).to_string(),
        title_id: wanted.title_id,
        episode_number: wanted.episode_number,
        write_access_granted: false,
    };
    let answer = core_call(
        edge,
        &caller,
        |channel, request| async move { LibraryServiceClient::new(channel).request_title(request).await },
        request,
    )
    .await?;
    let title_request = answer.title_request.unwrap_or_default();
    match title_request.state() {
        RequestState::Sent => Ok(json!({"status": "sent"})),
        RequestState::Queued => Ok(json!({"status": "queued"})),
        RequestState::NeedStart => Ok(json!({"status": "need_start", "link": title_request.link})),
        RequestState::VipRequired => Ok(json!({"status": "vip_required", "link": title_request.link})),
        RequestState::Failed | RequestState::Unspecified => {
            Err(Fault::unavailable("the film could not be delivered; asking again is fine"))
        }
    }
}

/// Calls the core with the caller's metadata, for no longer than the caller waits.
pub(crate) async fn core_call<Request, Answer, Call>(
    edge: &Edge,
    caller: &Caller,
    call: impl FnOnce(Channel, tonic::Request<Request>) -> Call,
    request: Request,
) -> Result<Answer, Fault>
where
    Call: Future<Output = Result<tonic::Response<Answer>, tonic::Status>>,
{
    let request = edge.core.request(caller, request);
    within(caller.deadline, call(edge.core.channel(), request)).await.map(tonic::Response::into_inner)
}

fn wanted(request: &MovieRequest) -> Result<Wanted, Fault> {
    let mut violations = Vec::new();
    let mut violation = |field: &str, must: &str| violations.push((field.to_owned(), must.to_owned()));
    let chat_id = match &request.chat_id {
        Value::Number(number) => whole(number),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    if chat_id.is_none() {
        violation("chat_id", "must be a Telegram id, a whole number");
    }
    let movie_id = match &request.movie_id {
        Value::Number(number) => whole(number).filter(|number| *number >= 0).map(|number| number.to_string()),
        Value::String(text) if !text.is_empty() && text.len() <= 128 => Some(text.clone()),
        _ => None,
    };
    let movie = movie_id.as_deref().and_then(split_episode);
    if movie.is_none() {
        violation("movie_id", "must be a title's id or code, or {title}:{episode}");
    }
    let init_data = match &request.init_data {
        Value::String(text) => Some(text.as_str()),
        Value::Null => Some(""),
        _ => None,
    };
    if init_data.is_none() {
        violation("init_data", "must be a string: Telegram.WebApp.initData");
    }
    let (Some(chat_id), Some((title_id, episode_number)), Some(init_data)) = (chat_id, movie, init_data) else {
        return Err(Fault::invalid(violations));
    };
    Ok(Wanted { chat_id, title_id: title_id.to_owned(), episode_number, authorization: authorization(init_data)? })
}

/// A whole number that JSON may also write with a point. As a float it is exact up to 2⁵³, far beyond any id.
fn whole(number: &serde_json::Number) -> Option<i64> {
    const EXACT: i64 = 1 << 53;
    let whole = || number::whole(&number.to_string()).ok().and_then(|number| i64::try_from(number).ok());
    number.as_i64().or_else(|| whole().filter(|number| (-EXACT..=EXACT).contains(number)))
}

/// Init data as the core takes it from a header.
fn authorization(init_data: &str) -> Result<HeaderValue, Fault> {
    if init_data.is_empty() {
        return Err(Fault::unauthenticated("init_data is missing"));
    }
    let value = HeaderValue::try_from(format!("tma {init_data}"));
    let mut value =
        value.ok().filter(|value| value.len() <= INIT_DATA_BYTES_MAX && value.to_str().is_ok()).ok_or_else(|| {
            Fault::new(Code::Unauthenticated, ErrorReason::InitDataInvalid, "init_data is not what Telegram signs")
        })?;
    value.set_sensitive(true);
    Ok(value)
}

/// A title and the number of its episode; 0 is the first.
fn split_episode(movie_id: &str) -> Option<(&str, i32)> {
    match movie_id.split_once(':') {
        None => Some((movie_id, 0)),
        Some((title, episode)) => {
            let number = episode.parse().ok().filter(|number| (1..=9_999).contains(number))?;
            (!title.is_empty()).then_some((title, number))
        }
    }
}

/// `GET /api/v1/pending/{token}`: for services alone. It reads and never consumes.
pub(crate) async fn pending(
    State(edge): State<Arc<Edge>>,
    Extension(caller): Extension<Caller>,
    token: Variable,
    headers: HeaderMap,
) -> Response {
    match pending_action(&edge, &caller, value_of(token)).await {
        Ok(answer) => ([(header::CACHE_CONTROL, "no-store")], Json(answer)).into_response(),
        Err(fault) => fault.into_contract(Language::of(&headers)),
    }
}

async fn pending_action(edge: &Edge, caller: &Caller, token: String) -> Result<Value, Fault> {
    let presented = caller.authorization.as_ref().and_then(|value| fields::credential(value, "bearer"));
    if !presented.is_some_and(|key| edge.config.service_key.verify_any(key)) {
        return Err(Fault::unauthenticated("this needs the service key: Authorization: Bearer {key}"));
    }
    let token = token.strip_prefix("p_").map(str::to_owned).unwrap_or(token);
    let caller = caller.with_authorization(None);
    let answer = core_call(
        edge,
        &caller,
        |channel, request| async move { LibraryServiceClient::new(channel).get_pending_action(request).await },
        GetPendingActionRequest { token },
    )
    .await;
    let action = answer.map_err(|fault| match proto_error::reason(&fault.status) {
        ErrorReason::StartTokenUsed | ErrorReason::StartTokenExpired => fault.over_http(StatusCode::GONE),
        // A token that is none is as unknown as one that never was.
        ErrorReason::InvalidArgument => fault.over_http(StatusCode::NOT_FOUND),
        _ => fault,
    })?;
    pending_json(edge, action)
}

fn pending_json(edge: &Edge, action: GetPendingActionResponse) -> Result<Value, Fault> {
    let title = action.title.unwrap_or_default();
    let movie_id = match action.episode_number {
        number if number > 1 || title.episode_count > 1 => format!("{}:{number}", title.title_id),
        _ => title.title_id.clone(),
    };
    let expires_at = action.expire_time.and_then(|time| text::timestamp(time.seconds, time.nanos));
    let base = edge.config.public_url.as_deref().unwrap_or_default();
    let poster_url = match title.poster_media_id.as_str() {
        "" => Value::Null,
        media_id => format!("{}/api/v1/media/{media_id}", base.trim_end_matches('/')).into(),
    };
    Ok(json!({
        "chat_id": action.telegram_id,
        "movie_id": movie_id,
        "title": title.name,
        "poster_url": poster_url,
        "expires_at": expires_at.ok_or_else(Fault::internal)?,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(chat_id: Value, movie_id: Value, init_data: Value) -> MovieRequest {
        MovieRequest { chat_id, movie_id, init_data }
    }

    #[test]
    fn ids_come_as_numbers_or_as_text() {
        for (chat_id, movie_id, title, episode) in [
            (json!(279_058_397), json!("ttl_1"), "ttl_1", 0),
            (json!("279058397"), json!(42), "42", 0),
            (json!(279_058_397.0), json!(42.0), "42", 0),
            (json!(279_058_397), json!("senja:12"), "senja", 12),
        ] {
            let wanted = wanted(&request(chat_id, movie_id, json!("hash=1"))).unwrap();
            assert_eq!((wanted.chat_id, &*wanted.title_id, wanted.episode_number), (279_058_397, title, episode));
        }
    }

    #[test]
    fn every_wrong_field_is_named() {
        let fault = wanted(&request(json!(1.5), json!("x:0"), json!(7))).unwrap_err();
        assert_eq!(fault.http(), StatusCode::BAD_REQUEST);
        assert_eq!(fault.status.message(), "3 fields are invalid");
        for movie_id in [json!(null), json!(-1), json!(""), json!("x:"), json!(":1"), json!("x:10000"), json!([])] {
            assert!(wanted(&request(json!(1), movie_id, json!("x"))).is_err());
        }
        for chat_id in [json!(null), json!("abc"), json!(true), json!({}), json!("9223372036854775808")] {
            assert!(wanted(&request(chat_id, json!("x"), json!("x"))).is_err());
        }
    }

    #[test]
    fn init_data_that_no_header_carries_is_no_init_data() {
        let long = "a".repeat(1_000_000);
        for init_data in ["", "user=1\r\nwarung-service-key: x", "user=\u{e9}", &long] {
            let fault = wanted(&request(json!(1), json!("x"), json!(init_data))).unwrap_err();
            assert_eq!(fault.http(), StatusCode::UNAUTHORIZED);
        }
    }
}
