//! Who asks a gateway about a payment, and when: of all that want to, one at a time.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use warung_domain::{
    ids::PaymentId,
    money::Money,
    payment::{PaymentState, next_check, next_check_unanswered},
};
use warung_store::{Tx, rows};

use super::{
    Lookup, ReviewPayment,
    view::{method_of, state_of},
};
use crate::{
    context::Context,
    engine::Command,
    error::{Error, Result},
};

/// How long asking may take: more than the gateway's time limit.
const LEASE: TimeDelta = TimeDelta::seconds(30);
/// A gateway that was asked because of a webhook is asked because of another one so much later: anybody can post some.
const REST: TimeDelta = TimeDelta::seconds(2);
/// The longest reference that is looked for, in bytes.
const REFERENCE_BYTES_MAX: usize = 64;

/// What a check names its payment by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CheckBy {
    /// A webhook named it. While somebody is asking, what it tells of may be newer than their answer; so the gateway is
    /// asked once more.
    Webhook {
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
    /// Somebody else is asking just now.
    BeingChecked(PaymentId),
    /// Somebody else is asking just now, though not about this amount: whoever knows of it must come again.
    TryAgain,
    /// No: it is paid.
    Paid(PaymentId),
    /// There is no payment of a gateway by this name.
    Unknown,
}

/// Takes the right to ask a gateway about a payment.
#[derive(Clone, Debug, Serialize, Deserialize)]
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
            CheckBy::Webhook { reference, .. } if is_reference(reference) => {
                tx.lock_check_by_reference(reference).await?
            }
            CheckBy::Webhook { .. } => None,
        };
        let Some(mut row) = found else { return Ok(CheckClaim::Unknown) };
        let id = PaymentId(row.id);
        if method_of(&row)?.is_balance() {
            let is_paid = state_of(&row)? == PaymentState::Paid;
            return Ok(if is_paid { CheckClaim::Paid(id) } else { CheckClaim::Unknown });
        }
        let other = self.by.other_amount(&row);
        let is_known = match other {
            Some(amount) => tx.has_payment(&reference_of_other(&row.reference, amount)).await?,
            None => state_of(&row)?.has_money(),
        };
        if is_known {
            return Ok(CheckClaim::Paid(id));
        }
        let rest = match self.by {
            CheckBy::Webhook { .. } => REST,
            CheckBy::Payment(_) => TimeDelta::zero(),
        };
        let Some(busy_until) = row.check_lease_time.filter(|ends| *ends + rest > ctx.now) else {
            let lookup = Lookup::from_row(&row)?;
            row.check_lease_time = Some(ctx.now + LEASE);
            row.checks = row.checks.saturating_add(1);
            tx.update(row).await?;
            return Ok(CheckClaim::Claimed(lookup));
        };
        if other.is_some() {
            return Ok(CheckClaim::TryAgain);
        }
        if rest > TimeDelta::zero() {
            // Its being due when the check ends tells the one who ends it; should they not live to do so, it is due.
            let is_asking = busy_until > ctx.now;
            let due = if is_asking { busy_until } else { busy_until + rest };
            row.check_time = Some(row.check_time.filter(|time| !is_asking && *time < due).unwrap_or(due));
            tx.update(row).await?;
        }
        Ok(CheckClaim::BeingChecked(id))
    }
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

fn is_reference(text: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    text.len() <= REFERENCE_BYTES_MAX && text.bytes().all(is_allowed)
}

/// Takes the right to ask gateways about payments that are due for it.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct ClaimDueChecks {
    /// At most so many.
    pub limit: u64,
}

impl Command for ClaimDueChecks {
    type Output = Vec<Lookup>;
    const NAME: &'static str = "payment.claim_due_checks";
    const BY_REQUEST_ID: bool = false;

    async fn execute(&self, tx: &mut Tx, ctx: &Context) -> Result<Vec<Lookup>> {
        let found = tx.lease_due_checks(ctx.now, ctx.now + LEASE, self.limit).await?;
        // One that can't be read keeps no other from being asked about.
        let readable = |row: &rows::Payment| {
            let unreadable =
                |error: &Error| tracing::error!(payment.id = %PaymentId(row.id), %error, "a payment can't be read");
            Lookup::from_row(row).inspect_err(unreadable).ok()
        };
        Ok(found.iter().filter_map(readable).collect())
    }
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
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct ReleaseCheck {
    /// Which payment.
    pub payment_id: PaymentId,
    /// What the gateway answered.
    pub answer: Answer,
    /// It was asked because of a webhook.
    pub by_webhook: bool,
}

impl Command for ReleaseCheck {
    /// A webhook came meanwhile: the gateway is to be asked again at once.
    type Output = bool;
    const NAME: &'static str = "payment.release_check";
    const BY_REQUEST_ID: bool = false;

    async fn execute(&self, tx: &mut Tx, ctx: &Context) -> Result<bool> {
        if self.answer == Answer::Missing {
            self.tell_of_silence(tx, ctx).await?;
        }
        let Some(mut row) = tx.lock_check(self.payment_id.0).await? else { return Ok(false) };
        if state_of(&row)?.has_money() {
            if self.answer == Answer::NotAsked {
                // It was paid before: nobody asks about it but for another amount.
                row.check_lease_time = self.by_webhook.then_some(ctx.now);
                tx.update(row).await?;
            }
            return Ok(false);
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
        tx.update(row).await?;
        Ok(was_told)
    }
}

impl ReleaseCheck {
    /// Before a payment is left alone whose gateway has not answered for days, sellers and owner are told.
    async fn tell_of_silence(&self, tx: &mut Tx, ctx: &Context) -> Result<()> {
        let found: Option<rows::Payment> = tx.find(self.payment_id.0).await?;
        let Some(row) = found.filter(|row| row.check_time.is_some()) else { return Ok(()) };
        let ends = ends(tx, &row, ctx).await?;
        if !state_of(&row)?.has_money() && next_check_unanswered(row.create_time, ends, ctx.now).is_none() {
            let reason = format!("{} has not said for days whether it is paid: look there", row.gateway);
            ReviewPayment { payment_id: self.payment_id, reason }.execute(tx, ctx).await?;
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
