//! Throw-away databases for tests: a SQLite file, and a PostgreSQL cluster of this process's own; and what may befall them.
//!
//! The cluster is started by the first test that asks and ends with the process, whatever becomes of it: it runs under
//! a shell that waits for the end of its standard input, which the system closes when we are gone. A missing PostgreSQL
//! fails the test: it does not skip it.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that can't prepare has failed")]

pub mod faults;

use std::{
    fmt::Write as _,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{
        LazyLock, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use sea_orm::{ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, Statement};
use tempfile::TempDir;
use tokio::sync::OnceCell;

use crate::{
    error::Result,
    store::{Durability, Store, StoreConfig},
    tx::Tx,
};

/// Runs a statement that no code of the program has, whatever it answers.
pub async fn run_sql(tx: &Tx, sql: &str) -> Result<()> {
    tx.query_all_raw(Statement::from_string(tx.get_database_backend(), sql)).await?;
    Ok(())
}

/// Which database a test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The embedded one.
    Sqlite,
    /// The server.
    Postgres,
}

impl Kind {
    /// Both: every test that touches the database runs on each.
    pub const ALL: [Self; 2] = [Self::Sqlite, Self::Postgres];
}

/// An empty, migrated database that is gone with its value.
#[derive(Debug)]
pub struct TestDatabase {
    /// How to open it.
    pub config: StoreConfig,
    _folder: TempDir,
}

impl TestDatabase {
    /// Which kind it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        if self.config.url.starts_with("sqlite:") { Kind::Sqlite } else { Kind::Postgres }
    }

    /// Makes one.
    ///
    /// # Panics
    ///
    /// When PostgreSQL is missing or does not start.
    pub async fn new(kind: Kind) -> Self {
        let folder = tempfile::Builder::new().prefix("warung-test-").tempdir().unwrap();
        let mut config = match kind {
            Kind::Sqlite => StoreConfig::new(format!("sqlite://{}", folder.path().join("warung.db").display())),
            Kind::Postgres => StoreConfig::new(clone_template().await),
        };
        config.durability = Durability::Off;
        if kind == Kind::Postgres {
            config.connections = 8;
        }
        Self { config, _folder: folder }
    }

    /// Opens it.
    ///
    /// # Panics
    ///
    /// When it can't be opened.
    pub async fn open(&self) -> Store {
        Store::open(&self.config).await.expect("a test database opens")
    }

    /// All that is stored, as bytes, for tests that look for what must not be there. SQLite: its files as they are, what
    /// was removed and not yet written over among them. PostgreSQL: a dump, with binary columns in hexadecimal.
    ///
    /// # Panics
    ///
    /// When it can't be read.
    #[must_use]
    pub fn dump(&self) -> Vec<u8> {
        let url = &self.config.url;
        let Some(path) = url.strip_prefix("sqlite://") else {
            let script = r#"
                bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
                exec "${bin:+$bin/}pg_dump" --data-only "$1"
            "#;
            let dump = Command::new("sh").args(["-c", script, "sh", url]).output().expect("sh runs");
            assert!(dump.status.success(), "{}", String::from_utf8_lossy(&dump.stderr));
            return dump.stdout;
        };
        let files = ["", "-wal"].map(|suffix| std::fs::read(format!("{path}{suffix}")).unwrap_or_default());
        files.concat()
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let Some((_, name)) = self.config.url.strip_prefix("postgres://").and_then(|url| url.rsplit_once('/')) {
            // The next test removes it: hundreds of them would fill a disk.
            ENDED.lock().unwrap_or_else(PoisonError::into_inner).push(name.to_owned());
        }
    }
}

struct Cluster {
    folder: PathBuf,
    _keeper: Child,
}

static CLUSTER: LazyLock<Cluster> = LazyLock::new(Cluster::start);
static TEMPLATE: OnceCell<()> = OnceCell::const_new();
static NEXT: AtomicU32 = AtomicU32::new(0);
/// Databases whose tests have ended.
static ENDED: Mutex<Vec<String>> = Mutex::new(Vec::new());

impl Cluster {
    fn start() -> Self {
        let folder = tempfile::Builder::new().prefix("warung-pg-").tempdir().unwrap().keep();
        let script = r#"
            set -eu
            bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
            [ -n "$bin" ] || bin=$(dirname "$(command -v initdb)")
            as=""
            if [ "$(id -u)" = 0 ]; then
                chown postgres "$1"
                as="setpriv --reuid=postgres --regid=postgres --clear-groups"
            fi
            cd "$1"
            $as "$bin/initdb" -D "$1/data" -U warung -A trust -E UTF8 --no-locale --no-sync >"$1/initdb.log" 2>&1
            $as "$bin/postgres" -D "$1/data" -k "$1" -c listen_addresses= -c fsync=off -c max_connections=200 \
                -c full_page_writes=off -c synchronous_commit=off -c shared_buffers=64MB >"$1/log" 2>&1 &
            server=$!
            cat >/dev/null || true
            kill -INT $server 2>/dev/null || true
            wait $server 2>/dev/null || true
            rm -rf "$1"
        "#;
        let keeper = Command::new("setsid")
            .args(["sh", "-c", script, "sh"])
            .arg(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("sh runs");
        Self { folder, _keeper: keeper }
    }

    /// What it says of itself, and how much room there is: a full disk ends it without a word in its log.
    fn state(&self) -> String {
        let read = |name| std::fs::read_to_string(self.folder.join(name)).unwrap_or_default();
        let room = Command::new("df").arg("-h").arg(&self.folder).output().map(|output| output.stdout);
        let log = read("log");
        let last: Vec<_> = log.lines().rev().take(30).collect();
        let last = last.into_iter().rev().collect::<Vec<_>>().join("\n");
        format!("{}\n{last}\n{}", read("initdb.log"), String::from_utf8_lossy(&room.unwrap_or_default()))
    }

    fn url(&self, database: &str) -> String {
        // The folder of the socket, escaped as the address's host.
        let host = self.folder.display().to_string().bytes().fold(String::new(), |mut host, byte| {
            let _ = write!(host, "%{byte:02x}");
            host
        });
        format!("postgres://warung@{host}/{database}")
    }
}

async fn connect(url: String) -> DatabaseConnection {
    // Once it has started, a cluster that does not answer is gone, and each further test would wait for it in vain.
    let started = Instant::now();
    let patience = if TEMPLATE.initialized() { Duration::from_secs(15) } else { Duration::from_mins(1) };
    loop {
        let mut options = ConnectOptions::new(url.clone());
        options.max_connections(1).sqlx_logging(false).connect_timeout(Duration::from_secs(2));
        match Database::connect(options).await {
            Ok(connection) => return connection,
            Err(error) if started.elapsed() > patience && TEMPLATE.initialized() => {
                panic!("the tests' PostgreSQL ran and is gone ({error})\n{}", CLUSTER.state());
            }
            Err(error) if started.elapsed() > patience => panic!(
                "PostgreSQL 15 or later is needed for the tests and did not start ({error}); \
                 run scripts/setup.sh\n{}",
                CLUSTER.state()
            ),
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

/// A database cloned from one that was migrated once.
async fn clone_template() -> String {
    TEMPLATE
        .get_or_init(|| async {
            let admin = connect(CLUSTER.url("postgres")).await;
            admin.execute_unprepared("create database template_warung").await.unwrap();
            let mut config = StoreConfig::new(CLUSTER.url("template_warung"));
            config.connections = 1;
            // The pool must be gone, or nothing can be cloned from the database.
            Store::open(&config).await.expect("the migrations run").close().await;
        })
        .await;
    let name = format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let admin = connect(CLUSTER.url("postgres")).await;
    let ended = std::mem::take(&mut *ENDED.lock().unwrap_or_else(PoisonError::into_inner));
    for name in ended {
        // What a store of it still does ends with it.
        admin.execute_unprepared(&format!("drop database {name} with (force)")).await.unwrap();
    }
    admin.execute_unprepared(&format!("create database {name} template template_warung")).await.unwrap();
    let _ = admin.close().await;
    CLUSTER.url(&name)
}

/// Waits until a transaction of this PostgreSQL database waits for another one.
///
/// # Panics
///
/// When none does within a minute.
pub async fn until_one_waits(url: &str) {
    until_wait(url, 1).await;
}

/// Waits until so many transactions of this PostgreSQL database wait for others.
///
/// # Panics
///
/// When they do not within a minute.
pub async fn until_wait(url: &str, count: usize) {
    let started = Instant::now();
    let waiting = "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    while query(url, waiting).await.len() < count {
        assert!(started.elapsed() < Duration::from_mins(1), "{count} transactions do not wait");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// A table that nobody reads or writes until this is let go.
#[derive(Debug)]
pub struct HeldTable(DatabaseConnection);

impl HeldTable {
    /// Holds a table of a PostgreSQL database.
    ///
    /// # Panics
    ///
    /// When it does not answer.
    pub async fn new(url: &str, table: &str) -> Self {
        let connection = connect(url.to_owned()).await;
        let lock = format!("begin; lock table {table} in access exclusive mode");
        connection.execute_unprepared(&lock).await.expect("the table is locked");
        Self(connection)
    }

    /// Holds a table of a PostgreSQL database from those who write into it; it can be read.
    ///
    /// # Panics
    ///
    /// When it does not answer.
    pub async fn from_writers(url: &str, table: &str) -> Self {
        let connection = connect(url.to_owned()).await;
        let lock = format!("begin; lock table {table} in share row exclusive mode");
        connection.execute_unprepared(&lock).await.expect("the table is locked");
        Self(connection)
    }

    /// Lets it go.
    ///
    /// # Panics
    ///
    /// When the database does not answer.
    pub async fn let_go(self) {
        self.0.execute_unprepared("rollback").await.expect("it is rolled back");
    }

    /// Lets it go, after statements that are committed with it.
    ///
    /// # Panics
    ///
    /// When the database does not answer, or refuses one.
    pub async fn let_go_after(self, statements: &str) {
        self.0.execute_unprepared(&format!("{statements}; commit")).await.expect("it is committed");
    }
}

/// How many transactions of a PostgreSQL database have written into a table, and not ended yet.
///
/// # Panics
///
/// When it does not answer.
pub async fn writers(url: &str, table: &str) -> usize {
    // Cloned databases give their tables the same numbers.
    let writing = format!(
        "select 1 from pg_locks l join pg_database d on d.oid = l.database where d.datname = current_database() \
         and l.relation = '{table}'::regclass and l.mode = 'RowExclusiveLock'"
    );
    query(url, &writing).await.len()
}

/// How many transactions a PostgreSQL database has had. A connection counts its own up to a second later.
///
/// # Panics
///
/// When it does not answer.
pub async fn transactions(url: &str) -> i64 {
    let count = "select xact_commit + xact_rollback as count from pg_stat_database where datname = current_database()";
    let found = query(url, count).await;
    found.first().expect("there is this database").try_get("", "count").expect("it is a number")
}

/// Ends the connections of a PostgreSQL database that listen for notifications. Answers how many there were.
///
/// # Panics
///
/// When it does not answer.
pub async fn end_listeners(url: &str) -> usize {
    let end = "select pg_terminate_backend(pid) from pg_stat_activity \
               where datname = current_database() and query like 'LISTEN%'";
    query(url, end).await.len()
}

async fn query(url: &str, sql: &str) -> Vec<sea_orm::QueryResult> {
    let connection = connect(url.to_owned()).await;
    let found = connection.query_all_raw(Statement::from_string(connection.get_database_backend(), sql)).await;
    let _ = connection.close().await;
    found.expect("it answers")
}

/// Makes a test for each database of an `async fn(TestDatabase)`.
#[macro_export]
macro_rules! on_both_databases {
    ($($(#[$attribute:meta])* $name:ident;)*) => {$(
        mod $name {
            $(#[$attribute])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                super::$name($crate::testing::TestDatabase::new($crate::testing::Kind::Sqlite).await).await;
            }

            $(#[$attribute])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                super::$name($crate::testing::TestDatabase::new($crate::testing::Kind::Postgres).await).await;
            }
        }
    )*};
}
