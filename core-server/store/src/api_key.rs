//! Keys of programs.

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    sea_query::{Expr, ExprTrait as _},
};
use uuid::Uuid;

use crate::{
    entity::{api_key, orders},
    error::Result,
    tx::{Read, Tx},
};

impl Read {
    /// The key whose secret has this hash, revoked or not.
    pub async fn api_key_by_hash(&self, secret_hash: &[u8]) -> Result<Option<api_key::Model>> {
        self.one(api_key::Entity::find().filter(api_key::Column::SecretHash.eq(secret_hash))).await
    }

    /// The newest keys, those that were revoked among them.
    pub async fn api_keys(&self, limit: u64) -> Result<Vec<api_key::Model>> {
        self.all(api_key::Entity::find().order_by_desc(api_key::Column::Id).limit(limit)).await
    }

    /// Whether a key has placed an order for a user.
    pub async fn api_key_has_order_of(&self, api_key_id: Uuid, buyer_id: Uuid) -> Result<bool> {
        let found = orders::Entity::find()
            .filter(orders::Column::BuyerId.eq(buyer_id))
            .filter(orders::Column::ApiKeyId.eq(api_key_id))
            .limit(1)
            .one(self)
            .await?;
        Ok(found.is_some())
    }
}

impl Tx {
    /// Revokes a key. Answers whether it was not revoked before.
    pub async fn revoke_api_key(&mut self, id: Uuid, now: DateTime<Utc>) -> Result<bool> {
        let done = api_key::Entity::update_many()
            .col_expr(api_key::Column::RevokeTime, Expr::value(now))
            .filter(api_key::Column::Id.eq(id))
            .filter(api_key::Column::RevokeTime.is_null())
            .exec(&**self)
            .await?;
        Ok(done.rows_affected == 1)
    }

    /// Notes that a key was used at a time, unless a later use is known.
    pub async fn note_api_key_use(&mut self, id: Uuid, time: DateTime<Utc>) -> Result<()> {
        let used = api_key::Column::LastUseTime;
        api_key::Entity::update_many()
            .col_expr(used, Expr::value(time))
            .filter(api_key::Column::Id.eq(id))
            .filter(used.is_null().or(used.lt(time)))
            .exec(&**self)
            .await?;
        Ok(())
    }
}
