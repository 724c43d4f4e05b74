//! grpc-web, binary and text, and gRPC itself on the same port: a layer over the core's channel, with an allow-list
//! before it. Every RPC is unary, so a call is read whole and checked before the core sees it.

use std::{collections::HashMap, sync::Arc};

use axum::{
    body::Body,
    response::{IntoResponse as _, Response},
};
use base64::{
    Engine as _,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode, Version, header, request::Parts};
use http_body_util::{BodyExt as _, Full, Limited};
use tonic::{Code, Status};
use tonic_web::GrpcWebLayer;
use tower::{Layer as _, ServiceExt as _};
use warung_proto::{ErrorReason, channel::MESSAGE_BYTES_MAX, descriptor};

use crate::{
    caller::Caller,
    core::{Core, FRAME_HEAD, message_of, unreachable_core, within},
    error::Fault,
    fields::GrpcForm,
    metrics::{Kind, Label},
    rooms::{Received, Rooms},
    rpc::Rpc,
    transcode,
};

/// Says that messages are answered, and taken, as they are.
const GRPC_ACCEPT_ENCODING: HeaderName = HeaderName::from_static("grpc-accept-encoding");
const GRPC_ENCODING: HeaderName = HeaderName::from_static("grpc-encoding");
const IDENTITY: HeaderValue = HeaderValue::from_static("identity");
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// How many headers a call has.
const HEADERS: usize = 8;

/// The RPCs that may be called from outside, by path.
pub(crate) struct Allowed(HashMap<String, Method>);

struct Method {
    rpc: Rpc,
    /// As gRPC and as grpc-web.
    labels: [Label; 2],
}

impl Allowed {
    pub(crate) fn new() -> Self {
        let public = descriptor::methods().filter(descriptor::is_public).filter_map(|method| {
            let path = descriptor::path(&method);
            let route: Arc<str> = Arc::from(path.as_str());
            let labels = [Kind::Grpc, Kind::GrpcWeb].map(|kind| Label::new(route.clone(), kind));
            Some((path, Method { rpc: Rpc::new(&method)?, labels }))
        });
        Self(public.collect())
    }

    /// Answers a call.
    pub(crate) async fn handle(
        &self,
        core: &Core,
        rooms: &Rooms,
        caller: &Caller,
        head: &Parts,
        body: Body,
    ) -> Response {
        let Some(form) = GrpcForm::of(&head.headers) else {
            let message = "the content type must be application/grpc-web+proto, application/grpc-web-text+proto or \
                           application/grpc+proto";
            return Fault::malformed(message).over_http(StatusCode::UNSUPPORTED_MEDIA_TYPE).into_response();
        };
        if head.method != http::Method::POST {
            return transcode::not_allowed("POST");
        }
        if form == GrpcForm::Native && head.version != Version::HTTP_2 {
            let message = "gRPC needs HTTP/2 all the way to this server, and what stands before it speaks HTTP/1.1; \
                           grpc-web needs neither";
            return unimplemented(message).into_grpc(form);
        }
        let answered_in = form.of_answer(&head.headers);
        let Some(method) = self.0.get(head.uri.path()) else {
            return unimplemented("there is no such method").into_grpc(answered_in);
        };
        let result = call(core, rooms, caller, head, body, form, &method.rpc).await;
        let mut response = result.unwrap_or_else(|fault| fault.into_grpc(answered_in));
        let [grpc, web] = &method.labels;
        response.extensions_mut().insert(if form == GrpcForm::Native { grpc.clone() } else { web.clone() });
        response.headers_mut().insert(GRPC_ACCEPT_ENCODING, IDENTITY);
        response
    }
}

fn unimplemented(message: &str) -> Fault {
    Fault::new(Code::Unimplemented, ErrorReason::Unimplemented, message)
}

async fn call(
    core: &Core,
    rooms: &Rooms,
    caller: &Caller,
    head: &Parts,
    body: Body,
    form: GrpcForm,
    rpc: &Rpc,
) -> Result<Response, Fault> {
    rpc.admit(caller)?;
    let largest = rpc.request_bytes.saturating_add(FRAME_HEAD);
    let read = if form == GrpcForm::WebText { largest.saturating_mul(4) / 3 + 4 } else { largest };
    let Received { bytes, held: _held } = rpc.read(core, rooms, caller, &head.headers, body, read).await?;
    let _place = rpc.enter(rooms, caller)?;
    let frame = match form {
        GrpcForm::WebText => decode(&bytes).ok_or_else(|| Fault::malformed("the body is no base64"))?.into(),
        GrpcForm::Native | GrpcForm::Web => bytes,
    };
    if frame.first() == Some(&1) && is_compressed(&head.headers) {
        return Err(unimplemented("messages are taken as they are, not compressed"));
    }
    if message_of(&frame).is_none() {
        return Err(Fault::malformed("the body must be one message, not compressed, of the length it announces"));
    }
    let request = request(core, caller, head, form, rpc, frame);
    within(caller.deadline, async {
        let channel = core.channel();
        let response = match form {
            GrpcForm::Native => channel.oneshot(request).await,
            GrpcForm::Web | GrpcForm::WebText => GrpcWebLayer::new().layer(channel).oneshot(request).await,
        };
        let (head, body) = response.map_err(|error| unreachable_core(&error))?.into_parts();
        // Text is a third longer than the bytes; trailers come on top.
        let body = Limited::new(body, MESSAGE_BYTES_MAX.saturating_mul(2)).collect().await;
        let body = body.map_err(|error| unreachable_core(error.as_ref()))?;
        let body = match form {
            // A refusal's status is in its head, and must be the last that comes: an empty frame behind it would be an
            // answer without trailers.
            GrpcForm::Native if head.headers.contains_key(Status::GRPC_STATUS) => Body::empty(),
            GrpcForm::Native => Body::new(body),
            // Its trailers are bytes, too: of a known length, it needs no chunks.
            GrpcForm::Web | GrpcForm::WebText => Body::from(body.to_bytes()),
        };
        Ok::<_, Fault>(Response::from_parts(head, body))
    })
    .await
}

fn request(
    core: &Core,
    caller: &Caller,
    head: &Parts,
    form: GrpcForm,
    rpc: &Rpc,
    frame: Bytes,
) -> Request<tonic::body::Body> {
    let mut request = Request::new(tonic::body::Body::new(Full::new(frame)));
    *request.method_mut() = http::Method::POST;
    *request.uri_mut() = rpc.path.clone().into();
    *request.version_mut() = http::Version::HTTP_2;
    let headers = request.headers_mut();
    headers.reserve(HEADERS);
    core.write_metadata(caller, headers);
    match form {
        GrpcForm::Native => {
            headers.insert(header::CONTENT_TYPE, form.content_type());
            headers.insert(header::TE, HeaderValue::from_static("trailers"));
        }
        GrpcForm::Web | GrpcForm::WebText => {
            // Text is decoded by now. The answer is as the client accepts it, or else as it asked.
            headers.insert(header::CONTENT_TYPE, GrpcForm::Web.content_type());
            headers.insert(header::ACCEPT, form.of_answer(&head.headers).content_type());
        }
    }
    request
}

/// Whether a call says that its message is compressed.
fn is_compressed(headers: &HeaderMap) -> bool {
    headers.get(GRPC_ENCODING).is_some_and(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity"))
}

/// Base64 in pieces, as whoever sends a stream in it writes them: each piece ends with its padding, the last one with or
/// without.
fn decode(mut text: &[u8]) -> Option<Vec<u8>> {
    let mut decoded = Vec::with_capacity(text.len() / 4 * 3 + 3);
    while !text.is_empty() {
        let padding = text.iter().position(|letter| *letter == b'=').unwrap_or(text.len());
        let padded = text.get(padding..)?.iter().take_while(|letter| **letter == b'=').count();
        let (piece, rest) = text.split_at_checked(padding.checked_add(padded)?)?;
        // Where one ends and the next begins can be told by whole groups of four alone.
        if !rest.is_empty() && !piece.len().is_multiple_of(4) {
            return None;
        }
        BASE64.decode_vec(piece, &mut decoded).ok()?;
        text = rest;
    }
    Some(decoded)
}
