//! Changing a message that was sent.

use serde_json::json;
use teloxide::{
    payloads::{EditMessageCaption, EditMessageText},
    types::{ChatId, MessageId, ParseMode},
};
use warung_proto::messaging::{Content, EditMessage, Sent, content::Media, delivery_report::Outcome};

use super::{
    keyboard::keyboard,
    made,
    send::{Arrived, Sender, malformed, message_id, no_preview, reported},
};
use crate::telegram::{CallError, SentMessage, classify};

impl Sender {
    pub(super) async fn edit(&self, chat: ChatId, edit: &EditMessage) -> Outcome {
        let (Some(id), Some(content)) = (message_id(edit.message_id), &edit.content) else {
            return malformed("an edit without a message or content");
        };
        match self.edit_content(chat, id, content).await {
            // Where the user has deleted the message, nothing is left to be changed.
            Err(error) if classify::is_not_modified(&error) || classify::is_gone(&error) => {
                Outcome::Sent(Sent { message_id: edit.message_id, uploaded_file_id: String::new() })
            }
            answer => reported(answer),
        }
    }

    /// Gives a message another content: words, caption or media.
    pub(crate) async fn edit_content(
        &self,
        chat: ChatId,
        id: MessageId,
        content: &Content,
    ) -> Result<Arrived, CallError> {
        match &content.media {
            None => self.edit_words(chat, id, content).await.map(Arrived::plain),
            Some(media) => self.edit_media(chat, id, content, media).await,
        }
    }

    async fn edit_words(&self, chat: ChatId, id: MessageId, content: &Content) -> Result<SentMessage, CallError> {
        let mut text = EditMessageText::new(chat, id, content.text_html.as_str());
        text.parse_mode = Some(ParseMode::Html);
        text.link_preview_options = content.without_preview.then(no_preview);
        text.reply_markup = keyboard(&content.rows, self.mini_app_url.as_ref());
        match self.telegram.send(&text).await {
            Err(error) if classify::has_no_text(&error) => self.edit_caption(chat, id, content).await,
            answer => answer,
        }
    }

    /// Changes the words under a picture, which stays.
    pub(crate) async fn edit_caption(
        &self,
        chat: ChatId,
        id: MessageId,
        content: &Content,
    ) -> Result<SentMessage, CallError> {
        let mut caption = EditMessageCaption::new(chat, id);
        caption.caption = Some(content.text_html.clone());
        caption.parse_mode = Some(ParseMode::Html);
        caption.reply_markup = keyboard(&content.rows, self.mini_app_url.as_ref());
        self.telegram.send(&caption).await
    }

    async fn edit_media(
        &self,
        chat: ChatId,
        id: MessageId,
        content: &Content,
        media: &Media,
    ) -> Result<Arrived, CallError> {
        let buttons = keyboard(&content.rows, self.mini_app_url.as_ref());
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
            media => {
                let made = made::make(media)?;
                let parameters = parameters("photo", "attach://file");
                // A refusal is reported: under words that say "paid" no code may stay that can still be paid.
                let answer = self.telegram.upload(method, &parameters, made.upload("file"), self.upload_timeout).await;
                return answer.map(Arrived::plain);
            }
        };
        let room = match self.pictures.id_of(photo).await {
            Ok(file_id) => {
                let timeout = self.upload_timeout;
                match self.telegram.call_method(method, &parameters("photo", &file_id), timeout).await {
                    Err(error) if classify::is_picture_refused(&error) => self.pictures.room().await,
                    answer => return answer.map(Arrived::plain),
                }
            }
            Err(room) => room,
        };
        match self.upload(&room, method, &parameters("photo", "attach://picture"), "picture", photo).await {
            Some(Err(error)) if classify::is_picture_refused(&error) => {}
            Some(answer) => {
                return answer.map(|message| Arrived { message, uploaded: true });
            }
            None => {}
        }
        // The message keeps the picture that it has, if any.
        self.edit_words(chat, id, content).await.map(Arrived::plain)
    }
}
