//! SQLite as SeaORM's database: rusqlite, polled inline.
//!
//! One thread writes. It takes up to [`writer::GROUP_MAX`] commands at a time into one transaction, each in a savepoint
//! of its own, so that they share one flush to the disk. Another thread puts what they wrote from the log into the file. A
//! few threads read. Every statement is ready at once on its
//! thread: a command that has to wait has waited for something else than the database, and is refused.

mod checkpoint;
mod connection;
mod lock;
mod migrate;
mod reader;
mod value;
mod writer;

pub(crate) use checkpoint::Checkpointer;
pub(crate) use connection::Connection;
pub use connection::Durability;
pub(crate) use lock::FileLock;
pub(crate) use migrate::migrate;
pub(crate) use reader::Readers;
pub(crate) use writer::Writer;
