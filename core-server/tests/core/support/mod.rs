//! A running core over a throw-away database, and those who call it.

mod caller;
mod catalog;
mod deadly;
mod key;
mod library;
mod people;
mod plant;
mod till;
mod worker;

use std::{future::Future, sync::Arc, time::Duration};

use tempfile::TempDir;
use tonic::{Code, Status};
use uuid::Uuid;
use warung_app::{
    Context, Query,
    context::{Environment, Ids as _},
    testing::{BOT_TOKEN, OrderedIds, TestClock, environment, init_data},
};
use warung_core::{Core, CoreConfig, Gateways, MediaConfig};
use warung_domain::principal::Principal;
use warung_proto::{
    ErrorReason,
    catalog::{catalog_admin_service_client::CatalogAdminServiceClient, catalog_service_client::CatalogServiceClient},
    error,
    identity::{
        CreateSessionRequest, api_key_service_client::ApiKeyServiceClient,
        identity_service_client::IdentityServiceClient, people_service_client::PeopleServiceClient,
    },
    key::ServiceKey,
    library::{library_admin_service_client::LibraryAdminServiceClient, library_service_client::LibraryServiceClient},
    membership::{
        SetMembershipRequest, membership_admin_service_client::MembershipAdminServiceClient,
        membership_service_client::MembershipServiceClient,
    },
    messaging::delivery_service_client::DeliveryServiceClient,
    operations::{
        UpdateSettingRequest, media_service_client::MediaServiceClient,
        operations_service_client::OperationsServiceClient,
    },
    order::{order_admin_service_client::OrderAdminServiceClient, order_service_client::OrderServiceClient},
    payment::{payment_admin_service_client::PaymentAdminServiceClient, payment_service_client::PaymentServiceClient},
    wallet::wallet_service_client::WalletServiceClient,
};
use warung_store::{Read, rows, testing::TestDatabase};

pub(crate) use caller::Caller;
pub(crate) use catalog::{product, rupiah};
pub(crate) use deadly::{Deadly, Death};
pub(crate) use key::{Key, SCOPES};
pub(crate) use library::{copied, episode, file, free, linked, title};
pub(crate) use people::all_rights;
pub(crate) use till::Till;
pub(crate) use worker::{
    Says, Worker, blocked, failed, failed_by, never_started, retry_after, sent, unavailable, uncertain,
};

/// A buyer, who has pressed Start or not as the test likes.
pub(crate) const BUYER: i64 = 279_058_397;
/// Another one.
pub(crate) const OTHER: i64 = 42;

/// The key from which the services of the tests prove themselves.
pub(crate) const SERVICE_KEY: &str = "the key of the tests' services";

/// What outlives a restart.
struct Ground {
    database: TestDatabase,
    media: TempDir,
    environment: Environment,
    gateways: Gateways,
    ids: OrderedIds,
}

/// A core that runs.
pub(crate) struct Shop {
    pub(crate) core: Core,
    pub(crate) clock: TestClock,
    ground: Arc<Ground>,
}

impl Shop {
    /// Opens a shop whose film requests do not wait for the film.
    pub(crate) async fn open(database: TestDatabase) -> Self {
        let shop = Self::patient(database).await;
        shop.set("library.request_wait_ms", "0").await;
        shop
    }

    /// Opens a shop with the settings that come with it.
    pub(crate) async fn patient(database: TestDatabase) -> Self {
        Self::of(database, environment()).await
    }

    /// Opens a shop with these facts.
    pub(crate) async fn of(database: TestDatabase, environment: Environment) -> Self {
        Self::with_gateways(database, environment, TestClock::default(), Gateways::default()).await
    }

    /// Opens a shop with these facts, whose orders can be paid through these gateways.
    pub(crate) async fn with_gateways(
        database: TestDatabase,
        environment: Environment,
        clock: TestClock,
        gateways: Gateways,
    ) -> Self {
        let media = tempfile::tempdir().unwrap();
        let ground = Arc::new(Ground { database, media, environment, gateways, ids: OrderedIds::default() });
        Self { core: start(&ground, &clock).await, clock, ground }
    }

    /// Another process over the same database. On SQLite there is none.
    pub(crate) async fn replica(&self) -> Self {
        let (clock, ground) = (self.clock.clone(), Arc::clone(&self.ground));
        Self { core: start(&ground, &clock).await, clock, ground }
    }

    /// Ends the process, and starts another over the same database.
    pub(crate) async fn restarted(self) -> Self {
        let Self { core, clock, ground } = self;
        core.stop().await;
        Self { core: start(&ground, &clock).await, clock, ground }
    }

    /// The same, with other facts from now on.
    pub(crate) async fn restarted_as(self, change: impl FnOnce(&mut Environment)) -> Self {
        let Self { core, clock, ground } = self;
        core.stop().await;
        let Ok(mut ground) = Arc::try_unwrap(ground) else { panic!("another process still runs") };
        change(&mut ground.environment);
        let ground = Arc::new(ground);
        Self { core: start(&ground, &clock).await, clock, ground }
    }

    /// Ends the process, and starts another whose orders can be paid through these gateways.
    pub(crate) async fn restarted_with(self, gateways: Gateways) -> Self {
        let Self { core, clock, ground } = self;
        core.stop().await;
        let Ok(mut ground) = Arc::try_unwrap(ground) else { panic!("another process still runs") };
        ground.gateways = gateways;
        let ground = Arc::new(ground);
        Self { core: start(&ground, &clock).await, clock, ground }
    }

    /// A user with a session, through the edge.
    pub(crate) async fn user(&self, telegram_id: i64) -> Caller {
        let launch = self.launch(telegram_id);
        let message = CreateSessionRequest { init_data: launch };
        let made = self.identity().create_session(Caller::edge().says(message)).await.unwrap().into_inner();
        Caller::edge().with_session(&made.session_token)
    }

    /// Init data of a launch now.
    pub(crate) fn launch(&self, telegram_id: i64) -> String {
        use warung_app::context::Clock as _;
        init_data(BOT_TOKEN, telegram_id, self.clock.now())
    }

    /// A worker of the bot.
    pub(crate) fn worker(&self, id: &str) -> Worker {
        Worker::new(self.deliveries(), id)
    }

    /// Changes a setting.
    pub(crate) async fn set(&self, key: &str, value: &str) {
        let message = UpdateSettingRequest {
            request_id: self.request_id(),
            key: key.into(),
            value: value.into(),
            etag: "*".into(),
        };
        self.operations().update_setting(Caller::operator().says(message)).await.unwrap();
    }

    /// Makes a user a member until some days from now.
    pub(crate) async fn make_member(&self, telegram_id: i64, days: i64) {
        use warung_app::context::Clock as _;
        let until = self.clock.now() + chrono::TimeDelta::days(days);
        let message = SetMembershipRequest {
            request_id: self.request_id(),
            telegram_id,
            expire_time: Some(prost_types::Timestamp { seconds: until.timestamp(), nanos: 0 }),
        };
        self.memberships().set_membership(Caller::operator().says(message)).await.unwrap();
    }

    /// How long a lease holds.
    pub(crate) fn lease_ms(&self) -> i64 {
        self.context().settings.lease_seconds * 1_000
    }

    /// A request id that nobody used.
    pub(crate) fn request_id(&self) -> String {
        self.ground.ids.next().to_string()
    }

    /// A call of the core itself.
    pub(crate) fn context(&self) -> Context {
        self.core.engine().context(Principal::CORE, "test")
    }
}

async fn start(ground: &Ground, clock: &TestClock) -> Core {
    let config = CoreConfig {
        store: ground.database.config.clone(),
        media: MediaConfig::Folder(ground.media.path().to_owned()),
        environment: ground.environment.clone(),
        service_key: ServiceKey::new(SERVICE_KEY),
        gateways: ground.gateways.clone(),
        clock: Arc::new(clock.clone()),
        ids: Arc::new(ground.ids.clone()),
    };
    Core::start(config).await.unwrap()
}

/// The generated clients over the channel of the same process.
macro_rules! clients {
    ($($name:ident: $client:ident;)*) => {
        impl Shop {
            $(pub(crate) fn $name(&self) -> $client<warung_proto::channel::Channel> {
                $client::new(self.core.channel())
            })*
        }
    };
}

clients! {
    catalog: CatalogServiceClient;
    catalog_admin: CatalogAdminServiceClient;
    identity: IdentityServiceClient;
    people: PeopleServiceClient;
    api_keys: ApiKeyServiceClient;
    library: LibraryServiceClient;
    library_admin: LibraryAdminServiceClient;
    membership: MembershipServiceClient;
    memberships: MembershipAdminServiceClient;
    deliveries: DeliveryServiceClient;
    media: MediaServiceClient;
    operations: OperationsServiceClient;
    orders: OrderServiceClient;
    orders_of_all: OrderAdminServiceClient;
    payments: PaymentServiceClient;
    payments_of_all: PaymentAdminServiceClient;
    wallet: WalletServiceClient;
}

/// All rows of a table, in the order in which they were made.
macro_rules! tables {
    ($($name:ident: $row:ident;)*) => {
        impl Shop {
            $(pub(crate) async fn $name(&self) -> Vec<rows::$row> {
                struct All(Vec<Uuid>);
                impl Query for All {
                    type Output = Vec<rows::$row>;

                    async fn fetch(&self, read: &Read, _: &Context) -> warung_app::Result<Vec<rows::$row>> {
                        let mut found = Vec::new();
                        for id in &self.0 {
                            found.extend(read.find::<rows::$row>(*id).await?);
                        }
                        Ok(found)
                    }
                }
                self.core.engine().ask(&self.context(), All(self.ground.ids.made())).await.unwrap()
            })*
        }
    };
}

tables! {
    delivery_rows: Delivery;
    title_request_rows: TitleRequest;
    pending_action_rows: PendingAction;
    activity_rows: Activity;
    user_rows: User;
    audit_rows: AuditEntry;
    payment_rows: Payment;
    question_rows: Question;
    product_stock_rows: ProductStock;
}

/// Waits for something that has to happen; a test that waits for longer has failed.
pub(crate) async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(20), future).await.expect("it happens soon")
}

/// Looks again and again until something holds.
pub(crate) async fn until<F: Future<Output = bool>>(mut holds: impl FnMut() -> F) {
    soon(async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
}

/// Asserts how a call was refused.
#[track_caller]
pub(crate) fn assert_refused<T: std::fmt::Debug>(answer: Result<T, Status>, code: Code, reason: ErrorReason) -> Status {
    let status = answer.expect_err("the call is refused");
    assert_eq!((status.code(), error::reason(&status)), (code, reason), "{status:?}");
    status
}

/// A small picture; another number, other bytes.
pub(crate) fn picture(number: u8) -> bytes::Bytes {
    let mut file = std::io::Cursor::new(Vec::new());
    let picture = image::RgbImage::from_pixel(8, 12, image::Rgb([number, 100, 200]));
    picture.write_to(&mut file, image::ImageFormat::Png).unwrap();
    file.into_inner().into()
}
