//! Commands that many people send at the same moment, carried out together.
//!
//! On PostgreSQL every statement is a round trip, and a commit is more than one. So calls that wait for their turn gather,
//! and one transaction does for all of them what is plain, in a few statements. It decides nothing by itself: whatever is
//! not plain, and every call when the transaction fails, is run as any other command is, in a transaction of its own.
//! Where there is one process alone (SQLite), the writer groups commits, and only that is gathered which few statements
//! for many make cheaper.

use std::time::Instant;

use warung_domain::message::Bot;
use warung_store::{DoneRequest, RequestKey, Tx, Work, rows};

use super::{Command, Engine, kept, turns::Turns};
use crate::{
    context::Context,
    error::{Error, Result},
    library::RequestTitle,
    messaging::{Handovers, Lease, Recipient},
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
    /// Whether its calls gather where there is one process alone, too: when few statements for many do with less work.
    const GATHERS_ALONE: bool = false;

    /// Where its calls wait.
    fn gathering(all: &Gatherings) -> &Gathering<Self>;

    /// What each call answers and changes, after locking what the command locks, in an order that is the same for all;
    /// `None` when it is not plain. Nothing is written yet.
    fn plan(calls: &[(Context, Self)], tx: &mut Tx) -> impl Future<Output = Result<Plans<Self>>> + Send;

    /// The delivery that a change writes, if it writes one. A worker that waits is handed it.
    fn delivery(_: &mut Self::Change) -> Option<&mut rows::Delivery> {
        None
    }

    /// Writes the changes.
    fn write(changes: Vec<Self::Change>, tx: &mut Tx) -> impl Future<Output = Result<()>> + Send;
}

/// Calls that one transaction carries out.
struct All<C> {
    calls: Vec<(Context, C)>,
    /// Where there may be a worker for their deliveries.
    handovers: Handovers,
}

impl<C: Gathered> Work for All<C> {
    /// What each call answers, and what was leased to whom.
    type Output = (Vec<Option<C::Output>>, Option<(Recipient, Vec<Lease>)>);
    type Error = Error;

    async fn run(&self, tx: &mut Tx) -> Result<Self::Output> {
        let plans = C::plan(&self.calls, tx).await?;
        let mut planned = Vec::new();
        for (place, ((ctx, _), plan)) in self.calls.iter().zip(plans).enumerate() {
            if let (Some((output, change)), Some(request)) = (plan, ctx.request) {
                let kept = kept::keep::<C>(&output)?;
                planned.push((place, request, ctx.principal.to_string(), kept, output, change));
            }
        }
        let requests: Vec<_> = planned
            .iter()
            .map(|(_, request, principal, kept, ..)| {
                let key = RequestKey { principal, command: C::NAME, request_id: request.id };
                DoneRequest { key, hash: &request.fingerprint, output: kept }
            })
            .collect();
        let ctx = self.calls.iter().map(|(ctx, _)| ctx).max_by_key(|ctx| ctx.now);
        let Some(ctx) = ctx else { return Ok((Vec::new(), None)) };
        let new = tx.claim_requests(&requests, ctx.now).await?;
        let mut outputs: Vec<_> = self.calls.iter().map(|_| None).collect();
        let mut changes = Vec::new();
        for ((place, .., output, change), _) in planned.into_iter().zip(new).filter(|(_, is_new)| *is_new) {
            if let Some(place) = outputs.get_mut(place) {
                *place = Some(output);
                changes.push(change);
            }
        }
        let deliveries: Vec<_> = changes.iter_mut().filter_map(C::delivery).collect();
        let mut handover = None;
        if !deliveries.is_empty()
            && let Some(recipient) = self.handovers.recipient(Bot::Main)
        {
            let leases = recipient.lease(tx, ctx, deliveries).await?;
            handover = Some((recipient, leases));
        }
        C::write(changes, tx).await?;
        Ok((outputs, handover))
    }
}

impl Engine {
    /// Carries a command out, together with others where that is quicker.
    pub(crate) async fn run_gathered<C: Gathered>(&self, ctx: &Context, command: C) -> Result<C::Output> {
        const { assert!(C::LOCKS_CALLER, "alone it locks in the same order as in a turn") };
        let started = Instant::now();
        if (C::GATHERS_ALONE || self.is_shared()) && ctx.request.is_some() {
            let together = |calls: Vec<_>| {
                let (store, handovers) = (self.0.store.clone(), self.handovers().clone());
                async move {
                    // When it fails for all, each learns by itself why.
                    let done = store.transact(All { calls, handovers: handovers.clone() }).await;
                    let (outputs, handover) = done.unwrap_or_default();
                    if let Some((recipient, leases)) = handover {
                        handovers.hand(&recipient, leases);
                    }
                    outputs
                }
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
