//! Makes or changes a title with its episodes.

use serde_json::json;
use warung_domain::{
    category::CategoryArea,
    ids::TitleId,
    library::{EpisodeAccess, EpisodeInput, SecretUrl, TitleInput, VideoKind, VideoSource},
    text::index_text,
    violation::Violations,
};
use warung_store::{Tx, rows};

use crate::{
    context::Context,
    engine::{AdminCommand, Change, Told},
    error::{Error, Result},
    operations::{
        category::{category_code, category_given},
        put::{Etag, Field, Mask, PutResult, fields, made_at_once, media_id, stored_picture},
    },
};

/// Makes a title with its episodes, or changes the one with this code.
#[derive(Clone, Debug)]
pub struct PutTitle {
    /// What it is to be.
    pub input: TitleInput,
    /// What the caller saw of it.
    pub etag: Etag,
    /// What of it the caller means.
    pub mask: Mask,
}

/// The fields that may be meant.
const FIELDS: &[Field<TitleInput>] =
    fields!(TitleInput: name, synopsis, category_code, poster_media_id, release_year, hidden, episodes);

impl AdminCommand for PutTitle {
    type Output = (TitleId, PutResult);
    const NAME: &'static str = "library.put_title";

    async fn change(&self, tx: &mut Tx, ctx: &Context) -> Result<Told<(TitleId, PutResult)>> {
        let before = tx.lock_title_by_code(&self.input.code).await?;
        let episodes = match &before {
            Some(before) => tx.episodes(before.id).await?,
            None => Vec::new(),
        };
        let there = match &before {
            Some(before) if self.mask.is_partial() => Some(there(tx, before, &episodes).await?),
            _ => None,
        };
        let input = self.mask.beside(FIELDS, self.input.clone(), there)?;
        input.violations().finish()?;
        let mut row = row(tx, ctx, &input, before.as_ref()).await?;
        let id = TitleId(row.id);
        let edits = episode_edits(ctx, row.id, &input, episodes)?;
        if before.as_ref() == Some(&row) && edits.is_empty() {
            return Ok(Told::unchanged((id, PutResult::Unchanged)));
        }
        row.update_time = self.etag.edit(ctx, before.as_ref().map(|row| row.update_time))?;
        let result = if before.is_some() { PutResult::Updated } else { PutResult::Created };
        tx.put(row.clone(), before.is_none()).await.map_err(made_at_once)?;
        for (episode, is_new) in edits {
            if is_new { tx.insert(episode).await? } else { tx.update(episode).await? }
        }
        tx.index_title(&row, &index_text(&row.name)).await?;
        let change = Change::of("title", id).from(before.as_ref().map(shown)).to(shown(&row));
        Ok(Told::changed((id, result), change))
    }
}

/// What the audit trail shows of a title.
fn shown(row: &rows::Title) -> serde_json::Value {
    json!({
        "code": row.code,
        "name": row.name,
        "hidden": row.hidden,
        "episode_count": row.episode_count,
        "free_episode_count": row.free_episode_count,
    })
}

/// A title as a seller would give it to have it as it is.
async fn there(tx: &Tx, row: &rows::Title, episodes: &[rows::Episode]) -> Result<TitleInput> {
    let shown = episodes.iter().filter(|row| !row.hidden);
    Ok(TitleInput {
        code: row.code.clone(),
        name: row.name.clone(),
        synopsis: row.synopsis.clone(),
        category_code: category_code(tx, row.category_id).await?,
        poster_media_id: media_id(row.poster_hash.as_deref()),
        release_year: i32::try_from(row.release_year).unwrap_or_default(),
        hidden: row.hidden,
        episodes: shown.map(episode_input).collect::<Result<_>>()?,
    })
}

async fn row(tx: &Tx, ctx: &Context, input: &TitleInput, before: Option<&rows::Title>) -> Result<rows::Title> {
    let mut found = Violations::new();
    let category_id = category_given(tx, &mut found, CategoryArea::Library, &input.category_code).await?;
    let poster_hash = stored_picture(tx, &mut found, "poster_media_id", &input.poster_media_id).await?;
    found.finish()?;
    let free = input.episodes.iter().filter(|episode| episode.access == Some(EpisodeAccess::Free)).count();
    Ok(rows::Title {
        id: before.map_or_else(|| ctx.new_id(), |row| row.id),
        code: input.code.clone(),
        name: input.name.clone(),
        synopsis: input.synopsis.clone(),
        category_id,
        poster_hash,
        release_year: i64::from(input.release_year),
        hidden: input.hidden,
        episode_count: i64::try_from(input.episodes.len()).unwrap_or(i64::MAX),
        free_episode_count: i64::try_from(free).unwrap_or(i64::MAX),
        create_time: before.map_or(ctx.now, |row| row.create_time),
        update_time: before.map_or(ctx.now, |row| row.update_time),
    })
}

/// The episodes that become another, as they are to be, and whether each is new.
fn episode_edits(
    ctx: &Context,
    title_id: uuid::Uuid,
    input: &TitleInput,
    mut left: Vec<rows::Episode>,
) -> Result<Vec<(rows::Episode, bool)>> {
    let mut edits = Vec::new();
    for input in &input.episodes {
        let place = left.iter().position(|row| row.number == i64::from(input.number));
        let before = place.map(|place| left.swap_remove(place));
        let row = episode_row(ctx, title_id, input, before.as_ref())?;
        if before.as_ref() != Some(&row) {
            edits.push((rows::Episode { update_time: ctx.now, ..row }, before.is_none()));
        }
    }
    // Not removed: a request that is on its way still points at it.
    let gone = left.into_iter().filter(|row| !row.hidden);
    edits.extend(gone.map(|row| (rows::Episode { hidden: true, update_time: ctx.now, ..row }, false)));
    Ok(edits)
}

/// An episode as a seller would give it to have it as it is.
fn episode_input(row: &rows::Episode) -> Result<EpisodeInput> {
    let inconsistent = || Error::inconsistent("episode.number");
    let video = match (&row.video_file_id, row.video_chat_id.zip(row.video_message_id), &row.video_url) {
        (Some(file_id), ..) => {
            Some(VideoSource::File { file_id: file_id.clone(), bot_id: row.video_bot_id.unwrap_or_default() })
        }
        (None, Some((chat_id, message_id)), _) => Some(VideoSource::Copy { chat_id, message_id }),
        (None, None, Some(url)) => Some(VideoSource::Url(SecretUrl(url.clone()))),
        (None, None, None) => None,
    };
    Ok(EpisodeInput {
        number: i32::try_from(row.number).map_err(|_| inconsistent())?,
        name: row.name.clone(),
        access: Some(row.access.0),
        duration_seconds: i32::try_from(row.duration_seconds).map_err(|_| inconsistent())?,
        video,
    })
}

fn episode_row(
    ctx: &Context,
    title_id: uuid::Uuid,
    input: &EpisodeInput,
    before: Option<&rows::Episode>,
) -> Result<rows::Episode> {
    let access = input.access.ok_or_else(|| Error::invalid("episodes.access", "is required"))?;
    let mut row = rows::Episode {
        id: before.map_or_else(|| ctx.new_id(), |row| row.id),
        title_id,
        number: i64::from(input.number),
        name: input.name.clone(),
        access: access.into(),
        duration_seconds: i64::from(input.duration_seconds),
        hidden: false,
        video_kind: None,
        video_file_id: None,
        video_bot_id: None,
        video_chat_id: None,
        video_message_id: None,
        video_url: None,
        create_time: before.map_or(ctx.now, |row| row.create_time),
        update_time: before.map_or(ctx.now, |row| row.update_time),
    };
    match &input.video {
        None => {}
        Some(VideoSource::File { file_id, bot_id }) => {
            let main_bot = ctx.environment.main_bot.id();
            row.video_kind = Some(VideoKind::File.into());
            row.video_file_id = Some(file_id.clone());
            row.video_bot_id = Some(if *bot_id == 0 { main_bot } else { *bot_id });
        }
        Some(VideoSource::Copy { chat_id, message_id }) => {
            row.video_kind = Some(VideoKind::Copy.into());
            row.video_chat_id = Some(*chat_id);
            row.video_message_id = Some(*message_id);
        }
        Some(VideoSource::Url(SecretUrl(url))) => {
            row.video_kind = Some(VideoKind::Url.into());
            row.video_url = Some(url.clone());
        }
    }
    Ok(row)
}
