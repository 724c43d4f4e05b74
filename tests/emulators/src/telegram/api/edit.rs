//! Changing what was sent.

use serde_json::Value;

use super::super::error::{ApiError, ApiResult};
use super::super::model::{Content, Media, MediaKind, Message};
use super::super::state::ChatKey;
use super::send::formatted_caption;
use super::{Cx, done, text_field};

/// The age in seconds up to which a bot may delete a message.
const DELETE_AGE_MAX: i64 = 48 * 3_600;

const NOT_MODIFIED: &str = "message is not modified: specified new message content and reply markup are exactly the same \
                            as a current content and reply markup of the message";

/// `editMessageText`.
pub(crate) fn edit_text(cx: &mut Cx<'_>) -> ApiResult {
    let (text, entities) = cx.text()?;
    let keyboard = cx.keyboard()?;
    let (key, message) = cx.message_to_edit()?;
    if message.content.media.is_some() {
        return Err(ApiError::bad_request("there is no text in the message to edit"));
    }
    cx.replace(key, &message, Content { text, entities, media: None, keyboard })
}

/// `editMessageCaption`.
pub(crate) fn edit_caption(cx: &mut Cx<'_>) -> ApiResult {
    let (text, entities) = cx.caption()?;
    let keyboard = cx.keyboard()?;
    let (key, message) = cx.message_to_edit()?;
    if message.content.media.is_none() {
        return Err(ApiError::bad_request("there is no caption in the message to edit"));
    }
    let media = message.content.media.clone();
    cx.replace(key, &message, Content { text, entities, media, keyboard })
}

/// `editMessageMedia`.
pub(crate) fn edit_media(cx: &mut Cx<'_>) -> ApiResult {
    let Some(input) = cx.params.json("media", "InputMedia")? else {
        return Err(ApiError::bad_request("media is empty"));
    };
    let kind = match text_field(&input, "type").as_deref() {
        Some("photo") => MediaKind::Photo,
        Some("video") => MediaKind::Video,
        Some("document") => MediaKind::Document,
        _ => {
            return Err(ApiError::bad_request("can't parse InputMedia: invalid media type specified"));
        }
    };
    let source = text_field(&input, "media");
    let file_unique_id = cx.resolve_media(kind, source.as_deref())?;
    let caption = text_field(&input, "caption").unwrap_or_default();
    let (text, entities) = formatted_caption(
        &caption,
        text_field(&input, "parse_mode").as_deref(),
        input.get("caption_entities").cloned(),
    )?;
    let keyboard = cx.keyboard()?;
    let (key, message) = cx.message_to_edit()?;
    let has_spoiler = input.get("has_spoiler").and_then(Value::as_bool).unwrap_or(false);
    let media = Some(Media { kind, file_unique_id, has_spoiler });
    cx.replace(key, &message, Content { text, entities, media, keyboard })
}

/// `editMessageReplyMarkup`.
pub(crate) fn edit_reply_markup(cx: &mut Cx<'_>) -> ApiResult {
    let keyboard = cx.keyboard()?;
    let (key, message) = cx.message_to_edit()?;
    cx.replace(key, &message, Content { keyboard, ..message.content.clone() })
}

/// `deleteMessage`.
pub(crate) fn delete_message(cx: &mut Cx<'_>) -> ApiResult {
    let message_id = cx.message_id()?;
    let key = cx.chat_named("chat_id")?;
    let now = cx.state.now();
    let message = cx.state.chat(key).find(message_id);
    let message = message.ok_or_else(|| ApiError::bad_request("message to delete not found"))?;
    if now - message.date > DELETE_AGE_MAX {
        return Err(ApiError::bad_request("message can't be deleted for everyone"));
    }
    message.deleted = true;
    Ok(done())
}

impl Cx<'_> {
    fn message_id(&self) -> Result<i64, ApiError> {
        let id = self.params.integer("message_id").filter(|id| *id != 0);
        id.ok_or_else(|| ApiError::bad_request("message identifier is not specified"))
    }

    fn message_to_edit(&mut self) -> Result<(ChatKey, Message), ApiError> {
        if self.params.text("inline_message_id").is_some() {
            return Err(ApiError::bad_request("MESSAGE_ID_INVALID"));
        }
        let message_id = self.message_id()?;
        let key = self.chat_named("chat_id")?;
        let message = self.state.chat(key).find(message_id).map(|message| message.clone());
        let message = message.ok_or_else(|| ApiError::bad_request("message to edit not found"))?;
        if message.from_bot { Ok((key, message)) } else { Err(ApiError::bad_request("message can't be edited")) }
    }

    fn replace(&mut self, key: ChatKey, message: &Message, content: Content) -> ApiResult {
        if content == message.content {
            return Err(ApiError::bad_request(NOT_MODIFIED));
        }
        let edited = self.state.replace(key, message.message_id, content);
        let edited = edited.ok_or_else(|| ApiError::bad_request("message to edit not found"))?;
        Ok(self.state.message_to_api(self.bot, &edited))
    }
}
