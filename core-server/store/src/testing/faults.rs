//! What may befall a database: a connection that is cut in the middle of a commit, and a disk that is full.

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
};

use sea_orm::{ConnectionTrait as _, Statement};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{UnixListener, UnixStream},
};

use crate::{error::Result, store::StoreConfig, tx::Tx};

/// When to cut the connection that a COMMIT goes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// The server never sees it.
    Before,
    /// The server has carried it out; its answer is lost.
    After,
}

/// A way to PostgreSQL that can be cut. It ends with the runtime of its test.
#[derive(Debug)]
pub struct Proxy {
    /// How to reach the database by it.
    pub config: StoreConfig,
    way: Arc<Way>,
    _folder: TempDir,
}

#[derive(Debug)]
struct Way {
    cut: Cut,
    armed: Mutex<Option<Marks>>,
    commits_seen: AtomicU32,
}

/// Which transaction is meant: one that carries at least so many of these.
#[derive(Debug)]
struct Marks {
    marks: Vec<Vec<u8>>,
    least: usize,
}

impl Proxy {
    /// Makes one to the database of `config`.
    ///
    /// # Panics
    ///
    /// When its socket can't be made.
    #[must_use]
    pub fn start(config: &StoreConfig, cut: Cut) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let server = socket_folder(&config.url).join(".s.PGSQL.5432");
        let listener = UnixListener::bind(folder.path().join(".s.PGSQL.5432")).unwrap();
        let way = Arc::new(Way { cut, armed: Mutex::default(), commits_seen: AtomicU32::new(0) });
        let proxy = Self {
            config: StoreConfig { url: with_socket_folder(&config.url, folder.path()), ..config.clone() },
            way: Arc::clone(&way),
            _folder: folder,
        };
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = UnixStream::connect(&server).await.unwrap();
                tokio::spawn(carry(client, server, Arc::clone(&way)));
            }
        });
        proxy
    }

    /// Cuts at the next COMMIT.
    pub fn arm(&self) {
        self.arm_for(Vec::new(), 0);
    }

    /// Cuts at the COMMIT of the next transaction that carries at least so many of these.
    pub fn arm_for(&self, marks: Vec<Vec<u8>>, least: usize) {
        *self.way.armed() = Some(Marks { marks, least });
    }

    /// It has not cut since it was armed.
    #[must_use]
    pub fn is_armed(&self) -> bool {
        self.way.armed().is_some()
    }

    /// How many COMMITs came by.
    #[must_use]
    pub fn commits_seen(&self) -> u32 {
        self.way.commits_seen.load(Ordering::SeqCst)
    }
}

impl Way {
    fn armed(&self) -> MutexGuard<'_, Option<Marks>> {
        self.armed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether this transaction is the one to be cut.
    fn cuts(&self, transaction: &[u8]) -> bool {
        let mut armed = self.armed();
        let carried = |marks: &Marks| marks.marks.iter().filter(|mark| contains(transaction, mark)).count();
        let is_meant = armed.as_ref().is_some_and(|marks| carried(marks) >= marks.least);
        if is_meant {
            *armed = None;
        }
        is_meant
    }
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

async fn carry(mut client: UnixStream, mut server: UnixStream, way: Arc<Way>) {
    let (mut asked, mut answered) = (vec![0; 65_536], vec![0; 65_536]);
    let mut transaction = Vec::new();
    loop {
        tokio::select! {
            length = client.read(&mut asked) => {
                let Ok(length @ 1..) = length else { return };
                let text = asked.get(..length).unwrap_or_default();
                transaction.extend_from_slice(text);
                if contains(text, b"COMMIT\0") {
                    way.commits_seen.fetch_add(1, Ordering::SeqCst);
                    if way.cuts(&transaction) {
                        if way.cut == Cut::After {
                            server.write_all(text).await.unwrap();
                            // Its answer says that the commit is done.
                            let length = server.read(&mut answered).await.unwrap();
                            assert!(contains(answered.get(..length).unwrap_or_default(), b"COMMIT"));
                        }
                        return;
                    }
                }
                if contains(text, b"COMMIT\0") || contains(text, b"ROLLBACK\0") {
                    transaction.clear();
                }
                if server.write_all(text).await.is_err() {
                    return;
                }
            }
            length = server.read(&mut answered) => {
                let Ok(length @ 1..) = length else { return };
                if client.write_all(answered.get(..length).unwrap_or_default()).await.is_err() {
                    return;
                }
            }
        }
    }
}

/// The folder of the server's socket, which the address has percent-encoded as its host.
///
/// # Panics
///
/// When the address has none.
#[must_use]
pub fn socket_folder(url: &str) -> PathBuf {
    let host = url.split('@').nth(1).unwrap().split('/').next().unwrap();
    let bytes = host.split('%').filter(|part| !part.is_empty()).map(|part| u8::from_str_radix(part, 16).unwrap());
    PathBuf::from(String::from_utf8(bytes.collect()).unwrap())
}

/// The same address with another folder.
///
/// # Panics
///
/// When it is no such address.
#[must_use]
pub fn with_socket_folder(url: &str, folder: &Path) -> String {
    let (before, rest) = url.split_once('@').unwrap();
    let host = folder.to_str().unwrap().bytes().fold(String::new(), |mut host, byte| {
        let _ = write!(host, "%{byte:02x}");
        host
    });
    format!("{before}@{host}/{}", rest.split_once('/').unwrap().1)
}

/// The disk is full from now on: PostgreSQL says so of every row that is added to `table`; a SQLite file does not grow any
/// more, so that it holds what fits into its pages, and not much.
pub async fn fill_disk(tx: &mut Tx, table: &str) -> Result<()> {
    if tx.locks_rows() {
        run(
            tx,
            "create function no_room() returns trigger language plpgsql as $$ begin \
                 raise exception 'could not extend file: No space left on device' using errcode = '53100'; end $$",
        )
        .await?;
        return run(tx, &format!("create trigger no_room before insert on {table} execute function no_room()")).await;
    }
    // Never less than there are.
    run(tx, "pragma max_page_count = 1").await
}

/// There is room again after [`fill_disk`].
pub async fn empty_disk(tx: &mut Tx, table: &str) -> Result<()> {
    if tx.locks_rows() {
        run(tx, &format!("drop trigger no_room on {table}")).await?;
        return run(tx, "drop function no_room()").await;
    }
    run(tx, "pragma max_page_count = 1000000").await
}

async fn run(tx: &mut Tx, sql: &str) -> Result<()> {
    tx.query_all_raw(Statement::from_string(tx.get_database_backend(), sql)).await?;
    Ok(())
}
