//! What users do, as changes of the state.

use serde_json::{Map, Value, json};

use super::entities::{detect, utf16_len};
use super::launch::digest;
use super::links;
use super::model::{ButtonAction, Content, FileSpec, Media, Message};
use super::sim::{PostedVideo, Pressed, SimError};
use super::state::{Callback, ChatKey, Draft, State};

/// The most UTF-16 units that a user may write at once.
const TEXT_MAX: usize = 4_096;

impl State {
    pub(crate) fn key(&self, bot: i64, user: i64) -> Result<ChatKey, SimError> {
        if !self.users.contains_key(&user) {
            return Err(SimError::UnknownUser(user));
        }
        if !self.bots.contains_key(&bot) {
            return Err(SimError::UnknownBot(bot.to_string()));
        }
        Ok(ChatKey::Private { bot, user })
    }

    /// Presses Start, with or without the payload of a deep link. It unblocks, as Telegram's "Restart bot" does.
    pub(crate) fn press_start(&mut self, bot: i64, user: i64, payload: Option<&str>) -> Result<Message, SimError> {
        let key = self.key(bot, user)?;
        let text = match payload {
            None => "/start".to_owned(),
            Some(payload) if links::is_start_payload(payload) => format!("/start {payload}"),
            Some(payload) => return Err(SimError::BadPayload(payload.to_owned())),
        };
        if self.chat(key).blocked {
            self.set_blocked(bot, user, false)?;
        }
        Ok(self.user_says(bot, user, &text))
    }

    pub(crate) fn send_text(&mut self, bot: i64, user: i64, text: &str) -> Result<Message, SimError> {
        let key = self.key(bot, user)?;
        let text = text.trim();
        if text.is_empty() || utf16_len(text) > TEXT_MAX {
            return Err(SimError::BadText);
        }
        if self.chat(key).blocked {
            return Err(SimError::Blocked);
        }
        Ok(self.user_says(bot, user, text))
    }

    /// Adds a user's text to the chat and tells the bot.
    pub(crate) fn user_says(&mut self, bot: i64, user: i64, text: &str) -> Message {
        let content = Content { text: text.to_owned(), entities: detect(text), ..Content::default() };
        self.user_posts(bot, user, content, None)
    }

    fn user_posts(&mut self, bot: i64, user: i64, content: Content, service: Option<String>) -> Message {
        let key = ChatKey::Private { bot, user };
        if service.is_none() {
            self.chat(key).started = true;
        }
        let message = self.append(key, Draft { content, service, ..Draft::default() });
        let update = self.message_to_api(bot, &message);
        self.push_update(bot, "message", &update);
        message
    }

    /// Sends a message with any fields of the Bot API: those that are given stand in the update as they are.
    pub(crate) fn send_message(
        &mut self,
        bot: i64,
        user: i64,
        fields: &Map<String, Value>,
    ) -> Result<Message, SimError> {
        let key = self.key(bot, user)?;
        if self.chat(key).blocked {
            return Err(SimError::Blocked);
        }
        let text = ["text", "caption"].iter().find_map(|name| fields.get(*name)?.as_str()).unwrap_or_default();
        let topic = fields.get("message_thread_id").and_then(Value::as_i64);
        let chat = self.chat(key);
        chat.started = true;
        chat.topics.extend(topic);
        let content = Content { text: text.to_owned(), ..Content::default() };
        let message = self.append(key, Draft { content, topic, ..Draft::default() });
        let mut update = self.message_to_api(bot, &message);
        merge(&mut update, fields);
        self.push_update(bot, "message", &update);
        Ok(message)
    }

    /// Opens a topic of a chat, or deletes it with `open` false.
    pub(crate) fn set_topic(&mut self, bot: i64, user: i64, topic: i64, open: bool) -> Result<(), SimError> {
        let key = self.key(bot, user)?;
        let topics = &mut self.chat(key).topics;
        if open {
            topics.insert(topic);
        } else {
            topics.remove(&topic);
        }
        Ok(())
    }

    /// Sends a video to the bot, as a seller does who wants its `file_id`.
    pub(crate) fn send_video(&mut self, bot: i64, user: i64, spec: FileSpec) -> Result<PostedVideo, SimError> {
        let key = self.key(bot, user)?;
        if self.chat(key).blocked {
            return Err(SimError::Blocked);
        }
        let kind = spec.kind;
        let unique = self.files.add(spec);
        let media = Some(Media { kind, file_unique_id: unique.clone(), has_spoiler: false });
        let message = self.user_posts(bot, user, Content { media, ..Content::default() }, None);
        let file_ids = [(bot, self.files.id_for(bot, &unique))].into();
        Ok(PostedVideo { chat_id: user, message_id: message.message_id, file_unique_id: unique, file_ids })
    }

    /// Posts a video into a channel; each bot of the channel learns of it by its own `file_id`.
    pub(crate) fn post_video(&mut self, channel: i64, caption: &str, spec: FileSpec) -> Result<PostedVideo, SimError> {
        let members = self.channels.get(&channel).cloned().ok_or(SimError::UnknownChannel(channel))?;
        let kind = spec.kind;
        let unique = self.files.add(spec);
        let content = Content {
            text: caption.to_owned(),
            entities: detect(caption),
            media: Some(Media { kind, file_unique_id: unique.clone(), has_spoiler: false }),
            ..Content::default()
        };
        let message = self.append(ChatKey::Channel(channel), Draft { content, ..Draft::default() });
        let mut file_ids = std::collections::BTreeMap::new();
        for bot in self.bots.keys().copied().filter(|bot| members.has(*bot)).collect::<Vec<_>>() {
            file_ids.insert(bot, self.files.id_for(bot, &unique));
            let update = self.message_to_api(bot, &message);
            self.push_update(bot, "channel_post", &update);
        }
        Ok(PostedVideo { chat_id: channel, message_id: message.message_id, file_unique_id: unique, file_ids })
    }

    /// Blocks or unblocks the bot, which is told of a change.
    pub(crate) fn set_blocked(&mut self, bot: i64, user: i64, blocked: bool) -> Result<(), SimError> {
        let key = self.key(bot, user)?;
        if std::mem::replace(&mut self.chat(key).blocked, blocked) == blocked {
            return Ok(());
        }
        let (Some(person), Some(me)) = (self.users.get(&user), self.bots.get(&bot)) else {
            return Ok(());
        };
        let member = |status: &str| {
            let mut member = json!({"user": me.to_user(), "status": status});
            if let (Some(member), "kicked") = (member.as_object_mut(), status) {
                member.insert("until_date".into(), json!(0));
            }
            member
        };
        let (before, after) = if blocked { ("member", "kicked") } else { ("kicked", "member") };
        let update = json!({
            "chat": person.to_chat(), "from": person.to_api(), "date": self.now(),
            "old_chat_member": member(before), "new_chat_member": member(after),
        });
        self.push_update(bot, "my_chat_member", &update);
        Ok(())
    }

    /// Allows the bot to write, as the answer to `requestWriteAccess`; the bot is told by a service message.
    pub(crate) fn allow_write(&mut self, bot: i64, user: i64) -> Result<(), SimError> {
        let key = self.key(bot, user)?;
        let chat = self.chat(key);
        let news = !(chat.started || chat.write_access) || chat.blocked;
        chat.write_access = true;
        chat.blocked = false;
        if news {
            self.user_posts(bot, user, Content::default(), Some("write_access_allowed".into()));
        }
        Ok(())
    }

    /// Presses a callback button of a message that the bot gets with these fields in place of its own.
    pub(crate) fn press_button_of(
        &mut self,
        bot: i64,
        user: i64,
        message_id: i64,
        label: &str,
        fields: &Map<String, Value>,
    ) -> Result<String, SimError> {
        let key = self.key(bot, user)?;
        let message = self.chat(key).find(message_id).map(|message| message.clone());
        let message = message.ok_or(SimError::NoSuchMessage(message_id))?;
        match message.button(label).map(|button| &button.action) {
            Some(ButtonAction::Callback(data)) => Ok(self.query(bot, user, &message, data, fields)),
            _ => Err(SimError::NoSuchButton(label.to_owned())),
        }
    }

    /// Presses a button under a message.
    pub(crate) fn press_button(
        &mut self,
        bot: i64,
        user: i64,
        message_id: i64,
        label: &str,
        dark: bool,
    ) -> Result<Pressed, SimError> {
        let key = self.key(bot, user)?;
        let message = self.chat(key).find(message_id).map(|message| message.clone());
        let message = message.ok_or(SimError::NoSuchMessage(message_id))?;
        let button = message.button(label).cloned().ok_or_else(|| SimError::NoSuchButton(label.to_owned()))?;
        match button.action {
            ButtonAction::Callback(data) => {
                Ok(Pressed::Callback { query_id: self.query(bot, user, &message, &data, &Map::new()) })
            }
            ButtonAction::Url(url) => Ok(Pressed::Url { link: links::Link::parse(&url), url }),
            ButtonAction::WebApp(url) => {
                let launch = self.launch(bot, user, &url, None, dark);
                Ok(Pressed::WebApp { launch })
            }
            ButtonAction::CopyText(text) => Ok(Pressed::Copied { text }),
            ButtonAction::Pay => Err(SimError::NoSuchButton(label.to_owned())),
        }
    }

    fn query(&mut self, bot: i64, user: i64, message: &Message, data: &str, fields: &Map<String, Value>) -> String {
        let serial = self.next_serial();
        let query_id = format!("{}{:010}", user % 900_000_000 + 100_000_000, serial);
        let pressed_at = self.now();
        self.remember_callback(Callback { query_id: query_id.clone(), bot, user, date: pressed_at, answer: None });
        let mut shown = self.message_to_api(bot, message);
        merge(&mut shown, fields);
        let update = json!({
            "id": query_id,
            "from": self.users.get(&user).map(super::model::User::to_api),
            "message": shown,
            "chat_instance": chat_instance(bot, user),
            "data": data,
        });
        self.push_update(bot, "callback_query", &update);
        query_id
    }

    /// Marks a bot as changed, for what shows in each of its chats.
    pub(crate) fn touch_bot(&mut self, bot: i64) {
        let revision = self.revision + 1;
        if let Some(bot) = self.bots.get_mut(&bot) {
            bot.revision = revision;
        }
    }

    /// Marks all bots as changed, for what shows in every chat.
    pub(crate) fn touch_all(&mut self) {
        let revision = self.revision + 1;
        for bot in self.bots.values_mut() {
            bot.revision = revision;
        }
    }
}

/// Puts fields into an object; null takes one out.
fn merge(object: &mut Value, fields: &Map<String, Value>) {
    let Some(object) = object.as_object_mut() else {
        return;
    };
    for (name, value) in fields {
        if value.is_null() {
            object.remove(name);
        } else {
            object.insert(name.clone(), value.clone());
        }
    }
}

/// A number that stands for the chat of a bot and a user, the same in every launch and callback.
pub(crate) fn chat_instance(bot: i64, user: i64) -> String {
    let digest = digest(&["chat", &bot.to_string(), &user.to_string()]);
    let number = digest.iter().take(8).fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte));
    (number >> 1).to_string()
}
