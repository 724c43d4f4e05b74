//! Proving the books, also without a core that runs.

use std::sync::Arc;

use warung_app::{
    Context, Engine, EngineConfig, Result,
    ledger::{Audit, Fault},
};
use warung_domain::principal::Principal;
use warung_proto::operations::BookFault;
use warung_store::{MediaConfig, MediaStore, Store};

use crate::{Environment, RandomIds, StartError, SystemClock};

/// Proves the books of a store: every journal sums to nothing, every balance is what its entries make, every paid order
/// has its journal. Answers what does not hold, as `AuditBooks` does; nothing is changed.
///
/// # Errors
///
/// When the database fails, or the media store can't be opened.
pub async fn audit_books(
    store: Store,
    environment: Environment,
    media: &MediaConfig,
) -> Result<Vec<BookFault>, StartError> {
    let media = MediaStore::open(media)?;
    let (clock, ids) = (Arc::new(SystemClock::default()), Arc::new(RandomIds));
    let engine = Engine::new(EngineConfig { store, environment, clock, ids, media }).await?;
    let ctx = engine.context(Principal::CORE, "audit");
    Ok(prove(&engine, &ctx).await?)
}

/// What does not hold in the books, as callers see it.
pub(crate) async fn prove(engine: &Engine, ctx: &Context) -> Result<Vec<BookFault>> {
    let fault = |Fault { rule, subject }| BookFault { rule: rule.to_owned(), subject };
    Ok(engine.ask(ctx, Audit).await?.into_iter().map(fault).collect())
}
