//! What tests stand on: a clock that is set by hand, ids in order, launches as Telegram signs them, and an engine over a
//! throw-away database.

#![expect(clippy::expect_used, clippy::missing_panics_doc, reason = "a test that can't prepare has failed")]

use std::{
    fmt::Write as _,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};

use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::Sha256;
use uuid::Uuid;
use warung_domain::{message::Bot, money::Money, payment::Method, principal::Principal, secret::Secret};
use warung_store::{MediaConfig, MediaStore, testing::TestDatabase};

use crate::{
    context::{Clock, Context, Environment, Ids, MainBot, RandomIds, Request},
    engine::{Engine, EngineConfig},
    gateway::{
        Charge, Gateway, GatewayError, GatewayStatus, Gateways, Invoice, UnknownMeans, WebhookClaim, WebhookError,
    },
};

/// When tests begin, in seconds since 1970: 2026-11-21 09:00 UTC.
const EPOCH: i64 = 1_795_251_600;
/// The token of the main bot of tests. It is nobody's.
pub const BOT_TOKEN: &str = "7000000001:TEST-AAbbCCddEEffGGhhIIjjKKllMMnnOOpp";
/// That bot's id.
pub const BOT_ID: i64 = 7_000_000_001;
/// A seller of [`environment`].
pub const ADMIN_ID: i64 = 1_001;
/// An owner of [`environment`].
pub const OWNER_ID: i64 = 1_002;

/// A clock that stands still until it is told. Its clones show the same time.
#[derive(Clone, Debug)]
pub struct TestClock(Arc<AtomicI64>);

impl Default for TestClock {
    fn default() -> Self {
        Self(Arc::new(AtomicI64::new(EPOCH * 1_000_000)))
    }
}

impl TestClock {
    /// Moves on, or back.
    pub fn advance(&self, by: TimeDelta) {
        self.0.fetch_add(by.num_microseconds().unwrap_or_default(), Ordering::SeqCst);
    }

    /// Moves on by seconds.
    pub fn advance_seconds(&self, seconds: i64) {
        self.advance(TimeDelta::seconds(seconds));
    }

    /// Moves on by milliseconds.
    pub fn advance_ms(&self, milliseconds: i64) {
        self.advance(TimeDelta::milliseconds(milliseconds));
    }
}

impl Clock for TestClock {
    fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(self.0.load(Ordering::SeqCst)).unwrap_or_default()
    }
}

/// Ids that count up, and waits that are never spread. Processes that share a database must share one.
#[derive(Clone, Debug, Default)]
pub struct OrderedIds(Arc<AtomicU64>);

impl OrderedIds {
    /// All that were made so far, in order.
    #[must_use]
    pub fn made(&self) -> Vec<Uuid> {
        (1..=self.0.load(Ordering::SeqCst)).map(numbered).collect()
    }
}

/// Ids of the times of a clock, as a running store has them.
#[derive(Clone, Debug, Default)]
pub struct TimedIds(TestClock, OrderedIds);

impl TimedIds {
    /// Ids of the times of this clock.
    #[must_use]
    pub fn of(clock: TestClock) -> Self {
        Self(clock, OrderedIds::default())
    }
}

impl Ids for TimedIds {
    fn next(&self) -> Uuid {
        let number = self.1.next().as_u128() & u128::from(u64::MAX);
        let millis = u128::try_from(self.0.now().timestamp_millis()).unwrap_or_default();
        Uuid::from_u128(millis << 80 | 0x7000_u128 << 64 | number)
    }

    fn jitter(&self, bound: u16) -> u16 {
        self.1.jitter(bound)
    }

    fn random(&self) -> [u8; 32] {
        self.1.random()
    }
}

/// A time and the version of a real id come first, so that it looks like those of a running store.
fn numbered(number: u64) -> Uuid {
    Uuid::from_u128((0x019a_a000_0000_u128 << 80) | (0x7000_u128 << 64) | (0b10_u128 << 62) | u128::from(number))
}

impl Ids for OrderedIds {
    fn next(&self) -> Uuid {
        numbered(self.0.fetch_add(1, Ordering::SeqCst).saturating_add(1))
    }

    fn jitter(&self, _bound: u16) -> u16 {
        0
    }

    fn random(&self) -> [u8; 32] {
        let [one, other] = [self.next(), self.next()];
        let mut bytes = [0; 32];
        bytes[..16].copy_from_slice(one.as_bytes());
        bytes[16..].copy_from_slice(other.as_bytes());
        bytes
    }
}

/// A store's facts, all of them given.
#[must_use]
pub fn environment() -> Environment {
    Environment {
        store_name: "Warung Uji".into(),
        time_zone: chrono_tz::Asia::Jakarta,
        secret: Secret::new("a secret of the tests, and of nothing else").expect("it is long enough"),
        main_bot: MainBot { token: BOT_TOKEN.to_owned(), username: "warung_uji_bot".to_owned(), launch_key: [0; 32] },
        has_owner_bot: true,
        public_url: Some("https://warung.example".to_owned()),
        admin_ids: vec![ADMIN_ID],
        owner_ids: vec![OWNER_ID],
    }
}

/// The init data of a launch by a user, as Telegram signs it for a bot.
#[must_use]
pub fn init_data(bot_token: &str, telegram_id: i64, auth_date: DateTime<Utc>) -> String {
    let user = format!(r#"{{"id":{telegram_id},"first_name":"Budi","language_code":"id"}}"#);
    let auth_date = auth_date.timestamp().to_string();
    sign_init_data(bot_token, &[("auth_date", &auth_date), ("query_id", "AAtest"), ("user", &user)])
}

/// Fields of init data with the hash that Telegram would put on them.
#[must_use]
pub fn sign_init_data(bot_token: &str, fields: &[(&str, &str)]) -> String {
    let mut fields = fields.to_vec();
    fields.sort_unstable();
    let lines: Vec<_> = fields.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let key = hmac_sha256(b"WebAppData", bot_token.as_bytes());
    let hash = hmac_sha256(&key, lines.join("\n").as_bytes());
    let mut raw = String::new();
    for (key, value) in fields {
        let _ = write!(raw, "{key}={}&", utf8_percent_encode(value, NON_ALPHANUMERIC));
    }
    hash.iter().fold(raw + "hash=", |mut raw, byte| {
        let _ = write!(raw, "{byte:02x}");
        raw
    })
}

fn hmac_sha256(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(message);
    mac.finalize().into_bytes().into()
}

/// An engine over a throw-away database.
#[derive(Debug)]
pub struct TestEngine {
    /// The engine.
    pub engine: Engine,
    /// Its clock.
    pub clock: TestClock,
    _media: tempfile::TempDir,
    database: TestDatabase,
}

/// An engine beside others over the same database, by a clock of its own.
#[derive(Debug)]
pub struct Replica {
    /// The engine.
    pub engine: Engine,
    _media: tempfile::TempDir,
}

impl Replica {
    /// Opens the database once more.
    pub async fn new(database: &TestDatabase, clock: impl Clock) -> Self {
        let media = tempfile::tempdir().expect("a folder can be made");
        let engine = Engine::new(EngineConfig {
            store: database.open().await,
            environment: environment(),
            clock: Arc::new(clock),
            ids: Arc::new(RandomIds),
            media: MediaStore::open(&MediaConfig::Folder(media.path().to_owned())).expect("the folder is ours"),
        });
        let engine = engine.await.expect("the settings can be read");
        engine.seed_standings().await.expect("standings can be written");
        Self { engine, _media: media }
    }
}

/// Whether a worker waits that films are handed to.
#[must_use]
pub fn has_idle_worker(engine: &Engine, bot: Bot) -> bool {
    engine.handovers().recipient(bot).is_some()
}

impl TestEngine {
    /// Opens the database.
    pub async fn new(database: TestDatabase) -> Self {
        Self::with_ids(database, TestClock::default(), OrderedIds::default()).await
    }

    /// Opens the database, with ids of another kind.
    pub async fn with_ids(database: TestDatabase, clock: TestClock, ids: impl Ids) -> Self {
        let media = tempfile::tempdir().expect("a folder can be made");
        let engine = Engine::new(EngineConfig {
            store: database.open().await,
            environment: environment(),
            clock: Arc::new(clock.clone()),
            ids: Arc::new(ids),
            media: MediaStore::open(&MediaConfig::Folder(media.path().to_owned())).expect("the folder is ours"),
        });
        let engine = engine.await.expect("the settings can be read");
        engine.seed_standings().await.expect("standings can be written");
        Self { engine, clock, _media: media, database }
    }

    /// Another process over the same database (PostgreSQL alone), by the same clock.
    pub async fn replica(&self) -> Replica {
        Replica::new(&self.database, self.clock.clone()).await
    }

    /// All that is stored, as bytes, for tests that look for what must not be there.
    #[must_use]
    pub fn dump(&self) -> Vec<u8> {
        self.database.dump()
    }

    /// A call by which this was asked for, under a request id.
    #[must_use]
    pub fn asked(&self, request_id: u128, content: &str) -> Context {
        let secret = &self.engine.environment().secret;
        let request = Request::asked(secret, Uuid::from_u128(request_id), "test", content.as_bytes());
        self.context(request_id).with_request(request)
    }

    /// A call of the core itself, under a request id.
    #[must_use]
    pub fn context(&self, request_id: u128) -> Context {
        self.engine.context(Principal::CORE, "test").with_request_id(Uuid::from_u128(request_id))
    }
}

/// Gateways as commands see them: one, `PAKASIR`, that offers QRIS from Rp500 on. Nobody can call it.
#[must_use]
pub fn gateways() -> Gateways {
    let gateway: Arc<dyn Gateway> = Arc::new(Named);
    std::iter::once(gateway).collect()
}

/// A gateway that is only named.
struct Named;

fn nobody<T>() -> Result<T, GatewayError> {
    Err(GatewayError::Unavailable("nobody calls it".to_owned()))
}

#[async_trait::async_trait]
impl Gateway for Named {
    fn name(&self) -> &'static str {
        "PAKASIR"
    }
    fn methods(&self) -> &[Method] {
        &[Method::Qris, Method::BniVa]
    }
    fn minimum(&self, _: Method) -> Money {
        Money::idr(500)
    }
    fn estimated_fee(&self, _: Method, _: Money) -> Money {
        Money::idr(0)
    }
    fn pay_url(&self, _: &Charge) -> Option<String> {
        None
    }
    async fn create(&self, _: &Charge) -> Result<Invoice, GatewayError> {
        nobody()
    }
    async fn status(&self, _: &str, _: Money) -> Result<GatewayStatus, GatewayError> {
        nobody()
    }
    fn unknown_means(&self) -> UnknownMeans {
        UnknownMeans::NeverExisted
    }
    async fn cancel(&self, _: &Charge) -> Result<(), GatewayError> {
        nobody()
    }
    fn can_refund(&self) -> bool {
        true
    }
    async fn refund(&self, _: &Charge, _: Money) -> Result<(), GatewayError> {
        nobody()
    }
    fn read_webhook(&self, _: &[u8], _: &str) -> Result<WebhookClaim, WebhookError> {
        Err(WebhookError::Refused("it posts nothing"))
    }
}
