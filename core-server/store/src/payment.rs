//! Payments and refunds.

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, EntityTrait as _, FromQueryResult, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    sea_query::{ExprTrait as _, Query},
};
use uuid::Uuid;

use warung_domain::payment::{PaymentState, RefundState};

use crate::{
    by_name::ByName,
    delivery::padded,
    entity::{payment, question, refund, refund_line},
    error::Result,
    tx::{Read, Tx},
};

/// How many payments are to be asked about at a gateway.
#[derive(FromQueryResult)]
struct Waiting {
    gateway: String,
    payments: i64,
}

impl Read {
    /// The payment of an order that may be paid, or will be once its gateway has answered.
    pub async fn payment_underway(&self, order_id: Uuid) -> Result<Option<payment::Model>> {
        let found = payment::Entity::find()
            .filter(payment::Column::OrderId.eq(order_id))
            .filter(payment::Column::State.is_in(PaymentState::UNDERWAY.map(ByName)));
        self.one(found).await
    }

    /// Payments that a seller must look at, newest first.
    pub async fn payments_to_review(&self, after: Option<Uuid>, limit: u64) -> Result<Vec<payment::Model>> {
        let mut query = payment::Entity::find()
            .filter(payment::Column::ReviewReason.is_not_null())
            .order_by_desc(payment::Column::Id)
            .limit(limit);
        if let Some(after) = after {
            query = query.filter(payment::Column::Id.lt(after));
        }
        self.all(query).await
    }
}

impl Read {
    /// The payments of an order, by number.
    pub async fn payments_of_order(&self, order_id: Uuid) -> Result<Vec<payment::Model>> {
        let found =
            payment::Entity::find().filter(payment::Column::OrderId.eq(order_id)).order_by_asc(payment::Column::Number);
        self.all(found).await
    }

    /// The payments that gateways know by these references.
    pub async fn payments_by_references(&self, references: Vec<String>) -> Result<Vec<payment::Model>> {
        let found = payment::Entity::find().filter(payment::Column::Reference.is_in(padded(references)));
        self.all(found).await
    }

    /// The gateways of payments that are to be asked about, apart from `known`, each with how many payments those are.
    pub async fn payments_of_other_gateways(&self, known: &[&str]) -> Result<Vec<(String, i64)>> {
        let found = question::Entity::find()
            .select_only()
            .column(question::Column::Gateway)
            .column_as(question::Column::PaymentId.into_expr().count_distinct(), "payments")
            .filter(question::Column::DueTime.is_not_null())
            .filter(question::Column::Gateway.is_not_in(known.iter().copied()))
            .group_by(question::Column::Gateway)
            .order_by_asc(question::Column::Gateway);
        let found = found.into_model::<Waiting>().all(self).await?;
        Ok(found.into_iter().map(|Waiting { gateway, payments }| (gateway, payments)).collect())
    }

    /// Refunds that are on their way since before `before`, and whose payment nobody was asked to look at; oldest first.
    pub async fn stuck_refunds(&self, before: DateTime<Utc>, limit: u64) -> Result<Vec<refund::Model>> {
        let unseen = Query::select()
            .column(payment::Column::Id)
            .from(payment::Entity)
            .and_where(payment::Column::ReviewReason.is_null())
            .to_owned();
        let found = refund::Entity::find()
            .filter(refund::Column::State.eq(ByName(RefundState::Pending)))
            .filter(refund::Column::CreateTime.lte(before))
            .filter(refund::Column::PaymentId.in_subquery(unseen))
            .order_by_asc(refund::Column::Id)
            .limit(limit);
        self.all(found).await
    }

    /// The refunds of payments that are on their way, oldest first.
    pub async fn pending_refunds(&self, payment_ids: Vec<Uuid>) -> Result<Vec<refund::Model>> {
        let found = refund::Entity::find()
            .filter(refund::Column::State.eq(ByName(RefundState::Pending)))
            .filter(refund::Column::PaymentId.is_in(padded(payment_ids)))
            .order_by_asc(refund::Column::Id);
        self.all(found).await
    }

    /// What of refunds goes back of which lines, in no order.
    pub async fn refund_lines(&self, refund_ids: Vec<Uuid>) -> Result<Vec<refund_line::Model>> {
        if refund_ids.is_empty() {
            return Ok(Vec::new());
        }
        let found = refund_line::Entity::find().filter(refund_line::Column::RefundId.is_in(padded(refund_ids)));
        self.all(found).await
    }

    /// The refunds of an order, by id.
    pub async fn refunds_of_order(&self, order_id: Uuid) -> Result<Vec<refund::Model>> {
        let found =
            refund::Entity::find().filter(refund::Column::OrderId.eq(order_id)).order_by_asc(refund::Column::Id);
        self.all(found).await
    }
}

impl Tx {
    /// The payments of orders, by order and number, locked. The orders themselves are locked before, by a statement of its
    /// own: what was committed until then is seen here.
    pub async fn lock_payments_of_orders(&mut self, order_ids: Vec<Uuid>) -> Result<Vec<payment::Model>> {
        let query = payment::Entity::find()
            .filter(payment::Column::OrderId.is_in(padded(order_ids)))
            .order_by_asc(payment::Column::OrderId)
            .order_by_asc(payment::Column::Number);
        self.all(self.locked(query)).await
    }

    /// How much of what a payment received went to its buyer's wallet.
    pub async fn credited_of(&self, payment_id: Uuid) -> Result<i64> {
        use crate::entity::{journal, ledger_entry};
        let journal = journal::Entity::find()
            .filter(journal::Column::Kind.eq("CREDIT"))
            .filter(journal::Column::RefId.eq(payment_id));
        let Some(journal) = journal.one(&**self).await? else { return Ok(0) };
        let entries = ledger_entry::Entity::find().filter(ledger_entry::Column::JournalId.eq(journal.id));
        let debits = self.all(entries).await?.into_iter().map(|entry| Ord::max(entry.amount_minor, 0));
        Ok(debits.fold(0, i64::saturating_add))
    }
}
