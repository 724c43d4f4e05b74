//! "Tonton Sekarang": the video of an episode.

use std::sync::Arc;

use teloxide::types::CallbackQuery;
use warung_proto::{ErrorReason, error::reason};

use super::{App, Failure, RequestIds, app::telegram_id, plans, screen::Place};
use crate::words::Key;

/// Asks the core for the video, which comes as a delivery, and answers the press with what it said. Who is no member is
/// shown how to become one.
pub(super) async fn watch(
    app: Arc<App>,
    ids: RequestIds,
    query: CallbackQuery,
    episode_id: String,
) -> Result<(), Failure> {
    let key = match app.core.watch_episode(ids.of("watch"), telegram_id(&query.from), &episode_id).await {
        Ok(()) => {
            app.answer(&query, None).await;
            return Ok(());
        }
        Err(status) => match reason(&status) {
            ErrorReason::VipRequired => Key::VipRequired,
            ErrorReason::VideoMissing => Key::VideoMissing,
            ErrorReason::NotFound | ErrorReason::InvalidArgument => Key::EpisodeUnknown,
            _ => return Err(status.into()),
        },
    };
    let person = app.greet(ids, &query.from).await?;
    app.tell(&query, person.language, key).await?;
    if key == Key::VipRequired {
        plans::show(&app, &person, Place::beside(&query)).await?;
    }
    Ok(())
}
