//! What a delivery says only once it is claimed: goods, and changes of what another delivery has sent.

use warung_domain::{
    ids::{DeliveryId, OrderId},
    message::Operation,
};
use warung_store::{Error as StoreError, Read, Tx, rows};

use super::write::Purpose;
use crate::{
    context::Context,
    error::{Error, Result},
    order,
};

/// Goods that a delivery shows.
pub(super) struct Shown {
    order: OrderId,
    delivery: DeliveryId,
    chat_id: i64,
}

impl Shown {
    /// What a delivery shows, if it is one of goods.
    pub(super) fn by(row: &rows::Delivery) -> Result<Option<Self>> {
        Ok(match Purpose::from_row(row)? {
            Purpose::Goods(order) => Some(Self { order, delivery: DeliveryId(row.id), chat_id: row.chat_id }),
            _ => None,
        })
    }

    /// Notes to whom they are shown.
    pub(super) async fn note(self, tx: &mut Tx, ctx: &Context) -> Result<()> {
        order::reveal(tx, ctx, self.order, self.delivery, self.chat_id).await
    }
}

/// Whether an error says that goods can't be put together, however often it is tried.
pub(super) fn is_lasting(error: &Error) -> bool {
    matches!(error, Error::Internal(_) | Error::Store(StoreError::Inconsistent(_)))
}

/// Why the goods that a delivery shows can't be put together; `None`: they can, or it shows none.
pub(super) async fn fault(read: &Read, ctx: &Context, row: &rows::Delivery) -> Result<Option<String>> {
    let Purpose::Goods(order_id) = Purpose::from_row(row)? else { return Ok(None) };
    match order::resolve(read, ctx, order_id).await {
        Ok(_) => Ok(None),
        Err(error) if is_lasting(&error) => Ok(Some(error.to_string())),
        Err(error) => Err(error),
    }
}

/// An operation as a worker can carry it out; `None` when it can't be made any more, which is logged: no other delivery
/// is to suffer from it, and the next claim gives it up.
pub(super) async fn resolve(
    read: &Read,
    ctx: &Context,
    id: DeliveryId,
    operation: Operation,
) -> Result<Option<Operation>> {
    Ok(match operation {
        Operation::SendGoods { order_id } => match order::resolve(read, ctx, order_id).await {
            Ok(content) => Some(Operation::Send(content)),
            Err(error) if is_lasting(&error) => {
                tracing::error!(delivery.id = %id, order.id = %order_id, %error, "goods can't be sent");
                None
            }
            Err(error) => return Err(error),
        },
        Operation::EditSent { delivery_id, content } => {
            let sent: Option<rows::Delivery> = read.find(delivery_id.0).await?;
            Some(match sent.and_then(|row| row.message_id) {
                Some(message_id) => Operation::Edit { message_id, content },
                None => Operation::Send(content),
            })
        }
        other => Some(other),
    })
}
