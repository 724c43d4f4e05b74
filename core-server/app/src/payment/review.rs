//! Payments that a seller must look at.

use serde::{Deserialize, Serialize};
use warung_domain::{ids::PaymentId, money::Money, text::one_line};
use warung_store::Tx;

use super::record::locked;
use crate::{
    context::Context,
    engine::Command,
    error::Result,
    operations::alert::alert,
    order::{Notice, to_sellers},
};

const REASON_CHARACTERS: usize = 300;
/// All reasons of a payment together.
const REASONS_CHARACTERS: usize = 900;
/// What stands between two of them.
const AND: &str = "; ";

/// What is left to look at when money of an amount that nobody had asked for is booked.
pub(super) fn without_amount(reasons: Option<&str>, booked: Money) -> Option<String> {
    let told = format!("has received {booked} ");
    let left: Vec<_> = reasons?.split(AND).filter(|part| !part.contains(&told)).collect();
    (!left.is_empty()).then(|| left.join(AND))
}

/// Flags a payment whose gateway said something that does not fit: sellers and the owner are told once.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReviewPayment {
    /// Which payment.
    pub payment_id: PaymentId,
    /// What does not fit, in English, without secrets.
    pub reason: String,
}

impl Command for ReviewPayment {
    /// It is news.
    type Output = bool;
    const NAME: &'static str = "payment.review";
    const BY_REQUEST_ID: bool = false;

    async fn execute(&self, tx: &mut Tx, ctx: &Context) -> Result<bool> {
        let (mut edit, mut row) = locked(tx, self.payment_id).await?;
        let is_news = row.review_reason.is_none();
        let reason = one_line(&self.reason, REASON_CHARACTERS);
        if row.review_reason.as_deref().is_some_and(|known| known.split(AND).any(|part| part == reason)) {
            return Ok(false);
        }
        // The newest first, should there be no room for all.
        let all = row.review_reason.iter().fold(reason.clone(), |all, known| all + AND + known);
        row.review_reason = Some(one_line(&all, REASONS_CHARACTERS));
        if is_news {
            let notices = to_sellers(ctx, &Notice::Review { order: &edit.order, payment: &row, reason: &reason });
            edit.say(notices);
            let text = format!("The payment {} needs a look: {reason}", self.payment_id);
            alert(tx, ctx, &format!("payment.review:{}", self.payment_id), &text).await?;
        }
        tx.update(row).await?;
        edit.save(tx, ctx).await?;
        Ok(is_news)
    }
}
