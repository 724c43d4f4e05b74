//! One HTTP/1.1 connection that is kept.

use std::net::SocketAddr;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::{Request, Response, client::conn::http1::SendRequest};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// A connection to the edge. It is opened again when it was closed.
#[derive(Debug)]
pub(crate) struct Connection {
    address: SocketAddr,
    sender: Option<SendRequest<Full<Bytes>>>,
}

impl Connection {
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self { address, sender: None }
    }

    /// Sends a request, and reads its answer whole.
    pub(crate) async fn send(&mut self, request: Request<Full<Bytes>>) -> Result<Response<Bytes>, String> {
        let answer = self.try_send(request).await;
        if answer.is_err() {
            self.sender = None;
        }
        answer
    }

    async fn try_send(&mut self, request: Request<Full<Bytes>>) -> Result<Response<Bytes>, String> {
        let words = |error: hyper::Error| error.to_string();
        if self.sender.as_ref().is_none_or(SendRequest::is_closed) {
            let stream = TcpStream::connect(self.address).await.map_err(|error| error.to_string())?;
            stream.set_nodelay(true).map_err(|error| error.to_string())?;
            let (sender, connection) =
                hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(words)?;
            tokio::spawn(connection);
            self.sender = Some(sender);
        }
        let Some(sender) = &mut self.sender else { return Err("no connection".to_owned()) };
        sender.ready().await.map_err(words)?;
        let (head, body) = sender.send_request(request).await.map_err(words)?.into_parts();
        let body = body.collect().await.map_err(words)?.to_bytes();
        Ok(Response::from_parts(head, body))
    }
}
