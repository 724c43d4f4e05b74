//! A bound on the size of a folder of logs.

use std::{
    fs, io,
    path::PathBuf,
    time::{Duration, Instant},
};

use tracing_appender::rolling::RollingFileAppender;

/// How much a service's folder of logs holds, in bytes.
pub(super) const BYTES_MAX: u64 = 512 * 1024 * 1024;
/// How long a full folder is left alone before it is looked at again.
const LOOK_EVERY: Duration = Duration::from_mins(1);

/// Writes to the file of the day as long as the folder has room. The oldest days make room; when today's file alone is as
/// large as all may be, lines go to standard error alone, which is said there.
pub(super) struct Bounded {
    file: RollingFileAppender,
    folder: PathBuf,
    bytes_max: u64,
    /// How many bytes may be written before the folder is looked at again.
    room: u64,
    full_since: Option<Instant>,
}

impl Bounded {
    pub(super) fn new(file: RollingFileAppender, folder: PathBuf, bytes_max: u64) -> Self {
        Self { file, folder, bytes_max, room: 0, full_since: None }
    }

    /// Removes the oldest days until an eighth is free, and answers how much is.
    fn make_room(&self) -> io::Result<u64> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            files.push((entry.file_name(), entry.path(), entry.metadata()?.len()));
        }
        // Their names are dates.
        files.sort();
        let mut held: u64 = files.iter().map(|(_, _, bytes)| bytes).sum();
        // Today's stays.
        files.pop();
        let wanted = self.bytes_max - self.bytes_max / 8;
        for (_, path, bytes) in files {
            if held <= wanted {
                break;
            }
            fs::remove_file(path)?;
            held = held.saturating_sub(bytes);
        }
        Ok(self.bytes_max.saturating_sub(held))
    }

    fn has_room(&mut self, bytes: u64) -> bool {
        if bytes <= self.room {
            return true;
        }
        if self.full_since.is_some_and(|since| since.elapsed() < LOOK_EVERY) {
            return false;
        }
        let was_full = self.full_since.is_some();
        // A part of it at a time: others may write here, too, and the day may change.
        self.room = self.make_room().unwrap_or_default().min(self.bytes_max / 16);
        self.full_since = (bytes > self.room).then(Instant::now);
        if self.full_since.is_some() && !was_full {
            // This comes back here as a line that is left out, and stays on standard error.
            tracing::error!(
                folder = %self.folder.display(), bytes_max = self.bytes_max,
                "the log of today is as large as all logs may be: until tomorrow its lines go to standard error alone"
            );
        }
        self.full_since.is_none()
    }
}

impl io::Write for Bounded {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let bytes = u64::try_from(line.len()).unwrap_or(u64::MAX);
        if !self.has_room(bytes) {
            return Ok(line.len());
        }
        let written = self.file.write(line)?;
        self.room = self.room.saturating_sub(u64::try_from(written).unwrap_or(u64::MAX));
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use tracing_appender::rolling::Rotation;

    use super::*;

    fn bytes(folder: &std::path::Path) -> u64 {
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().metadata().unwrap().len()).sum()
    }

    #[test]
    fn a_folder_of_logs_is_bounded_and_its_oldest_days_go_first() {
        let folder = tempfile::tempdir().unwrap();
        for day in ["2026-01-01.log", "2026-01-02.log", "2026-01-03.log"] {
            fs::write(folder.path().join(day), vec![b'x'; 4_000]).unwrap();
        }
        let file =
            RollingFileAppender::builder().rotation(Rotation::DAILY).filename_suffix("log").build(&folder).unwrap();
        let mut log = Bounded::new(file, folder.path().to_owned(), 16_000);
        for _ in 0..40 {
            log.write_all(&[b'y'; 100]).unwrap();
        }
        assert!(!folder.path().join("2026-01-01.log").exists() && folder.path().join("2026-01-03.log").exists());
        for _ in 0..1_000 {
            log.write_all(&[b'y'; 100]).unwrap();
        }
        let held = bytes(folder.path());
        assert!((14_000..=16_000).contains(&held), "today's alone fills it, and no more: {held}");
    }
}
