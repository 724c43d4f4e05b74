//! Places an order of wallet balance.

use warung_domain::{
    catalog::ProductKind,
    ids::{OrderId, OrderLineId},
    money::{Currency, Money},
    price::{Position, freeze},
    violation::Violations,
};
use warung_store::{Tx, rows};

use super::place::{new_order, place};
use crate::{
    context::Context,
    engine::Command,
    error::{Error, Result},
    identity::language_of,
    words::words,
};

/// Places an order of wallet balance, of an amount that the buyer chooses.
#[derive(Clone, Copy, Debug)]
pub struct PlaceTopUp {
    /// How much to credit, within the bounds of the settings.
    pub amount: Money,
}

impl Command for PlaceTopUp {
    type Output = OrderId;
    const NAME: &'static str = "wallet.place_top_up";

    async fn execute(&self, tx: &mut Tx, ctx: &Context) -> Result<OrderId> {
        let mut violations = Violations::new();
        violations.check(self.amount.currency == Currency::Idr, "amount", "must be in IDR");
        let bounds = ctx.settings.top_up_minimum..=ctx.settings.top_up_maximum;
        violations.range("amount", self.amount.minor_units, bounds);
        violations.finish()?;
        let buyer = tx.lock_user(ctx.person()?.user_id.0).await?;
        let amount = self.amount.minor_units;
        let price = freeze(&[Position { unit_price: amount, quantity: 1 }])
            .map_err(|error| Error::invalid("amount", &error.to_string()))?;
        let order = new_order(ctx, &buyer, &price);
        let line = rows::OrderLine {
            id: OrderLineId(ctx.new_id()).0,
            order_id: order.id,
            number: 1,
            product_id: None,
            product_name: words(language_of(&buyer), "top-up", &[]),
            kind: ProductKind::TopUp.name().to_owned(),
            quantity: 1,
            unit_price_minor: amount,
            amount_minor: amount,
            membership_days: 0,
            goods_cipher: None,
        };
        let id = OrderId(order.id);
        place(tx, ctx, order, vec![line]).await?;
        Ok(id)
    }
}
