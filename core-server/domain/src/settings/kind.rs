//! What a setting's value may be, and how it is read from text.

use std::fmt;

/// What a setting's value may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A whole number.
    Integer {
        /// The smallest.
        min: i64,
        /// The greatest.
        max: i64,
        /// When nobody changed it.
        default: i64,
    },
    /// A number with so many places behind the point, such as a percentage.
    Decimal {
        /// How many places: 1 to 6.
        places: u32,
        /// The smallest, in units of the last place.
        min: i64,
        /// The greatest, in units of the last place.
        max: i64,
        /// When nobody changed it, in units of the last place.
        default: i64,
    },
    /// `true` or `false`.
    Switch {
        /// When nobody changed it.
        default: bool,
    },
    /// Words on one line.
    Text {
        /// How many characters at most.
        max: usize,
        /// When nobody changed it.
        default: &'static str,
    },
    /// Words with commas between them, each once.
    List {
        /// How many items at most.
        items_max: usize,
        /// How many characters an item may have.
        max: usize,
        /// When nobody changed it.
        default: &'static [&'static str],
    },
}

impl Kind {
    /// The value when nobody changed it.
    #[must_use]
    pub fn default_value(self) -> Value {
        match self {
            Self::Integer { default, .. } => Value::Integer(default),
            Self::Decimal { places, default, .. } => Value::Decimal(Decimal { units: default, places }),
            Self::Switch { default } => Value::Switch(default),
            Self::Text { default, .. } => Value::Text(default.to_owned()),
            Self::List { default, .. } => Value::List(default.iter().map(|item| (*item).to_owned()).collect()),
        }
    }

    /// Reads a value from text.
    ///
    /// # Errors
    ///
    /// What the value must be instead.
    pub fn parse(self, text: &str) -> Result<Value, SettingError> {
        match self {
            Self::Integer { min, max, .. } => text
                .parse()
                .ok()
                .filter(|number| (min..=max).contains(number))
                .map(Value::Integer)
                .ok_or(SettingError::Integer { min, max }),
            Self::Decimal { places, min, max, .. } => {
                let bound = |units| Decimal { units, places };
                Decimal::parse(text, places)
                    .filter(|number| (min..=max).contains(&number.units))
                    .map(Value::Decimal)
                    .ok_or_else(|| SettingError::Decimal { min: bound(min), max: bound(max) })
            }
            Self::Switch { .. } => text.parse().map(Value::Switch).map_err(|_| SettingError::Switch),
            Self::Text { max, .. } => words(text, max).map(Value::Text).ok_or(SettingError::Text { max }),
            Self::List { items_max, max, .. } => {
                list(text, items_max, max).map(Value::List).ok_or(SettingError::List { items_max, max })
            }
        }
    }
}

/// Words on one line, without the space around them.
fn words(text: &str, max: usize) -> Option<String> {
    let text = text.trim();
    (text.chars().count() <= max && !text.contains(char::is_control)).then(|| text.to_owned())
}

fn list(text: &str, items_max: usize, max: usize) -> Option<Vec<String>> {
    if text.trim().is_empty() {
        return Some(Vec::new());
    }
    let items: Option<Vec<String>> =
        text.split(',').map(|item| words(item, max).filter(|item| !item.is_empty())).collect();
    let items = items.filter(|items| items.len() <= items_max)?;
    let is_twice = items.iter().enumerate().any(|(place, item)| items.iter().take(place).any(|other| other == item));
    (!is_twice).then_some(items)
}

/// A number with a fixed count of places behind the point.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Decimal {
    /// In units of the last place: 150 of two places is 1.50.
    pub units: i64,
    /// How many places there are.
    pub places: u32,
}

impl Decimal {
    /// Reads digits with at most so many of them behind a point.
    fn parse(text: &str, places: u32) -> Option<Self> {
        let (sign, digits) = text.strip_prefix('-').map_or((1_i64, text), |rest| (-1, rest));
        let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let length = u32::try_from(part.len()).ok()?;
        if !is_number(whole) || !is_number(part) || length > places {
            return None;
        }
        let scale = 10_i64.checked_pow(places)?;
        let part = part.parse::<i64>().ok()?.checked_mul(10_i64.checked_pow(places.checked_sub(length)?)?)?;
        let units = whole.parse::<i64>().ok()?.checked_mul(scale)?.checked_add(part)?.checked_mul(sign)?;
        Some(Self { units, places })
    }
}

/// As it is read back: all places are written.
impl fmt::Display for Decimal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scale = 10_u64.checked_pow(self.places).unwrap_or(u64::MAX);
        let units = self.units.unsigned_abs();
        let sign = if self.units < 0 { "-" } else { "" };
        let whole = units.checked_div(scale).unwrap_or_default();
        let part = units.checked_rem(scale).unwrap_or_default();
        let width = usize::try_from(self.places).unwrap_or_default();
        write!(formatter, "{sign}{whole}.{part:0width$}")
    }
}

/// A setting's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A whole number.
    Integer(i64),
    /// A number with places behind the point.
    Decimal(Decimal),
    /// On or off.
    Switch(bool),
    /// Words.
    Text(String),
    /// Several words.
    List(Vec<String>),
}

/// As [`Kind::parse`] reads it back.
impl fmt::Display for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(number) => write!(formatter, "{number}"),
            Self::Decimal(number) => write!(formatter, "{number}"),
            Self::Switch(on) => write!(formatter, "{on}"),
            Self::Text(text) => formatter.write_str(text),
            Self::List(items) => formatter.write_str(&items.join(", ")),
        }
    }
}

/// Why a setting can't have a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingError {
    /// There is no such setting.
    #[error("there is no such setting")]
    Unknown,
    /// Not a whole number within the bounds.
    #[error("must be a whole number from {min} to {max}")]
    Integer {
        /// The smallest.
        min: i64,
        /// The greatest.
        max: i64,
    },
    /// Not a number within the bounds, or with more places.
    #[error("must be a number from {min} to {max}, with no more places behind the point")]
    Decimal {
        /// The smallest.
        min: Decimal,
        /// The greatest.
        max: Decimal,
    },
    /// Neither `true` nor `false`.
    #[error("must be `true` or `false`")]
    Switch,
    /// Too long, or of several lines.
    #[error("must have at most {max} characters, on one line")]
    Text {
        /// How many characters at most.
        max: usize,
    },
    /// Too many or too long, empty, or one twice.
    #[error("must have at most {items_max} items with commas between them, each once and of at most {max} characters")]
    List {
        /// How many items at most.
        items_max: usize,
        /// How many characters of each.
        max: usize,
    },
}

/// A field of settings that holds values of one kind.
pub(super) trait Field: Default {
    fn from_value(value: Value) -> Option<Self>;
}

macro_rules! fields {
    ($($kind:ident: $type:ty;)*) => {
        $(impl Field for $type {
            fn from_value(value: Value) -> Option<Self> {
                if let Value::$kind(value) = value { Some(value) } else { None }
            }
        })*
    };
}

fields! {
    Integer: i64;
    Decimal: Decimal;
    Switch: bool;
    Text: String;
    List: Vec<String>;
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PERCENT: Kind = Kind::Decimal { places: 2, min: -50, max: 10_000, default: 70 };
    const NAMES: Kind = Kind::List { items_max: 3, max: 5, default: &["satu", "dua"] };

    fn text(kind: Kind, text: &str) -> Result<String, SettingError> {
        kind.parse(text).map(|value| value.to_string())
    }

    #[test]
    fn a_decimal_keeps_its_places_and_its_bounds_to_the_last_of_them() {
        assert_eq!(PERCENT.default_value().to_string(), "0.70");
        for (given, kept) in
            [("0.7", "0.70"), ("100", "100.00"), ("100.00", "100.00"), ("-0.50", "-0.50"), ("0", "0.00")]
        {
            assert_eq!(text(PERCENT, given).as_deref(), Ok(kept), "{given}");
        }
        let refused = PERCENT.parse("x").unwrap_err();
        assert_eq!(refused.to_string(), "must be a number from -0.50 to 100.00, with no more places behind the point");
        for given in
            ["100.01", "-0.51", "0.705", "", ".", "1.", ".5", "1,5", "1e2", " 1", "--1", "+1", "99999999999999999999"]
        {
            assert_eq!(PERCENT.parse(given), Err(refused), "{given}");
        }
    }

    #[test]
    fn a_switch_is_true_or_false() {
        let kind = Kind::Switch { default: true };
        assert_eq!(kind.default_value(), Value::Switch(true));
        assert_eq!(kind.parse("false"), Ok(Value::Switch(false)));
        for text in ["", "1", "True", "yes"] {
            assert_eq!(kind.parse(text), Err(SettingError::Switch), "{text}");
        }
    }

    #[test]
    fn a_list_has_so_many_items_each_once() {
        assert_eq!(NAMES.default_value().to_string(), "satu, dua");
        assert_eq!(text(NAMES, " satu,dua ,  tiga").as_deref(), Ok("satu, dua, tiga"));
        assert_eq!(NAMES.parse(" "), Ok(Value::List(Vec::new())));
        for given in ["a,b,c,d", "sepuluh", "a,,b", ",", "a,a", "a\nb"] {
            assert_eq!(NAMES.parse(given), Err(SettingError::List { items_max: 3, max: 5 }), "{given}");
        }
    }

    proptest! {
        #[test]
        fn every_decimal_reads_back(units: i64, places in 1_u32..=6) {
            let decimal = Decimal { units, places };
            // The text of the very smallest number has a part that no number of its sign holds.
            let read = Decimal::parse(&decimal.to_string(), places);
            prop_assert!(read == Some(decimal) || units == i64::MIN);
        }
    }
}
