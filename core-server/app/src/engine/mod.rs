//! The engine: it runs every use case, and does for all of them what none may repeat.
//!
//! A [`Command`] changes something, in one transaction; a [`Query`] reads. Both are values. The engine claims the
//! request id, runs the command, keeps its output, commits, runs it again when it met another one, and wakes whoever
//! waits. Nothing else begins a transaction.

mod activity;
mod batch;
mod budget;
mod config;
mod kept;
mod parts;
mod settings;
mod trail;
mod turns;
mod wait;

use std::{
    future::Future,
    sync::{Arc, Weak},
    time::{Duration, Instant},
};

use chrono::TimeDelta;
use serde::{Serialize, de::DeserializeOwned};
use tokio_util::sync::CancellationToken;
use warung_domain::{principal::Principal, settings::Settings};
use warung_store::{Claim, Read, ReadWork, RequestKey, Store, Tx, Watch, Work};

pub use self::activity::Call;
pub(crate) use self::batch::{Batched, Call as BatchedCall, Plan, alone};
pub use self::trail::{AdminCommand, Change, Told};
pub(crate) use self::turns::Turns;
pub(crate) use self::wait::{Found, wait_until};
use self::{activity::ActivityLog, budget::Budgets, parts::Parts};
pub use self::{
    budget::{Budget, Payer},
    config::EngineConfig,
};
use crate::{
    context::{Clock, Context, Environment, Gateways, Ids, whole_microseconds},
    error::{Error, Result},
};

/// So long at most something is taken to hold that was read and that another process may have changed since: settings,
/// API keys, users and what they are to the store.
pub const KNOWN_FOR: Duration = Duration::from_secs(1);

/// A use case that changes something.
pub trait Command: Send + Sync + 'static {
    /// What it answers: small, ids and states, never a secret, since it is kept for the request's replay. What else a caller
    /// is told is read anew.
    type Output: Serialize + DeserializeOwned + Send + 'static;
    /// The version of the form in which the output is kept. A replay may meet what an earlier version of the program kept, or
    /// a later one: a field that is added has a default, so that each reads the other's; any other change is a new version,
    /// and [`Command::output_of`] reads those before.
    const OUTPUT_VERSION: u16 = 1;
    /// Its name in request ids, the audit trail, metrics and logs, such as `library.request_title`.
    const NAME: &'static str;
    /// Whether a request id guards it, as it does what a client asks for: a command that does not think of it is refused
    /// without an id, instead of being carried out twice. Steps of a flow and jobs, which are more, say `false` and why: a
    /// repeat finds by what they are about that it was done, and writes nothing.
    const BY_REQUEST_ID: bool = true;
    /// Whether those who run the store are told of what it changes: an [`AdminCommand`] is such a one, and nothing else.
    const IS_ADMINS: bool = false;
    /// Whether the caller's row is locked before the request id is taken. So does a turn that carries many out at once; in
    /// another order each would wait for what the other holds, when a twin comes by another process.
    const LOCKS_CALLER: bool = false;

    /// The output that was kept in the form of an earlier version; `None`: this version does not know it.
    #[must_use]
    fn output_of(_version: u16, _kept: serde_json::Value) -> Option<Self::Output> {
        None
    }

    /// Carries it out. Everything awaited is the database; it may run again from the start.
    fn execute(&self, tx: &mut Tx, ctx: &Context) -> impl Future<Output = Result<Self::Output>> + Send;
}

/// A use case that reads.
pub trait Query: Send + Sync + 'static {
    /// What it answers.
    type Output: Send + 'static;

    /// Answers it. Everything awaited is the database.
    fn fetch(&self, read: &Read, ctx: &Context) -> impl Future<Output = Result<Self::Output>> + Send;
}

/// The engine of one store. Cheap to clone.
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

/// An engine that is not kept alive: for a task that may outlive its store.
#[derive(Clone)]
pub struct WeakEngine(Weak<Inner>);

impl WeakEngine {
    /// The engine, unless it has ended.
    #[must_use]
    pub fn upgrade(&self) -> Option<Engine> {
        self.0.upgrade().map(Engine)
    }
}

struct Inner {
    store: Store,
    environment: Arc<Environment>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    settings: tokio::sync::watch::Sender<Arc<Settings>>,
    refreshing: tokio::sync::Mutex<()>,
    activity: ActivityLog,
    budgets: Budgets,
    parts: Parts,
    media: warung_store::MediaStore,
    /// Shared as it is: each clone of a token takes a lock that all share.
    hurry: Arc<CancellationToken>,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("Engine").field(&self.0.store).finish()
    }
}

impl Engine {
    /// The engine of a store. Its settings, and what people are to it, are read once here.
    pub async fn new(config: EngineConfig) -> Result<Self> {
        let EngineConfig { store, environment, clock, ids, media } = config;
        let engine = Self(Arc::new(Inner {
            budgets: Budgets::new(store.is_sqlite()),
            activity: ActivityLog::default(),
            parts: Parts::default(),
            refreshing: tokio::sync::Mutex::default(),
            settings: tokio::sync::watch::Sender::new(Arc::new(Settings::default())),
            store,
            environment: Arc::new(environment),
            clock,
            ids,
            media,
            hurry: Arc::default(),
        }));
        engine.refresh().await?;
        Ok(engine)
    }

    /// The same engine, not kept alive.
    #[must_use]
    pub fn downgrade(&self) -> WeakEngine {
        WeakEngine(Arc::downgrade(&self.0))
    }

    /// The context of a call that begins now.
    #[must_use]
    pub fn context(&self, principal: Principal, call_id: &str) -> Context {
        Context {
            principal,
            request: None,
            now: whole_microseconds(self.0.clock.now()),
            call_id: call_id.into(),
            environment: Arc::clone(&self.0.environment),
            settings: Arc::clone(&self.0.settings.borrow()),
            gateways: Gateways::default(),
            people: self.people(),
            ids: Arc::clone(&self.0.ids),
            hurry: Arc::clone(&self.0.hurry),
        }
    }

    /// Keeps nobody waiting from now on: the process ends. Whoever waits is answered with how things stand.
    pub fn hurry(&self) {
        self.0.hurry.cancel();
    }

    /// Carries a command out, once for its request id, to its end even when the caller goes away.
    pub async fn run<C: Command>(&self, ctx: &Context, command: C) -> Result<C::Output> {
        match ctx.request.filter(|_| C::BY_REQUEST_ID) {
            None if C::BY_REQUEST_ID => {
                return Err(Error::invalid("request_id", "must be a UUID that the client makes"));
            }
            Some(request) if request.is_admins && !C::IS_ADMINS => {
                return Err(Error::Internal(format!("{} is an admin's and does not tell what it changes", C::NAME)));
            }
            _ => {}
        }
        let started = Instant::now();
        let unit = Unit { ctx: ctx.clone(), command };
        let outcome = self.0.store.transact(unit).await;
        self.took(C::NAME, started);
        outcome
    }

    /// Measures how long a command took.
    fn took(&self, command: &'static str, started: Instant) {
        let store = self.0.environment.store_name.clone();
        metrics::histogram!("command.duration_seconds", "store" => store, "command" => command)
            .record(started.elapsed());
    }

    /// Answers a query.
    pub async fn ask<Q: Query>(&self, ctx: &Context, query: Q) -> Result<Q::Output> {
        self.0.store.read(Question { ctx: ctx.clone(), query }).await
    }

    /// For whoever waits for something to change.
    #[must_use]
    pub fn watch(&self) -> &Watch {
        self.0.store.watch()
    }

    /// Whether other processes may change the same store.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        !self.0.store.is_sqlite()
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> chrono::DateTime<chrono::Utc> {
        whole_microseconds(self.0.clock.now())
    }

    /// The store's facts.
    #[must_use]
    pub fn environment(&self) -> &Environment {
        &self.0.environment
    }

    /// The pictures.
    #[must_use]
    pub fn media(&self) -> &warung_store::MediaStore {
        &self.0.media
    }

    /// What an area keeps beside the database: its part of this type.
    pub(crate) fn part<T: Clone + Default + Send + Sync + 'static>(&self) -> T {
        self.0.parts.get()
    }

    /// Reads again what other replicas may have changed, the settings and what people are to the store, and asks the
    /// database for the time, which all replicas go by. Answers how far this machine's clock is behind it.
    pub async fn refresh(&self) -> Result<TimeDelta> {
        self.refresh_settings().await?;
        self.refresh_standings().await?;
        let ctx = self.context(Principal::CORE, "clock");
        self.ask(&ctx, AskTime(Arc::clone(&self.0.clock))).await
    }
}

/// Asks the database for the time, and tells it to the clock.
struct AskTime(Arc<dyn Clock>);

impl Query for AskTime {
    /// How far the clock's machine is behind.
    type Output = TimeDelta;

    async fn fetch(&self, read: &Read, _ctx: &Context) -> Result<TimeDelta> {
        let asked = Instant::now();
        let time = read.database_time().await?;
        Ok(time.map_or_else(TimeDelta::zero, |time| self.0.follow(time, asked.elapsed())))
    }
}

/// A command and its call, as the store runs them.
struct Unit<C> {
    ctx: Context,
    command: C,
}

impl<C: Command> Work for Unit<C> {
    type Output = C::Output;
    type Error = Error;

    async fn run(&self, tx: &mut Tx) -> Result<C::Output> {
        let Some(request) = self.ctx.request.filter(|_| C::BY_REQUEST_ID) else {
            return self.command.execute(tx, &self.ctx).await;
        };
        if C::LOCKS_CALLER
            && tx.locks_rows()
            && let Ok(person) = self.ctx.person()
        {
            tx.lock_user(person.user_id.0).await?;
        }
        let principal = self.ctx.principal.to_string();
        let key = RequestKey { principal: &principal, command: C::NAME, request_id: request.id };
        match tx.claim_request(key, &request.fingerprint, self.ctx.now).await? {
            Claim::Done(kept) => return kept::read::<C>(&kept),
            Claim::Reused => return Err(Error::RequestIdReused),
            Claim::New => {}
        }
        let output = self.command.execute(tx, &self.ctx).await?;
        tx.finish_request(key, kept::keep::<C>(&output)?).await?;
        Ok(output)
    }

    fn finds_its_trace(&self) -> bool {
        // Without a request id the command is harmless to repeat.
        true
    }
}

struct Question<Q> {
    ctx: Context,
    query: Q,
}

impl<Q: Query> ReadWork for Question<Q> {
    type Output = Q::Output;
    type Error = Error;

    async fn run(&self, read: &Read) -> Result<Q::Output> {
        self.query.fetch(read, &self.ctx).await
    }
}
