//! The shop: what is sold, orders, payments, the wallet.

use std::time::Duration;

use tonic::Status;
use uuid::Uuid;
use warung_proto::{
    catalog::{
        GetProductRequest, ListProductCategoriesRequest, ListProductsRequest, ListProductsResponse, Product,
        ProductCategory, catalog_service_client::CatalogServiceClient,
    },
    membership::{GetMembershipRequest, GetMembershipResponse, membership_service_client::MembershipServiceClient},
    order::{
        CancelOrderRequest, FulfilOrderRequest, GetOrderRequest, GetStoreOrderRequest, ListOrdersRequest,
        ListOrdersResponse, Order, PlaceOrderRequest, RefundOrderRequest, SendGoodsRequest,
        order_admin_service_client::OrderAdminServiceClient, order_service_client::OrderServiceClient,
    },
    payment::{
        CheckPaymentRequest, CloseRefundRequest, DismissReviewRequest, ListPaymentMethodsRequest, Payment,
        PaymentMethodOffer, SendInvoiceRequest, SettlePaymentRequest, StartPaymentRequest,
        payment_admin_service_client::PaymentAdminServiceClient, payment_service_client::PaymentServiceClient,
    },
    wallet::{
        GetWalletRequest, ListWalletEntriesRequest, TopUpRequest, Wallet, WalletEntry,
        wallet_service_client::WalletServiceClient,
    },
};

use super::{Core, within};

/// What the core answered.
type Answer<T> = Result<T, Status>;

impl Core {
    pub(crate) async fn list_product_categories(&self, user: i64) -> Answer<Vec<ProductCategory>> {
        let mut client = CatalogServiceClient::new(self.channel.clone());
        let request = self.request_as(user, ListProductCategoriesRequest {});
        Ok(within(self.timeout, client.list_product_categories(request)).await?.product_categories)
    }

    pub(crate) async fn list_products(&self, user: i64, request: ListProductsRequest) -> Answer<ListProductsResponse> {
        let mut client = CatalogServiceClient::new(self.channel.clone());
        within(self.timeout, client.list_products(self.request_as(user, request))).await
    }

    pub(crate) async fn get_product(&self, user: i64, product_id: &str) -> Answer<Product> {
        let mut client = CatalogServiceClient::new(self.channel.clone());
        let request = self.request_as(user, GetProductRequest { product_id: product_id.to_owned() });
        Ok(within(self.timeout, client.get_product(request)).await?.product.unwrap_or_default())
    }

    pub(crate) async fn get_membership(&self, user: i64) -> Answer<GetMembershipResponse> {
        let mut client = MembershipServiceClient::new(self.channel.clone());
        let request = self.request_as(user, GetMembershipRequest::default());
        within(self.timeout, client.get_membership(request)).await
    }

    pub(crate) async fn list_payment_methods(
        &self,
        user: i64,
        request: ListPaymentMethodsRequest,
    ) -> Answer<Vec<PaymentMethodOffer>> {
        let mut client = PaymentServiceClient::new(self.channel.clone());
        let request = self.request_as(user, request);
        Ok(within(self.timeout, client.list_payment_methods(request)).await?.offers)
    }

    pub(crate) async fn place_order(&self, user: i64, request: PlaceOrderRequest) -> Answer<Order> {
        let mut client = OrderServiceClient::new(self.channel.clone());
        Ok(within(self.timeout, client.place_order(self.request_as(user, request))).await?.order.unwrap_or_default())
    }

    pub(crate) async fn get_order(&self, user: i64, order_id: &str) -> Answer<Order> {
        let mut client = OrderServiceClient::new(self.channel.clone());
        let request = self.request_as(user, GetOrderRequest { order_id: order_id.to_owned() });
        Ok(within(self.timeout, client.get_order(request)).await?.order.unwrap_or_default())
    }

    pub(crate) async fn list_orders(&self, user: i64, request: ListOrdersRequest) -> Answer<ListOrdersResponse> {
        let mut client = OrderServiceClient::new(self.channel.clone());
        within(self.timeout, client.list_orders(self.request_as(user, request))).await
    }

    pub(crate) async fn start_payment(&self, user: i64, request: StartPaymentRequest) -> Answer<Payment> {
        let (request, timeout) = self.of_gateway(user, request);
        let mut client = PaymentServiceClient::new(self.channel.clone());
        Ok(within(timeout, client.start_payment(request)).await?.payment.unwrap_or_default())
    }

    pub(crate) async fn check_payment(&self, user: i64, payment_id: &str) -> Answer<Payment> {
        let (request, timeout) = self.of_gateway(user, CheckPaymentRequest { payment_id: payment_id.to_owned() });
        let mut client = PaymentServiceClient::new(self.channel.clone());
        Ok(within(timeout, client.check_payment(request)).await?.payment.unwrap_or_default())
    }

    pub(crate) async fn cancel_order(&self, request_id: Uuid, user: i64, order_id: &str) -> Answer<Order> {
        let request = CancelOrderRequest { request_id: request_id.to_string(), order_id: order_id.to_owned() };
        let (request, timeout) = self.of_gateway(user, request);
        let mut client = OrderServiceClient::new(self.channel.clone());
        Ok(within(timeout, client.cancel_order(request)).await?.order.unwrap_or_default())
    }

    pub(crate) async fn send_invoice(&self, request_id: Uuid, user: i64, payment_id: &str) -> Answer<()> {
        let request = SendInvoiceRequest { request_id: request_id.to_string(), payment_id: payment_id.to_owned() };
        let mut client = PaymentServiceClient::new(self.channel.clone());
        within(self.timeout, client.send_invoice(self.request_as(user, request))).await.map(|_| ())
    }

    pub(crate) async fn send_goods(&self, request_id: Uuid, user: i64, order_id: &str) -> Answer<()> {
        let request = SendGoodsRequest { request_id: request_id.to_string(), order_id: order_id.to_owned() };
        let mut client = OrderServiceClient::new(self.channel.clone());
        within(self.timeout, client.send_goods(self.request_as(user, request))).await.map(|_| ())
    }

    pub(crate) async fn get_wallet(&self, user: i64) -> Answer<Wallet> {
        let mut client = WalletServiceClient::new(self.channel.clone());
        Ok(within(self.timeout, client.get_wallet(self.request_as(user, GetWalletRequest {})))
            .await?
            .wallet
            .unwrap_or_default())
    }

    pub(crate) async fn list_wallet_entries(&self, user: i64, page_size: i32) -> Answer<Vec<WalletEntry>> {
        let mut client = WalletServiceClient::new(self.channel.clone());
        let request = ListWalletEntriesRequest { page_size, ..ListWalletEntriesRequest::default() };
        Ok(within(self.timeout, client.list_wallet_entries(self.request_as(user, request))).await?.entries)
    }

    pub(crate) async fn top_up(&self, user: i64, request: TopUpRequest) -> Answer<Order> {
        let (request, timeout) = self.of_gateway(user, request);
        let mut client = WalletServiceClient::new(self.channel.clone());
        Ok(within(timeout, client.top_up(request)).await?.order.unwrap_or_default())
    }

    /// Any order of the store, for a seller.
    pub(crate) async fn get_store_order(&self, user: i64, order_id: &str) -> Answer<Order> {
        let mut client = OrderAdminServiceClient::new(self.channel.clone());
        let request = self.request_as(user, GetStoreOrderRequest { order_id: order_id.to_owned() });
        Ok(within(self.timeout, client.get_store_order(request)).await?.order.unwrap_or_default())
    }

    pub(crate) async fn fulfil_order(&self, user: i64, request: FulfilOrderRequest) -> Answer<Order> {
        let mut client = OrderAdminServiceClient::new(self.channel.clone());
        Ok(within(self.timeout, client.fulfil_order(self.request_as(user, request))).await?.order.unwrap_or_default())
    }

    pub(crate) async fn refund_order(&self, user: i64, request: RefundOrderRequest) -> Answer<Order> {
        let (request, timeout) = self.of_gateway(user, request);
        let mut client = OrderAdminServiceClient::new(self.channel.clone());
        Ok(within(timeout, client.refund_order(request)).await?.order.unwrap_or_default())
    }

    pub(crate) async fn settle_payment(&self, user: i64, request: SettlePaymentRequest) -> Answer<()> {
        let (request, timeout) = self.of_gateway(user, request);
        let mut client = PaymentAdminServiceClient::new(self.channel.clone());
        within(timeout, client.settle_payment(request)).await.map(|_| ())
    }

    pub(crate) async fn dismiss_review(&self, user: i64, request: DismissReviewRequest) -> Answer<()> {
        let mut client = PaymentAdminServiceClient::new(self.channel.clone());
        within(self.timeout, client.dismiss_review(self.request_as(user, request))).await.map(|_| ())
    }

    pub(crate) async fn close_refund(&self, user: i64, request: CloseRefundRequest) -> Answer<()> {
        let mut client = PaymentAdminServiceClient::new(self.channel.clone());
        within(self.timeout, client.close_refund(self.request_as(user, request))).await.map(|_| ())
    }

    /// A request that makes the core ask a payment gateway, and how long its answer may take.
    fn of_gateway<T>(&self, user: i64, message: T) -> (tonic::Request<T>, Duration) {
        (self.request_within(user, message, self.payment_timeout), self.payment_timeout)
    }
}
