//! An edge over a peer, and asking it.

use std::{collections::HashMap, net::SocketAddr};

use axum::{Router, body::Body, extract::ConnectInfo};
use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode, Version};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};
use tower::ServiceExt as _;
use warung_edge::Config;
use warung_proto::{ErrorReason, key::ServiceKey};

use crate::peer::Peer;

pub(crate) const MASTER_KEY: &str = "a master key of thirty-two letters";

/// The header of a request without a credential.
pub(crate) const STRANGER: (&str, &str) = ("authorization", "");

/// An edge over a peer.
pub(crate) struct World {
    pub(crate) peer: Peer,
    pub(crate) router: Router,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    pub(crate) fn with(change: impl FnOnce(&mut Config)) -> Self {
        let peer = Peer::default();
        let mut config = config();
        change(&mut config);
        Self { router: warung_edge::router(config, peer.channel()), peer }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Reply {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        Reply { status: head.status, headers: head.headers, body: body.collect().await.unwrap().to_bytes() }
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.send(request(Method::GET, path, &[], "")).await
    }

    /// Sends JSON.
    pub(crate) async fn json(&self, method: Method, path: &str, body: &str) -> Reply {
        self.send(request(method, path, &[("content-type", "application/json")], body.to_owned())).await
    }
}

/// Listens for a world until the test ends.
pub(crate) async fn serve(world: &World) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(warung_edge::serve(listener, world.router.clone(), CancellationToken::new()));
    address
}

pub(crate) fn config() -> Config {
    let mut config = Config::new(ServiceKey::new(MASTER_KEY));
    // Tests of the rate set it themselves.
    config.limits.client_rate = 0;
    config
}

/// A request that shows a session, unless the headers say something else of who asks: `STRANGER` shows none.
pub(crate) fn request(method: Method, path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Request<Body> {
    let native = headers.iter().any(|(_, value)| matches!(*value, "application/grpc" | "application/grpc+proto"));
    let version = if native { Version::HTTP_2 } else { Version::HTTP_11 };
    let mut request = Request::builder().method(method).uri(path).version(version);
    if headers.iter().all(|(name, _)| *name != STRANGER.0) {
        request = request.header("authorization", "Bearer AAAA");
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(body.into()).unwrap()
}

/// The request as if it came by a connection from there.
pub(crate) fn from(mut request: Request<Body>, peer: &str) -> Request<Body> {
    let peer: SocketAddr = peer.parse().unwrap();
    request.extensions_mut().insert(ConnectInfo(peer));
    request
}

/// An answer, read whole.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// Checks status and reason of an error in the common shape, and answers its message.
    #[track_caller]
    pub(crate) fn expect_error(&self, status: u16, reason: &str) -> String {
        assert_eq!(self.status.as_u16(), status, "{self:?}");
        let json = self.json();
        assert_eq!(json["reason"], reason, "{json}");
        assert!(json["code"].is_u64() && json["details"].is_array(), "{json}");
        json["message"].as_str().unwrap().to_owned()
    }

    /// The fields that a bad request names.
    pub(crate) fn violations(&self) -> HashMap<String, String> {
        let json = self.json();
        let details = json["details"].as_array().unwrap();
        let bad = details.iter().find(|detail| detail["@type"] == "type.googleapis.com/google.rpc.BadRequest");
        let fields = bad.unwrap_or_else(|| panic!("no BadRequest in {json}"))["fieldViolations"].as_array().unwrap();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        fields.iter().map(|field| (text(&field["field"]), text(&field["description"]))).collect()
    }
}

/// A status as the core makes it.
pub(crate) fn status(code: Code, reason: ErrorReason, mut details: ErrorDetails) -> Status {
    details.set_error_info(reason.as_reason(), "warung", HashMap::new());
    Status::with_error_details(code, "words for developers", details)
}
