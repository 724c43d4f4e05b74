//! Users and memberships.

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    sea_query::{Expr, LockBehavior, LockType},
};
use uuid::Uuid;
use warung_domain::contact::ContactState;

use crate::{
    by_name::ByName,
    delivery::padded,
    entity::{membership, users},
    error::Result,
    tx::{Read, Tx},
};

impl Read {
    /// The user whom Telegram knows by this id.
    pub async fn user_by_telegram_id(&self, telegram_id: i64) -> Result<Option<users::Model>> {
        self.one(users::Entity::find().filter(users::Column::TelegramId.eq(telegram_id))).await
    }

    /// Users by id, in no order.
    pub async fn users_by_ids(&self, ids: Vec<Uuid>) -> Result<Vec<users::Model>> {
        self.all(users::Entity::find().filter(users::Column::Id.is_in(padded(ids)))).await
    }

    /// The users whom Telegram knows by these ids, in no order.
    pub async fn users_by_telegram_ids(&self, telegram_ids: Vec<i64>) -> Result<Vec<users::Model>> {
        self.all(users::Entity::find().filter(users::Column::TelegramId.is_in(telegram_ids))).await
    }
}

impl Tx {
    /// The user, locked: what one user does in several places at once is done one after another.
    pub async fn lock_user(&mut self, user_id: Uuid) -> Result<users::Model> {
        let found = self.one(self.locked(users::Entity::find_by_id(user_id))).await?;
        found.ok_or_else(|| crate::error::Error::Inconsistent("the user is gone".into()))
    }

    /// Users, locked in the order of their ids. `waits`: also for those whom another transaction has locked, which are left
    /// out otherwise.
    pub async fn lock_users(&mut self, ids: Vec<Uuid>, waits: bool) -> Result<Vec<users::Model>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let query = users::Entity::find().filter(users::Column::Id.is_in(padded(ids))).order_by_asc(users::Column::Id);
        let query = match (self.locks_rows(), waits) {
            (true, true) => query.lock(LockType::Update),
            (true, false) => query.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked),
            (false, _) => query,
        };
        self.all(query).await
    }

    /// The user whom Telegram knows by this id, locked.
    pub async fn lock_user_by_telegram_id(&mut self, telegram_id: i64) -> Result<Option<users::Model>> {
        let find = users::Entity::find().filter(users::Column::TelegramId.eq(telegram_id));
        self.one(self.locked(find)).await
    }

    /// Changes a user's names, and nothing else: others may be changing the rest.
    pub async fn set_user_names(&mut self, user: &users::Model) -> Result<()> {
        users::Entity::update_many()
            .col_expr(users::Column::FirstName, Expr::value(&user.first_name))
            .col_expr(users::Column::LastName, Expr::value(&user.last_name))
            .col_expr(users::Column::Username, Expr::value(&user.username))
            .col_expr(users::Column::UpdateTime, Expr::value(user.update_time))
            .filter(users::Column::Id.eq(user.id))
            .exec(&**self)
            .await?;
        Ok(())
    }

    /// Changes a user's language as long as they have chosen none, and nothing else.
    pub async fn guess_user_language(&mut self, user_id: Uuid, code: &str, now: DateTime<Utc>) -> Result<()> {
        users::Entity::update_many()
            .col_expr(users::Column::LanguageCode, Expr::value(code))
            .col_expr(users::Column::UpdateTime, Expr::value(now))
            .filter(users::Column::Id.eq(user_id))
            .filter(users::Column::LanguageChosen.eq(false))
            .exec(&**self)
            .await?;
        Ok(())
    }

    /// Changes a user's language to what they chose, and nothing else.
    pub async fn choose_user_language(&mut self, user_id: Uuid, code: &str, now: DateTime<Utc>) -> Result<()> {
        users::Entity::update_many()
            .col_expr(users::Column::LanguageCode, Expr::value(code))
            .col_expr(users::Column::LanguageChosen, Expr::value(true))
            .col_expr(users::Column::UpdateTime, Expr::value(now))
            .filter(users::Column::Id.eq(user_id))
            .exec(&**self)
            .await?;
        Ok(())
    }

    /// Notes whether the main bot may write to a user. Answers whether that was news.
    pub async fn set_contact_state(&mut self, telegram_id: i64, state: ContactState) -> Result<bool> {
        let done = users::Entity::update_many()
            .col_expr(users::Column::ContactState, Expr::value(ByName(state)))
            .filter(users::Column::TelegramId.eq(telegram_id))
            .filter(users::Column::ContactState.ne(ByName(state)))
            .exec(&**self)
            .await?;
        Ok(done.rows_affected == 1)
    }

    /// Notes that a user opened their chat with the main bot now.
    pub async fn set_contact_open(&mut self, telegram_id: i64, state: ContactState, now: DateTime<Utc>) -> Result<()> {
        users::Entity::update_many()
            .col_expr(users::Column::ContactState, Expr::value(ByName(state)))
            .col_expr(users::Column::OpenedTime, Expr::value(now))
            .filter(users::Column::TelegramId.eq(telegram_id))
            .exec(&**self)
            .await?;
        Ok(())
    }

    /// Notes of many users at once whether the main bot may write to them.
    pub async fn set_contact_states(&mut self, telegram_ids: Vec<i64>, state: ContactState) -> Result<()> {
        if telegram_ids.is_empty() {
            return Ok(());
        }
        let write = users::Entity::update_many()
            .col_expr(users::Column::ContactState, Expr::value(ByName(state)))
            .filter(users::Column::TelegramId.is_in(padded(telegram_ids)))
            .filter(users::Column::ContactState.ne(ByName(state)));
        self.write_later::<users::Entity, _>(write).await
    }

    /// The membership of a user, locked until the end of the transaction.
    pub async fn lock_membership(&mut self, user_id: Uuid) -> Result<Option<membership::Model>> {
        let find = membership::Entity::find_by_id(user_id);
        self.one(self.locked(find)).await
    }
}
