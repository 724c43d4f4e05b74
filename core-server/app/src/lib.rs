//! Use cases of Warung, one file each, and the engine that runs them.

pub mod catalog;
pub mod context;
pub mod engine;
mod error;
pub mod gateway;
pub mod identity;
pub mod ledger;
pub mod library;
pub mod membership;
pub mod messaging;
pub mod operations;
pub mod order;
mod page;
pub mod payment;
mod remembered;
#[cfg(feature = "testing")]
pub mod testing;
pub mod wallet;
pub mod words;

pub use context::Context;
pub use engine::{
    AdminCommand, Budget, Call, Change, Command, Engine, EngineConfig, KNOWN_FOR, Payer, Query, Told, WeakEngine,
};
pub use error::{Error, Precondition, Result, Unproven};
pub use page::{PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX, PageRequest};
pub use warung_domain as domain;
