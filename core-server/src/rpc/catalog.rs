//! `warung.catalog.v1.CatalogService`.

use tonic::{Request, Response, Status};
use warung_app::{
    PageRequest, Result,
    catalog::{GetProduct, ListProducts, Product},
    operations::category::{Category, ListCategories},
};
use warung_domain::category::CategoryArea;
use warung_proto::catalog::{
    self as pb, GetProductRequest, GetProductResponse, ListProductCategoriesRequest, ListProductCategoriesResponse,
    ListProductsRequest, ListProductsResponse, catalog_service_server::CatalogService,
};

use super::{
    Rpc, answer,
    convert::{int32, money},
    enter, order_view,
};

#[tonic::async_trait]
impl CatalogService for Rpc {
    async fn list_product_categories(
        &self,
        request: Request<ListProductCategoriesRequest>,
    ) -> Result<Response<ListProductCategoriesResponse>, Status> {
        answer(async {
            let (ctx, ListProductCategoriesRequest {}) = enter(request)?;
            let found = self.engine.ask(&ctx, ListCategories { area: CategoryArea::Catalog }).await?;
            Ok(ListProductCategoriesResponse { product_categories: found.into_iter().map(category).collect() })
        })
        .await
    }

    async fn list_products(
        &self,
        request: Request<ListProductsRequest>,
    ) -> Result<Response<ListProductsResponse>, Status> {
        answer(async {
            let (ctx, request) = enter(request)?;
            let read = async {
                let kind = order_view::kind_of_api(request.kind());
                let ListProductsRequest { page_size, page_token, query, product_category_id, kind: _ } =
                    request.clone();
                let page = PageRequest { size: page_size, token: page_token };
                let query = ListProducts { page, query, category: product_category_id, kind };
                let (products, next_page_token) = Box::pin(self.engine.ask(&ctx, query)).await?;
                Ok(ListProductsResponse { products: products.into_iter().map(product).collect(), next_page_token })
            };
            self.goods.page(&request, read).await
        })
        .await
    }

    async fn get_product(&self, request: Request<GetProductRequest>) -> Result<Response<GetProductResponse>, Status> {
        answer(async {
            let (ctx, request) = enter(request)?;
            // Who edits it sees it as long as it is there.
            let archived_too = ctx.principal.person.is_some_and(|person| person.standing.is_admin());
            let found = self.engine.ask(&ctx, GetProduct { name: request.product_id, archived_too }).await?;
            Ok(GetProductResponse { product: Some(product(found)) })
        })
        .await
    }
}

pub(super) fn category(category: Category) -> pb::ProductCategory {
    let Category { id, code, name, emoji, etag } = category;
    pb::ProductCategory { product_category_id: id.to_string(), code, name, emoji, etag: etag.0 }
}

pub(super) fn product(product: Product) -> pb::Product {
    let Product {
        id,
        code,
        name,
        description,
        category: shelf,
        kind,
        price,
        picture_hash,
        stock,
        sold,
        membership_days,
        paid_through,
        etag,
    } = product;
    pb::Product {
        product_id: id.to_string(),
        code,
        name,
        description,
        category: shelf.map(category),
        kind: order_view::kind(kind).into(),
        price: Some(money(price)),
        picture_media_id: picture_hash.map(|hash| format!("med_{hash}")).unwrap_or_default(),
        stock,
        sold,
        membership_days: int32(membership_days),
        etag: etag.0,
        gateways: paid_through.names().map(str::to_owned).collect(),
    }
}
