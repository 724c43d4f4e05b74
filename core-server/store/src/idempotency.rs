//! Requests that were carried out.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, IntoActiveModel as _,
    QueryFilter as _, QueryTrait as _,
    sea_query::{Alias, Expr, ExprTrait as _, OnConflict, Query},
};
use uuid::Uuid;

use crate::{
    delivery::padded,
    entity::idempotency::{Column, Entity, Model},
    error::{Error, Result},
    row::few,
    tx::{Read, Tx},
};

/// What a request id turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// It is new, and ours to carry out.
    New,
    /// It was carried out before, with this output.
    Done(String),
    /// It was used before, for another request.
    Reused,
}

/// The name of a request: whose, for which command, and the id that its client made.
#[derive(Clone, Copy, Debug)]
pub struct RequestKey<'a> {
    /// Whose.
    pub principal: &'a str,
    /// For which command.
    pub command: &'a str,
    /// The id that its client made.
    pub request_id: Uuid,
}

impl Read {
    /// Whether a request was carried out.
    pub async fn has_request(&self, key: RequestKey<'_>) -> Result<bool> {
        let id = (key.principal.to_owned(), key.command.to_owned(), key.request_id);
        Ok(self.find::<Model>(id).await?.is_some())
    }

    /// Which of these requests for a command, each a principal and an id, were carried out.
    pub async fn done_requests(&self, command: &str, keys: &[(String, Uuid)]) -> Result<HashSet<(String, Uuid)>> {
        if keys.is_empty() {
            return Ok(HashSet::new());
        }
        let asked = Alias::new("asked");
        // Named so by both databases.
        let column = |number: u8| Expr::col((asked.clone(), Alias::new(format!("column{number}"))));
        let is_asked = Expr::col((Entity, Column::Principal))
            .eq(column(1))
            .and(Expr::col((Entity, Column::Command)).eq(command))
            .and(Expr::col((Entity, Column::RequestId)).eq(column(2)));
        let query = Query::select()
            .columns([(Entity, Column::Principal), (Entity, Column::RequestId)])
            .from_values(padded(keys.to_vec()), asked.clone())
            .inner_join(Entity, is_asked)
            .take();
        let rows = self.query_all(&query).await?;
        rows.iter().map(|row| Ok((row.try_get("", "principal")?, row.try_get("", "request_id")?))).collect()
    }
}

/// A request that is carried out in this transaction, and its output.
#[derive(Clone, Copy, Debug)]
pub struct DoneRequest<'a> {
    /// Its name.
    pub key: RequestKey<'a>,
    /// Of what was asked.
    pub hash: &'a [u8],
    /// What it answers.
    pub output: &'a str,
}

impl Tx {
    /// Takes many request ids at once, each with its output. Answers which of them were new, and are ours to carry out.
    pub async fn claim_requests(&mut self, requests: &[DoneRequest<'_>], now: DateTime<Utc>) -> Result<Vec<bool>> {
        let mut rows: Vec<_> = requests
            .iter()
            .map(|request| Model {
                principal: request.key.principal.to_owned(),
                command: request.key.command.to_owned(),
                request_id: request.key.request_id,
                request_hash: request.hash.to_vec(),
                output: request.output.to_owned(),
                create_time: now,
            })
            .collect();
        // In one order, so that of two who name the same ones one waits for the other, and never each for each.
        rows.sort_by(|one, other| (&one.principal, one.request_id).cmp(&(&other.principal, other.request_id)));
        let mut new = HashSet::new();
        while !rows.is_empty() {
            let some = rows.drain(..few(rows.len())).map(|row| row.into_active_model().reset_all());
            let mut insert = Entity::insert_many(some).into_query();
            insert.on_conflict(OnConflict::new().do_nothing().to_owned());
            // What else is in them is known here.
            insert.returning(Query::returning().columns([Column::Principal, Column::RequestId]));
            for row in self.query_all_raw(self.get_database_backend().build(&insert)).await? {
                new.insert((row.try_get::<String>("", "principal")?, row.try_get::<Uuid>("", "request_id")?));
            }
        }
        let is_new =
            |request: &DoneRequest<'_>| new.contains(&(request.key.principal.to_owned(), request.key.request_id));
        Ok(requests.iter().map(is_new).collect())
    }

    /// Takes a request id, or finds what it was taken for. A twin at the same time waits here until the first ends.
    pub async fn claim_request(&mut self, key: RequestKey<'_>, hash: &[u8], now: DateTime<Utc>) -> Result<Claim> {
        let row = Model {
            principal: key.principal.to_owned(),
            command: key.command.to_owned(),
            request_id: key.request_id,
            request_hash: hash.to_vec(),
            output: String::new(),
            create_time: now,
        };
        if self.insert_new(row).await? {
            return Ok(Claim::New);
        }
        let id = (key.principal.to_owned(), key.command.to_owned(), key.request_id);
        let row: Model = self.find(id).await?.ok_or_else(|| Error::Serialization("idempotency".into()))?;
        Ok(if row.request_hash == hash { Claim::Done(row.output) } else { Claim::Reused })
    }

    /// Keeps the output of a request that was claimed in this transaction.
    pub async fn finish_request(&mut self, key: RequestKey<'_>, output: String) -> Result<()> {
        let done = Entity::update_many()
            .col_expr(Column::Output, Expr::value(output))
            .filter(Column::Principal.eq(key.principal))
            .filter(Column::Command.eq(key.command))
            .filter(Column::RequestId.eq(key.request_id))
            .exec(&**self)
            .await?;
        if done.rows_affected == 1 { Ok(()) } else { Err(Error::Inconsistent("the claimed request is gone".into())) }
    }

    /// Removes requests older than `before`, at most `limit` of them. Answers how many there were.
    pub async fn remove_old_requests(&mut self, before: DateTime<Utc>, limit: u64) -> Result<u64> {
        self.remove_old::<Entity>(Column::CreateTime, before, limit).await
    }
}
