//! `warung migrate`.

use secrecy::ExposeSecret as _;
use warung_core::{Clock as _, Ids as _, RandomIds, Store, StoreConfig, SystemClock};

use super::say;
use crate::{
    compose::Failure,
    settings::{Role, Settings},
};

/// Brings the database's schema up to date, and makes sure that the secret key is the database's.
pub(super) async fn migrate() -> Result<(), Failure> {
    let settings = Settings::load(Role::Operate)?;
    let store = Store::open(&StoreConfig::new(settings.database_url.expose_secret())).await?;
    let kept = match &settings.secret_key {
        Some(secret) => store.keep_secret(secret, RandomIds.random(), SystemClock::default().now()).await,
        None => Ok(()),
    };
    store.close().await;
    kept?;
    say("The database's schema is up to date.");
    Ok(())
}
