//! Sending: messages, files, copies, chat actions.

use serde_json::{Value, json};

use super::super::entities::{Entity, formatted, utf16_len};
use super::super::error::{ApiError, ApiResult};
use super::super::markup;
use super::super::model::{Button, Content, Media, MediaKind};
use super::super::state::{ChatKey, Draft};
use super::{Cx, done};

/// The most UTF-16 units of a text.
const TEXT_MAX: usize = 4_096;
/// The most UTF-16 units of a caption.
const CAPTION_MAX: usize = 1_024;

/// `sendMessage`.
pub(crate) fn send_message(cx: &mut Cx<'_>) -> ApiResult {
    let (text, entities) = cx.text()?;
    let keyboard = cx.keyboard()?;
    cx.send(Content { text, entities, media: None, keyboard })
}

/// `sendPhoto`, `sendVideo`, `sendDocument`.
pub(crate) fn send_media(cx: &mut Cx<'_>, kind: MediaKind) -> ApiResult {
    let source = cx.params.text(kind.field());
    let file_unique_id = cx.resolve_media(kind, source.as_deref())?;
    let (text, entities) = cx.caption()?;
    let keyboard = cx.keyboard()?;
    let media = Some(Media { kind, file_unique_id, has_spoiler: cx.params.flag("has_spoiler") });
    cx.send(Content { text, entities, media, keyboard })
}

/// `copyMessage`.
pub(crate) fn copy_message(cx: &mut Cx<'_>) -> ApiResult {
    let from = source_chat(cx)?;
    let message_id = cx.params.integer("message_id").unwrap_or(0);
    if message_id == 0 {
        return Err(ApiError::bad_request("message identifier is not specified"));
    }
    let original = cx.state.chats.get_mut(&from).and_then(|chat| chat.find(message_id)).map(|message| message.clone());
    let original = original.ok_or_else(|| ApiError::bad_request("message to copy not found"))?;
    if original.service.is_some() {
        return Err(ApiError::bad_request("message can't be copied"));
    }
    let mut content = original.content;
    content.keyboard = cx.keyboard()?;
    if content.media.is_some() && cx.params.text("caption").is_some() {
        (content.text, content.entities) = cx.caption()?;
    }
    let sent = cx.send(content)?;
    Ok(json!({"message_id": sent.get("message_id")}))
}

/// The chat to copy from. Unlike the target it may have blocked the bot, as long as the bot knows it.
fn source_chat(cx: &mut Cx<'_>) -> Result<ChatKey, ApiError> {
    let id = cx.params.integer("from_chat_id");
    let key = id.filter(|id| *id > 0).map(|user| ChatKey::Private { bot: cx.bot, user });
    match key.filter(|key| cx.state.chats.contains_key(key)) {
        Some(key) => Ok(key),
        None if id.is_some_and(|id| id > 0) => Err(ApiError::chat_not_found()),
        None => cx.chat_named("from_chat_id"),
    }
}

/// `sendChatAction`.
pub(crate) fn send_chat_action(cx: &mut Cx<'_>) -> ApiResult {
    const ACTIONS: [&str; 11] = [
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    ];
    let action = cx.params.text("action").unwrap_or_default();
    if !ACTIONS.contains(&action.as_str()) {
        return Err(ApiError::bad_request("wrong parameter action in request"));
    }
    let key = cx.chat_named("chat_id")?;
    let now = cx.state.clock.now();
    cx.state.chat(key).action = Some((action, now));
    Ok(done())
}

impl Cx<'_> {
    fn send(&mut self, content: Content) -> ApiResult {
        let key = self.chat_named("chat_id")?;
        if self.state.rules.enforce_limits {
            let chat_id = self.params.integer("chat_id").unwrap_or(0);
            self.state.limits.admit(self.bot, chat_id, self.elapsed_ms).map_err(ApiError::too_many_requests)?;
        }
        let web_app = content
            .keyboard
            .iter()
            .flatten()
            .any(|button| matches!(button.action, super::super::model::ButtonAction::WebApp(_)));
        if web_app && matches!(key, ChatKey::Channel(_)) {
            return Err(ApiError::bad_request("BUTTON_TYPE_INVALID"));
        }
        let topic = self.topic(key)?;
        let protect_content = self.params.flag("protect_content");
        let message = self.state.append(key, Draft { from_bot: true, content, protect_content, service: None, topic });
        self.state.chat(key).action = None;
        Ok(self.state.message_to_api(self.bot, &message))
    }

    /// The topic that the parameter `message_thread_id` names, which must be there.
    fn topic(&mut self, key: ChatKey) -> Result<Option<i64>, ApiError> {
        let Some(topic) = self.params.integer("message_thread_id").filter(|topic| *topic != 0) else {
            return Ok(None);
        };
        if self.state.chat(key).topics.contains(&topic) {
            Ok(Some(topic))
        } else {
            Err(ApiError::bad_request("message thread not found"))
        }
    }

    /// The parameter `text`, formatted and within its limit.
    pub(crate) fn text(&self) -> Result<(String, Vec<Entity>), ApiError> {
        let text = self.params.text("text").unwrap_or_default();
        if text.is_empty() {
            return Err(ApiError::bad_request("message text is empty"));
        }
        let mode = self.params.text("parse_mode");
        let (text, entities) = formatted(&text, mode.as_deref(), self.params.json("entities", "message entities")?)?;
        if text.is_empty() {
            return Err(ApiError::bad_request("text must be non-empty"));
        }
        if utf16_len(&text) > TEXT_MAX {
            return Err(ApiError::bad_request("message is too long"));
        }
        Ok((text, entities))
    }

    /// The parameter `caption`, formatted and within its limit.
    pub(crate) fn caption(&self) -> Result<(String, Vec<Entity>), ApiError> {
        let caption = self.params.text("caption").unwrap_or_default();
        let mode = self.params.text("parse_mode");
        let entities = self.params.json("caption_entities", "message entities")?;
        formatted_caption(&caption, mode.as_deref(), entities)
    }

    /// The parameter `reply_markup` as the rows of an inline keyboard.
    pub(crate) fn keyboard(&self) -> Result<Vec<Vec<Button>>, ApiError> {
        markup::parse(self.params.json("reply_markup", "reply keyboard markup")?, &self.state.rules)
    }
}

pub(crate) fn formatted_caption(
    caption: &str,
    parse_mode: Option<&str>,
    entities: Option<Value>,
) -> Result<(String, Vec<Entity>), ApiError> {
    let (text, entities) = formatted(caption, parse_mode, entities)?;
    if utf16_len(&text) > CAPTION_MAX {
        return Err(ApiError::bad_request("message caption is too long"));
    }
    Ok((text, entities))
}
