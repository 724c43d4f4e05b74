//! Users and memberships.

use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, sea_query::Expr};
use uuid::Uuid;

use crate::{
    entity::{membership, users},
    error::Result,
    tx::{Read, Tx},
};

impl Read {
    /// The user whom Telegram knows by this id.
    pub async fn user_by_telegram_id(&self, telegram_id: i64) -> Result<Option<users::Model>> {
        Ok(users::Entity::find().filter(users::Column::TelegramId.eq(telegram_id)).one(self).await?)
    }
}

impl Tx {
    /// The user, locked: what one user does in several places at once is done one after another.
    pub async fn lock_user(&mut self, user_id: Uuid) -> Result<users::Model> {
        let found = self.locked(users::Entity::find_by_id(user_id)).one(&**self).await?;
        found.ok_or_else(|| crate::error::Error::Inconsistent("the user is gone".into()))
    }

    /// Notes whether the main bot may write to a user. Answers whether that was news.
    pub async fn set_contact_state(&mut self, telegram_id: i64, state: &str) -> Result<bool> {
        let done = users::Entity::update_many()
            .col_expr(users::Column::ContactState, Expr::value(state))
            .filter(users::Column::TelegramId.eq(telegram_id))
            .filter(users::Column::ContactState.ne(state))
            .exec(&**self)
            .await?;
        Ok(done.rows_affected == 1)
    }

    /// The membership of a user, locked until the end of the transaction.
    pub async fn lock_membership(&mut self, user_id: Uuid) -> Result<Option<membership::Model>> {
        let find = membership::Entity::find_by_id(user_id);
        Ok(self.locked(find).one(&**self).await?)
    }
}
