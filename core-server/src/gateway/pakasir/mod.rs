//! Pakasir: QRIS codes and virtual accounts.

mod client;
mod webhook;
mod wire;

#[cfg(test)]
mod tests;

use std::{fmt, time::Duration};

use async_trait::async_trait;
use secrecy::SecretString;
use url::Url;
use warung_app::gateway::{
    Charge, Gateway, GatewayError, GatewayStatus, INVOICE_MAX, Invoice, UnknownMeans, WebhookClaim, WebhookError,
};
use warung_domain::{money::Money, payment::Method};

use self::client::Client;

/// Its name in the database.
pub const NAME: &str = "PAKASIR";
/// The longest that a call takes, all tries, waits and the answer included, unless it is configured otherwise.
pub const TIMEOUT: Duration = INVOICE_MAX;
/// What it takes at least, in rupiah, by whichever method.
const MINIMUM: i64 = 500;
/// The ways to pay, the usual one first.
const METHODS: [Method; 10] = [
    Method::Qris,
    Method::BniVa,
    Method::BriVa,
    Method::CimbNiagaVa,
    Method::PermataVa,
    Method::MaybankVa,
    Method::BncVa,
    Method::AtmBersamaVa,
    Method::SampoernaVa,
    Method::ArthaGrahaVa,
];

/// What a project at Pakasir is called with.
#[derive(Clone)]
pub struct PakasirConfig {
    /// Where it answers: `https://app.pakasir.com`, without a path.
    pub base_url: Url,
    /// The project's slug.
    pub project_slug: String,
    /// The project's key.
    pub api_key: SecretString,
    /// What webhooks are signed with, if anything: Pakasir itself signs none, a proxy before the edge may.
    pub webhook_secret: Option<SecretString>,
    /// The project is one for trying: payments in its sandbox count.
    pub sandbox: bool,
    /// The longest that a call may take, all tries, waits and the answer included: usually [`TIMEOUT`].
    pub timeout: Duration,
}

impl fmt::Debug for PakasirConfig {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("PakasirConfig")
            .field("base_url", &self.base_url.as_str())
            .field("project_slug", &self.project_slug)
            .field("sandbox", &self.sandbox)
            .finish_non_exhaustive()
    }
}

/// Why Pakasir can't be called at all.
#[derive(Debug, thiserror::Error)]
#[error("the HTTP client of Pakasir can't be made: {0}")]
pub struct PakasirError(String);

/// A project at Pakasir.
#[derive(Debug)]
pub struct Pakasir {
    config: PakasirConfig,
    client: Client,
}

impl Pakasir {
    /// Makes the client of a project. Nothing is called yet.
    pub fn new(config: PakasirConfig) -> Result<Self, PakasirError> {
        let client = Client::new(&config).map_err(PakasirError)?;
        Ok(Self { config, client })
    }

    /// Whether Pakasir lets the project in: it is asked about a payment that there is not.
    ///
    /// # Errors
    ///
    /// [`GatewayError::Refused`] when it does not, any other when it gives no answer that can be read.
    pub async fn probe(&self) -> Result<(), GatewayError> {
        self.client.probe().await
    }

    /// Has Pakasir count a payment as paid that nobody made, and post its webhook: in a project for trying.
    ///
    /// # Errors
    ///
    /// [`GatewayError::Refused`] when [`PakasirConfig::sandbox`] is false, and nothing is asked then; any other as the
    /// call went.
    pub async fn simulate(&self, reference: &str, amount: Money) -> Result<(), GatewayError> {
        self.client.simulate(reference, amount).await
    }
}

#[async_trait]
impl Gateway for Pakasir {
    fn name(&self) -> &'static str {
        NAME
    }

    fn methods(&self) -> &[Method] {
        &METHODS
    }

    fn minimum(&self, _method: Method) -> Money {
        Money::idr(MINIMUM)
    }

    fn estimated_fee(&self, method: Method, amount: Money) -> Money {
        Money::idr(fee(method, amount.minor_units))
    }

    fn pay_url(&self, charge: &Charge) -> Option<String> {
        self.client.page(&charge.reference, charge.method, charge.amount)
    }

    async fn create(&self, charge: &Charge) -> Result<Invoice, GatewayError> {
        self.client.create(charge).await
    }

    async fn status(&self, reference: &str, amount: Money) -> Result<GatewayStatus, GatewayError> {
        self.client.detail(reference, amount).await
    }

    fn unknown_means(&self) -> UnknownMeans {
        UnknownMeans::NeverExisted
    }

    async fn cancel(&self, charge: &Charge) -> Result<(), GatewayError> {
        self.client.cancel(&charge.reference, charge.amount).await
    }

    fn can_refund(&self) -> bool {
        false
    }

    async fn refund(&self, _charge: &Charge, _amount: Money) -> Result<(), GatewayError> {
        Err(GatewayError::Refused("Pakasir gives no money back".to_owned()))
    }

    fn read_webhook(&self, body: &[u8], signature: &str) -> Result<WebhookClaim, WebhookError> {
        webhook::read(&self.config, body, signature)
    }
}

/// What Pakasir charges the buyer for so many rupiah, as it published in 2026.
fn fee(method: Method, amount: i64) -> i64 {
    /// Up to this amount a part of the fee is fixed.
    const SMALL: i64 = 105_000;
    match method {
        Method::Balance => 0,
        Method::Qris if amount <= SMALL => share(amount, 7, 1_000).saturating_add(310),
        Method::Qris => share(amount, 1, 100),
        Method::SampoernaVa | Method::ArthaGrahaVa => 2_000,
        Method::CimbNiagaVa
        | Method::BniVa
        | Method::BriVa
        | Method::PermataVa
        | Method::MaybankVa
        | Method::BncVa
        | Method::AtmBersamaVa => 3_500,
    }
}

/// So many parts of an amount, a half rounded up.
fn share(amount: i64, parts: i64, of: i64) -> i64 {
    amount.max(0).saturating_mul(parts).saturating_add(of / 2) / of
}
