//! API keys, and the orders that they placed.

use uuid::Uuid;
use warung_app::{Command, Context, Result};
use warung_proto::identity::{CreateApiKeyRequest, ListApiKeysRequest, RevokeApiKeyRequest};
use warung_store::{Tx, rows};

use super::{Caller, Shop};

/// All scopes that the API declares.
pub(crate) const SCOPES: [&str; 5] = ["catalog.read", "library.read", "membership.read", "order.read", "order.write"];

/// A key that was made.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) id: String,
    pub(crate) secret: String,
}

impl Key {
    /// Whoever holds it, through the edge.
    pub(crate) fn caller(&self) -> Caller {
        Caller::edge().with_session(&self.secret)
    }
}

impl Shop {
    /// Makes a key.
    pub(crate) async fn key(&self, name: &str, scopes: &[&str]) -> Key {
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        let message = CreateApiKeyRequest { request_id: self.request_id(), name: name.into(), scopes };
        let made = self.api_keys().create_api_key(Caller::operator().says(message)).await.unwrap().into_inner();
        Key { id: made.api_key.unwrap().api_key_id, secret: made.secret }
    }

    /// Revokes a key.
    pub(crate) async fn revoke_key(&self, key: &Key) {
        let message = RevokeApiKeyRequest { request_id: self.request_id(), api_key_id: key.id.clone() };
        self.api_keys().revoke_api_key(Caller::operator().says(message)).await.unwrap();
    }

    /// All keys as the operator sees them.
    pub(crate) async fn listed_keys(&self) -> Vec<warung_proto::identity::ApiKey> {
        let listed = self.api_keys().list_api_keys(Caller::operator().says(ListApiKeysRequest {})).await.unwrap();
        listed.into_inner().api_keys
    }

    /// Writes an order that a key, or a person, has placed for a user.
    pub(crate) async fn plant_order(&self, telegram_id: i64, key: Option<&Key>) {
        self.user(telegram_id).await;
        let api_key_id = key.map(|key| key.id.parse::<warung_domain::ids::ApiKeyId>().unwrap().0);
        self.core.engine().run(&self.context(), PlantOrder { telegram_id, api_key_id }).await.unwrap();
    }

    /// All that the database holds.
    pub(crate) fn dump(&self) -> Vec<u8> {
        self.ground.database.dump()
    }
}

struct PlantOrder {
    telegram_id: i64,
    api_key_id: Option<Uuid>,
}

impl Command for PlantOrder {
    type Output = ();
    const NAME: &'static str = "test.plant_order";
    const BY_REQUEST_ID: bool = false;

    async fn execute(&self, tx: &mut Tx, ctx: &Context) -> Result<()> {
        let buyer = tx.user_by_telegram_id(self.telegram_id).await?.unwrap();
        let id = ctx.new_id();
        let row = rows::Order {
            id,
            code: format!("tg{}-{id}", self.telegram_id),
            buyer_id: buyer.id,
            receiver_id: None,
            api_key_id: self.api_key_id,
            state: warung_domain::order::OrderState::Completed.into(),
            currency: warung_domain::money::Currency::Idr.into(),
            subtotal_minor: 0,
            discount_minor: 0,
            due_minor: 0,
            paid_minor: 0,
            refunded_minor: 0,
            rule_version: "price-1".into(),
            gateways: None,
            expire_time: ctx.now,
            hold_reason: None,
            paid_time: None,
            end_time: None,
            version: 1,
            create_time: ctx.now,
        };
        Ok(tx.insert(row).await?)
    }
}
