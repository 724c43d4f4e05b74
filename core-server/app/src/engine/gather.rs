//! Commands that many people send at the same moment, carried out together.
//!
//! On PostgreSQL every statement is a round trip, and a commit is more than one. So calls that wait for their turn gather,
//! and one transaction does for all of them what is plain, in a few statements. It decides nothing by itself: whatever is
//! not plain, and every call when the transaction fails, is run as any other command is, in a transaction of its own.
//! Where there is one process alone (SQLite), the writer groups commits, and only that is gathered which few statements
//! for many make cheaper.

use std::{sync::Arc, time::Instant};

use warung_store::{DoneRequest, RequestKey, Tx, Work};

use super::{Command, Engine, kept, turns::Turns};
use crate::{
    context::Context,
    error::{Error, Result},
};

/// The calls of a command that wait for their turn. One transaction runs at once; further calls gather meanwhile, and the
/// more there are, the less each costs.
type Gathering<C> = Turns<(Context, C), Option<<C as Command>::Output>, 1>;

/// For each call, what it answers and what is to be written for it; `None`: it is not plain.
pub(crate) type Plans<C> = Vec<Option<(<C as Command>::Output, <C as Gathered>::Change)>>;

/// A command that is carried out together with others of its kind.
pub(crate) trait Gathered: Command + Clone {
    /// What is to be written for a call.
    type Change: Send;
    /// What its area keeps beside the database that is needed to write the changes.
    type Beside: Clone + Default + Send + Sync + 'static;
    /// What is handed on once they are committed.
    type Handed: Send;
    /// Whether its calls gather where there is one process alone, too: when few statements for many do with less work.
    const GATHERS_ALONE: bool = false;

    /// What each call answers and changes, after locking what the command locks, in an order that is the same for all;
    /// `None` when it is not plain. Nothing is written yet.
    fn plan(calls: &[(Context, Self)], tx: &mut Tx) -> impl Future<Output = Result<Plans<Self>>> + Send;

    /// Writes the changes, as of this call.
    fn write(
        changes: Vec<Self::Change>,
        tx: &mut Tx,
        ctx: &Context,
        beside: &Self::Beside,
    ) -> impl Future<Output = Result<Self::Handed>> + Send;

    /// Hands on what was committed.
    fn hand(_handed: Self::Handed, _beside: &Self::Beside) {}
}

/// Calls that one transaction carries out.
struct All<C: Gathered> {
    calls: Vec<(Context, C)>,
    beside: C::Beside,
}

impl<C: Gathered> Work for All<C> {
    /// What each call answers, and what is handed on.
    type Output = (Vec<Option<C::Output>>, Option<C::Handed>);
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
        let handed = C::write(changes, tx, ctx, &self.beside).await?;
        Ok((outputs, Some(handed)))
    }
}

impl Engine {
    /// Carries a command out, together with others where that is quicker.
    pub(crate) async fn run_gathered<C: Gathered>(&self, ctx: &Context, command: C) -> Result<C::Output> {
        const { assert!(C::LOCKS_CALLER, "alone it locks in the same order as in a turn") };
        let started = Instant::now();
        if (C::GATHERS_ALONE || self.is_shared()) && ctx.request.is_some() {
            let together = |calls: Vec<_>| {
                let (store, beside) = (self.0.store.clone(), self.part::<C::Beside>());
                async move {
                    // When it fails for all, each learns by itself why.
                    let done = store.transact(All { calls, beside: beside.clone() }).await;
                    let (outputs, handed) = done.unwrap_or_default();
                    if let Some(handed) = handed {
                        C::hand(handed, &beside);
                    }
                    outputs
                }
            };
            let gathering = self.part::<Arc<Gathering<C>>>();
            let gathered = gathering.take((ctx.clone(), command.clone()), together).await;
            if let Some(output) = gathered.flatten() {
                self.took(C::NAME, started);
                return Ok(output);
            }
        }
        self.run(ctx, command).await
    }
}
