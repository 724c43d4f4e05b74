//! The data of buttons: small typed codes, `v1:{letters}` and its parts.

mod parts;
mod review;

use std::{fmt, str::FromStr};

use crate::words::Language;

pub(crate) use parts::QUANTITY_MAX;
pub use parts::{Buy, CheckoutBanks, Choice, OrderName, PageKey, Pay, ScreenId, StartPayment, StartTopUp, TopUpBanks};
use parts::{base36, from_base36, id, method, number, quantity};
pub use review::{Review, Verdict};

/// The longest callback data that Telegram takes, in bytes.
pub const CALLBACK_DATA_BYTES_MAX: usize = 64;

/// What a button under a message asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Callback {
    /// "Tonton Sekarang": send the video of this episode (`eps_` and 26 characters).
    Watch(String),
    /// Show the help.
    Help,
    /// Show the languages.
    Languages,
    /// Choose this language.
    Language(Language),
    /// Show the first screen.
    Menu,
    /// Show a page of the products; the first without a key.
    Products(Option<PageKey>),
    /// Show a page of the shelves of the shop, counted from 0.
    Categories(u16),
    /// Show the first page of a shelf (`cat_` and 26 characters).
    Category(String),
    /// Show a product with this quantity chosen.
    Product(Choice),
    /// Show what it costs and the ways to pay.
    Checkout(Choice),
    /// Show the banks that what is bought can be paid through.
    CheckoutBanks(CheckoutBanks),
    /// Place the order and begin its payment.
    Buy(Buy),
    /// Show a page of the user's orders; the first without a key.
    Orders(Option<PageKey>),
    /// Show an order.
    Order(OrderName),
    /// Show the ways to pay an order (`ord_` and 26 characters).
    Methods(String),
    /// Show the banks that an order (`ord_` and 26 characters) can be paid through.
    OrderBanks(String),
    /// Begin a payment of an order.
    StartPayment(StartPayment),
    /// Send the invoice of a payment (`pay_` and 26 characters) once more.
    Invoice(String),
    /// Ask whether a payment (`pay_` and 26 characters) has arrived.
    CheckPayment(String),
    /// Ask whether the order shall really be cancelled.
    Cancel(OrderName),
    /// Cancel the order (`ord_` and 26 characters).
    CancelConfirmed(String),
    /// Pay the order (`ord_` and 26 characters) from the balance.
    PayFromBalance(String),
    /// Send the goods of the order (`ord_` and 26 characters) again.
    SendGoods(String),
    /// Show the balance.
    Wallet,
    /// Show the amounts of a top-up.
    TopUp,
    /// Show the ways to pay a top-up of this many rupiah.
    TopUpAmount(u64),
    /// Show the banks that a top-up can be paid through.
    TopUpBanks(TopUpBanks),
    /// Begin a top-up.
    StartTopUp(StartTopUp),
    /// Show the plans of a membership.
    Plans,
    /// What a seller says of a payment that needs a look.
    Review(Review),
}

/// The data is of no code that this version knows: too old, too new, or altered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownCallback;

impl fmt::Display for Callback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Watch(episode_id) => write!(f, "v1:w:{episode_id}"),
            Self::Help => f.write_str("v1:h"),
            Self::Languages => f.write_str("v1:l"),
            Self::Language(language) => write!(f, "v1:l:{}", language.code()),
            Self::Menu => f.write_str("v1:m"),
            Self::Products(page) => with_page(f, "v1:s", *page),
            Self::Categories(0) => f.write_str("v1:sc"),
            Self::Categories(page) => write!(f, "v1:sn:{page}"),
            Self::Category(category_id) => write!(f, "v1:sc:{category_id}"),
            Self::Product(Choice { product_id, quantity, page }) => {
                with_page(f, &format!("v1:p:{product_id}:{quantity}"), *page)
            }
            Self::Checkout(Choice { product_id, quantity, page }) => {
                with_page(f, &format!("v1:b:{product_id}:{quantity}"), *page)
            }
            // One letter: the longest of these has all the 64 bytes there are.
            Self::CheckoutBanks(CheckoutBanks { choice: Choice { product_id, quantity, page }, screen }) => {
                with_page(f, &format!("v1:a:{product_id}:{quantity}:{screen}"), *page)
            }
            Self::Buy(Buy { product_id, quantity, pay, screen, subtotal }) => {
                write!(f, "v1:bp:{product_id}:{quantity}:{pay}:{screen}:{}", base36(*subtotal))
            }
            Self::Orders(page) => with_page(f, "v1:ol", *page),
            Self::Order(OrderName { order_id, here }) => write!(f, "v1:o:{order_id}{}", if *here { ":h" } else { "" }),
            Self::Methods(order_id) => write!(f, "v1:op:{order_id}"),
            Self::OrderBanks(order_id) => write!(f, "v1:oa:{order_id}"),
            Self::StartPayment(StartPayment { order_id, pay, screen }) => write!(f, "v1:os:{order_id}:{pay}:{screen}"),
            Self::Invoice(payment_id) => write!(f, "v1:oi:{payment_id}"),
            Self::CheckPayment(payment_id) => write!(f, "v1:pc:{payment_id}"),
            Self::Cancel(OrderName { order_id, here }) => {
                write!(f, "v1:oc:{order_id}{}", if *here { ":h" } else { "" })
            }
            Self::CancelConfirmed(order_id) => write!(f, "v1:oy:{order_id}"),
            Self::PayFromBalance(order_id) => write!(f, "v1:ob:{order_id}"),
            Self::SendGoods(order_id) => write!(f, "v1:og:{order_id}"),
            Self::Wallet => f.write_str("v1:wa"),
            Self::TopUp => f.write_str("v1:t"),
            Self::TopUpAmount(amount) => write!(f, "v1:t:{amount}"),
            Self::TopUpBanks(TopUpBanks { amount, screen }) => write!(f, "v1:ta:{amount}:{screen}"),
            Self::StartTopUp(StartTopUp { amount, method, screen }) => {
                write!(f, "v1:tp:{amount}:{}:{screen}", i32::from(*method))
            }
            Self::Plans => f.write_str("v1:v"),
            Self::Review(review) => review.fmt(f),
        }
    }
}

fn with_page(f: &mut fmt::Formatter<'_>, code: &str, page: Option<PageKey>) -> fmt::Result {
    match page {
        Some(page) => write!(f, "{code}:{page}"),
        None => f.write_str(code),
    }
}

impl FromStr for Callback {
    type Err = UnknownCallback;

    fn from_str(data: &str) -> Result<Self, Self::Err> {
        if data.len() > CALLBACK_DATA_BYTES_MAX {
            return Err(UnknownCallback);
        }
        let Some(code) = data.strip_prefix("v1:") else {
            return Err(UnknownCallback);
        };
        let parts: Vec<_> = code.split(':').collect();
        Ok(match *parts.as_slice() {
            ["w", episode] => Self::Watch(id("eps_", episode)?),
            ["h"] => Self::Help,
            ["l"] => Self::Languages,
            ["l", code] => Self::Language(Language::from_code(code).ok_or(UnknownCallback)?),
            ["m"] => Self::Menu,
            ["v"] => Self::Plans,
            ["wa"] => Self::Wallet,
            ["t"] => Self::TopUp,
            ["t", amount] => Self::TopUpAmount(number(amount)?),
            ["ta", amount, screen] => Self::TopUpBanks(TopUpBanks { amount: number(amount)?, screen: screen.parse()? }),
            ["tp", amount, paid_by, screen] => Self::StartTopUp(StartTopUp {
                amount: number(amount)?,
                method: method(paid_by)?,
                screen: screen.parse()?,
            }),
            ["s" | "sc" | "sn" | "p" | "b" | "a" | "bp", ..] => of_shop(&parts)?,
            _ => match review::read(&parts) {
                Some(review) => Self::Review(review?),
                None => of_order(&parts)?,
            },
        })
    }
}

fn of_shop(parts: &[&str]) -> Result<Callback, UnknownCallback> {
    let choice = |product: &str, units: &str, page: Option<&str>| {
        let page = page.map(str::parse).transpose()?;
        Ok(Choice { product_id: id("prd_", product)?, quantity: quantity(units)?, page })
    };
    Ok(match *parts {
        ["s"] => Callback::Products(None),
        ["s", page] => Callback::Products(Some(page.parse()?)),
        ["sc"] => Callback::Categories(0),
        // The first page has one name.
        ["sn", page] => match u16::try_from(number(page)?) {
            Ok(page @ 1..) => Callback::Categories(page),
            _ => return Err(UnknownCallback),
        },
        ["sc", category] => Callback::Category(id("cat_", category)?),
        ["p", product, units] => Callback::Product(choice(product, units, None)?),
        ["p", product, units, page] => Callback::Product(choice(product, units, Some(page))?),
        ["b", product, units] => Callback::Checkout(choice(product, units, None)?),
        ["b", product, units, page] => Callback::Checkout(choice(product, units, Some(page))?),
        ["a", product, units, screen] => {
            Callback::CheckoutBanks(CheckoutBanks { choice: choice(product, units, None)?, screen: screen.parse()? })
        }
        ["a", product, units, screen, page] => {
            let choice = choice(product, units, Some(page))?;
            Callback::CheckoutBanks(CheckoutBanks { choice, screen: screen.parse()? })
        }
        ["bp", product, units, pay, screen, subtotal] => Callback::Buy(Buy {
            product_id: id("prd_", product)?,
            quantity: quantity(units)?,
            pay: pay.parse()?,
            screen: screen.parse()?,
            subtotal: from_base36(subtotal)?,
        }),
        _ => return Err(UnknownCallback),
    })
}

fn of_order(parts: &[&str]) -> Result<Callback, UnknownCallback> {
    let named = |order: &str, here| Ok(OrderName { order_id: id("ord_", order)?, here });
    Ok(match *parts {
        ["ol"] => Callback::Orders(None),
        ["ol", page] => Callback::Orders(Some(page.parse()?)),
        ["o", order] => Callback::Order(named(order, false)?),
        ["o", order, "h"] => Callback::Order(named(order, true)?),
        ["oc", order] => Callback::Cancel(named(order, false)?),
        ["oc", order, "h"] => Callback::Cancel(named(order, true)?),
        ["oy", order] => Callback::CancelConfirmed(id("ord_", order)?),
        ["op", order] => Callback::Methods(id("ord_", order)?),
        ["oa", order] => Callback::OrderBanks(id("ord_", order)?),
        ["os", order, pay, screen] => Callback::StartPayment(StartPayment {
            order_id: id("ord_", order)?,
            pay: pay.parse()?,
            screen: screen.parse()?,
        }),
        ["ob", order] => Callback::PayFromBalance(id("ord_", order)?),
        ["og", order] => Callback::SendGoods(id("ord_", order)?),
        ["oi", payment] => Callback::Invoice(id("pay_", payment)?),
        ["pc", payment] => Callback::CheckPayment(id("pay_", payment)?),
        _ => return Err(UnknownCallback),
    })
}

#[cfg(test)]
mod tests;
