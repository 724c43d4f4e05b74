//! Categories: the shelves of the shop, and those of the library.

use serde_json::json;
use uuid::Uuid;
use warung_domain::{
    category::{CategoryArea, CategoryInput},
    ids::CategoryId,
    violation::Violations,
};
use warung_store::{Read, Tx, rows};

use super::put::{Etag, Field, Mask, PutResult, fields, made_at_once};
use crate::{
    context::Context,
    engine::{AdminCommand, Change, Query, Told},
    error::{Error, Result},
};

/// A category.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Category {
    /// Its id.
    pub id: CategoryId,
    /// The seller's own short name.
    pub code: String,
    /// What it is called.
    pub name: String,
    /// One emoji, or empty.
    pub emoji: String,
    /// Of its last edit; empty where it is shown beside a product.
    pub etag: Etag,
}

impl From<rows::Category> for Category {
    fn from(row: rows::Category) -> Self {
        let rows::Category { id, area: _, code, name, emoji, create_time: _, update_time } = row;
        Self { id: CategoryId(id), code, name, emoji, etag: Etag::of(update_time) }
    }
}

/// A category, whether it holds something or not.
#[derive(Clone, Copy, Debug)]
pub struct GetCategory {
    /// Its id.
    pub id: CategoryId,
}

impl Query for GetCategory {
    type Output = Category;

    async fn fetch(&self, read: &Read, _ctx: &Context) -> Result<Category> {
        let found = category(read, Some(self.id.0)).await?;
        found.map(Into::into).ok_or_else(|| Error::not_found("category", &self.id))
    }
}

/// The categories of an area that hold something which is shown, by name.
#[derive(Clone, Copy, Debug)]
pub struct ListCategories {
    /// Of which area.
    pub area: CategoryArea,
}

impl Query for ListCategories {
    type Output = Vec<Category>;

    async fn fetch(&self, read: &Read, _ctx: &Context) -> Result<Vec<Category>> {
        Ok(read.shown_categories(self.area).await?.into_iter().map(Into::into).collect())
    }
}

/// The category that something may stand on.
pub(crate) async fn category(read: &Read, id: Option<Uuid>) -> Result<Option<rows::Category>> {
    match id {
        Some(id) => Ok(read.find(id).await?),
        None => Ok(None),
    }
}

/// The id of the category with this id or code by which a list is narrowed down; of an empty name `None`.
pub(crate) async fn category_asked_for(read: &Read, area: CategoryArea, name: &str) -> Result<Option<Uuid>> {
    if name.is_empty() {
        return Ok(None);
    }
    let found = match name.parse::<CategoryId>() {
        Ok(id) => category(read, Some(id.0)).await?.filter(|row| row.area == area),
        Err(_) => read.category_by_code(area, name).await?,
    };
    found.map(|row| Some(row.id)).ok_or_else(|| Error::not_found("category", &name))
}

/// The id of the category that an input names by its `category_code`, if it names one.
pub(crate) async fn category_given(
    read: &Read,
    found: &mut Violations,
    area: CategoryArea,
    code: &str,
) -> Result<Option<Uuid>> {
    if code.is_empty() {
        return Ok(None);
    }
    let category = read.category_by_code(area, code).await?;
    found.check(category.is_some(), "category_code", "must be a category that is there");
    Ok(category.map(|category| category.id))
}

/// The `category_code` of something that stands on this category.
pub(crate) async fn category_code(read: &Read, id: Option<Uuid>) -> Result<String> {
    Ok(category(read, id).await?.map(|category| category.code).unwrap_or_default())
}

/// Makes a category, or changes the one of its area with this code.
#[derive(Clone, Debug)]
pub struct PutCategory {
    /// In which area.
    pub area: CategoryArea,
    /// What it is to be.
    pub input: CategoryInput,
    /// What the caller saw of it.
    pub etag: Etag,
    /// What of it the caller means.
    pub mask: Mask,
}

/// The fields that may be meant.
const FIELDS: &[Field<CategoryInput>] = fields!(CategoryInput: name, emoji);

impl AdminCommand for PutCategory {
    type Output = (CategoryId, PutResult);
    const NAME: &'static str = "operations.put_category";

    async fn change(&self, tx: &mut Tx, ctx: &Context) -> Result<Told<(CategoryId, PutResult)>> {
        let before = tx.lock_category_by_code(self.area, &self.input.code).await?;
        let there = before.clone().map(|rows::Category { code, name, emoji, .. }| CategoryInput { code, name, emoji });
        let input = self.mask.beside(FIELDS, self.input.clone(), there)?;
        input.violations().finish()?;
        let CategoryInput { code, name, emoji } = input;
        let (create_time, update_time) =
            before.as_ref().map_or((ctx.now, ctx.now), |row| (row.create_time, row.update_time));
        let id = before.as_ref().map_or_else(|| ctx.new_id(), |row| row.id);
        let mut row = rows::Category { id, area: self.area.into(), code, name, emoji, create_time, update_time };
        let id = CategoryId(id);
        let result = PutResult::of(before.as_ref(), &row);
        if result == PutResult::Unchanged {
            return Ok(Told::unchanged((id, result)));
        }
        row.update_time = self.etag.edit(ctx, before.as_ref().map(|row| row.update_time))?;
        let shown = |row: &rows::Category| json!({ "area": row.area.0.name(), "code": row.code, "name": row.name, "emoji": row.emoji });
        let change = Change::of("category", id).from(before.as_ref().map(shown)).to(shown(&row));
        tx.put(row, before.is_none()).await.map_err(made_at_once)?;
        Ok(Told::changed((id, result), change))
    }
}
