//! Receiving updates, and answering those that ask for it.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, sleep_until};

use super::super::Shared;
use super::super::error::{ApiError, ApiResult};
use super::super::params::Params;
use super::super::state::{Bot, CallbackAnswer};
use super::chat::is_telegram_link;
use super::{Cx, done};

/// What the older of two pollers is told.
pub(crate) const TERMINATED: &str =
    "terminated by other getUpdates request; make sure that only one bot instance is running";
const WEBHOOK_ACTIVE: &str =
    "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first";
/// The longest poll in seconds.
const POLL_MAX: i64 = 50;
/// The age in seconds after which a callback query can't be answered.
const CALLBACK_AGE_MAX: i64 = 15 * 60;
/// The most characters of a callback answer.
const CALLBACK_TEXT_MAX: usize = 200;

/// What the parameter `allowed_updates` asks for.
pub(crate) enum UpdateKinds {
    /// It is absent: as before.
    Unchanged,
    /// It is empty: the usual kinds.
    Usual,
    /// These kinds.
    Only(Vec<String>),
}

impl UpdateKinds {
    pub(crate) fn apply(self, bot: &mut Bot) {
        match self {
            Self::Unchanged => {}
            Self::Usual => bot.allowed_updates = None,
            Self::Only(kinds) => bot.allowed_updates = Some(kinds),
        }
    }
}

/// Reads the parameter `allowed_updates`.
pub(crate) fn update_kinds(params: &Params) -> Result<UpdateKinds, ApiError> {
    let Some(value) = params.json("allowed_updates", "allowed updates")? else {
        return Ok(UpdateKinds::Unchanged);
    };
    let kinds: Vec<String> =
        serde_json::from_value(value).map_err(|_| ApiError::bad_request("can't parse allowed updates JSON object"))?;
    Ok(if kinds.is_empty() { UpdateKinds::Usual } else { UpdateKinds::Only(kinds) })
}

/// `getUpdates`: a long poll.
pub(crate) async fn get_updates(shared: &Shared, bot: i64, params: &Params) -> ApiResult {
    let limit = usize::try_from(params.integer("limit").unwrap_or(100).clamp(1, 100)).unwrap_or(100);
    let timeout = u64::try_from(params.integer("timeout").unwrap_or(0).clamp(0, POLL_MAX)).unwrap_or(0);
    let deadline = Instant::now() + Duration::from_secs(timeout);
    let mut changes = shared.subscribe();
    let poll = shared.write(|state| begin_poll(state.bot(bot)?, params))?;
    loop {
        changes.mark_unchanged();
        let batch = shared.write_quietly(|state| {
            let bot = state.bot(bot)?;
            if bot.poll != poll {
                let reason = if bot.webhook.is_some() { "terminated by setWebhook request" } else { TERMINATED };
                return Err(ApiError::conflict(reason));
            }
            Ok(bot.updates.iter().take(limit).map(|(_, update)| update.clone()).collect::<Vec<Value>>())
        })?;
        if !batch.is_empty() {
            return Ok(Value::Array(batch));
        }
        tokio::select! {
            () = shared.stop.cancelled() => return Err(ApiError::new(502, "Bad Gateway")),
            () = sleep_until(deadline) => return Ok(json!([])),
            news = changes.changed() => if news.is_err() { return Ok(json!([])) },
        }
    }
}

/// Confirms what the offset says, ends any older poll, and returns the number of this one.
fn begin_poll(bot: &mut Bot, params: &Params) -> Result<u64, ApiError> {
    if bot.webhook.is_some() {
        return Err(ApiError::conflict(WEBHOOK_ACTIVE));
    }
    update_kinds(params)?.apply(bot);
    let offset = params.integer("offset").unwrap_or(0);
    if offset > 0 {
        bot.updates.retain(|(id, _)| *id >= offset);
    } else if offset < 0 {
        let keep = usize::try_from(offset.unsigned_abs()).unwrap_or(usize::MAX);
        while bot.updates.len() > keep {
            bot.updates.pop_front();
        }
    }
    bot.poll += 1;
    Ok(bot.poll)
}

/// `answerCallbackQuery`.
pub(crate) fn answer_callback_query(cx: &mut Cx<'_>) -> ApiResult {
    let text = cx.params.text("text").filter(|text| !text.is_empty());
    if text.as_ref().is_some_and(|text| text.chars().count() > CALLBACK_TEXT_MAX) {
        return Err(ApiError::bad_request("MESSAGE_TOO_LONG"));
    }
    let url = cx.params.text("url").filter(|url| !url.is_empty());
    if !url.as_deref().is_none_or(is_telegram_link) {
        return Err(ApiError::bad_request("URL_INVALID"));
    }
    let query_id = cx.params.text("callback_query_id").unwrap_or_default();
    let now = cx.state.now();
    let bot = cx.bot;
    let callback = cx.state.callbacks.iter_mut().find(|callback| {
        callback.query_id == query_id && callback.bot == bot && now - callback.date <= CALLBACK_AGE_MAX
    });
    let callback = callback.ok_or_else(too_old)?;
    callback.answer = Some(CallbackAnswer { text, show_alert: cx.params.flag("show_alert"), url });
    Ok(done())
}

/// `answerWebAppQuery`: posts a message on behalf of the user, once for a query.
pub(crate) fn answer_web_app_query(cx: &mut Cx<'_>) -> ApiResult {
    let query_id = cx.params.text("web_app_query_id").unwrap_or_default();
    let result = cx.params.json("result", "InlineQueryResult")?.unwrap_or_default();
    let text =
        result.get("input_message_content").and_then(|content| content.get("message_text")).and_then(Value::as_str);
    let Some(text) = text.map(str::to_owned) else {
        return Err(ApiError::bad_request("can't parse inline query result: only articles with a text are known here"));
    };
    let bot = cx.bot;
    let place = cx.state.web_app_queries.iter().position(|(id, of, _)| *id == query_id && *of == bot);
    let query = place.and_then(|place| cx.state.web_app_queries.remove(place));
    let Some((_, _, user)) = query else {
        return Err(too_old());
    };
    cx.state.user_says(bot, user, &text);
    Ok(json!({}))
}

fn too_old() -> ApiError {
    ApiError::bad_request("query is too old and response timeout expired or query ID is invalid")
}
