//! Pages of lists: keyset cursors in signed tokens.

use sha2::{Digest as _, Sha256};
use uuid::Uuid;
use warung_domain::secret::Purpose;

use crate::{
    context::Context,
    error::{Error, Result},
};

/// How many rows a page has when the caller does not say.
pub const PAGE_SIZE_DEFAULT: i32 = 20;
/// How many rows a page has at most.
pub const PAGE_SIZE_MAX: i32 = 100;

/// Which page a caller asks for.
#[derive(Clone, Debug, Default)]
pub struct PageRequest {
    /// How many rows; 0: the default.
    pub size: i32,
    /// The token of the page; empty: the first.
    pub token: String,
}

/// A page that was asked for, understood.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Page {
    /// The last row of the page before.
    pub(crate) after: Option<Uuid>,
    size: u64,
    list: [u8; 8],
}

impl PageRequest {
    /// Reads the request for a page of `list`: a name and filter that a token is good for alone.
    pub(crate) fn read(&self, ctx: &Context, list: &str) -> Result<Page> {
        let size = match self.size {
            size if size < 0 => return Err(Error::invalid("page_size", "must not be negative")),
            0 => PAGE_SIZE_DEFAULT,
            size => size.min(PAGE_SIZE_MAX),
        };
        let list = digest(list);
        let after = match self.token.as_str() {
            "" => None,
            token => Some(open(ctx, token, list).ok_or(Error::PageTokenInvalid)?),
        };
        Ok(Page { after, size: u64::try_from(size).unwrap_or_default(), list })
    }
}

impl Page {
    /// How many rows to look for: one more than the page has tells whether there is another.
    pub(crate) fn limit(&self) -> u64 {
        self.size.saturating_add(1)
    }

    /// Cuts the rows to the page, and answers the token of the next; empty at the end.
    pub(crate) fn cut<T>(&self, ctx: &Context, rows: &mut Vec<T>, id: impl Fn(&T) -> Uuid) -> String {
        let size = usize::try_from(self.size).unwrap_or(usize::MAX);
        if rows.len() <= size {
            return String::new();
        }
        rows.truncate(size);
        rows.last().map_or_else(String::new, |last| {
            let payload = [&self.list[..], id(last).as_bytes()].concat();
            ctx.environment.secret.sign(Purpose::Page, &payload)
        })
    }
}

fn digest(list: &str) -> [u8; 8] {
    Sha256::digest(list.as_bytes()).first_chunk().copied().unwrap_or_default()
}

fn open(ctx: &Context, token: &str, list: [u8; 8]) -> Option<Uuid> {
    let payload = ctx.environment.secret.open(Purpose::Page, token)?;
    let cursor = payload.strip_prefix(&list[..])?;
    Uuid::from_slice(cursor).ok()
}
