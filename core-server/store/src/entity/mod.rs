//! Rows as SeaORM maps them. Every whole number is an `i64`, as SQLite declares no other.

mod catalog;
mod ground;
mod ledger;
mod library;
mod messaging;
mod order;
mod table;

use table::table;

pub(crate) use catalog::{api_key, category, product, product_stock, stock_line};
pub(crate) use ground::{
    activity, alert, audit_entry, call_budget, idempotency, job_run, lease, media, secret_check, setting, standing,
    standing_version, users,
};
pub(crate) use ledger::{book_checkpoint, journal, ledger_entry, wallet};
pub(crate) use library::{episode, membership, pending_action, search_document, title, title_request};
pub(crate) use messaging::{bot_pace, delivery, media_file};
pub(crate) use order::{order_line, orders, payment, question, refund, refund_line, reveal};

#[cfg(test)]
mod tests;
