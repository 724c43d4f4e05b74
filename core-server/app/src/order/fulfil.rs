//! Hands over, line by line, what a seller makes by hand.

use warung_domain::{
    delivery::StateName,
    goods::Goods,
    ids::{OrderId, OrderLineId},
    order::{Event, HoldReason},
    violation::Violations,
};
use warung_store::{Tx, rows};

use super::{OrderEdit, Reach, line::awaits_goods, notice};
use crate::{
    context::Context,
    engine::{AdminCommand, Change, Told},
    error::{Error, Precondition, Result},
    messaging::GOODS,
};

/// How long what a seller hands over may be, in characters.
const GOODS_CHARACTERS: usize = 16_000;

/// Hands over what a seller made by hand for a line of a paid order: it is encrypted, and sent to the buyer.
#[derive(Clone, Debug)]
pub struct FulfilOrder {
    /// The order's id or code.
    pub name: String,
    /// Which line, one that awaits goods; `None`: the only one.
    pub line: Option<OrderLineId>,
    /// What the buyer gets, 1 to 16,000 characters.
    pub goods: Goods,
}

impl AdminCommand for FulfilOrder {
    type Output = OrderId;
    const NAME: &'static str = "order.fulfil";

    async fn change(&self, tx: &mut Tx, ctx: &Context) -> Result<Told<OrderId>> {
        let mut violations = Violations::new();
        self.goods.check(&mut violations, "goods", GOODS_CHARACTERS);
        violations.finish()?;
        let mut edit = OrderEdit::by_name(tx, ctx, &self.name, Reach::Store).await?;
        let id = edit.id();
        let mut waiting = waiting(tx.lines_of_order(id.0).await?);
        let more = waiting.len() > 1;
        edit.change(ctx, Event::Fulfilled { more }).map_err(|change| change.or(Precondition::NothingToFulfil))?;
        let place = match self.line {
            Some(line) => waiting.iter().position(|row| row.id == line.0),
            None if more => return Err(Error::invalid("order_line_id", "is required: several lines wait for goods")),
            None => waiting.len().checked_sub(1),
        };
        let mut line = waiting.swap_remove(place.ok_or(Precondition::NothingToFulfil)?);
        let sealed = ctx.environment.secret.seal(line.id.as_bytes(), ctx.random(), &self.goods);
        line.goods_cipher = Some(sealed.map_err(|error| Error::Internal(error.to_string()))?);
        let after = serde_json::json!({ "line": line.number });
        tx.update(line).await?;
        // A message that has not left yet has these goods in it, too.
        let before = tx.deliveries_for(GOODS, vec![id.0]).await?;
        if before.iter().all(|delivery| delivery.state != StateName::Pending.name()) {
            let delivery = notice::goods(edit.receiver(), id);
            edit.say([delivery]);
        }
        let change = Change::of("order", &edit.order.code).to(after);
        edit.save(tx, ctx).await?;
        Ok(Told::changed(id, change))
    }
}

/// The lines that wait for a seller.
fn waiting(lines: Vec<rows::OrderLine>) -> Vec<rows::OrderLine> {
    lines.into_iter().filter(awaits_goods).collect()
}

impl OrderEdit {
    /// Money went back: when no line waits for a seller any more, what else was bought decides where the order stands.
    pub(crate) async fn wait_for_what_is_left(
        &mut self,
        tx: &Tx,
        ctx: &Context,
        lines: &[rows::OrderLine],
    ) -> Result<()> {
        if self.order.hold_reason != Some(HoldReason::Manual.into()) || lines.iter().any(awaits_goods) {
            return Ok(());
        }
        self.change(ctx, Event::Fulfilled { more: false })?;
        let last = tx.deliveries_for(GOODS, vec![self.order.id]).await?.pop();
        let state = last.map_or(Some(StateName::Sent), |last| StateName::from_name(&last.state));
        let event = match state.ok_or_else(|| Error::inconsistent("delivery.state"))? {
            StateName::Sent => Event::GoodsArrived,
            StateName::Blocked | StateName::NeverStarted => Event::BuyerRefused,
            // Its report will tell.
            StateName::Pending | StateName::Claimed => return Ok(()),
            StateName::Failed | StateName::Uncertain | StateName::Dead => Event::GoodsFailed,
        };
        self.change(ctx, event)?;
        Ok(())
    }
}
