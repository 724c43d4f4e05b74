//! Who waits in this process for the end of a delivery.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::watch;
use uuid::Uuid;

/// Waiting callers, by what they wait for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Waiters(Arc<Mutex<HashMap<Uuid, watch::Sender<()>>>>);

/// A place among the waiting; it is given up with the value.
pub(crate) struct Waiter {
    waiters: Waiters,
    id: Uuid,
    told: watch::Receiver<()>,
}

impl Waiters {
    fn lock(&self) -> MutexGuard<'_, HashMap<Uuid, watch::Sender<()>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for `id` from now on: whoever looks first and waits later may miss it.
    pub(crate) fn wait_for(&self, id: Uuid) -> Waiter {
        let told = self.lock().entry(id).or_insert_with(|| watch::Sender::new(())).subscribe();
        Waiter { waiters: self.clone(), id, told }
    }

    /// Tells all who wait for `id`.
    pub(crate) fn tell(&self, id: Uuid) {
        if let Some(sender) = self.lock().get(&id) {
            sender.send_replace(());
        }
    }
}

impl Waiter {
    /// Ends when `id` has been told of since the last call.
    pub(crate) async fn told(&mut self) {
        // The sender lives as long as a waiter does, so this ends with a change alone.
        let _ = self.told.changed().await;
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        let mut waiters = self.waiters.lock();
        if waiters.get(&self.id).is_some_and(|sender| sender.receiver_count() <= 1) {
            waiters.remove(&self.id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_told_between_looking_and_waiting_is_not_missed() {
        let waiters = Waiters::default();
        let mut one = waiters.wait_for(Uuid::nil());
        let mut other = waiters.wait_for(Uuid::nil());
        waiters.tell(Uuid::nil());
        one.told().await;
        other.told().await;
        drop(one);
        assert_eq!(waiters.lock().len(), 1);
        drop(other);
        assert!(waiters.lock().is_empty());
    }
}
