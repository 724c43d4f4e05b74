//! `/help` and its button.

use std::sync::Arc;

use teloxide::types::{CallbackQuery, Message};

use super::{
    App, Failure, RequestIds,
    person::Person,
    screen::{Place, Screen},
};
use crate::words::Key;

pub(super) async fn help(app: Arc<App>, ids: RequestIds, message: Message) -> Result<(), Failure> {
    let Some(user) = &message.from else {
        return Ok(());
    };
    let person = app.greet(ids, user).await?;
    app.show(Place::answering(&message), screen(&app, &person)).await
}

pub(super) async fn pressed(app: Arc<App>, ids: RequestIds, query: CallbackQuery) -> Result<(), Failure> {
    let person = app.greet(ids, &query.from).await?;
    app.show(Place::of(&query), screen(&app, &person)).await?;
    app.answer(&query, None).await;
    Ok(())
}

fn screen(app: &App, person: &Person) -> Screen {
    let mut text = app.say(person.language, Key::Help);
    if person.is_staff {
        text.push_str("\n\n");
        text.push_str(&app.say(person.language, Key::HelpSeller));
    }
    app.main_screen(person, text)
}
