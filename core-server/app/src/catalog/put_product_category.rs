//! Makes or changes a product category.

use serde_json::json;
use warung_domain::{catalog::ProductCategoryInput, ids::ProductCategoryId};
use warung_store::{Tx, rows};

use crate::{
    context::Context,
    engine::{AdminCommand, Change, Told},
    error::Result,
    operations::put::{Etag, Mask, PutResult, edit_time, made_at_once},
};

/// Makes a product category, or changes the one with this code.
#[derive(Clone, Debug)]
pub struct PutProductCategory {
    /// What it is to be.
    pub input: ProductCategoryInput,
    /// What the caller saw of it.
    pub etag: Etag,
    /// What of it the caller means.
    pub mask: Mask,
}

impl AdminCommand for PutProductCategory {
    type Output = (ProductCategoryId, PutResult);
    const NAME: &'static str = "catalog.put_product_category";

    async fn change(&self, tx: &mut Tx, ctx: &Context) -> Result<Told<(ProductCategoryId, PutResult)>> {
        self.mask.check(&["name", "emoji"])?;
        let before = tx.lock_product_category_by_code(&self.input.code).await?;
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
        let ProductCategoryInput { code, name, emoji } = input;
        let mut row = before.clone().unwrap_or(rows::ProductCategory {
            id: ctx.new_id(),
            code,
            name: String::new(),
            emoji: String::new(),
            create_time: ctx.now,
            update_time: ctx.now,
        });
        row.name = name;
        row.emoji = emoji;
        let id = ProductCategoryId(row.id);
        let result = PutResult::of(before.as_ref(), &row);
        if result == PutResult::Unchanged {
            return Ok(Told::unchanged((id, result)));
        }
        let edited = before.as_ref().map(|row| row.update_time);
        self.etag.check(edited)?;
        row.update_time = edit_time(ctx, edited);
        let shown = |row: &rows::ProductCategory| json!({ "code": row.code, "name": row.name, "emoji": row.emoji });
        let change = Change::of("product_category", id).from(before.as_ref().map(shown)).to(shown(&row));
        if before.is_none() {
            tx.insert(row).await.map_err(made_at_once)?;
        } else {
            tx.update(row).await?;
        }
        Ok(Told::changed((id, result), change))
    }
}
