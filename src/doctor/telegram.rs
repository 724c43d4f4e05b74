//! The bots at Telegram.

use std::time::Duration;

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use super::{Finding, outside};
use crate::settings::{BotMode, Settings};

/// How far this machine's clock may be off: init data from the future is refused beyond a minute.
const CLOCK_SECONDS_MAX: i64 = 30;

#[derive(Deserialize)]
struct Answer<T> {
    result: Option<T>,
    description: Option<String>,
}

#[derive(Deserialize)]
struct Me {
    username: Option<String>,
    /// Chats with the bot have topics, as `BotFather` calls its "threaded mode".
    #[serde(default)]
    has_topics_enabled: bool,
}

#[derive(Deserialize)]
struct WebhookInfo {
    url: String,
    last_error_message: Option<String>,
    pending_update_count: i64,
}

pub(super) async fn examine(settings: &Settings) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(token) = &settings.bot_token {
        findings.extend(main_bot(settings, token).await);
    }
    if let Some(token) = &settings.owner_bot_token {
        findings.push(match call::<Me>(settings, token, "getMe").await {
            Ok((me, _)) => Finding::fine("OWNER_BOT_TOKEN", format!("is @{}", me.username.unwrap_or_default())),
            Err(words) => token_fault("OWNER_BOT_TOKEN", &words),
        });
    }
    findings
}

async fn main_bot(settings: &Settings, token: &SecretString) -> Vec<Finding> {
    let (me, date) = match call::<Me>(settings, token, "getMe").await {
        Ok(answer) => answer,
        Err(words) => return vec![token_fault("BOT_TOKEN", &words)],
    };
    let has_topics = me.has_topics_enabled;
    let username = me.username.unwrap_or_default();
    let mut findings = vec![if username.eq_ignore_ascii_case(&settings.bot_username) {
        Finding::fine("BOT_TOKEN", format!("is @{username}"))
    } else {
        Finding::fault(
            "BOT_USERNAME",
            format!("is {}, but the token is @{username}'s", settings.bot_username),
            format!("set BOT_USERNAME={username}, or links to Start lead to another bot"),
        )
    }];
    if has_topics {
        findings.push(Finding::notice(
            "topics",
            "are on for the chats with the bot (BotFather calls them threaded mode): answers go to the topic that asked, and \
             what the store sends by itself, goods among it, to the main one",
            "turn threaded mode off in BotFather, unless you want it so",
        ));
    }
    findings.extend(date.and_then(clock));
    match call::<WebhookInfo>(settings, token, "getWebhookInfo").await {
        Ok((info, _)) => findings.push(webhook(settings, &info)),
        Err(words) => findings.push(token_fault("BOT_TOKEN", &words)),
    }
    findings
}

fn webhook(settings: &Settings, info: &WebhookInfo) -> Finding {
    let wanted = settings
        .public_url
        .as_ref()
        .filter(|_| settings.bot_mode == BotMode::Webhook)
        .and_then(|url| url.join("/telegram/webhook").ok())
        .map(String::from)
        .unwrap_or_default();
    let waiting = info.pending_update_count;
    if let Some(error) = info.last_error_message.as_ref().filter(|_| !info.url.is_empty() && info.url == wanted) {
        return Finding::notice(
            "webhook",
            format!("Telegram's last call failed: {error} ({waiting} updates wait)"),
            "check that the TLS proxy passes /telegram/webhook on to the bot (WARUNG_HTTP_ADDR of `warung serve` or `warung bot`)",
        );
    }
    match (info.url.is_empty(), info.url == wanted) {
        (_, true) if wanted.is_empty() => Finding::fine("updates", format!("polling; {waiting} wait")),
        (_, true) => Finding::fine("updates", format!("by webhook; {waiting} wait")),
        (true, false) => {
            Finding::notice("webhook", "is not set at Telegram yet", "start the bot: it sets its webhook by itself")
        }
        (false, false) => Finding::notice(
            "webhook",
            "is set at Telegram to another address",
            "start the bot: it sets or removes it by itself; if another program uses this token, stop that one",
        ),
    }
}

fn clock(theirs: DateTime<Utc>) -> Option<Finding> {
    #[expect(clippy::disallowed_methods, reason = "the machine's clock is what is examined")]
    let off = (Utc::now() - theirs).num_seconds();
    (off.abs() > CLOCK_SECONDS_MAX).then(|| {
        Finding::fault(
            "clock",
            format!("is {} seconds {}", off.abs(), if off > 0 { "fast" } else { "slow" }),
            "turn time synchronisation on (timedatectl set-ntp true), or launches of the Mini App are refused",
        )
    })
}

fn token_fault(name: &str, words: &str) -> Finding {
    let remedy = if words.contains("Unauthorized") || words.contains("Not Found") {
        "the token is not valid (any more): ask BotFather for the bot's token"
    } else {
        "check the network and TELEGRAM_API_URL"
    };
    Finding::fault(name, words, remedy)
}

/// Calls a method of the Bot API. Nothing of the address, which holds the token, comes into the words of a failure.
async fn call<T: for<'de> Deserialize<'de>>(
    settings: &Settings,
    token: &SecretString,
    method: &str,
) -> Result<(T, Option<DateTime<Utc>>), String> {
    let base = settings.telegram_api_url.as_str().trim_end_matches('/');
    let url = format!("{base}/bot{}/{method}", token.expose_secret());
    let client =
        reqwest::Client::builder().timeout(Duration::from_secs(10)).build().map_err(|error| error.to_string())?;
    let unreachable = |error| format!("Telegram can't be reached: {}", outside::cause(error));
    let response = client.get(url).send().await.map_err(unreachable)?;
    let date = response
        .headers()
        .get(reqwest::header::DATE)
        .and_then(|date| DateTime::parse_from_rfc2822(date.to_str().ok()?).ok())
        .map(|date| date.to_utc());
    let answer: Answer<T> =
        response.json().await.map_err(|_| "what answers at TELEGRAM_API_URL is not the Bot API".to_owned())?;
    match answer.result {
        Some(result) => Ok((result, date)),
        None => {
            Err(format!("Telegram answers: {}", answer.description.as_deref().unwrap_or("a refusal without words")))
        }
    }
}
