//! Makes or changes a product.

use serde_json::json;
use uuid::Uuid;
use warung_domain::{
    catalog::{ProductInput, ProductKind},
    goods::Goods,
    ids::ProductId,
    money::Money,
    text::index_text,
    violation::Violations,
};
use warung_store::{PRODUCT_AREA, Tx, rows};

use crate::{
    context::Context,
    engine::Command,
    error::{Error, Result},
    operations::{
        audit::{Change, audit},
        put::{PutResult, stored_picture},
    },
};

/// Makes a product, or changes the one with this code. Its kind stays.
#[derive(Clone, Debug)]
pub struct PutProduct(pub ProductInput);

impl Command for PutProduct {
    type Output = (ProductId, PutResult);
    const NAME: &'static str = "catalog.put_product";

    async fn execute(&self, tx: &mut Tx, ctx: &Context) -> Result<(ProductId, PutResult)> {
        self.0.violations().finish()?;
        let before = tx.product_by_code(&self.0.code).await?;
        let mut row = self.row(tx, ctx, before.as_ref()).await?;
        let id = ProductId(row.id);
        let result = PutResult::of(before.as_ref(), &row);
        if result == PutResult::Unchanged {
            return Ok((id, result));
        }
        row.update_time = ctx.now;
        let content_replaced = before.as_ref().is_none_or(|before| before.shared_cipher != row.shared_cipher);
        let mut after = shown(&row);
        if let (true, Some(fields), Some(_)) = (content_replaced, after.as_object_mut(), &row.shared_cipher) {
            fields.insert("shared_content_replaced".into(), true.into());
        }
        let change = Change {
            command: Self::NAME,
            target: format!("product:{id}"),
            before: before.as_ref().map(shown),
            after: Some(after),
        };
        let words = index_text(&row.name);
        if result == PutResult::Created {
            tx.insert(row).await?;
            // Of all kinds: what is sold of them is counted, too.
            tx.insert(rows::ProductStock { product_id: id.0, available: 0, reserved: 0, sold: 0 }).await?;
        } else {
            tx.update(row).await?;
        }
        tx.index_words(PRODUCT_AREA, id.0, &words).await?;
        audit(tx, ctx, change).await?;
        Ok((id, result))
    }
}

/// What the audit trail shows of a product: nothing that buyers pay for.
fn shown(row: &rows::Product) -> serde_json::Value {
    json!({
        "code": row.code,
        "name": row.name,
        "kind": row.kind.0.name(),
        "currency": row.currency,
        "price": row.price_minor,
        "membership_days": row.membership_days,
        "archived": row.archived,
    })
}

impl PutProduct {
    async fn row(&self, tx: &Tx, ctx: &Context, before: Option<&rows::Product>) -> Result<rows::Product> {
        let input = &self.0;
        let mut found = Violations::new();
        let category = match input.category_code.as_str() {
            "" => None,
            code => {
                let category = tx.product_category_by_code(code).await?;
                found.check(category.is_some(), "category_code", "must be a product category that is there");
                category
            }
        };
        let picture_hash = stored_picture(tx, &mut found, "picture_media_id", &input.picture_media_id).await?;
        let (Some(kind), Some(Money { currency, minor_units })) = (input.kind, input.price) else {
            return Err(Error::Internal("a product without a kind or a price came past its rules".into()));
        };
        if let Some(before) = before.filter(|before| before.kind != kind) {
            found.add("kind", format!("can't be changed: it is {}", before.kind.0.name()));
        }
        let id = before.map_or_else(|| ctx.new_id(), |row| row.id);
        let shared_cipher = shared_cipher(ctx, id, &input.shared_content, before)?;
        let has_content = kind != ProductKind::Shared || shared_cipher.is_some();
        found.check(has_content, "shared_content", "is required for a new SHARED product");
        found.finish()?;
        Ok(rows::Product {
            id,
            code: input.code.clone(),
            name: input.name.clone(),
            description: input.description.clone(),
            category_id: category.map(|category| category.id),
            kind: kind.into(),
            currency: currency.code().to_owned(),
            price_minor: minor_units,
            picture_hash,
            membership_days: i64::from(input.membership_days),
            shared_cipher,
            archived: input.archived,
            create_time: before.map_or(ctx.now, |row| row.create_time),
            update_time: before.map_or(ctx.now, |row| row.update_time),
        })
    }
}

/// What buyers get, encrypted: as it was when nothing else is given.
fn shared_cipher(ctx: &Context, id: Uuid, content: &Goods, before: Option<&rows::Product>) -> Result<Option<Vec<u8>>> {
    let secret = &ctx.environment.secret;
    let old = before.and_then(|row| row.shared_cipher.as_ref());
    let is_same =
        |old: &&Vec<u8>| content.is_empty() || secret.unseal(id.as_bytes(), old).is_ok_and(|goods| goods == *content);
    if let Some(same) = old.filter(is_same) {
        return Ok(Some(same.clone()));
    }
    if content.is_empty() {
        return Ok(None);
    }
    let sealed = secret.seal(id.as_bytes(), ctx.random(), content);
    sealed.map(Some).map_err(|error| Error::Internal(error.to_string()))
}
