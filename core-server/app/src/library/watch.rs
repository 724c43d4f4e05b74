//! Watching: the video itself, or the way to it.

use warung_domain::{
    delivery::Lane,
    ids::{DeliveryId, EpisodeId},
    library::{SecretUrl, VideoSource, WatchLink},
    message::{Bot, Content, Media, Operation},
};
use warung_store::{Read, Tx};

use super::{
    card::{heading, video},
    check_access, shown_episode,
};
use crate::{
    context::Context,
    engine::{Command, Query},
    error::{Precondition, Result},
    identity::language_of,
    messaging::{NewDelivery, Purpose, write_delivery_once},
};

/// The user pressed "Tonton Sekarang": sends the video to their chat.
#[derive(Clone, Copy, Debug)]
pub struct WatchEpisode {
    /// Which episode.
    pub episode_id: EpisodeId,
}

impl Command for WatchEpisode {
    type Output = DeliveryId;
    const NAME: &'static str = "library.watch_episode";
    const LOCKS_CALLER: bool = true;

    async fn execute(&self, tx: &mut Tx, ctx: &Context) -> Result<DeliveryId> {
        let person = ctx.person()?;
        // Locked: of two presses at the same moment the second finds what the first has written.
        let user = tx.lock_user(person.user_id.0).await?;
        let (title, episode) = shown_episode(tx, self.episode_id).await?;
        check_access(tx, ctx, &episode, (user.id, person.standing)).await?;
        let caption = heading(language_of(&user), &title, &episode).to_string();
        let operation = match video(ctx, &episode)? {
            VideoSource::File { file_id, .. } => Operation::Send(Content {
                text_html: caption,
                media: Some(Media::Video { file_id, duration_seconds: episode.duration_seconds }),
                protect_content: true,
                ..Content::default()
            }),
            VideoSource::Copy { chat_id, message_id } => Operation::Copy {
                from_chat_id: chat_id,
                message_id,
                caption_html: caption,
                protect_content: true,
                rows: Vec::new(),
            },
            // Its button is a link, so nobody is sent here.
            VideoSource::Url(_) => return Err(Precondition::VideoMissing.into()),
        };
        let delivery = NewDelivery {
            bot: Bot::Main,
            chat_id: person.telegram_id,
            lane: Lane::Reply,
            operation,
            purpose: Purpose::Video(self.episode_id),
        };
        write_delivery_once(tx, ctx, delivery).await
    }
}

/// Where a watch link leads. Its user's membership is checked again.
#[derive(Clone, Debug)]
pub struct ResolveWatchLink {
    /// The token that stood in the link.
    pub token: String,
}

impl Query for ResolveWatchLink {
    type Output = SecretUrl;

    async fn fetch(&self, read: &Read, ctx: &Context) -> Result<SecretUrl> {
        let link = WatchLink::open(&ctx.environment.secret, &self.token, ctx.now)
            .map_err(|_| Precondition::WatchLinkExpired)?;
        let (_, episode) = shown_episode(read, link.episode_id).await?;
        let user = read.user_by_telegram_id(link.telegram_id).await?;
        let user = user.ok_or(Precondition::WatchLinkExpired)?;
        check_access(read, ctx, &episode, (user.id, ctx.people.of(link.telegram_id))).await?;
        match video(ctx, &episode)? {
            VideoSource::Url(url) => Ok(url),
            VideoSource::File { .. } | VideoSource::Copy { .. } => Err(Precondition::WatchLinkExpired.into()),
        }
    }
}
