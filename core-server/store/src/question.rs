//! What gateways are to be asked about, and who asks.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, IntoActiveModel as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _, QueryTrait as _,
    sea_query::{Condition, Expr, LockBehavior, LockType, OnConflict, Query, SelectStatement},
};
use uuid::Uuid;
use warung_domain::{
    ids::PaymentId,
    money::Currency,
    payment::{Method, PaymentState},
};

use crate::{
    by_name::ByName,
    delivery::padded,
    entity::{payment, question, question::Column},
    error::Result,
    row::few,
    tx::{Read, Tx},
};

impl Read {
    /// What is to be asked about payments, oldest first.
    pub async fn questions_of_payments(&self, payment_ids: Vec<Uuid>) -> Result<Vec<question::Model>> {
        let found =
            question::Entity::find().filter(Column::PaymentId.is_in(padded(payment_ids))).order_by_asc(Column::Id);
        self.all(found).await
    }
}

/// Each of a payment and an amount once: what is there already is due no later than before, and keeps who asks it. One that
/// comes with a lease is the caller's to ask, unless it is somebody's.
fn once() -> OnConflict {
    let when =
        |condition: &str, yes: &str, no: &str| Expr::cust(format!("case when {condition} then {yes} else {no} end"));
    let is_sooner = "question.due_time is null or excluded.due_time < question.due_time";
    let is_claimed = "excluded.lease_time is not null \
                      and (question.lease_time is null or question.lease_time <= excluded.create_time)";
    OnConflict::columns([Column::PaymentId, Column::AmountMinor])
        .update_column(Column::State)
        .value(Column::DueTime, when(is_sooner, "excluded.due_time", "question.due_time"))
        // The times to ask whether the money went back are counted from the first word of it.
        .value(
            Column::CreateTime,
            when("excluded.is_reversal and not question.is_reversal", "excluded.create_time", "question.create_time"),
        )
        .value(Column::IsReversal, Expr::cust("question.is_reversal or excluded.is_reversal"))
        .value(Column::LeaseTime, when(is_claimed, "excluded.lease_time", "question.lease_time"))
        .value(Column::RestTime, when(is_claimed, "excluded.rest_time", "question.rest_time"))
        // Who asks it already learns that a webhook came.
        .value(
            Column::ToldTime,
            when(is_claimed, "null", "coalesce(excluded.told_time, excluded.rest_time, question.told_time)"),
        )
        .to_owned()
}

/// The payments of which a question has a time that lies ahead.
fn of_payments(time: Column, now: DateTime<Utc>) -> SelectStatement {
    Query::select().column(Column::PaymentId).from(question::Entity).and_where(time.gt(now)).to_owned()
}

impl Tx {
    /// Keeps questions that are nobody's yet. Of one that is there already the later word counts, and the earlier time.
    pub async fn keep_questions(&mut self, mut rows: Vec<question::Model>) -> Result<()> {
        if !self.locks_rows() {
            return self.insert_each(rows, Some(once()), &[]).await.map(drop);
        }
        while !rows.is_empty() {
            let some = rows.drain(..few(rows.len())).map(|row| row.into_active_model().reset_all());
            let insert = question::Entity::insert_many(some).on_conflict(once());
            self.write_later::<question::Entity, _>(insert).await?;
        }
        Ok(())
    }

    /// Keeps questions, and takes the right to ask those that have a lease. Answers the rows of those that are the caller's
    /// now, by payment and amount.
    pub async fn keep_and_claim_questions(
        &mut self,
        mut rows: Vec<question::Model>,
    ) -> Result<HashMap<(Uuid, i64), Uuid>> {
        let ours: HashMap<_, _> =
            rows.iter().map(|row| ((row.payment_id, row.amount_minor), (row.id, row.lease_time))).collect();
        let told = [Column::Id, Column::PaymentId, Column::AmountMinor, Column::LeaseTime, Column::ToldTime];
        let mut kept = Vec::new();
        if self.locks_rows() {
            while !rows.is_empty() {
                let some = rows.drain(..few(rows.len())).map(|row| row.into_active_model().reset_all());
                let mut keep = question::Entity::insert_many(some).on_conflict(once()).into_query();
                kept.extend(self.query_all(keep.returning(Query::returning().columns(told))).await?);
            }
        } else {
            kept = self.insert_each(rows, Some(once()), &told).await?;
        }
        let mut claimed = HashMap::new();
        for row in kept {
            let of = (row.try_get("", "payment_id")?, row.try_get("", "amount_minor")?);
            let (id, lease): (Uuid, Option<DateTime<Utc>>) = (row.try_get("", "id")?, row.try_get("", "lease_time")?);
            let told: Option<DateTime<Utc>> = row.try_get("", "told_time")?;
            // The lease of somebody else who came at the same moment ends with ours; but then it notes that a webhook came.
            if let Some((our_id, our_lease @ Some(_))) = ours.get(&of)
                && *our_lease == lease
                && (*our_id == id || told.is_none())
            {
                claimed.insert(of, id);
            }
        }
        Ok(claimed)
    }

    /// A question, locked by itself.
    pub async fn lock_question(&mut self, id: Uuid) -> Result<Option<question::Model>> {
        self.one(self.locked(question::Entity::find_by_id(id))).await
    }

    /// The question about what a payment's gateway was asked for, locked by itself.
    pub async fn lock_own_question(&mut self, payment_id: Uuid) -> Result<Option<question::Model>> {
        let own = question::Entity::find().filter(Column::PaymentId.eq(payment_id)).filter(Column::IsOwn.eq(true));
        self.one(self.locked(own)).await
    }

    /// Removes a question.
    pub async fn remove_question(&mut self, id: Uuid) -> Result<()> {
        question::Entity::delete_by_id(id).exec(&**self).await?;
        Ok(())
    }

    /// Nothing is to be asked any more about what the gateways of payments were asked for, nor whether it went back.
    pub async fn remove_own_questions(&mut self, payment_ids: Vec<Uuid>) -> Result<()> {
        let of_these = Column::PaymentId.is_in(padded(payment_ids));
        question::Entity::delete_many().filter(of_these).filter(Column::IsOwn.eq(true)).exec(&**self).await?;
        Ok(())
    }

    /// The money of payments is there: nothing is to be asked any more about it, but whether it went back.
    pub async fn remove_paid_questions(&mut self, payment_ids: Vec<Uuid>) -> Result<()> {
        let of_these = Column::PaymentId.is_in(padded(payment_ids));
        let paid = Condition::all().add(Column::IsOwn.eq(true)).add(Column::IsReversal.eq(false));
        question::Entity::delete_many().filter(of_these).filter(paid).exec(&**self).await?;
        Ok(())
    }

    /// Takes the right to ask these gateways about what is due, the longest due first; each with its payment. Of a payment
    /// one question is asked at a time, and none while its gateway rests.
    pub async fn claim_questions(
        &mut self,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
        gateways: &[&str],
        limit: u64,
    ) -> Result<Vec<(question::Model, payment::Model)>> {
        let is_free = Condition::any().add(Column::LeaseTime.is_null()).add(Column::LeaseTime.lte(now));
        let query = question::Entity::find()
            .filter(Column::DueTime.lte(now))
            .filter(is_free)
            .filter(Column::PaymentId.not_in_subquery(of_payments(Column::LeaseTime, now)))
            .filter(Column::PaymentId.not_in_subquery(of_payments(Column::RestTime, now)))
            .filter(Column::Gateway.is_in(gateways.iter().copied()))
            .order_by_asc(Column::DueTime)
            .limit(limit);
        let query = if self.locks_rows() {
            query.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        } else {
            query
        };
        let mut found = self.all(query).await?;
        let mut seen = std::collections::HashSet::new();
        found.retain(|row| seen.insert(row.payment_id));
        if found.is_empty() {
            return Ok(Vec::new());
        }
        let lease = question::Entity::update_many()
            .col_expr(Column::LeaseTime, Expr::value(until))
            // Asked because of a webhook: the gateway rests after its answer.
            .col_expr(Column::RestTime, Expr::col(Column::ToldTime))
            .col_expr(Column::ToldTime, Expr::value(None::<DateTime<Utc>>))
            .filter(Column::Id.is_in(padded(found.iter().map(|row| row.id).collect())));
        self.write_later::<question::Entity, _>(lease).await?;
        let of = padded(found.iter().map(|row| row.payment_id).collect());
        // A payment that can't be read keeps no other from being asked about.
        let payments = payment::Entity::find()
            .filter(payment::Column::Id.is_in(of))
            .filter(payment::Column::State.is_in(ByName::<PaymentState>::known()))
            .filter(payment::Column::Method.is_in(ByName::<Method>::known()))
            .filter(payment::Column::Currency.is_in(ByName::<Currency>::known()));
        let payments = self.all(payments).await?;
        let with_payment = |row: question::Model| {
            let Some(payment) = payments.iter().find(|payment| payment.id == row.payment_id) else {
                tracing::error!(payment.id = %PaymentId(row.payment_id), "a payment can't be read");
                return None;
            };
            Some((row, payment.clone()))
        };
        Ok(found.into_iter().filter_map(with_payment).collect())
    }
}
