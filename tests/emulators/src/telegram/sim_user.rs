//! One user of the emulated Telegram, to act as.

use std::time::Duration;

use serde_json::Value;

use super::launch::Launch;
use super::links::Link;
use super::model::{FileSpec, Message, User};
use super::sim::{PostedVideo, Pressed, Sim, SimError, Source};
use super::state::{ChatKey, MESSAGES_MAX, State};
use super::views::ChatView;

/// One user.
#[derive(Clone, Debug)]
pub struct SimUser {
    pub(crate) sim: Sim,
    pub(crate) id: i64,
}

impl SimUser {
    /// The Telegram id.
    #[must_use]
    pub fn id(&self) -> i64 {
        self.id
    }

    fn write<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        self.sim.shared.write(change)
    }

    /// Presses Start in the chat with a bot, with the payload of a deep link or without. It unblocks the bot.
    pub fn press_start(&self, bot: i64, payload: Option<&str>) -> Result<Message, SimError> {
        self.write(|state| state.press_start(bot, self.id, payload))
    }

    /// Writes to a bot.
    pub fn send_text(&self, bot: i64, text: &str) -> Result<Message, SimError> {
        self.write(|state| state.send_text(bot, self.id, text))
    }

    /// Sends a message with any fields of the Bot API, such as entities or media that the emulator has no model of. They
    /// stand in the update as they are; the history shows the text or caption alone.
    pub fn send_message(&self, bot: i64, fields: &Value) -> Result<Message, SimError> {
        let none = serde_json::Map::new();
        let fields = fields.as_object().unwrap_or(&none);
        self.write(|state| state.send_message(bot, self.id, fields))
    }

    /// Opens a topic of the chat with a bot whose owner has switched topics on.
    pub fn open_topic(&self, bot: i64, topic: i64) -> Result<(), SimError> {
        self.write(|state| state.set_topic(bot, self.id, topic, true))
    }

    /// Deletes a topic: what is sent there is refused.
    pub fn delete_topic(&self, bot: i64, topic: i64) -> Result<(), SimError> {
        self.write(|state| state.set_topic(bot, self.id, topic, false))
    }

    /// Presses a callback button of a message that the bot gets with these fields in place of its own; null takes one out.
    /// Answers the query's id.
    pub fn press_button_of(&self, bot: i64, message_id: i64, label: &str, fields: &Value) -> Result<String, SimError> {
        let none = serde_json::Map::new();
        let fields = fields.as_object().unwrap_or(&none);
        self.write(|state| state.press_button_of(bot, self.id, message_id, label, fields))
    }

    /// Sends a video to a bot.
    pub fn send_video(&self, bot: i64, spec: FileSpec) -> Result<PostedVideo, SimError> {
        self.write(|state| state.send_video(bot, self.id, spec))
    }

    /// Presses the button with this label under a message.
    pub fn press_button(&self, bot: i64, message_id: i64, label: &str) -> Result<Pressed, SimError> {
        self.write(|state| state.press_button(bot, self.id, message_id, label, false))
    }

    /// The messages of the chat with a bot, oldest first, both sides, deleted ones marked.
    pub fn messages(&self, bot: i64) -> Result<Vec<Message>, SimError> {
        Ok(self.chat(bot)?.messages)
    }

    /// The chat with a bot.
    pub fn chat(&self, bot: i64) -> Result<ChatView, SimError> {
        self.sim.shared.read(|state| state.chat_view(bot, self.id, MESSAGES_MAX))
    }

    /// Waits for a message from the bot, looking at those sent before as well, the newest first.
    pub async fn wait_for_message(
        &self,
        bot: i64,
        predicate: impl Fn(&Message) -> bool,
        deadline: Duration,
    ) -> Result<Message, SimError> {
        let key = ChatKey::Private { bot, user: self.id };
        let found = self
            .sim
            .wait("the message", deadline, |state| {
                let messages = state.chats.get(&key)?.messages.iter().rev();
                messages
                    .filter(|message| message.from_bot && !message.deleted)
                    .find(|message| predicate(message))
                    .cloned()
            })
            .await;
        found.map_err(|error| self.with_last_message(bot, error))
    }

    /// Adds to a timeout what the chat ended with, which tells most about what went wrong.
    fn with_last_message(&self, bot: i64, error: SimError) -> SimError {
        let SimError::Timeout { what, deadline_ms } = error else {
            return error;
        };
        let last =
            self.messages(bot).ok().and_then(|messages| messages.last().map(|message| message.content.text.clone()));
        SimError::Timeout { what: format!("{what} (the chat ends with {last:?})"), deadline_ms }
    }

    /// Opens the Mini App from the chat's menu button.
    pub fn open_mini_app(&self, bot: i64) -> Result<Launch, SimError> {
        self.write(|state| state.open_mini_app(bot, self.id, &Source::Menu, false))
    }

    /// Opens the Mini App by `https://t.me/{bot}?startapp={start_param}`.
    pub fn open_mini_app_link(&self, bot: i64, start_param: &str) -> Result<Launch, SimError> {
        let source = Source::Link { start_param: start_param.to_owned() };
        self.write(|state| state.open_mini_app(bot, self.id, &source, false))
    }

    /// Opens a `https://t.me/{bot}?start=…` link and presses Start there. Returns the bot's id.
    pub fn follow_link(&self, url: &str) -> Result<i64, SimError> {
        let Link::Chat { username, payload } = Link::parse(url) else {
            return Err(SimError::BadPayload(url.to_owned()));
        };
        let bot = self.sim.bot(&username)?;
        self.press_start(bot, payload.as_deref())?;
        Ok(bot)
    }

    /// Blocks a bot.
    pub fn block(&self, bot: i64) -> Result<(), SimError> {
        self.write(|state| state.set_blocked(bot, self.id, true))
    }

    /// Unblocks a bot without writing to it.
    pub fn unblock(&self, bot: i64) -> Result<(), SimError> {
        self.write(|state| state.set_blocked(bot, self.id, false))
    }

    /// Allows a bot to write, as the answer to `requestWriteAccess`.
    pub fn allow_write(&self, bot: i64) -> Result<(), SimError> {
        self.write(|state| state.allow_write(bot, self.id))
    }

    /// Deletes the account: bots get 403 from now on.
    pub fn deactivate(&self) -> Result<(), SimError> {
        self.change(|user| user.is_deactivated = true)
    }

    /// Changes what is known of the user, such as the language.
    pub fn change(&self, change: impl FnOnce(&mut User)) -> Result<(), SimError> {
        self.write(|state| {
            change(state.users.get_mut(&self.id).ok_or(SimError::UnknownUser(self.id))?);
            state.touch_all();
            Ok(())
        })
    }
}
