//! What leaves for a messenger.

use sea_orm_migration::{
    prelude::*,
    schema::{
        big_integer, big_integer_null, boolean, text, text_null, timestamp_with_time_zone,
        timestamp_with_time_zone_null, uuid, uuid_null,
    },
};

use crate::create;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0003_messaging"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create(
            manager,
            Table::create()
                .table("delivery")
                .col(uuid("id").primary_key())
                // MAIN or OWNER.
                .col(text("bot"))
                .col(big_integer("chat_id"))
                // 1 REPLY, 2 ORDER, 3 BROADCAST: the lower goes first.
                .col(big_integer("lane"))
                .col(text("operation"))
                // What it is for, and which: TITLE_REQUEST, VIDEO, INVOICE, GOODS, NOTICE, TROUBLE, ALERT.
                .col(text("purpose"))
                .col(uuid_null("purpose_id"))
                // PENDING, CLAIMED, SENT, BLOCKED, NEVER_STARTED, FAILED, DEAD or UNCERTAIN.
                .col(text("state"))
                .col(big_integer("attempts"))
                // When it may be claimed: of a claimed one, when its lease ends.
                .col(timestamp_with_time_zone("due_time"))
                .col(text_null("worker"))
                .col(boolean("may_be_repeated"))
                .col(big_integer_null("message_id"))
                .col(text_null("error"))
                .col(timestamp_with_time_zone("create_time"))
                // Since when it is tried: when it was written, or last released by its user's Start.
                .col(timestamp_with_time_zone("release_time"))
                .col(timestamp_with_time_zone_null("done_time")),
        )
        .await?;
        let connection = manager.get_connection();
        for statement in [
            "create index ix_delivery_due on delivery (bot, lane, due_time) where done_time is null",
            "create index ix_delivery_chat on delivery (bot, chat_id, id) where done_time is null",
            "create index ix_delivery_worker on delivery (worker) where done_time is null and worker is not null",
            "create index ix_delivery_done on delivery (bot, chat_id, done_time) where done_time is not null",
            // What waits for its user's Start.
            "create index ix_delivery_held on delivery (bot, chat_id) where state in ('BLOCKED', 'NEVER_STARTED')",
            "create index ix_delivery_purpose on delivery (purpose, purpose_id)",
        ] {
            connection.execute_unprepared(statement).await?;
        }
        create(
            manager,
            Table::create()
                .table("bot_pace")
                .col(text("bot").primary_key())
                // Sends that may go out now, in thousandths, as of the time beside it.
                .col(big_integer("tokens_milli"))
                .col(timestamp_with_time_zone("refill_time"))
                // Until then nothing goes out: the messenger asked to wait.
                .col(timestamp_with_time_zone("blocked_until"))
                // How long that pause is in all, and whose refusal began it; 0: nobody was refused yet.
                .col(big_integer("pause_ms"))
                .col(big_integer("refused_chat_id")),
        )
        .await?;
        create(
            manager,
            Table::create()
                .table("media_file")
                .col(text("hash"))
                .col(big_integer("bot_id"))
                .col(text("file_id"))
                .primary_key(Index::create().col("hash").col("bot_id"))
                .foreign_key(ForeignKey::create().from("media_file", "hash").to("media", "hash")),
        )
        .await
    }
}
