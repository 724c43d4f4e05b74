//! Changing a standing, in the transaction that it is part of.

use serde_json::{Value, json};
use warung_domain::{init_data::MAX_TELEGRAM_ID, standing::Standing};
use warung_store::{Tx, rows};

use super::standing_of;
use crate::{
    context::Context,
    engine::{Change, Told},
    error::{Error, Precondition, Result},
};

/// How a standing is shown in the trail.
fn shown(standing: Standing, reason: &str) -> Value {
    let mut shown = json!({ "state": standing.name().name() });
    if let Some(fields) = shown.as_object_mut() {
        if standing.is_admin() {
            fields.insert("rights".to_owned(), standing.rights().to_string().into());
        }
        if !reason.is_empty() {
            fields.insert("reason".to_owned(), reason.into());
        }
    }
    shown
}

/// Makes somebody what `decide` makes of what they are, and tells it. Nothing is written when nothing changes.
/// `reason` is that of a block, else empty.
///
/// All changes go one after another, so that the last owner stays one whatever comes at the same moment.
pub(super) async fn change(
    tx: &mut Tx,
    ctx: &Context,
    telegram_id: i64,
    reason: &str,
    decide: impl FnOnce(Standing) -> Result<Standing> + Send,
) -> Result<Told<()>> {
    if !(1..=MAX_TELEGRAM_ID).contains(&telegram_id) {
        return Err(Error::invalid("telegram_id", "must be a Telegram user's id"));
    }
    tx.lock_standings().await?;
    let row: Option<rows::Standing> = tx.find(telegram_id).await?;
    let before = row.as_ref().map_or(Standing::Buyer, standing_of);
    let old_reason = row.map(|row| row.reason).unwrap_or_default();
    let after = decide(before)?;
    let is_last_owner = before.is_owner() && !after.is_owner() && tx.count_owners().await? <= 1;
    if is_last_owner {
        return Err(Precondition::LastOwner.into());
    }
    if before == after && (reason.is_empty() || reason == old_reason) {
        return Ok(Told::unchanged(()));
    }
    let row = rows::Standing {
        telegram_id,
        state: after.name().into(),
        rights: after.rights().to_string(),
        reason: reason.to_owned(),
        changed_by: ctx.principal.to_string(),
        change_time: ctx.now,
    };
    tx.put_standings(vec![row]).await?;
    let change = Change::of("user", telegram_id).from(Some(shown(before, &old_reason))).to(shown(after, reason));
    Ok(Told::changed((), change))
}
