//! Pages of titles, kept for a moment: everybody who opens the Mini App looks at the same few.

use std::{fmt, sync::Arc, time::Duration};

use moka::sync::Cache;
use warung_app::Result;
use warung_proto::library::{ListTitlesRequest, ListTitlesResponse};

/// How long a page is shown after it was read: so old it is at most when another process changed the library.
const KEPT: Duration = Duration::from_secs(1);
/// How many pages are kept.
const PAGES_MAX: u64 = 500;

/// Pages of titles that were read a moment ago. A change that this process makes empties it.
#[derive(Clone)]
pub(super) struct Shelves(Cache<Key, Arc<ListTitlesResponse>>);

type Key = (i32, String, String, String);

impl Default for Shelves {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(PAGES_MAX).time_to_live(KEPT).build())
    }
}

impl fmt::Debug for Shelves {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Shelves")
    }
}

impl Shelves {
    /// A page, read by `read` unless somebody has read it just now.
    pub(super) async fn page(
        &self,
        request: &ListTitlesRequest,
        read: impl Future<Output = Result<ListTitlesResponse>>,
    ) -> Result<ListTitlesResponse> {
        let ListTitlesRequest { page_size, page_token, query, category_id } = request.clone();
        let key = (page_size, page_token, query, category_id);
        if let Some(page) = self.0.get(&key) {
            return Ok(ListTitlesResponse::clone(&page));
        }
        let page = Arc::new(read.await?);
        self.0.insert(key, Arc::clone(&page));
        Ok(ListTitlesResponse::clone(&page))
    }

    /// Forgets all pages: the library has changed.
    pub(super) fn clear(&self) {
        self.0.invalidate_all();
    }
}
