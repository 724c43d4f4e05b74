//! Deliveries: claimed from the core, sent to Telegram, reported.
//!
//! One loop claims, as long as there is room for more under way, and names what it holds already. Every delivery is sent by
//! a task of its own (the core leases at most one a chat), so that a Telegram that hangs for one user holds up nobody else.
//! Another loop reports each as soon as its outcome is known, those that finished meanwhile together. A delivery keeps its
//! place until the core took its report, which bounds what waits here while the core can't be reached.

mod edit;
mod files;
mod held;
mod keyboard;
mod made;
mod pictures;
mod send;

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use metrics::counter;
use prost_types::Duration as ProtoDuration;
use tokio::{
    sync::{mpsc, watch},
    time::{Instant, sleep, sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;
use tracing::{debug, error, warn};
use warung_proto::messaging::{
    Bot, ClaimDeliveriesRequest, ClaimDeliveriesResponse, Delivery, DeliveryReport, Refused, delivery_report::Outcome,
    report_deliveries_response::Acceptance,
};

use crate::{
    alarm::{Alarm, Alert},
    backoff::Backoff,
    config::Limits,
    core::{Core, is_transient},
    drain::drained,
    telegram::{Telegram, classify},
};

pub(crate) use files::Files;
use held::{Held, Hold};
pub(crate) use pictures::Pictures;
pub(crate) use send::{Sender, Target};

/// Reports that one call carries at most.
const REPORTS_MAX: usize = 100;
/// How long a report waits for what was claimed with it: it mostly ends together, and is written together then.
const REPORT_TOGETHER: Duration = Duration::from_millis(2);

/// The deliveries of one bot.
pub(crate) struct Deliveries {
    pub bot: Bot,
    pub telegram: Telegram,
    pub sender: Arc<Sender>,
    pub core: Core,
    pub alarm: Alarm,
    pub worker_id: String,
    pub store: String,
    pub limits: Limits,
}

/// What became of a delivery, and its place until the core knows.
struct Done {
    report: DeliveryReport,
    claimed: Claimed,
    _place: Hold,
}

/// How many of the deliveries that were claimed together have not come to be reported yet.
#[derive(Clone)]
struct Claimed(Arc<AtomicUsize>);

impl Claimed {
    fn all(count: usize) -> Self {
        Self(Arc::new(AtomicUsize::new(count)))
    }

    fn one_came(&self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }

    fn are_complete(&self) -> bool {
        self.0.load(Ordering::Relaxed) == 0
    }
}

impl Deliveries {
    /// Works until the shutdown, and then until what is under way is reported or the time to drain is over.
    pub(crate) async fn run(self, shutdown: CancellationToken) {
        let (sender, receiver) = mpsc::channel(self.limits.deliveries_at_once.max(1));
        let held = Held::new(self.limits.deliveries_at_once);
        // When Telegram refuses the token, nothing is claimed before this time.
        let (not_before, claim_not_before) = watch::channel(None);
        tokio::join!(
            self.claim_all(&held, sender, claim_not_before, &shutdown),
            self.report_all(receiver, not_before, &shutdown)
        );
    }

    async fn claim_all(
        &self,
        held: &Held,
        done: mpsc::Sender<Done>,
        not_before: watch::Receiver<Option<Instant>>,
        shutdown: &CancellationToken,
    ) {
        let mut backoff = Backoff::new(&self.worker_id, self.limits.pause_min, self.limits.pause_max);
        // Of a worker that starts, or that heard nothing, some may be under way.
        let mut holds_all = false;
        let mut claim = async || {
            let until = *not_before.borrow();
            if let Some(until) = until {
                sleep_until(until).await;
            }
            let room = held.room().await;
            let claimed = self.claim(held, room, holds_all).await;
            // An answer that had no room for all that was lost is no whole answer.
            holds_all = claimed.as_ref().is_ok_and(|claimed| !claimed.has_more_lost);
            match claimed {
                Ok(claimed) => {
                    backoff.reset();
                    claimed.deliveries
                }
                Err(status) => {
                    let pause = backoff.next();
                    warn!(bot = self.bot.as_str_name(), code = ?status.code(), ?pause, "the core gave no deliveries");
                    sleep(pause).await;
                    Vec::new()
                }
            }
        };
        while let Some(deliveries) = shutdown.run_until_cancelled(claim()).await {
            let count = deliveries.len();
            let new: Vec<_> = deliveries
                .into_iter()
                .filter_map(|delivery| held.take(&delivery.delivery_id).map(|place| (delivery, place)))
                .collect();
            let repeated = count.saturating_sub(new.len());
            let claimed = Claimed::all(new.len());
            for (delivery, place) in new {
                self.start(delivery, place, claimed.clone(), done.clone());
            }
            if repeated > 0 {
                // The core has been told what is under way here; one that names it again must not be asked in a loop.
                warn!(bot = self.bot.as_str_name(), repeated, "the core gave deliveries that are under way");
                sleep(self.limits.pause_min).await;
            }
        }
    }

    async fn claim(&self, held: &Held, room: usize, holds_all: bool) -> Result<ClaimDeliveriesResponse, tonic::Status> {
        let wait = self.limits.claim_wait;
        let request = ClaimDeliveriesRequest {
            bot: self.bot.into(),
            worker_id: self.worker_id.clone(),
            max_deliveries: i32::try_from(room).unwrap_or(i32::MAX).min(self.limits.batch),
            wait: ProtoDuration::try_from(wait).ok(),
            bot_id: self.telegram.bot_id(),
            held_delivery_ids: held.ids(),
            holds_all,
        };
        self.core.claim(request, wait).await
    }

    fn start(&self, delivery: Delivery, place: Hold, claimed: Claimed, done: mpsc::Sender<Done>) {
        let sender = Arc::clone(&self.sender);
        let time = self.limits.delivery_timeout;
        tokio::spawn(async move {
            let outcome = timeout(time, sender.carry_out(&delivery)).await.unwrap_or_else(|_| {
                let description = "it took too long".to_owned();
                Outcome::Uncertain(Refused { description, ..Refused::default() })
            });
            let Delivery { delivery_id, attempt, .. } = delivery;
            let report = DeliveryReport { delivery_id, attempt, outcome: Some(outcome) };
            // Nobody listens any more when the time to drain is over: the lease ends, and it is sent again.
            let _ = done.send(Done { report, claimed, _place: place }).await;
        });
    }

    async fn report_all(
        &self,
        mut done: mpsc::Receiver<Done>,
        not_before: watch::Sender<Option<Instant>>,
        shutdown: &CancellationToken,
    ) {
        let mut backoff = Backoff::new(&self.worker_id, self.limits.pause_min, self.limits.pause_max);
        let mut unreported = Vec::new();
        let work = async {
            while gather(&mut done, &mut unreported).await {
                if self.report(&unreported, &not_before).await {
                    unreported.clear();
                    backoff.reset();
                } else {
                    sleep(backoff.next()).await;
                }
            }
        };
        tokio::select! {
            () = work => {}
            () = drained(shutdown, self.limits.drain) => warn!(bot = self.bot.as_str_name(), "left without having reported all; some may come again"),
        }
    }

    /// Reports; `false` when the core could not be reached, and it shall be tried again.
    async fn report(&self, done: &[Done], not_before: &watch::Sender<Option<Instant>>) -> bool {
        let reports: Vec<_> = done.iter().map(|done| done.report.clone()).collect();
        let acceptances = match self.core.report(&self.worker_id, self.telegram.bot_id(), reports).await {
            Ok(acceptances) => acceptances,
            Err(status) if is_transient(&status) => {
                warn!(bot = self.bot.as_str_name(), code = ?status.code(), "the core took no reports; they are kept");
                return false;
            }
            Err(status) => {
                error!(bot = self.bot.as_str_name(), %status, "the core refused reports for good");
                Vec::new()
            }
        };
        for (done, acceptance) in done.iter().zip(acceptances) {
            if matches!(acceptance, Acceptance::LeaseLost | Acceptance::Unknown) {
                warn!(delivery.id = done.report.delivery_id, ?acceptance, "a report does not count");
            }
        }
        for Done { report, .. } in done {
            let code = self.count(report);
            if code.is_some_and(classify::is_token_code) {
                not_before.send_replace(Some(Instant::now() + self.limits.token_pause));
                self.alarm.raise(Alert::TokenRefused(self.bot)).await;
            }
        }
        true
    }

    /// Counts an outcome; answers Telegram's code when a later try may succeed.
    fn count(&self, report: &DeliveryReport) -> Option<i32> {
        let (outcome, code) = match report.outcome.as_ref()? {
            Outcome::Sent(_) => ("sent", None),
            Outcome::RetryAfter(_) => ("retry_after", None),
            Outcome::Blocked(_) => ("blocked", None),
            Outcome::NeverStarted(_) => ("never_started", None),
            Outcome::Failed(_) => ("failed", None),
            Outcome::Unavailable(refused) => ("unavailable", Some(refused.code)),
            Outcome::Uncertain(_) => ("uncertain", None),
        };
        let bot = bot_name(self.bot);
        counter!("warung_bot_sends_total", "store" => self.store.clone(), "bot" => bot, "outcome" => outcome)
            .increment(1);
        debug!(delivery.id = report.delivery_id, outcome, "delivery");
        code
    }
}

/// Adds what is done to what is not reported yet: what there is, and for a moment what was claimed with the first of it.
/// `false` when there is nothing, and there will be nothing.
async fn gather(done: &mut mpsc::Receiver<Done>, unreported: &mut Vec<Done>) -> bool {
    if unreported.is_empty() {
        let Some(first) = done.recv().await else { return false };
        first.claimed.one_came();
        unreported.push(first);
    }
    let others = async {
        while unreported.len() < REPORTS_MAX {
            let is_complete = unreported.first().is_none_or(|first| first.claimed.are_complete());
            let next = if is_complete { done.try_recv().ok() } else { done.recv().await };
            let Some(next) = next else { return };
            next.claimed.one_came();
            unreported.push(next);
        }
    };
    // Whether all came or the time is over, these are reported.
    let _ = timeout(REPORT_TOGETHER, others).await;
    true
}

/// The bot's name in metrics and alerts.
pub(crate) fn bot_name(bot: Bot) -> &'static str {
    match bot {
        Bot::Owner => "owner",
        Bot::Main | Bot::Unspecified => "main",
    }
}
