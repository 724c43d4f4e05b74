//! One connection to a SQLite file.

use std::{collections::BTreeMap, path::Path, sync::Mutex, sync::MutexGuard};

use sea_orm::{DbErr, ProxyExecResult, ProxyRow, Statement};

use super::value::{Bind, Kind};
use crate::error::from_rusqlite;

/// How sure a commit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// A commit is on the disk when it returns.
    Full,
    /// A crash of the machine may lose it: for tests alone.
    Off,
}

#[derive(Debug)]
pub(crate) struct Connection {
    inner: Mutex<rusqlite::Connection>,
}

impl Connection {
    pub(crate) fn open(path: &Path, durability: Durability, read_only: bool) -> Result<Self, DbErr> {
        let connection = rusqlite::Connection::open(path).map_err(|error| from_rusqlite(&error))?;
        let synchronous = match durability {
            Durability::Full => "full",
            Durability::Off => "off",
        };
        connection
            .execute_batch(&format!(
                "pragma busy_timeout = 5000; pragma journal_mode = wal; pragma synchronous = {synchronous}; \
                 pragma foreign_keys = on; pragma cache_size = -2048; pragma temp_store = memory; \
                 pragma wal_autocheckpoint = 4000; pragma journal_size_limit = 67108864;"
            ))
            .map_err(|error| from_rusqlite(&error))?;
        if read_only {
            connection.execute_batch("pragma query_only = on").map_err(|error| from_rusqlite(&error))?;
        }
        connection.set_prepared_statement_cache_capacity(256);
        Ok(Self { inner: Mutex::new(connection) })
    }

    fn lock(&self) -> MutexGuard<'_, rusqlite::Connection> {
        // A panic in a command unwinds through here; the savepoint it ran in is rolled back by the writer.
        self.inner.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Whether no transaction is open: SQLite ends one by itself on some errors, such as a full disk.
    pub(crate) fn is_autocommit(&self) -> bool {
        self.lock().is_autocommit()
    }

    /// Runs one statement without values.
    pub(crate) fn run(&self, sql: &str) -> Result<(), DbErr> {
        let connection = self.lock();
        let mut statement = connection.prepare_cached(sql).map_err(|error| from_rusqlite(&error))?;
        statement.raw_execute().map_err(|error| from_rusqlite(&error))?;
        Ok(())
    }

    /// Runs several statements without values.
    pub(crate) fn run_batch(&self, sql: &str) -> Result<(), DbErr> {
        self.lock().execute_batch(sql).map_err(|error| from_rusqlite(&error))
    }

    pub(crate) fn execute(&self, statement: &Statement) -> Result<ProxyExecResult, DbErr> {
        let connection = self.lock();
        let mut prepared = connection.prepare_cached(&statement.sql).map_err(|error| from_rusqlite(&error))?;
        bind(&mut prepared, statement)?;
        let rows = prepared.raw_execute().map_err(|error| from_rusqlite(&error))?;
        let rows = u64::try_from(rows).map_err(|error| DbErr::Type(error.to_string()))?;
        Ok(ProxyExecResult::new(u64::try_from(connection.last_insert_rowid()).unwrap_or_default(), rows))
    }

    pub(crate) fn query(&self, statement: &Statement) -> Result<Vec<ProxyRow>, DbErr> {
        let connection = self.lock();
        let mut prepared = connection.prepare_cached(&statement.sql).map_err(|error| from_rusqlite(&error))?;
        let columns = prepared
            .columns()
            .iter()
            .map(|column| Ok((column.name().to_owned(), Kind::of(column.decl_type())?)))
            .collect::<Result<Vec<_>, DbErr>>()?;
        bind(&mut prepared, statement)?;
        let mut rows = prepared.raw_query();
        let mut found = Vec::new();
        while let Some(row) = rows.next().map_err(|error| from_rusqlite(&error))? {
            let mut values = BTreeMap::new();
            for (index, (name, kind)) in columns.iter().enumerate() {
                let value = row.get_ref(index).map_err(|error| from_rusqlite(&error))?;
                values.insert(name.clone(), kind.read(value)?);
            }
            found.push(ProxyRow::new(values));
        }
        Ok(found)
    }
}

fn bind(prepared: &mut rusqlite::CachedStatement<'_>, statement: &Statement) -> Result<(), DbErr> {
    for (index, value) in statement.values.iter().flat_map(|values| &values.0).enumerate() {
        prepared.raw_bind_parameter(index + 1, Bind(value)).map_err(|error| from_rusqlite(&error))?;
    }
    Ok(())
}
