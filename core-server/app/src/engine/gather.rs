//! Commands that many people send at the same moment, carried out together.
//!
//! On PostgreSQL every statement is a round trip, and a commit is more than one. So calls that wait for their turn gather,
//! and one transaction does for all of them what is plain, in a few statements. It decides nothing by itself: whatever is
//! not plain, and every call when the transaction fails, is run as any other command is, in a transaction of its own.
//! Where there is one process alone (SQLite), the writer groups commits, and nothing is gathered.

use std::time::Instant;

use warung_store::{DoneRequest, RequestKey, Tx, Work};

use super::{Command, Engine, hash, turns::Turns};
use crate::{
    context::Context,
    error::{Error, Result},
    library::RequestTitle,
    order::PlaceOrder,
};

/// The calls of a command that wait for their turn. One transaction runs at once; further calls gather meanwhile, and the
/// more there are, the less each costs.
pub(crate) type Gathering<C> = Turns<(Context, C), Option<<C as Command>::Output>, 1>;

/// Of each command that is gathered, the calls that wait.
#[derive(Default)]
pub(crate) struct Gatherings {
    pub(crate) film_requests: Gathering<RequestTitle>,
    pub(crate) orders: Gathering<PlaceOrder>,
}

/// For each call, what it answers and what is to be written for it; `None`: it is not plain.
pub(crate) type Plans<C> = Vec<Option<(<C as Command>::Output, <C as Gathered>::Change)>>;

/// A command that is carried out together with others of its kind.
pub(crate) trait Gathered: Command + Clone {
    /// What is to be written for a call.
    type Change: Send;

    /// Where its calls wait.
    fn gathering(all: &Gatherings) -> &Gathering<Self>;

    /// What each call answers and changes, after locking what the command locks, in an order that is the same for all;
    /// `None` when it is not plain. Nothing is written yet.
    fn plan(calls: &[(Context, Self)], tx: &mut Tx) -> impl Future<Output = Result<Plans<Self>>> + Send;

    /// Writes the changes.
    fn write(changes: Vec<Self::Change>, tx: &mut Tx) -> impl Future<Output = Result<()>> + Send;
}

/// Calls that one transaction carries out.
struct All<C>(Vec<(Context, C)>);

impl<C: Gathered> Work for All<C> {
    type Output = Vec<Option<C::Output>>;
    type Error = Error;

    async fn run(&self, tx: &mut Tx) -> Result<Self::Output> {
        let plans = C::plan(&self.0, tx).await?;
        let mut planned = Vec::new();
        for (place, ((ctx, command), plan)) in self.0.iter().zip(plans).enumerate() {
            if let (Some((output, change)), Some(request_id)) = (plan, ctx.request_id) {
                let (principal, hash) = (ctx.principal.to_string(), hash(&ctx.environment.secret, command)?);
                let kept = serde_json::to_string(&output)?;
                planned.push((place, request_id, principal, hash, kept, output, change));
            }
        }
        let requests: Vec<_> = planned
            .iter()
            .map(|(_, request_id, principal, hash, kept, ..)| {
                let key = RequestKey { principal, command: C::NAME, request_id: *request_id };
                DoneRequest { key, hash, output: kept }
            })
            .collect();
        let Some((ctx, _)) = self.0.first() else { return Ok(Vec::new()) };
        let new = tx.claim_requests(&requests, ctx.now).await?;
        let mut outputs: Vec<_> = self.0.iter().map(|_| None).collect();
        let mut changes = Vec::new();
        for ((place, .., output, change), _) in planned.into_iter().zip(new).filter(|(_, is_new)| *is_new) {
            if let Some(place) = outputs.get_mut(place) {
                *place = Some(output);
                changes.push(change);
            }
        }
        C::write(changes, tx).await?;
        Ok(outputs)
    }
}

impl Engine {
    /// Carries a command out, together with others where that is quicker.
    pub(crate) async fn run_gathered<C: Gathered>(&self, ctx: &Context, command: C) -> Result<C::Output> {
        let started = Instant::now();
        if self.is_shared() && ctx.request_id.is_some() {
            let store = &self.0.store;
            let together = |calls: Vec<_>| {
                let store = store.clone();
                // When it fails for all, each learns by itself why.
                async move { store.transact(All(calls)).await.unwrap_or_default() }
            };
            let gathered = C::gathering(&self.0.gatherings).take((ctx.clone(), command.clone()), together).await;
            if let Some(output) = gathered.flatten() {
                let duration = metrics::histogram!("command.duration_seconds", "command" => C::NAME);
                duration.record(started.elapsed());
                return Ok(output);
            }
        }
        self.run(ctx, command).await
    }
}
