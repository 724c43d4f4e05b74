//! By when a caller wants its answer.
//!
//! Callers say it in the standard `grpc-timeout`. Between Warung's own processes it travels as [`metadata::TIMEOUT`] instead:
//! tonic's transports read the standard header at both ends, and end a call by clocks of their own as `CANCELLED`, or as
//! if nobody could be reached.

use std::{collections::HashMap, time::Duration};

use http::{HeaderMap, HeaderName, HeaderValue};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use crate::{ErrorReason, error::DOMAIN, metadata};

/// The standard header.
pub const GRPC_TIMEOUT: HeaderName = HeaderName::from_static("grpc-timeout");
const TIMEOUT: HeaderName = HeaderName::from_static(metadata::TIMEOUT);

/// Eight digits at most, says the protocol: a day in milliseconds has as many.
const MILLISECONDS_MAX: u128 = 86_400_000;

/// Reads a time as `grpc-timeout` writes it: at most eight digits and a unit.
#[must_use]
pub fn parse(text: &str) -> Option<Duration> {
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if digits.is_empty() || digits.len() > 8 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let amount: u64 = digits.parse().ok()?;
    Some(match unit {
        "H" => Duration::from_secs(amount.saturating_mul(3_600)),
        "M" => Duration::from_secs(amount.saturating_mul(60)),
        "S" => Duration::from_secs(amount),
        "m" => Duration::from_millis(amount),
        "u" => Duration::from_micros(amount),
        "n" => Duration::from_nanos(amount),
        _ => return None,
    })
}

/// How long the call with these headers may take, if its caller says so.
#[must_use]
pub fn asked(headers: &HeaderMap) -> Option<Duration> {
    let read = |name| headers.get(name).and_then(|value: &HeaderValue| parse(value.to_str().ok()?));
    match (read(&TIMEOUT), read(&GRPC_TIMEOUT)) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

/// Says for Warung's own processes how long a call may take.
pub fn write(timeout: Duration, headers: &mut HeaderMap) {
    // Rounded up: who has half a millisecond left has not none.
    let milliseconds = timeout.as_nanos().div_ceil(1_000_000).min(MILLISECONDS_MAX);
    if let Ok(value) = HeaderValue::try_from(format!("{milliseconds}m")) {
        headers.insert(TIMEOUT, value);
    }
}

/// The status of a call whose time is over.
#[must_use]
pub fn exceeded() -> Status {
    let details = ErrorDetails::with_error_info(ErrorReason::DeadlineExceeded.as_reason(), DOMAIN, HashMap::new());
    Status::with_error_details(Code::DeadlineExceeded, "the time for this call is over", details)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_is_read_in_every_unit_and_junk_is_not_one() {
        assert_eq!(parse("1m"), Some(Duration::from_millis(1)));
        assert_eq!(parse("2S"), Some(Duration::from_secs(2)));
        assert_eq!(parse("3M"), Some(Duration::from_mins(3)));
        assert_eq!(parse("99999999H"), Some(Duration::from_hours(99_999_999)));
        assert_eq!(parse("5u"), Some(Duration::from_micros(5)));
        assert_eq!(parse("5n"), Some(Duration::from_nanos(5)));
        for junk in ["", "m", "5", "123456789m", "-1m", "1.5S", "1ä", "+1m"] {
            assert_eq!(parse(junk), None, "{junk}");
        }
    }

    #[test]
    fn what_is_written_for_the_core_is_read_there_and_the_shorter_of_two_counts() {
        let mut headers = HeaderMap::new();
        assert_eq!(asked(&headers), None);
        write(Duration::from_micros(1_200), &mut headers);
        assert_eq!(asked(&headers), Some(Duration::from_millis(2)));
        headers.insert(GRPC_TIMEOUT, HeaderValue::from_static("1m"));
        assert_eq!(asked(&headers), Some(Duration::from_millis(1)));
        headers.insert(GRPC_TIMEOUT, HeaderValue::from_static("1H"));
        assert_eq!(asked(&headers), Some(Duration::from_millis(2)));
        write(Duration::MAX, &mut headers);
        assert_eq!(asked(&headers), Some(Duration::from_hours(1)));
    }
}
