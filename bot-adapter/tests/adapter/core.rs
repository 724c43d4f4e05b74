//! A core in memory: the other side of the API, with just what the adapter needs of it.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use tokio::{sync::watch, time::Instant};
use tonic::{Code, Request, Response, Status, service::Routes};
use tonic_types::{ErrorDetails, StatusExt as _};
use warung_proto::{
    ErrorReason,
    channel::{self, Channel},
    identity::{self, RecordContactRequest, User, identity_service_server as identity_server},
    key::{Service, ServiceKey},
    library::{self, library_service_server as library_server},
    messaging::{
        self, Bot, Delivery, DeliveryReport, Lane, delivery::Operation, delivery_report::Outcome,
        delivery_service_server as delivery_server, report_deliveries_response::Acceptance,
    },
    metadata,
    operations::{self, RaiseAlertRequest, media_service_server as media_server, operations_service_server},
};

/// How long a test waits for something to happen before it fails.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) fn service_key() -> ServiceKey {
    ServiceKey::new("a service key for the adapter's tests")
}

/// A refusal as the core words it.
pub(crate) fn refusal(code: Code, reason: ErrorReason) -> Status {
    let details = ErrorDetails::with_error_info(reason.as_reason(), "warung", HashMap::new());
    Status::with_error_details(code, reason.as_reason(), details)
}

/// A refusal for what stands in a field of the request.
pub(crate) fn wrong_field(field: &str) -> Status {
    let reason = ErrorReason::InvalidArgument.as_reason();
    let mut details = ErrorDetails::with_error_info(reason, "warung", HashMap::new());
    details.add_bad_request_violation(field, "is wrong");
    Status::with_error_details(Code::InvalidArgument, reason, details)
}

#[derive(Clone)]
pub(crate) struct Core {
    state: Arc<Mutex<State>>,
    changed: watch::Sender<()>,
}

#[derive(Default)]
pub(crate) struct State {
    pub(crate) deliveries: Vec<Row>,
    pub(crate) reports: Vec<DeliveryReport>,
    pub(crate) contacts: Vec<RecordContactRequest>,
    pub(crate) languages: HashMap<i64, String>,
    /// Acting user, request id and token.
    pub(crate) redeemed: Vec<(i64, String, String)>,
    /// Acting user and request id of each Start.
    pub(crate) starts: Vec<(i64, String)>,
    /// How many films wait for a Start.
    pub(crate) waiting: i32,
    pub(crate) redeem_answer: Option<Status>,
    pub(crate) redeem_outcome: Option<library::title_request::State>,
    /// Acting user, request id and episode.
    pub(crate) watched: Vec<(i64, String, String)>,
    pub(crate) watch_answer: Option<Status>,
    pub(crate) titles: HashMap<String, library::Title>,
    pub(crate) media: HashMap<String, (Vec<u8>, String)>,
    pub(crate) media_asked: u32,
    /// What the file of a delivery holds.
    pub(crate) file_pages: Vec<Vec<u8>>,
    pub(crate) alerts: Vec<RaiseAlertRequest>,
    pub(crate) lease: Option<(String, Instant)>,
    pub(crate) lease_time: Duration,
    pub(crate) holders: Vec<String>,
    /// Calls that are refused as UNAVAILABLE before the core is well again.
    pub(crate) failures: u32,
    /// Nothing is answered while this holds.
    pub(crate) frozen: bool,
    pub(crate) shop: crate::core_shop::Shop,
    claims: u64,
}

pub(crate) struct Row {
    pub(crate) delivery: Delivery,
    pub(crate) worker: Option<String>,
    pub(crate) done: bool,
}

impl Core {
    pub(crate) fn start() -> Self {
        let state = State { lease_time: Duration::from_secs(15), ..State::default() };
        Self { state: Arc::new(Mutex::new(state)), changed: watch::Sender::new(()) }
    }

    pub(crate) fn channel(&self) -> Channel {
        let routes = Routes::new(delivery_server::DeliveryServiceServer::new(self.clone()))
            .add_service(identity_server::IdentityServiceServer::new(self.clone()))
            .add_service(library_server::LibraryServiceServer::new(self.clone()))
            .add_service(media_server::MediaServiceServer::new(self.clone()))
            .add_service(operations_service_server::OperationsServiceServer::new(self.clone()));
        channel::in_process(crate::core_shop::add_to(routes, self))
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let result = change(&mut self.state());
        self.changed.send_replace(());
        result
    }

    /// Waits until the look finds something, at most [`PATIENCE`].
    pub(crate) async fn wait<T>(&self, what: &str, look: impl Fn(&State) -> Option<T>) -> T {
        let mut changes = self.changed.subscribe();
        let search = async {
            loop {
                changes.mark_unchanged();
                if let Some(found) = look(&self.state()) {
                    return found;
                }
                changes.changed().await.unwrap();
            }
        };
        tokio::time::timeout(PATIENCE, search).await.unwrap_or_else(|_| panic!("{what} did not happen"))
    }

    /// Writes a delivery of the main bot.
    pub(crate) fn deliver(&self, chat_id: i64, operation: Operation) -> String {
        self.deliver_by(Bot::Main, chat_id, operation)
    }

    pub(crate) fn deliver_by(&self, bot: Bot, chat_id: i64, operation: Operation) -> String {
        self.write(bot, chat_id, Some(operation))
    }

    /// Writes a delivery of an operation that only a newer adapter reads.
    pub(crate) fn deliver_something_new(&self, chat_id: i64) -> String {
        self.write(Bot::Main, chat_id, None)
    }

    fn write(&self, bot: Bot, chat_id: i64, operation: Option<Operation>) -> String {
        self.change(|state| {
            let delivery_id = format!("dlv_{:026}", state.deliveries.len() + 1);
            let delivery = Delivery {
                delivery_id: delivery_id.clone(),
                bot: bot.into(),
                chat_id,
                lane: Lane::Reply.into(),
                attempt: 0,
                operation,
                ..Delivery::default()
            };
            state.deliveries.push(Row { delivery, worker: None, done: false });
            delivery_id
        })
    }

    /// Waits for the report of a delivery.
    pub(crate) async fn outcome(&self, delivery_id: &str) -> Outcome {
        let find =
            |state: &State| state.reports.iter().find(|report| report.delivery_id == delivery_id)?.outcome.clone();
        self.wait("the report", find).await
    }

    /// What every call goes through: the key, the faults; answers the acting user.
    pub(crate) async fn admit<T>(&self, request: &Request<T>) -> Result<i64, Status> {
        let text = |name| request.metadata().get(name).and_then(|value| value.to_str().ok());
        let key = text(metadata::SERVICE_KEY).unwrap_or_default();
        assert_eq!(service_key().verify(key), Some(Service::Bot), "every call carries the bot's key");
        assert!(text(metadata::TIMEOUT).is_some(), "every call has a deadline");
        let acting = text(metadata::ACTING_USER).map_or(0, |id| id.parse().unwrap());
        self.wait("the core's thaw", |state| (!state.frozen).then_some(())).await;
        self.change(|state| {
            if state.failures > 0 {
                state.failures -= 1;
                return Err(refusal(Code::Unavailable, ErrorReason::Unavailable));
            }
            Ok(acting)
        })
    }

    fn user(&self, telegram_id: i64) -> User {
        let state = self.state();
        let language_code = state.languages.get(&telegram_id).cloned().unwrap_or_default();
        User { telegram_id, language_code, is_admin: state.shop.sellers.contains(&telegram_id), ..User::default() }
    }
}

fn claim(state: &mut State, request: &messaging::ClaimDeliveriesRequest) -> Vec<Delivery> {
    state.claims += 1;
    let held: HashSet<_> = request.held_delivery_ids.iter().collect();
    let mut busy: HashSet<i64> = HashSet::new();
    let mut claimed = Vec::new();
    for row in state.deliveries.iter_mut().filter(|row| !row.done && row.delivery.bot == request.bot) {
        let chat = row.delivery.chat_id;
        let is_lost = row.worker.as_ref() == Some(&request.worker_id) && !held.contains(&row.delivery.delivery_id);
        let is_new = row.worker.is_none() && !busy.contains(&chat);
        busy.insert(chat);
        if (is_new || is_lost) && claimed.len() < usize::try_from(request.max_deliveries).unwrap() {
            if is_new {
                row.delivery.attempt += 1;
            }
            row.worker = Some(request.worker_id.clone());
            claimed.push(row.delivery.clone());
        }
    }
    claimed
}

#[tonic::async_trait]
impl delivery_server::DeliveryService for Core {
    async fn claim_deliveries(
        &self,
        request: Request<messaging::ClaimDeliveriesRequest>,
    ) -> Result<Response<messaging::ClaimDeliveriesResponse>, Status> {
        self.admit(&request).await?;
        let request = request.into_inner();
        let wait: Duration = request.wait.unwrap().try_into().unwrap();
        let mut changes = self.changed.subscribe();
        let deadline = Instant::now() + wait;
        loop {
            changes.mark_unchanged();
            let deliveries = claim(&mut self.state(), &request);
            let over = !deliveries.is_empty() || Instant::now() >= deadline;
            if over {
                return Ok(Response::new(messaging::ClaimDeliveriesResponse { deliveries, has_more_lost: false }));
            }
            let _ = tokio::time::timeout_at(deadline, changes.changed()).await;
        }
    }

    async fn report_deliveries(
        &self,
        request: Request<messaging::ReportDeliveriesRequest>,
    ) -> Result<Response<messaging::ReportDeliveriesResponse>, Status> {
        self.admit(&request).await?;
        let request = request.into_inner();
        let acceptances = self.change(|state| {
            let accept = |report: DeliveryReport| {
                let row = state.deliveries.iter_mut().find(|row| row.delivery.delivery_id == report.delivery_id);
                let row = row.expect("a report of a delivery that exists");
                assert_eq!(row.worker.as_ref(), Some(&request.worker_id));
                assert_eq!(row.delivery.attempt, report.attempt);
                let repeated = std::mem::replace(&mut row.done, true);
                state.reports.push(report);
                i32::from(if repeated { Acceptance::Repeated } else { Acceptance::Accepted })
            };
            request.reports.into_iter().map(accept).collect()
        });
        Ok(Response::new(messaging::ReportDeliveriesResponse { acceptances }))
    }

    async fn get_delivery_file(
        &self,
        request: Request<messaging::GetDeliveryFileRequest>,
    ) -> Result<Response<messaging::GetDeliveryFileResponse>, Status> {
        self.admit(&request).await?;
        let request = request.into_inner();
        let state = self.state();
        let row = state.deliveries.iter().find(|row| row.delivery.delivery_id == request.delivery_id);
        let row = row.expect("a file of a delivery that exists");
        assert_eq!((row.worker.as_ref(), row.delivery.attempt), (Some(&request.worker_id), request.attempt));
        let index: usize = request.page_token.parse().unwrap_or_default();
        let content = state.file_pages.get(index).ok_or_else(|| refusal(Code::NotFound, ErrorReason::NotFound))?;
        let next = index + 1;
        let next_page_token = if next < state.file_pages.len() { next.to_string() } else { String::new() };
        Ok(Response::new(messaging::GetDeliveryFileResponse { content: content.clone(), next_page_token }))
    }

    async fn acquire_polling_lease(
        &self,
        request: Request<messaging::AcquirePollingLeaseRequest>,
    ) -> Result<Response<messaging::AcquirePollingLeaseResponse>, Status> {
        self.admit(&request).await?;
        let worker = request.into_inner().worker_id;
        let (held, until) = self.change(|state| {
            let now = Instant::now();
            let other = state.lease.as_ref().filter(|(holder, until)| *until > now && *holder != worker);
            if let Some((_, until)) = other {
                return (false, *until);
            }
            let until = now + state.lease_time;
            if state.lease.as_ref().is_none_or(|(holder, _)| *holder != worker) {
                state.holders.push(worker.clone());
            }
            state.lease = Some((worker, until));
            (true, until)
        });
        let remaining = until.saturating_duration_since(Instant::now()).try_into().ok();
        Ok(Response::new(messaging::AcquirePollingLeaseResponse { held, expire_time: None, remaining }))
    }

    async fn release_polling_lease(
        &self,
        request: Request<messaging::ReleasePollingLeaseRequest>,
    ) -> Result<Response<messaging::ReleasePollingLeaseResponse>, Status> {
        self.admit(&request).await?;
        let worker = request.into_inner().worker_id;
        self.change(|state| {
            if state.lease.as_ref().is_some_and(|(holder, _)| *holder == worker) {
                state.lease = None;
            }
        });
        Ok(Response::new(messaging::ReleasePollingLeaseResponse {}))
    }
}

#[tonic::async_trait]
impl identity_server::IdentityService for Core {
    async fn create_session(
        &self,
        _: Request<identity::CreateSessionRequest>,
    ) -> Result<Response<identity::CreateSessionResponse>, Status> {
        unreachable!("the adapter does not call it")
    }

    async fn get_me(&self, _: Request<identity::GetMeRequest>) -> Result<Response<identity::GetMeResponse>, Status> {
        unreachable!("the adapter does not call it")
    }

    async fn update_me(
        &self,
        request: Request<identity::UpdateMeRequest>,
    ) -> Result<Response<identity::UpdateMeResponse>, Status> {
        let acting = self.admit(&request).await?;
        self.change(|state| state.languages.insert(acting, request.into_inner().language_code));
        Ok(Response::new(identity::UpdateMeResponse { user: Some(self.user(acting)) }))
    }

    async fn record_contact(
        &self,
        request: Request<RecordContactRequest>,
    ) -> Result<Response<identity::RecordContactResponse>, Status> {
        self.admit(&request).await?;
        let request = request.into_inner();
        let profile = request.profile.clone().unwrap();
        let created = self.change(|state| {
            let created = !state.languages.contains_key(&profile.telegram_id);
            let language = if profile.language_code.starts_with("en") { "en" } else { "id" };
            state.languages.entry(profile.telegram_id).or_insert_with(|| language.to_owned());
            state.contacts.push(request);
            created
        });
        Ok(Response::new(identity::RecordContactResponse { user: Some(self.user(profile.telegram_id)), created }))
    }
}

#[tonic::async_trait]
impl media_server::MediaService for Core {
    async fn put_media(
        &self,
        _: Request<operations::PutMediaRequest>,
    ) -> Result<Response<operations::PutMediaResponse>, Status> {
        unreachable!("the adapter does not call it")
    }

    async fn get_media(
        &self,
        request: Request<operations::GetMediaRequest>,
    ) -> Result<Response<operations::GetMediaResponse>, Status> {
        self.admit(&request).await?;
        let found = self.change(|state| {
            state.media_asked += 1;
            state.media.get(&request.into_inner().media_id).cloned()
        });
        let (content, content_type) = found.ok_or_else(|| refusal(Code::NotFound, ErrorReason::NotFound))?;
        Ok(Response::new(operations::GetMediaResponse { content: content.into(), content_type }))
    }
}

#[tonic::async_trait]
impl operations_service_server::OperationsService for Core {
    async fn get_store(
        &self,
        _: Request<operations::GetStoreRequest>,
    ) -> Result<Response<operations::GetStoreResponse>, Status> {
        unreachable!("the adapter does not call it")
    }

    async fn list_settings(
        &self,
        _: Request<operations::ListSettingsRequest>,
    ) -> Result<Response<operations::ListSettingsResponse>, Status> {
        unreachable!("the adapter does not call it")
    }

    async fn update_setting(
        &self,
        _: Request<operations::UpdateSettingRequest>,
    ) -> Result<Response<operations::UpdateSettingResponse>, Status> {
        unreachable!("the adapter does not call it")
    }

    async fn list_audit_entries(
        &self,
        _: Request<operations::ListAuditEntriesRequest>,
    ) -> Result<Response<operations::ListAuditEntriesResponse>, Status> {
        unreachable!("the adapter does not call it")
    }

    async fn audit_books(
        &self,
        _: Request<operations::AuditBooksRequest>,
    ) -> Result<Response<operations::AuditBooksResponse>, Status> {
        unreachable!("the adapter does not call it")
    }

    async fn raise_alert(
        &self,
        request: Request<RaiseAlertRequest>,
    ) -> Result<Response<operations::RaiseAlertResponse>, Status> {
        self.admit(&request).await?;
        self.change(|state| state.alerts.push(request.into_inner()));
        Ok(Response::new(operations::RaiseAlertResponse { told: true }))
    }
}
