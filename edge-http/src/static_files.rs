//! The Mini App's files.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    response::{IntoResponse as _, Redirect, Response},
};
use http::{HeaderValue, StatusCode, Uri, header};
use tower::ServiceExt as _;
use tower_http::services::ServeDir;

use crate::{config::Config, error::Fault, router::Edge, transcode};

/// Telegram's web clients show Mini Apps in a frame.
const FRAMES: [&str; 3] = ["https://web.telegram.org", "https://*.telegram.org", "https://t.me"];
/// Where the build puts files whose names carry a hash of their content.
const HASHED: &str = "/app/assets/";

/// The Mini App, ready to be served.
pub(crate) struct MiniApp {
    files: Option<ServeDir>,
    policy: HeaderValue,
}

impl MiniApp {
    pub(crate) fn new(config: &Config) -> Self {
        let files =
            config.mini_app.as_ref().map(|folder| ServeDir::new(folder).precompressed_br().precompressed_gzip());
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
    let inner = path.strip_prefix("/app").and_then(|path| path.parse::<Uri>().ok());
    let Some(inner) = inner else { return Fault::not_found("there is no such file").into_response() };
    *request.uri_mut() = inner;
    let served = files.oneshot(request).await.unwrap_or_else(|never| match never {});
    let mut response = match served.status() {
        StatusCode::METHOD_NOT_ALLOWED => return transcode::not_allowed("GET, HEAD"),
        status if status.is_client_error() || status.is_server_error() => {
            return Fault::not_found("there is no such file").into_response();
        }
        _ => served.into_response(),
    };
    let headers = response.headers_mut();
    let cache = if hashed { "public, max-age=31536000, immutable" } else { "no-cache" };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.insert(header::CONTENT_SECURITY_POLICY, edge.mini_app.policy.clone());
    // The launch data is in the fragment, which no referrer carries; the rest of the address is nobody's business.
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}
