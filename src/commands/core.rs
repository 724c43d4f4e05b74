//! A core to give commands to.

use secrecy::ExposeSecret as _;
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};
use warung_core::Core;
use warung_proto::{channel::Channel, key::ServiceKey};

use super::note;
use crate::{
    compose::{self, Failure},
    settings::Settings,
};

/// The core that is running, or one of this command's own when none is.
pub(super) struct Operated {
    /// Where it is called.
    pub(super) channel: Channel,
    /// What the operator proves themselves with.
    pub(super) key: ServiceKey,
    own: Option<Core>,
}

impl Operated {
    /// Finds or starts it.
    pub(super) async fn reach(settings: &Settings) -> Result<Self, Failure> {
        let key = compose::service_key(settings).ok_or("WARUNG_SECRET_KEY or WARUNG_SERVICE_KEY is required")?;
        let remote = compose::remote_core(settings)?;
        if answers(remote.clone()).await {
            return Ok(Self { channel: remote, key, own: None });
        }
        if !settings.database_url.expose_secret().starts_with("sqlite:") {
            note(format_args!("No core answers at {}; opening the database.", settings.grpc_addr));
        }
        let core = compose::core(settings).await?;
        Ok(Self { channel: core.channel(), key, own: Some(core) })
    }

    /// Ends it, if it is this command's own.
    pub(super) async fn end(self) {
        if let Some(core) = self.own {
            core.stop().await;
        }
    }
}

async fn answers(core: Channel) -> bool {
    let mut client = HealthClient::new(core);
    let request = HealthCheckRequest { service: String::new() };
    let check = tokio::time::timeout(std::time::Duration::from_secs(3), client.check(request));
    matches!(check.await, Ok(Ok(_)))
}
