//! Calls of the core, each with the operator's key, a deadline, and retries that change nothing twice.

use std::{collections::BTreeSet, time::Duration};

use tonic::{Code, Request, Response, Status, metadata::AsciiMetadataValue};
use uuid::Uuid;
use warung_domain::{
    catalog::{ProductInput, ProductKind},
    category::CategoryInput,
    goods::Goods,
    library::{EpisodeAccess, EpisodeInput, SecretUrl, TitleInput, VideoSource},
    money::Money,
};
use warung_proto::{
    ErrorReason,
    catalog::{
        self as pb_catalog, AddStockRequest, ListProductCategoriesRequest, PutProductCategoryRequest,
        PutProductRequest, catalog_admin_service_client::CatalogAdminServiceClient,
        catalog_service_client::CatalogServiceClient,
    },
    channel::Channel,
    error,
    key::{Service, ServiceKey},
    library::{
        self as pb, ListCategoriesRequest, PutCategoryRequest, PutResult, PutTitleRequest, episode_input::Video,
        library_admin_service_client::LibraryAdminServiceClient, library_service_client::LibraryServiceClient,
    },
    membership::{
        GetUserMembershipRequest, SetMembershipRequest, membership_admin_service_client::MembershipAdminServiceClient,
    },
    metadata,
    operations::{PutMediaRequest, media_service_client::MediaServiceClient},
    types,
};

use super::{
    library::{Item, Member, Title},
    shop::Product,
};

/// How long a call may take.
const TIMEOUT: Duration = Duration::from_secs(30);
/// How often a call is made before it is given up.
const ATTEMPTS: u32 = 7;
/// How long the first wait is; each is twice the one before.
const FIRST_WAIT: Duration = Duration::from_millis(100);
/// The longest wait between two attempts.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// The core, as an operator calls it.
#[derive(Clone)]
pub(super) struct Core {
    channel: Channel,
    key: AsciiMetadataValue,
}

impl Core {
    pub(super) fn new(channel: Channel, key: &ServiceKey) -> Self {
        // A key that can't be sent proves nothing: the core says so.
        let presented = key.present_as(Service::Operator).parse();
        let mut key = presented.unwrap_or_else(|_| AsciiMetadataValue::from_static(""));
        key.set_sensitive(true);
        Self { channel, key }
    }

    /// The codes of the store's categories.
    pub(super) async fn category_codes(&self) -> Result<BTreeSet<String>, Status> {
        let listed = self
            .call(&ListCategoriesRequest {}, async |request| {
                LibraryServiceClient::new(self.channel.clone()).list_categories(request).await
            })
            .await?;
        Ok(listed.categories.into_iter().map(|category| category.code).collect())
    }

    /// The codes of the store's categories of products.
    pub(super) async fn product_category_codes(&self) -> Result<BTreeSet<String>, Status> {
        let listed = self
            .call(&ListProductCategoriesRequest {}, async |request| {
                CatalogServiceClient::new(self.channel.clone()).list_product_categories(request).await
            })
            .await?;
        Ok(listed.product_categories.into_iter().map(|category| category.code).collect())
    }

    /// Stores a picture; answers its id.
    pub(super) async fn put_media(&self, content: Vec<u8>) -> Result<String, Status> {
        let request = PutMediaRequest { request_id: request_id(), content: content.into() };
        let put = self
            .call(&request, async |request| MediaServiceClient::new(self.channel.clone()).put_media(request).await)
            .await?;
        Ok(put.media.unwrap_or_default().media_id)
    }

    pub(super) async fn put_category(&self, category: &Item<'_, CategoryInput>) -> Result<PutResult, Status> {
        let CategoryInput { code, name, emoji } = category.value.clone();
        let update_mask = category.meant(&["name", "emoji"]);
        let request = PutCategoryRequest { request_id: request_id(), code, name, emoji, etag: etag(), update_mask };
        let put = self
            .call(&request, async |request| {
                LibraryAdminServiceClient::new(self.channel.clone()).put_category(request).await
            })
            .await?;
        Ok(put.result())
    }

    pub(super) async fn put_title(&self, title: &Item<'_, Title>) -> Result<PutResult, Status> {
        let request = title_request(title);
        let put = self
            .call(&request, async |request| {
                LibraryAdminServiceClient::new(self.channel.clone()).put_title(request).await
            })
            .await?;
        Ok(put.result())
    }

    pub(super) async fn put_product_category(&self, category: &Item<'_, CategoryInput>) -> Result<PutResult, Status> {
        let CategoryInput { code, name, emoji } = category.value.clone();
        let update_mask = category.meant(&["name", "emoji"]);
        let request =
            PutProductCategoryRequest { request_id: request_id(), code, name, emoji, etag: etag(), update_mask };
        let put = self
            .call(&request, async |request| {
                CatalogAdminServiceClient::new(self.channel.clone()).put_product_category(request).await
            })
            .await?;
        Ok(same_result(put.result()))
    }

    pub(super) async fn put_product(&self, product: &Item<'_, Product>) -> Result<PutResult, Status> {
        let request = product_request(product);
        let put = self
            .call(&request, async |request| {
                CatalogAdminServiceClient::new(self.channel.clone()).put_product(request).await
            })
            .await?;
        Ok(same_result(put.result()))
    }

    /// Adds stock lines; answers how many were added, and how many the product has or had.
    pub(super) async fn add_stock(&self, code: &str, lines: &[Goods]) -> Result<(usize, usize), Status> {
        let lines = lines.iter().map(|line| line.reveal().to_owned()).collect();
        let request = AddStockRequest { request_id: request_id(), code: code.to_owned(), lines };
        let added = self
            .call(&request, async |request| {
                CatalogAdminServiceClient::new(self.channel.clone()).add_stock(request).await
            })
            .await?;
        let count = |number: i32| usize::try_from(number).unwrap_or_default();
        Ok((count(added.added), count(added.duplicates)))
    }

    pub(super) async fn set_membership(&self, member: &Member) -> Result<PutResult, Status> {
        let telegram_id = member.telegram_id;
        let before = self
            .call(&GetUserMembershipRequest { telegram_id }, async |request| {
                MembershipAdminServiceClient::new(self.channel.clone()).get_user_membership(request).await
            })
            .await?;
        let is_new = before.membership.is_none_or(|membership| membership.expire_time.is_none());
        let expire_time = Some(std::time::SystemTime::from(member.until).into());
        let request = SetMembershipRequest { request_id: request_id(), telegram_id, expire_time };
        let set = self
            .call(&request, async |request| {
                MembershipAdminServiceClient::new(self.channel.clone()).set_membership(request).await
            })
            .await?;
        Ok(match (set.changed, is_new) {
            (false, _) => PutResult::Unchanged,
            (true, true) => PutResult::Created,
            (true, false) => PutResult::Updated,
        })
    }

    /// Makes a call, and again with the same request id while nobody knows what became of it.
    async fn call<Q, A>(
        &self,
        message: &Q,
        send: impl AsyncFn(Request<Q>) -> Result<Response<A>, Status>,
    ) -> Result<A, Status>
    where
        Q: Clone,
    {
        let mut wait = FIRST_WAIT;
        let mut attempt = 1;
        loop {
            let mut request = Request::new(message.clone());
            request.metadata_mut().insert(metadata::SERVICE_KEY, self.key.clone());
            let answer = tokio::time::timeout(TIMEOUT, send(request)).await;
            let status =
                match answer.unwrap_or_else(|_| Err(Status::deadline_exceeded("the core did not answer in time"))) {
                    Ok(answer) => return Ok(answer.into_inner()),
                    Err(status) => status,
                };
            if attempt == ATTEMPTS || !may_pass(&status) {
                return Err(status);
            }
            tracing::debug!(%status, attempt, "a call is made again");
            tokio::time::sleep(error::retry_delay(&status).unwrap_or_default().max(wait).min(LONGEST_WAIT)).await;
            wait = wait.saturating_mul(2);
            attempt = attempt.saturating_add(1);
        }
    }
}

/// Whether another attempt may find it better. A connection that breaks has an unknown outcome; the request id makes it
/// safe to ask again.
fn may_pass(status: &Status) -> bool {
    let passes = [
        Code::Unavailable,
        Code::Unknown,
        Code::Cancelled,
        Code::DeadlineExceeded,
        Code::Aborted,
        Code::ResourceExhausted,
    ];
    passes.contains(&status.code()) && error::reason(status) != ErrorReason::StorageFull
}

/// A new one for each change, and the same for its retries. It is not made of the change's content: a file that goes
/// back to what it said before would be taken for a retry of the first time.
fn request_id() -> String {
    #[expect(clippy::disallowed_methods, reason = "a command line makes its request ids here")]
    Uuid::now_v7().to_string()
}

/// The file says what is to be, however the store has it: of the fields that it names.
fn etag() -> String {
    "*".to_owned()
}

fn title_request(title: &Item<'_, Title>) -> PutTitleRequest {
    let fields = ["name", "synopsis", "category_code", "poster_media_id", "release_year", "hidden", "episodes"];
    let update_mask = title.meant(&fields);
    let TitleInput { code, name, synopsis, category_code, poster_media_id, release_year, hidden, episodes } =
        title.value.input.clone();
    PutTitleRequest {
        request_id: request_id(),
        code,
        name,
        synopsis,
        category_code,
        poster_media_id,
        release_year,
        hidden,
        episodes: episodes.into_iter().map(episode_input).collect(),
        etag: etag(),
        update_mask,
    }
}

fn product_request(product: &Item<'_, Product>) -> PutProductRequest {
    let update_mask = product.meant(&[
        "name",
        "description",
        "category_code",
        "kind",
        "price",
        "picture_media_id",
        "membership_days",
        "shared_content",
        "gateways",
        "archived",
    ]);
    let ProductInput {
        code,
        name,
        description,
        category_code,
        kind,
        price,
        picture_media_id,
        membership_days,
        shared_content,
        gateways,
        archived,
    } = product.value.input.clone();
    let kind = match kind {
        None => pb_catalog::ProductKind::Unspecified,
        Some(ProductKind::Stock) => pb_catalog::ProductKind::Stock,
        Some(ProductKind::Shared) => pb_catalog::ProductKind::Shared,
        Some(ProductKind::Manual) => pb_catalog::ProductKind::Manual,
        Some(ProductKind::Membership) => pb_catalog::ProductKind::Membership,
        Some(ProductKind::TopUp) => pb_catalog::ProductKind::TopUp,
    };
    let money =
        |price: Money| types::Money { currency_code: price.currency.name().to_owned(), minor_units: price.minor_units };
    PutProductRequest {
        request_id: request_id(),
        code,
        name,
        description,
        category_code,
        kind: kind.into(),
        price: price.map(money),
        picture_media_id,
        membership_days,
        shared_content: shared_content.reveal().to_owned(),
        archived,
        etag: etag(),
        update_mask,
        gateways,
    }
}

/// Both areas say it alike.
fn same_result(result: pb_catalog::PutResult) -> PutResult {
    match result {
        pb_catalog::PutResult::Unspecified => PutResult::Unspecified,
        pb_catalog::PutResult::Created => PutResult::Created,
        pb_catalog::PutResult::Updated => PutResult::Updated,
        pb_catalog::PutResult::Unchanged => PutResult::Unchanged,
    }
}

fn episode_input(episode: EpisodeInput) -> pb::EpisodeInput {
    let EpisodeInput { number, name, access, duration_seconds, video } = episode;
    let access = match access {
        None => pb::EpisodeAccess::Unspecified,
        Some(EpisodeAccess::Free) => pb::EpisodeAccess::Free,
        Some(EpisodeAccess::Vip) => pb::EpisodeAccess::Vip,
    };
    let video = video.map(|video| match video {
        VideoSource::File { file_id, bot_id } => Video::File(pb::TelegramFile { file_id, bot_id }),
        VideoSource::Copy { chat_id, message_id } => Video::MessageCopy(pb::MessageCopy { chat_id, message_id }),
        VideoSource::Url(SecretUrl(url)) => Video::Url(url),
    });
    pb::EpisodeInput { number, name, access: access.into(), duration_seconds, video }
}
