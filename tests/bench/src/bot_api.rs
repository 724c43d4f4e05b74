//! A stand-in for Telegram's Bot API that answers at once, and counts.

use std::{
    collections::HashMap,
    convert::Infallible,
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::{Request, Response, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

use crate::Failure;

/// How long a poll for updates is held: nobody writes to the bot.
const POLL: Duration = Duration::from_secs(20);

/// A stand-in that runs until it is dropped.
#[derive(Debug)]
pub(crate) struct BotApi {
    address: SocketAddr,
    sends: Arc<Sends>,
    task: JoinHandle<()>,
}

/// What was sent.
#[derive(Debug, Default)]
struct Sends {
    count: AtomicU64,
    /// Chats in which a message is waited for: the number of the chat, a part of its text, and who waits.
    awaited: Mutex<HashMap<i64, (String, oneshot::Sender<Instant>)>>,
}

impl Sends {
    fn awaited(&self) -> MutexGuard<'_, HashMap<i64, (String, oneshot::Sender<Instant>)>> {
        self.awaited.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells whoever waits for a message with this body.
    fn note(&self, body: &[u8]) {
        let mut awaited = self.awaited();
        if awaited.is_empty() {
            return;
        }
        let Ok(message) = serde_json::from_slice::<serde_json::Value>(body) else { return };
        let chat = message.get("chat_id").and_then(|id| id.as_i64().or_else(|| id.as_str()?.parse().ok()));
        let text = message.get("text").and_then(serde_json::Value::as_str).unwrap_or_default();
        let Some(chat) = chat.filter(|chat| awaited.get(chat).is_some_and(|(part, _)| text.contains(part))) else {
            return;
        };
        if let Some((_, waiting)) = awaited.remove(&chat) {
            let _ = waiting.send(Instant::now());
        }
    }
}

/// So long nothing is sent when nothing waits.
const QUIET: Duration = Duration::from_secs(1);
/// How long what the rounds wrote may take to leave.
const QUIET_MAX: Duration = Duration::from_mins(5);

impl Drop for BotApi {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl BotApi {
    pub(crate) async fn start() -> Result<Self, Failure> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let sends = Arc::new(Sends::default());
        let task = tokio::spawn(serve(listener, Arc::clone(&sends)));
        Ok(Self { address, sends, task })
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How many messages were sent.
    pub(crate) fn sends(&self) -> u64 {
        self.sends.count.load(Ordering::Relaxed)
    }

    /// Waits until nothing is sent any more: what the rounds before wrote has left. An error: it does not end.
    pub(crate) async fn quiet(&self) -> Result<(), Failure> {
        let (begun, mut sends) = (Instant::now(), self.sends());
        while begun.elapsed() < QUIET_MAX {
            tokio::time::sleep(QUIET).await;
            let before = std::mem::replace(&mut sends, self.sends());
            if before == sends {
                return Ok(());
            }
        }
        Err("messages of the rounds before are still being sent".into())
    }

    /// When the next message with these words is sent to a chat.
    pub(crate) fn await_message(&self, chat: i64, words: &str) -> oneshot::Receiver<Instant> {
        let (waiting, sent) = oneshot::channel();
        self.sends.awaited().insert(chat, (words.to_owned(), waiting));
        sent
    }
}

async fn serve(listener: TcpListener, sends: Arc<Sends>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let _ = stream.set_nodelay(true);
        let sends = Arc::clone(&sends);
        tokio::spawn(async move {
            let answer = service_fn(move |request| answer(request, Arc::clone(&sends)));
            let mut builder = http1::Builder::new();
            builder.timer(TokioTimer::new());
            // A connection that breaks off is the server's to open again.
            let _ = builder.serve_connection(TokioIo::new(stream), answer).await;
        });
    }
}

async fn answer(request: Request<Incoming>, sends: Arc<Sends>) -> Result<Response<Full<Bytes>>, Infallible> {
    let method = request.uri().path().rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    // Read to its end, or the connection could not be used again.
    let body = request.into_body().collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let result = match method.as_str() {
        "getupdates" => {
            tokio::time::sleep(POLL).await;
            "[]".to_owned()
        }
        "getmycommands" => "[]".to_owned(),
        "getchatmenubutton" => r#"{"type":"default"}"#.to_owned(),
        send if send.starts_with("send") && send != "sendchataction" => {
            sends.note(&body);
            let number = sends.count.fetch_add(1, Ordering::Relaxed).saturating_add(1);
            message(number)
        }
        _ => "true".to_owned(),
    };
    let mut response = Response::new(Full::from(format!(r#"{{"ok":true,"result":{result}}}"#)));
    response.headers_mut().insert("content-type", hyper::header::HeaderValue::from_static("application/json"));
    Ok(response)
}

/// A message with a picture in it, as Telegram answers one.
fn message(number: u64) -> String {
    let size = |name: &str, width: u32, height: u32| {
        format!(
            r#"{{"file_id":"AgACAgUAAxkDAAI{name}","file_unique_id":"AQAD{name}","width":{width},"height":{height},"file_size":1253}}"#
        )
    };
    format!(
        concat!(
            r#"{{"message_id":{number},"from":{{"id":7,"is_bot":true,"first_name":"Warung","username":"warung_bot"}},"#,
            r#""chat":{{"id":1,"first_name":"Tamu","type":"private"}},"date":1700000000,"photo":[{small},{large}],"#,
            r#""caption":"Kisah"}}"#
        ),
        number = number,
        small = size("small", 60, 90),
        large = size("large", 320, 480),
    )
}
