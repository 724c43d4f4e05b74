//! One connection to a SQLite file.

use std::{
    cell::Cell,
    collections::HashMap,
    path::Path,
    sync::{Arc, Mutex, MutexGuard},
};

use rusqlite::{config::DbConfig, types::ValueRef};
use sea_orm::{DbErr, ProxyExecResult, ProxyRow, Statement, Value};

use super::{
    checkpoint::LOG_PAGES_MAX,
    value::{Bind, Kind},
};
use crate::{error::from_rusqlite, row::Values};

/// How sure a commit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// A commit is on the disk when it returns.
    Full,
    /// A crash of the machine may lose it: for tests alone.
    Off,
}

/// How many statements are kept ready, and the columns of how many are known.
const STATEMENTS_MAX: usize = 256;

/// How much of the file a connection keeps, in KiB. Whatever it does not keep, the system does.
const WRITER_CACHE_KIB: u32 = 1_024;
/// The same, of a connection that reads: it forgets what it keeps whenever somebody has written.
const READER_CACHE_KIB: u32 = 256;

/// A column of what a statement answers.
#[derive(Debug)]
struct Column {
    place: usize,
    name: String,
    kind: Kind,
}

/// The columns of a statement.
#[derive(Clone, Debug)]
struct Columns {
    /// By name, as a row of SeaORM has them.
    named: Arc<[Column]>,
    /// In their order.
    kinds: Arc<[Kind]>,
}

#[derive(Debug)]
struct Inner {
    connection: rusqlite::Connection,
    /// Of statements that were run before: a schema does not change while it is in use.
    columns: HashMap<Box<str>, Columns>,
}

#[derive(Debug)]
pub(crate) struct Connection {
    inner: Mutex<Inner>,
}

impl Connection {
    pub(crate) fn open(path: &Path, durability: Durability, read_only: bool) -> Result<Self, DbErr> {
        let connection = rusqlite::Connection::open(path).map_err(|error| from_rusqlite(&error))?;
        let synchronous = match durability {
            Durability::Full => "full",
            Durability::Off => "off",
        };
        let cache = if read_only { READER_CACHE_KIB } else { WRITER_CACHE_KIB };
        connection
            .execute_batch(&format!(
                "pragma busy_timeout = 5000; pragma journal_mode = wal; pragma synchronous = {synchronous}; \
                 pragma foreign_keys = on; pragma cache_size = -{cache}; pragma temp_store = memory; \
                 pragma wal_autocheckpoint = {LOG_PAGES_MAX}; pragma journal_size_limit = 67108864;"
            ))
            .map_err(|error| from_rusqlite(&error))?;
        if read_only {
            connection.execute_batch("pragma query_only = on").map_err(|error| from_rusqlite(&error))?;
        }
        // Or a statement whose plan may depend on a value would be prepared again for each value, once tables were analyzed.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(|error| from_rusqlite(&error))?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
        Ok(Self { inner: Mutex::new(Inner { connection, columns: HashMap::new() }) })
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // A panic in a command unwinds through here; the savepoint it ran in is rolled back by the writer.
        self.inner.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Whether no transaction is open: SQLite ends one by itself on some errors, such as a full disk.
    pub(crate) fn is_autocommit(&self) -> bool {
        self.lock().connection.is_autocommit()
    }

    /// Runs one statement without values.
    pub(crate) fn run(&self, sql: &str) -> Result<(), DbErr> {
        let inner = self.lock();
        let mut statement = inner.connection.prepare_cached(sql).map_err(|error| from_rusqlite(&error))?;
        statement.raw_execute().map_err(|error| from_rusqlite(&error))?;
        Ok(())
    }

    /// Runs several statements without values.
    pub(crate) fn run_batch(&self, sql: &str) -> Result<(), DbErr> {
        let mut inner = self.lock();
        // It may change the schema.
        inner.columns.clear();
        inner.connection.execute_batch(sql).map_err(|error| from_rusqlite(&error))
    }

    pub(crate) fn execute(&self, statement: &Statement) -> Result<ProxyExecResult, DbErr> {
        let Inner { connection, .. } = &*self.lock();
        let mut prepared = connection.prepare_cached(&statement.sql).map_err(|error| from_rusqlite(&error))?;
        bind(&mut prepared, statement)?;
        let rows = prepared.raw_execute().map_err(|error| from_rusqlite(&error))?;
        let rows = u64::try_from(rows).map_err(|error| DbErr::Type(error.to_string()))?;
        Ok(ProxyExecResult::new(u64::try_from(connection.last_insert_rowid()).unwrap_or_default(), rows))
    }

    pub(crate) fn query(&self, statement: &Statement) -> Result<Vec<ProxyRow>, DbErr> {
        self.each_row(statement, |row, columns| {
            // Made of what is sorted, the map is filled from end to end, without looking for places.
            let value = |column: &Column| Ok((column.name.clone(), read(row, column.place, column.kind)?));
            Ok(ProxyRow::new(columns.named.iter().map(value).collect::<Result<_, DbErr>>()?))
        })
    }

    /// What a statement answers, each row made of its values in the order of its columns.
    pub(crate) fn values<T>(
        &self,
        statement: &Statement,
        make: fn(&mut Values<'_>) -> Result<T, DbErr>,
    ) -> Result<Vec<T>, DbErr> {
        self.each_row(statement, |row, columns| {
            let last = Cell::new(0);
            let mut values = columns.kinds.iter().enumerate().map(|(place, kind)| {
                last.set(place);
                read(row, place, *kind)
            });
            make(&mut Values(&mut values)).map_err(|error| match (error, row.get_ref(last.get())) {
                // A name that no value has.
                (DbErr::Type(text), Ok(ValueRef::Text(name))) => {
                    DbErr::Type(format!("{text}: {:?}", String::from_utf8_lossy(name)))
                }
                (error, _) => error,
            })
        })
    }

    fn each_row<T>(
        &self,
        statement: &Statement,
        make: impl Fn(&rusqlite::Row<'_>, &Columns) -> Result<T, DbErr>,
    ) -> Result<Vec<T>, DbErr> {
        let Inner { connection, columns: known } = &mut *self.lock();
        let mut prepared = connection.prepare_cached(&statement.sql).map_err(|error| from_rusqlite(&error))?;
        let columns = if let Some(columns) = known.get(statement.sql.as_str()) {
            columns.clone()
        } else {
            if known.len() >= STATEMENTS_MAX {
                known.clear();
            }
            let columns = columns_of(&prepared)?;
            known.insert(statement.sql.as_str().into(), columns.clone());
            columns
        };
        bind(&mut prepared, statement)?;
        let mut rows = prepared.raw_query();
        let mut found = Vec::new();
        while let Some(row) = rows.next().map_err(|error| from_rusqlite(&error))? {
            found.push(make(row, &columns)?);
        }
        Ok(found)
    }
}

fn read(row: &rusqlite::Row<'_>, place: usize, kind: Kind) -> Result<Value, DbErr> {
    kind.read(row.get_ref(place).map_err(|error| from_rusqlite(&error))?)
}

fn columns_of(prepared: &rusqlite::Statement<'_>) -> Result<Columns, DbErr> {
    let mut columns = Vec::with_capacity(prepared.column_count());
    for (place, column) in prepared.columns().iter().enumerate() {
        columns.push(Column { place, name: column.name().to_owned(), kind: Kind::of(column.decl_type())? });
    }
    let kinds = columns.iter().map(|column| column.kind).collect();
    columns.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(Columns { named: columns.into(), kinds })
}

fn bind(prepared: &mut rusqlite::CachedStatement<'_>, statement: &Statement) -> Result<(), DbErr> {
    for (index, value) in statement.values.iter().flat_map(|values| &values.0).enumerate() {
        prepared.raw_bind_parameter(index + 1, Bind(value)).map_err(|error| from_rusqlite(&error))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use rusqlite::StatementStatus;
    use sea_orm::DbBackend;

    use super::*;

    #[test]
    fn a_statement_is_prepared_once_whatever_is_bound() {
        let folder = tempfile::tempdir().unwrap();
        let connection = Connection::open(&folder.path().join("file.db"), Durability::Off, false).unwrap();
        connection
            .run_batch(
                "create table thing (number integer not null, name text not null); \
                 create index ix_thing on thing (number); \
                 with recursive numbers (number) as (select 1 union all select number + 1 from numbers where number < 100) \
                 insert into thing select number % 7, 'a' from numbers; analyze",
            )
            .unwrap();
        let sql = "select name from thing where number > ?";
        for number in 0..5_i64 {
            let statement = Statement::from_sql_and_values(DbBackend::Sqlite, sql, [number.into()]);
            assert!(!connection.query(&statement).unwrap().is_empty());
        }
        let inner = connection.lock();
        let prepared = inner.connection.prepare_cached(sql).unwrap();
        assert_eq!(prepared.get_status(StatementStatus::RePrepare), 0);
    }
}
