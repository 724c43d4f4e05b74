//! Pages of lists that users are looking at.
//!
//! A page token is too long for a button, so a button names the page by a key and the token is remembered here. The key
//! follows from the page, so that a list that many look at is remembered once. What was forgotten, or is known to another
//! replica, is asked for from the first page.

use std::time::Duration;

use moka::sync::Cache;
use uuid::Uuid;

use crate::callback::PageKey;

/// Pages that are remembered at most; a page is below a kilobyte.
const PAGES_MAX: u64 = 10_000;
/// How long a page is remembered.
const PAGE_TIME: Duration = Duration::from_hours(24);
/// The namespace of keys.
const KEYS: Uuid = Uuid::from_u128(0x0f5d_3f7e_93a1_5b7c_8a44_0d6c_21b9_e4f3);

/// A list that has pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum List {
    /// Products of a category (empty: of all), with these words in their names (empty: any).
    Products { category: String, query: String },
    /// A user's orders.
    Orders { user: i64 },
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Page {
    pub list: List,
    /// The core's token of it; empty for the first.
    pub token: String,
    /// Counted from 1.
    pub number: u32,
    /// The page before it.
    pub previous: Option<PageKey>,
}

impl Page {
    pub(crate) fn first(list: List) -> Self {
        Self { list, token: String::new(), number: 1, previous: None }
    }
}

/// The pages that are remembered.
pub(crate) struct Pages(Cache<PageKey, Page>);

impl Pages {
    pub(crate) fn new() -> Self {
        Self(Cache::builder().max_capacity(PAGES_MAX).time_to_live(PAGE_TIME).build())
    }

    /// Remembers a page.
    pub(crate) fn keep(&self, page: Page) -> PageKey {
        let Page { list, token, number, .. } = &page;
        let (high, _) = Uuid::new_v5(&KEYS, format!("{list:?}\n{number}\n{token}").as_bytes()).as_u64_pair();
        let key = PageKey(high);
        self.0.insert(key, page);
        key
    }

    /// The page of a key, unless it was forgotten.
    pub(crate) fn get(&self, key: PageKey) -> Option<Page> {
        self.0.get(&key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_one_key_and_no_other_page_has_it() {
        let pages = Pages::new();
        let first = Page::first(List::Orders { user: 7 });
        let second = Page { token: "x".repeat(500), number: 2, ..first.clone() };
        let keys = [pages.keep(first.clone()), pages.keep(second.clone()), pages.keep(first.clone())];
        assert!(keys[0] == keys[2] && keys[0] != keys[1]);
        assert_eq!((pages.get(keys[0]), pages.get(keys[1])), (Some(first), Some(second)));
        assert_eq!(pages.get(PageKey(1)), None);
        let other = Page::first(List::Orders { user: 8 });
        assert_ne!(pages.keep(other), keys[0]);
    }
}
