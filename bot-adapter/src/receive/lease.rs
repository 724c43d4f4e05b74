//! The right to poll: kept while this worker holds it, and asked for while another does.

use std::time::Duration;

use tokio::{
    sync::watch,
    time::{Instant, sleep, sleep_until},
};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};
use warung_proto::messaging::Bot;

use crate::{backoff::Backoff, config::Limits, core::Core};

/// Until when this worker may poll; `None` when it may not.
pub(super) type Held = Option<Instant>;

/// Keeps the lease until it is told to stop, and then gives it back.
pub(super) struct Lease {
    pub bot: Bot,
    pub core: Core,
    pub worker_id: String,
    pub limits: Limits,
}

impl Lease {
    /// Says in `held` until when this worker may poll. `stopped` ends it, once nobody polls any more.
    pub(super) async fn keep(&self, held: watch::Sender<Held>, stopped: CancellationToken) {
        let mut backoff = Backoff::new(&self.worker_id, self.limits.pause_min, self.limits.lease_retry);
        while stopped.run_until_cancelled(self.renew(&held, &mut backoff)).await.is_some() {}
        if held.borrow().is_some()
            && let Err(status) = self.core.release_polling_lease(self.bot, &self.worker_id).await
        {
            warn!(code = ?status.code(), "the polling lease could not be given back; it ends by itself");
        }
    }

    async fn renew(&self, held: &watch::Sender<Held>, backoff: &mut Backoff) {
        // The time counts from before the call, so that this worker never thinks it holds the lease for longer than the core.
        let asked = Instant::now();
        let answer = match self.core.acquire_polling_lease(self.bot, &self.worker_id).await {
            Ok(answer) => answer,
            Err(status) => {
                warn!(code = ?status.code(), "the core gave no word of the polling lease");
                sleep(backoff.next()).await;
                return;
            }
        };
        backoff.reset();
        let remaining = answer.remaining.and_then(|remaining| Duration::try_from(remaining).ok()).unwrap_or_default();
        // The last tenth is left unused: a getUpdates that is given up must have ended at Telegram before another begins.
        let until = answer.held.then(|| asked + remaining.saturating_sub(remaining / 10));
        if held.borrow().is_some() != until.is_some() {
            info!(bot = self.bot.as_str_name(), held = answer.held, "polling lease");
        }
        held.send_replace(until);
        let pause = if answer.held { remaining / 3 } else { remaining.min(self.limits.lease_retry) };
        // An answer without a time must not make a loop of calls.
        sleep(pause.max(self.limits.pause_min)).await;
    }
}

/// Waits until this worker may poll.
pub(super) async fn acquired(held: &mut watch::Receiver<Held>) {
    // The sender lives as long as whoever waits here.
    let _ = held.wait_for(|held| held.is_some_and(|until| until > Instant::now())).await;
}

/// Waits until this worker may not poll any more.
pub(super) async fn lost(mut held: watch::Receiver<Held>) {
    loop {
        let Some(until) = *held.borrow_and_update() else {
            return;
        };
        tokio::select! {
            changed = held.changed() => if changed.is_err() { return },
            () = sleep_until(until) => return,
        }
    }
}
