//! The Bot API over HTTP: tokens, faults, the log, and the answers' form.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Path, Request, State as Shareds};
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use super::super::Shared;
use super::super::error::{ApiError, ApiResult};
use super::super::fault::{Fault, FaultKind};
use super::super::params::{Params, Upload};
use super::super::state::Call;
use super::{Cx, perform, updates};
use crate::server::CutConnection;

/// The longest that a hung connection is held.
const HANG_MAX: Duration = Duration::from_mins(10);
/// The longest that fetching a photo by its address may take.
const FETCH_MAX: Duration = Duration::from_secs(10);
/// The largest photo that Telegram fetches by its address.
const FETCH_BYTES_MAX: usize = 5 * 1024 * 1024;

/// `/bot{token}/{method}`.
pub(crate) async fn call(
    Shareds(shared): Shareds<Arc<Shared>>,
    Path((prefix, method)): Path<(String, String)>,
    request: Request,
) -> Response {
    let Some(token) = prefix.strip_prefix("bot") else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let bot = match authenticate(&shared, token) {
        Ok(bot) => bot,
        Err(error) => return answer(&Err(error)),
    };
    let mut params = match Params::read(request).await {
        Ok(params) => params,
        Err(error) => return answer(&Err(error)),
    };
    let method = method.to_ascii_lowercase();
    let chat_id = params.integer("chat_id");
    let entry = Entry::new(&shared, bot, &method, &params);
    let fault = shared.write_quietly(|state| state.take_fault(bot, &method, chat_id));
    let Some(fault) = fault else {
        let result = execute(&shared, bot, &method, &mut params).await;
        entry.log(&shared, &result, None, false);
        return answer(&result);
    };
    call_with_fault(&shared, entry, &mut params, fault).await
}

/// The bot of a token. What does not look like a token is not found, as with Telegram.
fn authenticate(shared: &Shared, token: &str) -> Result<i64, ApiError> {
    if !token.split_once(':').is_some_and(|(id, secret)| id.parse::<i64>().is_ok() && !secret.is_empty()) {
        return Err(ApiError::not_found());
    }
    shared.read(|state| state.bot_by_token(token)).ok_or_else(ApiError::unauthorized)
}

async fn call_with_fault(shared: &Shared, entry: Entry, params: &mut Params, fault: Fault) -> Response {
    if let Some(error) = fault.kind.error() {
        let result = Err(error);
        entry.log(shared, &result, Some(fault), false);
        return answer(&result);
    }
    match fault.kind {
        FaultKind::Hang => {
            entry.log(shared, &Ok(Value::Null), Some(fault), true);
            tokio::select! {
                () = shared.stop.cancelled() => {}
                () = tokio::time::sleep(HANG_MAX) => {}
            }
            cut()
        }
        FaultKind::Drop => {
            entry.log(shared, &Ok(Value::Null), Some(fault), true);
            cut()
        }
        FaultKind::LostReply => {
            let result = execute(shared, entry.bot, &entry.method, params).await;
            entry.log(shared, &result, Some(fault), true);
            cut()
        }
        FaultKind::Truncated => {
            let result = execute(shared, entry.bot, &entry.method, params).await;
            entry.log(shared, &result, Some(fault), false);
            truncated(&result)
        }
        FaultKind::Delay { millis } => {
            tokio::time::sleep(Duration::from_millis(millis)).await;
            let result = execute(shared, entry.bot, &entry.method, params).await;
            entry.log(shared, &result, Some(fault), false);
            answer(&result)
        }
        FaultKind::Status { .. } => answer(&Err(ApiError::new(500, "Internal Server Error"))),
    }
}

async fn execute(shared: &Shared, bot: i64, method: &str, params: &mut Params) -> ApiResult {
    if method == "getupdates" {
        return updates::get_updates(shared, bot, params).await;
    }
    if method == "sendphoto" {
        fetch_photo(shared, params).await?;
    }
    let elapsed_ms = shared.elapsed_ms();
    shared.write(|state| perform(&mut Cx { state, bot, params, elapsed_ms }, method))
}

/// Fetches a photo that is named by its address, where the rules ask for it.
async fn fetch_photo(shared: &Shared, params: &mut Params) -> Result<(), ApiError> {
    let address = params.text("photo").filter(|photo| photo.starts_with("http://") || photo.starts_with("https://"));
    let Some(address) = address.filter(|_| shared.read(|state| state.rules.fetch_urls)) else {
        return Ok(());
    };
    let failed = |_| ApiError::bad_request("failed to get HTTP URL content");
    let request = shared.http.get(&address).timeout(FETCH_MAX);
    let mut response = request.send().await.and_then(reqwest::Response::error_for_status).map_err(failed)?;
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(failed)? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > FETCH_BYTES_MAX {
            return Err(ApiError::bad_request("failed to get HTTP URL content"));
        }
    }
    if super::super::files::picture(&bytes).is_none() {
        return Err(ApiError::bad_request("wrong type of the web page content"));
    }
    params.attach("photo", Upload { file_name: "photo".into(), mime_type: "image/jpeg".into(), bytes: bytes.into() });
    Ok(())
}

/// A line of the log, begun when the call arrives.
struct Entry {
    bot: i64,
    method: String,
    call: Call,
}

impl Entry {
    fn new(shared: &Shared, bot: i64, method: &str, params: &Params) -> Self {
        let elapsed_ms = shared.elapsed_ms();
        let (number, at) = shared.write_quietly(|state| (state.next_serial(), state.clock.now()));
        let call = Call {
            number,
            bot,
            method: method.to_owned(),
            chat_id: params.integer("chat_id"),
            params: params.to_json(),
            at,
            elapsed_ms,
            status: 0,
            description: None,
            result: None,
            fault: None,
        };
        Self { bot, method: method.to_owned(), call }
    }

    fn log(mut self, shared: &Shared, result: &ApiResult, fault: Option<Fault>, unanswered: bool) {
        match result {
            Ok(value) => {
                self.call.status = 200;
                self.call.result = Some(value.clone());
            }
            Err(error) => {
                self.call.status = error.code;
                self.call.description = Some(error.description.clone());
            }
        }
        if unanswered {
            self.call.status = 0;
        }
        self.call.fault = fault;
        shared.write(|state| state.log(self.call));
    }
}

fn body_of(result: &ApiResult) -> Value {
    match result {
        Ok(value) => json!({"ok": true, "result": value}),
        Err(error) => error.to_body(),
    }
}

fn answer(result: &ApiResult) -> Response {
    respond(result, body_of(result).to_string())
}

/// The answer with the second half of its JSON missing.
fn truncated(result: &ApiResult) -> Response {
    let mut body = body_of(result).to_string();
    let mut half = body.len() / 2;
    while !body.is_char_boundary(half) {
        half -= 1;
    }
    body.truncate(half);
    respond(result, body)
}

fn respond(result: &ApiResult, body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Err(error) = result {
        *response.status_mut() = StatusCode::from_u16(error.code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        if let Some(seconds) = error.retry_after {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
    }
    response
}

/// A response that is never written: the server closes the connection instead.
fn cut() -> Response {
    let mut response = Response::new(Body::empty());
    response.extensions_mut().insert(CutConnection);
    response
}

/// `/file/bot{token}/{path}`: a file that `getFile` named.
pub(crate) async fn file(
    Shareds(shared): Shareds<Arc<Shared>>,
    Path((prefix, path)): Path<(String, String)>,
) -> Response {
    let token = prefix.strip_prefix("bot").unwrap_or_default();
    if let Err(error) = authenticate(&shared, token) {
        return answer(&Err(error));
    }
    let unique = path.rsplit('/').next().unwrap_or_default();
    match shared.read(|state| state.files.contents(unique)) {
        Some((bytes, mime_type)) => ([(CONTENT_TYPE, mime_type)], bytes).into_response(),
        None => answer(&Err(ApiError::not_found())),
    }
}
