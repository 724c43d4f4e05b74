//! The audit trail: what a seller, an owner or an operator changed.

use chrono::{DateTime, Utc};
use warung_domain::ids::AuditEntryId;
use warung_store::Read;

use crate::{context::Context, engine::Query, error::Result, page::PageRequest};

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
