//! Webhooks: setting them, and delivering to them.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::super::Shared;
use super::super::error::{ApiError, ApiResult};
use super::super::state::Webhook;
use super::updates::update_kinds;
use super::{Cx, done};

/// The longest pause between two tries.
const RETRY_MAX: Duration = Duration::from_mins(1);
/// The longest wait for a webhook's answer.
const ANSWER_MAX: Duration = Duration::from_mins(1);

/// `setWebhook`.
pub(crate) fn set_webhook(cx: &mut Cx<'_>) -> ApiResult {
    let url = cx.params.text("url").unwrap_or_default();
    if url.is_empty() {
        return delete_webhook(cx);
    }
    let address = reqwest::Url::parse(&url).map_err(|_| ApiError::bad_request("bad webhook: invalid URL specified"))?;
    if address.scheme() != "https" && !cx.state.rules.allow_http_web_app {
        return Err(ApiError::bad_request("bad webhook: HTTPS url must be provided for webhook"));
    }
    let secret_token = cx.params.text("secret_token").filter(|secret| !secret.is_empty());
    let is_secret = |s: &String| s.len() <= 256 && s.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    if !secret_token.as_ref().is_none_or(is_secret) {
        return Err(ApiError::bad_request("secret token contains unallowed characters"));
    }
    let max_connections = cx.params.integer("max_connections").unwrap_or(40).clamp(1, 100);
    let kinds = update_kinds(cx.params)?;
    let drop_pending = cx.params.flag("drop_pending_updates");
    let bot = cx.state.bot(cx.bot)?;
    kinds.apply(bot);
    if drop_pending {
        bot.updates.clear();
    }
    bot.poll += 1;
    bot.webhook = Some(Webhook { url, secret_token, max_connections, last_error: None });
    Ok(done())
}

/// `deleteWebhook`.
pub(crate) fn delete_webhook(cx: &mut Cx<'_>) -> ApiResult {
    let drop_pending = cx.params.flag("drop_pending_updates");
    let bot = cx.state.bot(cx.bot)?;
    bot.webhook = None;
    if drop_pending {
        bot.updates.clear();
    }
    Ok(done())
}

/// `getWebhookInfo`.
pub(crate) fn get_webhook_info(cx: &mut Cx<'_>) -> ApiResult {
    let bot = cx.state.bot(cx.bot)?;
    let mut info = json!({"url": "", "has_custom_certificate": false, "pending_update_count": bot.updates.len()});
    let Some(fields) = info.as_object_mut() else {
        return Ok(info);
    };
    if let Some(webhook) = &bot.webhook {
        fields.insert("url".into(), json!(webhook.url));
        fields.insert("max_connections".into(), json!(webhook.max_connections));
        if let Some((date, message)) = &webhook.last_error {
            fields.insert("last_error_date".into(), json!(date));
            fields.insert("last_error_message".into(), json!(message));
        }
    }
    if let Some(allowed) = &bot.allowed_updates {
        fields.insert("allowed_updates".into(), json!(allowed));
    }
    Ok(info)
}

/// Delivers a bot's updates to its webhook, one at a time and in order, until the emulator stops.
pub(crate) async fn deliver(shared: Arc<Shared>, bot: i64) {
    let mut changes = shared.subscribe();
    let mut pause = shared.read(|state| state.rules.webhook_retry);
    let first_pause = pause;
    loop {
        let next = shared.read(|state| {
            let bot = state.bots.get(&bot)?;
            Some((bot.webhook.clone()?, bot.updates.front()?.clone()))
        });
        let Some((webhook, (update_id, update))) = next else {
            tokio::select! {
                () = shared.stop.cancelled() => return,
                news = changes.changed() => if news.is_err() { return },
            }
            continue;
        };
        let outcome = tokio::select! {
            () = shared.stop.cancelled() => return,
            outcome = post(&shared, &webhook, &update) => outcome,
        };
        match outcome {
            Ok(()) => {
                pause = first_pause;
                shared.write(|state| {
                    if let Some(bot) = state.bots.get_mut(&bot) {
                        bot.updates.retain(|(id, _)| *id != update_id);
                    }
                });
            }
            Err((reason, wait)) => {
                shared.write(|state| {
                    let now = state.now();
                    if let Some(webhook) = state.bots.get_mut(&bot).and_then(|bot| bot.webhook.as_mut()) {
                        webhook.last_error = Some((now, reason));
                    }
                });
                tokio::select! {
                    () = shared.stop.cancelled() => return,
                    () = tokio::time::sleep(wait.unwrap_or(pause)) => {}
                }
                pause = (pause * 2).min(RETRY_MAX);
            }
        }
    }
}

/// Posts one update. An error says what `getWebhookInfo` shows, and how long the other side asks to wait.
async fn post(shared: &Shared, webhook: &Webhook, update: &Value) -> Result<(), (String, Option<Duration>)> {
    let mut request = shared.http.post(&webhook.url).timeout(ANSWER_MAX).json(update);
    if let Some(secret) = &webhook.secret_token {
        request = request.header("X-Telegram-Bot-Api-Secret-Token", secret);
    }
    let response = request.send().await.map_err(|error| {
        let reason = if error.is_timeout() { "Read timeout expired" } else { "Connection refused" };
        (reason.to_owned(), None)
    })?;
    if response.status().is_success() {
        return Ok(());
    }
    let wait = response.headers().get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
    let wait = wait.map(|seconds: u64| Duration::from_secs(seconds.min(3_600)));
    Err((format!("Wrong response from the webhook: {}", response.status()), wait))
}
