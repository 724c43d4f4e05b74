//! Where an order stands, between its row and the state machine.

use warung_domain::order::{Event, Impossible, OrderState, Stage};
use warung_store::rows;

use crate::{
    context::Context,
    error::{Error, Result},
};

/// Where a row stands.
pub(crate) fn stage_of(row: &rows::Order) -> Result<Stage> {
    let missing = |column: &str| Error::inconsistent(format!("orders.{column} of {}", row.state.0.name()));
    let paid_time = || row.paid_time.ok_or_else(|| missing("paid_time"));
    let end_time = || row.end_time.ok_or_else(|| missing("end_time"));
    Ok(match row.state.0 {
        OrderState::Pending => Stage::Pending { expire_time: row.expire_time },
        OrderState::Paid => Stage::Paid { paid_time: paid_time()?, hold: row.hold_reason.map(|hold| hold.0) },
        OrderState::Completed => Stage::Completed { paid_time: paid_time()?, end_time: end_time()? },
        OrderState::Cancelled => Stage::Cancelled { end_time: end_time()? },
        OrderState::Expired => Stage::Expired { end_time: end_time()? },
        OrderState::Refunded => Stage::Refunded { paid_time: paid_time()?, end_time: end_time()? },
    })
}

/// Lets an event happen to an order's row. Answers whether anything is another than before.
pub(crate) fn change(row: &mut rows::Order, ctx: &Context, event: Event) -> Result<bool, Change> {
    let before = stage_of(row)?;
    let after = before.after(event, ctx.now)?;
    if after == before {
        return Ok(false);
    }
    row.state = after.state().into();
    row.hold_reason = after.hold().map(Into::into);
    row.paid_time = after.paid_time();
    row.end_time = after.end_time();
    Ok(true)
}

/// Why an event did not happen.
#[derive(Debug)]
pub(crate) enum Change {
    /// The order is not in a state for it.
    Impossible(Impossible),
    /// Its row breaks a rule of ours.
    Broken(Error),
}

impl From<Impossible> for Change {
    fn from(impossible: Impossible) -> Self {
        Self::Impossible(impossible)
    }
}

impl From<Error> for Change {
    fn from(error: Error) -> Self {
        Self::Broken(error)
    }
}

/// A caller that has made sure that the event fits takes its refusal for a fault.
impl From<Change> for Error {
    fn from(change: Change) -> Self {
        match change {
            Change::Impossible(impossible) => Self::Internal(impossible.to_string()),
            Change::Broken(error) => error,
        }
    }
}

impl Change {
    /// The error of a caller that has its own word for an order in another state.
    pub(crate) fn or(self, refusal: impl Into<Error>) -> Error {
        match self {
            Self::Impossible(_) => refusal.into(),
            Self::Broken(error) => error,
        }
    }
}
