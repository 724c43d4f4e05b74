use std::collections::BTreeSet;

use tonic_types::StatusExt as _;
use uuid::Uuid;
use warung_domain::{ids::ProductId, violation::Violations};

use super::*;

fn store(error: StoreError) -> Error {
    Error::Store(error)
}

/// Every error, and what a caller is told of it.
fn table() -> Vec<(Error, Code, ErrorReason)> {
    use Precondition as P;
    use Unproven as U;
    let text = || "secret detail".to_owned();
    vec![
        (Error::invalid("field", "is wrong"), Code::InvalidArgument, ErrorReason::InvalidArgument),
        (Error::RequestIdReused, Code::InvalidArgument, ErrorReason::RequestIdReused),
        (Error::PageTokenInvalid, Code::InvalidArgument, ErrorReason::PageTokenInvalid),
        (U::Absent.into(), Code::Unauthenticated, ErrorReason::Unauthenticated),
        (U::InitDataInvalid.into(), Code::Unauthenticated, ErrorReason::InitDataInvalid),
        (U::InitDataExpired.into(), Code::Unauthenticated, ErrorReason::InitDataExpired),
        (U::SessionInvalid.into(), Code::Unauthenticated, ErrorReason::SessionInvalid),
        (U::SessionExpired.into(), Code::Unauthenticated, ErrorReason::SessionExpired),
        (U::ApiKeyInvalid.into(), Code::Unauthenticated, ErrorReason::ApiKeyInvalid),
        (Error::Forbidden, Code::PermissionDenied, ErrorReason::Forbidden),
        (Error::Blocked, Code::PermissionDenied, ErrorReason::UserBlocked),
        (Error::not_found("title", &"abc"), Code::NotFound, ErrorReason::NotFound),
        (P::VideoMissing.into(), Code::FailedPrecondition, ErrorReason::VideoMissing),
        (P::VipRequired.into(), Code::FailedPrecondition, ErrorReason::VipRequired),
        (P::StartTokenUnknown.into(), Code::NotFound, ErrorReason::StartTokenUnknown),
        (P::StartTokenUsed.into(), Code::FailedPrecondition, ErrorReason::StartTokenUsed),
        (P::StartTokenExpired.into(), Code::FailedPrecondition, ErrorReason::StartTokenExpired),
        (P::StartTokenForeign.into(), Code::PermissionDenied, ErrorReason::StartTokenForeign),
        (P::WatchLinkExpired.into(), Code::FailedPrecondition, ErrorReason::WatchLinkExpired),
        (P::RefundNotClosable.into(), Code::FailedPrecondition, ErrorReason::RefundNotClosable),
        (P::LastOwner.into(), Code::FailedPrecondition, ErrorReason::LastOwner),
        (P::UserHasRole.into(), Code::FailedPrecondition, ErrorReason::UserHasRole),
        (P::ApiKeyShown.into(), Code::FailedPrecondition, ErrorReason::ApiKeyShown),
        (
            P::OutOfStock { product: ProductId(Uuid::nil()), left: 2 }.into(),
            Code::FailedPrecondition,
            ErrorReason::OutOfStock,
        ),
        (P::PriceChanged { subtotal: 10_000 }.into(), Code::FailedPrecondition, ErrorReason::PriceChanged),
        (P::TooManyUnpaidOrders.into(), Code::FailedPrecondition, ErrorReason::TooManyUnpaidOrders),
        (P::AmountBelowMinimum { minimum: 500 }.into(), Code::FailedPrecondition, ErrorReason::AmountBelowMinimum),
        (P::OrderNotPayable.into(), Code::FailedPrecondition, ErrorReason::OrderNotPayable),
        (P::OrderNotCancellable.into(), Code::FailedPrecondition, ErrorReason::OrderNotCancellable),
        (P::BalanceTooLow.into(), Code::FailedPrecondition, ErrorReason::BalanceTooLow),
        (P::GatewayUnavailable.into(), Code::Unavailable, ErrorReason::GatewayUnavailable),
        (P::NoWayToPay.into(), Code::FailedPrecondition, ErrorReason::NoWayToPay),
        (P::PaymentMethodUnavailable.into(), Code::FailedPrecondition, ErrorReason::PaymentMethodUnavailable),
        (P::PaymentNotOpen.into(), Code::FailedPrecondition, ErrorReason::PaymentNotOpen),
        (P::NothingToSend.into(), Code::FailedPrecondition, ErrorReason::NothingToSend),
        (P::NothingToFulfil.into(), Code::FailedPrecondition, ErrorReason::NothingToFulfil),
        (P::OrderNotRefundable.into(), Code::FailedPrecondition, ErrorReason::OrderNotRefundable),
        (P::RefundUnsupported.into(), Code::FailedPrecondition, ErrorReason::RefundUnsupported),
        (P::TopUpByGatewayOnly.into(), Code::FailedPrecondition, ErrorReason::TopUpByGatewayOnly),
        (P::TopUpNotRefundable.into(), Code::FailedPrecondition, ErrorReason::TopUpNotRefundable),
        (P::EditedMeanwhile.into(), Code::Aborted, ErrorReason::EditedMeanwhile),
        (P::PaymentNotInReview.into(), Code::FailedPrecondition, ErrorReason::PaymentNotInReview),
        (P::TooManyPayments.into(), Code::FailedPrecondition, ErrorReason::TooManyPayments),
        (P::InvoiceUnusable.into(), Code::FailedPrecondition, ErrorReason::InvoiceUnusable),
        (P::WebhookRefused.into(), Code::PermissionDenied, ErrorReason::WebhookRefused),
        (Error::Limited { retry_after: Duration::from_secs(7) }, Code::ResourceExhausted, ErrorReason::RateLimited),
        (Error::DeadlineExceeded, Code::DeadlineExceeded, ErrorReason::DeadlineExceeded),
        (store(StoreError::Serialization(text())), Code::Aborted, ErrorReason::Conflict),
        (store(StoreError::Conflict(text())), Code::Aborted, ErrorReason::Conflict),
        (store(StoreError::Unavailable(text())), Code::Unavailable, ErrorReason::Unavailable),
        (store(StoreError::OutcomeUnknown(text())), Code::Unavailable, ErrorReason::Unavailable),
        (store(StoreError::Full), Code::Unavailable, ErrorReason::StorageFull),
        (store(StoreError::Reference(text())), Code::Internal, ErrorReason::Internal),
        (store(StoreError::Swallowed), Code::Internal, ErrorReason::Internal),
        (store(StoreError::Yielded), Code::Internal, ErrorReason::Internal),
        (store(StoreError::Panicked), Code::Internal, ErrorReason::Internal),
        (store(StoreError::Inconsistent(text())), Code::Internal, ErrorReason::Internal),
        (store(StoreError::Driver(text())), Code::Internal, ErrorReason::Internal),
        (Error::Internal(text()), Code::Internal, ErrorReason::Internal),
    ]
}

#[test]
fn every_error_has_its_code_its_reason_and_its_details() {
    for (error, code, reason) in table() {
        let status = from_error(&error);
        assert_eq!(status.code(), code, "{error:?}");
        let details = status.get_error_details();
        let info = details.error_info().unwrap();
        assert_eq!((info.reason.as_str(), info.domain.as_str()), (reason.as_reason(), DOMAIN), "{error:?}");
        assert_eq!(warung_proto::error::reason(&status), reason);
        assert!(!status.message().contains("secret detail"), "{error:?} tells what is inside");
        assert!(!status.message().is_empty());
        let wanted = match code {
            Code::InvalidArgument => details.bad_request().is_some(),
            Code::NotFound => details.resource_info().is_some() || details.precondition_failure().is_some(),
            Code::FailedPrecondition => details.precondition_failure().is_some(),
            Code::ResourceExhausted | Code::Unavailable => details.retry_info().is_some(),
            _ => true,
        };
        assert!(wanted, "{error:?} lacks its details");
    }
}

#[test]
fn every_reason_that_a_status_can_have_is_in_the_table() {
    let told: BTreeSet<_> = table().into_iter().map(|(_, _, reason)| reason.as_reason()).collect();
    let all: BTreeSet<_> =
        (1..=i32::MAX).map_while(|number| ErrorReason::try_from(number).ok()).map(ErrorReason::as_reason).collect();
    // A missing method is told by the guard.
    let elsewhere = BTreeSet::from(["UNIMPLEMENTED"]);
    assert_eq!(all.difference(&told).copied().collect::<BTreeSet<_>>(), elsewhere);
}

#[test]
fn all_violations_are_told_and_yet_not_too_many() {
    let mut violations = Violations::new();
    for number in 0..1_000 {
        violations.add(format!("episodes[{number}].name"), "must have at most 200 characters");
    }
    let status = from_error(&Error::Invalid(violations));
    assert_eq!(status.get_details_bad_request().unwrap().field_violations.len(), VIOLATIONS_MAX);
    assert!(status.details().len() < 4_096, "it travels in a header: {} bytes", status.details().len());
}

#[test]
fn a_retry_is_told_when_it_may_come() {
    let status = from_error(&Error::Limited { retry_after: Duration::from_secs(7) });
    assert_eq!(warung_proto::error::retry_delay(&status), Some(Duration::from_secs(7)));
}

#[test]
fn a_status_of_the_framework_gets_a_reason_and_ours_stays() {
    for code in [Code::OutOfRange, Code::Internal, Code::InvalidArgument, Code::ResourceExhausted] {
        let status = with_reason(&Status::new(code, "from prost")).unwrap();
        assert_eq!(
            (status.code(), warung_proto::error::reason(&status)),
            (Code::InvalidArgument, ErrorReason::InvalidArgument)
        );
        assert!(!status.message().contains("prost"));
    }
    let status = with_reason(&Status::unimplemented("no")).unwrap();
    assert_eq!(warung_proto::error::reason(&status), ErrorReason::Unimplemented);
    assert!(with_reason(&from_error(&Error::Internal("x".into()))).is_none());
}
