//! `/help` and its button.

use std::sync::Arc;

use teloxide::types::{CallbackQuery, Message, User};

use super::{App, Failure, RequestIds, app::telegram_id};
use crate::words::Key;

pub(super) async fn help(app: Arc<App>, ids: RequestIds, message: Message) -> Result<(), Failure> {
    match &message.from {
        Some(user) => show(&app, ids, user).await,
        None => Ok(()),
    }
}

pub(super) async fn pressed(app: Arc<App>, ids: RequestIds, query: CallbackQuery) -> Result<(), Failure> {
    app.answer(&query, None).await;
    show(&app, ids, &query.from).await
}

async fn show(app: &App, ids: RequestIds, user: &User) -> Result<(), Failure> {
    let language = app.greet(ids, user).await?;
    app.send(telegram_id(user), &app.say(language, Key::Help), app.main_keyboard(language)).await
}
