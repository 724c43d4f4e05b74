//! Payments and refunds.

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, EntityTrait as _, FromQueryResult, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    sea_query::{Condition, Expr, ExprTrait as _, LockBehavior, LockType, Query},
};
use uuid::Uuid;

use crate::{
    delivery::padded,
    entity::{claimed_amount, payment, refund},
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
            .filter(payment::Column::State.is_in(["CREATING", "OPEN"]));
        Ok(found.one(self).await?)
    }

    /// The payments of orders, in no order.
    pub async fn payments_of_orders(&self, order_ids: Vec<Uuid>) -> Result<Vec<payment::Model>> {
        Ok(payment::Entity::find().filter(payment::Column::OrderId.is_in(padded(order_ids))).all(self).await?)
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
        Ok(query.all(self).await?)
    }
}

impl Read {
    /// The payments of an order, by number.
    pub async fn payments_of_order(&self, order_id: Uuid) -> Result<Vec<payment::Model>> {
        let found =
            payment::Entity::find().filter(payment::Column::OrderId.eq(order_id)).order_by_asc(payment::Column::Number);
        Ok(found.all(self).await?)
    }

    /// The other amounts that somebody says were paid under a payment's reference, oldest first.
    pub async fn claimed_amounts(&self, payment_id: Uuid) -> Result<Vec<claimed_amount::Model>> {
        let found = claimed_amount::Entity::find()
            .filter(claimed_amount::Column::PaymentId.eq(payment_id))
            .order_by_asc(claimed_amount::Column::Id);
        Ok(found.all(self).await?)
    }

    /// The gateways of payments that are to be asked about, apart from `known`, each with how many payments those are.
    pub async fn payments_of_other_gateways(&self, known: &[&str]) -> Result<Vec<(String, i64)>> {
        let found = payment::Entity::find()
            .select_only()
            .column(payment::Column::Gateway)
            .column_as(payment::Column::Id.count(), "payments")
            .filter(payment::Column::CheckTime.is_not_null())
            .filter(payment::Column::Gateway.is_not_in(known.iter().copied()))
            .group_by(payment::Column::Gateway)
            .order_by_asc(payment::Column::Gateway);
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
            .filter(refund::Column::State.eq("PENDING"))
            .filter(refund::Column::CreateTime.lte(before))
            .filter(refund::Column::PaymentId.in_subquery(unseen))
            .order_by_asc(refund::Column::Id)
            .limit(limit);
        Ok(found.all(self).await?)
    }

    /// The refunds of payments that are on their way, oldest first.
    pub async fn pending_refunds(&self, payment_ids: Vec<Uuid>) -> Result<Vec<refund::Model>> {
        let found = refund::Entity::find()
            .filter(refund::Column::State.eq("PENDING"))
            .filter(refund::Column::PaymentId.is_in(padded(payment_ids)))
            .order_by_asc(refund::Column::Id);
        Ok(found.all(self).await?)
    }

    /// The refunds of an order, by id.
    pub async fn refunds_of_order(&self, order_id: Uuid) -> Result<Vec<refund::Model>> {
        let found =
            refund::Entity::find().filter(refund::Column::OrderId.eq(order_id)).order_by_asc(refund::Column::Id);
        Ok(found.all(self).await?)
    }
}

/// It is due, and nobody is asking the gateway.
fn is_due(check: impl ColumnTrait, lease: impl ColumnTrait, now: DateTime<Utc>) -> Condition {
    let is_free = Condition::any().add(lease.is_null()).add(lease.lte(now));
    Condition::all().add(check.is_not_null()).add(check.lte(now)).add(is_free)
}

impl Tx {
    /// A payment, locked by itself: for who asks its gateway, and when.
    pub async fn lock_check(&mut self, payment_id: Uuid) -> Result<Option<payment::Model>> {
        Ok(self.locked(payment::Entity::find_by_id(payment_id)).one(&**self).await?)
    }

    /// Whether there is a payment of this reference.
    pub async fn has_payment(&self, reference: &str) -> Result<bool> {
        let query = payment::Entity::find().filter(payment::Column::Reference.eq(reference));
        Ok(query.one(&**self).await?.is_some())
    }

    /// The payment that a gateway knows by this reference, locked by itself.
    pub async fn lock_check_by_reference(&mut self, reference: &str) -> Result<Option<payment::Model>> {
        let query = payment::Entity::find().filter(payment::Column::Reference.eq(reference));
        Ok(self.locked(query).one(&**self).await?)
    }

    /// The payments of an order, by number, locked: what another writes of them meanwhile (a lease, a webhook's mark) is
    /// seen here, or waits. The order itself is locked before.
    pub async fn lock_payments_of_order(&mut self, order_id: Uuid) -> Result<Vec<payment::Model>> {
        let query =
            payment::Entity::find().filter(payment::Column::OrderId.eq(order_id)).order_by_asc(payment::Column::Number);
        Ok(self.locked(query).all(&**self).await?)
    }

    /// Removes another amount that was said to be paid.
    pub async fn remove_claimed_amount(&mut self, id: Uuid) -> Result<()> {
        claimed_amount::Entity::delete_by_id(id).exec(&**self).await?;
        Ok(())
    }

    /// Takes the right to ask these gateways about other amounts that are due for it; each with its payment.
    pub async fn lease_due_amounts(
        &mut self,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
        gateways: &[&str],
        limit: u64,
    ) -> Result<Vec<(claimed_amount::Model, payment::Model)>> {
        use claimed_amount::Column;
        let theirs = Query::select()
            .column(payment::Column::Id)
            .from(payment::Entity)
            .and_where(payment::Column::Gateway.is_in(gateways.iter().copied()))
            .to_owned();
        let query = claimed_amount::Entity::find()
            .filter(is_due(Column::CheckTime, Column::CheckLeaseTime, now))
            .filter(Column::PaymentId.in_subquery(theirs))
            .order_by_asc(Column::CheckTime)
            .limit(limit);
        let query = if self.locks_rows() {
            query.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        } else {
            query
        };
        let found = query.all(&**self).await?;
        if found.is_empty() {
            return Ok(Vec::new());
        }
        claimed_amount::Entity::update_many()
            .col_expr(Column::CheckLeaseTime, Expr::value(until))
            .filter(Column::Id.is_in(padded(found.iter().map(|row| row.id).collect())))
            .exec(&**self)
            .await?;
        let of = padded(found.iter().map(|row| row.payment_id).collect());
        let payments = payment::Entity::find().filter(payment::Column::Id.is_in(of)).all(&**self).await?;
        let with_payment = |row: claimed_amount::Model| {
            let payment = payments.iter().find(|payment| payment.id == row.payment_id)?.clone();
            Some((row, payment))
        };
        Ok(found.into_iter().filter_map(with_payment).collect())
    }

    /// Takes the right to ask these gateways about payments that are due for it.
    pub async fn lease_due_checks(
        &mut self,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
        gateways: &[&str],
        limit: u64,
    ) -> Result<Vec<payment::Model>> {
        let query = payment::Entity::find()
            .filter(is_due(payment::Column::CheckTime, payment::Column::CheckLeaseTime, now))
            .filter(payment::Column::Gateway.is_in(gateways.iter().copied()))
            .order_by_asc(payment::Column::CheckTime)
            .limit(limit);
        let query = if self.locks_rows() {
            query.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        } else {
            query
        };
        let found = query.all(&**self).await?;
        if found.is_empty() {
            return Ok(found);
        }
        payment::Entity::update_many()
            .col_expr(payment::Column::CheckLeaseTime, Expr::value(until))
            .col_expr(payment::Column::Checks, Expr::col(payment::Column::Checks).add(1))
            .filter(payment::Column::Id.is_in(padded(found.iter().map(|row| row.id).collect())))
            .exec(&**self)
            .await?;
        Ok(found)
    }
}
