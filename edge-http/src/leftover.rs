//! What is left of a request when its answer comes first.
//!
//! Whoever is refused by the head of a request may still be writing its body. A connection that is closed on unread bytes
//! is reset, and many clients then report the reset and never look at the answer (RFC 9112, §9.6). So a bounded rest is read
//! and thrown away; what is beyond it ends its connection, which is closed in order.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::response::Response;
use bytes::Bytes;
use http::{HeaderValue, Request, Version, header};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf},
    net::TcpStream,
    sync::oneshot,
    time::{Instant, timeout, timeout_at},
};

/// The largest rest of a body that is read for the sake of its connection, in bytes, and how long it may take.
const REST_BYTES: u64 = 256 * 1024;
const REST_TIME: Duration = Duration::from_secs(2);
/// How much more is thrown away of a connection that ends, how long each part of it may take, and how long all.
const LINGER_BYTES: usize = 16 * 1024 * 1024;
const LINGER_PAUSE: Duration = Duration::from_secs(2);
const LINGER_TIME: Duration = Duration::from_secs(10);

/// A body that comes back to who lent it when it is not read to its end.
pub(crate) struct Lent {
    body: Option<Incoming>,
    back: Option<oneshot::Sender<Incoming>>,
}

/// Where the rest of a body comes back.
pub(crate) struct Leftover {
    back: oneshot::Receiver<Incoming>,
    version: Version,
    /// The client waits to be told that its body is wanted, and is not.
    unasked: bool,
}

/// Lends the body of a request.
pub(crate) fn lend(request: Request<Incoming>) -> (Request<Lent>, Leftover) {
    let (sender, back) = oneshot::channel();
    let unasked = request.headers().contains_key(header::EXPECT);
    let leftover = Leftover { back, version: request.version(), unasked };
    (request.map(|body| Lent { body: Some(body), back: Some(sender) }), leftover)
}

impl Body for Lent {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let Some(body) = &mut self.body else { return Poll::Ready(None) };
        let polled = Pin::new(body).poll_frame(context);
        if matches!(polled, Poll::Ready(None | Some(Err(_)))) {
            self.body = None;
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let (Some(body), Some(back)) = (self.body.take().filter(|body| !body.is_end_stream()), self.back.take()) {
            // Nobody waits for it any more when the connection has ended.
            let _ = back.send(body);
        }
    }
}

impl Leftover {
    /// Sees to what was not read, once there is an answer.
    pub(crate) fn settle(mut self, response: &mut Response) {
        let Ok(rest) = self.back.try_recv() else { return };
        let length = rest.size_hint().exact();
        let small = length.is_some_and(|length| length <= REST_BYTES) && !self.unasked;
        if !small && self.version < Version::HTTP_2 {
            // The next request would stand behind bytes that nobody reads.
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        if !self.unasked {
            tokio::spawn(async { timeout(REST_TIME, drain(rest)).await });
        }
    }
}

async fn drain(mut rest: Incoming) {
    let mut drained = 0_u64;
    while let Some(Ok(frame)) = std::future::poll_fn(|context| Pin::new(&mut rest).poll_frame(context)).await {
        let length = frame.data_ref().map_or(0, Bytes::len);
        drained = drained.saturating_add(u64::try_from(length).unwrap_or(u64::MAX));
        if drained > REST_BYTES {
            break;
        }
    }
}

/// A connection that comes back to who lent it, to be closed in order.
pub(crate) struct LentStream {
    stream: Option<TcpStream>,
    back: Option<oneshot::Sender<TcpStream>>,
}

/// Lends a connection.
pub(crate) fn lend_stream(stream: TcpStream) -> (LentStream, oneshot::Receiver<TcpStream>) {
    let (sender, back) = oneshot::channel();
    (LentStream { stream: Some(stream), back: Some(sender) }, back)
}

impl LentStream {
    fn stream(&mut self) -> io::Result<Pin<&mut TcpStream>> {
        self.stream.as_mut().map(Pin::new).ok_or_else(|| io::ErrorKind::NotConnected.into())
    }
}

impl Drop for LentStream {
    fn drop(&mut self) {
        if let (Some(stream), Some(back)) = (self.stream.take(), self.back.take()) {
            // Who lent it may have ended; then it is closed as it is.
            let _ = back.send(stream);
        }
    }
}

impl AsyncRead for LentStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.stream()?.poll_read(context, buffer)
    }
}

impl AsyncWrite for LentStream {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.stream()?.poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.stream()?.poll_write_vectored(context, parts)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream()?.poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream()?.poll_shutdown(context)
    }
}

/// Closes a connection so that its client sees the last answer: it is told that nothing more comes, and what it still
/// sends is thrown away for a while.
pub(crate) async fn close(mut stream: TcpStream) {
    if stream.shutdown().await.is_err() {
        return;
    }
    let end = Instant::now() + LINGER_TIME;
    let mut left = LINGER_BYTES;
    let mut thrown_away = vec![0; 16 * 1024];
    while left > 0 {
        let pause = end.min(Instant::now() + LINGER_PAUSE);
        match timeout_at(pause, stream.read(&mut thrown_away)).await {
            Ok(Ok(length)) if length > 0 => left = left.saturating_sub(length),
            _ => break,
        }
    }
}
