//! Who calls: what comes along with a call.

use std::time::Duration;

use tonic::{Request, metadata::MetadataValue};
use warung_proto::{
    key::{Service, ServiceKey},
    metadata,
};

use super::SERVICE_KEY;

/// What comes along with a call.
#[derive(Clone, Debug, Default)]
pub(crate) struct Caller {
    metadata: Vec<(&'static str, String)>,
    timeout: Option<Duration>,
}

impl Caller {
    /// Nobody at all.
    pub(crate) fn nobody() -> Self {
        Self::default()
    }

    /// The edge, for nobody in particular.
    pub(crate) fn edge() -> Self {
        Self::service(Service::Edge)
    }

    /// The bot, on its own behalf.
    pub(crate) fn bot() -> Self {
        Self::service(Service::Bot)
    }

    /// The command line.
    pub(crate) fn operator() -> Self {
        Self::service(Service::Operator)
    }

    fn service(service: Service) -> Self {
        Self::nobody().with(metadata::SERVICE_KEY, ServiceKey::new(SERVICE_KEY).present_as(service))
    }

    /// The same with one thing more.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.metadata.push((name, value.into()));
        self
    }

    /// The same with a session.
    pub(crate) fn with_session(self, token: &str) -> Self {
        self.with("authorization", format!("Bearer {token}"))
    }

    /// The same with raw init data.
    pub(crate) fn with_init_data(self, raw: &str) -> Self {
        self.with("authorization", format!("tma {raw}"))
    }

    /// The same, on behalf of a user.
    pub(crate) fn acting_for(self, telegram_id: i64) -> Self {
        self.with(metadata::ACTING_USER, telegram_id.to_string())
    }

    /// The same, in a hurry.
    pub(crate) fn within(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// A call with this message.
    pub(crate) fn says<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        for (name, value) in &self.metadata {
            request.metadata_mut().insert(*name, MetadataValue::try_from(value).unwrap());
        }
        if let Some(timeout) = self.timeout {
            request.set_timeout(timeout);
        }
        request
    }
}
