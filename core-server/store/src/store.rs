//! Running work in a database.

use std::{fmt, sync::Arc, time::Duration};

use sea_orm::{DatabaseConnection, DatabaseTransaction, DbErr, TransactionTrait as _};
use tokio::time::Instant;
use tokio_util::task::AbortOnDropHandle;

pub use crate::open::{Durability, OpenError, StoreConfig};
use crate::{
    error::{Error, Result, StoreError as _},
    open::{Sqlite, open_postgres, open_sqlite, postgres_waits_for, sqlite_waits_for},
    tx::{Changes, Read, Tx},
    watch::{Watch, postgres},
    work::{ReadWork, Work},
};

/// How often a transaction that met another one runs again.
const TRIES_MAX: u32 = 8;
/// After so long it does not run again: its caller has given up.
const TRIES_LAST: Duration = Duration::from_secs(10);
/// How long closing waits for whoever still uses the store.
const CLOSE_WAIT: Duration = Duration::from_secs(2);

/// A database. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    backend: Backend,
    watch: Watch,
    /// The store's name.
    name: Arc<str>,
}

impl fmt::Debug for Store {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(if self.is_sqlite() { "Store(SQLite)" } else { "Store(PostgreSQL)" })
    }
}

#[derive(Clone)]
enum Backend {
    Sqlite(Sqlite),
    Postgres(DatabaseConnection, Arc<AbortOnDropHandle<()>>),
}

/// What an address leads to.
enum Kind<'a> {
    /// A file, by what follows `sqlite:`.
    Sqlite(&'a str),
    Postgres,
}

fn kind(config: &StoreConfig) -> Result<Kind<'_>, OpenError> {
    if let Some(address) = config.url.strip_prefix("sqlite:") {
        Ok(Kind::Sqlite(address))
    } else if config.url.starts_with("postgres://") || config.url.starts_with("postgresql://") {
        Ok(Kind::Postgres)
    } else {
        Err(OpenError::UnknownKind)
    }
}

impl Store {
    /// Opens a database and brings its schema up to date.
    ///
    /// # Errors
    ///
    /// When it can't be reached, is another process's (SQLite), or stands behind a transaction-mode pooler.
    pub async fn open(config: &StoreConfig) -> Result<Self, OpenError> {
        match kind(config)? {
            Kind::Sqlite(address) => {
                let watch = Watch::default();
                Ok(Self {
                    backend: Backend::Sqlite(open_sqlite(address, config, &watch).await?),
                    watch,
                    name: config.name.clone(),
                })
            }
            Kind::Postgres => {
                let (watch, pool) = (Watch::shared(), open_postgres(config).await?);
                // It holds no store: it ends with the last.
                let beside = AbortOnDropHandle::new(tokio::spawn(postgres::run(
                    watch.clone(),
                    pool.clone(),
                    config.name.clone(),
                )));
                Ok(Self { backend: Backend::Postgres(pool, Arc::new(beside)), watch, name: config.name.clone() })
            }
        }
    }

    /// How many migrations [`Store::open`] would run. Nothing is changed, and a SQLite file that is not there is not made.
    ///
    /// # Errors
    ///
    /// As of [`Store::open`].
    pub async fn waiting_migrations(config: &StoreConfig) -> Result<usize, OpenError> {
        match kind(config)? {
            Kind::Sqlite(address) => sqlite_waits_for(address, config).await,
            Kind::Postgres => postgres_waits_for(config).await,
        }
    }

    /// Whether there is only ever one process at this database.
    #[must_use]
    pub fn is_sqlite(&self) -> bool {
        matches!(self.backend, Backend::Sqlite(_))
    }

    /// Closes the connections, once work that was taken has ended. On SQLite they close with the last clone of the
    /// store, which is waited for, but not for more than two seconds.
    pub async fn close(self) {
        match self.backend {
            Backend::Postgres(pool, beside) => {
                beside.abort();
                // A connection that can't say goodbye is closed all the same.
                let _ = pool.close().await;
            }
            Backend::Sqlite(Sqlite { writer, readers, mut ended }) => {
                drop((writer, readers));
                let _ = tokio::time::timeout(CLOSE_WAIT, async { while ended.changed().await.is_ok() {} }).await;
            }
        }
    }

    /// For whoever waits for something to change.
    #[must_use]
    pub fn watch(&self) -> &Watch {
        &self.watch
    }

    /// Runs work in one transaction, to its end even when the caller goes away, and again when it met another one.
    pub async fn transact<W: Work>(&self, work: W) -> Result<W::Output, W::Error> {
        match &self.backend {
            Backend::Sqlite(sqlite) => sqlite.writer.submit(work).await,
            Backend::Postgres(pool, _) => {
                let (pool, watch, name) = (pool.clone(), self.watch.clone(), self.name.clone());
                // A task of its own: a caller that goes away can neither cut a commit in two nor skip what follows it.
                let task = tokio::spawn(async move {
                    let outcome = attempts(&pool, &work, &name).await;
                    outcome.map(|(output, changes)| {
                        watch.committed(&changes);
                        output
                    })
                });
                task.await.unwrap_or_else(|_| Err(Error::Panicked.into()))
            }
        }
    }

    /// Runs work that reads. On SQLite it sees one state of the database; on PostgreSQL each statement sees its own.
    pub async fn read<W: ReadWork>(&self, work: W) -> Result<W::Output, W::Error> {
        match &self.backend {
            Backend::Sqlite(sqlite) => sqlite.readers.submit(work).await,
            Backend::Postgres(pool, _) => work.run(&Read::pool(pool.clone())).await,
        }
    }
}

/// Answers the work's output, and what it changed.
async fn attempts<W: Work>(
    pool: &DatabaseConnection,
    work: &W,
    store: &Arc<str>,
) -> Result<(W::Output, Changes), W::Error> {
    let started = Instant::now();
    let mut tries = 0;
    loop {
        let outcome = attempt(pool, work).await;
        let again = match outcome.as_ref().err().and_then(|error| error.store()) {
            Some(Error::Serialization(_)) => true,
            Some(Error::OutcomeUnknown(_)) => work.finds_its_trace(),
            _ => false,
        };
        tries += 1;
        if !again || tries >= TRIES_MAX || started.elapsed() > TRIES_LAST {
            return outcome;
        }
        metrics::counter!("store.retries", "store" => store.clone()).increment(1);
        tokio::time::sleep(Duration::from_millis(1 << tries.min(6))).await;
    }
}

async fn attempt<W: Work>(pool: &DatabaseConnection, work: &W) -> Result<(W::Output, Changes), W::Error> {
    let mut tx = Tx::postgres(begin(pool).await?);
    let output = match work.run(&mut tx).await {
        Ok(output) => tx.write_now().await.and_then(|()| tx.sound()).map(|()| output).map_err(Into::into),
        Err(error) => Err(error),
    };
    let changes = tx.take_changes();
    let Some(transaction) = tx.into_postgres() else { return Err(Error::Panicked.into()) };
    match output {
        Ok(output) => match transaction.commit().await.map_err(Error::from) {
            Ok(()) => Ok((output, changes)),
            // No answer to COMMIT tells nothing about it.
            Err(Error::Unavailable(text)) => Err(Error::OutcomeUnknown(text).into()),
            Err(error) => Err(error.into()),
        },
        Err(error) => {
            // The connection is given up when this fails too, and the database rolls back by itself.
            let _ = transaction.rollback().await;
            Err(error)
        }
    }
}

/// Begins a transaction at READ COMMITTED, which the connections are set to. One that broke while it lay idle shows it
/// here, where nothing is lost by taking the next.
async fn begin(pool: &DatabaseConnection) -> Result<DatabaseTransaction> {
    let mut tries = 0;
    loop {
        #[expect(clippy::disallowed_methods, reason = "this is the one place that begins a transaction")]
        let begun = pool.begin().await;
        tries += 1;
        match begun {
            Err(DbErr::Exec(_) | DbErr::Query(_)) if tries < TRIES_MAX => {}
            begun => return begun.map_err(Error::from),
        }
    }
}
