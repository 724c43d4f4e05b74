//! What a line of an order is of, and where it stands.

use uuid::Uuid;
use warung_domain::catalog::ProductKind;
use warung_store::rows;

use crate::error::{Error, Result};

/// The kind of a line's goods.
pub(crate) fn kind_of(line: &rows::OrderLine) -> Result<ProductKind> {
    ProductKind::from_name(&line.kind).ok_or_else(|| Error::inconsistent(format!("order_line.kind {}", line.kind)))
}

/// The product of a line whose units are counted: of STOCK lines alone.
pub(super) fn counted(line: &rows::OrderLine) -> Result<Option<Uuid>> {
    Ok(if kind_of(line)? == ProductKind::Stock { line.product_id } else { None })
}

/// Whether all that was paid for a line went back.
fn went_back(line: &rows::OrderLine) -> bool {
    line.net_minor > 0 && line.refunded_minor >= line.net_minor
}

/// Whether a message of a settled order carries goods of a line: those of one that went back are not sent any more.
pub(super) fn has_goods(line: &rows::OrderLine) -> Result<bool> {
    let is_there = match kind_of(line)? {
        ProductKind::Stock | ProductKind::Shared => true,
        ProductKind::Manual => line.goods_cipher.is_some(),
        ProductKind::Membership | ProductKind::TopUp => false,
    };
    Ok(is_there && !went_back(line))
}

/// Whether the seller has still to hand over the goods of a line of a paid order.
pub(super) fn awaits_goods(line: &rows::OrderLine) -> Result<bool> {
    Ok(kind_of(line)? == ProductKind::Manual && line.goods_cipher.is_none() && !went_back(line))
}
