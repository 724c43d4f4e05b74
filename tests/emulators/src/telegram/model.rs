//! The things that the emulated Telegram knows: users, channels, messages, files.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::entities::Entity;

/// What a bot is for. The emulator treats all alike; the chat page groups them by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BotRole {
    /// The shop's bot.
    Main,
    /// The bot that alerts the owner.
    Owner,
}

/// A bot that exists from the start.
#[derive(Clone, Debug)]
pub struct BotConfig {
    /// The token, `{id}:{secret}`; the bot's id is its prefix.
    pub token: String,
    /// The username without `@`.
    pub username: String,
    /// The name shown in the chat.
    pub name: String,
    /// Its names for users of other languages, by their codes, as `setMyName` sets them.
    pub name_by_language: BTreeMap<String, String>,
    /// What the bot is for.
    pub role: BotRole,
    /// The Main Mini App that `https://t.me/{username}?startapp=` opens. Without it the web app of the menu button is used.
    pub mini_app_url: Option<String>,
}

impl BotConfig {
    /// A bot without a Main Mini App.
    #[must_use]
    pub fn new(token: &str, username: &str, name: &str, role: BotRole) -> Self {
        Self {
            token: token.into(),
            username: username.into(),
            name: name.into(),
            role,
            name_by_language: BTreeMap::new(),
            mini_app_url: None,
        }
    }

    /// The bot's id: the number before the colon of its token, 0 where there is none.
    #[must_use]
    pub fn id(&self) -> i64 {
        self.token.split(':').next().and_then(|id| id.parse().ok()).unwrap_or(0)
    }
}

/// A person with a Telegram account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct User {
    /// The Telegram id, positive.
    pub id: i64,
    /// The first name, never empty in real life.
    pub first_name: String,
    /// The last name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    /// The username without `@`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The language of the user's app, as an IETF tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language_code: Option<String>,
    /// Whether the user pays for Telegram Premium.
    pub is_premium: bool,
    /// Whether the account was deleted: every send is answered 403.
    pub is_deactivated: bool,
    /// A word about the person for the chat page's chooser, such as "VIP", by the page's language. Telegram knows nothing
    /// of it.
    pub note: BTreeMap<String, String>,
}

impl User {
    /// A user with an Indonesian app and nothing else known.
    #[must_use]
    pub fn new(id: i64, first_name: &str) -> Self {
        Self { id, first_name: first_name.into(), language_code: Some("id".into()), ..Self::default() }
    }

    /// The user as the `from` of an update.
    pub(crate) fn to_api(&self) -> Value {
        let mut user = json!({"id": self.id, "is_bot": false, "first_name": self.first_name});
        self.add_optional(&mut user, true);
        user
    }

    /// The user as a private chat.
    pub(crate) fn to_chat(&self) -> Value {
        let mut chat = json!({"id": self.id, "type": "private", "first_name": self.first_name});
        self.add_optional(&mut chat, false);
        chat
    }

    /// The fields that Telegram leaves out when they are empty.
    pub(crate) fn add_optional(&self, target: &mut Value, with_app: bool) {
        let Some(target) = target.as_object_mut() else {
            return;
        };
        let mut put = |name: &str, value: &Option<String>| {
            if let Some(value) = value {
                target.insert(name.into(), json!(value));
            }
        };
        put("last_name", &self.last_name);
        put("username", &self.username);
        if with_app {
            put("language_code", &self.language_code);
            if self.is_premium {
                target.insert("is_premium".into(), json!(true));
            }
        }
    }
}

/// A private channel that bots belong to as administrators, such as the seller's storage of videos.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Channel {
    /// The chat id, negative, `-100…` in real life.
    pub id: i64,
    /// The title.
    pub title: String,
    /// The ids of the bots that belong to it; none means all.
    #[serde(default)]
    pub bots: Vec<i64>,
}

impl Channel {
    pub(crate) fn has(&self, bot: i64) -> bool {
        self.bots.is_empty() || self.bots.contains(&bot)
    }

    pub(crate) fn to_chat(&self) -> Value {
        json!({"id": self.id, "type": "channel", "title": self.title})
    }
}

/// The kind of a file, which decides by which method it may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MediaKind {
    /// A picture.
    Photo,
    /// A video.
    Video,
    /// Any other file.
    Document,
}

impl MediaKind {
    /// The name of the parameter and of the message field that carry it.
    #[must_use]
    pub fn field(self) -> &'static str {
        match self {
            Self::Photo => "photo",
            Self::Video => "video",
            Self::Document => "document",
        }
    }

    /// The name that Telegram's errors use.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Photo => "Photo",
            Self::Video => "Video",
            Self::Document => "Document",
        }
    }
}

/// What is known of a file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FileSpec {
    /// Its kind.
    pub kind: MediaKind,
    /// Its name, for a video or a document.
    #[serde(default)]
    pub file_name: Option<String>,
    /// Its media type.
    #[serde(default)]
    pub mime_type: Option<String>,
    /// Its size in bytes.
    #[serde(default)]
    pub size: u64,
    /// Its width in pixels, 0 for a document.
    #[serde(default)]
    pub width: u32,
    /// Its height in pixels, 0 for a document.
    #[serde(default)]
    pub height: u32,
    /// Its duration in seconds, for a video.
    #[serde(default)]
    pub duration: u32,
    /// Where it came from, when it was sent by URL.
    #[serde(default)]
    pub url: Option<String>,
    /// Its bytes, where the emulator has them.
    #[serde(skip)]
    pub bytes: Option<Bytes>,
}

impl FileSpec {
    /// A file of this kind, with dimensions that fit it, and without bytes.
    #[must_use]
    pub fn of_kind(kind: MediaKind) -> Self {
        let (mime_type, width, height, duration) = match kind {
            MediaKind::Photo => ("image/jpeg", 800, 1200, 0),
            MediaKind::Video => ("video/mp4", 1280, 720, 60),
            MediaKind::Document => ("application/octet-stream", 0, 0, 0),
        };
        let mime_type = Some(mime_type.to_owned());
        Self { kind, file_name: None, mime_type, size: 0, width, height, duration, url: None, bytes: None }
    }

    /// A video of this name and duration in seconds.
    #[must_use]
    pub fn video(file_name: &str, duration: u32) -> Self {
        Self { file_name: Some(file_name.into()), duration, size: 12_000_000, ..Self::of_kind(MediaKind::Video) }
    }
}

/// The file of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Media {
    /// Its kind.
    pub kind: MediaKind,
    /// The id that stays the same for all bots.
    pub file_unique_id: String,
    /// Whether it is hidden until tapped.
    pub has_spoiler: bool,
}

/// What a button under a message does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", content = "value", rename_all = "snake_case")]
pub enum ButtonAction {
    /// Sends a callback query with this data.
    Callback(String),
    /// Opens this URL.
    Url(String),
    /// Opens the Mini App at this URL.
    WebApp(String),
    /// Copies this text.
    CopyText(String),
    /// Pays the invoice of the message.
    Pay,
}

/// A button under a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Button {
    /// What stands on it.
    pub text: String,
    /// What it does.
    pub action: ButtonAction,
}

impl Button {
    pub(crate) fn to_api(&self) -> Value {
        match &self.action {
            ButtonAction::Callback(data) => json!({"text": self.text, "callback_data": data}),
            ButtonAction::Url(url) => json!({"text": self.text, "url": url}),
            ButtonAction::WebApp(url) => json!({"text": self.text, "web_app": {"url": url}}),
            ButtonAction::CopyText(text) => json!({"text": self.text, "copy_text": {"text": text}}),
            ButtonAction::Pay => json!({"text": self.text, "pay": true}),
        }
    }
}

/// What a message says: all that an edit may change.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Content {
    /// The text, or the caption of a file.
    pub text: String,
    /// The formatting of the text.
    pub entities: Vec<Entity>,
    /// The file.
    pub media: Option<Media>,
    /// The inline keyboard, row by row.
    pub keyboard: Vec<Vec<Button>>,
}

/// A message of a chat.
#[derive(Clone, Debug, Serialize)]
pub struct Message {
    /// Its id within the bot's account (private chats) or the channel.
    pub message_id: i64,
    /// The chat: the user's id in a private chat, the channel's id otherwise.
    pub chat_id: i64,
    /// Whether the bot sent it.
    pub from_bot: bool,
    /// When it was sent, in Unix seconds.
    pub date: i64,
    /// When it was last edited, in Unix seconds.
    pub edit_date: Option<i64>,
    /// What it says now.
    #[serde(flatten)]
    pub content: Content,
    /// What it said before each edit, oldest first; the last few only.
    pub earlier: Vec<Content>,
    /// Whether forwarding and saving are forbidden.
    pub protect_content: bool,
    /// Whether it was deleted. A deleted message stays in the history so that a test can see it.
    pub deleted: bool,
    /// The event that a service message reports, such as `write_access_allowed`.
    pub service: Option<String>,
    /// The topic of a private chat that it is in.
    pub topic: Option<i64>,
}

impl Message {
    /// The text, or the caption of a file.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.content.text
    }

    /// The button with this label.
    #[must_use]
    pub fn button(&self, label: &str) -> Option<&Button> {
        self.content.keyboard.iter().flatten().find(|button| button.text == label)
    }

    /// Whether it carries a file of this kind.
    #[must_use]
    pub fn has(&self, kind: MediaKind) -> bool {
        self.content.media.as_ref().is_some_and(|media| media.kind == kind)
    }
}
