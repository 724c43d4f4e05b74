//! The operator's and the bot's side of a core.

use std::{
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use tonic::Request;
use uuid::Uuid;
use warung_proto::{
    channel::{self, Channel},
    key::{Service, ServiceKey},
    messaging::{Bot, ClaimDeliveriesRequest, Delivery, delivery_service_client::DeliveryServiceClient},
    metadata,
    operations::{UpdateSettingRequest, operations_service_client::OperationsServiceClient},
};

use crate::time::{DEADLINE, eventually};

/// The file that the tests fill a store from.
pub(crate) fn library() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/processes/library.yaml")
}

/// The file of the products that the tests sell.
pub(crate) fn products() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/processes/products.yaml")
}

/// An id that nobody else in this run of the tests has.
pub(crate) fn request_id() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    Uuid::from_u64_pair(0x0190_a5f0_0000_7000, 0x8000_0000_0000_0000 | number).to_string()
}

/// Whoever has the service key.
pub(crate) struct Operator {
    core: Channel,
    key: ServiceKey,
}

impl Operator {
    pub(crate) fn new(grpc_addr: &str, key: ServiceKey) -> Self {
        Self { core: channel::remote(&format!("http://{grpc_addr}")).unwrap(), key }
    }

    fn request<T>(&self, service: Service, message: T) -> Request<T> {
        let mut request = Request::new(message);
        request.metadata_mut().insert(metadata::SERVICE_KEY, self.key.present_as(service).parse().unwrap());
        request
    }

    /// Waits for the core, and fills its library.
    pub(crate) async fn fill(&self) {
        self.fill_from(&library()).await;
    }

    /// The same from another file.
    pub(crate) async fn fill_from(&self, file: &Path) {
        eventually("the import", DEADLINE, async || {
            warung::import::import(file, self.core.clone(), &self.key, chrono_tz::UTC).await.ok()
        })
        .await;
    }

    /// Changes a setting of the store.
    pub(crate) async fn set(&self, key: &str, value: &str) {
        let request =
            UpdateSettingRequest { request_id: request_id(), key: key.into(), value: value.into(), etag: "*".into() };
        let request = self.request(Service::Operator, request);
        OperationsServiceClient::new(self.core.clone()).update_setting(request).await.unwrap();
    }

    /// Claims what is due for the main bot as a worker of its own.
    pub(crate) async fn claim(&self, worker: &str, bot_id: i64) -> Vec<Delivery> {
        let request = ClaimDeliveriesRequest {
            bot: Bot::Main.into(),
            worker_id: worker.into(),
            max_deliveries: 10,
            wait: std::time::Duration::from_secs(10).try_into().ok(),
            bot_id,
            held_delivery_ids: Vec::new(),
            holds_all: false,
        };
        let request = self.request(Service::Bot, request);
        let answer = DeliveryServiceClient::new(self.core.clone()).claim_deliveries(request).await.unwrap();
        answer.into_inner().deliveries
    }
}
