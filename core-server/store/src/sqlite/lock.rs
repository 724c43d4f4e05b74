//! One process a SQLite file, whatever the file is called.

use std::{
    ffi::OsString,
    fs::{File, TryLockError},
    io,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use crate::open::OpenError;

/// How long a new process waits for the one before it to let go.
const WAIT: Duration = Duration::from_secs(1);

/// Keeps other processes out of a SQLite file. The system lets go of the locks of a process that was killed.
///
/// The file beside it, by the name that all symbolic links lead to, is locked first. The file itself is locked as well,
/// so that another hard link to it, or a mount of it elsewhere, opens no second way in: SQLite would keep two logs of one
/// database there, and lose it. That second lock is one of `flock`, which on Linux has nothing to do with SQLite's own.
#[derive(Debug)]
pub(crate) struct FileLock {
    // Freed in this order. SQLite's locks of a file go with any descriptor of it that this process closes, so by then its
    // connections have to be closed.
    _itself: Option<File>,
    _beside: File,
}

impl FileLock {
    /// Takes the lock, and makes the file if it is not there.
    pub(crate) async fn take(path: &Path) -> Result<Self, OpenError> {
        let file = |cause| OpenError::File { path: path.to_path_buf(), cause };
        if !path.try_exists().map_err(file)? {
            File::options().create(true).append(true).open(path).map_err(file)?;
        }
        let path_itself = path.canonicalize().map_err(file)?;
        let taken = |error| match error {
            TryLockError::WouldBlock => OpenError::InUse(path.to_path_buf()),
            TryLockError::Error(cause) => file(cause),
        };
        let beside = File::create(beside(&path_itself)).map_err(file)?;
        lock(&beside).await.map_err(taken)?;
        // After the one beside it: a store of this process that has the file open is met there, and its descriptors are
        // left alone.
        let itself = if cfg!(target_os = "linux") {
            let itself = File::open(&path_itself).map_err(file)?;
            lock(&itself).await.map_err(taken)?;
            Some(itself)
        } else {
            None
        };
        Ok(Self { _itself: itself, _beside: beside })
    }
}

fn beside(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".lock");
    name.into()
}

async fn lock(file: &File) -> Result<(), TryLockError> {
    let started = Instant::now();
    loop {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) if started.elapsed() < WAIT => {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            Err(TryLockError::Error(cause)) if cause.kind() == io::ErrorKind::Interrupted => {}
            outcome => return outcome,
        }
    }
}
