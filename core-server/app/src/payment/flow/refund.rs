//! Giving money back.

use warung_domain::{ids::OrderId, payment::PaymentState, review::ReviewReason};

use super::Checkout;
use crate::{
    context::Context,
    error::{Precondition, Result},
    gateway::{Gateway, GatewayError},
    order::{GetOrder, Reach},
    payment::{BeginRefund, CloseRefund, FinishRefund, GetLookup},
};

impl Checkout {
    /// Gives money of a paid order back. Whether its gateway can do that is found out here, whatever `command` says.
    pub async fn refund_order(&self, ctx: &Context, command: BeginRefund) -> Result<OrderId> {
        let order = self.engine.ask(ctx, GetOrder { name: command.order.clone(), reach: Reach::Store }).await?;
        let paid = order.payments.iter().filter(|payment| payment.state == PaymentState::Paid);
        let gateway_can_refund =
            paid.filter_map(|payment| self.gateways.by_name(&payment.gateway)).any(Gateway::can_refund);
        let (noting, noted) = ctx.noting_ids();
        let begun = self.engine.run(&noting, BeginRefund { gateway_can_refund, ..command }).await?;
        let Some(id) = begun.payment_id else { return Ok(begun.order_id) };
        // An earlier call of the same request has asked the gateway, or died on the way: asking twice could pay twice.
        if !noted.made(begun.refund_id.0) {
            return Ok(begun.order_id);
        }
        let lookup = self.engine.ask(ctx, GetLookup { id, reach: Reach::Store }).await?;
        let gateway = self.gateway(&lookup.gateway)?;
        let answer = gateway.refund(&lookup.charge, begun.amount).await;
        self.note_answer(gateway, "refund", &lookup, answer.as_ref().err());
        let refund_id = begun.refund_id;
        if let Err(GatewayError::Uncertain(_) | GatewayError::Mismatch(_)) = &answer {
            self.review(ctx, &lookup, ReviewReason::RefundUnknown { refund_id, amount: begun.amount }).await?;
            return Err(Precondition::GatewayUnavailable.into());
        }
        let done = answer.is_ok();
        self.engine.run(ctx, FinishRefund { refund_id, done }).await?;
        if done { Ok(begun.order_id) } else { Err(Precondition::GatewayUnavailable.into()) }
    }

    /// Ends a refund by what a seller saw at the gateway.
    pub async fn close_refund(&self, ctx: &Context, command: CloseRefund) -> Result<()> {
        self.engine.run(ctx, command).await.map(drop)
    }
}
