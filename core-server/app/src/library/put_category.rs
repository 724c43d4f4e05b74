//! Makes or changes a category.

use serde_json::json;
use warung_domain::{ids::CategoryId, library::CategoryInput};
use warung_store::{Tx, rows};

use crate::{
    context::Context,
    engine::Command,
    error::Result,
    operations::{
        audit::{Change, audit},
        put::PutResult,
    },
};

/// Makes a category, or changes the one with this code.
#[derive(Clone, Debug)]
pub struct PutCategory(pub CategoryInput);

impl Command for PutCategory {
    type Output = (CategoryId, PutResult);
    const NAME: &'static str = "library.put_category";

    async fn execute(&self, tx: &mut Tx, ctx: &Context) -> Result<(CategoryId, PutResult)> {
        self.0.violations().finish()?;
        let CategoryInput { code, name, emoji } = self.0.clone();
        let before = tx.category_by_code(&code).await?;
        let mut row = before.clone().unwrap_or(rows::Category {
            id: ctx.new_id(),
            code,
            name: String::new(),
            emoji: String::new(),
            create_time: ctx.now,
            update_time: ctx.now,
        });
        row.name = name;
        row.emoji = emoji;
        let id = CategoryId(row.id);
        let result = PutResult::of(before.as_ref(), &row);
        row.update_time = ctx.now;
        let shown = |row: &rows::Category| json!({ "code": row.code, "name": row.name, "emoji": row.emoji });
        let change = Change {
            command: Self::NAME,
            target: format!("category:{id}"),
            before: before.as_ref().map(shown),
            after: Some(shown(&row)),
        };
        match result {
            PutResult::Created => tx.insert(row).await?,
            PutResult::Updated => tx.update(row).await?,
            PutResult::Unchanged => return Ok((id, result)),
        }
        audit(tx, ctx, change).await?;
        Ok((id, result))
    }
}
