//! The deliveries of an order's goods: to whom they show them, and what became of them.

use warung_domain::{
    delivery::{Refusal, State},
    ids::{DeliveryId, OrderId},
    order::Event,
};
use warung_store::{StockChanges, Tx, rows};

use super::{OrderEdit, line::has_goods};
use crate::{context::Context, error::Result, messaging::GOODS};

/// A delivery that shows the goods of an order in a chat.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Showing {
    /// Of which order.
    pub(crate) order: OrderId,
    /// Which delivery.
    pub(crate) delivery: DeliveryId,
    /// In which chat.
    pub(crate) chat_id: i64,
}

/// Notes that goods are shown, for each line of their orders that has some.
pub(crate) async fn reveal(tx: &mut Tx, ctx: &Context, showings: &[Showing]) -> Result<()> {
    if showings.is_empty() {
        return Ok(());
    }
    let lines = tx.lines_of_orders(showings.iter().map(|showing| showing.order.0).collect()).await?;
    let mut revealed = Vec::new();
    for showing in showings {
        for line in lines.iter().filter(|line| line.order_id == showing.order.0 && has_goods(line)) {
            revealed.push(rows::Reveal {
                id: ctx.new_id(),
                order_line_id: line.id,
                actor: format!("user:{}", showing.chat_id),
                delivery_id: Some(showing.delivery.0),
                create_time: ctx.now,
            });
        }
    }
    Ok(tx.insert_all(revealed).await?)
}

/// Goods that were about to be shown for the first time by a delivery are not: nobody has seen them.
pub(crate) async fn conceal(tx: &mut Tx, showing: Showing) -> Result<()> {
    let lines = tx.lines_of_order(showing.order.0).await?;
    Ok(tx.remove_reveals(lines.iter().map(|line| line.id).collect(), showing.delivery.0).await?)
}

/// What became of deliveries of goods, each in its final state. Answers those that decide: a newer delivery of the order
/// that is on its way has all that an older one had.
pub(crate) async fn goods_reported(
    tx: &mut Tx,
    ctx: &Context,
    reported: &[(OrderId, DeliveryId, State)],
) -> Result<Vec<DeliveryId>> {
    if reported.is_empty() {
        return Ok(Vec::new());
    }
    let orders: Vec<_> = reported.iter().map(|(order, ..)| order.0).collect();
    let locked = tx.lock_orders(orders.clone()).await?;
    // Only now: what is written for an order is written by who has it locked.
    let deliveries = tx.deliveries_for(GOODS, orders).await?;
    let (mut changed, mut decided) = (Vec::new(), Vec::new());
    for locked in locked {
        let mut edit = OrderEdit::of(locked);
        let of_order = reported.iter().filter(|(order, ..)| *order == edit.id());
        let Some((order, delivery, state)) = of_order.max_by_key(|(_, delivery, _)| delivery.0) else { continue };
        let is_newer = |other: &rows::Delivery| other.purpose_id == Some(order.0) && other.id > delivery.0;
        if deliveries.iter().any(|other| is_newer(other) && other.done_time.is_none()) {
            continue;
        }
        let Some(event) = event_of(state) else { continue };
        decided.push(*delivery);
        if edit.change(ctx, event)? {
            changed.push(edit);
        }
    }
    OrderEdit::save_all(changed, StockChanges::default(), tx, ctx).await?;
    Ok(decided)
}

fn event_of(state: &State) -> Option<Event> {
    Some(match state {
        State::Sent { .. } => Event::GoodsArrived,
        State::Refused(Refusal::Blocked | Refusal::NeverStarted) => Event::BuyerRefused,
        State::Failed | State::Dead | State::Uncertain => Event::GoodsFailed,
        State::Pending { .. } | State::Claimed { .. } => return None,
    })
}
