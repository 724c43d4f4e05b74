//! Rows of the messaging tables.

use sea_orm::entity::prelude::*;

use super::table;

table! {
    /// Something to do at a messenger.
    delivery(id: Uuid) {
        bot: String,
        chat_id: i64,
        lane: i64,
        operation: String,
        purpose: String,
        purpose_id: Option<Uuid>,
        state: String,
        attempts: i64,
        due_time: DateTimeUtc,
        worker: Option<String>,
        may_be_repeated: bool,
        message_id: Option<i64>,
        error: Option<String>,
        create_time: DateTimeUtc,
        release_time: DateTimeUtc,
        done_time: Option<DateTimeUtc>,
    }
}

table! {
    /// How fast a bot may go.
    bot_pace(bot: String) {
        tokens_milli: i64,
        refill_time: DateTimeUtc,
        blocked_until: DateTimeUtc,
        pause_ms: i64,
        refused_chat_id: i64,
    }
}

table! {
    /// The messenger's id of a picture, for one bot.
    media_file(hash: String, bot_id: i64) {
        file_id: String,
    }
}
