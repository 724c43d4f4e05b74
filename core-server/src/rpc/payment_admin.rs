//! `warung.payment.v1.PaymentAdminService`.

use tonic::{Request, Response, Status};
use warung_app::{PageRequest, Result, order::Reach, payment::PaymentsToReview};
use warung_proto::payment::{
    ListPaymentsToReviewRequest, ListPaymentsToReviewResponse, PaymentToReview, SettlePaymentRequest,
    SettlePaymentResponse, payment_admin_service_server::PaymentAdminService,
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
            let payments = found
                .into_iter()
                .map(|(payment, reason)| PaymentToReview { payment: Some(order_view::payment(payment)), reason });
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
            self.checkout.settle_payment(&ctx, id, received, note).await?;
            Ok(SettlePaymentResponse { payment: Some(self.payment(&ctx, id, Reach::Store).await?) })
        })
        .await
    }
}
