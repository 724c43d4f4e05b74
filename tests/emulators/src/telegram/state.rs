//! All that the emulated Telegram remembers, behind one lock.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use chrono::{DateTime, Utc};
use ed25519_dalek::SigningKey;
use serde::Serialize;
use serde_json::{Value, json};

use crate::clock::Clock;
use crate::shared::Revised;

use super::config::{Rules, TelegramConfig};
use super::error::ApiError;
use super::fault::Fault;
use super::files::Files;
use super::launch::digest;
use super::limits::Limits;
use super::model::{BotConfig, Channel, Content, Message, User};

/// How many messages of a chat are kept; the oldest go first.
pub const MESSAGES_MAX: usize = 2_000;
/// How many calls are kept in the log; the oldest go first.
pub const CALLS_MAX: usize = 20_000;
/// How many updates wait for a bot; the oldest go first, as Telegram's do after a day.
const UPDATES_MAX: usize = 20_000;
/// How many callback queries are remembered.
const CALLBACKS_MAX: usize = 5_000;
/// How many versions of an edited message are kept.
const EARLIER_MAX: usize = 20;

/// A conversation: a bot with a user, or a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum ChatKey {
    Private { bot: i64, user: i64 },
    Channel(i64),
}

/// What a conversation holds, and how user and bot stand to each other.
#[derive(Debug, Default)]
pub(crate) struct Chat {
    pub messages: VecDeque<Message>,
    /// The revision of the state when this chat last changed.
    pub revision: u64,
    pub started: bool,
    pub blocked: bool,
    pub write_access: bool,
    /// The last `sendChatAction`, and when.
    pub action: Option<(String, DateTime<Utc>)>,
    /// The topics that there are, where the bot's owner has switched them on.
    pub topics: BTreeSet<i64>,
}

impl Chat {
    pub(crate) fn find(&mut self, message_id: i64) -> Option<&mut Message> {
        self.messages.iter_mut().find(|message| message.message_id == message_id && !message.deleted)
    }
}

/// A webhook that a bot has set.
#[derive(Clone, Debug)]
pub(crate) struct Webhook {
    pub url: String,
    pub secret_token: Option<String>,
    pub max_connections: i64,
    pub last_error: Option<(i64, String)>,
}

/// A bot and what is kept for it.
#[derive(Debug)]
pub(crate) struct Bot {
    pub config: BotConfig,
    pub next_message_id: i64,
    pub next_update_id: i64,
    pub updates: VecDeque<(i64, Value)>,
    /// The kinds of update that the bot wants; none means the usual ones.
    pub allowed_updates: Option<Vec<String>>,
    /// Goes up with each `getUpdates`, so that an older one learns that it was replaced.
    pub poll: u64,
    pub webhook: Option<Webhook>,
    /// Commands by scope and language, both as text.
    pub commands: BTreeMap<(String, String), Value>,
    /// The menu button for all, and for single users.
    pub menu_button: Value,
    pub menu_buttons: HashMap<i64, Value>,
    /// The revision of the state when something changed that shows in all of its chats.
    pub revision: u64,
}

/// A callback query and its answer.
#[derive(Clone, Debug, Serialize)]
pub struct Callback {
    /// Its id.
    pub query_id: String,
    /// The bot it was sent to.
    pub bot: i64,
    /// Who pressed.
    pub user: i64,
    /// When, in Unix seconds.
    pub date: i64,
    /// The bot's answer.
    pub answer: Option<CallbackAnswer>,
}

/// What a bot answered to a callback query.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CallbackAnswer {
    /// What is shown, if anything.
    pub text: Option<String>,
    /// Whether it is shown in a window that must be closed, rather than passing by.
    pub show_alert: bool,
    /// A link to open.
    pub url: Option<String>,
}

/// A call of the Bot API, as it stands in the log.
#[derive(Clone, Debug, Serialize)]
pub struct Call {
    /// Counts up from 1 over all bots.
    pub number: u64,
    /// The bot.
    pub bot: i64,
    /// The method, in lower case.
    pub method: String,
    /// The chat that it names.
    pub chat_id: Option<i64>,
    /// All parameters; of uploads only name, type and size.
    pub params: Value,
    /// When it arrived, by the emulator's clock.
    pub at: DateTime<Utc>,
    /// When it arrived, in milliseconds since the emulator started, by a clock that only goes forward.
    pub elapsed_ms: u64,
    /// The status of the answer; 0 where none was sent.
    pub status: u16,
    /// The `description` of a refusal.
    pub description: Option<String>,
    /// The `result`, also where its answer was lost on the way.
    pub result: Option<Value>,
    /// The fault that met it.
    pub fault: Option<Fault>,
}

/// Everything.
#[derive(Debug)]
pub(crate) struct State {
    pub rules: Rules,
    pub clock: Clock,
    pub signing_key: SigningKey,
    pub revision: u64,
    pub bots: BTreeMap<i64, Bot>,
    pub users: BTreeMap<i64, User>,
    pub channels: BTreeMap<i64, Channel>,
    pub chats: HashMap<ChatKey, Chat>,
    pub channel_message_ids: HashMap<i64, i64>,
    pub files: Files,
    pub limits: Limits,
    pub calls: VecDeque<Call>,
    pub faults: Vec<Fault>,
    pub callbacks: VecDeque<Callback>,
    pub web_app_queries: VecDeque<(String, i64, i64)>,
    pub serial: u64,
}

impl State {
    pub(crate) fn new(config: TelegramConfig) -> Self {
        let bots = config.bots.into_iter().map(|bot| (bot.id(), Bot::new(bot))).collect();
        Self {
            rules: config.rules,
            clock: config.clock,
            signing_key: config.signing_key,
            revision: 0,
            bots,
            users: config.users.into_iter().map(|user| (user.id, user)).collect(),
            channels: config.channels.into_iter().map(|channel| (channel.id, channel)).collect(),
            chats: HashMap::new(),
            channel_message_ids: HashMap::new(),
            files: Files::default(),
            limits: Limits::default(),
            calls: VecDeque::new(),
            faults: Vec::new(),
            callbacks: VecDeque::new(),
            web_app_queries: VecDeque::new(),
            serial: 0,
        }
    }

    pub(crate) fn now(&self) -> i64 {
        self.clock.now().timestamp()
    }

    /// A number that no other thing of this emulator has.
    pub(crate) fn next_serial(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }

    pub(crate) fn bot(&mut self, bot: i64) -> Result<&mut Bot, ApiError> {
        self.bots.get_mut(&bot).ok_or_else(ApiError::unauthorized)
    }

    pub(crate) fn bot_by_token(&self, token: &str) -> Option<i64> {
        self.bots.iter().find(|(_, bot)| bot.config.token == token).map(|(id, _)| *id)
    }

    pub(crate) fn bot_by_username(&self, username: &str) -> Option<i64> {
        self.bots.iter().find(|(_, bot)| bot.config.username.eq_ignore_ascii_case(username)).map(|(id, _)| *id)
    }

    /// The chat, which is made where there was none, marked as changed.
    pub(crate) fn chat(&mut self, key: ChatKey) -> &mut Chat {
        let chat = self.chats.entry(key).or_default();
        // The lock's guard raises the revision after the change, hence one more.
        chat.revision = self.revision + 1;
        chat
    }

    /// Puts an update into the bot's queue, if the bot wants its kind.
    pub(crate) fn push_update(&mut self, bot: i64, kind: &str, content: &Value) {
        let Some(bot) = self.bots.get_mut(&bot) else {
            return;
        };
        let wanted = match &bot.allowed_updates {
            Some(kinds) => kinds.iter().any(|wanted| wanted == kind),
            None => !matches!(kind, "chat_member" | "message_reaction" | "message_reaction_count"),
        };
        if !wanted {
            return;
        }
        let update_id = bot.next_update_id;
        bot.next_update_id += 1;
        bot.updates.push_back((update_id, json!({"update_id": update_id, kind: content})));
        while bot.updates.len() > UPDATES_MAX {
            bot.updates.pop_front();
        }
    }

    /// Adds a message to a chat.
    pub(crate) fn append(&mut self, key: ChatKey, draft: Draft) -> Message {
        let message_id = match key {
            ChatKey::Private { bot, .. } => self.bots.get_mut(&bot).map_or(0, |bot| {
                bot.next_message_id += 1;
                bot.next_message_id
            }),
            ChatKey::Channel(channel) => {
                let id = self.channel_message_ids.entry(channel).or_default();
                *id += 1;
                *id
            }
        };
        let chat_id = match key {
            ChatKey::Private { user, .. } => user,
            ChatKey::Channel(channel) => channel,
        };
        let message = Message {
            message_id,
            chat_id,
            from_bot: draft.from_bot,
            date: self.now(),
            edit_date: None,
            content: draft.content,
            earlier: Vec::new(),
            protect_content: draft.protect_content,
            deleted: false,
            service: draft.service,
            topic: draft.topic,
        };
        let chat = self.chat(key);
        chat.messages.push_back(message.clone());
        while chat.messages.len() > MESSAGES_MAX {
            chat.messages.pop_front();
        }
        message
    }

    /// The message as a bot sees it.
    pub(crate) fn message_to_api(&mut self, bot: i64, message: &Message) -> Value {
        let mut value = json!({"message_id": message.message_id, "date": message.date});
        let Some(fields) = value.as_object_mut() else {
            return value;
        };
        let content = &message.content;
        if let Some(channel) = self.channels.get(&message.chat_id) {
            fields.insert("chat".into(), channel.to_chat());
            fields.insert("sender_chat".into(), channel.to_chat());
        } else if let Some(user) = self.users.get(&message.chat_id) {
            let from = if message.from_bot { self.bots.get(&bot).map(Bot::to_user) } else { Some(user.to_api()) };
            fields.insert("from".into(), json!(from));
            fields.insert("chat".into(), user.to_chat());
        }
        if let Some(edit_date) = message.edit_date {
            fields.insert("edit_date".into(), json!(edit_date));
        }
        if let Some(topic) = message.topic {
            fields.insert("message_thread_id".into(), json!(topic));
            fields.insert("is_topic_message".into(), json!(true));
        }
        if let Some(service) = &message.service {
            fields.insert(service.clone(), json!({"from_request": true}));
        }
        let (text, entities) = if let Some(media) = &content.media {
            fields.insert(media.kind.field().into(), self.files.describe(bot, media));
            if media.has_spoiler {
                fields.insert("has_media_spoiler".into(), json!(true));
            }
            ("caption", "caption_entities")
        } else {
            ("text", "entities")
        };
        if !content.text.is_empty() {
            fields.insert(text.into(), json!(content.text));
        }
        if !content.entities.is_empty() {
            fields.insert(entities.into(), json!(content.entities));
        }
        if message.protect_content {
            fields.insert("has_protected_content".into(), json!(true));
        }
        if !content.keyboard.is_empty() {
            let rows: Vec<Vec<Value>> =
                content.keyboard.iter().map(|row| row.iter().map(super::model::Button::to_api).collect()).collect();
            fields.insert("reply_markup".into(), json!({"inline_keyboard": rows}));
        }
        value
    }

    /// Replaces what a message says, keeping what it said before.
    pub(crate) fn replace(&mut self, key: ChatKey, message_id: i64, content: Content) -> Option<Message> {
        let now = self.now();
        let message = self.chat(key).find(message_id)?;
        message.earlier.push(std::mem::replace(&mut message.content, content));
        if message.earlier.len() > EARLIER_MAX {
            message.earlier.remove(0);
        }
        message.edit_date = Some(now);
        Some(message.clone())
    }

    pub(crate) fn remember_callback(&mut self, callback: Callback) {
        self.callbacks.push_back(callback);
        while self.callbacks.len() > CALLBACKS_MAX {
            self.callbacks.pop_front();
        }
    }

    pub(crate) fn log(&mut self, call: Call) {
        self.calls.push_back(call);
        while self.calls.len() > CALLS_MAX {
            self.calls.pop_front();
        }
    }

    /// Takes the first fault that meets a call, and counts it down.
    pub(crate) fn take_fault(&mut self, bot: i64, method: &str, chat_id: Option<i64>) -> Option<Fault> {
        let fault = self.faults.iter_mut().find(|fault| fault.meets(bot, method, chat_id))?;
        fault.times = fault.times.saturating_sub(1);
        let taken = fault.clone();
        self.faults.retain(|fault| fault.times > 0);
        Some(taken)
    }
}

impl Revised for State {
    fn revision(&mut self) -> &mut u64 {
        &mut self.revision
    }
}

/// A message to be.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    pub from_bot: bool,
    pub content: Content,
    pub protect_content: bool,
    pub service: Option<String>,
    pub topic: Option<i64>,
}

impl Bot {
    fn new(config: BotConfig) -> Self {
        // Telegram's update ids start anywhere; a high first one finds whoever keeps them in 32 signed bits.
        let start = digest(&["update", &config.token]).first().copied().map_or(0, i64::from);
        Self {
            config,
            next_message_id: 0,
            next_update_id: 700_000_000 + start * 1_000,
            updates: VecDeque::new(),
            allowed_updates: None,
            poll: 0,
            webhook: None,
            commands: BTreeMap::new(),
            menu_button: json!({"type": "commands"}),
            menu_buttons: HashMap::new(),
            revision: 0,
        }
    }

    pub(crate) fn to_user(&self) -> Value {
        json!({"id": self.config.id(), "is_bot": true, "first_name": self.config.name, "username": self.config.username})
    }
}
