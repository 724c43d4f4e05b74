//! The library of the core in memory.

use tonic::{Code, Request, Response, Status};
use warung_proto::{
    ErrorReason,
    library::{self, library_service_server as library_server},
};

use crate::core::{Core, refusal};

#[tonic::async_trait]
impl library_server::LibraryService for Core {
    async fn list_categories(
        &self,
        _: Request<library::ListCategoriesRequest>,
    ) -> Result<Response<library::ListCategoriesResponse>, Status> {
        unreachable!("the adapter does not call it")
    }

    async fn list_titles(
        &self,
        _: Request<library::ListTitlesRequest>,
    ) -> Result<Response<library::ListTitlesResponse>, Status> {
        unreachable!("the adapter does not call it")
    }

    async fn get_title(
        &self,
        request: Request<library::GetTitleRequest>,
    ) -> Result<Response<library::GetTitleResponse>, Status> {
        self.admit(&request).await?;
        let title = self.state().titles.get(&request.into_inner().title_id).cloned();
        let title = title.ok_or_else(|| refusal(Code::NotFound, ErrorReason::NotFound))?;
        Ok(Response::new(library::GetTitleResponse { title: Some(title) }))
    }

    async fn request_title(
        &self,
        _: Request<library::RequestTitleRequest>,
    ) -> Result<Response<library::RequestTitleResponse>, Status> {
        unreachable!("the adapter does not call it")
    }

    async fn follow_title_request(
        &self,
        _: Request<library::FollowTitleRequestRequest>,
    ) -> Result<Response<library::FollowTitleRequestResponse>, Status> {
        unreachable!("the adapter does not call it")
    }

    async fn watch_episode(
        &self,
        request: Request<library::WatchEpisodeRequest>,
    ) -> Result<Response<library::WatchEpisodeResponse>, Status> {
        let acting = self.admit(&request).await?;
        let request = request.into_inner();
        self.change(|state| {
            state.watched.push((acting, request.request_id, request.episode_id));
            state.watch_answer.clone().map_or(Ok(()), Err)
        })?;
        Ok(Response::new(library::WatchEpisodeResponse { delivery_id: "dlv_1".to_owned() }))
    }

    async fn redeem_start_token(
        &self,
        request: Request<library::RedeemStartTokenRequest>,
    ) -> Result<Response<library::RedeemStartTokenResponse>, Status> {
        let acting = self.admit(&request).await?;
        let request = request.into_inner();
        let state = self.change(|state| {
            state.redeemed.push((acting, request.request_id, request.token));
            let queued = library::title_request::State::Queued;
            state.redeem_answer.clone().map_or(Ok(state.redeem_outcome.unwrap_or(queued)), Err)
        })?;
        let title_request = library::TitleRequest { state: state.into(), ..library::TitleRequest::default() };
        Ok(Response::new(library::RedeemStartTokenResponse { title_request: Some(title_request) }))
    }

    async fn redeem_pending_actions(
        &self,
        request: Request<library::RedeemPendingActionsRequest>,
    ) -> Result<Response<library::RedeemPendingActionsResponse>, Status> {
        let acting = self.admit(&request).await?;
        let request = request.into_inner();
        let delivered_count = self.change(|state| {
            state.starts.push((acting, request.request_id));
            std::mem::take(&mut state.waiting)
        });
        Ok(Response::new(library::RedeemPendingActionsResponse { delivered_count }))
    }

    async fn get_pending_action(
        &self,
        _: Request<library::GetPendingActionRequest>,
    ) -> Result<Response<library::GetPendingActionResponse>, Status> {
        unreachable!("the adapter does not call it")
    }

    async fn resolve_watch_link(
        &self,
        _: Request<library::ResolveWatchLinkRequest>,
    ) -> Result<Response<library::ResolveWatchLinkResponse>, Status> {
        unreachable!("the adapter does not call it")
    }
}
