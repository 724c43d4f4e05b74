//! `warung.library.v1.LibraryService`.

use std::time::Duration;

use tonic::{Request, Response, Status};
use warung_app::{
    Error, PageRequest, Result,
    library::{
        Episode, GetPendingAction, GetTitle, ListTitles, RedeemPendingActions, RedeemStartToken, RequestState,
        RequestTitle, ResolveWatchLink, Title, TitleRequest, WatchEpisode, follow_title_request, redeem_start_token,
        request_title,
    },
    operations::category::{Category, ListCategories},
};
use warung_domain::{category::CategoryArea, library::EpisodeAccess};
use warung_proto::library::{
    self as pb, FollowTitleRequestRequest, FollowTitleRequestResponse, GetPendingActionRequest,
    GetPendingActionResponse, GetTitleRequest, GetTitleResponse, ListCategoriesRequest, ListCategoriesResponse,
    ListTitlesRequest, ListTitlesResponse, RedeemPendingActionsRequest, RedeemPendingActionsResponse,
    RedeemStartTokenRequest, RedeemStartTokenResponse, RequestTitleRequest, RequestTitleResponse,
    ResolveWatchLinkRequest, ResolveWatchLinkResponse, WatchEpisodeRequest, WatchEpisodeResponse,
    library_service_server::LibraryService,
};

use super::{
    Rpc, answer,
    catalog::product,
    convert::{int32, timestamp, wait},
    enter,
    same_values::same_values,
};

/// The longest that a caller may wait for a film.
const FOLLOW_MAX: Duration = Duration::from_secs(25);

#[tonic::async_trait]
impl LibraryService for Rpc {
    async fn list_categories(
        &self,
        request: Request<ListCategoriesRequest>,
    ) -> Result<Response<ListCategoriesResponse>, Status> {
        answer(async {
            let (ctx, ListCategoriesRequest {}) = enter(request)?;
            let found = self.engine.ask(&ctx, ListCategories { area: CategoryArea::Library }).await?;
            Ok(ListCategoriesResponse { categories: found.into_iter().map(category).collect() })
        })
        .await
    }

    async fn list_titles(&self, request: Request<ListTitlesRequest>) -> Result<Response<ListTitlesResponse>, Status> {
        answer(async {
            let (ctx, request) = enter(request)?;
            let read = async {
                let ListTitlesRequest { page_size, page_token, query, category_id } = request.clone();
                let page = PageRequest { size: page_size, token: page_token };
                let query = ListTitles { page, query, category: category_id };
                let (titles, next_page_token) = Box::pin(self.engine.ask(&ctx, query)).await?;
                Ok(ListTitlesResponse { titles: titles.into_iter().map(title).collect(), next_page_token })
            };
            self.shelves.page(&request, read).await
        })
        .await
    }

    async fn get_title(&self, request: Request<GetTitleRequest>) -> Result<Response<GetTitleResponse>, Status> {
        answer(async {
            let (ctx, request) = enter(request)?;
            // Who edits it sees it as long as it is there.
            let hidden_too = ctx.principal.person.is_some_and(|person| person.standing.is_admin());
            let found = self.engine.ask(&ctx, GetTitle { name: request.title_id, hidden_too }).await?;
            Ok(GetTitleResponse { title: Some(title(found)) })
        })
        .await
    }

    async fn request_title(
        &self,
        request: Request<RequestTitleRequest>,
    ) -> Result<Response<RequestTitleResponse>, Status> {
        answer(async {
            let (ctx, request) = enter(request)?;
            if request.episode_number < 0 {
                return Err(Error::invalid("episode_number", "must not be negative"));
            }
            let command = RequestTitle {
                title: request.title_id,
                episode_number: (request.episode_number > 0).then_some(i64::from(request.episode_number)),
                write_access_granted: request.write_access_granted,
                new_id: ctx.new_id(),
            };
            let found = request_title(&self.engine, &ctx, command).await?;
            Ok(RequestTitleResponse { title_request: Some(title_request(found)) })
        })
        .await
    }

    async fn follow_title_request(
        &self,
        request: Request<FollowTitleRequestRequest>,
    ) -> Result<Response<FollowTitleRequestResponse>, Status> {
        answer(async {
            let (ctx, request) = enter(request)?;
            let name = request.title_request_id;
            let id = name.parse().map_err(|_| Error::not_found("title request", &name))?;
            let wait = wait("wait", request.wait, FOLLOW_MAX)?;
            let found = follow_title_request(&self.engine, &ctx, id, wait).await?;
            Ok(FollowTitleRequestResponse { title_request: Some(title_request(found)) })
        })
        .await
    }

    async fn watch_episode(
        &self,
        request: Request<WatchEpisodeRequest>,
    ) -> Result<Response<WatchEpisodeResponse>, Status> {
        answer(async {
            let (ctx, request) = enter(request)?;
            let name = request.episode_id;
            let episode_id = name.parse().map_err(|_| Error::not_found("episode", &name))?;
            let delivery_id = self.engine.run(&ctx, WatchEpisode { episode_id }).await?;
            Ok(WatchEpisodeResponse { delivery_id: delivery_id.to_string() })
        })
        .await
    }

    async fn redeem_start_token(
        &self,
        request: Request<RedeemStartTokenRequest>,
    ) -> Result<Response<RedeemStartTokenResponse>, Status> {
        answer(async {
            let (ctx, request) = enter(request)?;
            let found = redeem_start_token(&self.engine, &ctx, RedeemStartToken::of(&request.token)?).await?;
            Ok(RedeemStartTokenResponse { title_request: Some(title_request(found)) })
        })
        .await
    }

    async fn redeem_pending_actions(
        &self,
        request: Request<RedeemPendingActionsRequest>,
    ) -> Result<Response<RedeemPendingActionsResponse>, Status> {
        answer(async {
            let (ctx, RedeemPendingActionsRequest { request_id: _ }) = enter(request)?;
            let delivered_count = self.engine.run(&ctx, RedeemPendingActions).await?;
            Ok(RedeemPendingActionsResponse { delivered_count })
        })
        .await
    }

    async fn get_pending_action(
        &self,
        request: Request<GetPendingActionRequest>,
    ) -> Result<Response<GetPendingActionResponse>, Status> {
        answer(async {
            let (ctx, request) = enter(request)?;
            let found = self.engine.ask(&ctx, GetPendingAction { token: request.token }).await?;
            Ok(GetPendingActionResponse {
                telegram_id: found.telegram_id,
                title: Some(title(found.title)),
                episode_number: int32(found.episode_number),
                expire_time: Some(timestamp(found.expire_time)),
            })
        })
        .await
    }

    async fn resolve_watch_link(
        &self,
        request: Request<ResolveWatchLinkRequest>,
    ) -> Result<Response<ResolveWatchLinkResponse>, Status> {
        answer(async {
            let (ctx, request) = enter(request)?;
            let url = self.engine.ask(&ctx, ResolveWatchLink { token: request.token }).await?;
            Ok(ResolveWatchLinkResponse { url: url.0 })
        })
        .await
    }
}

pub(super) fn category(category: Category) -> pb::Category {
    let Category { id, code, name, emoji, etag } = category;
    pb::Category { category_id: id.to_string(), code, name, emoji, etag: etag.0 }
}

pub(super) fn title(title: Title) -> pb::Title {
    let Title {
        id,
        code,
        name,
        synopsis,
        category: shelf,
        poster_hash,
        release_year,
        episode_count,
        free_episode_count,
        episodes,
        etag,
    } = title;
    pb::Title {
        title_id: id.to_string(),
        code,
        name,
        synopsis,
        category: shelf.map(category),
        poster_media_id: poster_hash.map(|hash| format!("med_{hash}")).unwrap_or_default(),
        release_year: int32(release_year),
        episode_count: int32(episode_count),
        free_episode_count: int32(free_episode_count),
        episodes: episodes.into_iter().map(episode).collect(),
        etag: etag.0,
    }
}

same_values!(EpisodeAccess => pb::EpisodeAccess { Free, Vip }, to: access_to_api, from: access_of_api);

fn episode(episode: Episode) -> pb::Episode {
    let Episode { id, number, name, access, duration_seconds, available } = episode;
    pb::Episode {
        episode_id: id.to_string(),
        number: int32(number),
        name,
        access: access_to_api(access).into(),
        duration_seconds: int32(duration_seconds),
        available,
    }
}

same_values!(
    RequestState => pb::title_request::State { Queued, Sent, NeedStart, VipRequired, Failed },
    to: state_to_api
);

fn title_request(request: TitleRequest) -> pb::TitleRequest {
    let TitleRequest { id, state, link, expire_time, plans } = request;
    pb::TitleRequest {
        title_request_id: id.map(|id| id.to_string()).unwrap_or_default(),
        state: state_to_api(state).into(),
        link,
        expire_time: expire_time.map(timestamp),
        plans: plans.into_iter().map(product).collect(),
    }
}
