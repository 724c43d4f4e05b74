//! Hands over what a seller made by hand.

use warung_domain::{catalog::ProductKind, goods::Goods, ids::OrderId, order::Event, violation::Violations};
use warung_store::Tx;

use super::{OrderEdit, Reach, notice, view::kind_of};
use crate::{
    context::Context,
    engine::{AdminCommand, Change, Told},
    error::{Error, Precondition, Result},
};

/// How long what a seller hands over may be, in characters.
const GOODS_CHARACTERS: usize = 16_000;

/// Hands over what a seller made by hand for a paid order: it is encrypted, and sent to the buyer.
#[derive(Clone, Debug)]
pub struct FulfilOrder {
    /// The order's id or code.
    pub name: String,
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
        edit.change(ctx, Event::Fulfilled).map_err(|change| change.or(Precondition::NothingToFulfil))?;
        let mut line = None;
        for found in tx.lines_of_order(id.0).await? {
            if kind_of(&found)? == ProductKind::Manual {
                line = Some(found);
                break;
            }
        }
        // Of several lines made by hand the first carries what the seller wrote for all of them.
        let mut line = line.ok_or_else(|| Error::inconsistent("orders.hold_reason"))?;
        let sealed = ctx.environment.secret.seal(line.id.as_bytes(), ctx.random(), &self.goods);
        line.goods_cipher = Some(sealed.map_err(|error| Error::Internal(error.to_string()))?);
        tx.update(line).await?;
        let delivery = notice::goods(&edit.buyer, id);
        edit.say([delivery]);
        let change = Change::of("order", &edit.order.code);
        edit.save(tx, ctx).await?;
        Ok(Told::changed(id, change))
    }
}
