//! Whole rows: the finders and writes that need no words of their own.

use std::any::Any;

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, Iterable as _, ModelTrait, PrimaryKeyToColumn,
    PrimaryKeyTrait, QueryFilter as _,
    sea_query::{Expr, ExprTrait as _, OnConflict, Order, Query},
};

use crate::{
    entity::delivery,
    error::{Error, Result},
    tx::{Read, Tx},
};

/// A row of any table, as [`crate::rows`] has them.
pub trait Row: ModelTrait + IntoActiveModel<<Self::Entity as EntityTrait>::ActiveModel> + 'static {}

impl<M> Row for M where M: ModelTrait + IntoActiveModel<<M::Entity as EntityTrait>::ActiveModel> + 'static {}

type Key<M> = <<<M as ModelTrait>::Entity as EntityTrait>::PrimaryKey as PrimaryKeyTrait>::ValueType;

fn all_set<M: Row>(row: M) -> <M::Entity as EntityTrait>::ActiveModel {
    row.into_active_model().reset_all()
}

/// How many rows of so many one statement writes: there are few such lengths, as each is a statement of its own, to be
/// parsed, planned and kept.
pub(crate) fn few(count: usize) -> usize {
    let count = count.min(64);
    if count.is_power_of_two() { count } else { count.next_power_of_two() / 2 }
}

impl Read {
    /// The row with this primary key.
    pub async fn find<M>(&self, key: impl Into<Key<M>> + Send) -> Result<Option<M>>
    where
        M: Row,
        M::Entity: EntityTrait<Model = M>,
    {
        Ok(M::Entity::find_by_id(key).one(self).await?)
    }
}

impl Tx {
    /// Adds a row. A key or unique value that is there already is [`Error::Conflict`].
    pub async fn insert<M: Row>(&mut self, row: M) -> Result<()>
    where
        <M::Entity as EntityTrait>::ActiveModel: Send,
    {
        self.note(&row);
        M::Entity::insert(all_set(row)).exec_without_returning(&**self).await?;
        Ok(())
    }

    /// Adds many rows of one table. One that can't be added may show at a later statement.
    pub async fn insert_all<M: Row>(&mut self, mut rows: Vec<M>) -> Result<()>
    where
        <M::Entity as EntityTrait>::ActiveModel: Send,
    {
        for row in &rows {
            self.note(row);
        }
        while !rows.is_empty() {
            let some = rows.drain(..few(rows.len())).map(all_set::<M>);
            self.write_later::<M::Entity, _>(M::Entity::insert_many(some)).await?;
        }
        Ok(())
    }

    /// Whoever waits for deliveries has to know of each that is written, unless it is somebody's already.
    fn note<M: Row>(&mut self, row: &M) {
        let row: &dyn Any = row;
        if let Some(delivery) = row.downcast_ref::<delivery::Model>()
            && delivery.worker.is_none()
        {
            self.deliver(&delivery.bot);
        }
    }

    /// Adds a row, unless its key or a unique value of it is there already. Answers whether it was added.
    pub async fn insert_new<M: Row>(&mut self, row: M) -> Result<bool>
    where
        <M::Entity as EntityTrait>::ActiveModel: Send,
    {
        let added = M::Entity::insert(all_set(row))
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(&**self)
            .await?;
        Ok(added == 1)
    }

    /// Writes all columns of the row with this primary key, which is there.
    pub async fn update<M>(&mut self, row: M) -> Result<()>
    where
        M: Row + for<'q> sea_orm::FromQueryResult,
        M::Entity: EntityTrait<Model = M>,
        <M::Entity as EntityTrait>::ActiveModel: ActiveModelTrait<Entity = M::Entity> + Send,
    {
        use sea_orm::DbErr;
        self.note(&row);
        match M::Entity::update(all_set(row)).exec(&**self).await {
            Ok(_) => Ok(()),
            Err(DbErr::RecordNotUpdated) => Err(Error::Inconsistent("the row to update is not there".into())),
            Err(error) => Err(error.into()),
        }
    }

    /// Removes the rows whose time is before `before`, the oldest first and at most `limit` of them. Answers how many
    /// there were. An index by that time serves it.
    pub(crate) async fn remove_old<E: EntityTrait>(
        &mut self,
        time: E::Column,
        before: DateTime<Utc>,
        limit: u64,
    ) -> Result<u64> {
        let key = || E::PrimaryKey::iter().map(PrimaryKeyToColumn::into_column);
        let oldest = Query::select()
            .columns(key())
            .from(E::default().table_ref())
            .and_where(time.lt(before))
            .order_by(time, Order::Asc)
            .limit(limit)
            .take();
        let is_one_of_them = Expr::tuple(key().map(Expr::col)).in_subquery(oldest);
        Ok(E::delete_many().filter(is_one_of_them).exec(&**self).await?.rows_affected)
    }
}
