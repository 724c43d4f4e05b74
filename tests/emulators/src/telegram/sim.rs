//! The users' side of the emulated Telegram, for tests in the same process.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Shared;
use super::fault::Fault;
use super::launch::Launch;
use super::links::Link;
use super::model::{Channel, FileSpec, Message, User};
use super::sim_user::SimUser;
use super::state::{Call, Callback, CallbackAnswer, ChatKey, State};
use super::views::BotView;

/// Why a user could not do something.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SimError {
    /// There is no user with this id.
    #[error("there is no user {0}: create it first")]
    UnknownUser(i64),
    /// There is no bot with this id or username.
    #[error("there is no bot {0}")]
    UnknownBot(String),
    /// There is no channel with this id.
    #[error("there is no channel {0}: create it first")]
    UnknownChannel(i64),
    /// The payload of a link has other characters than `A-Za-z0-9_-`, or too many.
    #[error("{0:?} can't be the payload of a link: use A-Z a-z 0-9 _ -, at most 64 for start and 512 for startapp")]
    BadPayload(String),
    /// A text is empty or longer than 4,096 UTF-16 units.
    #[error("a text needs 1 to 4096 characters")]
    BadText,
    /// The user has blocked the bot.
    #[error("the user has blocked the bot: unblock it first")]
    Blocked,
    /// The chat has no such message, or it was deleted.
    #[error("the chat has no message {0}")]
    NoSuchMessage(i64),
    /// The message has no such button.
    #[error("the message has no button {0:?}")]
    NoSuchButton(String),
    /// The bot has neither a web app on its menu button nor a Main Mini App.
    #[error("the bot has no Mini App: set its menu button or its main app")]
    NoMiniApp,
    /// What was waited for did not happen in time.
    #[error("{what} did not happen within {deadline_ms} ms")]
    Timeout {
        /// What was waited for, and what there was instead.
        what: String,
        /// How long, in milliseconds.
        deadline_ms: u128,
    },
}

/// What came of pressing a button.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Pressed {
    /// A callback query went to the bot.
    Callback {
        /// Its id, for [`Sim::wait_for_answer`].
        query_id: String,
    },
    /// A link was opened.
    Url {
        /// The address on the button.
        url: String,
        /// What it leads to inside Telegram.
        link: Link,
    },
    /// A Mini App was opened.
    WebApp {
        /// How.
        launch: Launch,
    },
    /// A text was copied.
    Copied {
        /// The text.
        text: String,
    },
}

/// How a Mini App is opened, other than by a button under a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "source", rename_all = "snake_case")]
pub enum Source {
    /// By the chat's menu button.
    Menu,
    /// By `https://t.me/{bot}?startapp={start_param}`.
    Link {
        /// The payload, empty for none.
        #[serde(default)]
        start_param: String,
    },
}

/// A video that a person posted, and how bots may name it.
#[derive(Clone, Debug, Serialize)]
pub struct PostedVideo {
    /// The chat it is in, for `copyMessage`.
    pub chat_id: i64,
    /// Its message there, for `copyMessage`.
    pub message_id: i64,
    /// The id that is the same for all bots.
    pub file_unique_id: String,
    /// The `file_id` of each bot that saw it.
    pub file_ids: BTreeMap<i64, String>,
}

/// The users' side: acts as them, looks at what was sent, and schedules faults.
#[derive(Clone, Debug)]
pub struct Sim {
    pub(crate) shared: Arc<Shared>,
}

impl Sim {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// Acts as this user, who need not exist yet.
    #[must_use]
    pub fn user(&self, id: i64) -> SimUser {
        SimUser { sim: self.clone(), id }
    }

    /// Adds a user, or replaces the one with the same id.
    #[expect(clippy::must_use_candidate, reason = "the user is added whether or not the caller acts as it at once")]
    pub fn add_user(&self, user: User) -> SimUser {
        let id = user.id;
        self.shared.write(|state| {
            state.users.insert(id, user);
            state.touch_all();
        });
        self.user(id)
    }

    /// All users, by id.
    #[must_use]
    pub fn users(&self) -> Vec<User> {
        self.shared.read(|state| state.users.values().cloned().collect())
    }

    /// All bots, by id.
    #[must_use]
    pub fn bots(&self) -> Vec<BotView> {
        self.shared.read(|state| state.bots.keys().filter_map(|bot| state.bot_view(*bot, None)).collect())
    }

    /// The id of the bot with this username.
    pub fn bot(&self, username: &str) -> Result<i64, SimError> {
        let found = self.shared.read(|state| state.bot_by_username(username));
        found.ok_or_else(|| SimError::UnknownBot(username.to_owned()))
    }

    /// Sets the Main Mini App of a bot, the one that `?startapp=` opens, as one does with `@BotFather`.
    pub fn set_main_mini_app(&self, bot: i64, url: &str) -> Result<(), SimError> {
        self.shared.write(|state| {
            let bot = state.bots.get_mut(&bot).ok_or_else(|| SimError::UnknownBot(bot.to_string()))?;
            bot.config.mini_app_url = Some(url.to_owned());
            Ok(())
        })
    }

    /// Adds a channel, or replaces the one with the same id.
    pub fn add_channel(&self, channel: Channel) {
        self.shared.write(|state| state.channels.insert(channel.id, channel));
    }

    /// Posts a video into a channel.
    pub fn post_video(&self, channel: i64, caption: &str, spec: FileSpec) -> Result<PostedVideo, SimError> {
        self.shared.write(|state| state.post_video(channel, caption, spec))
    }

    /// The messages of a channel, oldest first.
    #[must_use]
    pub fn channel_messages(&self, channel: i64) -> Vec<Message> {
        self.shared.read(|state| {
            state
                .chats
                .get(&ChatKey::Channel(channel))
                .map(|chat| chat.messages.iter().cloned().collect())
                .unwrap_or_default()
        })
    }

    /// Makes a file known to a bot by a `file_id` of the caller's choice. Returns its unique id.
    pub fn register_file(&self, bot: i64, file_id: &str, spec: FileSpec) -> String {
        self.shared.write(|state| state.files.register(bot, file_id, spec))
    }

    /// The bytes of a file that a bot uploaded, by its unique id; none where it was sent by address or `file_id`, or is
    /// no longer kept.
    #[must_use]
    pub fn file_bytes(&self, file_unique_id: &str) -> Option<Bytes> {
        self.shared.read(|state| state.files.contents(file_unique_id)).map(|(bytes, _)| bytes)
    }

    /// Schedules a fault. Faults are met in the order in which they were scheduled.
    pub fn fault(&self, fault: Fault) {
        self.shared.write(|state| state.faults.push(fault));
    }

    /// The faults still to be met.
    #[must_use]
    pub fn faults(&self) -> Vec<Fault> {
        self.shared.read(|state| state.faults.clone())
    }

    /// Calls off all faults.
    pub fn clear_faults(&self) {
        self.shared.write(|state| state.faults.clear());
    }

    /// The calls made so far, oldest first.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.shared.read(|state| state.calls.iter().cloned().collect())
    }

    /// Forgets the calls made so far.
    pub fn clear_calls(&self) {
        self.shared.write(|state| state.calls.clear());
    }

    /// Waits for a call of the Bot API, looking at those made before as well.
    pub async fn wait_for_call(&self, predicate: impl Fn(&Call) -> bool, deadline: Duration) -> Result<Call, SimError> {
        self.wait("the call", deadline, |state| state.calls.iter().find(|call| predicate(call)).cloned()).await
    }

    /// How many updates wait for the bot to fetch or to accept them.
    #[must_use]
    pub fn pending_updates(&self, bot: i64) -> usize {
        self.shared.read(|state| state.bots.get(&bot).map_or(0, |bot| bot.updates.len()))
    }

    /// Waits until the bot has confirmed every update.
    pub async fn wait_until_idle(&self, bot: i64, deadline: Duration) -> Result<(), SimError> {
        self.wait("the bot's confirming of all updates", deadline, |state| {
            state.bots.get(&bot).is_some_and(|bot| bot.updates.is_empty()).then_some(())
        })
        .await
    }

    /// Puts an update of any kind into a bot's queue, for what the emulator has no action for.
    pub fn push_update(&self, bot: i64, kind: &str, content: &Value) {
        self.shared.write(|state| state.push_update(bot, kind, content));
    }

    /// A callback query.
    #[must_use]
    pub fn callback(&self, query_id: &str) -> Option<Callback> {
        self.shared.read(|state| state.callbacks.iter().find(|callback| callback.query_id == query_id).cloned())
    }

    /// Waits for the bot's answer to a callback query.
    pub async fn wait_for_answer(&self, query_id: &str, deadline: Duration) -> Result<CallbackAnswer, SimError> {
        self.wait("the answer to the callback query", deadline, |state| {
            state.callbacks.iter().find(|callback| callback.query_id == query_id)?.answer.clone()
        })
        .await
    }

    /// The public half of the key that signs launches for third parties, as 64 hexadecimal digits.
    #[must_use]
    pub fn public_key(&self) -> String {
        self.shared.read(|state| super::launch::hex(state.signing_key.verifying_key().as_bytes()))
    }

    pub(crate) async fn wait<T>(
        &self,
        what: &str,
        deadline: Duration,
        look: impl FnMut(&State) -> Option<T>,
    ) -> Result<T, SimError> {
        let found = self.shared.wait(deadline, look).await;
        found.ok_or_else(|| SimError::Timeout { what: what.to_owned(), deadline_ms: deadline.as_millis() })
    }
}
