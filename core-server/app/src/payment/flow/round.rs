//! The core's own round: payments whose webhook never came, and orders whose time has passed, and refunds that got
//! stuck.

use chrono::TimeDelta;
use futures_util::{StreamExt as _, stream};
use warung_domain::{ids::OrderId, payment::PaymentState};

use super::{Checkout, ask::Asked, refund::unknown_refund};
use crate::{
    context::Context,
    error::Result,
    order::{DueOrder, DueOrders, Reach},
    payment::{ClaimDueChecks, GetPayment, Lookup, ReviewPayment, StuckRefund, StuckRefunds},
};

/// How many payments or orders a round takes at most.
const BATCH: u64 = 64;
/// So old an attempt without an invoice is given up.
const CREATING_MAX: TimeDelta = TimeDelta::seconds(60);
/// How many gateways' answers a round waits for at once.
const AT_ONCE: usize = 8;
/// How many orders end at once. One that waits for a gateway's answer keeps few others waiting.
const EXPIRED_AT_ONCE: usize = 32;

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

    /// Ends orders whose time has passed, from after `after` on. Answers where the next round goes on: one that can't end
    /// keeps none that come after it waiting.
    pub async fn expire_due(&self, ctx: &Context, after: Option<DueOrder>) -> Result<Option<DueOrder>> {
        let due = self.engine.ask(ctx, DueOrders { after, limit: BATCH }).await?;
        let is_full = u64::try_from(due.len()).is_ok_and(|count| count >= BATCH);
        let last = due.last().copied().filter(|_| is_full);
        stream::iter(due)
            .for_each_concurrent(EXPIRED_AT_ONCE, async |DueOrder { order_id, .. }| {
                if let Err(error) = Box::pin(self.expire_order(ctx, order_id)).await {
                    tracing::warn!(order.id = %order_id, %error, "an order could not expire; a later round tries again");
                    if !error.is_passing() {
                        self.tell_of_stuck(ctx, order_id).await;
                    }
                }
            })
            .await;
        Ok(last)
    }

    async fn tell_of_stuck(&self, ctx: &Context, order_id: OrderId) {
        let text = format!("The order {order_id} can't expire and keeps its stock: the core's log says why");
        if let Err(error) = self.alert(ctx, "order.expire", text).await {
            tracing::warn!(order.id = %order_id, %error, "the owner could not be told");
        }
    }

    /// Has sellers look at refunds whose outcome nobody knows: whoever asked the gateway did not live to write it down.
    pub async fn review_stuck_refunds(&self, ctx: &Context) -> Result<()> {
        for StuckRefund { payment_id, amount } in self.engine.ask(ctx, StuckRefunds { limit: BATCH }).await? {
            let reason = unknown_refund(amount);
            self.engine.run(ctx, ReviewPayment { payment_id, reason }).await?;
        }
        Ok(())
    }
}
