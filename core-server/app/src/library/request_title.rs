//! Asks for an episode: it arrives in the caller's chat with the bot.

use std::time::Duration;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use warung_domain::{
    delivery::Lane,
    ids::TitleRequestId,
    message::{Bot, Operation},
    principal::Person,
};
use warung_store::{Tx, rows};

use super::{
    card::card,
    check_access, shown_title,
    title_request::{RequestState, TitleRequest, follow_title_request},
};
use crate::{
    context::Context,
    engine::{Command, Engine},
    error::{Error, Precondition, Result},
    identity::language_of,
    messaging::{NewDelivery, Purpose, write_delivery},
};

/// Asks for an episode.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RequestTitle {
    /// The title's id or code.
    pub title: String,
    /// The episode's number; `None`: the first.
    pub episode_number: Option<i64>,
    /// The user has just allowed the bot to write.
    pub write_access_granted: bool,
}

/// Asks for an episode, and waits a moment for its arrival.
pub async fn request_title(engine: &Engine, ctx: &Context, command: RequestTitle) -> Result<TitleRequest> {
    let id = match engine.run(ctx, command).await {
        Ok(id) => id,
        Err(Error::Precondition(Precondition::VipRequired)) => return Ok(TitleRequest::vip_required(ctx)),
        Err(error) => return Err(error),
    };
    let wait = Duration::from_millis(u64::try_from(ctx.settings.request_wait_ms).unwrap_or_default());
    follow_title_request(engine, ctx, id, wait).await
}

impl Command for RequestTitle {
    type Output = TitleRequestId;
    const NAME: &'static str = "library.request_title";

    async fn execute(&self, tx: &mut Tx, ctx: &Context) -> Result<TitleRequestId> {
        let person = ctx.person()?;
        let title = shown_title(tx, &self.title).await?;
        let episode = tx.shown_episode(title.id, self.episode_number).await?;
        let episode = episode.ok_or_else(|| {
            Error::not_found("episode", &format!("{}:{}", self.title, self.episode_number.unwrap_or(1)))
        })?;
        check_access(tx, ctx, &episode, person.user_id.0).await?;
        let user = tx.lock_user(person.user_id.0).await?;
        if let Some(id) = self.same_again(tx, ctx, &person, &episode).await? {
            return Ok(id);
        }
        let content = card(ctx, language_of(&user), person.telegram_id, &title, &episode)?;
        let id = TitleRequestId(ctx.new_id());
        let row = rows::TitleRequest {
            id: id.0,
            user_id: person.user_id.0,
            episode_id: episode.id,
            state: RequestState::Queued.name().to_owned(),
            pending_action_id: None,
            create_time: ctx.now,
            update_time: ctx.now,
        };
        tx.insert(row).await?;
        let delivery = NewDelivery {
            bot: Bot::Main,
            chat_id: person.telegram_id,
            lane: Lane::Reply,
            operation: Operation::Send(content),
            purpose: Purpose::TitleRequest(id),
        };
        write_delivery(tx, ctx, delivery).await?;
        Ok(id)
    }
}

impl RequestTitle {
    /// A request of a moment ago for the same, whose answer still holds: somebody tapped twice.
    async fn same_again(
        &self,
        tx: &Tx,
        ctx: &Context,
        person: &Person,
        episode: &rows::Episode,
    ) -> Result<Option<TitleRequestId>> {
        let Some(last) = tx.last_title_request(person.user_id.0, episode.id).await? else { return Ok(None) };
        let window = TimeDelta::try_seconds(ctx.settings.request_repeat_window_seconds).unwrap_or_default();
        if ctx.now - last.create_time >= window {
            return Ok(None);
        }
        Ok(match RequestState::from_name(&last.state)? {
            RequestState::Queued | RequestState::Sent => Some(TitleRequestId(last.id)),
            RequestState::NeedStart if !self.write_access_granted => Some(TitleRequestId(last.id)),
            _ => None,
        })
    }
}
