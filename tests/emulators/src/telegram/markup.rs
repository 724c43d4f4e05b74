//! Keyboards: the `reply_markup` of a message, checked as Telegram checks it.

use serde_json::Value;

use super::config::Rules;
use super::entities::utf16_len;
use super::error::ApiError;
use super::links;
use super::model::{Button, ButtonAction};

/// The most bytes of `callback_data`.
const CALLBACK_DATA_MAX: usize = 64;
/// The most UTF-16 units of `copy_text`.
const COPY_TEXT_MAX: usize = 256;
/// The most buttons of a keyboard.
const BUTTONS_MAX: usize = 100;
/// The most bytes of a keyboard's JSON, as was measured by others; Telegram documents no number.
const BYTES_MAX: usize = 10 * 1024;

/// Reads a `reply_markup`. Keyboards that are not inline are accepted and not shown: no row comes back.
pub(crate) fn parse(markup: Option<Value>, rules: &Rules) -> Result<Vec<Vec<Button>>, ApiError> {
    let Some(markup) = markup else {
        return Ok(Vec::new());
    };
    let bytes = markup.to_string().len();
    let Some(markup) = markup.as_object() else {
        return Err(ApiError::bad_request("object expected as reply markup"));
    };
    let Some(rows) = markup.get("inline_keyboard") else {
        let known = ["keyboard", "remove_keyboard", "force_reply"].iter().any(|name| markup.contains_key(*name));
        return if known || markup.is_empty() {
            Ok(Vec::new())
        } else {
            Err(ApiError::bad_request("can't parse reply keyboard markup JSON object"))
        };
    };
    let array = || ApiError::bad_request("field \"inline_keyboard\" must be of type Array");
    let mut keyboard = Vec::new();
    for row in rows.as_array().ok_or_else(array)? {
        let row = row.as_array().ok_or_else(array)?;
        let row = row.iter().map(|button| parse_button(button, rules)).collect::<Result<Vec<_>, _>>()?;
        if !row.is_empty() {
            keyboard.push(row);
        }
    }
    if keyboard.iter().map(Vec::len).sum::<usize>() > BUTTONS_MAX || bytes > BYTES_MAX {
        return Err(ApiError::bad_request("reply markup is too long"));
    }
    Ok(keyboard)
}

fn parse_button(button: &Value, rules: &Rules) -> Result<Button, ApiError> {
    let wrong = |reason: &str| ApiError::bad_request(format!("can't parse inline keyboard button: {reason}"));
    let field = |name: &str| button.get(name).and_then(Value::as_str);
    let text = field("text").ok_or_else(|| wrong("Field \"text\" must be of type String"))?.trim().to_owned();
    if text.is_empty() {
        return Err(ApiError::bad_request("inline keyboard button text must be non-empty"));
    }
    let nested = |name: &str, inner: &str| button.get(name).and_then(|value| value.get(inner)).and_then(Value::as_str);
    let action = if let Some(data) = field("callback_data") {
        if data.is_empty() || data.len() > CALLBACK_DATA_MAX {
            return Err(ApiError::bad_request("BUTTON_DATA_INVALID"));
        }
        ButtonAction::Callback(data.to_owned())
    } else if let Some(url) = field("url") {
        ButtonAction::Url(button_url(url, rules)?)
    } else if let Some(url) = nested("web_app", "url") {
        ButtonAction::WebApp(web_app_url(url, "inline keyboard button Web App", rules)?)
    } else if let Some(text) = nested("copy_text", "text") {
        if text.is_empty() || utf16_len(text) > COPY_TEXT_MAX {
            return Err(ApiError::bad_request("BUTTON_COPY_TEXT_INVALID"));
        }
        ButtonAction::CopyText(text.to_owned())
    } else if button.get("pay").and_then(Value::as_bool) == Some(true) {
        ButtonAction::Pay
    } else {
        return Err(wrong("Text buttons are unallowed in the inline keyboard"));
    };
    Ok(Button { text, action })
}

fn button_url(url: &str, rules: &Rules) -> Result<String, ApiError> {
    let wrong = || ApiError::bad_request(format!("inline keyboard button URL '{url}' is invalid: Wrong HTTP URL"));
    let stored = links::normalised(url).ok_or_else(wrong)?;
    if links::is_loopback(&stored) && !rules.allow_http_web_app {
        return Err(wrong());
    }
    Ok(stored)
}

/// Checks the address of a Mini App; `what` names the place in the error.
pub(crate) fn web_app_url(url: &str, what: &str, rules: &Rules) -> Result<String, ApiError> {
    let invalid = |reason: &str| ApiError::bad_request(format!("{what} URL '{url}' is invalid: {reason}"));
    let stored = links::normalised(url).ok_or_else(|| invalid("Wrong HTTP URL"))?;
    if links::is_https(&stored) || (rules.allow_http_web_app && stored.starts_with("http://")) {
        Ok(stored)
    } else {
        Err(invalid("Only HTTPS links are allowed"))
    }
}
