//! What the bot does not understand: answered kindly.

use std::sync::Arc;

use teloxide::types::{CallbackQuery, Message};

use super::{App, Failure, RequestIds, person::Person, screen::Place};
use crate::words::Key;

/// A text, a sticker, a picture, a command of another bot.
pub(super) async fn message(app: Arc<App>, ids: RequestIds, message: Message) -> Result<(), Failure> {
    let Some(user) = &message.from else {
        return Ok(());
    };
    let person = app.greet(ids, user).await?;
    answer(&app, &person, Place::answering(&message)).await
}

/// The answer to it.
pub(super) async fn answer(app: &App, person: &Person, place: Place) -> Result<(), Failure> {
    app.show(place, app.main_screen(person, app.say(person.language, Key::Unknown))).await
}

/// A button of an older or newer version, or one that somebody made up.
pub(super) async fn button(app: Arc<App>, query: CallbackQuery) -> Result<(), Failure> {
    let words = app.words.plain(app.guess_language(&query.from), Key::ButtonUnknown, &[]);
    app.answer(&query, Some(words)).await;
    Ok(())
}
