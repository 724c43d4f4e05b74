//! Places an order.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use warung_domain::{
    catalog::ProductKind,
    ids::{OrderId, OrderLineId, ProductId},
    money::{Currency, Money},
    order::{OrderState, order_code},
    price::{LINES_MAX, Position, Price, PriceError, QUANTITY_MAX, RULE_VERSION, freeze},
    violation::Violations,
};
use warung_store::{StockChange, Tx, WantedProduct, rows};

use super::{
    edit::OrderEdit,
    view::{Order, just_placed},
};
use crate::{
    context::Context,
    engine::Command,
    error::{Error, Precondition, Result},
    identity::{Profile, ensure_user, in_seconds},
    payment::Way,
};

/// A product and how many of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// The product's id or code.
    pub product: String,
    /// How many units, 1 to 100; of a MEMBERSHIP or `TOP_UP` product one.
    pub quantity: i64,
}

/// Places an order: its prices are frozen and its stock is kept until it expires. One that costs nothing is settled.
#[derive(Clone, Debug)]
pub struct PlaceOrder {
    /// What to order: 1 to 20 products, each once. A `TOP_UP` is ordered alone.
    pub items: Vec<Item>,
    /// The subtotal that the buyer was shown; `None`: whatever it is.
    pub expected_subtotal: Option<Money>,
    /// Whom the order is for: API keys alone name somebody.
    pub buyer_telegram_id: Option<i64>,
    /// The smallest minimum of all gateways, in rupiah; `i64::MAX`: there is none.
    pub least: i64,
    /// How it is to be paid; `None`: that is said later.
    pub way: Option<Way>,
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

impl Command for PlaceOrder {
    type Output = PlacedOrder;
    const NAME: &'static str = "order.place";
    const LOCKS_CALLER: bool = true;

    async fn execute(&self, tx: &mut Tx, ctx: &Context) -> Result<PlacedOrder> {
        self.check()?;
        let buyer_id = self.buyer(tx, ctx).await?;
        let (ids, codes) = self.names();
        let (buyer, found) = tx.lock_user_and_products(buyer_id, ids, codes).await?;
        let chosen = self.choose(&found)?;
        let price = self.price(&chosen)?;
        if !self.is_payable_without_balance(price.due) {
            let balance = match ctx.principal.api_key {
                // A program does not spend it.
                Some(_) => 0,
                None => tx.lock_wallet(buyer.id).await?.map_or(0, |wallet| wallet.balance_minor),
            };
            self.check_payable(price.due, balance, chosen.iter().any(|chosen| chosen.kind == ProductKind::TopUp))?;
        }
        let order = new_order(ctx, &buyer, &price);
        let id = OrderId(order.id);
        let lines = new_lines(ctx, id, &chosen, &price);
        place(tx, ctx, order.clone(), lines.clone()).await?;
        reserve(tx, &chosen).await?;
        if price.due > 0 {
            return Ok(PlacedOrder { id, order: Some(Box::new(just_placed(order, buyer.telegram_id, lines)?)) });
        }
        let mut edit = OrderEdit::of(buyer, order);
        edit.settle(tx, ctx, &lines, false).await?;
        edit.save(tx, ctx).await?;
        Ok(PlacedOrder { id, order: None })
    }
}

/// A product that is ordered, and how many of it.
pub(super) struct Chosen {
    pub(super) product: rows::Product,
    pub(super) kind: ProductKind,
    pub(super) available: i64,
    pub(super) quantity: i64,
}

impl PlaceOrder {
    pub(super) fn check(&self) -> Result<()> {
        let mut violations = Violations::new();
        violations.check((1..=LINES_MAX).contains(&self.items.len()), "items", "must be 1 to 20");
        let mut names = HashSet::new();
        for (index, item) in self.items.iter().take(LINES_MAX).enumerate() {
            let mut part = Violations::new();
            part.required("product_id", &item.product);
            part.check(names.insert(&item.product), "product_id", "is there twice");
            part.range("quantity", item.quantity, 1..=QUANTITY_MAX);
            violations.nest(&format!("items[{index}]"), part);
        }
        if let Some(expected) = self.expected_subtotal {
            violations.check(expected.currency == Currency::Idr, "expected_subtotal", "must be in IDR");
        }
        Ok(violations.finish()?)
    }

    /// Whom the order is for.
    async fn buyer(&self, tx: &mut Tx, ctx: &Context) -> Result<uuid::Uuid> {
        match (ctx.principal.api_key, self.buyer_telegram_id) {
            (None, None) => Ok(ctx.person()?.user_id.0),
            (None, Some(_)) => Err(Error::invalid("buyer_telegram_id", "is for API keys alone")),
            (Some(_), None) => Err(Error::invalid("buyer_telegram_id", "is required of an API key")),
            (Some(_), Some(telegram_id)) => {
                let user = ensure_user(tx, ctx, &Profile::of(telegram_id)).await;
                let refused = |error| match error {
                    Error::Invalid(_) => Error::invalid("buyer_telegram_id", "must be a Telegram user's id"),
                    other => other,
                };
                Ok(user.map_err(refused)?.0.id)
            }
        }
    }

    /// Whether what is due can be paid whatever the balance holds.
    pub(super) fn is_payable_without_balance(&self, due: i64) -> bool {
        let least = match self.way {
            None => self.least,
            Some(Way { method, .. }) if method.is_balance() => i64::MAX,
            Some(Way { minimum, .. }) => minimum,
        };
        due <= 0 || due >= least
    }

    /// Refuses, before anything is kept, what can't be paid: in the way that was chosen, or else in any.
    fn check_payable(&self, due: i64, balance: i64, is_top_up: bool) -> Result<()> {
        if let Some(way) = self.way {
            return way.takes(due, balance, is_top_up).map(drop);
        }
        if balance >= due {
            return Ok(());
        }
        // Where there is no gateway, nothing is enough for one, and only the balance could have paid it.
        let below = Precondition::AmountBelowMinimum { minimum: self.least };
        Err(if self.least == i64::MAX { Precondition::BalanceTooLow } else { below }.into())
    }

    /// The ids and the codes of what is ordered.
    pub(super) fn names(&self) -> (Vec<uuid::Uuid>, Vec<String>) {
        let (mut ids, mut codes) = (Vec::new(), Vec::new());
        for item in &self.items {
            match item.product.parse::<ProductId>() {
                Ok(id) => ids.push(id.0),
                Err(_) => codes.push(item.product.clone()),
            }
        }
        (ids, codes)
    }

    /// The products of the items, in their order.
    pub(super) fn choose(&self, found: &[WantedProduct]) -> Result<Vec<Chosen>> {
        let mut chosen: Vec<Chosen> = Vec::with_capacity(self.items.len());
        let mut violations = Violations::new();
        for (index, Item { product: name, quantity }) in self.items.iter().enumerate() {
            let id = name.parse::<ProductId>().ok();
            let is_it = |wanted: &&WantedProduct| {
                id.map_or(wanted.product.code == *name, |id| wanted.product.id == id.0) && !wanted.product.archived
            };
            let WantedProduct { product, available } =
                found.iter().find(is_it).cloned().ok_or_else(|| Error::not_found("product", name))?;
            let kind = product.kind.0;
            if product.currency != Currency::Idr.code() {
                return Err(Error::inconsistent(format!("product.currency {}", product.currency)));
            }
            let field = format!("items[{index}]");
            if chosen.iter().any(|other| other.product.id == product.id) {
                violations.add(format!("{field}.product_id"), "is there twice");
            }
            if matches!(kind, ProductKind::Membership | ProductKind::TopUp) && *quantity != 1 {
                violations.add(format!("{field}.quantity"), "must be 1 of this product");
            }
            if kind == ProductKind::TopUp && self.items.len() > 1 {
                violations.add(format!("{field}.product_id"), "must be ordered alone");
            }
            chosen.push(Chosen { product, kind, available, quantity: *quantity });
        }
        violations.finish()?;
        Ok(chosen)
    }

    pub(super) fn price(&self, chosen: &[Chosen]) -> Result<Price> {
        let positions: Vec<_> = chosen
            .iter()
            .map(|Chosen { product, quantity, .. }| Position { unit_price: product.price_minor, quantity: *quantity })
            .collect();
        let price = freeze(&positions).map_err(|error| match error {
            PriceError::UnitPrice { .. } => Error::inconsistent("product.price_minor"),
            PriceError::Quantity { position } => {
                Error::invalid(&format!("items[{position}].quantity"), &error.to_string())
            }
            PriceError::Lines | PriceError::Subtotal => Error::invalid("items", &error.to_string()),
        })?;
        if self.expected_subtotal.is_some_and(|expected| expected.minor_units != price.subtotal) {
            return Err(Precondition::PriceChanged { subtotal: price.subtotal }.into());
        }
        Ok(price)
    }
}

/// A new order of a buyer, unpaid.
pub(super) fn new_order(ctx: &Context, buyer: &rows::User, price: &Price) -> rows::Order {
    rows::Order {
        id: ctx.new_id(),
        code: order_code(buyer.telegram_id, ctx.random()),
        buyer_id: buyer.id,
        api_key_id: ctx.principal.api_key.map(|id| id.0),
        state: OrderState::Pending.name().to_owned(),
        currency: Currency::Idr.code().to_owned(),
        subtotal_minor: price.subtotal,
        discount_minor: price.discount,
        due_minor: price.due,
        paid_minor: 0,
        refunded_minor: 0,
        rule_version: RULE_VERSION.to_owned(),
        expire_time: in_seconds(ctx.now, ctx.settings.unpaid_ttl_seconds),
        hold_reason: None,
        paid_time: None,
        end_time: None,
        version: 1,
        create_time: ctx.now,
    }
}

pub(super) fn new_lines(ctx: &Context, order_id: OrderId, chosen: &[Chosen], price: &Price) -> Vec<rows::OrderLine> {
    let lines = (1_i64..).zip(chosen).zip(&price.amounts);
    lines
        .map(|((number, Chosen { product, kind, quantity, .. }), amount)| rows::OrderLine {
            id: OrderLineId(ctx.new_id()).0,
            order_id: order_id.0,
            number,
            product_id: Some(product.id),
            product_name: product.name.clone(),
            kind: kind.name().to_owned(),
            quantity: *quantity,
            unit_price_minor: product.price_minor,
            amount_minor: *amount,
            membership_days: product.membership_days.saturating_mul(*quantity),
            goods_cipher: None,
        })
        .collect()
}

/// Writes a new order, unless its buyer has too many unpaid ones.
pub(super) async fn place(tx: &mut Tx, ctx: &Context, order: rows::Order, lines: Vec<rows::OrderLine>) -> Result<()> {
    if tx.place_order(order, lines, ctx.settings.unpaid_max).await? {
        Ok(())
    } else {
        Err(Precondition::TooManyUnpaidOrders.into())
    }
}

/// Keeps the stock of what is ordered, the last thing before the commit: its rows are the hottest.
async fn reserve(tx: &mut Tx, chosen: &[Chosen]) -> Result<()> {
    let mut counted: Vec<_> = chosen.iter().filter(|chosen| chosen.kind == ProductKind::Stock).collect();
    counted.sort_unstable_by_key(|chosen| chosen.product.id);
    for Chosen { product, available, quantity, .. } in counted {
        if !tx.change_stock(product.id, StockChange::Reserve, *quantity).await? {
            // What was seen may have been more: somebody was quicker.
            let left = (*available).min(quantity.saturating_sub(1)).max(0);
            return Err(Precondition::OutOfStock { product: ProductId(product.id), left }.into());
        }
    }
    Ok(())
}
