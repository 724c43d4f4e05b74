//! What the tests of the store share.

use std::{future::Future, pin::Pin, sync::Arc};

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;
use warung_domain::contact::ContactState;
use warung_store::{Error, Read, ReadWork, Result, Store, Tx, Work, rows};

/// The moment at which tests begin.
pub(crate) fn now() -> DateTime<Utc> {
    "2026-11-21T09:00:00.000001Z".parse().unwrap()
}

/// So many seconds after [`now`].
pub(crate) fn at(seconds: i64) -> DateTime<Utc> {
    now() + TimeDelta::seconds(seconds)
}

pub(crate) fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

pub(crate) fn lease(name: &str) -> rows::Lease {
    rows::Lease { name: name.into(), holder: "h".into(), expire_time: now() }
}

type Written<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

/// Work from a closure that boxes its future.
pub(crate) struct Write<F>(pub(crate) F);

impl<T, F> Work for Write<F>
where
    T: Send + 'static,
    F: for<'a> Fn(&'a mut Tx) -> Written<'a, T> + Send + Sync + 'static,
{
    type Output = T;
    type Error = Error;

    async fn run(&self, tx: &mut Tx) -> Result<T> {
        (self.0)(tx).await
    }
}

/// Reading from a closure that boxes its future.
pub(crate) struct Look<F>(pub(crate) F);

impl<T, F> ReadWork for Look<F>
where
    T: Send + 'static,
    F: for<'a> Fn(&'a Read) -> Written<'a, T> + Send + Sync + 'static,
{
    type Output = T;
    type Error = Error;

    async fn run(&self, read: &Read) -> Result<T> {
        (self.0)(read).await
    }
}

/// Runs a closure over a `&mut Tx` in one transaction.
pub(crate) async fn write<T, F>(store: &Store, run: F) -> Result<T>
where
    T: Send + 'static,
    F: for<'a> Fn(&'a mut Tx) -> Written<'a, T> + Send + Sync + 'static,
{
    store.transact(Write(run)).await
}

/// Runs a closure over a `&Read`.
pub(crate) async fn look<T, F>(store: &Store, run: F) -> Result<T>
where
    T: Send + 'static,
    F: for<'a> Fn(&'a Read) -> Written<'a, T> + Send + Sync + 'static,
{
    store.read(Look(run)).await
}

/// Adds a lease of this name.
pub(crate) async fn insert(store: &Store, name: &str) -> Result<()> {
    let row = lease(name);
    write(store, move |tx| {
        let row = row.clone();
        Box::pin(async move { tx.insert(row).await })
    })
    .await
}

/// Whether there is a lease of this name.
pub(crate) async fn is_there(store: &Store, name: &str) -> bool {
    let name = Arc::<str>::from(name);
    let found = look(store, move |read| {
        let name = name.to_string();
        Box::pin(async move { read.find::<rows::Lease>(name).await })
    });
    found.await.unwrap().is_some()
}

/// Runs a statement in a transaction, whatever it answers.
pub(crate) async fn run_sql(store: &Store, sql: impl Into<String>) -> Result<()> {
    let sql = sql.into();
    write(store, move |tx| {
        let sql = sql.clone();
        Box::pin(async move { warung_store::testing::run_sql(tx, &sql).await })
    })
    .await
}

/// The number that SQL answers in a column named `number`.
pub(crate) async fn count(store: &Store, sql: &'static str) -> i64 {
    use sea_orm::{ConnectionTrait as _, Statement};
    let found = look(store, move |read| {
        Box::pin(async move {
            let statement = Statement::from_string(read.get_database_backend(), sql);
            let row = read.query_one_raw(statement).await?.unwrap();
            Ok(row.try_get::<i64>("", "number")?)
        })
    });
    found.await.unwrap()
}

/// A user with the id 1, whom Telegram knows as 7.
pub(crate) fn user() -> rows::User {
    rows::User {
        id: id(1),
        telegram_id: 7,
        first_name: "Budi".into(),
        last_name: String::new(),
        username: String::new(),
        language_code: "id".into(),
        language_chosen: false,
        contact_state: ContactState::Unknown.into(),
        create_time: now(),
        update_time: now(),
        opened_time: None,
    }
}
