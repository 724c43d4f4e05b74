//! The shop: looking, and filling it.

mod add_stock;
mod products;
mod put_product;

pub use add_stock::{AddStock, StockAdded};
pub use products::{GetProduct, ListPlans, ListProducts, Product, ProductsPaidThrough};
pub use put_product::PutProduct;

pub use crate::operations::put::{Etag, Mask, PutResult};
