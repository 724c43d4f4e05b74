//! Puts the parts together and runs them.

use std::{sync::Arc, time::Duration};

use axum::Router;
use futures_util::future::{BoxFuture, FutureExt as _, join_all};
use moka::sync::Cache;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};
use warung_proto::{channel::Channel, messaging::Bot};

use crate::{
    alarm::Alarm,
    config::{Config, Mode},
    core::Core,
    deliver::{Deliveries, Files, Pictures, Sender},
    error::Error,
    handlers::{App, Flood, Later},
    pages::Pages,
    receive::{Inbox, Polling, Webhook, router},
    setup,
    telegram::{Telegram, http_client},
    words::Words,
};

/// Ids of product pictures that are remembered.
const PICTURES_MAX: u64 = 1_000;
/// People that are remembered as just welcomed.
const WELCOMED_MAX: u64 = 10_000;
/// A Start within this time after the one before is the same one, pressed again.
const WELCOME_PAUSE: Duration = Duration::from_secs(3);

/// An adapter that has been checked and can run.
pub struct Adapter {
    config: Config,
    core: Core,
    alarm: Alarm,
    main: Telegram,
    owner: Option<Telegram>,
    app: Arc<App>,
    inbox: Arc<Inbox>,
}

/// Runs an adapter until the shutdown, and a little longer for what is under way. With a webhook it serves
/// `/telegram/webhook` on the listener; a caller that mounts [`Adapter::webhook`] elsewhere runs the [`Adapter`] itself.
///
/// # Errors
///
/// When the configuration is at fault. A core or a Telegram that can't be reached is no error: the adapter waits for them.
pub async fn run(
    config: Config,
    core: Channel,
    listener: Option<TcpListener>,
    shutdown: CancellationToken,
) -> Result<(), Error> {
    let adapter = Adapter::new(config, core)?;
    let server = match (adapter.webhook(), listener) {
        (Some(route), Some(listener)) => serve(listener, route, shutdown.clone()).boxed(),
        (Some(_), None) => return Err(Error::ListenerMissing),
        (None, _) => std::future::ready(()).boxed(),
    };
    tokio::join!(server, adapter.run(shutdown));
    Ok(())
}

async fn serve(listener: TcpListener, route: Router, shutdown: CancellationToken) {
    let server = axum::serve(listener, route).with_graceful_shutdown(shutdown.cancelled_owned());
    if let Err(error) = server.await {
        error!(%error, "the webhook is not served any more");
    }
}

impl Adapter {
    /// Checks the configuration; nothing is called yet.
    ///
    /// # Errors
    ///
    /// When the configuration is at fault.
    pub fn new(config: Config, core: Channel) -> Result<Self, Error> {
        config.check()?;
        let http = http_client()?;
        let bot = |token, name| Telegram::new(http.clone(), &config.api_url, token, config.limits.send_timeout, name);
        let main = bot(&config.token, "main")?;
        let owner = config.owner_token.as_ref().map(|token| bot(token, "owner")).transpose()?;
        let core = Core::new(core, &config.service_key, config.limits.rpc_timeout, config.limits.payment_timeout);
        let app = Arc::new(App {
            telegram: main.clone(),
            sender: Arc::new(sender(&config, &core, &main)),
            core: core.clone(),
            words: Words::load()?,
            flood: Flood::new(config.limits.answer_burst, config.limits.answer_period),
            pages: Pages::new(),
            pictures: Cache::new(PICTURES_MAX),
            later: Later::new(config.limits.payments_at_once),
            welcomed: Cache::builder().max_capacity(WELCOMED_MAX).time_to_idle(WELCOME_PAUSE).build(),
            name: config.worker_id.clone(),
            store: config.store_name.clone(),
            mini_app_url: config.mini_app_url.clone(),
            default_language: config.default_language,
            time_zone: config.time_zone,
            clock: config.clock.clone(),
            limits: config.limits.clone(),
        });
        let inbox = Arc::new(Inbox::new(Arc::clone(&app), config.limits.clone()));
        let alarm = Alarm::new(core.clone(), &config.worker_id);
        Ok(Self { config, core, alarm, main, owner, app, inbox })
    }

    /// The route `/telegram/webhook`, to be mounted where Telegram calls; `None` when the adapter polls.
    #[must_use]
    pub fn webhook(&self) -> Option<Router> {
        match &self.config.mode {
            Mode::Polling => None,
            Mode::Webhook { secret, .. } => Some(router(Arc::clone(&self.inbox), secret.clone())),
        }
    }

    /// Runs until the shutdown, and then until what is under way is done or the time to drain is over.
    pub async fn run(self, shutdown: CancellationToken) {
        info!(bot.id = self.main.bot_id(), worker = self.config.worker_id, "the bot adapter runs");
        if self.config.mini_app_url.is_none() {
            warn!("the Mini App has no address: buttons that open it are left out of messages");
        }
        let mut parts: Vec<BoxFuture<'_, ()>> = vec![
            self.deliveries(Bot::Main, Arc::clone(&self.app.sender)).run(shutdown.clone()).boxed(),
            self.updates(shutdown.clone()),
            setup::run(&self.app, shutdown.clone()).boxed(),
        ];
        if let Some(owner) = &self.owner {
            let sender = Arc::new(sender(&self.config, &self.core, owner));
            parts.push(self.deliveries(Bot::Owner, sender).run(shutdown.clone()).boxed());
        }
        join_all(parts).await;
        self.app.later.finish(self.config.limits.drain).await;
        info!(worker = self.config.worker_id, "the bot adapter has stopped");
    }

    fn deliveries(&self, bot: Bot, sender: Arc<Sender>) -> Deliveries {
        Deliveries {
            bot,
            telegram: sender.telegram.clone(),
            sender,
            core: self.core.clone(),
            alarm: self.alarm.clone(),
            worker_id: self.config.worker_id.clone(),
            store: self.config.store_name.clone(),
            limits: self.config.limits.clone(),
        }
    }

    fn updates(&self, shutdown: CancellationToken) -> BoxFuture<'static, ()> {
        let Config { limits, worker_id, store_name, mode, .. } = self.config.clone();
        let (telegram, alarm) = (self.main.clone(), self.alarm.clone());
        match mode {
            Mode::Polling => {
                let (core, inbox) = (self.core.clone(), Arc::clone(&self.inbox));
                Polling { telegram, core, inbox, alarm, worker_id, store: store_name, limits }.run(shutdown).boxed()
            }
            Mode::Webhook { secret, url } => {
                Webhook { telegram, alarm, secret, url, worker_id, limits }.run(shutdown).boxed()
            }
        }
    }
}

fn sender(config: &Config, core: &Core, telegram: &Telegram) -> Sender {
    Sender {
        telegram: telegram.clone(),
        core: core.clone(),
        mini_app_url: config.mini_app_url.clone(),
        upload_timeout: config.limits.upload_timeout,
        pictures: Pictures::default(),
        files: Files::new(&config.worker_id),
    }
}
