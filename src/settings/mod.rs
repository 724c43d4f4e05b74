//! The settings of a process: from the environment, or from a `.env` file beside it.
//!
//! The environment wins over the file. Every fault is named at once, and no value of a secret is ever shown.

mod file;
mod names;
mod read;

use std::{net::SocketAddr, path::PathBuf};

use chrono_tz::Tz;
use secrecy::SecretString;
use url::Url;
use warung_core::{Secret, gateway::pakasir::PakasirConfig};

pub use names::{NAMES, Name};
pub use read::{Fault, Faults, Source};

/// Which parts of Warung a process runs, and so which settings it needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// All in one process.
    Serve,
    /// The core alone.
    Core,
    /// The edge alone.
    Edge,
    /// The bot adapter alone.
    Bot,
    /// A command that opens the database or calls a running core.
    Operate,
}

impl Role {
    /// It opens the database.
    #[must_use]
    pub fn has_core(self) -> bool {
        matches!(self, Self::Serve | Self::Core | Self::Operate)
    }

    /// It talks to Telegram.
    #[must_use]
    pub fn has_bot(self) -> bool {
        matches!(self, Self::Serve | Self::Bot)
    }
}

/// How the bot's updates come in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BotMode {
    /// The bot asks for them.
    #[default]
    Polling,
    /// Telegram calls the edge's address.
    Webhook,
}

/// How a line of the log looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// `[timestamp] [level] message`.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// The settings of a process, checked.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `BOT_STORE_NAME`.
    pub store_name: String,
    /// `BOT_TIMEZONE`.
    pub time_zone: Tz,
    /// `LOG_LEVEL`.
    pub log_level: tracing::Level,
    /// `WARUNG_LOG_FORMAT`.
    pub log_format: LogFormat,
    /// `BOT_TOKEN`; `None` where the role needs none.
    pub bot_token: Option<SecretString>,
    /// `BOT_USERNAME`.
    pub bot_username: String,
    /// `WARUNG_BOT_MODE`.
    pub bot_mode: BotMode,
    /// `OWNER_BOT_TOKEN`.
    pub owner_bot_token: Option<SecretString>,
    /// `TELEGRAM_ADMIN_IDS`.
    pub admin_ids: Vec<i64>,
    /// `TELEGRAM_OWNER_IDS`.
    pub owner_ids: Vec<i64>,
    /// `TELEGRAM_API_URL`.
    pub telegram_api_url: Url,
    /// `WARUNG_SECRET_KEY`; `None` where the role needs none.
    pub secret_key: Option<Secret>,
    /// `WARUNG_SERVICE_KEY`.
    pub service_key: Option<SecretString>,
    /// `WARUNG_HTTP_ADDR`.
    pub http_addr: SocketAddr,
    /// `WARUNG_GRPC_ADDR`: a host and port, since an edge or a bot of its own process finds the core by it.
    pub grpc_addr: String,
    /// `WARUNG_METRICS_ADDR`: where a core or a bot of its own process serves its metrics; `None`: nowhere.
    pub metrics_addr: Option<SocketAddr>,
    /// `WARUNG_PUBLIC_URL`, without a slash at the end.
    pub public_url: Option<Url>,
    /// `WARUNG_WEBAPP_URL`, or the public address with `/app/`.
    pub webapp_url: Option<Url>,
    /// `WARUNG_TRUSTED_PROXIES`.
    pub trusted_proxies: usize,
    /// `WARUNG_DATA_DIR`.
    pub data_dir: PathBuf,
    /// `DATABASE_URL`, or what the parts make, or SQLite in the data folder.
    pub database_url: SecretString,
    /// `PAKASIR_PROJECT_SLUG` and what belongs to it; `None`: orders are paid from the balance alone.
    pub pakasir: Option<PakasirConfig>,
    /// `PAKASIR_PUBLIC_DOMAIN`: where Pakasir posts its webhooks to, when that is not the public address.
    pub pakasir_public_domain: Option<Url>,
    /// `WARUNG_MEDIA_URL`: `s3://bucket`, with who may use it; `None`: a folder of the data folder.
    pub media: Option<warung_core::S3Config>,
}

impl Settings {
    /// The settings of this process.
    ///
    /// # Errors
    ///
    /// Every fault of theirs, each with what to do.
    pub fn load(role: Role) -> Result<Self, Faults> {
        read::read(role, Source::of_process()?)
    }

    /// Settings from names and values: of tests, and of the demo.
    ///
    /// # Errors
    ///
    /// Every fault of theirs.
    pub fn from_values(role: Role, values: impl IntoIterator<Item = (String, String)>) -> Result<Self, Faults> {
        read::read(role, Source::of_values(values))
    }

    /// Where Pakasir is told to post its webhooks; `None`: no address is known.
    #[must_use]
    pub fn pakasir_webhook_url(&self) -> Option<Url> {
        let base = self.pakasir_public_domain.as_ref().or(self.public_url.as_ref())?;
        base.join("/webhooks/pakasir").ok()
    }

    /// The origin of the Mini App, when it is hosted elsewhere than at the edge.
    #[must_use]
    pub fn webapp_origin(&self) -> Option<String> {
        let webapp = self.webapp_url.as_ref()?.origin();
        let public = self.public_url.as_ref().map(Url::origin);
        (Some(&webapp) != public.as_ref()).then(|| webapp.ascii_serialization())
    }
}
