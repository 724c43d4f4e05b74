//! What every request passes: an id, the client's address, its rate, room to work, and being measured.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use axum::{
    body::Body,
    extract::{ConnectInfo, MatchedPath, Request, State},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use http::{HeaderValue, header};
use tokio::time::Instant;
use warung_proto::access::Room;

use crate::{
    caller::{Caller, REQUEST_ID, client_address, is_request_id},
    contract,
    error::Fault,
    fields::GrpcForm,
    metrics::{self, Kind, Label},
    router::Edge,
    server::Reserved,
    words::Language,
};

/// Outermost: gives the request its id, and the answer its id and its measure.
pub(crate) async fn observe(State(edge): State<Arc<Edge>>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let is_reserved = request.extensions().get::<Reserved>().is_some();
    let given = request.headers().get(REQUEST_ID).filter(|id| is_request_id(id)).cloned();
    let id = given.or_else(|| HeaderValue::try_from((edge.config.ids)().to_string()).ok());
    if let Some(id) = &id {
        request.headers_mut().insert(REQUEST_ID, id.clone());
    }
    let matched = request.extensions().get::<MatchedPath>().map(|path| {
        let kind = if path.as_str().starts_with("/app") { Kind::Static } else { Kind::Json };
        Label::new(path.as_str(), kind)
    });
    let shape = Shape::of(&request);
    let mut response = next.run(request).await;
    if response.extensions_mut().remove::<Panicked>().is_some() {
        response = shape.answer(Fault::internal());
    }
    let headers = response.headers_mut();
    if let Some(id) = &id {
        headers.insert(REQUEST_ID, id.clone());
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if is_reserved {
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    let label = response.extensions().get::<Label>().cloned().or(matched);
    let elapsed = started.elapsed();
    tracing::debug!(
        request_id = id.as_ref().and_then(|id| id.to_str().ok()),
        route = label.as_ref().map(|label| &*label.route),
        status = response.status().as_u16(),
        ?elapsed,
        "answered"
    );
    metrics::record(&edge.store, label.as_ref(), response.status(), elapsed);
    response
}

/// Innermost: lets the request in, with what the core may learn of it, or refuses it.
pub(crate) async fn admit(State(edge): State<Arc<Edge>>, mut request: Request, next: Next) -> Response {
    // Whoever watches the process must see it when it is busiest.
    if matches!(request.uri().path(), "/healthz" | "/readyz" | "/metrics") {
        return next.run(request).await;
    }
    if request.extensions().get::<Reserved>().is_some() && !request.uri().path().starts_with("/webhooks/") {
        return refuse(Fault::unavailable("too much to do at this moment"), &request);
    }
    let headers = request.headers();
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
    let address = client_address(headers, peer.unwrap_or(IpAddr::from([0, 0, 0, 0])), edge.config.trusted_proxy_hops);
    if let Some(rates) = &edge.rates
        && let Err(retry_after) = rates.take(address, Instant::now())
    {
        return refuse(Fault::rate_limited(retry_after), &request);
    }
    let caller = Caller::new(headers, address, edge.config.limits.call_timeout);
    request.extensions_mut().insert(caller);
    next.run(request).await
}

/// Around the routes that are no call of the API: each has a place in the common room while it is in work.
pub(crate) async fn hold_a_place(State(edge): State<Arc<Edge>>, request: Request, next: Next) -> Response {
    let stranger = request.extensions().get::<Caller>().filter(|caller| caller.credential().is_none());
    match edge.rooms.enter(Room::Unspecified, stranger.map(|caller| caller.address)) {
        Ok(_place) => next.run(request).await,
        Err(fault) => refuse(fault, &request),
    }
}

/// The answer to a request that gets no further, in the form that its path or its headers ask for.
pub(crate) fn refuse(fault: Fault, request: &Request) -> Response {
    Shape::of(request).answer(fault)
}

/// In which form a request is answered where it gets no further.
#[derive(Clone, Copy)]
enum Shape {
    Contract(Language),
    Grpc(GrpcForm),
    Json,
}

impl Shape {
    fn of(request: &Request) -> Self {
        let headers = request.headers();
        match request.extensions().get::<MatchedPath>() {
            Some(path) if contract::speaks_at(path.as_str()) => Self::Contract(Language::of(headers)),
            _ => GrpcForm::of(headers).map_or(Self::Json, |form| Self::Grpc(form.of_answer(headers))),
        }
    }

    fn answer(self, fault: Fault) -> Response {
        match self {
            Self::Contract(language) => fault.into_contract(language),
            Self::Grpc(form) => fault.into_grpc(form),
            Self::Json => fault.into_response(),
        }
    }
}

/// Marks an answer as the one of a panic, which has no form yet.
#[derive(Clone, Copy)]
struct Panicked;

/// The answer when the code behind it panicked. What it said is in the log, not in the answer.
#[expect(clippy::needless_pass_by_value, reason = "the layer gives it so")]
pub(crate) fn panicked(panic: Box<dyn std::any::Any + Send>) -> Response<Body> {
    let words = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    tracing::error!(panic = words.unwrap_or("not in words"), "a request panicked");
    let mut response = Response::new(Body::empty());
    response.extensions_mut().insert(Panicked);
    response
}
