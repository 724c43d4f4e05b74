//! Proving the books without a core that runs.

use std::sync::Arc;

use warung_app::{Engine, EngineConfig, ledger::Audit};
use warung_domain::principal::Principal;
use warung_store::{MediaConfig, MediaStore, Store};

use crate::{Environment, RandomIds, StartError, SystemClock};

/// Proves the books of a store: every journal sums to nothing, every balance is what its entries make, every paid order
/// has its journal. Answers what does not hold, a line each; nothing is changed.
///
/// # Errors
///
/// When the database fails, or the media store can't be opened.
pub async fn audit_books(
    store: Store,
    environment: Environment,
    media: &MediaConfig,
) -> Result<Vec<String>, StartError> {
    let media = MediaStore::open(media)?;
    let (clock, ids) = (Arc::new(SystemClock), Arc::new(RandomIds));
    let engine = Engine::new(EngineConfig { store, environment, clock, ids, media }).await?;
    let ctx = engine.context(Principal::CORE, "audit");
    let faults = engine.ask(&ctx, Audit).await?;
    Ok(faults.into_iter().map(|fault| format!("{}: not so with {}", fault.rule, fault.subject)).collect())
}
