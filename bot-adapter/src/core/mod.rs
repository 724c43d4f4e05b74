//! Calls of the core, each with the adapter's service key and a deadline.

mod shop;

use std::{future::Future, time::Duration};

use tonic::{Request, Response, Status, metadata::AsciiMetadataValue};
use uuid::Uuid;
use warung_proto::{
    ErrorReason,
    channel::{Channel, MESSAGE_BYTES_MAX},
    identity::{
        ContactState, RecordContactRequest, RecordContactResponse, TelegramProfile, UpdateMeRequest, User,
        identity_service_client::IdentityServiceClient,
    },
    key::{self, ServiceKey},
    library::{
        GetTitleRequest, RedeemPendingActionsRequest, RedeemStartTokenRequest, Title, TitleRequest,
        WatchEpisodeRequest, library_service_client::LibraryServiceClient,
    },
    messaging::{
        AcquirePollingLeaseRequest, AcquirePollingLeaseResponse, Bot, ClaimDeliveriesRequest, ClaimDeliveriesResponse,
        DeliveryReport, GetDeliveryFileRequest, GetDeliveryFileResponse, ReleasePollingLeaseRequest,
        ReportDeliveriesRequest, delivery_service_client::DeliveryServiceClient,
        report_deliveries_response::Acceptance,
    },
    metadata,
    operations::{
        GetMediaRequest, GetMediaResponse, RaiseAlertRequest, media_service_client::MediaServiceClient,
        operations_service_client::OperationsServiceClient,
    },
};

/// How much longer than the deadline that the core was told the adapter itself waits, for the core's own words of it.
const GRACE: Duration = Duration::from_millis(500);

/// The core, as the bot adapter calls it.
#[derive(Clone)]
pub(crate) struct Core {
    channel: Channel,
    key: AsciiMetadataValue,
    timeout: Duration,
    payment_timeout: Duration,
}

impl Core {
    /// `timeout` is the deadline of every call but the waiting ones and those that ask a payment gateway, whose deadline is
    /// `payment_timeout`.
    pub(crate) fn new(channel: Channel, key: &ServiceKey, timeout: Duration, payment_timeout: Duration) -> Self {
        // A key with line breaks proves nothing; the core refuses the empty one with its own words.
        let mut key: AsciiMetadataValue =
            key.present_as(key::Service::Bot).parse().unwrap_or_else(|_| AsciiMetadataValue::from_static(""));
        key.set_sensitive(true);
        Self { channel, key, timeout, payment_timeout }
    }

    pub(crate) async fn claim(
        &self,
        request: ClaimDeliveriesRequest,
        wait: Duration,
    ) -> Result<ClaimDeliveriesResponse, Status> {
        let mut client = DeliveryServiceClient::new(self.channel.clone()).max_decoding_message_size(MESSAGE_BYTES_MAX);
        let timeout = wait + self.timeout;
        within(timeout, client.claim_deliveries(self.request(request, timeout))).await
    }

    pub(crate) async fn get_delivery_file(
        &self,
        request: GetDeliveryFileRequest,
    ) -> Result<GetDeliveryFileResponse, Status> {
        let mut client = DeliveryServiceClient::new(self.channel.clone()).max_decoding_message_size(MESSAGE_BYTES_MAX);
        within(self.timeout, client.get_delivery_file(self.request(request, self.timeout))).await
    }

    pub(crate) async fn report(
        &self,
        worker_id: &str,
        bot_id: i64,
        reports: Vec<DeliveryReport>,
    ) -> Result<Vec<Acceptance>, Status> {
        let request = ReportDeliveriesRequest { worker_id: worker_id.to_owned(), bot_id, reports };
        let mut client = DeliveryServiceClient::new(self.channel.clone());
        let response = within(self.timeout, client.report_deliveries(self.request(request, self.timeout))).await?;
        Ok(response.acceptances().collect())
    }

    pub(crate) async fn acquire_polling_lease(
        &self,
        bot: Bot,
        worker_id: &str,
    ) -> Result<AcquirePollingLeaseResponse, Status> {
        let request = AcquirePollingLeaseRequest { bot: bot.into(), worker_id: worker_id.to_owned() };
        let mut client = DeliveryServiceClient::new(self.channel.clone());
        within(self.timeout, client.acquire_polling_lease(self.request(request, self.timeout))).await
    }

    pub(crate) async fn release_polling_lease(&self, bot: Bot, worker_id: &str) -> Result<(), Status> {
        let request = ReleasePollingLeaseRequest { bot: bot.into(), worker_id: worker_id.to_owned() };
        let mut client = DeliveryServiceClient::new(self.channel.clone());
        within(self.timeout, client.release_polling_lease(self.request(request, self.timeout))).await.map(|_| ())
    }

    pub(crate) async fn get_media(&self, media_id: &str) -> Result<GetMediaResponse, Status> {
        let request = GetMediaRequest { media_id: media_id.to_owned(), ..GetMediaRequest::default() };
        let mut client = MediaServiceClient::new(self.channel.clone()).max_decoding_message_size(MESSAGE_BYTES_MAX);
        within(self.timeout, client.get_media(self.request(request, self.timeout))).await
    }

    pub(crate) async fn raise_alert(&self, request_id: Uuid, key: &str, text: &str) -> Result<(), Status> {
        let request =
            RaiseAlertRequest { request_id: request_id.to_string(), key: key.to_owned(), text: text.to_owned() };
        let mut client = OperationsServiceClient::new(self.channel.clone());
        within(self.timeout, client.raise_alert(self.request(request, self.timeout))).await.map(|_| ())
    }

    pub(crate) async fn record_contact(
        &self,
        request_id: Uuid,
        profile: TelegramProfile,
        state: ContactState,
        started: bool,
    ) -> Result<RecordContactResponse, Status> {
        let (request_id, state) = (request_id.to_string(), state.into());
        let request = RecordContactRequest { request_id, profile: Some(profile), state, started };
        let mut client = IdentityServiceClient::new(self.channel.clone());
        within(self.timeout, client.record_contact(self.request(request, self.timeout))).await
    }

    pub(crate) async fn set_language(&self, request_id: Uuid, user: i64, code: &str) -> Result<User, Status> {
        let request = UpdateMeRequest { request_id: request_id.to_string(), language_code: code.to_owned() };
        let mut client = IdentityServiceClient::new(self.channel.clone());
        let response = within(self.timeout, client.update_me(self.request_as(user, request))).await?;
        Ok(response.user.unwrap_or_default())
    }

    pub(crate) async fn get_title(&self, user: i64, title_id: &str) -> Result<Title, Status> {
        let request = GetTitleRequest { title_id: title_id.to_owned() };
        let mut client = LibraryServiceClient::new(self.channel.clone());
        let response = within(self.timeout, client.get_title(self.request_as(user, request))).await?;
        Ok(response.title.unwrap_or_default())
    }

    pub(crate) async fn watch_episode(&self, request_id: Uuid, user: i64, episode_id: &str) -> Result<(), Status> {
        let request = WatchEpisodeRequest { request_id: request_id.to_string(), episode_id: episode_id.to_owned() };
        let mut client = LibraryServiceClient::new(self.channel.clone());
        within(self.timeout, client.watch_episode(self.request_as(user, request))).await.map(|_| ())
    }

    pub(crate) async fn redeem_start_token(
        &self,
        request_id: Uuid,
        user: i64,
        token: &str,
    ) -> Result<TitleRequest, Status> {
        let request = RedeemStartTokenRequest { request_id: request_id.to_string(), token: token.to_owned() };
        let mut client = LibraryServiceClient::new(self.channel.clone());
        let response = within(self.timeout, client.redeem_start_token(self.request_as(user, request))).await?;
        Ok(response.title_request.unwrap_or_default())
    }

    /// Has all that waits for a Start of the user delivered; answers how many films that were.
    pub(crate) async fn redeem_pending_actions(&self, request_id: Uuid, user: i64) -> Result<i32, Status> {
        let request = RedeemPendingActionsRequest { request_id: request_id.to_string() };
        let mut client = LibraryServiceClient::new(self.channel.clone());
        let response = within(self.timeout, client.redeem_pending_actions(self.request_as(user, request))).await?;
        Ok(response.delivered_count)
    }

    fn request<T>(&self, message: T, timeout: Duration) -> Request<T> {
        let mut request = Request::new(message);
        request.set_timeout(timeout);
        request.metadata_mut().insert(metadata::SERVICE_KEY, self.key.clone());
        request
    }

    fn request_as<T>(&self, user: i64, message: T) -> Request<T> {
        self.request_within(user, message, self.timeout)
    }

    fn request_within<T>(&self, user: i64, message: T, timeout: Duration) -> Request<T> {
        let mut request = self.request(message, timeout);
        request.metadata_mut().insert(metadata::ACTING_USER, user.into());
        request
    }
}

async fn within<T>(
    timeout: Duration,
    call: impl Future<Output = Result<Response<T>, Status>> + Send,
) -> Result<T, Status> {
    match tokio::time::timeout(timeout + GRACE, call).await {
        Ok(answer) => answer.map(Response::into_inner),
        Err(_) => Err(Status::deadline_exceeded("the core did not answer in time")),
    }
}

/// Whether the same call may succeed a moment later.
pub(crate) fn is_transient(status: &Status) -> bool {
    matches!(
        warung_proto::error::reason(status),
        ErrorReason::Unavailable
            | ErrorReason::DeadlineExceeded
            | ErrorReason::StorageFull
            | ErrorReason::Conflict
            | ErrorReason::RateLimited
            | ErrorReason::Internal
    )
}
