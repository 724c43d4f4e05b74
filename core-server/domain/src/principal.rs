//! Who calls.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    ids::{ApiKeyId, UserId},
    standing::Standing,
};

/// A process of ours that calls the core.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Service {
    /// The bot adapter.
    Bot,
    /// The HTTP edge.
    Edge,
    /// The command line on the server.
    Operator,
    /// The core itself: its jobs.
    Core,
}

/// A Telegram user who acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Person {
    /// Our id of them.
    pub user_id: UserId,
    /// Telegram's id of them.
    pub telegram_id: i64,
    /// What they are to the store.
    pub standing: Standing,
}

/// Who a call is made by: a service, a person, or a service that speaks for a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Principal {
    /// The service whose key came with the call.
    pub service: Option<Service>,
    /// The person whom the call is made for.
    pub person: Option<Person>,
    /// The API key that came with the call: a program that acts for no person.
    pub api_key: Option<ApiKeyId>,
}

impl Principal {
    /// The core itself.
    pub const CORE: Self = Self { service: Some(Service::Core), person: None, api_key: None };
}

/// The name under which a principal's request ids, budgets and audit entries are kept: a person is the same one
/// whichever service speaks for them.
impl fmt::Display for Principal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(api_key) = self.api_key {
            return write!(formatter, "key:{api_key}");
        }
        match (self.person, self.service) {
            (Some(person), _) => write!(formatter, "user:{}", person.telegram_id),
            (None, Some(Service::Bot)) => formatter.write_str("service:bot"),
            (None, Some(Service::Edge)) => formatter.write_str("service:edge"),
            (None, Some(Service::Operator)) => formatter.write_str("service:operator"),
            (None, Some(Service::Core)) => formatter.write_str("service:core"),
            (None, None) => formatter.write_str("anyone"),
        }
    }
}
