//! What runs in a transaction.
//!
//! Traits rather than closures: a closure `AsyncFn(&mut Tx)` does not prove that its future is `Send`.

use std::future::Future;

use crate::{
    error::StoreError,
    tx::{Read, Tx},
};

/// Work that writes, in one transaction. It may run again from the start, so it leaves nothing behind outside the
/// transaction.
pub trait Work: Send + Sync + 'static {
    /// What it answers.
    type Output: Send + 'static;
    /// How it fails.
    type Error: StoreError;

    /// Runs it. Everything awaited is the database.
    fn run(&self, tx: &mut Tx) -> impl Future<Output = Result<Self::Output, Self::Error>> + Send;

    /// It may run again when nobody knows whether its commit happened, as it finds its own trace.
    fn finds_its_trace(&self) -> bool {
        false
    }
}

/// Work that reads.
pub trait ReadWork: Send + Sync + 'static {
    /// What it answers.
    type Output: Send + 'static;
    /// How it fails.
    type Error: StoreError;

    /// Runs it. Everything awaited is the database.
    fn run(&self, read: &Read) -> impl Future<Output = Result<Self::Output, Self::Error>> + Send;
}
