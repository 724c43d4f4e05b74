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
    let person = app.open(ids, user).await?;
    let place = Place::answering(&message);
    let refusal = match &payload {
        StartPayload::Pending(token) => redeem(&app, ids, &person, place, token).await?,
        _ => None,
    };
    // Clients lose the payload, and people press the chat's own Start: what waits is given at any of them. What the token was
    // good for has been given by now.
    let given = app.core.redeem_pending_actions(ids.of("pending"), person.id).await?;
    match payload {
        StartPayload::Welcome => welcome_once(&app, ids, &person, user, place).await,
        // A film that comes needs no words of ours.
        StartPayload::Pending(_) => match refusal.filter(|_| given == 0) {
            Some(key) => app.show(place, app.open_screen(person.language, app.say(person.language, key))).await,
            None => Ok(()),
        },
        StartPayload::Title(title_id) => title(&app, &person, place, &title_id).await,
        StartPayload::Product(name) => product::link(&app, &person, place, &name).await,
        StartPayload::Membership => plans::show(&app, &person, place).await,
    }
}

/// The welcome, once for a Start that is pressed again and again.
async fn welcome_once(app: &App, ids: RequestIds, person: &Person, user: &User, place: Place) -> Result<(), Failure> {
    let welcomed = (person.id, person.language);
    if app.welcomed.get(&welcomed).is_some_and(|update_id| update_id != ids.update_id) {
        return Ok(());
    }
    app.show(place, welcome(app, person, user)).await?;
    app.welcomed.insert(welcomed, ids.update_id);
    Ok(())
}

/// "🏠 Menu": the welcome in place of another screen.
pub(super) async fn menu(app: Arc<App>, ids: RequestIds, query: CallbackQuery) -> Result<(), Failure> {
    let person = app.greet(ids, &query.from).await?;
    app.show(Place::of(&query), welcome(&app, &person, &query.from)).await?;
    app.answer(&query, None).await;
    Ok(())
}

fn welcome(app: &App, person: &Person, user: &User) -> Screen {
    let name = isolate(&user.first_name);
    // Some people's names have nothing that can be seen.
    let key = if name.is_empty() { Key::WelcomeNameless } else { Key::Welcome };
    let values = [("name", name.as_str()), ("store", app.store.as_str())];
    app.main_screen(person, app.words.html(person.language, key, &values))
}

/// Uses the token up; answers what it is refused with. The film that waited for it comes as a delivery.
async fn redeem(
    app: &App,
    ids: RequestIds,
    person: &Person,
    place: Place,
    token: &str,
) -> Result<Option<Key>, Failure> {
    match app.core.redeem_start_token(ids.of("redeem"), person.id, token).await {
        Ok(request) => match request.state() {
            State::VipRequired => plans::show(app, person, place).await.map(|()| None),
            State::Failed => Ok(Some(Key::RequestFailed)),
            State::Queued | State::Sent | State::NeedStart | State::Unspecified => Ok(None),
        },
        Err(status) => refusal(status).map(Some),
    }
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

async fn title(app: &App, person: &Person, place: Place, title_id: &str) -> Result<(), Failure> {
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
    app.show(place, screen).await
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
