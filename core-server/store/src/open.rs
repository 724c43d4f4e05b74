//! Opening a database: its address, its lock, its connections and its schema.

use std::{
    io,
    path::{Path, PathBuf},
    sync::{Arc, mpsc},
    time::Duration,
};

use sea_orm::{
    ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, DbBackend, Statement, TransactionTrait as _,
    sqlx::{ConnectOptions as _, postgres::PgConnectOptions},
};
use tokio::sync::watch;
use warung_domain::secret::KeyId;

pub use crate::sqlite::Durability;
use crate::{
    error::{Error, Result},
    sqlite::{self, Checkpointer, Connection, FileLock, Readers, Writer},
    watch::Watch,
};

/// How long the answer of a PostgreSQL server is waited for, and a free connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// A connection that lay idle for so long is tried before it is used: the server, or a firewall, may have ended it.
const IDLE_UNTRIED_MAX: Duration = Duration::from_secs(1);
/// Answers a row for each migration that a database has had.
const APPLIED: &str = "select version from seaql_migrations";

/// Where the database is and how it is used.
#[derive(Clone, Debug)]
pub struct StoreConfig {
    /// `sqlite://path` or `postgres://…`.
    pub url: String,
    /// How many connections PostgreSQL is given, or how many threads read SQLite.
    pub connections: u32,
    /// How sure a commit is, on SQLite.
    pub durability: Durability,
    /// The store's name, which metrics carry.
    pub name: Arc<str>,
}

impl StoreConfig {
    /// The usual: durable commits, and connections for a machine of a few cores.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        let url = url.into();
        let connections = if url.starts_with("sqlite:") { 2 } else { 16 };
        Self { url, connections, durability: Durability::Full, name: "".into() }
    }
}

/// Why a database can't be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The address is of no kind that is known.
    #[error("the database address must begin with sqlite:// or postgres://")]
    UnknownKind,
    /// A transaction-mode pooler stands before the database.
    #[error(
        "port 6543 is Supabase's transaction-mode pooler, which breaks prepared statements and sessions: \
         use the session pooler or the direct address, both on port 5432"
    )]
    TransactionPooler,
    /// Another process has the SQLite file open.
    #[error("another Warung process has {0} open: stop it first, or use PostgreSQL to run several")]
    InUse(PathBuf),
    /// The folder or file can't be made or opened.
    #[error("{path} can't be opened: {cause}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// The file is there, but SQLite can't use it.
    #[error("{path} can't be used as a database: {cause}")]
    Sqlite {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: Error,
    },
    /// The PostgreSQL server does not answer, or refuses us.
    #[error("PostgreSQL at {address} can't be used: {cause}")]
    Connect {
        /// Host, port and database, without user and password.
        address: String,
        /// Why.
        cause: String,
    },
    /// A newer release has migrated the database.
    #[error("a newer release of Warung has used this database: run that release, or restore a backup made before it")]
    Newer,
    /// The database is of another `WARUNG_SECRET_KEY`.
    #[error(
        "WARUNG_SECRET_KEY is not the one that this database was made with (the id of that one is {made_with}, of this one \
         {in_use}): set the key that the store had before, as goods in stock open with no other. Nothing was started"
    )]
    OtherSecret {
        /// The key that the database wants.
        made_with: KeyId,
        /// The key that there is.
        in_use: KeyId,
    },
    /// The value that proves the secret key is not as it was made.
    #[error("the value by which this database knows WARUNG_SECRET_KEY again was altered: restore a backup")]
    SecretCheckAltered,
    /// The database says no.
    #[error(transparent)]
    Store(#[from] Error),
}

/// An open SQLite file.
#[derive(Clone)]
pub(crate) struct Sqlite {
    pub(crate) writer: Writer,
    pub(crate) readers: Readers,
    /// Ends when all threads have, and the file is closed.
    pub(crate) ended: watch::Receiver<()>,
}

pub(crate) async fn open_sqlite(address: &str, config: &StoreConfig, watch: &Watch) -> Result<Sqlite, OpenError> {
    let path = path_of(address)?;
    let file = |cause| OpenError::File { path: path.to_path_buf(), cause };
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(file)?;
    }
    let lock = FileLock::take(path).await?;
    let sqlite = |cause| OpenError::Sqlite { path: path.to_path_buf(), cause };
    let connection = Arc::new(Connection::open(path, config.durability, false).map_err(Error::from).map_err(sqlite)?);
    sqlite::migrate(Arc::clone(&connection)).await.map_err(|error| migration_error(error).unwrap_or_else(sqlite))?;
    let threads = usize::try_from(config.connections).unwrap_or(2).max(1);
    let (running, ended) = watch::channel(());
    let (reading, readers_ended) = mpsc::channel();
    let readers = Readers::start(path, config.durability, threads, &reading).map_err(sqlite)?;
    let checkpointer = Checkpointer::start(path, config.durability, reading).map_err(file)?;
    let writer = Writer::start(connection, watch.clone(), lock, readers_ended, running, checkpointer).map_err(file)?;
    Ok(Sqlite { writer, readers, ended })
}

/// The file that a SQLite address names.
fn path_of(address: &str) -> Result<&Path, OpenError> {
    let path = Path::new(address.trim_start_matches("//").split('?').next().unwrap_or_default());
    if path.as_os_str().is_empty() || path == Path::new(":memory:") {
        let cause = io::Error::new(io::ErrorKind::InvalidInput, "name a file, as in sqlite://data/warung.db");
        return Err(OpenError::File { path: path.to_path_buf(), cause });
    }
    Ok(path)
}

/// How many migrations a SQLite file waits for. One that is not there is not made.
pub(crate) async fn sqlite_waits_for(address: &str, config: &StoreConfig) -> Result<usize, OpenError> {
    let path = path_of(address)?;
    let there = path.try_exists().map_err(|cause| OpenError::File { path: path.to_path_buf(), cause })?;
    if !there {
        return waiting(0);
    }
    let _lock = FileLock::take(path).await?;
    let query = |connection: &Connection, sql: &str| connection.query(&Statement::from_string(DbBackend::Sqlite, sql));
    let applied = Connection::open(path, config.durability, true).and_then(|connection| {
        let known = query(&connection, "select name from sqlite_master where name = 'seaql_migrations'")?;
        if known.is_empty() { Ok(0) } else { Ok(query(&connection, APPLIED)?.len()) }
    });
    waiting(applied.map_err(|error| OpenError::Sqlite { path: path.to_path_buf(), cause: error.into() })?)
}

/// How many migrations a PostgreSQL database waits for.
pub(crate) async fn postgres_waits_for(config: &StoreConfig) -> Result<usize, OpenError> {
    let pool = connect_postgres(config).await?;
    let query = async |sql: &str| pool.query_all_raw(Statement::from_string(DbBackend::Postgres, sql)).await;
    let applied = async {
        let known = query("select 1 where to_regclass('seaql_migrations') is not null").await?;
        if known.is_empty() { Ok(0) } else { Ok(query(APPLIED).await?.len()) }
    };
    let applied = applied.await.map_err(|error: sea_orm::DbErr| OpenError::Store(error.into()));
    // A connection that can't say goodbye is closed all the same.
    let _ = pool.close().await;
    waiting(applied?)
}

/// How many migrations are left when so many have been applied.
fn waiting(applied: usize) -> Result<usize, OpenError> {
    warung_migrations::count().checked_sub(applied).ok_or(OpenError::Newer)
}

pub(crate) async fn open_postgres(config: &StoreConfig) -> Result<DatabaseConnection, OpenError> {
    let pool = connect_postgres(config).await?;
    migrate_postgres(&pool).await.map_err(|error| migration_error(error).unwrap_or_else(OpenError::Store))?;
    Ok(pool)
}

async fn connect_postgres(config: &StoreConfig) -> Result<DatabaseConnection, OpenError> {
    let parsed: PgConnectOptions = config.url.parse().map_err(|error: sea_orm::sqlx::Error| {
        // Nothing of an address that can't be read is shown: its password may be anywhere in it.
        OpenError::Connect { address: "the given address".into(), cause: error.to_string() }
    })?;
    if parsed.get_port() == 6543 {
        return Err(OpenError::TransactionPooler);
    }
    let host = parsed.get_socket().map_or_else(|| parsed.get_host().to_owned(), |path| path.display().to_string());
    let address = format!("{host}:{}/{}", parsed.get_port(), parsed.get_database().unwrap_or_default());
    let mut options = ConnectOptions::new(config.url.clone());
    options
        .max_connections(config.connections)
        .min_connections(1)
        .connect_timeout(CONNECT_TIMEOUT)
        .acquire_timeout(CONNECT_TIMEOUT)
        .idle_timeout(Duration::from_mins(10))
        .test_before_acquire_if_idle_for(IDLE_UNTRIED_MAX)
        .sqlx_logging(false)
        .map_sqlx_postgres_opts(|options| {
            options.application_name("warung").options([
                // As a setting of the connection it costs no statement in each transaction.
                ("default_transaction_isolation", "read committed"),
                ("statement_timeout", "10000"),
                ("lock_timeout", "5000"),
                ("idle_in_transaction_session_timeout", "15000"),
                // Rows are looked up by key, in memory or on a disk without arms: walking a table instead never pays.
                ("random_page_cost", "1.1"),
            ])
        });
    match Database::connect(options).await {
        Ok(pool) => Ok(pool),
        // The pool tells only that it waited: one connection of its own tells for what.
        Err(error) => {
            let cause = tokio::time::timeout(CONNECT_TIMEOUT, parsed.disable_statement_logging().connect()).await;
            let cause = match cause {
                Ok(Err(cause)) => cause.to_string(),
                Ok(Ok(_)) | Err(_) => error.to_string(),
            };
            Err(OpenError::Connect { address, cause })
        }
    }
}

/// Brings the schema up to date in one transaction, one process at a time.
async fn migrate_postgres(pool: &DatabaseConnection) -> Result<(), sea_orm::DbErr> {
    #[expect(clippy::disallowed_methods, reason = "the schema's own transaction, before any command runs")]
    let transaction = pool.begin().await?;
    transaction.execute_unprepared("set local lock_timeout = 0; set local statement_timeout = 0").await?;
    transaction.execute_unprepared("select pg_advisory_xact_lock(8392047105)").await?;
    warung_migrations::up(&transaction).await?;
    transaction.commit().await
}

/// Tells a database that is ahead of us from one that fails.
fn migration_error(error: sea_orm::DbErr) -> Result<OpenError, Error> {
    if warung_migrations::is_ahead(&error) { Ok(OpenError::Newer) } else { Err(error.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{on_both_databases, store::Store, testing::TestDatabase};

    on_both_databases! {
        looking_for_waiting_migrations_counts_them_and_runs_none;
        a_database_of_a_newer_release_is_named_as_such;
    }

    /// Runs a statement beside the store, as another release does.
    async fn change(database: &TestDatabase, sql: &str) {
        let config = &database.config;
        match config.url.strip_prefix("sqlite:") {
            Some(address) => {
                let connection = Connection::open(path_of(address).unwrap(), config.durability, false).unwrap();
                connection.run_batch(sql).unwrap();
            }
            None => connect_postgres(config).await.unwrap().execute_unprepared(sql).await.map(drop).unwrap(),
        }
    }

    async fn looking_for_waiting_migrations_counts_them_and_runs_none(database: TestDatabase) {
        let count = || async { Store::waiting_migrations(&database.config).await.unwrap() };
        if database.config.url.starts_with("sqlite:") {
            assert_eq!(count().await, warung_migrations::count(), "there is no file yet");
            assert_eq!(count().await, warung_migrations::count(), "and none was made");
        }
        database.open().await.close().await;
        assert_eq!(count().await, 0);
        let last = "(select max(version) from seaql_migrations)";
        change(&database, &format!("delete from seaql_migrations where version = {last}")).await;
        assert_eq!(count().await, 1);
        assert_eq!(count().await, 1, "the look before it has run nothing");
        change(&database, "drop table seaql_migrations").await;
        assert_eq!(count().await, warung_migrations::count());
    }

    async fn a_database_of_a_newer_release_is_named_as_such(database: TestDatabase) {
        database.open().await.close().await;
        change(&database, "insert into seaql_migrations (version, applied_at) values ('m9999_later', 0)").await;
        assert!(matches!(Store::waiting_migrations(&database.config).await, Err(OpenError::Newer)));
    }
}
