//! The books.

mod audit;
mod books;
mod checkpoint;

pub use audit::{Audit, Fault, Prove, ProveFrom, Proven, prove_since_checkpoint};
pub(crate) use books::Books;
pub use checkpoint::Checkpoint;
