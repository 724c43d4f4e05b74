//! Telegram: the Bot API, its users, and the launches of Mini Apps.
//!
//! [`Telegram`] serves three things on one address: the Bot API at `/bot{token}/{method}`, the `/sim` API to act
//! as the users, and a chat page at `/`. In the same process, [`Sim`] does what `/sim` does with typed calls.

mod actions;
mod api;
mod config;
mod entities;
mod error;
mod fault;
mod files;
pub mod launch;
mod launching;
mod limits;
mod links;
mod markup;
mod model;
mod page;
mod params;
mod sim;
mod sim_http;
mod sim_user;
mod state;
mod views;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{any, get};
use tokio::net::TcpListener;

pub use crate::clock::Clock;
pub use config::{Rules, TelegramConfig};
pub use entities::Entity;
pub use fault::{Fault, FaultKind};
pub use launch::Launch;
pub use links::Link;
pub use model::{
    BotConfig, BotRole, Button, ButtonAction, Channel, Content, FileSpec, Media, MediaKind, Message, User,
};
pub use sim::{PostedVideo, Pressed, Sim, SimError, Source};
pub use sim_user::SimUser;
pub use state::{CALLS_MAX, Call, Callback, CallbackAnswer, MESSAGES_MAX};
pub use views::{BotView, ChatView};

use crate::{server, shared};
use state::State;

/// The state, shared between the calls.
type Shared = shared::Shared<State>;

/// A running emulated Telegram. It stops when it is dropped.
#[derive(Debug)]
pub struct Telegram {
    shared: Arc<Shared>,
    addr: SocketAddr,
}

impl Telegram {
    /// Serves on a bound listener, within the current Tokio runtime.
    #[must_use]
    pub fn start(listener: TcpListener, config: TelegramConfig) -> Self {
        // A bound TCP listener has an address; were it not so, nothing could connect either.
        let addr = listener.local_addr().unwrap_or_else(|_| SocketAddr::from(([127, 0, 0, 1], 0)));
        let chat_page = config.chat_page;
        let shared = Arc::new(Shared::new(State::new(config)));
        for bot in shared.read(|state| state.bots.keys().copied().collect::<Vec<_>>()) {
            shared.tasks.spawn(api::webhook::deliver(Arc::clone(&shared), bot));
        }
        let served = server::serve(listener, router(Arc::clone(&shared), chat_page), shared.stop.clone());
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

    /// The users' side, for tests in the same process.
    #[must_use]
    pub fn sim(&self) -> Sim {
        Sim::new(Arc::clone(&self.shared))
    }

    /// Closes every connection and waits until all is at rest.
    pub async fn stop(self) {
        self.shared.end().await;
    }
}

impl Drop for Telegram {
    fn drop(&mut self) {
        self.shared.stop.cancel();
    }
}

fn router(shared: Arc<Shared>, chat_page: bool) -> Router {
    let mut router = Router::new()
        .route("/{bot}/{method}", any(api::http::call))
        .route("/file/{bot}/{*path}", get(api::http::file))
        .merge(sim_http::routes());
    if chat_page {
        router = router.merge(page::routes());
    }
    router.layer(DefaultBodyLimit::max(params::BODY_MAX)).with_state(shared)
}
