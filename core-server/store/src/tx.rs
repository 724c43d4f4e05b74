//! A transaction, as SeaORM's connection.

use std::{
    future::Future,
    ops::Deref,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult, Statement,
};

use warung_domain::message::Bot;

use crate::{
    error::{Error, Result},
    later::Later,
    row::Values,
    sqlite::Connection,
    watch::{News, Topic},
};

/// What a transaction changes that somebody may wait for.
pub(crate) type Changes = Vec<(Topic, News)>;

pub(crate) enum Connected {
    Transaction(DatabaseTransaction),
    Pool(DatabaseConnection),
    Sqlite(Arc<Connection>),
}

/// Where reads go: a transaction, or a view of the database that nobody writes through. Finders are its methods.
pub struct Read {
    connected: Connected,
    failed: AtomicBool,
    failure: Mutex<Option<DbErr>>,
    /// What the commit tells of.
    changes: Changes,
    /// What is written before the next statement.
    later: Mutex<Later>,
}

/// A transaction that writes. Finders are those of [`Read`]; writes are its own methods. Only the engine begins one.
pub struct Tx(Read);

impl Deref for Tx {
    type Target = Read;

    fn deref(&self) -> &Read {
        &self.0
    }
}

impl Read {
    fn new(connected: Connected) -> Self {
        Self {
            connected,
            failed: AtomicBool::new(false),
            failure: Mutex::new(None),
            changes: Changes::new(),
            later: Mutex::default(),
        }
    }

    pub(crate) fn sqlite(connection: Arc<Connection>) -> Self {
        Self::new(Connected::Sqlite(connection))
    }

    pub(crate) fn pool(pool: DatabaseConnection) -> Self {
        Self::new(Connected::Pool(pool))
    }

    /// Writes what waits to be written, if anything does.
    async fn write_waiting(&self) -> Result<(), DbErr> {
        let later = std::mem::take(&mut *self.later.lock().unwrap_or_else(PoisonError::into_inner));
        match &self.connected {
            Connected::Transaction(transaction) => later.write(transaction).await,
            Connected::Pool(_) | Connected::Sqlite(_) => Ok(()),
        }
    }

    /// What a statement answers, each row made of its values; `None`: it is not SQLite that is asked.
    pub(crate) async fn values_of<T>(
        &self,
        statement: &Statement,
        make: fn(&mut Values<'_>) -> Result<T, DbErr>,
    ) -> Option<Result<Vec<T>, DbErr>> {
        let Connected::Sqlite(connection) = &self.connected else { return None };
        Some(self.guard(async { connection.values(statement, make) }).await)
    }

    async fn guard<T>(&self, run: impl Future<Output = Result<T, DbErr>>) -> Result<T, DbErr> {
        if self.failed.load(Ordering::Relaxed) {
            return Err(DbErr::Custom("the transaction has failed".into()));
        }
        let result = match self.write_waiting().await {
            Ok(()) => run.await,
            Err(error) => Err(error),
        };
        result.inspect_err(|error| {
            self.failed.store(true, Ordering::Relaxed);
            *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error.clone());
        })
    }
}

impl Tx {
    pub(crate) fn sqlite(connection: Arc<Connection>) -> Self {
        Self(Read::sqlite(connection))
    }

    pub(crate) fn postgres(transaction: DatabaseTransaction) -> Self {
        Self(Read::new(Connected::Transaction(transaction)))
    }

    /// Makes it fit for the next command: on SQLite one value serves them all.
    pub(crate) fn renew(&mut self) {
        *self.0.failed.get_mut() = false;
        self.0.changes.clear();
        self.0.failure.get_mut().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// What waits to be written.
    pub(crate) fn later(&mut self) -> &mut Later {
        self.0.later.get_mut().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes what waits to be written. Of a transaction that has failed there is nothing to write.
    pub(crate) async fn write_now(&mut self) -> Result<()> {
        if self.0.failed.load(Ordering::Relaxed) {
            return Ok(());
        }
        Ok(self.guard(std::future::ready(Ok(()))).await?)
    }

    /// Refuses to commit after a failed statement. PostgreSQL answers such a COMMIT with a ROLLBACK, which the driver
    /// takes for success.
    pub(crate) fn sound(&self) -> Result<()> {
        if self.0.failed.load(Ordering::Relaxed) { Err(Error::Swallowed) } else { Ok(()) }
    }

    /// Something of a bot may be due that was not before: the commit wakes whoever waits for its deliveries.
    pub(crate) fn deliver(&mut self, bot: &str) {
        if let Some(bot) = Bot::from_name(bot) {
            self.change(Topic::Deliveries(bot), News::Changed);
        }
    }

    /// Something that may be waited for changes: the commit tells of it.
    pub(crate) fn change(&mut self, topic: Topic, news: News) {
        if !self.0.changes.contains(&(topic, news)) {
            self.0.changes.push((topic, news));
        }
    }

    /// What the commit tells of.
    pub(crate) fn take_changes(&mut self) -> Changes {
        std::mem::take(&mut self.0.changes)
    }

    /// The error that made it unsound.
    pub(crate) fn failure(&self) -> Option<DbErr> {
        self.0.failure.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn into_postgres(self) -> Option<DatabaseTransaction> {
        match self.0.connected {
            Connected::Transaction(transaction) => Some(transaction),
            Connected::Pool(_) | Connected::Sqlite(_) => None,
        }
    }

    /// Whether rows are locked one by one (PostgreSQL) rather than by there being one writer (SQLite).
    #[must_use]
    pub fn locks_rows(&self) -> bool {
        matches!(self.0.connected, Connected::Transaction(_))
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Read {
    fn get_database_backend(&self) -> DbBackend {
        match &self.connected {
            Connected::Sqlite(_) => DbBackend::Sqlite,
            Connected::Transaction(_) | Connected::Pool(_) => DbBackend::Postgres,
        }
    }

    fn support_returning(&self) -> bool {
        true
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.guard(async {
            match &self.connected {
                Connected::Transaction(transaction) => transaction.execute_raw(statement).await,
                Connected::Pool(pool) => pool.execute_raw(statement).await,
                Connected::Sqlite(connection) => connection.execute(&statement).map(Into::into),
            }
        })
        .await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.execute_raw(Statement::from_string(self.get_database_backend(), sql)).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.guard(async {
            match &self.connected {
                Connected::Transaction(transaction) => transaction.query_one_raw(statement).await,
                Connected::Pool(pool) => pool.query_one_raw(statement).await,
                Connected::Sqlite(connection) => Ok(connection.query(&statement)?.into_iter().next().map(Into::into)),
            }
        })
        .await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.guard(async {
            match &self.connected {
                Connected::Transaction(transaction) => transaction.query_all_raw(statement).await,
                Connected::Pool(pool) => pool.query_all_raw(statement).await,
                Connected::Sqlite(connection) => {
                    Ok(connection.query(&statement)?.into_iter().map(Into::into).collect())
                }
            }
        })
        .await
    }
}

impl Tx {
    /// Locks the rows that a query finds until the end of the transaction. SQLite needs no lock: there is one writer.
    pub(crate) fn locked<E: sea_orm::EntityTrait>(&self, query: sea_orm::Select<E>) -> sea_orm::Select<E> {
        use sea_orm::QuerySelect as _;
        if self.locks_rows() { query.lock_exclusive() } else { query }
    }

    /// The same for rows that are edited and keep their keys: what only refers to them waits for nothing.
    pub(crate) fn locked_to_edit<E: sea_orm::EntityTrait>(&self, query: sea_orm::Select<E>) -> sea_orm::Select<E> {
        use sea_orm::{QuerySelect as _, sea_query::LockType};
        if self.locks_rows() { query.lock(LockType::NoKeyUpdate) } else { query }
    }
}
