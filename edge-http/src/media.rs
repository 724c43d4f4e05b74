//! Pictures of the store: immutable, kept in memory within a bound, and asked of the core once.

use std::sync::Arc;

use axum::{
    Extension,
    body::Body,
    extract::State,
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use moka::future::Cache;
use warung_proto::operations::{GetMediaRequest, get_media_request::Variant, media_service_client::MediaServiceClient};

use crate::{
    caller::Caller,
    contract::core_call,
    error::Fault,
    router::{Edge, Variable, value_of},
};

/// A year: the bytes of an id never change.
const IMMUTABLE: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// What a picture costs in memory besides its bytes.
const ENTRY_BYTES: usize = 256;

/// A picture in memory.
#[derive(Clone)]
pub(crate) struct Picture {
    content: Bytes,
    content_type: HeaderValue,
}

/// Pictures by entity tag.
pub(crate) type Pictures = Cache<String, Picture>;

/// A cache of at most `bytes`.
pub(crate) fn pictures(bytes: u64) -> Pictures {
    Cache::builder()
        .max_capacity(bytes)
        .weigher(|tag: &String, picture: &Picture| {
            let bytes = picture.content.len().saturating_add(tag.len()).saturating_add(ENTRY_BYTES);
            u32::try_from(bytes).unwrap_or(u32::MAX)
        })
        .build()
}

/// `GET /api/v1/media/{media_id}`.
pub(crate) async fn picture(
    State(edge): State<Arc<Edge>>,
    Extension(caller): Extension<Caller>,
    media_id: Variable,
    headers: HeaderMap,
) -> Response {
    serve(&edge, &caller, value_of(media_id), Variant::Unspecified, &headers).await
}

/// `GET /api/v1/media/{media_id}/thumbnail`.
pub(crate) async fn thumbnail(
    State(edge): State<Arc<Edge>>,
    Extension(caller): Extension<Caller>,
    media_id: Variable,
    headers: HeaderMap,
) -> Response {
    serve(&edge, &caller, value_of(media_id), Variant::Thumbnail, &headers).await
}

async fn serve(edge: &Edge, caller: &Caller, media_id: String, variant: Variant, headers: &HeaderMap) -> Response {
    if !is_media_id(&media_id) {
        return Fault::not_found("there is no such picture").into_response();
    }
    let size = if variant == Variant::Thumbnail { "-thumbnail" } else { "" };
    let tag = format!("\"{media_id}{size}\"");
    if none_match(headers, &tag) {
        return finish(StatusCode::NOT_MODIFIED, Body::empty(), &tag, None);
    }
    // Many who ask for one picture at once wait for one call.
    let fetched = edge.pictures.try_get_with_by_ref(&tag, fetch(edge, caller, media_id, variant)).await;
    match fetched {
        Ok(picture) => finish(StatusCode::OK, Body::from(picture.content), &tag, Some(picture.content_type)),
        Err(fault) => Fault::clone(&fault).into_response(),
    }
}

async fn fetch(edge: &Edge, caller: &Caller, media_id: String, variant: Variant) -> Result<Picture, Fault> {
    let request = GetMediaRequest { media_id, variant: variant.into() };
    // Pictures are everyone's: the edge asks for them itself.
    let caller = caller.with_authorization(None);
    let media = core_call(
        edge,
        &caller,
        |channel, request| async move { MediaServiceClient::new(channel).get_media(request).await },
        request,
    )
    .await?;
    let content_type = match media.content_type.as_str() {
        "image/jpeg" => "image/jpeg",
        "image/png" => "image/png",
        "image/webp" => "image/webp",
        // Nothing that a browser would run.
        _ => "application/octet-stream",
    };
    Ok(Picture { content: media.content, content_type: HeaderValue::from_static(content_type) })
}

fn finish(status: StatusCode, body: Body, tag: &str, content_type: Option<HeaderValue>) -> Response {
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, IMMUTABLE);
    if let Ok(tag) = HeaderValue::try_from(tag) {
        headers.insert(header::ETAG, tag);
    }
    headers.insert(HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("cross-origin"));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; sandbox; frame-ancestors 'none'"),
    );
    if let Some(content_type) = content_type {
        headers.insert(header::CONTENT_TYPE, content_type);
    }
    response
}

fn is_media_id(text: &str) -> bool {
    let hash = text.strip_prefix("med_").unwrap_or_default().as_bytes();
    hash.len() == 64 && hash.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f'))
}

/// Whether the client has what the tag names.
pub(crate) fn none_match(headers: &HeaderMap, tag: &str) -> bool {
    let known = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    known
        .flat_map(|line| line.split(','))
        .map(str::trim)
        .any(|known| known == "*" || known.trim_start_matches("W/") == tag)
}
