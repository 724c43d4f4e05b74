//! An order's payments, locked with it: the one place where a row becomes a state of the machine, and back.

use uuid::Uuid;
use warung_domain::{
    ids::PaymentId,
    payment::{Closure, Event, Method, PaymentState, Stage},
};
use warung_store::{Tx, rows};

use crate::{
    context::Context,
    error::{Error, Result},
};

/// Where a row stands.
fn stage_of(row: &rows::Payment) -> Result<Stage> {
    let missing = |column: &str| Error::inconsistent(format!("payment.{column} of {}", row.state.0.name()));
    let end = || row.expire_time.ok_or_else(|| missing("expire_time"));
    let received = || row.received_minor.ok_or_else(|| missing("received_minor"));
    let paid_time = || row.paid_time.ok_or_else(|| missing("paid_time"));
    Ok(match row.state.0 {
        PaymentState::Creating => Stage::Creating,
        PaymentState::Open => Stage::Open { expire_time: end()? },
        PaymentState::Awaiting => {
            Stage::Awaiting { word: row.awaits.ok_or_else(|| missing("awaits"))?.0, until: end()? }
        }
        PaymentState::Paid => Stage::Paid { received: received()?, paid_time: paid_time()? },
        PaymentState::Cancelled => Stage::Closed { how: Closure::Cancelled, end: end()? },
        PaymentState::Expired => Stage::Closed { how: Closure::Expired, end: end()? },
        PaymentState::Failed => Stage::Closed { how: Closure::Failed, end: end()? },
        PaymentState::Returned => Stage::Returned { received: received()?, paid_time: paid_time()? },
        PaymentState::Reversed => {
            let reversed = row.reversed_minor.ok_or_else(|| missing("reversed_minor"))?;
            Stage::Reversed { received: received()?, paid_time: paid_time()?, reversed }
        }
    })
}

/// Puts a state and what it carries into a row.
fn write(row: &mut rows::Payment, stage: Stage) {
    row.state = stage.state().into();
    row.awaits = None;
    match stage {
        // Until when it could be paid stays with what was paid.
        Stage::Creating => {}
        Stage::Open { expire_time: end } | Stage::Closed { end, .. } => row.expire_time = Some(end),
        Stage::Awaiting { word, until } => {
            row.awaits = Some(word.into());
            row.expire_time = Some(until);
        }
        Stage::Paid { received, paid_time } | Stage::Returned { received, paid_time } => {
            (row.received_minor, row.paid_time) = (Some(received), Some(paid_time));
        }
        Stage::Reversed { received, paid_time, reversed } => {
            (row.received_minor, row.paid_time) = (Some(received), Some(paid_time));
            row.reversed_minor = Some(reversed);
        }
    }
}

/// How a payment is to be written.
#[derive(Debug)]
enum Kept {
    As,
    /// From what it was found as.
    Changed(Box<rows::Payment>),
    New,
}

/// A payment that a command works on.
#[derive(Debug)]
pub(crate) struct Attempt {
    row: rows::Payment,
    kept: Kept,
}

impl Attempt {
    pub(crate) fn id(&self) -> PaymentId {
        PaymentId(self.row.id)
    }

    pub(crate) fn row(&self) -> &rows::Payment {
        &self.row
    }

    /// The row, to change what is not its state.
    pub(crate) fn row_mut(&mut self) -> &mut rows::Payment {
        if matches!(self.kept, Kept::As) {
            self.kept = Kept::Changed(Box::new(self.row.clone()));
        }
        &mut self.row
    }

    pub(crate) fn state(&self) -> PaymentState {
        self.row.state.0
    }

    pub(crate) fn stage(&self) -> Result<Stage> {
        stage_of(&self.row)
    }

    pub(crate) fn method(&self) -> Method {
        self.row.method.0
    }

    /// Lets an event happen to it; the caller has made sure that it fits.
    pub(crate) fn change(&mut self, ctx: &Context, event: Event) -> Result<()> {
        let after = self.stage()?.after(event, ctx.now).map_err(|error| Error::Internal(error.to_string()))?;
        write(self.row_mut(), after);
        Ok(())
    }
}

/// The payments of an order, by number. Its buyer and the order are locked before them.
#[derive(Debug, Default)]
pub(crate) struct Attempts(Option<Vec<Attempt>>);

impl Attempts {
    /// Of rows that are locked.
    pub(crate) fn of(rows: impl IntoIterator<Item = rows::Payment>) -> Self {
        Self(Some(rows.into_iter().map(|row| Attempt { row, kept: Kept::As }).collect()))
    }

    /// Locks them, unless they are.
    pub(crate) async fn load(&mut self, tx: &mut Tx, order_id: Uuid) -> Result<()> {
        if self.0.is_none() {
            *self = Self::of(tx.lock_payments_of_orders(vec![order_id]).await?);
        }
        Ok(())
    }

    /// All of them; none before they are locked.
    pub(crate) fn all(&self) -> &[Attempt] {
        self.0.as_deref().unwrap_or_default()
    }

    pub(crate) fn all_mut(&mut self) -> &mut [Attempt] {
        self.0.as_deref_mut().unwrap_or_default()
    }

    pub(crate) fn get(&self, id: PaymentId) -> Result<&Attempt> {
        self.all().iter().find(|attempt| attempt.id() == id).ok_or_else(|| Error::not_found("payment", &id))
    }

    pub(crate) fn get_mut(&mut self, id: PaymentId) -> Result<&mut Attempt> {
        self.all_mut().iter_mut().find(|attempt| attempt.id() == id).ok_or_else(|| Error::not_found("payment", &id))
    }

    /// The one that is underway, if one is.
    pub(crate) fn underway(&self) -> Option<&Attempt> {
        self.all().iter().find(|attempt| attempt.state().is_underway())
    }

    /// The number of the next.
    pub(crate) fn next_number(&self) -> i64 {
        self.all().iter().map(|attempt| attempt.row.number).max().unwrap_or_default().saturating_add(1)
    }

    /// Adds a new one.
    pub(crate) fn add(&mut self, row: rows::Payment) {
        self.0.get_or_insert_default().push(Attempt { row, kept: Kept::New });
    }

    /// Those that are new, and those that have changed, each as it was found and as it is.
    pub(crate) fn into_written(self) -> (Vec<rows::Payment>, Vec<(rows::Payment, rows::Payment)>) {
        let (mut new, mut changed) = (Vec::new(), Vec::new());
        for Attempt { row, kept } in self.0.unwrap_or_default() {
            match kept {
                Kept::As => {}
                Kept::Changed(found) => changed.push((*found, row)),
                Kept::New => new.push(row),
            }
        }
        (new, changed)
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use warung_domain::{money::Currency, payment::Word};

    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    fn row() -> rows::Payment {
        rows::Payment {
            id: Uuid::nil(),
            order_id: Uuid::nil(),
            number: 1,
            reference: "tg7-abcdefgh-1".into(),
            gateway: "PAKASIR".into(),
            method: Method::Qris.into(),
            state: PaymentState::Creating.into(),
            currency: Currency::Idr.into(),
            amount_minor: 100,
            fee_minor: 0,
            total_minor: 100,
            received_minor: None,
            payload: None,
            pay_url: None,
            expire_time: None,
            paid_time: None,
            awaits: None,
            reversed_minor: None,
            review_reason: None,
            create_time: at(0),
        }
    }

    #[test]
    fn a_state_reads_back_from_its_row_with_all_that_it_carries() {
        let stages = [
            Stage::Creating,
            Stage::Open { expire_time: at(900) },
            Stage::Awaiting { word: Word::Seller, until: at(5_000) },
            Stage::Awaiting { word: Word::Telegram, until: at(5_000) },
            Stage::Closed { how: Closure::Cancelled, end: at(7) },
            Stage::Closed { how: Closure::Expired, end: at(7) },
            Stage::Closed { how: Closure::Failed, end: at(7) },
            Stage::Paid { received: 100, paid_time: at(3) },
            Stage::Returned { received: 100, paid_time: at(3) },
            Stage::Reversed { received: 100, paid_time: at(3), reversed: 40 },
        ];
        let mut row = row();
        for stage in stages {
            write(&mut row, stage);
            assert_eq!(stage_of(&row).unwrap(), stage);
        }
    }

    #[test]
    fn a_row_without_what_its_state_carries_is_inconsistent() {
        for state in PaymentState::ALL {
            let row = rows::Payment { state: state.into(), ..row() };
            assert_eq!(stage_of(&row).is_ok(), state == PaymentState::Creating, "{state:?}");
        }
    }
}
