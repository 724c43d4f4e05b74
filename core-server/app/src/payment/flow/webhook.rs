//! What a gateway posts: a hint to ask about a payment, and nothing more.

use super::{Checkout, ask::Asked};
use crate::{
    context::Context,
    error::{Error, Precondition, Result},
    payment::{
        Answer, AppliedOutcome, CheckBy, CheckClaim, ClaimCheck, Lookup, ReleaseCheck,
        gateway::{Gateway, GatewayStatus, WebhookClaim, WebhookError},
    },
};

/// What was done with a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WebhookResult {
    /// The gateway confirmed it, and it was settled now.
    Settled,
    /// It was settled before.
    Repeated,
    /// The gateway does not say so: nothing was done.
    NotConfirmed,
    /// Another call is asking the gateway just now, or did so just before: it is asked again soon.
    BeingChecked,
    /// It names no payment of this store.
    Unknown,
    /// What the gateway says does not fit the payment: a seller looks at it.
    ToReview,
}

impl WebhookResult {
    /// Its name in metrics.
    fn name(self) -> &'static str {
        match self {
            Self::Settled => "settled",
            Self::Repeated => "repeated",
            Self::NotConfirmed => "not_confirmed",
            Self::BeingChecked => "being_checked",
            Self::Unknown => "unknown",
            Self::ToReview => "to_review",
        }
    }
}

impl Checkout {
    /// Looks at what somebody posted in a gateway's name.
    pub async fn receive_webhook(
        &self,
        ctx: &Context,
        gateway: &str,
        body: &[u8],
        signature: &str,
    ) -> Result<WebhookResult> {
        let gateway = self.gateways.by_name(gateway).ok_or_else(|| Error::not_found("gateway", &gateway))?;
        let outcome = self.look_at(ctx, gateway, body, signature).await;
        let name = match &outcome {
            Ok(result) => result.name(),
            Err(Error::Invalid(_)) => "malformed",
            Err(Error::Precondition(Precondition::WebhookRefused)) => "refused",
            Err(_) => "failed",
        };
        metrics::counter!("gateway.webhooks", "gateway" => gateway.name(), "result" => name).increment(1);
        outcome
    }

    async fn look_at(
        &self,
        ctx: &Context,
        gateway: &dyn Gateway,
        body: &[u8],
        signature: &str,
    ) -> Result<WebhookResult> {
        let claim = gateway.read_webhook(body, signature).map_err(|error| {
            tracing::warn!(gateway.name = gateway.name(), "{error}");
            match error {
                WebhookError::Malformed(what) => Error::invalid("body", what),
                WebhookError::Refused(_) => Precondition::WebhookRefused.into(),
            }
        })?;
        // Of a hundred at once, one asks.
        let by = CheckBy::Webhook { reference: claim.reference.clone(), amount: claim.amount };
        let lookup = match self.engine.run(ctx, ClaimCheck { by }).await? {
            CheckClaim::Claimed(lookup) => lookup,
            CheckClaim::BeingChecked(_) => return Ok(WebhookResult::BeingChecked),
            CheckClaim::TryAgain => return Err(Precondition::GatewayUnavailable.into()),
            CheckClaim::Paid(_) => return Ok(WebhookResult::Repeated),
            CheckClaim::Unknown => return Ok(WebhookResult::Unknown),
        };
        if claim.amount != lookup.amount || lookup.gateway != gateway.name() {
            return self.look_at_other_amount(ctx, gateway, &lookup, &claim).await;
        }
        match self.ask_once(ctx, &lookup, true).await?.0 {
            Asked::Applied(applied) if applied.outcome == AppliedOutcome::Repeated => Ok(WebhookResult::Repeated),
            Asked::Applied(_) => Ok(WebhookResult::Settled),
            Asked::Pending | Asked::Ended(_) | Asked::Unknown => Ok(WebhookResult::NotConfirmed),
            Asked::ToReview => Ok(WebhookResult::ToReview),
            Asked::Unanswered => Err(Precondition::GatewayUnavailable.into()),
        }
    }

    /// Somebody may have paid another amount under our reference, at the gateway's own page, before or after what was asked
    /// for. That settles nothing by itself, and if the gateway confirms it, a seller decides.
    async fn look_at_other_amount(
        &self,
        ctx: &Context,
        gateway: &dyn Gateway,
        lookup: &Lookup,
        claim: &WebhookClaim,
    ) -> Result<WebhookResult> {
        let claimed = Lookup { amount: claim.amount, ..lookup.clone() };
        let is_ours = lookup.gateway == gateway.name();
        let status = if is_ours { gateway.status(&claimed).await.ok() } else { None };
        let result = if let Some(GatewayStatus::Paid { received, .. }) = status {
            let how = if lookup.state.has_money() { "besides" } else { "instead of" };
            let reason = format!("the gateway has received {received} {how} {}", lookup.amount);
            self.review(ctx, lookup, reason).await?;
            WebhookResult::ToReview
        } else {
            WebhookResult::NotConfirmed
        };
        let answer = Answer::NotAsked;
        self.engine.run(ctx, ReleaseCheck { payment_id: lookup.payment_id, answer, by_webhook: true }).await?;
        Ok(result)
    }
}
