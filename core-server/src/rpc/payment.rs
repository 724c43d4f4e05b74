//! `warung.payment.v1.PaymentService`.

use tonic::{Request, Response, Status};
use warung_app::{
    Context, Error, Result,
    catalog::ProductsPaidThrough,
    order::{GetOrder, Reach},
    payment::{GetPayment, PayBy, SendInvoice},
};
use warung_domain::{
    ids::PaymentId,
    money::Money,
    payment::{Method, PaidThrough},
};
use warung_proto::payment::{
    self as pb, CheckPaymentRequest, CheckPaymentResponse, ListPaymentMethodsRequest, ListPaymentMethodsResponse,
    ReceiveWebhookRequest, ReceiveWebhookResponse, SendInvoiceRequest, SendInvoiceResponse, StartPaymentRequest,
    StartPaymentResponse, payment_service_server::PaymentService,
};

use super::{Rpc, answer, convert::money, enter, order_view};

/// The greatest amount that a fee is estimated for, in rupiah.
const ESTIMATE_MAX: i64 = 1_000_000_000;

#[tonic::async_trait]
impl PaymentService for Rpc {
    async fn list_payment_methods(
        &self,
        request: Request<ListPaymentMethodsRequest>,
    ) -> Result<Response<ListPaymentMethodsResponse>, Status> {
        answer(async {
            let (ctx, ListPaymentMethodsRequest { amount, product_ids, order_id }) = enter(request)?;
            if !(0..=ESTIMATE_MAX).contains(&amount) {
                return Err(Error::invalid("amount", "must be from 0 to 1000000000"));
            }
            let paid_through = self.engine.ask(&ctx, ProductsPaidThrough { products: product_ids }).await?;
            let of_order = match order_id.as_str() {
                "" => PaidThrough::default(),
                name => {
                    let order = GetOrder { name: name.to_owned(), reach: Reach::Own };
                    self.engine.ask(&ctx, order).await?.paid_through
                }
            };
            let gateways = self.checkout.gateways().among(&paid_through.and(of_order));
            let offers = gateways.offers().map(|(method, gateway)| {
                offer(method, gateway.minimum(method), gateway.estimated_fee(method, Money::idr(amount)))
            });
            let balance = offer(Method::Balance, Money::idr(1), Money::idr(0));
            Ok(ListPaymentMethodsResponse { offers: offers.chain([balance]).collect() })
        })
        .await
    }

    async fn start_payment(
        &self,
        request: Request<StartPaymentRequest>,
    ) -> Result<Response<StartPaymentResponse>, Status> {
        answer(async {
            let (ctx, StartPaymentRequest { request_id: _, order_id, method, use_balance }) = enter(request)?;
            let pay_by = PayBy { method: order_view::some_method("method", method)?, use_balance };
            let id = Box::pin(self.checkout.start_payment(&ctx, &order_id, pay_by)).await?;
            Ok(StartPaymentResponse { payment: Some(self.payment(&ctx, id, Reach::Own).await?) })
        })
        .await
    }

    async fn check_payment(
        &self,
        request: Request<CheckPaymentRequest>,
    ) -> Result<Response<CheckPaymentResponse>, Status> {
        answer(async {
            let (ctx, CheckPaymentRequest { payment_id }) = enter(request)?;
            let found = self.checkout.check_payment(&ctx, payment_id_of(&payment_id)?).await?;
            Ok(CheckPaymentResponse { payment: Some(order_view::payment(found)) })
        })
        .await
    }

    async fn send_invoice(
        &self,
        request: Request<SendInvoiceRequest>,
    ) -> Result<Response<SendInvoiceResponse>, Status> {
        answer(async {
            let (ctx, SendInvoiceRequest { request_id: _, payment_id }) = enter(request)?;
            let command = SendInvoice { payment_id: payment_id_of(&payment_id)? };
            let delivery_id = self.engine.run(&ctx, command).await?;
            Ok(SendInvoiceResponse { delivery_id: delivery_id.to_string() })
        })
        .await
    }

    async fn receive_webhook(
        &self,
        request: Request<ReceiveWebhookRequest>,
    ) -> Result<Response<ReceiveWebhookResponse>, Status> {
        answer(async {
            let (ctx, ReceiveWebhookRequest { gateway, body, signature }) = enter(request)?;
            let received = self.checkout.receive_webhook(&ctx, &gateway, &body, &signature);
            let result = Box::pin(received).await?;
            Ok(ReceiveWebhookResponse { result: order_view::webhook_result(result).into() })
        })
        .await
    }
}

/// A payment's id from the API.
pub(super) fn payment_id_of(name: &str) -> Result<PaymentId> {
    name.parse().map_err(|_| Error::not_found("payment", &name))
}

fn offer(method: Method, minimum: Money, estimated_fee: Money) -> pb::PaymentMethodOffer {
    pb::PaymentMethodOffer {
        method: order_view::method_to_api(method).into(),
        minimum: Some(money(minimum)),
        estimated_fee: Some(money(estimated_fee)),
    }
}

impl Rpc {
    /// A payment, as it stands now.
    pub(super) async fn payment(&self, ctx: &Context, id: PaymentId, reach: Reach) -> Result<pb::Payment> {
        Ok(order_view::payment(self.engine.ask(ctx, GetPayment { id, reach }).await?))
    }
}
