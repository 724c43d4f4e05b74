//! Asking a gateway about a payment, and applying what has arrived.

use chrono::{DateTime, Utc};
use warung_domain::{ids::PaymentId, payment::PaymentState, principal::Principal, review::ReviewReason};

use super::Checkout;
use crate::{
    context::Context,
    error::{Precondition, Result},
    order::Reach,
    payment::{
        Answer, Applied, ApplyPayment, CheckBy, CheckClaim, ClaimCheck, ClosePayment, GetPayment, Lookup, Payment,
        ReleaseCheck, ReviewPayment, Source,
        gateway::{Gateway, GatewayError, GatewayStatus, UnknownMeans},
    },
};

/// What a gateway said of a payment, and what was done about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// The money is there and was applied.
    Applied(Applied),
    /// It is not paid yet.
    Pending,
    /// It can't be paid any more.
    Ended(PaymentState),
    /// The gateway knows nothing of it: it never made it.
    Unknown,
    /// The gateway knows nothing of it yet: the buyer has not chosen how to pay, and still may.
    NotYetChosen,
    /// What it said does not fit, or the money could not be booked; a seller looks at it.
    ToReview,
    /// It did not answer.
    Unanswered,
}

impl Asked {
    /// It is not over at the gateway, as far as anybody knows.
    pub(super) fn may_be_paid(self) -> bool {
        match self {
            Self::Pending | Self::NotYetChosen | Self::ToReview | Self::Unanswered => true,
            Self::Applied(_) | Self::Ended(_) | Self::Unknown => false,
        }
    }
}

impl Checkout {
    /// Asks the gateway now whether a payment of the caller's has arrived, and settles it if so.
    pub async fn check_payment(&self, ctx: &Context, id: PaymentId) -> Result<Payment> {
        let payment = GetPayment { id, reach: Reach::Own };
        let found = self.engine.ask(ctx, payment).await?;
        if found.method.is_balance() || found.state.has_money() {
            return Ok(found);
        }
        if let CheckClaim::Claimed(lookup) = self.engine.run(ctx, ClaimCheck { by: CheckBy::Payment(id) }).await?
            && Box::pin(self.ask_claimed(ctx, &lookup)).await? == Asked::Unanswered
        {
            return Err(Precondition::GatewayUnavailable.into());
        }
        self.engine.ask(ctx, payment).await
    }

    /// Asks about a payment whose check is ours, and gives the check back. When a webhook came meanwhile it is asked once
    /// more: the money may have arrived after the answer.
    pub(super) async fn ask_claimed(&self, ctx: &Context, lookup: &Lookup) -> Result<Asked> {
        let (asked, told) = self.ask_once(ctx, lookup, false).await?;
        if told.is_none() {
            return Ok(asked);
        }
        match self.engine.run(ctx, ClaimCheck { by: CheckBy::Payment(lookup.payment_id) }).await? {
            CheckClaim::Claimed(lookup) => Ok(self.ask_once(ctx, &lookup, false).await?.0),
            _ => Ok(asked),
        }
    }

    /// Asks about a payment whose check is ours, and gives the check back. When a webhook came meanwhile, it answers as well
    /// when the gateway is to be asked again.
    pub(super) async fn ask_once(
        &self,
        ctx: &Context,
        lookup: &Lookup,
        by_webhook: bool,
    ) -> Result<(Asked, Option<DateTime<Utc>>)> {
        let asked = self.ask(ctx, lookup).await?;
        let answer = match asked {
            Asked::Applied(_) => return Ok((asked, None)),
            Asked::Unanswered => Answer::Missing,
            Asked::Pending | Asked::NotYetChosen | Asked::Ended(_) | Asked::Unknown | Asked::ToReview => {
                Answer::NotPaid
            }
        };
        let told = self.engine.run(ctx, ReleaseCheck { payment_id: lookup.payment_id, answer, by_webhook }).await?;
        if let Asked::Ended(to) = asked
            && lookup.state == PaymentState::Open
        {
            self.close(ctx, lookup, to).await?;
        }
        Ok((asked, told))
    }

    /// Asks the gateway about a payment, and applies what has arrived. Whatever is not clearly paid is not.
    pub(super) async fn ask(&self, ctx: &Context, lookup: &Lookup) -> Result<Asked> {
        let Ok(gateway) = self.gateway(&lookup.gateway) else { return Ok(Asked::Unanswered) };
        let status = gateway.status(&lookup.reference, lookup.amount).await;
        note_answer(gateway, "status", lookup, status.as_ref().err());
        Ok(match status {
            Ok(GatewayStatus::Paid { received, paid_time }) => {
                let now = self.engine.now();
                let paid_time = paid_time.filter(|time| *time <= now).unwrap_or(now);
                let source = Source::Gateway;
                let command = ApplyPayment { payment_id: lookup.payment_id, received, paid_time, source };
                // It is the gateway's word, whoever asked for it.
                let ctx = ctx.clone().with_principal(Principal::CORE);
                match self.engine.run(&ctx, command).await {
                    Ok(applied) => {
                        self.tell(applied.order_id);
                        Asked::Applied(applied)
                    }
                    Err(error) if error.is_passing() => return Err(error),
                    Err(error) => {
                        tracing::error!(payment.id = %lookup.payment_id, %error, "money could not be booked");
                        self.review(&ctx, lookup, ReviewReason::NotBooked { received }).await?;
                        Asked::ToReview
                    }
                }
            }
            Ok(GatewayStatus::Pending) => Asked::Pending,
            Ok(GatewayStatus::Expired) => Asked::Ended(PaymentState::Expired),
            Ok(GatewayStatus::Cancelled) => Asked::Ended(PaymentState::Cancelled),
            Ok(GatewayStatus::Unknown) => match gateway.unknown_means() {
                UnknownMeans::NeverExisted => Asked::Unknown,
                UnknownMeans::NotYetChosen => Asked::NotYetChosen,
            },
            Err(GatewayError::Mismatch(misfit)) => {
                self.review(ctx, lookup, ReviewReason::of(&misfit)).await?;
                Asked::ToReview
            }
            Err(GatewayError::Refused(_) | GatewayError::Unavailable(_) | GatewayError::Uncertain(_)) => {
                Asked::Unanswered
            }
        })
    }

    /// Shows a payment to a seller.
    pub(super) async fn review(&self, ctx: &Context, lookup: &Lookup, reason: ReviewReason) -> Result<()> {
        self.engine.run(ctx, ReviewPayment { payment_id: lookup.payment_id, reason }).await?;
        Ok(())
    }

    /// Ends a payment in the books.
    pub(super) async fn close(&self, ctx: &Context, lookup: &Lookup, to: PaymentState) -> Result<()> {
        self.engine.run(ctx, ClosePayment { payment_id: lookup.payment_id, to }).await?;
        self.tell(lookup.order_id);
        Ok(())
    }

    /// Cancels a payment at its gateway, as far as that goes: what is paid all the same is found later. Answers whether the
    /// gateway said that it did.
    pub(super) async fn cancel_at_gateway(&self, lookup: &Lookup) -> bool {
        let Ok(gateway) = self.gateway(&lookup.gateway) else { return false };
        let cancelled = gateway.cancel(lookup).await;
        note_answer(gateway, "cancel", lookup, cancelled.as_ref().err());
        cancelled.is_ok()
    }
}

/// Counts a gateway's answer, and logs one that is of no use.
pub(super) fn note_answer(gateway: &dyn Gateway, call: &'static str, lookup: &Lookup, error: Option<&GatewayError>) {
    let outcome = match error {
        None => "ok",
        Some(GatewayError::Refused(_)) => "refused",
        Some(GatewayError::Unavailable(_)) => "unavailable",
        Some(GatewayError::Uncertain(_)) => "uncertain",
        Some(GatewayError::Mismatch(_)) => "mismatch",
    };
    metrics::counter!("gateway.calls", "gateway" => gateway.name(), "call" => call, "outcome" => outcome).increment(1);
    if let Some(error) = error {
        tracing::warn!(payment.id = %lookup.payment_id, gateway.call = call, "{error}");
    }
}
