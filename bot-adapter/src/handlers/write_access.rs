//! The user allowed the Mini App's bot to write.

use std::sync::Arc;

use teloxide::types::Message;

use super::{App, Failure, RequestIds};

pub(super) async fn allowed(app: Arc<App>, ids: RequestIds, message: Message) -> Result<(), Failure> {
    match &message.from {
        Some(user) => app.open(ids, user).await.map(|_| ()),
        None => Ok(()),
    }
}
