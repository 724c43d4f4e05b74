//! The core's own round: orders whose time has passed, refunds that got stuck, and gateways that are gone.

use futures_util::{StreamExt as _, stream};
use warung_domain::{ids::OrderId, review::ReviewReason};

use super::Checkout;
use crate::{
    context::Context,
    error::Result,
    order::{DueOrder, DueOrders},
    payment::{MissingGateways, ReviewPayment, StuckRefund, StuckRefunds},
};

/// How many orders or refunds a round takes at most.
const BATCH: u64 = 64;
/// How many orders end at once. One that waits for a gateway's answer keeps few others waiting.
const EXPIRED_AT_ONCE: usize = 32;

impl Checkout {
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

    /// Tells the owner of payments that are to be asked about at gateways which are not configured any more: nobody asks, and
    /// what is paid there is not seen. Answers those gateways, each with how many payments those are.
    pub async fn tell_of_missing_gateways(&self, ctx: &Context) -> Result<Vec<(String, i64)>> {
        let missing = self.engine.ask(ctx, MissingGateways { configured: self.gateways.names() }).await?;
        for (gateway, payments) in &missing {
            let text = format!(
                "{payments} payments of {gateway} are to be asked about, and {gateway} is not configured any more: what is \
                 paid there is not seen. Configure it again until they are settled"
            );
            self.alert(ctx, &format!("gateway.missing:{}", gateway.to_lowercase()), text).await?;
        }
        Ok(missing)
    }

    /// Has sellers look at refunds whose outcome nobody knows: whoever asked the gateway did not live to write it down.
    pub async fn review_stuck_refunds(&self, ctx: &Context) -> Result<()> {
        for StuckRefund { refund_id, payment_id, amount } in self.engine.ask(ctx, StuckRefunds { limit: BATCH }).await?
        {
            let reason = ReviewReason::RefundUnknown { refund_id, amount };
            self.engine.run(ctx, ReviewPayment { payment_id, reason }).await?;
        }
        Ok(())
    }
}
