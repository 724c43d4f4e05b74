//! What is ordered, and what it costs.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;
use warung_domain::{
    catalog::ProductKind,
    ids::{OrderId, OrderLineId, ProductId},
    money::{Currency, Money},
    payment::PaidThrough,
    price::{LINES_MAX, Position, Price, PriceError, QUANTITY_MAX, Step, freeze},
    violation::Violations,
};
use warung_store::{WantedProduct, rows};

use crate::{
    context::Context,
    error::{Error, Precondition, Result},
    identity::language_of,
    words::words,
};

/// What comes off the unit prices, in this order. The one place where such a step is added: the price of many before a coupon.
const STEPS: &[&dyn Step] = &[];

/// A product and how many of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The product's id or code.
    pub product: String,
    /// How many units, 1 to 100; of a MEMBERSHIP or `TOP_UP` product one.
    pub quantity: i64,
}

/// What is ordered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Basket {
    /// 1 to 20 products, each once. A `TOP_UP` is ordered alone.
    Products(Vec<Item>),
    /// Wallet balance, of an amount within the bounds of the settings.
    Balance(Money),
}

/// Something that is ordered.
pub(super) struct Chosen {
    product_id: Option<Uuid>,
    name: String,
    pub(super) kind: ProductKind,
    position: Position,
    membership_days: i64,
    paid_through: PaidThrough,
}

impl Chosen {
    /// The product whose units are counted, and how many of them are wanted.
    pub(super) fn counted(&self) -> Option<(Uuid, i64)> {
        self.product_id.filter(|_| self.kind == ProductKind::Stock).map(|id| (id, self.position.quantity))
    }
}

/// What is ordered, with its price.
pub(super) struct Priced {
    pub(super) chosen: Vec<Chosen>,
    pub(super) price: Price,
}

impl Basket {
    /// Names what is wrong whatever the store sells.
    pub(super) fn check(&self, ctx: &Context, violations: &mut Violations) {
        match self {
            Self::Products(items) => {
                violations.check((1..=LINES_MAX).contains(&items.len()), "items", "must be 1 to 20");
                let mut names = HashSet::new();
                for (index, item) in items.iter().take(LINES_MAX).enumerate() {
                    let mut part = Violations::new();
                    part.required("product_id", &item.product);
                    part.check(names.insert(&item.product), "product_id", "is there twice");
                    part.range("quantity", item.quantity, 1..=QUANTITY_MAX);
                    violations.nest(&format!("items[{index}]"), part);
                }
            }
            Self::Balance(amount) => {
                violations.check(amount.currency == Currency::Idr, "amount", "must be in IDR");
                let bounds = ctx.settings.top_up_minimum..=ctx.settings.top_up_maximum;
                violations.range("amount", amount.minor_units, bounds);
            }
        }
    }

    /// Adds the ids and the codes of what is ordered.
    pub(super) fn names(&self, ids: &mut Vec<Uuid>, codes: &mut Vec<String>) {
        let Self::Products(items) = self else { return };
        for item in items {
            match item.product.parse::<ProductId>() {
                Ok(id) => ids.push(id.0),
                Err(_) => codes.push(item.product.clone()),
            }
        }
    }

    /// What is ordered, with its price now.
    pub(super) fn priced(&self, buyer: &rows::User, found: &Found) -> Result<Priced> {
        let chosen = match self {
            Self::Products(items) => choose(items, found)?,
            Self::Balance(amount) => vec![Chosen {
                product_id: None,
                name: words(language_of(buyer), "top-up", &[]),
                kind: ProductKind::TopUp,
                position: Position { unit_price: amount.minor_units, quantity: 1 },
                membership_days: 0,
                paid_through: PaidThrough::default(),
            }],
        };
        let positions: Vec<_> = chosen.iter().map(|chosen| chosen.position).collect();
        let price = freeze(Currency::Idr, &positions, STEPS).map_err(|error| match error {
            PriceError::UnitPrice { .. } => Error::inconsistent("product.price_minor"),
            PriceError::Quantity { position } => {
                Error::invalid(&format!("items[{position}].quantity"), &error.to_string())
            }
            PriceError::Lines | PriceError::Subtotal { .. } => Error::invalid("items", &error.to_string()),
        })?;
        Ok(Priced { chosen, price })
    }
}

/// The products of a store that somebody wants, by id and by code.
#[derive(Default)]
pub(super) struct Found {
    by_id: HashMap<Uuid, WantedProduct>,
    ids: HashMap<String, Uuid>,
}

impl Found {
    pub(super) fn of(products: Vec<WantedProduct>) -> Self {
        let mut found = Self::default();
        for wanted in products {
            found.ids.insert(wanted.product.code.clone(), wanted.product.id);
            found.by_id.insert(wanted.product.id, wanted);
        }
        found
    }

    fn named(&self, name: &str) -> Option<&WantedProduct> {
        let id = name.parse::<ProductId>().ok().map(|id| id.0).or_else(|| self.ids.get(name).copied())?;
        self.by_id.get(&id)
    }

    /// How many units of a product can be ordered.
    pub(super) fn available(&self, product_id: Uuid) -> i64 {
        self.by_id.get(&product_id).map_or(0, |wanted| wanted.available)
    }
}

fn choose(items: &[Item], found: &Found) -> Result<Vec<Chosen>> {
    let mut chosen: Vec<Chosen> = Vec::with_capacity(items.len());
    let mut violations = Violations::new();
    for (index, Item { product: name, quantity }) in items.iter().enumerate() {
        let wanted = found.named(name).filter(|wanted| !wanted.product.archived);
        let product = &wanted.ok_or_else(|| Error::not_found("product", name))?.product;
        let kind = product.kind.0;
        if product.currency != Currency::Idr {
            return Err(Error::inconsistent(format!("product.currency {}", product.currency.0.name())));
        }
        let field = format!("items[{index}]");
        if chosen.iter().any(|other| other.product_id == Some(product.id)) {
            violations.add(format!("{field}.product_id"), "is there twice");
        }
        if matches!(kind, ProductKind::Membership | ProductKind::TopUp) && *quantity != 1 {
            violations.add(format!("{field}.quantity"), "must be 1 of this product");
        }
        if kind == ProductKind::TopUp && items.len() > 1 {
            violations.add(format!("{field}.product_id"), "must be ordered alone");
        }
        chosen.push(Chosen {
            product_id: Some(product.id),
            name: product.name.clone(),
            kind,
            position: Position { unit_price: product.price_minor, quantity: *quantity },
            membership_days: product.membership_days.saturating_mul(*quantity),
            paid_through: PaidThrough::from_column(product.gateways.as_deref()),
        });
    }
    violations.finish()?;
    Ok(chosen)
}

impl Priced {
    /// Refuses a price that is not the one that the buyer was shown.
    pub(super) fn expect(&self, shown: Option<Money>) -> Result<()> {
        let subtotal = self.price.subtotal;
        let is_shown = shown.is_none_or(|shown| shown.minor_units == subtotal);
        if is_shown { Ok(()) } else { Err(Precondition::PriceChanged { subtotal }.into()) }
    }

    /// What all of it may be paid through.
    pub(super) fn paid_through(&self) -> PaidThrough {
        let each = self.chosen.iter().map(|chosen| chosen.paid_through.clone());
        each.fold(PaidThrough::default(), PaidThrough::and)
    }

    /// It is wallet balance.
    pub(super) fn is_top_up(&self) -> bool {
        self.chosen.iter().any(|chosen| chosen.kind == ProductKind::TopUp)
    }

    /// The lines of an order of it.
    pub(super) fn lines(&self, ctx: &Context, order_id: OrderId) -> Vec<rows::OrderLine> {
        let lines = (1_i64..).zip(&self.chosen).zip(&self.price.lines);
        lines
            .map(|((number, chosen), price)| rows::OrderLine {
                id: OrderLineId(ctx.new_id()).0,
                order_id: order_id.0,
                number,
                product_id: chosen.product_id,
                product_name: chosen.name.clone(),
                kind: chosen.kind.into(),
                quantity: chosen.position.quantity,
                unit_price_minor: chosen.position.unit_price,
                gross_minor: price.gross,
                discount_minor: price.discount,
                net_minor: price.net(),
                refunded_minor: 0,
                membership_days: chosen.membership_days,
                goods_cipher: None,
            })
            .collect()
    }
}
