//! Where the button "Tonton Sekarang" leads when a video lives at an address: to it, for its user, for a while.

use std::sync::Arc;

use axum::{
    Extension,
    extract::State,
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use warung_proto::library::{ResolveWatchLinkRequest, library_service_client::LibraryServiceClient};

use crate::{
    caller::Caller,
    contract::core_call,
    error::Fault,
    router::{Edge, Variable, value_of},
    words::Language,
};

/// `GET /api/v1/watch/{token}`.
pub(crate) async fn watch(
    State(edge): State<Arc<Edge>>,
    Extension(caller): Extension<Caller>,
    token: Variable,
    headers: HeaderMap,
) -> Response {
    let mut response = match resolve(&edge, &caller, value_of(token)).await {
        Ok(location) => (StatusCode::FOUND, [(header::LOCATION, location)]).into_response(),
        Err(fault) => page(&fault, Language::of(&headers)),
    };
    let headers = response.headers_mut();
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

async fn resolve(edge: &Edge, caller: &Caller, token: String) -> Result<HeaderValue, Fault> {
    // The link itself names its user.
    let caller = caller.with_authorization(None);
    let answer = core_call(
        edge,
        &caller,
        |channel, request| async move { LibraryServiceClient::new(channel).resolve_watch_link(request).await },
        ResolveWatchLinkRequest { token },
    )
    .await?;
    if !answer.url.starts_with("https://") {
        tracing::error!("a video's address is no https address");
        return Err(Fault::internal());
    }
    let mut location = HeaderValue::try_from(answer.url).map_err(|_| Fault::internal())?;
    location.set_sensitive(true);
    Ok(location)
}

/// A small page in words for people.
fn page(fault: &Fault, language: Language) -> Response {
    let reason = fault.reason();
    let status = match reason.as_str() {
        "WATCH_LINK_EXPIRED" => StatusCode::GONE,
        "VIP_REQUIRED" => StatusCode::FORBIDDEN,
        "INVALID_ARGUMENT" => StatusCode::NOT_FOUND,
        _ => fault.http(),
    };
    let (heading, text) = language.watch_page(&reason);
    let language = language.code();
    let html = format!(
        "<!doctype html><html lang=\"{language}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{heading}</title>\
         <style>body{{font:1.1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:15vh auto;padding:0 1.25rem;\
         color-scheme:light dark}}h1{{font-size:1.5rem}}</style></head>\
         <body><main><h1>{heading}</h1><p>{text}</p></main></body></html>"
    );
    let policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";
    let kind = "text/html; charset=utf-8";
    let mut response =
        (status, [(header::CONTENT_TYPE, kind), (header::CONTENT_SECURITY_POLICY, policy)], html).into_response();
    response.headers_mut().insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(language));
    response
}
