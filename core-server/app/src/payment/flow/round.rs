//! The core's own round: payments whose webhook never came, and orders whose time has passed, and refunds that got
//! stuck.

use futures_util::{StreamExt as _, stream, stream::FuturesUnordered};
use warung_domain::{ids::OrderId, payment::PaymentState, review::ReviewReason};

use super::{Checkout, ask::Asked};
use crate::{
    context::Context,
    error::Result,
    order::{DueOrder, DueOrders, Reach},
    payment::{
        ClaimDueAmounts, ClaimDueChecks, ClaimedAmount, GetPayment, Lookup, MissingGateways, ReviewPayment,
        StuckRefund, StuckRefunds, limits::ABANDONED_AFTER,
    },
};

/// How many payments or orders a round takes at most.
const BATCH: u64 = 64;
/// How many gateways' answers a round waits for at once. No more are claimed: who waits for a turn holds no lease.
const AT_ONCE: usize = 8;
/// How many orders end at once. One that waits for a gateway's answer keeps few others waiting.
const EXPIRED_AT_ONCE: usize = 32;

/// What a gateway is to be asked about.
enum Due {
    Payment(Lookup),
    Amount(ClaimedAmount),
}

impl Checkout {
    /// Asks gateways about what is due for it, a few at once: each is claimed when its turn has come. Answers how many
    /// were asked about.
    pub async fn poll_due(&self, ctx: &Context) -> Result<usize> {
        let (mut count, mut asking) = (0_usize, FuturesUnordered::new());
        let mut is_exhausted = false;
        loop {
            let room = AT_ONCE.saturating_sub(asking.len());
            if !is_exhausted && room > 0 && u64::try_from(count).is_ok_and(|count| count < BATCH) {
                let due = match self.claim_due(ctx, room).await {
                    Ok(due) => due,
                    Err(error) if asking.is_empty() => return Err(error),
                    Err(error) => {
                        // What is being asked is asked to its end.
                        tracing::warn!(%error, "no more could be claimed; the next round goes on");
                        Vec::new()
                    }
                };
                is_exhausted = due.len() < room;
                count = count.saturating_add(due.len());
                asking.extend(due.into_iter().map(|due| self.ask_about(ctx, due)));
            }
            if asking.next().await.is_none() {
                return Ok(count);
            }
        }
    }

    async fn claim_due(&self, ctx: &Context, limit: usize) -> Result<Vec<Due>> {
        let limit = u64::try_from(limit).unwrap_or(BATCH);
        let payments = self.engine.run(ctx, ClaimDueChecks { limit, gateways: self.gateways.names() }).await?;
        let rest = limit.saturating_sub(u64::try_from(payments.len()).unwrap_or(limit));
        let amounts = match rest {
            0 => Vec::new(),
            limit => self.engine.run(ctx, ClaimDueAmounts { limit, gateways: self.gateways.names() }).await?,
        };
        Ok(payments.into_iter().map(Due::Payment).chain(amounts.into_iter().map(Due::Amount)).collect())
    }

    async fn ask_about(&self, ctx: &Context, due: Due) {
        let (payment_id, done) = match due {
            Due::Payment(lookup) => (lookup.payment_id, Box::pin(self.look_after(ctx, &lookup)).await),
            Due::Amount(claimed) => {
                (claimed.lookup.payment_id, Box::pin(self.ask_amount(ctx, &claimed, false)).await.map(|_| ()))
            }
        };
        if let Err(error) = done {
            tracing::warn!(payment.id = %payment_id, %error, "asking about a payment failed; it is due again");
        }
    }

    async fn look_after(&self, ctx: &Context, lookup: &Lookup) -> Result<()> {
        if lookup.state != PaymentState::Creating {
            self.ask_claimed(ctx, lookup).await?;
            return Ok(());
        }
        let payment = GetPayment { id: lookup.payment_id, reach: Reach::Store };
        let age = self.engine.now() - self.engine.ask(ctx, payment).await?.create_time;
        if age < ABANDONED_AFTER {
            // Its call may live yet.
            self.ask_claimed(ctx, lookup).await?;
            return Ok(());
        }
        // Its call died before it knew the answer: nobody has the invoice.
        let asked = self.ask(ctx, lookup).await?;
        if asked.may_be_paid() {
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
