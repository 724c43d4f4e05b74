//! Calling the core.

use std::future::Future;

use bytes::{BufMut as _, Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, Method, Request, Response, header, uri::PathAndQuery};
use http_body_util::{BodyExt as _, Full};
use tokio::time::Instant;
use tonic::{Code, Status, body::Body};
use tower::ServiceExt as _;
use warung_proto::{
    channel::{Channel, MESSAGE_BYTES_MAX},
    key::{Service, ServiceKey},
    metadata,
};

use crate::{caller::Caller, error::Fault};

/// A gRPC frame begins with a flag and a length.
pub(crate) const FRAME_HEAD: usize = 5;

/// The core, as the edge calls it.
#[derive(Clone)]
pub(crate) struct Core {
    channel: Channel,
    service_key: HeaderValue,
}

impl Core {
    pub(crate) fn new(channel: Channel, key: &ServiceKey) -> Self {
        // A key that no header can carry proves nothing: the core refuses the empty one, and says so.
        let mut service_key =
            HeaderValue::try_from(key.present_as(Service::Edge)).unwrap_or_else(|_| HeaderValue::from_static(""));
        service_key.set_sensitive(true);
        Self { channel, service_key }
    }

    /// The channel itself, for layers over it.
    pub(crate) fn channel(&self) -> Channel {
        self.channel.clone()
    }

    /// Writes the metadata of a call that a client caused.
    pub(crate) fn write_metadata(&self, caller: &Caller, headers: &mut HeaderMap) {
        caller.write(&self.service_key, headers);
    }

    /// The request of a generated client, with the metadata of a call that a client caused.
    pub(crate) fn request<T>(&self, caller: &Caller, message: T) -> tonic::Request<T> {
        let mut headers = HeaderMap::new();
        self.write_metadata(caller, &mut headers);
        tonic::Request::from_parts(
            tonic::metadata::MetadataMap::from_headers(headers),
            tonic::Extensions::default(),
            message,
        )
    }

    /// Calls an RPC with an encoded message that is framed already, and answers the encoded message.
    pub(crate) async fn unary(&self, path: &PathAndQuery, frame: Vec<u8>, caller: &Caller) -> Result<Bytes, Fault> {
        self.send(self.call(path, frame, caller), caller).await
    }

    /// Asks whether the caller may call an RPC.
    pub(crate) async fn may_call(&self, path: &PathAndQuery, caller: &Caller) -> Result<(), Fault> {
        let mut request = self.call(path, vec![0; FRAME_HEAD], caller);
        request.headers_mut().insert(metadata::ASK_ONLY, HeaderValue::from_static("1"));
        self.send(request, caller).await.map(drop)
    }

    fn call(&self, path: &PathAndQuery, frame: Vec<u8>, caller: &Caller) -> Request<Body> {
        let mut request = Request::new(Body::new(Full::new(Bytes::from(frame))));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = path.clone().into();
        *request.version_mut() = http::Version::HTTP_2;
        let headers = request.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
        headers.insert(header::TE, HeaderValue::from_static("trailers"));
        self.write_metadata(caller, headers);
        request
    }

    async fn send(&self, request: Request<Body>, caller: &Caller) -> Result<Bytes, Fault> {
        let channel = self.channel();
        within(caller.deadline, async move {
            let response = channel.oneshot(request).await.map_err(|error| unreachable_core(&error))?;
            answer(response).await
        })
        .await
    }
}

/// Waits for a call of the core until `deadline`: for the whole answer, whatever clock the core goes by.
pub(crate) async fn within<T, E: Into<Fault>>(
    deadline: Instant,
    call: impl Future<Output = Result<T, E>>,
) -> Result<T, Fault> {
    match tokio::time::timeout_at(deadline, call).await {
        Ok(result) => result.map_err(Into::into),
        Err(_) => Err(Fault::deadline()),
    }
}

/// The fault of a core that could not be called at all.
pub(crate) fn unreachable_core(error: &(dyn std::error::Error + 'static)) -> Fault {
    let causes: Vec<String> =
        std::iter::successors(Some(error), |error| error.source()).map(ToString::to_string).collect();
    tracing::warn!(error = causes.join(": "), "the core can't be reached");
    Fault::unavailable("the core can't be reached")
}

/// The message of a unary call's answer.
async fn answer(response: Response<Body>) -> Result<Bytes, Fault> {
    let (head, mut body) = response.into_parts();
    if let Some(status) = Status::from_header_map(&head.headers)
        && status.code() != Code::Ok
    {
        return Err(status.into());
    }
    if head.status != http::StatusCode::OK {
        tracing::warn!(status = head.status.as_u16(), "what answers at the core's address speaks no gRPC");
        return Err(Fault::unavailable("the core can't be reached"));
    }
    let mut data = Bytes::new();
    let mut trailers = None;
    while let Some(frame) = body.frame().await {
        match frame?.into_data() {
            Ok(part) if data.is_empty() => data = part,
            Ok(part) => data = joined(data, &part),
            Err(frame) => trailers = frame.into_trailers().ok(),
        }
        if data.len() > MESSAGE_BYTES_MAX.saturating_add(FRAME_HEAD) {
            return Err(broken_answer());
        }
    }
    match trailers.as_ref().and_then(Status::from_header_map) {
        Some(status) if status.code() != Code::Ok => Err(status.into()),
        _ => message_of(&data).ok_or_else(broken_answer),
    }
}

fn joined(first: Bytes, second: &[u8]) -> Bytes {
    let mut both = BytesMut::from(first);
    both.put_slice(second);
    both.freeze()
}

/// The one message of a body: not compressed, as the edge accepts no compression, and of the length it announces.
pub(crate) fn message_of(data: &Bytes) -> Option<Bytes> {
    let (&[flag, a, b, c, d], message) = data.split_first_chunk::<FRAME_HEAD>()?;
    let length = usize::try_from(u32::from_be_bytes([a, b, c, d])).ok()?;
    (flag == 0 && length == message.len()).then(|| data.slice(FRAME_HEAD..))
}

fn broken_answer() -> Fault {
    tracing::error!("the core's answer is no single message");
    Fault::internal()
}

/// Writes the head of a frame whose message follows it in `frame`.
pub(crate) fn finish_frame(frame: &mut [u8]) {
    let length = u32::try_from(frame.len().saturating_sub(FRAME_HEAD)).unwrap_or(u32::MAX);
    if let Some(head) = frame.first_chunk_mut::<FRAME_HEAD>() {
        let [a, b, c, d] = length.to_be_bytes();
        *head = [0, a, b, c, d];
    }
}
