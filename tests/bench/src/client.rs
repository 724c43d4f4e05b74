//! Calls, by each of the three ways.

use std::{net::SocketAddr, time::Duration};

use bytes::{BufMut as _, Bytes, BytesMut};
use http_body_util::Full;
use hyper::{Method, Request, Response};
use prost::Message;
use serde::{Deserialize, de::IgnoredAny};
use tonic::transport::{Channel, Endpoint};
use warung_proto::{
    identity::{CreateSessionRequest, CreateSessionResponse, identity_service_client::IdentityServiceClient},
    library::{
        ListTitlesRequest, ListTitlesResponse, RequestTitleRequest, RequestTitleResponse,
        library_service_client::LibraryServiceClient, title_request::State,
    },
    operations::{GetStoreRequest, GetStoreResponse, operations_service_client::OperationsServiceClient},
    order::{
        GetOrderRequest, OrderItem, OrderState, PlaceOrderRequest, PlaceOrderResponse,
        order_service_client::OrderServiceClient,
    },
};

use crate::{
    fixture::{Call, Fixture, User},
    http::Connection,
    peer::{self, Other},
    plan::{PAGE, Wire, Workload},
    server::Server,
    shop::{Prepaid, Shop},
};

/// How many connections gRPC spreads over where its calls share them.
pub(crate) const GRPC_CONNECTIONS: usize = 8;

/// Makes calls by one connection, or its share of one.
#[derive(Debug)]
pub(crate) enum Client {
    Grpc(Channel),
    GrpcWeb(Connection),
    Json(Connection),
    /// Of another server.
    Peer(Connection, Other),
}

/// Clients for as many calls in flight. Those that share a connection share what the system does for it, too.
pub(crate) async fn clients(server: &Server, wire: Wire, count: usize) -> Result<Vec<Client>, tonic::transport::Error> {
    let http = |make: fn(Connection) -> Client| (0..count).map(|_| make(Connection::new(server.http))).collect();
    let connections = match wire {
        Wire::GrpcWeb => return Ok(http(Client::GrpcWeb)),
        Wire::Json => return Ok(http(Client::Json)),
        Wire::Grpc => count.min(GRPC_CONNECTIONS),
        Wire::GrpcApart => count,
    };
    let mut channels = Vec::new();
    for _ in 0..connections {
        channels.push(channel(server.grpc).await?);
    }
    Ok(channels.iter().cycle().take(count).cloned().map(Client::Grpc).collect())
}

/// A gRPC connection that stands.
pub(crate) async fn channel(address: SocketAddr) -> Result<Channel, tonic::transport::Error> {
    Endpoint::from_shared(format!("http://{address}"))?
        .tcp_nodelay(true)
        .timeout(Duration::from_secs(10))
        .connect()
        .await
}

impl Client {
    /// Makes one call, and checks that the answer is what was asked for. The error is in words, the same for the same fault.
    pub(crate) async fn call(&mut self, workload: Workload, fixture: &Fixture) -> Result<(), String> {
        let call = fixture.call().ok_or("there is nobody to call")?;
        match self {
            Self::Grpc(channel) => grpc(channel.clone(), workload, fixture, &call).await,
            Self::GrpcWeb(connection) => grpc_web(connection, workload, fixture, &call).await,
            Self::Json(connection) => json(connection, workload, fixture, &call).await,
            Self::Peer(connection, other) => peer::call(connection, workload, fixture, &call, *other).await,
        }
    }
}

fn list() -> ListTitlesRequest {
    ListTitlesRequest { page_size: PAGE, ..ListTitlesRequest::default() }
}

/// What is searched for, and whether there is any such title. They are called as `fill` makes them: `Kisah Senja 12`.
const SEARCHED: [(&str, bool); 5] =
    [("se", true), ("hujan", true), ("laut 1", true), ("kisah kota 99", true), ("senja hujan", false)];
const MISTYPED: [(&str, bool); 4] = [("snja", true), ("hujam 1", true), ("kisah buln", true), ("luat kota", false)];

fn search(workload: Workload, call: &Call<'_>) -> (ListTitlesRequest, bool) {
    let all: &[(&str, bool)] = if workload == Workload::Search { &SEARCHED } else { &MISTYPED };
    let place = usize::try_from(call.number).unwrap_or_default() % all.len();
    let (words, is_found) = all.get(place).copied().unwrap_or_default();
    (ListTitlesRequest { query: words.to_owned(), ..list() }, is_found)
}

fn film(call: &Call<'_>) -> RequestTitleRequest {
    RequestTitleRequest {
        request_id: call.request_id.clone(),
        title_id: call.title.to_owned(),
        ..RequestTitleRequest::default()
    }
}

pub(crate) fn check_listed(titles: usize) -> Result<(), String> {
    if i32::try_from(titles) == Ok(PAGE) { Ok(()) } else { Err(format!("{titles} titles listed")) }
}

fn check_sent(response: RequestTitleResponse) -> Result<(), String> {
    match response.title_request.unwrap_or_default().state() {
        State::Sent => Ok(()),
        state => Err(format!("answered {}", state.as_str_name())),
    }
}

fn check_placed(response: PlaceOrderResponse) -> Result<(), String> {
    let order = response.order.unwrap_or_default();
    match order.state() {
        OrderState::Pending if order.lines.len() == 1 => Ok(()),
        state => Err(format!("answered {}", state.as_str_name())),
    }
}

/// Posts what the gateway posts when a payment has arrived, until it is taken note of. What came of it, the goods tell.
pub(crate) async fn settle(connection: &mut Connection, order: &Prepaid<'_>) -> Result<(), String> {
    let body = order.webhook().into();
    let request = request(Method::POST, "/webhooks/pakasir", "application/json", order.user, false, body)?;
    let answer = connection.send(request).await?;
    if answer.status() == hyper::StatusCode::OK { Ok(()) } else { Err(refused(&answer)) }
}

fn check_session(token: &str) -> Result<(), String> {
    if token.is_empty() { Err("no session token".to_owned()) } else { Ok(()) }
}

fn words(status: &tonic::Status) -> String {
    format!("{:?}: {}", status.code(), status.message())
}

/// A gRPC request of a user.
pub(crate) fn of_user<T>(message: T, user: &User) -> tonic::Request<T> {
    let mut request = tonic::Request::new(message);
    request.metadata_mut().insert("authorization", user.authorization.clone());
    request
}

async fn grpc(channel: Channel, workload: Workload, fixture: &Fixture, call: &Call<'_>) -> Result<(), String> {
    let words = |status: tonic::Status| words(&status);
    match workload {
        Workload::Bare => {
            let request = of_user(GetStoreRequest {}, call.looking);
            OperationsServiceClient::new(channel).get_store(request).await.map_err(words).map(drop)
        }
        Workload::List => {
            let request = of_user(list(), call.looking);
            let answer = LibraryServiceClient::new(channel).list_titles(request).await.map_err(words)?;
            check_listed(answer.into_inner().titles.len())
        }
        Workload::Search | Workload::SearchMistyped => {
            let (request, is_found) = search(workload, call);
            let answer = LibraryServiceClient::new(channel).list_titles(of_user(request, call.looking)).await;
            let found = answer.map_err(words)?.into_inner().titles.len();
            if (found > 0) == is_found { Ok(()) } else { Err(format!("{found} titles found")) }
        }
        Workload::Session => {
            let request = CreateSessionRequest { init_data: fixture.launch(call.looking) };
            let answer = IdentityServiceClient::new(channel).create_session(request).await.map_err(words)?;
            check_session(&answer.into_inner().session_token)
        }
        Workload::Film => {
            let request = of_user(film(call), call.user);
            let answer = LibraryServiceClient::new(channel).request_title(request).await.map_err(words)?;
            check_sent(answer.into_inner())
        }
        Workload::Place | Workload::PlaceHot => {
            let items = vec![OrderItem { product_id: Shop::product(workload, call.number), quantity: 1 }];
            let request_id = call.request_id.clone();
            let request = of_user(PlaceOrderRequest { request_id, items, ..Default::default() }, call.user);
            let answer = OrderServiceClient::new(channel).place_order(request).await.map_err(words)?;
            check_placed(answer.into_inner())
        }
        Workload::Read => {
            let order = fixture.shop.to_read(&fixture.users, call.number).ok_or("there is no order")?;
            let request = of_user(GetOrderRequest { order_id: order.code.clone() }, order.user);
            let answer = OrderServiceClient::new(channel).get_order(request).await.map_err(words)?;
            let found = answer.into_inner().order.unwrap_or_default();
            let is_it = (found.code == order.code) && (found.lines.len(), found.payments.len()) == (1, 1);
            if is_it { Ok(()) } else { Err("another order".to_owned()) }
        }
        Workload::Settle | Workload::SettleHot => Err("is posted to the edge".to_owned()),
    }
}

/// An HTTP request of a user.
fn request(
    method: Method,
    path: &str,
    content_type: &'static str,
    user: &User,
    signed: bool,
    body: Bytes,
) -> Result<Request<Full<Bytes>>, String> {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", "bench")
        .header("content-type", content_type)
        .header("x-forwarded-for", &user.address);
    if signed {
        request = request.header("authorization", user.authorization.as_encoded_bytes());
    }
    request.body(Full::new(body)).map_err(|error| error.to_string())
}

/// The HTTP status and the beginning of the body, where an answer is not what was asked for.
pub(crate) fn refused(answer: &Response<Bytes>) -> String {
    let words: String = String::from_utf8_lossy(answer.body()).chars().take(120).collect();
    format!("{} {words}", answer.status())
}

async fn grpc_web(
    connection: &mut Connection,
    workload: Workload,
    fixture: &Fixture,
    call: &Call<'_>,
) -> Result<(), String> {
    match workload {
        Workload::Bare => {
            let path = "/warung.operations.v1.OperationsService/GetStore";
            grpc_web_call::<GetStoreResponse>(connection, path, &GetStoreRequest {}, call.looking, true).await.map(drop)
        }
        Workload::List => {
            let path = "/warung.library.v1.LibraryService/ListTitles";
            let answer: ListTitlesResponse = grpc_web_call(connection, path, &list(), call.looking, true).await?;
            check_listed(answer.titles.len())
        }
        Workload::Session => {
            let path = "/warung.identity.v1.IdentityService/CreateSession";
            let message = CreateSessionRequest { init_data: fixture.launch(call.looking) };
            let answer: CreateSessionResponse = grpc_web_call(connection, path, &message, call.looking, false).await?;
            check_session(&answer.session_token)
        }
        Workload::Film => {
            let path = "/warung.library.v1.LibraryService/RequestTitle";
            check_sent(grpc_web_call(connection, path, &film(call), call.user, true).await?)
        }
        _ => Err("is not called by gRPC-Web".to_owned()),
    }
}

async fn grpc_web_call<R: Message + Default>(
    connection: &mut Connection,
    path: &str,
    message: &impl Message,
    user: &User,
    signed: bool,
) -> Result<R, String> {
    let mut body = BytesMut::new();
    body.put_u8(0);
    body.put_u32(u32::try_from(message.encoded_len()).map_err(|error| error.to_string())?);
    message.encode(&mut body).map_err(|error| error.to_string())?;
    let request = request(Method::POST, path, "application/grpc-web+proto", user, signed, body.freeze())?;
    let answer = connection.send(request).await?;
    let status = tonic::Status::from_header_map(answer.headers());
    if let Some(status) = status.filter(|status| status.code() != tonic::Code::Ok) {
        return Err(words(&status));
    }
    let whole = |body: &[u8]| -> Option<Bytes> {
        let (head, rest) = body.split_first_chunk::<5>()?;
        let [0, length @ ..] = *head else { return None };
        let length = usize::try_from(u32::from_be_bytes(length)).ok()?;
        let (message, trailers) = rest.split_at_checked(length)?;
        let ok = trailers.starts_with(&[0x80]) && trailers.windows(13).any(|words| words == b"grpc-status:0");
        ok.then(|| answer.body().slice_ref(message))
    };
    let message = whole(answer.body()).ok_or_else(|| refused(&answer))?;
    R::decode(message).map_err(|error| error.to_string())
}

#[derive(Deserialize)]
struct Listed {
    titles: Vec<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SessionMade {
    session_token: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Requested {
    title_request: RequestedTitle,
}

#[derive(Deserialize)]
struct RequestedTitle {
    state: String,
}

async fn json(
    connection: &mut Connection,
    workload: Workload,
    fixture: &Fixture,
    call: &Call<'_>,
) -> Result<(), String> {
    const JSON: &str = "application/json";
    let get = |path: &str| request(Method::GET, path, JSON, call.looking, true, Bytes::new());
    let request = match workload {
        Workload::Settle | Workload::SettleHot => return Err("is more than one call".to_owned()),
        Workload::Place | Workload::PlaceHot | Workload::Read | Workload::Search | Workload::SearchMistyped => {
            return Err("is called by gRPC alone".to_owned());
        }
        Workload::Bare => get("/api/v1/store")?,
        Workload::List => get(&format!("/api/v1/titles?pageSize={PAGE}"))?,
        Workload::Session => {
            let body = serde_json::json!({ "initData": fixture.launch(call.looking) }).to_string();
            request(Method::POST, "/api/v1/sessions", JSON, call.looking, false, body.into())?
        }
        Workload::Film => {
            let body = serde_json::json!({ "requestId": call.request_id, "titleId": call.title }).to_string();
            request(Method::POST, "/api/v1/title-requests", JSON, call.user, true, body.into())?
        }
    };
    let answer = connection.send(request).await?;
    if answer.status() != hyper::StatusCode::OK {
        return Err(refused(&answer));
    }
    let body = answer.body();
    let unread = |_| refused(&answer);
    match workload {
        Workload::Bare => serde_json::from_slice::<IgnoredAny>(body).map_err(unread).map(drop),
        Workload::List => check_listed(serde_json::from_slice::<Listed>(body).map_err(unread)?.titles.len()),
        Workload::Session => check_session(&serde_json::from_slice::<SessionMade>(body).map_err(unread)?.session_token),
        Workload::Film => {
            let state = serde_json::from_slice::<Requested>(body).map_err(unread)?.title_request.state;
            if state == State::Sent.as_str_name() { Ok(()) } else { Err(format!("answered {state}")) }
        }
        _ => Ok(()),
    }
}
