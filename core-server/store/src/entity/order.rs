//! Rows of orders and of what pays them.

use sea_orm::entity::prelude::*;
use warung_domain::{
    catalog::ProductKind,
    money::Currency,
    order::{HoldReason, OrderState},
    payment::{Destination, Method, PaymentState, QuestionState, RefundState, Word},
};

use super::table;
use crate::by_name::ByName;

table! {
    /// An order.
    orders(id: Uuid) {
        code: String,
        buyer_id: Uuid,
        receiver_id: Option<Uuid>,
        api_key_id: Option<Uuid>,
        state: ByName<OrderState>,
        currency: ByName<Currency>,
        subtotal_minor: i64,
        discount_minor: i64,
        due_minor: i64,
        paid_minor: i64,
        refunded_minor: i64,
        rule_version: String,
        gateways: Option<String>,
        expire_time: DateTimeUtc,
        hold_reason: Option<ByName<HoldReason>>,
        paid_time: Option<DateTimeUtc>,
        end_time: Option<DateTimeUtc>,
        version: i64,
        create_time: DateTimeUtc,
    }
}

table! {
    /// A line of an order.
    order_line(id: Uuid) {
        order_id: Uuid,
        number: i64,
        product_id: Option<Uuid>,
        product_name: String,
        kind: ByName<ProductKind>,
        quantity: i64,
        unit_price_minor: i64,
        gross_minor: i64,
        discount_minor: i64,
        net_minor: i64,
        refunded_minor: i64,
        membership_days: i64,
        goods_cipher: Option<Vec<u8>>,
    }
}

table! {
    /// Who was shown the goods of an order line.
    reveal(id: Uuid) {
        order_line_id: Uuid,
        actor: String,
        delivery_id: Option<Uuid>,
        create_time: DateTimeUtc,
    }
}

table! {
    /// An attempt to pay an order.
    payment(id: Uuid) {
        order_id: Uuid,
        number: i64,
        reference: String,
        gateway: String,
        method: ByName<Method>,
        state: ByName<PaymentState>,
        currency: ByName<Currency>,
        amount_minor: i64,
        fee_minor: i64,
        total_minor: i64,
        received_minor: Option<i64>,
        payload: Option<String>,
        pay_url: Option<String>,
        expire_time: Option<DateTimeUtc>,
        paid_time: Option<DateTimeUtc>,
        awaits: Option<ByName<Word>>,
        reversed_minor: Option<i64>,
        review_reason: Option<String>,
        create_time: DateTimeUtc,
    }
}

table! {
    /// What a gateway is to be asked about.
    question(id: Uuid) {
        payment_id: Uuid,
        gateway: String,
        amount_minor: i64,
        is_own: bool,
        is_reversal: bool,
        state: ByName<QuestionState>,
        due_time: Option<DateTimeUtc>,
        lease_time: Option<DateTimeUtc>,
        told_time: Option<DateTimeUtc>,
        rest_time: Option<DateTimeUtc>,
        create_time: DateTimeUtc,
    }
}

table! {
    /// Money that goes back.
    refund(id: Uuid) {
        order_id: Uuid,
        payment_id: Option<Uuid>,
        destination: ByName<Destination>,
        currency: ByName<Currency>,
        amount_minor: i64,
        state: ByName<RefundState>,
        reason: String,
        actor: String,
        create_time: DateTimeUtc,
        done_time: Option<DateTimeUtc>,
    }
}

table! {
    /// What of a refund goes back of which line of its order.
    refund_line(refund_id: Uuid, order_line_id: Uuid) {
        amount_minor: i64,
    }
}
