//! What an adapter starts with.

use std::time::Duration;

use chrono_tz::Tz;
use reqwest::Url;
use secrecy::SecretString;
use warung_proto::key::ServiceKey;

use crate::{clock::Clock, error::Error, words::Language};

/// What an adapter starts with. It reads no environment: its caller does.
#[derive(Clone, Debug)]
pub struct Config {
    /// The store's name: on the welcome, and as the label `store` of metrics.
    pub store_name: String,
    /// The token of the bot that buyers and sellers talk to.
    pub token: SecretString,
    /// The token of the owner's bot, where there is one. It only sends.
    pub owner_token: Option<SecretString>,
    /// Proves the adapter to the core.
    pub service_key: ServiceKey,
    /// The Bot API's address, without a token: `https://api.telegram.org` unless self-hosted or emulated.
    pub api_url: Url,
    /// The Mini App's address; buttons that open it are left out without one.
    pub mini_app_url: Option<Url>,
    /// The zone of the times that people are shown.
    pub time_zone: Tz,
    /// Says what time it is.
    pub clock: Clock,
    /// The language for users whose own is not known.
    pub default_language: Language,
    /// How updates come in.
    pub mode: Mode,
    /// The name of this process: 1 to 64 of `A-Z a-z 0-9 - _ .`, the same for its life, and another after each start.
    pub worker_id: String,
    /// Times and sizes.
    pub limits: Limits,
}

/// How updates come in.
#[derive(Clone, Debug)]
pub enum Mode {
    /// The adapter asks for them while it holds the lease.
    Polling,
    /// Telegram calls [`crate::Adapter::webhook`].
    Webhook {
        /// What Telegram presents with each update: 1 to 256 of `A-Z a-z 0-9 _ -`.
        secret: SecretString,
        /// The public https address of `/telegram/webhook`.
        url: Url,
    },
}

/// Times and sizes of an adapter.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Deliveries that one claim brings at most, 1 to 100.
    pub batch: i32,
    /// Deliveries of a bot that are under way at once, 1 to 500.
    pub deliveries_at_once: usize,
    /// How long a claim waits for something to do, at most 25 s.
    pub claim_wait: Duration,
    /// How long an answer of Telegram may take before it counts as lost.
    pub send_timeout: Duration,
    /// How long an answer to an upload of a picture may take.
    pub upload_timeout: Duration,
    /// How long a delivery may take with all its calls. The core's leases must be longer, else it is sent twice.
    pub delivery_timeout: Duration,
    /// How long a call of the core may take, the waiting calls apart.
    pub rpc_timeout: Duration,
    /// How long a call of the core may take that asks a payment gateway.
    pub payment_timeout: Duration,
    /// Presses that ask a payment gateway and are under way at once.
    pub payments_at_once: usize,
    /// How long Telegram holds `getUpdates` open, in whole seconds.
    pub poll_wait: Duration,
    /// How long this worker waits at most before it asks again for a lease that another holds.
    pub lease_retry: Duration,
    /// Updates that are worked on at once.
    pub updates_at_once: usize,
    /// How often an update is tried while the core fails, or while nobody knows whether its answer arrived.
    pub update_attempts: u32,
    /// The longest wait that Telegram may ask for and that holds up other chats' updates, of which `updates_at_once` are
    /// worked on.
    pub answer_wait: Duration,
    /// How long an update is tried while Telegram does not take its answer, waits that it asks for included. Later
    /// updates of the chat wait as long.
    pub answer_patience: Duration,
    /// The first pause after a failure; it doubles up to `pause_max`.
    pub pause_min: Duration,
    /// The longest pause after failures.
    pub pause_max: Duration,
    /// The pause after Telegram refused the token.
    pub token_pause: Duration,
    /// How long a 409 of another poller may last before the owner is told.
    pub conflict_alert_after: Duration,
    /// How long reports and updates under way may take after the shutdown began.
    pub drain: Duration,
    /// Messages and presses of a chat that are answered at once before the rate of one in `answer_period` counts.
    pub answer_burst: u32,
    /// See `answer_burst`.
    pub answer_period: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            batch: 100,
            deliveries_at_once: 120,
            claim_wait: Duration::from_secs(20),
            send_timeout: Duration::from_secs(15),
            upload_timeout: Duration::from_secs(25),
            delivery_timeout: Duration::from_secs(45),
            rpc_timeout: Duration::from_secs(4),
            payment_timeout: Duration::from_secs(25),
            payments_at_once: 64,
            poll_wait: Duration::from_secs(25),
            lease_retry: Duration::from_secs(2),
            updates_at_once: 32,
            update_attempts: 3,
            answer_wait: Duration::from_secs(5),
            answer_patience: Duration::from_mins(2),
            pause_min: Duration::from_millis(250),
            pause_max: Duration::from_secs(15),
            token_pause: Duration::from_mins(1),
            conflict_alert_after: Duration::from_secs(30),
            drain: Duration::from_secs(8),
            answer_burst: 20,
            answer_period: Duration::from_secs(1),
        }
    }
}

impl Config {
    /// Checks what can be checked without the network.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let name = &self.worker_id;
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if name.is_empty() || name.len() > 64 || !name.chars().all(fits) {
            return Err(Error::WorkerIdMalformed);
        }
        check_address(&self.api_url, "the Bot API's address")?;
        if let Some(url) = &self.mini_app_url {
            check_address(url, "the Mini App's address")?;
        }
        if let Mode::Webhook { secret, url } = &self.mode {
            use secrecy::ExposeSecret as _;
            let secret = secret.expose_secret();
            let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
            if secret.is_empty() || secret.len() > 256 || !secret.chars().all(fits) {
                return Err(Error::WebhookSecretMalformed);
            }
            check_address(url, "the webhook's address")?;
        }
        Ok(())
    }
}

fn check_address(url: &Url, what: &'static str) -> Result<(), Error> {
    let fits = matches!(url.scheme(), "http" | "https") && url.has_host();
    if fits { Ok(()) } else { Err(Error::AddressMalformed { what }) }
}
