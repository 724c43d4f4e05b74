//! What every area stands on: users, request ids, settings, the trails, jobs, leases, budgets and media.

use sea_orm_migration::{
    prelude::*,
    schema::{
        big_integer, blob, boolean, text, text_null, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid,
    },
};

use crate::create;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0001_ground"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        people(manager).await?;
        engine(manager).await?;
        running(manager).await
    }
}

async fn people(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    create(
        manager,
        Table::create()
            .table("users")
            .col(uuid("id").primary_key())
            .col(big_integer("telegram_id").unique_key())
            .col(text("first_name"))
            .col(text("last_name"))
            .col(text("username"))
            .col(text("language_code"))
            // Whether the user chose it; else it follows their client.
            .col(boolean("language_chosen"))
            // Whether the main bot may write: UNKNOWN, OPEN, NEVER_STARTED or BLOCKED.
            .col(text("contact_state"))
            .col(timestamp_with_time_zone("create_time"))
            .col(timestamp_with_time_zone("update_time")),
    )
    .await?;
    create(
        manager,
        Table::create()
            .table("standing")
            // They need not have met the bot, so this is no reference.
            .col(big_integer("telegram_id").primary_key())
            // OWNER, ADMIN, BLOCKED, or BUYER: of somebody who was one of these before.
            .col(text("state"))
            // Names with a space between them.
            .col(text("rights"))
            // Why they are blocked, in the words of who did it; else empty.
            .col(text("reason"))
            .col(text("changed_by"))
            .col(timestamp_with_time_zone("change_time")),
    )
    .await?;
    let connection = manager.get_connection();
    connection
        .execute_unprepared("create index ix_standing_blocked on standing (telegram_id) where state = 'BLOCKED'")
        .await?;
    create(
        manager,
        Table::create()
            .table("standing_version")
            // 1: there is one. Who changes a standing locks it first.
            .col(big_integer("id").primary_key())
            // Goes up with each change: who has read this one knows all standings.
            .col(big_integer("version")),
    )
    .await?;
    connection.execute_unprepared("insert into standing_version (id, version) values (1, 0)").await?;
    Ok(())
}

async fn engine(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    create(
        manager,
        Table::create()
            .table("idempotency")
            .col(text("principal"))
            .col(text("command"))
            .col(uuid("request_id"))
            .col(blob("request_hash"))
            .col(text("output"))
            .col(timestamp_with_time_zone("create_time"))
            .primary_key(Index::create().col("principal").col("command").col("request_id")),
    )
    .await?;
    manager
        .get_connection()
        .execute_unprepared("create index ix_idempotency_create_time on idempotency (create_time)")
        .await?;
    create(
        manager,
        Table::create()
            .table("audit_entry")
            .col(uuid("id").primary_key())
            .col(timestamp_with_time_zone("create_time"))
            .col(text("actor"))
            .col(text("command"))
            .col(text("target"))
            .col(text_null("before_json"))
            .col(text_null("after_json")),
    )
    .await?;
    create(
        manager,
        Table::create()
            .table("activity")
            .col(uuid("id").primary_key())
            .col(timestamp_with_time_zone("create_time"))
            .col(text("principal"))
            .col(text("method"))
            // OK, or the reason of the refusal.
            .col(text("outcome"))
            .col(big_integer("duration_us"))
            .col(text("call_id")),
    )
    .await?;
    manager
        .get_connection()
        .execute_unprepared("create index ix_activity_create_time on activity (create_time)")
        .await?;
    create(
        manager,
        Table::create()
            .table("setting")
            .col(text("key").primary_key())
            .col(text("value"))
            .col(text("updated_by"))
            .col(timestamp_with_time_zone("update_time")),
    )
    .await
}

async fn running(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    create(
        manager,
        Table::create()
            .table("job_run")
            .col(text("job"))
            .col(timestamp_with_time_zone("scheduled_time"))
            .col(timestamp_with_time_zone("start_time"))
            .col(timestamp_with_time_zone_null("done_time"))
            .primary_key(Index::create().col("job").col("scheduled_time")),
    )
    .await?;
    create(
        manager,
        Table::create()
            .table("lease")
            .col(text("name").primary_key())
            .col(text("holder"))
            .col(timestamp_with_time_zone("expire_time")),
    )
    .await?;
    create(
        manager,
        Table::create()
            .table("call_budget")
            .col(text("principal"))
            .col(text("kind"))
            .col(timestamp_with_time_zone("window_time"))
            .col(big_integer("used"))
            .primary_key(Index::create().col("principal").col("kind").col("window_time")),
    )
    .await?;
    manager
        .get_connection()
        .execute_unprepared("create index ix_call_budget_window_time on call_budget (window_time)")
        .await?;
    create(
        manager,
        Table::create()
            .table("alert")
            .col(text("key").primary_key())
            .col(timestamp_with_time_zone("told_time"))
            .col(big_integer("suppressed")),
    )
    .await?;
    create(
        manager,
        Table::create()
            .table("secret_check")
            // 1: there is one.
            .col(big_integer("id").primary_key())
            // Opens with the secret key that the store was made with.
            .col(blob("sealed"))
            .col(timestamp_with_time_zone("create_time")),
    )
    .await?;
    create(
        manager,
        Table::create()
            .table("media")
            // SHA-256 of the bytes, in hexadecimal.
            .col(text("hash").primary_key())
            .col(text("content_type"))
            .col(big_integer("size_bytes"))
            .col(big_integer("width"))
            .col(big_integer("height"))
            .col(timestamp_with_time_zone("create_time")),
    )
    .await
}
