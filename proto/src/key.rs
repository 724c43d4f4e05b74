//! Service keys: how the edge, the bot adapter and the command line prove themselves to the core.
//!
//! One master key (`WARUNG_SERVICE_KEY`) makes a key for each service, so that a process that was given only the edge's
//! key can't act as the bot: `wsk_{service}_{HMAC-SHA256(master, service) in hexadecimal}`.

use std::fmt::{self, Write as _};

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

/// A process that calls the core on its own behalf.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Service {
    /// The bot adapter.
    Bot,
    /// The HTTP edge.
    Edge,
    /// The command line on the server.
    Operator,
}

impl Service {
    /// All services.
    pub const ALL: [Self; 3] = [Self::Bot, Self::Edge, Self::Operator];

    /// Its name in keys and logs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Bot => "bot",
            Self::Edge => "edge",
            Self::Operator => "operator",
        }
    }
}

/// A secret from which service keys are made, or a single service's key. Its debug form shows nothing.
#[derive(Clone)]
pub struct ServiceKey {
    key: String,
    /// What each service presents, made once: every call is verified.
    services: [(Service, String); 3],
}

impl fmt::Debug for ServiceKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ServiceKey([redacted])")
    }
}

impl ServiceKey {
    /// Takes a master key, or a key that was made for one service.
    #[must_use]
    pub fn new(key: impl Into<String>) -> Self {
        let key = key.into();
        let services = Service::ALL.map(|service| (service, derive(&key, service)));
        Self { key, services }
    }

    /// The key to present as `service`. A key that was made for one service is presented as it is.
    #[must_use]
    pub fn present_as(&self, service: Service) -> String {
        if self.key.starts_with("wsk_") { self.key.clone() } else { derive(&self.key, service) }
    }

    /// Which service a presented key proves; `None` when it is not ours. Takes the same time for any wrong key.
    #[must_use]
    pub fn verify(&self, presented: &str) -> Option<Service> {
        let mut found = None;
        for (service, ours) in &self.services {
            if bool::from(ours.as_bytes().ct_eq(presented.as_bytes())) {
                found = Some(*service);
            }
        }
        found
    }

    /// Whether `presented` is the master key itself or a key of any service.
    #[must_use]
    pub fn verify_any(&self, presented: &str) -> bool {
        bool::from(self.key.as_bytes().ct_eq(presented.as_bytes())) | self.verify(presented).is_some()
    }
}

fn derive(master: &str, service: Service) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(master.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(b"warung service key ");
    mac.update(service.name().as_bytes());
    mac.finalize().into_bytes().iter().fold(format!("wsk_{}_", service.name()), |mut key, byte| {
        let _ = write!(key, "{byte:02x}");
        key
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_proves_its_own_service_alone() {
        let master = ServiceKey::new("m".repeat(32));
        for service in Service::ALL {
            assert_eq!(master.verify(&master.present_as(service)), Some(service));
        }
        assert_eq!(master.verify(&"m".repeat(32)), None);
        assert_eq!(ServiceKey::new("other").verify(&master.present_as(Service::Bot)), None);
        let edge_alone = ServiceKey::new(master.present_as(Service::Edge));
        assert_eq!(master.verify(&edge_alone.present_as(Service::Bot)), Some(Service::Edge));
    }

    #[test]
    fn a_key_is_not_shown() {
        assert!(!format!("{:?}", ServiceKey::new("hunter2")).contains("hunter2"));
    }
}
