//! `warung migrate`.

use secrecy::ExposeSecret as _;
use warung_core::{Store, StoreConfig};

use super::say;
use crate::{
    compose::Failure,
    settings::{Role, Settings},
};

/// Brings the database's schema up to date.
pub(super) async fn migrate() -> Result<(), Failure> {
    let settings = Settings::load(Role::Operate)?;
    let store = Store::open(&StoreConfig::new(settings.database_url.expose_secret())).await?;
    store.close().await;
    say("The database's schema is up to date.");
    Ok(())
}
