//! Room on the disks that a core writes to. A full one can't take an order: a proxy shall know, and the owner before it.

use std::{
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};
use warung_app::{Engine, operations::alert::RaiseAlert};
use warung_domain::principal::Principal;
use warung_store::{MediaConfig, StoreConfig};

/// With less free than this the core does not say that it can serve, in bytes.
const FREE_MIN: u64 = 64 * 1024 * 1024;
/// With less free than this the owner is told.
const FREE_LOW: u64 = 4 * FREE_MIN;
/// Nobody is told the same again before this is over.
const QUIET: TimeDelta = TimeDelta::hours(1);
/// For so long after a write found no room the core says that it can't serve. The disk may be a database server's, of
/// which nothing else is known here.
const FULL_FOR: TimeDelta = TimeDelta::seconds(30);

/// How much is free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Free {
    Enough,
    Low,
    TooLittle,
}

impl Free {
    fn of(bytes: u64) -> Self {
        match bytes {
            ..FREE_MIN => Self::TooLittle,
            FREE_MIN..FREE_LOW => Self::Low,
            _ => Self::Enough,
        }
    }
}

/// The disks of a core.
#[derive(Debug, Default)]
pub(crate) struct Disks {
    folders: Vec<PathBuf>,
    /// When a write last found no room.
    full: Mutex<Option<DateTime<Utc>>>,
    /// When the owner was last told.
    told: Mutex<Option<DateTime<Utc>>>,
}

impl Disks {
    /// The folders of the database's file and of the pictures, where there are such.
    pub(crate) fn new(store: &StoreConfig, media: &MediaConfig) -> Self {
        let database = store.url.strip_prefix("sqlite:").map(|path| {
            let path = path.trim_start_matches("//").split('?').next().unwrap_or_default();
            Path::new(path)
                .parent()
                .filter(|folder| !folder.as_os_str().is_empty())
                .unwrap_or(Path::new("."))
                .to_owned()
        });
        let pictures = match media {
            MediaConfig::Folder(folder) => Some(folder.clone()),
            MediaConfig::S3(_) => None,
        };
        Self { folders: database.into_iter().chain(pictures).collect(), ..Self::default() }
    }

    /// A write found no room.
    pub(crate) fn note_full(&self, now: DateTime<Utc>) {
        *self.full.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
    }

    fn was_full(&self, now: DateTime<Utc>) -> bool {
        let full = *self.full.lock().unwrap_or_else(PoisonError::into_inner);
        full.is_some_and(|full| now - full < FULL_FOR)
    }

    /// The disk with the least free, and how many bytes that is.
    fn fullest(&self) -> Option<(&Path, u64)> {
        let free = self.folders.iter().filter_map(|folder| {
            let disk = rustix::fs::statvfs(folder).ok()?;
            Some((folder.as_path(), disk.f_bavail.saturating_mul(disk.f_frsize)))
        });
        free.min_by_key(|(_, free)| *free)
    }

    /// Whether there is room for what is written. The owner is told when there is little.
    pub(crate) async fn have_room(&self, engine: &Engine) -> bool {
        let ctx = engine.context(Principal::CORE, "disk");
        let fullest = self.fullest();
        let free = fullest.map_or(Free::Enough, |(_, bytes)| Free::of(bytes));
        if let Some((folder, bytes)) = fullest.filter(|_| free != Free::Enough)
            && self.may_tell(ctx.now)
        {
            let text = format!(
                "The disk of {} has {} MB left. With less than {} MB no order can be placed and nothing is sent: make room, \
                 or give it a larger disk.",
                folder.display(),
                bytes / 1_000_000,
                FREE_MIN / 1_000_000,
            );
            tracing::error!(folder = %folder.display(), bytes, "the disk is nearly full");
            let alert = RaiseAlert { key: "disk.low".to_owned(), text };
            let ctx = ctx.clone().with_request_id(ctx.new_id());
            if let Err(error) = engine.run(&ctx, alert).await {
                tracing::warn!(%error, "the owner could not be told");
            }
        }
        free != Free::TooLittle && !self.was_full(ctx.now)
    }

    fn may_tell(&self, now: DateTime<Utc>) -> bool {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let may = told.is_none_or(|told| now - told >= QUIET);
        if may {
            *told = Some(now);
        }
        may
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn little_is_told_before_it_is_too_little() {
        for (bytes, free) in
            [(0, Free::TooLittle), (FREE_MIN - 1, Free::TooLittle), (FREE_MIN, Free::Low), (FREE_LOW, Free::Enough)]
        {
            assert_eq!(Free::of(bytes), free, "{bytes}");
        }
    }

    #[test]
    fn the_disks_are_those_of_the_database_and_the_pictures() {
        let folder = tempfile::tempdir().unwrap();
        let media = MediaConfig::Folder(folder.path().to_owned());
        for (url, database) in [
            ("sqlite://data/warung.db", Some("data")),
            ("sqlite:///var/lib/warung.db?mode=rwc", Some("/var/lib")),
            ("sqlite://warung.db", Some(".")),
            ("postgres://localhost/warung", None),
        ] {
            let disks = Disks::new(&StoreConfig::new(url), &media);
            let folders: Vec<_> = database.map(PathBuf::from).into_iter().chain([folder.path().to_owned()]).collect();
            assert_eq!(disks.folders, folders, "{url}");
        }
        let disks = Disks { folders: vec![folder.path().to_owned()], ..Disks::default() };
        assert!(disks.fullest().is_some_and(|(_, free)| free > 0));
    }

    #[test]
    fn a_write_that_found_no_room_counts_for_a_while_and_the_owner_is_told_once_an_hour() {
        let (disks, now) = (Disks::default(), DateTime::UNIX_EPOCH);
        assert!(!disks.was_full(now));
        disks.note_full(now);
        assert!(disks.was_full(now + TimeDelta::seconds(29)) && !disks.was_full(now + FULL_FOR));
        assert!(disks.may_tell(now) && !disks.may_tell(now + TimeDelta::minutes(59)) && disks.may_tell(now + QUIET));
    }
}
