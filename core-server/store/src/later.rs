//! Writes that wait for each other.
//!
//! On PostgreSQL each statement is a round trip and has to be begun and ended. Writes of which nothing is answered wait
//! until something is asked, or until the commit, and go together then, as one statement.

use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryTrait,
    sea_query::{CommonTableExpression, InsertStatement, SubQueryStatement, UpdateStatement, WithClause, WithQuery},
};

use crate::{error::Result, tx::Tx};

/// A statement that answers nothing.
#[derive(Debug)]
pub(crate) enum Write {
    Insert(InsertStatement),
    Update(UpdateStatement),
}

impl From<InsertStatement> for Write {
    fn from(insert: InsertStatement) -> Self {
        Self::Insert(insert)
    }
}

impl From<UpdateStatement> for Write {
    fn from(update: UpdateStatement) -> Self {
        Self::Update(update)
    }
}

impl From<Write> for SubQueryStatement {
    fn from(write: Write) -> Self {
        match write {
            Write::Insert(insert) => Self::InsertStatement(insert),
            Write::Update(update) => Self::UpdateStatement(update),
        }
    }
}

impl Write {
    async fn execute(self, connection: &impl ConnectionTrait) -> Result<(), DbErr> {
        match self {
            Self::Insert(insert) => connection.execute(&insert).await.map(drop),
            Self::Update(update) => connection.execute(&update).await.map(drop),
        }
    }
}

/// What waits to be written: at most one write of a table, as writes that go together do not see each other.
#[derive(Debug, Default)]
pub(crate) struct Later(Vec<(&'static str, Write)>);

impl Later {
    /// Writes it all, in one statement.
    pub(crate) async fn write(mut self, transaction: &DatabaseTransaction) -> Result<(), DbErr> {
        let Some((_, last)) = self.0.pop() else { return Ok(()) };
        if self.0.is_empty() {
            return last.execute(transaction).await;
        }
        let mut others = WithClause::new();
        for (table, write) in self.0 {
            others.cte(CommonTableExpression::new().table_name(format!("of_{table}")).query(write).to_owned());
        }
        let mut all = WithQuery::new();
        transaction.execute(all.with_clause(others).query(last)).await.map(drop)
    }
}

impl Tx {
    /// Writes something to a table of which nothing is answered: on PostgreSQL before the next statement, or before the
    /// commit. Its failure shows then.
    pub(crate) async fn write_later<E, Q>(&mut self, write: Q) -> Result<()>
    where
        E: EntityTrait,
        Q: QueryTrait,
        Q::QueryStatement: Into<Write>,
    {
        let write = write.into_query().into();
        if !self.locks_rows() {
            return Ok(write.execute(&**self).await?);
        }
        let table = E::default().table_name();
        if self.later().0.iter().any(|(waiting, _)| *waiting == table) {
            self.write_now().await?;
        }
        self.later().0.push((table, write));
        Ok(())
    }
}
