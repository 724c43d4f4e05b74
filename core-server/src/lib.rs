//! The gRPC core: it owns all business logic and the database.

mod books;
mod disk;
pub mod gateway;
mod jobs;
mod listen;
mod rpc;

use std::{sync::Arc, time::Duration};

use tokio::{net::TcpListener, task::JoinHandle};
use tokio_cron_scheduler::JobScheduler;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tonic::{service::Routes, transport::Server};
use tower::Layer as _;
use warung_app::{Engine, EngineConfig, operations::lease::EndLeases, payment::Checkout};
use warung_domain::principal::Principal;
use warung_proto::{
    channel::{self, Channel},
    key::ServiceKey,
};

pub use books::{Books, episodes_by_address, staff};
pub use rpc::Undeclared;
pub use warung_app::context::{Clock, Environment, Ids, MainBot, RandomIds, SystemClock};
pub use warung_app::gateway::{Gateway, GatewayError, Gateways};
pub use warung_domain::init_data::PRODUCTION_PUBLIC_KEY as LAUNCH_KEY;
pub use warung_domain::secret::{Purpose, Secret, WeakSecret};
pub use warung_store::{Durability, MediaConfig, MediaError, MediaStore, OpenError, S3Config, Store, StoreConfig};

/// How long calls in work may take to end once the process ends: some wait for a payment gateway.
const DRAIN: Duration = Duration::from_secs(10);
/// How long their answers may take to leave.
const LAST_ANSWERS: Duration = Duration::from_millis(500);
/// How many connections there may be to the core's own port, unless the process can open fewer files.
pub const CONNECTIONS_MAX: usize = 1_024;
/// How many calls a connection may have in work: as many as an edge lets in. The guard bounds what one caller may have.
const STREAMS_MAX: u32 = 16_384;
/// How large the headers of a call may be.
const HEADERS_BYTES_MAX: u32 = 32 * 1_024;

/// What a core is made of.
pub struct CoreConfig {
    /// The database.
    pub store: StoreConfig,
    /// The pictures.
    pub media: MediaConfig,
    /// The store's facts.
    pub environment: Environment,
    /// The key from which services' keys are made.
    pub service_key: ServiceKey,
    /// What orders are paid through, besides the balance.
    pub gateways: Gateways,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Ids and randomness.
    pub ids: Arc<dyn Ids>,
}

/// Why a core can't start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database.
    #[error(transparent)]
    Database(#[from] OpenError),
    /// The pictures.
    #[error("the media store can't be opened: {0}")]
    Media(#[from] MediaError),
    /// A fault of the API's own.
    #[error(transparent)]
    Api(#[from] Undeclared),
    /// The schedule of jobs.
    #[error("the schedule can't start: {0}")]
    Schedule(#[from] tokio_cron_scheduler::JobSchedulerError),
    /// Anything else.
    #[error(transparent)]
    Engine(#[from] warung_app::Error),
    /// The descriptors of the API.
    #[error("reflection can't be served: {0}")]
    Reflection(#[from] tonic_reflection::server::Error),
}

/// A core that runs. Several may run in one process, each with a store of its own.
pub struct Core {
    engine: Engine,
    routes: Routes,
    guard: rpc::GuardLayer,
    scheduler: JobScheduler,
    tasks: Vec<JoinHandle<()>>,
    ending: CancellationToken,
    connections_max: usize,
}

impl std::fmt::Debug for Core {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("Core").field(&self.engine).finish()
    }
}

/// A core that is dropped without [`Core::stop`] ends as well, only that nobody waits for it.
impl Drop for Core {
    fn drop(&mut self) {
        self.hurry();
        self.ending.cancel();
    }
}

impl Core {
    /// Opens the database, brings its schema up to date, makes sure that the secret key is the database's, and starts the
    /// jobs.
    ///
    /// # Errors
    ///
    /// When any of it can't be done; the error says what to do.
    pub async fn start(config: CoreConfig) -> Result<Self, StartError> {
        let CoreConfig { mut store, media, environment, service_key, gateways, clock, ids } = config;
        store.name = Arc::clone(&environment.store_name);
        let methods = rpc::Methods::read()?;
        let disks = Arc::new(disk::Disks::new(&store, &media));
        let store = Store::open(&store).await?;
        store.keep_secret(&environment.secret, ids.random(), clock.now()).await?;
        let media = MediaStore::open(&media)?;
        let engine = Engine::new(EngineConfig { store, environment, clock, ids, media }).await?;
        engine.seed_standings().await?;
        let ending = CancellationToken::new();
        let (health, health_service) = tonic_health::server::health_reporter();
        let reflection = tonic_reflection::server::Builder::configure()
            // Without the comments of the API, which it would hold decoded, three times as much: they stand in proto/.
            .register_encoded_file_descriptor_set(warung_proto::descriptor::DESCRIPTOR_SET)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
            .build_v1()?;
        let checkout = Checkout::new(engine.clone(), gateways);
        // What the owner is told of here keeps no core from starting.
        let ctx = engine.context(Principal::CORE, "start");
        if let Err(error) = checkout.tell_of_missing_gateways(&ctx).await {
            tracing::warn!(%error, "it could not be looked for payments of gateways that are not configured any more");
        }
        let rpc = rpc::Rpc::new(engine.clone(), checkout.clone());
        let routes = rpc.routes().add_service(health_service).add_service(reflection);
        let scheduler = jobs::schedule(&engine, ending.clone()).await?;
        let tasks = vec![
            jobs::flush(engine.clone(), ending.clone()),
            jobs::refresh(engine.clone(), Arc::clone(&disks), health, ending.clone()),
            jobs::ask_gateways(engine.clone(), checkout.clone(), ending.clone()),
            jobs::expire_orders(engine.clone(), checkout.clone(), ending.clone()),
            jobs::review_refunds(engine.clone(), checkout, ending.clone()),
        ];
        let guard = rpc::GuardLayer {
            engine: engine.clone(),
            methods,
            service_key,
            rooms: Arc::default(),
            in_work: TaskTracker::new(),
            refusals: Arc::default(),
            disks,
        };
        Ok(Self { engine, routes, guard, scheduler, tasks, ending, connections_max: CONNECTIONS_MAX })
    }

    /// Bounds the connections to the core's own port, where the process can open few files.
    #[must_use]
    pub fn with_connections(mut self, most: usize) -> Self {
        self.connections_max = most;
        self
    }

    /// A channel to this core, for the edge and the bot of the same process.
    #[must_use]
    pub fn channel(&self) -> Channel {
        let routes = self.routes.clone().prepare();
        channel::in_process(self.guard.layer(routes))
    }

    /// Ends the leases of a process that is gone, where this is the only process at the store: for one that runs its own
    /// bot. Where there may be others, their leases end by themselves.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn end_leases_of_the_gone(&self) -> Result<(), warung_app::Error> {
        if !self.engine.is_shared() {
            let ctx = self.engine.context(Principal::CORE, "start");
            self.engine.run(&ctx, EndLeases).await?;
        }
        Ok(())
    }

    /// The engine, for commands of the same process that are no RPC.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Keeps nobody waiting from now on, as the process ends: whoever waits for something to happen is answered with how
    /// things stand. Everything else goes on.
    pub fn hurry(&self) {
        self.engine.hurry();
    }

    /// Serves the API on `listener` until `shutdown`, and then until the calls that have begun have ended, ten seconds at
    /// most. Connections without calls are not waited for.
    ///
    /// # Errors
    ///
    /// When the listener fails.
    pub async fn serve(
        &self,
        listener: TcpListener,
        shutdown: CancellationToken,
    ) -> Result<(), tonic::transport::Error> {
        let incoming = listen::connections(listener, self.connections_max);
        let engine = self.engine.clone();
        let signal = {
            let shutdown = shutdown.clone();
            async move {
                shutdown.cancelled().await;
                engine.hurry();
            }
        };
        let served = Server::builder()
            // An edge has one connection for all its clients: those who wait must leave streams for the rest.
            .max_concurrent_streams(STREAMS_MAX)
            // Init data of up to 16 KiB may come in a header.
            .http2_max_header_list_size(HEADERS_BYTES_MAX)
            .http2_keepalive_interval(Some(Duration::from_secs(30)))
            .http2_max_pending_accept_reset_streams(Some(64))
            .max_connection_age(Duration::from_mins(30))
            .layer(self.guard.clone())
            .add_routes(self.routes.clone())
            .serve_with_incoming_shutdown(incoming, signal);
        tokio::select! {
            served = served => served,
            () = self.calls_have_ended(shutdown) => Ok(()),
        }
    }

    /// Ends once no call is in work after the shutdown, and the last answer had time to leave.
    async fn calls_have_ended(&self, shutdown: CancellationToken) {
        shutdown.cancelled().await;
        let in_work = &self.guard.in_work;
        in_work.close();
        if tokio::time::timeout(DRAIN, in_work.wait()).await.is_err() {
            tracing::warn!("calls were still in work when their time was over");
        }
        tokio::time::sleep(LAST_ANSWERS).await;
    }

    /// Ends the core: whoever waits is answered, and what is left is written.
    pub async fn stop(mut self) {
        self.hurry();
        self.ending.cancel();
        if let Err(error) = self.scheduler.shutdown().await {
            tracing::warn!(%error, "the schedule did not end by itself");
        }
        for task in self.tasks.drain(..) {
            // A task that panicked has ended too.
            let _ = task.await;
        }
    }
}
