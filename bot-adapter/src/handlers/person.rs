//! Who writes or presses.

use teloxide::types::{Message, User};
use warung_proto::identity::{ContactState, TelegramProfile};

use super::{App, Failure, RequestIds, app::telegram_id};
use crate::words::Language;

/// A user as the core knows them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Person {
    /// Their Telegram id.
    pub id: i64,
    /// The language that Warung speaks with them.
    pub language: Language,
    /// They are a seller or an owner.
    pub is_staff: bool,
}

impl App {
    /// Tells the core what was learnt of a user, and learns of them what it knows.
    async fn tell_contact(
        &self,
        ids: RequestIds,
        user: &User,
        state: ContactState,
        started: bool,
    ) -> Result<Person, Failure> {
        // The API takes no text with a NUL character, and nobody is to be shut out for their name.
        let cut = |text: &str| text.chars().filter(|character| *character != '\0').take(64).collect::<String>();
        let id = telegram_id(user);
        let profile = TelegramProfile {
            telegram_id: id,
            first_name: cut(&user.first_name),
            last_name: user.last_name.as_deref().map(cut).unwrap_or_default(),
            username: user.username.clone().unwrap_or_default(),
            language_code: user.language_code.clone().unwrap_or_default(),
        };
        let told = self.core.record_contact(ids.of("contact"), profile, state, started).await?;
        let known = told.user.unwrap_or_default();
        let language = Language::from_code(&known.language_code).unwrap_or_else(|| self.guess_language(user));
        Ok(Person { id, language, is_staff: known.is_admin || known.is_owner })
    }

    /// The user wrote or pressed something: the bot may write to them.
    pub(super) async fn greet(&self, ids: RequestIds, user: &User) -> Result<Person, Failure> {
        self.tell_contact(ids, user, ContactState::Open, false).await
    }

    /// The user pressed Start, allowed messages or took a block back: what waits for that goes out.
    pub(super) async fn open(&self, ids: RequestIds, user: &User) -> Result<Person, Failure> {
        self.tell_contact(ids, user, ContactState::Open, true).await
    }

    /// The user blocked the bot.
    pub(super) async fn close(&self, ids: RequestIds, user: &User) -> Result<Person, Failure> {
        self.tell_contact(ids, user, ContactState::Blocked, false).await
    }

    /// The language to answer a message in, of whose sender the core said nothing.
    pub(super) fn language_of(&self, message: &Message) -> Language {
        message.from.as_ref().map_or(self.default_language, |user| self.guess_language(user))
    }

    /// The language to speak with somebody of whom the core said nothing.
    pub(super) fn guess_language(&self, user: &User) -> Language {
        user.language_code.as_deref().map_or(self.default_language, Language::for_client)
    }
}
