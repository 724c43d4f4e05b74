//! Another amount than was asked for, which somebody says was paid under a payment's reference: the gateway is asked about
//! that amount until it confirms it, or its time is over.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use warung_domain::{
    ids::PaymentId,
    money::Money,
    payment::{next_check, next_check_unanswered},
    review::ReviewReason,
};
use warung_store::{Tx, rows};

use super::{
    Lookup, ReviewPayment,
    check::{Answer, CheckClaim, REST, ReleaseCheck, is_resting_until, readable, reference_of_other},
    limits::LEASE,
    review::reasons,
};
use crate::{context::Context, engine::Command, error::Result};

/// So many amounts of a payment are asked about at once: anybody who knows a reference can claim some.
const AMOUNTS_MAX: usize = 5;
/// So long an amount is asked about as often as a payment that was just begun; then as after a payment's end.
const EAGER_FOR: TimeDelta = TimeDelta::minutes(1);

/// The gateway is to be asked about it.
const ASKING: &str = "ASKING";
/// The gateway knew nothing of it when it was asked; it makes room for another.
const UNKNOWN: &str = "UNKNOWN";
/// The gateway has received it: a seller decides.
const RECEIVED: &str = "RECEIVED";

/// An amount to ask a gateway about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimedAmount {
    /// Its row.
    pub id: Uuid,
    /// What the gateway is asked with: the payment, and this amount.
    pub lookup: Lookup,
}

impl ClaimedAmount {
    fn of(row: &rows::ClaimedAmount, payment: &rows::Payment) -> Result<Self> {
        let lookup = Lookup::from_row(payment)?;
        let amount = Money { minor_units: row.amount_minor, ..lookup.amount };
        Ok(Self { id: row.id, lookup: Lookup { amount, ..lookup } })
    }
}

/// Takes the right to ask about an amount that a webhook tells of, or keeps it for later while somebody asks or the gateway
/// rests. The payment's row is locked.
pub(super) async fn claim(
    tx: &mut Tx,
    ctx: &Context,
    mut payment: rows::Payment,
    amount_minor: i64,
) -> Result<CheckClaim> {
    let id = PaymentId(payment.id);
    if tx.has_payment(&reference_of_other(&payment.reference, amount_minor)).await? {
        return Ok(CheckClaim::Paid(id));
    }
    let all = tx.claimed_amounts(payment.id).await?;
    let mut found = all.iter().find(|row| row.amount_minor == amount_minor).cloned();
    if found.as_ref().is_some_and(|row| row.state == RECEIVED) {
        let is_seen = |reason: &ReviewReason| matches!(reason, ReviewReason::OtherAmount { received } if received.minor_units == amount_minor);
        let waits = reasons(&payment)?.iter().any(is_seen);
        return Ok(if waits { CheckClaim::ToReview(id) } else { CheckClaim::Paid(id) });
    }
    if found.is_none() && !make_room(tx, &all).await? {
        // Whoever knows of it must come again.
        return Ok(CheckClaim::TryAgain);
    }
    let is_new = found.is_none();
    let mut row = found.take().unwrap_or_else(|| rows::ClaimedAmount {
        id: ctx.new_id(),
        payment_id: payment.id,
        amount_minor,
        state: ASKING.to_owned(),
        check_time: None,
        check_lease_time: None,
        create_time: ctx.now,
    });
    ASKING.clone_into(&mut row.state);
    let claim = if let Some(rested) = is_resting_until(&payment, ctx.now) {
        let due = spread(rested, &all, row.id);
        let due = row.check_time.map_or(due, |time| time.min(due));
        row.check_time = Some(due);
        CheckClaim::Marked { due }
    } else {
        let until = ctx.now + LEASE;
        // Should whoever asks now not live to write the answer down, it is due.
        (row.check_time, row.check_lease_time) = (Some(until), Some(until));
        let claimed = ClaimedAmount::of(&row, &payment)?;
        payment.check_lease_time = Some(until);
        tx.update(payment).await?;
        CheckClaim::Amount(claimed)
    };
    if is_new {
        tx.insert(row).await?;
    } else {
        tx.update(row).await?;
    }
    Ok(claim)
}

/// Room for one amount more: one that the gateway knew nothing of gives way.
async fn make_room(tx: &mut Tx, all: &[rows::ClaimedAmount]) -> Result<bool> {
    let open = all.iter().filter(|row| row.state != RECEIVED);
    if open.clone().count() < AMOUNTS_MAX {
        return Ok(true);
    }
    let Some(oldest) = open.clone().find(|row| row.state == UNKNOWN) else { return Ok(false) };
    tx.remove_claimed_amount(oldest.id).await?;
    Ok(true)
}

/// When one amount more is asked about, so that the gateway rests between any two of them.
fn spread(earliest: DateTime<Utc>, all: &[rows::ClaimedAmount], id: Uuid) -> DateTime<Utc> {
    let mut due = earliest;
    let others = || all.iter().filter(|row| row.id != id).filter_map(|row| row.check_time);
    while others().any(|time| (time - due).abs() < REST) {
        due += REST;
    }
    due
}

/// Takes the right to ask gateways about amounts that are due for it.
#[derive(Clone, Debug)]
pub struct ClaimDueAmounts {
    /// At most so many.
    pub limit: u64,
    /// Of these gateways.
    pub gateways: Vec<String>,
}

impl Command for ClaimDueAmounts {
    type Output = Vec<ClaimedAmount>;
    const NAME: &'static str = "payment.claim_due_amounts";
    const BY_REQUEST_ID: bool = false;

    async fn execute(&self, tx: &mut Tx, ctx: &Context) -> Result<Vec<ClaimedAmount>> {
        let gateways: Vec<_> = self.gateways.iter().map(String::as_str).collect();
        let found = tx.lease_due_amounts(ctx.now, ctx.now + LEASE, &gateways, self.limit).await?;
        let claimed = found.iter().filter_map(|(row, payment)| readable(payment.id, ClaimedAmount::of(row, payment)));
        Ok(claimed.collect())
    }
}

/// What a gateway said of another amount than was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AmountAnswer {
    /// It has received it.
    Received,
    /// It is not paid.
    NotPaid,
    /// It knows nothing of it.
    Unknown,
    /// Nothing, or something that is of no use.
    Missing,
}

/// Keeps what a gateway said of another amount: it is put before a seller, asked about again, or let go.
#[derive(Clone, Copy, Debug)]
pub struct ReleaseAmount {
    /// The amount's row.
    pub id: Uuid,
    /// Of which payment.
    pub payment_id: PaymentId,
    /// What the gateway said.
    pub answer: AmountAnswer,
    /// It was asked because of a webhook, and so was the payment's check taken.
    pub by_webhook: bool,
}

impl Command for ReleaseAmount {
    /// A webhook of the payment came meanwhile: when the gateway is to be asked about that.
    type Output = Option<DateTime<Utc>>;
    const NAME: &'static str = "payment.release_amount";
    const BY_REQUEST_ID: bool = false;

    async fn execute(&self, tx: &mut Tx, ctx: &Context) -> Result<Option<DateTime<Utc>>> {
        let Some(mut row) = tx.find::<rows::ClaimedAmount>(self.id).await? else { return Ok(None) };
        let ends = row.create_time + EAGER_FOR;
        let next = match self.answer {
            AmountAnswer::Received => None,
            AmountAnswer::NotPaid | AmountAnswer::Unknown => next_check(row.create_time, ends, ctx.now),
            AmountAnswer::Missing => next_check_unanswered(row.create_time, ends, ctx.now),
        };
        let amount = Money::idr(row.amount_minor);
        let reason = match self.answer {
            AmountAnswer::Received => Some(ReviewReason::OtherAmount { received: amount }),
            AmountAnswer::Missing if next.is_none() => Some(ReviewReason::OtherAmountUnknown { claimed: amount }),
            AmountAnswer::Missing | AmountAnswer::NotPaid | AmountAnswer::Unknown => None,
        };
        if let Some(reason) = reason {
            ReviewPayment { payment_id: self.payment_id, reason }.execute(tx, ctx).await?;
        }
        let due = if self.by_webhook {
            let answer = Answer::NotAsked;
            ReleaseCheck { payment_id: self.payment_id, answer, by_webhook: true }.execute(tx, ctx).await?
        } else {
            None
        };
        let is_received = self.answer == AmountAnswer::Received;
        if !is_received && next.is_none() {
            // Its time is over.
            tx.remove_claimed_amount(row.id).await?;
            return Ok(due);
        }
        let state = match self.answer {
            AmountAnswer::Received => RECEIVED,
            AmountAnswer::Unknown => UNKNOWN,
            AmountAnswer::NotPaid | AmountAnswer::Missing => ASKING,
        };
        state.clone_into(&mut row.state);
        row.check_time = next;
        row.check_lease_time = None;
        tx.update(row).await?;
        Ok(due)
    }
}
