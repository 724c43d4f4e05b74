//! The messenger's ids of pictures that were uploaded.

use std::{collections::HashMap, time::Duration};

use moka::sync::Cache;
use warung_store::Read;

use crate::{engine::Engine, error::Result};

/// How long an id is kept after it was read: so long at most is one used that another process has replaced.
const KEPT: Duration = Duration::from_mins(1);
/// How many are kept.
const FILES_MAX: u64 = 1_000;

/// Ids that were read a moment ago, by bot and picture. The same few posters go out all day.
#[derive(Clone, Debug)]
pub(crate) struct FileIds(Cache<(i64, String), String>);

impl Default for FileIds {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(FILES_MAX).time_to_live(KEPT).build())
    }
}

impl Engine {
    pub(crate) fn file_ids(&self) -> FileIds {
        self.part()
    }
}

impl FileIds {
    /// The ids of these pictures for a bot, by the pictures' hashes; of one that it never uploaded there is none.
    pub(super) async fn of(&self, read: &Read, bot_id: i64, hashes: Vec<String>) -> Result<HashMap<String, String>> {
        let mut found = HashMap::new();
        let mut unknown = Vec::new();
        for hash in hashes {
            match self.0.get(&(bot_id, hash.clone())) {
                Some(file_id) => drop(found.insert(hash, file_id)),
                None => unknown.push(hash),
            }
        }
        for file in read.media_files(bot_id, unknown).await? {
            self.0.insert((bot_id, file.hash.clone()), file.file_id.clone());
            found.insert(file.hash, file.file_id);
        }
        Ok(found)
    }

    /// Forgets all: some were uploaded again.
    pub(super) fn clear(&self) {
        self.0.invalidate_all();
    }
}
