//! One delivery to Telegram.

use std::time::Duration;

use reqwest::Url;
use serde::Serialize;
use serde_json::json;
use teloxide::{
    payloads::{CopyMessage, DeleteMessage, SendChatAction, SendMessage, SendPhoto, SendVideo},
    requests::Payload,
    types::{
        ChatAction, ChatId, FileId, InputFile, LinkPreviewOptions, MessageId, ParseMode, ReplyMarkup, ThreadId, True,
    },
};
use tracing::warn;
use warung_proto::messaging::{
    Content, CopyMessage as Copy, Delivery, Photo, Refused, Sent, Video, content::Media, delivery::Operation,
    delivery_report::Outcome, refused::Fault,
};

use super::{
    files::Files,
    keyboard::keyboard,
    made::{self, Made},
    pictures::{Pictures, Room},
};
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
    pub pictures: Pictures,
    pub files: Files,
}

/// What came of a message: its id, and the id of its picture when that was uploaded and may serve again.
pub(crate) struct Arrived {
    pub message: SentMessage,
    pub uploaded: bool,
}

/// Where a message goes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target {
    pub chat: ChatId,
    /// The topic of the chat, where the bot's owner has switched topics on.
    pub topic: Option<ThreadId>,
}

impl From<ChatId> for Target {
    /// The chat itself: what nobody has just asked for belongs to no topic.
    fn from(chat: ChatId) -> Self {
        Self { chat, topic: None }
    }
}

impl Arrived {
    /// The id of the picture that was uploaded.
    pub(crate) fn uploaded_file_id(&self) -> &str {
        self.message.photo_file_id().filter(|_| self.uploaded).unwrap_or_default()
    }

    pub(super) fn plain(message: SentMessage) -> Self {
        Self { message, uploaded: false }
    }
}

impl Sender {
    /// Carries out a delivery and says what became of it.
    pub(crate) async fn carry_out(&self, delivery: &Delivery) -> Outcome {
        let chat = ChatId(delivery.chat_id);
        match &delivery.operation {
            Some(Operation::Send(send)) => match &send.content {
                Some(content @ Content { media: Some(Media::TextFile(file)), .. }) => {
                    self.send_file(delivery, content, file).await
                }
                Some(content) => reported(self.send(chat, content).await),
                None => malformed("a message without content"),
            },
            Some(Operation::Edit(edit)) => self.edit(chat, edit).await,
            Some(Operation::Delete(delete)) => match message_id(delete.message_id) {
                Some(id) => self.delete(chat, id).await,
                None => malformed("a message id that Telegram can't have given"),
            },
            Some(Operation::Copy(copy)) => self.copy(chat, copy).await,
            // A newer core writes it: another worker beside this one may know it.
            None => Outcome::Unavailable(Refused {
                description: "this worker does not know the operation".to_owned(),
                ..Refused::default()
            }),
        }
    }

    /// Sends a message.
    pub(crate) async fn send(&self, to: impl Into<Target>, content: &Content) -> Result<Arrived, CallError> {
        let to = to.into();
        match &content.media {
            None => self.send_text(to, content).await.map(Arrived::plain),
            Some(Media::Photo(photo)) => self.send_photo(to, content, photo).await,
            Some(Media::Video(video)) => self.send_video(to, content, video).await.map(Arrived::plain),
            Some(media) => self.send_made(to, content, made::make(media)?).await.map(Arrived::plain),
        }
    }

    /// Sends a picture of the adapter's own making. It is made anew each time, so that its id at Telegram is of no interest.
    async fn send_made(&self, to: Target, content: &Content, made: Made) -> Result<SentMessage, CallError> {
        let parameters = self.upload_parameters(to, content);
        match self.telegram.upload(SendPhoto::NAME, &parameters, made.upload("photo"), self.upload_timeout).await {
            Err(error) if classify::is_picture_refused(&error) => {
                warn!(%error, "a picture of the adapter's own is refused; the words go alone");
                self.send_text(to, content).await
            }
            answer => answer,
        }
    }

    /// What goes along with a file that is uploaded.
    pub(super) fn upload_parameters(&self, to: Target, content: &Content) -> serde_json::Value {
        json!({
            "chat_id": to.chat.0,
            "message_thread_id": to.topic,
            "caption": content.text_html,
            "parse_mode": "HTML",
            "reply_markup": keyboard(&content.rows, self.mini_app_url.as_ref()),
            "protect_content": content.protect_content.then_some(true),
            "disable_notification": content.silent.then_some(true),
        })
    }

    async fn send_text(&self, to: Target, content: &Content) -> Result<SentMessage, CallError> {
        let mut message = SendMessage::new(to.chat, content.text_html.as_str());
        message.message_thread_id = to.topic;
        message.parse_mode = Some(ParseMode::Html);
        message.reply_markup = self.markup(content);
        message.protect_content = content.protect_content.then_some(true);
        message.disable_notification = content.silent.then_some(true);
        message.link_preview_options = content.without_preview.then(no_preview);
        self.telegram.send(&message).await
    }

    async fn send_video(&self, to: Target, content: &Content, video: &Video) -> Result<SentMessage, CallError> {
        let mut message = SendVideo::new(to.chat, InputFile::file_id(FileId(video.file_id.clone())));
        message.message_thread_id = to.topic;
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
    async fn send_photo(&self, to: Target, content: &Content, photo: &Photo) -> Result<Arrived, CallError> {
        let message = |file_id: String| {
            let mut message = SendPhoto::new(to.chat, InputFile::file_id(FileId(file_id)));
            message.message_thread_id = to.topic;
            message.caption = Some(content.text_html.clone());
            message.parse_mode = Some(ParseMode::Html);
            message.reply_markup = self.markup(content);
            message.protect_content = content.protect_content.then_some(true);
            message.disable_notification = content.silent.then_some(true);
            message
        };
        let room = match self.pictures.id_of(photo).await {
            Ok(file_id) => match self.telegram.send(&message(file_id)).await {
                Err(error) if classify::is_picture_refused(&error) => {
                    warn!(media.id = photo.media_id, %error, "a stored picture id is refused; its bytes are uploaded");
                    self.pictures.room().await
                }
                answer => return answer.map(Arrived::plain),
            },
            Err(room) => room,
        };
        match self.upload(&room, SendPhoto::NAME, &message(String::new()), "photo", photo).await {
            Some(Err(error)) if classify::is_picture_refused(&error) => {
                warn!(media.id = photo.media_id, %error, "a picture is refused; the words go alone");
            }
            Some(answer) => {
                return answer.map(|message| Arrived { message, uploaded: true });
            }
            None => {}
        }
        self.send_text(to, content).await.map(Arrived::plain)
    }

    /// Calls a method with a picture's bytes; `None` when the core has none to give.
    pub(super) async fn upload(
        &self,
        _room: &Room<'_>,
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
        let upload =
            Upload { name, file_name: name.to_owned(), content: media.content, content_type: media.content_type };
        let answer = self.telegram.upload(method, parameters, upload, self.upload_timeout).await;
        if let Some(file_id) = answer.as_ref().ok().and_then(SentMessage::photo_file_id) {
            self.pictures.learn(&photo.media_id, file_id);
        }
        Some(answer)
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
                let description = format!("the chat to copy from: {}", error.description());
                Outcome::Failed(Refused { description, ..classify::refused(&error, Fault::SourceChatNotFound) })
            }
            answer => reported(answer.map(Arrived::plain)),
        }
    }

    async fn may_write(&self, chat: ChatId) -> bool {
        self.telegram.call(&SendChatAction::new(chat, ChatAction::UploadVideo)).await == Ok(True)
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

pub(super) fn no_preview() -> LinkPreviewOptions {
    LinkPreviewOptions {
        is_disabled: true,
        url: None,
        prefer_small_media: false,
        prefer_large_media: false,
        show_above_text: false,
    }
}

pub(super) fn message_id(id: i64) -> Option<MessageId> {
    i32::try_from(id).ok().filter(|id| *id > 0).map(MessageId)
}

pub(super) fn reported(answer: Result<Arrived, CallError>) -> Outcome {
    match answer {
        Ok(arrived) => Outcome::Sent(Sent {
            message_id: arrived.message.message_id,
            uploaded_file_id: arrived.uploaded_file_id().to_owned(),
        }),
        Err(error) => classify::outcome(&error),
    }
}

pub(super) fn malformed(what: &str) -> Outcome {
    let description = format!("the delivery is malformed: {what}");
    Outcome::Failed(Refused { description, ..Refused::default() })
}
