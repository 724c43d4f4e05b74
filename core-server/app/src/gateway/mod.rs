//! The port to payment gateways: what one can do, in terms of none in particular, and which of a store's is asked.

mod gateways;

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use warung_domain::{money::Money, payment::Method, review::Misfit};

pub use self::gateways::Gateways;

/// A gateway makes an invoice, or gives money back, within this, or nobody knows whether it did.
pub const INVOICE_MAX: Duration = Duration::from_secs(10);
/// A gateway says what it knows of a payment, or cancels it, within this.
pub const QUESTION_MAX: Duration = Duration::from_secs(8);

/// What a gateway is to collect for a payment: an invoice is made of it, and everything else is asked about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charge {
    /// What the gateway knows the payment by. It is used for one call of `create` and never again.
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
        /// How much, without a fee that came on top.
        received: Money,
        /// How much of that the gateway keeps for itself; 0 where its fee comes on top.
        withheld: i64,
        /// Since when; `None`: the gateway does not say.
        paid_time: Option<DateTime<Utc>>,
    },
    /// It can't be paid any more.
    Expired,
    /// It was cancelled.
    Cancelled,
    /// It was paid, and the gateway took money back since: a refund that was made there, or a chargeback.
    Reversed {
        /// How much had come, without the fee.
        received: Money,
        /// How much of it is gone, of all times that some was taken.
        reversed: Money,
    },
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
    /// That the gateway took money back, rather than that some arrived.
    pub is_reversal: bool,
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

/// A payment gateway. A call ends within [`INVOICE_MAX`] or [`QUESTION_MAX`], all its tries and waits inside: one that does
/// not is ended by [`Gateways`], and nobody knows what it did. None holds a transaction.
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
    fn pay_url(&self, charge: &Charge) -> Option<String>;

    /// Makes an invoice. It is called once for a reference.
    async fn create(&self, charge: &Charge) -> Result<Invoice, GatewayError>;

    /// What it knows of a payment of this reference and this amount, without the fee.
    async fn status(&self, reference: &str, amount: Money) -> Result<GatewayStatus, GatewayError>;

    /// What it means that it knows nothing of a payment.
    fn unknown_means(&self) -> UnknownMeans;

    /// Cancels a payment. That it answers well proves nothing: ask for the status.
    async fn cancel(&self, charge: &Charge) -> Result<(), GatewayError>;

    /// It can give money back.
    fn can_refund(&self) -> bool;

    /// Gives a part of a payment back.
    async fn refund(&self, charge: &Charge, amount: Money) -> Result<(), GatewayError>;

    /// Reads a webhook: its body and its signature header as they came, of which the latter is empty without one.
    fn read_webhook(&self, body: &[u8], signature: &str) -> Result<WebhookClaim, WebhookError>;
}
