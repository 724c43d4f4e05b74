//! The shelves of the shop.

use warung_domain::ids::ProductCategoryId;
use warung_store::{Read, rows};

use crate::{context::Context, engine::Query, error::Result};

/// A shelf of the shop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductCategory {
    /// Its id.
    pub id: ProductCategoryId,
    /// The seller's own short name.
    pub code: String,
    /// What it is called.
    pub name: String,
    /// One emoji, or empty.
    pub emoji: String,
}

impl From<rows::ProductCategory> for ProductCategory {
    fn from(row: rows::ProductCategory) -> Self {
        let rows::ProductCategory { id, code, name, emoji, create_time: _, update_time: _ } = row;
        Self { id: ProductCategoryId(id), code, name, emoji }
    }
}

/// The shelves that hold a product that can be bought, by name.
#[derive(Clone, Copy, Debug)]
pub struct ListProductCategories;

impl Query for ListProductCategories {
    type Output = Vec<ProductCategory>;

    async fn fetch(&self, read: &Read, _ctx: &Context) -> Result<Vec<ProductCategory>> {
        Ok(read.shown_product_categories().await?.into_iter().map(Into::into).collect())
    }
}
