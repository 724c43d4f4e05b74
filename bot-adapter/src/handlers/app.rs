//! What handlers share.

use std::{sync::Arc, time::Duration};

use reqwest::Url;
use teloxide::{
    payloads::SendMessage,
    types::{
        CallbackQuery, ChatId, InlineKeyboardButton, InlineKeyboardMarkup, ParseMode, ReplyMarkup, Update, UpdateKind,
        User, WebAppInfo,
    },
};
use tokio::time::sleep;
use tonic::Status;
use tracing::warn;
use uuid::Uuid;
use warung_proto::{
    ErrorReason,
    error::reason,
    identity::{ContactState, TelegramProfile},
};

use super::Flood;
use crate::{
    backoff::Backoff,
    callback::Callback,
    config::Limits,
    core::Core,
    deliver::mini_app_address,
    telegram::{CallError, Telegram, classify},
    words::{Key, Language, Words},
};

/// The namespace of request ids that come from updates.
const REQUEST_IDS: Uuid = Uuid::from_u128(0x77e7_2c1a_5c63_5d0e_9f5b_6a1d_0b07_7e1e);
/// How often an answer is sent while Telegram certainly did not take it.
const ANSWER_ATTEMPTS: u32 = 3;
/// The longest wait that an answer obeys; for more it is given up, as the user will have pressed again by then.
const ANSWER_WAIT_MAX: Duration = Duration::from_secs(5);

/// What handlers share.
pub(crate) struct App {
    pub telegram: Telegram,
    pub core: Core,
    pub words: Words,
    pub flood: Flood,
    pub name: String,
    pub store: String,
    pub mini_app_url: Option<Url>,
    pub seller_telegram_id: Option<i64>,
    pub default_language: Language,
    pub limits: Limits,
}

/// Why a handler did not finish.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The core refused, or could not answer.
    #[error("the core: {0}")]
    Core(Box<Status>),
    /// Telegram did not take an answer.
    #[error("Telegram: {0}")]
    Telegram(#[from] CallError),
}

impl From<Status> for Failure {
    fn from(status: Status) -> Self {
        Self::Core(Box::new(status))
    }
}

/// Makes the request ids of an update: the same for the same bot, update and step, so that a repeated update changes
/// nothing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RequestIds {
    bot_id: i64,
    pub update_id: u32,
}

impl RequestIds {
    pub(crate) fn new(bot_id: i64, update_id: u32) -> Self {
        Self { bot_id, update_id }
    }

    pub(super) fn of(self, step: &str) -> Uuid {
        Uuid::new_v5(&REQUEST_IDS, format!("{}:{}:{step}", self.bot_id, self.update_id).as_bytes())
    }
}

/// A user's Telegram id, which is the id of their chat with the bot too.
pub(super) fn telegram_id(user: &User) -> i64 {
    i64::try_from(user.id.0).unwrap_or_default()
}

impl App {
    /// Records what was learnt of a user; answers the language that Warung speaks with them.
    pub(super) async fn record(&self, ids: RequestIds, user: &User, state: ContactState) -> Result<Language, Failure> {
        let cut = |text: &str| text.chars().take(64).collect::<String>();
        let profile = TelegramProfile {
            telegram_id: telegram_id(user),
            first_name: cut(&user.first_name),
            last_name: user.last_name.as_deref().map(cut).unwrap_or_default(),
            username: user.username.clone().unwrap_or_default(),
            language_code: user.language_code.clone().unwrap_or_default(),
        };
        let response = self.core.record_contact(ids.of("contact"), profile, state).await?;
        let known = response.user.and_then(|user| Language::from_code(&user.language_code));
        Ok(known.unwrap_or_else(|| self.guess_language(user)))
    }

    /// Records that the user wrote or pressed something: the bot may write to them.
    pub(super) async fn greet(&self, ids: RequestIds, user: &User) -> Result<Language, Failure> {
        self.record(ids, user, ContactState::Open).await
    }

    /// The language to speak with somebody of whom the core said nothing.
    pub(super) fn guess_language(&self, user: &User) -> Language {
        user.language_code.as_deref().and_then(Language::from_tag).unwrap_or(self.default_language)
    }

    /// The words of a key, with the store's name at hand.
    pub(super) fn say(&self, language: Language, key: Key) -> String {
        self.words.html(language, key, &[("store", &self.store)])
    }

    /// Sends words and buttons to a user. A user who can't be written to any more needs none: that is no failure.
    pub(super) async fn send(&self, chat: i64, text: &str, keyboard: InlineKeyboardMarkup) -> Result<(), Failure> {
        let mut message = SendMessage::new(ChatId(chat), text);
        message.parse_mode = Some(ParseMode::Html);
        let has_buttons = keyboard.inline_keyboard.iter().any(|row| !row.is_empty());
        message.reply_markup = has_buttons.then_some(ReplyMarkup::InlineKeyboard(keyboard));
        let mut backoff = Backoff::new(&self.name, self.limits.pause_min, self.limits.pause_max);
        let mut attempt = 1;
        loop {
            let error = match self.telegram.send(&message).await {
                Ok(_) => return Ok(()),
                Err(error) if classify::is_blocked(&error) || classify::is_never_started(&error) => {
                    return Ok(());
                }
                Err(error) => error,
            };
            // Only what certainly did not arrive is sent again: one press has one answer.
            let pause = match &error {
                CallError::NotDone(_) | CallError::Refused { code: 500.., .. } => backoff.next(),
                CallError::Refused { code: 429, retry_after, .. } => retry_after.unwrap_or(Duration::from_secs(1)),
                _ => return Err(error.into()),
            };
            if attempt == ANSWER_ATTEMPTS || pause > ANSWER_WAIT_MAX {
                return Err(error.into());
            }
            attempt += 1;
            sleep(pause).await;
        }
    }

    /// Answers a callback query. One that is too old can't be answered, and nobody waits for that any more.
    pub(super) async fn answer(&self, query: &CallbackQuery, words: Option<String>) {
        if let Err(error) = self.telegram.answer_callback(&query.id.0, words, true).await {
            warn!(%error, "a callback query stays unanswered");
        }
    }

    /// The button that opens the Mini App, at a path behind its address.
    pub(super) fn open_button(&self, language: Language, label: Key, path: &str) -> Option<InlineKeyboardButton> {
        let url = mini_app_address(self.mini_app_url.as_ref()?, path)?;
        let label = self.words.plain(language, label, &[("store", &self.store)]);
        Some(InlineKeyboardButton::web_app(label, WebAppInfo { url }))
    }

    /// A button that comes back to the bot.
    pub(super) fn callback_button(&self, language: Language, label: Key, callback: &Callback) -> InlineKeyboardButton {
        InlineKeyboardButton::callback(self.words.plain(language, label, &[]), callback.to_string())
    }

    /// The buttons of the welcome: open the Mini App, help, language.
    pub(super) fn main_keyboard(&self, language: Language) -> InlineKeyboardMarkup {
        let open: Vec<_> = self.open_button(language, Key::ButtonOpen, "").into_iter().collect();
        let second = vec![
            self.callback_button(language, Key::ButtonHelp, &Callback::Help),
            self.callback_button(language, Key::ButtonLanguage, &Callback::Languages),
        ];
        InlineKeyboardMarkup::new([open, second].into_iter().filter(|row| !row.is_empty()))
    }

    /// The one button that opens the Mini App.
    pub(super) fn open_keyboard(&self, language: Language) -> InlineKeyboardMarkup {
        InlineKeyboardMarkup::new([self.open_button(language, Key::ButtonOpen, "")])
    }
}

/// The words for an error that no handler has its own for.
pub(super) fn trouble(status: &Status) -> Key {
    match reason(status) {
        ErrorReason::RateLimited => Key::TooManyCalls,
        ErrorReason::StorageFull => Key::StorageFull,
        _ => Key::Trouble,
    }
}

/// Tells the user, in one calm sentence, that their update could not be dealt with.
pub(crate) async fn apologise(app: &Arc<App>, update: &Update, status: &Status) {
    let key = trouble(status);
    match &update.kind {
        UpdateKind::CallbackQuery(query) => {
            let words = app.words.plain(app.guess_language(&query.from), key, &[]);
            app.answer(query, Some(words)).await;
        }
        UpdateKind::Message(message) if message.chat.is_private() && message.write_access_allowed().is_none() => {
            let language = message.from.as_ref().map_or(app.default_language, |user| app.guess_language(user));
            let words = app.say(language, key);
            if let Err(failure) = app.send(message.chat.id.0, &words, InlineKeyboardMarkup::default()).await {
                warn!(%failure, "an apology did not arrive");
            }
        }
        _ => {}
    }
}
