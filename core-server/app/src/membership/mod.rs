//! VIP memberships.

mod change;
mod of_buyer;

pub use change::{Changed, GrantMembership, SetMembership};
use chrono::{DateTime, Utc};
pub use of_buyer::GetBuyerMembership;
use uuid::Uuid;
use warung_domain::membership::Membership as Rule;
use warung_store::{Read, rows};

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
