//! Settlement: an order whose money is complete gives what was bought.

use warung_domain::{
    catalog::ProductKind,
    ids::OrderId,
    membership::Membership,
    order::{Event, HandOver},
};
use warung_store::{StockChange, StockSale, Tx, rows};

use super::{edit::OrderEdit, notice};
use crate::{context::Context, error::Result, membership};

/// Where the units of a settled order come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stock {
    /// They were kept for it.
    Kept,
    /// Nothing is kept for it: from what is free.
    Free,
}

/// What an order gives, of its lines.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Gives {
    /// There are lines that a message carries.
    pub(crate) goods: bool,
    /// There are lines that a seller makes by hand.
    pub(crate) manual: bool,
    /// Days of membership.
    pub(crate) days: i64,
    /// Wallet balance.
    pub(crate) top_up: i64,
}

impl Gives {
    /// Of these lines.
    pub(crate) fn of(lines: &[rows::OrderLine]) -> Self {
        let mut gives = Self::default();
        for line in lines {
            match line.kind.0 {
                ProductKind::Stock | ProductKind::Shared => gives.goods = true,
                ProductKind::Manual => gives.manual = true,
                ProductKind::Membership => gives.days = gives.days.saturating_add(line.membership_days),
                ProductKind::TopUp => gives.top_up = gives.top_up.saturating_add(line.net_minor),
            }
        }
        gives
    }

    fn hand_over(self) -> HandOver {
        match self {
            Self { manual: true, .. } => HandOver::Manual,
            Self { goods: true, .. } => HandOver::Message,
            Self { .. } => HandOver::None,
        }
    }
}

/// Whether every line of an order that was given up can still be had.
pub(crate) async fn can_be_had(tx: &Tx, lines: &[rows::OrderLine]) -> Result<bool> {
    let mut wanted = Vec::new();
    for line in lines {
        if let Some(product_id) = super::line::counted(line) {
            wanted.push((product_id, line.quantity));
        }
    }
    if wanted.is_empty() {
        return Ok(true);
    }
    let found = tx.available(wanted.iter().map(|(product_id, _)| *product_id).collect()).await?;
    let available = |id| found.iter().find(|(found, _)| *found == id).map_or(0, |(_, available)| *available);
    Ok(wanted.into_iter().all(|(product_id, quantity)| available(product_id) >= quantity))
}

impl OrderEdit {
    /// Settles the order.
    pub(crate) async fn settle(
        &mut self,
        tx: &mut Tx,
        ctx: &Context,
        lines: &[rows::OrderLine],
        stock: Stock,
    ) -> Result<()> {
        let gives = Gives::of(lines);
        self.change(ctx, Event::Settled(gives.hand_over()))?;
        let earned = self.order.due_minor.saturating_sub(gives.top_up);
        self.books.settled(tx, ctx, earned, gives.top_up).await?;
        let mut member_until = None;
        if gives.days > 0 {
            let extend = |rule: Membership| Ok(rule.extend_paid(ctx.now, gives.days));
            member_until = membership::write(tx, ctx, self.receiver().id, extend).await?.1.expire_time;
        }
        for line in lines {
            let Some(product_id) = line.product_id else { continue };
            let change = match line.kind.0 {
                ProductKind::Stock if stock == Stock::Free => StockChange::SellAvailable,
                ProductKind::Stock => StockChange::SellReserved,
                _ => StockChange::SellUncounted,
            };
            if change != StockChange::SellUncounted {
                let (quantity, were_kept) = (line.quantity, stock == Stock::Kept);
                self.sell(StockSale { product_id, order_line_id: line.id, quantity, were_kept });
            }
            self.count(product_id, change, line.quantity);
        }
        if gives.goods {
            let goods = notice::goods(self.receiver(), OrderId(self.order.id));
            self.say([goods]);
        }
        let balance = if gives.top_up > 0 { Some(self.books.holdings(tx).await?.balance) } else { None };
        let told = notice::Settled { gives, member_until, balance };
        let notices = notice::settled(ctx, &self.buyer, self.receiver(), (&self.order, lines), &told);
        self.say(notices);
        Ok(())
    }
}
