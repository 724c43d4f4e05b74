//! `warung.payment.v1.PaymentAdminService`.

use tonic::{Request, Response, Status};
use warung_app::{
    Error, PageRequest, Result,
    order::Reach,
    payment::{self, CloseRefund, GetRefund, PaymentsToReview},
};
use warung_domain::ids::RefundId;
use warung_proto::payment::{
    CloseRefundRequest, CloseRefundResponse, ListPaymentsToReviewRequest, ListPaymentsToReviewResponse,
    PaymentToReview, SettlePaymentRequest, SettlePaymentResponse, payment_admin_service_server::PaymentAdminService,
};

use super::{Rpc, answer, enter, order_view, payment::payment_id_of, under};

#[tonic::async_trait]
impl PaymentAdminService for Rpc {
    async fn list_payments_to_review(
        &self,
        request: Request<ListPaymentsToReviewRequest>,
    ) -> Result<Response<ListPaymentsToReviewResponse>, Status> {
        answer(async {
            let (ctx, ListPaymentsToReviewRequest { page_size, page_token }) = enter(request)?;
            let page = PageRequest { size: page_size, token: page_token };
            let (found, next_page_token) = self.engine.ask(&ctx, PaymentsToReview { page }).await?;
            let payments =
                found.into_iter().map(|payment::PaymentToReview { payment, reason, refunds }| PaymentToReview {
                    payment: Some(order_view::payment(payment)),
                    reason,
                    refunds: refunds.into_iter().map(order_view::refund).collect(),
                });
            Ok(ListPaymentsToReviewResponse { payments: payments.collect(), next_page_token })
        })
        .await
    }

    async fn settle_payment(
        &self,
        request: Request<SettlePaymentRequest>,
    ) -> Result<Response<SettlePaymentResponse>, Status> {
        answer(async {
            let (ctx, SettlePaymentRequest { request_id, payment_id, received, note }) = enter(request)?;
            let ctx = under(ctx, &request_id)?;
            let id = payment_id_of(&payment_id)?;
            let received = order_view::required_amount("received", received)?;
            let id = self.checkout.settle_payment(&ctx, id, received, note).await?;
            Ok(SettlePaymentResponse { payment: Some(self.payment(&ctx, id, Reach::Store).await?) })
        })
        .await
    }
    async fn close_refund(
        &self,
        request: Request<CloseRefundRequest>,
    ) -> Result<Response<CloseRefundResponse>, Status> {
        answer(async {
            let (ctx, request) = enter(request)?;
            let done = order_view::was_refunded(request.outcome())?;
            let CloseRefundRequest { request_id, refund_id, note, outcome: _ } = request;
            let ctx = under(ctx, &request_id)?;
            let id: RefundId = refund_id.parse().map_err(|_| Error::not_found("refund", &refund_id))?;
            self.checkout.close_refund(&ctx, CloseRefund { refund_id: id, done, note }).await?;
            let refund = self.engine.ask(&ctx, GetRefund { id }).await?;
            Ok(CloseRefundResponse { refund: Some(order_view::refund(refund)) })
        })
        .await
    }
}
