//! Rows as SeaORM maps them. Every whole number is an `i64`, as SQLite declares no other.

mod ground;
mod library;
mod messaging;

pub(crate) use ground::{
    activity, alert, audit_entry, call_budget, idempotency, job_run, lease, media, setting, users,
};
pub(crate) use library::{category, episode, membership, pending_action, search_document, title, title_request};
pub(crate) use messaging::{bot_pace, delivery, media_file};

#[cfg(test)]
mod tests;
