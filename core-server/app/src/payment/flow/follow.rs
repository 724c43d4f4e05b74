//! Following an order.

use std::time::Duration;

use warung_domain::ids::OrderId;
use warung_store::Topic;

use super::Checkout;
use crate::{
    context::Context,
    engine::{Found, wait_until},
    error::Result,
    order::{GetOrder, Order, OrderVersion, Reach},
};

impl Checkout {
    /// An order of the caller's as soon as its version is another than `known`, and after `wait` or in a hurry in any case.
    pub async fn follow_order(&self, ctx: &Context, name: &str, known: i64, wait: Duration) -> Result<Order> {
        let version = || self.engine.ask(ctx, OrderVersion { name: name.to_owned(), reach: Reach::Own });
        let order_id = match name.parse::<OrderId>() {
            Ok(id) => id,
            Err(_) => version().await?.0,
        };
        // Before the look that counts: what changes between looking and waiting is not missed.
        let waiter = self.engine.watch().wait_for(Topic::Order(order_id.0));
        let look = |_| async {
            let (_, version) = version().await?;
            Ok(if version == known { Found::NotYet((), version) } else { Found::This(()) })
        };
        wait_until(ctx, waiter, wait, None, look).await?;
        self.engine.ask(ctx, GetOrder { name: name.to_owned(), reach: Reach::Own }).await
    }
}
