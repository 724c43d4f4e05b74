//! The channel to the core, the same type whether the core is in this process or across a network.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use http::{Request, Response};
use tokio::time::Instant;
use tonic::{body::Body, transport::Endpoint};
use tower::{BoxError, Service, ServiceExt as _, util::BoxCloneSyncService};

use crate::deadline;

/// The largest message the core accepts or answers, in bytes. Media is the largest thing in the API (2 MiB).
pub const MESSAGE_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Why a call did not reach the core. A type of its own: the compiler can't show a future to be `Send` that holds a bare
/// boxed error and is handed on, as those of the generated clients are.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct ChannelError(BoxError);

/// A channel that the generated clients take.
pub type Channel = BoxCloneSyncService<Request<Body>, Response<Body>, ChannelError>;

/// A channel to a core in this process: calls go straight into its services, and no socket or framing stands between.
pub fn in_process<S>(core: S) -> Channel
where
    S: Service<Request<Body>, Response = Response<Body>> + Clone + Send + Sync + 'static,
    S::Error: Into<BoxError>,
    S::Future: Future<Output = Result<Response<Body>, S::Error>> + Send + 'static,
{
    BoxCloneSyncService::new(InTime(core.map_err(|error| ChannelError(error.into()))))
}

/// A channel to a core at `address` (`http://host:port`). It connects when first used and again whenever it must, so
/// that processes may start in any order.
///
/// # Errors
///
/// When the address is no URL.
pub fn remote(address: &str) -> Result<Channel, tonic::transport::Error> {
    let endpoint = Endpoint::from_shared(address.to_owned())?
        .connect_timeout(Duration::from_secs(2))
        .http2_keep_alive_interval(Duration::from_secs(20))
        .keep_alive_timeout(Duration::from_secs(5))
        .tcp_nodelay(true);
    Ok(in_process(endpoint.connect_lazy()))
}

/// Keeps the time of each call at this one place. A transport's own clock would race it, and call it another fault.
#[derive(Clone)]
struct InTime<S>(S);

impl<S> Service<Request<Body>> for InTime<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = ChannelError>,
    S::Future: Send + 'static,
{
    type Response = Response<Body>;
    type Error = ChannelError;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, ChannelError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), ChannelError>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let asked = request.headers_mut().remove(&deadline::GRPC_TIMEOUT);
        let timeout = asked.and_then(|value| deadline::parse(value.to_str().ok()?));
        let Some(timeout) = timeout else { return Box::pin(self.0.call(request)) };
        let end = Instant::now() + timeout;
        deadline::write(timeout, request.headers_mut());
        let call = self.0.call(request);
        Box::pin(async move {
            tokio::time::timeout_at(end, call).await.unwrap_or_else(|_| Ok(deadline::exceeded().into_http()))
        })
    }
}
