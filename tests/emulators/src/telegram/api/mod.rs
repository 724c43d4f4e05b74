//! The Bot API: one function a method, over the state.

pub(crate) mod chat;
pub(crate) mod edit;
pub(crate) mod http;
pub(crate) mod media;
pub(crate) mod send;
pub(crate) mod updates;
pub(crate) mod webhook;

use serde_json::{Value, json};

use super::error::{ApiError, ApiResult};
use super::model::MediaKind;
use super::params::Params;
use super::state::{ChatKey, State};

/// A call being performed.
pub(crate) struct Cx<'a> {
    pub state: &'a mut State,
    pub bot: i64,
    pub params: &'a Params,
    /// Milliseconds since the emulator started, for the send limits.
    pub elapsed_ms: u64,
}

/// Performs a method, named in lower case. `getUpdates` waits, and is not among them.
pub(crate) fn perform(cx: &mut Cx<'_>, method: &str) -> ApiResult {
    match method {
        "getme" => chat::get_me(cx),
        "setwebhook" => webhook::set_webhook(cx),
        "deletewebhook" => webhook::delete_webhook(cx),
        "getwebhookinfo" => webhook::get_webhook_info(cx),
        "sendmessage" => send::send_message(cx),
        "sendphoto" => send::send_media(cx, MediaKind::Photo),
        "sendvideo" => send::send_media(cx, MediaKind::Video),
        "senddocument" => send::send_media(cx, MediaKind::Document),
        "copymessage" => send::copy_message(cx),
        "sendchataction" => send::send_chat_action(cx),
        "editmessagetext" => edit::edit_text(cx),
        "editmessagecaption" => edit::edit_caption(cx),
        "editmessagemedia" => edit::edit_media(cx),
        "editmessagereplymarkup" => edit::edit_reply_markup(cx),
        "deletemessage" => edit::delete_message(cx),
        "answercallbackquery" => updates::answer_callback_query(cx),
        "answerwebappquery" => updates::answer_web_app_query(cx),
        "setmycommands" => chat::set_my_commands(cx),
        "getmycommands" => chat::get_my_commands(cx),
        "deletemycommands" => chat::delete_my_commands(cx),
        "setchatmenubutton" => chat::set_chat_menu_button(cx),
        "getchatmenubutton" => chat::get_chat_menu_button(cx),
        "getchat" => chat::get_chat(cx),
        "getfile" => cx.get_file(),
        _ => Err(ApiError::not_found()),
    }
}

impl Cx<'_> {
    /// The chat that the parameter names, which must exist and be open to the bot.
    pub(crate) fn chat_named(&mut self, parameter: &str) -> Result<ChatKey, ApiError> {
        let Some(text) = self.params.text(parameter).filter(|text| !text.trim().is_empty()) else {
            return Err(ApiError::bad_request(format!("{parameter} is empty")));
        };
        // Only public groups and channels may be named by @username, and there are none here.
        let id: i64 = text.trim().parse().map_err(|_| ApiError::chat_not_found())?;
        if id > 0 {
            return self.private_chat(id);
        }
        let channel = self.state.channels.get(&id).ok_or_else(ApiError::chat_not_found)?;
        if channel.has(self.bot) {
            Ok(ChatKey::Channel(id))
        } else {
            Err(ApiError::forbidden("bot is not a member of the channel chat"))
        }
    }

    fn private_chat(&mut self, id: i64) -> Result<ChatKey, ApiError> {
        if self.state.bots.contains_key(&id) {
            return Err(ApiError::forbidden("bot can't send messages to bots"));
        }
        let user = self.state.users.get(&id).ok_or_else(ApiError::chat_not_found)?;
        if user.is_deactivated {
            return Err(ApiError::forbidden("user is deactivated"));
        }
        let key = ChatKey::Private { bot: self.bot, user: id };
        let chat = self.state.chats.get(&key);
        if chat.is_some_and(|chat| chat.blocked) {
            return Err(ApiError::forbidden("bot was blocked by the user"));
        }
        if !chat.is_some_and(|chat| chat.started || chat.write_access) {
            return Err(ApiError::forbidden("bot can't initiate conversation with a user"));
        }
        Ok(key)
    }

    fn get_file(&mut self) -> ApiResult {
        let file_id = self.params.text("file_id").unwrap_or_default();
        self.state.files.get_file(self.bot, &file_id)
    }
}

/// The answer of methods that report nothing but success.
pub(crate) fn done() -> Value {
    json!(true)
}

/// An object's field as text.
pub(crate) fn text_field(value: &Value, name: &str) -> Option<String> {
    value.get(name).and_then(Value::as_str).map(str::to_owned)
}
