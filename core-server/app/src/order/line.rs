//! What a line of an order is of, and where it stands.

use std::collections::HashMap;

use uuid::Uuid;
use warung_domain::catalog::ProductKind;
use warung_store::{Read, rows};

use crate::error::Result;

/// The lines of orders, by order, each order's by number.
pub(crate) async fn lines_of(read: &Read, orders: Vec<Uuid>) -> Result<HashMap<Uuid, Vec<rows::OrderLine>>> {
    let mut of_orders: HashMap<_, Vec<_>> = HashMap::new();
    for line in read.lines_of_orders(orders).await? {
        of_orders.entry(line.order_id).or_default().push(line);
    }
    for lines in of_orders.values_mut() {
        lines.sort_unstable_by_key(|line| line.number);
    }
    Ok(of_orders)
}

/// The product of a line whose units are counted: of STOCK lines alone.
pub(super) fn counted(line: &rows::OrderLine) -> Option<Uuid> {
    line.product_id.filter(|_| line.kind == ProductKind::Stock)
}

/// Whether all that was paid for a line went back.
fn went_back(line: &rows::OrderLine) -> bool {
    line.net_minor > 0 && line.refunded_minor >= line.net_minor
}

/// Whether a message of a settled order carries goods of a line: those of one that went back are not sent any more.
pub(super) fn has_goods(line: &rows::OrderLine) -> bool {
    let is_there = match line.kind.0 {
        ProductKind::Stock | ProductKind::Shared => true,
        ProductKind::Manual => line.goods_cipher.is_some(),
        ProductKind::Membership | ProductKind::TopUp => false,
    };
    is_there && !went_back(line)
}

/// Whether the seller has still to hand over the goods of a line of a paid order.
pub(super) fn awaits_goods(line: &rows::OrderLine) -> bool {
    line.kind == ProductKind::Manual && line.goods_cipher.is_none() && !went_back(line)
}
