//! Pages of lists, kept for a moment: everybody who opens the Mini App looks at the same few.

use std::{fmt, marker::PhantomData, sync::Arc, time::Duration};

use moka::sync::Cache;
use prost::Message;
use warung_app::Result;

/// How long a page is shown after it was read: so old it is at most when another process changed the store, or somebody
/// bought what is on it.
const KEPT: Duration = Duration::from_secs(1);
/// How many pages are kept.
const PAGES_MAX: u64 = 500;

/// Pages that were read a moment ago, by what was asked for. A change that this process makes empties it.
pub(super) struct Shelves<Q, A> {
    /// A request's encoded form is its key: it has every field that decides the answer.
    pages: Cache<Vec<u8>, Arc<A>>,
    _asked: PhantomData<fn(Q)>,
}

impl<Q, A> Clone for Shelves<Q, A> {
    fn clone(&self) -> Self {
        Self { pages: self.pages.clone(), _asked: PhantomData }
    }
}

impl<Q, A: Send + Sync + 'static> Default for Shelves<Q, A> {
    fn default() -> Self {
        Self { pages: Cache::builder().max_capacity(PAGES_MAX).time_to_live(KEPT).build(), _asked: PhantomData }
    }
}

impl<Q, A> fmt::Debug for Shelves<Q, A> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Shelves")
    }
}

impl<Q: Message, A: Clone + Send + Sync + 'static> Shelves<Q, A> {
    /// A page, read by `read` unless somebody has read it just now.
    pub(super) async fn page(&self, request: &Q, read: impl Future<Output = Result<A>>) -> Result<A> {
        let key = request.encode_to_vec();
        if let Some(page) = self.pages.get(&key) {
            return Ok(A::clone(&page));
        }
        let page = Arc::new(read.await?);
        self.pages.insert(key, Arc::clone(&page));
        Ok(A::clone(&page))
    }

    /// Forgets all pages: what they show has changed.
    pub(super) fn clear(&self) {
        self.pages.invalidate_all();
    }
}
