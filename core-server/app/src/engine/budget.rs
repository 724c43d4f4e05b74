//! Budgets of calls a minute, shared by all replicas.
//!
//! A replica takes calls from the database in portions and gives them out from memory, so that most calls cost no
//! statement. The first portion of a window it lends, and takes from the database together with the second: who asks
//! for little costs none at all. So a limit may be passed by a tenth for each replica beyond the first, and by no more.
//! Where there is one process alone (SQLite), memory is all there is.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};
use warung_domain::principal::Principal;
use warung_store::{Tx, Work, rows};

use super::{Engine, turns::Turns};
use crate::{
    context::Context,
    error::{Error, Result},
};

/// Which budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Budget {
    /// Reads.
    Read,
    /// Writes.
    Write,
    /// Film requests.
    Film,
}

impl Budget {
    fn name(self) -> &'static str {
        match self {
            Self::Read => "READ",
            Self::Write => "WRITE",
            Self::Film => "FILM",
        }
    }

    fn limit(self, ctx: &Context) -> i64 {
        match self {
            Self::Read => ctx.settings.read_per_minute,
            Self::Write => ctx.settings.write_per_minute,
            Self::Film => ctx.settings.film_per_minute,
        }
    }
}

/// Whose budget a call is counted on.
#[derive(Clone, Copy, Debug)]
pub enum Payer<'a> {
    /// Somebody who is known.
    Principal(&'a Principal),
    /// Whoever is at a client's address: a mobile carrier puts many people behind one.
    Address(&'a str),
}

/// How many people an address may stand for.
const PERSONS_AT_AN_ADDRESS: i64 = 10;

impl Payer<'_> {
    fn persons(self) -> i64 {
        match self {
            Self::Principal(_) => 1,
            Self::Address(_) => PERSONS_AT_AN_ADDRESS,
        }
    }
}

impl fmt::Display for Payer<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Principal(principal) => principal.fmt(formatter),
            Self::Address(address) => write!(formatter, "address:{address}"),
        }
    }
}

/// A replica asks for a tenth of the limit at a time.
const PORTIONS: i64 = 10;

fn portion_of(limit: i64) -> i64 {
    limit.checked_div(PORTIONS).unwrap_or_default().max(1)
}

#[derive(Debug, Default)]
struct Purse {
    /// What may still be given out.
    left: i64,
    /// What was lent, and is not taken from the database yet.
    lent: i64,
    /// The database has no more in this window.
    is_last: bool,
    /// Held by the one call that fetches the next portion for all.
    refill: Option<Arc<tokio::sync::Mutex<()>>>,
}

/// How a call fared with the purse.
enum Payment {
    Paid,
    /// There is no more in this window.
    Spent,
    /// There may be more in the database, once what was lent is taken from it.
    Empty {
        lent: i64,
        refill: Arc<tokio::sync::Mutex<()>>,
    },
}

#[derive(Debug)]
struct Window {
    time: DateTime<Utc>,
    purses: HashMap<(String, Budget), Purse>,
}

#[derive(Debug)]
pub(super) struct Budgets {
    alone: bool,
    window: Mutex<Window>,
    refills: Refills,
}

impl Budgets {
    pub(super) fn new(alone: bool) -> Self {
        let window = Window { time: DateTime::UNIX_EPOCH, purses: HashMap::new() };
        Self { alone, window: Mutex::new(window), refills: Refills::default() }
    }

    /// The purses of the window that `now` is in; those of the one before are forgotten.
    fn lock(&self, time: DateTime<Utc>) -> MutexGuard<'_, Window> {
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        if window.time != time {
            window.time = time;
            window.purses.clear();
        }
        window
    }

    /// Takes a call from the purse, after putting `more` into it.
    fn pay(&self, time: DateTime<Utc>, key: &(String, Budget), limit: i64, more: Portion) -> Payment {
        let mut window = self.lock(time);
        let purse = window.purses.entry(key.clone()).or_insert_with(|| {
            if self.alone {
                Purse { left: limit, is_last: true, ..Purse::default() }
            } else {
                Purse { left: portion_of(limit), lent: portion_of(limit), ..Purse::default() }
            }
        });
        purse.left = purse.left.saturating_add(more.taken.saturating_sub(more.repaid));
        purse.lent = purse.lent.saturating_sub(more.repaid);
        purse.is_last |= more.is_last;
        if purse.left > 0 {
            purse.left = purse.left.saturating_sub(1);
            Payment::Paid
        } else if purse.is_last {
            Payment::Spent
        } else {
            Payment::Empty { lent: purse.lent, refill: Arc::clone(purse.refill.get_or_insert_default()) }
        }
    }
}

/// What the database gave.
#[derive(Clone, Copy, Debug, Default)]
struct Portion {
    taken: i64,
    /// How much of it was lent before.
    repaid: i64,
    is_last: bool,
}

/// Portions that are waited for, with their limits. One transaction takes all that gather while the one before it runs.
type Refills = Turns<(rows::CallBudget, i64), warung_store::Result<i64>, 1>;

struct Take(Vec<(rows::CallBudget, i64)>);

impl Work for Take {
    type Output = Vec<i64>;
    type Error = warung_store::Error;

    async fn run(&self, tx: &mut Tx) -> warung_store::Result<Vec<i64>> {
        tx.take_calls_of_many(self.0.clone()).await
    }
}

impl super::Inner {
    /// How many calls the database gave.
    async fn take_portion(&self, window: rows::CallBudget, limit: i64) -> Result<i64> {
        let together = |wanted: Vec<_>| {
            let (store, count) = (self.store.clone(), wanted.len());
            async move {
                match store.transact(Take(wanted)).await {
                    Ok(taken) => taken.into_iter().map(Ok).collect(),
                    Err(error) => vec![Err(error); count],
                }
            }
        };
        let taken = self.budgets.refills.take((window, limit), together).await;
        Ok(taken.ok_or_else(|| Error::Internal("a budget was not taken".into()))??)
    }
}

impl Engine {
    /// Takes one call from a payer's budget.
    pub async fn spend(&self, ctx: &Context, payer: Payer<'_>, budget: Budget) -> Result<()> {
        let minute = TimeDelta::minutes(1);
        let time = ctx.now.duration_trunc(minute).map_err(|error| Error::Internal(error.to_string()))?;
        let end = time.checked_add_signed(minute).unwrap_or(time);
        let limited =
            || Error::Limited { retry_after: (end - ctx.now).to_std().unwrap_or_default().max(Duration::from_secs(1)) };
        let limit = budget.limit(ctx).saturating_mul(payer.persons());
        let payer = payer.to_string();
        let key = (payer.clone(), budget);
        let refill = match self.0.budgets.pay(time, &key, limit, Portion::default()) {
            Payment::Paid => return Ok(()),
            Payment::Spent => return Err(limited()),
            Payment::Empty { refill, .. } => refill,
        };
        let _alone = refill.lock().await;
        // Somebody may have filled it while we waited for our turn.
        let lent = match self.0.budgets.pay(time, &key, limit, Portion::default()) {
            Payment::Paid => return Ok(()),
            Payment::Spent => return Err(limited()),
            Payment::Empty { lent, .. } => lent,
        };
        let wanted = portion_of(limit).saturating_add(lent);
        let window =
            rows::CallBudget { principal: payer, kind: budget.name().to_owned(), window_time: time, used: wanted };
        let taken = self.0.take_portion(window, limit).await?;
        let more = Portion { taken, repaid: lent, is_last: taken < wanted };
        match self.0.budgets.pay(time, &key, limit, more) {
            Payment::Paid => Ok(()),
            Payment::Spent | Payment::Empty { .. } => Err(limited()),
        }
    }
}
