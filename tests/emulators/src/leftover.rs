//! What is left of a request's body when its answer is ready.
//!
//! A connection that is closed with bytes unread is reset, and a client that is still writing then sees the reset instead of
//! the answer. Telegram reads on; so does the emulator, within bounds.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Bytes, HttpBody};
use hyper::body::{Frame, Incoming, SizeHint};
use tokio::sync::oneshot;

/// The most that is read of what nobody asked for.
const BYTES_MAX: usize = 64 * 1024 * 1024;
/// How long it may take.
const TIME_MAX: Duration = Duration::from_secs(10);

/// A body that is handed back when whoever reads it stops.
pub(crate) struct Lent {
    body: Option<Incoming>,
    back: Option<oneshot::Sender<Incoming>>,
}

/// Lends a body out. What is left of it comes back.
pub(crate) fn lend(body: Incoming) -> (Lent, oneshot::Receiver<Incoming>) {
    let (back, rest) = oneshot::channel();
    (Lent { body: Some(body), back: Some(back) }, rest)
}

impl HttpBody for Lent {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        match &mut self.body {
            Some(body) => Pin::new(body).poll_frame(context),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map(HttpBody::size_hint).unwrap_or_default()
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let (Some(body), Some(back)) = (self.body.take(), self.back.take()) {
            // Nobody waits for it once the connection is gone.
            let _ = back.send(body);
        }
    }
}

/// Reads what is left and forgets it.
pub(crate) async fn drain(mut body: Incoming) {
    let read_on = async {
        let mut left = BYTES_MAX;
        while let Some(Ok(frame)) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
            left = left.saturating_sub(frame.data_ref().map_or(0, Bytes::len));
            if left == 0 {
                return;
            }
        }
    };
    let _ = tokio::time::timeout(TIME_MAX, read_on).await;
}
