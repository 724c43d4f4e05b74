//! Payments that a seller must look at.

use warung_domain::{ids::PaymentId, review::ReviewReason, violation::Violations};
use warung_store::{Tx, rows};

use super::record::locked;
use crate::{
    context::Context,
    engine::{AdminCommand, Change, Command, Told},
    error::{Error, Precondition, Result},
    operations::alert::alert_each,
    order::{review_alert, review_notices},
};

/// So many reasons of a payment are kept, the newest.
const REASONS_MAX: usize = 20;
/// The longest note of a seller's, why they decide about a payment as they do.
pub(super) const NOTE_CHARACTERS: usize = 200;

/// Why a seller must look at a payment, the newest reason first; empty when none must.
pub(crate) fn reasons(row: &rows::Payment) -> Result<Vec<ReviewReason>> {
    let Some(text) = &row.review_reason else { return Ok(Vec::new()) };
    serde_json::from_str(text).map_err(|error| Error::inconsistent(format!("payment.review_reason: {error}")))
}

/// Keeps the reasons that hold.
pub(super) fn retain(row: &mut rows::Payment, holds: impl Fn(ReviewReason) -> bool) -> Result<()> {
    let mut all = reasons(row)?;
    all.retain(|reason| holds(*reason));
    set(row, &all)
}

fn set(row: &mut rows::Payment, all: &[ReviewReason]) -> Result<()> {
    row.review_reason = if all.is_empty() { None } else { Some(serde_json::to_string(all)?) };
    Ok(())
}

/// Flags a payment that a seller must look at: sellers and the owner are told of each reason once.
#[derive(Clone, Copy, Debug)]
pub struct ReviewPayment {
    /// Which payment.
    pub payment_id: PaymentId,
    /// Why.
    pub reason: ReviewReason,
}

impl Command for ReviewPayment {
    /// It is news.
    type Output = bool;
    const NAME: &'static str = "payment.review";
    const BY_REQUEST_ID: bool = false;

    async fn execute(&self, tx: &mut Tx, ctx: &Context) -> Result<bool> {
        let mut edit = locked(tx, self.payment_id).await?;
        let row = edit.payments.get_mut(self.payment_id)?.row_mut();
        let mut all = reasons(row)?;
        if all.contains(&self.reason) {
            return Ok(false);
        }
        all.insert(0, self.reason);
        all.truncate(REASONS_MAX);
        set(row, &all)?;
        let row = row.clone();
        tracing::warn!(payment.id = %self.payment_id, reason = %self.reason, "a payment needs a look");
        edit.say(review_notices(tx, ctx, &edit.order, &row, self.reason).await?);
        // One of each reason: money of another amount is not hidden by what was told before.
        let key = format!("payment.review:{}:{}", self.payment_id, self.reason.code().to_lowercase().replace('_', "-"));
        let text = |language| review_alert(language, &edit.order, &row, self.reason);
        alert_each(tx, ctx, &key, text).await?;
        edit.save(tx, ctx).await?;
        Ok(true)
    }
}

/// A seller looked at a payment and found that nothing is to be done. What is to be said of its refunds stays: each is
/// closed by itself.
#[derive(Clone, Debug)]
pub struct DismissReview {
    /// Which payment.
    pub payment_id: PaymentId,
    /// Why the seller says so, 1 to 200 characters.
    pub note: String,
}

impl AdminCommand for DismissReview {
    type Output = PaymentId;
    const NAME: &'static str = "payment.dismiss_review";

    async fn change(&self, tx: &mut Tx, ctx: &Context) -> Result<Told<PaymentId>> {
        let mut violations = Violations::new();
        violations.length("note", &self.note, 1..=NOTE_CHARACTERS);
        violations.finish()?;
        let mut edit = locked(tx, self.payment_id).await?;
        let row = edit.payments.get_mut(self.payment_id)?.row_mut();
        let before = reasons(row)?;
        if before.iter().all(|reason| reason.is_refund()) {
            return Err(Precondition::PaymentNotInReview.into());
        }
        retain(row, ReviewReason::is_refund)?;
        let change = Change::of("payment", self.payment_id)
            .from(Some(serde_json::json!({ "reasons": before })))
            .to(serde_json::json!({ "reasons": reasons(row)?, "note": self.note }));
        edit.save(tx, ctx).await?;
        Ok(Told::changed(self.payment_id, change))
    }
}
