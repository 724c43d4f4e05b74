//! `/sim`: the payers' side over HTTP, for browser tests and for tests in other languages.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, Query, State as Shareds};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Shared;
use super::fault::{Endpoint, Fault, WebhookFault};
use super::model::Transaction;
use super::sim::{PakasirError, PakasirSim};

type Answer = Result<Json<Value>, PakasirError>;
type Emulator = Shareds<Arc<Shared>>;

pub(crate) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/sim/transactions", get(transactions))
        .route("/sim/transactions/{order_id}", get(transaction))
        .route("/sim/transactions/{order_id}/pay", post(pay))
        .route("/sim/transactions/{order_id}/expire", post(expire))
        .route("/sim/transactions/{order_id}/cancel", post(cancel))
        .route("/sim/transactions/{order_id}/forge", post(forge))
        .route("/sim/settings", get(settings).patch(change_settings))
        .route("/sim/clock", post(advance))
        .route("/sim/calls", get(calls).delete(clear_calls))
        .route("/sim/webhooks", get(webhooks).post(post_webhook))
        .route("/sim/faults", get(faults).post(add_fault).delete(clear_faults))
        .route("/sim/webhook_faults", post(add_webhook_fault))
}

impl IntoResponse for PakasirError {
    fn into_response(self) -> Response {
        let (status, reason) = match &self {
            Self::Unknown => (StatusCode::NOT_FOUND, "unknown"),
            Self::AlreadyPaid => (StatusCode::CONFLICT, "already_paid"),
            Self::NotPayable => (StatusCode::CONFLICT, "not_payable"),
            Self::NoWebhook => (StatusCode::CONFLICT, "no_webhook"),
            Self::Timeout { .. } => (StatusCode::REQUEST_TIMEOUT, "timeout"),
        };
        (status, Json(json!({"reason": reason, "message": self.to_string()}))).into_response()
    }
}

/// A payment with what became of it and how often it was made.
fn view(sim: &PakasirSim, transaction: &Transaction) -> Value {
    let mut view = json!(transaction);
    if let Some(fields) = view.as_object_mut() {
        fields.insert("status".into(), json!(transaction.status(sim.now())));
        fields.insert("total_payment".into(), json!(transaction.total_payment()));
        fields.insert("creates".into(), json!(sim.creates(&transaction.order_id)));
    }
    view
}

#[derive(Deserialize)]
struct OrderQuery {
    order_id: Option<String>,
}

async fn transactions(Shareds(shared): Emulator, Query(query): Query<OrderQuery>) -> Json<Value> {
    let sim = PakasirSim::new(shared);
    let mut found = sim.transactions();
    found.retain(|transaction| query.order_id.as_ref().is_none_or(|id| *id == transaction.order_id));
    let found: Vec<Value> = found.iter().map(|transaction| view(&sim, transaction)).collect();
    Json(json!({"transactions": found, "created_twice": sim.created_twice()}))
}

async fn transaction(Shareds(shared): Emulator, Path(order_id): Path<String>) -> Answer {
    let sim = PakasirSim::new(shared);
    let found = sim.transaction(&order_id).ok_or(PakasirError::Unknown)?;
    Ok(Json(view(&sim, &found)))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct PayBody {
    late: bool,
}

async fn pay(Shareds(shared): Emulator, Path(order_id): Path<String>, body: Option<Json<PayBody>>) -> Answer {
    let sim = PakasirSim::new(shared);
    let late = body.is_some_and(|Json(body)| body.late);
    let paid = if late { sim.pay_late(&order_id)? } else { sim.pay(&order_id)? };
    Ok(Json(view(&sim, &paid)))
}

async fn expire(Shareds(shared): Emulator, Path(order_id): Path<String>) -> Answer {
    PakasirSim::new(shared).expire(&order_id)?;
    Ok(Json(json!({})))
}

async fn cancel(Shareds(shared): Emulator, Path(order_id): Path<String>) -> Answer {
    PakasirSim::new(shared).cancel(&order_id)?;
    Ok(Json(json!({})))
}

async fn forge(Shareds(shared): Emulator, Path(order_id): Path<String>) -> Answer {
    Ok(Json(json!(PakasirSim::new(shared).forge(&order_id).await?)))
}

async fn settings(Shareds(shared): Emulator) -> Json<Value> {
    let (project, rules) = PakasirSim::new(shared).settings();
    Json(json!({
        "slug": project.slug, "merchant": project.merchant, "sandbox": project.sandbox,
        "webhook_url": project.webhook_url, "expiry_ms": milliseconds(rules.expiry),
        "latency_ms": milliseconds(rules.latency), "webhook_retries": rules.webhook_retries,
        "american_spelling": rules.american_spelling,
    }))
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct SettingsChange {
    sandbox: Option<bool>,
    webhook_url: Option<String>,
    expiry_ms: Option<u64>,
    latency_ms: Option<u64>,
    webhook_retries: Option<u32>,
    american_spelling: Option<bool>,
}

async fn change_settings(Shareds(shared): Emulator, Json(change): Json<SettingsChange>) -> Json<Value> {
    let sim = PakasirSim::new(shared);
    sim.set_project(|project| {
        project.sandbox = change.sandbox.unwrap_or(project.sandbox);
        // An empty address ends the posting.
        if let Some(url) = change.webhook_url {
            project.webhook_url = Some(url).filter(|url| !url.is_empty());
        }
    });
    sim.set_rules(|rules| {
        rules.expiry = change.expiry_ms.map_or(rules.expiry, Duration::from_millis);
        rules.latency = change.latency_ms.map_or(rules.latency, Duration::from_millis);
        rules.webhook_retries = change.webhook_retries.unwrap_or(rules.webhook_retries);
        rules.american_spelling = change.american_spelling.unwrap_or(rules.american_spelling);
    });
    Json(json!({}))
}

#[derive(Deserialize)]
struct ClockBody {
    advance_ms: u64,
}

async fn advance(Shareds(shared): Emulator, Json(body): Json<ClockBody>) -> Json<Value> {
    PakasirSim::new(shared).advance(Duration::from_millis(body.advance_ms));
    Json(json!({}))
}

#[derive(Deserialize)]
struct CallsQuery {
    endpoint: Option<Endpoint>,
    order_id: Option<String>,
    #[serde(default)]
    after: u64,
}

async fn calls(Shareds(shared): Emulator, Query(query): Query<CallsQuery>) -> Json<Value> {
    let mut calls = PakasirSim::new(shared).calls();
    calls.retain(|call| {
        call.number > query.after
            && query.endpoint.is_none_or(|endpoint| endpoint == call.endpoint)
            && (query.order_id.is_none() || query.order_id == call.order_id)
    });
    Json(json!({"calls": calls}))
}

async fn clear_calls(Shareds(shared): Emulator) -> Json<Value> {
    PakasirSim::new(shared).clear_calls();
    Json(json!({}))
}

async fn webhooks(Shareds(shared): Emulator, Query(query): Query<OrderQuery>) -> Json<Value> {
    let mut posted = PakasirSim::new(shared).webhooks();
    posted.retain(|posted| query.order_id.is_none() || query.order_id == posted.order_id);
    Json(json!({"webhooks": posted}))
}

#[derive(Deserialize)]
struct WebhookBody {
    body: String,
}

async fn post_webhook(Shareds(shared): Emulator, Json(hook): Json<WebhookBody>) -> Answer {
    Ok(Json(json!(PakasirSim::new(shared).post_body(&hook.body).await?)))
}

async fn faults(Shareds(shared): Emulator) -> Json<Value> {
    let (faults, webhook_faults) = PakasirSim::new(shared).faults();
    Json(json!({"faults": faults, "webhook_faults": webhook_faults}))
}

async fn add_fault(Shareds(shared): Emulator, Json(fault): Json<Fault>) -> Json<Value> {
    PakasirSim::new(shared).fault(fault);
    Json(json!({}))
}

async fn add_webhook_fault(Shareds(shared): Emulator, Json(fault): Json<WebhookFault>) -> Json<Value> {
    PakasirSim::new(shared).webhook_fault(fault);
    Json(json!({}))
}

async fn clear_faults(Shareds(shared): Emulator) -> Json<Value> {
    PakasirSim::new(shared).clear_faults();
    Json(json!({}))
}
