//! `warung import`.

use std::path::Path;

use secrecy::ExposeSecret as _;
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};
use warung_proto::channel::Channel;

use super::say;
use crate::{
    compose::{self, Failure},
    settings::{Role, Settings},
};

/// Fills the library from a file: through the core that is running, or through one of its own when none is.
pub(super) async fn import(file: &Path) -> Result<(), Failure> {
    let settings = Settings::load(Role::Operate)?;
    let key = compose::service_key(&settings).ok_or("WARUNG_SECRET_KEY or WARUNG_SERVICE_KEY is required")?;
    let remote = compose::remote_core(&settings)?;
    if answers(remote.clone()).await {
        say(crate::import::import(file, remote, &key, settings.time_zone).await?);
        return Ok(());
    }
    if !settings.database_url.expose_secret().starts_with("sqlite:") {
        say(format_args!("No core answers at {}; opening the database.", settings.grpc_addr));
    }
    let core = compose::core(&settings).await?;
    let outcome = crate::import::import(file, core.channel(), &key, settings.time_zone).await;
    core.stop().await;
    say(outcome?);
    Ok(())
}

async fn answers(core: Channel) -> bool {
    let mut client = HealthClient::new(core);
    let request = HealthCheckRequest { service: String::new() };
    let check = tokio::time::timeout(std::time::Duration::from_secs(3), client.check(request));
    matches!(check.await, Ok(Ok(_)))
}
