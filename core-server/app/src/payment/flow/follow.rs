//! Following an order.

use std::time::Duration;

use tokio::time::Instant;

use super::Checkout;
use crate::{
    context::Context,
    error::Result,
    order::{GetOrder, Order, OrderVersion, Reach},
};

/// How often a waiting call looks for what other processes wrote.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

impl Checkout {
    /// An order of the caller's as soon as its version is another than `known`, and after `wait` or in a hurry in any case.
    pub async fn follow_order(&self, ctx: &Context, name: &str, known: i64, wait: Duration) -> Result<Order> {
        let deadline = Instant::now() + wait;
        let version = || OrderVersion { name: name.to_owned(), reach: Reach::Own };
        let (order_id, _) = self.engine.ask(ctx, version()).await?;
        // Before the look that counts: what changes between looking and waiting is not missed.
        let mut waiter = self.engine.waiters().wait_for(order_id.0);
        let is_over = || ctx.hurry.is_cancelled() || Instant::now() >= deadline;
        while self.engine.ask(ctx, version()).await?.1 == known && !is_over() {
            // Other processes can't wake us: where there are any, we look.
            let until = if self.engine.is_shared() { Instant::now() + LOOK_AGAIN } else { deadline };
            let told = tokio::time::timeout_at(until.min(deadline), waiter.told());
            let _ = ctx.hurry.run_until_cancelled(told).await;
        }
        self.engine.ask(ctx, GetOrder { name: name.to_owned(), reach: Reach::Own }).await
    }
}
