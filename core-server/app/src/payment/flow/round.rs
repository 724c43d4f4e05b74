//! The core's own round: payments whose webhook never came, and orders whose time has passed.

use chrono::TimeDelta;
use futures_util::{StreamExt as _, stream};
use warung_domain::payment::PaymentState;

use super::{Checkout, ask::Asked};
use crate::{
    context::Context,
    error::Result,
    order::{DueOrders, Reach},
    payment::{ClaimDueChecks, GetPayment, Lookup},
};

/// How many payments or orders a round takes at most.
const BATCH: u64 = 64;
/// So old an attempt without an invoice is given up.
const CREATING_MAX: TimeDelta = TimeDelta::seconds(60);
/// How many gateways' answers a round waits for at once.
const AT_ONCE: usize = 8;

impl Checkout {
    /// Asks gateways about the payments that are due for it. Answers how many those were.
    pub async fn poll_due(&self, ctx: &Context) -> Result<usize> {
        let due = self.engine.run(ctx, ClaimDueChecks { limit: BATCH }).await?;
        let count = due.len();
        stream::iter(due)
            .for_each_concurrent(AT_ONCE, async |lookup| {
                if let Err(error) = Box::pin(self.look_after(ctx, &lookup)).await {
                    tracing::warn!(payment.id = %lookup.payment_id, %error, "asking about a payment failed; it is due again");
                }
            })
            .await;
        Ok(count)
    }

    async fn look_after(&self, ctx: &Context, lookup: &Lookup) -> Result<()> {
        if lookup.state != PaymentState::Creating {
            self.ask_claimed(ctx, lookup).await?;
            return Ok(());
        }
        let payment = GetPayment { id: lookup.payment_id, reach: Reach::Store };
        let age = self.engine.now() - self.engine.ask(ctx, payment).await?.create_time;
        if age < CREATING_MAX {
            // Its call may live yet.
            self.ask_claimed(ctx, lookup).await?;
            return Ok(());
        }
        // Its call died before it knew the answer: nobody has the invoice.
        let asked = self.ask(ctx, lookup).await?;
        if asked == Asked::Pending {
            self.cancel_at_gateway(lookup).await;
        }
        if !matches!(asked, Asked::Applied(_)) {
            self.fail(ctx, lookup, true).await?;
        }
        Ok(())
    }

    /// Ends orders whose time has passed. Answers how many there were.
    pub async fn expire_due(&self, ctx: &Context) -> Result<usize> {
        let due = self.engine.ask(ctx, DueOrders { limit: BATCH }).await?;
        let count = due.len();
        stream::iter(due)
            .for_each_concurrent(AT_ONCE, async |order_id| {
                if let Err(error) = Box::pin(self.expire_order(ctx, order_id)).await {
                    tracing::warn!(order.id = %order_id, %error, "an order could not expire; the next round tries again");
                }
            })
            .await;
        Ok(count)
    }
}
