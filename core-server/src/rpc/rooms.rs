//! Room for calls in work, by what they wait for: in all, and by who calls. So nobody's calls keep out another's, and
//! those who wait keep out none who don't. An edge bounds its own requests as well; here all of them meet, and those who
//! call the core directly.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use warung_app::{Error, Payer, Result};
use warung_proto::access::Room;

/// When a call that found no place may come again.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// How many calls may be in work at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Bounds {
    in_all: usize,
    /// Of a person: of all their devices together.
    person: usize,
    /// Of an API key: a program calls for many people.
    key: usize,
    /// Of whoever at an address shows no credential.
    address: usize,
}

const fn bounds(room: Room) -> Bounds {
    match room {
        Room::Unspecified => Bounds { in_all: 4_096, person: 64, key: 256, address: 256 },
        Room::Wait => Bounds { in_all: 20_000, person: 8, key: 1_024, address: 8 },
        Room::Gateway => Bounds { in_all: 2_048, person: 8, key: 256, address: 8 },
        Room::Webhook => Bounds { in_all: 256, person: 0, key: 0, address: 128 },
    }
}

/// Who is in which room. Only those who have a call in work are remembered.
#[derive(Debug, Default)]
pub(crate) struct Rooms(Mutex<HashMap<Room, Occupants>>);

#[derive(Debug, Default)]
struct Occupants {
    in_all: usize,
    /// By the text of who they are.
    by_payer: HashMap<Arc<str>, usize>,
}

/// A place of a call in work; free again when it is dropped.
#[derive(Debug)]
#[must_use]
pub(crate) struct Place {
    rooms: Arc<Rooms>,
    room: Room,
    payer: Arc<str>,
}

impl Rooms {
    fn lock(&self) -> MutexGuard<'_, HashMap<Room, Occupants>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for a call, or the refusal when its caller or its room has no more.
    pub(crate) fn enter(self: &Arc<Self>, room: Room, payer: Payer<'_>) -> Result<Place> {
        let bounds = bounds(room);
        let most = match payer {
            Payer::Principal(principal) if principal.api_key.is_some() => bounds.key,
            Payer::Principal(_) => bounds.person,
            Payer::Address(_) => bounds.address,
        };
        let payer: Arc<str> = payer.to_string().into();
        let mut rooms = self.lock();
        let occupants = rooms.entry(room).or_default();
        let held = occupants.by_payer.get(&payer).copied().unwrap_or_default();
        if held >= most || occupants.in_all >= bounds.in_all {
            return Err(Error::Limited { retry_after: RETRY_AFTER });
        }
        occupants.by_payer.insert(Arc::clone(&payer), held.saturating_add(1));
        occupants.in_all = occupants.in_all.saturating_add(1);
        Ok(Place { rooms: Arc::clone(self), room, payer })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut rooms = self.rooms.lock();
        let occupants = rooms.entry(self.room).or_default();
        occupants.in_all = occupants.in_all.saturating_sub(1);
        if let Entry::Occupied(mut held) = occupants.by_payer.entry(Arc::clone(&self.payer)) {
            match held.get().saturating_sub(1) {
                0 => drop(held.remove()),
                left => drop(held.insert(left)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(rooms: &Arc<Rooms>, room: Room, address: &str) -> Vec<Place> {
        std::iter::from_fn(|| rooms.enter(room, Payer::Address(address)).ok()).take(10_000).collect()
    }

    #[test]
    fn one_caller_leaves_room_for_another_and_one_room_for_the_next() {
        let rooms = Arc::default();
        let first = taken(&rooms, Room::Unspecified, "1.1.1.1");
        assert_eq!(first.len(), bounds(Room::Unspecified).address);
        assert_eq!(taken(&rooms, Room::Unspecified, "1.1.1.2").len(), first.len());
        assert_eq!(taken(&rooms, Room::Webhook, "1.1.1.1").len(), bounds(Room::Webhook).address);
        drop(first);
        assert_eq!(taken(&rooms, Room::Unspecified, "1.1.1.1").len(), bounds(Room::Unspecified).address);
        assert!(rooms.lock().values().all(|room| room.in_all == 0 && room.by_payer.is_empty()), "nobody is remembered");
    }

    #[test]
    fn a_room_has_a_bound_in_all() {
        let rooms = Arc::default();
        let places: Vec<_> = (0..64).flat_map(|caller| taken(&rooms, Room::Webhook, &caller.to_string())).collect();
        assert_eq!(places.len(), bounds(Room::Webhook).in_all);
    }
}
