//! Storage of Warung: SeaORM over PostgreSQL and over an inline SQLite.
//!
//! The only crate, with the migrations, that names SeaORM. A [`Store`] runs [`Work`] in a transaction; finders are
//! methods of [`Read`], writes are methods of [`Tx`], one module an area.

mod api_key;
mod audit;
mod by_name;
mod catalog;
mod category;
mod delivery;
mod entity;
mod error;
mod idempotency;
mod later;
mod ledger;
mod library;
mod media;
mod open;
mod order;
mod payment;
#[cfg(test)]
mod plans;
mod question;
mod row;
mod running;
mod search;
mod secret_check;
mod sqlite;
mod standing;
mod stock;
mod store;
#[cfg(feature = "testing")]
pub mod testing;
mod tx;
mod user;
mod watch;
mod work;

pub use audit::{BOOK_RULES, BookRule, Holdings, Part, WalletSums};
pub use by_name::ByName;
pub use catalog::{ProductFilter, ProductKey, ProductOnShelf};
pub use delivery::ClaimFilter;
pub use error::{Error, Result, StoreError};
pub use idempotency::{Claim, DoneRequest, RequestKey};
pub use ledger::WalletEntry;
pub use library::{Asking, TitleFilter, TitleKey, WantedEpisode};
pub use media::{MediaConfig, MediaDescription, MediaError, MediaStore, S3Config};
pub use order::{LockedOrder, OrderFilter, OrderKey, OrderOwner, Wanted as WantedProduct, WholeOrder};
pub use row::{FromValues, Row, Values};
pub use stock::{StockChange, StockChanges, StockSale};
pub use store::{Durability, OpenError, Store, StoreConfig};
pub use tx::{Read, Tx};
pub use watch::{News, Topic, Waiter, Watch, Written};
pub use work::{ReadWork, Work};

/// Rows, one type a table.
pub mod rows {
    pub use crate::entity::{
        activity::Model as Activity, alert::Model as Alert, api_key::Model as ApiKey, audit_entry::Model as AuditEntry,
        book_checkpoint::Model as BookCheckpoint, bot_pace::Model as BotPace, call_budget::Model as CallBudget,
        category::Model as Category, delivery::Model as Delivery, episode::Model as Episode,
        idempotency::Model as Idempotency, job_run::Model as JobRun, journal::Model as Journal, lease::Model as Lease,
        ledger_entry::Model as LedgerEntry, media::Model as Media, media_file::Model as MediaFile,
        membership::Model as Membership, order_line::Model as OrderLine, orders::Model as Order,
        payment::Model as Payment, pending_action::Model as PendingAction, product::Model as Product,
        product_stock::Model as ProductStock, question::Model as Question, refund::Model as Refund,
        refund_line::Model as RefundLine, reveal::Model as Reveal, secret_check::Model as SecretCheck,
        setting::Model as Setting, standing::Model as Standing, standing_version::Model as StandingVersion,
        stock_line::Model as StockLine, title::Model as Title, title_request::Model as TitleRequest,
        users::Model as User, wallet::Model as Wallet,
    };
}
