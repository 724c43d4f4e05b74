//! Deliveries that no use case of this stage writes: other lanes, other chats, many at once.

use uuid::Uuid;
use warung_app::{Command, Context, Result};
use warung_domain::{
    delivery::Lane,
    message::{Content, Operation},
};
use warung_store::{Tx, rows};

use super::Shop;

/// Writes a delivery for each of these chats and lanes, in this order.
struct Plant(Vec<(i64, i64)>);

impl Command for Plant {
    type Output = Vec<Uuid>;
    const NAME: &'static str = "test.plant";
    const BY_REQUEST_ID: bool = false;

    async fn execute(&self, tx: &mut Tx, ctx: &Context) -> Result<Vec<Uuid>> {
        let mut ids = Vec::new();
        for (chat_id, lane) in &self.0 {
            let id = ctx.new_id();
            let content = Content { text_html: format!("to {chat_id}"), ..Content::default() };
            let row = rows::Delivery {
                id,
                bot: "MAIN".into(),
                chat_id: *chat_id,
                lane: *lane,
                operation: serde_json::to_string(&Operation::Send(content))?,
                purpose: "TROUBLE".into(),
                purpose_id: None,
                state: "PENDING".into(),
                attempts: 0,
                due_time: ctx.now,
                worker: None,
                may_be_repeated: false,
                message_id: None,
                error: None,
                create_time: ctx.now,
                release_time: ctx.now,
                done_time: None,
            };
            tx.insert(row).await?;
            ids.push(id);
        }
        Ok(ids)
    }
}

impl Shop {
    /// Writes a delivery for each of these chats and lanes, in this order.
    pub(crate) async fn plant(&self, deliveries: impl IntoIterator<Item = (i64, Lane)>) -> Vec<String> {
        let rows = deliveries.into_iter().map(|(chat_id, lane)| (chat_id, i64::from(lane.priority()))).collect();
        let ids = self.core.engine().run(&self.context(), Plant(rows)).await.unwrap();
        ids.into_iter().map(|id| warung_domain::ids::DeliveryId(id).to_string()).collect()
    }
}
