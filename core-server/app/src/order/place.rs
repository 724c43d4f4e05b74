//! Places orders: load, price, check, reserve, write, over a batch; a single order is a batch of one.

use std::collections::{BTreeSet, HashMap};

use serde::{Deserialize, Serialize};
use uuid::Uuid;
use warung_domain::{
    ids::{OrderId, ProductId},
    money::{Currency, Money},
    order::{OrderState, order_code},
    price::RULE_VERSION,
    violation::Violations,
};
use warung_store::{LockedOrder, StockChange, StockChanges, Tx, rows};

use super::{
    basket::{Basket, Chosen, Found, Priced},
    edit::OrderEdit,
    settle::Stock,
    view::{Order, just_placed},
};
use crate::{
    context::Context,
    engine::{Batched, BatchedCall, Command, Engine, Plan, alone},
    error::{Error, Precondition, Result},
    gateway::Gateways,
    identity::{Profile, ensure_user, in_seconds},
    payment::PayBy,
};

/// Places an order: its prices are frozen and its stock is kept until it expires. One that costs nothing is settled.
#[derive(Clone, Debug)]
pub struct PlaceOrder {
    /// What to order.
    pub basket: Basket,
    /// The subtotal that the buyer was shown; `None`: whatever it is.
    pub expected_subtotal: Option<Money>,
    /// Whom the order is for: API keys alone name somebody.
    pub buyer_telegram_id: Option<i64>,
    /// How it is to be paid; `None`: that is said later.
    pub pay_by: Option<PayBy>,
}

/// An order that was placed. Of a request that is repeated, its id is kept, and nothing else.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PlacedOrder {
    /// Its id.
    pub id: OrderId,
    /// The order as this call wrote it, so that nobody reads it again; `None`: it is to be read.
    #[serde(skip)]
    pub order: Option<Box<Order>>,
}

/// Places an order, together with others that are placed at this moment.
pub async fn place_order(engine: &Engine, ctx: &Context, command: PlaceOrder) -> Result<PlacedOrder> {
    engine.run_batched(ctx, command).await
}

impl Command for PlaceOrder {
    type Output = PlacedOrder;
    const NAME: &'static str = "order.place";
    const LOCKS_CALLER: bool = true;

    async fn execute(&self, tx: &mut Tx, ctx: &Context) -> Result<PlacedOrder> {
        alone(self, tx, ctx).await
    }
}

/// An order to be written.
pub(crate) struct Placed {
    order: rows::Order,
    lines: Vec<rows::OrderLine>,
    /// Of an order that costs nothing, which is settled at once: its buyer.
    settles_for: Option<rows::User>,
}

impl Batched for PlaceOrder {
    type Change = Box<Placed>;
    type Aid = ();
    type After = ();
    const GATHERS_ALONE: bool = true;

    async fn plan(calls: &[&BatchedCall<Self>], tx: &mut Tx, waits: bool) -> Result<Vec<Plan<Self>>> {
        let buyers = buyers(calls, tx).await?;
        let ids: BTreeSet<_> = buyers.iter().flatten().copied().collect();
        let users = tx.lock_users(ids.into_iter().collect(), waits).await?;
        let users: HashMap<_, _> = users.into_iter().map(|user| (user.id, user)).collect();
        let found = found(calls, tx).await?;
        // Counted once the buyers are locked: nobody places another order of theirs meanwhile.
        let unpaid = tx.unpaid_orders(users.keys().copied().collect()).await?;
        let mut priced = Vec::with_capacity(calls.len());
        let mut counted_on = Vec::new();
        for ((ctx, command), buyer) in calls.iter().zip(buyers) {
            let buyer = match buyer.map(|id| users.get(&id)) {
                Ok(buyer) => buyer,
                Err(error) => {
                    priced.push(Err(Plan::Refuse(error)));
                    continue;
                }
            };
            priced.push(match buyer.map(|buyer| command.priced(buyer, &found).map(|priced| (buyer, priced))) {
                None => Err(Plan::Alone),
                Some(Err(error)) => Err(Plan::Refuse(error)),
                Some(Ok((buyer, priced))) => {
                    let gateways = ctx.gateways.among(&priced.paid_through());
                    counted_on.extend((!command.needs_no_balance(&gateways, priced.price.due)).then_some(buyer.id));
                    Ok((buyer, priced))
                }
            });
        }
        let balances = tx.balances(counted_on).await?;
        let mut shop = Shop { found, unpaid, balances, taken: HashMap::new() };
        let plan = |(priced, call): (_, &&BatchedCall<Self>)| match priced {
            Ok((buyer, priced)) => Plan::from(call.1.place(&call.0, buyer, &priced, &mut shop)),
            Err(plan) => plan,
        };
        Ok(priced.into_iter().zip(calls).map(plan).collect())
    }

    async fn write(changes: Vec<Box<Placed>>, tx: &mut Tx, ctx: &Context, _: Option<&()>) -> Result<()> {
        let (mut orders, mut lines, mut settling) = (Vec::new(), Vec::new(), Vec::new());
        let mut stock = StockChanges::default();
        for placed in changes {
            let Placed { order, lines: its_lines, settles_for } = *placed;
            if let Some(buyer) = settles_for {
                settling.push((buyer, order.clone(), its_lines.clone()));
            } else {
                for line in &its_lines {
                    if let Some(product_id) = super::line::counted(line) {
                        stock.add(product_id, StockChange::Reserve, line.quantity);
                    }
                }
            }
            orders.push(order);
            lines.extend(its_lines);
        }
        tx.insert_all::<rows::Order>(orders).await?;
        tx.insert_all::<rows::OrderLine>(lines).await?;
        let mut edits = Vec::new();
        for (buyer, order, lines) in settling {
            let mut edit = OrderEdit::of(LockedOrder { buyer, receiver: None, order });
            edit.settle(tx, ctx, &lines, Stock::Free).await?;
            edits.push(edit);
        }
        OrderEdit::save_all(edits, stock, tx, ctx).await
    }
}

/// Whose order each call places. Whom an API key names and nobody knows is recorded, before anybody is locked and in the
/// order of Telegram's ids.
async fn buyers(calls: &[&BatchedCall<PlaceOrder>], tx: &mut Tx) -> Result<Vec<Result<Uuid>>> {
    let mut buyers = Vec::with_capacity(calls.len());
    let mut named = Vec::new();
    for (place, (ctx, command)) in calls.iter().enumerate() {
        let buyer = command.check(ctx).and_then(|()| match (ctx.principal.api_key, command.buyer_telegram_id) {
            (None, None) => Ok(Some(ctx.person()?.user_id.0)),
            (None, Some(_)) => Err(Error::invalid("buyer_telegram_id", "is for API keys alone")),
            (Some(_), None) => Err(Error::invalid("buyer_telegram_id", "is required of an API key")),
            (Some(_), Some(_)) => Ok(None),
        });
        if let (Ok(None), Some(telegram_id)) = (&buyer, command.buyer_telegram_id) {
            named.push((telegram_id, place));
        }
        buyers.push(buyer.map(Option::unwrap_or_default));
    }
    named.sort_unstable();
    for (telegram_id, place) in named {
        let (Some((ctx, _)), Some(buyer)) = (calls.get(place), buyers.get_mut(place)) else { continue };
        *buyer = match ensure_user(tx, ctx, &Profile::of(telegram_id)).await {
            Ok((user, _)) => Ok(user.id),
            Err(Error::Invalid(_)) => Err(Error::invalid("buyer_telegram_id", "must be a Telegram user's id")),
            Err(error) => return Err(error),
        };
    }
    Ok(buyers)
}

/// What the calls want of the store's products.
async fn found(calls: &[&BatchedCall<PlaceOrder>], tx: &Tx) -> Result<Found> {
    let (mut ids, mut codes) = (Vec::new(), Vec::new());
    for (_, command) in calls {
        command.basket.names(&mut ids, &mut codes);
    }
    ids.sort_unstable();
    ids.dedup();
    codes.sort_unstable();
    codes.dedup();
    Ok(Found::of(tx.wanted_products(ids, codes).await?))
}

/// What there is for an order, less what those before it in its batch take.
struct Shop {
    found: Found,
    /// Unpaid orders by buyer and by the API key that placed them.
    unpaid: HashMap<(Uuid, Option<Uuid>), i64>,
    balances: HashMap<Uuid, i64>,
    taken: HashMap<Uuid, i64>,
}

impl Shop {
    /// Takes what is ordered out of what there is: all of it, or nothing.
    fn take(&mut self, chosen: &[Chosen]) -> Result<()> {
        let left = |taken: &HashMap<_, _>, id| {
            self.found.available(id).saturating_sub(taken.get(&id).copied().unwrap_or_default()).max(0)
        };
        for (product_id, quantity) in chosen.iter().filter_map(Chosen::counted) {
            let left = left(&self.taken, product_id);
            if left < quantity {
                return Err(Precondition::OutOfStock { product: ProductId(product_id), left }.into());
            }
        }
        for (product_id, quantity) in chosen.iter().filter_map(Chosen::counted) {
            let taken = self.taken.entry(product_id).or_default();
            *taken = taken.saturating_add(quantity);
        }
        Ok(())
    }
}

impl PlaceOrder {
    fn check(&self, ctx: &Context) -> Result<()> {
        let mut violations = Violations::new();
        self.basket.check(ctx, &mut violations);
        if let Some(expected) = self.expected_subtotal {
            violations.check(expected.currency == Currency::Idr, "expected_subtotal", "must be in IDR");
        }
        Ok(violations.finish()?)
    }

    fn priced(&self, buyer: &rows::User, found: &Found) -> Result<Priced> {
        let priced = self.basket.priced(buyer, found)?;
        priced.expect(self.expected_subtotal)?;
        Ok(priced)
    }

    /// Whether what is due can be paid whatever the balance holds.
    fn needs_no_balance(&self, gateways: &Gateways, due: i64) -> bool {
        due <= 0
            || match self.pay_by {
                None => due >= gateways.least(),
                Some(pay_by) => pay_by.way(gateways).has_gateway_for(due),
            }
    }

    /// Refuses, before anything is kept, what can't be paid: in the way that was chosen, or else in any.
    fn check_payable(&self, ctx: &Context, priced: &Priced, balance: i64) -> Result<()> {
        let (due, is_top_up, paid_through) = (priced.price.due, priced.is_top_up(), priced.paid_through());
        let gateways = ctx.gateways.among(&paid_through);
        let none_left = !paid_through.is_any() && gateways.names().is_empty();
        let is_kept_from = |pay_by: PayBy| {
            let by_gateway = !pay_by.method.is_balance() && !paid_through.is_any();
            by_gateway && gateways.for_method(pay_by.method).is_none()
        };
        if due > 0 && self.pay_by.is_some_and(is_kept_from) {
            let other = Precondition::PaymentMethodUnavailable;
            return Err(if none_left { Precondition::NoWayToPay } else { other }.into());
        }
        if self.needs_no_balance(&gateways, due) {
            return Ok(());
        }
        if let Some(pay_by) = self.pay_by {
            return pay_by.way(&gateways).takes(due, (!is_top_up).then_some(balance)).map(drop);
        }
        if balance >= due && !is_top_up {
            return Ok(());
        }
        // Where there is no gateway, nothing is enough for one, and only the balance could have paid it.
        let minimum = gateways.least();
        let below = Precondition::AmountBelowMinimum { minimum };
        if none_left {
            return Err(Precondition::NoWayToPay.into());
        }
        Err(if minimum == i64::MAX { Precondition::BalanceTooLow } else { below }.into())
    }

    /// The order, unless a rule refuses it. The one place where limits of orders are checked.
    fn place(
        &self,
        ctx: &Context,
        buyer: &rows::User,
        priced: &Priced,
        shop: &mut Shop,
    ) -> Result<(PlacedOrder, Box<Placed>)> {
        let (due, api_key) = (priced.price.due, ctx.principal.api_key.map(|id| id.0));
        // A program does not spend its buyer's balance.
        let balance = shop.balances.get(&buyer.id).copied().filter(|_| api_key.is_none());
        self.check_payable(ctx, priced, balance.unwrap_or_default())?;
        // What an API key placed for a buyer leaves them their own places, and the other way round.
        let unpaid = shop.unpaid.get(&(buyer.id, api_key)).copied().unwrap_or_default();
        if unpaid >= ctx.settings.unpaid_max {
            return Err(Precondition::TooManyUnpaidOrders.into());
        }
        shop.take(&priced.chosen)?;
        let order = new_order(ctx, buyer, priced);
        let id = OrderId(order.id);
        let lines = priced.lines(ctx, id);
        if due == 0 {
            let placed = Placed { order, lines, settles_for: Some(buyer.clone()) };
            return Ok((PlacedOrder { id, order: None }, Box::new(placed)));
        }
        shop.unpaid.insert((buyer.id, api_key), unpaid.saturating_add(1));
        let answer = just_placed(order.clone(), buyer.telegram_id, lines.clone());
        let placed = Placed { order, lines, settles_for: None };
        Ok((PlacedOrder { id, order: Some(Box::new(answer)) }, Box::new(placed)))
    }
}

/// A new order of a buyer, unpaid.
fn new_order(ctx: &Context, buyer: &rows::User, priced: &Priced) -> rows::Order {
    let price = &priced.price;
    rows::Order {
        id: ctx.new_id(),
        code: order_code(buyer.telegram_id, ctx.random()),
        buyer_id: buyer.id,
        receiver_id: None,
        api_key_id: ctx.principal.api_key.map(|id| id.0),
        state: OrderState::Pending.into(),
        currency: price.currency.into(),
        subtotal_minor: price.subtotal,
        discount_minor: price.discount,
        due_minor: price.due,
        paid_minor: 0,
        refunded_minor: 0,
        rule_version: RULE_VERSION.to_owned(),
        gateways: priced.paid_through().to_column(),
        expire_time: in_seconds(ctx.now, ctx.settings.unpaid_ttl_seconds),
        hold_reason: None,
        paid_time: None,
        end_time: None,
        version: 1,
        create_time: ctx.now,
    }
}
