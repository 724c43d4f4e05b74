//! A store that sells: its processes, its Telegram and its Pakasir.

use std::{fmt::Write as _, sync::Arc, time::Duration};

use tempfile::NamedTempFile;
use tokio::net::TcpListener;
use warung_app::{
    context::{Environment, RandomIds, SystemClock},
    engine::{Engine, EngineConfig},
    ledger::{Audit, prove_since_checkpoint},
    testing,
};
use warung_domain::{principal::Principal, secret::Secret};
use warung_emulators::pakasir::{Pakasir, PakasirConfig, PakasirSim, Project};
use warung_store::{
    MediaConfig, MediaStore, Store, StoreConfig,
    testing::{Kind, TestDatabase},
};

use super::{
    buyer::Buyer,
    secrets::{self, Secrets},
};
use crate::{
    api::Api,
    operator::products,
    process::{Process, port},
    shop::{OWNER_TOKEN, SECRET_KEY, SERVICE_KEY, Shop, TOKEN, edges},
    time::{DEADLINE, eventually},
};

/// The product that is sold.
pub(super) const PRODUCT: &str = "akun-proses";
/// How many lines of it there are at first.
pub(super) const STOCK: u64 = 6;
/// A product whose goods are long, and how many lines they have.
pub(super) const BOOK: &str = "buku-panjang";
pub(super) const BOOK_LINES: usize = 120;
/// The store's project at the gateway.
const SLUG: &str = "warungproses";
/// Nobody may ever see these.
const API_KEY: &str = "kunci-gateway-proses-5f2c9a71";
const WEBHOOK_SECRET: &str = "rahasia-webhook-proses-40d17be3";

/// A store that sells.
pub(super) struct Till {
    pub(super) shop: Shop,
    pub(super) pakasir: PakasirSim,
    gateway: Pakasir,
    api: Api,
    /// None where one process has all its parts, on SQLite.
    database: Option<TestDatabase>,
    settings: Vec<(&'static str, String)>,
    /// The one with the core first.
    processes: Vec<Process>,
    /// Where each process shows its metrics: what has HTTP, there, and the core and the bot at addresses of their own.
    metrics: Vec<u16>,
}

/// Plays a scenario with core, edge and bot as processes on PostgreSQL, and with one process on SQLite, and looks at
/// what they leave.
pub(super) async fn on_both(scenario: impl AsyncFn(&mut Till)) {
    let play = async |kind| {
        let mut till = Till::open(kind).await;
        scenario(&mut till).await;
        till.close().await;
    };
    tokio::join!(Box::pin(play(Kind::Postgres)), Box::pin(play(Kind::Sqlite)));
}

impl Till {
    async fn open(kind: Kind) -> Self {
        let shop = Shop::new().await;
        let http = port();
        let metrics = if kind == Kind::Postgres { vec![http, port(), port()] } else { vec![http] };
        let public_url = format!("http://127.0.0.1:{http}");
        let webhook_url = Some(format!("{public_url}/webhooks/pakasir"));
        // A gateway signs nothing; one of the two stores has a proxy that does.
        let webhook_secret = (kind == Kind::Sqlite).then(|| WEBHOOK_SECRET.to_owned());
        let project = Project { webhook_url, webhook_secret, ..Project::new(SLUG, API_KEY, "Warung Proses") };
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let gateway = Pakasir::start(listener, PakasirConfig::new(project.clone()));
        let mut settings = vec![
            ("WARUNG_HTTP_ADDR", format!("127.0.0.1:{http}")),
            ("WARUNG_PUBLIC_URL", public_url),
            ("PAKASIR_PROJECT_SLUG", SLUG.to_owned()),
            ("PAKASIR_API_KEY", API_KEY.to_owned()),
            ("PAKASIR_BASE_URL", gateway.url()),
            // At the end it is looked for secrets in all that can be logged.
            ("LOG_LEVEL", "trace".to_owned()),
        ];
        settings.extend(project.webhook_secret.map(|secret| ("PAKASIR_WEBHOOK_SECRET", secret)));
        let database = match kind {
            Kind::Postgres => Some(TestDatabase::new(kind).await),
            Kind::Sqlite => None,
        };
        settings.extend(database.iter().map(|database| ("DATABASE_URL", database.config.url.clone())));
        let pakasir = gateway.sim();
        let api = edges(&[http]);
        let mut till = Self { shop, pakasir, gateway, api, database, settings, processes: Vec::new(), metrics };
        let roles: &[&str] = if kind == Kind::Postgres { &["core", "edge", "bot"] } else { &["serve"] };
        till.processes = roles.iter().map(|role| till.start(role)).collect();
        till.ready().await;
        till.shop.operator().fill_from(shelf().path()).await;
        till
    }

    fn start(&self, role: &str) -> Process {
        let mut more: Vec<(&str, &str)> = self.settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let own = match role {
            "core" => Some(self.metrics[1]),
            "bot" => Some(self.metrics[2]),
            _ => None,
        };
        let address = own.map(|port| format!("127.0.0.1:{port}"));
        more.extend(address.iter().map(|address| ("WARUNG_METRICS_ADDR", address.as_str())));
        self.shop.start(role, role, &more)
    }

    async fn ready(&self) {
        eventually("readiness", DEADLINE, async || self.api.is_ready().await.then_some(())).await;
    }

    /// Kills the process with the core.
    pub(super) fn kill_core(&mut self) {
        self.processes[0].kill();
    }

    /// Starts the process with the core again.
    pub(super) async fn start_core(&mut self) {
        self.processes[0] = self.start(if self.database.is_some() { "core" } else { "serve" });
        self.ready().await;
    }

    /// A person who has pressed Start.
    pub(super) fn buyer(&self, index: usize) -> Buyer {
        Buyer::new(&self.shop, index)
    }

    /// How many units can be bought now.
    pub(super) async fn stock(&self) -> u64 {
        let answer = self.api.get(&format!("/api/v1/products/{PRODUCT}"), "").await;
        answer.body["product"]["stock"]
            .as_str()
            .and_then(|stock| stock.parse().ok())
            .unwrap_or_else(|| panic!("{answer:?}"))
    }

    /// Waits until so many units can be bought.
    pub(super) async fn stock_is(&self, expected: u64) {
        eventually("the stock's change", DEADLINE, async || (self.stock().await == expected).then_some(())).await;
    }

    /// Looks at what was left: nobody's line is another's, the gateway was asked for each invoice once, the books hold,
    /// and no secret stands anywhere in the clear.
    async fn close(self) {
        assert_eq!(self.pakasir.created_twice(), Vec::<String>::new());
        let mut lines: Vec<String> = (0..4).flat_map(|index| self.buyer(index).lines()).collect();
        lines.sort_unstable();
        let delivered = lines.len();
        lines.dedup();
        assert_eq!(lines.len(), delivered, "a line was delivered twice");
        let secrets =
            Secrets(vec![secrets::LINES, API_KEY, WEBHOOK_SECRET, TOKEN, OWNER_TOKEN, SERVICE_KEY, SECRET_KEY]);
        for port in &self.metrics {
            let answer = reqwest::get(format!("http://127.0.0.1:{port}/metrics")).await.unwrap();
            let metrics = answer.text().await.unwrap();
            assert!(metrics.contains("# TYPE "), "{port}: {metrics}");
            secrets.are_not_in("metrics", metrics.as_bytes());
        }
        drop(self.processes);
        if let Some(database) = &self.database {
            secrets.are_not_in("the database", &database.dump());
        }
        secrets.are_not_below(&self.shop.folder(""));
        let url = |path: &str| format!("sqlite://{}", self.shop.folder(path).display());
        let config =
            self.database.as_ref().map_or_else(|| StoreConfig::new(url("serve/data/warung.db")), |d| d.config.clone());
        books_hold(&config).await;
        self.gateway.stop().await;
    }
}

/// The file of the products, and a product more whose goods do not fit into one message.
fn shelf() -> NamedTempFile {
    let mut text = std::fs::read_to_string(products()).unwrap();
    write!(text, "\n  - code: {BOOK}\n    name: Buku Panjang\n    kind: shared\n    price: 40000\n    content: |\n")
        .unwrap();
    for number in 1..=BOOK_LINES {
        writeln!(text, "      {}{number:03} | {}", secrets::LINES, "bab ".repeat(12)).unwrap();
    }
    let file = NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    file
}

/// The books hold, and hold again from the checkpoint that the first proof keeps: a process may have kept one, too.
async fn books_hold(config: &StoreConfig) {
    let media = tempfile::tempdir().unwrap();
    // On PostgreSQL a core that was killed is noticed by the server in a moment.
    let store = eventually("opening the database", DEADLINE, async || Store::open(config).await.ok()).await;
    let config = EngineConfig {
        store,
        environment: Environment { secret: Secret::new(SECRET_KEY).unwrap(), ..testing::environment() },
        clock: Arc::new(SystemClock::default()),
        ids: Arc::new(RandomIds),
        media: MediaStore::open(&MediaConfig::Folder(media.path().to_owned())).unwrap(),
    };
    let engine = Engine::new(config).await.unwrap();
    assert_eq!(prove_since_checkpoint(&engine, engine.now()).await.unwrap(), Vec::new());
    let context = engine.context(Principal::CORE, "test");
    assert_eq!(engine.ask(&context, Audit).await.unwrap(), Vec::new());
}

/// How long a payment may take to be found that no webhook tells of: the first look, and a machine that is busy.
pub(super) const POLLED: Duration = Duration::from_secs(80);
