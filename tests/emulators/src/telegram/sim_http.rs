//! `/sim`: the users' side over HTTP, for the chat page and for tests in other languages.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, Query, State as Shareds};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use futures_util::{Stream, stream};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Shared;
use super::fault::Fault;
use super::launch::theme_params;
use super::links::Link;
use super::model::{Channel, FileSpec, MediaKind, User};
use super::sim::{Sim, SimError, Source};
use super::state::{ChatKey, State};

/// How many messages a chat's history shows at once.
const HISTORY_MAX: usize = 200;
/// The longest wait for a callback's answer.
const ANSWER_WAIT_MAX: Duration = Duration::from_secs(30);

type Answer = Result<Json<Value>, SimError>;
type Emulator = Shareds<Arc<Shared>>;

pub(crate) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/sim/bots", get(bots))
        .route("/sim/bots/{bot}/mini_app", post(set_main_mini_app))
        .route("/sim/bots/{bot}/updates", post(push_update))
        .route("/sim/users", get(users).post(add_user))
        .route("/sim/users/{user}", axum::routing::patch(change_user))
        .route("/sim/users/{user}/chats", get(chats))
        .route("/sim/users/{user}/events", get(events))
        .route("/sim/users/{user}/open_link", post(open_link))
        .route("/sim/users/{user}/bots/{bot}/chat", get(chat))
        .route("/sim/users/{user}/bots/{bot}/start", post(start))
        .route("/sim/users/{user}/bots/{bot}/text", post(text))
        .route("/sim/users/{user}/bots/{bot}/message", post(message))
        .route("/sim/users/{user}/bots/{bot}/topics/{topic}", post(open_topic).delete(delete_topic))
        .route("/sim/users/{user}/bots/{bot}/press_of", post(press_of))
        .route("/sim/users/{user}/bots/{bot}/video", post(video))
        .route("/sim/users/{user}/bots/{bot}/press", post(press))
        .route("/sim/users/{user}/bots/{bot}/block", post(block))
        .route("/sim/users/{user}/bots/{bot}/unblock", post(unblock))
        .route("/sim/users/{user}/bots/{bot}/allow_write", post(allow_write))
        .route("/sim/users/{user}/bots/{bot}/mini_app", post(mini_app))
        .route("/sim/callbacks/{query_id}", get(callback))
        .route("/sim/channels", post(add_channel))
        .route("/sim/channels/{channel}/messages", get(channel_messages))
        .route("/sim/channels/{channel}/videos", post(post_video))
        .route("/sim/files", post(register_file))
        .route("/sim/files/{unique}", get(file))
        .route("/sim/calls", get(calls).delete(clear_calls))
        .route("/sim/faults", get(faults).post(add_fault).delete(clear_faults))
        .route("/sim/key", get(key))
        .route("/sim/themes", get(themes))
}

impl IntoResponse for SimError {
    fn into_response(self) -> Response {
        let (status, reason) = match &self {
            Self::UnknownUser(_) => (StatusCode::NOT_FOUND, "unknown_user"),
            Self::UnknownBot(_) => (StatusCode::NOT_FOUND, "unknown_bot"),
            Self::UnknownChannel(_) => (StatusCode::NOT_FOUND, "unknown_channel"),
            Self::NoSuchMessage(_) => (StatusCode::NOT_FOUND, "no_such_message"),
            Self::NoSuchButton(_) => (StatusCode::NOT_FOUND, "no_such_button"),
            Self::BadPayload(_) => (StatusCode::BAD_REQUEST, "bad_payload"),
            Self::BadText => (StatusCode::BAD_REQUEST, "bad_text"),
            Self::Blocked => (StatusCode::CONFLICT, "blocked"),
            Self::NoMiniApp => (StatusCode::CONFLICT, "no_mini_app"),
            Self::Timeout { .. } => (StatusCode::REQUEST_TIMEOUT, "timeout"),
        };
        (status, Json(json!({"reason": reason, "message": self.to_string()}))).into_response()
    }
}

async fn bots(Shareds(shared): Emulator) -> Json<Value> {
    Json(json!({"bots": Sim::new(shared).bots()}))
}

#[derive(Deserialize)]
struct AppBody {
    url: String,
}

async fn set_main_mini_app(Shareds(shared): Emulator, Path(bot): Path<i64>, Json(body): Json<AppBody>) -> Answer {
    Sim::new(shared).set_main_mini_app(bot, &body.url)?;
    Ok(Json(json!({})))
}

async fn users(Shareds(shared): Emulator) -> Json<Value> {
    Json(json!({"users": Sim::new(shared).users()}))
}

async fn add_user(Shareds(shared): Emulator, Json(user): Json<User>) -> Json<Value> {
    Sim::new(shared).add_user(user.clone());
    Json(json!(user))
}

#[derive(Deserialize)]
struct UserChange {
    language_code: Option<String>,
    is_deactivated: Option<bool>,
}

async fn change_user(Shareds(shared): Emulator, Path(user): Path<i64>, Json(change): Json<UserChange>) -> Answer {
    Sim::new(shared).user(user).change(|user| {
        if change.language_code.is_some() {
            user.language_code = change.language_code;
        }
        user.is_deactivated = change.is_deactivated.unwrap_or(user.is_deactivated);
    })?;
    Ok(Json(json!({})))
}

/// The list of the user's chats: each bot with the chat's state and last message.
async fn chats(Shareds(shared): Emulator, Path(user): Path<i64>) -> Answer {
    let chats: Result<Vec<_>, SimError> =
        shared.read(|state| state.bots.keys().map(|bot| state.chat_view(*bot, user, 5)).collect());
    let chats: Vec<Value> = chats?
        .into_iter()
        .map(|chat| {
            let last = chat.messages.iter().rev().find(|message| !message.deleted);
            json!({"bot": chat.bot, "started": chat.started, "blocked": chat.blocked, "last_message": last, "revision": chat.revision})
        })
        .collect();
    Ok(Json(json!({"chats": chats})))
}

/// An event whenever one of the user's chats changed.
async fn events(
    Shareds(shared): Emulator,
    Path(user): Path<i64>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>> + use<>> {
    let changes = shared.subscribe();
    let stream = stream::unfold((shared, changes, None), move |(shared, mut changes, seen)| async move {
        loop {
            changes.mark_unchanged();
            let revision = shared.read(|state| last_change(state, user));
            if seen != Some(revision) {
                let event = Event::default().event("changed").data(revision.to_string());
                return Some((Ok(event), (shared, changes, Some(revision))));
            }
            tokio::select! {
                () = shared.stop.cancelled() => return None,
                news = changes.changed() => news.ok()?,
            }
        }
    });
    Sse::new(stream).keep_alive(KeepAlive::default())
}

/// The revision at which something last changed that the user's app shows.
fn last_change(state: &State, user: i64) -> u64 {
    let own = |key: &ChatKey| matches!(key, ChatKey::Private { user: of, .. } if *of == user);
    let chats = state.chats.iter().filter(|(key, _)| own(key)).map(|(_, chat)| chat.revision);
    chats.chain(state.bots.values().map(|bot| bot.revision)).max().unwrap_or(0)
}

#[derive(Deserialize)]
struct LinkBody {
    url: String,
    #[serde(default)]
    dark: bool,
}

/// Opens a link inside Telegram: a chat is named, a Mini App opened, anything else handed back.
async fn open_link(Shareds(shared): Emulator, Path(user): Path<i64>, Json(body): Json<LinkBody>) -> Answer {
    let link = Link::parse(&body.url);
    let (Link::Chat { username, .. } | Link::MiniApp { username, .. }) = &link else {
        return Ok(Json(json!({"link": link})));
    };
    let bot = Sim::new(Arc::clone(&shared)).bot(username)?;
    let mut answer = json!({"link": link, "bot": bot});
    if let (Link::MiniApp { start_param, .. }, Some(fields)) = (&link, answer.as_object_mut()) {
        let source = Source::Link { start_param: start_param.clone() };
        let launch = shared.write(|state| state.open_mini_app(bot, user, &source, body.dark))?;
        fields.insert("launch".into(), json!(launch));
    }
    Ok(Json(answer))
}

async fn chat(Shareds(shared): Emulator, Path((user, bot)): Path<(i64, i64)>) -> Answer {
    Ok(Json(json!(shared.read(|state| state.chat_view(bot, user, HISTORY_MAX))?)))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct StartBody {
    payload: Option<String>,
}

async fn start(Shareds(shared): Emulator, Path((user, bot)): Path<(i64, i64)>, Json(body): Json<StartBody>) -> Answer {
    Ok(Json(json!(Sim::new(shared).user(user).press_start(bot, body.payload.as_deref())?)))
}

#[derive(Deserialize)]
struct TextBody {
    text: String,
}

async fn text(Shareds(shared): Emulator, Path((user, bot)): Path<(i64, i64)>, Json(body): Json<TextBody>) -> Answer {
    Ok(Json(json!(Sim::new(shared).user(user).send_text(bot, &body.text)?)))
}

/// A message with any fields of the Bot API.
async fn message(Shareds(shared): Emulator, Path((user, bot)): Path<(i64, i64)>, Json(fields): Json<Value>) -> Answer {
    Ok(Json(json!(Sim::new(shared).user(user).send_message(bot, &fields)?)))
}

async fn open_topic(Shareds(shared): Emulator, Path((user, bot, topic)): Path<(i64, i64, i64)>) -> Answer {
    Sim::new(shared).user(user).open_topic(bot, topic)?;
    Ok(Json(json!({})))
}

async fn delete_topic(Shareds(shared): Emulator, Path((user, bot, topic)): Path<(i64, i64, i64)>) -> Answer {
    Sim::new(shared).user(user).delete_topic(bot, topic)?;
    Ok(Json(json!({})))
}

#[derive(Deserialize)]
struct PressOfBody {
    message_id: i64,
    label: String,
    /// What stands in the message in place of its own fields.
    message: Value,
}

async fn press_of(
    Shareds(shared): Emulator,
    Path((user, bot)): Path<(i64, i64)>,
    Json(body): Json<PressOfBody>,
) -> Answer {
    let user = Sim::new(shared).user(user);
    let query_id = user.press_button_of(bot, body.message_id, &body.label, &body.message)?;
    Ok(Json(json!({"query_id": query_id})))
}

#[derive(Deserialize)]
struct UpdateBody {
    kind: String,
    content: Value,
}

/// An update of any kind, for what the emulator has no action for.
async fn push_update(Shareds(shared): Emulator, Path(bot): Path<i64>, Json(body): Json<UpdateBody>) -> Answer {
    let sim = Sim::new(shared);
    if !sim.bots().iter().any(|known| known.id == bot) {
        return Err(SimError::UnknownBot(bot.to_string()));
    }
    sim.push_update(bot, &body.kind, &body.content);
    Ok(Json(json!({})))
}

#[derive(Deserialize)]
struct VideoBody {
    file_name: String,
    #[serde(default)]
    duration: u32,
    #[serde(default)]
    caption: String,
}

async fn video(Shareds(shared): Emulator, Path((user, bot)): Path<(i64, i64)>, Json(body): Json<VideoBody>) -> Answer {
    let spec = FileSpec::video(&body.file_name, body.duration);
    Ok(Json(json!(Sim::new(shared).user(user).send_video(bot, spec)?)))
}

#[derive(Deserialize)]
struct PressBody {
    message_id: i64,
    label: String,
    #[serde(default)]
    dark: bool,
}

async fn press(Shareds(shared): Emulator, Path((user, bot)): Path<(i64, i64)>, Json(body): Json<PressBody>) -> Answer {
    let pressed = shared.write(|state| state.press_button(bot, user, body.message_id, &body.label, body.dark))?;
    Ok(Json(json!(pressed)))
}

async fn block(Shareds(shared): Emulator, Path((user, bot)): Path<(i64, i64)>) -> Answer {
    Sim::new(shared).user(user).block(bot)?;
    Ok(Json(json!({})))
}

async fn unblock(Shareds(shared): Emulator, Path((user, bot)): Path<(i64, i64)>) -> Answer {
    Sim::new(shared).user(user).unblock(bot)?;
    Ok(Json(json!({})))
}

async fn allow_write(Shareds(shared): Emulator, Path((user, bot)): Path<(i64, i64)>) -> Answer {
    Sim::new(shared).user(user).allow_write(bot)?;
    Ok(Json(json!({})))
}

#[derive(Deserialize)]
struct MiniAppBody {
    #[serde(flatten)]
    source: Source,
    #[serde(default)]
    dark: bool,
}

async fn mini_app(
    Shareds(shared): Emulator,
    Path((user, bot)): Path<(i64, i64)>,
    Json(body): Json<MiniAppBody>,
) -> Answer {
    Ok(Json(json!(shared.write(|state| state.open_mini_app(bot, user, &body.source, body.dark))?)))
}

#[derive(Deserialize)]
struct WaitQuery {
    #[serde(default)]
    wait_ms: u64,
}

/// The answer to a callback query, waited for up to `wait_ms`; null where there is none yet.
async fn callback(
    Shareds(shared): Emulator,
    Path(query_id): Path<String>,
    Query(query): Query<WaitQuery>,
) -> Json<Value> {
    let wait = Duration::from_millis(query.wait_ms).min(ANSWER_WAIT_MAX);
    let answer = Sim::new(shared).wait_for_answer(&query_id, wait).await.ok();
    Json(json!({"answer": answer}))
}

async fn add_channel(Shareds(shared): Emulator, Json(channel): Json<Channel>) -> Json<Value> {
    Sim::new(shared).add_channel(channel.clone());
    Json(json!(channel))
}

async fn channel_messages(Shareds(shared): Emulator, Path(channel): Path<i64>) -> Json<Value> {
    Json(json!({"messages": Sim::new(shared).channel_messages(channel)}))
}

async fn post_video(Shareds(shared): Emulator, Path(channel): Path<i64>, Json(body): Json<VideoBody>) -> Answer {
    let spec = FileSpec::video(&body.file_name, body.duration);
    Ok(Json(json!(Sim::new(shared).post_video(channel, &body.caption, spec)?)))
}

#[derive(Deserialize)]
struct FileBody {
    bot: i64,
    file_id: String,
    kind: MediaKind,
    #[serde(default)]
    file_name: Option<String>,
    #[serde(default)]
    duration: Option<u32>,
}

async fn register_file(Shareds(shared): Emulator, Json(body): Json<FileBody>) -> Json<Value> {
    let usual = FileSpec::of_kind(body.kind);
    let spec = FileSpec { file_name: body.file_name, duration: body.duration.unwrap_or(usual.duration), ..usual };
    let unique = Sim::new(shared).register_file(body.bot, &body.file_id, spec);
    Json(json!({"file_unique_id": unique}))
}

async fn file(Shareds(shared): Emulator, Path(unique): Path<String>) -> Response {
    match shared.read(|state| state.files.contents(&unique)) {
        Some((bytes, mime_type)) => {
            let headers = [
                (CONTENT_TYPE, mime_type.as_str()),
                (CACHE_CONTROL, "max-age=86400"),
                // What a bot uploads must not become a page of ours.
                (X_CONTENT_TYPE_OPTIONS, "nosniff"),
                (CONTENT_SECURITY_POLICY, "sandbox"),
            ];
            (headers, bytes).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

#[derive(Deserialize)]
struct CallsQuery {
    bot: Option<i64>,
    method: Option<String>,
    chat_id: Option<i64>,
    #[serde(default)]
    after: u64,
}

/// The log of calls, filtered by bot, method, chat, and number.
async fn calls(Shareds(shared): Emulator, Query(query): Query<CallsQuery>) -> Json<Value> {
    let mut calls = Sim::new(shared).calls();
    calls.retain(|call| {
        call.number > query.after
            && query.bot.is_none_or(|bot| bot == call.bot)
            && query.method.as_ref().is_none_or(|method| method.eq_ignore_ascii_case(&call.method))
            && (query.chat_id.is_none() || query.chat_id == call.chat_id)
    });
    Json(json!({"calls": calls}))
}

async fn clear_calls(Shareds(shared): Emulator) -> Json<Value> {
    Sim::new(shared).clear_calls();
    Json(json!({}))
}

async fn faults(Shareds(shared): Emulator) -> Json<Value> {
    Json(json!({"faults": Sim::new(shared).faults()}))
}

async fn add_fault(Shareds(shared): Emulator, Json(fault): Json<Fault>) -> Json<Value> {
    Sim::new(shared).fault(fault);
    Json(json!({}))
}

async fn clear_faults(Shareds(shared): Emulator) -> Json<Value> {
    Sim::new(shared).clear_faults();
    Json(json!({}))
}

async fn key(Shareds(shared): Emulator) -> Json<Value> {
    Json(json!({"public_key": Sim::new(shared).public_key()}))
}

/// The colours of the client's two themes, as an app gets them.
async fn themes() -> Json<Value> {
    Json(json!({"light": theme_params(false), "dark": theme_params(true)}))
}
