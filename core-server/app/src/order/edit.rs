//! An order that a command works on: what is changed, booked and said is written at the end, in the order of locks.

use uuid::Uuid;
use warung_domain::{
    ids::{OrderId, PaymentId},
    order::{Event, OrderState},
    payment::{PaymentState, next_check_given_up},
};
use warung_store::{LockedOrder, StockChange, Tx, rows};

use super::{
    notice::{self, InvoiceEnd},
    stage::{change, state_of},
    view::reachable,
};
use crate::{
    context::Context,
    error::{Error, Result},
    ledger::Books,
    messaging::{NewDelivery, write_deliveries},
    order::Reach,
    payment,
};

/// An order that a command works on. Its buyer and its row are locked.
pub(crate) struct OrderEdit {
    pub(crate) buyer: rows::User,
    pub(crate) order: rows::Order,
    pub(crate) books: Books,
    deliveries: Vec<NewDelivery>,
    counters: Vec<(Uuid, StockChange, i64)>,
}

impl OrderEdit {
    pub(crate) fn of(buyer: rows::User, order: rows::Order) -> Self {
        let books = Books::of(&order);
        Self { buyer, order, books, deliveries: Vec::new(), counters: Vec::new() }
    }

    /// The order of an id, locked.
    pub(crate) async fn by_id(tx: &mut Tx, order_id: OrderId) -> Result<Option<Self>> {
        let locked = tx.lock_order(order_id.0).await?;
        Ok(locked.map(|LockedOrder { buyer, order }| Self::of(buyer, order)))
    }

    /// The order of an id or a code, locked, if it is within the caller's reach.
    pub(crate) async fn by_name(tx: &mut Tx, ctx: &Context, name: &str, reach: Reach) -> Result<Self> {
        let order_id = match name.parse::<OrderId>() {
            Ok(id) => id,
            Err(_) => OrderId(reachable(tx, ctx, name, reach).await?.id),
        };
        let found = Self::by_id(tx, order_id).await?.filter(|edit| reach.covers(ctx, &edit.order));
        found.ok_or_else(|| Error::not_found("order", &name))
    }

    /// Its id.
    pub(crate) fn id(&self) -> OrderId {
        OrderId(self.order.id)
    }

    /// Where it stands.
    pub(crate) fn state(&self) -> Result<OrderState> {
        state_of(&self.order)
    }

    /// What is still to be paid.
    pub(crate) fn missing(&self) -> i64 {
        self.order.due_minor.saturating_sub(self.order.paid_minor).max(0)
    }

    /// Lets an event happen to it.
    pub(crate) fn change(&mut self, ctx: &Context, event: Event) -> Result<bool, super::stage::Change> {
        change(&mut self.order, ctx, event)
    }

    /// Something to say.
    pub(crate) fn say(&mut self, deliveries: impl IntoIterator<Item = NewDelivery>) {
        self.deliveries.extend(deliveries);
    }

    /// A counter of stock to change at the end.
    pub(super) fn count(&mut self, product_id: Uuid, change: StockChange, quantity: i64) {
        self.counters.push((product_id, change, quantity));
    }

    /// Ends a payment that is underway: it can't be paid any more, its invoices say so, and the gateway is asked as long as
    /// the invoice is good there and a few times more, as money may be on its way.
    pub(crate) async fn close_payment(
        &mut self,
        tx: &mut Tx,
        ctx: &Context,
        mut row: rows::Payment,
        to: PaymentState,
    ) -> Result<()> {
        to.name().clone_into(&mut row.state);
        let ends = *row.expire_time.get_or_insert(ctx.now);
        let next = next_check_given_up(row.create_time, ends, ctx.now);
        // What was due sooner stays so: a webhook may have told of it, or the gateway did not answer.
        row.check_time = Some(row.check_time.map_or(next, |due| due.min(next)));
        let end = if to == PaymentState::Expired { InvoiceEnd::Expired } else { InvoiceEnd::Cancelled };
        let edits = notice::invoice_edits(tx, ctx, &self.buyer, &self.order, &row, end).await?;
        self.say(edits);
        Ok(tx.update(row).await?)
    }

    /// Gives the order up: its payment is closed, its stock is free, and what it took from the balance goes back.
    pub(super) async fn give_up(&mut self, tx: &mut Tx, ctx: &Context, to: PaymentState) -> Result<()> {
        for mut row in tx.lock_payments_of_order(self.order.id).await? {
            let state = payment::state_of(&row)?;
            if state.is_underway() {
                self.close_payment(tx, ctx, row, to).await?;
            } else if state == PaymentState::Paid && payment::method_of(&row)?.is_balance() {
                self.books.give_back(tx, ctx, PaymentId(row.id), row.amount_minor).await?;
                self.order.paid_minor = self.order.paid_minor.saturating_sub(row.amount_minor);
                PaymentState::Returned.name().clone_into(&mut row.state);
                tx.update(row).await?;
            }
        }
        for line in tx.lines_of_order(self.order.id).await? {
            if let Some(product_id) = super::view::counted(&line)? {
                self.count(product_id, StockChange::Release, line.quantity);
            }
        }
        Ok(())
    }

    /// Writes everything.
    pub(crate) async fn save(mut self, tx: &mut Tx, ctx: &Context) -> Result<()> {
        self.order.version = self.order.version.saturating_add(1);
        tx.update(self.order).await?;
        self.books.write(tx, ctx).await?;
        write_deliveries(tx, ctx, self.deliveries).await?;
        // The hottest rows last, and in one order.
        self.counters.sort_unstable_by_key(|(product_id, ..)| *product_id);
        for (product_id, change, quantity) in self.counters {
            if tx.change_stock(product_id, change, quantity).await? {
                continue;
            }
            return Err(match change {
                // Somebody else was quicker since we looked: another look will tell.
                StockChange::SellAvailable => warung_store::Error::Serialization("product_stock".into()).into(),
                _ => Error::inconsistent(format!("product_stock of {product_id}: {change:?} {quantity}")),
            });
        }
        Ok(())
    }
}
