//! Storage of Warung: SeaORM over PostgreSQL and over an inline SQLite.
//!
//! The only crate, with the migrations, that names SeaORM. A [`Store`] runs [`Work`] in a transaction; finders are
//! methods of [`Read`], writes are methods of [`Tx`], one module an area.

mod delivery;
mod entity;
mod error;
mod idempotency;
mod library;
mod media;
mod open;
#[cfg(test)]
mod plans;
mod row;
mod running;
mod search;
mod sqlite;
mod store;
#[cfg(feature = "testing")]
pub mod testing;
mod tx;
mod user;
mod work;

pub use delivery::ClaimFilter;
pub use error::{Error, Result, StoreError};
pub use idempotency::{Claim, RequestKey};
pub use library::{TITLE_AREA, TitleFilter};
pub use media::{MediaConfig, MediaDescription, MediaError, MediaStore, S3Config};
pub use row::Row;
pub use store::{Durability, OpenError, Store, StoreConfig};
pub use tx::{Read, Tx};
pub use work::{ReadWork, Work};

/// Rows, one type a table.
pub mod rows {
    pub use crate::entity::{
        activity::Model as Activity, alert::Model as Alert, audit_entry::Model as AuditEntry,
        bot_pace::Model as BotPace, call_budget::Model as CallBudget, category::Model as Category,
        delivery::Model as Delivery, episode::Model as Episode, idempotency::Model as Idempotency,
        job_run::Model as JobRun, lease::Model as Lease, media::Model as Media, media_file::Model as MediaFile,
        membership::Model as Membership, pending_action::Model as PendingAction, setting::Model as Setting,
        title::Model as Title, title_request::Model as TitleRequest, users::Model as User,
    };
}
