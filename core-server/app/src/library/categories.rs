//! The shelves.

use warung_domain::ids::CategoryId;
use warung_store::{Read, rows};

use crate::{
    context::Context,
    engine::Query,
    error::{Error, Result},
    operations::put::Etag,
};

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
    /// Of its last edit.
    pub etag: Etag,
}

impl From<rows::Category> for Category {
    fn from(row: rows::Category) -> Self {
        let rows::Category { id, code, name, emoji, create_time: _, update_time } = row;
        Self { id: CategoryId(id), code, name, emoji, etag: Etag::of(update_time) }
    }
}

/// A shelf, whether it holds something or not.
#[derive(Clone, Copy, Debug)]
pub struct GetCategory {
    /// Its id.
    pub id: CategoryId,
}

impl Query for GetCategory {
    type Output = Category;

    async fn fetch(&self, read: &Read, _ctx: &Context) -> Result<Category> {
        let row: Option<rows::Category> = read.find(self.id.0).await?;
        row.map(Into::into).ok_or_else(|| Error::not_found("category", &self.id))
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
