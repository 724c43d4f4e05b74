//! Updates of Telegram: taken in by polling or by webhook, and dealt with in order per chat.

mod in_hand;
mod inbox;
mod lease;
mod polling;
mod reader;
mod webhook;

use serde_json::json;
use teloxide::types::AllowedUpdate;

pub(crate) use inbox::Inbox;
pub(crate) use polling::Polling;
pub(crate) use webhook::{Webhook, router};

/// What Telegram shall send; everything else it keeps to itself. A test proves that the handlers ask for no more.
pub(crate) const ALLOWED_UPDATES: [AllowedUpdate; 3] =
    [AllowedUpdate::Message, AllowedUpdate::CallbackQuery, AllowedUpdate::MyChatMember];

fn allowed_updates() -> serde_json::Value {
    json!(ALLOWED_UPDATES)
}
