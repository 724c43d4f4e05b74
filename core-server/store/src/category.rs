//! Categories: the shelves of the shop, and those of the library.

use sea_orm::{
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _, Select,
    sea_query::{Expr, ExprTrait as _, Query},
};
use uuid::Uuid;
use warung_domain::category::CategoryArea;

use crate::{
    by_name::ByName,
    catalog,
    entity::{category, product, title},
    error::Result,
    library,
    tx::{Read, Tx},
};

/// The categories that hold something which is shown: of each one looks for one.
pub(crate) fn shown(area: CategoryArea) -> Select<category::Entity> {
    let mut holds = Query::select();
    let id = Expr::col((category::Entity, category::Column::Id));
    match area {
        CategoryArea::Catalog => holds
            .from(product::Entity)
            .and_where(id.equals((product::Entity, product::Column::CategoryId)))
            .and_where(catalog::shown()),
        CategoryArea::Library => holds
            .from(title::Entity)
            .and_where(id.equals((title::Entity, title::Column::CategoryId)))
            .and_where(library::is_shown()),
    };
    // The limit keeps PostgreSQL from making a join of it, which walks all that there is.
    let holds = holds.expr(Expr::val(1)).limit(1).offset(0).take();
    category::Entity::find()
        .filter(category::Column::Area.eq(ByName(area)))
        .filter(Expr::exists(holds))
        .order_by_asc(category::Column::Name)
        .limit(200)
}

fn by_code(area: CategoryArea, code: &str) -> Select<category::Entity> {
    category::Entity::find().filter(category::Column::Area.eq(ByName(area))).filter(category::Column::Code.eq(code))
}

impl Read {
    /// The categories of an area that hold something which is shown, by name; at most 200.
    pub async fn shown_categories(&self, area: CategoryArea) -> Result<Vec<category::Model>> {
        self.all(shown(area)).await
    }

    /// The category of an area with this code.
    pub async fn category_by_code(&self, area: CategoryArea, code: &str) -> Result<Option<category::Model>> {
        self.one(by_code(area, code)).await
    }

    /// The categories with these ids, in no order.
    pub async fn categories(&self, ids: Vec<Uuid>) -> Result<Vec<category::Model>> {
        self.all(category::Entity::find().filter(category::Column::Id.is_in(ids))).await
    }
}

impl Tx {
    /// The category of an area with this code, locked to be edited.
    pub async fn lock_category_by_code(&mut self, area: CategoryArea, code: &str) -> Result<Option<category::Model>> {
        self.one(self.locked_to_edit(by_code(area, code))).await
    }
}
