//! Sends the goods of an order again.

use chrono::TimeDelta;
use warung_domain::{delivery::StateName, ids::OrderId, order::OrderState};
use warung_store::{Tx, rows};

use super::{OrderEdit, Reach, line::has_goods, notice};
use crate::{
    context::Context,
    engine::Command,
    error::{Precondition, Result},
    messaging::{GOODS, write_delivery_once},
};

/// How long what was sent again stands for whoever presses once more.
const AGAIN_AFTER: TimeDelta = TimeDelta::minutes(1);

/// Sends the goods of a paid order to their receiver's chat again, at most once a minute.
#[derive(Clone, Debug)]
pub struct SendGoods {
    /// The order's id or code.
    pub name: String,
}

impl Command for SendGoods {
    /// How many messages are on their way, 0 where they were sent again a moment ago. One that still is on its way is not
    /// joined by another.
    type Output = i64;
    const NAME: &'static str = "order.send_goods";

    async fn execute(&self, tx: &mut Tx, ctx: &Context) -> Result<i64> {
        let edit = OrderEdit::by_name(tx, ctx, &self.name, Reach::Received).await?;
        let mut there_are = false;
        for line in tx.lines_of_order(edit.order.id).await? {
            there_are |= has_goods(&line);
        }
        if !there_are || !matches!(edit.state(), OrderState::Paid | OrderState::Completed) {
            return Err(Precondition::NothingToSend.into());
        }
        // The first is the settlement's.
        let before = tx.deliveries_for(GOODS, vec![edit.order.id]).await?;
        let came =
            |again: &rows::Delivery| again.state == StateName::Sent.name() && ctx.now - again.create_time < AGAIN_AFTER;
        if before.iter().skip(1).any(came) {
            return Ok(0);
        }
        write_delivery_once(tx, ctx, notice::goods(edit.receiver(), OrderId(edit.order.id))).await?;
        Ok(1)
    }
}
