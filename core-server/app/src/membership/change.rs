//! Changes of memberships by a seller.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use warung_domain::membership::{Membership as Rule, MembershipError};
use warung_store::{Tx, rows};

use crate::{
    context::{Context, whole_microseconds},
    engine::Command,
    error::{Error, Result},
    identity::{Profile, ensure_user},
    operations::audit::{Change, audit},
};

/// Adds days to a user's membership, from its end or from now, whichever is later.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct GrantMembership {
    /// Whose: their Telegram id. A user who is not known yet is recorded by it.
    pub telegram_id: i64,
    /// How many days of 24 hours.
    pub days: i64,
}

/// Sets when a user's membership ends.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct SetMembership {
    /// Whose: their Telegram id. A user who is not known yet is recorded by it.
    pub telegram_id: i64,
    /// When it ends.
    pub expire_time: DateTime<Utc>,
}

/// What a change did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    /// Something is another than before.
    pub changed: bool,
}

impl Command for GrantMembership {
    type Output = Changed;
    const NAME: &'static str = "membership.grant";

    async fn execute(&self, tx: &mut Tx, ctx: &Context) -> Result<Changed> {
        let days = self.days;
        change(tx, ctx, Self::NAME, self.telegram_id, |rule| {
            rule.extend(ctx.now, days).map_err(|error| refused("days", error))
        })
        .await
    }
}

impl Command for SetMembership {
    type Output = Changed;
    const NAME: &'static str = "membership.set";

    async fn execute(&self, tx: &mut Tx, ctx: &Context) -> Result<Changed> {
        let expire_time = whole_microseconds(self.expire_time);
        change(tx, ctx, Self::NAME, self.telegram_id, |_| {
            Rule::ending(expire_time, ctx.now).map_err(|error| refused("expire_time", error))
        })
        .await
    }
}

fn refused(field: &str, error: MembershipError) -> Error {
    Error::invalid(field, &error.to_string())
}

async fn change(
    tx: &mut Tx,
    ctx: &Context,
    command: &'static str,
    telegram_id: i64,
    to: impl Fn(Rule) -> Result<Rule> + Send,
) -> Result<Changed> {
    let (user, _) = ensure_user(tx, ctx, &Profile::of(telegram_id)).await?;
    // The user's row is locked first: of a membership that is not there yet there is nothing to lock.
    tx.lock_user(user.id).await?;
    let before = tx.lock_membership(user.id).await?;
    let after = to(Rule { expire_time: before.as_ref().map(|row| row.expire_time) })?;
    let Some(expire_time) = after.expire_time else { return Ok(Changed { changed: false }) };
    let expire_time = whole_microseconds(expire_time);
    if before.as_ref().is_some_and(|row| row.expire_time == expire_time) {
        return Ok(Changed { changed: false });
    }
    let row = rows::Membership { user_id: user.id, expire_time, update_time: ctx.now };
    if before.is_some() {
        tx.update(row).await?;
    } else {
        tx.insert(row).await?;
    }
    let change = Change {
        command,
        target: format!("membership:{telegram_id}"),
        before: before.map(|row| serde_json::json!({ "expire_time": row.expire_time })),
        after: Some(serde_json::json!({ "expire_time": expire_time })),
    };
    audit(tx, ctx, change).await?;
    Ok(Changed { changed: true })
}
