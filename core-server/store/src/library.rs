//! The film library.

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, DbErr, EntityTrait as _, FromQueryResult as _, Iden as _, Iterable as _,
    PaginatorTrait as _, QueryFilter as _, QueryOrder as _, QueryResult, QuerySelect as _, Select,
    sea_query::{Alias, Expr, ExprTrait as _, Order, Query, SelectStatement},
};
use uuid::Uuid;
use warung_domain::library::RequestState;

use crate::{
    by_name::ByName,
    delivery::padded,
    entity::{episode, membership, pending_action, title, title_request},
    error::Result,
    search::{Search, facet},
    tx::{Read, Tx},
    watch::{News, Topic},
};

/// The area of titles in the search.
pub(crate) const TITLE_AREA: &str = "title";

/// Which titles to list.
#[derive(Clone, Debug, Default)]
pub struct TitleFilter {
    /// Only those that fit all of these normalised words; empty: all.
    pub words: Vec<String>,
    /// Only those of this category.
    pub category_id: Option<Uuid>,
    /// Only those that come after this one, newest first.
    pub after: Option<Uuid>,
    /// At most so many.
    pub limit: u64,
}

/// What a title is asked for by.
#[derive(Clone, Copy, Debug)]
pub enum TitleKey<'a> {
    /// Its id.
    Id(Uuid),
    /// Its code.
    Code(&'a str),
}

/// What a user's request for an episode looks at.
#[derive(Clone, Debug)]
pub struct WantedEpisode {
    /// The title; it may be hidden.
    pub title: title::Model,
    /// The episode, if there is one that can be seen.
    pub episode: Option<episode::Model>,
    /// Until when the user is a member, if they ever were one.
    pub member_until: Option<DateTime<Utc>>,
    /// The user's last request for the episode.
    pub last_request: Option<title_request::Model>,
}

/// Whose request [`Read::wanted_of_many`] looks at.
#[derive(Clone, Copy, Debug)]
pub struct Asking {
    /// The title.
    pub title_id: Uuid,
    /// The episode's number; `None`: the first that can be seen.
    pub number: Option<i64>,
    /// The user.
    pub user_id: Uuid,
}

fn wanted_by_one(title: TitleKey<'_>, number: Option<i64>, user_id: Uuid) -> SelectStatement {
    let key = match title {
        TitleKey::Id(id) => title::Column::Id.eq(id),
        TitleKey::Code(code) => title::Column::Code.eq(code),
    };
    let number = number.map(|number| Expr::col((of_title(), episode::Column::Number)).eq(number));
    wanted(Query::select().from(title::Entity).and_where(key), number, &Expr::val(user_id))
}

/// With the place of each in `asking`, as SQL has no order of its own.
fn wanted_by_many(asking: Vec<Asking>) -> SelectStatement {
    let asked = Alias::new("asked");
    // Named so by both databases.
    let column = |number: u8| Expr::col((asked.clone(), Alias::new(format!("column{number}"))));
    let values = padded(asking).into_iter().zip(0_i64..);
    let values = values.map(|(asking, place)| (place, asking.title_id, asking.number, asking.user_id));
    let number = Expr::col((of_title(), episode::Column::Number)).eq(column(3)).or(column(3).is_null());
    let is_asked = Expr::col((title::Entity, title::Column::Id)).eq(column(2));
    let mut from = Query::select();
    from.expr_as(column(1), "place")
        .from_values(values.collect::<Vec<_>>(), asked.clone())
        .inner_join(title::Entity, is_asked);
    wanted(&mut from, Some(number), &column(4))
}

fn of_title() -> Alias {
    Alias::new("of_title")
}

/// Completes a query of titles with all that a request looks at.
fn wanted(titles: &mut SelectStatement, number: Option<Expr>, user_id: &Expr) -> SelectStatement {
    let of_user = Alias::new("of_user");
    let shown = Query::select()
        .column((of_title(), episode::Column::Id))
        .from_as(episode::Entity, of_title())
        .and_where(Expr::col((of_title(), episode::Column::TitleId)).equals((title::Entity, title::Column::Id)))
        .and_where(Expr::col((of_title(), episode::Column::Hidden)).eq(false))
        .and_where_option(number)
        .order_by((of_title(), episode::Column::Number), Order::Asc)
        .limit(1)
        .take();
    let is_episodes =
        Expr::col((of_user.clone(), title_request::Column::EpisodeId)).equals((episode::Entity, episode::Column::Id));
    let last = Query::select()
        .column((of_user.clone(), title_request::Column::Id))
        .from_as(title_request::Entity, of_user.clone())
        .and_where(Expr::col((of_user.clone(), title_request::Column::UserId)).eq(user_id.clone()))
        .and_where(is_episodes)
        .order_by((of_user, title_request::Column::Id), Order::Desc)
        .limit(1)
        .take();
    for column in title::Column::iter() {
        titles.expr_as(Expr::col((title::Entity, column)), format!("title_{}", column.unquoted()));
    }
    for column in episode::Column::iter() {
        titles.expr_as(Expr::col((episode::Entity, column)), format!("episode_{}", column.unquoted()));
    }
    for column in title_request::Column::iter() {
        titles.expr_as(Expr::col((title_request::Entity, column)), format!("last_{}", column.unquoted()));
    }
    titles
        .expr_as(Expr::col((membership::Entity, membership::Column::ExpireTime)), "member_expire_time")
        .left_join(episode::Entity, Expr::col((episode::Entity, episode::Column::Id)).eq(subquery(shown)))
        .left_join(membership::Entity, Expr::col((membership::Entity, membership::Column::UserId)).eq(user_id.clone()))
        .left_join(
            title_request::Entity,
            Expr::col((title_request::Entity, title_request::Column::Id)).eq(subquery(last)),
        )
        .take()
}

impl WantedEpisode {
    fn read(row: &QueryResult) -> Result<Self> {
        let is_there = |prefix: &str| Ok::<_, DbErr>(row.try_get::<Option<Uuid>>(prefix, "id")?.is_some());
        let has_episode = is_there("episode_")?;
        let has_request = is_there("last_")?;
        Ok(Self {
            title: title::Model::from_query_result(row, "title_")?,
            episode: has_episode.then(|| episode::Model::from_query_result(row, "episode_")).transpose()?,
            member_until: row.try_get("member_", "expire_time")?,
            last_request: has_request.then(|| title_request::Model::from_query_result(row, "last_")).transpose()?,
        })
    }
}

fn subquery(statement: SelectStatement) -> Expr {
    Expr::SubQuery(None, Box::new(statement.into()))
}

/// As the partial indexes say it.
pub(crate) fn is_shown() -> Expr {
    Expr::cust("not \"title\".\"hidden\"")
}

pub(crate) fn shown(filter: &TitleFilter) -> Select<title::Entity> {
    let mut query = title::Entity::find().filter(is_shown()).order_by_desc(title::Column::Id).limit(filter.limit);
    if let Some(category_id) = filter.category_id {
        query = query.filter(title::Column::CategoryId.eq(category_id));
    }
    if let Some(after) = filter.after {
        query = query.filter(title::Column::Id.lt(after));
    }
    query
}

/// What a title is searched by besides its words. A hidden one is not found.
fn facets(hidden: bool, category_id: Option<Uuid>) -> Vec<String> {
    if hidden {
        return Vec::new();
    }
    let category = category_id.map(|id| facet("title", id.simple()));
    std::iter::once(facet("title", "")).chain(category).collect()
}

impl Read {
    /// How many episodes that can be seen have the address of a video.
    pub async fn episodes_by_address(&self) -> Result<u64> {
        let there = episode::Column::VideoUrl.is_not_null().and(episode::Column::Hidden.eq(false));
        Ok(episode::Entity::find().filter(there).count(self).await?)
    }

    /// Titles that can be seen, newest first.
    pub async fn shown_titles(&self, filter: &TitleFilter) -> Result<Vec<title::Model>> {
        let TitleFilter { words, category_id, after, limit } = filter;
        if words.is_empty() {
            return self.all(shown(filter)).await;
        }
        let facets = facets(false, *category_id);
        let found = self.search(&Search { area: TITLE_AREA, words, facets, after: *after, limit: *limit }).await?;
        if found.is_empty() {
            return Ok(Vec::new());
        }
        let query = title::Entity::find().filter(is_shown()).filter(title::Column::Id.is_in(padded(found.clone())));
        let mut titles = self.all(query).await?;
        titles.sort_by_key(|title| found.iter().position(|id| *id == title.id));
        Ok(titles)
    }

    /// The title with this code, hidden or not.
    pub async fn title_by_code(&self, code: &str) -> Result<Option<title::Model>> {
        self.one(title::Entity::find().filter(title::Column::Code.eq(code))).await
    }

    /// All episodes of a title, hidden ones too, by number.
    pub async fn episodes(&self, title_id: Uuid) -> Result<Vec<episode::Model>> {
        let found =
            episode::Entity::find().filter(episode::Column::TitleId.eq(title_id)).order_by_asc(episode::Column::Number);
        self.all(found).await
    }

    /// A title's episode by its number; the first that can be seen when none is named.
    pub async fn shown_episode(&self, title_id: Uuid, number: Option<i64>) -> Result<Option<episode::Model>> {
        let mut query = episode::Entity::find()
            .filter(episode::Column::TitleId.eq(title_id))
            .filter(episode::Column::Hidden.eq(false))
            .order_by_asc(episode::Column::Number)
            .limit(1);
        if let Some(number) = number {
            query = query.filter(episode::Column::Number.eq(number));
        }
        self.one(query).await
    }

    /// All that a user's request for an episode of a title looks at, in one look: the episode of this number, or the
    /// first that can be seen; `None` when there is no such title.
    pub async fn wanted(
        &self,
        title: TitleKey<'_>,
        number: Option<i64>,
        user_id: Uuid,
    ) -> Result<Option<WantedEpisode>> {
        let found = self.query_one(&wanted_by_one(title, number, user_id)).await?;
        found.map(|row| WantedEpisode::read(&row)).transpose()
    }

    /// The same for many at once, in their order.
    pub async fn wanted_of_many(&self, asking: Vec<Asking>) -> Result<Vec<Option<WantedEpisode>>> {
        let mut found = vec![None; asking.len()];
        if asking.is_empty() {
            return Ok(found);
        }
        for row in self.query_all(&wanted_by_many(asking)).await? {
            let place = usize::try_from(row.try_get::<i64>("", "place")?).unwrap_or(usize::MAX);
            // What fills the list up is nobody's.
            if let Some(place) = found.get_mut(place) {
                *place = Some(WantedEpisode::read(&row)?);
            }
        }
        Ok(found)
    }

    /// A request, when it is this user's.
    pub async fn title_request_of(&self, id: Uuid, user_id: Uuid) -> Result<Option<title_request::Model>> {
        let found = title_request::Entity::find_by_id(id).filter(title_request::Column::UserId.eq(user_id));
        self.one(found).await
    }

    /// What waits for a Start of this user, the last first; at most `limit`.
    pub async fn open_pending_actions(
        &self,
        user_id: Uuid,
        now: DateTime<Utc>,
        limit: u64,
    ) -> Result<Vec<pending_action::Model>> {
        let found = pending_action::Entity::find()
            .filter(pending_action::Column::UserId.eq(user_id))
            .filter(pending_action::Column::RedeemTime.is_null())
            .filter(pending_action::Column::ExpireTime.gt(now))
            .order_by_desc(pending_action::Column::Id)
            .limit(limit);
        self.all(found).await
    }

    /// The user's last request for an episode.
    pub async fn last_title_request(&self, user_id: Uuid, episode_id: Uuid) -> Result<Option<title_request::Model>> {
        let found = title_request::Entity::find()
            .filter(title_request::Column::UserId.eq(user_id))
            .filter(title_request::Column::EpisodeId.eq(episode_id))
            .order_by_desc(title_request::Column::Id);
        self.one(found).await
    }

    /// What waits for the token with this hash.
    pub async fn pending_action_by_token(&self, token_hash: &[u8]) -> Result<Option<pending_action::Model>> {
        let found = pending_action::Entity::find().filter(pending_action::Column::TokenHash.eq(token_hash.to_vec()));
        self.one(found).await
    }
}

impl Tx {
    /// The title with this code, hidden or not, locked to be edited.
    pub async fn lock_title_by_code(&mut self, code: &str) -> Result<Option<title::Model>> {
        let query = title::Entity::find().filter(title::Column::Code.eq(code));
        self.one(self.locked_to_edit(query)).await
    }

    /// Makes a title findable by normalised words, instead of those it had; a hidden one is not found.
    pub async fn index_title(&mut self, title: &title::Model, words: &str) -> Result<()> {
        self.index_words(TITLE_AREA, title.id, words, &facets(title.hidden, title.category_id)).await
    }

    /// Moves a request on.
    pub async fn set_title_request_state(
        &mut self,
        id: Uuid,
        state: RequestState,
        pending_action_id: Option<Uuid>,
        now: DateTime<Utc>,
    ) -> Result<()> {
        title_request::Entity::update_many()
            .col_expr(title_request::Column::State, Expr::value(ByName(state)))
            .col_expr(title_request::Column::PendingActionId, Expr::value(pending_action_id))
            .col_expr(title_request::Column::UpdateTime, Expr::value(now))
            .filter(title_request::Column::Id.eq(id))
            .exec(&**self)
            .await?;
        self.change(Topic::TitleRequest(id), News::Changed);
        Ok(())
    }

    /// Moves many requests on whose films have arrived.
    pub async fn set_title_requests_arrived(
        &mut self,
        ids: Vec<Uuid>,
        state: RequestState,
        now: DateTime<Utc>,
    ) -> Result<()> {
        if ids.is_empty() {
            return Ok(());
        }
        for id in &ids {
            self.change(Topic::TitleRequest(*id), News::Arrived);
        }
        let write = title_request::Entity::update_many()
            .col_expr(title_request::Column::State, Expr::value(ByName(state)))
            .col_expr(title_request::Column::PendingActionId, Expr::value(Option::<Uuid>::None))
            .col_expr(title_request::Column::UpdateTime, Expr::value(now))
            .filter(title_request::Column::Id.is_in(padded(ids)));
        self.write_later::<title_request::Entity, _>(write).await
    }

    /// Uses a pending action up. Of all that try at once, one is answered `true`.
    pub async fn redeem_pending_action(&mut self, id: Uuid, now: DateTime<Utc>) -> Result<bool> {
        let done = pending_action::Entity::update_many()
            .col_expr(pending_action::Column::RedeemTime, Expr::value(now))
            .filter(pending_action::Column::Id.eq(id))
            .filter(pending_action::Column::RedeemTime.is_null())
            .filter(pending_action::Column::ExpireTime.gt(now))
            .exec(&**self)
            .await?;
        Ok(done.rows_affected == 1)
    }

    /// Ends whatever token a request waits with, so that another may take its place.
    pub async fn close_pending_actions(&mut self, title_request_id: Uuid, now: DateTime<Utc>) -> Result<()> {
        pending_action::Entity::update_many()
            .col_expr(pending_action::Column::RedeemTime, Expr::value(now))
            .filter(pending_action::Column::TitleRequestId.eq(title_request_id))
            .filter(pending_action::Column::RedeemTime.is_null())
            .exec(&**self)
            .await?;
        Ok(())
    }
}
