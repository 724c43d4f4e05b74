//! The shelves of the shop.

use warung_domain::ids::ProductCategoryId;
use warung_store::{Read, rows};

use crate::{
    context::Context,
    engine::Query,
    error::{Error, Result},
    operations::put::Etag,
};

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
    /// Of its last edit; empty where it is shown beside a product.
    pub etag: Etag,
}

impl From<rows::ProductCategory> for ProductCategory {
    fn from(row: rows::ProductCategory) -> Self {
        let rows::ProductCategory { id, code, name, emoji, create_time: _, update_time } = row;
        Self { id: ProductCategoryId(id), code, name, emoji, etag: Etag::of(update_time) }
    }
}

/// A shelf, whether it holds something or not.
#[derive(Clone, Copy, Debug)]
pub struct GetProductCategory {
    /// Its id.
    pub id: ProductCategoryId,
}

impl Query for GetProductCategory {
    type Output = ProductCategory;

    async fn fetch(&self, read: &Read, _ctx: &Context) -> Result<ProductCategory> {
        let row: Option<rows::ProductCategory> = read.find(self.id.0).await?;
        row.map(Into::into).ok_or_else(|| Error::not_found("product category", &self.id))
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
