//! Refunds through a gateway whose outcome nobody wrote down.

use warung_domain::{
    ids::{PaymentId, RefundId},
    money::Money,
};
use warung_store::Read;

use super::limits::REFUNDING_MAX;
use crate::{
    context::Context,
    engine::Query,
    error::{Error, Result},
};

/// A refund that is on its way for too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StuckRefund {
    /// Which.
    pub refund_id: RefundId,
    /// The payment that was to be given back.
    pub payment_id: PaymentId,
    /// How much of it.
    pub amount: Money,
}

/// Refunds that are on their way for more than five minutes, and whose payment no seller was asked to look at.
#[derive(Clone, Copy, Debug)]
pub struct StuckRefunds {
    /// At most so many.
    pub limit: u64,
}

impl Query for StuckRefunds {
    type Output = Vec<StuckRefund>;

    async fn fetch(&self, read: &Read, ctx: &Context) -> Result<Vec<StuckRefund>> {
        let found = read.stuck_refunds(ctx.now - REFUNDING_MAX, self.limit).await?.into_iter();
        let stuck = found.map(|row| {
            let payment_id = row.payment_id.ok_or_else(|| Error::inconsistent("refund.payment_id"))?;
            let amount = row.currency.0.amount(row.amount_minor);
            Ok(StuckRefund { refund_id: RefundId(row.id), payment_id: PaymentId(payment_id), amount })
        });
        stuck.collect()
    }
}
