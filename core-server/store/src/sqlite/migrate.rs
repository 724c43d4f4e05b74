//! Migrations on SQLite, over a proxy connection of SeaORM.

use std::sync::{Arc, Mutex, PoisonError};

use sea_orm::{DatabaseConnection, DbBackend, DbErr, ProxyDatabaseTrait, ProxyExecResult, ProxyRow, Statement};

use super::Connection;

/// A connection as SeaORM's proxy. The proxy's transaction methods can't answer an error, so the first is kept.
#[derive(Debug)]
struct Proxy {
    connection: Arc<Connection>,
    failure: Arc<Mutex<Option<DbErr>>>,
}

impl Proxy {
    fn run(&self, sql: &str) {
        if let Err(error) = self.connection.run(sql) {
            self.failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        }
    }
}

#[async_trait::async_trait]
impl ProxyDatabaseTrait for Proxy {
    async fn query(&self, statement: Statement) -> Result<Vec<ProxyRow>, DbErr> {
        self.connection.query(&statement)
    }

    async fn execute(&self, statement: Statement) -> Result<ProxyExecResult, DbErr> {
        if statement.values.is_none() {
            self.connection.run_batch(&statement.sql)?;
            return Ok(ProxyExecResult::default());
        }
        self.connection.execute(&statement)
    }

    async fn begin(&self) {
        self.run("savepoint migration");
    }

    async fn commit(&self) {
        self.run("release migration");
    }

    async fn rollback(&self) {
        self.run("rollback to migration");
        self.run("release migration");
    }

    fn start_rollback(&self) {
        self.run("rollback to migration");
        self.run("release migration");
    }
}

/// Brings the schema up to date, all migrations in one transaction.
pub(crate) async fn migrate(connection: Arc<Connection>) -> Result<(), DbErr> {
    let failure = Arc::new(Mutex::new(None));
    let proxy = Proxy { connection: Arc::clone(&connection), failure: Arc::clone(&failure) };
    let database: DatabaseConnection =
        sea_orm::ProxyDatabaseConnector::connect(DbBackend::Sqlite, Arc::new(Box::new(proxy)))?;
    connection.run("begin immediate")?;
    let migrated = warung_migrations::up(&database).await;
    let failed = failure.lock().unwrap_or_else(PoisonError::into_inner).take();
    match migrated.and_then(|()| failed.map_or(Ok(()), Err)) {
        Ok(()) => connection.run("commit"),
        Err(error) => {
            if !connection.is_autocommit() {
                let _ = connection.run("rollback");
            }
            Err(error)
        }
    }
}
