//! Running the parts until their end.

use std::{sync::Arc, time::Duration};

use axum::{Router, routing::get};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use warung_edge::ServerLimits;

use crate::{
    compose::{self, Failure},
    descriptors,
    settings::Settings,
};

/// Buckets of durations, in seconds: those of OpenTelemetry's convention for RPCs, and finer below.
const SECONDS: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// How often the samples of the metrics are summed up.
const UPKEEP_EVERY: Duration = Duration::from_secs(1);

/// Where a store is reached.
#[derive(Debug)]
pub struct Listeners {
    /// The gRPC API.
    pub grpc: TcpListener,
    /// HTTP.
    pub http: TcpListener,
}

/// Runs core, edge and bot in this process until the shutdown: first those who ask end, then the core.
///
/// # Errors
///
/// When a part can't start, or fails.
pub async fn all(
    settings: &Settings,
    listeners: Listeners,
    metrics: Option<PrometheusHandle>,
    shutdown: CancellationToken,
) -> Result<(), Failure> {
    let core = compose::core(settings).await?;
    core.end_leases_of_the_gone().await?;
    let adapter = compose::bot(settings, core.channel())?;
    let mut router = compose::edge(settings, core.channel(), metrics.map(render), shutdown.clone())?;
    if let Some(webhook) = adapter.webhook() {
        router = router.merge(webhook);
    }
    tracing::info!(http = %settings.http_addr, grpc = settings.grpc_addr, "serving");
    let askers = async {
        let limits = http_limits(settings);
        let edge = warung_edge::serve_within(listeners.http, router, shutdown.clone(), limits);
        let hurry = async {
            shutdown.cancelled().await;
            core.hurry();
        };
        tokio::join!(edge, adapter.run(shutdown.clone()), hurry);
    };
    // The core's own listener stays open until those who ask have ended.
    let ended = CancellationToken::new();
    let (served, ()) = tokio::join!(Box::pin(core.serve(listeners.grpc, ended.clone())), async {
        askers.await;
        ended.cancel();
    });
    core.stop().await;
    Ok(served?)
}

/// Runs the core alone.
///
/// # Errors
///
/// When it can't start, or fails.
pub async fn core(
    settings: &Settings,
    grpc: TcpListener,
    metrics: Option<PrometheusHandle>,
    shutdown: CancellationToken,
) -> Result<(), Failure> {
    let core = compose::core(settings).await?;
    tracing::info!(grpc = settings.grpc_addr, "the core serves");
    let (served, probed) =
        tokio::join!(Box::pin(core.serve(grpc, shutdown.clone())), probes(settings, metrics, shutdown));
    core.stop().await;
    served?;
    probed
}

/// Runs the edge alone.
///
/// # Errors
///
/// When its settings do not fit together.
pub async fn edge(
    settings: &Settings,
    http: TcpListener,
    metrics: Option<PrometheusHandle>,
    shutdown: CancellationToken,
) -> Result<(), Failure> {
    let router = compose::edge(settings, compose::remote_core(settings)?, metrics.map(render), shutdown.clone())?;
    tracing::info!(http = %settings.http_addr, "the edge serves");
    warung_edge::serve_within(http, router, shutdown, http_limits(settings)).await;
    Ok(())
}

/// Runs the bot adapter alone. `http` serves Telegram's webhook, where there is one.
///
/// # Errors
///
/// When its settings do not fit together.
pub async fn bot(
    settings: &Settings,
    http: Option<TcpListener>,
    metrics: Option<PrometheusHandle>,
    shutdown: CancellationToken,
) -> Result<(), Failure> {
    let adapter = compose::bot(settings, compose::remote_core(settings)?)?;
    let webhook = adapter.webhook();
    let serving = async {
        if let (Some(listener), Some(webhook)) = (http, webhook) {
            warung_edge::serve_within(listener, webhook, shutdown.clone(), http_limits(settings)).await;
        }
    };
    let probing = probes(settings, metrics, shutdown.clone());
    tokio::join!(serving, adapter.run(shutdown.clone()), probing).2
}

/// Serves the metrics of a process that has no HTTP of its own, where it is told to.
async fn probes(
    settings: &Settings,
    metrics: Option<PrometheusHandle>,
    shutdown: CancellationToken,
) -> Result<(), Failure> {
    let (Some(address), Some(metrics)) = (settings.metrics_addr, metrics) else { return Ok(()) };
    let listener = compose::listen(&address.to_string(), "WARUNG_METRICS_ADDR").await?;
    let render = render(metrics);
    let router = Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/metrics", get(move || std::future::ready(render())));
    warung_edge::serve(listener, router, shutdown).await;
    Ok(())
}

/// Bounds of the connections to an HTTP listener.
fn http_limits(settings: &Settings) -> ServerLimits {
    let usual = ServerLimits::default();
    ServerLimits {
        connections: descriptors::for_http(usual.connections),
        // A proxy's address stands for all its clients, and what one of them may have open is the proxy's to say.
        connections_of_address: usual.connections_of_address.filter(|_| settings.trusted_proxies == 0),
        ..usual
    }
}

/// Starts to collect the metrics of this process.
///
/// # Errors
///
/// When it is done already.
pub fn collect_metrics() -> Result<PrometheusHandle, Failure> {
    let builder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("duration".into()), SECONDS)?
        .set_buckets_for_metric(Matcher::Suffix("seconds".into()), SECONDS)?;
    let handle = builder.install_recorder()?;
    // Without it, samples would be kept until somebody reads the metrics, who may never come.
    let upkeep = handle.clone();
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(UPKEEP_EVERY).await;
            upkeep.run_upkeep();
        }
    });
    Ok(handle)
}

fn render(handle: PrometheusHandle) -> warung_edge::Metrics {
    Arc::new(move || handle.render())
}
