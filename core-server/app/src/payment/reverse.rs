//! A gateway took money back: a refund that was made there, or a chargeback.

use warung_domain::{
    ids::PaymentId,
    money::Money,
    order::OrderState,
    payment::{Destination, Event, RefundState, Stage},
    refund::Wanted,
    review::ReviewReason,
};
use warung_store::{Tx, rows};

use super::{
    ReviewPayment,
    record::locked,
    refund::{give, keep, parts_of},
};
use crate::{
    context::Context,
    engine::Command,
    error::{Error, Result},
    identity::language_of,
    order::OrderEdit,
    words::words,
};

/// Books that a gateway took money of a payment back. What its order kept of it goes back as a refund does: days of membership
/// with it, and goods that have not left stay. What had gone to the wallet is taken from there, and what the wallet lacks is
/// owed. The buyer is told, and a seller looks at what the buyer has.
#[derive(Clone, Copy, Debug)]
pub struct ReversePayment {
    /// Which payment.
    pub payment_id: PaymentId,
    /// How much is gone, of all times that some was taken.
    pub reversed: Money,
}

impl Command for ReversePayment {
    /// It is news.
    type Output = bool;
    const NAME: &'static str = "payment.reverse";
    // The payment itself tells how much was booked.
    const BY_REQUEST_ID: bool = false;

    async fn execute(&self, tx: &mut Tx, ctx: &Context) -> Result<bool> {
        let mut edit = locked(tx, self.payment_id).await?;
        let attempt = edit.payments.get_mut(self.payment_id)?;
        let (received, before) = match attempt.stage()? {
            Stage::Paid { received, .. } => (received, 0),
            Stage::Reversed { received, reversed, .. } => (received, reversed),
            _ => return Ok(false),
        };
        tx.remove_own_questions(vec![self.payment_id.0]).await?;
        let news = self.reversed.minor_units.min(received).saturating_sub(before);
        if news < 1 {
            return Ok(false);
        }
        let in_all = before.saturating_add(news);
        attempt.change(ctx, Event::Reversed(in_all))?;
        let gateway = attempt.row().gateway.clone();
        let kept = received.saturating_sub(tx.credited_of(self.payment_id.0).await?);
        let of_order = of_order(tx, &edit, news.min(kept.saturating_sub(before).max(0))).await?;
        if of_order > 0 {
            let row = self.refund(ctx, &edit, of_order, &gateway);
            let (before, lines) = (tx.refunds_of_order(row.order_id).await?, tx.lines_of_order(row.order_id).await?);
            // Whose money was taken back nobody says: it is of every line.
            let parts = parts_of(tx, &before, &lines, &Wanted::Amount(of_order)).await?;
            keep(tx, &row, parts.ok_or_else(|| Error::inconsistent("order_line.net_minor"))?).await?;
            give(tx, ctx, &mut edit, &row, Some(&gateway)).await?;
        }
        let of_wallet = news.saturating_sub(of_order);
        if of_wallet > 0 {
            edit.books.reversed(tx, ctx, (self.payment_id, in_all), &gateway, of_wallet).await?;
        }
        edit.save(tx, ctx).await?;
        let reason = ReviewReason::Reversed { amount: Money { minor_units: news, ..self.reversed } };
        ReviewPayment { payment_id: self.payment_id, reason }.execute(tx, ctx).await?;
        Ok(true)
    }
}

/// How much of so much its order has to give: what it was paid, and has not gone back or is on its way.
async fn of_order(tx: &Tx, edit: &OrderEdit, most: i64) -> Result<i64> {
    if !matches!(edit.state(), OrderState::Paid | OrderState::Completed) {
        return Ok(0);
    }
    let refunds = tx.refunds_of_order(edit.order.id).await?;
    let pending = refunds.iter().filter(|row| row.state == RefundState::Pending).map(|row| row.amount_minor);
    let gone = pending.fold(edit.order.refunded_minor, i64::saturating_add);
    Ok(edit.order.paid_minor.saturating_sub(gone).clamp(0, most))
}

impl ReversePayment {
    fn refund(&self, ctx: &Context, edit: &OrderEdit, amount: i64, gateway: &str) -> rows::Refund {
        rows::Refund {
            id: ctx.new_id(),
            order_id: edit.order.id,
            payment_id: Some(self.payment_id.0),
            destination: Destination::Gateway.into(),
            currency: edit.order.currency,
            amount_minor: amount,
            state: RefundState::Done.into(),
            reason: words(language_of(&edit.buyer), "reversed-reason", &[("gateway", gateway)]),
            actor: ctx.principal.to_string(),
            create_time: ctx.now,
            done_time: Some(ctx.now),
        }
    }
}
