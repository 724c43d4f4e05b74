//! Users as they were read a moment ago: whoever calls is looked up with each call.

use std::sync::Arc;

use warung_store::{Read, rows};

use crate::{
    context::Context,
    engine::{Engine, Query},
    error::Result,
    remembered::Remembered,
};

/// How many users are kept.
const USERS_MAX: u64 = 10_000;

/// Users that were read a moment ago, by Telegram's id.
#[derive(Debug)]
pub(crate) struct Users(Remembered<i64, Arc<rows::User>>);

impl Default for Users {
    fn default() -> Self {
        Self(Remembered::of(USERS_MAX))
    }
}

impl Users {
    /// Forgets all users: of one of them something was written.
    pub(super) fn forget(&self) {
        self.0.forget();
    }
}

struct ByTelegramId(i64);

impl Query for ByTelegramId {
    type Output = Option<rows::User>;

    async fn fetch(&self, read: &Read, _ctx: &Context) -> Result<Option<rows::User>> {
        Ok(read.user_by_telegram_id(self.0).await?)
    }
}

impl Engine {
    pub(super) fn users(&self) -> Arc<Users> {
        self.part()
    }

    /// The user whom Telegram knows by this id, as they are or were within [`crate::KNOWN_FOR`]; `None` when they are not
    /// recorded yet.
    pub(super) async fn known_user(&self, ctx: &Context, telegram_id: i64) -> Result<Option<Arc<rows::User>>> {
        let all = self.users();
        let users = &all.0;
        if let Some(user) = users.get(&telegram_id, self.now()) {
            return Ok(Some(user));
        }
        let began = users.begin(self.now());
        let found = self.ask(ctx, ByTelegramId(telegram_id)).await?.map(Arc::new);
        if let Some(user) = &found {
            users.keep(telegram_id, Arc::clone(user), began);
        }
        Ok(found)
    }
}
