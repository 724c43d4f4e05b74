//! Makes or changes a product.

use serde_json::json;
use uuid::Uuid;
use warung_domain::{
    catalog::{ProductInput, ProductKind},
    category::CategoryArea,
    goods::Goods,
    ids::ProductId,
    money::Money,
    payment::PaidThrough,
    text::index_text,
    violation::Violations,
};
use warung_store::{Tx, rows};

use crate::{
    context::Context,
    engine::{AdminCommand, Change, Told},
    error::{Error, Result},
    operations::{
        category::{category_code, category_given},
        put::{Etag, Field, Mask, PutResult, fields, made_at_once, media_id, stored_picture},
    },
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
const FIELDS: &[Field<ProductInput>] = fields!(
    ProductInput: name, description, category_code, kind, price, picture_media_id, membership_days, shared_content,
    gateways, archived
);

impl AdminCommand for PutProduct {
    type Output = (ProductId, PutResult);
    const NAME: &'static str = "catalog.put_product";

    async fn change(&self, tx: &mut Tx, ctx: &Context) -> Result<Told<(ProductId, PutResult)>> {
        let before = tx.lock_product_by_code(&self.input.code).await?;
        let there = match &before {
            Some(before) if self.mask.is_partial() => Some(there(tx, before).await?),
            _ => None,
        };
        let input = self.mask.beside(FIELDS, self.input.clone(), there)?;
        input.violations().finish()?;
        let mut row = row(tx, ctx, &input, before.as_ref()).await?;
        let id = ProductId(row.id);
        let result = PutResult::of(before.as_ref(), &row);
        if result == PutResult::Unchanged {
            return Ok(Told::unchanged((id, result)));
        }
        row.update_time = self.etag.edit(ctx, before.as_ref().map(|row| row.update_time))?;
        let content_replaced = before.as_ref().is_none_or(|before| before.shared_cipher != row.shared_cipher);
        let mut after = shown(&row);
        if let (true, Some(fields), Some(_)) = (content_replaced, after.as_object_mut(), &row.shared_cipher) {
            fields.insert("shared_content_replaced".into(), true.into());
        }
        let change = Change::of("product", id).from(before.as_ref().map(shown)).to(after);
        tx.index_product(&row, &index_text(&row.name)).await?;
        tx.put(row, before.is_none()).await.map_err(made_at_once)?;
        if result == PutResult::Created {
            // Of all kinds: what is sold of them is counted, too.
            tx.insert(rows::ProductStock { product_id: id.0, available: 0, reserved: 0, sold: 0 }).await?;
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
        "currency": row.currency.0.name(),
        "price": row.price_minor,
        "membership_days": row.membership_days,
        "gateways": row.gateways,
        "archived": row.archived,
    })
}

/// A product as a seller would give it to have it as it is.
async fn there(tx: &Tx, row: &rows::Product) -> Result<ProductInput> {
    Ok(ProductInput {
        code: row.code.clone(),
        name: row.name.clone(),
        description: row.description.clone(),
        category_code: category_code(tx, row.category_id).await?,
        kind: Some(row.kind.0),
        price: Some(row.currency.0.amount(row.price_minor)),
        picture_media_id: media_id(row.picture_hash.as_deref()),
        membership_days: i32::try_from(row.membership_days).unwrap_or_default(),
        shared_content: Goods::default(),
        gateways: PaidThrough::from_column(row.gateways.as_deref()).names().map(str::to_owned).collect(),
        archived: row.archived,
    })
}

async fn row(tx: &Tx, ctx: &Context, input: &ProductInput, before: Option<&rows::Product>) -> Result<rows::Product> {
    let mut found = Violations::new();
    let category_id = category_given(tx, &mut found, CategoryArea::Catalog, &input.category_code).await?;
    let picture_hash = stored_picture(tx, &mut found, "picture_media_id", &input.picture_media_id).await?;
    let (Some(kind), Some(Money { currency, minor_units })) = (input.kind, input.price) else {
        return Err(Error::Internal("a product without a kind or a price came past its rules".into()));
    };
    if let Some(before) = before.filter(|before| before.kind != kind) {
        found.add("kind", format!("can't be changed: it is {}", before.kind.0.name()));
    }
    let gateways = PaidThrough::these(&input.gateways);
    let before_gateways = before.and_then(|before| before.gateways.as_deref());
    check_gateways(ctx, &mut found, &input.gateways, &PaidThrough::from_column(before_gateways));
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
        category_id,
        kind: kind.into(),
        currency: currency.into(),
        price_minor: minor_units,
        picture_hash,
        membership_days: i64::from(input.membership_days),
        shared_cipher,
        gateways: gateways.to_column(),
        archived: input.archived,
        create_time: before.map_or(ctx.now, |row| row.create_time),
        update_time: before.map_or(ctx.now, |row| row.update_time),
    })
}

/// Refuses the names of gateways that the store does not have, but those that were there: one may be away for a while.
fn check_gateways(ctx: &Context, found: &mut Violations, names: &[String], before: &PaidThrough) {
    for (index, name) in names.iter().enumerate() {
        let was_there = !before.is_any() && before.allows(name);
        if !was_there && ctx.gateways.by_name(name).is_none() {
            let configured = ctx.gateways.names().join(", ");
            let there =
                if configured.is_empty() { "there is none".to_owned() } else { format!("there are: {configured}") };
            found.add(format!("gateways[{index}]"), format!("is no gateway of this store; {there}"));
        }
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
