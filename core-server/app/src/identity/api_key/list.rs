//! Lists the keys.

use warung_store::Read;

use super::ApiKey;
use crate::{context::Context, engine::Query, error::Result};

/// How many keys are listed.
const KEYS_MAX: u64 = 200;

/// The newest 200 keys, newest first, those that were revoked among them.
#[derive(Clone, Copy, Debug)]
pub struct ListApiKeys;

impl Query for ListApiKeys {
    type Output = Vec<ApiKey>;

    async fn fetch(&self, read: &Read, _ctx: &Context) -> Result<Vec<ApiKey>> {
        Ok(read.api_keys(KEYS_MAX).await?.into_iter().map(ApiKey::from).collect())
    }
}
