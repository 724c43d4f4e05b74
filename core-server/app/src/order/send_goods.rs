//! Sends the goods of an order again.

use serde::{Deserialize, Serialize};
use warung_domain::{
    ids::OrderId,
    order::{HoldReason, OrderState},
};
use warung_store::Tx;

use super::{OrderEdit, Reach, notice, settle::Gives, stage::hold_of};
use crate::{
    context::Context,
    engine::Command,
    error::{Precondition, Result},
    messaging::write_delivery_once,
};

/// Sends the goods of a paid order to the buyer's chat again.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SendGoods {
    /// The order's id or code.
    pub name: String,
}

impl Command for SendGoods {
    /// How many messages are on their way. One that still is, or arrived a moment ago, is not joined by another.
    type Output = i64;
    const NAME: &'static str = "order.send_goods";

    async fn execute(&self, tx: &mut Tx, ctx: &Context) -> Result<i64> {
        let edit = OrderEdit::by_name(tx, ctx, &self.name, Reach::Own).await?;
        let lines = tx.lines_of_order(edit.order.id).await?;
        let gives = Gives::of(&lines)?;
        let has_manual = gives.manual && hold_of(&edit.order)? != Some(HoldReason::Manual);
        let is_paid = matches!(edit.state()?, OrderState::Paid | OrderState::Completed);
        if !is_paid || !(gives.goods || has_manual) {
            return Err(Precondition::NothingToSend.into());
        }
        write_delivery_once(tx, ctx, notice::goods(&edit.buyer, OrderId(edit.order.id))).await?;
        Ok(1)
    }
}
