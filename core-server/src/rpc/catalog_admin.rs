//! `warung.catalog.v1.CatalogAdminService`.

use tonic::{Request, Response, Status};
use warung_app::{
    Context, Result,
    catalog::{AddStock, Etag, GetProduct, Mask, PutProduct, PutResult},
    operations::category::{GetCategory, PutCategory},
};
use warung_domain::{
    catalog::ProductInput,
    category::{CategoryArea, CategoryInput},
    goods::Goods,
    ids::ProductId,
};
use warung_proto::catalog::{
    self as pb, AddStockRequest, AddStockResponse, PutProductCategoryRequest, PutProductCategoryResponse,
    PutProductRequest, PutProductResponse, catalog_admin_service_server::CatalogAdminService,
};

use super::{
    Rpc, answer,
    catalog::{category, product},
    convert::{amount, int32},
    enter,
    order_view::kind_of_api,
    same_values::same_values,
};

#[tonic::async_trait]
impl CatalogAdminService for Rpc {
    async fn put_product_category(
        &self,
        request: Request<PutProductCategoryRequest>,
    ) -> Result<Response<PutProductCategoryResponse>, Status> {
        answer(async {
            let (ctx, request) = enter(request)?;
            let PutProductCategoryRequest { request_id: _, code, name, emoji, etag, update_mask } = request;
            let input = CategoryInput { code, name, emoji };
            let (id, result) = self
                .engine
                .run(
                    &ctx,
                    PutCategory { area: CategoryArea::Catalog, input, etag: Etag(etag), mask: Mask(update_mask) },
                )
                .await?;
            self.goods.clear();
            let found = self.engine.ask(&ctx, GetCategory { id }).await?;
            Ok(PutProductCategoryResponse {
                product_category: Some(category(found)),
                result: put_result(result).into(),
            })
        })
        .await
    }

    async fn put_product(&self, request: Request<PutProductRequest>) -> Result<Response<PutProductResponse>, Status> {
        answer(async {
            let (ctx, request) = enter(request)?;
            // Which gateways it may be paid through is checked by those that there are.
            let with_gateways = ctx.clone().with_gateways(self.checkout.gateways().clone());
            let (id, result) = self.engine.run(&with_gateways, put_product(request)).await?;
            self.goods.clear();
            let product = self.as_it_is(&ctx, id).await?;
            Ok(PutProductResponse { product: Some(product), result: put_result(result).into() })
        })
        .await
    }

    async fn add_stock(&self, request: Request<AddStockRequest>) -> Result<Response<AddStockResponse>, Status> {
        answer(async {
            let (ctx, request) = enter(request)?;
            let AddStockRequest { request_id: _, code, lines } = request;
            let lines = lines.into_iter().map(Goods::new).collect();
            let outcome = self.engine.run(&ctx, AddStock { code, lines }).await?;
            self.goods.clear();
            Ok(AddStockResponse {
                added: int32(outcome.added),
                duplicates: int32(outcome.duplicates),
                product: Some(self.as_it_is(&ctx, outcome.product_id).await?),
            })
        })
        .await
    }
}

impl Rpc {
    /// A product as it is now, archived or not.
    async fn as_it_is(&self, ctx: &Context, id: ProductId) -> Result<pb::Product> {
        let found = self.engine.ask(ctx, GetProduct { name: id.to_string(), archived_too: true }).await?;
        Ok(product(found))
    }
}

same_values!(PutResult => pb::PutResult { Created, Updated, Unchanged }, to: put_result);

fn put_product(request: PutProductRequest) -> PutProduct {
    let kind = kind_of_api(request.kind());
    let PutProductRequest {
        request_id: _,
        code,
        name,
        description,
        category_code,
        kind: _,
        price,
        picture_media_id,
        membership_days,
        shared_content,
        archived,
        etag,
        update_mask,
        gateways,
    } = request;
    let input = ProductInput {
        code,
        name,
        description,
        category_code,
        kind,
        // One that is in no currency of ours is told of with everything else that is wrong.
        price: price.and_then(|price| amount("price", price).ok()),
        picture_media_id,
        membership_days,
        shared_content: Goods::new(shared_content),
        gateways,
        archived,
    };
    PutProduct { input, etag: Etag(etag), mask: Mask(update_mask) }
}
