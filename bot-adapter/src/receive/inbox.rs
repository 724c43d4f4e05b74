//! Deals with updates: each once, those of a chat in order, those of different chats at the same time.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

use futures_util::{StreamExt as _, stream};
use metrics::counter;
use teloxide::{
    dispatching::UpdateHandler,
    dptree::{self, di::DependencyMap},
    types::{Update, UpdateKind},
};
use tokio::{sync::Semaphore, time::sleep};
use tracing::{debug, error, warn};

use crate::{
    backoff::Backoff,
    config::Limits,
    handlers::{App, Failure, RequestIds, apologise, schema},
};

/// Updates that are remembered as dealt with, so that one that comes again at once is not answered again.
const REMEMBERED_MAX: usize = 4_096;

/// Deals with updates. Request ids make an update that is repeated after a crash harmless in the core; within a process it
/// is not even looked at again.
pub(crate) struct Inbox {
    app: Arc<App>,
    handler: UpdateHandler<Failure>,
    chats: Mutex<HashMap<i64, Weak<tokio::sync::Mutex<()>>>>,
    remembered: Mutex<Remembered>,
    at_once: Semaphore,
    limits: Limits,
}

#[derive(Default)]
struct Remembered {
    ids: HashSet<u32>,
    order: VecDeque<u32>,
}

impl Inbox {
    pub(crate) fn new(app: Arc<App>, limits: Limits) -> Self {
        Self {
            app,
            handler: schema(),
            chats: Mutex::default(),
            remembered: Mutex::default(),
            at_once: Semaphore::new(limits.updates_at_once),
            limits,
        }
    }

    /// Deals with all updates of a batch.
    pub(crate) async fn deal_with_all(&self, updates: Vec<Update>) {
        let mut chats: Vec<(i64, Vec<Update>)> = Vec::new();
        let mut places = HashMap::new();
        for update in updates {
            let chat = chat_of(&update);
            let place = *places.entry(chat).or_insert_with(|| {
                chats.push((chat, Vec::new()));
                chats.len() - 1
            });
            if let Some((_, updates)) = chats.get_mut(place) {
                updates.push(update);
            }
        }
        stream::iter(chats)
            .for_each_concurrent(self.limits.updates_at_once, |(_, updates)| async {
                for update in updates {
                    self.deal_with(update).await;
                }
            })
            .await;
    }

    /// Deals with an update, after those of its chat that came before. It always comes to an end.
    pub(crate) async fn deal_with(&self, update: Update) {
        let chat = self.chat(chat_of(&update));
        let _in_order = chat.lock().await;
        let Ok(_permit) = self.at_once.acquire().await else {
            return;
        };
        if locked(&self.remembered).ids.contains(&update.id.0) {
            self.count(&update, "repeated");
            return;
        }
        let outcome = self.attempt(&update).await;
        self.count(&update, outcome);
        self.remember(update.id.0);
    }

    async fn attempt(&self, update: &Update) -> &'static str {
        let ids = RequestIds::new(self.app.telegram.bot_id(), update.id.0);
        let mut backoff = Backoff::new(&self.app.name, self.limits.pause_min, self.limits.pause_max);
        for attempt in 1..=self.limits.update_attempts.max(1) {
            let dependencies: DependencyMap = dptree::deps![update.clone(), Arc::clone(&self.app), ids];
            let failure = match self.handler.dispatch(dependencies).await {
                std::ops::ControlFlow::Break(Ok(())) => return "handled",
                std::ops::ControlFlow::Continue(_) => return "ignored",
                std::ops::ControlFlow::Break(Err(failure)) => failure,
            };
            match failure {
                Failure::Core(status)
                    if crate::core::is_transient(&status) && attempt < self.limits.update_attempts =>
                {
                    debug!(update.id = update.id.0, attempt, code = ?status.code(), "the core failed an update");
                    sleep(backoff.next()).await;
                }
                Failure::Core(status) => {
                    error!(update.id = update.id.0, %status, "an update is given up");
                    apologise(&self.app, update, &status).await;
                    return "failed";
                }
                Failure::Telegram(error) => {
                    warn!(update.id = update.id.0, %error, "Telegram took no answer to an update");
                    return "unanswered";
                }
            }
        }
        "failed"
    }

    fn chat(&self, chat: i64) -> Arc<tokio::sync::Mutex<()>> {
        let mut chats = locked(&self.chats);
        if let Some(lock) = chats.get(&chat).and_then(Weak::upgrade) {
            return lock;
        }
        let lock = Arc::default();
        chats.insert(chat, Arc::downgrade(&lock));
        if chats.len() > REMEMBERED_MAX {
            chats.retain(|_, lock| lock.strong_count() > 0);
        }
        lock
    }

    fn remember(&self, id: u32) {
        let mut remembered = locked(&self.remembered);
        if remembered.ids.insert(id) {
            remembered.order.push_back(id);
        }
        if remembered.order.len() > REMEMBERED_MAX
            && let Some(oldest) = remembered.order.pop_front()
        {
            remembered.ids.remove(&oldest);
        }
    }

    fn count(&self, update: &Update, outcome: &'static str) {
        let kind = match &update.kind {
            UpdateKind::Message(_) => "message",
            UpdateKind::CallbackQuery(_) => "callback_query",
            UpdateKind::MyChatMember(_) => "my_chat_member",
            _ => "other",
        };
        counter!("warung_bot_updates_total", "store" => self.app.store.clone(), "kind" => kind, "outcome" => outcome)
            .increment(1);
    }
}

/// The chat that an update is in order with; updates without one are in order with their sender.
fn chat_of(update: &Update) -> i64 {
    let sender = || update.from().map_or(0, |user| i64::try_from(user.id.0).unwrap_or(0));
    update.chat().map_or_else(sender, |chat| chat.id.0)
}

/// What these locks guard is whole between any two statements, so a panic elsewhere does not spoil it.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
