//! The updates that polling has taken in and that are being dealt with.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use teloxide::types::Update;
use tokio::task::{Id, JoinSet};
use tracing::error;

use super::inbox::{Inbox, chat_of};

/// Updates under way. They are cut off when this is dropped.
pub(super) struct InHand {
    inbox: Arc<Inbox>,
    tasks: JoinSet<()>,
    /// By the task that deals with them.
    ids: HashMap<Id, Vec<u32>>,
}

impl InHand {
    pub(super) fn new(inbox: Arc<Inbox>) -> Self {
        Self { inbox, tasks: JoinSet::new(), ids: HashMap::new() }
    }

    /// Begins to deal with those that are new; `false` when none is. Telegram gives an update again until it was told that
    /// it was dealt with.
    pub(super) fn take(&mut self, updates: Vec<Update>) -> bool {
        let known: HashSet<u32> = self.ids.values().flatten().copied().collect();
        let mut chats: HashMap<i64, Vec<Update>> = HashMap::new();
        for update in updates {
            if !known.contains(&update.id.0) && !self.inbox.remembers(update.id.0) {
                chats.entry(chat_of(&update)).or_default().push(update);
            }
        }
        let any = !chats.is_empty();
        for updates in chats.into_values() {
            let ids = updates.iter().map(|update| update.id.0).collect();
            let inbox = Arc::clone(&self.inbox);
            let task = self.tasks.spawn(async move { inbox.deal_with(updates).await });
            self.ids.insert(task.id(), ids);
        }
        any
    }

    /// Waits until all are dealt with. The waiting may be given up at any time.
    pub(super) async fn finish(&mut self) {
        while let Some(ended) = self.tasks.join_next_with_id().await {
            let id = match ended {
                Ok((id, ())) => id,
                Err(error) => {
                    error!(%error, "updates of a chat are given up: dealing with one broke down");
                    error.id()
                }
            };
            self.ids.remove(&id);
        }
    }

    /// The first that is not dealt with.
    pub(super) fn first(&self) -> Option<u32> {
        self.ids.values().flatten().copied().min()
    }

    /// How many there are, with those of the same chat and batch that were dealt with.
    pub(super) fn count(&self) -> usize {
        self.ids.values().map(Vec::len).sum()
    }
}
