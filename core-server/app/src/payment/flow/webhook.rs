//! What a gateway posts: a hint to ask about a payment, and nothing more.

use tokio::time::Instant;

use super::{
    Checkout,
    ask::{Asked, note_answer},
};
use crate::{
    context::Context,
    error::{Error, Precondition, Result},
    payment::{
        AmountAnswer, AppliedOutcome, CheckBy, CheckClaim, ClaimCheck, ClaimedAmount, ReleaseAmount,
        gateway::{Gateway, GatewayError, GatewayStatus, WebhookClaim, WebhookError},
        is_reference,
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
        let (reference, amount) = (claim.reference.clone(), claim.amount);
        let by = CheckBy::Webhook { gateway: gateway.name().to_owned(), reference, amount };
        let lookup = match self.engine.run(ctx, ClaimCheck { by }).await? {
            CheckClaim::Claimed(lookup) => lookup,
            CheckClaim::Amount(claimed) => return self.ask_amount(ctx, &claimed, true).await,
            CheckClaim::Marked { due } => {
                self.marks.note(due);
                return Ok(WebhookResult::BeingChecked);
            }
            CheckClaim::BeingChecked(_) => return Ok(WebhookResult::BeingChecked),
            CheckClaim::TryAgain => return Err(Precondition::GatewayUnavailable.into()),
            CheckClaim::ToReview(_) => return Ok(WebhookResult::ToReview),
            CheckClaim::Paid(_) => return Ok(WebhookResult::Repeated),
            CheckClaim::Unknown => return self.look_at_unknown(ctx, gateway, &claim).await,
        };
        let (asked, told) = self.ask_once(ctx, &lookup, true).await?;
        if let Some(due) = told {
            self.marks.note(due);
        }
        match asked {
            Asked::Applied(applied) if applied.outcome == AppliedOutcome::Repeated => Ok(WebhookResult::Repeated),
            Asked::Applied(_) => Ok(WebhookResult::Settled),
            Asked::Pending | Asked::NotYetChosen | Asked::Ended(_) | Asked::Unknown => Ok(WebhookResult::NotConfirmed),
            Asked::ToReview => Ok(WebhookResult::ToReview),
            Asked::Unanswered => Err(Precondition::GatewayUnavailable.into()),
        }
    }

    /// Asks about another amount than was asked for, whose claim is ours. Somebody may have paid it under our reference, at
    /// the gateway's own page, before or after what was asked for. That settles nothing by itself, and when the gateway
    /// confirms it, a seller decides.
    pub(super) async fn ask_amount(
        &self,
        ctx: &Context,
        ClaimedAmount { id, lookup }: &ClaimedAmount,
        by_webhook: bool,
    ) -> Result<WebhookResult> {
        let gateway = self.gateway(&lookup.gateway)?;
        let status = gateway.status(&lookup.reference, lookup.amount).await;
        note_answer(gateway, "status", lookup, status.as_ref().err());
        let answer = match status {
            Ok(GatewayStatus::Paid { .. }) => AmountAnswer::Received,
            Ok(GatewayStatus::Pending | GatewayStatus::Expired | GatewayStatus::Cancelled) => AmountAnswer::NotPaid,
            Ok(GatewayStatus::Unknown) => AmountAnswer::Unknown,
            Err(_) => AmountAnswer::Missing,
        };
        let release = ReleaseAmount { id: *id, payment_id: lookup.payment_id, answer, by_webhook };
        if let Some(due) = self.engine.run(ctx, release).await? {
            self.marks.note(due);
        }
        match answer {
            AmountAnswer::Received => Ok(WebhookResult::ToReview),
            AmountAnswer::NotPaid | AmountAnswer::Unknown => Ok(WebhookResult::NotConfirmed),
            AmountAnswer::Missing => Err(Precondition::GatewayUnavailable.into()),
        }
    }

    /// No payment of this store has the reference. After a backup was put back there may be money for orders that are lost;
    /// and anybody can post anything: so the owner is told when the gateway itself has the money, and it is asked seldom.
    async fn look_at_unknown(
        &self,
        ctx: &Context,
        gateway: &dyn Gateway,
        claim: &WebhookClaim,
    ) -> Result<WebhookResult> {
        let WebhookClaim { reference, amount } = claim;
        if !is_reference(reference) {
            return Ok(WebhookResult::Unknown);
        }
        if !self.strangers.may_ask(Instant::now()) {
            // A gateway comes again.
            return Err(Precondition::GatewayUnavailable.into());
        }
        match gateway.status(reference, *amount).await {
            Ok(GatewayStatus::Paid { received, .. }) => {
                let text = format!(
                    "{} has received {received} for {reference}, which this store does not know. If a backup was put back, \
                     orders that were placed after it are lost: settle this with its buyer",
                    gateway.name()
                );
                let key = format!("gateway.unknown:{}", reference.to_lowercase());
                self.alert(ctx, &key, text).await?;
                Ok(WebhookResult::Unknown)
            }
            Ok(_) | Err(GatewayError::Mismatch(_) | GatewayError::Refused(_)) => Ok(WebhookResult::Unknown),
            // It comes again, and may count then.
            Err(GatewayError::Unavailable(_) | GatewayError::Uncertain(_)) => {
                Err(Precondition::GatewayUnavailable.into())
            }
        }
    }
}
