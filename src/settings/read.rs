//! Reading settings: everything that is wrong, at once.

use std::{
    collections::BTreeMap,
    fmt,
    net::Ipv6Addr,
    path::{Path, PathBuf},
    str::FromStr,
    sync::LazyLock,
};

use chrono_tz::Tz;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::SecretString;
use url::{Host, Url};
use warung_core::{
    S3Config, Secret,
    gateway::pakasir::{self, PakasirConfig},
};

use super::{
    BotMode, LogFormat, Role, Settings,
    file::{self, Content},
    names::{NAMES, looks_like_ours, nearest},
};

#[expect(clippy::expect_used, reason = "a constant that a test reads as well")]
static DEFAULT_TELEGRAM_API_URL: LazyLock<Url> =
    LazyLock::new(|| Url::parse("https://api.telegram.org").expect("a constant address"));

#[expect(clippy::expect_used, reason = "a constant that a test reads as well")]
static DEFAULT_PAKASIR_URL: LazyLock<Url> =
    LazyLock::new(|| Url::parse("https://app.pakasir.com").expect("a constant address"));

/// What is wrong with a setting, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Which.
    pub name: String,
    /// What is wrong and what to do.
    pub message: String,
}

/// Everything that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Faults(pub Vec<Fault>);

impl std::error::Error for Faults {}

impl fmt::Display for Faults {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the settings have faults (README.md lists all settings):")?;
        for Fault { name, message } in &self.0 {
            write!(formatter, "\n  {name}: {message}")?;
        }
        Ok(())
    }
}

/// Names and values, before they are understood.
#[derive(Clone, Default)]
pub struct Source {
    values: BTreeMap<String, String>,
    unknown: Vec<String>,
    faults: Vec<Fault>,
    /// Settings that are given in a way that can't be read.
    unread: Vec<&'static str>,
}

impl Source {
    /// The environment of this process, over the file `.env` of its folder.
    pub(super) fn of_process() -> Result<Self, Faults> {
        let mut source = Self::default();
        if let Some(Content { values, faults, unread }) = file::of_folder()? {
            for (name, value) in values {
                // In a file of our own, every name is meant for us.
                source.add(name, value, true);
            }
            (source.faults, source.unread) = (faults, unread);
        }
        for (name, value) in std::env::vars_os() {
            if let (Some(name), Some(value)) = (name.to_str(), value.to_str()) {
                source.add(name.to_owned(), value.to_owned(), looks_like_ours(name));
            }
        }
        Ok(source)
    }

    pub(super) fn of_values(values: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut source = Self::default();
        for (name, value) in values {
            source.add(name, value, true);
        }
        source
    }

    /// Empty is the same as absent: .env files are copied from one that lists all names, and others pass on variables
    /// that they have not.
    fn add(&mut self, name: String, value: String, is_ours: bool) {
        if NAMES.iter().any(|known| known.name == name) {
            if !value.trim().is_empty() {
                self.values.insert(name, value);
            }
        } else if is_ours {
            self.unknown.push(name);
        }
    }
}

/// Reads with all faults kept.
struct Reader {
    values: BTreeMap<String, String>,
    faults: Vec<Fault>,
    unread: Vec<&'static str>,
}

impl Reader {
    fn new(source: Source) -> Self {
        let Source { mut values, unknown, mut faults, mut unread } = source;
        for name in unknown {
            let message = match nearest(&name) {
                Some(known) => format!("there is no such setting; is {known} meant?"),
                None => "there is no such setting; remove it".to_owned(),
            };
            faults.push(Fault { name, message });
        }
        for known in NAMES {
            if let Some(of) = known.alias_of.filter(|_| unread.contains(&known.name)) {
                unread.push(of);
            }
            let Some((of, value)) = known.alias_of.and_then(|of| Some((of, values.remove(known.name)?))) else {
                continue;
            };
            match values.get(of) {
                Some(other) if *other != value => faults.push(Fault {
                    name: known.name.into(),
                    message: format!("is another name of {of}, which has another value; give one of them"),
                }),
                _ => {
                    values.insert(of.to_owned(), value);
                }
            }
        }
        Self { values, faults, unread }
    }

    fn fault(&mut self, name: &str, message: impl Into<String>) {
        // That it can't be read has been said; that it is missing is not true.
        if self.unread.contains(&name) && !self.values.contains_key(name) {
            return;
        }
        self.faults.push(Fault { name: name.to_owned(), message: message.into() });
    }

    fn text(&self, name: &str) -> Option<String> {
        self.values.get(name).map(|value| value.trim().to_owned())
    }

    fn secret(&self, name: &str) -> Option<SecretString> {
        self.text(name).map(SecretString::from)
    }

    /// A value of a type that is read from text. The value itself is not shown: it may be a secret in the wrong place.
    fn parsed<T: FromStr>(&mut self, name: &str, wanted: &str) -> Option<T> {
        let text = self.text(name)?;
        let parsed = text.parse().ok();
        if parsed.is_none() {
            self.fault(name, format!("must be {wanted}"));
        }
        parsed
    }

    fn chosen<T: Copy>(&mut self, name: &str, choices: &[(&str, T)]) -> Option<T> {
        let text = self.text(name)?.to_ascii_lowercase();
        let found = choices.iter().find(|(choice, _)| *choice == text).map(|(_, value)| *value);
        if found.is_none() {
            let names: Vec<_> = choices.iter().map(|(choice, _)| *choice).collect();
            self.fault(name, format!("must be one of {}", names.join(", ")));
        }
        found
    }

    fn ids(&mut self, name: &str) -> Vec<i64> {
        let Some(text) = self.text(name) else { return Vec::new() };
        let ids: Option<Vec<i64>> = text.split(',').map(|id| id.trim().parse().ok().filter(|id| *id > 0)).collect();
        ids.unwrap_or_else(|| {
            self.fault(name, "must be Telegram ids (whole numbers) with commas between");
            Vec::new()
        })
    }

    fn url(&mut self, name: &str) -> Option<Url> {
        let url: Url = self.parsed(name, "an address such as https://warung.example")?;
        let is_web = matches!(url.scheme(), "http" | "https") && url.has_host();
        if !is_web || !url.username().is_empty() || url.password().is_some() {
            self.fault(name, "must be an http or https address without a password in it");
            return None;
        }
        Some(url)
    }

    /// An address that Telegram or a browser opens: https, or this machine for trying.
    fn public_url(&mut self, name: &str) -> Option<Url> {
        self.https_url(name, "must begin with https://, or Telegram does not open it")
    }

    /// An address of https, or of this machine for trying.
    fn https_url(&mut self, name: &str, otherwise: &str) -> Option<Url> {
        let url = self.url(name)?;
        let is_local = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        if url.scheme() != "https" && !is_local {
            self.fault(name, otherwise);
            return None;
        }
        Some(url)
    }

    fn token(&mut self, name: &str, needed: bool) -> Option<SecretString> {
        let Some(token) = self.text(name) else {
            if needed {
                self.fault(name, "is required: the token that BotFather gave");
            }
            return None;
        };
        let is_token = token.split_once(':').is_some_and(|(id, rest)| {
            id.parse::<i64>().is_ok_and(|id| id > 0)
                && !rest.is_empty()
                && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
        });
        if !is_token {
            self.fault(name, "must be a bot's token as BotFather gives it: digits, a colon, letters");
            return None;
        }
        Some(token.into())
    }

    fn secret_key(&mut self, needed: bool) -> Option<Secret> {
        const NAME: &str = "WARUNG_SECRET_KEY";
        match self.text(NAME) {
            None if needed => {
                self.fault(NAME, "is required: make it with `openssl rand -base64 32` and keep a copy");
                None
            }
            None => None,
            Some(key) => match Secret::new(&key) {
                Ok(secret) => Some(secret),
                Err(weak) => {
                    self.fault(NAME, weak.to_string());
                    None
                }
            },
        }
    }

    fn database_url(&mut self, data_dir: &Path) -> SecretString {
        let parts = ["DB_HOST", "DB_PORT", "DB_NAME", "DB_USER", "DB_PASS"];
        let given: Vec<_> = parts.into_iter().filter(|name| self.values.contains_key(*name)).collect();
        if let Some(url) = self.text("DATABASE_URL") {
            if let Some(first) = given.first() {
                self.fault(first, "conflicts with DATABASE_URL; give the address or its parts, not both");
            }
            if !["sqlite://", "postgres://", "postgresql://"].iter().any(|kind| url.starts_with(kind)) {
                self.fault("DATABASE_URL", "must begin with sqlite://, postgres:// or postgresql://");
            } else if url.split('/').nth(2).is_some_and(|authority| authority.ends_with(":6543")) {
                self.fault(
                    "DATABASE_URL",
                    "port 6543 is Supabase's transaction-mode pooler, which does not work; take the session pooler or \
                     the direct address, port 5432",
                );
            }
            return url.into();
        }
        if given.is_empty() {
            return format!("sqlite://{}", data_dir.join("warung.db").display()).into();
        }
        self.database_url_of_parts()
    }

    fn database_url_of_parts(&mut self) -> SecretString {
        for name in ["DB_HOST", "DB_NAME", "DB_USER"] {
            if !self.values.contains_key(name) {
                self.fault(name, "is required when the database is given in parts");
            }
        }
        let port: u16 = self.parsed("DB_PORT", "a port, 1 to 65535").unwrap_or(5432);
        if port == 6543 {
            self.fault("DB_PORT", "6543 is Supabase's transaction-mode pooler, which does not work; take 5432");
        }
        let Ok(mut url) = Url::parse("postgresql://localhost/") else { return SecretString::default() };
        let host = self.text("DB_HOST").unwrap_or_default();
        let host = if host.parse::<Ipv6Addr>().is_ok() { format!("[{host}]") } else { host };
        // Setting it would drop a port that stands behind it without a word.
        if !host.is_empty() && (Host::parse(&host).is_err() || url.set_host(Some(&host)).is_err()) {
            self.fault("DB_HOST", "must be a host's name or address alone; the port is DB_PORT");
        }
        // With a host, an address takes all of these, once what has a meaning in it is escaped.
        let escaped = |name| {
            let text = self.text(name)?;
            Some(utf8_percent_encode(&text, NON_ALPHANUMERIC).to_string())
        };
        let _ = url.set_port(Some(port));
        let _ = url.set_username(&escaped("DB_USER").unwrap_or_default());
        let _ = url.set_password(escaped("DB_PASS").as_deref());
        url.set_path(&escaped("DB_NAME").unwrap_or_default());
        String::from(url).into()
    }

    fn media(&mut self) -> Option<S3Config> {
        let url = self.text("WARUNG_MEDIA_URL")?;
        if !url.starts_with("s3://") {
            self.fault("WARUNG_MEDIA_URL", "must be s3://bucket or s3://bucket/prefix");
        }
        for name in ["WARUNG_MEDIA_ACCESS_KEY_ID", "WARUNG_MEDIA_SECRET_ACCESS_KEY"] {
            if !self.values.contains_key(name) {
                self.fault(name, "is required with WARUNG_MEDIA_URL");
            }
        }
        Some(S3Config {
            url,
            access_key_id: self.text("WARUNG_MEDIA_ACCESS_KEY_ID").unwrap_or_default(),
            secret_access_key: self.secret("WARUNG_MEDIA_SECRET_ACCESS_KEY").unwrap_or_default(),
            session_token: None,
            region: self.text("WARUNG_MEDIA_REGION").unwrap_or_else(|| "us-east-1".to_owned()),
            endpoint: self.text("WARUNG_MEDIA_ENDPOINT"),
        })
    }

    /// A project at Pakasir. Its address takes the project's key: https, or this machine for trying.
    fn pakasir(&mut self) -> Option<PakasirConfig> {
        let base_url =
            self.https_url("PAKASIR_BASE_URL", "must begin with https://, since the project's key goes there");
        if base_url.as_ref().is_some_and(|url| url.query().is_some() || url.fragment().is_some()) {
            self.fault("PAKASIR_BASE_URL", "must be an address without a query");
        }
        let sandbox = self.chosen("PAKASIR_SANDBOX", &[("true", true), ("false", false)]).unwrap_or_default();
        let slug = self.text("PAKASIR_PROJECT_SLUG");
        let is_plain = |slug: &String| {
            slug.len() <= 64
                && slug.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
        };
        if slug.as_ref().is_some_and(|slug| !is_plain(slug)) {
            self.fault("PAKASIR_PROJECT_SLUG", "must be the slug alone, as the project's page at Pakasir shows it");
        }
        let webhook_secret = self.secret("PAKASIR_WEBHOOK_SECRET");
        match (slug, self.secret("PAKASIR_API_KEY")) {
            (None, None) => {
                if webhook_secret.is_some() {
                    self.fault("PAKASIR_WEBHOOK_SECRET", "has no use without PAKASIR_PROJECT_SLUG and PAKASIR_API_KEY");
                }
                None
            }
            (Some(project_slug), Some(api_key)) => Some(PakasirConfig {
                base_url: base_url.unwrap_or_else(|| DEFAULT_PAKASIR_URL.clone()),
                project_slug,
                api_key,
                webhook_secret,
                sandbox,
                timeout: pakasir::TIMEOUT,
            }),
            (Some(_), None) | (None, Some(_)) => {
                self.fault("PAKASIR_PROJECT_SLUG", "and PAKASIR_API_KEY go together; give both or neither");
                None
            }
        }
    }

    fn check_later_settings(&mut self) {
        self.chosen("MIDTRANS_PRODUCTION", &[("true", true), ("false", false)]);
        for name in ["MIDTRANS_CORE_URL", "MIDTRANS_SNAP_URL"] {
            self.url(name);
        }
    }
}

/// How much is logged, by its name.
const LOG_LEVELS: [(&str, tracing::Level); 6] = [
    ("error", tracing::Level::ERROR),
    ("warn", tracing::Level::WARN),
    ("warning", tracing::Level::WARN),
    ("info", tracing::Level::INFO),
    ("debug", tracing::Level::DEBUG),
    ("trace", tracing::Level::TRACE),
];

pub(super) fn read(role: Role, source: Source) -> Result<Settings, Faults> {
    let mut reader = Reader::new(source);
    let data_dir = PathBuf::from(reader.text("WARUNG_DATA_DIR").unwrap_or_else(|| "data".to_owned()));
    let needs_token = role.has_bot() || role.has_core();
    let bot_username = reader.text("BOT_USERNAME").unwrap_or_default().trim_start_matches('@').to_owned();
    if bot_username.is_empty() && role.has_core() {
        reader.fault("BOT_USERNAME", "is required: the bot's username, without @");
    }
    let public_url = reader.public_url("WARUNG_PUBLIC_URL");
    if public_url.as_ref().is_some_and(|url| url.path() != "/") {
        reader.fault("WARUNG_PUBLIC_URL", "must have no path: the Mini App is at /app/ below it");
    }
    let webapp_url =
        reader.public_url("WARUNG_WEBAPP_URL").or_else(|| public_url.as_ref().and_then(|url| url.join("/app/").ok()));
    let bot_mode = reader
        .chosen("WARUNG_BOT_MODE", &[("polling", BotMode::Polling), ("webhook", BotMode::Webhook)])
        .unwrap_or_default();
    if bot_mode == BotMode::Webhook && public_url.is_none() {
        reader.fault("WARUNG_BOT_MODE", "webhook needs WARUNG_PUBLIC_URL, which Telegram calls");
    }
    let service_key = reader.secret("WARUNG_SERVICE_KEY");
    if matches!(role, Role::Core | Role::Edge | Role::Bot) && service_key.is_none() {
        reader.fault("WARUNG_SERVICE_KEY", "is required where core, edge and bot are processes of their own");
    }
    let telegram_api_url = reader.url("TELEGRAM_API_URL").unwrap_or_else(|| DEFAULT_TELEGRAM_API_URL.clone());
    let settings = Settings {
        store_name: reader.text("BOT_STORE_NAME").unwrap_or_else(|| "Warung".to_owned()),
        time_zone: reader.parsed("BOT_TIMEZONE", "an IANA name such as Asia/Jakarta").unwrap_or(Tz::Asia__Jakarta),
        log_level: reader.chosen("LOG_LEVEL", &LOG_LEVELS).unwrap_or(tracing::Level::INFO),
        log_format: reader
            .chosen("WARUNG_LOG_FORMAT", &[("text", LogFormat::Text), ("json", LogFormat::Json)])
            .unwrap_or_default(),
        bot_token: reader.token("BOT_TOKEN", needs_token),
        bot_username,
        bot_mode,
        owner_bot_token: reader.token("OWNER_BOT_TOKEN", false),
        admin_ids: reader.ids("TELEGRAM_ADMIN_IDS"),
        owner_ids: reader.ids("TELEGRAM_OWNER_IDS"),
        telegram_api_url,
        secret_key: reader.secret_key(role.has_core()),
        service_key,
        http_addr: reader
            .parsed("WARUNG_HTTP_ADDR", "an address and port such as 127.0.0.1:8080")
            .unwrap_or(([127, 0, 0, 1], 8080).into()),
        grpc_addr: reader.text("WARUNG_GRPC_ADDR").unwrap_or_else(|| "127.0.0.1:50051".to_owned()),
        metrics_addr: reader.parsed("WARUNG_METRICS_ADDR", "an address and port such as 127.0.0.1:9100"),
        public_url,
        webapp_url,
        trusted_proxies: reader.parsed("WARUNG_TRUSTED_PROXIES", "a number of proxies, such as 1").unwrap_or(0),
        database_url: reader.database_url(&data_dir),
        pakasir: reader.pakasir(),
        pakasir_public_domain: reader.public_url("PAKASIR_PUBLIC_DOMAIN"),
        media: reader.media(),
        data_dir,
    };
    if settings.grpc_addr.rsplit_once(':').is_none_or(|(_, port)| port.parse::<u16>().is_err()) {
        reader.fault("WARUNG_GRPC_ADDR", "must be a host and port such as 127.0.0.1:50051");
    }
    if settings.owner_bot_token.is_some() && settings.owner_ids.is_empty() {
        reader.fault("OWNER_BOT_TOKEN", "has nobody to write to; give TELEGRAM_OWNER_IDS too");
    }
    reader.check_later_settings();
    if reader.faults.is_empty() { Ok(settings) } else { Err(Faults(reader.faults)) }
}
