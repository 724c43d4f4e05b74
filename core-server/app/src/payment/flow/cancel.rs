//! Ending an order that is not paid: its payment first, since the money may be there.

use chrono::TimeDelta;
use warung_domain::{ids::OrderId, order::OrderState};

use super::{Checkout, start::GivenUp};
use crate::{
    context::Context,
    error::Result,
    order::{CancelOrder, ExpireOrder, GetOrder, Reach},
    payment::{ClaimQuestion, Lookup, OpenPayment, QuestionClaim},
};

/// So long an order whose time has passed waits for somebody who asks about its payment just now.
const CHECK_WAIT_MAX: TimeDelta = TimeDelta::minutes(1);

impl Checkout {
    /// Cancels an order of the caller's, unless it turns out to be paid: then it is settled.
    ///
    /// A gateway that does not answer keeps nobody from cancelling: money that comes all the same is late money.
    pub async fn cancel_order(&self, ctx: &Context, name: &str) -> Result<OrderId> {
        let open = self.engine.ask(ctx, OpenPayment { order: name.to_owned(), reach: Reach::Own }).await?;
        if let Some(open) = open.filter(Lookup::is_asked_about)
            && let GivenUp::Paid(order_id) = Box::pin(self.give_up(ctx, &open, true)).await?
            && self.own_order(ctx, order_id).await?.state != OrderState::Pending
        {
            return Ok(order_id);
        }
        self.engine.run(ctx, CancelOrder { name: name.to_owned() }).await
    }

    /// Ends an order whose time has passed, unless it turns out to be paid. Answers whether it expired now.
    pub(super) async fn expire_order(&self, ctx: &Context, order_id: OrderId) -> Result<bool> {
        let open = self.engine.ask(ctx, OpenPayment { order: order_id.to_string(), reach: Reach::Store }).await?;
        if let Some(open) = open.filter(Lookup::is_asked_about) {
            match self.engine.run(ctx, ClaimQuestion { payment_id: open.payment_id }).await? {
                QuestionClaim::Claimed(question) => {
                    let asked = self.ask_claimed(ctx, &question).await?;
                    if asked.may_be_paid() && self.cancel_at_gateway(&open).await {
                        // It may have been paid in between; then the order is settled, and does not expire.
                        self.ask(ctx, &open).await?;
                    }
                }
                // Whoever asks just now settles it, or the next round comes by here again; but not for ever.
                QuestionClaim::BeingAsked if !self.is_overdue(ctx, order_id).await? => return Ok(false),
                QuestionClaim::BeingAsked | QuestionClaim::Paid | QuestionClaim::Unknown => {}
            }
        }
        self.engine.run(ctx, ExpireOrder { order_id }).await
    }

    /// An order's time passed so long ago that nobody's asking keeps its stock any longer. What is paid all the same is
    /// late money.
    async fn is_overdue(&self, ctx: &Context, order_id: OrderId) -> Result<bool> {
        let order = self.engine.ask(ctx, GetOrder { name: order_id.to_string(), reach: Reach::Store }).await?;
        Ok(order.expire_time + CHECK_WAIT_MAX < self.engine.now())
    }
}
