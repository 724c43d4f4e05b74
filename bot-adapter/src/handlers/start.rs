//! `/start` and what stands behind it.

use std::sync::Arc;

use teloxide::types::{CallbackQuery, Message, User};
use tonic::Status;
use warung_proto::{
    ErrorReason,
    error::reason,
    library::{Title, title_request::State},
};

use super::{
    App, Failure, RequestIds,
    person::Person,
    plans,
    screen::{Place, Screen},
    shop::product,
};
use crate::{
    payload::StartPayload,
    words::{Key, Language, isolate},
};

/// The longest synopsis on the message of a title, in characters.
const SYNOPSIS_LENGTH_MAX: usize = 600;

pub(super) async fn start(
    app: Arc<App>,
    ids: RequestIds,
    message: Message,
    payload: StartPayload,
) -> Result<(), Failure> {
    let Some(user) = &message.from else {
        return Ok(());
    };
    let person = app.greet(ids, user).await?;
    match payload {
        StartPayload::Welcome => app.show(Place::new(user), welcome(&app, &person, user)).await,
        StartPayload::Pending(token) => redeem(&app, ids, &person, user, &token).await,
        StartPayload::Title(title_id) => title(&app, &person, user, &title_id).await,
        StartPayload::Product(name) => product::link(&app, &person, user, &name).await,
        StartPayload::Membership => plans::show(&app, &person, user).await,
    }
}

/// "🏠 Menu": the welcome in place of another screen.
pub(super) async fn menu(app: Arc<App>, ids: RequestIds, query: CallbackQuery) -> Result<(), Failure> {
    let person = app.greet(ids, &query.from).await?;
    app.show(Place::of(&query), welcome(&app, &person, &query.from)).await?;
    app.answer(&query, None).await;
    Ok(())
}

fn welcome(app: &App, person: &Person, user: &User) -> Screen {
    let values = [("name", isolate(&user.first_name)), ("store", app.store.clone())];
    let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
    app.main_screen(person, app.words.html(person.language, Key::Welcome, &values))
}

/// Uses the token up. The film that waited for it comes as a delivery and needs no words of ours.
async fn redeem(app: &App, ids: RequestIds, person: &Person, user: &User, token: &str) -> Result<(), Failure> {
    let key = match app.core.redeem_start_token(ids.of("redeem"), person.id, token).await {
        Ok(request) => match request.state() {
            State::VipRequired => return plans::show(app, person, user).await,
            State::Failed => Key::RequestFailed,
            State::Queued | State::Sent | State::NeedStart | State::Unspecified => return Ok(()),
        },
        Err(status) => refusal(status)?,
    };
    app.show(Place::new(user), app.open_screen(person.language, app.say(person.language, key))).await
}

fn refusal(status: Status) -> Result<Key, Failure> {
    match reason(&status) {
        // A token that breaks its form is as unknown as one that was guessed.
        ErrorReason::StartTokenUnknown | ErrorReason::InvalidArgument => Ok(Key::TokenUnknown),
        // Its film was hidden meanwhile.
        ErrorReason::NotFound => Ok(Key::TitleUnknown),
        ErrorReason::StartTokenUsed => Ok(Key::TokenUsed),
        ErrorReason::StartTokenExpired => Ok(Key::TokenExpired),
        ErrorReason::StartTokenForeign => Ok(Key::TokenForeign),
        ErrorReason::VideoMissing => Ok(Key::VideoMissing),
        _ => Err(status.into()),
    }
}

async fn title(app: &App, person: &Person, user: &User, title_id: &str) -> Result<(), Failure> {
    let language = person.language;
    let screen = match app.core.get_title(person.id, title_id).await {
        Ok(title) => {
            let page = format!("#/titles/{}", title.title_id);
            let open = app.open_button(language, Key::ButtonOpenTitle, &page);
            Screen::new(describe(app, language, &title)).row(open)
        }
        Err(status) if matches!(reason(&status), ErrorReason::NotFound | ErrorReason::InvalidArgument) => {
            app.open_screen(language, app.say(language, Key::TitleUnknown))
        }
        Err(status) => return Err(status.into()),
    };
    app.show(Place::new(user), screen).await
}

fn describe(app: &App, language: Language, title: &Title) -> String {
    let mut synopsis: String = title.synopsis.chars().take(SYNOPSIS_LENGTH_MAX).collect();
    if synopsis.len() < title.synopsis.len() {
        synopsis.push('…');
    }
    let (name, episodes) = (isolate(&title.name), title.episode_count.to_string());
    let values = [("title", name.as_str()), ("episodes", &episodes), ("synopsis", &synopsis)];
    app.words.html(language, Key::Title, &values)
}
