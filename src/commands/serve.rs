//! `warung serve`, `core`, `edge` and `bot`.

use crate::{
    compose::{self, Failure},
    descriptors, logging,
    run::{self, Listeners},
    settings::{BotMode, Role, Settings},
};

/// Core, edge and bot in one process: no socket between them.
pub(super) async fn serve() -> Result<(), Failure> {
    let settings = Settings::load(Role::Serve)?;
    let _logging = start_logging(&settings, "warung")?;
    let metrics = run::collect_metrics()?;
    let grpc = compose::listen(&settings.grpc_addr, "WARUNG_GRPC_ADDR").await?;
    let http = listen_http(&settings).await?;
    Box::pin(run::all(&settings, Listeners { grpc, http }, Some(metrics), compose::shutdown_signal()?)).await
}

/// The core alone.
pub(super) async fn core() -> Result<(), Failure> {
    let settings = Settings::load(Role::Core)?;
    let _logging = start_logging(&settings, "core")?;
    let metrics = run::collect_metrics()?;
    let grpc = compose::listen(&settings.grpc_addr, "WARUNG_GRPC_ADDR").await?;
    run::core(&settings, grpc, Some(metrics), compose::shutdown_signal()?).await
}

/// The edge alone.
pub(super) async fn edge() -> Result<(), Failure> {
    let settings = Settings::load(Role::Edge)?;
    let _logging = start_logging(&settings, "edge")?;
    let metrics = run::collect_metrics()?;
    let http = listen_http(&settings).await?;
    run::edge(&settings, http, Some(metrics), compose::shutdown_signal()?).await
}

/// The bot adapter alone. It opens a port for Telegram's webhook alone.
pub(super) async fn bot() -> Result<(), Failure> {
    let settings = Settings::load(Role::Bot)?;
    let _logging = start_logging(&settings, "telegram-bot")?;
    let metrics = run::collect_metrics()?;
    let http = match settings.bot_mode {
        BotMode::Webhook => Some(listen_http(&settings).await?),
        BotMode::Polling => None,
    };
    run::bot(&settings, http, Some(metrics), compose::shutdown_signal()?).await
}

async fn listen_http(settings: &Settings) -> Result<tokio::net::TcpListener, Failure> {
    compose::listen(&settings.http_addr.to_string(), "WARUNG_HTTP_ADDR").await
}

fn start_logging(settings: &Settings, service: &str) -> Result<logging::Logging, Failure> {
    let logging = logging::start(service, settings.log_level, settings.log_format, Some(&settings.data_dir))?;
    descriptors::raise();
    Ok(logging)
}
