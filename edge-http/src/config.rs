//! What the edge is told. The root package alone reads the environment.

use std::{path::PathBuf, sync::Arc, time::Duration};

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
}

/// Bounds of what a client may ask.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The largest body of a call that buyers may make, in bytes.
    pub body_bytes: usize,
    /// The largest body of a call that only sellers and owners may make (pictures, whole titles), in bytes. Never more
    /// than the core takes.
    pub admin_body_bytes: usize,
    /// How deep JSON may be nested.
    pub json_depth: usize,
    /// How long a body may take to arrive.
    pub body_timeout: Duration,
    /// How long a call may take when the client names no time, and at most.
    pub call_timeout: Duration,
    /// How many requests may be in work at once; more are answered 503.
    pub concurrency: usize,
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
            body_bytes: 64 * 1024,
            admin_body_bytes: warung_proto::channel::MESSAGE_BYTES_MAX,
            json_depth: 32,
            body_timeout: Duration::from_secs(15),
            call_timeout: Duration::from_secs(30),
            concurrency: 1024,
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
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the edge is where a request begins: its id comes from here")]
fn random_id() -> Uuid {
    Uuid::now_v7()
}
