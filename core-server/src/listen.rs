//! Connections to the core's own port, within bounds.

use std::{
    io,
    net::IpAddr,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use futures_util::{
    FutureExt as _, Stream,
    future::{BoxFuture, Fuse},
    stream,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
};
use tonic::transport::server::Connected;
use warung_connections::{Doors, Entered, Limits, Visit};

/// Few call the core itself: edges, bots, and programs that speak gRPC. Each needs one connection for all its calls.
const OF_ADDRESS: usize = 256;
/// The core's own processes ask again and again; a connection without a call for so long belongs to nobody who needs it.
const IDLE: Duration = Duration::from_mins(10);
/// A wait before accepting again when the process has no file descriptors left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Who is at the other end of a connection: an extension of its requests.
#[derive(Clone, Debug)]
pub(crate) struct Visitor {
    pub(crate) visit: Visit,
    pub(crate) address: IpAddr,
}

/// A connection that ends when it asks nothing for too long, or has to make room.
pub(crate) struct Connection {
    stream: TcpStream,
    visitor: Visitor,
    over: Fuse<BoxFuture<'static, ()>>,
    _place: Entered,
}

/// The connections that come in, at most so many at once.
pub(crate) fn connections(listener: TcpListener, in_all: usize) -> impl Stream<Item = io::Result<Connection>> {
    let doors = Doors::new(Limits { in_all, reserved: 0, of_address: Some(OF_ADDRESS), idle: IDLE });
    stream::unfold((listener, doors), async |(listener, doors)| {
        loop {
            match listener.accept().await {
                Ok((stream, peer)) => {
                    // Without it each answer waits for the client's delayed acknowledgement, 40 ms.
                    let _ = stream.set_nodelay(true);
                    let Some(place) = doors.enter(peer.ip()).await else { continue };
                    let visitor = Visitor { visit: place.visit().clone(), address: peer.ip().to_canonical() };
                    let over = {
                        let visit = visitor.visit.clone();
                        async move { visit.over().await }.boxed().fuse()
                    };
                    return Some((Ok(Connection { stream, visitor, over, _place: place }), (listener, doors)));
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    })
}

impl Connected for Connection {
    type ConnectInfo = Visitor;

    fn connect_info(&self) -> Visitor {
        self.visitor.clone()
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.over.poll_unpin(context).is_ready() {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
