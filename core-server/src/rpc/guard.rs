//! What every call goes through: who calls, may they, have they budget left, by when; and what became of it.

use std::{
    collections::HashMap,
    net::IpAddr,
    panic::AssertUnwindSafe,
    pin::Pin,
    sync::{Arc, OnceLock},
    task,
    time::Duration,
};

use futures_util::FutureExt as _;
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body_util::BodyExt as _;
use tokio::time::Instant;
use tokio_util::task::TaskTracker;
use tonic::{Code, Status, body::Body};
use tower::{Layer, Service};
use warung_app::{
    Budget, Call, Context, Engine, Error, Payer, Result,
    identity::{Grant, Presented},
    payment::limits::FLOW_MAX,
};
use warung_domain::{
    api_key,
    principal::{Person, Principal, Service as CallingService},
    standing::Standing,
};
use warung_proto::{
    ErrorReason,
    access::{Access, Rate, Role, Room},
    deadline, descriptor, error,
    key::{self, ServiceKey},
    metadata,
};

use super::{
    convert,
    refusals::Refusals,
    request::Changes,
    rooms::{Place, Rooms},
    status,
};
use crate::{disk::Disks, listen::Visitor};

/// The longest that a call may take when its caller names no time. Long polls wait up to 25 seconds.
const DEADLINE: Duration = Duration::from_secs(30);
// A flow of payments ends before its call does. What else waits for what: `warung_app::payment::limits`.
const _: () = assert!(DEADLINE.as_secs() > FLOW_MAX.as_secs());
/// How much earlier than asked a call ends. tonic has a clock of its own for the same header, which says `CANCELLED`. A busy
/// machine may find both of them over at once, and after it has looked at ours: so ours is earlier by more than it is ever
/// late, and a call with less time than that is not begun.
const EARLIER: Duration = Duration::from_millis(5);

/// The RPCs of the API by their path, and what they declare.
#[derive(Clone, Debug)]
pub(crate) struct Methods(Arc<HashMap<String, Method>>);

#[derive(Clone, Debug)]
struct Method {
    /// Without the slash before it.
    name: Arc<str>,
    access: Access,
    budget: Option<Budget>,
    room: Room,
    /// Its requests, when they carry a request id.
    changes: Option<Changes>,
    /// How long calls took that went well: nearly all.
    duration: Arc<OnceLock<metrics::Histogram>>,
}

impl Method {
    /// How long calls took that ended so.
    fn duration(&self, store: &Arc<str>, code: Code) -> metrics::Histogram {
        let new = || {
            let (store, name, code) = (Arc::clone(store), Arc::clone(&self.name), format!("{code:?}"));
            metrics::histogram!(
                "rpc.server.call.duration", "store" => store, "rpc_method" => name, "rpc_status_code" => code
            )
        };
        if code == Code::Ok { self.duration.get_or_init(new).clone() } else { new() }
    }
}

/// An RPC that declares nobody who may call it.
#[derive(Debug, thiserror::Error)]
#[error("{0} does not declare who may call it")]
pub struct Undeclared(String);

impl Methods {
    /// Reads the declarations. An RPC without one is refused, before anybody can call it.
    pub(crate) fn read() -> std::result::Result<Self, Undeclared> {
        let mut methods = HashMap::new();
        for method in descriptor::methods().filter(|method| method.full_name().starts_with("warung.")) {
            let path = descriptor::path(&method);
            let access = descriptor::access(&method).ok_or_else(|| Undeclared(path.clone()))?;
            let budget = match descriptor::rate(&method) {
                Rate::Read => Some(Budget::Read),
                Rate::Write => Some(Budget::Write),
                Rate::Film => Some(Budget::Film),
                Rate::None | Rate::Unspecified => None,
            };
            let name = path.trim_start_matches('/').into();
            let room = access.room();
            let changes = Changes::by(&method, &name, &access);
            methods.insert(path, Method { name, access, budget, room, changes, duration: Arc::default() });
        }
        Ok(Self(Arc::new(methods)))
    }
}

/// Puts the guard before the services.
#[derive(Clone)]
pub(crate) struct GuardLayer {
    pub(crate) engine: Engine,
    pub(crate) methods: Methods,
    pub(crate) service_key: ServiceKey,
    pub(crate) rooms: Arc<Rooms>,
    /// The calls in work.
    pub(crate) in_work: TaskTracker,
    pub(crate) refusals: Arc<Refusals>,
    pub(crate) disks: Arc<Disks>,
}

impl<S> Layer<S> for GuardLayer {
    type Service = Guard<S>;

    fn layer(&self, inner: S) -> Guard<S> {
        Guard { inner, layer: self.clone() }
    }
}

/// The guard before the services.
#[derive(Clone)]
pub(crate) struct Guard<S> {
    inner: S,
    layer: GuardLayer,
}

type Answer<E> = Pin<Box<dyn Future<Output = std::result::Result<Response<Body>, E>> + Send>>;

impl<S> Service<Request<Body>> for Guard<S>
where
    S: Service<Request<Body>, Response = Response<Body>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Send,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = Answer<S::Error>;

    fn poll_ready(&mut self, context: &mut task::Context<'_>) -> task::Poll<std::result::Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Answer<S::Error> {
        // Its connection is in use as long as the call is in work.
        let work = request.extensions().get::<Visitor>().map(|visitor| visitor.visit.begin());
        // The one that is ready is taken, and its clone left for the next call.
        let clone = self.inner.clone();
        let inner = std::mem::replace(&mut self.inner, clone);
        let Some(method) = self.layer.methods.0.get(request.uri().path()).cloned() else {
            // Health and reflection, which answer by themselves, and what there is not.
            let known = request.uri().path().starts_with("/grpc.");
            return if known {
                let mut inner = inner;
                Box::pin(async move {
                    let _work = work;
                    inner.call(request).await
                })
            } else {
                Box::pin(async move { Ok(status::unimplemented().into_http()) })
            };
        };
        let layer = self.layer.clone();
        // Before anything is awaited: the time began when the call came.
        let started = Instant::now();
        let token = layer.in_work.token();
        Box::pin(async move {
            let _work = work;
            let answer = layer.guard(inner, method, request, started).await;
            drop(token);
            answer
        })
    }
}

impl GuardLayer {
    async fn guard<S>(
        self,
        inner: S,
        method: Method,
        request: Request<Body>,
        started: Instant,
    ) -> std::result::Result<Response<Body>, S::Error>
    where
        S: Service<Request<Body>, Response = Response<Body>>,
    {
        let call_id = header(request.headers(), metadata::CALL_ID).unwrap_or_default();
        let mut ctx = self.engine.context(Principal::default(), call_id);
        if request.headers().contains_key(metadata::NO_WAIT) {
            ctx = ctx.in_a_hurry();
        }
        let time = deadline::asked(request.headers()).map_or(DEADLINE, in_time);
        if time.is_zero() {
            let answer = status::from_error(&Error::DeadlineExceeded).into_http();
            return Ok(self.note(&ctx, Principal::default(), &method, started, answer));
        }
        // Known as soon as it is proven: the trail names who was refused, too.
        let mut principal = Principal::default();
        let peer = request.extensions().get::<Visitor>().map(|visitor| visitor.address);
        let answer = tokio::time::timeout_at(started + time, async {
            match self.admit(&ctx, &method, request.headers(), peer, &mut principal).await {
                Ok(Admitted::Call(_place)) => {
                    let ctx = ctx.clone().with_principal(principal);
                    let call = match &method.changes {
                        Some(changes) => changes.identify(request, ctx).await,
                        None => Ok((request, ctx)),
                    };
                    match call {
                        Ok((request, ctx)) => tokio::select! {
                            biased;
                            answer = run(inner, request, ctx) => answer.map(Some),
                            error = lost(&self.engine, &method, principal) => {
                                Ok(Some(status::from_error(&error).into_http()))
                            }
                        },
                        Err(status) => Ok(Some(status.into_http())),
                    }
                }
                Ok(Admitted::Question) => Ok(None),
                Err(error) => Ok(Some(status::from_error(&error).into_http())),
            }
        });
        let answer = match answer.await {
            Ok(answer) => match answer? {
                Some(answer) => answer,
                None => return Ok(nothing()),
            },
            Err(_) => status::from_error(&Error::DeadlineExceeded).into_http(),
        };
        Ok(self.note(&ctx, principal, &method, started, answer))
    }

    /// Finds out who calls, and whether they may, and gives the call its place.
    async fn admit(
        &self,
        ctx: &Context,
        method: &Method,
        headers: &HeaderMap,
        peer: Option<IpAddr>,
        principal: &mut Principal,
    ) -> Result<Admitted> {
        let presented = self.presented(headers)?;
        let (caller, grant) = self.engine.authenticate(ctx, presented).await?;
        *principal = caller;
        authorise(&method.access, principal, grant.as_deref())?;
        if principal.service == Some(CallingService::Edge) && headers.contains_key(metadata::ASK_ONLY) {
            return Ok(Admitted::Question);
        }
        let own;
        let payer = match (principal.person.is_some() || principal.api_key.is_some(), principal.service) {
            (true, _) => Payer::Principal(principal),
            // The edge calls for nobody in particular: the client's address stands for them.
            (false, Some(CallingService::Edge) | None) => {
                let told = header(headers, metadata::CLIENT_ADDRESS).filter(|_| principal.service.is_some());
                own = peer.map(|address| address.to_string());
                Payer::Address(told.or(own.as_deref()).unwrap_or("unknown"))
            }
            // Our own processes are few, and bound themselves.
            (false, Some(_)) => return Ok(Admitted::Call(None)),
        };
        // Who is not kept waiting takes no place of those who are.
        let room = if method.room == Room::Wait && ctx.hurry.is_cancelled() { Room::Unspecified } else { method.room };
        let place = self.rooms.enter(room, payer)?;
        if let Some(budget) = method.budget {
            self.engine.spend(ctx, payer, budget).await?;
        }
        Ok(Admitted::Call(Some(place)))
    }

    fn presented(&self, headers: &HeaderMap) -> Result<Presented> {
        let service = match header(headers, metadata::SERVICE_KEY) {
            None => None,
            Some(key) => Some(match self.service_key.verify(key).ok_or(Error::Forbidden)? {
                key::Service::Bot => CallingService::Bot,
                key::Service::Edge => CallingService::Edge,
                key::Service::Operator => CallingService::Operator,
            }),
        };
        let acting_user = match header(headers, metadata::ACTING_USER) {
            None => None,
            Some(id) => Some(id.parse().map_err(|_| Error::invalid(metadata::ACTING_USER, "must be a Telegram id"))?),
        };
        let authorization = header(headers, "authorization").unwrap_or_default();
        let credential = |scheme: &str| {
            let (name, rest) = authorization.split_once(' ')?;
            name.eq_ignore_ascii_case(scheme).then(|| rest.trim().to_owned())
        };
        // Both are Bearer, and the prefix tells: a session token begins with its version, and so with an `A`.
        let (api_key, session) = match credential("bearer") {
            Some(token) if token.starts_with(api_key::PREFIX) => (Some(token), None),
            token => (None, token),
        };
        Ok(Presented { service, acting_user, api_key, session, init_data: credential("tma") })
    }

    /// Counts a call that has ended, and keeps it in the trail.
    fn note(
        &self,
        ctx: &Context,
        principal: Principal,
        method: &Method,
        started: Instant,
        answer: Response<Body>,
    ) -> Response<Body> {
        let failed = Status::from_header_map(answer.headers()).filter(|status| status.code() != Code::Ok);
        let replaced = failed.as_ref().and_then(status::with_reason);
        let failed = replaced.clone().or(failed);
        let elapsed = started.elapsed();
        let code = failed.as_ref().map_or(Code::Ok, Status::code);
        method.duration(&ctx.environment.store_name, code).record(elapsed);
        // The bot's own calls (claims, reports, leases) are counted alone: they are many, and nobody's doing.
        let is_adapters = principal.service == Some(CallingService::Bot) && principal.person.is_none();
        if !is_adapters || failed.is_some() {
            let outcome = failed.as_ref().map_or("OK", |status| error::reason(status).as_reason());
            if outcome == ErrorReason::StorageFull.as_reason() {
                self.disks.note_full(self.engine.context(Principal::CORE, "disk").now);
            }
            let is_nobodys = principal.person.is_none() && principal.api_key.is_none();
            if failed.is_some()
                && is_nobodys
                && !self.refusals.keep(ctx.now, &ctx.environment.store_name, &method.name, outcome)
            {
                return replaced.map_or(answer, Status::into_http);
            }
            tracing::debug!(rpc.method = %method.name, rpc.outcome = outcome, call.id = %ctx.call_id, "call");
            self.engine.note_call(Call {
                start_time: ctx.now,
                principal,
                method: Arc::clone(&method.name),
                outcome,
                duration_us: i64::try_from(elapsed.as_micros()).unwrap_or(i64::MAX),
                call_id: Arc::clone(&ctx.call_id),
            });
        }
        replaced.map_or(answer, Status::into_http)
    }
}

/// Ends when the caller of a call that waits may not make it any more, with how it is refused. Every other call that has
/// begun goes on to its end: nothing is left half done.
async fn lost(engine: &Engine, method: &Method, mut principal: Principal) -> Error {
    let Some(mut person) = principal.person.filter(|_| method.room == Room::Wait) else {
        return std::future::pending().await;
    };
    let mut changes = engine.standing_changes();
    loop {
        let standing = changes.now().of(person.telegram_id);
        if standing != person.standing {
            person = Person { standing, ..person };
            principal.person = Some(person);
            if let Err(error) = authorise(&method.access, &principal, None) {
                return error;
            }
        }
        changes.changed().await;
    }
}

/// How a caller was let in.
enum Admitted {
    /// With a call, and its place while it is in work.
    Call(Option<Place>),
    /// To learn that they may call, and no more.
    Question,
}

/// The answer without anything in it.
fn nothing() -> Response<Body> {
    let frame = http_body_util::Full::new(bytes::Bytes::from_static(&[0; 5]));
    let ok = http::HeaderMap::from_iter([(Status::GRPC_STATUS, HeaderValue::from_static("0"))]);
    let mut answer = Response::new(Body::new(frame.with_trailers(std::future::ready(Some(Ok(ok))))));
    answer.headers_mut().insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    answer
}

/// Runs a call until its end or its panic.
async fn run<S>(mut inner: S, mut request: Request<Body>, ctx: Context) -> std::result::Result<Response<Body>, S::Error>
where
    S: Service<Request<Body>, Response = Response<Body>>,
{
    request.extensions_mut().insert(ctx);
    // A command that has begun ends even when its time is over; its request id finds its outcome.
    let call = AssertUnwindSafe(inner.call(request)).catch_unwind();
    call.await.unwrap_or_else(|_| Ok(status::from_error(&Error::Internal("an RPC panicked".into())).into_http()))
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// How long a call may take of what its caller asks for.
fn in_time(asked: Duration) -> Duration {
    asked.min(DEADLINE).saturating_sub(EARLIER)
}

/// Whether a seller may call what declares these rights: they need one of them. Of a right that this release does not know
/// they have none.
fn works_here(access: &Access, standing: Standing) -> bool {
    standing.is_owner() || access.rights().filter_map(convert::right).any(|right| standing.may(right))
}

/// Refuses who may not call. Who they are is asked before what they want is looked at.
///
/// An API key has no role. It may call what declares one of its scopes, and nothing else: what is for anyone may be called
/// without it.
fn authorise(access: &Access, principal: &Principal, grant: Option<&Grant>) -> Result<()> {
    if let Some(grant) = grant {
        return if grant.allows(&access.scopes) { Ok(()) } else { Err(Error::Forbidden) };
    }
    let holds = |role: Role| match role {
        Role::Anyone => true,
        Role::Buyer => principal.person.is_some(),
        Role::Admin => principal.person.is_some_and(|person| works_here(access, person.standing)),
        Role::Owner => principal.person.is_some_and(|person| person.standing.is_owner()),
        Role::Bot => principal.service == Some(CallingService::Bot),
        Role::Edge => principal.service == Some(CallingService::Edge),
        Role::Operator => principal.service == Some(CallingService::Operator),
        Role::Unspecified => false,
    };
    let is_for_people = || access.roles().any(|role| matches!(role, Role::Buyer | Role::Admin | Role::Owner));
    if access.roles().any(holds) {
        // What is for anyone they could call without saying who they are.
        let is_blocked = principal.person.is_some_and(|person| person.standing == Standing::Blocked);
        let is_kept = access.while_blocked || access.roles().any(|role| role == Role::Anyone);
        if is_blocked && !is_kept { Err(Error::Blocked) } else { Ok(()) }
    } else if principal.person.is_none() && (principal.service.is_none() || is_for_people()) {
        // A service may forward a call of nobody: signing in would help.
        Err(Error::Unauthenticated(warung_app::Unproven::Absent))
    } else {
        Err(Error::Forbidden)
    }
}
