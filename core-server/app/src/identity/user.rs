//! Users as Telegram describes them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use warung_domain::{contact::ContactState, ids::UserId, init_data::MAX_TELEGRAM_ID, text::one_line};
use warung_store::{Read, Tx, rows};

use crate::{
    context::Context,
    engine::Query,
    error::{Error, Result},
    words::Language,
};

/// How much of a name is kept, in characters.
const NAME_CHARACTERS_MAX: usize = 64;

/// A user.
#[derive(Clone, Debug)]
pub struct User {
    /// Our id.
    pub id: UserId,
    /// Telegram's id.
    pub telegram_id: i64,
    /// Untrusted text.
    pub first_name: String,
    /// Without `@`; empty when there is none.
    pub username: String,
    /// The language that Warung speaks with them.
    pub language: Language,
    /// What the main bot may do.
    pub contact_state: ContactState,
}

impl User {
    pub(crate) fn from_row(row: &rows::User) -> Self {
        Self {
            id: UserId(row.id),
            telegram_id: row.telegram_id,
            language: language_of(row),
            contact_state: row.contact_state.0,
            first_name: row.first_name.clone(),
            username: row.username.clone(),
        }
    }
}

/// A user as Telegram describes them. All text is untrusted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// Telegram's id.
    pub telegram_id: i64,
    /// First name.
    pub first_name: String,
    /// Last name, or empty.
    pub last_name: String,
    /// Without `@`, or empty.
    pub username: String,
    /// The language of the user's client, or empty.
    pub client_language: String,
}

impl Profile {
    /// A profile of which the id alone is known.
    #[must_use]
    pub fn of(telegram_id: i64) -> Self {
        Self { telegram_id, ..Self::default() }
    }

    /// The names as they are kept: on one line, of bounded length, without characters that would disturb other text.
    pub(crate) fn kept(mut self) -> Self {
        for name in [&mut self.first_name, &mut self.last_name, &mut self.username] {
            *name = one_line(name, NAME_CHARACTERS_MAX);
        }
        self
    }

    /// Whether a row says the same.
    pub(crate) fn fits(&self, row: &rows::User) -> bool {
        self.names_fit(row) && self.other_language(row).is_none()
    }

    fn names_fit(&self, row: &rows::User) -> bool {
        let is_bare = self.first_name.is_empty() && self.last_name.is_empty() && self.username.is_empty();
        is_bare
            || (row.first_name == self.first_name && row.last_name == self.last_name && row.username == self.username)
    }

    /// The language that is guessed from the client, where it is another than before and the user has chosen none.
    fn other_language(&self, row: &rows::User) -> Option<&'static str> {
        let guess = Language::for_client(&self.client_language).code();
        (!self.client_language.is_empty() && !row.language_chosen && row.language_code != guess).then_some(guess)
    }

    fn row(&self, ctx: &Context) -> rows::User {
        rows::User {
            id: ctx.new_id(),
            telegram_id: self.telegram_id,
            first_name: self.first_name.clone(),
            last_name: self.last_name.clone(),
            username: self.username.clone(),
            language_code: Language::for_client(&self.client_language).code().to_owned(),
            language_chosen: false,
            contact_state: ContactState::Unknown.into(),
            create_time: ctx.now,
            update_time: ctx.now,
            opened_time: None,
        }
    }
}

/// The user of a profile, recorded and brought up to date as needed. Answers also whether they are new.
pub(crate) async fn ensure_user(tx: &mut Tx, ctx: &Context, profile: &Profile) -> Result<(rows::User, bool)> {
    if !(1..=MAX_TELEGRAM_ID).contains(&profile.telegram_id) {
        return Err(Error::invalid("telegram_id", "must be a Telegram user's id"));
    }
    let mut created = false;
    let mut found = tx.user_by_telegram_id(profile.telegram_id).await?;
    if found.is_none() {
        created = tx.insert_new(profile.row(ctx)).await?;
        found = tx.user_by_telegram_id(profile.telegram_id).await?;
    }
    let mut user = found.ok_or_else(|| Error::inconsistent("the user that was just recorded is gone"))?;
    if !profile.names_fit(&user) {
        user.first_name.clone_from(&profile.first_name);
        user.last_name.clone_from(&profile.last_name);
        user.username.clone_from(&profile.username);
        user.update_time = ctx.now;
        tx.set_user_names(&user).await?;
    }
    if let Some(guess) = profile.other_language(&user) {
        tx.guess_user_language(user.id, guess, ctx.now).await?;
        user.language_code = guess.to_owned();
        user.update_time = ctx.now;
    }
    Ok((user, created))
}

/// The language that Warung speaks with a user.
pub(crate) fn language_of(row: &rows::User) -> Language {
    Language::from_code(&row.language_code).unwrap_or_default()
}

/// The languages that Warung speaks with those whom Telegram knows by these ids, in their order.
pub(crate) async fn languages_of(read: &Read, telegram_ids: &[i64]) -> Result<Vec<(i64, Language)>> {
    let users = read.users_by_telegram_ids(telegram_ids.to_vec()).await?;
    let of = |id: &i64| users.iter().find(|user| user.telegram_id == *id).map(language_of).unwrap_or_default();
    Ok(telegram_ids.iter().map(|id| (*id, of(id))).collect())
}

/// The first names and usernames of those whom Telegram knows by these ids, in their order; of somebody who never met the bot both are empty.
pub(super) async fn names_of(read: &Read, telegram_ids: Vec<i64>) -> Result<Vec<(String, String)>> {
    let users = read.users_by_telegram_ids(telegram_ids.clone()).await?;
    let of = |id: &i64| users.iter().find(|user| user.telegram_id == *id);
    let names = |user: &rows::User| (user.first_name.clone(), user.username.clone());
    Ok(telegram_ids.iter().map(|id| of(id).map(names).unwrap_or_default()).collect())
}

/// The user whom Telegram knows by this id.
#[derive(Clone, Copy, Debug)]
pub struct GetUser {
    /// Telegram's id.
    pub telegram_id: i64,
}

impl Query for GetUser {
    type Output = User;

    async fn fetch(&self, read: &Read, _ctx: &Context) -> Result<User> {
        let row = read.user_by_telegram_id(self.telegram_id).await?;
        Ok(User::from_row(&row.ok_or_else(|| Error::not_found("user", &self.telegram_id))?))
    }
}

/// When something ends, a number of seconds from now.
pub(crate) fn in_seconds(now: DateTime<Utc>, seconds: i64) -> DateTime<Utc> {
    chrono::TimeDelta::try_seconds(seconds).and_then(|delta| now.checked_add_signed(delta)).unwrap_or(now)
}
