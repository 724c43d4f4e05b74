//! Rows that are written one by one, where no row is a way to a server.
//!
//! A statement of many rows is a new one for each number of them, to be made, planned and kept; on SQLite one short
//! statement that is kept ready writes each row with less work, and less memory.

use sea_orm::{
    ActiveModelTrait, ConnectionTrait as _, DbBackend, EntityTrait, Iterable as _, PrimaryKeyToColumn, QueryResult,
    QueryTrait as _, Statement, Value,
    sea_query::{OnConflict, Query, Values},
};

use crate::{
    error::{Error, Result},
    row::{Row, all_set},
    tx::Tx,
};

/// The values of a row's columns, in their order.
fn values_of<A: ActiveModelTrait>(mut row: A) -> Vec<Value> {
    <A::Entity as EntityTrait>::Column::iter().filter_map(|column| row.take(column).into_value()).collect()
}

fn statement(sql: &str, values: Vec<Value>) -> Statement {
    Statement { sql: sql.to_owned(), values: Some(Values(values)), db_backend: DbBackend::Sqlite }
}

impl Tx {
    /// Adds rows; `known`: what to do with one that is there already. Answers these columns of each, if there are any.
    pub(crate) async fn insert_each<M: Row>(
        &mut self,
        rows: Vec<M>,
        known: Option<OnConflict>,
        told: &[<M::Entity as EntityTrait>::Column],
    ) -> Result<Vec<QueryResult>>
    where
        <M::Entity as EntityTrait>::ActiveModel: ActiveModelTrait<Entity = M::Entity> + Send,
    {
        let mut rows = rows.into_iter().map(all_set::<M>);
        let mut answers = Vec::new();
        let Some(first) = rows.next() else { return Ok(answers) };
        let mut insert = M::Entity::insert_many([first.clone()]);
        if let Some(known) = known {
            insert = insert.on_conflict(known);
        }
        let mut insert = insert.into_query();
        if !told.is_empty() {
            insert.returning(Query::returning().columns(told.iter().copied()));
        }
        let sql = DbBackend::Sqlite.build(&insert).sql;
        for row in std::iter::once(first).chain(rows) {
            let statement = statement(&sql, values_of(row));
            if told.is_empty() {
                self.execute_raw(statement).await?;
            } else {
                answers.extend(self.query_one_raw(statement).await?);
            }
        }
        Ok(answers)
    }

    /// Writes those columns of rows that are not as they were: an index of the others is not touched.
    pub(crate) async fn update_each<M: Row>(&mut self, rows: Vec<(M, M)>) -> Result<()>
    where
        <M::Entity as EntityTrait>::ActiveModel: ActiveModelTrait<Entity = M::Entity> + Send,
    {
        let mut last: (Vec<usize>, String) = Default::default();
        for (before, now) in rows {
            let (before, now) = (before.into_active_model(), now.into_active_model());
            let columns = || <M::Entity as EntityTrait>::Column::iter();
            let changed = columns().enumerate().filter(|(_, column)| before.get(*column) != now.get(*column));
            let changed: Vec<_> = changed.map(|(place, _)| place).collect();
            if changed.is_empty() {
                continue;
            }
            let key = <M::Entity as EntityTrait>::PrimaryKey::iter().map(PrimaryKeyToColumn::into_column);
            let new = columns().enumerate().filter(|(place, _)| changed.contains(place)).map(|(_, column)| column);
            let values = new.clone().chain(key).filter_map(|column| now.get(column).into_value()).collect();
            if last.0 != changed {
                let mut row = now;
                new.for_each(|column| row.reset(column));
                let update = M::Entity::update(row).validate()?;
                last = (changed, update.build(DbBackend::Sqlite).sql);
            }
            if self.execute_raw(statement(&last.1, values)).await?.rows_affected() != 1 {
                return Err(Error::Inconsistent("the row to update is not there".into()));
            }
        }
        Ok(())
    }
}
