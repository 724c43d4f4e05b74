//! Sends an invoice to the buyer's chat.

use warung_domain::{
    ids::{DeliveryId, PaymentId},
    payment::PaymentState,
};
use warung_store::{Tx, rows};

use super::record::locked;
use crate::{
    context::Context,
    engine::Command,
    error::{Error, Precondition, Result},
    messaging::write_delivery_once,
    order::{Reach, invoice},
};

/// Sends the invoice of an open payment of the caller's to the buyer's chat with the bot.
#[derive(Clone, Copy, Debug)]
pub struct SendInvoice {
    /// Which payment.
    pub payment_id: PaymentId,
}

impl Command for SendInvoice {
    type Output = DeliveryId;
    const NAME: &'static str = "payment.send_invoice";

    async fn execute(&self, tx: &mut Tx, ctx: &Context) -> Result<DeliveryId> {
        // Locked: an invoice that is written while its payment ends would stay in the chat as if it could be paid.
        let edit = locked(tx, self.payment_id).await?;
        let row = edit.payments.get(self.payment_id)?.row();
        if !Reach::Own.covers(ctx, &edit.order) {
            return Err(Error::not_found("payment", &self.payment_id));
        }
        if row.state != PaymentState::Open || row.expire_time.is_some_and(|time| time <= ctx.now) {
            return Err(Precondition::PaymentNotOpen.into());
        }
        let lines = tx.lines_of_order(edit.order.id).await?;
        let wallet: Option<rows::Wallet> = tx.find(edit.order.buyer_id).await?;
        let has_balance = wallet.is_some_and(|wallet| wallet.balance_minor > 0);
        write_delivery_once(tx, ctx, invoice(ctx, &edit.buyer, &edit.order, &lines, row, has_balance)).await
    }
}
