//! Who asks a gateway about a payment, and when: of all that want to, one at a time.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use warung_domain::{
    ids::PaymentId,
    money::Money,
    payment::{BALANCE_GATEWAY, PaymentState, next_check, next_check_unanswered},
    review::ReviewReason,
};
use warung_store::{Tx, rows};

use super::{
    Lookup, ReviewPayment, claimed,
    limits::LEASE,
    view::{method_of, state_of},
};
use crate::{
    context::Context,
    engine::Command,
    error::{Error, Result},
};

/// A gateway that was asked because of a webhook is asked because of another one so much later: anybody can post some.
pub(super) const REST: TimeDelta = TimeDelta::seconds(2);
/// The longest reference that is looked for, in bytes.
const REFERENCE_BYTES_MAX: usize = 64;

/// What a check names its payment by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CheckBy {
    /// A webhook named it. It may be newer than the answer to a question that is underway: the gateway is asked once more
    /// afterwards.
    Webhook {
        /// Which gateway it came from.
        gateway: String,
        /// What the gateway knows it by.
        reference: String,
        /// How much has arrived, as it says. Of another amount than was asked for the gateway is asked even when the payment
        /// is paid: at its own page a reference can be paid with any.
        amount: Money,
    },
    /// Its id.
    Payment(PaymentId),
}

/// Whether the caller is to ask the gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CheckClaim {
    /// Yes: about this. Afterwards it is applied or released.
    Claimed(Lookup),
    /// Yes: about another amount than was asked for.
    Amount(claimed::ClaimedAmount),
    /// Somebody else is asking just now.
    BeingChecked(PaymentId),
    /// Not now: somebody is asking, or the gateway rests. It is asked once more.
    Marked {
        /// When, at the latest.
        due: DateTime<Utc>,
    },
    /// So many other amounts are being asked about that this one can't be kept: whoever knows of it must come again.
    TryAgain,
    /// No: the gateway has confirmed this other amount, and a seller is to look at it.
    ToReview(PaymentId),
    /// No: it is paid.
    Paid(PaymentId),
    /// There is no payment of a gateway by this name.
    Unknown,
}

/// Takes the right to ask a gateway about a payment.
#[derive(Clone, Debug)]
pub struct ClaimCheck {
    /// Which payment.
    pub by: CheckBy,
}

impl Command for ClaimCheck {
    type Output = CheckClaim;
    const NAME: &'static str = "payment.claim_check";
    const BY_REQUEST_ID: bool = false;

    async fn execute(&self, tx: &mut Tx, ctx: &Context) -> Result<CheckClaim> {
        let found = match &self.by {
            CheckBy::Payment(id) => tx.lock_check(id.0).await?,
            // The database is not asked for what can't be a reference: PostgreSQL refuses some texts altogether.
            CheckBy::Webhook { gateway, reference, .. } if is_reference(reference) => {
                let found = tx.lock_check_by_reference(reference).await?;
                found.filter(|row| row.gateway == *gateway || row.gateway == BALANCE_GATEWAY)
            }
            CheckBy::Webhook { .. } => None,
        };
        let Some(mut row) = found else { return Ok(CheckClaim::Unknown) };
        let id = PaymentId(row.id);
        if method_of(&row)?.is_balance() {
            let is_paid = state_of(&row)? == PaymentState::Paid;
            return Ok(if is_paid { CheckClaim::Paid(id) } else { CheckClaim::Unknown });
        }
        if let Some(amount) = self.by.other_amount(&row) {
            return claimed::claim(tx, ctx, row, amount).await;
        }
        if state_of(&row)?.has_money() {
            return Ok(CheckClaim::Paid(id));
        }
        let asked_until = row.check_lease_time.filter(|ends| *ends > ctx.now);
        let rested = match self.by {
            CheckBy::Webhook { .. } => is_resting_until(&row, ctx.now),
            CheckBy::Payment(_) => asked_until,
        };
        let Some(rested) = rested else {
            let lookup = Lookup::from_row(&row)?;
            row.check_lease_time = Some(ctx.now + LEASE);
            row.checks = row.checks.saturating_add(1);
            tx.update(row).await?;
            return Ok(CheckClaim::Claimed(lookup));
        };
        if matches!(self.by, CheckBy::Payment(_)) {
            return Ok(CheckClaim::BeingChecked(id));
        }
        // Its being due when the check ends tells the one who ends it; should they not live to do so, it is due.
        let due = asked_until.unwrap_or(rested);
        let due = row.check_time.filter(|time| asked_until.is_none() && *time < due).unwrap_or(due);
        row.check_time = Some(due);
        tx.update(row).await?;
        Ok(CheckClaim::Marked { due })
    }
}

/// Until when no webhook has the gateway asked about a payment: somebody is asking, or did so just before.
pub(super) fn is_resting_until(row: &rows::Payment, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    row.check_lease_time.map(|ends| ends + REST).filter(|rested| *rested > now)
}

impl CheckBy {
    /// The amount that a webhook tells of, if it is not what the gateway was asked for.
    fn other_amount(&self, row: &rows::Payment) -> Option<i64> {
        match self {
            Self::Webhook { amount, .. } if amount.minor_units != row.amount_minor => Some(amount.minor_units),
            Self::Webhook { .. } | Self::Payment(_) => None,
        }
    }
}

/// What a payment is known by that books money of another amount than its reference was asked for. A gateway has at most one
/// of a reference and an amount.
pub(super) fn reference_of_other(reference: &str, amount: i64) -> String {
    format!("{reference}-{amount}")
}

pub(super) fn is_reference(text: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    text.len() <= REFERENCE_BYTES_MAX && text.bytes().all(is_allowed)
}

/// Takes the right to ask gateways about payments that are due for it.
#[derive(Clone, Debug)]
pub struct ClaimDueChecks {
    /// At most so many.
    pub limit: u64,
    /// Of these gateways: the others' wait until they are configured again.
    pub gateways: Vec<String>,
}

impl Command for ClaimDueChecks {
    type Output = Vec<Lookup>;
    const NAME: &'static str = "payment.claim_due_checks";
    const BY_REQUEST_ID: bool = false;

    async fn execute(&self, tx: &mut Tx, ctx: &Context) -> Result<Vec<Lookup>> {
        let gateways: Vec<_> = self.gateways.iter().map(String::as_str).collect();
        let found = tx.lease_due_checks(ctx.now, ctx.now + LEASE, &gateways, self.limit).await?;
        Ok(found.iter().filter_map(|row| readable(row.id, Lookup::from_row(row))).collect())
    }
}

/// What can be read: a payment that can't keeps no other from being asked about.
pub(super) fn readable<T>(id: uuid::Uuid, read: Result<T>) -> Option<T> {
    let unreadable = |error: &Error| tracing::error!(payment.id = %PaymentId(id), %error, "a payment can't be read");
    read.inspect_err(unreadable).ok()
}

/// What a gateway answered to somebody whose check it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    /// That the payment is not paid, or something that is of no use.
    NotPaid,
    /// Nothing.
    Missing,
    /// It was not asked about this payment, but about something like it.
    NotAsked,
}

/// The gateway did not confirm a payment: whoever wants to may ask again, and the core does by its schedule.
#[derive(Clone, Copy, Debug)]
pub struct ReleaseCheck {
    /// Which payment.
    pub payment_id: PaymentId,
    /// What the gateway answered.
    pub answer: Answer,
    /// It was asked because of a webhook.
    pub by_webhook: bool,
}

impl Command for ReleaseCheck {
    /// A webhook came meanwhile: when the gateway is to be asked again.
    type Output = Option<DateTime<Utc>>;
    const NAME: &'static str = "payment.release_check";
    const BY_REQUEST_ID: bool = false;

    async fn execute(&self, tx: &mut Tx, ctx: &Context) -> Result<Option<DateTime<Utc>>> {
        if self.answer == Answer::Missing {
            self.tell_of_silence(tx, ctx).await?;
        }
        let Some(mut row) = tx.lock_check(self.payment_id.0).await? else { return Ok(None) };
        if state_of(&row)?.has_money() {
            if self.answer == Answer::NotAsked {
                // It was paid before: nobody asks about it but for another amount.
                row.check_lease_time = self.by_webhook.then_some(ctx.now);
                tx.update(row).await?;
            }
            return Ok(None);
        }
        let was_told = row.check_time.is_some() && row.check_time == row.check_lease_time;
        let ends = ends(tx, &row, ctx).await?;
        row.check_time = match self.answer {
            // Not at once: who posts webhooks without end shall not have the gateway asked without end.
            _ if was_told => Some(if self.by_webhook { ctx.now + REST } else { ctx.now }),
            // What is not asked about any more stays so: a webhook or a buyer had it asked once more.
            Answer::NotPaid => row.check_time.and_then(|_| next_check(row.create_time, ends, ctx.now)),
            Answer::Missing => next_check_unanswered(row.create_time, ends, ctx.now),
            Answer::NotAsked => row.check_time,
        };
        // A gateway that did not answer need not rest: the webhook comes again, and shall count.
        let rests = self.by_webhook && self.answer != Answer::Missing;
        row.check_lease_time = rests.then_some(ctx.now);
        let due = row.check_time.filter(|_| was_told);
        tx.update(row).await?;
        Ok(due)
    }
}

impl ReleaseCheck {
    /// Before a payment is left alone whose gateway has not answered for days, sellers and owner are told.
    async fn tell_of_silence(&self, tx: &mut Tx, ctx: &Context) -> Result<()> {
        let found: Option<rows::Payment> = tx.find(self.payment_id.0).await?;
        let Some(row) = found.filter(|row| row.check_time.is_some()) else { return Ok(()) };
        let ends = ends(tx, &row, ctx).await?;
        if !state_of(&row)?.has_money() && next_check_unanswered(row.create_time, ends, ctx.now).is_none() {
            ReviewPayment { payment_id: self.payment_id, reason: ReviewReason::Unanswered }.execute(tx, ctx).await?;
        }
        Ok(())
    }
}

/// Until when a payment can be paid: without an invoice's end the order's counts.
async fn ends(tx: &Tx, row: &rows::Payment, ctx: &Context) -> Result<DateTime<Utc>> {
    let order: Option<rows::Order> = match row.expire_time {
        Some(_) => None,
        None => tx.find(row.order_id).await?,
    };
    Ok(row.expire_time.or(order.map(|order| order.expire_time)).unwrap_or(ctx.now))
}
