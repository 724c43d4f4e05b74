//! Whom a call is made by, from what came with it.

use warung_domain::{
    principal::{Principal, Service},
    session::{self, SessionError},
};

use super::{
    GetUser,
    create_session::{RecordProfile, record, verify},
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
    /// A session token.
    pub session: Option<String>,
    /// Raw init data.
    pub init_data: Option<String>,
}

impl Engine {
    /// Whom a call is made by.
    pub async fn authenticate(&self, ctx: &Context, presented: Presented) -> Result<Principal> {
        let Presented { service, acting_user, session, init_data } = presented;
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
        let person = person.map(|(user_id, telegram_id)| ctx.environment.person(user_id, telegram_id));
        Ok(Principal { service, person })
    }
}

/// The user whom the bot speaks for: they have written to it, so they are recorded if they are not yet.
async fn known(engine: &Engine, ctx: &Context, telegram_id: i64) -> Result<User> {
    match engine.ask(ctx, GetUser { telegram_id }).await {
        Err(Error::NotFound { .. }) => {
            engine.run(ctx, RecordProfile(Profile::of(telegram_id))).await?;
            engine.ask(ctx, GetUser { telegram_id }).await
        }
        found => found,
    }
}
