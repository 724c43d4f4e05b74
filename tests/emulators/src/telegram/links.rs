//! Web addresses: those a button may have, and the `t.me` links that Telegram handles itself.

use reqwest::Url;
use serde::Serialize;

/// The longest payload of `?start=`.
const START_PAYLOAD_MAX: usize = 64;
/// The longest payload of `?startapp=`.
const STARTAPP_PAYLOAD_MAX: usize = 512;

/// The address as Telegram stores it: with a scheme; none where it is no web address.
pub(crate) fn normalised(address: &str) -> Option<String> {
    let address = address.trim();
    let with_scheme = if address.contains("://") { address.to_owned() } else { format!("http://{address}") };
    let url = Url::parse(&with_scheme).ok()?;
    match url.scheme() {
        "http" | "https" => {
            let host = url.host_str()?;
            let known = host.contains('.') || host.starts_with('[') || (host == "localhost" && address.contains("://"));
            known.then(|| url.to_string())
        }
        "tg" | "ton" => Some(url.to_string()),
        _ => None,
    }
}

/// Whether only this machine can open the address, which the real Telegram refuses as a button's URL.
pub(crate) fn is_loopback(address: &str) -> bool {
    Url::parse(address).ok().is_some_and(|url| {
        url.host_str().is_some_and(|host| host == "localhost" || host.starts_with("127.") || host == "[::1]")
    })
}

/// Whether the address has the scheme `https`.
pub(crate) fn is_https(address: &str) -> bool {
    Url::parse(address).is_ok_and(|url| url.scheme() == "https")
}

/// What a link leads to when it is opened inside Telegram.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Link {
    /// A chat with a bot; with a payload the chat offers Start.
    Chat {
        /// The username of the bot.
        username: String,
        /// The payload of `?start=`.
        payload: Option<String>,
    },
    /// A bot's Mini App.
    MiniApp {
        /// The username of the bot.
        username: String,
        /// The payload of `?startapp=`, empty for none.
        start_param: String,
    },
    /// Anything else, for the browser.
    External {
        /// The address.
        url: String,
    },
}

impl Link {
    /// Reads `https://t.me/…`, `tg://resolve?domain=…`, or any other address.
    #[must_use]
    pub fn parse(address: &str) -> Self {
        let external = || Self::External { url: address.to_owned() };
        let Some(url) = normalised(address).and_then(|url| Url::parse(&url).ok()) else {
            return external();
        };
        let query = |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        let username = match (url.scheme(), url.host_str()) {
            ("tg", Some("resolve")) => query("domain"),
            ("http" | "https", Some("t.me" | "telegram.me")) => {
                url.path_segments().and_then(|mut parts| parts.next().map(str::to_owned))
            }
            _ => None,
        };
        let Some(username) = username.filter(|name| !name.is_empty()) else {
            return external();
        };
        match query("startapp") {
            Some(start_param) => Self::MiniApp { username, start_param },
            None => Self::Chat { username, payload: query("start") },
        }
    }
}

/// Whether Telegram takes this as the payload of `?start=`: 1 to 64 of `A-Za-z0-9_-`.
pub(crate) fn is_start_payload(payload: &str) -> bool {
    is_payload(payload) && (1..=START_PAYLOAD_MAX).contains(&payload.len())
}

/// Whether Telegram takes this as the payload of `?startapp=`: up to 512 of `A-Za-z0-9_-`.
pub(crate) fn is_startapp_payload(payload: &str) -> bool {
    is_payload(payload) && payload.len() <= STARTAPP_PAYLOAD_MAX
}

fn is_payload(payload: &str) -> bool {
    payload.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}
