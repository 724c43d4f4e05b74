//! The film library, memberships, and the search that serves all areas.

use sea_orm_migration::{
    prelude::*,
    schema::{
        big_integer, big_integer_null, blob, boolean, text, text_null, timestamp_with_time_zone,
        timestamp_with_time_zone_null, uuid, uuid_null,
    },
    sea_orm::DbBackend,
};

use crate::create;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0002_library"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        titles(manager).await?;
        episodes(manager).await?;
        requests(manager).await?;
        search(manager).await
    }
}

async fn titles(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    create(
        manager,
        Table::create()
            .table("category")
            .col(uuid("id").primary_key())
            // CATALOG or LIBRARY.
            .col(text("area"))
            .col(text("code"))
            .col(text("name"))
            .col(text("emoji"))
            .col(timestamp_with_time_zone("create_time"))
            .col(timestamp_with_time_zone("update_time")),
    )
    .await?;
    create(
        manager,
        Table::create()
            .table("title")
            .col(uuid("id").primary_key())
            .col(text("code").unique_key())
            .col(text("name"))
            .col(text("synopsis"))
            .col(uuid_null("category_id"))
            .col(text_null("poster_hash"))
            .col(big_integer("release_year"))
            .col(boolean("hidden"))
            .col(big_integer("episode_count"))
            .col(big_integer("free_episode_count"))
            .col(timestamp_with_time_zone("create_time"))
            .col(timestamp_with_time_zone("update_time"))
            .foreign_key(ForeignKey::create().from("title", "category_id").to("category", "id"))
            .foreign_key(ForeignKey::create().from("title", "poster_hash").to("media", "hash")),
    )
    .await?;
    let connection = manager.get_connection();
    connection.execute_unprepared("create unique index uq_category_code on category (area, code)").await?;
    connection.execute_unprepared("create index ix_title_shown on title (id desc) where not hidden").await?;
    connection
        .execute_unprepared("create index ix_title_shown_category on title (category_id, id desc) where not hidden")
        .await?;
    Ok(())
}

async fn episodes(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    create(
        manager,
        Table::create()
            .table("episode")
            .col(uuid("id").primary_key())
            .col(uuid("title_id"))
            .col(big_integer("number"))
            .col(text("name"))
            // FREE or VIP.
            .col(text("access"))
            .col(big_integer("duration_seconds"))
            .col(boolean("hidden"))
            // FILE, COPY or URL, and its columns; none of them without a video.
            .col(text_null("video_kind"))
            .col(text_null("video_file_id"))
            .col(big_integer_null("video_bot_id"))
            .col(big_integer_null("video_chat_id"))
            .col(big_integer_null("video_message_id"))
            .col(text_null("video_url"))
            .col(timestamp_with_time_zone("create_time"))
            .col(timestamp_with_time_zone("update_time"))
            .foreign_key(ForeignKey::create().from("episode", "title_id").to("title", "id")),
    )
    .await?;
    let connection = manager.get_connection();
    connection.execute_unprepared("create unique index uq_episode_number on episode (title_id, number)").await?;
    create(
        manager,
        Table::create()
            .table("membership")
            .col(uuid("user_id").primary_key())
            .col(timestamp_with_time_zone("expire_time"))
            .col(timestamp_with_time_zone("update_time"))
            .foreign_key(ForeignKey::create().from("membership", "user_id").to("users", "id")),
    )
    .await
}

async fn requests(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    create(
        manager,
        Table::create()
            .table("title_request")
            .col(uuid("id").primary_key())
            .col(uuid("user_id"))
            .col(uuid("episode_id"))
            // QUEUED, SENT, NEED_START or FAILED.
            .col(text("state"))
            .col(uuid_null("pending_action_id"))
            .col(timestamp_with_time_zone("create_time"))
            .col(timestamp_with_time_zone("update_time"))
            .foreign_key(ForeignKey::create().from("title_request", "user_id").to("users", "id"))
            .foreign_key(ForeignKey::create().from("title_request", "episode_id").to("episode", "id")),
    )
    .await?;
    create(
        manager,
        Table::create()
            .table("pending_action")
            .col(uuid("id").primary_key())
            .col(uuid("user_id"))
            .col(uuid("title_request_id"))
            // SHA-256 of the start token, which is stored nowhere.
            .col(blob("token_hash").unique_key())
            .col(timestamp_with_time_zone("expire_time"))
            .col(timestamp_with_time_zone_null("redeem_time"))
            .col(timestamp_with_time_zone("create_time"))
            .foreign_key(ForeignKey::create().from("pending_action", "user_id").to("users", "id"))
            .foreign_key(ForeignKey::create().from("pending_action", "title_request_id").to("title_request", "id")),
    )
    .await?;
    let connection = manager.get_connection();
    connection
        .execute_unprepared("create index ix_title_request_recent on title_request (user_id, episode_id, id desc)")
        .await?;
    // One request waits with one token at a time.
    connection
        .execute_unprepared(
            "create unique index uq_pending_action_open on pending_action (title_request_id) where redeem_time is null",
        )
        .await?;
    connection
        .execute_unprepared(
            "create index ix_pending_action_user on pending_action (user_id, id desc) where redeem_time is null",
        )
        .await?;
    Ok(())
}

/// One table of words for whatever can be searched, with the full-text index of either database over it.
async fn search(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    create(
        manager,
        Table::create()
            .table("search_document")
            .col(big_integer("id").primary_key().auto_increment())
            .col(text("area"))
            .col(uuid("ref_id"))
            .col(text("words")),
    )
    .await?;
    let connection = manager.get_connection();
    connection
        .execute_unprepared("create unique index uq_search_document_ref on search_document (area, ref_id)")
        .await?;
    let statements: &[&str] = match manager.get_database_backend() {
        DbBackend::Postgres => {
            &[
                // As they are: both databases take words alike, and what begins with a sign is no word.
                "alter table search_document add column tokens tsvector not null \
                 generated always as (array_to_tsvector(string_to_array(words, ' '))) stored",
                // What was added shall be found as quickly as the rest.
                "create index ix_search_document_tokens on search_document using gin (tokens) with (fastupdate = off)",
                // By an expression: the planner would walk the key instead, through all documents of other areas.
                "create index ix_search_document_newest on search_document (area, (id + 0) desc)",
            ]
        }
        _ => &[
            "create virtual table search_words using fts5(words, content='search_document', content_rowid='id', \
             tokenize=\"unicode61 tokenchars '#'\", prefix='2 3', detail=none, columnsize=0)",
            "create trigger search_document_insert after insert on search_document begin \
             insert into search_words(rowid, words) values (new.id, new.words); end",
            "create trigger search_document_delete after delete on search_document begin \
             insert into search_words(search_words, rowid, words) values ('delete', old.id, old.words); end",
            "create trigger search_document_update after update on search_document begin \
             insert into search_words(search_words, rowid, words) values ('delete', old.id, old.words); \
             insert into search_words(rowid, words) values (new.id, new.words); end",
        ],
    };
    for statement in statements {
        connection.execute_unprepared(statement).await?;
    }
    Ok(())
}
