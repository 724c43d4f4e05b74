//! Looking for titles.

use warung_domain::{
    category::CategoryArea,
    ids::{EpisodeId, TitleId},
    library::EpisodeAccess,
    text::{cut, query_words},
};
use warung_store::{Read, TitleFilter, rows};

use super::{card::video, shown_title};
use crate::{
    context::Context,
    engine::Query,
    error::{Error, Result},
    operations::category::{Category, category, category_asked_for},
    operations::put::Etag,
    page::PageRequest,
};

/// How much of a synopsis a list shows, in characters.
const SYNOPSIS_IN_LISTS: usize = 200;

/// A film or series.
#[derive(Clone, Debug)]
pub struct Title {
    /// Its id.
    pub id: TitleId,
    /// The seller's own short name.
    pub code: String,
    /// What it is called.
    pub name: String,
    /// What it is about.
    pub synopsis: String,
    /// Its shelf.
    pub category: Option<Category>,
    /// SHA-256 of its poster.
    pub poster_hash: Option<String>,
    /// 0 when not given.
    pub release_year: i64,
    /// How many episodes can be seen.
    pub episode_count: i64,
    /// How many of them need no membership.
    pub free_episode_count: i64,
    /// By number; empty in lists.
    pub episodes: Vec<Episode>,
    /// Of its last edit.
    pub etag: Etag,
}

/// A part of a title.
#[derive(Clone, Debug)]
pub struct Episode {
    /// Its id.
    pub id: EpisodeId,
    /// From 1.
    pub number: i64,
    /// What it is called, or empty.
    pub name: String,
    /// Who may watch it.
    pub access: EpisodeAccess,
    /// 0 when not given.
    pub duration_seconds: i64,
    /// It has a video that the main bot can send.
    pub available: bool,
}

impl Title {
    pub(super) fn from_row(row: rows::Title, category: Option<Category>) -> Self {
        Self {
            id: TitleId(row.id),
            code: row.code,
            name: row.name,
            synopsis: row.synopsis,
            category,
            poster_hash: row.poster_hash,
            release_year: row.release_year,
            episode_count: row.episode_count,
            free_episode_count: row.free_episode_count,
            episodes: Vec::new(),
            etag: Etag::of(row.update_time),
        }
    }
}

impl Episode {
    fn from_row(ctx: &Context, row: rows::Episode) -> Self {
        Self {
            // Not only that somebody gave a video: that the bot of now can send it.
            available: video(ctx, &row).is_ok(),
            id: EpisodeId(row.id),
            number: row.number,
            name: row.name,
            access: row.access.0,
            duration_seconds: row.duration_seconds,
        }
    }
}

/// Titles that can be seen, newest first.
#[derive(Clone, Debug, Default)]
pub struct ListTitles {
    /// Which page.
    pub page: PageRequest,
    /// Words that a title must have; empty: all.
    pub query: String,
    /// A category's id or code; empty: all.
    pub category: String,
}

impl Query for ListTitles {
    type Output = (Vec<Title>, String);

    async fn fetch(&self, read: &Read, ctx: &Context) -> Result<(Vec<Title>, String)> {
        let Self { page, query, category } = self;
        let page = page.read(ctx, &format!("titles\0{query}\0{category}"))?;
        let words = match query.trim() {
            "" => Vec::new(),
            query => query_words(query).map_err(|error| Error::invalid("query", &error.to_string()))?,
        };
        let category_id = category_asked_for(read, CategoryArea::Library, category).await?;
        let filter = TitleFilter { words, category_id, after: page.after, limit: page.limit() };
        let mut found = read.shown_titles(&filter).await?;
        let next = page.cut(ctx, &mut found, |row| row.id);
        let mut ids: Vec<_> = found.iter().filter_map(|row| row.category_id).collect();
        ids.sort_unstable();
        ids.dedup();
        let categories = if ids.is_empty() { Vec::new() } else { read.categories(ids).await? };
        let titles = found.into_iter().map(|mut row| {
            row.synopsis = cut(&row.synopsis, SYNOPSIS_IN_LISTS).into_owned();
            let category = categories.iter().find(|category| Some(category.id) == row.category_id);
            let category = category.cloned().map(Into::into);
            Title::from_row(row, category)
        });
        Ok((titles.collect(), next))
    }
}

/// A title that can be seen, with its episodes.
#[derive(Clone, Debug)]
pub struct GetTitle {
    /// Its id or code.
    pub name: String,
    /// Also one that can't be seen: for sellers.
    pub hidden_too: bool,
}

impl Query for GetTitle {
    type Output = Title;

    async fn fetch(&self, read: &Read, ctx: &Context) -> Result<Title> {
        let row = if self.hidden_too {
            super::title_by_name(read, &self.name).await?
        } else {
            shown_title(read, &self.name).await?
        };
        let category = category(read, row.category_id).await?;
        let episodes = read.episodes(row.id).await?.into_iter().filter(|episode| !episode.hidden);
        let episodes = episodes.map(|row| Episode::from_row(ctx, row)).collect();
        Ok(Title { episodes, ..Title::from_row(row, category.map(Into::into)) })
    }
}
