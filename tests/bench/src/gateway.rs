//! A stand-in for Pakasir that has been paid whatever it is asked about.

use std::{
    convert::Infallible, net::SocketAddr, sync::Arc, sync::atomic::AtomicU64, sync::atomic::Ordering, time::Duration,
};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::{Request, Response, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{net::TcpListener, task::JoinHandle};

use crate::Failure;

/// The project at it.
pub(crate) const PROJECT: &str = "bench";

/// A stand-in that runs until it is dropped.
#[derive(Debug)]
pub(crate) struct Gateway {
    address: SocketAddr,
    /// How long it takes to answer, in milliseconds.
    delay: Arc<AtomicU64>,
    task: JoinHandle<()>,
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Gateway {
    pub(crate) async fn start() -> Result<Self, Failure> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let delay = Arc::new(AtomicU64::new(0));
        let task = tokio::spawn(serve(listener, Arc::clone(&delay)));
        Ok(Self { address, delay, task })
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Lets every answer take so long.
    pub(crate) fn answer_in(&self, milliseconds: u64) {
        self.delay.store(milliseconds, Ordering::Relaxed);
    }
}

async fn serve(listener: TcpListener, delay: Arc<AtomicU64>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let _ = stream.set_nodelay(true);
        let delay = Arc::clone(&delay);
        tokio::spawn(async move {
            let answer = service_fn(move |request| answer(request, Arc::clone(&delay)));
            let mut builder = http1::Builder::new();
            builder.timer(TokioTimer::new());
            // A connection that breaks off is the server's to open again.
            let _ = builder.serve_connection(TokioIo::new(stream), answer).await;
        });
    }
}

async fn answer(request: Request<Incoming>, delay: Arc<AtomicU64>) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    // Read to its end, or the connection could not be used again.
    let _ = body.collect().await;
    let delay = delay.load(Ordering::Relaxed);
    if delay > 0 {
        tokio::time::sleep(Duration::from_millis(delay)).await;
    }
    let query = head.uri.query().unwrap_or_default();
    let value = |name: &str| query.split('&').find_map(|part| part.split_once('=').filter(|(key, _)| *key == name));
    let asked = (value("order_id"), value("amount"));
    let mut response = match asked {
        (Some((_, order)), Some((_, amount))) if head.uri.path() == "/api/transactiondetail" => {
            Response::new(Full::from(paid(order, amount)))
        }
        _ => {
            let mut response = Response::new(Full::from(r#"{"message":"transaction not found"}"#));
            *response.status_mut() = hyper::StatusCode::NOT_FOUND;
            response
        }
    };
    response.headers_mut().insert("content-type", hyper::header::HeaderValue::from_static("application/json"));
    Ok(response)
}

/// A payment that has arrived, as Pakasir tells of one.
fn paid(order: &str, amount: &str) -> String {
    format!(
        r#"{{"transaction":{{"amount":{amount},"order_id":"{order}","project":"{PROJECT}","status":"completed","payment_method":"qris","completed_at":"2026-01-01T07:00:00.000000000+07:00"}}}}"#
    )
}
