//! `/language`, its button, and the choice.

use std::sync::Arc;

use teloxide::types::{CallbackQuery, Message};

use super::{
    App, Failure, RequestIds,
    app::telegram_id,
    person::Person,
    screen::{Place, Screen, button},
};
use crate::{
    callback::Callback,
    words::{Key, Language},
};

/// Each language by its own name, whoever reads it.
const NAMES: [(Language, &str); 2] = [(Language::Indonesian, "🇮🇩 Bahasa Indonesia"), (Language::English, "🇬🇧 English")];

pub(super) async fn language(app: Arc<App>, ids: RequestIds, message: Message) -> Result<(), Failure> {
    let Some(user) = &message.from else {
        return Ok(());
    };
    let person = app.greet(ids, user).await?;
    app.show(Place::answering(&message), question(&app, &person)).await
}

pub(super) async fn pressed(app: Arc<App>, ids: RequestIds, query: CallbackQuery) -> Result<(), Failure> {
    let person = app.greet(ids, &query.from).await?;
    app.show(Place::of(&query), question(&app, &person)).await?;
    app.answer(&query, None).await;
    Ok(())
}

fn question(app: &App, person: &Person) -> Screen {
    let buttons = NAMES.map(|(language, name)| vec![button(name, &Callback::Language(language))]);
    Screen::new(app.say(person.language, Key::LanguageQuestion)).rows(buttons).row([app.button(
        person.language,
        Key::ButtonMenu,
        &Callback::Menu,
    )])
}

pub(super) async fn chosen(
    app: Arc<App>,
    ids: RequestIds,
    query: CallbackQuery,
    chosen: Language,
) -> Result<(), Failure> {
    // A user whom the core has never met can't choose anything yet.
    let person = Person { language: chosen, ..app.greet(ids, &query.from).await? };
    app.core.set_language(ids.of("language"), telegram_id(&query.from), chosen.code()).await?;
    app.show(Place::of(&query), app.main_screen(&person, app.say(chosen, Key::LanguageChosen))).await?;
    app.answer(&query, None).await;
    Ok(())
}
