//! Who asks a gateway about a payment, and when: of all that want to, one at a time.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use warung_domain::{
    ids::PaymentId,
    payment::{PaymentState, next_check},
};
use warung_store::{Tx, rows};

use super::{
    Lookup,
    view::{method_of, state_of},
};
use crate::{
    context::Context,
    engine::Command,
    error::{Error, Result},
};

/// How long asking may take: more than the gateway's time limit.
const LEASE: TimeDelta = TimeDelta::seconds(30);
/// The longest reference that is looked for, in bytes.
const REFERENCE_BYTES_MAX: usize = 64;

/// What a check names its payment by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CheckBy {
    /// What the gateway knows it by.
    Reference(String),
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
        let found: Option<rows::Payment> = match &self.by {
            CheckBy::Payment(id) => tx.find(id.0).await?,
            // The database is not asked for what can't be a reference: PostgreSQL refuses some texts altogether.
            CheckBy::Reference(text) if is_reference(text) => tx.payment_by_reference(text).await?,
            CheckBy::Reference(_) => None,
        };
        let Some(row) = found else { return Ok(CheckClaim::Unknown) };
        let id = PaymentId(row.id);
        if method_of(&row)?.is_balance() {
            let is_paid = state_of(&row)? == PaymentState::Paid;
            return Ok(if is_paid { CheckClaim::Paid(id) } else { CheckClaim::Unknown });
        }
        if state_of(&row)?.has_money() {
            return Ok(CheckClaim::Paid(id));
        }
        if tx.lease_check(id.0, ctx.now, ctx.now + LEASE).await? {
            return Ok(CheckClaim::Claimed(Lookup::from_row(&row)?));
        }
        // Meanwhile somebody began to ask, or has settled it.
        let now: Option<rows::Payment> = tx.find(id.0).await?;
        let state = state_of(&now.ok_or_else(|| Error::inconsistent("a payment is gone"))?)?;
        Ok(if state.has_money() { CheckClaim::Paid(id) } else { CheckClaim::BeingChecked(id) })
    }
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
        found.iter().map(Lookup::from_row).collect()
    }
}

/// The gateway did not confirm a payment: whoever wants to may ask again, and the core does by its schedule.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct ReleaseCheck {
    /// Which payment.
    pub payment_id: PaymentId,
}

impl Command for ReleaseCheck {
    type Output = ();
    const NAME: &'static str = "payment.release_check";
    const BY_REQUEST_ID: bool = false;

    async fn execute(&self, tx: &mut Tx, ctx: &Context) -> Result<()> {
        let row: Option<rows::Payment> = tx.find(self.payment_id.0).await?;
        let Some(row) = row else { return Ok(()) };
        // Without an invoice's end the order's counts.
        let order: Option<rows::Order> = match row.expire_time {
            Some(_) => None,
            None => tx.find(row.order_id).await?,
        };
        let ends = row.expire_time.or(order.map(|order| order.expire_time)).unwrap_or(ctx.now);
        // What is not asked about any more stays so: a webhook or a buyer had it asked once more.
        let next = row.check_time.and_then(|_| next_check(row.create_time, ends, ctx.now));
        Ok(tx.end_check(row.id, next).await?)
    }
}
