//! How often a client address may ask: the first line, in memory, before the core counts by user.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;
use warung_connections::client;

/// A token bucket an address, kept as the time at which it would be full again ("theoretical arrival time").
#[derive(Debug)]
pub(crate) struct ClientRates {
    interval: Duration,
    tolerance: Duration,
    capacity: usize,
    full_at: Mutex<HashMap<IpAddr, Instant>>,
}

impl ClientRates {
    /// `rate` requests a second, `burst` at once, for `capacity` addresses. A rate of 0 allows any number.
    pub(crate) fn new(rate: u32, burst: u32, capacity: usize) -> Option<Self> {
        let interval = Duration::from_secs(1).checked_div(rate)?;
        let tolerance = interval.saturating_mul(burst.max(1));
        Some(Self { interval, tolerance, capacity: capacity.max(1), full_at: Mutex::default() })
    }

    /// Takes a token; otherwise tells when the next one is there.
    pub(crate) fn take(&self, address: IpAddr, now: Instant) -> Result<(), Duration> {
        let mut buckets = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        let key = client(address);
        if buckets.len() >= self.capacity && !buckets.contains_key(&key) {
            make_room(&mut buckets, now);
        }
        let full_at = buckets.entry(key).or_insert(now);
        let next = (*full_at).max(now) + self.interval;
        let over = next.saturating_duration_since(now).saturating_sub(self.tolerance);
        if over.is_zero() {
            *full_at = next;
            Ok(())
        } else {
            Err(over)
        }
    }
}

/// Forgets addresses that have rested; when none has, all: better a moment of leniency than to refuse newcomers.
fn make_room(buckets: &mut HashMap<IpAddr, Instant>, now: Instant) {
    let before = buckets.len();
    buckets.retain(|_, full_at| *full_at > now);
    // A map that stays nearly full would be searched again for each newcomer.
    if buckets.len() > before - before / 8 {
        buckets.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(rates: &ClientRates, address: &str, now: Instant) -> usize {
        (0..1000).take_while(|_| rates.take(address.parse().unwrap(), now).is_ok()).count()
    }

    #[test]
    fn a_client_gets_its_burst_and_then_its_rate() {
        let rates = ClientRates::new(50, 100, 1000).unwrap();
        let start = Instant::now();
        assert_eq!(taken(&rates, "1.1.1.1", start), 100);
        assert_eq!(rates.take("1.1.1.1".parse().unwrap(), start), Err(Duration::from_millis(20)));
        assert_eq!(taken(&rates, "1.1.1.1", start + Duration::from_secs(1)), 50);
        assert_eq!(taken(&rates, "1.1.1.2", start), 100, "another client has its own bucket");
    }

    #[test]
    fn addresses_of_one_ipv6_network_are_one_client() {
        let rates = ClientRates::new(1, 2, 1000).unwrap();
        let now = Instant::now();
        assert_eq!(taken(&rates, "2001:db8::1", now), 2);
        assert_eq!(taken(&rates, "2001:db8::ffff", now), 0);
        assert_eq!(taken(&rates, "2001:db8:0:1::1", now), 2);
        assert_eq!(taken(&rates, "1.2.3.4", now), 2);
        assert_eq!(taken(&rates, "::ffff:1.2.3.4", now), 0, "the same address, as a dual-stack socket shows it");
    }

    #[test]
    fn memory_is_bounded_and_newcomers_are_served() {
        let rates = ClientRates::new(1, 1, 100).unwrap();
        let now = Instant::now();
        for client in 0..10_000_u32 {
            let address = IpAddr::from(client.to_be_bytes());
            assert!(rates.take(address, now).is_ok());
        }
        assert!(rates.full_at.lock().unwrap().len() <= 100);
    }

    #[test]
    fn a_rate_of_zero_is_no_limit() {
        assert!(ClientRates::new(0, 100, 1000).is_none());
    }
}
