//! The user blocked the bot, or took it back.

use std::sync::Arc;

use teloxide::types::ChatMemberUpdated;
use warung_proto::identity::ContactState;

use super::{App, Failure, RequestIds};

pub(super) async fn changed(app: Arc<App>, ids: RequestIds, update: ChatMemberUpdated) -> Result<(), Failure> {
    let state = if update.new_chat_member.is_present() { ContactState::Open } else { ContactState::Blocked };
    app.record(ids, &update.from, state).await.map(|_| ())
}
