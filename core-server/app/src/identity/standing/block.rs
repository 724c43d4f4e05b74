//! Blocks: buyers who may begin nothing new.

use chrono::{DateTime, Utc};
use uuid::Uuid;
use warung_domain::standing::{Standing, StandingName, reason_violations};
use warung_store::{Read, Tx, rows};

use super::change::change;
use crate::{
    context::Context,
    engine::{AdminCommand, Engine, Query, Told},
    error::{Error, Precondition, Result},
    identity::user::names_of,
    page::PageRequest,
};

/// A buyer who is blocked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockedUser {
    /// Telegram's id.
    pub telegram_id: i64,
    /// Untrusted text; empty when they have not met the bot.
    pub first_name: String,
    /// Without `@`; empty when there is none.
    pub username: String,
    /// Why, in the words of who did it.
    pub reason: String,
    /// Who did it.
    pub changed_by: String,
    /// When.
    pub change_time: DateTime<Utc>,
}

async fn with_names(read: &Read, rows: Vec<rows::Standing>) -> Result<Vec<BlockedUser>> {
    let names = names_of(read, rows.iter().map(|row| row.telegram_id).collect()).await?;
    let blocked = |(row, (first_name, username))| {
        let rows::Standing { telegram_id, reason, changed_by, change_time, .. } = row;
        BlockedUser { telegram_id, first_name, username, reason, changed_by, change_time }
    };
    Ok(rows.into_iter().zip(names).map(blocked).collect())
}

/// Those who are blocked, by their Telegram ids.
#[derive(Clone, Debug, Default)]
pub struct ListBlockedUsers {
    /// Which page.
    pub page: PageRequest,
}

/// A Telegram id as the key of a page.
fn key(telegram_id: i64) -> Uuid {
    Uuid::from_u64_pair(0, telegram_id.cast_unsigned())
}

impl Query for ListBlockedUsers {
    type Output = (Vec<BlockedUser>, String);

    async fn fetch(&self, read: &Read, ctx: &Context) -> Result<(Vec<BlockedUser>, String)> {
        let page = self.page.read(ctx, "blocked_users")?;
        let after = page.after.map(|key| key.as_u64_pair().1.cast_signed());
        let mut rows = read.blocked(after, page.limit()).await?;
        let next = page.cut(ctx, &mut rows, |row| key(row.telegram_id));
        Ok((with_names(read, rows).await?, next))
    }
}

/// One who is blocked.
struct FindBlocked(i64);

impl Query for FindBlocked {
    type Output = BlockedUser;

    async fn fetch(&self, read: &Read, _ctx: &Context) -> Result<BlockedUser> {
        let row: Option<rows::Standing> = read.find(self.0).await?;
        let rows = row.into_iter().filter(|row| row.state == StandingName::Blocked).collect();
        let found = with_names(read, rows).await?.into_iter().next();
        found.ok_or_else(|| Error::not_found("blocked user", &self.0))
    }
}

/// Blocks a buyer, or gives their block another reason.
pub async fn block_user(engine: &Engine, ctx: &Context, block: BlockUser) -> Result<BlockedUser> {
    let telegram_id = block.telegram_id;
    engine.run(ctx, block).await?;
    engine.refresh_standings().await?;
    engine.ask(ctx, FindBlocked(telegram_id)).await
}

/// Ends a block.
pub async fn unblock_user(engine: &Engine, ctx: &Context, unblock: UnblockUser) -> Result<()> {
    engine.run(ctx, unblock).await?;
    engine.refresh_standings().await
}

/// Blocks a buyer, or gives their block another reason. Sellers and owners can't be blocked.
#[derive(Clone, Debug)]
pub struct BlockUser {
    /// Telegram's id of them.
    pub telegram_id: i64,
    /// Why: 1 to 200 characters, shown to sellers alone.
    pub reason: String,
}

impl AdminCommand for BlockUser {
    type Output = ();
    const NAME: &'static str = "identity.block_user";

    async fn change(&self, tx: &mut Tx, ctx: &Context) -> Result<Told<()>> {
        reason_violations(&self.reason).finish()?;
        let decide = |standing: Standing| {
            if standing.is_admin() { Err(Precondition::UserHasRole.into()) } else { Ok(Standing::Blocked) }
        };
        change(tx, ctx, self.telegram_id, self.reason.trim(), decide).await
    }
}

/// Ends a block. Of anybody else nothing changes.
#[derive(Clone, Copy, Debug)]
pub struct UnblockUser {
    /// Telegram's id of them.
    pub telegram_id: i64,
}

impl AdminCommand for UnblockUser {
    type Output = ();
    const NAME: &'static str = "identity.unblock_user";

    async fn change(&self, tx: &mut Tx, ctx: &Context) -> Result<Told<()>> {
        let decide = |standing: Standing| Ok(if standing == Standing::Blocked { Standing::Buyer } else { standing });
        change(tx, ctx, self.telegram_id, "", decide).await
    }
}
