//! An order that a command works on: what is changed, booked and said is written at the end, in the order of locks.

use uuid::Uuid;
use warung_domain::{
    ids::{OrderId, PaymentId},
    order::{Event, OrderState},
    payment::{self, Closure},
};
use warung_store::{LockedOrder, StockChange, StockChanges, StockSale, Tx, rows};

use super::{
    notice::{self, InvoiceEnd},
    stage::change,
    view::reachable,
};
use crate::{
    context::Context,
    error::{Error, Result},
    ledger::Books,
    messaging::{NewDelivery, write_deliveries},
    order::Reach,
    payment::{Attempt, Attempts, ask_given_up},
};

/// An order that a command works on. Its people and its row are locked.
pub(crate) struct OrderEdit {
    /// Who pays, and sees the order and its money.
    pub(crate) buyer: rows::User,
    /// Who gets what was bought, when somebody else does.
    receiver: Option<rows::User>,
    pub(crate) order: rows::Order,
    /// The order's row as it was found.
    found: rows::Order,
    pub(crate) books: Books,
    /// Its payments, once they are locked.
    pub(crate) payments: Attempts,
    deliveries: Vec<NewDelivery>,
    stock: StockChanges,
    sales: Vec<StockSale>,
    questions: Vec<rows::Question>,
}

impl OrderEdit {
    pub(crate) fn of(LockedOrder { buyer, receiver, order }: LockedOrder) -> Self {
        let books = Books::of(&order);
        Self {
            buyer,
            receiver,
            found: order.clone(),
            order,
            books,
            payments: Attempts::default(),
            deliveries: Vec::new(),
            stock: StockChanges::default(),
            sales: Vec::new(),
            questions: Vec::new(),
        }
    }

    /// The order of an id, locked.
    pub(crate) async fn by_id(tx: &mut Tx, order_id: OrderId) -> Result<Option<Self>> {
        Ok(tx.lock_order(order_id.0).await?.map(Self::of))
    }

    /// Who gets goods and days, and is told of them.
    pub(crate) fn receiver(&self) -> &rows::User {
        self.receiver.as_ref().unwrap_or(&self.buyer)
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
    pub(crate) fn state(&self) -> OrderState {
        self.order.state.0
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

    /// Something to ask a gateway about.
    pub(crate) fn ask(&mut self, question: rows::Question) {
        self.questions.push(question);
    }

    /// Stock lines to sell at the end.
    pub(super) fn sell(&mut self, sale: StockSale) {
        self.sales.push(sale);
    }

    /// Counters of stock to change at the end.
    pub(super) fn count(&mut self, product_id: Uuid, change: StockChange, quantity: i64) {
        self.stock.add(product_id, change, quantity);
    }

    /// Ends a payment that is underway: its invoices say so, and the gateway is asked as long as the invoice is good there
    /// and a few times more, as money may be on its way.
    pub(crate) async fn close_payment(
        &mut self,
        tx: &mut Tx,
        ctx: &Context,
        id: PaymentId,
        event: payment::Event,
    ) -> Result<()> {
        let attempt = self.payments.get_mut(id)?;
        attempt.change(ctx, event)?;
        // What is due sooner stays so: a webhook may have told of it, or the gateway did not answer.
        self.questions.extend(ask_given_up(ctx, attempt)?);
        let is_over = attempt.state() == payment::PaymentState::Expired;
        let end = if is_over { InvoiceEnd::Expired } else { InvoiceEnd::Cancelled };
        let sent = notice::invoices(tx, &[id]).await?;
        let edits = notice::invoice_edits(ctx, (&self.buyer, &self.order), attempt.row(), sent, end);
        self.say(edits);
        Ok(())
    }

    /// Gives the order up: its payment is closed, its stock is free, and what it took from the balance goes back.
    pub(super) async fn give_up(&mut self, tx: &mut Tx, ctx: &Context, how: Closure) -> Result<()> {
        self.payments.load(tx, self.order.id).await?;
        if let Some(id) = self.payments.underway().map(Attempt::id) {
            self.close_payment(tx, ctx, id, payment::Event::GivenUp(how)).await?;
        }
        for attempt in self.payments.all_mut() {
            if attempt.state() == payment::PaymentState::Paid && attempt.method().is_balance() {
                let (id, amount) = (attempt.id(), attempt.row().amount_minor);
                self.books.give_back(tx, ctx, id, amount).await?;
                self.order.paid_minor = self.order.paid_minor.saturating_sub(amount);
                attempt.change(ctx, payment::Event::Returned)?;
            }
        }
        for line in tx.lines_of_order(self.order.id).await? {
            if let Some(product_id) = super::line::counted(&line) {
                self.count(product_id, StockChange::Release, line.quantity);
            }
        }
        Ok(())
    }

    /// Writes everything.
    pub(crate) async fn save(self, tx: &mut Tx, ctx: &Context) -> Result<()> {
        Self::save_all(vec![self], StockChanges::default(), tx, ctx).await
    }

    /// Writes everything of orders of different people, the rows of a table together; and last the counters of stock, with
    /// what else of them the transaction changes.
    pub(crate) async fn save_all(edits: Vec<Self>, stock: StockChanges, tx: &mut Tx, ctx: &Context) -> Result<()> {
        let mut all = Written { stock, ..Written::default() };
        for Self { buyer: _, receiver: _, mut order, found, books, payments, deliveries, stock, sales, questions } in
            edits
        {
            order.version = order.version.saturating_add(1);
            all.orders.push((found, order));
            all.books.push(books);
            let (new, changed) = payments.into_written();
            all.new_payments.extend(new);
            all.payments.extend(changed);
            all.deliveries.extend(deliveries);
            all.sales.extend(sales);
            all.questions.extend(questions);
            all.stock.extend(stock);
        }
        all.write(tx, ctx).await
    }
}

/// What orders write.
#[derive(Default)]
struct Written {
    orders: Vec<(rows::Order, rows::Order)>,
    books: Vec<Books>,
    new_payments: Vec<rows::Payment>,
    payments: Vec<(rows::Payment, rows::Payment)>,
    questions: Vec<rows::Question>,
    deliveries: Vec<NewDelivery>,
    sales: Vec<StockSale>,
    stock: StockChanges,
}

impl Written {
    async fn write(self, tx: &mut Tx, ctx: &Context) -> Result<()> {
        tx.update_changed(self.orders).await?;
        // One that ends makes room for one that begins.
        tx.update_changed(self.payments).await?;
        tx.insert_all(self.new_payments).await?;
        tx.keep_questions(self.questions).await?;
        Books::write_all(self.books, tx, ctx).await?;
        write_deliveries(tx, ctx, self.deliveries).await?;
        tx.sell_stock(&self.sales, ctx.now).await?;
        // The hottest rows last.
        Ok(tx.change_stock(self.stock).await?)
    }
}
