//! Rows that are made of a statement's values as they come.
//!
//! SeaORM reads a row of ours by its columns' names, from a map that is made for each row. On SQLite that took a seventh of
//! all that the server does for a paid order. So there a row of a table is made of the values themselves, in the order of
//! its columns, in which SeaORM selects them.

use sea_orm::{
    ConnectionTrait as _, DbErr, EntityTrait, FromQueryResult as _, QueryResult, QuerySelect as _, QueryTrait as _,
    Select, Statement, Value, sea_query::ValueType,
};

use crate::{error::Result, tx::Read};

/// The values of a row, one after another.
pub struct Values<'a>(pub(crate) &'a mut dyn Iterator<Item = Result<Value, DbErr>>);

impl Values<'_> {
    /// The next one, which is of this column.
    pub(crate) fn next<T: ValueType>(&mut self, column: &str) -> Result<T, DbErr> {
        let missing = || DbErr::Type(format!("{column} was not selected"));
        let value = self.0.next().ok_or_else(missing)??;
        T::try_from(value).map_err(|_| DbErr::Type(format!("{column} is no {}", T::type_name())))
    }
}

/// A row that is made of the values of its columns, in their order.
pub trait FromValues: Sized {
    /// Takes as many as there are columns.
    fn from_values(values: &mut Values<'_>) -> Result<Self, DbErr>;
}

/// A row that is read by its columns' names, each with a prefix, or made of their values.
pub(crate) type ByNames<T> = fn(&QueryResult) -> Result<T, DbErr>;

impl Read {
    /// All rows of a table that a query finds.
    pub(crate) async fn all<E: EntityTrait>(&self, query: Select<E>) -> Result<Vec<E::Model>>
    where
        E::Model: FromValues,
    {
        let statement = query.build(self.get_database_backend());
        self.rows(statement, |row| E::Model::from_query_result(row, ""), E::Model::from_values).await
    }

    /// The first row of a table that a query finds.
    pub(crate) async fn one<E: EntityTrait>(&self, query: Select<E>) -> Result<Option<E::Model>>
    where
        E::Model: FromValues,
    {
        Ok(self.all(query.limit(1)).await?.pop())
    }

    /// What a statement answers, each row read in one of two ways.
    pub(crate) async fn rows<T>(
        &self,
        statement: Statement,
        by_names: ByNames<T>,
        from_values: fn(&mut Values<'_>) -> Result<T, DbErr>,
    ) -> Result<Vec<T>> {
        if let Some(rows) = self.values_of(&statement, from_values).await {
            return Ok(rows?);
        }
        let rows = self.query_all_raw(statement).await?;
        Ok(rows.iter().map(by_names).collect::<Result<_, _>>()?)
    }
}
