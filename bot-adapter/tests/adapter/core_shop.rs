//! The shop of the core in memory: the rules that the adapter can be right or wrong about.

use std::collections::{HashMap, HashSet};

use prost_types::Timestamp;
use tonic::{Code, Request, Response, Status, service::Routes};
use warung_proto::{
    ErrorReason,
    catalog::{self, Product, ProductCategory, ProductKind, catalog_service_server as catalog_server},
    membership::{Membership, membership_service_server as membership_server},
    order::{
        self, Order, OrderLine, OrderState, PriceBreakdown, order_admin_service_server as order_admin_server,
        order_service_server as order_server,
    },
    payment::{
        self, Payment, PaymentMethod, PaymentMethodOffer, PaymentState,
        payment_admin_service_server::PaymentAdminServiceServer, payment_service_server as payment_server,
    },
    types::Money,
    wallet::{Wallet, WalletEntry, wallet_service_server as wallet_server},
};

use crate::core::{Core, refusal, wrong_field};

/// 21 November 2026, 16.05 in Jakarta.
pub(crate) const NOW: i64 = 1_795_251_900;

#[derive(Default)]
pub(crate) struct Shop {
    pub(crate) products: Vec<Product>,
    pub(crate) categories: Vec<ProductCategory>,
    pub(crate) offers: Vec<PaymentMethodOffer>,
    /// The product or the order that ways to pay were asked for last.
    pub(crate) offered_for: String,
    pub(crate) orders: Vec<Order>,
    pub(crate) wallet: Wallet,
    pub(crate) entries: Vec<WalletEntry>,
    pub(crate) membership: Membership,
    pub(crate) sellers: HashSet<i64>,
    /// What a method answers instead, until it is taken out.
    pub(crate) refusals: HashMap<&'static str, Status>,
    /// Payments whose invoice was sent, once for each request id.
    pub(crate) invoices: Vec<String>,
    pub(crate) goods: Vec<(String, String, String)>,
    pub(crate) refunds: Vec<order::RefundOrderRequest>,
    /// What sellers said of payments that need a look.
    pub(crate) verdicts: Vec<String>,
    pub(crate) sent_again: Vec<String>,
    /// The payment gateway does not answer while this holds.
    pub(crate) hanging: bool,
    /// How often it was asked.
    pub(crate) asked: u32,
    /// The ids of changes that were made, and the order of each.
    pub(crate) done: HashMap<String, String>,
}

pub(crate) fn idr(amount: i64) -> Money {
    Money { currency_code: "IDR".to_owned(), minor_units: amount }
}

pub(crate) fn product(number: usize, name: &str, price: i64, stock: Option<i64>) -> Product {
    Product {
        product_id: format!("prd_{number:026}"),
        code: format!("produk-{number}"),
        name: name.to_owned(),
        description: format!("Uraian {name}."),
        kind: ProductKind::Stock.into(),
        price: Some(idr(price)),
        stock,
        ..Product::default()
    }
}

pub(crate) fn offer(method: PaymentMethod, minimum: i64, fee: i64) -> PaymentMethodOffer {
    PaymentMethodOffer { method: method.into(), minimum: Some(idr(minimum)), estimated_fee: Some(idr(fee)) }
}

fn amount(money: Option<&Money>) -> i64 {
    money.map_or(0, |money| money.minor_units)
}

pub(crate) fn page<T: Clone>(all: &[T], size: i32, token: &str) -> Result<(Vec<T>, String), Status> {
    let padding = "x".repeat(150);
    let from = match token.strip_suffix(&padding) {
        Some(from) => from.parse().unwrap(),
        None if token.is_empty() => 0,
        None => return Err(refusal(Code::InvalidArgument, ErrorReason::PageTokenInvalid)),
    };
    let to = all.len().min(from + usize::try_from(size).unwrap());
    let next = if to < all.len() { format!("{to}{padding}") } else { String::new() };
    Ok((all[from..to].to_vec(), next))
}

impl Shop {
    fn refuse(&self, method: &'static str) -> Result<(), Status> {
        self.refusals.get(method).map_or(Ok(()), |status| Err(status.clone()))
    }

    pub(crate) fn order(&mut self, name: &str) -> Result<&mut Order, Status> {
        let found = self.orders.iter_mut().find(|order| order.order_id == name || order.code == name);
        found.ok_or_else(|| refusal(Code::NotFound, ErrorReason::NotFound))
    }

    pub(crate) fn place(&mut self, buyer: i64, line: OrderLine) -> Order {
        let number = self.orders.len() + 1;
        let subtotal = line.gross.clone();
        let order = Order {
            order_id: format!("ord_{number:026}"),
            code: format!("tg{buyer}-{number:08}"),
            state: OrderState::Pending.into(),
            price: Some(PriceBreakdown {
                subtotal: subtotal.clone(),
                discount: Some(idr(0)),
                fee: Some(idr(0)),
                total: subtotal,
                rule_version: "price-1".to_owned(),
            }),
            lines: vec![line],
            paid: Some(idr(0)),
            refunded: Some(idr(0)),
            buyer_telegram_id: buyer,
            create_time: Some(Timestamp { seconds: NOW, nanos: 0 }),
            expire_time: Some(Timestamp { seconds: NOW + 900, nanos: 0 }),
            ..Order::default()
        };
        self.orders.push(order.clone());
        order
    }

    pub(crate) fn begin(&mut self, order_id: &str, method: PaymentMethod) -> Result<Payment, Status> {
        let balance = amount(self.wallet.balance.as_ref());
        let order = self.order(order_id)?;
        if order.state() != OrderState::Pending {
            return Err(refusal(Code::FailedPrecondition, ErrorReason::OrderNotPayable));
        }
        let open = order.payments.iter().find(|payment| payment.state() == PaymentState::Open);
        if let Some(open) = open.filter(|open| open.method() == method) {
            return Ok(open.clone());
        }
        for payment in &mut order.payments {
            payment.set_state(PaymentState::Cancelled);
        }
        let due = amount(order.price.as_ref().unwrap().subtotal.as_ref());
        let by_balance = method == PaymentMethod::Balance;
        if by_balance && balance < due {
            return Err(refusal(Code::FailedPrecondition, ErrorReason::BalanceTooLow));
        }
        let state = if by_balance { PaymentState::Paid } else { PaymentState::Open };
        if by_balance {
            order.set_state(OrderState::Paid);
        }
        let number: usize = order.order_id.trim_start_matches("ord_").parse().unwrap();
        let payment = Payment {
            payment_id: format!("pay_{:026}", number * 100 + order.payments.len() + 1),
            order_id: order.order_id.clone(),
            method: method.into(),
            state: state.into(),
            amount: Some(idr(due)),
            ..Payment::default()
        };
        order.payments.insert(0, payment.clone());
        if by_balance {
            self.wallet.balance = Some(idr(balance - due));
        }
        Ok(payment)
    }

    /// The order of a change that was made before by this request id.
    pub(crate) fn repeated(&mut self, request_id: &str) -> Option<Order> {
        let order_id = self.done.get(request_id)?.clone();
        self.order(&order_id).ok().cloned()
    }
}

/// Adds the services of the shop.
pub(crate) fn add_to(routes: Routes, core: &Core) -> Routes {
    routes
        .add_service(catalog_server::CatalogServiceServer::new(core.clone()))
        .add_service(order_server::OrderServiceServer::new(core.clone()))
        .add_service(order_admin_server::OrderAdminServiceServer::new(core.clone()))
        .add_service(payment_server::PaymentServiceServer::new(core.clone()))
        .add_service(PaymentAdminServiceServer::new(core.clone()))
        .add_service(wallet_server::WalletServiceServer::new(core.clone()))
        .add_service(membership_server::MembershipServiceServer::new(core.clone()))
}

impl Core {
    /// Lets a call in and answers it from the shop, unless the method is refused.
    pub(crate) async fn shop<T, R>(
        &self,
        method: &'static str,
        request: Request<T>,
        answer: impl FnOnce(&mut Shop, i64, T) -> Result<R, Status>,
    ) -> Result<Response<R>, Status> {
        let acting = self.admit(&request).await?;
        assert!(acting > 0, "{method} is called for a user");
        self.change(|state| {
            state.shop.refuse(method)?;
            answer(&mut state.shop, acting, request.into_inner()).map(Response::new)
        })
    }
}

#[tonic::async_trait]
impl catalog_server::CatalogService for Core {
    async fn list_product_categories(
        &self,
        request: Request<catalog::ListProductCategoriesRequest>,
    ) -> Result<Response<catalog::ListProductCategoriesResponse>, Status> {
        self.shop("ListProductCategories", request, |shop, _, _| {
            Ok(catalog::ListProductCategoriesResponse { product_categories: shop.categories.clone() })
        })
        .await
    }

    async fn list_products(
        &self,
        request: Request<catalog::ListProductsRequest>,
    ) -> Result<Response<catalog::ListProductsResponse>, Status> {
        self.shop("ListProducts", request, |shop, _, request| {
            let fits = |product: &&Product| {
                let is_goods = !matches!(product.kind(), ProductKind::Membership | ProductKind::TopUp);
                let of_kind = match request.kind() {
                    ProductKind::Unspecified => is_goods,
                    kind => product.kind() == kind,
                };
                let category = product.category.as_ref().map_or("", |category| &category.product_category_id);
                of_kind
                    && (request.product_category_id.is_empty() || request.product_category_id == category)
                    && product.name.to_lowercase().contains(&request.query.to_lowercase())
            };
            let all: Vec<_> = shop.products.iter().filter(fits).cloned().collect();
            let (products, next_page_token) = page(&all, request.page_size, &request.page_token)?;
            Ok(catalog::ListProductsResponse { products, next_page_token })
        })
        .await
    }

    async fn get_product(
        &self,
        request: Request<catalog::GetProductRequest>,
    ) -> Result<Response<catalog::GetProductResponse>, Status> {
        self.shop("GetProduct", request, |shop, _, request| {
            let name = request.product_id;
            let found = shop.products.iter().find(|product| product.product_id == name || product.code == name);
            let product = found.cloned().ok_or_else(|| refusal(Code::NotFound, ErrorReason::NotFound))?;
            Ok(catalog::GetProductResponse { product: Some(product) })
        })
        .await
    }
}

#[tonic::async_trait]
impl order_server::OrderService for Core {
    async fn place_order(
        &self,
        request: Request<order::PlaceOrderRequest>,
    ) -> Result<Response<order::PlaceOrderResponse>, Status> {
        self.shop("PlaceOrder", request, |shop, buyer, request| {
            if let Some(order) = shop.repeated(&request.request_id) {
                return Ok(order::PlaceOrderResponse { order: Some(order) });
            }
            let item = &request.items[0];
            let product = shop.products.iter_mut().find(|product| product.product_id == item.product_id);
            let product = product.ok_or_else(|| refusal(Code::NotFound, ErrorReason::NotFound))?;
            let total = amount(product.price.as_ref()) * i64::from(item.quantity);
            if request.expected_subtotal != Some(idr(total)) {
                return Err(refusal(Code::FailedPrecondition, ErrorReason::PriceChanged));
            }
            if product.stock.is_some_and(|stock| stock < item.quantity.into()) {
                return Err(refusal(Code::FailedPrecondition, ErrorReason::OutOfStock));
            }
            product.stock = product.stock.map(|stock| stock - i64::from(item.quantity));
            let line = OrderLine {
                product_id: product.product_id.clone(),
                product_name: product.name.clone(),
                kind: product.kind,
                quantity: item.quantity,
                unit_price: product.price.clone(),
                gross: Some(idr(total)),
                net: Some(idr(total)),
                ..OrderLine::default()
            };
            let order = shop.place(buyer, line);
            shop.done.insert(request.request_id, order.order_id.clone());
            let order = shop.order(&order.order_id)?;
            if total == 0 {
                order.set_state(OrderState::Completed);
            }
            Ok(order::PlaceOrderResponse { order: Some(order.clone()) })
        })
        .await
    }

    async fn get_order(
        &self,
        request: Request<order::GetOrderRequest>,
    ) -> Result<Response<order::GetOrderResponse>, Status> {
        self.shop("GetOrder", request, |shop, _, request| {
            Ok(order::GetOrderResponse { order: Some(shop.order(&request.order_id)?.clone()) })
        })
        .await
    }

    async fn list_orders(
        &self,
        request: Request<order::ListOrdersRequest>,
    ) -> Result<Response<order::ListOrdersResponse>, Status> {
        self.shop("ListOrders", request, |shop, buyer, request| {
            let own = shop.orders.iter().rev().filter(|order| order.buyer_telegram_id == buyer);
            let own: Vec<_> = own.cloned().collect();
            let (orders, next_page_token) = page(&own, request.page_size, &request.page_token)?;
            Ok(order::ListOrdersResponse { orders, next_page_token })
        })
        .await
    }

    async fn follow_order(
        &self,
        _: Request<order::FollowOrderRequest>,
    ) -> Result<Response<order::FollowOrderResponse>, Status> {
        unreachable!("the adapter does not call it")
    }

    async fn cancel_order(
        &self,
        request: Request<order::CancelOrderRequest>,
    ) -> Result<Response<order::CancelOrderResponse>, Status> {
        self.shop("CancelOrder", request, |shop, _, request| {
            let order = shop.order(&request.order_id)?;
            if order.state() != OrderState::Pending {
                return Err(refusal(Code::FailedPrecondition, ErrorReason::OrderNotCancellable));
            }
            order.set_state(OrderState::Cancelled);
            Ok(order::CancelOrderResponse { order: Some(order.clone()) })
        })
        .await
    }

    async fn send_goods(
        &self,
        request: Request<order::SendGoodsRequest>,
    ) -> Result<Response<order::SendGoodsResponse>, Status> {
        self.shop("SendGoods", request, |shop, _, request| {
            shop.sent_again.push(request.order_id);
            Ok(order::SendGoodsResponse { messages: 1 })
        })
        .await
    }
}

#[tonic::async_trait]
impl order_admin_server::OrderAdminService for Core {
    async fn get_store_order(
        &self,
        request: Request<order::GetStoreOrderRequest>,
    ) -> Result<Response<order::GetStoreOrderResponse>, Status> {
        self.shop("GetStoreOrder", request, |shop, acting, request| {
            if !shop.sellers.contains(&acting) {
                return Err(refusal(Code::PermissionDenied, ErrorReason::Forbidden));
            }
            Ok(order::GetStoreOrderResponse { order: Some(shop.order(&request.order_id)?.clone()) })
        })
        .await
    }

    async fn list_store_orders(
        &self,
        _: Request<order::ListStoreOrdersRequest>,
    ) -> Result<Response<order::ListStoreOrdersResponse>, Status> {
        unreachable!("the adapter does not call it")
    }

    async fn fulfil_order(
        &self,
        request: Request<order::FulfilOrderRequest>,
    ) -> Result<Response<order::FulfilOrderResponse>, Status> {
        self.shop("FulfilOrder", request, |shop, acting, request| {
            if !shop.sellers.contains(&acting) {
                return Err(refusal(Code::PermissionDenied, ErrorReason::Forbidden));
            }
            let order = shop.order(&request.order_id)?;
            let several = order.lines.iter().filter(|line| line.awaits_goods).count() > 1;
            if several && request.order_line_id.is_empty() {
                return Err(wrong_field("order_line_id"));
            }
            for line in &mut order.lines {
                line.awaits_goods &= line.order_line_id != request.order_line_id;
            }
            let order = order.clone();
            shop.goods.push((request.order_id, request.order_line_id, request.goods));
            Ok(order::FulfilOrderResponse { order: Some(order) })
        })
        .await
    }

    async fn refund_order(
        &self,
        request: Request<order::RefundOrderRequest>,
    ) -> Result<Response<order::RefundOrderResponse>, Status> {
        self.shop("RefundOrder", request, |shop, acting, request| {
            if !shop.sellers.contains(&acting) {
                return Err(refusal(Code::PermissionDenied, ErrorReason::Forbidden));
            }
            let order = shop.order(&request.order_id)?;
            let of_line = request.lines.iter().find_map(|line| line.amount.clone());
            order.refunded = request.amount.clone().or(of_line).or_else(|| order.paid.clone());
            let order = order.clone();
            shop.refunds.push(request);
            Ok(order::RefundOrderResponse { order: Some(order) })
        })
        .await
    }
}

#[tonic::async_trait]
impl payment_server::PaymentService for Core {
    async fn list_payment_methods(
        &self,
        request: Request<payment::ListPaymentMethodsRequest>,
    ) -> Result<Response<payment::ListPaymentMethodsResponse>, Status> {
        self.shop("ListPaymentMethods", request, |shop, _, request| {
            shop.offered_for = request.product_ids.join(" ") + &request.order_id;
            Ok(payment::ListPaymentMethodsResponse { offers: shop.offers.clone() })
        })
        .await
    }

    async fn start_payment(
        &self,
        request: Request<payment::StartPaymentRequest>,
    ) -> Result<Response<payment::StartPaymentResponse>, Status> {
        self.shop("StartPayment", request, |shop, _, request| {
            let method = request.method();
            Ok(payment::StartPaymentResponse { payment: Some(shop.begin(&request.order_id, method)?) })
        })
        .await
    }

    async fn check_payment(
        &self,
        request: Request<payment::CheckPaymentRequest>,
    ) -> Result<Response<payment::CheckPaymentResponse>, Status> {
        self.change(|state| state.shop.asked += 1);
        self.wait("the gateway's answer", |state| (!state.shop.hanging).then_some(())).await;
        self.shop("CheckPayment", request, |shop, _, request| {
            let mut payments = shop.orders.iter().flat_map(|order| &order.payments);
            let payment = payments.find(|payment| payment.payment_id == request.payment_id).cloned();
            let payment = payment.ok_or_else(|| refusal(Code::NotFound, ErrorReason::NotFound))?;
            Ok(payment::CheckPaymentResponse { payment: Some(payment) })
        })
        .await
    }

    async fn send_invoice(
        &self,
        request: Request<payment::SendInvoiceRequest>,
    ) -> Result<Response<payment::SendInvoiceResponse>, Status> {
        self.shop("SendInvoice", request, |shop, _, request| {
            if shop.done.insert(request.request_id, String::new()).is_none() {
                shop.invoices.push(request.payment_id);
            }
            Ok(payment::SendInvoiceResponse { delivery_id: "dlv_1".to_owned() })
        })
        .await
    }

    async fn receive_webhook(
        &self,
        _: Request<payment::ReceiveWebhookRequest>,
    ) -> Result<Response<payment::ReceiveWebhookResponse>, Status> {
        unreachable!("the adapter does not call it")
    }
}
