//! Ends a key.

use warung_domain::ids::ApiKeyId;
use warung_store::Tx;

use super::{ApiKey, RowOf, row_of};
use crate::{
    context::Context,
    engine::{AdminCommand, Change, Engine, Told},
    error::{Error, Result},
};

/// Ends the key that a caller names: at once in this process, within a second in all others. One that has ended stays so.
pub async fn revoke_api_key(engine: &Engine, ctx: &Context, name: &str) -> Result<ApiKey> {
    let id = name.parse().map_err(|_| Error::not_found("API key", &name))?;
    engine.run(ctx, RevokeApiKey { id }).await?;
    engine.api_keys().forget();
    Ok(engine.ask(ctx, RowOf(id)).await?.into())
}

/// Ends a key.
#[derive(Clone, Copy, Debug)]
struct RevokeApiKey {
    id: ApiKeyId,
}

impl AdminCommand for RevokeApiKey {
    type Output = ();
    const NAME: &'static str = "identity.revoke_api_key";

    async fn change(&self, tx: &mut Tx, ctx: &Context) -> Result<Told<()>> {
        let row = row_of(tx, self.id).await?;
        if !tx.revoke_api_key(self.id.0, ctx.now).await? {
            return Ok(Told::unchanged(()));
        }
        let change = Change::of("api_key", self.id)
            .from(Some(serde_json::json!({ "name": row.name, "revoke_time": row.revoke_time })))
            .to(serde_json::json!({ "name": row.name, "revoke_time": ctx.now }));
        Ok(Told::changed((), change))
    }
}
