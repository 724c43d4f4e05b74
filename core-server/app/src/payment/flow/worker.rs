//! Asking gateways about what is due: what webhooks told of at once, and everything else by its schedule. The rows in the
//! database are the truth, whatever process wrote them; the wake of this process only makes them be looked for at once.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use chrono::{DateTime, Utc};
use tokio::{
    sync::{Notify, OwnedSemaphorePermit, Semaphore},
    task::JoinSet,
    time::Instant,
};
use warung_domain::payment::PaymentState;

use super::{Checkout, ask::Asked, strangers::Strangers};
use crate::{
    context::Context,
    error::Result,
    gateway::{GatewayStatus, WebhookClaim},
    payment::{Answer, ClaimQuestions, Question, limits::ABANDONED_AFTER},
};

/// How many questions a process asks gateways at once. No more are claimed: who waits for a place holds no lease.
const AT_ONCE: usize = 64;
/// How often it is looked for what is due by the schedule, or was told to another process that died.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// So many references that the store does not know wait to be asked about.
const STRANGERS_MAX: usize = 256;

/// Wakes whoever asks in this process.
#[derive(Clone, Debug, Default)]
pub(super) struct Wake(Arc<Waking>);

#[derive(Debug, Default)]
struct Waking {
    notify: Notify,
    /// Where there is room to ask; nowhere while nobody asks.
    places: Mutex<Weak<Semaphore>>,
    /// What webhooks told of, and this process is to ask.
    claimed: Mutex<Vec<Claimed>>,
    next: Mutex<Option<DateTime<Utc>>>,
    unknown: Mutex<VecDeque<(String, WebhookClaim)>>,
    strangers: Strangers,
}

/// A question that this process is to ask, and its place.
type Claimed = (Question, Places);

/// Places among those who ask gateways, until it is known what they say.
#[derive(Debug, Default)]
pub(super) struct Places(Option<OwnedSemaphorePermit>);

impl Places {
    /// Up to so many that are free.
    fn of(all: &Arc<Semaphore>, wanted: usize) -> Self {
        let count = u32::try_from(all.available_permits().min(wanted)).unwrap_or_default();
        Self(Arc::clone(all).try_acquire_many_owned(count).ok())
    }

    pub(super) fn count(&self) -> usize {
        self.0.as_ref().map_or(0, OwnedSemaphorePermit::num_permits)
    }

    /// One of them.
    fn one(&mut self) -> Self {
        Self(self.0.as_mut().and_then(|permit| permit.split(1)))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Wake {
    /// Something is due then.
    pub(super) fn at(&self, due: DateTime<Utc>) {
        let mut next = lock(&self.0.next);
        *next = Some(next.map_or(due, |next| next.min(due)));
        drop(next);
        self.0.notify.notify_one();
    }

    /// Up to so many places to ask at once, if somebody asks.
    pub(super) fn places(&self, wanted: usize) -> Places {
        let all = lock(&self.0.places).upgrade();
        all.map_or_else(Places::default, |all| Places::of(&all, wanted))
    }

    /// This process is to ask that now, from one of these places.
    pub(super) fn ask(&self, question: Question, places: &mut Places) {
        lock(&self.0.claimed).push((question, places.one()));
        self.0.notify.notify_one();
    }

    fn take_claimed(&self) -> Vec<Claimed> {
        std::mem::take(&mut *lock(&self.0.claimed))
    }

    /// A webhook named no payment of this store. Answers whether there is room to ask about it.
    pub(super) fn unknown(&self, gateway: &str, claim: WebhookClaim) -> bool {
        let mut unknown = lock(&self.0.unknown);
        let is_known = unknown.iter().any(|(of, other)| of == gateway && *other == claim);
        let has_room = unknown.len() < STRANGERS_MAX;
        if has_room && !is_known {
            unknown.push_back((gateway.to_owned(), claim));
        }
        drop(unknown);
        self.0.notify.notify_one();
        has_room || is_known
    }

    fn take_unknown(&self) -> Option<(String, WebhookClaim)> {
        let mut unknown = lock(&self.0.unknown);
        if unknown.is_empty() || !self.0.strangers.may_ask(Instant::now()) {
            return None;
        }
        unknown.pop_front()
    }

    /// Something is due, of which nobody was told before.
    fn is_due(&self, now: DateTime<Utc>) -> bool {
        lock(&self.0.next).take_if(|due| *due <= now).is_some()
    }

    /// How long to wait at most for what is due next.
    fn wait(&self, now: DateTime<Utc>) -> Duration {
        lock(&self.0.next).map_or(LOOK_EVERY, |due| (due - now).to_std().unwrap_or_default().min(LOOK_EVERY))
    }
}

impl Checkout {
    /// Asks gateways about whatever is due, a bounded number at once, each as soon as it may be asked. It never ends by itself.
    pub async fn ask_gateways(&self, context: impl Fn() -> Context) {
        let all = Arc::new(Semaphore::new(AT_ONCE));
        *lock(&self.wake.0.places) = Arc::downgrade(&all);
        let mut asking = JoinSet::new();
        let (mut looked, mut are_more) = (None::<Instant>, false);
        loop {
            let ctx = context();
            let mut claimed = self.wake.take_claimed();
            are_more |= self.wake.is_due(self.engine.now()) || looked.is_none_or(|time| time.elapsed() >= LOOK_EVERY);
            let mut free = if are_more { Places::of(&all, AT_ONCE) } else { Places::default() };
            if free.count() > 0 {
                looked = Some(Instant::now());
                let due = self.claim_due(&ctx, free.count()).await.unwrap_or_else(|error| {
                    tracing::warn!(%error, "it could not be looked for what is to be asked; the next look does it");
                    Vec::new()
                });
                are_more = due.len() >= free.count();
                claimed.extend(due.into_iter().map(|question| (question, free.one())));
            }
            drop(free);
            for (question, place) in claimed {
                let (checkout, ctx) = (self.clone(), ctx.clone());
                asking.spawn(async move { Box::pin(checkout.ask_about(&ctx, question, place)).await });
            }
            if let Some((gateway, claim)) = self.wake.take_unknown() {
                let (checkout, ctx) = (self.clone(), ctx);
                asking.spawn(async move { checkout.ask_about_unknown(&ctx, &gateway, &claim).await });
            }
            // With all places taken the next that is free goes on; else whoever is woken, or the next look.
            tokio::select! {
                ended = asking.join_next(), if !asking.is_empty() => {
                    if let Some(Err(error)) = ended {
                        tracing::error!(%error, "asking about a payment panicked; it is due again");
                    }
                    while asking.try_join_next().is_some() {}
                }
                () = self.wake.0.notify.notified() => {}
                _ = all.acquire(), if are_more => {}
                () = tokio::time::sleep(self.wake.wait(self.engine.now())) => {}
            }
        }
    }

    /// Asks gateways about what is due now, a bounded number at once. Answers how many were asked about.
    pub async fn ask_due(&self, ctx: &Context) -> Result<usize> {
        let due = self.claim_due(ctx, AT_ONCE).await?;
        let count = due.len();
        let asking = due.into_iter().map(|question| self.ask_about(ctx, question, Places::default()));
        futures_util::future::join_all(asking).await;
        while let Some((gateway, claim)) = self.wake.take_unknown() {
            self.ask_about_unknown(ctx, &gateway, &claim).await;
        }
        Ok(count)
    }

    async fn claim_due(&self, ctx: &Context, limit: usize) -> Result<Vec<Question>> {
        if limit == 0 {
            return Ok(Vec::new());
        }
        let limit = u64::try_from(limit).unwrap_or_default();
        self.engine.run(ctx, ClaimQuestions { limit, gateways: self.gateways.names() }).await
    }

    async fn ask_about(&self, ctx: &Context, question: Question, place: Places) {
        let done = if question.is_own {
            Box::pin(self.look_after(ctx, &question, place)).await
        } else {
            self.ask_other(ctx, &question, place).await
        };
        if let Err(error) = done {
            let id = question.lookup.payment_id;
            tracing::warn!(payment.id = %id, %error, "asking about a payment failed; it is due again");
        }
    }

    async fn look_after(&self, ctx: &Context, question: &Question, place: Places) -> Result<()> {
        let lookup = &question.lookup;
        let its_call_may_live = self.engine.now() - lookup.create_time < ABANDONED_AFTER;
        if lookup.state != PaymentState::Creating || its_call_may_live {
            return self.ask_once(ctx, question, place).await.map(drop);
        }
        // Its call died before it knew the answer: nobody has the invoice.
        let asked = self.ask(ctx, lookup).await?;
        if asked.may_be_paid() {
            self.cancel_at_gateway(lookup).await;
        }
        if !matches!(asked, Asked::Applied(_) | Asked::Reversed) {
            self.fail(ctx, lookup, true).await?;
            let answer = if asked == Asked::Unanswered { Answer::Missing } else { Answer::NotPaid };
            self.answer(ctx, question, answer).await?;
        }
        Ok(())
    }

    /// No payment of this store has the reference. After a backup was put back there may be money for orders that are lost;
    /// and anybody can post anything: so the owner is told when the gateway itself has the money.
    async fn ask_about_unknown(&self, ctx: &Context, gateway: &str, claim: &WebhookClaim) {
        let Some(gateway) = self.gateways.by_name(gateway) else { return };
        let WebhookClaim { reference, amount, .. } = claim;
        if let Ok(GatewayStatus::Paid { received, .. }) = gateway.status(reference, *amount).await {
            let text = format!(
                "{} has received {received} for {reference}, which this store does not know. If a backup was put back, \
                 orders that were placed after it are lost: settle this with its buyer",
                gateway.name()
            );
            let key = format!("gateway.unknown:{}", reference.to_lowercase());
            if let Err(error) = self.alert(ctx, &key, text).await {
                tracing::warn!(%error, "the owner could not be told of money that the store does not know");
            }
        }
    }
}
