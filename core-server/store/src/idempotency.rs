//! Requests that were carried out.

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, sea_query::Expr};
use uuid::Uuid;

use crate::{
    entity::idempotency::{Column, Entity, Model},
    error::{Error, Result},
    tx::Tx,
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

impl Tx {
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

    /// Removes requests older than `before`. Answers how many there were.
    pub async fn remove_old_requests(&mut self, before: DateTime<Utc>) -> Result<u64> {
        let done = Entity::delete_many().filter(Column::CreateTime.lt(before)).exec(&**self).await?;
        Ok(done.rows_affected)
    }
}
