//! Whole rows: the finders and writes that need no words of their own.

mod each;
mod values;

use std::any::Any;

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait as _, EntityTrait, IntoActiveModel, Iterable as _, ModelTrait,
    PrimaryKeyToColumn, PrimaryKeyTrait, QueryFilter as _, QueryTrait as _,
    sea_query::{Expr, ExprTrait as _, OnConflict, Order, Query},
};

use crate::{
    entity::{delivery, orders},
    error::{Error, Result},
    tx::{Read, Tx},
    watch::{News, Topic},
};

/// A row of any table, as [`crate::rows`] has them.
pub trait Row: ModelTrait + IntoActiveModel<<Self::Entity as EntityTrait>::ActiveModel> + FromValues + 'static {}

impl<M> Row for M where M: ModelTrait + IntoActiveModel<<M::Entity as EntityTrait>::ActiveModel> + FromValues + 'static {}

pub(crate) use self::values::ByNames;
pub use self::values::{FromValues, Values};

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
        self.one(M::Entity::find_by_id(key)).await
    }
}

impl Tx {
    /// Adds a row that is new, or updates it as a whole.
    pub async fn put<M: Row>(&mut self, row: M, is_new: bool) -> Result<()>
    where
        <M::Entity as EntityTrait>::ActiveModel: ActiveModelTrait<Entity = M::Entity> + Send,
    {
        if is_new { self.insert(row).await } else { self.update(row).await }
    }

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
        if !self.locks_rows() {
            return self.insert_each(rows, None, &[]).await.map(drop);
        }
        while !rows.is_empty() {
            let some = rows.drain(..few(rows.len())).map(all_set::<M>);
            self.write_later::<M::Entity, _>(M::Entity::insert_many(some)).await?;
        }
        Ok(())
    }

    /// Whoever waits for deliveries has to know of each that is written, unless it is somebody's already; and whoever
    /// follows an order of each change to it.
    fn note<M: Row>(&mut self, row: &M) {
        let row: &dyn Any = row;
        if let Some(delivery) = row.downcast_ref::<delivery::Model>()
            && delivery.worker.is_none()
        {
            self.deliver(&delivery.bot);
        } else if let Some(order) = row.downcast_ref::<orders::Model>() {
            self.change(Topic::Order(order.id), News::Changed);
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
    pub async fn update<M: Row>(&mut self, row: M) -> Result<()>
    where
        <M::Entity as EntityTrait>::ActiveModel: ActiveModelTrait<Entity = M::Entity> + Send,
    {
        self.note(&row);
        // Nothing of it is asked back: it is known.
        let update = M::Entity::update(all_set(row)).validate()?;
        let written = self.execute(&update.into_query()).await?.rows_affected();
        if written == 1 { Ok(()) } else { Err(Error::Inconsistent("the row to update is not there".into())) }
    }

    /// Writes all columns of rows that are there, and locked. That one is not may show at a later statement, or not at all.
    pub async fn update_all<M: Row>(&mut self, mut rows: Vec<M>) -> Result<()>
    where
        <M::Entity as EntityTrait>::ActiveModel: ActiveModelTrait<Entity = M::Entity> + Send,
    {
        use sea_orm::IdenStatic as _;
        let key = || <M::Entity as EntityTrait>::PrimaryKey::iter().map(PrimaryKeyToColumn::into_column);
        let is_key = |column: &<M::Entity as EntityTrait>::Column| key().any(|key| key.as_str() == column.as_str());
        for row in &rows {
            self.note(row);
        }
        while !rows.is_empty() {
            let count = few(rows.len());
            let mut some = rows.drain(..count).map(all_set::<M>);
            if count == 1 {
                if let Some(row) = some.next() {
                    let update = M::Entity::update(row).validate()?;
                    self.write_later::<M::Entity, _>(update).await?;
                }
                continue;
            }
            // Each is there: what is inserted is never new, and one statement writes all.
            let others = <M::Entity as EntityTrait>::Column::iter().filter(|column| !is_key(column));
            let there = OnConflict::columns(key()).update_columns(others).to_owned();
            self.write_later::<M::Entity, _>(M::Entity::insert_many(some).on_conflict(there)).await?;
        }
        Ok(())
    }

    /// Writes rows that are there and locked, each as it was found and as it is now. That one is not there may show at a later
    /// statement, or not at all.
    pub async fn update_changed<M: Row>(&mut self, rows: Vec<(M, M)>) -> Result<()>
    where
        <M::Entity as EntityTrait>::ActiveModel: ActiveModelTrait<Entity = M::Entity> + Send,
    {
        if self.locks_rows() {
            return self.update_all(rows.into_iter().map(|(_, row)| row).collect()).await;
        }
        for (_, row) in &rows {
            self.note(row);
        }
        self.update_each(rows).await
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
