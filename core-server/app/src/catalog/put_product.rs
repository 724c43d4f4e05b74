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
use warung_store::{Tx, rows};

use crate::{
    context::Context,
    engine::{AdminCommand, Change, Told},
    error::{Error, Result},
    operations::put::{Etag, Mask, PutResult, edit_time, made_at_once, media_id, stored_picture},
};

/// Makes a product, or changes the one with this code. Its kind stays.
#[derive(Clone, Debug)]
pub struct PutProduct {
    /// What it is to be.
    pub input: ProductInput,
    /// What the caller saw of it.
    pub etag: Etag,
    /// What of it the caller means.
    pub mask: Mask,
}

/// The fields that may be meant.
const FIELDS: &[&str] = &[
    "name",
    "description",
    "category_code",
    "kind",
    "price",
    "picture_media_id",
    "membership_days",
    "shared_content",
    "archived",
];

impl AdminCommand for PutProduct {
    type Output = (ProductId, PutResult);
    const NAME: &'static str = "catalog.put_product";

    async fn change(&self, tx: &mut Tx, ctx: &Context) -> Result<Told<(ProductId, PutResult)>> {
        self.mask.check(FIELDS)?;
        let before = tx.lock_product_by_code(&self.input.code).await?;
        let input = match &before {
            Some(before) => self.beside(tx, before).await?,
            None => self.input.clone(),
        };
        input.violations().finish()?;
        let mut row = row(tx, ctx, &input, before.as_ref()).await?;
        let id = ProductId(row.id);
        let result = PutResult::of(before.as_ref(), &row);
        if result == PutResult::Unchanged {
            return Ok(Told::unchanged((id, result)));
        }
        let edited = before.as_ref().map(|row| row.update_time);
        self.etag.check(edited)?;
        row.update_time = edit_time(ctx, edited);
        let content_replaced = before.as_ref().is_none_or(|before| before.shared_cipher != row.shared_cipher);
        let mut after = shown(&row);
        if let (true, Some(fields), Some(_)) = (content_replaced, after.as_object_mut(), &row.shared_cipher) {
            fields.insert("shared_content_replaced".into(), true.into());
        }
        let change = Change::of("product", id).from(before.as_ref().map(shown)).to(after);
        tx.index_product(&row, &index_text(&row.name)).await?;
        if result == PutResult::Created {
            tx.insert(row).await.map_err(made_at_once)?;
            // Of all kinds: what is sold of them is counted, too.
            tx.insert(rows::ProductStock { product_id: id.0, available: 0, reserved: 0, sold: 0 }).await?;
        } else {
            tx.update(row).await?;
        }
        Ok(Told::changed((id, result), change))
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
    /// What the caller means, and of all else what is there.
    async fn beside(&self, tx: &Tx, before: &rows::Product) -> Result<ProductInput> {
        let (mut input, keeps) = (self.input.clone(), |field| self.mask.keeps(field));
        if keeps("name") {
            input.name.clone_from(&before.name);
        }
        if keeps("description") {
            input.description.clone_from(&before.description);
        }
        if keeps("category_code") {
            let category: Option<rows::ProductCategory> = match before.category_id {
                Some(id) => tx.find(id).await?,
                None => None,
            };
            input.category_code = category.map(|category| category.code).unwrap_or_default();
        }
        if keeps("kind") {
            input.kind = Some(before.kind.0);
        }
        if keeps("price") {
            let currency = before.currency.parse().map_err(|_| Error::inconsistent("product.currency"))?;
            input.price = Some(Money { currency, minor_units: before.price_minor });
        }
        if keeps("picture_media_id") {
            input.picture_media_id = media_id(before.picture_hash.as_deref());
        }
        if keeps("membership_days") {
            input.membership_days = i32::try_from(before.membership_days).unwrap_or_default();
        }
        if keeps("shared_content") {
            input.shared_content = Goods::default();
        }
        if keeps("archived") {
            input.archived = before.archived;
        }
        Ok(input)
    }
}

async fn row(tx: &Tx, ctx: &Context, input: &ProductInput, before: Option<&rows::Product>) -> Result<rows::Product> {
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
