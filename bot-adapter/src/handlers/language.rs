//! `/language`, its button, and the choice.

use std::sync::Arc;

use teloxide::types::{CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message, User};

use super::{App, Failure, RequestIds, app::telegram_id};
use crate::{
    callback::Callback,
    words::{Key, Language},
};

/// Each language by its own name, whoever reads it.
const NAMES: [(Language, &str); 2] = [(Language::Indonesian, "🇮🇩 Bahasa Indonesia"), (Language::English, "🇬🇧 English")];

pub(super) async fn language(app: Arc<App>, ids: RequestIds, message: Message) -> Result<(), Failure> {
    match &message.from {
        Some(user) => ask(&app, ids, user).await,
        None => Ok(()),
    }
}

pub(super) async fn pressed(app: Arc<App>, ids: RequestIds, query: CallbackQuery) -> Result<(), Failure> {
    app.answer(&query, None).await;
    ask(&app, ids, &query.from).await
}

async fn ask(app: &App, ids: RequestIds, user: &User) -> Result<(), Failure> {
    let language = app.greet(ids, user).await?;
    let buttons = NAMES
        .map(|(language, name)| vec![InlineKeyboardButton::callback(name, Callback::Language(language).to_string())]);
    app.send(telegram_id(user), &app.say(language, Key::LanguageQuestion), InlineKeyboardMarkup::new(buttons)).await
}

pub(super) async fn chosen(
    app: Arc<App>,
    ids: RequestIds,
    query: CallbackQuery,
    chosen: Language,
) -> Result<(), Failure> {
    // A user whom the core has never met can't choose anything yet.
    app.greet(ids, &query.from).await?;
    app.core.set_language(ids.of("language"), telegram_id(&query.from), chosen.code()).await?;
    app.answer(&query, None).await;
    app.send(telegram_id(&query.from), &app.say(chosen, Key::LanguageChosen), app.main_keyboard(chosen)).await
}
