//! What the core learns of a client's request, and nothing else of it.
//!
//! The metadata of a call is built from this, never copied from the request: a header that only Warung's own processes
//! may send (`warung-*`) can't come from outside.

use std::{net::IpAddr, time::Duration};

use http::{HeaderMap, HeaderName, HeaderValue, header};
use tokio::time::Instant;
use warung_proto::{deadline, metadata};

const TRACE_PARENT: HeaderName = HeaderName::from_static("traceparent");
/// Where an id of the request is read and written.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static(metadata::CALL_ID);

/// What kind of credential a request shows; whether it is any good is the core's to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Credential {
    /// The key of a program.
    ApiKey,
    /// A session or launch data, of a person.
    Person,
}

/// What the core learns of a client's request.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// As it came; the core judges it.
    pub(crate) authorization: Option<HeaderValue>,
    /// Where the client is.
    pub(crate) address: IpAddr,
    /// When the time for the request is over: reading its body counts as well.
    pub(crate) deadline: Instant,
    acting_user: Option<i64>,
    request_id: Option<HeaderValue>,
    trace_parent: Option<HeaderValue>,
}

impl Caller {
    /// Reads a request's headers. The client's own deadline counts, up to `timeout_max`.
    pub(crate) fn new(headers: &HeaderMap, address: IpAddr, timeout_max: Duration) -> Self {
        let asked = headers.get(deadline::GRPC_TIMEOUT).and_then(|value| deadline::parse(value.to_str().ok()?));
        Self {
            authorization: headers.get(header::AUTHORIZATION).cloned().map(|mut value| {
                value.set_sensitive(true);
                value
            }),
            address,
            deadline: Instant::now() + asked.unwrap_or(timeout_max).min(timeout_max),
            acting_user: None,
            request_id: headers.get(REQUEST_ID).cloned(),
            trace_parent: headers.get(TRACE_PARENT).cloned(),
        }
    }

    /// The credential that the request shows, told apart as the core tells them.
    pub(crate) fn credential(&self) -> Option<Credential> {
        let (scheme, token) = self.authorization.as_ref()?.to_str().ok()?.split_once(' ')?;
        match token.trim() {
            "" => None,
            token if scheme.eq_ignore_ascii_case("bearer") => {
                let is_key = token.starts_with(metadata::API_KEY_PREFIX);
                Some(if is_key { Credential::ApiKey } else { Credential::Person })
            }
            _ => scheme.eq_ignore_ascii_case("tma").then_some(Credential::Person),
        }
    }

    /// The same request with other credentials.
    pub(crate) fn with_authorization(&self, authorization: Option<HeaderValue>) -> Self {
        Self { authorization, ..self.clone() }
    }

    /// The same request in the name of a user, by Telegram id. The core refuses it from the edge.
    pub(crate) fn in_the_name_of(&self, user: i64) -> Self {
        Self { acting_user: Some(user), ..self.clone() }
    }

    /// Writes the metadata of a call.
    pub(crate) fn write(&self, service_key: &HeaderValue, headers: &mut HeaderMap) {
        let mut put = |name: HeaderName, value: Option<HeaderValue>| {
            if let Some(value) = value {
                headers.insert(name, value);
            }
        };
        put(header::AUTHORIZATION, self.authorization.clone());
        put(REQUEST_ID, self.request_id.clone());
        put(TRACE_PARENT, self.trace_parent.clone());
        put(HeaderName::from_static(metadata::SERVICE_KEY), Some(service_key.clone()));
        put(HeaderName::from_static(metadata::ACTING_USER), self.acting_user.map(HeaderValue::from));
        put(
            HeaderName::from_static(metadata::CLIENT_ADDRESS),
            HeaderValue::try_from(self.address.to_canonical().to_string()).ok(),
        );
        // Whoever calls keeps this time, too.
        deadline::write(self.deadline.saturating_duration_since(Instant::now()), headers);
    }
}

/// The client's address: the connection's, or the one that the outermost of our proxies saw. Each proxy adds its own
/// client at the end of `X-Forwarded-For`; what stands before those entries is the client's own claim.
pub(crate) fn client_address(headers: &HeaderMap, peer: IpAddr, trusted_hops: usize) -> IpAddr {
    if trusted_hops == 0 {
        return peer;
    }
    let lines = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let entries: Vec<&str> = lines.flat_map(|line| line.split(',')).map(str::trim).collect();
    let claimed = entries.len().checked_sub(trusted_hops).and_then(|index| entries.get(index));
    claimed.and_then(|entry| parse_address(entry)).unwrap_or(peer)
}

/// An address as proxies write it: bare, with a port, or in brackets.
fn parse_address(text: &str) -> Option<IpAddr> {
    text.parse::<IpAddr>()
        .or_else(|_| text.parse::<std::net::SocketAddr>().map(|socket| socket.ip()))
        .or_else(|_| text.trim_matches(['[', ']']).parse())
        .ok()
}

/// Whether a request id from outside may stand in logs and go on to the core.
pub(crate) fn is_request_id(value: &HeaderValue) -> bool {
    let bytes = value.as_bytes();
    (8..=64).contains(&bytes.len()) && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forwarded(lines: &[&str], hops: usize) -> String {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        client_address(&headers, "10.0.0.1".parse().unwrap(), hops).to_string()
    }

    #[test]
    fn only_entries_of_our_own_proxies_are_believed() {
        assert_eq!(forwarded(&["1.1.1.1"], 0), "10.0.0.1");
        assert_eq!(forwarded(&["6.6.6.6, 1.1.1.1"], 1), "1.1.1.1");
        assert_eq!(forwarded(&["6.6.6.6", "1.1.1.1, 2.2.2.2"], 2), "1.1.1.1");
        assert_eq!(forwarded(&["6.6.6.6, [2001:db8::1]:4000"], 1), "2001:db8::1");
        assert_eq!(forwarded(&["1.1.1.1"], 2), "10.0.0.1", "fewer entries than proxies: somebody went round one");
        assert_eq!(forwarded(&["1.1.1.1, junk"], 1), "10.0.0.1");
        assert_eq!(forwarded(&[], 1), "10.0.0.1");
    }

    #[test]
    fn a_longer_deadline_than_allowed_is_cut() {
        let mut headers = HeaderMap::new();
        headers.insert("grpc-timeout", "1H".parse().unwrap());
        let caller = Caller::new(&headers, "1.1.1.1".parse().unwrap(), Duration::from_secs(30));
        assert!(caller.deadline <= Instant::now() + Duration::from_secs(30));
    }

    #[test]
    fn a_request_id_is_short_and_plain() {
        for good in ["12345678", "0190a5f0-0000-7000-8000-000000000000"] {
            assert!(is_request_id(&good.parse().unwrap()));
        }
        for bad in ["1234567", "has space", "under_score", "semi;colon1", &"a".repeat(65)] {
            assert!(!is_request_id(&bad.parse().unwrap()), "{bad}");
        }
    }
}
