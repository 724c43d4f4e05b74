//! What webhooks tell of: a row for each known payment and amount, before any gateway is asked.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use warung_domain::payment::{BALANCE_GATEWAY, QuestionState};
use warung_store::{Tx, rows};

use super::{
    Lookup, Question,
    limits::LEASE,
    question::{REST, new_question},
};
use crate::{context::Context, engine::Command, error::Result, gateway::WebhookClaim};

/// So many other amounts of a payment are asked about at once: anybody who knows a reference can claim some.
const AMOUNTS_MAX: usize = 5;
/// The longest reference that is looked for, in bytes.
const REFERENCE_BYTES_MAX: usize = 64;

/// What a payment is known by that books money of another amount than its reference was asked for. A gateway has at most one
/// of a reference and an amount.
pub(super) fn reference_of_other(reference: &str, amount: i64) -> String {
    format!("{reference}-{amount}")
}

/// The database is not asked for what can't be a reference: PostgreSQL refuses some texts altogether.
pub(super) fn is_reference(text: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    text.len() <= REFERENCE_BYTES_MAX && text.bytes().all(is_allowed)
}

/// What was posted in a gateway's name. Nothing of it is believed: the gateway is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posted {
    /// Which gateway.
    pub gateway: String,
    /// What it is said to tell of.
    pub claim: WebhookClaim,
}

/// What was done with what a webhook told of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kept {
    /// It stands in a row, and is the caller's to ask now.
    Claimed(Box<Question>),
    /// It stands in a row, and the gateway is asked then.
    Asking {
        /// When, at the latest.
        due: DateTime<Utc>,
    },
    /// What it tells of was booked before, or a seller has seen it.
    Known,
    /// So many other amounts of the payment are being asked about that this one can't be kept: it must come again.
    NoRoom,
    /// It names no payment of this store.
    Unknown,
}

/// Keeps what webhooks tell of, many by few statements, and takes the right to ask about some of it.
#[derive(Clone, Debug)]
pub struct KeepPosted {
    /// What they tell of.
    pub posted: Vec<Posted>,
    /// So many of it the caller asks about at once.
    pub places: usize,
}

impl Command for KeepPosted {
    /// Of each, in their order.
    type Output = Vec<Kept>;
    const NAME: &'static str = "payment.keep_posted";
    // A row of a payment and an amount is there once.
    const BY_REQUEST_ID: bool = false;

    async fn execute(&self, tx: &mut Tx, ctx: &Context) -> Result<Vec<Kept>> {
        let named = self.posted.iter().map(|posted| &posted.claim).filter(|claim| is_reference(&claim.reference));
        let references: Vec<_> = named
            .flat_map(|claim| [claim.reference.clone(), reference_of_other(&claim.reference, claim.amount.minor_units)])
            .collect();
        if references.is_empty() {
            return Ok(self.posted.iter().map(|_| Kept::Unknown).collect());
        }
        let payments = tx.payments_by_references(references).await?;
        let payments: HashMap<_, _> = payments.into_iter().map(|row| (row.reference.clone(), row)).collect();
        let ids: Vec<_> = payments.values().map(|row| row.id).collect();
        let questions = if ids.is_empty() { Vec::new() } else { tx.questions_of_payments(ids).await? };
        let mut keeping = Keeping { payments, questions, new: Vec::new(), removed: Vec::new(), places: self.places };
        let mut kept = self.posted.iter().map(|posted| keeping.keep(ctx, posted)).collect::<Vec<_>>();
        for id in keeping.removed {
            tx.remove_question(id).await?;
        }
        let written = keeping.new.iter().map(|row| ((row.payment_id, row.amount_minor), row.id)).collect();
        let claimed = tx.keep_and_claim_questions(keeping.new).await?;
        for kept in &mut kept {
            if let Kept::Claimed(question) = kept {
                let Lookup { payment_id, charge, .. } = &question.lookup;
                match claimed.get(&(payment_id.0, charge.amount.minor_units)) {
                    Some(id) => question.id = *id,
                    // Somebody else was quicker.
                    None => *kept = Kept::Asking { due: ctx.now },
                }
            }
        }
        self.drop_paid(tx, &mut kept, &written).await?;
        Ok(kept)
    }
}

impl KeepPosted {
    /// Takes back what is to be asked about money that another process has applied since the payments were read: it removed
    /// its questions before these were written.
    async fn drop_paid(&self, tx: &mut Tx, kept: &mut [Kept], written: &HashMap<(Uuid, i64), Uuid>) -> Result<()> {
        // Where there is one writer, nobody has applied anything since.
        if written.is_empty() || !tx.locks_rows() {
            return Ok(());
        }
        let references = self.posted.iter().map(|posted| posted.claim.reference.clone());
        let references = references.filter(|reference| is_reference(reference)).collect();
        for payment in tx.payments_by_references(references).await? {
            let mut claims = self.posted.iter().map(|posted| &posted.claim);
            let is_reversed = claims.any(|claim| claim.is_reversal && claim.reference == payment.reference);
            if is_reversed || !payment.state.0.has_money() {
                continue;
            }
            let mut question = written.get(&(payment.id, payment.amount_minor)).copied();
            for (posted, kept) in self.posted.iter().zip(&mut *kept) {
                if posted.claim.reference != payment.reference
                    || posted.claim.amount.minor_units != payment.amount_minor
                {
                    continue;
                }
                if let Kept::Claimed(claimed) = kept {
                    question = Some(claimed.id);
                }
                *kept = Kept::Known;
            }
            if let Some(id) = question {
                tx.remove_question(id).await?;
            }
        }
        Ok(())
    }
}

/// The payments that are told of, and what is to be asked about them.
struct Keeping {
    payments: HashMap<String, rows::Payment>,
    questions: Vec<rows::Question>,
    /// To be written: of a payment and an amount one.
    new: Vec<rows::Question>,
    removed: Vec<Uuid>,
    /// So many more the caller can ask about.
    places: usize,
}

impl Keeping {
    fn keep(&mut self, ctx: &Context, Posted { gateway, claim }: &Posted) -> Kept {
        let of_gateway = |row: &&rows::Payment| row.gateway == *gateway || row.gateway == BALANCE_GATEWAY;
        let Some(payment) = self.payments.get(&claim.reference).filter(of_gateway) else { return Kept::Unknown };
        let has_money = payment.state.0.has_money();
        if payment.method.0.is_balance() {
            return if has_money { Kept::Known } else { Kept::Unknown };
        }
        let amount = claim.amount.minor_units;
        let is_own = amount == payment.amount_minor;
        if is_own && has_money && !claim.is_reversal {
            return Kept::Known;
        }
        let (id, payment) = (payment.id, payment.clone());
        if let Some(row) = self.new.iter_mut().find(|row| row.payment_id == id && row.amount_minor == amount) {
            row.is_reversal |= is_own && claim.is_reversal;
            return Kept::Asking { due: row.due_time.unwrap_or(ctx.now) };
        }
        let found = self.questions.iter().find(|row| row.payment_id == id && row.amount_minor == amount);
        let is_seen = found.is_some_and(|row| row.state == QuestionState::Received);
        if !is_own && (is_seen || self.payments.contains_key(&reference_of_other(&claim.reference, amount))) {
            return Kept::Known;
        }
        if !is_own && found.is_none() && !self.make_room(id) {
            return Kept::NoRoom;
        }
        let due = self.free_from(ctx.now, id, amount);
        let is_reversal = is_own && claim.is_reversal;
        let new = new_question(ctx, &payment, amount, due);
        let row = rows::Question { told_time: Some(ctx.now), is_reversal, ..new };
        let is_free = due <= ctx.now && self.places > 0 && !self.is_asked_about(ctx.now, id);
        if !is_free {
            self.new.push(row);
            return Kept::Asking { due };
        }
        let question = Question::of(&row, &payment);
        self.places = self.places.saturating_sub(1);
        // Asked because of this webhook: the gateway rests after its answer, and nobody is to ask once more.
        let (lease_time, rest_time) = (Some(ctx.now + LEASE), Some(ctx.now));
        self.new.push(rows::Question { lease_time, told_time: None, rest_time, ..row });
        Kept::Claimed(Box::new(question))
    }

    /// Room for one amount more: one that the gateway knew nothing of gives way.
    fn make_room(&mut self, payment_id: Uuid) -> bool {
        let is_open =
            |row: &&rows::Question| row.payment_id == payment_id && !row.is_own && row.state != QuestionState::Received;
        let old: Vec<_> = self.questions.iter().filter(is_open).collect();
        if old.len().saturating_add(self.new.iter().filter(is_open).count()) < AMOUNTS_MAX {
            return true;
        }
        let Some(oldest) = old.into_iter().find(|row| row.state == QuestionState::Unknown).map(|row| row.id) else {
            return false;
        };
        self.questions.retain(|row| row.id != oldest);
        self.removed.push(oldest);
        true
    }

    /// Somebody asks about a payment.
    fn is_asked_about(&self, now: DateTime<Utc>, payment_id: Uuid) -> bool {
        let mut of_payment = self.questions.iter().chain(&self.new).filter(|row| row.payment_id == payment_id);
        of_payment.any(|row| row.lease_time.is_some_and(|ends| ends > now))
    }

    /// When a payment's gateway may be asked because of a webhook: it rests between any two questions.
    fn free_from(&self, now: DateTime<Utc>, payment_id: Uuid, amount: i64) -> DateTime<Utc> {
        let of_payment = || self.questions.iter().chain(&self.new).filter(|row| row.payment_id == payment_id);
        let rested = of_payment().filter_map(|row| row.rest_time).max();
        let mut due = rested.map_or(now, |rested| rested.max(now));
        let others = || of_payment().filter(|row| row.amount_minor != amount).filter_map(|row| row.due_time);
        while others().any(|time| time >= now && (time - due).abs() < REST) {
            due += REST;
        }
        due
    }
}
