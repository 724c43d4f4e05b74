//! Keys of programs.

mod create;
mod list;
mod revoke;
mod verify;

use chrono::{DateTime, Utc};
use warung_domain::ids::ApiKeyId;
use warung_store::{Read, rows};

pub use self::{
    create::{NewApiKey, create_api_key},
    list::ListApiKeys,
    revoke::revoke_api_key,
    verify::Grant,
};
use crate::{
    context::Context,
    engine::Query,
    error::{Error, Result},
};

/// A key of a program, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// What the owner calls it.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<String>,
    /// When it was made.
    pub create_time: DateTime<Utc>,
    /// When it was last used, to within a minute; `None` when never.
    pub last_use_time: Option<DateTime<Utc>>,
    /// When it was revoked; `None` when it was not.
    pub revoke_time: Option<DateTime<Utc>>,
}

impl From<rows::ApiKey> for ApiKey {
    fn from(row: rows::ApiKey) -> Self {
        let rows::ApiKey { id, name, secret_hash: _, scopes, create_time, last_use_time, revoke_time } = row;
        let scopes = scopes_of(&scopes);
        Self { id: ApiKeyId(id), name, scopes, create_time, last_use_time, revoke_time }
    }
}

/// The scopes of a row, which have a space between them.
fn scopes_of(text: &str) -> Vec<String> {
    text.split_ascii_whitespace().map(str::to_owned).collect()
}

/// The row of a key.
struct RowOf(ApiKeyId);

impl Query for RowOf {
    type Output = rows::ApiKey;

    async fn fetch(&self, read: &Read, _ctx: &Context) -> Result<rows::ApiKey> {
        row_of(read, self.0).await
    }
}

async fn row_of(read: &Read, id: ApiKeyId) -> Result<rows::ApiKey> {
    read.find::<rows::ApiKey>(id.0).await?.ok_or_else(|| Error::not_found("API key", &id))
}
