//! One delivery to Telegram.

use std::time::Duration;

use reqwest::Url;
use serde::Serialize;
use serde_json::json;
use teloxide::{
    payloads::{
        CopyMessage, DeleteMessage, EditMessageCaption, EditMessageText, SendChatAction, SendMessage, SendPhoto,
        SendVideo,
    },
    requests::Payload,
    types::{
        ChatAction, ChatId, FileId, InlineKeyboardMarkup, InputFile, LinkPreviewOptions, MessageId, ParseMode,
        ReplyMarkup, True,
    },
};
use tracing::warn;
use warung_proto::messaging::{
    Content, CopyMessage as Copy, Delivery, EditMessage, Photo, Refused, Sent, Video, content::Media,
    delivery::Operation, delivery_report::Outcome,
};

use super::keyboard::keyboard;
use crate::{
    core::Core,
    telegram::{CallError, SentMessage, Telegram, Upload, classify},
};

/// Carries out the deliveries of one bot, one at a time and without trying again: that is the core's business.
pub(crate) struct Sender {
    pub telegram: Telegram,
    pub core: Core,
    pub mini_app_url: Option<Url>,
    pub upload_timeout: Duration,
}

/// What came of a message: its id, and the id of its picture when that was uploaded.
struct Arrived {
    message: SentMessage,
    uploaded: bool,
}

impl Arrived {
    fn plain(message: SentMessage) -> Self {
        Self { message, uploaded: false }
    }
}

impl Sender {
    /// Carries out a delivery and says what became of it.
    pub(crate) async fn carry_out(&self, delivery: &Delivery) -> Outcome {
        let chat = ChatId(delivery.chat_id);
        match &delivery.operation {
            Some(Operation::Send(send)) => match &send.content {
                Some(content) => reported(self.send(chat, content).await),
                None => malformed("a message without content"),
            },
            Some(Operation::Edit(edit)) => self.edit(chat, edit).await,
            Some(Operation::Delete(delete)) => match message_id(delete.message_id) {
                Some(id) => self.delete(chat, id).await,
                None => malformed("a message id that Telegram can't have given"),
            },
            Some(Operation::Copy(copy)) => self.copy(chat, copy).await,
            None => malformed("an operation that this version does not know"),
        }
    }

    async fn send(&self, chat: ChatId, content: &Content) -> Result<Arrived, CallError> {
        match &content.media {
            None => self.send_text(chat, content).await.map(Arrived::plain),
            Some(Media::Photo(photo)) => self.send_photo(chat, content, photo).await,
            Some(Media::Video(video)) => self.send_video(chat, content, video).await.map(Arrived::plain),
        }
    }

    async fn send_text(&self, chat: ChatId, content: &Content) -> Result<SentMessage, CallError> {
        let mut message = SendMessage::new(chat, content.text_html.as_str());
        message.parse_mode = Some(ParseMode::Html);
        message.reply_markup = self.markup(content);
        message.protect_content = content.protect_content.then_some(true);
        message.disable_notification = content.silent.then_some(true);
        message.link_preview_options = content.without_preview.then(no_preview);
        self.telegram.send(&message).await
    }

    async fn send_video(&self, chat: ChatId, content: &Content, video: &Video) -> Result<SentMessage, CallError> {
        let mut message = SendVideo::new(chat, InputFile::file_id(FileId(video.file_id.clone())));
        message.caption = Some(content.text_html.clone());
        message.parse_mode = Some(ParseMode::Html);
        message.duration = u32::try_from(video.duration_seconds).ok().filter(|seconds| *seconds > 0);
        message.supports_streaming = Some(true);
        message.reply_markup = self.markup(content);
        message.protect_content = content.protect_content.then_some(true);
        message.disable_notification = content.silent.then_some(true);
        self.telegram.send(&message).await
    }

    /// Sends by the stored id, else by the bytes, else the words alone: a picture that fails must not lose the film.
    async fn send_photo(&self, chat: ChatId, content: &Content, photo: &Photo) -> Result<Arrived, CallError> {
        let mut message = SendPhoto::new(chat, InputFile::file_id(FileId(photo.file_id.clone())));
        message.caption = Some(content.text_html.clone());
        message.parse_mode = Some(ParseMode::Html);
        message.reply_markup = self.markup(content);
        message.protect_content = content.protect_content.then_some(true);
        message.disable_notification = content.silent.then_some(true);
        if !photo.file_id.is_empty() {
            match self.telegram.send(&message).await {
                Err(error) if classify::is_picture_refused(&error) => {
                    warn!(media.id = photo.media_id, %error, "a stored picture id is refused; its bytes are uploaded");
                }
                answer => return answer.map(Arrived::plain),
            }
        }
        match self.upload(SendPhoto::NAME, &message, "photo", photo).await {
            Some(Err(error)) if classify::is_picture_refused(&error) => {
                warn!(media.id = photo.media_id, %error, "a picture is refused; the words go alone");
            }
            Some(answer) => {
                return answer.map(|message| Arrived { message, uploaded: true });
            }
            None => {}
        }
        self.send_text(chat, content).await.map(Arrived::plain)
    }

    /// Calls a method with a picture's bytes; `None` when the core has none to give.
    async fn upload(
        &self,
        method: &str,
        parameters: &(impl Serialize + Sync),
        name: &'static str,
        photo: &Photo,
    ) -> Option<Result<SentMessage, CallError>> {
        let media = match self.core.get_media(&photo.media_id).await {
            Ok(media) if !media.content.is_empty() => media,
            Ok(_) => return None,
            Err(status) => {
                warn!(media.id = photo.media_id, code = ?status.code(), "a picture can't be had; the words go alone");
                return None;
            }
        };
        let upload = Upload { name, content: media.content, content_type: media.content_type };
        Some(self.telegram.upload(method, parameters, upload, self.upload_timeout).await)
    }

    async fn copy(&self, chat: ChatId, copy: &Copy) -> Outcome {
        let Some(id) = message_id(copy.message_id) else {
            return malformed("a message id that Telegram can't have given");
        };
        let mut message = CopyMessage::new(chat, ChatId(copy.from_chat_id), id);
        if !copy.caption_html.is_empty() {
            message.caption = Some(copy.caption_html.clone());
            message.parse_mode = Some(ParseMode::Html);
        }
        message.reply_markup = keyboard(&copy.rows, self.mini_app_url.as_ref()).map(ReplyMarkup::InlineKeyboard);
        message.protect_content = copy.protect_content.then_some(true);
        match self.telegram.send(&message).await {
            // The words are the same whichever of the two chats is meant.
            Err(error) if classify::is_never_started(&error) && self.may_write(chat).await => {
                Outcome::Failed(Refused {
                    code: i32::from(error.code()),
                    description: format!("the chat to copy from: {}", error.description()),
                })
            }
            answer => reported(answer.map(Arrived::plain)),
        }
    }

    async fn may_write(&self, chat: ChatId) -> bool {
        self.telegram.call(&SendChatAction::new(chat, ChatAction::UploadVideo)).await == Ok(True)
    }

    async fn edit(&self, chat: ChatId, edit: &EditMessage) -> Outcome {
        let (Some(id), Some(content)) = (message_id(edit.message_id), &edit.content) else {
            return malformed("an edit without a message or content");
        };
        let buttons = keyboard(&content.rows, self.mini_app_url.as_ref());
        let answer = match &content.media {
            None => self.edit_words(chat, id, content, buttons).await.map(Arrived::plain),
            Some(media) => self.edit_media(chat, id, content, media, buttons).await,
        };
        match answer {
            Err(error) if classify::is_not_modified(&error) => {
                Outcome::Sent(Sent { message_id: edit.message_id, uploaded_file_id: String::new() })
            }
            answer => reported(answer),
        }
    }

    async fn edit_words(
        &self,
        chat: ChatId,
        id: MessageId,
        content: &Content,
        buttons: Option<InlineKeyboardMarkup>,
    ) -> Result<SentMessage, CallError> {
        let mut text = EditMessageText::new(chat, id, content.text_html.as_str());
        text.parse_mode = Some(ParseMode::Html);
        text.link_preview_options = content.without_preview.then(no_preview);
        text.reply_markup.clone_from(&buttons);
        match self.telegram.send(&text).await {
            Err(error) if classify::has_no_text(&error) => {}
            answer => return answer,
        }
        let mut caption = EditMessageCaption::new(chat, id);
        caption.caption = Some(content.text_html.clone());
        caption.parse_mode = Some(ParseMode::Html);
        caption.reply_markup = buttons;
        self.telegram.send(&caption).await
    }

    async fn edit_media(
        &self,
        chat: ChatId,
        id: MessageId,
        content: &Content,
        media: &Media,
        buttons: Option<InlineKeyboardMarkup>,
    ) -> Result<Arrived, CallError> {
        // teloxide's form of it can't be sent without its transport.
        let parameters = |kind: &str, file: &str| {
            let media = json!({"type": kind, "media": file, "caption": content.text_html, "parse_mode": "HTML"});
            json!({"chat_id": chat.0, "message_id": id.0, "media": media, "reply_markup": buttons})
        };
        let method = "EditMessageMedia";
        let photo = match media {
            Media::Video(video) => {
                let timeout = self.upload_timeout;
                let answer = self.telegram.call_method(method, &parameters("video", &video.file_id), timeout).await;
                return answer.map(Arrived::plain);
            }
            Media::Photo(photo) => photo,
        };
        if !photo.file_id.is_empty() {
            let timeout = self.upload_timeout;
            match self.telegram.call_method(method, &parameters("photo", &photo.file_id), timeout).await {
                Err(error) if classify::is_picture_refused(&error) => {}
                answer => return answer.map(Arrived::plain),
            }
        }
        match self.upload(method, &parameters("photo", "attach://picture"), "picture", photo).await {
            Some(Err(error)) if classify::is_picture_refused(&error) => {}
            Some(answer) => {
                return answer.map(|message| Arrived { message, uploaded: true });
            }
            None => {}
        }
        // The message keeps the picture that it has, if any.
        self.edit_words(chat, id, content, buttons).await.map(Arrived::plain)
    }

    async fn delete(&self, chat: ChatId, id: MessageId) -> Outcome {
        match self.telegram.call(&DeleteMessage::new(chat, id)).await {
            Ok(True) => Outcome::Sent(Sent::default()),
            Err(error) if classify::is_gone(&error) => Outcome::Sent(Sent::default()),
            Err(error) => classify::outcome(&error),
        }
    }

    fn markup(&self, content: &Content) -> Option<ReplyMarkup> {
        keyboard(&content.rows, self.mini_app_url.as_ref()).map(ReplyMarkup::InlineKeyboard)
    }
}

fn no_preview() -> LinkPreviewOptions {
    LinkPreviewOptions {
        is_disabled: true,
        url: None,
        prefer_small_media: false,
        prefer_large_media: false,
        show_above_text: false,
    }
}

fn message_id(id: i64) -> Option<MessageId> {
    i32::try_from(id).ok().filter(|id| *id > 0).map(MessageId)
}

fn reported(answer: Result<Arrived, CallError>) -> Outcome {
    match answer {
        Ok(Arrived { message, uploaded }) => {
            let file_id = message.photo_file_id().filter(|_| uploaded).unwrap_or_default().to_owned();
            Outcome::Sent(Sent { message_id: message.message_id, uploaded_file_id: file_id })
        }
        Err(error) => classify::outcome(&error),
    }
}

fn malformed(what: &str) -> Outcome {
    Outcome::Failed(Refused { code: 0, description: format!("the delivery is malformed: {what}") })
}
