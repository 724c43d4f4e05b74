//! Addresses that may be given to people and messengers.

use std::fmt;

use serde::{Deserialize, Serialize};
use url::Url;

/// The longest address, in characters.
pub const MAX_URL_CHARACTERS: usize = 2_048;

/// A text that is no address of the kind that is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be an https address of at most {MAX_URL_CHARACTERS} characters, without spaces or a password")]
pub struct InvalidUrl;

/// An https address with a host, without user or password, at most [`MAX_URL_CHARACTERS`] long.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct HttpsUrl(String);

impl HttpsUrl {
    /// Reads an address. It is kept as it was written.
    pub fn parse(text: &str) -> Result<Self, InvalidUrl> {
        // The parser would repair these silently.
        let repaired = |character: char| character.is_whitespace() || character.is_control() || character == '\\';
        if text.chars().count() > MAX_URL_CHARACTERS || text.contains(repaired) || !text.starts_with("https://") {
            return Err(InvalidUrl);
        }
        let url = Url::parse(text).map_err(|_| InvalidUrl)?;
        if url.username().is_empty() && url.password().is_none() { Ok(Self(text.to_owned())) } else { Err(InvalidUrl) }
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An address may be the secret place of a film: its debug form shows nothing.
impl fmt::Debug for HttpsUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("HttpsUrl([redacted])")
    }
}

impl TryFrom<String> for HttpsUrl {
    type Error = InvalidUrl;

    fn try_from(text: String) -> Result<Self, InvalidUrl> {
        Self::parse(&text)
    }
}

impl From<HttpsUrl> for String {
    fn from(url: HttpsUrl) -> Self {
        url.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_https_address_is_kept_as_written() {
        for text in ["https://cdn.example/film.mp4?k=1&e=2#t", "https://[2001:db8::1]:8443/a", "https://例え.example/ü"]
        {
            assert_eq!(HttpsUrl::parse(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn other_addresses_are_refused() {
        let long = format!("https://a.example/{}", "a".repeat(MAX_URL_CHARACTERS));
        for text in [
            "",
            "https://",
            "http://a.example",
            "HTTPS://a.example",
            "javascript:alert(1)",
            "https:a.example",
            "//a.example",
            " https://a.example",
            "https://a.example/a b",
            "https://a.example/\n",
            "https://a\\b",
            "https://user@a.example",
            "https://user:pass@a.example",
            "https://a.example:99999",
            "tg://user?id=1",
            &long,
        ] {
            assert_eq!(HttpsUrl::parse(text), Err(InvalidUrl), "{text}");
        }
    }

    #[test]
    fn an_address_is_not_shown() {
        assert!(!format!("{:?}", HttpsUrl::parse("https://secret.example").unwrap()).contains("secret"));
    }
}
