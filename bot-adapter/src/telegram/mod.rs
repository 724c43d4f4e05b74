//! Calls of the Bot API.
//!
//! Requests and answers are teloxide's types, the transport is our own: teloxide's loses the HTTP status and whether a request
//! was written at all, sleeps ten seconds on every 5xx, and reads words that it does not know as `Unknown`. What became of
//! a call decides whether goods are sent again, so it has to be known exactly.

mod answer;
pub(crate) mod classify;

use std::time::Duration;

use bytes::Bytes;
use reqwest::{Url, multipart};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Serialize, de::DeserializeOwned};
use teloxide::{payloads::AnswerCallbackQuery, requests::Payload, types::True};

pub(crate) use answer::{CallError, SentMessage};

use crate::error::Error;

/// The connection to Telegram must stand within this time.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// A Bot API answer is smaller; more is cut off and counts as lost.
const ANSWER_BYTES_MAX: usize = 8 * 1024 * 1024;

/// The HTTP client that all bots of an adapter share. Redirects are not followed: they would carry the token elsewhere.
pub(crate) fn http_client() -> Result<reqwest::Client, Error> {
    reqwest::Client::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .redirect(reqwest::redirect::Policy::none())
        .tcp_nodelay(true)
        .build()
        .map_err(|error| Error::HttpClient(error.without_url().to_string()))
}

/// The Bot API as one bot.
#[derive(Clone, Debug)]
pub(crate) struct Telegram {
    http: reqwest::Client,
    api_url: Url,
    token: SecretString,
    bot_id: i64,
    timeout: Duration,
}

/// A file to upload as the parameter `name`.
#[derive(Clone, Debug)]
pub(crate) struct Upload {
    pub name: &'static str,
    /// What the file is called, which the receiver of a document sees.
    pub file_name: String,
    pub content: Bytes,
    pub content_type: String,
}

impl Telegram {
    /// `bot` names the bot in the error.
    pub(crate) fn new(
        http: reqwest::Client,
        api_url: &Url,
        token: &SecretString,
        timeout: Duration,
        bot: &'static str,
    ) -> Result<Self, Error> {
        let malformed = || Error::TokenMalformed { bot };
        let (id, secret) = token.expose_secret().split_once(':').ok_or_else(malformed)?;
        let bot_id = id.parse().ok().filter(|id| *id > 0).ok_or_else(malformed)?;
        let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        if secret.is_empty() || !secret.bytes().all(fits) {
            return Err(malformed());
        }
        Ok(Self { http, api_url: api_url.clone(), token: token.clone(), bot_id, timeout })
    }

    /// The bot's id at Telegram: the digits before the colon of its token.
    pub(crate) fn bot_id(&self) -> i64 {
        self.bot_id
    }

    /// Calls a method with teloxide's payload and reads teloxide's answer.
    pub(crate) async fn call<P>(&self, payload: &P) -> Result<P::Output, CallError>
    where
        P: Payload + Serialize,
        P::Output: DeserializeOwned,
    {
        self.call_method(P::NAME, payload, self.timeout).await
    }

    /// Sends with teloxide's payload, and reads of the answer only what a report needs.
    pub(crate) async fn send<P: Payload + Serialize>(&self, payload: &P) -> Result<SentMessage, CallError> {
        self.call_method(P::NAME, payload, self.timeout).await
    }

    /// Answers a callback query; `alert` shows the words in a window that the user closes.
    pub(crate) async fn answer_callback(
        &self,
        query: &str,
        text: Option<String>,
        alert: bool,
    ) -> Result<(), CallError> {
        let mut answer = AnswerCallbackQuery::new(teloxide::types::CallbackQueryId(query.to_owned()));
        answer.show_alert = (alert && text.is_some()).then_some(true);
        answer.text = text;
        self.call(&answer).await.map(|True| ())
    }

    /// Calls any method; `timeout` covers the whole call.
    pub(crate) async fn call_method<R: DeserializeOwned>(
        &self,
        method: &str,
        parameters: &impl Serialize,
        timeout: Duration,
    ) -> Result<R, CallError> {
        let body = serde_json::to_vec(parameters).map_err(|error| CallError::NotDone(error.to_string()))?;
        let request = self
            .http
            .post(self.method_url(method)?)
            .header(http::header::CONTENT_TYPE, "application/json")
            .body(body)
            .timeout(timeout);
        self.execute(request).await
    }

    /// Calls a method with a file; `timeout` covers the whole call.
    pub(crate) async fn upload(
        &self,
        method: &str,
        parameters: &impl Serialize,
        upload: Upload,
        timeout: Duration,
    ) -> Result<SentMessage, CallError> {
        let not_done = |error: String| CallError::NotDone(error);
        let fields = serde_json::to_value(parameters).map_err(|error| not_done(error.to_string()))?;
        let mut form = multipart::Form::new();
        for (name, value) in fields.as_object().into_iter().flatten() {
            // A form carries text as it is and everything else as JSON; the file stands under its own name.
            let text = match value {
                _ if name == upload.name => continue,
                serde_json::Value::Null => continue,
                serde_json::Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            form = form.text(name.clone(), text);
        }
        let part = multipart::Part::stream(upload.content)
            .file_name(upload.file_name)
            .mime_str(&upload.content_type)
            .map_err(|_| not_done("the file's media type is malformed".to_owned()))?;
        let request = self.http.post(self.method_url(method)?).multipart(form.part(upload.name, part)).timeout(timeout);
        self.execute(request).await
    }

    async fn execute<R: DeserializeOwned>(&self, request: reqwest::RequestBuilder) -> Result<R, CallError> {
        let mut response = request.send().await.map_err(|error| self.transport_error(error))?;
        let status = response.status().as_u16();
        let mut body = Vec::new();
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() <= ANSWER_BYTES_MAX => {
                    body.extend_from_slice(&chunk);
                }
                Ok(None) => break,
                // What could not be read whole is judged by its status and whatever of it arrived.
                Ok(Some(_)) | Err(_) => return Err(self.scrub(answer::of_broken(status))),
            }
        }
        answer::read(status, &body).map_err(|error| self.scrub(error))
    }

    /// Only a connection that never stood is certain not to have carried the request.
    fn transport_error(&self, error: reqwest::Error) -> CallError {
        let certain = error.is_connect() || error.is_builder();
        let timed_out = error.is_timeout();
        let mut words = if timed_out { "no answer in time".to_owned() } else { error.without_url().to_string() };
        if certain {
            words = format!("no connection: {words}");
        }
        self.scrub(if certain { CallError::NotDone(words) } else { CallError::Unknown(words) })
    }

    fn method_url(&self, method: &str) -> Result<Url, CallError> {
        let mut url = self.api_url.clone();
        url.path_segments_mut()
            .map_err(|()| CallError::NotDone("the Bot API's address takes no path".to_owned()))?
            .pop_if_empty()
            .push(&format!("bot{}", self.token.expose_secret()))
            .push(method);
        Ok(url)
    }

    fn scrub(&self, error: CallError) -> CallError {
        error.without(self.token.expose_secret())
    }
}
