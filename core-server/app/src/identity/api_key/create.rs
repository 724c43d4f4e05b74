//! Makes a key, and shows its secret once.

use warung_domain::{
    api_key::{ApiKeyHash, ApiKeySecret, violations},
    ids::ApiKeyId,
};
use warung_store::{Tx, rows};

use super::{ApiKey, RowOf};
use crate::{
    context::Context,
    engine::{AdminCommand, Change, Engine, Told},
    error::{Precondition, Result},
};

/// A key to be made.
#[derive(Clone, Debug)]
pub struct NewApiKey {
    /// What the owner calls it: 1 to 64 characters.
    pub name: String,
    /// What it may do: one or more of `known`.
    pub scopes: Vec<String>,
    /// The scopes that there are.
    pub known: Vec<String>,
}

/// Makes a key. Its secret is in this answer alone: the same request again is [`Precondition::ApiKeyShown`].
pub async fn create_api_key(engine: &Engine, ctx: &Context, new: NewApiKey) -> Result<(ApiKey, ApiKeySecret)> {
    let NewApiKey { name, mut scopes, known } = new;
    violations(&name, &scopes, &known).finish()?;
    scopes.sort_unstable();
    scopes.dedup();
    // Made here, outside of the command: what a command answers is kept for its replay.
    let secret = ApiKeySecret::new(ctx.random());
    let id = engine.run(ctx, CreateApiKey { name, scopes, secret_hash: secret.hash() }).await?;
    let row = engine.ask(ctx, RowOf(id)).await?;
    if !secret.hash().matches(&row.secret_hash) {
        // The request came before, and the key has the secret that was made then.
        return Err(Precondition::ApiKeyShown.into());
    }
    Ok((row.into(), secret))
}

/// Makes a key.
#[derive(Clone, Debug)]
struct CreateApiKey {
    name: String,
    scopes: Vec<String>,
    secret_hash: ApiKeyHash,
}

impl AdminCommand for CreateApiKey {
    type Output = ApiKeyId;
    const NAME: &'static str = "identity.create_api_key";

    async fn change(&self, tx: &mut Tx, ctx: &Context) -> Result<Told<ApiKeyId>> {
        let id = ApiKeyId(ctx.new_id());
        let row = rows::ApiKey {
            id: id.0,
            name: self.name.clone(),
            secret_hash: self.secret_hash.as_bytes().to_vec(),
            scopes: self.scopes.join(" "),
            create_time: ctx.now,
            last_use_time: None,
            revoke_time: None,
        };
        tx.insert(row).await?;
        let change = Change::of("api_key", id).to(serde_json::json!({ "name": self.name, "scopes": self.scopes }));
        Ok(Told::changed(id, change))
    }
}
