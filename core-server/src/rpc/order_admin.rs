//! `warung.order.v1.OrderAdminService`.

use tonic::{Request, Response, Status};
use warung_app::{
    PageRequest, Result,
    order::{FulfilOrder, ListOrders, Reach},
    payment::BeginRefund,
};
use warung_domain::goods::Goods;
use warung_proto::order::{
    FulfilOrderRequest, FulfilOrderResponse, GetStoreOrderRequest, GetStoreOrderResponse, ListStoreOrdersRequest,
    ListStoreOrdersResponse, RefundOrderRequest, RefundOrderResponse, order_admin_service_server::OrderAdminService,
};

use super::{Rpc, answer, enter, order_view};

#[tonic::async_trait]
impl OrderAdminService for Rpc {
    async fn get_store_order(
        &self,
        request: Request<GetStoreOrderRequest>,
    ) -> Result<Response<GetStoreOrderResponse>, Status> {
        answer(async {
            let (ctx, GetStoreOrderRequest { order_id }) = enter(request)?;
            Ok(GetStoreOrderResponse { order: Some(self.order(&ctx, order_id, Reach::Store).await?) })
        })
        .await
    }

    async fn list_store_orders(
        &self,
        request: Request<ListStoreOrdersRequest>,
    ) -> Result<Response<ListStoreOrdersResponse>, Status> {
        answer(async {
            let (ctx, ListStoreOrdersRequest { page_size, page_token, state }) = enter(request)?;
            let page = PageRequest { size: page_size, token: page_token };
            let query = ListOrders { page, reach: Reach::Store, state: order_view::state_to_list(state)? };
            let (orders, next_page_token) = self.engine.ask(&ctx, query).await?;
            Ok(ListStoreOrdersResponse { orders: orders.into_iter().map(order_view::order).collect(), next_page_token })
        })
        .await
    }

    async fn fulfil_order(
        &self,
        request: Request<FulfilOrderRequest>,
    ) -> Result<Response<FulfilOrderResponse>, Status> {
        answer(async {
            let (ctx, FulfilOrderRequest { request_id: _, order_id, goods, order_line_id }) = enter(request)?;
            let named = Some(order_line_id).filter(|id| !id.is_empty());
            let line = named.map(|id| order_view::line_id("order_line_id", &id)).transpose()?;
            let command = FulfilOrder { name: order_id, line, goods: Goods::new(goods) };
            let id = self.checkout.fulfil_order(&ctx, command).await?;
            Ok(FulfilOrderResponse { order: Some(self.order(&ctx, id.to_string(), Reach::Store).await?) })
        })
        .await
    }

    async fn refund_order(
        &self,
        request: Request<RefundOrderRequest>,
    ) -> Result<Response<RefundOrderResponse>, Status> {
        answer(async {
            let (ctx, request) = enter(request)?;
            let command = BeginRefund {
                amount: order_view::some_amount("amount", request.amount.clone())?,
                destination: order_view::destination(request.destination())?,
                lines: order_view::refund_lines(request.lines)?,
                order: request.order_id,
                reason: request.reason,
                gateway_can_refund: false,
            };
            let id = Box::pin(self.checkout.refund_order(&ctx, command)).await?;
            Ok(RefundOrderResponse { order: Some(self.order(&ctx, id.to_string(), Reach::Store).await?) })
        })
        .await
    }
}
