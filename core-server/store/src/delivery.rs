//! Deliveries: what leaves for a messenger.

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait as _, EntityTrait as _, FromQueryResult, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, Select, UpdateMany,
    sea_query::{
        Alias, CaseStatement, Expr, ExprTrait as _, LockBehavior, LockType, Query, SelectStatement, UnionType,
    },
};
use uuid::Uuid;
use warung_domain::{delivery::StateName, message::Bot};

use crate::{
    entity::{bot_pace, delivery, media_file},
    error::Result,
    tx::{Read, Tx},
};

/// Which deliveries to claim.
#[derive(Clone, Debug)]
pub struct ClaimFilter<'a> {
    /// For which bot.
    pub bot: &'a str,
    /// As of when.
    pub now: DateTime<Utc>,
    /// Chats that were written to after this moment wait.
    pub chat_quiet_since: DateTime<Utc>,
    /// At most so many.
    pub limit: u64,
}

#[derive(FromQueryResult)]
struct DueTime {
    due_time: DateTime<Utc>,
}

#[derive(FromQueryResult)]
struct Arrived {
    id: Uuid,
    message_id: i64,
}

/// The open delivery of a lane that is due first.
pub(crate) fn next_due(bot: &str, lane: i64) -> Select<delivery::Entity> {
    delivery::Entity::find()
        .select_only()
        .column(delivery::Column::DueTime)
        .filter(delivery::Column::Bot.eq(bot))
        .filter(delivery::Column::Lane.eq(lane))
        .filter(delivery::Column::DoneTime.is_null())
        .order_by_asc(delivery::Column::DueTime)
        .limit(1)
}

/// Makes what a chat's refusal held back in these lanes due again. Its states are written out, as the index of such
/// deliveries has them: of values that are bound neither database could tell that it serves.
pub(crate) fn release(bot: &str, chat_id: i64, lanes: Vec<i64>, now: DateTime<Utc>) -> UpdateMany<delivery::Entity> {
    use delivery::Column;
    delivery::Entity::update_many()
        .col_expr(Column::State, Expr::value(StateName::Pending.name()))
        .col_expr(Column::DueTime, Expr::value(now))
        .col_expr(Column::ReleaseTime, Expr::value(now))
        .col_expr(Column::DoneTime, Expr::value(Option::<DateTime<Utc>>::None))
        .filter(Column::Bot.eq(bot))
        .filter(Column::ChatId.eq(chat_id))
        .filter(Column::Lane.is_in(lanes))
        .filter(Expr::cust("state in ('BLOCKED', 'NEVER_STARTED')"))
}

/// Deliveries that are due and first of their chat.
pub(crate) fn due(filter: &ClaimFilter<'_>) -> Select<delivery::Entity> {
    use delivery::Column;
    let other = Alias::new("other");
    let of_chat = |statement: &mut sea_orm::sea_query::SelectStatement| {
        statement
            .expr(Expr::val(1))
            .from_as(delivery::Entity, other.clone())
            .and_where(Expr::col((other.clone(), Column::Bot)).eq(filter.bot))
            .and_where(Expr::col((other.clone(), Column::ChatId)).equals((delivery::Entity, Column::ChatId)))
            // The offset keeps PostgreSQL from making a join of it, which walks the whole table: it looks into the
            // index for each of the few deliveries that are due.
            .limit(1)
            .offset(0)
            .take()
    };
    let earlier = of_chat(&mut Query::select())
        .and_where(Expr::col((other.clone(), Column::DoneTime)).is_null())
        .and_where(Expr::col((other.clone(), Column::Id)).lt(Expr::col((delivery::Entity, Column::Id))))
        .take();
    let lately = of_chat(&mut Query::select())
        .and_where(Expr::col((other.clone(), Column::DoneTime)).gt(filter.chat_quiet_since))
        .take();
    delivery::Entity::find()
        .filter(
            Condition::all()
                .add(Column::Bot.eq(filter.bot))
                .add(Column::DoneTime.is_null())
                .add(Column::DueTime.lte(filter.now))
                .add(Expr::exists(earlier).not())
                .add(Expr::exists(lately).not()),
        )
        .order_by_asc(Column::Lane)
        .order_by_asc(Column::DueTime)
        .order_by_asc(Column::Id)
        .limit(filter.limit)
}

/// Those of these chats that wait for a delivery, and those that had one lately.
pub(crate) fn busy(bot: &str, chats: Vec<i64>, quiet_since: DateTime<Utc>) -> SelectStatement {
    use delivery::Column;
    let mut of_chats = Query::select();
    of_chats
        .column(Column::ChatId)
        .from(delivery::Entity)
        .and_where(Column::Bot.eq(bot))
        .and_where(Column::ChatId.is_in(padded(chats)));
    let lately = of_chats.clone().and_where(Column::DoneTime.gt(quiet_since)).take();
    // Each goes by an index of its own.
    of_chats.and_where(Column::DoneTime.is_null()).union(UnionType::All, lately).take()
}

/// As many as the next power of two, the last of them repeated. A list of every length would be a statement of its own,
/// to be parsed, planned and kept.
pub(crate) fn padded<T: Clone>(mut values: Vec<T>) -> Vec<T> {
    if let Some(last) = values.last().cloned() {
        values.resize(values.len().next_power_of_two(), last);
    }
    values
}

impl Read {
    /// When the next open delivery of a bot is due; it may have passed.
    pub async fn next_delivery_time(&self, bot: &str) -> Result<Option<DateTime<Utc>>> {
        let mut earliest: Option<DateTime<Utc>> = None;
        // By lane, since the index is: the least of each is one look, the least of all would be a walk.
        for lane in 1..=3_i64 {
            let found = next_due(bot, lane).into_model::<DueTime>().one(self).await?;
            if let Some(found) = found {
                earliest = Some(earliest.map_or(found.due_time, |time| Ord::min(time, found.due_time)));
            }
        }
        Ok(earliest)
    }

    /// As which messages of their chats deliveries arrived; those that did not are left out.
    pub async fn messages_of_deliveries(&self, ids: Vec<Uuid>) -> Result<Vec<(Uuid, i64)>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let found = delivery::Entity::find()
            .select_only()
            .columns([delivery::Column::Id, delivery::Column::MessageId])
            .filter(delivery::Column::Id.is_in(padded(ids)))
            .filter(delivery::Column::MessageId.is_not_null());
        let found: Vec<Arrived> = found.into_model().all(self).await?;
        Ok(found.into_iter().map(|row| (row.id, row.message_id)).collect())
    }

    /// Deliveries that were written for a purpose, for any of these, in the order in which they were.
    pub async fn deliveries_for(&self, purpose: &str, purpose_ids: Vec<Uuid>) -> Result<Vec<delivery::Model>> {
        let found = delivery::Entity::find()
            .filter(delivery::Column::Purpose.eq(purpose))
            .filter(delivery::Column::PurposeId.is_in(padded(purpose_ids)))
            .order_by_asc(delivery::Column::Id);
        self.all(found).await
    }

    /// What waits for a chat, and what ended after `since`.
    pub async fn recent_deliveries(
        &self,
        bot: &str,
        chat_id: i64,
        since: DateTime<Utc>,
    ) -> Result<Vec<delivery::Model>> {
        use delivery::Column;
        let of_chat = || delivery::Entity::find().filter(Column::Bot.eq(bot)).filter(Column::ChatId.eq(chat_id));
        // Each goes by an index of its own.
        let mut found = self.all(of_chat().filter(Column::DoneTime.is_null())).await?;
        found.extend(self.all(of_chat().filter(Column::DoneTime.gt(since))).await?);
        Ok(found)
    }

    /// The bot's pace, as it was last written.
    pub async fn bot_pace(&self, bot: &str) -> Result<Option<bot_pace::Model>> {
        self.find(bot.to_owned()).await
    }

    /// Those of these chats that wait for a delivery of a bot, or had one after `quiet_since`.
    pub async fn busy_chats(&self, bot: &str, chats: Vec<i64>, quiet_since: DateTime<Utc>) -> Result<Vec<i64>> {
        self.query_all(&busy(bot, chats, quiet_since))
            .await?
            .iter()
            .map(|row| Ok(row.try_get("", "chat_id")?))
            .collect()
    }

    /// The messenger's ids of pictures for a bot.
    pub async fn media_files(&self, bot_id: i64, hashes: Vec<String>) -> Result<Vec<media_file::Model>> {
        if hashes.is_empty() {
            return Ok(Vec::new());
        }
        let found = media_file::Entity::find()
            .filter(media_file::Column::BotId.eq(bot_id))
            .filter(media_file::Column::Hash.is_in(padded(hashes)));
        self.all(found).await
    }

    /// How many open deliveries there are, by bot and lane, and when the oldest was made: for the metrics.
    pub async fn open_deliveries(&self) -> Result<i64> {
        use sea_orm::PaginatorTrait as _;
        let count = delivery::Entity::find().filter(delivery::Column::DoneTime.is_null()).count(self).await?;
        Ok(i64::try_from(count).unwrap_or(i64::MAX))
    }
}

impl Tx {
    /// Keeps what is left of a bot's pace.
    pub async fn set_bot_pace(&mut self, pace: bot_pace::Model) -> Result<()> {
        let write = bot_pace::Entity::update_many()
            .col_expr(bot_pace::Column::TokensMilli, Expr::value(pace.tokens_milli))
            .col_expr(bot_pace::Column::RefillTime, Expr::value(pace.refill_time))
            .filter(bot_pace::Column::Bot.eq(pace.bot));
        self.write_later::<bot_pace::Entity, _>(write).await
    }

    /// The bot's pace, locked: claims of one bot go one after another.
    pub async fn lock_bot_pace(&mut self, bot: &str, full: bot_pace::Model) -> Result<bot_pace::Model> {
        if let Some(pace) = self.one(self.locked(bot_pace::Entity::find_by_id(bot.to_owned()))).await? {
            return Ok(pace);
        }
        self.insert_new(full.clone()).await?;
        let pace = self.one(self.locked(bot_pace::Entity::find_by_id(bot.to_owned()))).await?;
        Ok(pace.unwrap_or(full))
    }

    /// Lets nothing of a bot out until `until`: its messenger asked to wait with `refused_chat_id`.
    pub async fn pause_bot(
        &mut self,
        bot: &str,
        until: DateTime<Utc>,
        pause_ms: i64,
        refused_chat_id: i64,
    ) -> Result<()> {
        bot_pace::Entity::update_many()
            .col_expr(bot_pace::Column::BlockedUntil, Expr::value(until))
            .col_expr(bot_pace::Column::PauseMs, Expr::value(pause_ms))
            .col_expr(bot_pace::Column::RefusedChatId, Expr::value(refused_chat_id))
            .filter(bot_pace::Column::Bot.eq(bot))
            .exec(&**self)
            .await?;
        Ok(())
    }

    /// Up to `limit` deliveries whose lease this worker of a bot holds without knowing it: none of `held`.
    pub async fn lost_deliveries(
        &mut self,
        bot: &str,
        worker: &str,
        held: Vec<Uuid>,
        now: DateTime<Utc>,
        limit: u64,
    ) -> Result<Vec<delivery::Model>> {
        let mut found = delivery::Entity::find()
            .filter(delivery::Column::Worker.eq(worker))
            .filter(delivery::Column::Bot.eq(bot))
            .filter(delivery::Column::DoneTime.is_null())
            .filter(delivery::Column::DueTime.gt(now));
        if !held.is_empty() {
            found = found.filter(delivery::Column::Id.is_not_in(padded(held)));
        }
        self.all(found.order_by_asc(delivery::Column::Id).limit(limit)).await
    }

    /// Deliveries that are due and first of their chat, locked.
    pub async fn due_deliveries(&mut self, filter: &ClaimFilter<'_>) -> Result<Vec<delivery::Model>> {
        let query = due(filter);
        let query = if self.locks_rows() {
            query.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        } else {
            query
        };
        self.all(query).await
    }

    /// Leases deliveries, which are locked, to a worker. Those whose lease had ended may have arrived before.
    pub async fn lease_deliveries(&mut self, ids: Vec<Uuid>, worker: &str, until: DateTime<Utc>) -> Result<()> {
        use delivery::Column;
        if ids.is_empty() {
            return Ok(());
        }
        let update = delivery::Entity::update_many()
            .col_expr(
                Column::MayBeRepeated,
                Expr::col(Column::MayBeRepeated).or(Expr::col(Column::State).eq(StateName::Claimed.name())),
            )
            .col_expr(Column::State, Expr::value(StateName::Claimed.name()))
            .col_expr(Column::Worker, Expr::value(worker))
            .col_expr(Column::DueTime, Expr::value(until))
            .col_expr(Column::Attempts, Expr::col(Column::Attempts).add(1))
            .filter(Column::Id.is_in(padded(ids)));
        self.write_later::<delivery::Entity, _>(update).await
    }

    /// Notes that deliveries arrived, each as this message of its chat.
    pub async fn set_deliveries_sent(&mut self, sent: Vec<(Uuid, i64)>, now: DateTime<Utc>) -> Result<()> {
        use delivery::Column;
        if sent.is_empty() {
            return Ok(());
        }
        let sent = padded(sent);
        let message_id =
            sent.iter().fold(CaseStatement::new(), |case, (id, message_id)| case.case(Column::Id.eq(*id), *message_id));
        let write = delivery::Entity::update_many()
            .col_expr(Column::State, Expr::value(StateName::Sent.name()))
            .col_expr(Column::Worker, Expr::value(Option::<String>::None))
            .col_expr(Column::MessageId, message_id.into())
            .col_expr(Column::Error, Expr::value(Option::<String>::None))
            .col_expr(Column::DoneTime, Expr::value(now))
            .filter(Column::Id.is_in(sent.into_iter().map(|(id, _)| id)));
        self.write_later::<delivery::Entity, _>(write).await
    }

    /// Lets deliveries that can't be claimed here wait until `due_time`, so that they stand before no others.
    pub async fn postpone_deliveries(&mut self, ids: Vec<Uuid>, due_time: DateTime<Utc>) -> Result<()> {
        delivery::Entity::update_many()
            .col_expr(delivery::Column::DueTime, Expr::value(due_time))
            .filter(delivery::Column::Id.is_in(padded(ids)))
            .exec(&**self)
            .await?;
        Ok(())
    }

    /// Makes what a chat's refusal held back in these lanes due again. Answers how many there were; where there were none,
    /// nobody is woken.
    pub async fn release_deliveries(
        &mut self,
        bot: &str,
        chat_id: i64,
        lanes: Vec<i64>,
        now: DateTime<Utc>,
    ) -> Result<u64> {
        let released = release(bot, chat_id, lanes, now).exec(&**self).await?.rows_affected;
        if released > 0 {
            self.deliver(bot);
        }
        Ok(released)
    }

    /// Ends every lease on deliveries: what was claimed is due. Answers how many there were.
    pub async fn end_delivery_leases(&mut self, now: DateTime<Utc>) -> Result<u64> {
        use delivery::Column;
        let done = delivery::Entity::update_many()
            .col_expr(Column::DueTime, Expr::value(now))
            .filter(Column::DoneTime.is_null())
            .filter(Column::Worker.is_not_null())
            .filter(Column::DueTime.gt(now))
            .exec(&**self)
            .await?;
        for bot in Bot::ALL {
            self.deliver(bot.name());
        }
        Ok(done.rows_affected)
    }

    /// Deliveries by id, locked in the order of their ids.
    pub async fn lock_deliveries(&mut self, ids: Vec<Uuid>) -> Result<Vec<delivery::Model>> {
        let query =
            delivery::Entity::find().filter(delivery::Column::Id.is_in(padded(ids))).order_by_asc(delivery::Column::Id);
        self.all(self.locked(query)).await
    }

    /// Keeps a messenger's id of a picture.
    pub async fn keep_media_file(&mut self, row: media_file::Model) -> Result<()> {
        use sea_orm::{IntoActiveModel as _, sea_query::OnConflict};
        media_file::Entity::insert(row.into_active_model())
            .on_conflict(
                OnConflict::columns([media_file::Column::Hash, media_file::Column::BotId])
                    .update_column(media_file::Column::FileId)
                    .to_owned(),
            )
            .exec_without_returning(&**self)
            .await?;
        Ok(())
    }
}
