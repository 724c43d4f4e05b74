//! What is where.

use std::sync::Arc;

use axum::{
    Extension, Router,
    extract::{Path, Request, State, rejection::PathRejection},
    middleware,
    response::{IntoResponse as _, Response},
    routing::{any, get, post},
};
use http::HeaderMap;
use tower::ServiceBuilder;
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::{
        CompressionLayer, CompressionLevel,
        predicate::{NotForContentType, Predicate as _, SizeAbove},
    },
};
use warung_proto::channel::Channel;

use crate::{
    admission,
    caller::Caller,
    config::Config,
    contract,
    core::Core,
    cors,
    error::Fault,
    fields::GrpcForm,
    grpc_web::Allowed,
    health::{self, Readiness},
    hurry,
    limits::ClientRates,
    media::{self, Pictures},
    metrics, openapi,
    rooms::Rooms,
    static_files::{self, MiniApp},
    transcode::Transcoder,
    watch, webhook,
};

/// Smaller answers are not worth compressing, in bytes.
const COMPRESS_ABOVE: u16 = 1024;

/// A variable of a path, as a handler takes it.
pub(crate) type Variable = Result<Path<String>, PathRejection>;

/// What stands in a path. What is no UTF-8 is as unknown as nothing at all.
pub(crate) fn value_of(variable: Variable) -> String {
    variable.map(|Path(value)| value).unwrap_or_default()
}

/// What all requests share.
pub(crate) struct Edge {
    pub(crate) config: Config,
    pub(crate) core: Core,
    pub(crate) store: Arc<str>,
    pub(crate) rates: Option<ClientRates>,
    pub(crate) rooms: Rooms,
    pub(crate) readiness: Readiness,
    pub(crate) pictures: Pictures,
    pub(crate) mini_app: MiniApp,
    transcoder: Transcoder,
    allowed: Allowed,
}

/// The edge's routes over a core. It has a fallback of its own; routes that are merged beside it keep their own layers.
pub fn router(config: Config, core: Channel) -> Router {
    metrics::describe();
    let limits = &config.limits;
    let (transcoder, faults) = Transcoder::new();
    for fault in faults {
        tracing::error!(fault, "an RPC has no JSON form");
    }
    let openapi = openapi::Served::new(config.public_url.as_deref());
    // Without it, a browser lets no other origin in at all.
    let other_origins = (!config.allowed_origins.is_empty()).then(|| cors::layer(&config.allowed_origins));
    let edge = Arc::new(Edge {
        core: Core::new(hurry::in_a_hurry_at_the_end(core, config.ending.clone()), &config.service_key),
        store: Arc::from(config.store.as_str()),
        rates: ClientRates::new(limits.client_rate, limits.client_burst, limits.clients),
        rooms: Rooms::new(limits, config.ending.clone()),
        readiness: Readiness::default(),
        pictures: media::pictures(limits.media_cache_bytes),
        mini_app: MiniApp::new(&config),
        transcoder,
        allowed: Allowed::new(),
        config,
    });
    let compressed = SizeAbove::new(COMPRESS_ABOVE)
        .and(NotForContentType::GRPC)
        .and(NotForContentType::IMAGES)
        .and(NotForContentType::SSE);
    // The outermost first. As one, since the router boxes each of its layers, and each call through it.
    let layers = ServiceBuilder::new()
        .layer(middleware::from_fn_with_state(edge.clone(), admission::observe))
        .option_layer(other_origins)
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(compressed))
        .layer(CatchPanicLayer::custom(admission::panicked))
        .layer(middleware::from_fn_with_state(edge.clone(), admission::admit));
    Router::new()
        .route("/", get(static_files::home))
        .route("/app", get(static_files::home))
        .route("/app/", any(static_files::file))
        .route("/app/{*path}", any(static_files::file))
        .route("/openapi.json", get(async move |headers: HeaderMap| openapi.answer(&headers)))
        .route(contract::PENDING, get(contract::pending))
        .route("/api/v1/media/{media_id}", get(media::picture))
        .route("/api/v1/media/{media_id}/thumbnail", get(media::thumbnail))
        .route("/api/v1/watch/{token}", get(watch::watch))
        .route_layer(middleware::from_fn_with_state(edge.clone(), admission::hold_a_place))
        // These have room of their own, or need none.
        .route("/healthz", get(health::live))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(health::metrics))
        .route(contract::MOVIE_REQUEST, post(contract::handle_movie_request))
        .route("/webhooks/pakasir", post(webhook::pakasir))
        .method_not_allowed_fallback(method_not_allowed)
        .fallback(dispatch)
        .layer(layers)
        .with_state(edge)
}

/// The path is there, but not for this method; axum says in `Allow` for which.
async fn method_not_allowed(request: Request) -> Response {
    admission::refuse(Fault::method_not_allowed("this path takes another method"), &request)
}

/// The generic ways in: gRPC by its content type or its path, JSON below `/api/`.
async fn dispatch(State(edge): State<Arc<Edge>>, Extension(caller): Extension<Caller>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let limits = &edge.config.limits;
    let path = head.uri.path();
    if GrpcForm::is_meant(&head.headers) || path.starts_with("/warung.") {
        edge.allowed.handle(&edge.core, &edge.rooms, &caller, &head, body).await
    } else if path.starts_with("/api/") {
        edge.transcoder.handle(&edge.core, limits, &edge.rooms, &caller, &head, body).await
    } else {
        Fault::not_found("there is nothing at this path; /openapi.json lists what there is").into_response()
    }
}
