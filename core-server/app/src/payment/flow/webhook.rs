//! What a gateway posts: a hint to ask about a payment, and nothing more. It is kept, and answered before anybody asks.

use warung_domain::named;

use super::{
    Checkout,
    worker::{Places, Wake},
};
use crate::{
    context::Context,
    error::{Error, Precondition, Result},
    gateway::{Gateway, WebhookError},
    payment::{KeepPosted, Kept, Posted, is_reference},
};

named! {
    /// What was done with a webhook, named as metrics count it.
    pub enum WebhookResult {
        /// It is kept, and the gateway is asked.
        Kept = "kept",
        /// What it tells of was booked before.
        Repeated = "repeated",
        /// It names no payment of this store.
        Unknown = "unknown",
    }
}

impl Checkout {
    /// Keeps what somebody posted in a gateway's name.
    pub async fn receive_webhook(
        &self,
        ctx: &Context,
        gateway: &str,
        body: &[u8],
        signature: &str,
    ) -> Result<WebhookResult> {
        let gateway = self.gateways.by_name(gateway).ok_or_else(|| Error::not_found("gateway", &gateway))?;
        let outcome = self.keep(ctx, gateway, body, signature).await;
        let name = match &outcome {
            Ok(result) => result.name(),
            Err(Error::Invalid(_)) => "malformed",
            Err(Error::Precondition(Precondition::WebhookRefused)) => "refused",
            Err(_) => "failed",
        };
        let store = ctx.environment.store_name.clone();
        metrics::counter!("gateway.webhooks", "store" => store, "gateway" => gateway.name(), "result" => name)
            .increment(1);
        outcome
    }

    async fn keep(&self, ctx: &Context, gateway: &dyn Gateway, body: &[u8], signature: &str) -> Result<WebhookResult> {
        let claim = gateway.read_webhook(body, signature).map_err(|error| {
            tracing::warn!(gateway.name = gateway.name(), "{error}");
            match error {
                WebhookError::Malformed(what) => Error::invalid("body", what),
                WebhookError::Refused(_) => Precondition::WebhookRefused.into(),
            }
        })?;
        let posted = Posted { gateway: gateway.name().to_owned(), claim: claim.clone() };
        let (engine, wake) = (self.engine.clone(), self.wake.clone());
        let together = |posted: Vec<Posted>| {
            let (engine, wake, ctx, count) = (engine.clone(), wake.clone(), ctx.clone(), posted.len());
            async move {
                let mut places = wake.places(count);
                match engine.run(&ctx, KeepPosted { posted, places: places.count() }).await {
                    Ok(kept) => kept.into_iter().map(|kept| wake.hear(kept, &mut places)).collect(),
                    // Whoever posted it comes again.
                    Err(error) => {
                        tracing::error!(%error, "webhooks could not be kept");
                        std::iter::repeat_with(|| Err(Precondition::GatewayUnavailable)).take(count).collect()
                    }
                }
            }
        };
        let kept = self.keeping.take(posted, together).await.unwrap_or(Err(Precondition::GatewayUnavailable));
        let result = kept?;
        let is_unknown = result == WebhookResult::Unknown && is_reference(&claim.reference);
        if is_unknown && !self.wake.unknown(gateway.name(), claim) {
            tracing::warn!(gateway.name = gateway.name(), "a webhook of a reference that is unknown was left");
        }
        Ok(result)
    }
}

impl Wake {
    /// Has done what was kept of a webhook: whoever asks learns of it.
    fn hear(&self, kept: Kept, places: &mut Places) -> Result<WebhookResult, Precondition> {
        match kept {
            Kept::Claimed(question) => self.ask(*question, places),
            Kept::Asking { due } => self.at(due),
            Kept::Known => return Ok(WebhookResult::Repeated),
            Kept::NoRoom => return Err(Precondition::GatewayUnavailable),
            Kept::Unknown => return Ok(WebhookResult::Unknown),
        }
        Ok(WebhookResult::Kept)
    }
}
