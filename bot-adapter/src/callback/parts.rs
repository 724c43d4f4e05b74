//! What codes of buttons are made of.

use std::{fmt, str::FromStr};

use warung_proto::payment::PaymentMethod;

use super::UnknownCallback;

/// The largest quantity of a line of an order.
pub(crate) const QUANTITY_MAX: u8 = 100;

/// The name of a page of a list that the bot remembers, as page tokens are too long for a button.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PageKey(pub(crate) u64);

/// A product and how many of it, and the page of the list that it was chosen from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// `prd_` and 26 characters.
    pub product_id: String,
    /// 1 to 100.
    pub quantity: u8,
    /// Where "back" leads; the first page without one.
    pub page: Option<PageKey>,
}

/// A way to pay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pay {
    /// The method; unspecified for what costs nothing.
    pub method: PaymentMethod,
    /// What the balance holds is paid from it first.
    pub use_balance: bool,
}

/// Which screen a button stood on, by the update that the screen answered. All presses on one screen make one order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScreenId(pub u32);

/// "Buy", with everything that was shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Buy {
    /// `prd_` and 26 characters.
    pub product_id: String,
    /// 1 to 100.
    pub quantity: u8,
    /// How to pay.
    pub pay: Pay,
    /// The screen of the button.
    pub screen: ScreenId,
    /// The subtotal that was shown, in rupiah.
    pub subtotal: u64,
}

/// The banks of a checkout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckoutBanks {
    /// What is bought.
    pub choice: Choice,
    /// The screen of the checkout, so that its buttons and these place one order.
    pub screen: ScreenId,
}

/// The banks of a top-up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopUpBanks {
    /// How much to credit, in rupiah.
    pub amount: u64,
    /// The screen of the ways to pay, so that its buttons and these place one order.
    pub screen: ScreenId,
}

/// Pay an order that was placed before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartPayment {
    /// `ord_` and 26 characters.
    pub order_id: String,
    /// How to pay.
    pub pay: Pay,
    /// The screen of the button.
    pub screen: ScreenId,
}

/// Top the balance up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartTopUp {
    /// How much to credit, in rupiah.
    pub amount: u64,
    /// How to pay.
    pub method: PaymentMethod,
    /// The screen of the button.
    pub screen: ScreenId,
}

/// An order, and where its answer is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderName {
    /// `ord_` and 26 characters.
    pub order_id: String,
    /// In place of the message that has the button. Else in a message of its own, as that one is the core's.
    pub here: bool,
}

impl fmt::Display for PageKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl FromStr for PageKey {
    type Err = UnknownCallback;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let key = u64::from_str_radix(text, 16).map(Self).map_err(|_| UnknownCallback)?;
        if key.to_string() == text { Ok(key) } else { Err(UnknownCallback) }
    }
}

impl fmt::Display for Pay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", i32::from(self.method), if self.use_balance { "b" } else { "" })
    }
}

impl FromStr for Pay {
    type Err = UnknownCallback;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (number, use_balance) = text.strip_suffix('b').map_or((text, false), |number| (number, true));
        Ok(Self { method: method(number)?, use_balance })
    }
}

impl fmt::Display for ScreenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base36(self.0.into()))
    }
}

impl FromStr for ScreenId {
    type Err = UnknownCallback;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        u32::try_from(from_base36(text)?).map(Self).map_err(|_| UnknownCallback)
    }
}

/// A method by its number in the API.
pub(super) fn method(text: &str) -> Result<PaymentMethod, UnknownCallback> {
    let number = i32::try_from(number(text)?).map_err(|_| UnknownCallback)?;
    PaymentMethod::try_from(number).map_err(|_| UnknownCallback)
}

/// A number as it is written.
pub(super) fn number(text: &str) -> Result<u64, UnknownCallback> {
    let number: u64 = text.parse().map_err(|_| UnknownCallback)?;
    if number.to_string() == text { Ok(number) } else { Err(UnknownCallback) }
}

pub(super) fn quantity(text: &str) -> Result<u8, UnknownCallback> {
    u8::try_from(number(text)?).ok().filter(|quantity| (1..=QUANTITY_MAX).contains(quantity)).ok_or(UnknownCallback)
}

/// An id of this kind.
pub(super) fn id(prefix: &str, text: &str) -> Result<String, UnknownCallback> {
    let fits = |rest: &str| rest.len() == 26 && rest.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    if text.strip_prefix(prefix).is_some_and(fits) { Ok(text.to_owned()) } else { Err(UnknownCallback) }
}

/// A number in few letters.
pub(super) fn base36(mut number: u64) -> String {
    let mut digits = Vec::new();
    loop {
        let digit = u32::try_from(number % 36).ok().and_then(|digit| char::from_digit(digit, 36));
        digits.extend(digit);
        number /= 36;
        if number == 0 {
            return digits.into_iter().rev().collect();
        }
    }
}

pub(super) fn from_base36(text: &str) -> Result<u64, UnknownCallback> {
    let number = u64::from_str_radix(text, 36).map_err(|_| UnknownCallback)?;
    if base36(number) == text { Ok(number) } else { Err(UnknownCallback) }
}
