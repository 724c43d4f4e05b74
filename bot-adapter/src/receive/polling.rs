//! Long polling, while this worker holds the lease.

use std::{sync::Arc, time::Duration};

use metrics::counter;
use serde::de::IgnoredAny;
use serde_json::{Value, json};
use teloxide::{payloads::DeleteWebhook, types::Update};
use tokio::{
    sync::watch,
    time::{Instant, sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};
use warung_proto::messaging::Bot;

use super::{
    Inbox, allowed_updates,
    in_hand::InHand,
    lease::{self, Held, Lease},
};
use crate::{
    alarm::{Alarm, Alert},
    backoff::Backoff,
    config::Limits,
    core::Core,
    drain::drained,
    telegram::{CallError, Telegram},
};

/// How much longer than Telegram was asked to hold a poll its answer may take.
const POLL_GRACE: Duration = Duration::from_secs(10);
/// The most updates that a poll brings.
const PAGE: usize = 100;
/// How long updates under way hold up the next poll, so that a chat that waits for Telegram holds up no other.
const LINGER: Duration = Duration::from_secs(1);
/// How long telling Telegram what was dealt with may take when polling ends.
const CONFIRM_TIMEOUT: Duration = Duration::from_secs(2);

/// When Telegram lets the bot wait for longer, the owner is told.
const LONG_PAUSE: Duration = Duration::from_mins(1);

/// Polls for the updates of the main bot.
pub(crate) struct Polling {
    pub telegram: Telegram,
    pub core: Core,
    pub inbox: Arc<Inbox>,
    pub alarm: Alarm,
    pub worker_id: String,
    pub store: String,
    pub limits: Limits,
}

/// What a holder of the lease remembers between polls.
struct Progress {
    /// The update after the last that was taken in; 0 before any.
    taken: i64,
    /// The first update that Telegram shall bring; 0 before any. What it was not told of comes again after a crash.
    offset: i64,
    backoff: Backoff,
    /// Since when another program polls.
    conflict_since: Option<Instant>,
}

/// What a poll brought.
#[derive(Default)]
struct Page {
    updates: Vec<Update>,
    /// The highest number in it, of what was left out as well; `None` when it was empty.
    last: Option<i64>,
    /// There may be more behind it.
    full: bool,
}

impl Polling {
    /// Polls until the shutdown, deals with what it has, and gives the lease back.
    pub(crate) async fn run(self, shutdown: CancellationToken) {
        let (sender, receiver) = watch::channel(None);
        let stopped = CancellationToken::new();
        let lease = Lease {
            bot: Bot::Main,
            core: self.core.clone(),
            worker_id: self.worker_id.clone(),
            limits: self.limits.clone(),
        };
        let poll = async {
            self.poll(receiver, &shutdown).await;
            stopped.cancel();
        };
        tokio::join!(lease.keep(sender, stopped.clone()), poll);
    }

    async fn poll(&self, mut held: watch::Receiver<Held>, shutdown: &CancellationToken) {
        let mut in_hand = InHand::new(Arc::clone(&self.inbox));
        let mut taken = 0;
        while shutdown.run_until_cancelled(lease::acquired(&mut held)).await.is_some() {
            taken = self.poll_while_held(&held, &mut in_hand, shutdown).await;
        }
        tokio::select! {
            () = in_hand.finish() => {}
            // What is cut short here comes again, to whoever polls next.
            () = drained(shutdown, self.limits.drain) => {}
        }
        self.confirm(&held, in_hand.first().map_or(taken, i64::from)).await;
    }

    /// Answers the update after the last that was taken in.
    async fn poll_while_held(
        &self,
        held: &watch::Receiver<Held>,
        in_hand: &mut InHand,
        shutdown: &CancellationToken,
    ) -> i64 {
        let mut progress = Progress {
            taken: 0,
            offset: 0,
            backoff: Backoff::new(&self.worker_id, self.limits.pause_min, self.limits.pause_max),
            conflict_since: None,
        };
        let mut webhook_gone = false;
        loop {
            // Only the waiting is given up when the lease is lost: updates in hand are dealt with to their end.
            let page = tokio::select! {
                biased;
                () = shutdown.cancelled() => break,
                () = lease::lost(held.clone()) => break,
                page = self.fetch(&mut progress, &mut webhook_gone) => page,
            };
            let Some(last) = page.last else {
                continue;
            };
            progress.taken = last.saturating_add(1);
            let any_new = in_hand.take(page.updates);
            tokio::select! {
                () = in_hand.finish() => {}
                () = sleep(LINGER) => {}
                () = shutdown.cancelled() => {}
            }
            // A page full of what is known hides what came after it: then the few that wait come again no more.
            let hidden = page.full && !any_new && in_hand.count() <= self.limits.updates_at_once;
            progress.offset = match in_hand.first() {
                Some(first) if !hidden => i64::from(first),
                _ => progress.taken,
            };
        }
        progress.taken
    }

    /// Waits for updates; empty when none came or the call failed, after the pause that the failure asks for.
    async fn fetch(&self, progress: &mut Progress, webhook_gone: &mut bool) -> Page {
        match self.try_fetch(progress.offset, webhook_gone).await {
            Ok(page) => {
                progress.backoff.reset();
                progress.conflict_since = None;
                // All were confirmed. After a week without updates Telegram may go on with a lower number.
                if page.last.is_none() {
                    progress.offset = 0;
                }
                page
            }
            Err(error) => {
                let pause = self.after_failure(progress, &error).await;
                sleep(pause).await;
                Page::default()
            }
        }
    }

    async fn try_fetch(&self, offset: i64, webhook_gone: &mut bool) -> Result<Page, CallError> {
        if !*webhook_gone {
            // With a webhook set, every poll would be answered 409.
            self.telegram.call(&DeleteWebhook::new()).await?;
            *webhook_gone = true;
        }
        let wait = self.limits.poll_wait.as_secs();
        let mut parameters = json!({"timeout": wait, "limit": PAGE, "allowed_updates": allowed_updates()});
        if offset > 0
            && let Some(parameters) = parameters.as_object_mut()
        {
            parameters.insert("offset".to_owned(), json!(offset));
        }
        let timeout = self.limits.poll_wait + POLL_GRACE;
        let brought: Vec<Value> = self.telegram.call_method("GetUpdates", &parameters, timeout).await?;
        let full = brought.len() >= PAGE;
        let any = !brought.is_empty();
        let read: Vec<_> = brought.into_iter().filter_map(|update| self.inbox.read(update)).collect();
        let last = read.iter().map(|(id, _)| *id).max();
        if any && last.is_none() {
            // They would come again at once.
            return Err(CallError::Unknown("Telegram brought updates without a number".to_owned()));
        }
        Ok(Page { updates: read.into_iter().filter_map(|(_, update)| update).collect(), last, full })
    }

    async fn after_failure(&self, progress: &mut Progress, error: &CallError) -> Duration {
        let pause = progress.backoff.next();
        warn!(%error, "Telegram gave no updates");
        counter!("warung_bot_poll_failures_total", "store" => self.store.clone(), "code" => error.code().to_string())
            .increment(1);
        match error {
            CallError::Refused { code: 429, retry_after, .. } => {
                let pause = retry_after.unwrap_or(pause).max(pause);
                if pause > LONG_PAUSE {
                    self.alarm.raise(Alert::ToldToWait(Bot::Main, pause)).await;
                }
                pause
            }
            CallError::Refused { code: 409, .. } => {
                let since = *progress.conflict_since.get_or_insert_with(Instant::now);
                if since.elapsed() >= self.limits.conflict_alert_after {
                    self.alarm.raise(Alert::PolledElsewhere(Bot::Main)).await;
                }
                pause
            }
            error if error.is_token_refused() => {
                self.alarm.raise(Alert::TokenRefused(Bot::Main)).await;
                self.limits.token_pause
            }
            _ => pause,
        }
    }

    /// Tells Telegram what was dealt with, so that the next holder does not get it again. Telegram learns it from an offset
    /// alone; what this call brings is left for the next holder. Nothing is told once the lease is over.
    async fn confirm(&self, held: &watch::Receiver<Held>, offset: i64) {
        let still_held = held.borrow().is_some_and(|until| until > Instant::now());
        if offset == 0 || !still_held {
            return;
        }
        let parameters = json!({"offset": offset, "timeout": 0, "limit": 1, "allowed_updates": allowed_updates()});
        let call = self.telegram.call_method::<Vec<IgnoredAny>>("GetUpdates", &parameters, CONFIRM_TIMEOUT);
        if !matches!(timeout(CONFIRM_TIMEOUT, call).await, Ok(Ok(_))) {
            info!("Telegram was not told of the last updates; the next worker sees them again");
        }
    }
}
