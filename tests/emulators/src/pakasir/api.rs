//! The API: five endpoints, as strict as the real one is known to be.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request, State as Shareds};
use axum::http::header::{CONTENT_TYPE, LOCATION, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use reqwest::Url;
use serde_json::{Map, Value, json};

use super::Shared;
use super::fault::{ApiFault, Endpoint};
use super::model::{AMOUNT_MIN, Method, Status, is_order_id};
use super::sim::PakasirError;
use super::state::{ApiCall, State};
use super::webhook;
use crate::server::CutConnection;

/// The largest request in bytes.
const BODY_MAX: usize = 64 * 1024;
/// The longest that a connection is held without an answer.
const HANG_MAX: Duration = Duration::from_mins(10);

type Emulator = Shareds<Arc<Shared>>;

pub(crate) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/api/transactioncreate/{method}", post(create))
        .route("/api/transactiondetail", get(detail))
        .route("/api/transactioncancel", post(cancel))
        .route("/api/paymentsimulation", post(simulation))
}

async fn create(Shareds(shared): Emulator, Path(method): Path<String>, request: Request) -> Response {
    let mut params = posted_params(request).await;
    if let Ok(params) = &mut params {
        params.insert("method".into(), json!(method));
    }
    call(&shared, Endpoint::Create, params).await
}

async fn detail(Shareds(shared): Emulator, request: Request) -> Response {
    let query = request.uri().query().unwrap_or_default();
    let pairs = Url::parse(&format!("http://query/?{query}")).ok();
    let mut params = Map::new();
    for (name, value) in pairs.iter().flat_map(Url::query_pairs) {
        let digits = name == "amount" && !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
        let number = digits.then(|| value.parse::<i64>().ok()).flatten();
        params.insert(name.into_owned(), number.map_or_else(|| json!(value), |number| json!(number)));
    }
    call(&shared, Endpoint::Detail, Ok(params)).await
}

async fn cancel(Shareds(shared): Emulator, request: Request) -> Response {
    call(&shared, Endpoint::Cancel, posted_params(request).await).await
}

async fn simulation(Shareds(shared): Emulator, request: Request) -> Response {
    call(&shared, Endpoint::Simulation, posted_params(request).await).await
}

/// Why a request is refused: the status and the `message`.
#[derive(Debug)]
struct Refusal(StatusCode, String);

fn refusal(status: StatusCode, message: &str) -> Refusal {
    Refusal(status, message.to_owned())
}

fn bad_request(message: &str) -> Refusal {
    refusal(StatusCode::BAD_REQUEST, message)
}

impl From<PakasirError> for Refusal {
    fn from(error: PakasirError) -> Self {
        bad_request(&error.to_string())
    }
}

/// The JSON object of a request's body.
async fn posted_params(request: Request) -> Result<Map<String, Value>, Refusal> {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !kind.to_ascii_lowercase().starts_with("application/json") {
        return Err(refusal(StatusCode::UNSUPPORTED_MEDIA_TYPE, "the body must be application/json"));
    }
    let body = axum::body::to_bytes(request.into_body(), BODY_MAX).await;
    let body = body.map_err(|_| refusal(StatusCode::PAYLOAD_TOO_LARGE, "the body is too large"))?;
    match serde_json::from_slice(&body) {
        Ok(Value::Object(params)) => Ok(params),
        _ => Err(bad_request("the body must be a JSON object")),
    }
}

async fn call(shared: &Arc<Shared>, endpoint: Endpoint, params: Result<Map<String, Value>, Refusal>) -> Response {
    let mut logged = params.as_ref().ok().cloned().unwrap_or_default();
    logged.remove("api_key");
    let order_id = logged.get("order_id").and_then(Value::as_str).map(str::to_owned);
    let elapsed_ms = shared.elapsed_ms();
    let (number, at, latency, fault) = shared.write_quietly(|state| {
        let fault = state.take_fault(endpoint, order_id.as_deref());
        (state.next_serial(), state.now(), state.rules.latency, fault)
    });
    let mut entry =
        ApiCall { number, endpoint, order_id, params: logged.into(), at, elapsed_ms, status: 0, fault: fault.clone() };
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    let kind = fault.map(|fault| fault.kind);
    let (response, paid) = match kind.as_ref().and_then(instead) {
        Some(response) => (response, None),
        None => carry_out(shared, endpoint, params, kind.as_ref()),
    };
    if !matches!(kind, Some(ApiFault::Timeout | ApiFault::Drop | ApiFault::LostAnswer)) {
        entry.status = response.status().as_u16();
    }
    shared.write(|state| state.log(entry));
    if let Some(number) = paid {
        webhook::announce(shared, number);
    }
    match kind {
        Some(ApiFault::Timeout) => {
            shared.stop.run_until_cancelled(tokio::time::sleep(HANG_MAX)).await;
            cut()
        }
        Some(ApiFault::LostAnswer) => cut(),
        Some(ApiFault::Delay { millis }) => {
            tokio::time::sleep(Duration::from_millis(millis)).await;
            response
        }
        _ => response,
    }
}

/// The answer of a fault for which nothing is done.
fn instead(fault: &ApiFault) -> Option<Response> {
    match fault {
        ApiFault::Timeout | ApiFault::Drop => Some(cut()),
        ApiFault::Status { code, retry_after } => Some(failure(*code, *retry_after)),
        ApiFault::Html { code } => Some(html(*code)),
        ApiFault::Redirect { location } => Some(redirect(location)),
        _ => None,
    }
}

fn carry_out(
    shared: &Shared,
    endpoint: Endpoint,
    params: Result<Map<String, Value>, Refusal>,
    fault: Option<&ApiFault>,
) -> (Response, Option<u64>) {
    match params.and_then(|params| shared.write(|state| perform(state, endpoint, &params, fault))) {
        Ok((body, paid)) => (answer(Ok(body), fault), paid),
        Err(refusal) => (answer(Err(refusal), fault), None),
    }
}

/// Does what was asked. Beside the answer comes the number of the payment that this paid.
fn perform(
    state: &mut State,
    endpoint: Endpoint,
    params: &Map<String, Value>,
    fault: Option<&ApiFault>,
) -> Result<(Value, Option<u64>), Refusal> {
    let text = |name: &str| params.get(name).and_then(Value::as_str).unwrap_or_default();
    if text("project") != state.project.slug {
        return Err(refusal(StatusCode::NOT_FOUND, "project not found"));
    }
    if text("api_key") != state.project.api_key {
        return Err(refusal(StatusCode::UNAUTHORIZED, "invalid api_key"));
    }
    let order_id = text("order_id").to_owned();
    if !is_order_id(&order_id) {
        return Err(bad_request("order_id must be at least 5 characters of A-Z a-z 0-9 _ . ~ -"));
    }
    // A text, a number with a point or an exponent, a negative one: none of these is an amount.
    let amount = params.get("amount").and_then(Value::as_i64).filter(|amount| *amount > 0);
    let amount = amount.ok_or_else(|| bad_request("amount must be a whole number of rupiah"))?;
    if endpoint == Endpoint::Create {
        return create_transaction(state, &order_id, amount, text("method"), fault).map(|body| (body, None));
    }
    let found = state.find(&order_id, Some(amount)).cloned();
    let found = found.ok_or_else(|| refusal(StatusCode::NOT_FOUND, "transaction not found"))?;
    match endpoint {
        Endpoint::Cancel => {
            state.cancel(found.number)?;
            Ok((json!({"success": true}), None))
        }
        Endpoint::Simulation if !state.project.sandbox => {
            Err(refusal(StatusCode::FORBIDDEN, "paymentsimulation works for sandbox projects only"))
        }
        Endpoint::Simulation => {
            let paid = state.pay(found.number, false)?;
            Ok((json!({"success": true}), Some(paid.number)))
        }
        Endpoint::Detail | Endpoint::Create => {
            let mut shown = found;
            if fault == Some(&ApiFault::StillPending) {
                (shown.settled, shown.completed_at) = (Status::Pending, None);
            }
            let status = shown.status(state.now()).name(state.rules.american_spelling);
            Ok((json!({"transaction": shown.details(&state.project.slug, status)}), None))
        }
    }
}

fn create_transaction(
    state: &mut State,
    order_id: &str,
    amount: i64,
    method: &str,
    fault: Option<&ApiFault>,
) -> Result<Value, Refusal> {
    let method = Method::from_name(method).ok_or_else(|| bad_request("unknown payment method"))?;
    if amount < AMOUNT_MIN {
        return Err(bad_request(&format!("amount must be at least {AMOUNT_MIN}")));
    }
    let made = state.create(order_id, amount, method, false);
    let mut shown = made.clone();
    match fault {
        Some(ApiFault::WrongChecksum) => {
            let last = shown.payment_number.pop();
            shown.payment_number.push(if last == Some('0') { '1' } else { '0' });
        }
        Some(ApiFault::OtherTotal { total }) => shown.payment_number = state.qris(*total, made.number),
        _ => {}
    }
    let mut body = shown.created(&state.project.slug);
    if fault == Some(&ApiFault::WrongSum) {
        replace(&mut body, "total_payment", &json!(made.total_payment() + 1));
    }
    Ok(body)
}

/// Puts another value into the answer's `payment` or `transaction`.
fn replace(body: &mut Value, name: &str, value: &Value) {
    for part in ["payment", "transaction"] {
        if let Some(field) = body.get_mut(part).and_then(|part| part.get_mut(name)) {
            *field = value.clone();
        }
    }
}

fn answer(outcome: Result<Value, Refusal>, fault: Option<&ApiFault>) -> Response {
    let (status, mut body) = match outcome {
        Ok(body) => (StatusCode::OK, body),
        Err(Refusal(status, message)) => (status, json!({"message": message})),
    };
    match fault {
        Some(ApiFault::OtherOrder { order_id }) => replace(&mut body, "order_id", &json!(order_id)),
        Some(ApiFault::OtherAmount { amount }) => replace(&mut body, "amount", &json!(amount)),
        Some(ApiFault::OtherProject { project }) => replace(&mut body, "project", &json!(project)),
        _ => {}
    }
    let mut text = body.to_string();
    match fault {
        Some(ApiFault::Truncated) => text = text.chars().take(text.chars().count() / 2).collect(),
        Some(ApiFault::Huge { bytes }) => text.push_str(&" ".repeat(*bytes)),
        _ => {}
    }
    (status, [(CONTENT_TYPE, "application/json; charset=utf-8")], text).into_response()
}

fn status(code: u16) -> StatusCode {
    StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

fn failure(code: u16, retry_after: Option<u64>) -> Response {
    let status = status(code);
    let message = status.canonical_reason().unwrap_or("error");
    let mut response = (status, axum::Json(json!({"message": message}))).into_response();
    if let Some(seconds) = retry_after {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

fn html(code: u16) -> Response {
    let page = "<!doctype html><title>Pemeliharaan</title><h1>Kami segera kembali</h1>";
    (status(code), [(CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response()
}

fn redirect(location: &str) -> Response {
    let mut response = StatusCode::FOUND.into_response();
    if let Ok(location) = HeaderValue::from_str(location) {
        response.headers_mut().insert(LOCATION, location);
    }
    response
}

/// A response that is never written: the server closes the connection instead.
fn cut() -> Response {
    let mut response = Response::new(Body::empty());
    response.extensions_mut().insert(CutConnection);
    response
}
