//! What an emulated Pakasir starts with.

use std::time::Duration;

use crate::Clock;

/// How long an invoice can be paid unless another time is set. The real one's is not documented and can't be chosen.
const EXPIRY: Duration = Duration::from_mins(30);

/// The merchant's project.
#[derive(Clone, Debug)]
pub struct Project {
    /// Its name in addresses and requests.
    pub slug: String,
    /// Its key.
    pub api_key: String,
    /// The merchant's name on the pay page and in QRIS strings.
    pub merchant: String,
    /// Whether it is in sandbox mode: `paymentsimulation` works, and webhooks say `is_sandbox`.
    pub sandbox: bool,
    /// Where webhooks are posted; none posts nothing.
    pub webhook_url: Option<String>,
    /// Signs webhooks: `X-Pakasir-Signature` is the HMAC-SHA256 of the body in lower-case hexadecimal digits. The real
    /// one signs nothing; a proxy of the merchant's may.
    pub webhook_secret: Option<String>,
    /// Where the pay page leads back to when its address names nowhere. The real one has no link then.
    pub home_url: Option<String>,
}

impl Project {
    /// A project in production mode without a webhook.
    #[must_use]
    pub fn new(slug: &str, api_key: &str, merchant: &str) -> Self {
        Self {
            slug: slug.into(),
            api_key: api_key.into(),
            merchant: merchant.into(),
            sandbox: false,
            webhook_url: None,
            webhook_secret: None,
            home_url: None,
        }
    }
}

/// How it behaves where the real one's behaviour is not documented.
#[derive(Clone, Debug)]
pub struct Rules {
    /// How long an invoice can be paid. Default: 30 minutes.
    pub expiry: Duration,
    /// How long each of the API's answers takes. Default: none.
    pub latency: Duration,
    /// How often a webhook that is not answered with 2xx is posted again, a second apart. Default: never.
    pub webhook_retries: u32,
    /// Whether a cancelled payment is `canceled`, as some answers spell it. Default: no.
    pub american_spelling: bool,
}

impl Default for Rules {
    fn default() -> Self {
        Self { expiry: EXPIRY, latency: Duration::ZERO, webhook_retries: 0, american_spelling: false }
    }
}

/// What an emulated Pakasir starts with.
#[derive(Clone, Debug)]
pub struct PakasirConfig {
    /// The one project.
    pub project: Project,
    /// How it behaves.
    pub rules: Rules,
    /// The source of the current time. It can be put forward while it runs, see [`super::PakasirSim::advance`].
    pub clock: Clock,
}

impl PakasirConfig {
    /// A project with the usual behaviour and the real time.
    #[must_use]
    pub fn new(project: Project) -> Self {
        Self { project, rules: Rules::default(), clock: Clock::default() }
    }
}
