//! The end of those who wait, when this process ends and the core goes on.

use std::{
    collections::HashSet,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::BoxError;
use http::{HeaderValue, Request, Response};
use http_body_util::{BodyExt as _, Full};
use tokio_util::sync::CancellationToken;
use tonic::body::Body;
use tower::{Service, ServiceExt as _};
use warung_proto::{
    access::Room,
    channel::{self, Channel},
    descriptor, metadata,
};

/// A channel whose calls keep nobody waiting once `ending` is cancelled: those that wait are asked once more, for how things
/// stand now. All of them may be repeated: they read, or have a request id.
pub(crate) fn in_a_hurry_at_the_end(channel: Channel, ending: CancellationToken) -> Channel {
    let waiting = descriptor::methods().filter(|method| descriptor::room(method) == Room::Wait);
    let waiting = Arc::new(waiting.map(|method| descriptor::path(&method)).collect());
    channel::in_process(Hurrying { channel, waiting, ending })
}

#[derive(Clone)]
struct Hurrying {
    channel: Channel,
    /// The RPCs that wait for something to happen, by path.
    waiting: Arc<HashSet<String>>,
    ending: CancellationToken,
}

impl Service<Request<Body>> for Hurrying {
    type Response = Response<Body>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.channel.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let clone = self.channel.clone();
        // The one that is ready is taken, and its clone left for the next call.
        let mut ready = std::mem::replace(&mut self.channel, clone);
        if !self.waiting.contains(request.uri().path()) {
            return Box::pin(async move { Ok(ready.call(request).await?) });
        }
        let (another, ending) = (self.channel.clone(), self.ending.clone());
        Box::pin(async move {
            let (head, body) = request.into_parts();
            let body = body.collect().await?.to_bytes();
            let request = || Request::from_parts(head.clone(), Body::new(Full::new(body.clone())));
            if let Some(answer) = ending.run_until_cancelled(ready.call(request())).await {
                return Ok(answer?);
            }
            let mut again = request();
            again.headers_mut().insert(metadata::NO_WAIT, HeaderValue::from_static("1"));
            Ok(another.oneshot(again).await?)
        })
    }
}
