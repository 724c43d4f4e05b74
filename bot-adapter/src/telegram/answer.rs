//! What came back from the Bot API.

use std::time::Duration;

use serde::{Deserialize, de::DeserializeOwned};

/// The longest description that is kept, in characters.
const DESCRIPTION_LENGTH_MAX: usize = 300;

/// Why a call brought no result. No variant contains the token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CallError {
    /// Telegram answered with a refusal; nothing was performed.
    #[error("{code}: {description}")]
    Refused {
        code: u16,
        description: String,
        /// The time to wait that Telegram named.
        retry_after: Option<Duration>,
    },
    /// The call certainly did not reach Telegram.
    #[error("{0}")]
    NotDone(String),
    /// The call may have been performed: its answer was lost.
    #[error("{0}")]
    Unknown(String),
}

/// What a report needs of a message that was sent. Telegram's messages grow fields that teloxide may not read; a message
/// that arrived must not look lost for that.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct SentMessage {
    #[serde(default)]
    pub message_id: i64,
    #[serde(default)]
    photo: Vec<PhotoSize>,
}

#[derive(Clone, Debug, Deserialize)]
struct PhotoSize {
    file_id: String,
    #[serde(default)]
    width: u64,
    #[serde(default)]
    height: u64,
}

impl SentMessage {
    /// The id of the largest size of its picture.
    pub(crate) fn photo_file_id(&self) -> Option<&str> {
        let largest = self.photo.iter().max_by_key(|size| size.width.saturating_mul(size.height))?;
        Some(&largest.file_id)
    }
}

#[derive(Deserialize)]
struct Answer<R> {
    ok: bool,
    result: Option<R>,
    error_code: Option<u16>,
    description: Option<String>,
    parameters: Option<Parameters>,
}

#[derive(Deserialize)]
struct Parameters {
    retry_after: Option<u64>,
}

/// Reads an answer that arrived whole.
pub(super) fn read<R: DeserializeOwned>(status: u16, body: &[u8]) -> Result<R, CallError> {
    let Ok(answer) = serde_json::from_slice::<Answer<R>>(body) else {
        return Err(of_broken(status));
    };
    match answer {
        Answer { ok: true, result: Some(result), .. } => Ok(result),
        Answer { ok: true, .. } => Err(CallError::Unknown("the answer has no result".to_owned())),
        Answer { ok: false, error_code, description, parameters, .. } => Err(CallError::Refused {
            code: error_code.unwrap_or(status),
            description: description.unwrap_or_default(),
            retry_after: parameters.and_then(|parameters| parameters.retry_after).map(Duration::from_secs),
        }),
    }
}

/// Judges an answer that can't be read, such as a proxy's page or half of the JSON, by its status alone.
pub(super) fn of_broken(status: u16) -> CallError {
    match status {
        400.. => CallError::Refused { code: status, description: format!("HTTP {status}"), retry_after: None },
        300..=399 => CallError::NotDone(format!("the Bot API's address answers HTTP {status}")),
        _ => CallError::Unknown("the answer broke off".to_owned()),
    }
}

impl CallError {
    /// The same error with the token struck out of its words, and those cut to a bearable length.
    pub(super) fn without(self, token: &str) -> Self {
        let secret = token.split_once(':').map_or(token, |(_, secret)| secret);
        let clean = |words: String| -> String {
            words.replace(token, "[token]").replace(secret, "[token]").chars().take(DESCRIPTION_LENGTH_MAX).collect()
        };
        match self {
            Self::Refused { code, description, retry_after } => {
                Self::Refused { code, description: clean(description), retry_after }
            }
            Self::NotDone(words) => Self::NotDone(clean(words)),
            Self::Unknown(words) => Self::Unknown(clean(words)),
        }
    }

    /// Telegram's code; 0 when it did not answer.
    pub(crate) fn code(&self) -> u16 {
        match self {
            Self::Refused { code, .. } => *code,
            Self::NotDone(_) | Self::Unknown(_) => 0,
        }
    }

    /// Telegram's words or ours.
    pub(crate) fn description(&self) -> &str {
        match self {
            Self::Refused { description, .. } => description,
            Self::NotDone(words) | Self::Unknown(words) => words,
        }
    }

    /// Whether Telegram refused it with this code and these words, in any case.
    pub(crate) fn says(&self, code: u16, words: &[&str]) -> bool {
        let Self::Refused { code: answered, description, .. } = self else {
            return false;
        };
        let description = description.to_ascii_lowercase();
        *answered == code && words.iter().any(|words| description.contains(&words.to_ascii_lowercase()))
    }

    /// Telegram read the call and refuses what it says: it would refuse it again.
    pub(crate) fn is_refused(&self) -> bool {
        matches!(self, Self::Refused { code: 400 | 403 | 413, .. })
    }

    /// Telegram does not know the token: it was revoked, or never was one. Its answer to a malformed one is 404.
    pub(crate) fn is_token_refused(&self) -> bool {
        matches!(self, Self::Refused { code: 401 | 404, .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(status: u16, body: &str) -> CallError {
        read::<SentMessage>(status, body.as_bytes()).expect_err("no result")
    }

    #[test]
    fn the_largest_size_of_a_picture_is_kept() {
        let body = r#"{"ok":true,"result":{"message_id":7,"new_field":{},"photo":[
            {"file_id":"small","width":90,"height":60},{"file_id":"large","width":800,"height":600},
            {"file_id":"middle","width":320,"height":240}]}}"#;
        let message: SentMessage = read(200, body.as_bytes()).expect("a message");
        assert_eq!((message.message_id, message.photo_file_id()), (7, Some("large")));
    }

    #[test]
    fn half_an_answer_of_success_leaves_the_outcome_open() {
        assert!(matches!(error(200, r#"{"ok":true,"result":{"message_"#), CallError::Unknown(_)));
        assert!(matches!(error(200, "<html>"), CallError::Unknown(_)));
        assert!(matches!(error(200, r#"{"ok":true}"#), CallError::Unknown(_)));
    }

    #[test]
    fn a_page_of_a_proxy_is_read_by_its_status() {
        assert_eq!(error(502, "<html>Bad Gateway</html>").code(), 502);
        assert!(matches!(error(302, ""), CallError::NotDone(_)));
    }

    #[test]
    fn the_token_is_struck_out_and_long_words_are_cut() {
        let token = "123:secret-of-the-bot";
        let words = format!("/bot{token}/sendMessage secret-of-the-bot {}", "x".repeat(1_000));
        let error = CallError::Unknown(words).without(token);
        assert!(!error.description().contains("secret-of-the-bot"));
        assert_eq!(error.description().chars().count(), DESCRIPTION_LENGTH_MAX);
    }
}
