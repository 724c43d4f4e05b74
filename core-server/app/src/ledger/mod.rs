//! The books.

mod audit;
mod books;

pub use audit::{Audit, Fault};
pub(crate) use books::Books;
