//! Pictures that Telegram has no id of yet.

use std::time::Duration;

use moka::sync::Cache;
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::timeout,
};
use warung_proto::messaging::Photo;

/// How many pictures are uploaded at once. Each is in memory several times while it is: as the core gave it, and in the
/// form that carries it.
const AT_ONCE: usize = 4;
/// How long an upload waits for those before it. One that hangs must not use up the time of the others.
const ROOM_WAIT: Duration = Duration::from_secs(5);
/// How many ids are remembered, until the core hands them out with the deliveries.
const IDS_MAX: u64 = 100;
/// How long.
const KEPT: Duration = Duration::from_mins(1);

/// The uploads of one bot. A film that many ask for at the same moment has its poster uploaded by the first few: the
/// others wait for them, and send it by the id that they learned.
pub(crate) struct Pictures {
    ids: Cache<String, String>,
    uploads: Semaphore,
}

/// A place among those that upload; none for one that waited too long.
pub(super) struct Room<'a> {
    _permit: Option<SemaphorePermit<'a>>,
}

impl Default for Pictures {
    fn default() -> Self {
        Self {
            ids: Cache::builder().max_capacity(IDS_MAX).time_to_live(KEPT).build(),
            uploads: Semaphore::new(AT_ONCE),
        }
    }
}

impl Pictures {
    /// The id to send a picture by; where there is none, a place to upload it from.
    pub(super) async fn id_of(&self, photo: &Photo) -> Result<String, Room<'_>> {
        if !photo.file_id.is_empty() {
            return Ok(photo.file_id.clone());
        }
        let room = self.room().await;
        // Whoever had the place before may have uploaded the same one.
        self.ids.get(&photo.media_id).ok_or(room)
    }

    /// Waits for a place to upload a picture from.
    pub(super) async fn room(&self) -> Room<'_> {
        Room { _permit: timeout(ROOM_WAIT, self.uploads.acquire()).await.ok().and_then(Result::ok) }
    }

    /// Remembers the id of a picture that was uploaded.
    pub(super) fn learn(&self, media_id: &str, file_id: &str) {
        self.ids.insert(media_id.to_owned(), file_id.to_owned());
    }
}
