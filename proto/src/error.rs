//! Reading the details of the core's errors. Building them is the core's business, but for a request that can't be read
//! ([`crate::codec`]).

use std::{collections::HashMap, time::Duration};

use tonic::Status;
use tonic_types::StatusExt as _;

use crate::ErrorReason;

/// The domain of every `ErrorInfo` of Warung.
pub const DOMAIN: &str = "warung";

impl ErrorReason {
    /// The reason as `ErrorInfo` carries it, such as `VIP_REQUIRED`.
    #[must_use]
    pub fn as_reason(self) -> &'static str {
        self.as_str_name().trim_start_matches("ERROR_REASON_")
    }

    /// The reason that `ErrorInfo` carries.
    #[must_use]
    pub fn from_reason(reason: &str) -> Option<Self> {
        Self::from_str_name(&format!("ERROR_REASON_{reason}"))
    }
}

/// Why a call failed. A status that is not the core's own (no connection, a proxy's answer) is `UNAVAILABLE` or
/// `INTERNAL` by its code.
#[must_use]
pub fn reason(status: &Status) -> ErrorReason {
    status
        .get_details_error_info()
        .filter(|info| info.domain == DOMAIN)
        .and_then(|info| ErrorReason::from_reason(&info.reason))
        .unwrap_or(match status.code() {
            tonic::Code::Unavailable | tonic::Code::Cancelled => ErrorReason::Unavailable,
            tonic::Code::DeadlineExceeded => ErrorReason::DeadlineExceeded,
            tonic::Code::Unimplemented => ErrorReason::Unimplemented,
            tonic::Code::ResourceExhausted => ErrorReason::RateLimited,
            _ => ErrorReason::Internal,
        })
}

/// What the error says besides its reason.
#[must_use]
pub fn metadata(status: &Status) -> HashMap<String, String> {
    status.get_details_error_info().map(|info| info.metadata).unwrap_or_default()
}

/// The fields that a request was refused for.
#[must_use]
pub fn fields(status: &Status) -> Vec<String> {
    let refused = status.get_details_bad_request().map(|refused| refused.field_violations).unwrap_or_default();
    refused.into_iter().map(|violation| violation.field).collect()
}

/// When to try again.
#[must_use]
pub fn retry_delay(status: &Status) -> Option<Duration> {
    status.get_details_retry_info().and_then(|info| info.retry_delay)
}
