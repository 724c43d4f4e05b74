//! The bot adapter: Telegram updates to RPCs, deliveries to Telegram.
//!
//! It knows the core by its API alone and keeps nothing that a restart may not lose (the page keys of lists are its one cache: a
//! key that it lost leads to the first page): what a user pressed becomes an RPC
//! whose request id is derived from the update, and what Telegram shall show comes as a delivery that is claimed, sent
//! and reported. Any number of adapters may run for one store.

mod adapter;
mod alarm;
mod amount;
mod backoff;
mod callback;
mod clock;
mod config;
mod core;
mod deliver;
mod drain;
mod error;
mod format;
mod handlers;
mod pages;
mod payload;
mod receive;
mod setup;
mod telegram;
mod words;

pub use adapter::{Adapter, run};
pub use callback::{
    Buy, CALLBACK_DATA_BYTES_MAX, Callback, CheckoutBanks, Choice, OrderName, PageKey, Pay, Review, ScreenId,
    StartPayment, StartTopUp, TopUpBanks, UnknownCallback, Verdict,
};
pub use clock::Clock;
pub use config::{Config, Limits, Mode};
pub use error::Error;
pub use payload::StartPayload;
pub use words::Language;
