//! Gives unpaid orders up.

use warung_domain::{
    ids::OrderId,
    order::{Event, OrderState},
    payment::Closure,
};
use warung_store::Tx;

use super::{OrderEdit, Reach};
use crate::{
    context::Context,
    engine::Command,
    error::{Precondition, Result},
};

/// Cancels a PENDING order of the caller's: its stock is free again, and what was paid of it from the balance goes back.
#[derive(Clone, Debug)]
pub struct CancelOrder {
    /// The order's id or code.
    pub name: String,
}

impl Command for CancelOrder {
    type Output = OrderId;
    const NAME: &'static str = "order.cancel";

    async fn execute(&self, tx: &mut Tx, ctx: &Context) -> Result<OrderId> {
        let mut edit = OrderEdit::by_name(tx, ctx, &self.name, Reach::Own).await?;
        let id = edit.id();
        edit.change(ctx, Event::Cancelled).map_err(|change| change.or(Precondition::OrderNotCancellable))?;
        edit.give_up(tx, ctx, Closure::Cancelled).await?;
        edit.save(tx, ctx).await?;
        Ok(id)
    }
}

/// Expires a PENDING order whose time has passed; leaves any other as it is.
#[derive(Clone, Copy, Debug)]
pub struct ExpireOrder {
    /// Which order.
    pub order_id: OrderId,
}

impl Command for ExpireOrder {
    /// It expired now.
    type Output = bool;
    const NAME: &'static str = "order.expire";
    const BY_REQUEST_ID: bool = false;

    async fn execute(&self, tx: &mut Tx, ctx: &Context) -> Result<bool> {
        let Some(mut edit) = OrderEdit::by_id(tx, self.order_id).await? else { return Ok(false) };
        if edit.state() != OrderState::Pending || ctx.now < edit.order.expire_time {
            return Ok(false);
        }
        edit.payments.load(tx, self.order_id.0).await?;
        for attempt in edit.payments.all() {
            // Somebody looks at what the buyer says they paid.
            if attempt.stage()?.awaits_word(ctx.now) {
                return Ok(false);
            }
        }
        edit.change(ctx, Event::Expired)?;
        edit.give_up(tx, ctx, Closure::Expired).await?;
        edit.save(tx, ctx).await?;
        Ok(true)
    }
}
