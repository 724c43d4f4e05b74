//! What an order costs: a pipeline of steps over its lines, frozen once, with sums that can't overflow.
//!
//! The first step is the unit price: it makes a line's *gross*. Each further [`Step`] says what comes off; what comes off a
//! line is its *discount*, and the rest its *net*. Whatever steps say, a net is never below zero, and the nets are what is due.

use crate::{money::Currency, share::share};

/// The rules that are written here, as they are kept with each order.
pub const RULE_VERSION: &str = "price-1";
/// How many lines an order may have.
pub const LINES_MAX: usize = 20;
/// How many units a line may have.
pub const QUANTITY_MAX: i64 = 100;

/// What a unit and an order may cost, in the smallest unit of a currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PriceLimits {
    /// What a unit may cost.
    pub unit_price: i64,
    /// What an order may come to before anything comes off.
    pub subtotal: i64,
}

impl PriceLimits {
    /// Those of a currency. Of Stars: what a subscription may cost at most, for a unit, and ten of them for an order.
    #[must_use]
    pub const fn of(currency: Currency) -> Self {
        match currency {
            Currency::Idr => Self { unit_price: 100_000_000, subtotal: 1_000_000_000 },
            Currency::Xtr => Self { unit_price: 10_000, subtotal: 100_000 },
        }
    }
}

/// What is ordered of one product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The price of one unit, in the smallest unit of the currency.
    pub unit_price: i64,
    /// How many units.
    pub quantity: i64,
}

/// What a line of an order costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinePrice {
    /// Of what.
    pub position: Position,
    /// The price of all units.
    pub gross: i64,
    /// What comes off it: from 0 to `gross`.
    pub discount: i64,
}

impl LinePrice {
    /// What is to be paid for it.
    #[must_use]
    pub const fn net(self) -> i64 {
        self.gross.saturating_sub(self.discount)
    }
}

/// What comes off. More than there is takes off what there is, and less than nothing takes off nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reduction {
    /// Off one line.
    Line {
        /// Which, from 0.
        line: usize,
        /// How much.
        amount: i64,
    },
    /// Off several lines together, shared out by what each costs until now.
    Shared {
        /// Which, from 0, each once.
        lines: Vec<usize>,
        /// How much.
        amount: i64,
    },
}

/// A step of the pipeline, such as the price of many or a coupon.
pub trait Step: Send + Sync {
    /// What comes off the lines as the steps before have left them.
    fn reductions(&self, currency: Currency, lines: &[LinePrice]) -> Vec<Reduction>;
}

/// What an order costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Price {
    /// Of which currency all amounts are.
    pub currency: Currency,
    /// The price of each position, in their order.
    pub lines: Vec<LinePrice>,
    /// The sum of what is gross.
    pub subtotal: i64,
    /// The sum of what comes off.
    pub discount: i64,
    /// What is to be paid, without gateways' fees: the sum of what is net.
    pub due: i64,
}

/// Why an order can't have a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PriceError {
    /// Too few or too many positions.
    #[error("must be 1 to {LINES_MAX}")]
    Lines,
    /// Too few or too many units.
    #[error("must be from 1 to {QUANTITY_MAX}")]
    Quantity {
        /// Of which position, from 0.
        position: usize,
    },
    /// A unit's price is negative or too high.
    #[error("the price of a unit must be from 0 to {max}")]
    UnitPrice {
        /// Of which position, from 0.
        position: usize,
        /// The highest.
        max: i64,
    },
    /// All together costs too much.
    #[error("an order may come to at most {max}")]
    Subtotal {
        /// The most.
        max: i64,
    },
}

/// Freezes the price of an order: unit prices first, then the steps in their order.
pub fn freeze(currency: Currency, positions: &[Position], steps: &[&dyn Step]) -> Result<Price, PriceError> {
    let mut lines = unit_prices(currency, positions)?;
    for step in steps {
        for reduction in step.reductions(currency, &lines) {
            reduce(&mut lines, reduction);
        }
    }
    let sum = |of: fn(&LinePrice) -> i64| lines.iter().map(of).fold(0, i64::saturating_add);
    let (subtotal, discount) = (sum(|line| line.gross), sum(|line| line.discount));
    Ok(Price { currency, subtotal, discount, due: subtotal.saturating_sub(discount), lines })
}

/// The first step: each line costs as much as its units.
fn unit_prices(currency: Currency, positions: &[Position]) -> Result<Vec<LinePrice>, PriceError> {
    if positions.is_empty() || positions.len() > LINES_MAX {
        return Err(PriceError::Lines);
    }
    let limits = PriceLimits::of(currency);
    let too_much = PriceError::Subtotal { max: limits.subtotal };
    let mut lines = Vec::with_capacity(positions.len());
    let mut subtotal = 0_i64;
    for (place, position) in positions.iter().copied().enumerate() {
        if !(1..=QUANTITY_MAX).contains(&position.quantity) {
            return Err(PriceError::Quantity { position: place });
        }
        if !(0..=limits.unit_price).contains(&position.unit_price) {
            return Err(PriceError::UnitPrice { position: place, max: limits.unit_price });
        }
        let gross = position.unit_price.checked_mul(position.quantity).ok_or(too_much)?;
        subtotal = subtotal.checked_add(gross).filter(|sum| *sum <= limits.subtotal).ok_or(too_much)?;
        lines.push(LinePrice { position, gross, discount: 0 });
    }
    Ok(lines)
}

fn reduce(lines: &mut [LinePrice], reduction: Reduction) {
    let (places, amount) = match reduction {
        Reduction::Line { line, amount } => (vec![line], amount),
        Reduction::Shared { lines, amount } => (lines, amount),
    };
    let nets: Vec<_> = places.iter().map(|place| lines.get(*place).map_or(0, |line| line.net())).collect();
    for (place, part) in places.into_iter().zip(share(amount, &nets)) {
        if let Some(line) = lines.get_mut(place) {
            // A line that is named twice has no more than it costs, either.
            line.discount = line.discount.saturating_add(part).min(line.gross);
        }
    }
}

#[cfg(test)]
mod tests;
