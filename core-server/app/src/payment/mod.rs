//! Paying for orders.

mod apply;
mod begin;
mod check;
mod claimed;
mod close_refund;
mod flow;
pub mod gateway;
mod invoice;
pub mod limits;
mod record;
mod refund;
mod review;
mod stuck_refund;
mod view;

pub use apply::{Applied, AppliedOutcome, ApplyPayment, Source};
use begin::TakesOfBalance;
pub use begin::{BeginPayment, Begun, Way};
use check::is_reference;
pub use check::{Answer, CheckBy, CheckClaim, ClaimCheck, ClaimDueChecks, ReleaseCheck};
pub use claimed::{AmountAnswer, ClaimDueAmounts, ClaimedAmount, ReleaseAmount};
pub use close_refund::{CloseRefund, GetRefund, Refund};
pub use flow::{Checkout, NewOrder, PayBy, WebhookResult};
pub use invoice::SendInvoice;
pub use record::{ClosePayment, FailPayment, RecordInvoice};
pub use refund::{BeginRefund, BegunRefund, Destination, FinishRefund};
pub use review::{DismissReview, ReviewPayment};
pub use stuck_refund::{StuckRefund, StuckRefunds};
pub use view::{GetPayment, Lookup, MissingGateways, OpenPayment, Payment, PaymentToReview, PaymentsToReview};
pub(crate) use view::{currency, method_of, state_of};
