//! Adds stock lines to a product.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::json;
use warung_domain::{
    catalog::{ProductKind, StockState, stock_violations},
    goods::Goods,
    ids::ProductId,
};
use warung_store::{Tx, rows};

use crate::{
    context::Context,
    engine::{AdminCommand, Change, Told},
    error::{Error, Result},
};

/// Adds stock lines to a STOCK product. Lines that the product has or had are left out.
#[derive(Clone, Debug)]
pub struct AddStock {
    /// The product's code.
    pub code: String,
    /// 1 to 1,000 lines.
    pub lines: Vec<Goods>,
}

/// What became of stock lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockAdded {
    /// The product.
    pub product_id: ProductId,
    /// How many lines were added.
    pub added: i64,
    /// How many were left out, as the product has or had them.
    pub duplicates: i64,
}

impl AdminCommand for AddStock {
    type Output = StockAdded;
    const NAME: &'static str = "catalog.add_stock";

    async fn change(&self, tx: &mut Tx, ctx: &Context) -> Result<Told<StockAdded>> {
        stock_violations(&self.lines).finish()?;
        let product = tx.product_by_code(&self.code).await?;
        let product = product.ok_or_else(|| Error::not_found("product", &self.code))?;
        if product.kind != ProductKind::Stock {
            return Err(Error::invalid("code", "must be a product of the kind STOCK"));
        }
        let lines = self.rows(ctx, product.id)?;
        let given = i64::try_from(self.lines.len()).unwrap_or(i64::MAX);
        let added = i64::try_from(tx.add_stock(product.id, lines).await?).unwrap_or(i64::MAX);
        let outcome = StockAdded { product_id: ProductId(product.id), added, duplicates: given.saturating_sub(added) };
        if added == 0 {
            return Ok(Told::unchanged(outcome));
        }
        let change = Change::of("product", outcome.product_id).to(json!({ "code": product.code, "added": added }));
        Ok(Told::changed(outcome, change))
    }
}

impl AddStock {
    /// The rows of the lines, each line once, in the order of their fingerprints.
    fn rows(&self, ctx: &Context, product_id: uuid::Uuid) -> Result<Vec<rows::StockLine>> {
        let secret = &ctx.environment.secret;
        let mut found = BTreeMap::new();
        for line in &self.lines {
            let fingerprint = secret.fingerprint(product_id.as_bytes(), line);
            if found.contains_key(&fingerprint) {
                continue;
            }
            let id = ctx.new_id();
            let cipher = secret.seal(id.as_bytes(), ctx.random(), line);
            let row = rows::StockLine {
                id,
                product_id,
                cipher: cipher.map_err(|error| Error::Internal(error.to_string()))?,
                fingerprint: fingerprint.to_vec(),
                state: StockState::Available.into(),
                order_line_id: None,
                create_time: ctx.now,
                sold_time: None,
            };
            found.insert(fingerprint, row);
        }
        Ok(found.into_values().collect())
    }
}
