//! Orders, and what pays them.

use sea_orm_migration::{
    prelude::*,
    schema::{
        big_integer, big_integer_null, blob_null, boolean, text, text_null, timestamp_with_time_zone,
        timestamp_with_time_zone_null, uuid, uuid_null,
    },
};

use crate::create;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0005_order"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        orders(manager).await?;
        lines(manager).await?;
        payments(manager).await?;
        questions(manager).await?;
        refunds(manager).await?;
        payment_indexes(manager).await
    }
}

async fn orders(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    create(
        manager,
        Table::create()
            .table("orders")
            .col(uuid("id").primary_key())
            .col(text("code").unique_key())
            // Who pays, and sees the order and its money.
            .col(uuid("buyer_id"))
            // Who gets goods and days; none: the buyer.
            .col(uuid_null("receiver_id"))
            // The API key that placed it.
            .col(uuid_null("api_key_id"))
            // PENDING, PAID, COMPLETED, CANCELLED, EXPIRED or REFUNDED.
            .col(text("state"))
            .col(text("currency"))
            .col(big_integer("subtotal_minor"))
            .col(big_integer("discount_minor"))
            // What is to be paid, without gateways' fees: subtotal less discount.
            .col(big_integer("due_minor"))
            // How much of it is paid, and how much of that went back.
            .col(big_integer("paid_minor"))
            .col(big_integer("refunded_minor"))
            .col(text("rule_version"))
            // The gateways that all its lines may be paid through, as of a product; empty: the balance alone.
            .col(text_null("gateways"))
            .col(timestamp_with_time_zone("expire_time"))
            // Of a PAID one: MANUAL, BUYER_UNREACHABLE or UNDELIVERABLE.
            .col(text_null("hold_reason"))
            .col(timestamp_with_time_zone_null("paid_time"))
            .col(timestamp_with_time_zone_null("end_time"))
            // How often it changed.
            .col(big_integer("version"))
            .col(timestamp_with_time_zone("create_time"))
            .foreign_key(ForeignKey::create().from("orders", "buyer_id").to("users", "id"))
            .foreign_key(ForeignKey::create().from("orders", "receiver_id").to("users", "id"))
            .foreign_key(ForeignKey::create().from("orders", "api_key_id").to("api_key", "id")),
    )
    .await?;
    let connection = manager.get_connection();
    for statement in [
        "create index ix_orders_buyer on orders (buyer_id, id desc)",
        "create index ix_orders_unpaid on orders (buyer_id, api_key_id) where state = 'PENDING'",
        "create index ix_orders_due on orders (expire_time) where state = 'PENDING'",
        "create index ix_orders_api_key on orders (api_key_id, id desc) where api_key_id is not null",
        "create index ix_orders_state on orders (state, id desc)",
    ] {
        connection.execute_unprepared(statement).await?;
    }
    Ok(())
}

async fn lines(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    create(
        manager,
        Table::create()
            .table("order_line")
            .col(uuid("id").primary_key())
            .col(uuid("order_id"))
            .col(big_integer("number"))
            // None: a top-up of an amount of the buyer's own.
            .col(uuid_null("product_id"))
            .col(text("product_name"))
            .col(text("kind"))
            .col(big_integer("quantity"))
            .col(big_integer("unit_price_minor"))
            // The price of all units, what comes off it, and what is left to be paid for it.
            .col(big_integer("gross_minor"))
            .col(big_integer("discount_minor"))
            .col(big_integer("net_minor"))
            // How much of that went back.
            .col(big_integer("refunded_minor"))
            .col(big_integer("membership_days"))
            // Of MANUAL goods: what the seller handed over, encrypted.
            .col(blob_null("goods_cipher"))
            .foreign_key(ForeignKey::create().from("order_line", "order_id").to("orders", "id"))
            .foreign_key(ForeignKey::create().from("order_line", "product_id").to("product", "id")),
    )
    .await?;
    create(
        manager,
        Table::create()
            // Who was shown the goods of an order line, and when.
            .table("reveal")
            .col(uuid("id").primary_key())
            .col(uuid("order_line_id"))
            .col(text("actor"))
            .col(uuid_null("delivery_id"))
            .col(timestamp_with_time_zone("create_time"))
            .foreign_key(ForeignKey::create().from("reveal", "order_line_id").to("order_line", "id")),
    )
    .await?;
    let connection = manager.get_connection();
    for statement in [
        "create unique index uq_order_line_number on order_line (order_id, number)",
        "create index ix_reveal_order_line on reveal (order_line_id)",
    ] {
        connection.execute_unprepared(statement).await?;
    }
    Ok(())
}

async fn payments(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    create(
        manager,
        Table::create()
            .table("payment")
            .col(uuid("id").primary_key())
            .col(uuid("order_id"))
            .col(big_integer("number"))
            // What the gateway knows it by. Of all that say it was paid, one settles it.
            .col(text("reference").unique_key())
            // PAKASIR or BALANCE.
            .col(text("gateway"))
            .col(text("method"))
            // CREATING, OPEN, AWAITING, PAID, CANCELLED, EXPIRED, FAILED, RETURNED or REVERSED.
            .col(text("state"))
            .col(text("currency"))
            .col(big_integer("amount_minor"))
            .col(big_integer("fee_minor"))
            .col(big_integer("total_minor"))
            .col(big_integer_null("received_minor"))
            // The text of the QR code, or the number of the virtual account.
            .col(text_null("payload"))
            .col(text_null("pay_url"))
            .col(timestamp_with_time_zone_null("expire_time"))
            .col(timestamp_with_time_zone_null("paid_time"))
            // Of an AWAITING one: whose word is awaited, SELLER or TELEGRAM.
            .col(text_null("awaits"))
            // Of a REVERSED one: how much of what was received its gateway took back.
            .col(big_integer_null("reversed_minor"))
            // Why a seller must look at it: a JSON list of codes with their values, the newest first.
            .col(text_null("review_reason"))
            .col(timestamp_with_time_zone("create_time"))
            .foreign_key(ForeignKey::create().from("payment", "order_id").to("orders", "id")),
    )
    .await
}

async fn questions(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    create(
        manager,
        Table::create()
            // What a gateway is to be asked about: a payment and an amount. One whose time is over is removed.
            .table("question")
            .col(uuid("id").primary_key())
            .col(uuid("payment_id"))
            // That of the payment.
            .col(text("gateway"))
            .col(big_integer("amount_minor"))
            // The amount that was asked for; else another, of which a webhook says that it was paid.
            .col(boolean("is_own"))
            // A webhook says that the money went back at the gateway: the question outlives the payment's being paid.
            .col(boolean("is_reversal"))
            // ASKING; of another amount also UNKNOWN or RECEIVED.
            .col(text("state"))
            // When the gateway is asked next; none: never again.
            .col(timestamp_with_time_zone_null("due_time"))
            // Until when somebody is asking it.
            .col(timestamp_with_time_zone_null("lease_time"))
            // When a webhook told of it last, since somebody began to ask.
            .col(timestamp_with_time_zone_null("told_time"))
            // Until when the gateway rests, as a webhook had it asked.
            .col(timestamp_with_time_zone_null("rest_time"))
            .col(timestamp_with_time_zone("create_time"))
            .foreign_key(ForeignKey::create().from("question", "payment_id").to("payment", "id")),
    )
    .await
}

async fn refunds(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    create(
        manager,
        Table::create()
            .table("refund")
            .col(uuid("id").primary_key())
            .col(uuid("order_id"))
            // The payment whose gateway gives it back; none: to the balance.
            .col(uuid_null("payment_id"))
            // BALANCE or GATEWAY.
            .col(text("destination"))
            .col(text("currency"))
            .col(big_integer("amount_minor"))
            // PENDING, DONE or FAILED.
            .col(text("state"))
            .col(text("reason"))
            .col(text("actor"))
            .col(timestamp_with_time_zone("create_time"))
            .col(timestamp_with_time_zone_null("done_time"))
            .foreign_key(ForeignKey::create().from("refund", "order_id").to("orders", "id"))
            .foreign_key(ForeignKey::create().from("refund", "payment_id").to("payment", "id")),
    )
    .await?;
    create(
        manager,
        Table::create()
            // What of a refund goes back of which line.
            .table("refund_line")
            .col(uuid("refund_id"))
            .col(uuid("order_line_id"))
            .col(big_integer("amount_minor"))
            .primary_key(Index::create().col("refund_id").col("order_line_id"))
            .foreign_key(ForeignKey::create().from("refund_line", "refund_id").to("refund", "id"))
            .foreign_key(ForeignKey::create().from("refund_line", "order_line_id").to("order_line", "id")),
    )
    .await
}

/// Those of payments and of refunds.
async fn payment_indexes(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    for statement in [
        "create unique index uq_payment_number on payment (order_id, number)",
        // An order is paid by one attempt at a time.
        "create unique index uq_payment_open on payment (order_id) where state in ('CREATING', 'OPEN', 'AWAITING')",
        "create unique index uq_question on question (payment_id, amount_minor)",
        "create index ix_question_due on question (due_time) where due_time is not null",
        "create index ix_question_lease on question (lease_time) where lease_time is not null",
        "create index ix_question_rest on question (rest_time) where rest_time is not null",
        "create index ix_payment_review on payment (id desc) where review_reason is not null",
        "create index ix_refund_order on refund (order_id)",
        "create index ix_refund_pending on refund (id) where state = 'PENDING'",
    ] {
        connection.execute_unprepared(statement).await?;
    }
    Ok(())
}
