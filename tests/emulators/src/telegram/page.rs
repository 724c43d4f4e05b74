//! The chat page: static files of this crate, served at `/`.

use std::sync::Arc;

use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::Shared;

/// The page's own files and nothing else; pictures and Mini Apps may come from anywhere, as in Telegram.
const POLICY: &str = "default-src 'self'; img-src * data: blob:; frame-src *; style-src 'self'; script-src 'self'; object-src 'none'; base-uri 'none'";

macro_rules! file {
    ($name:literal, $kind:literal) => {
        get(|| async { page_file(include_str!(concat!("../../web/", $name)), $kind) })
    };
}

pub(crate) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/", file!("index.html", "text/html; charset=utf-8"))
        .route("/style.css", file!("style.css", "text/css; charset=utf-8"))
        .route("/words.js", file!("words.js", "text/javascript; charset=utf-8"))
        .route("/dom.js", file!("dom.js", "text/javascript; charset=utf-8"))
        .route("/messages.js", file!("messages.js", "text/javascript; charset=utf-8"))
        .route("/mini-app.js", file!("mini-app.js", "text/javascript; charset=utf-8"))
        .route("/chat.js", file!("chat.js", "text/javascript; charset=utf-8"))
        .route("/favicon.svg", file!("favicon.svg", "image/svg+xml"))
}

fn page_file(content: &'static str, kind: &'static str) -> Response {
    ([(CONTENT_TYPE, kind), (CONTENT_SECURITY_POLICY, POLICY), (CACHE_CONTROL, "no-cache")], content).into_response()
}
