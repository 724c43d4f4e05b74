//! Amounts of money: whole numbers of the smallest unit, and no floating point.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::named;

named! {
    /// A currency that Warung takes, named by its ISO 4217 code, or `XTR`. Neither has decimals.
    #[derive(Serialize, Deserialize)]
    pub enum Currency {
        /// Indonesian rupiah.
        #[serde(rename = "IDR")]
        Idr = "IDR",
        /// Telegram Stars.
        #[serde(rename = "XTR")]
        Xtr = "XTR",
    }
}

impl Currency {
    /// So much of it, in its smallest unit.
    #[must_use]
    pub const fn amount(self, minor_units: i64) -> Money {
        Money { currency: self, minor_units }
    }
}

/// Why a sum can't be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// The amounts are of different currencies.
    #[error("amounts of different currencies can't be summed")]
    CurrencyMismatch,
    /// The result does not fit 64 bits.
    #[error("the amount is too large")]
    Overflow,
}

/// An amount of one currency. It may be negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// Of which currency.
    pub currency: Currency,
    /// How much, in the currency's smallest unit.
    pub minor_units: i64,
}

impl Money {
    /// So many rupiah.
    #[must_use]
    pub const fn idr(rupiah: i64) -> Self {
        Self { currency: Currency::Idr, minor_units: rupiah }
    }

    /// So many Telegram Stars.
    #[must_use]
    pub const fn xtr(stars: i64) -> Self {
        Self { currency: Currency::Xtr, minor_units: stars }
    }

    /// The sum of both.
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        self.combine(other, i64::checked_add)
    }

    /// What is left of it.
    pub fn minus(self, other: Self) -> Result<Self, MoneyError> {
        self.combine(other, i64::checked_sub)
    }

    /// So many times the amount.
    pub fn times(self, quantity: i64) -> Result<Self, MoneyError> {
        let minor_units = self.minor_units.checked_mul(quantity).ok_or(MoneyError::Overflow)?;
        Ok(Self { minor_units, ..self })
    }

    fn combine(self, other: Self, operation: fn(i64, i64) -> Option<i64>) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::CurrencyMismatch);
        }
        let minor_units = operation(self.minor_units, other.minor_units).ok_or(MoneyError::Overflow)?;
        Ok(Self { minor_units, ..self })
    }
}

/// As Indonesians write it: `Rp105.000`, `-Rp500`, `⭐ 1.000`.
impl fmt::Display for Money {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.minor_units < 0 { "-" } else { "" };
        let symbol = match self.currency {
            Currency::Idr => "Rp",
            Currency::Xtr => "⭐ ",
        };
        write!(formatter, "{sign}{symbol}")?;
        let digits = self.minor_units.unsigned_abs().to_string();
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                formatter.write_str(".")?;
            }
            write!(formatter, "{digit}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn amounts_are_written_as_indonesians_do() {
        for (amount, text) in [
            (Money::idr(0), "Rp0"),
            (Money::idr(500), "Rp500"),
            (Money::idr(105_000), "Rp105.000"),
            (Money::idr(-1_234_567), "-Rp1.234.567"),
            (Money::xtr(50), "⭐ 50"),
            (Money::xtr(-1_000), "-⭐ 1.000"),
            (Money::idr(i64::MIN), "-Rp9.223.372.036.854.775.808"),
        ] {
            assert_eq!(amount.to_string(), text);
        }
    }

    #[test]
    fn currencies_are_never_mixed() {
        assert_eq!(Money::idr(1).plus(Money::xtr(1)), Err(MoneyError::CurrencyMismatch));
        assert_eq!(Money::idr(1).minus(Money::xtr(1)), Err(MoneyError::CurrencyMismatch));
    }

    #[test]
    fn an_amount_that_does_not_fit_is_refused() {
        assert_eq!(Money::idr(i64::MAX).plus(Money::idr(1)), Err(MoneyError::Overflow));
        assert_eq!(Money::idr(i64::MIN).minus(Money::idr(1)), Err(MoneyError::Overflow));
        assert_eq!(Money::idr(105_000).times(i64::MAX), Err(MoneyError::Overflow));
        assert_eq!(Money::idr(105_000).times(3), Ok(Money::idr(315_000)));
    }

    proptest! {
        #[test]
        fn what_is_added_can_be_taken_away(one: i64, other: i64) {
            if let Ok(sum) = Money::idr(one).plus(Money::idr(other)) {
                prop_assert_eq!(sum.minus(Money::idr(other)), Ok(Money::idr(one)));
            }
        }
    }
}
