//! A store with an emulated Telegram and an emulated Pakasir round it: for the demo, and for the tests that see the whole.

mod people;
mod sample;

use std::path::Path;

use rand::distr::{Alphanumeric, SampleString as _};
use tempfile::TempDir;
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;
use url::Url;
use warung_emulators::{
    pakasir::{Pakasir, PakasirConfig, Project},
    telegram::{FileSpec, Sim, Telegram},
};

pub use people::{BOT_USERNAME, FREE, MAIN_TOKEN, NEWCOMER, OWNER, OWNER_USERNAME, SELLER, STORAGE, VIP};

use self::sample::Sample;
use crate::{
    compose::{self, Failure},
    import,
    run::{self, Listeners},
    settings::{Role, Settings},
};

/// The last message that the sample library copies from the storage channel.
const STORAGE_MESSAGES: usize = 20;

/// The slug of the store's project at the emulated Pakasir.
const PAKASIR_SLUG: &str = "warungsinema";

/// Which ports a demo takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ports {
    /// The well-known ones where they are free.
    Preferred,
    /// Any.
    Any,
}

/// A demo that runs.
pub struct Demo {
    /// The emulated Telegram, whose address is the chat page's.
    pub telegram: Telegram,
    /// The emulated payment gateway, whose address is the list of all payments.
    pub pakasir: Pakasir,
    /// The store's settings.
    pub settings: Settings,
    /// The ports that were taken by somebody else.
    pub taken: Vec<u16>,
    shutdown: CancellationToken,
    store: JoinHandle<Result<(), Failure>>,
    _folder: TempDir,
}

impl std::fmt::Debug for Demo {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Demo").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl Demo {
    /// Starts everything, and fills the store from the file `library`, or from the sample in the binary. `more` are
    /// settings beside the demo's own.
    ///
    /// # Errors
    ///
    /// When a part can't start, or the library can't be read.
    pub async fn start(ports: Ports, library: Option<&Path>, more: &[(&str, &str)]) -> Result<Self, Failure> {
        let folder = tempfile::Builder::new().prefix("warung-demo-").tempdir()?;
        let sample = if library.is_none() { Some(Sample::lay_out()?) } else { None };
        let sample_library = sample.as_ref().map(Sample::library).unwrap_or_default();
        let library = library.unwrap_or(&sample_library);
        let mut taken = Vec::new();
        let chat = listen(ports, 8070, &mut taken).await?;
        let gateway = listen(ports, 8090, &mut taken).await?;
        let http = listen(ports, 8080, &mut taken).await?;
        let grpc = listen(ports, 50051, &mut taken).await?;
        let http_url = compose::local_url(&http).ok_or("the demo has no address")?;
        let grpc_addr = grpc.local_addr()?.to_string();
        let telegram = Telegram::start(chat, people::telegram(&http_url));
        prepare(&telegram.sim(), library)?;
        let project = project(&telegram.url(), &http_url)?;
        let pakasir = Pakasir::start(gateway, PakasirConfig::new(project.clone()));
        let addresses = Addresses { chat: telegram.url(), gateway: pakasir.url(), http: http_url, grpc: grpc_addr };
        let settings = settings(&addresses, &project, folder.path(), more)?;
        let shutdown = CancellationToken::new();
        let store = tokio::spawn({
            let (settings, shutdown) = (settings.clone(), shutdown.clone());
            async move { Box::pin(run::all(&settings, Listeners { grpc, http }, None, shutdown)).await }
        });
        let demo = Self { telegram, pakasir, settings, taken, shutdown, store, _folder: folder };
        demo.fill(library).await?;
        Ok(demo)
    }

    async fn fill(&self, library: &Path) -> Result<(), Failure> {
        let key = compose::service_key(&self.settings).ok_or("the demo makes a key")?;
        import::import(library, compose::remote_core(&self.settings)?, &key, self.settings.time_zone).await?;
        Ok(())
    }

    /// Where HTTP is served, with a slash at the end.
    #[must_use]
    pub fn http_url(&self) -> String {
        format!("http://{}/", self.settings.http_addr)
    }

    /// Ends with the store, should it fail.
    ///
    /// # Errors
    ///
    /// What the store failed of.
    pub async fn failed(&mut self) -> Result<(), Failure> {
        (&mut self.store).await?
    }

    /// Ends everything; its data is gone.
    ///
    /// # Errors
    ///
    /// What the store failed of.
    pub async fn stop(self) -> Result<(), Failure> {
        self.shutdown.cancel();
        let outcome = if self.store.is_finished() { Ok(()) } else { self.store.await? };
        self.telegram.stop().await;
        self.pakasir.stop().await;
        outcome
    }
}

/// The wanted port, or any other when it is taken.
async fn listen(ports: Ports, port: u16, taken: &mut Vec<u16>) -> Result<TcpListener, Failure> {
    if ports == Ports::Preferred {
        if let Ok(listener) = TcpListener::bind(("127.0.0.1", port)).await {
            return Ok(listener);
        }
        taken.push(port);
    }
    Ok(TcpListener::bind(("127.0.0.1", 0)).await?)
}

/// The store's project at the gateway, whose webhooks come to the edge and whose pay page leads back to the chat.
fn project(chat_url: &str, http_url: &Url) -> Result<Project, Failure> {
    let webhook_url = Some(http_url.join("webhooks/pakasir")?.into());
    let home_url = Some(chat_url.to_owned());
    Ok(Project { webhook_url, home_url, ..Project::new(PAKASIR_SLUG, &random_key(), "Warung Sinema") })
}

/// Where the parts of a demo are.
struct Addresses {
    chat: String,
    gateway: String,
    http: Url,
    grpc: String,
}

fn settings(
    addresses: &Addresses,
    project: &Project,
    folder: &Path,
    more: &[(&str, &str)],
) -> Result<Settings, Failure> {
    let http_url = &addresses.http;
    let http_addr = http_url.socket_addrs(|| None)?.first().map(ToString::to_string).unwrap_or_default();
    let values = [
        ("BOT_STORE_NAME", "Warung Sinema"),
        ("BOT_TOKEN", MAIN_TOKEN),
        ("BOT_USERNAME", BOT_USERNAME),
        ("OWNER_BOT_TOKEN", people::OWNER_TOKEN),
        ("TELEGRAM_ADMIN_IDS", &SELLER.to_string()),
        ("TELEGRAM_OWNER_IDS", &OWNER.to_string()),
        ("TELEGRAM_API_URL", &addresses.chat),
        ("PAKASIR_PROJECT_SLUG", &project.slug),
        ("PAKASIR_API_KEY", &project.api_key),
        ("PAKASIR_BASE_URL", &addresses.gateway),
        ("WARUNG_SECRET_KEY", &random_key()),
        ("WARUNG_PUBLIC_URL", http_url.as_str().trim_end_matches('/')),
        ("WARUNG_HTTP_ADDR", &http_addr),
        ("WARUNG_GRPC_ADDR", &addresses.grpc),
        ("WARUNG_DATA_DIR", &folder.display().to_string()),
    ]
    .into_iter()
    .chain(more.iter().copied())
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect::<Vec<_>>();
    Ok(Settings::from_values(Role::Serve, values)?)
}

#[expect(clippy::disallowed_methods, reason = "a demo's key is made here and nowhere kept")]
fn random_key() -> String {
    Alphanumeric.sample_string(&mut rand::rng(), 48)
}

/// Gives the bot the videos that the sample library refers to.
fn prepare(sim: &Sim, library: &Path) -> Result<(), Failure> {
    let bot = sim.bot(BOT_USERNAME)?;
    let unreadable = |error| format!("{}: {error}", library.display());
    let text = std::fs::read_to_string(library).map_err(unreadable)?;
    for rest in text.split("file_id:").skip(1) {
        let file_id: String = rest.trim().chars().take_while(|letter| !",}\"' \n".contains(*letter)).collect();
        sim.register_file(bot, &file_id, FileSpec::video(&format!("{file_id}.mp4"), 600));
    }
    for number in 1..=STORAGE_MESSAGES {
        sim.post_video(STORAGE, &format!("Episode {number}"), FileSpec::video("episode.mp4", 600))?;
    }
    Ok(())
}
