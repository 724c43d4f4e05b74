//! `warung.payment.v1.PaymentAdminService`.

use tonic::{Request, Response, Status};
use warung_app::{
    Error, PageRequest, Result,
    order::Reach,
    payment::{self, CloseRefund, DismissReview, GetRefund, PaymentsToReview},
};
use warung_domain::{ids::RefundId, review::ReviewReason};
use warung_proto::payment::{
    CloseRefundRequest, CloseRefundResponse, DismissReviewRequest, DismissReviewResponse, ListPaymentsToReviewRequest,
    ListPaymentsToReviewResponse, PaymentToReview, ReviewCode, SettlePaymentRequest, SettlePaymentResponse,
    payment_admin_service_server::PaymentAdminService,
};

use super::{Rpc, answer, convert::money, enter, order_view, payment::payment_id_of};

fn review_reason(reason: ReviewReason) -> warung_proto::payment::ReviewReason {
    let (code, refund_id) = match reason {
        ReviewReason::OtherAmount { .. } => (ReviewCode::OtherAmount, None),
        ReviewReason::OtherAmountUnknown { .. } => (ReviewCode::OtherAmountUnknown, None),
        ReviewReason::NotBooked { .. } => (ReviewCode::NotBooked, None),
        ReviewReason::Unanswered => (ReviewCode::Unanswered, None),
        ReviewReason::AnswerOfAmount { .. } => (ReviewCode::AnswerOfAmount, None),
        ReviewReason::AnswerOfAnother => (ReviewCode::AnswerOfAnother, None),
        ReviewReason::PaidInSandbox => (ReviewCode::PaidInSandbox, None),
        ReviewReason::RefundUnknown { refund_id, .. } => (ReviewCode::RefundUnknown, Some(refund_id)),
        ReviewReason::Reversed { .. } => (ReviewCode::Reversed, None),
        ReviewReason::Newer => (ReviewCode::Unspecified, None),
    };
    warung_proto::payment::ReviewReason {
        code: code.into(),
        amount: reason.amount().map(money),
        refund_id: refund_id.map(|id| id.to_string()).unwrap_or_default(),
    }
}

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
                found.into_iter().map(|payment::PaymentToReview { payment, reasons, refunds }| PaymentToReview {
                    payment: Some(order_view::payment(payment)),
                    reasons: reasons.into_iter().map(review_reason).collect(),
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
            let (ctx, SettlePaymentRequest { request_id: _, payment_id, received, note }) = enter(request)?;
            let id = payment_id_of(&payment_id)?;
            let received = order_view::required_amount("received", received)?;
            let id = self.checkout.settle_payment(&ctx, id, received, note).await?;
            Ok(SettlePaymentResponse { payment: Some(self.payment(&ctx, id, Reach::Store).await?) })
        })
        .await
    }

    async fn dismiss_review(
        &self,
        request: Request<DismissReviewRequest>,
    ) -> Result<Response<DismissReviewResponse>, Status> {
        answer(async {
            let (ctx, DismissReviewRequest { request_id: _, payment_id, note }) = enter(request)?;
            let command = DismissReview { payment_id: payment_id_of(&payment_id)?, note };
            let id = self.engine.run(&ctx, command).await?;
            Ok(DismissReviewResponse { payment: Some(self.payment(&ctx, id, Reach::Store).await?) })
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
            let CloseRefundRequest { request_id: _, refund_id, note, outcome: _ } = request;
            let id: RefundId = refund_id.parse().map_err(|_| Error::not_found("refund", &refund_id))?;
            self.checkout.close_refund(&ctx, CloseRefund { refund_id: id, done, note }).await?;
            let refund = self.engine.ask(&ctx, GetRefund { id }).await?;
            Ok(CloseRefundResponse { refund: Some(order_view::refund(refund)) })
        })
        .await
    }
}
