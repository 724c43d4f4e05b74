//! What the edge is told. The root package alone reads the environment.

use std::{path::PathBuf, sync::Arc, time::Duration};

use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use warung_proto::key::ServiceKey;

/// Where ids come from.
pub type Ids = Arc<dyn Fn() -> Uuid + Send + Sync>;

/// Renders the process's metrics as Prometheus text.
pub type Metrics = Arc<dyn Fn() -> String + Send + Sync>;

/// What the edge is told.
#[derive(Clone)]
pub struct Config {
    /// The store's name: a label of its metrics.
    pub store: String,
    /// The key that proves the edge to the core, and that `/api/v1/pending` asks for.
    pub service_key: ServiceKey,
    /// The address under which the world reaches this edge, without a slash at its end. Links to media are absolute
    /// when it is set.
    pub public_url: Option<String>,
    /// Origins of Mini Apps that are hosted elsewhere, such as `https://shop.netlify.app`: exactly these may call.
    pub allowed_origins: Vec<String>,
    /// Who may show the Mini App in a frame besides Telegram's own web clients, such as a demo's chat page.
    pub frame_ancestors: Vec<String>,
    /// The folder of the built Mini App; without one `/app/` says that it is not here.
    pub mini_app: Option<PathBuf>,
    /// Bounds of what a client may ask.
    pub limits: Limits,
    /// How many proxies of ours stand before the edge, each of which adds to `X-Forwarded-For`. With 0 the header is
    /// not believed. Set too low, all clients look like the proxy and share one rate.
    pub trusted_proxy_hops: usize,
    /// Renders `/metrics`; without it there is none.
    pub metrics: Option<Metrics>,
    /// Lets anyone read `/metrics`; otherwise only direct connections from this machine may.
    pub metrics_public: bool,
    /// Ids of requests that came without one.
    pub ids: Ids,
    /// Cancelled when the process ends: whoever waits for something to happen is answered with how things stand.
    pub ending: CancellationToken,
}

/// Bounds of what a client may ask.
#[derive(Clone, Debug)]
pub struct Limits {
    /// How deep JSON may be nested.
    pub json_depth: usize,
    /// How long a body may take to arrive.
    pub body_timeout: Duration,
    /// How long a call may take when the client names no time, and at most.
    pub call_timeout: Duration,
    /// How many requests may be in work at once that wait for nothing but their own work; more are answered 503. As with
    /// every other room, the API declares which calls have their place in it.
    pub concurrency: usize,
    /// How many calls may wait for something to happen. Each holds its place, and about 40 kB with its connection.
    pub waits: usize,
    /// How many calls may wait for a payment gateway.
    pub gateway_calls: usize,
    /// How many webhooks of payment gateways may be on their way.
    pub webhooks: usize,
    /// How many of them one address may have on their way.
    pub webhooks_of_address: usize,
    /// How many places the callers at one address may hold who show no credential.
    pub strangers: usize,
    /// How many bytes of bodies may be in flight of calls whose bodies are small; one address may hold a quarter.
    pub small_bodies_bytes: usize,
    /// The same of calls whose bodies may be large: those of sellers.
    pub large_bodies_bytes: usize,
    /// The same of webhooks.
    pub webhook_bodies_bytes: usize,
    /// How many requests a second a client address may make over time; 0 means any number.
    pub client_rate: u32,
    /// How many requests a client address may make at once after a rest.
    pub client_burst: u32,
    /// How many client addresses are remembered.
    pub clients: usize,
    /// How many bytes of pictures are kept in memory.
    pub media_cache_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            json_depth: 32,
            body_timeout: Duration::from_secs(15),
            call_timeout: Duration::from_secs(30),
            concurrency: 1024,
            waits: 10_000,
            gateway_calls: 1024,
            webhooks: 256,
            webhooks_of_address: 64,
            strangers: 128,
            small_bodies_bytes: 32 * 1024 * 1024,
            large_bodies_bytes: 64 * 1024 * 1024,
            webhook_bodies_bytes: 8 * 1024 * 1024,
            client_rate: 50,
            client_burst: 100,
            clients: 65_536,
            media_cache_bytes: 16 * 1024 * 1024,
        }
    }
}

impl Config {
    /// The defaults: no Mini App, no other origin, no proxy, metrics off.
    #[must_use]
    pub fn new(service_key: ServiceKey) -> Self {
        Self {
            store: "warung".to_owned(),
            service_key,
            public_url: None,
            allowed_origins: Vec::new(),
            frame_ancestors: Vec::new(),
            mini_app: None,
            limits: Limits::default(),
            trusted_proxy_hops: 0,
            metrics: None,
            metrics_public: false,
            ids: Arc::new(random_id),
            ending: CancellationToken::new(),
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the edge is where a request begins: its id comes from here")]
fn random_id() -> Uuid {
    Uuid::now_v7()
}
