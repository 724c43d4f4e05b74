//! What a use case knows of its call and of the store it serves.

use std::{
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, SubsecRound as _, TimeDelta, Utc};
use chrono_tz::Tz;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use warung_domain::{
    principal::{Person, Principal},
    secret::{Purpose, Secret},
    settings::Settings,
};

pub(crate) use crate::gateway::Gateways;
use crate::{
    error::{Error, Result, Unproven},
    identity::Standings,
};

/// Where the time comes from.
pub trait Clock: Send + Sync + 'static {
    /// Now.
    fn now(&self) -> DateTime<Utc>;

    /// Told that the database's server has this time, as far as that can be known when asking took `took`. Processes that
    /// share a database have to agree on when a lease ends, so a clock of a machine goes by it. Answers how far the machine
    /// is behind it.
    fn follow(&self, _database_time: DateTime<Utc>, _took: Duration) -> TimeDelta {
        TimeDelta::zero()
    }
}

/// Where ids and randomness come from.
pub trait Ids: Send + Sync + 'static {
    /// A new id; of two made by one process, the later is the greater.
    fn next(&self) -> Uuid;
    /// A number up to `bound`, evenly, for spreading retries.
    fn jitter(&self, bound: u16) -> u16;
    /// Bytes that nobody can guess.
    fn random(&self) -> [u8; 32];
}

/// The machine's clock, put right by the database's.
#[derive(Debug, Default)]
pub struct SystemClock {
    /// How far the machine's clock is off, as a test has it.
    machine: TimeDelta,
    /// How far it is behind the database's, in microseconds.
    behind: AtomicI64,
    was_asked: AtomicBool,
}

/// An answer that took longer tells too little of the time, once there was one.
const ASKING_MAX: Duration = Duration::from_secs(1);

impl SystemClock {
    /// The clock of a machine that is so far ahead, for tests.
    #[must_use]
    pub fn ahead(machine: TimeDelta) -> Self {
        Self { machine, ..Self::default() }
    }

    fn machine(&self) -> DateTime<Utc> {
        #[expect(clippy::disallowed_methods, reason = "this is the clock")]
        let now = Utc::now();
        now + self.machine
    }
}

impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        self.machine() + TimeDelta::microseconds(self.behind.load(Ordering::Relaxed))
    }

    fn follow(&self, database_time: DateTime<Utc>, took: Duration) -> TimeDelta {
        // The answer was made somewhere between the question and its arrival.
        let half = TimeDelta::from_std(took / 2).unwrap_or_default();
        let behind = (database_time + half) - self.machine();
        let known = TimeDelta::microseconds(self.behind.load(Ordering::Relaxed));
        let is_first = !self.was_asked.swap(true, Ordering::Relaxed);
        // Within what the asking itself makes unsure, what is known stays: time that jumps about helps nobody.
        if is_first || (took <= ASKING_MAX && (behind - known).abs() > half + TimeDelta::milliseconds(1)) {
            self.behind.store(behind.num_microseconds().unwrap_or_default(), Ordering::Relaxed);
        }
        behind
    }
}

/// `UUIDv7` and the operating system's randomness.
#[derive(Clone, Copy, Debug, Default)]
pub struct RandomIds;

impl Ids for RandomIds {
    fn next(&self) -> Uuid {
        #[expect(clippy::disallowed_methods, reason = "this is where ids are made")]
        Uuid::now_v7()
    }

    fn jitter(&self, bound: u16) -> u16 {
        use rand::RngExt as _;
        #[expect(clippy::disallowed_methods, reason = "this is the randomness")]
        rand::rng().random_range(0..=bound)
    }

    fn random(&self) -> [u8; 32] {
        use rand::RngExt as _;
        #[expect(clippy::disallowed_methods, reason = "this is the randomness")]
        rand::rng().random()
    }
}

/// What is known of the store when its process starts, and stays so.
#[derive(Clone, Debug)]
pub struct Environment {
    /// The store's name, which its metrics carry, too.
    pub store_name: Arc<str>,
    /// The store's time zone.
    pub time_zone: Tz,
    /// The key of everything that is signed or encrypted.
    pub secret: Secret,
    /// The main bot.
    pub main_bot: MainBot,
    /// There is an owner's bot.
    pub has_owner_bot: bool,
    /// Where the edge is reached from outside, without a slash at the end; `None` when it is not.
    pub public_url: Option<String>,
    /// Telegram ids of the first sellers: who has no row gets one at a start, and then the row counts.
    pub admin_ids: Vec<i64>,
    /// Telegram ids of the first owners, in the same way.
    pub owner_ids: Vec<i64>,
}

/// The bot that buyers and sellers talk to.
#[derive(Clone)]
pub struct MainBot {
    /// Its token, with which Telegram signs the launches of the Mini App.
    pub token: String,
    /// Its username, without `@`.
    pub username: String,
    /// The keys with which Telegram signs launches for third parties.
    pub launch_key: [u8; 32],
}

impl fmt::Debug for MainBot {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("MainBot").field("username", &self.username).finish_non_exhaustive()
    }
}

impl MainBot {
    /// Its id at Telegram: the digits before the colon of its token; 0 when it has none.
    #[must_use]
    pub fn id(&self) -> i64 {
        self.token.split(':').next().and_then(|digits| digits.parse().ok()).unwrap_or_default()
    }

    /// A link that starts the bot with a payload.
    #[must_use]
    pub fn start_link(&self, payload: &str) -> String {
        format!("https://t.me/{}?start={payload}", self.username)
    }
}

/// A request that changes something: however often it comes, it is carried out once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// The id that it came with.
    pub id: Uuid,
    /// Of what was asked for, by which another request under the same id is known and refused. It holds nothing of how the
    /// store is configured, or of the version that runs: a request stays the same while they change.
    pub fingerprint: [u8; 32],
    /// The API declares it for those who run the store alone: what it changes has to be told.
    pub is_admins: bool,
}

impl Request {
    /// What a client asks for, and by which method. The fingerprint is keyed: what was asked for can't be found out by
    /// trying.
    #[must_use]
    pub fn asked(secret: &Secret, id: Uuid, method: &str, content: &[u8]) -> Self {
        let asked = [method.as_bytes(), b"\0", content].concat();
        Self { id, fingerprint: secret.derive_token(Purpose::Request, &asked), is_admins: false }
    }

    /// A request whose id was derived from where it came from (an update of Telegram, a step of a flow) or made for it: it
    /// is told by its id alone, whatever is made of its source.
    #[must_use]
    pub fn of_source(id: Uuid) -> Self {
        Self { id, fingerprint: [0; 32], is_admins: false }
    }
}

/// A call: who makes it, when, and with what at hand. Cheap to clone.
#[derive(Clone)]
pub struct Context {
    /// Who calls.
    pub principal: Principal,
    /// The request that it is, when it changes something.
    pub request: Option<Request>,
    /// When the call began, in whole microseconds, as both databases keep them.
    pub now: DateTime<Utc>,
    /// The id of the call in the logs of all processes.
    pub call_id: Arc<str>,
    /// The store's facts.
    pub environment: Arc<Environment>,
    /// The store's settings, as they were when the call began.
    pub settings: Arc<Settings>,
    /// The gateways that payments go through.
    pub gateways: Gateways,
    /// What people are to the store, as it was known when the call began.
    pub people: Arc<Standings>,
    pub(crate) ids: Arc<dyn Ids>,
    /// Once cancelled, nobody is kept waiting any longer: whoever waits for something to happen looks once more, and is
    /// answered with how it stands.
    pub hurry: Arc<CancellationToken>,
}

impl fmt::Debug for Context {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Context").field("principal", &self.principal).finish_non_exhaustive()
    }
}

impl Context {
    /// A new id.
    #[must_use]
    pub fn new_id(&self) -> Uuid {
        self.ids.next()
    }

    /// A number up to `bound`, for spreading retries.
    #[must_use]
    pub fn jitter(&self, bound: u16) -> u16 {
        self.ids.jitter(bound)
    }

    /// Bytes that nobody can guess.
    #[must_use]
    pub fn random(&self) -> [u8; 32] {
        self.ids.random()
    }

    /// The person whom the call is made for.
    pub fn person(&self) -> Result<Person> {
        self.principal.person.ok_or(Error::Unauthenticated(Unproven::Absent))
    }

    /// The same call where payments go through these gateways.
    #[must_use]
    pub fn with_gateways(self, gateways: Gateways) -> Self {
        Self { gateways, ..self }
    }

    /// The same call at a later time.
    #[must_use]
    pub(crate) fn at(&self, now: DateTime<Utc>) -> Self {
        Self { now, ..self.clone() }
    }

    /// The same call by somebody else.
    #[must_use]
    pub fn with_principal(mut self, principal: Principal) -> Self {
        self.principal = principal;
        self
    }

    /// The same call, which is answered with how things stand.
    #[must_use]
    pub fn in_a_hurry(mut self) -> Self {
        self.hurry = Arc::default();
        self.hurry.cancel();
        self
    }

    /// The same call, and a list of the ids that are made in it from now on: what has one of them was made by this very
    /// call, and not by an earlier one with the same request id.
    pub(crate) fn noting_ids(&self) -> (Self, Arc<NotedIds>) {
        let noted = Arc::new(NotedIds { ids: Arc::clone(&self.ids), made: Mutex::default() });
        (Self { ids: Arc::<NotedIds>::clone(&noted), ..self.clone() }, noted)
    }

    /// The same call as this request.
    #[must_use]
    pub fn with_request(mut self, request: Request) -> Self {
        self.request = Some(request);
        self
    }

    /// The same call under this request id, which tells the request alone.
    #[must_use]
    pub fn with_request_id(self, request_id: Uuid) -> Self {
        self.with_request(Request::of_source(request_id))
    }
}

/// Ids from another source, each of them noted.
pub(crate) struct NotedIds {
    ids: Arc<dyn Ids>,
    made: Mutex<Vec<Uuid>>,
}

impl NotedIds {
    /// Whether an id was made here.
    pub(crate) fn made(&self, id: Uuid) -> bool {
        self.made.lock().unwrap_or_else(PoisonError::into_inner).contains(&id)
    }
}

impl Ids for NotedIds {
    fn next(&self) -> Uuid {
        let id = self.ids.next();
        self.made.lock().unwrap_or_else(PoisonError::into_inner).push(id);
        id
    }

    fn jitter(&self, bound: u16) -> u16 {
        self.ids.jitter(bound)
    }

    fn random(&self) -> [u8; 32] {
        self.ids.random()
    }
}

/// A time as both databases keep it.
pub(crate) fn whole_microseconds(time: DateTime<Utc>) -> DateTime<Utc> {
    time.trunc_subsecs(6)
}
