//! Makes or changes a product category.

use serde_json::json;
use warung_domain::{catalog::ProductCategoryInput, ids::ProductCategoryId};
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

/// Makes a product category, or changes the one with this code.
#[derive(Clone, Debug)]
pub struct PutProductCategory(pub ProductCategoryInput);

impl Command for PutProductCategory {
    type Output = (ProductCategoryId, PutResult);
    const NAME: &'static str = "catalog.put_product_category";

    async fn execute(&self, tx: &mut Tx, ctx: &Context) -> Result<(ProductCategoryId, PutResult)> {
        self.0.violations().finish()?;
        let ProductCategoryInput { code, name, emoji } = self.0.clone();
        let before = tx.product_category_by_code(&code).await?;
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
        row.update_time = ctx.now;
        let shown = |row: &rows::ProductCategory| json!({ "code": row.code, "name": row.name, "emoji": row.emoji });
        let change = Change {
            command: Self::NAME,
            target: format!("product_category:{id}"),
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
