//! Looking into a store, also without a core that runs: its books, and what can't be watched.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use warung_app::{
    Context, Engine, EngineConfig, Error,
    identity::ListStaff,
    ledger::{Checkpoint, Fault, Prove, ProveFrom},
    payment::MissingGateways,
};
use warung_domain::principal::Principal;
use warung_proto::{
    identity::StaffMember,
    operations::{AuditBooksRequest, AuditBooksResponse, AwaitedGateway, BookFault},
};
use warung_store::{MediaConfig, MediaStore, Read, ReadWork, Store};

use crate::{
    Environment, RandomIds, StartError, SystemClock,
    rpc::{people::member, timestamp},
};

/// How long one call proves before it answers how far it came.
const CALL_PROVES: Duration = Duration::from_secs(5);

/// The books of a store without a core that runs.
#[derive(Debug)]
pub struct Books(Engine);

impl Books {
    /// Looks into a store.
    ///
    /// # Errors
    ///
    /// When the database fails, or the media store can't be opened.
    pub async fn of(store: Store, environment: Environment, media: &MediaConfig) -> Result<Self, StartError> {
        let media = MediaStore::open(media)?;
        let (clock, ids) = (Arc::new(SystemClock::default()), Arc::new(RandomIds));
        Ok(Self(Engine::new(EngineConfig { store, environment, clock, ids, media }).await?))
    }

    /// Proves the books, as `AuditBooks` does; nothing is changed.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn audit(&self, request: AuditBooksRequest) -> Result<AuditBooksResponse, Error> {
        prove(&self.0, &self.0.context(Principal::CORE, "audit"), request).await
    }
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
pub(crate) async fn prove(
    engine: &Engine,
    ctx: &Context,
    request: AuditBooksRequest,
) -> warung_app::Result<AuditBooksResponse> {
    let AuditBooksRequest { full, page_token } = request;
    let mut from = match page_token.as_str() {
        "" if full => ProveFrom::Nothing,
        "" => ProveFrom::Kept,
        token => ProveFrom::Step(Checkpoint::open(ctx, token).ok_or(Error::PageTokenInvalid)?, full),
    };
    let started = Instant::now();
    let mut faults = Vec::new();
    loop {
        let step = engine.ask(ctx, Prove(from)).await?;
        faults.extend(
            step.faults.into_iter().map(|Fault { rule, subject }| BookFault { rule: rule.to_owned(), subject }),
        );
        let proven_until_time = if step.is_all { ctx.now } else { step.checkpoint.until_time() };
        let mut answer =
            AuditBooksResponse { proven_until_time: Some(timestamp(proven_until_time)), ..Default::default() };
        if step.is_all {
            let awaited = engine.ask(ctx, MissingGateways { configured: Vec::new() }).await?.into_iter();
            answer.awaited_gateways = awaited.map(|(gateway, payments)| AwaitedGateway { gateway, payments }).collect();
        } else if started.elapsed() < CALL_PROVES {
            from = ProveFrom::Step(step.checkpoint, full);
            continue;
        } else {
            answer.next_page_token = step.checkpoint.seal(ctx)?;
        }
        return Ok(AuditBooksResponse { faults, ..answer });
    }
}
