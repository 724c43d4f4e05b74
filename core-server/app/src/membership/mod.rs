//! VIP memberships.

mod change;
mod of_buyer;

pub use change::{Changed, GrantMembership, SetMembership};
use chrono::{DateTime, Utc};
pub use of_buyer::GetBuyerMembership;
use uuid::Uuid;
use warung_domain::membership::Membership as Rule;
use warung_store::{Read, Tx, rows};

use crate::{context::Context, engine::Query, error::Result};

/// A user's membership.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Membership {
    /// Whose: their Telegram id.
    pub telegram_id: i64,
    /// It holds now.
    pub active: bool,
    /// When it ends or ended; `None` when there never was one.
    pub expire_time: Option<DateTime<Utc>>,
}

impl Membership {
    fn of(telegram_id: i64, rule: Rule, ctx: &Context) -> Self {
        Self { telegram_id, active: rule.is_active(ctx.now), expire_time: rule.expire_time }
    }
}

/// The membership of the user whom Telegram knows by this id. One who is not known has none.
#[derive(Clone, Copy, Debug)]
pub struct GetMembership {
    /// Telegram's id.
    pub telegram_id: i64,
}

impl Query for GetMembership {
    type Output = Membership;

    async fn fetch(&self, read: &Read, ctx: &Context) -> Result<Membership> {
        let rule = match read.user_by_telegram_id(self.telegram_id).await? {
            Some(user) => of_user(read, user.id).await?,
            None => Rule { expire_time: None },
        };
        Ok(Membership::of(self.telegram_id, rule, ctx))
    }
}

/// The membership of a user.
pub(crate) async fn of_user(read: &Read, user_id: Uuid) -> Result<Rule> {
    let row: Option<rows::Membership> = read.find(user_id).await?;
    Ok(Rule { expire_time: row.map(|row| row.expire_time) })
}

/// Changes the membership of a user, and writes it down when it is another then. Answers how it was, and how it is.
///
/// The user's row is locked already: of a membership that is not there yet there is nothing to lock.
pub(crate) async fn write(
    tx: &mut Tx,
    ctx: &Context,
    user_id: Uuid,
    to: impl FnOnce(Rule) -> Result<Rule> + Send,
) -> Result<(Rule, Rule)> {
    let row = tx.lock_membership(user_id).await?;
    let before = Rule { expire_time: row.map(|row| row.expire_time) };
    let after = to(before)?;
    let Some(expire_time) = after.expire_time.filter(|_| after != before) else { return Ok((before, before)) };
    let row = rows::Membership { user_id, expire_time, update_time: ctx.now };
    if before.expire_time.is_some() {
        tx.update(row).await?;
    } else {
        tx.insert(row).await?;
    }
    Ok((before, after))
}
