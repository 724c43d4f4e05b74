//! The deliveries that are under way.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;

/// The core takes the names of no more.
const HELD_MAX: usize = 500;

/// The deliveries that are under way, up to a number.
pub(super) struct Held {
    shared: Arc<Shared>,
    capacity: usize,
}

#[derive(Default)]
struct Shared {
    ids: Mutex<HashSet<String>>,
    freed: Notify,
}

impl Shared {
    fn ids(&self) -> MutexGuard<'_, HashSet<String>> {
        self.ids.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The place of a delivery, which is free again when this is dropped.
pub(super) struct Hold {
    shared: Arc<Shared>,
    id: String,
}

impl Held {
    pub(super) fn new(capacity: usize) -> Self {
        Self { shared: Arc::default(), capacity: capacity.clamp(1, HELD_MAX) }
    }

    /// How many more there is room for, once there is room for one.
    pub(super) async fn room(&self) -> usize {
        loop {
            let freed = self.shared.freed.notified();
            let room = self.capacity.saturating_sub(self.shared.ids().len());
            if room > 0 {
                return room;
            }
            freed.await;
        }
    }

    /// Their ids.
    pub(super) fn ids(&self) -> Vec<String> {
        self.shared.ids().iter().cloned().collect()
    }

    /// Takes a place; `None` when it is under way already.
    pub(super) fn take(&self, id: &str) -> Option<Hold> {
        let is_new = self.shared.ids().insert(id.to_owned());
        is_new.then(|| Hold { shared: Arc::clone(&self.shared), id: id.to_owned() })
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.shared.ids().remove(&self.id);
        self.shared.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_delivery_is_under_way_once_and_its_place_is_free_afterwards() {
        let held = Held::new(2);
        let one = held.take("dlv_1").expect("a place");
        assert!(held.take("dlv_1").is_none());
        let _two = held.take("dlv_2").expect("a place");
        let (room, ()) = tokio::join!(held.room(), async {
            tokio::task::yield_now().await;
            drop(one);
        });
        assert_eq!((room, held.ids()), (1, vec!["dlv_2".to_owned()]));
    }
}
