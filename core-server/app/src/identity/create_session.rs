//! Verifies a launch of the Mini App once, for a short-lived session.

use chrono::{DateTime, TimeDelta, Utc};
use warung_domain::{
    ids::UserId,
    init_data::{self, DEFAULT_MAX_SKEW, InitData, InitDataError},
    session::{self, Claims},
};
use warung_store::Tx;

use super::user::{Profile, User, ensure_user, in_seconds};
use crate::{
    context::Context,
    engine::{Command, Engine},
    error::{Error, Result, Unproven},
};

/// A session that was made.
#[derive(Clone, Debug)]
pub struct Session {
    /// A secret of its user.
    pub token: String,
    /// When it ends.
    pub expire_time: DateTime<Utc>,
    /// Whose it is.
    pub user: User,
    /// The start parameter of the launch, or empty.
    pub start_param: String,
}

/// Makes a session for whoever Telegram says launched the Mini App.
pub async fn create_session(engine: &Engine, ctx: &Context, raw_init_data: &str) -> Result<Session> {
    let launch = verify(ctx, raw_init_data)?;
    let start_param = launch.start_param.clone().unwrap_or_default();
    let user = record(engine, ctx, launch).await?;
    let expire_time = in_seconds(ctx.now, ctx.settings.session_ttl_seconds);
    let claims = Claims { user_id: user.id, telegram_id: user.telegram_id, issue_time: ctx.now, expire_time };
    Ok(Session { token: session::issue(&ctx.environment.secret, &claims), expire_time, user, start_param })
}

/// Verifies raw init data, by our bot's token, or by Telegram's public key where there is no hash.
pub(super) fn verify(ctx: &Context, raw: &str) -> Result<InitData> {
    let max_age = TimeDelta::try_seconds(ctx.settings.init_data_max_age_seconds).unwrap_or_default();
    let bot = &ctx.environment.main_bot;
    let by_hash = init_data::verify_hmac(raw, &bot.token, ctx.now, max_age, DEFAULT_MAX_SKEW);
    // Launches that third parties pass on come without the hash, which only the bot's token can prove.
    let has_hash = raw.split('&').any(|field| field.starts_with("hash="));
    let verified = match by_hash {
        Err(InitDataError::Malformed) if !has_hash => {
            init_data::verify_third_party(raw, bot.id(), &bot.launch_key, ctx.now, max_age, DEFAULT_MAX_SKEW)
        }
        verified => verified,
    };
    verified.map_err(|error| match error {
        InitDataError::Expired | InitDataError::FromFuture => Unproven::InitDataExpired.into(),
        _ => Error::Unauthenticated(Unproven::InitDataInvalid),
    })
}

/// Records who launched. Most launches change nothing, and write nothing.
pub(super) async fn record(engine: &Engine, ctx: &Context, launch: InitData) -> Result<User> {
    let profile = Profile {
        telegram_id: launch.user.id,
        first_name: launch.user.first_name,
        last_name: launch.user.last_name.unwrap_or_default(),
        username: launch.user.username.unwrap_or_default(),
        client_language: launch.user.language_code.unwrap_or_default(),
    }
    .kept();
    if let Some(row) = engine.known_user(ctx, profile.telegram_id).await?
        && profile.fits(&row)
    {
        return Ok(User::from_row(&row));
    }
    record_profile(engine, ctx, profile).await
}

/// Records a user as Telegram describes them.
pub(super) async fn record_profile(engine: &Engine, ctx: &Context, profile: Profile) -> Result<User> {
    let telegram_id = profile.telegram_id;
    let written = engine.run(ctx, RecordProfile(profile)).await;
    engine.users().forget();
    written?;
    engine.ask(ctx, super::GetUser { telegram_id }).await
}

/// Records a user as Telegram describes them.
#[derive(Clone, Debug)]
struct RecordProfile(Profile);

impl Command for RecordProfile {
    type Output = UserId;
    const NAME: &'static str = "identity.record_profile";
    // A user who is as Telegram describes them is not written.
    const BY_REQUEST_ID: bool = false;

    async fn execute(&self, tx: &mut Tx, ctx: &Context) -> Result<UserId> {
        let (user, _) = ensure_user(tx, ctx, &self.0).await?;
        Ok(UserId(user.id))
    }
}
