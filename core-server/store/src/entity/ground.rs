//! Rows of the ground tables.

use sea_orm::entity::prelude::*;
use warung_domain::{contact::ContactState, standing::StandingName};

use super::table;
use crate::by_name::ByName;

table! {
    /// A Telegram user.
    users(id: Uuid) {
        telegram_id: i64,
        first_name: String,
        last_name: String,
        username: String,
        language_code: String,
        language_chosen: bool,
        contact_state: ByName<ContactState>,
        create_time: DateTimeUtc,
        update_time: DateTimeUtc,
        opened_time: Option<DateTimeUtc>,
    }
}

table! {
    /// What a person is to the store, of whom that was ever said.
    standing(telegram_id: i64) {
        state: ByName<StandingName>,
        rights: String,
        reason: String,
        changed_by: String,
        change_time: DateTimeUtc,
    }
}

table! {
    /// The version of all standings.
    standing_version(id: i64) {
        version: i64,
    }
}

table! {
    /// A request that was carried out, and its output.
    idempotency(principal: String, command: String, request_id: Uuid) {
        request_hash: Vec<u8>,
        output: String,
        create_time: DateTimeUtc,
    }
}

table! {
    /// What somebody changed.
    audit_entry(id: Uuid) {
        create_time: DateTimeUtc,
        actor: String,
        command: String,
        target: String,
        before_json: Option<String>,
        after_json: Option<String>,
    }
}

table! {
    /// A call and its outcome.
    activity(id: Uuid) {
        create_time: DateTimeUtc,
        principal: String,
        method: String,
        outcome: String,
        duration_us: i64,
        call_id: String,
    }
}

table! {
    /// A setting that somebody changed.
    setting(key: String) {
        value: String,
        updated_by: String,
        update_time: DateTimeUtc,
    }
}

table! {
    /// A run of a job without due rows of its own.
    job_run(job: String, scheduled_time: DateTimeUtc) {
        start_time: DateTimeUtc,
        done_time: Option<DateTimeUtc>,
    }
}

table! {
    /// A right that one worker holds at a time.
    lease(name: String) {
        holder: String,
        expire_time: DateTimeUtc,
    }
}

table! {
    /// Calls taken from a budget in a window of time.
    call_budget(principal: String, kind: String, window_time: DateTimeUtc) {
        used: i64,
    }
}

table! {
    /// An alert that was told.
    alert(key: String) {
        told_time: DateTimeUtc,
        suppressed: i64,
    }
}

table! {
    /// The value by which a store knows its secret key again.
    secret_check(id: i64) {
        sealed: Vec<u8>,
        create_time: DateTimeUtc,
    }
}

table! {
    /// A picture of the media store.
    media(hash: String) {
        content_type: String,
        size_bytes: i64,
        width: i64,
        height: i64,
        create_time: DateTimeUtc,
    }
}
