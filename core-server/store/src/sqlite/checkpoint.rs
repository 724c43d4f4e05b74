//! The thread that puts the log into the file.
//!
//! SQLite lets the writer do so after a commit, every few thousand pages: under load it then wrote and flushed pages all over
//! the file ten times a second, and everybody waited. Another connection can do it beside the writer. Only when it does not
//! keep up, the log grows to [`LOG_PAGES_MAX`], and the writer does it after all.

use std::{io, path::Path, sync::mpsc, thread};

use super::{Connection, Durability};

/// From this size on the writer itself puts the log into the file, and begins it anew.
pub(super) const LOG_PAGES_MAX: u32 = 16_000;
/// After about so many new pages the log is put into the file.
const PAGES: usize = 4_000;
/// About so many pages a command changes.
const PAGES_A_COMMAND: usize = 5;

/// A handle to the thread. It ends when the handle is gone.
#[derive(Debug)]
pub(crate) struct Checkpointer {
    pages: usize,
    due: mpsc::SyncSender<()>,
}

impl Checkpointer {
    /// Starts the thread. `reading` is dropped when it has closed the file.
    pub(crate) fn start(path: &Path, durability: Durability, reading: mpsc::Sender<()>) -> io::Result<Self> {
        let (due, asked) = mpsc::sync_channel(1);
        let connection = Connection::open(path, durability, true).map_err(io::Error::other)?;
        thread::Builder::new().name("sqlite-checkpoint".into()).spawn(move || {
            while asked.recv().is_ok() {
                // The log stays as it is, and the next one tries again; should none succeed, the writer's will say why.
                if let Err(error) = connection.run_batch("pragma wal_checkpoint(passive)") {
                    tracing::warn!(%error, "the log of the database could not be put into its file");
                }
            }
            drop(connection);
            drop(reading);
        })?;
        Ok(Self { pages: 0, due })
    }

    /// So many commands were committed.
    pub(super) fn committed(&mut self, commands: usize) {
        self.pages = self.pages.saturating_add(commands.saturating_mul(PAGES_A_COMMAND));
        // When one is under way and one is asked for, that is enough.
        if self.pages >= PAGES && self.due.try_send(()).is_ok() {
            self.pages = 0;
        }
    }
}
