//! The film library.

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _, Select,
    sea_query::{Expr, Query},
};
use uuid::Uuid;

use crate::{
    entity::{category, episode, pending_action, title, title_request},
    error::Result,
    tx::{Read, Tx},
};

/// The area of titles in the search.
pub const TITLE_AREA: &str = "title";

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

impl Read {
    /// The categories that hold a title that can be seen, by name; at most 200.
    pub async fn shown_categories(&self) -> Result<Vec<category::Model>> {
        let shown = Query::select()
            .column(title::Column::CategoryId)
            .from(title::Entity)
            .and_where(title::Column::Hidden.eq(false))
            .and_where(title::Column::CategoryId.is_not_null())
            .distinct()
            .to_owned();
        let found = category::Entity::find()
            .filter(category::Column::Id.in_subquery(shown))
            .order_by_asc(category::Column::Name)
            .limit(200);
        Ok(found.all(self).await?)
    }

    /// The category with this code.
    pub async fn category_by_code(&self, code: &str) -> Result<Option<category::Model>> {
        Ok(category::Entity::find().filter(category::Column::Code.eq(code)).one(self).await?)
    }

    /// The categories with these ids, in no order.
    pub async fn categories(&self, ids: Vec<Uuid>) -> Result<Vec<category::Model>> {
        Ok(category::Entity::find().filter(category::Column::Id.is_in(ids)).all(self).await?)
    }

    /// Titles that can be seen, newest first.
    pub async fn shown_titles(&self, filter: &TitleFilter) -> Result<Vec<title::Model>> {
        Ok(self.shown(filter).all(self).await?)
    }

    pub(crate) fn shown(&self, filter: &TitleFilter) -> Select<title::Entity> {
        let mut query = title::Entity::find()
            .filter(Expr::cust("not \"title\".\"hidden\""))
            .order_by_desc(title::Column::Id)
            .limit(filter.limit);
        if let Some(category_id) = filter.category_id {
            query = query.filter(title::Column::CategoryId.eq(category_id));
        }
        if let Some(after) = filter.after {
            query = query.filter(title::Column::Id.lt(after));
        }
        if !filter.words.is_empty() {
            query = query.filter(title::Column::Id.in_subquery(self.found_in(TITLE_AREA, &filter.words)));
        }
        query
    }

    /// The title with this code, hidden or not.
    pub async fn title_by_code(&self, code: &str) -> Result<Option<title::Model>> {
        Ok(title::Entity::find().filter(title::Column::Code.eq(code)).one(self).await?)
    }

    /// All episodes of a title, hidden ones too, by number.
    pub async fn episodes(&self, title_id: Uuid) -> Result<Vec<episode::Model>> {
        let found =
            episode::Entity::find().filter(episode::Column::TitleId.eq(title_id)).order_by_asc(episode::Column::Number);
        Ok(found.all(self).await?)
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
        Ok(query.one(self).await?)
    }

    /// The user's last request for an episode.
    pub async fn last_title_request(&self, user_id: Uuid, episode_id: Uuid) -> Result<Option<title_request::Model>> {
        let found = title_request::Entity::find()
            .filter(title_request::Column::UserId.eq(user_id))
            .filter(title_request::Column::EpisodeId.eq(episode_id))
            .order_by_desc(title_request::Column::Id)
            .limit(1);
        Ok(found.one(self).await?)
    }

    /// A request, when it is this user's.
    pub async fn title_request_of(&self, id: Uuid, user_id: Uuid) -> Result<Option<title_request::Model>> {
        let found = title_request::Entity::find_by_id(id).filter(title_request::Column::UserId.eq(user_id));
        Ok(found.one(self).await?)
    }

    /// What waits for the token with this hash.
    pub async fn pending_action_by_token(&self, token_hash: &[u8]) -> Result<Option<pending_action::Model>> {
        let found = pending_action::Entity::find().filter(pending_action::Column::TokenHash.eq(token_hash.to_vec()));
        Ok(found.one(self).await?)
    }
}

impl Tx {
    /// Moves a request on.
    pub async fn set_title_request_state(
        &mut self,
        id: Uuid,
        state: &str,
        pending_action_id: Option<Uuid>,
        now: DateTime<Utc>,
    ) -> Result<()> {
        title_request::Entity::update_many()
            .col_expr(title_request::Column::State, Expr::value(state))
            .col_expr(title_request::Column::PendingActionId, Expr::value(pending_action_id))
            .col_expr(title_request::Column::UpdateTime, Expr::value(now))
            .filter(title_request::Column::Id.eq(id))
            .exec(&**self)
            .await?;
        Ok(())
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
