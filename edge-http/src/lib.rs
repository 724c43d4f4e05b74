//! The HTTP edge: grpc-web, JSON, the seeds' contracts, media, and the Mini App's files.
//!
//! It knows the core by its channel alone, and the API by its descriptors: a new public RPC needs nothing here.

mod admission;
mod body;
mod caller;
mod config;
mod contract;
mod core;
mod cors;
mod error;
mod fields;
mod grpc_web;
mod health;
mod hurry;
mod leftover;
mod limits;
mod media;
mod metrics;
mod openapi;
mod rooms;
mod router;
mod rpc;
mod server;
mod static_files;
mod transcode;
mod watch;
mod webhook;
mod words;

pub use config::{Config, Ids, Limits, Metrics};
pub use router::router;
pub use server::{ServerLimits, serve, serve_within};

/// The OpenAPI 3.1 description of the JSON API, as `/openapi.json` serves it.
#[must_use]
pub fn openapi() -> serde_json::Value {
    openapi::document(None)
}
