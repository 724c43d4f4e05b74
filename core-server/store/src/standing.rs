//! What people are to the store.

use sea_orm::{
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    sea_query::{Expr, ExprTrait as _, OnConflict},
};
use warung_domain::standing::StandingName;

use crate::{
    by_name::ByName,
    entity::{standing, standing_version},
    error::{Error, Result},
    tx::{Read, Tx},
};

/// The one row of the version.
const VERSION_ID: i64 = 1;

impl Read {
    /// The version of all standings: it is another one after each change.
    pub async fn standing_version(&self) -> Result<i64> {
        let row = self.one(standing_version::Entity::find_by_id(VERSION_ID)).await?;
        row.map(|row| row.version).ok_or_else(|| Error::Inconsistent("the version of standings is gone".into()))
    }

    /// Everybody who is something else than a buyer.
    pub async fn standings(&self) -> Result<Vec<standing::Model>> {
        let query = standing::Entity::find().filter(standing::Column::State.ne(ByName(StandingName::Buyer)));
        self.all(query.order_by_asc(standing::Column::TelegramId)).await
    }

    /// The standings of these people, of whom one was ever said, in no order.
    pub async fn standings_of(&self, telegram_ids: Vec<i64>) -> Result<Vec<standing::Model>> {
        self.all(standing::Entity::find().filter(standing::Column::TelegramId.is_in(telegram_ids))).await
    }

    /// Those who are blocked, by their Telegram ids.
    pub async fn blocked(&self, after: Option<i64>, limit: u64) -> Result<Vec<standing::Model>> {
        // Written out, as their index has it.
        let query = standing::Entity::find().filter(Expr::cust("state = 'BLOCKED'"));
        let query = match after {
            Some(after) => query.filter(standing::Column::TelegramId.gt(after)),
            None => query,
        };
        self.all(query.order_by_asc(standing::Column::TelegramId).limit(limit)).await
    }
}

impl Tx {
    /// Locks all standings: one change goes after another, and each sees those before it.
    pub async fn lock_standings(&mut self) -> Result<()> {
        self.locked(standing_version::Entity::find_by_id(VERSION_ID)).one(&**self).await?;
        Ok(())
    }

    /// Writes standings, which are locked.
    pub async fn put_standings(&mut self, rows: Vec<standing::Model>) -> Result<()> {
        use sea_orm::{ActiveModelTrait as _, IntoActiveModel as _};
        use standing::Column;
        if rows.is_empty() {
            return Ok(());
        }
        let replaced = [Column::State, Column::Rights, Column::Reason, Column::ChangedBy, Column::ChangeTime];
        standing::Entity::insert_many(rows.into_iter().map(|row| row.into_active_model().reset_all()))
            .on_conflict(OnConflict::column(Column::TelegramId).update_columns(replaced).to_owned())
            .exec_without_returning(&**self)
            .await?;
        standing_version::Entity::update_many()
            .col_expr(standing_version::Column::Version, Expr::col(standing_version::Column::Version).add(1))
            .filter(standing_version::Column::Id.eq(VERSION_ID))
            .exec(&**self)
            .await?;
        Ok(())
    }

    /// How many owners there are.
    pub async fn count_owners(&mut self) -> Result<u64> {
        use sea_orm::PaginatorTrait as _;
        Ok(standing::Entity::find()
            .filter(standing::Column::State.eq(ByName(StandingName::Owner)))
            .count(&**self)
            .await?)
    }
}
