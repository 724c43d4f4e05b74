//! Makes or changes a title with its episodes.

use serde_json::json;
use warung_domain::{
    ids::TitleId,
    library::{EpisodeAccess, EpisodeInput, SecretUrl, TitleInput, VideoSource},
    text::index_text,
    violation::Violations,
};
use warung_store::{TITLE_AREA, Tx, rows};

use crate::{
    context::Context,
    engine::Command,
    error::{Error, Result},
    operations::{
        audit::{Change, audit},
        put::{PutResult, stored_picture},
    },
};

/// Makes a title with its episodes, or changes the one with this code.
#[derive(Clone, Debug)]
pub struct PutTitle(pub TitleInput);

impl Command for PutTitle {
    type Output = (TitleId, PutResult);
    const NAME: &'static str = "library.put_title";

    async fn execute(&self, tx: &mut Tx, ctx: &Context) -> Result<(TitleId, PutResult)> {
        self.0.violations().finish()?;
        let before = tx.title_by_code(&self.0.code).await?;
        let mut row = self.row(tx, ctx, before.as_ref()).await?;
        let id = TitleId(row.id);
        if before.is_none() {
            tx.insert(row.clone()).await?;
        }
        let episodes_changed = self.put_episodes(tx, ctx, row.id).await?;
        if before.as_ref() == Some(&row) && !episodes_changed {
            return Ok((id, PutResult::Unchanged));
        }
        if before.is_some() {
            row.update_time = ctx.now;
            tx.update(row.clone()).await?;
        }
        tx.index_words(TITLE_AREA, row.id, &index_text(&row.name)).await?;
        let change = Change {
            command: Self::NAME,
            target: format!("title:{id}"),
            before: before.as_ref().map(shown),
            after: Some(shown(&row)),
        };
        audit(tx, ctx, change).await?;
        Ok((id, if before.is_some() { PutResult::Updated } else { PutResult::Created }))
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

impl PutTitle {
    async fn row(&self, tx: &Tx, ctx: &Context, before: Option<&rows::Title>) -> Result<rows::Title> {
        let input = &self.0;
        let mut found = Violations::new();
        let category_id = match input.category_code.as_str() {
            "" => None,
            code => {
                let category = tx.category_by_code(code).await?;
                found.check(category.is_some(), "category_code", "must be a category that is there");
                category.map(|category| category.id)
            }
        };
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

    /// Makes the episodes what the request says. Answers whether anything changed.
    async fn put_episodes(&self, tx: &mut Tx, ctx: &Context, title_id: uuid::Uuid) -> Result<bool> {
        let mut changed = false;
        let mut left = tx.episodes(title_id).await?;
        for input in &self.0.episodes {
            let place = left.iter().position(|row| row.number == i64::from(input.number));
            let before = place.map(|place| left.swap_remove(place));
            let mut row = episode_row(ctx, title_id, input, before.as_ref())?;
            if before.as_ref() == Some(&row) {
                continue;
            }
            changed = true;
            row.update_time = ctx.now;
            if before.is_some() { tx.update(row).await? } else { tx.insert(row).await? }
        }
        // Not removed: a request that is on its way still points at it.
        for mut row in left.into_iter().filter(|row| !row.hidden) {
            changed = true;
            row.hidden = true;
            row.update_time = ctx.now;
            tx.update(row).await?;
        }
        Ok(changed)
    }
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
            row.video_kind = Some("FILE".into());
            row.video_file_id = Some(file_id.clone());
            row.video_bot_id = Some(if *bot_id == 0 { main_bot } else { *bot_id });
        }
        Some(VideoSource::Copy { chat_id, message_id }) => {
            row.video_kind = Some("COPY".into());
            row.video_chat_id = Some(*chat_id);
            row.video_message_id = Some(*message_id);
        }
        Some(VideoSource::Url(SecretUrl(url))) => {
            row.video_kind = Some("URL".into());
            row.video_url = Some(url.clone());
        }
    }
    Ok(row)
}
