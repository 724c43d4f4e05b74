//! The user blocked the bot, or took it back.

use std::sync::Arc;

use teloxide::types::ChatMemberUpdated;

use super::{App, Failure, RequestIds};

pub(super) async fn changed(app: Arc<App>, ids: RequestIds, update: ChatMemberUpdated) -> Result<(), Failure> {
    let told = if update.new_chat_member.is_present() {
        app.open(ids, &update.from).await
    } else {
        app.close(ids, &update.from).await
    };
    told.map(|_| ())
}
