//! Looking for products.

use warung_domain::{
    catalog::ProductKind,
    category::CategoryArea,
    ids::{CategoryId, ProductId},
    money::Money,
    payment::PaidThrough,
    price::LINES_MAX,
    text::{cut, query_words},
};
use warung_store::{ByName, ProductFilter, ProductKey, ProductOnShelf, Read, rows};

use crate::{
    context::Context,
    engine::Query,
    error::{Error, Result},
    operations::{
        category::{Category, category_asked_for},
        put::Etag,
    },
    page::PageRequest,
};

/// How much of a description a list shows, in characters.
const DESCRIPTION_IN_LISTS: usize = 200;
/// How many plans are shown to somebody who has to become a member.
const PLANS_MAX: u64 = 10;

/// Something that can be bought, without what its buyers get.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    /// Its id.
    pub id: ProductId,
    /// The seller's own short name.
    pub code: String,
    /// What it is called.
    pub name: String,
    /// What it is.
    pub description: String,
    /// Its shelf.
    pub category: Option<Category>,
    /// What kind of goods.
    pub kind: ProductKind,
    /// The price of a unit.
    pub price: Money,
    /// SHA-256 of its picture.
    pub picture_hash: Option<String>,
    /// How many units can be ordered now; `None` when there is no end of them.
    pub stock: Option<i64>,
    /// How many units were sold.
    pub sold: i64,
    /// Of MEMBERSHIP: the days that a unit grants; of others 0.
    pub membership_days: i64,
    /// What it may be paid through.
    pub paid_through: PaidThrough,
    /// Of its last edit.
    pub etag: Etag,
}

impl Product {
    fn from_row(row: ProductOnShelf) -> Self {
        let ByName(kind) = row.kind;
        let category = match (row.category_id, row.category_code, row.category_name, row.category_emoji) {
            (Some(id), Some(code), Some(name), Some(emoji)) => {
                Some(Category { id: CategoryId(id), code, name, emoji, etag: Etag::default() })
            }
            _ => None,
        };
        Self {
            id: ProductId(row.id),
            code: row.code,
            name: row.name,
            description: row.description,
            category,
            kind,
            price: row.currency.0.amount(row.price_minor),
            picture_hash: row.picture_hash,
            stock: (kind == ProductKind::Stock).then_some(row.available),
            sold: row.sold,
            membership_days: row.membership_days,
            paid_through: PaidThrough::from_column(row.gateways.as_deref()),
            etag: Etag::of(row.update_time),
        }
    }

    /// As a list shows it.
    fn in_list(mut row: ProductOnShelf) -> Self {
        row.description = cut(&row.description, DESCRIPTION_IN_LISTS).into_owned();
        Self::from_row(row)
    }
}

/// What products may be paid through when they are ordered together.
#[derive(Clone, Debug)]
pub struct ProductsPaidThrough {
    /// Their ids or codes, at most 20; none: anything.
    pub products: Vec<String>,
}

impl Query for ProductsPaidThrough {
    type Output = PaidThrough;

    async fn fetch(&self, read: &Read, _ctx: &Context) -> Result<PaidThrough> {
        if self.products.len() > LINES_MAX {
            return Err(Error::invalid("product_ids", "must be at most 20"));
        }
        let (mut ids, mut codes) = (Vec::new(), Vec::new());
        for name in &self.products {
            match name.parse::<ProductId>() {
                Ok(id) => ids.push(id.0),
                Err(_) => codes.push(name.clone()),
            }
        }
        let found = read.wanted_products(ids, codes).await?;
        let mut all = PaidThrough::default();
        for name in &self.products {
            let id = name.parse::<ProductId>().ok().map(|id| id.0);
            let is_it = |row: &rows::Product| !row.archived && id.map_or(row.code == *name, |id| row.id == id);
            let product = found.iter().map(|wanted| &wanted.product).find(|row| is_it(row));
            let product = product.ok_or_else(|| Error::not_found("product", name))?;
            all = all.and(PaidThrough::from_column(product.gateways.as_deref()));
        }
        Ok(all)
    }
}

/// Products that can be bought, newest first.
#[derive(Clone, Debug, Default)]
pub struct ListProducts {
    /// Which page.
    pub page: PageRequest,
    /// Words that a product must have; empty: all.
    pub query: String,
    /// A category's id or code; empty: all.
    pub category: String,
    /// Only this kind; `None`: all but memberships and top-ups.
    pub kind: Option<ProductKind>,
}

impl Query for ListProducts {
    type Output = (Vec<Product>, String);

    async fn fetch(&self, read: &Read, ctx: &Context) -> Result<(Vec<Product>, String)> {
        let Self { page, query, category, kind } = self;
        let kind_name = kind.map(ProductKind::name).unwrap_or_default();
        let page = page.read(ctx, &format!("products\0{query}\0{category}\0{kind_name}"))?;
        let words = match query.trim() {
            "" => Vec::new(),
            query => query_words(query).map_err(|error| Error::invalid("query", &error.to_string()))?,
        };
        let category_id = category_asked_for(read, CategoryArea::Catalog, category).await?;
        let filter = ProductFilter { words, category_id, kind: *kind, after: page.after, limit: page.limit() };
        let mut found = read.shown_products(&filter).await?;
        let next = page.cut(ctx, &mut found, |row| row.id);
        Ok((found.into_iter().map(Product::in_list).collect(), next))
    }
}

/// A product with its whole description.
#[derive(Clone, Debug)]
pub struct GetProduct {
    /// Its id or code.
    pub name: String,
    /// Also one that is archived: for sellers.
    pub archived_too: bool,
}

impl Query for GetProduct {
    type Output = Product;

    async fn fetch(&self, read: &Read, _ctx: &Context) -> Result<Product> {
        let name = self.name.as_str();
        let found = match name.parse::<ProductId>() {
            Ok(id) => read.product_on_shelf(ProductKey::Id(id.0)).await?,
            Err(_) => read.product_on_shelf(ProductKey::Code(name)).await?,
        };
        let found = found.filter(|row| self.archived_too || !row.archived);
        Ok(Product::from_row(found.ok_or_else(|| Error::not_found("product", &name))?))
    }
}

/// The plans that make a member, cheapest first.
#[derive(Clone, Copy, Debug)]
pub struct ListPlans;

impl Query for ListPlans {
    type Output = Vec<Product>;

    async fn fetch(&self, read: &Read, _ctx: &Context) -> Result<Vec<Product>> {
        Ok(read.membership_plans(PLANS_MAX).await?.into_iter().map(Product::in_list).collect())
    }
}
