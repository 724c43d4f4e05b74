//! What a program may know of the people it sells to.

use warung_domain::ids::ApiKeyId;
use warung_store::Read;

use super::{Membership, of_user};
use crate::{
    context::Context,
    engine::Query,
    error::{Error, Result},
};

/// The membership of a user for whom an API key has placed an order. Of anybody else it learns nothing, not even whether
/// there is such a user.
#[derive(Clone, Copy, Debug)]
pub struct GetBuyerMembership {
    /// Which key asks.
    pub api_key_id: ApiKeyId,
    /// Telegram's id of the user.
    pub telegram_id: i64,
}

impl Query for GetBuyerMembership {
    type Output = Membership;

    async fn fetch(&self, read: &Read, ctx: &Context) -> Result<Membership> {
        let unknown = || Error::not_found("buyer", &self.telegram_id);
        let user = read.user_by_telegram_id(self.telegram_id).await?.ok_or_else(unknown)?;
        if !read.api_key_has_order_of(self.api_key_id.0, user.id).await? {
            return Err(unknown());
        }
        Ok(Membership::of(self.telegram_id, of_user(read, user.id).await?, ctx))
    }
}
