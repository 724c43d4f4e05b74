//! Launches of Mini Apps: the signed `initData` and the address that the app is opened with.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signer as _, SigningKey};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

/// The version of the Mini App protocol that the emulated app speaks.
pub const WEB_APP_VERSION: &str = "8.0";

/// An opened Mini App.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Launch {
    /// The address with the launch parameters in its fragment.
    pub url: String,
    /// The signed `initData`, as the app would send it to its server.
    pub init_data: String,
    /// The id for `answerWebAppQuery`; none for an app opened by a direct link.
    pub query_id: Option<String>,
}

/// Signs launch parameters with a bot's token, as Telegram does.
///
/// With a key it adds the Ed25519 `signature` for third parties, and then the `hash`, which covers it. The
/// fields are kept in their order and are not checked, so that a test can sign what Telegram never would.
#[must_use]
pub fn sign(token: &str, key: Option<&SigningKey>, fields: &[(&str, &str)]) -> String {
    let mut fields: Vec<(&str, String)> = fields.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    if let Some(key) = key {
        let bot_id = token.split(':').next().unwrap_or_default();
        let message = format!("{bot_id}:WebAppData\n{}", check_string(&fields));
        let signature = URL_SAFE_NO_PAD.encode(key.sign(message.as_bytes()).to_bytes());
        fields.push(("signature", signature));
    }
    let secret = hmac(b"WebAppData", token.as_bytes());
    let hash = hex(&hmac(&secret, check_string(&fields).as_bytes()));
    fields.push(("hash", hash));
    let pairs: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", percent_encoded(value))).collect();
    pairs.join("&")
}

/// The address with the launch parameters, as Telegram's web client makes it.
pub(crate) fn address(app: &str, init_data: &str, start_param: Option<&str>, theme: &str) -> String {
    let (page, fragment) = app.split_once('#').map_or((app, None), |(page, fragment)| (page, Some(fragment)));
    let mut url = page.to_owned();
    if let Some(start_param) = start_param {
        url.push(if page.contains('?') { '&' } else { '?' });
        url.push_str("tgWebAppStartParam=");
        url.push_str(&percent_encoded(start_param));
    }
    url.push('#');
    if let Some(fragment) = fragment.filter(|fragment| !fragment.is_empty()) {
        url.push_str(fragment);
        url.push('&');
    }
    for (name, value) in [
        ("tgWebAppData", init_data),
        ("tgWebAppVersion", WEB_APP_VERSION),
        ("tgWebAppPlatform", "web"),
        ("tgWebAppThemeParams", theme),
    ] {
        if !url.ends_with(['#', '&']) {
            url.push('&');
        }
        url.push_str(name);
        url.push('=');
        url.push_str(&percent_encoded(value));
    }
    url
}

/// The colours of the client's theme, as the `tgWebAppThemeParams` of a launch.
#[must_use]
pub fn theme_params(dark: bool) -> serde_json::Value {
    let colours = if dark {
        [
            ("bg_color", "#17212b"),
            ("text_color", "#f5f5f5"),
            ("hint_color", "#8a9aa9"),
            ("link_color", "#6ab3f3"),
            ("button_color", "#2f8fe0"),
            ("button_text_color", "#ffffff"),
            ("secondary_bg_color", "#0f1821"),
            ("header_bg_color", "#17212b"),
            ("bottom_bar_bg_color", "#17212b"),
            ("accent_text_color", "#6ab3f3"),
            ("section_bg_color", "#17212b"),
            ("section_header_text_color", "#6ab3f3"),
            ("section_separator_color", "#0c131b"),
            ("subtitle_text_color", "#8a9aa9"),
            ("destructive_text_color", "#ff6b6b"),
        ]
    } else {
        [
            ("bg_color", "#ffffff"),
            ("text_color", "#0f1419"),
            ("hint_color", "#6b7885"),
            ("link_color", "#1a73c7"),
            ("button_color", "#1f7fd1"),
            ("button_text_color", "#ffffff"),
            ("secondary_bg_color", "#eff2f5"),
            ("header_bg_color", "#ffffff"),
            ("bottom_bar_bg_color", "#ffffff"),
            ("accent_text_color", "#1a73c7"),
            ("section_bg_color", "#ffffff"),
            ("section_header_text_color", "#1a73c7"),
            ("section_separator_color", "#dfe5ea"),
            ("subtitle_text_color", "#6b7885"),
            ("destructive_text_color", "#d3302f"),
        ]
    };
    colours.iter().map(|(name, colour)| ((*name).to_owned(), serde_json::Value::from(*colour))).collect()
}

fn check_string(fields: &[(&str, String)]) -> String {
    let mut lines: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
    lines.sort_unstable();
    lines.join("\n")
}

fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    // HMAC takes a key of any length, so there is no error to report.
    Hmac::<Sha256>::new_from_slice(key)
        .map(|mac| mac.chain_update(message).finalize().into_bytes().to_vec())
        .unwrap_or_default()
}

/// Lowercase hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        for digit in [byte >> 4, byte & 15] {
            text.extend(char::from_digit(u32::from(digit), 16));
        }
        text
    })
}

/// A digest that stands for randomness: the same parts give the same bytes in every run.
pub(crate) fn digest(parts: &[&str]) -> [u8; 32] {
    Sha256::digest(parts.join("\u{1f}").as_bytes()).into()
}

/// The first bytes of a digest as base64url, of at most 43 characters.
pub(crate) fn digest_token(parts: &[&str], length: usize) -> String {
    URL_SAFE_NO_PAD.encode(digest(parts)).chars().take(length).collect()
}

/// Percent-encoding as JavaScript's `encodeURIComponent` does it.
pub(crate) fn percent_encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'!' | b'~' | b'*' | b'\'' | b'(' | b')' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}
