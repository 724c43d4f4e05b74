//! The port to payment gateways: what one can do, in terms of none in particular.

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use warung_domain::{money::Money, payment::Method, review::Misfit};

use super::{
    Lookup,
    limits::{INVOICE_MAX, QUESTION_MAX},
};

/// What a gateway is asked to make an invoice of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewInvoice {
    /// What it shall know the payment by. It is used for one call of `create` and never again.
    pub reference: String,
    /// How the buyer pays.
    pub method: Method,
    /// How much the store gets: the fee comes on top.
    pub amount: Money,
}

/// An invoice that a gateway made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invoice {
    /// What the gateway charges the buyer on top; not negative.
    pub fee: Money,
    /// What the buyer pays: amount and fee.
    pub total: Money,
    /// The text of the QR code, or the number of the virtual account.
    pub payload: String,
    /// The gateway's own page for it.
    pub pay_url: Option<String>,
    /// Until when it can be paid.
    pub expire_time: DateTime<Utc>,
}

/// What a gateway knows of a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GatewayStatus {
    /// Not paid yet.
    Pending,
    /// The money is there.
    Paid {
        /// How much, without the fee.
        received: Money,
        /// Since when; `None`: the gateway does not say.
        paid_time: Option<DateTime<Utc>>,
    },
    /// It can't be paid any more.
    Expired,
    /// It was cancelled.
    Cancelled,
    /// The gateway knows nothing of it; what that means, [`Gateway::unknown_means`] says.
    Unknown,
}

/// What it means at a gateway that it knows nothing of a payment which it was asked to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnknownMeans {
    /// It never made it: nobody can pay it.
    NeverExisted,
    /// It made a page on which the buyer has not chosen yet how to pay: it can still be paid.
    NotYetChosen,
}

/// Why a gateway's answer is of no use. The text is for the log: it holds neither a key nor an address with one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GatewayError {
    /// It would not do it, and would not if asked again.
    #[error("the gateway refused: {0}")]
    Refused(String),
    /// It certainly did nothing; it may if asked again.
    #[error("the gateway is not available: {0}")]
    Unavailable(String),
    /// Nobody knows whether it did it.
    #[error("the gateway's answer was lost: {0}")]
    Uncertain(String),
    /// It answered about something else than it was asked about.
    #[error("the gateway's answer does not fit: {0}")]
    Mismatch(Misfit),
}

/// What a webhook claims. Nothing of it is believed: it says which payment to ask about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookClaim {
    /// Of which payment.
    pub reference: String,
    /// What is said to have been paid, without the fee.
    pub amount: Money,
}

/// Why a webhook is not looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    /// It can't be read.
    #[error("the webhook can't be read: {0}")]
    Malformed(&'static str),
    /// It is not for this store, or not signed as configured.
    #[error("the webhook is refused: {0}")]
    Refused(&'static str),
}

/// A payment gateway. A call ends within [`INVOICE_MAX`] or [`QUESTION_MAX`], all its tries and waits inside: one that does not
/// is ended by [`Gateways`], and nobody knows what it did. None holds a transaction.
#[async_trait]
pub trait Gateway: Send + Sync + 'static {
    /// Its name in the database, in upper case.
    fn name(&self) -> &'static str;

    /// The ways to pay that it has, the usual one first.
    fn methods(&self) -> &[Method];

    /// The least that it takes by a method.
    fn minimum(&self, method: Method) -> Money;

    /// What it would charge the buyer on top. An estimate: the invoice has the truth.
    fn estimated_fee(&self, method: Method, amount: Money) -> Money;

    /// Its own page for a payment, for when the invoice itself was lost.
    fn pay_url(&self, payment: &Lookup) -> Option<String>;

    /// Makes an invoice. It is called once for a reference.
    async fn create(&self, invoice: &NewInvoice) -> Result<Invoice, GatewayError>;

    /// What it knows of a payment of this reference and this amount, without the fee.
    async fn status(&self, reference: &str, amount: Money) -> Result<GatewayStatus, GatewayError>;

    /// What it means that it knows nothing of a payment.
    fn unknown_means(&self) -> UnknownMeans;

    /// Cancels a payment. That it answers well proves nothing: ask for the status.
    async fn cancel(&self, payment: &Lookup) -> Result<(), GatewayError>;

    /// It can give money back.
    fn can_refund(&self) -> bool;

    /// Gives a part of a payment back.
    async fn refund(&self, payment: &Lookup, amount: Money) -> Result<(), GatewayError>;

    /// Reads a webhook: its body and its signature header as they came, of which the latter is empty without one.
    fn read_webhook(&self, body: &[u8], signature: &str) -> Result<WebhookClaim, WebhookError>;
}

/// The gateways of a store, by name. Without any, orders are paid from the balance alone.
#[derive(Clone, Default)]
pub struct Gateways(Arc<[Arc<dyn Gateway>]>);

impl fmt::Debug for Gateways {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.0.iter().map(|gateway| gateway.name())).finish()
    }
}

impl FromIterator<Arc<dyn Gateway>> for Gateways {
    fn from_iter<T: IntoIterator<Item = Arc<dyn Gateway>>>(gateways: T) -> Self {
        let bounded = |inner| -> Arc<dyn Gateway> { Arc::new(Bounded { inner }) };
        Self(gateways.into_iter().map(bounded).collect())
    }
}

/// A gateway whose every call ends in time.
struct Bounded {
    inner: Arc<dyn Gateway>,
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

    fn pay_url(&self, payment: &Lookup) -> Option<String> {
        self.inner.pay_url(payment)
    }

    async fn create(&self, invoice: &NewInvoice) -> Result<Invoice, GatewayError> {
        within(INVOICE_MAX, self.inner.create(invoice)).await
    }

    async fn status(&self, reference: &str, amount: Money) -> Result<GatewayStatus, GatewayError> {
        within(QUESTION_MAX, self.inner.status(reference, amount)).await
    }

    fn unknown_means(&self) -> UnknownMeans {
        self.inner.unknown_means()
    }

    async fn cancel(&self, payment: &Lookup) -> Result<(), GatewayError> {
        within(QUESTION_MAX, self.inner.cancel(payment)).await
    }

    fn can_refund(&self) -> bool {
        self.inner.can_refund()
    }

    async fn refund(&self, payment: &Lookup, amount: Money) -> Result<(), GatewayError> {
        within(INVOICE_MAX, self.inner.refund(payment, amount)).await
    }

    fn read_webhook(&self, body: &[u8], signature: &str) -> Result<WebhookClaim, WebhookError> {
        self.inner.read_webhook(body, signature)
    }
}

impl Gateways {
    /// The gateway of a name, in whichever case.
    #[must_use]
    pub fn by_name(&self, name: &str) -> Option<&dyn Gateway> {
        self.0.iter().find(|gateway| gateway.name().eq_ignore_ascii_case(name)).map(|gateway| &**gateway)
    }

    /// The gateway that offers a way to pay: of several, the first.
    #[must_use]
    pub fn for_method(&self, method: Method) -> Option<&dyn Gateway> {
        self.0.iter().find(|gateway| gateway.methods().contains(&method)).map(|gateway| &**gateway)
    }

    /// Their names.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.0.iter().map(|gateway| gateway.name().to_owned()).collect()
    }

    /// The ways to pay that they offer, the usual one first, each with its gateway.
    pub fn offers(&self) -> impl Iterator<Item = (Method, &dyn Gateway)> {
        let all = self.0.iter().flat_map(|gateway| gateway.methods().iter().map(|method| (*method, &**gateway)));
        all.filter(|(method, gateway)| self.for_method(*method).is_some_and(|first| first.name() == gateway.name()))
    }

    /// The least that any of them takes, in rupiah; without one, more than anything costs.
    #[must_use]
    pub fn least(&self) -> i64 {
        self.offers().map(|(method, gateway)| gateway.minimum(method).minor_units).min().unwrap_or(i64::MAX)
    }
}
