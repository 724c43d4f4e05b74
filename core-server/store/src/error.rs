//! What can go wrong with a database, in one vocabulary for both.

use sea_orm::{DbErr, RuntimeErr, sqlx};

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The transaction met another one; running it again may succeed.
    #[error("the transaction met another one ({0})")]
    Serialization(String),
    /// A unique rule refused a row. PostgreSQL names the index; SQLite names its columns.
    #[error("a row like this is there already ({0})")]
    Conflict(String),
    /// A row points at one that is not there.
    #[error("a row that this one points at is not there ({0})")]
    Reference(String),
    /// The database can't be reached, or is too busy. Nothing was written.
    #[error("the database is not available ({0})")]
    Unavailable(String),
    /// The connection was lost during COMMIT: it may have happened or not.
    #[error("the outcome of the commit is not known ({0})")]
    OutcomeUnknown(String),
    /// The disk is full. Nothing was written.
    #[error("the disk is full")]
    Full,
    /// A statement failed, and the work went on as if it had not.
    #[error("a failed statement was swallowed")]
    Swallowed,
    /// The work waited for something that is not the database.
    #[error("a transaction waited for something else than the database")]
    Yielded,
    /// The work panicked.
    #[error("a transaction panicked")]
    Panicked,
    /// A row breaks a rule that our own writes keep.
    #[error("inconsistent row: {0}")]
    Inconsistent(String),
    /// Anything else that the driver says.
    #[error("the database answered: {0}")]
    Driver(String),
}

/// A result of the store.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error that may hold one of the store's, so that the store can decide on another try.
pub trait StoreError: From<Error> + Send + 'static {
    /// The store's error inside.
    fn store(&self) -> Option<&Error>;
}

impl StoreError for Error {
    fn store(&self) -> Option<&Error> {
        Some(self)
    }
}

/// How an error of rusqlite travels through [`DbErr`]: `sqlite {extended code}: {text}`.
pub(crate) fn from_rusqlite(error: &rusqlite::Error) -> DbErr {
    let code = match error {
        rusqlite::Error::SqliteFailure(failure, _) => failure.extended_code,
        _ => 0,
    };
    DbErr::Custom(format!("sqlite {code}: {error}"))
}

fn sqlite(code: i32, text: &str) -> Error {
    use rusqlite::ffi;
    match code {
        ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY => Error::Conflict(text.to_owned()),
        ffi::SQLITE_CONSTRAINT_FOREIGNKEY => Error::Reference(text.to_owned()),
        _ => match code & 0xff {
            ffi::SQLITE_FULL => Error::Full,
            ffi::SQLITE_BUSY | ffi::SQLITE_LOCKED | ffi::SQLITE_IOERR | ffi::SQLITE_CANTOPEN | ffi::SQLITE_READONLY => {
                Error::Unavailable(text.to_owned())
            }
            _ => Error::Driver(text.to_owned()),
        },
    }
}

/// By SQLSTATE: PostgreSQL's documentation, appendix A.
fn postgres(code: &str, text: String) -> Error {
    match code {
        "40001" | "40P01" | "55P03" => Error::Serialization(text),
        "23505" => Error::Conflict(text),
        "23503" => Error::Reference(text),
        "53100" => Error::Full,
        "57014" | "57P01" | "57P02" | "57P03" | "25P03" | "53300" | "53200" => Error::Unavailable(text),
        code if code.starts_with("08") => Error::Unavailable(text),
        _ => Error::Driver(format!("{code}: {text}")),
    }
}

/// Whether the database answered, but not what the row's type says.
fn is_mismatch(error: &sqlx::Error) -> bool {
    matches!(
        error,
        sqlx::Error::ColumnDecode { .. }
            | sqlx::Error::Decode(_)
            | sqlx::Error::ColumnNotFound(_)
            | sqlx::Error::TypeNotFound { .. }
    )
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        match &error {
            DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => Self::Unavailable(error.to_string()),
            DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause)) => {
                match cause.as_database_error() {
                    Some(database) => {
                        let code = database.code().unwrap_or_default().into_owned();
                        postgres(&code, database.constraint().unwrap_or_else(|| database.message()).to_owned())
                    }
                    None if is_mismatch(cause) => Self::Inconsistent(error.to_string()),
                    // No answer of the database: the connection broke, or none was free in time.
                    None => Self::Unavailable(error.to_string()),
                }
            }
            DbErr::Type(text) | DbErr::Json(text) => Self::Inconsistent(text.clone()),
            DbErr::Custom(text) => match text.strip_prefix("sqlite ").and_then(|rest| rest.split_once(": ")) {
                Some((code, words)) => sqlite(code.parse().unwrap_or_default(), words),
                None => Self::Driver(text.clone()),
            },
            other => Self::Driver(other.to_string()),
        }
    }
}
