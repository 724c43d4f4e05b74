//! Statuses: what a caller is told of an error. The one place where they are built.

use std::{collections::HashMap, time::Duration};

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};
use warung_app::{Error, Precondition, Unproven};
use warung_proto::{ErrorReason, error::DOMAIN};
use warung_store::Error as StoreError;

/// How many violations are told: the details of a status travel in a header, which has its limits.
const VIOLATIONS_MAX: usize = 20;
/// When to try again what the database could not do now.
const UNAVAILABLE_FOR: Duration = Duration::from_secs(1);

/// When to try again what a payment gateway could not do now.
const GATEWAY_UNAVAILABLE_FOR: Duration = Duration::from_secs(5);

/// What a caller is told of an error. A fault of our own is logged here, once, and told without its cause.
pub(crate) fn from_error(error: &Error) -> Status {
    let (code, reason) = kind(error);
    let mut details = ErrorDetails::with_error_info(reason.as_reason(), DOMAIN, HashMap::new());
    match error {
        Error::Invalid(violations) => {
            for violation in violations.iter().take(VIOLATIONS_MAX) {
                details.add_bad_request_violation(&violation.field, &violation.description);
            }
        }
        Error::RequestIdReused => {
            details.add_bad_request_violation("request_id", "was used for another request");
        }
        Error::PageTokenInvalid => {
            details.add_bad_request_violation("page_token", "must be the `next_page_token` of this very list");
        }
        Error::NotFound { kind, name } => {
            details.set_resource_info(*kind, name, "", "");
        }
        Error::Precondition(Precondition::GatewayUnavailable) => {
            details.set_retry_info(Some(GATEWAY_UNAVAILABLE_FOR));
        }
        Error::Precondition(precondition) => {
            let subject = match precondition {
                Precondition::OutOfStock { product, .. } => product.to_string(),
                _ => String::new(),
            };
            details.add_precondition_failure_violation(reason.as_reason(), subject, precondition.to_string());
        }
        Error::Limited { retry_after } => {
            details.set_retry_info(Some(*retry_after));
        }
        Error::Store(StoreError::Unavailable(_) | StoreError::OutcomeUnknown(_) | StoreError::Full) => {
            details.set_retry_info(Some(UNAVAILABLE_FOR));
        }
        Error::Unauthenticated(_)
        | Error::Forbidden
        | Error::Blocked
        | Error::DeadlineExceeded
        | Error::Store(_)
        | Error::Internal(_) => {}
    }
    let message = match (code, error) {
        (Code::Internal, _) => {
            tracing::error!(%error, "a fault of our own");
            "internal error".to_owned()
        }
        (Code::Unavailable, Error::Store(_)) => {
            tracing::warn!(%error, "the database could not answer");
            "the store can't answer now; try again".to_owned()
        }
        (Code::Aborted, Error::Store(_)) => "somebody else changed it at the same time; try again".to_owned(),
        (_, Error::Invalid(violations)) => match violations.iter().next() {
            Some(first) => format!("{} {}", first.field, first.description),
            None => error.to_string(),
        },
        _ => error.to_string(),
    };
    Status::with_error_details(code, message, details)
}

fn kind(error: &Error) -> (Code, ErrorReason) {
    match error {
        Error::Invalid(_) => (Code::InvalidArgument, ErrorReason::InvalidArgument),
        Error::RequestIdReused => (Code::InvalidArgument, ErrorReason::RequestIdReused),
        Error::PageTokenInvalid => (Code::InvalidArgument, ErrorReason::PageTokenInvalid),
        Error::Unauthenticated(unproven) => (Code::Unauthenticated, unproven_reason(*unproven)),
        Error::Forbidden => (Code::PermissionDenied, ErrorReason::Forbidden),
        Error::Blocked => (Code::PermissionDenied, ErrorReason::UserBlocked),
        Error::NotFound { .. } => (Code::NotFound, ErrorReason::NotFound),
        Error::Precondition(precondition) => precondition_kind(*precondition),
        Error::Limited { .. } => (Code::ResourceExhausted, ErrorReason::RateLimited),
        Error::DeadlineExceeded => (Code::DeadlineExceeded, ErrorReason::DeadlineExceeded),
        Error::Store(StoreError::Full) => (Code::Unavailable, ErrorReason::StorageFull),
        Error::Store(StoreError::Unavailable(_) | StoreError::OutcomeUnknown(_)) => {
            (Code::Unavailable, ErrorReason::Unavailable)
        }
        Error::Store(StoreError::Serialization(_) | StoreError::Conflict(_)) => (Code::Aborted, ErrorReason::Conflict),
        Error::Store(_) | Error::Internal(_) => (Code::Internal, ErrorReason::Internal),
    }
}

fn unproven_reason(unproven: Unproven) -> ErrorReason {
    match unproven {
        Unproven::Absent => ErrorReason::Unauthenticated,
        Unproven::InitDataInvalid => ErrorReason::InitDataInvalid,
        Unproven::InitDataExpired => ErrorReason::InitDataExpired,
        Unproven::SessionInvalid => ErrorReason::SessionInvalid,
        Unproven::SessionExpired => ErrorReason::SessionExpired,
        Unproven::ApiKeyInvalid => ErrorReason::ApiKeyInvalid,
    }
}

fn precondition_kind(precondition: Precondition) -> (Code, ErrorReason) {
    match precondition {
        Precondition::VideoMissing => (Code::FailedPrecondition, ErrorReason::VideoMissing),
        Precondition::VipRequired => (Code::FailedPrecondition, ErrorReason::VipRequired),
        Precondition::StartTokenUnknown => (Code::NotFound, ErrorReason::StartTokenUnknown),
        Precondition::StartTokenUsed => (Code::FailedPrecondition, ErrorReason::StartTokenUsed),
        Precondition::StartTokenExpired => (Code::FailedPrecondition, ErrorReason::StartTokenExpired),
        Precondition::StartTokenForeign => (Code::PermissionDenied, ErrorReason::StartTokenForeign),
        Precondition::WatchLinkExpired => (Code::FailedPrecondition, ErrorReason::WatchLinkExpired),
        Precondition::GatewayUnavailable => (Code::Unavailable, ErrorReason::GatewayUnavailable),
        Precondition::WebhookRefused => (Code::PermissionDenied, ErrorReason::WebhookRefused),
        Precondition::OutOfStock { .. } => (Code::FailedPrecondition, ErrorReason::OutOfStock),
        Precondition::PriceChanged { .. } => (Code::FailedPrecondition, ErrorReason::PriceChanged),
        Precondition::TooManyUnpaidOrders => (Code::FailedPrecondition, ErrorReason::TooManyUnpaidOrders),
        Precondition::AmountBelowMinimum { .. } => (Code::FailedPrecondition, ErrorReason::AmountBelowMinimum),
        Precondition::OrderNotPayable => (Code::FailedPrecondition, ErrorReason::OrderNotPayable),
        Precondition::OrderNotCancellable => (Code::FailedPrecondition, ErrorReason::OrderNotCancellable),
        Precondition::BalanceTooLow => (Code::FailedPrecondition, ErrorReason::BalanceTooLow),
        Precondition::PaymentMethodUnavailable => (Code::FailedPrecondition, ErrorReason::PaymentMethodUnavailable),
        Precondition::NoWayToPay => (Code::FailedPrecondition, ErrorReason::NoWayToPay),
        Precondition::PaymentNotOpen => (Code::FailedPrecondition, ErrorReason::PaymentNotOpen),
        Precondition::NothingToSend => (Code::FailedPrecondition, ErrorReason::NothingToSend),
        Precondition::NothingToFulfil => (Code::FailedPrecondition, ErrorReason::NothingToFulfil),
        Precondition::OrderNotRefundable => (Code::FailedPrecondition, ErrorReason::OrderNotRefundable),
        Precondition::RefundUnsupported => (Code::FailedPrecondition, ErrorReason::RefundUnsupported),
        Precondition::RefundNotClosable => (Code::FailedPrecondition, ErrorReason::RefundNotClosable),
        Precondition::TopUpByGatewayOnly => (Code::FailedPrecondition, ErrorReason::TopUpByGatewayOnly),
        Precondition::TopUpNotRefundable => (Code::FailedPrecondition, ErrorReason::TopUpNotRefundable),
        Precondition::EditedMeanwhile => (Code::Aborted, ErrorReason::EditedMeanwhile),
        Precondition::PaymentNotInReview => (Code::FailedPrecondition, ErrorReason::PaymentNotInReview),
        Precondition::TooManyPayments => (Code::FailedPrecondition, ErrorReason::TooManyPayments),
        Precondition::InvoiceUnusable => (Code::FailedPrecondition, ErrorReason::InvoiceUnusable),
        Precondition::LastOwner => (Code::FailedPrecondition, ErrorReason::LastOwner),
        Precondition::UserHasRole => (Code::FailedPrecondition, ErrorReason::UserHasRole),
        Precondition::ApiKeyShown => (Code::FailedPrecondition, ErrorReason::ApiKeyShown),
    }
}

/// The status of a call of a method that is not there.
pub(crate) fn unimplemented() -> Status {
    let details = ErrorDetails::with_error_info(ErrorReason::Unimplemented.as_reason(), DOMAIN, HashMap::new());
    Status::with_error_details(Code::Unimplemented, "there is no such method", details)
}

/// A status that the framework made of a message that it could not read: it gets a reason like any other.
pub(crate) fn with_reason(status: &Status) -> Option<Status> {
    if status.get_details_error_info().is_some() {
        return None;
    }
    let reason = match status.code() {
        Code::Unimplemented => return Some(unimplemented()),
        Code::OutOfRange | Code::InvalidArgument | Code::ResourceExhausted | Code::Internal => {
            ErrorReason::InvalidArgument
        }
        _ => return None,
    };
    let details = ErrorDetails::with_error_info(reason.as_reason(), DOMAIN, HashMap::new());
    Some(Status::with_error_details(Code::InvalidArgument, "the message can't be read, or is too large", details))
}

#[cfg(test)]
mod tests;
