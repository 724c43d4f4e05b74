//! A core with a throw-away database, and what an operator sees of it.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use chrono::DateTime;
use tempfile::TempDir;
use tonic::{Request, Status, metadata::MetadataValue};
use warung::import::{ImportError, Summary, import};
use warung_app::testing::{OrderedIds, TestClock, environment};
use warung_core::{Core, CoreConfig, MediaConfig};
use warung_proto::{
    catalog::{
        AddStockRequest, GetProductRequest, ListProductsRequest, Product, ProductKind, PutProductRequest,
        catalog_admin_service_client::CatalogAdminServiceClient, catalog_service_client::CatalogServiceClient,
    },
    channel::Channel,
    key::{Service, ServiceKey},
    library::{GetTitleRequest, ListTitlesRequest, Title, library_service_client::LibraryServiceClient},
    membership::{GetUserMembershipRequest, membership_admin_service_client::MembershipAdminServiceClient},
    metadata,
    operations::{ListAuditEntriesRequest, operations_service_client::OperationsServiceClient},
};
use warung_store::testing::{Kind, TestDatabase};

/// The sample library.
pub(crate) fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/library.yaml")
}

pub(crate) fn service_key() -> ServiceKey {
    ServiceKey::new("a service key of the tests")
}

/// A core, and a folder for files to import.
pub(crate) struct Shop {
    pub(crate) core: Core,
    pub(crate) clock: TestClock,
    pub(crate) folder: TempDir,
    _database: TestDatabase,
}

impl Shop {
    pub(crate) async fn on_sqlite() -> Self {
        Self::open(TestDatabase::new(Kind::Sqlite).await).await
    }

    pub(crate) async fn open(database: TestDatabase) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = TestClock::default();
        let config = CoreConfig {
            store: database.config.clone(),
            media: MediaConfig::Folder(folder.path().join("media")),
            environment: environment(),
            service_key: service_key(),
            gateways: warung_core::Gateways::default(),
            clock: Arc::new(clock.clone()),
            ids: Arc::new(OrderedIds::default()),
        };
        let core = Core::start(config).await.unwrap();
        Self { core, clock, folder, _database: database }
    }

    pub(crate) async fn close(self) {
        self.core.stop().await;
    }

    /// Writes a file to import.
    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, content).unwrap();
        path
    }

    pub(crate) async fn import(&self, file: &Path) -> Result<Summary, ImportError> {
        self.import_through(self.core.channel(), file).await
    }

    pub(crate) async fn import_through(&self, channel: Channel, file: &Path) -> Result<Summary, ImportError> {
        import(file, channel, &service_key(), chrono_tz::Asia::Jakarta).await
    }

    /// What an import of this text says is wrong with it, without the folder.
    pub(crate) async fn refusal(&self, content: impl AsRef<[u8]>) -> String {
        let refused = self.import(&self.file("library.yaml", content)).await.unwrap_err();
        refused.to_string().replace(&format!("{}/", self.folder.path().display()), "")
    }

    /// How many pictures the core keeps.
    pub(crate) fn pictures(&self) -> usize {
        fs::read_dir(self.folder.path().join("media")).unwrap().count()
    }

    /// How many changes are in the audit trail.
    pub(crate) async fn audited(&self) -> usize {
        let request = operator(ListAuditEntriesRequest { page_size: 100, page_token: String::new() });
        let listed = OperationsServiceClient::new(self.core.channel()).list_audit_entries(request).await.unwrap();
        assert_eq!(listed.get_ref().next_page_token, "");
        listed.into_inner().audit_entries.len()
    }

    /// The titles that can be seen.
    pub(crate) async fn titles(&self) -> Vec<Title> {
        let request = operator(ListTitlesRequest { page_size: 100, ..Default::default() });
        LibraryServiceClient::new(self.core.channel()).list_titles(request).await.unwrap().into_inner().titles
    }

    pub(crate) async fn title(&self, code: &str) -> Title {
        let request = operator(GetTitleRequest { title_id: code.to_owned() });
        let found = LibraryServiceClient::new(self.core.channel()).get_title(request).await.unwrap();
        found.into_inner().title.unwrap()
    }

    /// The products of a kind that can be bought.
    pub(crate) async fn products(&self, kind: ProductKind) -> Vec<Product> {
        let request = operator(ListProductsRequest { page_size: 100, kind: kind.into(), ..Default::default() });
        CatalogServiceClient::new(self.core.channel()).list_products(request).await.unwrap().into_inner().products
    }

    pub(crate) async fn product(&self, code: &str) -> Product {
        let request = operator(GetProductRequest { product_id: code.to_owned() });
        let found = CatalogServiceClient::new(self.core.channel()).get_product(request).await.unwrap();
        found.into_inner().product.unwrap()
    }

    /// As a seller edits a product.
    pub(crate) async fn put_product(&self, edit: PutProductRequest) -> Result<(), Status> {
        // No test makes the same edit of the same product twice.
        let request_id = uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, format!("{edit:?}").as_bytes()).to_string();
        let request = operator(PutProductRequest { request_id, ..edit });
        CatalogAdminServiceClient::new(self.core.channel()).put_product(request).await.map(drop)
    }

    /// How many of these lines a product has not had yet, of which it has them now.
    pub(crate) async fn add_stock(&self, code: &str, lines: &[&str]) -> i32 {
        let lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        // Lines that are added once have one id: no test adds the same twice.
        let request_id = uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, lines.join("\n").as_bytes()).to_string();
        let request = operator(AddStockRequest { request_id, code: code.into(), lines });
        let added = CatalogAdminServiceClient::new(self.core.channel()).add_stock(request).await.unwrap();
        added.into_inner().added
    }

    /// When a membership ends, or nothing.
    pub(crate) async fn member_until(&self, telegram_id: i64) -> String {
        let request = operator(GetUserMembershipRequest { telegram_id });
        let mut client = MembershipAdminServiceClient::new(self.core.channel());
        let found = client.get_user_membership(request).await.unwrap().into_inner().membership.unwrap();
        let time = found.expire_time.map(|time| DateTime::from_timestamp(time.seconds, 0).unwrap());
        time.map_or_else(String::new, |time| time.to_rfc3339())
    }
}

fn operator<T>(message: T) -> Request<T> {
    let mut request = Request::new(message);
    let key = MetadataValue::try_from(service_key().present_as(Service::Operator)).unwrap();
    request.metadata_mut().insert(metadata::SERVICE_KEY, key);
    request
}
