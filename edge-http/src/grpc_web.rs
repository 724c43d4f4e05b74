//! grpc-web, binary and text, and gRPC itself on the same port: a layer over the core's channel, with an allow-list
//! before it. Every RPC is unary, so a call is read whole and checked before the core sees it.

use std::{collections::HashMap, sync::Arc};

use axum::{body::Body, response::Response};
use base64::{
    Engine as _,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, header, request::Parts};
use http_body_util::{BodyExt as _, Full, Limited};
use tonic::Code;
use tonic_web::GrpcWebLayer;
use tower::{Layer as _, ServiceExt as _};
use warung_proto::{ErrorReason, channel::MESSAGE_BYTES_MAX, descriptor};

use crate::{
    caller::Caller,
    core::{Core, FRAME_HEAD, message_of, unreachable_core, within},
    error::Fault,
    metrics::{Kind, Label},
    rooms::{Received, Rooms},
    rpc::Rpc,
    transcode,
};

const GRPC: HeaderValue = HeaderValue::from_static("application/grpc");
const GRPC_WEB: HeaderValue = HeaderValue::from_static("application/grpc-web+proto");
const GRPC_WEB_TEXT: HeaderValue = HeaderValue::from_static("application/grpc-web-text+proto");
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

/// How a call is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Grpc,
    Web,
    WebText,
}

impl Form {
    fn of(headers: &HeaderMap) -> Option<Self> {
        match headers.get(header::CONTENT_TYPE)?.as_bytes() {
            b"application/grpc" | b"application/grpc+proto" => Some(Self::Grpc),
            b"application/grpc-web" | b"application/grpc-web+proto" => Some(Self::Web),
            b"application/grpc-web-text" | b"application/grpc-web-text+proto" => Some(Self::WebText),
            _ => None,
        }
    }

    fn content_type(self) -> HeaderValue {
        match self {
            Self::Grpc => GRPC,
            Self::Web => GRPC_WEB,
            Self::WebText => GRPC_WEB_TEXT,
        }
    }
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
        let Some(form) = Form::of(&head.headers) else {
            let message = "the content type must be application/grpc-web+proto or application/grpc-web-text+proto";
            return Fault::malformed(message)
                .over_http(http::StatusCode::UNSUPPORTED_MEDIA_TYPE)
                .respond_to(&HeaderMap::new());
        };
        if head.method != http::Method::POST {
            return transcode::not_allowed("POST");
        }
        let Some(method) = self.0.get(head.uri.path()) else {
            let fault = Fault::new(Code::Unimplemented, ErrorReason::Unimplemented, "there is no such method");
            return fault.into_grpc(form.content_type());
        };
        let result = call(core, rooms, caller, head, body, form, &method.rpc).await;
        let mut response = result.unwrap_or_else(|fault| fault.into_grpc(form.content_type()));
        let [grpc, web] = &method.labels;
        response.extensions_mut().insert(if form == Form::Grpc { grpc.clone() } else { web.clone() });
        response
    }
}

async fn call(
    core: &Core,
    rooms: &Rooms,
    caller: &Caller,
    head: &Parts,
    body: Body,
    form: Form,
    rpc: &Rpc,
) -> Result<Response, Fault> {
    rpc.admit(caller)?;
    let largest = rpc.request_bytes.saturating_add(FRAME_HEAD);
    let read = if form == Form::WebText { largest.saturating_mul(4) / 3 + 4 } else { largest };
    let Received { bytes, held: _held } = rpc.read(core, rooms, caller, &head.headers, body, read).await?;
    let _place = rpc.enter(rooms, caller)?;
    let frame = match form {
        Form::WebText => BASE64.decode(&bytes).map_err(|_| Fault::malformed("the body is no base64"))?.into(),
        Form::Grpc | Form::Web => bytes,
    };
    if message_of(&frame).is_none() {
        return Err(Fault::malformed("the body must be one message, not compressed, of the length it announces"));
    }
    let request = request(core, caller, head, form, rpc, frame);
    within(caller.timeout, async {
        let channel = core.channel();
        let response = match form {
            Form::Grpc => channel.oneshot(request).await,
            Form::Web | Form::WebText => GrpcWebLayer::new().layer(channel).oneshot(request).await,
        };
        let (head, body) = response.map_err(|error| unreachable_core(&error))?.into_parts();
        // Text is a third longer than the bytes; trailers come on top.
        let body = Limited::new(body, MESSAGE_BYTES_MAX.saturating_mul(2)).collect().await;
        let body = body.map_err(|error| unreachable_core(error.as_ref()))?;
        let body = match form {
            Form::Grpc => Body::new(body),
            // Its trailers are bytes, too: of a known length, it needs no chunks.
            Form::Web | Form::WebText => Body::from(body.to_bytes()),
        };
        Ok::<_, Fault>(Response::from_parts(head, body))
    })
    .await
}

fn request(
    core: &Core,
    caller: &Caller,
    head: &Parts,
    form: Form,
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
        Form::Grpc => {
            headers.insert(header::CONTENT_TYPE, GRPC);
            headers.insert(header::TE, HeaderValue::from_static("trailers"));
        }
        Form::Web | Form::WebText => {
            // Text is decoded by now. The answer is as the client accepts it, or else as it asked.
            headers.insert(header::CONTENT_TYPE, GRPC_WEB);
            let accept = head
                .headers
                .get(header::ACCEPT)
                .filter(|accept| accept.as_bytes().starts_with(b"application/grpc-web"));
            headers.insert(header::ACCEPT, accept.cloned().unwrap_or_else(|| form.content_type()));
        }
    }
    request
}
