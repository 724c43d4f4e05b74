//! Changes of memberships by a seller.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use warung_domain::membership::{Membership as Rule, MembershipError};
use warung_store::Tx;

use super::write;
use crate::{
    context::Context,
    engine::{AdminCommand, Change, Told},
    error::{Error, Result},
    identity::{Profile, ensure_user},
};

/// Adds days to a user's membership, from its end or from now, whichever is later.
#[derive(Clone, Copy, Debug)]
pub struct GrantMembership {
    /// Whose: their Telegram id. A user who is not known yet is recorded by it.
    pub telegram_id: i64,
    /// How many days of 24 hours.
    pub days: i64,
}

/// Sets when a user's membership ends.
#[derive(Clone, Copy, Debug)]
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

impl AdminCommand for GrantMembership {
    type Output = Changed;
    const NAME: &'static str = "membership.grant";

    async fn change(&self, tx: &mut Tx, ctx: &Context) -> Result<Told<Changed>> {
        let days = self.days;
        change(tx, ctx, self.telegram_id, |rule| rule.extend(ctx.now, days).map_err(|error| refused("days", error)))
            .await
    }
}

impl AdminCommand for SetMembership {
    type Output = Changed;
    const NAME: &'static str = "membership.set";

    async fn change(&self, tx: &mut Tx, ctx: &Context) -> Result<Told<Changed>> {
        change(tx, ctx, self.telegram_id, |_| {
            Rule::ending(self.expire_time, ctx.now).map_err(|error| refused("expire_time", error))
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
    telegram_id: i64,
    to: impl FnOnce(Rule) -> Result<Rule> + Send,
) -> Result<Told<Changed>> {
    let (user, _) = ensure_user(tx, ctx, &Profile::of(telegram_id)).await?;
    tx.lock_user(user.id).await?;
    let (before, after) = write(tx, ctx, user.id, to).await?;
    if after == before {
        return Ok(Told::unchanged(Changed { changed: false }));
    }
    let shown = |expire_time| serde_json::json!({ "expire_time": expire_time });
    let change =
        Change::of("membership", telegram_id).from(before.expire_time.map(shown)).to(after.expire_time.map(shown));
    Ok(Told::changed(Changed { changed: true }, change))
}
