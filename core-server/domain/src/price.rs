//! What an order costs: frozen once, with sums that can't overflow.

/// The rules that are written here, as they are kept with each order.
pub const RULE_VERSION: &str = "price-1";
/// How many lines an order may have.
pub const LINES_MAX: usize = 20;
/// How many units a line may have.
pub const QUANTITY_MAX: i64 = 100;
/// What a unit may cost, in rupiah.
pub const UNIT_PRICE_MAX: i64 = 100_000_000;
/// What an order may come to, in rupiah.
pub const SUBTOTAL_MAX: i64 = 1_000_000_000;

/// What is ordered of one product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The price of one unit, in the smallest unit of the currency.
    pub unit_price: i64,
    /// How many units.
    pub quantity: i64,
}

/// What an order costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Price {
    /// The price of each position, in their order.
    pub amounts: Vec<i64>,
    /// Their sum.
    pub subtotal: i64,
    /// What is taken off.
    pub discount: i64,
    /// What is to be paid, without gateways' fees.
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
    #[error("the price of a unit must be from 0 to {UNIT_PRICE_MAX}")]
    UnitPrice {
        /// Of which position, from 0.
        position: usize,
    },
    /// All together costs too much.
    #[error("an order may come to at most {SUBTOTAL_MAX} rupiah")]
    Subtotal,
}

/// Freezes the price of an order.
pub fn freeze(positions: &[Position]) -> Result<Price, PriceError> {
    if positions.is_empty() || positions.len() > LINES_MAX {
        return Err(PriceError::Lines);
    }
    let mut amounts = Vec::with_capacity(positions.len());
    let mut subtotal = 0_i64;
    for (position, Position { unit_price, quantity }) in positions.iter().copied().enumerate() {
        if !(1..=QUANTITY_MAX).contains(&quantity) {
            return Err(PriceError::Quantity { position });
        }
        if !(0..=UNIT_PRICE_MAX).contains(&unit_price) {
            return Err(PriceError::UnitPrice { position });
        }
        let amount = unit_price.checked_mul(quantity).ok_or(PriceError::Subtotal)?;
        subtotal = subtotal.checked_add(amount).filter(|sum| *sum <= SUBTOTAL_MAX).ok_or(PriceError::Subtotal)?;
        amounts.push(amount);
    }
    Ok(Price { amounts, subtotal, discount: 0, due: subtotal })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn one(unit_price: i64, quantity: i64) -> Position {
        Position { unit_price, quantity }
    }

    #[test]
    fn amounts_are_summed() {
        let price = freeze(&[one(10_000, 3), one(0, 1), one(2_500, 2)]).unwrap();
        assert_eq!(price, Price { amounts: vec![30_000, 0, 5_000], subtotal: 35_000, discount: 0, due: 35_000 });
    }

    #[test]
    fn every_limit_holds_to_the_unit() {
        assert_eq!(freeze(&[]), Err(PriceError::Lines));
        assert!(freeze(&[one(1, 1); 20]).is_ok());
        assert_eq!(freeze(&[one(1, 1); 21]), Err(PriceError::Lines));
        for quantity in [i64::MIN, -1, 0, 101, i64::MAX] {
            assert_eq!(freeze(&[one(1, 1), one(1, quantity)]), Err(PriceError::Quantity { position: 1 }), "{quantity}");
        }
        for unit_price in [i64::MIN, -1, 100_000_001, i64::MAX] {
            assert_eq!(freeze(&[one(unit_price, 1)]), Err(PriceError::UnitPrice { position: 0 }), "{unit_price}");
        }
        assert!(freeze(&[one(100_000_000, 10)]).is_ok());
        assert_eq!(freeze(&[one(100_000_000, 10), one(1, 1)]), Err(PriceError::Subtotal));
        assert_eq!(freeze(&[one(100_000_000, 100); 20]), Err(PriceError::Subtotal));
    }

    proptest! {
        #[test]
        fn a_price_is_the_sum_of_its_positions(
            positions in prop::collection::vec((0..=UNIT_PRICE_MAX, 1..=QUANTITY_MAX), 1..=LINES_MAX)
        ) {
            let positions: Vec<_> = positions.into_iter().map(|(price, quantity)| one(price, quantity)).collect();
            let sum: i128 = positions.iter().map(|p| i128::from(p.unit_price) * i128::from(p.quantity)).sum();
            match freeze(&positions) {
                Ok(price) => {
                    prop_assert_eq!(i128::from(price.subtotal), sum);
                    prop_assert_eq!(price.amounts.iter().sum::<i64>(), price.due);
                }
                Err(error) => {
                    prop_assert_eq!(error, PriceError::Subtotal);
                    prop_assert!(sum > i128::from(SUBTOTAL_MAX));
                }
            }
        }
    }
}
