//! What deliveries say only once they are claimed: goods, and changes of what another delivery has sent.

use std::collections::HashMap;

use warung_domain::{
    ids::{DeliveryId, OrderId},
    message::{Content, Operation},
};
use warung_store::Read;

use super::claim::Lease;
use crate::{
    context::Context,
    error::{Error, Result},
    order,
};

/// What operations name and do not have, read together.
pub(super) struct Named {
    goods: HashMap<OrderId, Result<Content>>,
    /// As which messages deliveries arrived.
    messages: HashMap<DeliveryId, i64>,
}

impl Named {
    /// What these leases name.
    pub(super) async fn by(read: &Read, ctx: &Context, leases: &[Lease]) -> Result<Self> {
        let (mut orders, mut sent) = (Vec::new(), Vec::new());
        for lease in leases {
            match &lease.operation {
                Operation::SendGoods { order_id } => orders.push(*order_id),
                Operation::EditSent { delivery_id, .. } => sent.push(delivery_id.0),
                _ => {}
            }
        }
        let messages = read.messages_of_deliveries(sent).await?;
        let messages = messages.into_iter().map(|(id, message_id)| (DeliveryId(id), message_id)).collect();
        Ok(Self { goods: order::messages(read, ctx, &orders).await?, messages })
    }

    /// An operation as a worker can carry it out. An error: it can't be made, however often it is tried.
    pub(super) fn resolve(&self, operation: Operation) -> Result<Operation> {
        Ok(match operation {
            Operation::SendGoods { order_id } => {
                let gone = || Error::inconsistent("goods that were not read");
                Operation::Send(self.goods.get(&order_id).cloned().ok_or_else(gone)??)
            }
            Operation::EditSent { delivery_id, content } => match self.messages.get(&delivery_id) {
                Some(message_id) => Operation::Edit { message_id: *message_id, content },
                None => Operation::Send(content),
            },
            other => other,
        })
    }
}
