//! The audit trail: what a seller, an owner or an operator changed.

use chrono::{DateTime, Utc};
use serde_json::Value;
use warung_domain::ids::AuditEntryId;
use warung_store::{Read, Tx, rows};

use crate::{context::Context, engine::Query, error::Result, page::PageRequest};

/// A change, before it is written down. What it holds is shown to owners: no secrets.
pub(crate) struct Change {
    pub(crate) command: &'static str,
    /// What was changed, such as `title:ttl_…`.
    pub(crate) target: String,
    /// How it was; `None` when it was not there.
    pub(crate) before: Option<Value>,
    /// How it is; `None` when it is gone.
    pub(crate) after: Option<Value>,
}

/// Writes a change down, in the transaction that makes it.
pub(crate) async fn audit(tx: &mut Tx, ctx: &Context, change: Change) -> Result<()> {
    let row = rows::AuditEntry {
        id: ctx.new_id(),
        create_time: ctx.now,
        actor: ctx.principal.to_string(),
        command: change.command.to_owned(),
        target: change.target,
        before_json: change.before.map(|value| value.to_string()),
        after_json: change.after.map(|value| value.to_string()),
    };
    Ok(tx.insert(row).await?)
}

/// What somebody changed.
#[derive(Clone, Debug)]
pub struct AuditEntry {
    /// Its id.
    pub id: AuditEntryId,
    /// When.
    pub create_time: DateTime<Utc>,
    /// Who.
    pub actor: String,
    /// The command.
    pub command: String,
    /// What it was done to.
    pub target: String,
    /// How it was, or empty.
    pub before_json: String,
    /// How it is, or empty.
    pub after_json: String,
}

/// The audit trail, newest first.
#[derive(Clone, Debug, Default)]
pub struct ListAuditEntries {
    /// Which page.
    pub page: PageRequest,
}

impl Query for ListAuditEntries {
    type Output = (Vec<AuditEntry>, String);

    async fn fetch(&self, read: &Read, ctx: &Context) -> Result<(Vec<AuditEntry>, String)> {
        let page = self.page.read(ctx, "audit_entries")?;
        let mut found = read.audit_entries(page.after, page.limit()).await?;
        let next = page.cut(ctx, &mut found, |row| row.id);
        let entries = found.into_iter().map(|row| AuditEntry {
            id: AuditEntryId(row.id),
            create_time: row.create_time,
            actor: row.actor,
            command: row.command,
            target: row.target,
            before_json: row.before_json.unwrap_or_default(),
            after_json: row.after_json.unwrap_or_default(),
        });
        Ok((entries.collect(), next))
    }
}
