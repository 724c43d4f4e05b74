//! `warung.order.v1.OrderService`.

use std::time::Duration;

use tonic::{Request, Response, Status};
use warung_app::{
    Context, PageRequest, Result,
    order::{GetOrder, ListOrders, Reach, SendGoods},
    payment::NewOrder,
};
use warung_proto::order::{
    self as pb, CancelOrderRequest, CancelOrderResponse, FollowOrderRequest, FollowOrderResponse, GetOrderRequest,
    GetOrderResponse, ListOrdersRequest, ListOrdersResponse, PlaceOrderRequest, PlaceOrderResponse, SendGoodsRequest,
    SendGoodsResponse, order_service_server::OrderService,
};

use super::{
    Rpc, answer,
    convert::{int32, wait},
    enter, order_view,
};

/// The longest that a caller may wait for a change of an order.
const FOLLOW_MAX: Duration = Duration::from_secs(25);

#[tonic::async_trait]
impl OrderService for Rpc {
    async fn place_order(&self, request: Request<PlaceOrderRequest>) -> Result<Response<PlaceOrderResponse>, Status> {
        answer(async {
            let (ctx, request) = enter(request)?;
            // Whom a program names may be blocked as well as who calls.
            self.engine.standings().await?.serve(request.buyer_telegram_id)?;
            let pay_by = order_view::pay_by("payment_method", request.payment_method, request.use_balance)?;
            let order = NewOrder {
                items: request.items.into_iter().map(order_view::item).collect(),
                expected_subtotal: order_view::some_amount("expected_subtotal", request.expected_subtotal)?,
                buyer_telegram_id: (request.buyer_telegram_id != 0).then_some(request.buyer_telegram_id),
            };
            let order = Box::pin(self.checkout.place_order(&ctx, order, pay_by)).await?;
            Ok(PlaceOrderResponse { order: Some(order_view::order(order)) })
        })
        .await
    }

    async fn get_order(&self, request: Request<GetOrderRequest>) -> Result<Response<GetOrderResponse>, Status> {
        answer(async {
            let (ctx, GetOrderRequest { order_id }) = enter(request)?;
            Ok(GetOrderResponse { order: Some(self.order(&ctx, order_id, Reach::Own).await?) })
        })
        .await
    }

    async fn list_orders(&self, request: Request<ListOrdersRequest>) -> Result<Response<ListOrdersResponse>, Status> {
        answer(async {
            let (ctx, ListOrdersRequest { page_size, page_token }) = enter(request)?;
            let page = PageRequest { size: page_size, token: page_token };
            let query = ListOrders { page, reach: Reach::Own, state: None };
            let (orders, next_page_token) = self.engine.ask(&ctx, query).await?;
            Ok(ListOrdersResponse { orders: orders.into_iter().map(order_view::order).collect(), next_page_token })
        })
        .await
    }

    async fn follow_order(
        &self,
        request: Request<FollowOrderRequest>,
    ) -> Result<Response<FollowOrderResponse>, Status> {
        answer(async {
            let (ctx, FollowOrderRequest { order_id, known_version, wait: asked }) = enter(request)?;
            let wait = wait("wait", asked, FOLLOW_MAX)?;
            let found = self.checkout.follow_order(&ctx, &order_id, known_version, wait).await?;
            Ok(FollowOrderResponse { order: Some(order_view::order(found)) })
        })
        .await
    }

    async fn cancel_order(
        &self,
        request: Request<CancelOrderRequest>,
    ) -> Result<Response<CancelOrderResponse>, Status> {
        answer(async {
            let (ctx, CancelOrderRequest { request_id: _, order_id }) = enter(request)?;
            let id = Box::pin(self.checkout.cancel_order(&ctx, &order_id)).await?;
            Ok(CancelOrderResponse { order: Some(self.order(&ctx, id.to_string(), Reach::Own).await?) })
        })
        .await
    }

    async fn send_goods(&self, request: Request<SendGoodsRequest>) -> Result<Response<SendGoodsResponse>, Status> {
        answer(async {
            let (ctx, SendGoodsRequest { request_id: _, order_id }) = enter(request)?;
            let messages = self.engine.run(&ctx, SendGoods { name: order_id }).await?;
            Ok(SendGoodsResponse { messages: int32(messages) })
        })
        .await
    }
}

impl Rpc {
    /// An order, as it stands now.
    pub(super) async fn order(&self, ctx: &Context, name: String, reach: Reach) -> Result<pb::Order> {
        Ok(order_view::order(self.engine.ask(ctx, GetOrder { name, reach }).await?))
    }
}
