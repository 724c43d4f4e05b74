//! Rows of the shop's tables.

use sea_orm::entity::prelude::*;
use warung_domain::{
    catalog::{ProductKind, StockState},
    category::CategoryArea,
    money::Currency,
};

use super::table;
use crate::by_name::ByName;

table! {
    /// A shelf of the shop or of the library.
    category(id: Uuid) {
        area: ByName<CategoryArea>,
        code: String,
        name: String,
        emoji: String,
        create_time: DateTimeUtc,
        update_time: DateTimeUtc,
    }
}

table! {
    /// Something that can be bought.
    product(id: Uuid) {
        code: String,
        name: String,
        description: String,
        category_id: Option<Uuid>,
        kind: ByName<ProductKind>,
        currency: ByName<Currency>,
        price_minor: i64,
        picture_hash: Option<String>,
        membership_days: i64,
        shared_cipher: Option<Vec<u8>>,
        gateways: Option<String>,
        archived: bool,
        create_time: DateTimeUtc,
        update_time: DateTimeUtc,
    }
}

table! {
    /// How much of a product there is.
    product_stock(product_id: Uuid) {
        available: i64,
        reserved: i64,
        sold: i64,
    }
}

table! {
    /// A unit of a product whose units differ.
    stock_line(id: Uuid) {
        product_id: Uuid,
        cipher: Vec<u8>,
        fingerprint: Vec<u8>,
        state: ByName<StockState>,
        order_line_id: Option<Uuid>,
        create_time: DateTimeUtc,
        sold_time: Option<DateTimeUtc>,
    }
}

table! {
    /// A key of a program.
    api_key(id: Uuid) {
        name: String,
        secret_hash: Vec<u8>,
        scopes: String,
        create_time: DateTimeUtc,
        last_use_time: Option<DateTimeUtc>,
        revoke_time: Option<DateTimeUtc>,
    }
}
