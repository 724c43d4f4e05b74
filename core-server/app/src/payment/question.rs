//! What gateways are to be asked about: a payment and an amount, each once. Who asks, and when: of a payment one question at a
//! time.
//!
//! The amount that a payment was made with is asked about by a schedule, from its beginning until some time after its end.
//! A webhook has it asked at once, and another amount than that, which somebody may have paid at the gateway's own page,
//! asked about by itself until the gateway confirms it or its time is over.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use warung_domain::{
    ids::PaymentId,
    money::Currency,
    payment::{QuestionState, next_check, next_check_given_up, next_check_unanswered},
    review::ReviewReason,
};
use warung_store::{Tx, rows};

use super::{Lookup, ReviewPayment, attempt::Attempt, limits::LEASE};
use crate::{context::Context, engine::Command, error::Result};

/// A gateway that was asked is asked because of a webhook so much later: anybody can post some.
pub(super) const REST: TimeDelta = TimeDelta::seconds(2);
/// So long another amount is asked about as often as a payment that was just begun; then as after a payment's end.
const EAGER_FOR: TimeDelta = TimeDelta::minutes(1);

/// What a gateway is to be asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// Its row.
    pub id: Uuid,
    /// The payment, with the amount that is asked about.
    pub lookup: Lookup,
    /// That amount is the payment's own; else another, of which a webhook says that it was paid.
    pub is_own: bool,
    /// A webhook says that the payment's money went back at the gateway.
    pub is_reversal: bool,
}

impl Question {
    pub(super) fn of(row: &rows::Question, payment: &rows::Payment) -> Self {
        let mut lookup = Lookup::of(payment);
        lookup.charge.amount.minor_units = row.amount_minor;
        Self { id: row.id, lookup, is_own: row.is_own, is_reversal: row.is_reversal }
    }
}

/// A question about a payment that is due then.
pub(super) fn new_question(ctx: &Context, payment: &rows::Payment, amount: i64, due: DateTime<Utc>) -> rows::Question {
    rows::Question {
        id: ctx.new_id(),
        payment_id: payment.id,
        gateway: payment.gateway.clone(),
        amount_minor: amount,
        is_own: amount == payment.amount_minor,
        is_reversal: false,
        state: QuestionState::Asking.into(),
        due_time: Some(due),
        lease_time: None,
        told_time: None,
        rest_time: None,
        create_time: ctx.now,
    }
}

/// The question about a payment that begins: should whoever asks the gateway now not live to write its answer down, it is
/// asked whether it made one.
pub(super) fn ask_begun(ctx: &Context, payment: &rows::Payment, order_ends: DateTime<Utc>) -> Option<rows::Question> {
    next_check(ctx.now, order_ends, ctx.now).map(|due| new_question(ctx, payment, payment.amount_minor, due))
}

/// The question about a payment that was given up: at least once more, since the money may have been on its way.
pub(crate) fn ask_given_up(ctx: &Context, attempt: &Attempt) -> Result<Option<rows::Question>> {
    let row = attempt.row();
    if attempt.method().is_balance() {
        return Ok(None);
    }
    let end = attempt.stage()?.end().unwrap_or(ctx.now);
    let due = next_check_given_up(row.create_time, end, ctx.now);
    Ok(Some(new_question(ctx, row, row.amount_minor, due)))
}

/// Takes the right to ask gateways about what is due.
#[derive(Clone, Debug)]
pub struct ClaimQuestions {
    /// At most so many.
    pub limit: u64,
    /// Of these gateways: the others' wait until they are configured again.
    pub gateways: Vec<String>,
}

impl Command for ClaimQuestions {
    type Output = Vec<Question>;
    const NAME: &'static str = "payment.claim_questions";
    const BY_REQUEST_ID: bool = false;

    async fn execute(&self, tx: &mut Tx, ctx: &Context) -> Result<Vec<Question>> {
        let gateways: Vec<_> = self.gateways.iter().map(String::as_str).collect();
        let found = tx.claim_questions(ctx.now, ctx.now + LEASE, &gateways, self.limit).await?;
        Ok(found.iter().map(|(row, payment)| Question::of(row, payment)).collect())
    }
}

/// Whether the caller is to ask the gateway about a payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum QuestionClaim {
    /// Yes; afterwards its money is applied, or the question answered.
    Claimed(Question),
    /// Somebody else is asking just now.
    BeingAsked,
    /// No: the money is there.
    Paid,
    /// There is no payment of a gateway by this id.
    Unknown,
}

/// Takes the right to ask a gateway about a payment, whenever it was asked last.
#[derive(Clone, Copy, Debug)]
pub struct ClaimQuestion {
    /// Which payment.
    pub payment_id: PaymentId,
}

impl Command for ClaimQuestion {
    type Output = QuestionClaim;
    const NAME: &'static str = "payment.claim_question";
    const BY_REQUEST_ID: bool = false;

    async fn execute(&self, tx: &mut Tx, ctx: &Context) -> Result<QuestionClaim> {
        let found: Option<rows::Payment> = tx.find(self.payment_id.0).await?;
        let Some(payment) = found else { return Ok(QuestionClaim::Unknown) };
        if payment.state.0.has_money() {
            return Ok(QuestionClaim::Paid);
        }
        if payment.method.0.is_balance() {
            return Ok(QuestionClaim::Unknown);
        }
        let until = Some(ctx.now + LEASE);
        let row = match tx.lock_own_question(payment.id).await? {
            Some(row) if row.lease_time.is_some_and(|ends| ends > ctx.now) => return Ok(QuestionClaim::BeingAsked),
            Some(row) => {
                let row = rows::Question { lease_time: until, told_time: None, rest_time: None, ..row };
                tx.update_all(vec![row.clone()]).await?;
                row
            }
            None => {
                let row = new_question(ctx, &payment, payment.amount_minor, ctx.now);
                let row = rows::Question { lease_time: until, ..row };
                if !tx.insert_new(row.clone()).await? {
                    return Ok(QuestionClaim::BeingAsked);
                }
                row
            }
        };
        Ok(QuestionClaim::Claimed(Question::of(&row, &payment)))
    }
}

/// What a gateway answered that is no money to be booked now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    /// It has received another amount than was asked for.
    OtherReceived,
    /// It is not paid, or something that is of no use.
    NotPaid,
    /// It knows nothing of it.
    Unknown,
    /// Nothing.
    Missing,
}

/// Keeps what a gateway answered: it is asked again by the schedule, and no more once that is over.
#[derive(Clone, Copy, Debug)]
pub struct AnswerQuestion {
    /// The question's row.
    pub id: Uuid,
    /// Of which payment.
    pub payment_id: PaymentId,
    /// What the gateway answered.
    pub answer: Answer,
}

impl Command for AnswerQuestion {
    /// A webhook came meanwhile, which may be newer than the answer: when the gateway is to be asked again.
    type Output = Option<DateTime<Utc>>;
    const NAME: &'static str = "payment.answer_question";
    const BY_REQUEST_ID: bool = false;

    async fn execute(&self, tx: &mut Tx, ctx: &Context) -> Result<Option<DateTime<Utc>>> {
        let (question, payment): (Option<rows::Question>, Option<rows::Payment>) =
            (tx.find(self.id).await?, tx.find(self.payment_id.0).await?);
        let (Some(question), Some(payment)) = (question, payment) else { return Ok(None) };
        if question.is_own && !question.is_reversal && payment.state.0.has_money() {
            tx.remove_question(self.id).await?;
            return Ok(None);
        }
        let next = self.next(tx, ctx, &question, &payment).await?;
        if let Some(reason) = self.reason(&question, payment.currency.0, next) {
            // Locks the order: so before the question is locked.
            ReviewPayment { payment_id: self.payment_id, reason }.execute(tx, ctx).await?;
        }
        let Some(row) = tx.lock_question(self.id).await? else { return Ok(None) };
        // Not at once: who posts webhooks without end shall not have the gateway asked without end.
        let rested = ctx.now + REST;
        let told = row.told_time.map(|_| next.map_or(rested, |next| next.min(rested)));
        let is_kept = self.answer == Answer::OtherReceived;
        if !is_kept && told.or(next).is_none() {
            tx.remove_question(self.id).await?;
            return Ok(None);
        }
        let state = match self.answer {
            Answer::OtherReceived => QuestionState::Received,
            Answer::Unknown if !row.is_own => QuestionState::Unknown,
            Answer::NotPaid | Answer::Unknown | Answer::Missing => QuestionState::Asking,
        };
        // A gateway that did not answer need not rest, nor one that no webhook had asked.
        let rest_time = row.rest_time.filter(|_| self.answer != Answer::Missing).map(|_| rested);
        let due_time = if is_kept { None } else { told.or(next) };
        let row = rows::Question { state: state.into(), due_time, lease_time: None, rest_time, ..row };
        tx.update_all(vec![row]).await?;
        Ok(told.filter(|_| !is_kept))
    }
}

impl AnswerQuestion {
    /// When the gateway is asked next, by the schedule.
    async fn next(
        &self,
        tx: &Tx,
        ctx: &Context,
        question: &rows::Question,
        payment: &rows::Payment,
    ) -> Result<Option<DateTime<Utc>>> {
        let (begun, ends) = if question.is_own && !question.is_reversal {
            (payment.create_time, ends(tx, payment, ctx).await?)
        } else {
            (question.create_time, question.create_time + EAGER_FOR)
        };
        Ok(match self.answer {
            Answer::OtherReceived => None,
            Answer::NotPaid | Answer::Unknown => next_check(begun, ends, ctx.now),
            Answer::Missing => next_check_unanswered(begun, ends, ctx.now),
        })
    }

    /// Why a seller is to look. Before a payment is left alone whose gateway has not answered for days, they are told.
    fn reason(
        &self,
        question: &rows::Question,
        currency: Currency,
        next: Option<DateTime<Utc>>,
    ) -> Option<ReviewReason> {
        let amount = currency.amount(question.amount_minor);
        match (self.answer, question.is_own, next) {
            (Answer::OtherReceived, ..) => Some(ReviewReason::OtherAmount { received: amount }),
            (Answer::Missing, true, None) => Some(ReviewReason::Unanswered),
            (Answer::Missing, false, None) => Some(ReviewReason::OtherAmountUnknown { claimed: amount }),
            (Answer::NotPaid | Answer::Unknown | Answer::Missing, ..) => None,
        }
    }
}

/// Until when a payment can be paid: without an invoice's end the order's counts.
async fn ends(tx: &Tx, row: &rows::Payment, ctx: &Context) -> Result<DateTime<Utc>> {
    let order: Option<rows::Order> = match row.expire_time {
        Some(_) => None,
        None => tx.find(row.order_id).await?,
    };
    Ok(row.expire_time.or(order.map(|order| order.expire_time)).unwrap_or(ctx.now))
}
