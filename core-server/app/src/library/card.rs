//! The message that a film arrives with: poster, caption and the button to watch.

use warung_domain::{
    html::{Html, MAX_CAPTION_UNITS},
    ids::EpisodeId,
    library::{SecretUrl, VideoKind, VideoSource, WatchLink},
    message::{Action, ActionKind, Content, Media},
};
use warung_store::rows;

use crate::{
    context::Context,
    error::{Error, Precondition, Result},
    identity::in_seconds,
    words::{Language, words},
};

/// The callback data of "Tonton Sekarang" is this and the episode's id.
pub(super) const WATCH_CALLBACK: &str = "v1:w:";

/// Where an episode's video is, if the main bot can send it.
pub(super) fn video(ctx: &Context, episode: &rows::Episode) -> Result<VideoSource> {
    let missing = || Error::from(Precondition::VideoMissing);
    let broken = || Error::inconsistent("episode.video_kind");
    Ok(match episode.video_kind.ok_or_else(missing)?.0 {
        VideoKind::File => {
            let (file_id, bot_id) = episode.video_file_id.clone().zip(episode.video_bot_id).ok_or_else(broken)?;
            // The id of a file works for the bot that received it alone.
            if bot_id != ctx.environment.main_bot.id() {
                return Err(missing());
            }
            VideoSource::File { file_id, bot_id }
        }
        VideoKind::Copy => {
            let (chat_id, message_id) = episode.video_chat_id.zip(episode.video_message_id).ok_or_else(broken)?;
            VideoSource::Copy { chat_id, message_id }
        }
        VideoKind::Url => {
            // Without an address of ours there is no link that we could give instead of the video's own.
            ctx.environment.public_url.as_ref().ok_or_else(missing)?;
            VideoSource::Url(SecretUrl(episode.video_url.clone().ok_or_else(broken)?))
        }
    })
}

/// The message that a film arrives with.
pub(super) fn card(
    ctx: &Context,
    language: Language,
    telegram_id: i64,
    title: &rows::Title,
    episode: &rows::Episode,
) -> Result<Content> {
    let kind = match video(ctx, episode)? {
        VideoSource::File { .. } | VideoSource::Copy { .. } => {
            ActionKind::Callback(format!("{WATCH_CALLBACK}{}", EpisodeId(episode.id)))
        }
        VideoSource::Url(_) => ActionKind::Url(watch_url(ctx, telegram_id, episode)?),
    };
    let watch = Action { label: words(language, "watch-now", &[]), kind };
    let open = Action {
        label: words(language, "open-app", &[]),
        kind: ActionKind::MiniApp(format!("#/titles/{}", warung_domain::ids::TitleId(title.id))),
    };
    Ok(Content {
        text_html: caption(language, title, episode).to_string(),
        media: title.poster_hash.as_ref().map(|hash| Media::Photo { media_id: format!("med_{hash}") }),
        rows: vec![vec![watch], vec![open]],
        ..Content::default()
    })
}

/// The words above a poster: what it is called, and what it is about.
fn caption(language: Language, title: &rows::Title, episode: &rows::Episode) -> Html {
    let mut caption = heading(language, title, episode);
    if !title.synopsis.is_empty() {
        caption.push_text("\n\n").push_text(&title.synopsis);
    }
    caption.cut(MAX_CAPTION_UNITS)
}

/// What an episode is called: several in one chat must be told apart.
pub(super) fn heading(language: Language, title: &rows::Title, episode: &rows::Episode) -> Html {
    let mut heading = Html::text(&title.name).bold();
    if title.episode_count > 1 {
        let number = words(language, "episode-number", &[("number", &episode.number.to_string())]);
        heading.push_text("\n").push(&Html::text(&number));
        if !episode.name.is_empty() {
            heading.push_text(" · ").push_text(&episode.name);
        }
    }
    heading.cut(MAX_CAPTION_UNITS)
}

/// A link that names its user and shows nothing of where the video is.
fn watch_url(ctx: &Context, telegram_id: i64, episode: &rows::Episode) -> Result<String> {
    let public_url = ctx.environment.public_url.as_ref().ok_or(Precondition::VideoMissing)?;
    let expire_time = in_seconds(ctx.now, ctx.settings.watch_link_ttl_seconds);
    let link = WatchLink { telegram_id, episode_id: EpisodeId(episode.id), expire_time };
    Ok(format!("{public_url}/api/v1/watch/{}", link.token(&ctx.environment.secret)))
}
