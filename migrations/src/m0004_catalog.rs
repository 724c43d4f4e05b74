//! What the shop sells, its stock, and the keys of programs.

use sea_orm_migration::{
    prelude::*,
    schema::{
        big_integer, blob, blob_null, boolean, text, text_null, timestamp_with_time_zone,
        timestamp_with_time_zone_null, uuid, uuid_null,
    },
};

use crate::create;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0004_catalog"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        products(manager).await?;
        stock(manager).await?;
        api_keys(manager).await
    }
}

async fn products(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    create(
        manager,
        Table::create()
            .table("product")
            .col(uuid("id").primary_key())
            .col(text("code").unique_key())
            .col(text("name"))
            .col(text("description"))
            .col(uuid_null("category_id"))
            // STOCK, SHARED, MANUAL, MEMBERSHIP or TOP_UP.
            .col(text("kind"))
            .col(text("currency"))
            .col(big_integer("price_minor"))
            .col(text_null("picture_hash"))
            .col(big_integer("membership_days"))
            // Of SHARED goods: what buyers get, encrypted.
            .col(blob_null("shared_cipher"))
            // The gateways that it may be paid through, commas between their names; none: any.
            .col(text_null("gateways"))
            .col(boolean("archived"))
            .col(timestamp_with_time_zone("create_time"))
            .col(timestamp_with_time_zone("update_time"))
            .foreign_key(ForeignKey::create().from("product", "category_id").to("category", "id"))
            .foreign_key(ForeignKey::create().from("product", "picture_hash").to("media", "hash")),
    )
    .await?;
    let connection = manager.get_connection();
    for statement in [
        "create index ix_product_shown on product (id desc) where not archived",
        "create index ix_product_shown_category on product (category_id, id desc) where not archived",
        "create index ix_product_shown_kind on product (kind, id desc) where not archived",
    ] {
        connection.execute_unprepared(statement).await?;
    }
    Ok(())
}

async fn stock(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    create(
        manager,
        Table::create()
            // A row of its own: it changes with every order, and is locked last.
            .table("product_stock")
            .col(uuid("product_id").primary_key())
            // Units that can be ordered: of STOCK products alone.
            .col(big_integer("available").check(Expr::col("available").gte(0)))
            // Units that unpaid orders keep.
            .col(big_integer("reserved").check(Expr::col("reserved").gte(0)))
            .col(big_integer("sold").check(Expr::col("sold").gte(0)))
            .foreign_key(ForeignKey::create().from("product_stock", "product_id").to("product", "id")),
    )
    .await?;
    create(
        manager,
        Table::create()
            .table("stock_line")
            .col(uuid("id").primary_key())
            .col(uuid("product_id"))
            // The line itself, encrypted with its id bound to it.
            .col(blob("cipher"))
            // A keyed hash of the line: the same line is not added twice.
            .col(blob("fingerprint"))
            // AVAILABLE or SOLD.
            .col(text("state"))
            .col(uuid_null("order_line_id"))
            .col(timestamp_with_time_zone("create_time"))
            .col(timestamp_with_time_zone_null("sold_time"))
            .foreign_key(ForeignKey::create().from("stock_line", "product_id").to("product", "id")),
    )
    .await?;
    let connection = manager.get_connection();
    for statement in [
        "create unique index uq_stock_line_fingerprint on stock_line (product_id, fingerprint)",
        "create index ix_stock_line_available on stock_line (product_id, id) where state = 'AVAILABLE'",
        "create index ix_stock_line_order_line on stock_line (order_line_id) where order_line_id is not null",
    ] {
        connection.execute_unprepared(statement).await?;
    }
    Ok(())
}

async fn api_keys(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    create(
        manager,
        Table::create()
            .table("api_key")
            .col(uuid("id").primary_key())
            .col(text("name"))
            // SHA-256 of the secret, which is stored nowhere.
            .col(blob("secret_hash").unique_key())
            // With a space between them.
            .col(text("scopes"))
            .col(timestamp_with_time_zone("create_time"))
            .col(timestamp_with_time_zone_null("last_use_time"))
            .col(timestamp_with_time_zone_null("revoke_time")),
    )
    .await
}
