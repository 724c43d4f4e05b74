//! Who waits in this process for the end of a delivery.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::watch;
use uuid::Uuid;

/// What a waiting caller is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum News {
    /// What was waited for was done, and nothing else is to be known of it.
    Done,
    /// There is something to look at.
    Look,
}

/// Waiting callers, by what they wait for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Waiters(Arc<Mutex<HashMap<Uuid, watch::Sender<News>>>>);

/// A place among the waiting; it is given up with the value.
pub(crate) struct Waiter {
    waiters: Waiters,
    id: Uuid,
    told: watch::Receiver<News>,
}

impl Waiters {
    fn lock(&self) -> MutexGuard<'_, HashMap<Uuid, watch::Sender<News>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for `id` from now on: whoever looks first and waits later may miss it.
    pub(crate) fn wait_for(&self, id: Uuid) -> Waiter {
        let told = self.lock().entry(id).or_insert_with(|| watch::Sender::new(News::Look)).subscribe();
        Waiter { waiters: self.clone(), id, told }
    }

    /// Tells all who wait for `id` that there is something to look at.
    pub(crate) fn tell(&self, id: Uuid) {
        self.send(id, News::Look);
    }

    /// Tells all who wait for `id` that it was done, so that nobody needs to look.
    pub(crate) fn tell_done(&self, id: Uuid) {
        self.send(id, News::Done);
    }

    fn send(&self, id: Uuid, news: News) {
        if let Some(sender) = self.lock().get(&id) {
            sender.send_replace(news);
        }
    }
}

impl Waiter {
    /// Ends when `id` has been told of since the last call, with what was told last.
    pub(crate) async fn told(&mut self) -> News {
        // The sender lives as long as a waiter does, so this ends with a change alone.
        let _ = self.told.changed().await;
        *self.told.borrow_and_update()
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
        assert_eq!(one.told().await, News::Look);
        waiters.tell_done(Uuid::nil());
        assert_eq!((one.told().await, other.told().await), (News::Done, News::Done));
        drop(one);
        assert_eq!(waiters.lock().len(), 1);
        drop(other);
        assert!(waiters.lock().is_empty());
    }
}
