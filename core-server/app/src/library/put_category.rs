//! Makes or changes a category.

use serde_json::json;
use warung_domain::{ids::CategoryId, library::CategoryInput};
use warung_store::{Tx, rows};

use crate::{
    context::Context,
    engine::{AdminCommand, Change, Told},
    error::Result,
    operations::put::{Etag, Mask, PutResult, edit_time, made_at_once},
};

/// Makes a category, or changes the one with this code.
#[derive(Clone, Debug)]
pub struct PutCategory {
    /// What it is to be.
    pub input: CategoryInput,
    /// What the caller saw of it.
    pub etag: Etag,
    /// What of it the caller means.
    pub mask: Mask,
}

impl AdminCommand for PutCategory {
    type Output = (CategoryId, PutResult);
    const NAME: &'static str = "library.put_category";

    async fn change(&self, tx: &mut Tx, ctx: &Context) -> Result<Told<(CategoryId, PutResult)>> {
        self.mask.check(&["name", "emoji"])?;
        let before = tx.lock_category_by_code(&self.input.code).await?;
        let mut input = self.input.clone();
        if let Some(before) = &before {
            if self.mask.keeps("name") {
                input.name.clone_from(&before.name);
            }
            if self.mask.keeps("emoji") {
                input.emoji.clone_from(&before.emoji);
            }
        }
        input.violations().finish()?;
        let CategoryInput { code, name, emoji } = input;
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
        if result == PutResult::Unchanged {
            return Ok(Told::unchanged((id, result)));
        }
        let edited = before.as_ref().map(|row| row.update_time);
        self.etag.check(edited)?;
        row.update_time = edit_time(ctx, edited);
        let shown = |row: &rows::Category| json!({ "code": row.code, "name": row.name, "emoji": row.emoji });
        let change = Change::of("category", id).from(before.as_ref().map(shown)).to(shown(&row));
        if before.is_none() {
            tx.insert(row).await.map_err(made_at_once)?;
        } else {
            tx.update(row).await?;
        }
        Ok(Told::changed((id, result), change))
    }
}
