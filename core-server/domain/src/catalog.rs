//! The shop: what a seller may put into it.

use serde::{Deserialize, Serialize};

use crate::{
    goods::Goods,
    library::{check_code, check_name, is_media_id},
    membership::MAX_GRANT_DAYS,
    money::{Currency, Money},
    named,
    payment::PaidThrough,
    violation::Violations,
};

/// The highest price of a unit, in rupiah.
pub const MAX_PRICE: i64 = 100_000_000;
/// How many stock lines may be added at once.
pub const MAX_STOCK_LINES: usize = 1_000;

const NAME_CHARACTERS: usize = 120;
const DESCRIPTION_CHARACTERS: usize = 4_000;
const SHARED_CONTENT_CHARACTERS: usize = 16_000;
const STOCK_LINE_CHARACTERS: usize = 4_000;

named! {
    /// What kind of goods a product is: it decides what a buyer gets once it is paid.
    #[derive(Serialize, Deserialize)]
    pub enum ProductKind {
        /// Each unit is a stock line of its own. The only kind that is counted.
        Stock = "STOCK",
        /// One text for all buyers.
        Shared = "SHARED",
        /// The seller fulfils each order by hand.
        Manual = "MANUAL",
        /// Days of VIP membership.
        Membership = "MEMBERSHIP",
        /// Wallet balance, as much as its price.
        TopUp = "TOP_UP",
    }
}

named! {
    /// Where a stock line stands.
    pub enum StockState {
        /// It can be sold.
        Available = "AVAILABLE",
        /// It belongs to an order line.
        Sold = "SOLD",
    }
}

/// A product as a seller gives it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProductInput {
    /// The key: 1 to 64 of `a-z 0-9 -`.
    pub code: String,
    /// 1 to 120 characters.
    pub name: String,
    /// At most 4,000 characters.
    pub description: String,
    /// The code of its category; empty for none.
    pub category_code: String,
    /// What kind of goods; `None`, when nobody said, is a violation.
    pub kind: Option<ProductKind>,
    /// The price of a unit: from 0 to [`MAX_PRICE`] rupiah; `None`, when nobody said, is a violation.
    pub price: Option<Money>,
    /// A picture of the media store; empty for none.
    pub picture_media_id: String,
    /// Of MEMBERSHIP: days of 24 hours that a unit grants, 1 to [`MAX_GRANT_DAYS`]; of others 0.
    pub membership_days: i32,
    /// Of SHARED: what buyers get, at most 16,000 characters, or empty for what it was; of others empty.
    pub shared_content: Goods,
    /// The gateways that it may be paid through besides the balance; empty: any.
    pub gateways: Vec<String>,
    /// It is not shown and can't be ordered any more.
    pub archived: bool,
}

impl ProductInput {
    /// Every rule that it breaks.
    #[must_use]
    pub fn violations(&self) -> Violations {
        let Self {
            code,
            name,
            description,
            category_code,
            kind,
            price,
            picture_media_id,
            membership_days,
            shared_content,
            gateways,
            archived: _,
        } = self;
        let mut found = Violations::new();
        check_code(&mut found, "code", code);
        check_name(&mut found, "name", name, 1, NAME_CHARACTERS);
        found.length("description", description, 0..=DESCRIPTION_CHARACTERS);
        if !category_code.is_empty() {
            check_code(&mut found, "category_code", category_code);
        }
        found.check(kind.is_some(), "kind", "is required");
        match price {
            Some(Money { currency: Currency::Idr, minor_units }) => {
                found.range("price.minor_units", *minor_units, 0..=MAX_PRICE);
            }
            Some(_) => found.add("price.currency_code", "must be IDR"),
            None => found.add("price", "must be an amount in IDR"),
        }
        let picture = picture_media_id.is_empty() || is_media_id(picture_media_id);
        found.check(picture, "picture_media_id", "must be `med_` and 64 hexadecimal digits, or empty");
        PaidThrough::check(&mut found, "gateways", gateways);
        match kind {
            Some(ProductKind::Membership) => {
                found.range("membership_days", i64::from(*membership_days), 1..=MAX_GRANT_DAYS);
            }
            _ => found.check(*membership_days == 0, "membership_days", "is for MEMBERSHIP alone"),
        }
        if !shared_content.is_empty() {
            found.check(*kind == Some(ProductKind::Shared), "shared_content", "is for SHARED alone");
            shared_content.check(&mut found, "shared_content", SHARED_CONTENT_CHARACTERS);
        }
        found
    }
}

/// Every rule that stock lines break: 1 to [`MAX_STOCK_LINES`] of 1 to 4,000 characters.
#[must_use]
pub fn stock_violations(lines: &[Goods]) -> Violations {
    let mut found = Violations::new();
    if !(1..=MAX_STOCK_LINES).contains(&lines.len()) {
        found.add("lines", format!("must have 1 to {MAX_STOCK_LINES} lines"));
    }
    // No more than may be: what is looked at and answered stays bounded.
    for (index, line) in lines.iter().enumerate().take(MAX_STOCK_LINES) {
        line.check(&mut found, &format!("lines[{index}]"), STOCK_LINE_CHARACTERS);
    }
    found
}

#[cfg(test)]
mod tests;
