//! Measuring requests, with labels of few values: route templates, never paths.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use http::StatusCode;
use metrics::Histogram;

const DURATION: &str = "http_server_request_duration_seconds";

/// What sort of answer a route gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Json,
    GrpcWeb,
    Grpc,
    Static,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::GrpcWeb => "grpc-web",
            Self::Grpc => "grpc",
            Self::Static => "static",
        }
    }
}

/// The route that answered; an extension of the response.
#[derive(Clone, Debug)]
pub(crate) struct Label {
    pub(crate) route: Arc<str>,
    pub(crate) kind: Kind,
    /// How long its requests took that went well, once there was one.
    pub(crate) duration: Arc<OnceLock<Histogram>>,
}

impl Label {
    pub(crate) fn new(route: impl Into<Arc<str>>, kind: Kind) -> Self {
        Self { route: route.into(), kind, duration: Arc::default() }
    }
}

/// Says what is measured.
pub(crate) fn describe() {
    metrics::describe_histogram!(DURATION, metrics::Unit::Seconds, "Time from a request's head to its answer's head");
}

/// Records a request.
pub(crate) fn record(store: &Arc<str>, label: Option<&Label>, status: StatusCode, elapsed: Duration) {
    let class = match status.as_u16() {
        ..200 => "1xx",
        200..300 => "2xx",
        300..400 => "3xx",
        400..500 => "4xx",
        _ => "5xx",
    };
    let new = || {
        let (route, kind) =
            label.map_or_else(|| (Arc::from("none"), "none"), |label| (label.route.clone(), label.kind.name()));
        metrics::histogram!(DURATION, "store" => store.clone(), "route" => route, "kind" => kind, "status" => class)
    };
    match label.filter(|_| class == "2xx") {
        Some(label) => label.duration.get_or_init(new).record(elapsed.as_secs_f64()),
        None => new().record(elapsed.as_secs_f64()),
    }
}
