//! Roles: who sells, with which rights, and who owns.

use chrono::{DateTime, Utc};
use warung_domain::standing::{Rights, Standing};
use warung_store::{Read, Tx, rows};

use super::{change::change, standing_of};
use crate::{
    context::Context,
    engine::{AdminCommand, Engine, Query, Told},
    error::{Error, Result},
    identity::user::names_of,
};

/// A seller or an owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffMember {
    /// Telegram's id.
    pub telegram_id: i64,
    /// Untrusted text; empty when they have not met the bot.
    pub first_name: String,
    /// Without `@`; empty when there is none.
    pub username: String,
    /// What they are.
    pub standing: Standing,
    /// Who made them that.
    pub changed_by: String,
    /// When.
    pub change_time: DateTime<Utc>,
}

/// All sellers and owners, by their Telegram ids.
#[derive(Clone, Copy, Debug)]
pub struct ListStaff;

impl Query for ListStaff {
    type Output = Vec<StaffMember>;

    async fn fetch(&self, read: &Read, _ctx: &Context) -> Result<Vec<StaffMember>> {
        Self::read(read).await
    }
}

impl ListStaff {
    /// The same, where there is no call.
    pub async fn read(read: &Read) -> Result<Vec<StaffMember>> {
        let rows = read.standings().await?;
        let mut staff = Vec::new();
        for row in rows {
            let standing = standing_of(&row);
            if standing.is_admin() {
                staff.push((row, standing));
            }
        }
        let names = names_of(read, staff.iter().map(|(row, _)| row.telegram_id).collect()).await?;
        let member = |((row, standing), (first_name, username))| {
            let rows::Standing { telegram_id, changed_by, change_time, .. } = row;
            StaffMember { telegram_id, first_name, username, standing, changed_by, change_time }
        };
        Ok(staff.into_iter().zip(names).map(member).collect())
    }
}

/// The seller or owner with this id.
async fn member(engine: &Engine, ctx: &Context, telegram_id: i64) -> Result<StaffMember> {
    let staff = engine.ask(ctx, ListStaff).await?;
    staff
        .into_iter()
        .find(|member| member.telegram_id == telegram_id)
        .ok_or_else(|| Error::not_found("staff member", &telegram_id))
}

/// Makes somebody a seller or an owner, or changes what they may do.
pub async fn grant_role(engine: &Engine, ctx: &Context, grant: GrantRole) -> Result<StaffMember> {
    let telegram_id = grant.telegram_id;
    engine.run(ctx, grant).await?;
    engine.refresh_standings().await?;
    member(engine, ctx, telegram_id).await
}

/// Makes a seller or an owner a buyer.
pub async fn revoke_role(engine: &Engine, ctx: &Context, revoke: RevokeRole) -> Result<()> {
    engine.run(ctx, revoke).await?;
    engine.refresh_standings().await
}

/// Makes somebody a seller or an owner, or changes what they may do. Of somebody who is blocked it ends the block.
#[derive(Clone, Copy, Debug)]
pub struct GrantRole {
    /// Telegram's id of them.
    pub telegram_id: i64,
    /// An owner, else a seller.
    pub is_owner: bool,
    /// What a seller may do: at least one. Of an owner, what they work with.
    pub rights: Rights,
}

impl AdminCommand for GrantRole {
    type Output = ();
    const NAME: &'static str = "identity.grant_role";

    async fn change(&self, tx: &mut Tx, ctx: &Context) -> Result<Told<()>> {
        if !self.is_owner && self.rights == Rights::NONE {
            return Err(Error::invalid("rights", "must be one or more: a seller without any can do nothing"));
        }
        let role = if self.is_owner { Standing::Owner(self.rights) } else { Standing::Admin(self.rights) };
        change(tx, ctx, self.telegram_id, "", |_| Ok(role)).await
    }
}

/// Makes a seller or an owner a buyer. Of anybody else nothing changes.
#[derive(Clone, Copy, Debug)]
pub struct RevokeRole {
    /// Telegram's id of them.
    pub telegram_id: i64,
}

impl AdminCommand for RevokeRole {
    type Output = ();
    const NAME: &'static str = "identity.revoke_role";

    async fn change(&self, tx: &mut Tx, ctx: &Context) -> Result<Told<()>> {
        let decide = |standing: Standing| Ok(if standing.is_admin() { Standing::Buyer } else { standing });
        change(tx, ctx, self.telegram_id, "", decide).await
    }
}
