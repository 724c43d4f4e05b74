//! Liveness, readiness, and the process's metrics.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use axum::{
    Extension,
    extract::{ConnectInfo, State},
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, header};
use tokio::time::Instant;
use tonic_health::pb::{HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient};

use crate::{caller::Caller, contract::core_call, error::Fault, router::Edge};

/// A core that takes longer is not ready.
const READY_WITHIN: Duration = Duration::from_secs(2);

/// `GET /healthz`: the process answers.
pub(crate) async fn live() -> Response {
    ([(header::CACHE_CONTROL, "no-store")], "ok\n").into_response()
}

/// What the core last said of itself. However many ask at once, it is asked for all of them together: readiness has no
/// room that others could fill.
#[derive(Default)]
pub(crate) struct Readiness(tokio::sync::Mutex<Option<(Instant, Result<(), Fault>)>>);

impl Readiness {
    /// What the core says, asked now or after `now`.
    async fn ask(&self, edge: &Edge, headers: &HeaderMap, now: Instant) -> Result<(), Fault> {
        let mut last = self.0.lock().await;
        if let Some((asked, answer)) = &*last
            && *asked >= now
        {
            return answer.clone();
        }
        let asked = Instant::now();
        let answer = ask_the_core(edge, headers).await;
        *last = Some((asked, answer.clone()));
        answer
    }
}

/// `GET /readyz`: the core answers, and with it its database.
pub(crate) async fn ready(State(edge): State<Arc<Edge>>, headers: HeaderMap) -> Response {
    match edge.readiness.ask(&edge, &headers, Instant::now()).await {
        Ok(()) => ([(header::CACHE_CONTROL, "no-store")], "ready\n").into_response(),
        Err(fault) => Fault::unavailable(format!("the core does not answer: {}", fault.reason())).into_response(),
    }
}

async fn ask_the_core(edge: &Edge, headers: &HeaderMap) -> Result<(), Fault> {
    let caller = Caller::new(headers, IpAddr::from([0, 0, 0, 0]), READY_WITHIN).with_authorization(None);
    let asked = core_call(
        edge,
        &caller,
        |channel, request| async move { HealthClient::new(channel).check(request).await },
        HealthCheckRequest::default(),
    )
    .await;
    // The core says that it serves only as long as its database answers.
    let asked = asked.and_then(|answer| match answer.status() {
        ServingStatus::Serving => Ok(()),
        _ => Err(Fault::unavailable("its database does not answer".to_owned())),
    });
    if let Err(fault) = &asked {
        tracing::warn!(reason = fault.reason(), "not ready: the core does not answer");
    }
    asked
}

/// `GET /metrics`, for this machine alone unless the configuration says otherwise. What a proxy passes on comes from
/// elsewhere, although the connection is this machine's.
pub(crate) async fn metrics(
    State(edge): State<Arc<Edge>>,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
) -> Response {
    let forwarded = ["x-forwarded-for", "forwarded", "via"].iter().any(|name| headers.contains_key(*name));
    let local = peer.is_some_and(|peer| peer.0.0.ip().to_canonical().is_loopback()) && !forwarded;
    match &edge.config.metrics {
        Some(render) if local || edge.config.metrics_public => {
            ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], render()).into_response()
        }
        _ => Fault::not_found("there is nothing at this path").into_response(),
    }
}
