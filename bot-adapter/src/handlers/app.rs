//! What handlers share.

use std::sync::Arc;

use chrono_tz::Tz;
use moka::sync::Cache;
use reqwest::Url;
use teloxide::types::{CallbackQuery, Update, UpdateKind, User};
use tonic::{Code, Status};
use tracing::{error, info, warn};
use uuid::Uuid;
use warung_proto::{ErrorReason, error::reason};

use super::{
    Flood,
    later::Later,
    screen::{Place, Screen},
};
use crate::{
    callback::ScreenId,
    clock::Clock,
    config::Limits,
    core::Core,
    deliver::Sender,
    format,
    pages::Pages,
    telegram::{CallError, Telegram},
    words::{Key, Language, Words},
};

/// The namespace of request ids that come from updates.
const REQUEST_IDS: Uuid = Uuid::from_u128(0x77e7_2c1a_5c63_5d0e_9f5b_6a1d_0b07_7e1e);

/// What handlers share.
pub(crate) struct App {
    pub telegram: Telegram,
    pub sender: Arc<Sender>,
    pub core: Core,
    pub words: Words,
    pub flood: Flood,
    pub pages: Pages,
    /// Telegram's ids of pictures that this bot uploaded, by media id.
    pub pictures: Cache<String, String>,
    pub later: Later,
    /// Who was welcomed a moment ago in which language, and by which update.
    pub welcomed: Cache<(i64, Language), u32>,
    pub name: String,
    pub store: String,
    pub mini_app_url: Option<Url>,
    pub default_language: Language,
    pub time_zone: Tz,
    pub clock: Clock,
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

    /// The ids of a screen, by the update that it answered: whatever is pressed there twice is done once.
    pub(super) fn of_screen(self, screen: ScreenId) -> Self {
        Self { update_id: screen.0, ..self }
    }

    /// The name of the screen that answers this update.
    pub(super) fn screen(self) -> ScreenId {
        ScreenId(self.update_id)
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
    /// Answers a callback query, with words in a window or without; `false` when Telegram did not take it. One that is too
    /// old can't be answered any more.
    pub(super) async fn answer(&self, query: &CallbackQuery, words: Option<String>) -> bool {
        self.answer_as(query, words, true).await
    }

    /// `alert`: the words stand in a window that is to be closed, rather than pass by.
    async fn answer_as(&self, query: &CallbackQuery, words: Option<String>, alert: bool) -> bool {
        let answer = self.telegram.answer_callback(&query.id.0, words, alert).await;
        if let Err(error) = &answer {
            warn!(%error, "a callback query stays unanswered");
        }
        answer.is_ok()
    }

    /// Answers a callback query with words, in a message where the window can't be opened any more.
    pub(super) async fn tell(&self, query: &CallbackQuery, language: Language, key: Key) -> Result<(), Failure> {
        if self.answer(query, Some(self.words.plain(language, key, &[]))).await {
            return Ok(());
        }
        self.show(Place::beside(query), Screen::new(self.say(language, key))).await
    }

    /// Answers a callback query with words that pass by: good news needs no closing.
    pub(super) async fn mention(&self, query: &CallbackQuery, language: Language, key: Key) -> Result<(), Failure> {
        if self.answer_as(query, Some(self.words.plain(language, key, &[])), false).await {
            return Ok(());
        }
        self.show(Place::beside(query), Screen::new(self.say(language, key))).await
    }

    /// The time of the day where the store is.
    pub(super) fn time_of_day(&self, language: Language) -> String {
        format::time_of_day(language, self.clock.now(), self.time_zone)
    }

    /// A time of the API where the store is; empty when it is absent.
    pub(super) fn moment(&self, language: Language, time: Option<&prost_types::Timestamp>) -> String {
        format::time(time).map(|time| format::moment(language, time, self.time_zone)).unwrap_or_default()
    }
}

/// The words for an error that no handler has its own for. What the core refuses is no outage: it understood, and said no.
pub(crate) fn give_up(status: &Status, what: &'static str) -> Key {
    let key = match reason(status) {
        ErrorReason::RateLimited => Key::TooManyCalls,
        ErrorReason::UserBlocked => Key::Blocked,
        ErrorReason::StorageFull => Key::StorageFull,
        _ => match status.code() {
            Code::InvalidArgument | Code::OutOfRange => Key::NotUnderstood,
            Code::NotFound
            | Code::AlreadyExists
            | Code::PermissionDenied
            | Code::FailedPrecondition
            | Code::Aborted => Key::NotPossible,
            _ => Key::Trouble,
        },
    };
    match key {
        Key::Trouble | Key::StorageFull => error!(%status, "{what}"),
        _ => info!(%status, "{what}: it was refused"),
    }
    key
}

/// Tells the user, in one calm sentence, that their update could not be dealt with.
pub(crate) async fn apologise(app: &Arc<App>, update: &Update, key: Key) {
    let told = match &update.kind {
        UpdateKind::CallbackQuery(query) => app.tell(query, app.guess_language(&query.from), key).await,
        UpdateKind::Message(message) if message.chat.is_private() && message.write_access_allowed().is_none() => {
            app.show(Place::answering(message), Screen::new(app.say(app.language_of(message), key))).await
        }
        _ => Ok(()),
    };
    if let Err(failure) = told {
        warn!(%failure, "an apology did not arrive");
    }
}
