//! Commands that many people send at the same moment, carried out in batches.
//!
//! On PostgreSQL every statement is a round trip, and a commit is more than one. So calls that wait for their turn gather,
//! and one transaction carries all of them out, in a few statements. A batch decides about each call what the command
//! decides about it alone, by the same code: alone, a command is a batch of one ([`alone`]). A call that is refused fails
//! no other. What a batch does not decide runs as any other command does, in a transaction of its own: a call whose user
//! is busy elsewhere, a repeat, and every call of a batch that fails as a whole.
//! Where there is one process alone (SQLite), the writer groups commits, and only that is gathered which few statements
//! for many make cheaper.

use std::{collections::HashSet, sync::Arc, time::Instant};

use uuid::Uuid;
use warung_store::{DoneRequest, RequestKey, Tx, Work};

use super::{Command, Engine, kept, turns::Turns};
use crate::{
    context::{Context, Request},
    error::{Error, Result},
};

/// A command and its call.
pub(crate) type Call<C> = (Context, C);

/// The calls of a command that wait for their turn. One transaction runs at once; further calls gather meanwhile, and the
/// more there are, the less each costs.
type Queue<C> = Turns<Call<C>, Option<Result<<C as Command>::Output>>, 1>;

/// What becomes of a call.
pub(crate) enum Plan<C: Batched> {
    /// It is carried out: what it answers, and what is to be written.
    Do(C::Output, C::Change),
    /// It is refused.
    Refuse(Error),
    /// It is decided in a transaction of its own: its user is busy elsewhere.
    Alone,
}

impl<C: Batched> From<Result<(C::Output, C::Change)>> for Plan<C> {
    fn from(decided: Result<(C::Output, C::Change)>) -> Self {
        decided.map_or_else(Self::Refuse, |(output, change)| Self::Do(output, change))
    }
}

/// A command that is carried out together with others of its kind.
pub(crate) trait Batched: Command + Clone {
    /// What is to be written for a call.
    type Change: Send;
    /// The part of the engine that writing needs besides the database.
    type Aid: Clone + Default + Send + Sync + 'static;
    /// What is left to do once all is committed.
    type After: Default + Send + 'static;
    /// Whether its calls gather where there is one process alone, too: when few statements for many do with less work.
    const GATHERS_ALONE: bool = false;

    /// What becomes of each call, in their order, each seeing what those before it do. It locks what the command locks, in
    /// an order that is the same for all; `waits`: also what another transaction has locked. Nothing is written yet.
    fn plan(calls: &[&Call<Self>], tx: &mut Tx, waits: bool) -> impl Future<Output = Result<Vec<Plan<Self>>>> + Send;

    /// Writes the changes, the hottest rows last.
    fn write(
        changes: Vec<Self::Change>,
        tx: &mut Tx,
        ctx: &Context,
        aid: Option<&Self::Aid>,
    ) -> impl Future<Output = Result<Self::After>> + Send;

    /// Does what is left to do.
    fn committed(_aid: &Self::Aid, _after: Self::After) {}
}

/// Carries a batched command out by itself.
pub(crate) async fn alone<C: Batched>(command: &C, tx: &mut Tx, ctx: &Context) -> Result<C::Output> {
    let call = (ctx.clone(), command.clone());
    match C::plan(&[&call], tx, true).await?.pop() {
        Some(Plan::Do(output, change)) => {
            C::write(vec![change], tx, ctx, None).await?;
            Ok(output)
        }
        Some(Plan::Refuse(error)) => Err(error),
        Some(Plan::Alone) | None => Err(Error::Internal(format!("{} was not decided alone", C::NAME))),
    }
}

/// Calls that one transaction carries out.
struct Batch<C: Batched> {
    calls: Vec<Call<C>>,
    aid: C::Aid,
}

/// A call that is to be carried out, and its request.
struct Planned<C: Batched> {
    place: usize,
    principal: String,
    request: Request,
    kept: String,
    output: C::Output,
    change: C::Change,
}

impl<C: Batched> Planned<C> {
    fn request(&self) -> DoneRequest<'_> {
        let key = RequestKey { principal: &self.principal, command: C::NAME, request_id: self.request.id };
        DoneRequest { key, hash: &self.request.fingerprint, output: &self.kept }
    }
}

impl<C: Batched> Work for Batch<C> {
    /// What each call answers, and what is left to do. `None`: it is to run alone.
    type Output = (Vec<Option<Result<C::Output>>>, C::After);
    type Error = Error;

    async fn run(&self, tx: &mut Tx) -> Result<Self::Output> {
        let mut answers: Vec<_> = self.calls.iter().map(|_| None).collect();
        let Some(ctx) = self.calls.iter().map(|(ctx, _)| ctx).max_by_key(|ctx| ctx.now) else {
            return Ok((answers, C::After::default()));
        };
        let firsts = self.firsts();
        let calls: Vec<_> = firsts.iter().filter_map(|place| self.calls.get(*place)).collect();
        let (mut planned, mut refused) = (Vec::new(), Vec::new());
        for (place, plan) in firsts.into_iter().zip(C::plan(&calls, tx, false).await?) {
            match plan {
                Plan::Do(output, change) => planned.extend(self.planned(place, output, change)?),
                Plan::Refuse(error) => refused.push((place, error)),
                Plan::Alone => {}
            }
        }
        let requests: Vec<_> = planned.iter().map(Planned::request).collect();
        let new = tx.claim_requests(&requests, ctx.now).await?;
        // A repeat counted for those that were refused: they are looked at without it.
        if new.iter().all(|is_new| *is_new) {
            for (place, error) in self.never_done(tx, refused).await? {
                if let Some(answer) = answers.get_mut(place) {
                    *answer = Some(Err(error));
                }
            }
        }
        let mut changes = Vec::new();
        for (Planned { place, output, change, .. }, _) in planned.into_iter().zip(new).filter(|(_, is_new)| *is_new) {
            if let Some(answer) = answers.get_mut(place) {
                *answer = Some(Ok(output));
                changes.push(change);
            }
        }
        let after = C::write(changes, tx, ctx, Some(&self.aid)).await?;
        Ok((answers, after))
    }
}

impl<C: Batched> Batch<C> {
    fn key(&self, place: usize) -> Option<(String, Uuid)> {
        let (ctx, _) = self.calls.get(place)?;
        Some((ctx.principal.to_string(), ctx.request?.id))
    }

    /// The calls but those that repeat one before them.
    fn firsts(&self) -> Vec<usize> {
        let mut seen = HashSet::new();
        (0..self.calls.len()).filter(|place| self.key(*place).is_some_and(|key| seen.insert(key))).collect()
    }

    fn planned(&self, place: usize, output: C::Output, change: C::Change) -> Result<Option<Planned<C>>> {
        let Some((ctx, _)) = self.calls.get(place) else { return Ok(None) };
        let Some(request) = ctx.request else { return Ok(None) };
        let kept = kept::keep::<C>(&output)?;
        Ok(Some(Planned { place, principal: ctx.principal.to_string(), request, kept, output, change }))
    }

    /// Of those that were refused, those that were not carried out before: of the others there is an answer to repeat.
    async fn never_done(&self, tx: &Tx, refused: Vec<(usize, Error)>) -> Result<Vec<(usize, Error)>> {
        let keys: Vec<_> = refused.iter().filter_map(|(place, _)| self.key(*place)).collect();
        let done = tx.done_requests(C::NAME, &keys).await?;
        let is_new = |(place, _): &(usize, Error)| self.key(*place).is_some_and(|key| !done.contains(&key));
        Ok(refused.into_iter().filter(is_new).collect())
    }
}

impl Engine {
    /// Carries a command out, together with others where that is quicker.
    pub(crate) async fn run_batched<C: Batched>(&self, ctx: &Context, command: C) -> Result<C::Output> {
        const { assert!(C::LOCKS_CALLER, "alone it locks in the same order as in a batch") };
        let started = Instant::now();
        if (C::GATHERS_ALONE || self.is_shared()) && ctx.request.is_some() {
            let together = |calls: Vec<_>| {
                let (store, aid) = (self.0.store.clone(), self.part::<C::Aid>());
                async move {
                    // When it fails for all, each learns by itself why.
                    let done = store.transact(Batch { calls, aid: aid.clone() }).await;
                    let (answers, after) = done.unwrap_or_default();
                    C::committed(&aid, after);
                    answers
                }
            };
            let answer = self.part::<Arc<Queue<C>>>().take((ctx.clone(), command.clone()), together).await;
            if let Some(answer) = answer.flatten() {
                self.took(C::NAME, started);
                return answer;
            }
        }
        self.run(ctx, command).await
    }
}
