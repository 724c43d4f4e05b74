//! Sees the delivery rows of goods as soon as they are committed.

use std::path::Path;

use rusqlite::OpenFlags;

use crate::{Failure, fill, postgres::Session};

/// Looks at the delivery rows of a database, beside the server, by one look-up in an index for each order.
#[derive(Debug)]
pub(crate) enum GoodsRows {
    Sqlite(rusqlite::Connection),
    Postgres(Box<Session>),
}

impl GoodsRows {
    pub(crate) fn sqlite(path: &Path) -> Result<Self, Failure> {
        Ok(Self::Sqlite(rusqlite::Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?))
    }

    /// Which of these orders have a row of goods that is committed.
    pub(crate) async fn among(&mut self, orders: &[u64]) -> Result<Vec<u64>, Failure> {
        let ids: Vec<_> = orders.iter().map(|number| fill::order_id(*number)).collect();
        let found = match self {
            Self::Sqlite(connection) => {
                let sql = "select lower(hex(purpose_id)) from delivery where purpose = 'GOODS' and purpose_id in \
                           (select unhex(value) from json_each(?1))";
                let look = || {
                    let mut statement = connection.prepare_cached(sql)?;
                    let found = statement.query_map([serde_json::json!(ids).to_string()], |row| row.get(0))?;
                    found.collect::<Result<Vec<String>, _>>()
                };
                tokio::task::block_in_place(look)?
            }
            Self::Postgres(session) => {
                let ids = ids.join(",");
                let sql = format!(
                    "select replace(purpose_id::text, '-', '') from delivery where purpose = 'GOODS' \
                     and purpose_id = any('{{{ids}}}'::uuid[])"
                );
                session.query(&sql).await?
            }
        };
        Ok(found.iter().filter_map(|id| fill::order_number(id)).collect())
    }

    /// The process of the database that looks for us: its time is not the server's doing.
    pub(crate) fn backend(&self) -> Option<u32> {
        match self {
            // It looks in this process.
            Self::Sqlite(_) => None,
            Self::Postgres(session) => Some(session.backend),
        }
    }
}
