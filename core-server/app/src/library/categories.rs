//! The shelves.

use warung_domain::ids::CategoryId;
use warung_store::{Read, rows};

use crate::{context::Context, engine::Query, error::Result};

/// A shelf.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Category {
    /// Its id.
    pub id: CategoryId,
    /// The seller's own short name.
    pub code: String,
    /// What it is called.
    pub name: String,
    /// One emoji, or empty.
    pub emoji: String,
}

impl From<rows::Category> for Category {
    fn from(row: rows::Category) -> Self {
        let rows::Category { id, code, name, emoji, create_time: _, update_time: _ } = row;
        Self { id: CategoryId(id), code, name, emoji }
    }
}

/// The shelves that hold a title that can be seen, by name.
#[derive(Clone, Copy, Debug)]
pub struct ListCategories;

impl Query for ListCategories {
    type Output = Vec<Category>;

    async fn fetch(&self, read: &Read, _ctx: &Context) -> Result<Vec<Category>> {
        Ok(read.shown_categories().await?.into_iter().map(Into::into).collect())
    }
}
