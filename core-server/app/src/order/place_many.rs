//! Placing many orders at once: what is plain, and nothing else.

use std::collections::{BTreeMap, HashMap};

use uuid::Uuid;
use warung_domain::{catalog::ProductKind, ids::OrderId};
use warung_store::{Tx, WantedProduct, rows};

use super::{
    place::{Chosen, PlaceOrder, PlacedOrder, new_lines, new_order},
    view::just_placed,
};
use crate::{
    context::Context,
    engine::{Engine, Gathered, Plans},
    error::{Error, Result},
};

/// Places an order, together with others that are placed at this moment.
pub async fn place_order(engine: &Engine, ctx: &Context, command: PlaceOrder) -> Result<PlacedOrder> {
    engine.run_gathered(ctx, command).await
}

/// An order that is placed, and what it keeps of the stock.
pub(crate) struct Placed {
    order: rows::Order,
    lines: Vec<rows::OrderLine>,
    kept: Vec<(Uuid, i64)>,
}

/// What the orders before it leave for an order.
struct Left {
    unpaid: HashMap<Uuid, i64>,
    taken: HashMap<Uuid, i64>,
}

impl Left {
    /// What an order keeps; `None`: there is too little of something.
    fn keep(&mut self, chosen: &[Chosen]) -> Option<Vec<(Uuid, i64)>> {
        let counted = chosen.iter().filter(|chosen| chosen.kind == ProductKind::Stock);
        let taken = |id| self.taken.get(&id).copied().unwrap_or_default();
        let kept = counted.map(|Chosen { product, available, quantity, .. }| {
            (taken(product.id).saturating_add(*quantity) <= *available).then_some((product.id, *quantity))
        });
        let kept: Vec<_> = kept.collect::<Option<_>>()?;
        for (product_id, quantity) in &kept {
            let taken = self.taken.entry(*product_id).or_default();
            *taken = taken.saturating_add(*quantity);
        }
        Some(kept)
    }
}

impl PlaceOrder {
    /// The order, if it is plain: its buyer's first of these, with something to pay, and refused by no rule.
    fn plain(
        &self,
        ctx: &Context,
        buyer: &rows::User,
        found: &[WantedProduct],
        left: &mut Left,
    ) -> Option<(PlacedOrder, Box<Placed>)> {
        let chosen = self.choose(found).ok()?;
        let price = self.price(&chosen).ok()?;
        let unpaid = left.unpaid.get(&buyer.id).copied().unwrap_or_default();
        if price.due == 0 || !self.is_payable_without_balance(price.due) || unpaid >= ctx.settings.unpaid_max {
            return None;
        }
        let kept = left.keep(&chosen)?;
        let order = new_order(ctx, buyer, &price);
        let lines = new_lines(ctx, OrderId(order.id), &chosen, &price);
        let answer = just_placed(order.clone(), buyer.telegram_id, lines.clone()).ok()?;
        let answer = PlacedOrder { id: OrderId(order.id), order: Some(Box::new(answer)) };
        Some((answer, Box::new(Placed { order, lines, kept })))
    }
}

impl Gathered for PlaceOrder {
    type Change = Box<Placed>;
    type Beside = ();
    type Handed = ();
    const GATHERS_ALONE: bool = true;

    async fn plan(calls: &[(Context, Self)], tx: &mut Tx) -> Result<Plans<Self>> {
        let mut asking = BTreeMap::new();
        let (mut ids, mut codes) = (Vec::new(), Vec::new());
        for (place, (ctx, command)) in calls.iter().enumerate() {
            let is_own = ctx.principal.api_key.is_none() && command.buyer_telegram_id.is_none();
            let Ok(person) = ctx.person() else { continue };
            // One order of a buyer is plain, as it sees all that came before it; a second one does not.
            if is_own && command.check().is_ok() && !asking.contains_key(&person.user_id.0) {
                asking.insert(person.user_id.0, place);
                let (of_these, with_these) = command.names();
                ids.extend(of_these);
                codes.extend(with_these);
            }
        }
        let mut plans: Vec<_> = calls.iter().map(|_| None).collect();
        if asking.is_empty() {
            return Ok(plans);
        }
        ids.sort_unstable();
        ids.dedup();
        codes.sort_unstable();
        codes.dedup();
        let buyers = tx.lock_free_users(asking.keys().copied().collect()).await?;
        let found = tx.wanted_products(ids, codes).await?;
        // Counted once the buyers are locked: nobody places another order of theirs meanwhile.
        let unpaid = tx.unpaid_orders(buyers.iter().map(|buyer| buyer.id).collect()).await?;
        let mut left = Left { unpaid, taken: HashMap::new() };
        for buyer in &buyers {
            let Some(place) = asking.get(&buyer.id).copied() else { continue };
            let (Some((ctx, command)), Some(plan)) = (calls.get(place), plans.get_mut(place)) else { continue };
            *plan = command.plain(ctx, buyer, &found, &mut left);
        }
        Ok(plans)
    }

    async fn write(changes: Vec<Self::Change>, tx: &mut Tx, _ctx: &Context, _beside: &()) -> Result<()> {
        let (mut orders, mut lines, mut kept) = (Vec::new(), Vec::new(), BTreeMap::<_, i64>::new());
        for placed in changes {
            let Placed { order, lines: its_lines, kept: its_stock } = *placed;
            orders.push(order);
            lines.extend(its_lines);
            for (product_id, quantity) in its_stock {
                let sum = kept.entry(product_id).or_default();
                *sum = sum.checked_add(quantity).ok_or_else(|| Error::Internal("stock overflows".into()))?;
            }
        }
        tx.insert_all::<rows::Order>(orders).await?;
        tx.insert_all::<rows::OrderLine>(lines).await?;
        // The hottest rows last.
        Ok(tx.reserve_of_many(&kept).await?)
    }
}
