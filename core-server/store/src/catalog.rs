//! What the shop sells, and its stock.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, FromQueryResult, IntoActiveModel as _, QueryFilter as _,
    QueryOrder as _, QuerySelect, Select,
    sea_query::{Expr, ExprTrait as _, OnConflict},
};
use uuid::Uuid;
use warung_domain::{catalog::ProductKind, money::Currency};

use crate::{
    by_name::ByName,
    delivery::padded,
    entity::{category, product, product_stock, stock_line},
    error::{Error, Result},
    search::{Search, facet},
    tx::{Read, Tx},
};

/// The area of products in the search.
pub(crate) const PRODUCT_AREA: &str = "product";
/// The kinds that a list of goods leaves out: they have pages of their own.
const NO_GOODS: [ByName<ProductKind>; 2] = [ByName(ProductKind::Membership), ByName(ProductKind::TopUp)];
/// How many stock lines a statement adds: far below the parameters that either database takes.
const LINES_A_STATEMENT: usize = 200;

/// Which products to list.
#[derive(Clone, Debug, Default)]
pub struct ProductFilter {
    /// Only those that fit all of these normalised words; empty: all.
    pub words: Vec<String>,
    /// Only those of this category.
    pub category_id: Option<Uuid>,
    /// Only those of this kind; `None`: all but MEMBERSHIP and `TOP_UP`.
    pub kind: Option<ProductKind>,
    /// Only those that come after this one, newest first.
    pub after: Option<Uuid>,
    /// At most so many.
    pub limit: u64,
}

/// What a product is asked for by.
#[derive(Clone, Copy, Debug)]
pub enum ProductKey<'a> {
    /// Its id.
    Id(Uuid),
    /// Its code.
    Code(&'a str),
}

/// A product as it is shown, with its counters and without what buyers get.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
#[expect(missing_docs, reason = "columns are described by the migration and by the API")]
pub struct ProductOnShelf {
    pub id: Uuid,
    pub code: String,
    pub name: String,
    pub description: String,
    pub category_id: Option<Uuid>,
    pub category_code: Option<String>,
    pub category_name: Option<String>,
    pub category_emoji: Option<String>,
    pub kind: ByName<ProductKind>,
    pub currency: ByName<Currency>,
    pub price_minor: i64,
    pub picture_hash: Option<String>,
    pub membership_days: i64,
    pub gateways: Option<String>,
    pub archived: bool,
    pub update_time: DateTime<Utc>,
    /// Units that can be ordered now; of STOCK products alone.
    pub available: i64,
    /// Units that were sold.
    pub sold: i64,
}

/// Products with their category and their counters, by one statement.
fn on_shelf() -> Select<product::Entity> {
    use product::Column as P;
    let columns = [
        P::Id,
        P::Code,
        P::Name,
        P::Description,
        P::CategoryId,
        P::Kind,
        P::Currency,
        P::PriceMinor,
        P::PictureHash,
        P::MembershipDays,
        P::Gateways,
        P::Archived,
        P::UpdateTime,
    ];
    let mut query = product::Entity::find()
        .select_only()
        .columns(columns)
        .columns([product_stock::Column::Available, product_stock::Column::Sold])
        .column_as(category::Column::Code, "category_code")
        .column_as(category::Column::Name, "category_name")
        .column_as(category::Column::Emoji, "category_emoji");
    // Every product has its counters from the start.
    let counters =
        Expr::col((product_stock::Entity, product_stock::Column::ProductId)).equals((product::Entity, P::Id));
    let category = Expr::col((category::Entity, category::Column::Id)).equals((product::Entity, P::CategoryId));
    QuerySelect::query(&mut query).inner_join(product_stock::Entity, counters).left_join(category::Entity, category);
    query
}

/// As the partial indexes say it.
pub(crate) fn shown() -> Expr {
    Expr::cust("not \"product\".\"archived\"")
}

pub(crate) fn plans(limit: u64) -> Select<product::Entity> {
    on_shelf()
        .filter(shown())
        .filter(product::Column::Kind.eq(ByName(ProductKind::Membership)))
        .order_by_asc(product::Column::PriceMinor)
        .order_by_asc(product::Column::Id)
        .limit(limit)
}

pub(crate) fn products(filter: &ProductFilter) -> Select<product::Entity> {
    let mut query = on_shelf().filter(shown()).order_by_desc(product::Column::Id).limit(filter.limit);
    query = match filter.kind {
        Some(kind) => query.filter(product::Column::Kind.eq(ByName(kind))),
        None => query.filter(product::Column::Kind.is_not_in(NO_GOODS)),
    };
    if let Some(category_id) = filter.category_id {
        query = query.filter(product::Column::CategoryId.eq(category_id));
    }
    if let Some(after) = filter.after {
        query = query.filter(product::Column::Id.lt(after));
    }
    query
}

/// What a product is searched by besides its words: its kind, its category, and that it is among goods. An archived one is
/// not found.
fn facets(row: &product::Model) -> Vec<String> {
    if row.archived {
        return Vec::new();
    }
    let is_goods = !NO_GOODS.contains(&row.kind);
    let goods = is_goods.then(|| facet(PRODUCT_AREA, ""));
    let category = row.category_id.map(|id| facet(PRODUCT_AREA, id.simple()));
    std::iter::once(facet(PRODUCT_AREA, row.kind.0.name())).chain(goods).chain(category).collect()
}

impl Read {
    /// Products that can be bought, newest first.
    pub async fn shown_products(&self, filter: &ProductFilter) -> Result<Vec<ProductOnShelf>> {
        let ProductFilter { words, category_id, kind, after, limit } = filter;
        if words.is_empty() {
            return Ok(products(filter).into_model().all(self).await?);
        }
        let kind = kind.map_or_else(|| facet(PRODUCT_AREA, ""), |kind| facet(PRODUCT_AREA, kind.name()));
        let category = category_id.map(|id| facet(PRODUCT_AREA, id.simple()));
        let facets = std::iter::once(kind).chain(category).collect();
        let found = self.search(&Search { area: PRODUCT_AREA, words, facets, after: *after, limit: *limit }).await?;
        if found.is_empty() {
            return Ok(Vec::new());
        }
        let query = on_shelf().filter(shown()).filter(product::Column::Id.is_in(padded(found.clone())));
        let mut products: Vec<ProductOnShelf> = query.into_model().all(self).await?;
        products.sort_by_key(|product| found.iter().position(|id| *id == product.id));
        Ok(products)
    }

    /// The MEMBERSHIP products that can be bought, cheapest first.
    pub async fn membership_plans(&self, limit: u64) -> Result<Vec<ProductOnShelf>> {
        Ok(plans(limit).into_model().all(self).await?)
    }

    /// A product as it is shown, archived or not.
    pub async fn product_on_shelf(&self, key: ProductKey<'_>) -> Result<Option<ProductOnShelf>> {
        let key = match key {
            ProductKey::Id(id) => product::Column::Id.eq(id),
            ProductKey::Code(code) => product::Column::Code.eq(code),
        };
        Ok(on_shelf().filter(key).into_model().one(self).await?)
    }

    /// The product with this code, archived or not.
    pub async fn product_by_code(&self, code: &str) -> Result<Option<product::Model>> {
        self.one(product::Entity::find().filter(product::Column::Code.eq(code))).await
    }
}

impl Tx {
    /// The product with this code, archived or not, locked to be edited.
    pub async fn lock_product_by_code(&mut self, code: &str) -> Result<Option<product::Model>> {
        let query = product::Entity::find().filter(product::Column::Code.eq(code));
        self.one(self.locked_to_edit(query)).await
    }

    /// Makes a product findable by normalised words, instead of those it had; an archived one is not found.
    pub async fn index_product(&mut self, product: &product::Model, words: &str) -> Result<()> {
        self.index_words(PRODUCT_AREA, product.id, words, &facets(product)).await
    }

    /// Adds stock lines to a product, but for those that it has or had, and counts them in. Answers how many were
    /// added. The lines come in the order of their fingerprints, so that two that add the same never wait for each other.
    pub async fn add_stock(&mut self, product_id: Uuid, lines: Vec<stock_line::Model>) -> Result<u64> {
        let known = OnConflict::columns([stock_line::Column::ProductId, stock_line::Column::Fingerprint]);
        let known = known.clone().do_nothing().to_owned();
        let mut added = 0_u64;
        for chunk in lines.chunks(LINES_A_STATEMENT) {
            let rows = chunk.iter().cloned().map(|line| line.into_active_model().reset_all());
            let insert = stock_line::Entity::insert_many(rows).on_conflict(known.clone());
            added = added.saturating_add(insert.exec_without_returning(&**self).await?);
        }
        if added == 0 {
            return Ok(0);
        }
        // Last: orders wait for this row.
        let count = i64::try_from(added).unwrap_or(i64::MAX);
        let done = product_stock::Entity::update_many()
            .col_expr(product_stock::Column::Available, Expr::col(product_stock::Column::Available).add(count))
            .filter(product_stock::Column::ProductId.eq(product_id))
            .exec(&**self)
            .await?;
        if done.rows_affected == 1 { Ok(added) } else { Err(Error::Inconsistent("a product has no counters".into())) }
    }
}
