//! The gateways of a store: which of them makes an invoice, by the way to pay and by how each does lately.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use tokio::time::Instant;
use warung_domain::{
    money::Money,
    payment::{Method, PaidThrough},
};

use super::{
    Charge, Gateway, GatewayError, GatewayStatus, INVOICE_MAX, Invoice, QUESTION_MAX, UnknownMeans, WebhookClaim,
    WebhookError,
};

/// After so many failures in a row a gateway is passed over where another one offers the same way to pay.
const FAILURES_MAX: u32 = 3;
/// For how long at first; each failure after that doubles it.
const PASSED_OVER: Duration = Duration::from_secs(30);
const PASSED_OVER_MAX: Duration = Duration::from_mins(10);

/// The gateways of a store, the preferred first. Without any, orders are paid from the balance alone. Cheap to clone.
#[derive(Clone, Default)]
pub struct Gateways(Arc<[Arc<Bounded>]>);

impl fmt::Debug for Gateways {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.0.iter().map(|gateway| gateway.name())).finish()
    }
}

impl FromIterator<Arc<dyn Gateway>> for Gateways {
    fn from_iter<T: IntoIterator<Item = Arc<dyn Gateway>>>(gateways: T) -> Self {
        Self(gateways.into_iter().map(|inner| Arc::new(Bounded { inner, health: Health::default() })).collect())
    }
}

impl Gateways {
    /// The gateway of a name, in whichever case.
    #[must_use]
    pub fn by_name(&self, name: &str) -> Option<&dyn Gateway> {
        let found = self.0.iter().find(|gateway| gateway.name().eq_ignore_ascii_case(name));
        found.map(|gateway| -> &dyn Gateway { &**gateway })
    }

    /// The gateway that makes an invoice for a way to pay: of several that offer it the first that does not fail lately, and
    /// the first of all when each does.
    #[must_use]
    pub fn for_method(&self, method: Method) -> Option<&dyn Gateway> {
        let offering = || self.0.iter().filter(|gateway| gateway.methods().contains(&method));
        let now = Instant::now();
        let chosen = offering().find(|gateway| !gateway.health.is_passed_over(now)).or_else(|| offering().next());
        chosen.map(|gateway| -> &dyn Gateway { &**gateway })
    }

    /// All others, for a request whose invoice this one could not make.
    #[must_use]
    pub fn without(&self, name: &str) -> Self {
        Self(self.0.iter().filter(|gateway| gateway.name() != name).cloned().collect())
    }

    /// Those that something may be paid through.
    #[must_use]
    pub fn among(&self, allowed: &PaidThrough) -> Self {
        if allowed.is_any() {
            return self.clone();
        }
        Self(self.0.iter().filter(|gateway| allowed.allows(gateway.name())).cloned().collect())
    }

    /// Their names.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.0.iter().map(|gateway| gateway.name().to_owned()).collect()
    }

    /// The ways to pay that they offer, the usual one first, each with its gateway.
    pub fn offers(&self) -> impl Iterator<Item = (Method, &dyn Gateway)> {
        let all = self.0.iter().flat_map(|gateway| gateway.methods().iter().map(|method| (*method, gateway.name())));
        all.filter_map(|(method, name)| {
            let chosen = self.for_method(method)?;
            (chosen.name() == name).then_some((method, chosen))
        })
    }

    /// The least that is paid by a way to pay, in rupiah.
    #[must_use]
    pub fn minimum(&self, method: Method) -> i64 {
        self.for_method(method).map_or(1, |gateway| gateway.minimum(method).minor_units)
    }

    /// The least that any of them takes, in rupiah; without one, more than anything costs.
    #[must_use]
    pub fn least(&self) -> i64 {
        self.offers().map(|(method, gateway)| gateway.minimum(method).minor_units).min().unwrap_or(i64::MAX)
    }
}

/// How a gateway does lately, as this process sees it: another finds out by itself.
#[derive(Debug, Default)]
struct Health(Mutex<(u32, Option<Instant>)>);

impl Health {
    /// It made an invoice, or failed to.
    fn note(&self, now: Instant, is_made: bool) {
        let mut failing = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if is_made {
            *failing = (0, None);
            return;
        }
        let failures = failing.0.saturating_add(1);
        let over = failures.checked_sub(FAILURES_MAX);
        let wait = over.map(|times| PASSED_OVER.saturating_mul(1 << times.min(8)).min(PASSED_OVER_MAX));
        *failing = (failures, wait.and_then(|wait| now.checked_add(wait)));
    }

    fn is_passed_over(&self, now: Instant) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).1.is_some_and(|until| until > now)
    }
}

/// A gateway whose every call ends in time, and is noted.
struct Bounded {
    inner: Arc<dyn Gateway>,
    health: Health,
}

async fn within<T>(
    limit: Duration,
    call: impl Future<Output = Result<T, GatewayError>> + Send,
) -> Result<T, GatewayError> {
    let late = |_| Err(GatewayError::Uncertain("no answer in time".to_owned()));
    tokio::time::timeout(limit, call).await.unwrap_or_else(late)
}

#[async_trait]
impl Gateway for Bounded {
    fn name(&self) -> &'static str {
        self.inner.name()
    }

    fn methods(&self) -> &[Method] {
        self.inner.methods()
    }

    fn minimum(&self, method: Method) -> Money {
        self.inner.minimum(method)
    }

    fn estimated_fee(&self, method: Method, amount: Money) -> Money {
        self.inner.estimated_fee(method, amount)
    }

    fn pay_url(&self, charge: &Charge) -> Option<String> {
        self.inner.pay_url(charge)
    }

    async fn create(&self, charge: &Charge) -> Result<Invoice, GatewayError> {
        let made = within(INVOICE_MAX, self.inner.create(charge)).await;
        self.health.note(Instant::now(), made.is_ok());
        made
    }

    async fn status(&self, reference: &str, amount: Money) -> Result<GatewayStatus, GatewayError> {
        within(QUESTION_MAX, self.inner.status(reference, amount)).await
    }

    fn unknown_means(&self) -> UnknownMeans {
        self.inner.unknown_means()
    }

    async fn cancel(&self, charge: &Charge) -> Result<(), GatewayError> {
        within(QUESTION_MAX, self.inner.cancel(charge)).await
    }

    fn can_refund(&self) -> bool {
        self.inner.can_refund()
    }

    async fn refund(&self, charge: &Charge, amount: Money) -> Result<(), GatewayError> {
        within(INVOICE_MAX, self.inner.refund(charge, amount)).await
    }

    fn read_webhook(&self, body: &[u8], signature: &str) -> Result<WebhookClaim, WebhookError> {
        self.inner.read_webhook(body, signature)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gateway_that_fails_again_and_again_is_passed_over_longer_each_time_and_one_success_ends_that() {
        let (health, start) = (Health::default(), Instant::now());
        for _ in 1..FAILURES_MAX {
            health.note(start, false);
            assert!(!health.is_passed_over(start), "anybody fails now and then");
        }
        let mut now = start;
        for seconds in [30, 60, 120, 240, 480, 600, 600] {
            health.note(now, false);
            let last = now + Duration::from_secs(seconds) - Duration::from_millis(1);
            assert!(health.is_passed_over(last), "{seconds}");
            now = last + Duration::from_millis(1);
            assert!(!health.is_passed_over(now), "{seconds}: it is asked again");
        }
        health.note(now, true);
        health.note(now, false);
        assert!(!health.is_passed_over(now));
    }
}
