//! `/start` and what stands behind it.

use std::sync::Arc;

use teloxide::types::{InlineKeyboardMarkup, Message, User};
use tonic::Status;
use warung_proto::{
    ErrorReason,
    error::reason,
    library::{Title, title_request::State},
};

use super::{App, Failure, RequestIds, app::telegram_id};
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
    let language = app.greet(ids, user).await?;
    match payload {
        StartPayload::Welcome => welcome(&app, user, language).await,
        StartPayload::Pending(token) => redeem(&app, ids, user, language, &token).await,
        StartPayload::Title(title_id) => title(&app, user, language, &title_id).await,
        StartPayload::Membership => membership(&app, user, language).await,
    }
}

async fn welcome(app: &App, user: &User, language: Language) -> Result<(), Failure> {
    let values = [("name", isolate(&user.first_name)), ("store", app.store.clone())];
    let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
    let words = app.words.html(language, Key::Welcome, &values);
    app.send(telegram_id(user), &words, app.main_keyboard(language)).await
}

/// Uses the token up. The film that waited for it comes as a delivery and needs no words of ours.
async fn redeem(app: &App, ids: RequestIds, user: &User, language: Language, token: &str) -> Result<(), Failure> {
    let key = match app.core.redeem_start_token(ids.of("redeem"), telegram_id(user), token).await {
        Ok(request) => match request.state() {
            State::VipRequired => return membership(app, user, language).await,
            State::Failed => Key::RequestFailed,
            State::Queued | State::Sent | State::NeedStart | State::Unspecified => return Ok(()),
        },
        Err(status) => refusal(status)?,
    };
    app.send(telegram_id(user), &app.say(language, key), app.open_keyboard(language)).await
}

fn refusal(status: Status) -> Result<Key, Failure> {
    match reason(&status) {
        // A token that breaks its form is as unknown as one that was guessed.
        ErrorReason::StartTokenUnknown | ErrorReason::InvalidArgument | ErrorReason::NotFound => Ok(Key::TokenUnknown),
        ErrorReason::StartTokenUsed => Ok(Key::TokenUsed),
        ErrorReason::StartTokenExpired => Ok(Key::TokenExpired),
        ErrorReason::StartTokenForeign => Ok(Key::TokenForeign),
        ErrorReason::VideoMissing => Ok(Key::VideoMissing),
        _ => Err(status.into()),
    }
}

async fn title(app: &App, user: &User, language: Language, title_id: &str) -> Result<(), Failure> {
    let title = match app.core.get_title(telegram_id(user), title_id).await {
        Ok(title) => title,
        Err(status) if matches!(reason(&status), ErrorReason::NotFound | ErrorReason::InvalidArgument) => {
            return app
                .send(telegram_id(user), &app.say(language, Key::TitleUnknown), app.open_keyboard(language))
                .await;
        }
        Err(status) => return Err(status.into()),
    };
    let page = format!("#/titles/{}", title.title_id);
    let keyboard = InlineKeyboardMarkup::new([app.open_button(language, Key::ButtonOpenTitle, &page)]);
    app.send(telegram_id(user), &describe(app, language, &title), keyboard).await
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

async fn membership(app: &App, user: &User, language: Language) -> Result<(), Failure> {
    let words = match app.seller_telegram_id {
        Some(seller) => app.words.html(language, Key::MembershipSeller, &[("seller", &seller.to_string())]),
        None => app.say(language, Key::Membership),
    };
    app.send(telegram_id(user), &words, app.open_keyboard(language)).await
}
