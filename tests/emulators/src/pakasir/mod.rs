//! Pakasir: the payment gateway's API, its hosted pay page, and its webhooks.
//!
//! [`Pakasir`] serves on one address: the API at `/api/…`, the pay page at `/pay/{slug}/{amount}?order_id=`, a list of
//! all payments at `/`, and the `/sim` API to act as the payers. In the same process, [`PakasirSim`] does what `/sim`
//! does with typed calls.

mod api;
mod config;
mod fault;
mod model;
mod page;
mod qris;
mod sim;
mod sim_http;
mod state;
mod webhook;
mod words;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use tokio::net::TcpListener;

pub use config::{PakasirConfig, Project, Rules};
pub use fault::{ApiFault, Endpoint, Fault, HookFault, WebhookFault};
pub use model::{Method, Status, Transaction};
pub use sim::{PakasirError, PakasirSim};
pub use state::{ApiCall, Posted};

use crate::{server, shared};
use state::State;

/// The state, shared between the calls.
type Shared = shared::Shared<State>;

/// A running emulated Pakasir. It stops when it is dropped.
#[derive(Debug)]
pub struct Pakasir {
    shared: Arc<Shared>,
    addr: SocketAddr,
}

impl Pakasir {
    /// Serves on a bound listener, within the current Tokio runtime.
    #[must_use]
    pub fn start(listener: TcpListener, config: PakasirConfig) -> Self {
        // A bound TCP listener has an address; were it not so, nothing could connect either.
        let addr = listener.local_addr().unwrap_or_else(|_| SocketAddr::from(([127, 0, 0, 1], 0)));
        let shared = Arc::new(Shared::new(State::new(config)));
        let served = server::serve(listener, router(Arc::clone(&shared)), shared.stop.clone());
        shared.tasks.spawn(served);
        Self { shared, addr }
    }

    /// The address it listens on.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The base address, such as `http://127.0.0.1:4321`, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// The payers' side, for tests in the same process.
    #[must_use]
    pub fn sim(&self) -> PakasirSim {
        PakasirSim::new(Arc::clone(&self.shared))
    }

    /// Closes every connection, drops what was not posted yet, and waits until all is at rest.
    pub async fn stop(self) {
        self.shared.end().await;
    }
}

impl Drop for Pakasir {
    fn drop(&mut self) {
        self.shared.stop.cancel();
    }
}

fn router(shared: Arc<Shared>) -> Router {
    Router::new().merge(api::routes()).merge(page::routes()).merge(sim_http::routes()).with_state(shared)
}
