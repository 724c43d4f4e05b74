//! The books: double entry, append-only.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, big_integer_null, text, timestamp_with_time_zone, uuid, uuid_null},
    sea_orm::DbBackend,
};

use crate::create;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0006_ledger"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        books(manager).await?;
        append_only(manager).await?;
        create(
            manager,
            Table::create()
                .table("book_checkpoint")
                // All that was written up to this id is proven: ids are by time.
                .col(uuid("until").primary_key())
                // The id and what everything up to it sums to, as JSON that is signed with the store's key.
                .col(text("sealed"))
                .col(timestamp_with_time_zone("create_time")),
        )
        .await?;
        create(
            manager,
            Table::create()
                .table("wallet")
                .col(uuid("user_id").primary_key())
                // What its entries sum to; kept so that the database refuses a balance below zero.
                .col(big_integer("balance_minor").check(Expr::col("balance_minor").gte(0)))
                // What the user owes: later credits go there first.
                .col(big_integer("receivable_minor").check(Expr::col("receivable_minor").gte(0)))
                .col(timestamp_with_time_zone("update_time"))
                .foreign_key(ForeignKey::create().from("wallet", "user_id").to("users", "id")),
        )
        .await
    }
}

async fn books(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    create(
        manager,
        Table::create()
            .table("journal")
            .col(uuid("id").primary_key())
            // What happened, such as PAYMENT or SETTLEMENT, and to what: it is booked once.
            .col(text("kind"))
            .col(uuid("ref_id"))
            .col(uuid_null("order_id"))
            .col(timestamp_with_time_zone("create_time"))
            .foreign_key(ForeignKey::create().from("journal", "order_id").to("orders", "id")),
    )
    .await?;
    create(
        manager,
        Table::create()
            .table("ledger_entry")
            .col(uuid("id").primary_key())
            .col(uuid("journal_id"))
            // Such as `wallet:usr_…`, `gateway:PAKASIR` or `revenue`.
            .col(text("account"))
            .col(text("currency"))
            // Positive: debit. Negative: credit.
            .col(big_integer("amount_minor").check(Expr::col("amount_minor").ne(0)))
            // Of a wallet: its balance after it.
            .col(big_integer_null("balance_after_minor"))
            .foreign_key(ForeignKey::create().from("ledger_entry", "journal_id").to("journal", "id")),
    )
    .await?;
    let connection = manager.get_connection();
    for statement in [
        "create unique index uq_journal_ref on journal (kind, ref_id)",
        "create index ix_journal_order on journal (order_id) where order_id is not null",
        "create index ix_ledger_entry_journal on ledger_entry (journal_id)",
        "create index ix_ledger_entry_account on ledger_entry (account, id desc)",
    ] {
        connection.execute_unprepared(statement).await?;
    }
    Ok(())
}

/// Whatever a program does, the database changes and removes no entry.
async fn append_only(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    let statements: &[&str] = match manager.get_database_backend() {
        DbBackend::Postgres => &[
            "create function refuse_change() returns trigger language plpgsql as \
             $$ begin raise exception 'the ledger is append-only'; end $$",
            "create trigger journal_append_only before update or delete on journal \
             for each row execute function refuse_change()",
            "create trigger ledger_entry_append_only before update or delete on ledger_entry \
             for each row execute function refuse_change()",
        ],
        _ => &[
            "create trigger journal_no_update before update on journal begin \
             select raise(abort, 'the ledger is append-only'); end",
            "create trigger journal_no_delete before delete on journal begin \
             select raise(abort, 'the ledger is append-only'); end",
            "create trigger ledger_entry_no_update before update on ledger_entry begin \
             select raise(abort, 'the ledger is append-only'); end",
            "create trigger ledger_entry_no_delete before delete on ledger_entry begin \
             select raise(abort, 'the ledger is append-only'); end",
        ],
    };
    for statement in statements {
        connection.execute_unprepared(statement).await?;
    }
    Ok(())
}
