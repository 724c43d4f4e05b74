//! Paying for orders.

mod apply;
mod attempt;
mod begin;
mod close_refund;
mod flow;
mod invoice;
pub mod limits;
mod question;
mod record;
mod refund;
mod reverse;
mod review;
mod stuck_refund;
mod told;
mod view;

use apply::ApplyPayments;
pub use apply::{Applied, AppliedOutcome, ApplyPayment, SettlePayment, Source};
pub(crate) use attempt::{Attempt, Attempts};
use begin::TakesOfBalance;
pub use begin::{BeginPayment, Begun, PayBy};
pub use close_refund::{CloseRefund, GetRefund, Refund};
pub use flow::{Checkout, NewOrder, WebhookResult};
pub use invoice::SendInvoice;
pub(crate) use question::ask_given_up;
pub use question::{Answer, AnswerQuestion, ClaimQuestion, ClaimQuestions, Question, QuestionClaim};
pub use record::{ClosePayment, FailPayment, RecordInvoice};
pub use refund::{BeginRefund, BegunRefund, FinishRefund, LineRefund};
pub use reverse::ReversePayment;
pub use review::{DismissReview, ReviewPayment};
pub use stuck_refund::{StuckRefund, StuckRefunds};
use told::is_reference;
pub use told::{KeepPosted, Kept, Posted};
use view::GetLookup;
pub use view::{GetPayment, Lookup, MissingGateways, OpenPayment, Payment, PaymentToReview, PaymentsToReview};
