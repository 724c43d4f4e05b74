//! What the bot does not understand: answered kindly.

use std::sync::Arc;

use teloxide::types::{CallbackQuery, Message};

use super::{App, Failure, RequestIds, app::telegram_id};
use crate::words::Key;

/// A text, a sticker, a picture, a command of another bot.
pub(super) async fn message(app: Arc<App>, ids: RequestIds, message: Message) -> Result<(), Failure> {
    let Some(user) = &message.from else {
        return Ok(());
    };
    let language = app.greet(ids, user).await?;
    app.send(telegram_id(user), &app.say(language, Key::Unknown), app.main_keyboard(language)).await
}

/// A button of an older or newer version, or one that somebody made up.
pub(super) async fn button(app: Arc<App>, query: CallbackQuery) -> Result<(), Failure> {
    let words = app.words.plain(app.guess_language(&query.from), Key::ButtonUnknown, &[]);
    app.answer(&query, Some(words)).await;
    Ok(())
}
