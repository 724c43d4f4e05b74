//! Ends a refund whose outcome nobody knew, by what a seller saw at the gateway.

use chrono::{DateTime, Utc};
use serde_json::json;
use warung_domain::{
    ids::{OrderId, PaymentId, RefundId},
    money::Money,
    payment::RefundState,
    review::ReviewReason,
    violation::Violations,
};
use warung_store::{Read, Tx, rows};

use super::{
    limits::REFUNDING_MAX,
    refund::{end, with_order},
    review::{NOTE_CHARACTERS, retain},
};
use crate::{
    context::Context,
    engine::{AdminCommand, Change, Query, Told},
    error::{Error, Precondition, Result},
};

/// Money of a payment that goes back through its gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    /// Its id.
    pub id: RefundId,
    /// Where it stands.
    pub state: RefundState,
    /// How much goes back.
    pub amount: Money,
    /// Why, as the seller wrote it.
    pub reason: String,
    /// When it was begun.
    pub create_time: DateTime<Utc>,
}

impl Refund {
    pub(crate) fn from_row(row: rows::Refund) -> Self {
        Self {
            id: RefundId(row.id),
            state: row.state.0,
            amount: row.currency.0.amount(row.amount_minor),
            reason: row.reason,
            create_time: row.create_time,
        }
    }
}

/// A refund, of any order.
#[derive(Clone, Copy, Debug)]
pub struct GetRefund {
    /// Its id.
    pub id: RefundId,
}

impl Query for GetRefund {
    type Output = Refund;

    async fn fetch(&self, read: &Read, _ctx: &Context) -> Result<Refund> {
        Ok(Refund::from_row(refund(read, self.id).await?))
    }
}

pub(super) async fn refund(read: &Read, id: RefundId) -> Result<rows::Refund> {
    read.find(id.0).await?.ok_or_else(|| Error::not_found("refund", &id))
}

/// Says what became of a refund that is on its way for so long that nobody is asking its gateway any more.
#[derive(Clone, Debug)]
pub struct CloseRefund {
    /// Which refund.
    pub refund_id: RefundId,
    /// The gateway gave the money back; else it did not.
    pub done: bool,
    /// Why the seller says so, 1 to 200 characters.
    pub note: String,
}

impl AdminCommand for CloseRefund {
    /// Its order.
    type Output = OrderId;
    const NAME: &'static str = "payment.close_refund";

    async fn change(&self, tx: &mut Tx, ctx: &Context) -> Result<Told<OrderId>> {
        let mut violations = Violations::new();
        violations.length("note", &self.note, 1..=NOTE_CHARACTERS);
        violations.finish()?;
        let (mut edit, row) = with_order(tx, self.refund_id).await?;
        let is_lost = row.state == RefundState::Pending && row.create_time <= ctx.now - REFUNDING_MAX;
        // One to the balance is done at once, and has no payment.
        let Some(payment_id) = row.payment_id.filter(|_| is_lost).map(PaymentId) else {
            return Err(Precondition::RefundNotClosable.into());
        };
        edit.payments.load(tx, edit.order.id).await?;
        let to = if self.done { RefundState::Done } else { RefundState::Failed };
        let change = Change::of("refund", self.refund_id)
            .from(Some(json!({ "state": row.state.0.name() })))
            .to(json!({ "state": to.name(), "note": self.note }));
        end(tx, ctx, &mut edit, row, self.done).await?;
        // What else is to be looked at stays, another refund of it whose outcome nobody knows as well.
        let is_other =
            |reason| !matches!(reason, ReviewReason::RefundUnknown { refund_id, .. } if refund_id == self.refund_id);
        retain(edit.payments.get_mut(payment_id)?.row_mut(), is_other)?;
        let order_id = edit.id();
        edit.save(tx, ctx).await?;
        Ok(Told::changed(order_id, change))
    }
}
