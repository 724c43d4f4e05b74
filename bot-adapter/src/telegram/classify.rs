//! What a failed call means for the delivery that made it.

use std::time::Duration;

use warung_proto::messaging::{Refused, RetryAfter, delivery_report::Outcome, refused::Fault};

use super::CallError;

/// The longest wait that a report may name.
const RETRY_AFTER_MAX: Duration = Duration::from_hours(24);

/// The outcome of a send, an edit or a delete that failed.
pub(crate) fn outcome(error: &CallError) -> Outcome {
    let unspecified = || refused(error, Fault::Unspecified);
    match error {
        CallError::Unknown(_) => Outcome::Uncertain(unspecified()),
        CallError::Refused { code: 429, retry_after, .. } => Outcome::RetryAfter(too_many_requests(*retry_after)),
        // A revoked token is a fault of the shop's, which its owner mends; the delivery waits for that.
        CallError::NotDone(_) | CallError::Refused { code: 401 | 404 | 409 | 500.., .. } => {
            Outcome::Unavailable(unspecified())
        }
        _ if is_blocked(error) => Outcome::Blocked(unspecified()),
        _ if is_never_started(error) => Outcome::NeverStarted(unspecified()),
        CallError::Refused { .. } => Outcome::Failed(refused(error, fault(error))),
    }
}

/// A refusal as it is reported.
pub(crate) fn refused(error: &CallError, fault: Fault) -> Refused {
    Refused { code: i32::from(error.code()), description: error.description().to_owned(), fault: fault.into() }
}

/// What is wrong with a delivery that Telegram refuses however often it is tried.
fn fault(error: &CallError) -> Fault {
    const SOURCE: [&str; 3] = ["message to copy not found", "message to forward not found", "message_id_invalid"];
    const RIGHTS: [&str; 7] = [
        "bot is not a member",
        "bot was kicked",
        "need administrator rights",
        "not enough rights",
        "chat_admin_required",
        "channel_private",
        "chat_forwards_restricted",
    ];
    const PROTECTED: [&str; 2] = ["message can't be copied", "message can't be forwarded"];
    const FILE: [&str; 6] = [
        "wrong file identifier",
        "wrong file_id",
        "wrong remote file",
        "wrong padding",
        "file_reference_",
        "file_id_invalid",
    ];
    const TOO_LARGE: [&str; 2] = ["file is too big", "request entity too large"];
    let description = error.description().to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|words| description.contains(words));
    if says(&SOURCE) {
        Fault::SourceNotFound
    } else if says(&RIGHTS) || says(&PROTECTED) {
        Fault::NoRights
    } else if says(&FILE) {
        Fault::FileUnknown
    } else if error.code() == 413 || says(&TOO_LARGE) {
        Fault::FileTooLarge
    } else if says(&["message is too long", "caption is too long", "can't parse entities", "text must be non-empty"]) {
        Fault::MessageRefused
    } else {
        Fault::Unspecified
    }
}

/// Telegram's answer does not say whether the bot's limit was met or a chat's. The core finds it out: it knows whether
/// other chats are refused as well.
fn too_many_requests(retry_after: Option<Duration>) -> RetryAfter {
    // "Retry after 0" would be a call in a loop.
    let delay = retry_after.map(|delay| delay.clamp(Duration::from_secs(1), RETRY_AFTER_MAX));
    RetryAfter { delay: delay.and_then(|delay| prost_types::Duration::try_from(delay).ok()) }
}

/// Whether a reported code means that Telegram does not know the token.
pub(crate) fn is_token_code(code: i32) -> bool {
    matches!(code, 401 | 404)
}

/// The user does not want the bot's messages, or is gone.
pub(crate) fn is_blocked(error: &CallError) -> bool {
    error.says(403, &["bot was blocked by the user", "user is deactivated"])
        // Servers of another age answer so for a deleted account.
        || error.says(400, &["INPUT_USER_DEACTIVATED", "USER_IS_BLOCKED"])
}

/// The user has not pressed Start. teloxide reads the first and the last of these words as unknown.
pub(crate) fn is_never_started(error: &CallError) -> bool {
    error.says(403, &["bot can't initiate conversation with a user"])
        || error.says(400, &["chat not found", "PEER_ID_INVALID"])
}

/// The message has the new content already.
pub(crate) fn is_not_modified(error: &CallError) -> bool {
    error.says(400, &["message is not modified", "MESSAGE_NOT_MODIFIED"])
}

/// The message to change or to delete is gone.
pub(crate) fn is_gone(error: &CallError) -> bool {
    error.says(400, &["message to edit not found", "message to delete not found", "MESSAGE_ID_INVALID"])
}

/// The message to edit is gone, or not to be changed any more.
pub(crate) fn is_not_editable(error: &CallError) -> bool {
    is_gone(error) || error.says(400, &["message can't be edited"])
}

/// The topic that a message is sent to is gone.
pub(crate) fn is_topic_gone(error: &CallError) -> bool {
    error.says(400, &["message thread not found", "TOPIC_DELETED", "TOPIC_CLOSED"])
}

/// The message to edit is a picture or a video, whose words are its caption.
pub(crate) fn has_no_text(error: &CallError) -> bool {
    error.says(400, &["there is no text in the message to edit"])
}

/// The picture is at fault and not the message: an id that is not this bot's or not known any more, bytes that are no
/// picture, or words too long to stand under one.
pub(crate) fn is_picture_refused(error: &CallError) -> bool {
    const WORDS: [&str; 15] = [
        "wrong file identifier",
        "wrong file_id",
        "wrong remote file",
        "wrong padding",
        "wrong character in the string",
        "wrong type of the web page content",
        "can't use file of type",
        "file must be non-empty",
        "file is too big",
        "file_reference_",
        "FILE_ID_INVALID",
        "IMAGE_PROCESS_FAILED",
        "PHOTO_",
        "MEDIA_",
        "caption is too long",
    ];
    error.says(400, &WORDS) || error.code() == 413
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(code: u16, description: &str) -> CallError {
        CallError::Refused { code, description: description.to_owned(), retry_after: None }
    }

    fn name(error: &CallError) -> &'static str {
        match outcome(error) {
            Outcome::Sent(_) => "sent",
            Outcome::RetryAfter(_) => "retry_after",
            Outcome::Blocked(_) => "blocked",
            Outcome::NeverStarted(_) => "never_started",
            Outcome::Failed(_) => "failed",
            Outcome::Unavailable(_) => "unavailable",
            Outcome::Uncertain(_) => "uncertain",
        }
    }

    #[test]
    fn each_answer_of_telegram_has_its_outcome() {
        let cases = [
            (403, "Forbidden: bot was blocked by the user", "blocked"),
            (403, "Forbidden: user is deactivated", "blocked"),
            (403, "Forbidden: bot can't initiate conversation with a user", "never_started"),
            (400, "Bad Request: chat not found", "never_started"),
            (400, "Bad Request: PEER_ID_INVALID", "never_started"),
            (403, "Forbidden: bot can't send messages to bots", "failed"),
            (403, "Forbidden: bot was kicked from the group chat", "failed"),
            (400, "Bad Request: message is too long", "failed"),
            (400, "Bad Request: can't parse entities", "failed"),
            (401, "Unauthorized", "unavailable"),
            (404, "Not Found", "unavailable"),
            (409, "Conflict", "unavailable"),
            (429, "Too Many Requests", "retry_after"),
            (500, "Internal Server Error", "unavailable"),
            (502, "Bad Gateway", "unavailable"),
            (413, "Request Entity Too Large", "failed"),
        ];
        for (code, description, expected) in cases {
            assert_eq!(name(&refusal(code, description)), expected, "{code} {description}");
        }
        assert_eq!(name(&CallError::NotDone(String::new())), "unavailable");
        assert_eq!(name(&CallError::Unknown(String::new())), "uncertain");
    }

    #[test]
    fn what_is_wrong_is_told_from_telegrams_words() {
        let cases = [
            (400, "Bad Request: message to copy not found", Fault::SourceNotFound),
            (400, "Bad Request: MESSAGE_ID_INVALID", Fault::SourceNotFound),
            (403, "Forbidden: bot is not a member of the channel chat", Fault::NoRights),
            (403, "Forbidden: bot was kicked from the channel chat", Fault::NoRights),
            (400, "Bad Request: message can't be copied", Fault::NoRights),
            (400, "Bad Request: wrong file identifier/HTTP URL specified", Fault::FileUnknown),
            (400, "Bad Request: wrong remote file identifier specified: Wrong padding", Fault::FileUnknown),
            (413, "Request Entity Too Large", Fault::FileTooLarge),
            (400, "Bad Request: file is too big", Fault::FileTooLarge),
            (400, "Bad Request: message caption is too long", Fault::MessageRefused),
            (400, "Bad Request: something new", Fault::Unspecified),
        ];
        for (code, description, expected) in cases {
            let Outcome::Failed(refused) = outcome(&refusal(code, description)) else { panic!("{description}") };
            assert_eq!(refused.fault(), expected, "{code} {description}");
        }
    }

    #[test]
    fn the_wait_that_telegram_names_is_kept_within_bounds() {
        let delay = |seconds: Option<u64>| too_many_requests(seconds.map(Duration::from_secs)).delay.map(|d| d.seconds);
        assert_eq!(delay(Some(35)), Some(35));
        assert_eq!(delay(Some(0)), Some(1));
        assert_eq!(delay(Some(u64::MAX)), Some(86_400));
        assert_eq!(delay(None), None);
    }
}
