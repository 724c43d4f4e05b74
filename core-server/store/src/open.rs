//! Opening a database: its address, its lock, its connections and its schema.

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
    sync::{Arc, mpsc},
    time::{Duration, Instant},
};

use sea_orm::{
    ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, TransactionTrait as _,
    sqlx::{ConnectOptions as _, postgres::PgConnectOptions},
};
use tokio::sync::watch;

pub use crate::sqlite::Durability;
use crate::{
    error::{Error, Result},
    sqlite::{self, Checkpointer, Connection, Readers, Writer},
    store::Wake,
};

/// How long a new process waits for the one before it to let go of a SQLite file.
const LOCK_WAIT: Duration = Duration::from_secs(1);
/// How long the answer of a PostgreSQL server is waited for, and a free connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// A connection that lay idle for so long is tried before it is used: the server, or a firewall, may have ended it.
const IDLE_UNTRIED_MAX: Duration = Duration::from_secs(1);

/// Where the database is and how it is used.
#[derive(Clone, Debug)]
pub struct StoreConfig {
    /// `sqlite://path` or `postgres://…`.
    pub url: String,
    /// How many connections PostgreSQL is given, or how many threads read SQLite.
    pub connections: u32,
    /// How sure a commit is, on SQLite.
    pub durability: Durability,
}

impl StoreConfig {
    /// The usual: durable commits, and connections for a machine of a few cores.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        let url = url.into();
        let connections = if url.starts_with("sqlite:") { 2 } else { 16 };
        Self { url, connections, durability: Durability::Full }
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

pub(crate) async fn open_sqlite(address: &str, config: &StoreConfig, wake: &Arc<Wake>) -> Result<Sqlite, OpenError> {
    let path = Path::new(address.trim_start_matches("//").split('?').next().unwrap_or_default());
    let file = |cause| OpenError::File { path: path.to_path_buf(), cause };
    if path.as_os_str().is_empty() || path == Path::new(":memory:") {
        return Err(file(io::Error::new(io::ErrorKind::InvalidInput, "name a file, as in sqlite://data/warung.db")));
    }
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(file)?;
    }
    let lock = lock_file(path).await?;
    let sqlite = |cause| OpenError::Sqlite { path: path.to_path_buf(), cause };
    let connection = Arc::new(Connection::open(path, config.durability, false).map_err(Error::from).map_err(sqlite)?);
    sqlite::migrate(Arc::clone(&connection)).await.map_err(|error| migration_error(error).unwrap_or_else(sqlite))?;
    let threads = usize::try_from(config.connections).unwrap_or(2).max(1);
    let (running, ended) = watch::channel(());
    let (reading, readers_ended) = mpsc::channel();
    let readers = Readers::start(path, config.durability, threads, &reading).map_err(sqlite)?;
    let checkpointer = Checkpointer::start(path, config.durability, reading).map_err(file)?;
    let writer =
        Writer::start(connection, Arc::clone(wake), lock, readers_ended, running, checkpointer).map_err(file)?;
    Ok(Sqlite { writer, readers, ended })
}

/// Keeps other processes out of a SQLite file. The system lets go of the lock of a process that was killed.
async fn lock_file(path: &Path) -> Result<File, OpenError> {
    let file = |cause| OpenError::File { path: path.to_path_buf(), cause };
    let mut lock_path = path.as_os_str().to_owned();
    lock_path.push(".lock");
    let lock = File::create(PathBuf::from(lock_path)).map_err(file)?;
    let started = Instant::now();
    loop {
        match lock.try_lock() {
            Ok(()) => return Ok(lock),
            Err(std::fs::TryLockError::WouldBlock) if started.elapsed() < LOCK_WAIT => {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            Err(std::fs::TryLockError::WouldBlock) => return Err(OpenError::InUse(path.to_path_buf())),
            Err(std::fs::TryLockError::Error(cause)) => return Err(file(cause)),
        }
    }
}

pub(crate) async fn open_postgres(config: &StoreConfig) -> Result<DatabaseConnection, OpenError> {
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
    let pool = match Database::connect(options).await {
        Ok(pool) => pool,
        // The pool tells only that it waited: one connection of its own tells for what.
        Err(error) => {
            let cause = tokio::time::timeout(CONNECT_TIMEOUT, parsed.disable_statement_logging().connect()).await;
            let cause = match cause {
                Ok(Err(cause)) => cause.to_string(),
                Ok(Ok(_)) | Err(_) => error.to_string(),
            };
            return Err(OpenError::Connect { address, cause });
        }
    };
    migrate_postgres(&pool).await.map_err(|error| migration_error(error).unwrap_or_else(OpenError::Store))?;
    Ok(pool)
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
