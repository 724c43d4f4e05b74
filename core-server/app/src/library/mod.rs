//! The film library: looking, asking, watching, and filling it.

mod card;
mod pending_action;
mod put_title;
mod redeem_pending_actions;
mod redeem_start_token;
mod request_title;
mod title_request;
mod titles;
mod watch;

pub use pending_action::{GetPendingAction, PendingAction};
pub use put_title::PutTitle;
pub use redeem_pending_actions::RedeemPendingActions;
pub use redeem_start_token::{RedeemStartToken, redeem_start_token};
pub use request_title::{RequestTitle, request_title};
pub use title_request::{TitleRequest, follow_title_request};
pub(crate) use title_request::{settle_sent_title_requests, settle_title_request};
pub use titles::{Episode, GetTitle, ListTitles, Title};
pub use warung_domain::library::RequestState;
pub use watch::{ResolveWatchLink, WatchEpisode};

use warung_domain::{
    ids::{EpisodeId, TitleId},
    membership::Membership,
    standing::Standing,
};
use warung_store::{Read, TitleKey, rows};

use crate::{
    context::Context,
    error::{Error, Precondition, Result},
    membership,
};

pub use crate::operations::put::{Etag, Mask, PutResult};

/// What a title is asked for by: its id, or else its code.
fn title_key(name: &str) -> TitleKey<'_> {
    name.parse::<TitleId>().map_or(TitleKey::Code(name), |id| TitleKey::Id(id.0))
}

/// The title of an id or a code.
async fn title_by_name(read: &Read, name: &str) -> Result<rows::Title> {
    let found = match title_key(name) {
        TitleKey::Id(id) => read.find(id).await?,
        TitleKey::Code(code) => read.title_by_code(code).await?,
    };
    found.ok_or_else(|| Error::not_found("title", &name))
}

/// The title of an id or a code, if it can be seen.
async fn shown_title(read: &Read, name: &str) -> Result<rows::Title> {
    let title = title_by_name(read, name).await?;
    if title.hidden { Err(Error::not_found("title", &name)) } else { Ok(title) }
}

/// An episode that can be seen, of a title that can.
async fn shown_episode(read: &Read, id: EpisodeId) -> Result<(rows::Title, rows::Episode)> {
    let missing = || Error::not_found("episode", &id);
    let episode: rows::Episode = read.find(id.0).await?.ok_or_else(missing)?;
    let title: rows::Title = read.find(episode.title_id).await?.ok_or_else(missing)?;
    if episode.hidden || title.hidden { Err(missing()) } else { Ok((title, episode)) }
}

/// The name of an episode's title, its number, and whether it is one of several; hidden ones, too.
pub(crate) async fn names_of(read: &Read, id: EpisodeId) -> Result<Option<(String, i64, bool)>> {
    let episode: Option<rows::Episode> = read.find(id.0).await?;
    let Some(episode) = episode else { return Ok(None) };
    let title: Option<rows::Title> = read.find(episode.title_id).await?;
    Ok(title.map(|title| (title.name, episode.number, title.episode_count > 1)))
}

/// Refuses somebody who may not watch an episode now.
async fn check_access(
    read: &Read,
    ctx: &Context,
    episode: &rows::Episode,
    (user_id, standing): (uuid::Uuid, Standing),
) -> Result<()> {
    if is_free(episode) && standing != Standing::Blocked {
        return Ok(());
    }
    check_watcher(ctx, episode, standing, membership::of_user(read, user_id).await?)
}

/// Refuses somebody who may not watch an episode now. Who is blocked watches what their membership was paid for, and nothing
/// that is given away.
fn check_watcher(ctx: &Context, episode: &rows::Episode, standing: Standing, membership: Membership) -> Result<()> {
    match (membership.is_active(ctx.now), standing) {
        (true, _) => Ok(()),
        (false, Standing::Blocked) => Err(Error::Blocked),
        (false, _) if is_free(episode) => Ok(()),
        (false, _) => Err(Precondition::VipRequired.into()),
    }
}

fn is_free(episode: &rows::Episode) -> bool {
    episode.access.0.permits(false)
}
