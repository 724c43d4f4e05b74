//! `warung.operations.v1.MediaService`.

use tonic::{Request, Response, Status};
use warung_app::{
    Error, Result,
    operations::media::{get_media, put_media},
};
use warung_proto::operations::{
    GetMediaRequest, GetMediaResponse, Media, PutMediaRequest, PutMediaResponse, get_media_request::Variant,
    media_service_server::MediaService,
};

use super::{Rpc, answer, enter};

#[tonic::async_trait]
impl MediaService for Rpc {
    async fn put_media(&self, request: Request<PutMediaRequest>) -> Result<Response<PutMediaResponse>, Status> {
        answer(async {
            let (ctx, request) = enter(request)?;
            let stored = put_media(&self.engine, &ctx, request.content).await?;
            let media = Media {
                media_id: format!("med_{}", stored.hash),
                content_type: stored.content_type.to_owned(),
                size_bytes: i64::try_from(stored.size_bytes).unwrap_or(i64::MAX),
                width: i32::try_from(stored.width).unwrap_or(i32::MAX),
                height: i32::try_from(stored.height).unwrap_or(i32::MAX),
            };
            Ok(PutMediaResponse { media: Some(media) })
        })
        .await
    }

    async fn get_media(&self, request: Request<GetMediaRequest>) -> Result<Response<GetMediaResponse>, Status> {
        answer(async {
            let (ctx, request) = enter(request)?;
            let is_thumbnail = request.variant() == Variant::Thumbnail;
            let found = get_media(&self.engine, &ctx, &request.media_id, is_thumbnail).await?;
            let (content, content_type) = found.ok_or_else(|| Error::not_found("media", &request.media_id))?;
            Ok(GetMediaResponse { content, content_type })
        })
        .await
    }
}
