//! Bots and chats as a user's app shows them.

use std::collections::BTreeMap;

use chrono::Duration;
use serde::Serialize;
use serde_json::{Value, json};

use super::model::{BotRole, FileSpec, Message, User};
use super::sim::SimError;
use super::state::{Chat, State};

/// How long "typing" is shown after a `sendChatAction`, in seconds.
const ACTION_SECONDS: i64 = 5;

/// What everyone may see of a bot.
#[derive(Clone, Debug, Serialize)]
pub struct BotView {
    /// Its id.
    pub id: i64,
    /// Its username without `@`.
    pub username: String,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub role: BotRole,
}

/// A chat as the user's app shows it.
#[derive(Clone, Debug, Serialize)]
pub struct ChatView {
    /// The bot.
    pub bot: BotView,
    /// The user.
    pub user: User,
    /// Goes up when the chat changes.
    pub revision: u64,
    /// Whether the user has ever written to the bot.
    pub started: bool,
    /// Whether the user has blocked the bot.
    pub blocked: bool,
    /// Whether the user allowed the bot to write by `requestWriteAccess`.
    pub write_access: bool,
    /// What the bot is doing, from `sendChatAction` in the last seconds.
    pub action: Option<String>,
    /// The menu button, as in the Bot API.
    pub menu_button: Value,
    /// The commands offered, as in the Bot API.
    pub commands: Value,
    /// The newest messages, oldest first; deleted ones are marked.
    pub messages: Vec<Message>,
    /// What is known of the messages' files, by unique id.
    pub files: BTreeMap<String, FileSpec>,
}

impl State {
    pub(crate) fn menu_button(&self, bot: i64, user: i64) -> Value {
        let Some(bot) = self.bots.get(&bot) else {
            return Value::Null;
        };
        bot.menu_buttons
            .get(&user)
            .filter(|button| button.get("type").and_then(Value::as_str) != Some("default"))
            .unwrap_or(&bot.menu_button)
            .clone()
    }

    /// A bot as the user's app shows it, or anybody's.
    pub(crate) fn bot_view(&self, bot: i64, user: Option<i64>) -> Option<BotView> {
        let config = &self.bots.get(&bot)?.config;
        let language = user.map(|user| self.language(user)).unwrap_or_default();
        let name = config.name_by_language.get(&language).unwrap_or(&config.name).clone();
        Some(BotView { id: bot, username: config.username.clone(), name, role: config.role })
    }

    /// The language of a user's app, without its region.
    fn language(&self, user: i64) -> String {
        let language = self.users.get(&user).and_then(|user| user.language_code.as_deref()).unwrap_or_default();
        language.split('-').next().unwrap_or_default().to_owned()
    }

    /// A chat as the user's app shows it, with its newest messages.
    pub(crate) fn chat_view(&self, bot: i64, user: i64, limit: usize) -> Result<ChatView, SimError> {
        let key = self.key(bot, user)?;
        let empty = Chat::default();
        let chat = self.chats.get(&key).unwrap_or(&empty);
        let skip = chat.messages.len().saturating_sub(limit);
        let messages: Vec<Message> = chat.messages.iter().skip(skip).cloned().collect();
        let files = messages
            .iter()
            .filter_map(|message| message.content.media.as_ref())
            .filter_map(|media| Some((media.file_unique_id.clone(), self.files.spec(&media.file_unique_id)?.clone())))
            .collect();
        let now = self.clock.now();
        let action = chat.action.as_ref().filter(|(_, at)| now - *at < Duration::seconds(ACTION_SECONDS));
        Ok(ChatView {
            bot: self.bot_view(bot, Some(user)).ok_or_else(|| SimError::UnknownBot(bot.to_string()))?,
            user: self.users.get(&user).cloned().ok_or(SimError::UnknownUser(user))?,
            revision: chat.revision,
            started: chat.started,
            blocked: chat.blocked,
            write_access: chat.write_access,
            action: action.map(|(action, _)| action.clone()),
            menu_button: self.menu_button(bot, user),
            commands: self.commands(bot, user),
            messages,
            files,
        })
    }

    /// The commands that the user is offered: the narrowest scope first, the user's language before none.
    fn commands(&self, bot: i64, user: i64) -> Value {
        let language = self.language(user);
        let Some(bot) = self.bots.get(&bot) else {
            return json!([]);
        };
        for scope in [format!("chat:{user}"), "all_private_chats:".to_owned(), "default:".to_owned()] {
            for language in [language.clone(), String::new()] {
                if let Some(commands) = bot.commands.get(&(scope.clone(), language)) {
                    return commands.clone();
                }
            }
        }
        json!([])
    }
}
