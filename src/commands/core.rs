//! A core to give commands to.

use std::time::Duration;

use secrecy::ExposeSecret as _;
use tonic::{Code, Request, Status, metadata::AsciiMetadataValue};
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};
use warung_core::Core;
use warung_proto::{
    channel::Channel,
    error,
    key::{Service, ServiceKey},
    metadata,
};

use super::note;
use crate::{
    compose::{self, Failure},
    settings::Settings,
};

/// How long a call may take.
const TIMEOUT: Duration = Duration::from_secs(30);

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

    /// A call of the operator's.
    pub(super) fn request<T>(&self, message: T) -> Result<Request<T>, Failure> {
        let mut key: AsciiMetadataValue = self.key.present_as(Service::Operator).parse()?;
        key.set_sensitive(true);
        let mut request = Request::new(message);
        request.metadata_mut().insert(metadata::SERVICE_KEY, key);
        request.set_timeout(TIMEOUT);
        Ok(request)
    }

    /// Ends it, if it is this command's own.
    pub(super) async fn end(self) {
        if let Some(core) = self.own {
            core.stop().await;
        }
    }
}

/// What the person at the command line is told of a refusal.
pub(super) fn told(status: &Status) -> Failure {
    match status.code() {
        Code::Unavailable | Code::Unknown | Code::Cancelled | Code::DeadlineExceeded => {
            format!("the core can't be reached, or can't do it now ({})", status.message())
        }
        Code::Unauthenticated | Code::PermissionDenied => "the core refused this command: its \
            WARUNG_SECRET_KEY (or WARUNG_SERVICE_KEY, where it is set) is not the one that the core has"
            .to_owned(),
        Code::InvalidArgument | Code::NotFound => status.message().to_owned(),
        _ => format!("the core answered {}: {}", error::reason(status).as_reason(), status.message()),
    }
    .into()
}

async fn answers(core: Channel) -> bool {
    let mut client = HealthClient::new(core);
    let request = HealthCheckRequest { service: String::new() };
    let check = tokio::time::timeout(Duration::from_secs(3), client.check(request));
    matches!(check.await, Ok(Ok(_)))
}
