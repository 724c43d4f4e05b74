//! Connections of a listener, within bounds: in all, by address, and none for ever that asks nothing.
//!
//! When all places are taken, a newcomer gets the place of a connection that asks nothing, of the address that has the
//! most. When none asks nothing, a few reserved places are left, for those whom a busy server has to hear: payment
//! gateways and whoever looks whether it lives.

mod activity;

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::Notify;

pub use activity::{Tended, Visit, Work};

/// A connection that asked nothing for so long has to make room when a newcomer finds none.
const YIELDS_AFTER: Duration = Duration::from_secs(1);
/// One address may have a quarter of the reserved places.
const SHARE_OF_RESERVED: usize = 4;

/// Bounds of a listener's connections.
#[derive(Clone, Debug)]
pub struct Limits {
    /// How many may be open at once.
    pub in_all: usize,
    /// How many more, when none of the others asks nothing.
    pub reserved: usize,
    /// How many one address may have; `None` where an address is a proxy's and stands for many clients.
    pub of_address: Option<usize>,
    /// How long one may stay open that asks nothing, and how long the client may take nothing of an answer. Answering
    /// pings is no asking.
    pub idle: Duration,
}

/// The connections of a listener.
#[derive(Clone, Debug)]
pub struct Doors(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    limits: Limits,
    open: Mutex<Open>,
    left: Notify,
}

#[derive(Debug, Default)]
struct Open {
    yields_after: Duration,
    next: u64,
    places: HashMap<u64, Place>,
    reserved: usize,
    by_address: HashMap<IpAddr, usize>,
}

#[derive(Debug)]
struct Place {
    visit: Visit,
    address: IpAddr,
    is_reserved: bool,
}

impl Open {
    fn of(&self, address: IpAddr) -> usize {
        self.by_address.get(&address).copied().unwrap_or_default()
    }

    fn add(&mut self, place: Place) -> u64 {
        let id = self.next;
        self.next = self.next.wrapping_add(1);
        let count = self.by_address.entry(place.address).or_default();
        *count = count.saturating_add(1);
        self.reserved = self.reserved.saturating_add(usize::from(place.is_reserved));
        self.places.insert(id, place);
        id
    }

    fn remove(&mut self, id: u64) -> Option<Place> {
        let place = self.places.remove(&id)?;
        self.reserved = self.reserved.saturating_sub(usize::from(place.is_reserved));
        match self.of(place.address) {
            0 | 1 => drop(self.by_address.remove(&place.address)),
            many => drop(self.by_address.insert(place.address, many.saturating_sub(1))),
        }
        Some(place)
    }

    /// Closes the connection that asks nothing, of the address that has the most, the longest idle first.
    fn make_room(&mut self, of: Option<IpAddr>) -> bool {
        let candidates =
            self.places.iter().filter(|(_, place)| !place.is_reserved && of.is_none_or(|of| of == place.address));
        let idle = candidates.filter_map(|(id, place)| {
            let idle = place.visit.idle_for().filter(|idle| *idle >= self.yields_after)?;
            Some(((self.of(place.address), idle), *id))
        });
        let Some((_, longest)) = idle.max() else { return false };
        if let Some(place) = self.remove(longest) {
            place.visit.close();
        }
        true
    }
}

/// How a newcomer fared.
enum Answer {
    Entered(Entered),
    /// Its address has as many as it may.
    Refused,
    Full,
}

impl Doors {
    /// A listener without connections yet.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self::with(limits, YIELDS_AFTER)
    }

    fn with(limits: Limits, yields_after: Duration) -> Self {
        let open = Open { yields_after, ..Open::default() };
        Self(Arc::new(Inner { limits, open: Mutex::new(open), left: Notify::new() }))
    }

    /// A place for a connection from `address`, as soon as there is one; `None` when the address has as many as it may.
    pub async fn enter(&self, address: IpAddr) -> Option<Entered> {
        loop {
            let left = self.0.left.notified();
            match self.try_enter(address) {
                Answer::Entered(entered) => return Some(entered),
                Answer::Refused => return None,
                // Another may have been idle for long enough by then.
                Answer::Full => drop(tokio::time::timeout(YIELDS_AFTER, left).await),
            }
        }
    }

    fn try_enter(&self, address: IpAddr) -> Answer {
        let (address, limits) = (client(address), &self.0.limits);
        let mut open = self.lock();
        if limits.of_address.is_some_and(|most| open.of(address) >= most) && !open.make_room(Some(address)) {
            return Answer::Refused;
        }
        let mut is_reserved = false;
        if open.places.len().saturating_sub(open.reserved) >= limits.in_all && !open.make_room(None) {
            let places = open.places.values().filter(|place| place.is_reserved && place.address == address);
            let share = limits.reserved.div_ceil(SHARE_OF_RESERVED);
            if open.reserved >= limits.reserved || (limits.of_address.is_some() && places.count() >= share) {
                return Answer::Full;
            }
            is_reserved = true;
        }
        let visit = Visit::new(limits.idle);
        let id = open.add(Place { visit: visit.clone(), address, is_reserved });
        Answer::Entered(Entered { doors: self.clone(), id, visit, is_reserved })
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.0.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection's place; free again when it is dropped.
#[derive(Debug)]
#[must_use]
pub struct Entered {
    doors: Doors,
    id: u64,
    visit: Visit,
    is_reserved: bool,
}

impl Entered {
    /// What goes on in the connection.
    #[must_use]
    pub fn visit(&self) -> &Visit {
        &self.visit
    }

    /// It has one of the reserved places: it may ask for little, and has to go after one answer.
    #[must_use]
    pub fn is_reserved(&self) -> bool {
        self.is_reserved
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        self.doors.lock().remove(self.id);
        self.doors.0.left.notify_waiters();
    }
}

/// The client that an address stands for. An IPv6 client owns a /64 at least: addresses in it are one client.
#[must_use]
pub fn client(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX))),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Connections that make room at once when they ask nothing.
    fn doors(in_all: usize, reserved: usize, of_address: Option<usize>) -> Doors {
        let limits = Limits { in_all, reserved, of_address, idle: Duration::from_mins(1) };
        Doors::with(limits, Duration::ZERO)
    }

    fn enter(doors: &Doors, address: &str) -> Option<Entered> {
        match doors.try_enter(address.parse().unwrap()) {
            Answer::Entered(entered) => Some(entered),
            Answer::Refused | Answer::Full => None,
        }
    }

    #[tokio::test]
    async fn a_newcomer_gets_the_place_of_whoever_asks_nothing_where_most_are() {
        let doors = doors(4, 0, None);
        let own = enter(&doors, "1.1.1.1").unwrap();
        let many: Vec<_> = (0..3).map(|_| enter(&doors, "2.2.2.2").unwrap()).collect();
        let _busy = many[0].visit().begin();
        let _newcomer = enter(&doors, "3.3.3.3").unwrap();
        assert!(!own.visit().is_closed() && !many[0].visit().is_closed());
        assert_eq!(many.iter().filter(|one| one.visit().is_closed()).count(), 1);
        drop(many);
        assert_eq!(doors.lock().by_address.len(), 2, "who has gone is forgotten");
    }

    #[tokio::test]
    async fn who_has_only_just_come_need_not_make_room() {
        let limits = Limits { in_all: 1, reserved: 0, of_address: None, idle: Duration::from_mins(1) };
        let doors = Doors::with(limits, Duration::from_hours(1));
        let first = enter(&doors, "1.1.1.1").unwrap();
        assert!(enter(&doors, "2.2.2.2").is_none() && !first.visit().is_closed());
    }

    #[tokio::test]
    async fn an_address_has_its_share_and_no_more() {
        let doors = doors(10, 0, Some(2));
        let first: Vec<_> = (0..2).map(|_| enter(&doors, "2001:db8::1").unwrap()).collect();
        let busy: Vec<_> = first.iter().map(|one| one.visit().begin()).collect();
        assert!(enter(&doors, "2001:db8::2").is_none(), "the network is one client");
        assert!(enter(&doors, "2001:db8:0:1::1").is_some());
        drop(busy);
        assert!(enter(&doors, "2001:db8::2").is_some(), "in the place of its own that asks nothing");
    }

    #[tokio::test]
    async fn when_all_are_busy_a_few_are_still_heard() {
        let doors = doors(1, 4, Some(3));
        let all = enter(&doors, "1.1.1.1").unwrap();
        let _busy = all.visit().begin();
        let heard: Vec<_> = ["2.2.2.2", "3.3.3.3"].iter().map(|address| enter(&doors, address).unwrap()).collect();
        assert!(!all.is_reserved() && heard.iter().all(Entered::is_reserved));
        assert!(enter(&doors, "2.2.2.2").is_none(), "one address does not have them all");
        drop(heard);
        assert!(enter(&doors, "2.2.2.2").is_some());
    }

    #[tokio::test]
    async fn who_finds_no_place_waits_for_one() {
        let doors = doors(1, 0, None);
        let first = enter(&doors, "1.1.1.1").unwrap();
        let busy = first.visit().begin();
        let waiting = doors.enter("2.2.2.2".parse().unwrap());
        tokio::pin!(waiting);
        assert!(tokio::time::timeout(Duration::from_millis(20), &mut waiting).await.is_err());
        drop((busy, first));
        assert!(waiting.await.is_some());
    }
}
