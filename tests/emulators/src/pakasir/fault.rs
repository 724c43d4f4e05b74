//! Faults: how the next requests, or the webhooks of the next payments, shall go wrong.

use serde::{Deserialize, Serialize};

/// The API's endpoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Endpoint {
    /// `transactioncreate`.
    Create,
    /// `transactiondetail`.
    Detail,
    /// `transactioncancel`.
    Cancel,
    /// `paymentsimulation`.
    Simulation,
}

/// How a request goes wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ApiFault {
    /// No answer while the connection is held; nothing is done.
    Timeout,
    /// The connection is closed without an answer; nothing is done.
    Drop,
    /// It is done, and the connection closed without an answer.
    LostAnswer,
    /// It is done, and answered after this many milliseconds.
    Delay {
        /// The pause in milliseconds.
        millis: u64,
    },
    /// An error answer; nothing is done.
    Status {
        /// The HTTP status, such as 429 or 500.
        code: u16,
        /// Seconds for the header `Retry-After`.
        #[serde(default)]
        retry_after: Option<u64>,
    },
    /// A page for people instead of JSON; nothing is done.
    Html {
        /// The HTTP status.
        code: u16,
    },
    /// Somewhere else is named; nothing is done.
    Redirect {
        /// The `Location`.
        location: String,
    },
    /// It is done, and its answer cut in the middle of the JSON.
    Truncated,
    /// It is done, and its answer is followed by this many spaces.
    Huge {
        /// How many.
        bytes: usize,
    },
    /// It is done, and the answer names another order.
    OtherOrder {
        /// Its `order_id`.
        order_id: String,
    },
    /// It is done, and the answer names another amount.
    OtherAmount {
        /// The amount in rupiah.
        amount: i64,
    },
    /// It is done, and the answer names another project.
    OtherProject {
        /// Its slug.
        project: String,
    },
    /// A payment that is completed is told as `pending`.
    StillPending,
    /// `transactioncreate` answers a QRIS string with a wrong checksum.
    WrongChecksum,
    /// `transactioncreate` answers a QRIS string for another total.
    OtherTotal {
        /// The total in rupiah.
        total: i64,
    },
    /// `transactioncreate` answers a total that is not amount and fee.
    WrongSum,
}

/// A fault and the requests that it meets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Only this endpoint; none means all.
    #[serde(default)]
    pub endpoint: Option<Endpoint>,
    /// Only for this order.
    #[serde(default)]
    pub order_id: Option<String>,
    /// How many requests it meets.
    #[serde(default = "once")]
    pub times: u32,
    /// How they go wrong.
    #[serde(flatten)]
    pub kind: ApiFault,
}

fn once() -> u32 {
    1
}

impl Fault {
    /// A fault that meets the next request to this endpoint.
    #[must_use]
    pub fn next(endpoint: Endpoint, kind: ApiFault) -> Self {
        Self { endpoint: Some(endpoint), order_id: None, times: 1, kind }
    }

    /// The same for this many requests.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self { times, ..self }
    }

    /// The same for one order only.
    #[must_use]
    pub fn of_order(self, order_id: &str) -> Self {
        Self { order_id: Some(order_id.to_owned()), ..self }
    }

    pub(crate) fn meets(&self, endpoint: Endpoint, order_id: Option<&str>) -> bool {
        self.endpoint.is_none_or(|wanted| wanted == endpoint)
            && (self.order_id.is_none() || self.order_id.as_deref() == order_id)
    }
}

/// How the webhook of a payment goes wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum HookFault {
    /// It is never posted.
    Drop,
    /// It is posted more than once, all at the same time.
    Duplicate {
        /// How many times in all.
        copies: u32,
    },
    /// It is posted after this many milliseconds.
    Delay {
        /// The pause in milliseconds.
        millis: u64,
    },
    /// It is kept until the webhook of the next payment was posted.
    OutOfOrder,
    /// It names another amount.
    WrongAmount {
        /// The amount in rupiah.
        amount: i64,
    },
    /// It names another order.
    WrongOrder {
        /// Its `order_id`.
        order_id: String,
    },
    /// It names another project.
    WrongProject {
        /// Its slug.
        project: String,
    },
    /// After it comes another one with this status, such as `failed`.
    Followed {
        /// The status.
        status: String,
    },
    /// Its body is cut in the middle of the JSON.
    Malformed,
    /// Its signature is that of another secret, where webhooks are signed.
    WrongSignature,
}

/// A fault and the webhooks that it meets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookFault {
    /// Only for this order.
    #[serde(default)]
    pub order_id: Option<String>,
    /// How many payments' webhooks it meets.
    #[serde(default = "once")]
    pub times: u32,
    /// How they go wrong.
    #[serde(flatten)]
    pub kind: HookFault,
}

impl WebhookFault {
    /// A fault that meets the webhook of the next payment.
    #[must_use]
    pub fn next(kind: HookFault) -> Self {
        Self { order_id: None, times: 1, kind }
    }

    /// The same for this many payments.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self { times, ..self }
    }

    /// The same for one order only.
    #[must_use]
    pub fn of_order(self, order_id: &str) -> Self {
        Self { order_id: Some(order_id.to_owned()), ..self }
    }

    pub(crate) fn meets(&self, order_id: &str) -> bool {
        self.order_id.as_deref().is_none_or(|wanted| wanted == order_id)
    }
}
