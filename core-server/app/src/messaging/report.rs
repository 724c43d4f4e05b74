//! What became of deliveries.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use warung_domain::{
    contact::ContactState,
    delivery::{Attempt, Fault, Lane, Outcome as DomainOutcome, Refusal, State, after},
    ids::{DeliveryId, OrderId, TitleRequestId},
    message::{Bot, Content, Media, Operation},
    text::one_line,
};
use warung_store::{Tx, rows};

use super::{
    check_worker,
    pace::Pace,
    trouble,
    write::{Purpose, lane, set_state},
};
use crate::{
    context::Context,
    engine::{Command, Engine},
    error::{Error, Result},
    identity::in_seconds,
    library, order,
};

/// How many reports come at once at most.
const REPORTS_MAX: usize = 100;
/// How much of what was said of an attempt is kept, in characters.
pub(super) const ERROR_CHARACTERS_MAX: usize = 300;

/// What became of an attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// It arrived.
    Sent {
        /// The message in its chat; 0 for a delete.
        message_id: i64,
        /// The messenger's id of a picture that was uploaded, or empty.
        uploaded_file_id: String,
    },
    /// The messenger asks to wait.
    RetryAfter {
        /// How long, in milliseconds; `None`: it named no time.
        delay_ms: Option<i64>,
    },
    /// The user blocked the bot, or is gone.
    Blocked(String),
    /// The user has not pressed Start yet.
    NeverStarted(String),
    /// It is refused however often it is tried.
    Failed(Failure),
    /// It certainly did not arrive; trying again may help.
    Unavailable(String),
    /// It may have arrived.
    Uncertain(String),
}

/// Why a delivery is refused however often it is tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The messenger's words.
    pub words: String,
    /// What they mean.
    pub fault: Fault,
}

impl From<&str> for Failure {
    /// Words that mean nothing in particular.
    fn from(words: &str) -> Self {
        Self { words: words.to_owned(), fault: Fault::Unknown }
    }
}

impl Outcome {
    fn domain(&self) -> DomainOutcome {
        match self {
            Self::Sent { message_id, .. } => DomainOutcome::Sent { message_id: *message_id },
            Self::RetryAfter { delay_ms } => {
                DomainOutcome::RetryAfter { delay: delay_ms.and_then(TimeDelta::try_milliseconds) }
            }
            Self::Blocked(_) => DomainOutcome::Refused(Refusal::Blocked),
            Self::NeverStarted(_) => DomainOutcome::Refused(Refusal::NeverStarted),
            Self::Failed(_) => DomainOutcome::Failed,
            Self::Unavailable(_) => DomainOutcome::Unavailable,
            Self::Uncertain(_) => DomainOutcome::Uncertain,
        }
    }

    fn words(&self) -> Option<&str> {
        match self {
            Self::Sent { .. } => None,
            Self::RetryAfter { .. } => Some("the messenger asks to wait"),
            Self::Failed(failure) => Some(&failure.words),
            Self::Blocked(words) | Self::NeverStarted(words) | Self::Unavailable(words) | Self::Uncertain(words) => {
                Some(words)
            }
        }
    }

    /// What is wrong, should the delivery end with it.
    fn fault(&self) -> Fault {
        match self {
            Self::Failed(failure) => failure.fault,
            _ => Fault::Unanswered,
        }
    }

    fn has_upload(&self) -> bool {
        matches!(self, Self::Sent { uploaded_file_id, .. } if !uploaded_file_id.is_empty())
    }

    /// Its name in metrics.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Sent { .. } => "sent",
            Self::RetryAfter { .. } => "retry_after",
            Self::Blocked(_) => "blocked",
            Self::NeverStarted(_) => "never_started",
            Self::Failed(_) => "failed",
            Self::Unavailable(_) => "unavailable",
            Self::Uncertain(_) => "uncertain",
        }
    }
}

/// A worker's report of one delivery.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Report {
    /// Of which delivery.
    pub delivery_id: DeliveryId,
    /// Of which attempt.
    pub attempt: i64,
    /// What became of it.
    pub outcome: Outcome,
}

/// What the core did with a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Acceptance {
    /// It counts.
    Accepted,
    /// It came before and counted then.
    Repeated,
    /// The lease had been lost.
    LeaseLost,
    /// There is no such delivery.
    Unknown,
}

/// A worker's reports.
#[derive(Clone, Debug)]
pub struct ReportDeliveries {
    /// The worker.
    pub worker_id: String,
    /// The bot's id at Telegram, which ids of uploaded pictures belong to.
    pub bot_id: i64,
    /// The reports.
    pub reports: Vec<Report>,
}

/// Takes reports.
pub async fn report_deliveries(engine: &Engine, ctx: &Context, reports: ReportDeliveries) -> Result<Vec<Acceptance>> {
    check_worker(&reports.worker_id)?;
    if reports.reports.is_empty() || reports.reports.len() > REPORTS_MAX {
        return Err(Error::invalid("reports", "must be 1 to 100"));
    }
    for report in &reports.reports {
        let store = ctx.environment.store_name.clone();
        metrics::counter!("deliveries.reported", "store" => store, "outcome" => report.outcome.name()).increment(1);
    }
    let has_uploads = reports.reports.iter().any(|report| report.outcome.has_upload());
    let acceptances = engine.run(ctx, reports).await?;
    if has_uploads {
        engine.file_ids().clear();
    }
    Ok(acceptances)
}

impl Command for ReportDeliveries {
    type Output = Vec<Acceptance>;
    const NAME: &'static str = "messaging.report_deliveries";
    // A report of an attempt counts once.
    const BY_REQUEST_ID: bool = false;

    async fn execute(&self, tx: &mut Tx, ctx: &Context) -> Result<Vec<Acceptance>> {
        // The pace before deliveries, as in a claim.
        let is_to_wait = |report: &Report| matches!(report.outcome, Outcome::RetryAfter { .. });
        let first_to_wait = self.reports.iter().find(|report| is_to_wait(report));
        if let Some(report) = first_to_wait {
            let row: Option<rows::Delivery> = tx.find(report.delivery_id.0).await?;
            if let Some(row) = row {
                Pace::lock(tx, ctx, &row.bot).await?;
            }
        }
        let ids = self.reports.iter().map(|report| report.delivery_id.0).collect();
        let mut rows = tx.lock_deliveries(ids).await?;
        let mut acceptances = Vec::new();
        let mut arrivals = Arrivals::default();
        for report in &self.reports {
            acceptances.push(match rows.iter_mut().find(|row| row.id == report.delivery_id.0) {
                Some(row) => self.apply(tx, ctx, row, report, &mut arrivals).await?,
                None => Acceptance::Unknown,
            });
        }
        arrivals.settle(tx, ctx).await?;
        Ok(acceptances)
    }
}

impl ReportDeliveries {
    async fn apply(
        &self,
        tx: &mut Tx,
        ctx: &Context,
        row: &mut rows::Delivery,
        report: &Report,
        arrivals: &mut Arrivals,
    ) -> Result<Acceptance> {
        // A lease that has run out still counts, as long as nobody else has taken the delivery.
        if row.worker.as_deref() != Some(&self.worker_id) || row.attempts != report.attempt {
            let same_attempt = row.attempts == report.attempt && row.worker.is_none();
            return Ok(if same_attempt { Acceptance::Repeated } else { Acceptance::LeaseLost });
        }
        let (Ok(lane), Ok(purpose)) = (lane(row), Purpose::from_row(row)) else {
            // A newer core has leased it. Once its lease ends it is that one's again; twice is harmless, and the other
            // reports count.
            tracing::warn!(delivery.id = %report.delivery_id, "a delivery of a newer version was reported here");
            return Ok(Acceptance::LeaseLost);
        };
        let attempt = Attempt {
            lane,
            number: u32::try_from(row.attempts).unwrap_or(u32::MAX),
            since: row.release_time,
            may_be_repeated: row.may_be_repeated,
        };
        let mut transition = after(report.outcome.domain(), attempt, ctx.now, ctx.jitter(u16::MAX));
        if let State::Refused(refusal) = transition.state {
            transition.state = refused(tx, ctx, row, lane, refusal).await?;
        }
        if let Some(wait) = transition.chat_wait {
            Pace::lock(tx, ctx, &row.bot).await?.refuse(tx, ctx, row.chat_id, wait).await?;
        }
        set_state(row, &transition.state, ctx.now);
        row.may_be_repeated = transition.may_be_repeated;
        row.error = report.outcome.words().map(|words| one_line(words, ERROR_CHARACTERS_MAX));
        if let Outcome::Sent { uploaded_file_id, .. } = &report.outcome {
            self.keep_file(tx, row, uploaded_file_id).await?;
        }
        if let State::Sent { message_id, .. } = transition.state {
            arrivals.add(row, purpose, message_id, transition.state);
            return Ok(Acceptance::Accepted);
        }
        settle(tx, ctx, row, &transition.state, report.outcome.fault()).await?;
        tx.update(row.clone()).await?;
        Ok(Acceptance::Accepted)
    }

    /// Keeps the messenger's id of an uploaded picture, so that it is uploaded once.
    async fn keep_file(&self, tx: &mut Tx, row: &rows::Delivery, file_id: &str) -> Result<()> {
        if file_id.is_empty() {
            return Ok(());
        }
        let operation: Operation = serde_json::from_str(&row.operation)?;
        if let Operation::Send(Content { media: Some(Media::Photo { media_id }), .. }) = operation {
            let hash = media_id.trim_start_matches("med_").to_owned();
            tx.keep_media_file(rows::MediaFile { hash, bot_id: self.bot_id, file_id: file_id.to_owned() }).await?;
        }
        Ok(())
    }
}

/// Deliveries that arrived: what most reports tell. What follows is written together, a statement for each table.
#[derive(Default)]
struct Arrivals {
    sent: Vec<(Uuid, i64)>,
    open_chats: Vec<i64>,
    title_requests: Vec<TitleRequestId>,
    goods: Vec<(OrderId, DeliveryId, State)>,
}

impl Arrivals {
    fn add(&mut self, row: &rows::Delivery, purpose: Purpose, message_id: i64, state: State) {
        self.sent.push((row.id, message_id));
        if Bot::from_name(&row.bot) == Some(Bot::Main) {
            self.open_chats.push(row.chat_id);
        }
        match purpose {
            Purpose::TitleRequest(id) => self.title_requests.push(id),
            Purpose::Goods(id) => self.goods.push((id, DeliveryId(row.id), state)),
            _ => {}
        }
    }

    async fn settle(self, tx: &mut Tx, ctx: &Context) -> Result<()> {
        tx.set_contact_states(self.open_chats, ContactState::Open).await?;
        library::settle_sent_title_requests(tx, ctx, self.title_requests).await?;
        order::goods_reported(tx, ctx, &self.goods).await?;
        Ok(tx.set_deliveries_sent(self.sent, ctx.now).await?)
    }
}

/// What a user's refusal makes of a delivery. One of an attempt that was leased before they last opened their chat says
/// nothing any more: what waits for Start has waited long enough.
async fn refused(tx: &mut Tx, ctx: &Context, row: &mut rows::Delivery, lane: Lane, refusal: Refusal) -> Result<State> {
    let state = State::Refused(refusal);
    if Bot::from_name(&row.bot) != Some(Bot::Main) {
        return Ok(state);
    }
    // Locked: a Start that is being recorded now is waited for, or waits and finds the refusal.
    let user = tx.lock_user_by_telegram_id(row.chat_id).await?;
    let lease_time = in_seconds(row.due_time, ctx.settings.lease_seconds.saturating_neg());
    if user.and_then(|user| user.opened_time).is_some_and(|opened_time| lease_time < opened_time) {
        let Some(released) = state.released(lane, ctx.now) else { return Ok(state) };
        row.release_time = ctx.now;
        return Ok(released);
    }
    let contact = match refusal {
        Refusal::Blocked => ContactState::Blocked,
        Refusal::NeverStarted => ContactState::NeverStarted,
    };
    tx.set_contact_state(row.chat_id, contact).await?;
    Ok(state)
}

/// What follows from a delivery's new state; `fault` is what is wrong, should it not have arrived.
pub(super) async fn settle(
    tx: &mut Tx,
    ctx: &Context,
    row: &rows::Delivery,
    state: &State,
    fault: Fault,
) -> Result<()> {
    if !state.is_final() {
        return Ok(());
    }
    if Bot::from_name(&row.bot) == Some(Bot::Main) && matches!(state, State::Sent { .. }) {
        tx.set_contact_state(row.chat_id, ContactState::Open).await?;
    }
    let purpose = Purpose::from_row(row)?;
    match purpose {
        Purpose::TitleRequest(id) => library::settle_title_request(tx, ctx, id, state).await?,
        Purpose::Goods(id) => {
            let reported = [(id, DeliveryId(row.id), state.clone())];
            if order::goods_reported(tx, ctx, &reported).await?.is_empty() {
                return Ok(());
            }
        }
        Purpose::Video(_) | Purpose::Alert | Purpose::Invoice(_) | Purpose::Notice(_) | Purpose::Trouble => {}
    }
    if state.is_alarming(lane(row)?) {
        trouble::tell(tx, ctx, row, purpose, fault).await?;
    }
    Ok(())
}
