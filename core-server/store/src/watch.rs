//! One watch a process, for all who wait for a row to change.
//!
//! A transaction notes what it changes, and its commit tells those who wait in this process. Where there may be other
//! processes (PostgreSQL), [`postgres`] tells them, and asks the database now and then for all who wait.

pub(crate) mod postgres;

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::sync::{Notify, watch};
use uuid::Uuid;
use warung_domain::message::Bot;

/// What can be waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Topic {
    /// The deliveries of a bot: one may be due that was not before.
    Deliveries(Bot),
    /// An order. Its mark is its version.
    Order(Uuid),
    /// A request for a film. Its mark is 0 as long as it is queued.
    TitleRequest(Uuid),
}

/// What those who wait are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// There is something to look at.
    Changed,
    /// The film has arrived, and nothing else is to be known of its request.
    Arrived,
}

/// How many commits have written deliveries of a bot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// In this process.
    pub here: u64,
    /// How often another process seems to have written some.
    pub elsewhere: u64,
}

/// The watch of a store. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Watch(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    deliveries: HashMap<Bot, watch::Sender<Written>>,
    rows: Mutex<HashMap<Topic, Waited>>,
    commits: AtomicU64,
    /// What other processes have still to be told of; `None`: there are none.
    untold: Option<Untold>,
}

/// A row that is waited for.
#[derive(Debug)]
struct Waited {
    news: watch::Sender<News>,
    /// The mark that it had when somebody who waits looked at it last.
    seen: Option<i64>,
}

#[derive(Debug, Default)]
struct Untold {
    topics: Mutex<HashSet<Topic>>,
    /// There is something to tell.
    more: Notify,
}

/// A place among those who wait for a row; it is given up with the value.
#[derive(Debug)]
pub struct Waiter {
    watch: Watch,
    topic: Topic,
    news: watch::Receiver<News>,
}

impl Default for Inner {
    fn default() -> Self {
        let deliveries = Bot::ALL.into_iter().map(|bot| (bot, watch::Sender::default())).collect();
        Self { deliveries, rows: Mutex::default(), commits: AtomicU64::new(0), untold: None }
    }
}

impl Watch {
    /// The watch of a store that other processes may change, too.
    pub(crate) fn shared() -> Self {
        Self(Arc::new(Inner { untold: Some(Untold::default()), ..Inner::default() }))
    }

    fn rows(&self) -> MutexGuard<'_, HashMap<Topic, Waited>> {
        self.0.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a row from now on: whoever looks first and waits later may miss a change.
    #[must_use]
    pub fn wait_for(&self, topic: Topic) -> Waiter {
        let new = || Waited { news: watch::Sender::new(News::Changed), seen: None };
        let news = self.rows().entry(topic).or_insert_with(new).news.subscribe();
        Waiter { watch: self.clone(), topic, news }
    }

    /// Tells of every commit that may have made a delivery of a bot due.
    #[must_use]
    pub fn deliveries(&self, bot: Bot) -> watch::Receiver<Written> {
        // All bots are there.
        self.0.deliveries.get(&bot).map_or_else(|| watch::Sender::default().subscribe(), watch::Sender::subscribe)
    }

    /// How many commits of this process have been told of.
    #[must_use]
    pub fn commits(&self) -> u64 {
        self.0.commits.load(Ordering::SeqCst)
    }

    /// Transactions of this process that changed these have been committed.
    pub(crate) fn committed(&self, changes: &[(Topic, News)]) {
        self.0.commits.fetch_add(1, Ordering::SeqCst);
        for (topic, news) in changes {
            match topic {
                Topic::Deliveries(bot) => self.written(*bot, |written| &mut written.here),
                row => self.tell(row, *news),
            }
        }
        if let Some(untold) = &self.0.untold
            && !changes.is_empty()
        {
            let mut topics = untold.topics.lock().unwrap_or_else(PoisonError::into_inner);
            topics.extend(changes.iter().map(|(topic, _)| topic));
            untold.more.notify_one();
        }
    }

    /// Another process may have changed this.
    fn changed_elsewhere(&self, topic: Topic) {
        match topic {
            Topic::Deliveries(bot) => self.written(bot, |written| &mut written.elsewhere),
            row => self.tell(&row, News::Changed),
        }
    }

    fn tell(&self, row: &Topic, news: News) {
        if let Some(waited) = self.rows().get(row) {
            waited.news.send_replace(news);
        }
    }

    fn written(&self, bot: Bot, count: impl Fn(&mut Written) -> &mut u64) {
        if let Some(deliveries) = self.0.deliveries.get(&bot) {
            deliveries.send_modify(|written| *count(written) = count(written).wrapping_add(1));
        }
    }
}

impl Waiter {
    /// Ends when the row has changed since the last call, with what was told last. `seen`: the mark that the caller saw at
    /// its last look.
    pub async fn changed(&mut self, seen: i64) -> News {
        if let Some(waited) = self.watch.rows().get_mut(&self.topic) {
            let before = waited.seen.replace(seen);
            let is_told = self.news.has_changed().unwrap_or_default();
            if before.is_some_and(|before| before != seen) {
                // Of two who look one may see a change that nobody was told of.
                waited.news.send_replace(News::Changed);
                if !is_told {
                    self.news.mark_unchanged();
                }
            }
        }
        // The sender lives as long as a waiter does, so this ends with a change alone.
        let _ = self.news.changed().await;
        *self.news.borrow_and_update()
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        let mut rows = self.watch.rows();
        if rows.get(&self.topic).is_some_and(|waited| waited.news.receiver_count() <= 1) {
            rows.remove(&self.topic);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    const ORDER: Topic = Topic::Order(Uuid::nil());

    #[tokio::test]
    async fn what_changes_between_looking_and_waiting_is_not_missed() {
        let watch = Watch::default();
        let mut one = watch.wait_for(ORDER);
        let mut other = watch.wait_for(ORDER);
        watch.committed(&[(ORDER, News::Changed)]);
        assert_eq!(one.changed(1).await, News::Changed);
        watch.committed(&[(ORDER, News::Arrived)]);
        assert_eq!((one.changed(1).await, other.changed(1).await), (News::Arrived, News::Arrived));
        drop(one);
        assert_eq!(watch.rows().len(), 1);
        drop(other);
        assert!(watch.rows().is_empty(), "nobody is remembered");
    }

    #[tokio::test]
    async fn whoever_sees_a_change_that_nobody_was_told_of_tells_the_others_and_not_themselves() {
        let watch = Watch::default();
        let (mut one, mut other) = (watch.wait_for(ORDER), watch.wait_for(ORDER));
        assert_eq!(one.changed(1).now_or_never(), None);
        assert_eq!(other.changed(2).now_or_never(), None);
        assert_eq!(one.changed(2).now_or_never(), Some(News::Changed));
        assert_eq!((one.changed(2).now_or_never(), other.changed(2).now_or_never()), (None, None));
    }

    #[test]
    fn deliveries_tell_who_wrote_them() {
        let watch = Watch::default();
        let (main, owner) = (watch.deliveries(Bot::Main), watch.deliveries(Bot::Owner));
        watch.committed(&[(Topic::Deliveries(Bot::Main), News::Changed)]);
        watch.changed_elsewhere(Topic::Deliveries(Bot::Main));
        watch.changed_elsewhere(Topic::Deliveries(Bot::Main));
        assert_eq!(*main.borrow(), Written { here: 1, elsewhere: 2 });
        assert!(!owner.has_changed().unwrap());
    }
}
