//! Whom a call is made by, from what came with it.

use std::sync::Arc;

use warung_domain::{
    principal::{Person, Principal, Service},
    session::{self, SessionError},
};

use super::{
    Grant,
    create_session::{record, record_profile, verify},
    user::{Profile, User},
};
use crate::{
    context::Context,
    engine::Engine,
    error::{Error, Result, Unproven},
};

/// What came with a call. The service key has been verified; the rest is as it came.
#[derive(Clone, Debug, Default)]
pub struct Presented {
    /// The service whose key came.
    pub service: Option<Service>,
    /// The user whom the service speaks for: the bot alone may.
    pub acting_user: Option<i64>,
    /// The secret of an API key.
    pub api_key: Option<String>,
    /// A session token.
    pub session: Option<String>,
    /// Raw init data.
    pub init_data: Option<String>,
}

impl Engine {
    /// Whom a call is made by; and by an API key, what that may do.
    pub async fn authenticate(&self, ctx: &Context, presented: Presented) -> Result<(Principal, Option<Arc<Grant>>)> {
        let Presented { service, acting_user, api_key, session, init_data } = presented;
        if let Some(secret) = api_key {
            if acting_user.is_some() {
                return Err(Error::Forbidden);
            }
            let grant = self.verify_api_key(ctx, &secret).await?;
            // The service that passed it on lends it nothing: a key is the same one whichever way it comes.
            let principal = Principal { api_key: Some(grant.id), ..Principal::default() };
            return Ok((principal, Some(grant)));
        }
        let person = if let Some(telegram_id) = acting_user {
            if service != Some(Service::Bot) {
                return Err(Error::Forbidden);
            }
            Some(known(self, ctx, telegram_id).await.map(|user| (user.id, user.telegram_id))?)
        } else if let Some(token) = session {
            let claims = session::open(&ctx.environment.secret, &token, ctx.now).map_err(|error| match error {
                SessionError::Invalid => Unproven::SessionInvalid,
                SessionError::Expired => Unproven::SessionExpired,
            })?;
            Some((claims.user_id, claims.telegram_id))
        } else if let Some(raw) = init_data {
            let user = record(self, ctx, verify(ctx, &raw)?).await?;
            Some((user.id, user.telegram_id))
        } else {
            None
        };
        let person = match person {
            Some((user_id, telegram_id)) => {
                // A session tells who they are, and not what they are now.
                let standing = self.standings().await?.of(telegram_id);
                Some(Person { user_id, telegram_id, standing })
            }
            None => None,
        };
        Ok((Principal { service, person, api_key: None }, None))
    }
}

/// The user whom the bot speaks for: they have written to it, so they are recorded if they are not yet.
async fn known(engine: &Engine, ctx: &Context, telegram_id: i64) -> Result<User> {
    match engine.known_user(ctx, telegram_id).await? {
        Some(row) => Ok(User::from_row(&row)),
        None => record_profile(engine, ctx, Profile::of(telegram_id)).await,
    }
}
