//! Deals with updates: each once, those of a chat in order, those of different chats at the same time.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    ops::ControlFlow,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

use metrics::counter;
use teloxide::{
    dispatching::UpdateHandler,
    dptree::{self, di::DependencyMap},
    types::{Update, UpdateKind},
};
use tokio::{sync::Semaphore, time::sleep};
use tracing::{debug, info, warn};

use super::reader::{self, Reading};

use crate::{
    config::Limits,
    handlers::{App, Failure, Patience, RequestIds, apologise, give_up, schema},
    words::Key,
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

    /// Deals with updates of one chat in their order, after those of it that came before. It always comes to an end.
    pub(crate) async fn deal_with(&self, updates: Vec<Update>) {
        let Some(first) = updates.first() else {
            return;
        };
        let chat = self.chat(chat_of(first));
        let _in_order = chat.lock().await;
        for update in updates {
            if self.remembers(update.id.0) {
                self.count(&update, "repeated");
                continue;
            }
            let outcome = self.attempt(&update).await;
            self.count(&update, outcome);
            self.remember(update.id.0);
        }
    }

    /// Reads an update that Telegram brought: its number, and the update unless it is left out, which is told here. `None`
    /// for what is no update.
    pub(super) fn read(&self, update: serde_json::Value) -> Option<(i64, Option<Update>)> {
        match reader::read(update) {
            Reading::Update(update) => Some((i64::from(update.id.0), Some(*update))),
            Reading::LeftOut { id, name } => {
                info!(update.id = id, name, "an update is left out: it is of no kind that is known here");
                self.count_kind("left_out", "ignored");
                Some((id, None))
            }
            Reading::Nothing => None,
        }
    }

    /// Whether an update was dealt with, as far back as is remembered.
    pub(super) fn remembers(&self, id: u32) -> bool {
        locked(&self.remembered).ids.contains(&id)
    }

    /// An answer that Telegram does not take now is tried again, with the whole update: its request ids make that harmless.
    async fn attempt(&self, update: &Update) -> &'static str {
        let mut patience = Patience::new(&format!("{}:{}", self.app.name, update.id.0), &self.limits);
        loop {
            let failure = match self.dispatch(update).await {
                ControlFlow::Break(Ok(())) => return "handled",
                ControlFlow::Continue(_) => return "ignored",
                ControlFlow::Break(Err(failure)) => failure,
            };
            if let Some(pause) = patience.after(&failure) {
                debug!(update.id = update.id.0, %failure, ?pause, "an update is tried again");
                sleep(pause).await;
                continue;
            }
            return match failure {
                Failure::Core(status) => {
                    let key = give_up(&status, "an update is given up");
                    apologise(&self.app, update, key).await;
                    "failed"
                }
                Failure::Telegram(error) => {
                    warn!(update.id = update.id.0, %error, "Telegram took no answer to an update");
                    // What Telegram refuses to show is no reason for silence.
                    if error.is_refused() {
                        apologise(&self.app, update, Key::Trouble).await;
                    }
                    "unanswered"
                }
            };
        }
    }

    /// One attempt. Only these are counted at once: an update that waits for another attempt holds up its own chat alone.
    async fn dispatch(&self, update: &Update) -> ControlFlow<Result<(), Failure>, DependencyMap> {
        let ids = RequestIds::new(self.app.telegram.bot_id(), update.id.0);
        let dependencies: DependencyMap = dptree::deps![update.clone(), Arc::clone(&self.app), ids];
        // It is never closed.
        let _place = self.at_once.acquire().await;
        self.handler.dispatch(dependencies).await
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
        self.count_kind(kind, outcome);
    }

    fn count_kind(&self, kind: &'static str, outcome: &'static str) {
        counter!("warung_bot_updates_total", "store" => self.app.store.clone(), "kind" => kind, "outcome" => outcome)
            .increment(1);
    }
}

/// The chat that an update is in order with; updates without one are in order with their sender.
pub(super) fn chat_of(update: &Update) -> i64 {
    let sender = || update.from().map_or(0, |user| i64::try_from(user.id.0).unwrap_or(0));
    update.chat().map_or_else(sender, |chat| chat.id.0)
}

/// What these locks guard is whole between any two statements, so a panic elsewhere does not spoil it.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
