//! Faults: how the next calls of the Bot API shall go wrong.

use serde::{Deserialize, Serialize};

use super::error::ApiError;

/// How a call goes wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FaultKind {
    /// An error answer; nothing is performed.
    Status {
        /// The HTTP status and `error_code`.
        code: u16,
        /// The `description`; none means Telegram's usual words for the code.
        #[serde(default)]
        description: Option<String>,
        /// Seconds for `parameters.retry_after` and the header `Retry-After`.
        #[serde(default)]
        retry_after: Option<u64>,
    },
    /// No answer while the connection is held; nothing is performed.
    Hang,
    /// The connection is closed without an answer; nothing is performed.
    Drop,
    /// The call is performed, and the connection closed without an answer.
    LostReply,
    /// The call is performed, and its answer cut in the middle of the JSON.
    Truncated,
    /// The call is performed and answered after this many milliseconds.
    Delay {
        /// The pause in milliseconds.
        millis: u64,
    },
}

/// A fault and the calls that it meets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Only for this bot.
    #[serde(default)]
    pub bot: Option<i64>,
    /// Only for this method, in any case. Without it the fault meets every method but `getUpdates`.
    #[serde(default)]
    pub method: Option<String>,
    /// Only for this chat.
    #[serde(default)]
    pub chat_id: Option<i64>,
    /// How many calls it meets.
    #[serde(default = "once")]
    pub times: u32,
    /// How they go wrong.
    #[serde(flatten)]
    pub kind: FaultKind,
}

fn once() -> u32 {
    1
}

impl Fault {
    /// A fault that meets the next call of this method.
    #[must_use]
    pub fn next(method: &str, kind: FaultKind) -> Self {
        Self { bot: None, method: Some(method.into()), chat_id: None, times: 1, kind }
    }

    /// The same for this many calls.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self { times, ..self }
    }

    /// The same for one chat only.
    #[must_use]
    pub fn in_chat(self, chat_id: i64) -> Self {
        Self { chat_id: Some(chat_id), ..self }
    }

    pub(crate) fn meets(&self, bot: i64, method: &str, chat_id: Option<i64>) -> bool {
        let method_fits = match &self.method {
            Some(wanted) => wanted.eq_ignore_ascii_case(method),
            None => method != "getupdates",
        };
        method_fits
            && self.bot.is_none_or(|wanted| wanted == bot)
            && (self.chat_id.is_none() || self.chat_id == chat_id)
    }
}

impl FaultKind {
    /// An error answer with Telegram's usual words for the code.
    #[must_use]
    pub fn status(code: u16) -> Self {
        Self::Status { code, description: None, retry_after: None }
    }

    /// 429 with this many seconds to wait.
    #[must_use]
    pub fn too_many_requests(seconds: u64) -> Self {
        Self::Status { code: 429, description: None, retry_after: Some(seconds) }
    }

    /// The error that is answered, where it is one.
    pub(crate) fn error(&self) -> Option<ApiError> {
        let Self::Status { code, description, retry_after } = self else {
            return None;
        };
        let usual = || match (code, retry_after) {
            (400, _) => "Bad Request: PEER_ID_INVALID".to_owned(),
            (401, _) => "Unauthorized".to_owned(),
            (403, _) => "Forbidden: bot was blocked by the user".to_owned(),
            (404, _) => "Not Found".to_owned(),
            (409, _) => format!("Conflict: {}", super::api::updates::TERMINATED),
            (429, Some(seconds)) => format!("Too Many Requests: retry after {seconds}"),
            (429, None) => "Too Many Requests".to_owned(),
            (502, _) => "Bad Gateway".to_owned(),
            _ => "Internal Server Error".to_owned(),
        };
        let description = description.clone().unwrap_or_else(usual);
        Some(ApiError { code: *code, description, retry_after: *retry_after })
    }
}
