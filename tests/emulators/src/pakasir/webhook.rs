//! Posting webhooks, and all that can go wrong with them.

use std::sync::Arc;
use std::time::Duration;

use axum::http::header::CONTENT_TYPE;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

use super::Shared;
use super::fault::HookFault;
use super::model::{Transaction, in_jakarta};
use super::state::{Posted, State};
use crate::telegram::launch::hex;

/// How long the merchant may take to answer.
const ANSWER_MAX: Duration = Duration::from_secs(30);
/// The pause before a webhook is posted again.
const RETRY_PAUSE: Duration = Duration::from_secs(1);
/// How many characters of an answer are kept.
const ANSWER_KEPT: usize = 2_000;

/// A webhook to be posted.
#[derive(Clone, Debug)]
pub(crate) struct Hook {
    pub order_id: Option<String>,
    pub body: String,
    pub signature: Option<String>,
}

/// The webhook's body for a payment.
pub(crate) fn body(state: &State, transaction: &Transaction, status: &str) -> Value {
    let mut body = transaction.details(&state.project.slug, status);
    if let Some(fields) = body.as_object_mut() {
        // A forged one is of a payment that was never completed, and says when all the same.
        fields.entry("completed_at").or_insert_with(|| json!(in_jakarta(state.now())));
        if state.project.sandbox {
            fields.insert("is_sandbox".into(), json!(true));
        }
    }
    body
}

/// The signature of a body, where webhooks are signed.
pub(crate) fn signature(secret: Option<&str>, body: &str) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret?.as_bytes()).ok()?;
    mac.update(body.as_bytes());
    Some(hex(&mac.finalize().into_bytes()))
}

/// Tells the merchant that a payment is completed, in the background and as the scheduled faults have it.
pub(crate) fn announce(shared: &Arc<Shared>, number: u64) {
    let plan = shared.write(|state| plan(state, number));
    let Some(plan) = plan else {
        return;
    };
    let shared = Arc::clone(shared);
    let (tasks, stop) = (shared.tasks.clone(), shared.stop.clone());
    tasks.spawn(async move { stop.run_until_cancelled(carry_out(&shared, plan)).await });
}

async fn carry_out(shared: &Shared, plan: Plan) {
    if !plan.delay.is_zero() {
        tokio::time::sleep(plan.delay).await;
    }
    let copies = (0..plan.copies).map(|_| post(shared, plan.hook.clone()));
    futures_util::future::join_all(copies).await;
    if let Some(then) = plan.then {
        post(shared, then).await;
    }
    // What was kept for later comes now, after its successor.
    for number in shared.write(|state| std::mem::take(&mut state.kept_webhooks)) {
        let hook = shared.read(|state| Some(hook(state, state.by_number(number)?, &[])));
        if let Some(hook) = hook {
            post(shared, hook).await;
        }
    }
    shared.write(|state| state.posting -= 1);
}

/// What is to be posted for a payment.
struct Plan {
    hook: Hook,
    copies: u32,
    delay: Duration,
    then: Option<Hook>,
}

fn plan(state: &mut State, number: u64) -> Option<Plan> {
    let transaction = state.by_number(number)?.clone();
    let faults = state.take_webhook_faults(&transaction.order_id);
    if faults.contains(&HookFault::Drop) {
        return None;
    }
    if faults.contains(&HookFault::OutOfOrder) {
        state.kept_webhooks.push(number);
        return None;
    }
    let mut plan = Plan { hook: hook(state, &transaction, &faults), copies: 1, delay: Duration::ZERO, then: None };
    for fault in faults {
        match fault {
            HookFault::Duplicate { copies } => plan.copies = copies,
            HookFault::Delay { millis } => plan.delay = Duration::from_millis(millis),
            HookFault::Followed { status } => {
                let body = body(state, &transaction, &status).to_string();
                let signature = signature(state.project.webhook_secret.as_deref(), &body);
                plan.then = Some(Hook { order_id: Some(transaction.order_id.clone()), body, signature });
            }
            _ => {}
        }
    }
    state.posting += 1;
    Some(plan)
}

/// The webhook of a completed payment, changed by faults.
fn hook(state: &State, transaction: &Transaction, faults: &[HookFault]) -> Hook {
    let mut body = body(state, transaction, "completed");
    let mut put = |name: &str, value: Value| {
        if let Some(fields) = body.as_object_mut() {
            fields.insert(name.into(), value);
        }
    };
    for fault in faults {
        match fault {
            HookFault::WrongAmount { amount } => put("amount", json!(amount)),
            HookFault::WrongOrder { order_id } => put("order_id", json!(order_id)),
            HookFault::WrongProject { project } => put("project", json!(project)),
            _ => {}
        }
    }
    let mut text = body.to_string();
    if faults.contains(&HookFault::Malformed) {
        text = text.chars().take(text.chars().count() / 2).collect();
    }
    let secret = state.project.webhook_secret.as_deref();
    let secret = if faults.contains(&HookFault::WrongSignature) { secret.map(|_| "another secret") } else { secret };
    let signature = signature(secret, &text);
    Hook { order_id: Some(transaction.order_id.clone()), body: text, signature }
}

/// Posts a webhook, again as often as the rules say, and logs each time. Returns the last time.
pub(crate) async fn post(shared: &Shared, hook: Hook) -> Option<Posted> {
    let (url, retries) = shared.read(|state| (state.project.webhook_url.clone(), state.rules.webhook_retries));
    let url = url?;
    let mut last = None;
    for attempt in 0..=retries {
        if attempt > 0 {
            tokio::time::sleep(RETRY_PAUSE).await;
        }
        let posted = post_once(shared, &url, &hook).await;
        let taken = (200..300).contains(&posted.status);
        shared.write(|state| state.log_posted(posted.clone()));
        last = Some(posted);
        if taken {
            break;
        }
    }
    last
}

async fn post_once(shared: &Shared, url: &str, hook: &Hook) -> Posted {
    let elapsed_ms = shared.elapsed_ms();
    let (number, at) = shared.write_quietly(|state| (state.next_serial(), state.now()));
    let mut request = shared.http.post(url).header(CONTENT_TYPE, "application/json").timeout(ANSWER_MAX);
    if let Some(signature) = &hook.signature {
        request = request.header("X-Pakasir-Signature", signature);
    }
    let answered = async {
        let response = request.body(hook.body.clone()).send().await?;
        let status = response.status().as_u16();
        Ok::<_, reqwest::Error>((status, response.text().await?))
    };
    let (status, answer) = match answered.await {
        Ok((status, text)) => (status, text),
        Err(error) => (0, error.without_url().to_string()),
    };
    Posted {
        number,
        order_id: hook.order_id.clone(),
        body: hook.body.clone(),
        at,
        elapsed_ms,
        took_ms: shared.elapsed_ms().saturating_sub(elapsed_ms),
        status,
        answer: answer.chars().take(ANSWER_KEPT).collect(),
    }
}
