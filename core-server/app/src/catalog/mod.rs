//! The shop: looking, and filling it.

mod add_stock;
mod categories;
mod products;
mod put_product;
mod put_product_category;

pub use add_stock::{AddStock, StockAdded};
pub use categories::{GetProductCategory, ListProductCategories, ProductCategory};
pub use products::{GetProduct, ListPlans, ListProducts, Product};
pub use put_product::PutProduct;
pub use put_product_category::PutProductCategory;

pub use crate::operations::put::{Etag, Mask, PutResult};
