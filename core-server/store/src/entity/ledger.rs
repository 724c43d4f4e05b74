//! Rows of the books.

use sea_orm::entity::prelude::*;
use warung_domain::money::Currency;

use super::table;
use crate::by_name::ByName;

table! {
    /// Something that was booked.
    journal(id: Uuid) {
        kind: String,
        ref_id: Uuid,
        order_id: Option<Uuid>,
        create_time: DateTimeUtc,
    }
}

table! {
    /// A line of a journal.
    ledger_entry(id: Uuid) {
        journal_id: Uuid,
        account: String,
        currency: ByName<Currency>,
        amount_minor: i64,
        balance_after_minor: Option<i64>,
    }
}

table! {
    /// A user's balance.
    wallet(user_id: Uuid) {
        balance_minor: i64,
        receivable_minor: i64,
        update_time: DateTimeUtc,
    }
}

table! {
    /// How far the books have been proven.
    book_checkpoint(until: Uuid) {
        sealed: String,
        create_time: DateTimeUtc,
    }
}
