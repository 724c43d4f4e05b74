//! Orders as callers see them.

use chrono::{DateTime, Utc};
use uuid::Uuid;
use warung_domain::{
    catalog::ProductKind,
    ids::{OrderId, OrderLineId, ProductId},
    money::Money,
    order::{HoldReason, OrderState},
    payment::{PaidThrough, PaymentState},
};
use warung_store::{OrderFilter, OrderKey, OrderOwner, Read, WholeOrder, rows};

use super::line::awaits_goods;
use crate::{
    context::Context,
    engine::Query,
    error::{Error, Result, Unproven},
    page::PageRequest,
    payment::Payment,
};

/// Whose orders a caller may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Those that the calling person pays for, or that the calling API key placed.
    Own,
    /// Those whose goods the calling person gets, or that the calling API key placed. Of an order that somebody else pays for
    /// they see nothing but the goods.
    Received,
    /// All of the store.
    Store,
}

impl Reach {
    /// Whether an order is within reach.
    pub(crate) fn covers(self, ctx: &Context, order: &rows::Order) -> bool {
        match self {
            Self::Store => true,
            Self::Own | Self::Received => match (ctx.principal.api_key, ctx.principal.person) {
                (Some(api_key), _) => order.api_key_id == Some(api_key.0),
                (None, Some(person)) => self.whose(order) == person.user_id.0,
                (None, None) => false,
            },
        }
    }

    /// Whose an order is within this reach.
    fn whose(self, order: &rows::Order) -> Uuid {
        if self == Self::Received { order.receiver_id.unwrap_or(order.buyer_id) } else { order.buyer_id }
    }

    fn owner(self, ctx: &Context) -> Result<Option<OrderOwner>> {
        let is_received = self == Self::Received;
        Ok(match (self, ctx.principal.api_key, ctx.principal.person) {
            (Self::Store, ..) => None,
            (_, Some(api_key), _) => Some(OrderOwner::ApiKey(api_key.0)),
            (_, None, Some(person)) if is_received => Some(OrderOwner::Receiver(person.user_id.0)),
            (_, None, Some(person)) => Some(OrderOwner::Buyer(person.user_id.0)),
            (_, None, None) => return Err(Unproven::Absent.into()),
        })
    }
}

/// The order of an id or a code, if it is within reach.
pub(crate) async fn reachable(read: &Read, ctx: &Context, name: &str, reach: Reach) -> Result<rows::Order> {
    let found = match name.parse::<OrderId>() {
        Ok(id) => read.find::<rows::Order>(id.0).await?,
        Err(_) => read.order_by_code(name).await?,
    };
    found.filter(|order| reach.covers(ctx, order)).ok_or_else(|| Error::not_found("order", &name))
}

/// Something that was bought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Its id.
    pub id: OrderId,
    /// The code that people use.
    pub code: String,
    /// Where it stands.
    pub state: OrderState,
    /// What was ordered.
    pub lines: Vec<OrderLine>,
    /// The sum of the lines.
    pub subtotal: Money,
    /// What is taken off.
    pub discount: Money,
    /// What gateways charge the buyer on top, of the payments that are open or paid.
    pub fee: Money,
    /// What the buyer pays in all.
    pub total: Money,
    /// Which rules made the price.
    pub rule_version: String,
    /// What it may be paid through.
    pub paid_through: PaidThrough,
    /// How much of it is paid.
    pub paid: Money,
    /// How much of that went back.
    pub refunded: Money,
    /// Every attempt to pay it, the last one first.
    pub payments: Vec<Payment>,
    /// The buyer's Telegram id.
    pub buyer_telegram_id: i64,
    /// Why the goods have not arrived.
    pub hold_reason: Option<HoldReason>,
    /// When it was placed.
    pub create_time: DateTime<Utc>,
    /// Until when it can be paid.
    pub expire_time: DateTime<Utc>,
    /// When it was paid.
    pub paid_time: Option<DateTime<Utc>>,
    /// When it came to its end.
    pub end_time: Option<DateTime<Utc>>,
    /// How often it changed.
    pub version: i64,
}

/// A line of an order, with the names and prices of the moment when it was placed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderLine {
    /// Its id.
    pub id: OrderLineId,
    /// The product; `None`: a top-up of an amount of the buyer's own.
    pub product_id: Option<ProductId>,
    /// The product's name then.
    pub product_name: String,
    /// What kind of goods.
    pub kind: ProductKind,
    /// How many units.
    pub quantity: i64,
    /// The price of one.
    pub unit_price: Money,
    /// The price of all.
    pub gross: Money,
    /// What comes off it.
    pub discount: Money,
    /// What is paid for it.
    pub net: Money,
    /// How much of that went back.
    pub refunded: Money,
    /// The seller has still to hand its goods over.
    pub awaits_goods: bool,
    /// The days of membership that all units grant together.
    pub membership_days: i64,
}

fn compose(
    order: rows::Order,
    buyer_telegram_id: i64,
    mut lines: Vec<rows::OrderLine>,
    payments: Vec<rows::Payment>,
) -> Order {
    let money = |minor_units| order.currency.0.amount(minor_units);
    let mut payments: Vec<_> = payments.into_iter().map(Payment::from_row).collect();
    payments.sort_by_key(|payment| std::cmp::Reverse((payment.create_time, payment.id)));
    let counts = |payment: &&Payment| matches!(payment.state, PaymentState::Open | PaymentState::Paid);
    let fee = payments.iter().filter(counts).map(|payment| payment.fee.minor_units).fold(0, i64::saturating_add);
    lines.sort_by_key(|line| line.number);
    let hold = order.hold_reason.map(|hold| hold.0);
    let lines = lines.into_iter().map(|line| OrderLine {
        id: OrderLineId(line.id),
        product_id: line.product_id.map(ProductId),
        kind: line.kind.0,
        quantity: line.quantity,
        unit_price: money(line.unit_price_minor),
        gross: money(line.gross_minor),
        discount: money(line.discount_minor),
        net: money(line.net_minor),
        refunded: money(line.refunded_minor),
        awaits_goods: hold == Some(HoldReason::Manual) && awaits_goods(&line),
        membership_days: line.membership_days,
        product_name: line.product_name,
    });
    Order {
        id: OrderId(order.id),
        state: order.state.0,
        hold_reason: hold,
        lines: lines.collect(),
        subtotal: money(order.subtotal_minor),
        discount: money(order.discount_minor),
        fee: money(fee),
        total: money(order.due_minor.saturating_add(fee)),
        paid: money(order.paid_minor),
        refunded: money(order.refunded_minor),
        payments,
        buyer_telegram_id,
        create_time: order.create_time,
        expire_time: order.expire_time,
        paid_time: order.paid_time,
        end_time: order.end_time,
        version: order.version,
        code: order.code,
        rule_version: order.rule_version,
        paid_through: PaidThrough::from_column(order.gateways.as_deref()),
    }
}

/// An order that this transaction places, before it has payments.
pub(super) fn just_placed(order: rows::Order, buyer_telegram_id: i64, lines: Vec<rows::OrderLine>) -> Order {
    compose(order, buyer_telegram_id, lines, Vec::new())
}

fn whole(WholeOrder { order, buyer_telegram_id, lines, payments }: WholeOrder) -> Order {
    compose(order, buyer_telegram_id, lines, payments)
}

/// An order.
#[derive(Clone, Debug)]
pub struct GetOrder {
    /// Its id or code.
    pub name: String,
    /// Whose it may be.
    pub reach: Reach,
}

impl Query for GetOrder {
    type Output = Order;

    async fn fetch(&self, read: &Read, ctx: &Context) -> Result<Order> {
        let key = self.name.parse::<OrderId>().map_or(OrderKey::Code(&self.name), |id| OrderKey::Id(id.0));
        let found = read.whole_order(key).await?.filter(|found| self.reach.covers(ctx, &found.order));
        found.map(whole).ok_or_else(|| Error::not_found("order", &self.name))
    }
}

/// Orders, newest first.
#[derive(Clone, Debug)]
pub struct ListOrders {
    /// Which page.
    pub page: PageRequest,
    /// Whose they may be.
    pub reach: Reach,
    /// Only those in this state.
    pub state: Option<OrderState>,
}

impl Query for ListOrders {
    type Output = (Vec<Order>, String);

    async fn fetch(&self, read: &Read, ctx: &Context) -> Result<(Vec<Order>, String)> {
        let owner = self.reach.owner(ctx)?;
        let state = self.state.map(OrderState::name);
        let page = self.page.read(ctx, &format!("orders {owner:?} {state:?}"))?;
        let filter = OrderFilter { owner, state, after: page.after, limit: page.limit() };
        let mut found = read.orders(&filter).await?;
        let next = page.cut(ctx, &mut found, |row| row.id);
        if found.is_empty() {
            return Ok((Vec::new(), next));
        }
        let mut listed = read.whole_orders(found.iter().map(|row| row.id).collect()).await?;
        listed.sort_unstable_by_key(|found| std::cmp::Reverse(found.order.id));
        Ok((listed.into_iter().map(whole).collect(), next))
    }
}

/// An order whose time has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DueOrder {
    /// When it passed.
    pub expire_time: DateTime<Utc>,
    /// The order.
    pub order_id: OrderId,
}

/// Orders whose time has passed, the oldest first.
#[derive(Clone, Copy, Debug)]
pub struct DueOrders {
    /// Only those that come after this one.
    pub after: Option<DueOrder>,
    /// At most so many.
    pub limit: u64,
}

impl Query for DueOrders {
    type Output = Vec<DueOrder>;

    async fn fetch(&self, read: &Read, ctx: &Context) -> Result<Vec<DueOrder>> {
        let after = self.after.map(|order| (order.expire_time, order.order_id.0));
        let found = read.due_orders(ctx.now, after, self.limit).await?.into_iter();
        Ok(found.map(|(expire_time, id)| DueOrder { expire_time, order_id: OrderId(id) }).collect())
    }
}

/// How often an order has changed.
#[derive(Clone, Debug)]
pub struct OrderVersion {
    /// Its id or code.
    pub name: String,
    /// Whose it may be.
    pub reach: Reach,
}

impl Query for OrderVersion {
    type Output = (OrderId, i64);

    async fn fetch(&self, read: &Read, ctx: &Context) -> Result<(OrderId, i64)> {
        let order = reachable(read, ctx, &self.name, self.reach).await?;
        Ok((OrderId(order.id), order.version))
    }
}
