//! The Mini App's files.
//!
//! The build puts compressed forms beside those whose names carry a hash of their content: they are sent as they are, and kept
//! for a year. What else there is, the page itself, is asked about each time, by a tag of its content: its time would lie after
//! the return to an older version, whose page would not be sent.

use std::sync::Arc;

use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    response::{IntoResponse as _, Redirect, Response},
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header, request::Parts};
use sha2::{Digest as _, Sha256};
use tower::ServiceExt as _;
use tower_http::services::ServeDir;

use crate::{config::Config, error::Fault, router::Edge, transcode};

/// Telegram's web clients show Mini Apps in a frame.
const FRAMES: [&str; 3] = ["https://web.telegram.org", "https://*.telegram.org", "https://t.me"];
/// Where the build puts files whose names carry a hash of their content.
const HASHED: &str = "/app/assets/";

/// A file without a hash in its name is not larger, in bytes: it is read whole to be tagged.
const PAGE_BYTES: usize = 1024 * 1024;

/// The Mini App, ready to be served.
pub(crate) struct MiniApp {
    files: Option<ServeDir>,
    policy: HeaderValue,
}

impl MiniApp {
    pub(crate) fn new(config: &Config) -> Self {
        let files = config.mini_app.as_ref().map(|folder| {
            // It would send the path of a folder back with a slash, and who chose the path could choose a host by it.
            ServeDir::new(folder).append_index_html_on_directories(false).precompressed_br().precompressed_gzip()
        });
        let strict = HeaderValue::from_static("default-src 'self'; frame-ancestors 'self' https://web.telegram.org");
        Self { files, policy: HeaderValue::try_from(policy(config)).unwrap_or(strict) }
    }
}

/// Scripts, styles and calls of our own; Telegram's script; frames of Telegram and of whom the configuration names.
fn policy(config: &Config) -> String {
    let named = config.frame_ancestors.iter().map(String::as_str).filter(|origin| !origin.contains([';', ',', ' ']));
    let frames: Vec<&str> = FRAMES.into_iter().chain(named).collect();
    let public = config.public_url.as_deref().filter(|url| !url.contains([';', ',', ' '])).unwrap_or_default();
    format!(
        "default-src 'none'; script-src 'self' https://telegram.org; style-src 'self' 'unsafe-inline'; \
         img-src 'self' data: blob: {public}; font-src 'self'; connect-src 'self' {public}; manifest-src 'self'; \
         base-uri 'none'; form-action 'none'; object-src 'none'; frame-ancestors 'self' {}",
        frames.join(" ")
    )
}

/// `/` and `/app`: the Mini App is at `/app/`.
pub(crate) async fn home() -> Redirect {
    Redirect::temporary("/app/")
}

/// `/app/…`.
pub(crate) async fn file(State(edge): State<Arc<Edge>>, mut request: Request) -> Response {
    let Some(files) = edge.mini_app.files.clone() else {
        return Fault::not_found("this edge serves no Mini App").into_response();
    };
    let path = request.uri().path();
    let hashed = path.starts_with(HASHED);
    let inner = match path.strip_prefix("/app") {
        Some("/") => Some(Uri::from_static("/index.html")),
        Some(path) => path.parse::<Uri>().ok(),
        None => None,
    };
    let Some(inner) = inner else { return Fault::not_found("there is no such file").into_response() };
    *request.uri_mut() = inner;
    let served = if hashed {
        files.oneshot(request).await.unwrap_or_else(|never| match never {}).map(Body::new)
    } else {
        tagged(files, request).await
    };
    let mut response = match served.status() {
        StatusCode::METHOD_NOT_ALLOWED => return transcode::not_allowed("GET, HEAD"),
        status if status.is_client_error() || status.is_server_error() => {
            return Fault::not_found("there is no such file").into_response();
        }
        _ => served,
    };
    let headers = response.headers_mut();
    if headers.contains_key(header::CONTENT_ENCODING) {
        // What is not encoded here gets it where it is compressed on the way out.
        headers.insert(header::VARY, HeaderValue::from_name(header::ACCEPT_ENCODING));
    }
    let cache = if hashed { "public, max-age=31536000, immutable" } else { "no-cache" };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.insert(header::CONTENT_SECURITY_POLICY, edge.mini_app.policy.clone());
    // The launch data is in the fragment, which no referrer carries; the rest of the address is nobody's business.
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

/// A file with a tag of its content, or the word that the caller has it already.
async fn tagged(files: ServeDir, request: Request) -> Response {
    let (Parts { method, uri, headers: asked, .. }, _) = request.into_parts();
    // Neither the time nor the encoding of the file is asked about: the tag alone decides, and the way out compresses.
    let plain =
        http::Request::builder().method(if method == Method::HEAD { Method::GET } else { method.clone() }).uri(uri);
    let Ok(plain) = plain.body(Body::empty()) else { return StatusCode::NOT_FOUND.into_response() };
    let (mut parts, body) = files.oneshot(plain).await.unwrap_or_else(|never| match never {}).into_parts();
    if parts.status != StatusCode::OK {
        return Response::from_parts(parts, Body::new(body));
    }
    let Ok(content) = to_bytes(Body::new(body), PAGE_BYTES).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    // Weak, since the bytes that are sent depend on the encoding.
    let tag = format!("W/\"{}\"", BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(&content)));
    parts.headers.remove(header::LAST_MODIFIED);
    parts.headers.remove(header::ACCEPT_RANGES);
    if let Ok(value) = HeaderValue::try_from(&tag) {
        parts.headers.insert(header::ETAG, value);
    }
    if is_known(&asked, &tag) {
        parts.status = StatusCode::NOT_MODIFIED;
        parts.headers.remove(header::CONTENT_LENGTH);
        parts.headers.remove(header::CONTENT_TYPE);
        return Response::from_parts(parts, Body::empty());
    }
    let body = if method == Method::HEAD { Body::empty() } else { Body::from(content) };
    Response::from_parts(parts, body)
}

/// Whether the caller names this tag, or any, as what it has (RFC 9110 §13.1.2).
fn is_known(asked: &HeaderMap, tag: &str) -> bool {
    let bare = tag.trim_start_matches("W/");
    asked
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|named| named == "*" || named.trim_start_matches("W/") == bare)
}
