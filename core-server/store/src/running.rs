//! Running a store: settings, trails, jobs, leases, budgets and alerts.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait as _, DbBackend, EntityTrait as _, IntoActiveModel as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _, Statement,
    sea_query::{Expr, ExprTrait as _, OnConflict},
};
use uuid::Uuid;

use crate::{
    delivery::padded,
    entity::{activity, alert, audit_entry, call_budget, job_run, lease, setting},
    error::Result,
    tx::{Read, Tx},
};

impl Read {
    /// All settings that somebody changed.
    pub async fn settings(&self) -> Result<Vec<setting::Model>> {
        Ok(setting::Entity::find().all(self).await?)
    }

    /// What time the database's server has; `None` where that is this machine.
    pub async fn database_time(&self) -> Result<Option<DateTime<Utc>>> {
        let backend = self.get_database_backend();
        if backend == DbBackend::Sqlite {
            return Ok(None);
        }
        let row = self.query_one_raw(Statement::from_string(backend, "select clock_timestamp() as time")).await?;
        Ok(row.map(|row| row.try_get("", "time")).transpose()?)
    }

    /// The audit trail, newest first.
    pub async fn audit_entries(&self, after: Option<Uuid>, limit: u64) -> Result<Vec<audit_entry::Model>> {
        let mut query = audit_entry::Entity::find().order_by_desc(audit_entry::Column::Id).limit(limit);
        if let Some(after) = after {
            query = query.filter(audit_entry::Column::Id.lt(after));
        }
        Ok(query.all(self).await?)
    }
}

impl Tx {
    /// What somebody set, locked to be changed.
    pub async fn lock_setting(&mut self, key: &str) -> Result<Option<setting::Model>> {
        Ok(self.locked_to_edit(setting::Entity::find_by_id(key.to_owned())).one(&**self).await?)
    }

    /// Writes a setting, which is new if none was there to be locked, or gives its default back. One that somebody else
    /// has made since then is [`Error::Conflict`](crate::Error::Conflict).
    pub async fn put_setting(&mut self, key: &str, row: Option<setting::Model>, is_new: bool) -> Result<()> {
        if let Some(row) = row {
            return self.put(row, is_new).await;
        }
        setting::Entity::delete_by_id(key.to_owned()).exec(&**self).await?;
        Ok(())
    }

    /// Adds calls and their outcomes.
    pub async fn add_activity(&mut self, rows: Vec<activity::Model>) -> Result<()> {
        self.insert_all(rows).await
    }

    /// Removes calls older than `before`, at most `limit` of them. Answers how many there were.
    pub async fn remove_old_activity(&mut self, before: DateTime<Utc>, limit: u64) -> Result<u64> {
        self.remove_old::<activity::Entity>(activity::Column::CreateTime, before, limit).await
    }

    /// Begins a run of a job. Of all replicas, one is answered `true`.
    pub async fn begin_job(&mut self, job: &str, scheduled_time: DateTime<Utc>, now: DateTime<Utc>) -> Result<bool> {
        self.insert_new(job_run::Model { job: job.to_owned(), scheduled_time, start_time: now, done_time: None }).await
    }

    /// Removes runs of jobs older than `before`, at most `limit` of them. There are so few that they need no index by
    /// their time.
    pub async fn remove_old_job_runs(&mut self, before: DateTime<Utc>, limit: u64) -> Result<u64> {
        self.remove_old::<job_run::Entity>(job_run::Column::ScheduledTime, before, limit).await
    }

    /// Takes or renews a lease. Answers the lease as it stands: the caller holds it if it names the caller.
    pub async fn take_lease(
        &mut self,
        name: &str,
        holder: &str,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<lease::Model> {
        let wanted = lease::Model { name: name.to_owned(), holder: holder.to_owned(), expire_time: until };
        let done = lease::Entity::update_many()
            .col_expr(lease::Column::Holder, Expr::value(holder))
            .col_expr(lease::Column::ExpireTime, Expr::value(until))
            .filter(lease::Column::Name.eq(name))
            .filter(lease::Column::Holder.eq(holder).or(lease::Column::ExpireTime.lte(now)))
            .exec(&**self)
            .await?;
        if done.rows_affected == 1 || self.insert_new(wanted.clone()).await? {
            return Ok(wanted);
        }
        Ok(self.find(name.to_owned()).await?.unwrap_or(wanted))
    }

    /// Gives a lease back, if the caller holds it.
    pub async fn release_lease(&mut self, name: &str, holder: &str) -> Result<()> {
        lease::Entity::delete_many()
            .filter(lease::Column::Name.eq(name))
            .filter(lease::Column::Holder.eq(holder))
            .exec(&**self)
            .await?;
        Ok(())
    }

    /// Ends every lease that is named so.
    pub async fn end_leases(&mut self, prefix: &str) -> Result<()> {
        lease::Entity::delete_many().filter(lease::Column::Name.starts_with(prefix)).exec(&**self).await?;
        Ok(())
    }

    /// Takes calls from a budget: see [`Tx::take_calls_of_many`].
    pub async fn take_calls(&mut self, wanted: call_budget::Model, limit: i64) -> Result<i64> {
        let taken = self.take_calls_of_many(vec![(wanted, limit)]).await?;
        Ok(taken.first().copied().unwrap_or_default())
    }

    /// Takes calls from budgets, each named once: up to as many as its `used` says, and no more than its limit in its
    /// window. Answers how many were taken of each, in the same order.
    pub async fn take_calls_of_many(&mut self, wanted: Vec<(call_budget::Model, i64)>) -> Result<Vec<i64>> {
        use call_budget::Entity;
        let portion = |(budget, limit): &(call_budget::Model, i64)| Ord::max(Ord::min(budget.used, *limit), 0);
        // In one order, so that of two who name the same budgets one waits for the other, and never each for each.
        let mut order: Vec<_> = wanted.iter().enumerate().collect();
        order.sort_by(|(_, (one, _)), (_, (other, _))| {
            (&one.principal, &one.kind).cmp(&(&other.principal, &other.kind))
        });
        let new = order.iter().map(|(_, asked)| call_budget::Model { used: portion(asked), ..asked.0.clone() });
        let new = padded(new.map(|row| row.into_active_model().reset_all()).collect());
        if new.is_empty() {
            return Ok(Vec::new());
        }
        let opened = Entity::insert_many(new)
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_with_returning(&**self)
            .await?;
        let mut taken = vec![0; wanted.len()];
        for (place, asked) in order {
            let (budget, limit) = asked;
            let is_new = opened.iter().any(|row| {
                (&row.principal, &row.kind, row.window_time) == (&budget.principal, &budget.kind, budget.window_time)
            });
            let count = if is_new { portion(asked) } else { self.take_more_calls(budget, *limit).await? };
            if let Some(place) = taken.get_mut(place) {
                *place = count;
            }
        }
        Ok(taken)
    }

    /// Takes calls from a budget that is there already.
    async fn take_more_calls(&mut self, wanted: &call_budget::Model, limit: i64) -> Result<i64> {
        use call_budget::{Column, Entity};
        let key = (wanted.principal.clone(), wanted.kind.clone(), wanted.window_time);
        let row = self.locked(Entity::find_by_id(key.clone())).one(&**self).await?;
        let left = limit.saturating_sub(row.map_or(0, |row| row.used));
        let taken = Ord::max(Ord::min(wanted.used, left), 0);
        if taken > 0 {
            Entity::update_many()
                .col_expr(Column::Used, Expr::col(Column::Used).add(taken))
                .filter(Column::Principal.eq(key.0))
                .filter(Column::Kind.eq(key.1))
                .filter(Column::WindowTime.eq(key.2))
                .exec(&**self)
                .await?;
        }
        Ok(taken)
    }

    /// Removes budgets of windows before `before`, at most `limit` of them. Answers how many there were.
    pub async fn remove_old_budgets(&mut self, before: DateTime<Utc>, limit: u64) -> Result<u64> {
        self.remove_old::<call_budget::Entity>(call_budget::Column::WindowTime, before, limit).await
    }

    /// Whether an alert is to be told now: it was not told since `quiet_since`. Of all who ask at once, one is answered
    /// `true`; the others are counted.
    pub async fn tell_alert(&mut self, key: &str, now: DateTime<Utc>, quiet_since: DateTime<Utc>) -> Result<bool> {
        use alert::Column;
        if self.insert_new(alert::Model { key: key.to_owned(), told_time: now, suppressed: 0 }).await? {
            return Ok(true);
        }
        let told = alert::Entity::update_many()
            .col_expr(Column::ToldTime, Expr::value(now))
            .col_expr(Column::Suppressed, Expr::value(0))
            .filter(Column::Key.eq(key))
            .filter(Column::ToldTime.lte(quiet_since))
            .exec(&**self)
            .await?;
        if told.rows_affected == 1 {
            return Ok(true);
        }
        alert::Entity::update_many()
            .col_expr(Column::Suppressed, Expr::col(Column::Suppressed).add(1))
            .filter(Column::Key.eq(key))
            .exec(&**self)
            .await?;
        Ok(false)
    }
}
