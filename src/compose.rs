//! Making the parts from the settings.

use std::{fmt::Write as _, sync::Arc};

use secrecy::ExposeSecret as _;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use url::Url;
use uuid::Uuid;
use warung_core::{
    Core, CoreConfig, Environment, Gateway, Gateways, MainBot, MediaConfig, Purpose, RandomIds, StoreConfig,
    SystemClock, gateway::pakasir::Pakasir,
};
use warung_proto::{
    channel::{self, Channel},
    key::ServiceKey,
};

use crate::{
    descriptors, mini_app,
    settings::{BotMode, Settings},
};

/// Anything that keeps a command from its end. Its text is for the person at the command line.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

const CORE_NEEDS: &str = "the core needs WARUNG_SECRET_KEY and BOT_TOKEN";

/// The key that services prove themselves with: the setting, or one that is made from the secret key.
#[must_use]
pub fn service_key(settings: &Settings) -> Option<ServiceKey> {
    if let Some(key) = &settings.service_key {
        return Some(ServiceKey::new(key.expose_secret()));
    }
    let secret = settings.secret_key.as_ref()?;
    let key = secret.key(Purpose::Service);
    Some(ServiceKey::new(hex(key.as_slice())))
}

/// Starts the core.
///
/// # Errors
///
/// When it can't start; the error says what to do.
pub async fn core(settings: &Settings) -> Result<Core, Failure> {
    let service_key = service_key(settings).ok_or(CORE_NEEDS)?;
    let config = CoreConfig {
        store: StoreConfig::new(settings.database_url.expose_secret()),
        media: media(settings),
        environment: environment(settings)?,
        service_key,
        gateways: gateways(settings)?,
        clock: Arc::new(SystemClock::default()),
        ids: Arc::new(RandomIds),
    };
    let connections = descriptors::for_grpc(warung_core::CONNECTIONS_MAX);
    Ok(Core::start(config).await?.with_connections(connections))
}

/// The store's facts.
///
/// # Errors
///
/// When the settings name no secret or no bot.
pub fn environment(settings: &Settings) -> Result<Environment, Failure> {
    let (Some(secret), Some(token)) = (settings.secret_key.clone(), &settings.bot_token) else {
        return Err(CORE_NEEDS.into());
    };
    Ok(Environment {
        store_name: settings.store_name.as_str().into(),
        time_zone: settings.time_zone,
        secret,
        main_bot: MainBot {
            token: token.expose_secret().to_owned(),
            username: settings.bot_username.clone(),
            launch_key: warung_core::LAUNCH_KEY,
        },
        has_owner_bot: settings.owner_bot_token.is_some(),
        public_url: settings.public_url.as_ref().map(|url| url.as_str().trim_end_matches('/').to_owned()),
        admin_ids: settings.admin_ids.clone(),
        owner_ids: settings.owner_ids.clone(),
    })
}

/// Where the pictures are.
#[must_use]
pub fn media(settings: &Settings) -> MediaConfig {
    match &settings.media {
        Some(bucket) => MediaConfig::S3(bucket.clone()),
        None => MediaConfig::Folder(settings.data_dir.join("media")),
    }
}

/// The payment gateways that the settings name.
fn gateways(settings: &Settings) -> Result<Gateways, Failure> {
    let mut gateways: Vec<Arc<dyn Gateway>> = Vec::new();
    if let Some(config) = &settings.pakasir {
        gateways.push(Arc::new(Pakasir::new(config.clone())?));
    }
    Ok(gateways.into_iter().collect())
}

/// A channel to a core in another process.
///
/// # Errors
///
/// When `WARUNG_GRPC_ADDR` is no address.
pub fn remote_core(settings: &Settings) -> Result<Channel, Failure> {
    Ok(channel::remote(&format!("http://{}", settings.grpc_addr))?)
}

/// Makes the edge.
///
/// # Errors
///
/// When the Mini App can't be laid out.
pub fn edge(
    settings: &Settings,
    core: Channel,
    metrics: Option<warung_edge::Metrics>,
    ending: CancellationToken,
) -> Result<axum::Router, Failure> {
    let key = service_key(settings).ok_or("the edge needs WARUNG_SERVICE_KEY")?;
    let mut config = warung_edge::Config::new(key);
    config.store.clone_from(&settings.store_name);
    config.public_url = settings.public_url.as_ref().map(|url| url.as_str().trim_end_matches('/').to_owned());
    config.allowed_origins = settings.webapp_origin().into_iter().collect();
    // An emulated or self-hosted Telegram shows the Mini App in a page of its own.
    config.frame_ancestors = vec![settings.telegram_api_url.origin().ascii_serialization()];
    config.mini_app = mini_app::lay_out(&settings.data_dir)?;
    config.trusted_proxy_hops = settings.trusted_proxies;
    config.metrics = metrics;
    config.ending = ending;
    Ok(warung_edge::router(config, core))
}

/// Makes the bot adapter.
///
/// # Errors
///
/// When its settings do not fit together.
pub fn bot(settings: &Settings, core: Channel) -> Result<warung_bot::Adapter, Failure> {
    let key = service_key(settings).ok_or("the bot needs WARUNG_SERVICE_KEY")?;
    let token = settings.bot_token.clone().ok_or("the bot needs BOT_TOKEN")?;
    let mode = match (settings.bot_mode, &settings.public_url) {
        (BotMode::Webhook, Some(public_url)) => warung_bot::Mode::Webhook {
            secret: webhook_secret(&key).into(),
            url: public_url.join("/telegram/webhook")?,
        },
        _ => warung_bot::Mode::Polling,
    };
    let config = warung_bot::Config {
        store_name: settings.store_name.clone(),
        token,
        owner_token: settings.owner_bot_token.clone(),
        service_key: key,
        api_url: settings.telegram_api_url.clone(),
        mini_app_url: settings.webapp_url.clone(),
        time_zone: settings.time_zone,
        clock: warung_bot::Clock::system(),
        default_language: warung_bot::Language::Indonesian,
        mode,
        worker_id: format!("bot-{}", new_id().simple()),
        limits: warung_bot::Limits::default(),
    };
    Ok(warung_bot::Adapter::new(config, core)?)
}

/// What Telegram proves itself with. All replicas of the bot make the same.
fn webhook_secret(key: &ServiceKey) -> String {
    use sha2::{Digest as _, Sha256};
    let presented = key.present_as(warung_proto::key::Service::Bot);
    let digest = Sha256::digest(format!("telegram webhook {presented}"));
    hex(&digest)
}

#[expect(clippy::disallowed_methods, reason = "a process's own name comes from here")]
pub(crate) fn new_id() -> Uuid {
    Uuid::now_v7()
}

/// Listens at an address.
///
/// # Errors
///
/// When it is taken or not ours; the error names it.
pub async fn listen(address: &str, setting: &str) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| format!("{setting}: can't listen on {address}: {error}").into())
}

/// Is cancelled by Ctrl-C and by SIGTERM.
///
/// # Errors
///
/// When the system does not tell of signals.
pub fn shutdown_signal() -> Result<CancellationToken, Failure> {
    let shutdown = CancellationToken::new();
    let signalled = shutdown.clone();
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::spawn(async move {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
        tracing::info!("ending");
        signalled.cancel();
    });
    Ok(shutdown)
}

/// Where a person opens an address that is served here.
#[must_use]
pub fn local_url(listener: &TcpListener) -> Option<Url> {
    let address = listener.local_addr().ok()?;
    Url::parse(&format!("http://{address}")).ok()
}

/// Bytes in hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing into a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
