//! Reads what waits for a start token.

use chrono::{DateTime, Utc};
use warung_domain::library::StartToken;
use warung_store::{Read, rows};

use super::Title;
use crate::{
    context::Context,
    engine::Query,
    error::{Error, Precondition, Result},
};

/// Reads what waits for a start token, and leaves it as it is.
#[derive(Clone, Debug)]
pub struct GetPendingAction {
    /// The token as it stood in a link.
    pub token: String,
}

/// What waits for a start token.
#[derive(Clone, Debug)]
pub struct PendingAction {
    /// Whose it is.
    pub telegram_id: i64,
    /// Which title, without episodes.
    pub title: Title,
    /// Which episode.
    pub episode_number: i64,
    /// Until when the token is good.
    pub expire_time: DateTime<Utc>,
}

impl Query for GetPendingAction {
    type Output = PendingAction;

    async fn fetch(&self, read: &Read, ctx: &Context) -> Result<PendingAction> {
        let token = StartToken::parse(&self.token).ok_or(Precondition::StartTokenUnknown)?;
        let action = read.pending_action_by_token(&token.hash()).await?.ok_or(Precondition::StartTokenUnknown)?;
        if action.redeem_time.is_some() {
            return Err(Precondition::StartTokenUsed.into());
        }
        if ctx.now >= action.expire_time {
            return Err(Precondition::StartTokenExpired.into());
        }
        let gone = || Error::inconsistent("pending_action");
        let user: rows::User = read.find(action.user_id).await?.ok_or_else(gone)?;
        let request: rows::TitleRequest = read.find(action.title_request_id).await?.ok_or_else(gone)?;
        let episode: rows::Episode = read.find(request.episode_id).await?.ok_or_else(gone)?;
        let title: rows::Title = read.find(episode.title_id).await?.ok_or_else(gone)?;
        Ok(PendingAction {
            telegram_id: user.telegram_id,
            title: Title::from_row(title, None),
            episode_number: episode.number,
            expire_time: action.expire_time,
        })
    }
}
