//! Pictures.

use bytes::Bytes;
use serde_json::json;
use warung_domain::library::is_media_id;
use warung_store::{MediaDescription, MediaError, Read, Tx, rows};

use crate::{
    context::Context,
    engine::{AdminCommand, Change, Engine, Query, Told},
    error::{Error, Result},
};

/// Stores a picture and its thumbnail; the same bytes have the same hash. The bytes are kept before the row, so that
/// every row has its picture.
pub async fn put_media(engine: &Engine, ctx: &Context, content: Bytes) -> Result<MediaDescription> {
    let description = engine.media().put(content).await.map_err(refused)?;
    engine.run(ctx, RecordMedia::of(&description)).await?;
    Ok(description)
}

/// Why a picture could not be stored.
fn refused(error: MediaError) -> Error {
    match error {
        MediaError::Storage(cause) | MediaError::Address(cause) => warung_store::Error::Unavailable(cause).into(),
        MediaError::Full => warung_store::Error::Full.into(),
        MediaError::NotAPicture | MediaError::Damaged | MediaError::TooLarge | MediaError::TooManyPixels => {
            Error::invalid("content", &error.to_string())
        }
    }
}

#[derive(Clone, Debug)]
struct RecordMedia {
    hash: String,
    content_type: String,
    size_bytes: i64,
    width: i64,
    height: i64,
}

impl RecordMedia {
    fn of(description: &MediaDescription) -> Self {
        Self {
            hash: description.hash.clone(),
            content_type: description.content_type.to_owned(),
            size_bytes: i64::try_from(description.size_bytes).unwrap_or(i64::MAX),
            width: i64::from(description.width),
            height: i64::from(description.height),
        }
    }
}

impl AdminCommand for RecordMedia {
    type Output = ();
    const NAME: &'static str = "operations.put_media";

    async fn change(&self, tx: &mut Tx, ctx: &Context) -> Result<Told<()>> {
        let Self { hash, content_type, size_bytes, width, height } = self.clone();
        let row = rows::Media { hash, content_type, size_bytes, width, height, create_time: ctx.now };
        let change = Change::of("media", &row.hash).to(json!({ "size_bytes": row.size_bytes }));
        Ok(if tx.insert_new(row).await? { Told::changed((), change) } else { Told::unchanged(()) })
    }
}

/// The bytes of a picture and their type; `None` when there is no such picture.
pub async fn get_media(
    engine: &Engine,
    ctx: &Context,
    media_id: &str,
    thumbnail: bool,
) -> Result<Option<(Bytes, String)>> {
    if !is_media_id(media_id) {
        return Ok(None);
    }
    let hash = media_id.trim_start_matches("med_");
    let Some(media) = engine.ask(ctx, FindMedia(hash.to_owned())).await? else { return Ok(None) };
    let found = if thumbnail { engine.media().thumbnail(hash).await } else { engine.media().original(hash).await };
    let found = found.map_err(|error| Error::Store(warung_store::Error::Unavailable(error.to_string())))?;
    let content_type = if thumbnail { "image/jpeg".to_owned() } else { media.content_type };
    Ok(found.map(|content| (content, content_type)))
}

struct FindMedia(String);

impl Query for FindMedia {
    type Output = Option<rows::Media>;

    async fn fetch(&self, read: &Read, _ctx: &Context) -> Result<Option<rows::Media>> {
        Ok(read.find(self.0.clone()).await?)
    }
}

#[cfg(test)]
mod tests {
    use warung_store::Error as StoreError;

    use super::*;

    #[test]
    fn a_picture_is_refused_for_itself_or_for_what_the_store_can_not_do() {
        assert!(matches!(refused(MediaError::Full), Error::Store(StoreError::Full)));
        let storage = MediaError::Storage("the folder is gone".into());
        assert!(matches!(refused(storage), Error::Store(StoreError::Unavailable(_))));
        assert!(matches!(refused(MediaError::TooLarge), Error::Invalid(_)));
    }
}
