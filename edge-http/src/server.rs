//! Serving connections: HTTP/1.1 and HTTP/2 without TLS, within bounds, and an end that loses no request.

use std::{convert::Infallible, net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, extract::ConnectInfo};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{
        conn::auto::Builder,
        graceful::{GracefulShutdown, Watcher},
    },
};
use tokio::{
    net::{TcpListener, TcpStream},
    time::{sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt as _;
use warung_connections::{Doors, Entered};

use crate::leftover;

/// The first bytes of every HTTP/2 connection.
const HTTP2_PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// How often a connection that sent a part of the preface is looked at again.
const PREFACE_POLL: Duration = Duration::from_millis(20);
/// How long the last answers may take to leave, once no request is in work.
const LAST_ANSWERS: Duration = Duration::from_millis(500);
/// A wait before accepting again when the process has no file descriptors left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// The request came by a connection that a full server keeps for webhooks and health.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reserved;

/// Bounds of connections.
#[derive(Clone, Debug)]
pub struct ServerLimits {
    /// How many connections may be open at once. When there are more, those that ask nothing make room.
    pub connections: usize,
    /// How many more may be open when all of those are busy, for webhooks and health alone.
    pub reserved_connections: usize,
    /// How many connections an address may have; `None` behind proxies of ours, whose address stands for many clients.
    pub connections_of_address: Option<usize>,
    /// How long a connection is kept that asks nothing, whether it answers pings or not, and how long a client may take
    /// nothing of its answer.
    pub idle_timeout: Duration,
    /// How long a request's head may take to arrive, and how long an idle HTTP/1.1 connection is kept.
    pub head_timeout: Duration,
    /// How many calls an HTTP/2 connection may have in work.
    pub streams: u32,
    /// The largest head of a request, in bytes.
    pub head_bytes: u32,
    /// How long requests in work may take to end once the server stops.
    pub drain: Duration,
}

impl Default for ServerLimits {
    fn default() -> Self {
        Self {
            connections: 16_384,
            reserved_connections: 64,
            connections_of_address: Some(256),
            idle_timeout: Duration::from_mins(2),
            head_timeout: Duration::from_secs(15),
            streams: 256,
            head_bytes: 32 * 1024,
            drain: Duration::from_secs(10),
        }
    }
}

/// Serves until `shutdown`; then no new connection is taken, and requests in work have time to end.
pub async fn serve(listener: TcpListener, router: Router, shutdown: CancellationToken) {
    serve_within(listener, router, shutdown, ServerLimits::default()).await;
}

/// Like [`serve`], within other bounds.
pub async fn serve_within(listener: TcpListener, router: Router, shutdown: CancellationToken, limits: ServerLimits) {
    let doors = Doors::new(warung_connections::Limits {
        in_all: limits.connections,
        reserved: limits.reserved_connections,
        of_address: limits.connections_of_address,
        idle: limits.idle_timeout,
    });
    let graceful = GracefulShutdown::new();
    let serving = Serving {
        router,
        builder: Arc::new(builder(&limits)),
        head_timeout: limits.head_timeout,
        shutdown,
        out_of_time: CancellationToken::new(),
        in_work: TaskTracker::new(),
    };
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &doors) => accepted,
            () = serving.shutdown.cancelled() => break,
        };
        if let Some(accepted) = accepted {
            tokio::spawn(serving.clone().connection(accepted, graceful.watcher()));
        }
    }
    let Serving { in_work, out_of_time, .. } = serving;
    drop(listener);
    in_work.close();
    let answered = async {
        if timeout(limits.drain, in_work.wait()).await.is_err() {
            tracing::warn!("requests were still in work when their time was over");
        }
        sleep(LAST_ANSWERS).await;
    };
    tokio::select! {
        () = graceful.shutdown() => {}
        // Whoever asks nothing, or takes its answer too slowly, is not waited for.
        () = answered => out_of_time.cancel(),
    }
}

type Accepted = (TcpStream, SocketAddr, Entered);

/// What each connection is served with.
#[derive(Clone)]
struct Serving {
    router: Router,
    builder: Arc<Builder<TokioExecutor>>,
    head_timeout: Duration,
    shutdown: CancellationToken,
    /// Cancelled when the time for the last answers is over.
    out_of_time: CancellationToken,
    in_work: TaskTracker,
}

impl Serving {
    /// Serves one connection until it ends.
    async fn connection(self, (stream, peer, entered): Accepted, watcher: Watcher) {
        let Self { router, builder, head_timeout, shutdown, out_of_time, in_work } = self;
        let visit = entered.visit().clone();
        let is_reserved = entered.is_reserved();
        let first = tokio::select! {
            first = timeout(head_timeout, is_http2(&stream)) => first,
            () = shutdown.cancelled() => return,
            () = visit.over() => return,
        };
        let Ok(Some(http2)) = first else { return };
        // A connection of a reserved place is for one request.
        let http2 = http2 && !is_reserved;
        let over = visit.clone();
        let service = service_fn(move |request: hyper::Request<Incoming>| {
            let (mut request, leftover) = leftover::lend(request);
            request.extensions_mut().insert(ConnectInfo(peer));
            if is_reserved {
                request.extensions_mut().insert(Reserved);
            }
            let (router, work) = (router.clone(), visit.begin());
            in_work.track_future(async move {
                let mut response = router.oneshot(request).await.unwrap_or_else(|never| match never {});
                leftover.settle(&mut response);
                Ok::<_, Infallible>(response.map(|body| work.answer(body)))
            })
        });
        let (stream, returned) = leftover::lend_stream(stream);
        let builder = if http2 { builder.as_ref().clone().http2_only() } else { builder.as_ref().clone().http1_only() };
        let connection = builder.serve_connection(TokioIo::new(stream), service).into_owned();
        let ended = tokio::select! {
            ended = watcher.watch(connection) => ended,
            () = out_of_time.cancelled() => return,
            () = over.over() => return,
        };
        if let Err(error) = ended {
            tracing::debug!(error, %peer, "a connection ended early");
        }
        if let Ok(stream) = returned.await {
            shutdown.run_until_cancelled(leftover::close(stream)).await;
        }
        // Only now is the connection's place free.
        drop(entered);
    }
}

/// The next connection, once there is room for one.
async fn accept(listener: &TcpListener, doors: &Doors) -> Option<Accepted> {
    match listener.accept().await {
        Ok((stream, peer)) => {
            // Answers are written whole: nothing is gained by waiting for more.
            let _ = stream.set_nodelay(true);
            let entered = doors.enter(peer.ip()).await?;
            Some((stream, peer, entered))
        }
        Err(error) => {
            tracing::warn!(%error, "a connection could not be accepted");
            sleep(ACCEPT_PAUSE).await;
            None
        }
    }
}

fn builder(limits: &ServerLimits) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    let head_bytes = usize::try_from(limits.head_bytes).unwrap_or(usize::MAX);
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head_timeout)
        .max_buf_size(head_bytes.max(8 * 1024));
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits.streams)
        .max_header_list_size(limits.head_bytes)
        .max_pending_accept_reset_streams(Some(20))
        .keep_alive_interval(Duration::from_secs(20))
        .keep_alive_timeout(Duration::from_secs(10));
    builder
}

/// Which protocol a connection speaks, by its first bytes, which stay to be read. Asked here and not by hyper, which
/// would wait for them without end. `None` when the client went away.
async fn is_http2(stream: &TcpStream) -> Option<bool> {
    let mut first = [0; HTTP2_PREFACE.len()];
    loop {
        let length = stream.peek(&mut first).await.ok()?;
        let seen = first.get(..length)?;
        match HTTP2_PREFACE.get(..length) {
            _ if seen.is_empty() => return None,
            Some(expected) if expected != seen => return Some(false),
            Some(_) if length < HTTP2_PREFACE.len() => sleep(PREFACE_POLL).await,
            _ => return Some(true),
        }
    }
}
