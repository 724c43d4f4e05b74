//! What sellers write. To everybody else these commands do not exist.

pub(super) mod fulfil;
mod line;
pub(super) mod refund;
pub(super) mod review;

use tonic::Status;
use warung_proto::{ErrorReason, error::reason};

use super::{App, Failure, RequestIds, later, orders, person::Person, screen, unknown};
use crate::words::Key;

/// The words for a refusal of the core.
fn refusal(status: Status) -> Result<Key, Failure> {
    match reason(&status) {
        ErrorReason::NotFound => Ok(Key::SellerNotFound),
        ErrorReason::NothingToFulfil => Ok(Key::NothingToFulfil),
        ErrorReason::OrderNotRefundable => Ok(Key::OrderNotRefundable),
        ErrorReason::RefundUnsupported => Ok(Key::RefundUnsupported),
        ErrorReason::TopUpByGatewayOnly => Ok(Key::TopUpByGatewayOnly),
        ErrorReason::TopUpNotRefundable => Ok(Key::TopUpNotRefundable),
        ErrorReason::GatewayUnavailable => Ok(Key::GatewayUnavailable),
        _ => Err(status.into()),
    }
}
