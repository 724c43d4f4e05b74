//! Looking into a store, also without a core that runs: its books, and what can't be watched.

use std::sync::Arc;

use warung_app::{
    Context, Engine, EngineConfig,
    identity::ListStaff,
    ledger::{Audit, Fault},
    payment::MissingGateways,
};
use warung_domain::principal::Principal;
use warung_proto::{
    identity::StaffMember,
    operations::{AuditBooksResponse, AwaitedGateway, BookFault},
};
use warung_store::{MediaConfig, MediaStore, Read, ReadWork, Store};

use crate::{Environment, RandomIds, StartError, SystemClock, rpc::people::member};

/// Proves the books of a store: every journal sums to nothing, every balance is what its entries make, every paid order
/// has its journal. Answers what does not hold, as `AuditBooks` does, and which gateways are awaited; nothing is changed.
///
/// # Errors
///
/// When the database fails, or the media store can't be opened.
pub async fn audit_books(
    store: Store,
    environment: Environment,
    media: &MediaConfig,
) -> Result<AuditBooksResponse, StartError> {
    let media = MediaStore::open(media)?;
    let (clock, ids) = (Arc::new(SystemClock::default()), Arc::new(RandomIds));
    let engine = Engine::new(EngineConfig { store, environment, clock, ids, media }).await?;
    let ctx = engine.context(Principal::CORE, "audit");
    Ok(prove(&engine, &ctx).await?)
}

/// Who owns the store and who sells in it, by their Telegram ids.
///
/// # Errors
///
/// When the database fails.
pub async fn staff(store: &Store) -> Result<Vec<StaffMember>, warung_app::Error> {
    Ok(store.read(Staff).await?.into_iter().map(member).collect())
}

struct Staff;

impl ReadWork for Staff {
    type Output = Vec<warung_app::identity::StaffMember>;
    type Error = warung_app::Error;

    async fn run(&self, read: &Read) -> warung_app::Result<Self::Output> {
        ListStaff::read(read).await
    }
}

/// How many episodes are given by the address of their video, which can be watched by a link of the store's own alone.
///
/// # Errors
///
/// When the database fails.
pub async fn episodes_by_address(store: &Store) -> Result<u64, warung_store::Error> {
    store.read(EpisodesByAddress).await
}

struct EpisodesByAddress;

impl ReadWork for EpisodesByAddress {
    type Output = u64;
    type Error = warung_store::Error;

    async fn run(&self, read: &Read) -> Result<u64, warung_store::Error> {
        read.episodes_by_address().await
    }
}

/// What does not hold in the books, and which gateways are awaited, as callers see it.
pub(crate) async fn prove(engine: &Engine, ctx: &Context) -> warung_app::Result<AuditBooksResponse> {
    let fault = |Fault { rule, subject }| BookFault { rule: rule.to_owned(), subject };
    let faults = engine.ask(ctx, Audit).await?.into_iter().map(fault).collect();
    let awaited = engine.ask(ctx, MissingGateways { configured: Vec::new() }).await?.into_iter();
    let awaited_gateways = awaited.map(|(gateway, payments)| AwaitedGateway { gateway, payments }).collect();
    Ok(AuditBooksResponse { faults, awaited_gateways })
}
