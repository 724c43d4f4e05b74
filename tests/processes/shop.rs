//! A store whose parts are processes, with its Telegram in the test's own process.

use std::path::{Path, PathBuf};

use tempfile::TempDir;
use tokio::net::TcpListener;
use warung_emulators::telegram::{
    BotConfig, BotRole, FileSpec, MediaKind, Sim, Telegram, TelegramConfig, User, launch,
};
use warung_proto::key::ServiceKey;

use crate::{
    api::Api,
    operator::Operator,
    process::{Process, Values, port},
};

pub(crate) const BOT: i64 = 7_100_000_001;
pub(crate) const TOKEN: &str = "7100000001:AAprocesses-of-the-main-bot";
pub(crate) const OWNER_TOKEN: &str = "7100000002:AAprocesses-of-the-owners-bot";
pub(crate) const OWNER: i64 = 700_000_005;
/// The first of the people; the others follow.
const FIRST: i64 = 710_000_001;
pub(crate) const SECRET_KEY: &str = "secret-key-of-the-process-tests-9876543210";
pub(crate) const SERVICE_KEY: &str = "service-key-of-the-process-tests-0123456789";
const PEOPLE: i64 = 40;

/// What every process of a store is told, and where its files are.
pub(crate) struct Shop {
    pub(crate) telegram: Telegram,
    pub(crate) grpc: String,
    folder: TempDir,
}

impl Shop {
    /// A Telegram with people who have pressed Start, and nothing else yet.
    pub(crate) async fn new() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let main = BotConfig::new(TOKEN, "warung_proses_bot", "Warung Proses", BotRole::Main);
        let owner = BotConfig::new(OWNER_TOKEN, "warung_pemilik_bot", "Pemilik", BotRole::Owner);
        let people = (0..PEOPLE).map(|index| User::new(FIRST + index, &format!("Orang {index}")));
        let users = people.chain([User::new(OWNER, "Eko")]).collect();
        let config = TelegramConfig { bots: vec![main, owner], users, ..TelegramConfig::default() };
        let telegram = Telegram::start(listener, config);
        for video in ["peron-1", "peron-2", "layar-1", "arsip-1"] {
            telegram.sim().register_file(BOT, &format!("PROSES-VIDEO-{video}"), FileSpec::video("film.mp4", 600));
        }
        let folder = tempfile::Builder::new().prefix("warung-processes-").tempdir().unwrap();
        Self { telegram, grpc: format!("127.0.0.1:{}", port()), folder }
    }

    pub(crate) fn sim(&self) -> Sim {
        self.telegram.sim()
    }

    /// A folder that is gone with the store.
    pub(crate) fn folder(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What all its processes are told, and `more`, which wins.
    pub(crate) fn values(&self, data: &Path, more: &[(&str, &str)]) -> Values {
        let common = [
            ("BOT_STORE_NAME", "Warung Proses"),
            ("BOT_TOKEN", TOKEN),
            ("BOT_USERNAME", "warung_proses_bot"),
            ("OWNER_BOT_TOKEN", OWNER_TOKEN),
            ("TELEGRAM_ADMIN_IDS", "700000004"),
            ("TELEGRAM_OWNER_IDS", "700000005"),
            ("TELEGRAM_API_URL", &self.telegram.url()),
            ("WARUNG_SECRET_KEY", SECRET_KEY),
            ("WARUNG_SERVICE_KEY", SERVICE_KEY),
            ("WARUNG_GRPC_ADDR", &self.grpc),
            ("WARUNG_DATA_DIR", &data.display().to_string()),
        ];
        let mut values: Values = Vec::new();
        for (name, value) in common.iter().chain(more) {
            values.retain(|(known, _)| known != name);
            values.push(((*name).to_owned(), (*value).to_owned()));
        }
        values
    }

    /// Starts `warung {role}` under a name, which is also its data folder's.
    pub(crate) fn start(&self, name: &str, role: &str, more: &[(&str, &str)]) -> Process {
        let folder = self.folder(name);
        Process::start(name, role, &self.values(&folder.join("data"), more), &folder)
    }

    pub(crate) fn operator(&self) -> Operator {
        Operator::new(&self.grpc, ServiceKey::new(SERVICE_KEY))
    }

    /// The person of a number from 0.
    pub(crate) fn person(&self, index: usize) -> Person {
        let id = FIRST + i64::try_from(index).unwrap();
        assert!(id < FIRST + PEOPLE);
        Person { sim: self.sim(), id }
    }
}

/// Somebody with a Telegram account.
#[derive(Clone)]
pub(crate) struct Person {
    sim: Sim,
    pub(crate) id: i64,
}

impl Person {
    /// Opens the Mini App: the signed init data.
    pub(crate) fn init_data(&self) -> String {
        sign(TOKEN, self.id, now())
    }

    /// Lets the bot write.
    pub(crate) fn open_chat(&self) {
        self.sim.user(self.id).allow_write(BOT).unwrap();
    }

    /// How many films have come to the chat.
    pub(crate) fn films(&self) -> usize {
        let messages = self.sim.user(self.id).messages(BOT).unwrap();
        messages.iter().filter(|message| message.from_bot && message.has(MediaKind::Photo)).count()
    }
}

/// Init data as Telegram signs it for a user at a time.
pub(crate) fn sign(token: &str, user: i64, auth_date: i64) -> String {
    let user = format!(r#"{{"id":{user},"first_name":"Orang","language_code":"id"}}"#);
    launch::sign(token, None, &[("user", &user), ("auth_date", &auth_date.to_string())])
}

/// Now, in seconds since 1970: what the processes go by.
#[expect(clippy::disallowed_methods, reason = "the processes under test go by the machine's clock")]
pub(crate) fn now() -> i64 {
    chrono::Utc::now().timestamp()
}

/// The edges at these ports.
pub(crate) fn edges(ports: &[u16]) -> Api {
    Api::new(&ports.iter().map(|port| format!("http://127.0.0.1:{port}")).collect::<Vec<_>>())
}
