//! `warung.library.v1.LibraryAdminService`.

use tonic::{Request, Response, Status};
use warung_app::{
    Result,
    library::{Etag, GetTitle, Mask, PutResult, PutTitle},
    operations::category::{GetCategory, PutCategory},
};
use warung_domain::{
    category::{CategoryArea, CategoryInput},
    library::{EpisodeInput, SecretUrl, TitleInput, VideoSource},
};
use warung_proto::library::{
    self as pb, PutCategoryRequest, PutCategoryResponse, PutTitleRequest, PutTitleResponse, episode_input::Video,
    library_admin_service_server::LibraryAdminService,
};

use super::{Rpc, answer, enter, library, same_values::same_values};

#[tonic::async_trait]
impl LibraryAdminService for Rpc {
    async fn put_category(
        &self,
        request: Request<PutCategoryRequest>,
    ) -> Result<Response<PutCategoryResponse>, Status> {
        answer(async {
            let (ctx, request) = enter(request)?;
            let PutCategoryRequest { request_id: _, code, name, emoji, etag, update_mask } = request;
            let input = CategoryInput { code, name, emoji };
            let (id, result) = self
                .engine
                .run(
                    &ctx,
                    PutCategory { area: CategoryArea::Library, input, etag: Etag(etag), mask: Mask(update_mask) },
                )
                .await?;
            self.shelves.clear();
            let found = self.engine.ask(&ctx, GetCategory { id }).await?;
            Ok(PutCategoryResponse { category: Some(library::category(found)), result: put_result(result).into() })
        })
        .await
    }

    async fn put_title(&self, request: Request<PutTitleRequest>) -> Result<Response<PutTitleResponse>, Status> {
        answer(async {
            let (ctx, request) = enter(request)?;
            let (id, result) = self.engine.run(&ctx, put_title(request)).await?;
            self.shelves.clear();
            let title = self.engine.ask(&ctx, GetTitle { name: id.to_string(), hidden_too: true }).await?;
            Ok(PutTitleResponse { title: Some(library::title(title)), result: put_result(result).into() })
        })
        .await
    }
}

same_values!(PutResult => pb::PutResult { Created, Updated, Unchanged }, to: put_result);

fn put_title(request: PutTitleRequest) -> PutTitle {
    let PutTitleRequest {
        request_id: _,
        code,
        name,
        synopsis,
        category_code,
        poster_media_id,
        release_year,
        hidden,
        episodes,
        etag,
        update_mask,
    } = request;
    let input = TitleInput {
        code,
        name,
        synopsis,
        category_code,
        poster_media_id,
        release_year,
        hidden,
        episodes: episodes.into_iter().map(episode_input).collect(),
    };
    PutTitle { input, etag: Etag(etag), mask: Mask(update_mask) }
}

fn episode_input(episode: pb::EpisodeInput) -> EpisodeInput {
    let access = library::access_of_api(episode.access());
    let pb::EpisodeInput { number, name, access: _, duration_seconds, video } = episode;
    let video = video.map(|video| match video {
        Video::File(pb::TelegramFile { file_id, bot_id }) => VideoSource::File { file_id, bot_id },
        Video::MessageCopy(pb::MessageCopy { chat_id, message_id }) => VideoSource::Copy { chat_id, message_id },
        Video::Url(url) => VideoSource::Url(SecretUrl(url)),
    });
    EpisodeInput { number, name, access, duration_seconds, video }
}
