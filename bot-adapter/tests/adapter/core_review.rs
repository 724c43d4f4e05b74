//! The in-memory core's payments that need a look.

use tonic::{Code, Request, Response, Status};
use warung_proto::{
    ErrorReason,
    payment::{
        CloseRefundRequest, CloseRefundResponse, DismissReviewRequest, DismissReviewResponse,
        ListPaymentsToReviewRequest, ListPaymentsToReviewResponse, SettlePaymentRequest, SettlePaymentResponse,
        payment_admin_service_server::PaymentAdminService,
    },
};

use crate::{
    core::{Core, refusal},
    core_shop::Shop,
};

/// A verdict of a seller's, kept once for each request id.
fn keep(shop: &mut Shop, acting: i64, request_id: &str, verdict: String) -> Result<(), Status> {
    if !shop.sellers.contains(&acting) {
        return Err(refusal(Code::PermissionDenied, ErrorReason::Forbidden));
    }
    if shop.done.insert(request_id.to_owned(), verdict.clone()).is_none() {
        shop.verdicts.push(verdict);
    }
    Ok(())
}

#[tonic::async_trait]
impl PaymentAdminService for Core {
    async fn list_payments_to_review(
        &self,
        _request: Request<ListPaymentsToReviewRequest>,
    ) -> Result<Response<ListPaymentsToReviewResponse>, Status> {
        unreachable!("the adapter does not call it")
    }

    async fn settle_payment(
        &self,
        request: Request<SettlePaymentRequest>,
    ) -> Result<Response<SettlePaymentResponse>, Status> {
        self.shop("SettlePayment", request, |shop, acting, request| {
            let received = request.received.unwrap_or_default().minor_units;
            keep(shop, acting, &request.request_id, format!("{} {received} {}", request.payment_id, request.note))?;
            Ok(SettlePaymentResponse::default())
        })
        .await
    }

    async fn dismiss_review(
        &self,
        request: Request<DismissReviewRequest>,
    ) -> Result<Response<DismissReviewResponse>, Status> {
        self.shop("DismissReview", request, |shop, acting, request| {
            keep(shop, acting, &request.request_id, format!("{} none {}", request.payment_id, request.note))?;
            Ok(DismissReviewResponse::default())
        })
        .await
    }

    async fn close_refund(
        &self,
        request: Request<CloseRefundRequest>,
    ) -> Result<Response<CloseRefundResponse>, Status> {
        self.shop("CloseRefund", request, |shop, acting, request| {
            let outcome = request.outcome().as_str_name().to_owned();
            keep(shop, acting, &request.request_id, format!("{} {outcome} {}", request.refund_id, request.note))?;
            Ok(CloseRefundResponse::default())
        })
        .await
    }
}
