//! What an engine is made of.

use std::sync::Arc;

use warung_store::{MediaStore, Store};

use crate::context::{Clock, Environment, Ids};

/// What an engine is made of.
pub struct EngineConfig {
    /// The database.
    pub store: Store,
    /// The store's facts.
    pub environment: Environment,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Ids and randomness.
    pub ids: Arc<dyn Ids>,
    /// The pictures.
    pub media: MediaStore,
}
