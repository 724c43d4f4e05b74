//! How a use case fails: the one public vocabulary.

use std::time::Duration;

use warung_domain::{ids::ProductId, text::cut, violation::Violations};
use warung_store::StoreError;

/// How much of a name that a caller gave is told back to them: it travels in a header, which has its limits.
const NAME_CHARACTERS_MAX: usize = 100;

/// A result of a use case.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// How a use case fails. What a caller is told of each is decided in one place, where statuses are built.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// The request breaks its limits: every way it does.
    #[error("the request is not valid")]
    Invalid(Violations),
    /// The request id came before with another request.
    #[error("the request id was used for another request")]
    RequestIdReused,
    /// The page token is not ours, or another list's.
    #[error("the page token is not one of this list")]
    PageTokenInvalid,
    /// Who calls is not known, or not proven.
    #[error("{0}")]
    Unauthenticated(Unproven),
    /// The caller may not do this.
    #[error("the caller may not do this")]
    Forbidden,
    /// The person whom it is for is blocked in this store.
    #[error("a seller has blocked this person in the store")]
    Blocked,
    /// There is no such thing, or it is not the caller's.
    #[error("there is no such {kind}")]
    NotFound {
        /// What it is.
        kind: &'static str,
        /// As the caller named it.
        name: String,
    },
    /// It can't be done as things stand.
    #[error("{0}")]
    Precondition(Precondition),
    /// Too many calls.
    #[error("too many calls")]
    Limited {
        /// When the next may come.
        retry_after: Duration,
    },
    /// The time that the caller gave has passed.
    #[error("the deadline has passed")]
    DeadlineExceeded,
    /// The database's answer.
    #[error(transparent)]
    Store(#[from] warung_store::Error),
    /// A fault of our own.
    #[error("{0}")]
    Internal(String),
}

impl Error {
    /// A fault of ours, or of what is stored: the same fails however often it is tried.
    pub(crate) fn is_lasting(&self) -> bool {
        matches!(self, Self::Internal(_) | Self::Store(warung_store::Error::Inconsistent(_)))
    }

    /// The same may well succeed when it is tried again.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        use warung_store::Error as Store;
        match self {
            Self::Limited { .. } | Self::DeadlineExceeded => true,
            Self::Store(error) => match error {
                Store::Serialization(_) | Store::Unavailable(_) | Store::OutcomeUnknown(_) | Store::Full => true,
                Store::Conflict(_)
                | Store::Reference(_)
                | Store::Swallowed
                | Store::Yielded
                | Store::Panicked
                | Store::Inconsistent(_)
                | Store::Driver(_) => false,
            },
            Self::Invalid(_)
            | Self::RequestIdReused
            | Self::PageTokenInvalid
            | Self::Unauthenticated(_)
            | Self::Forbidden
            | Self::Blocked
            | Self::NotFound { .. }
            | Self::Precondition(_)
            | Self::Internal(_) => false,
        }
    }
}

/// Why nobody knows who calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unproven {
    /// Nothing was presented.
    #[error("nobody is signed in")]
    Absent,
    /// The init data is malformed or not signed by our bot.
    #[error("the init data is not valid")]
    InitDataInvalid,
    /// The init data is too old, or from the future.
    #[error("the init data is too old: open the Mini App again")]
    InitDataExpired,
    /// The session token is not ours.
    #[error("the session token is not valid")]
    SessionInvalid,
    /// The session has ended.
    #[error("the session has ended")]
    SessionExpired,
    /// The API key is not ours, or was revoked.
    #[error("the API key is not valid")]
    ApiKeyInvalid,
}

/// Why something can't be done as things stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Precondition {
    /// The episode has no video that the bot could send.
    #[error("the episode has no video yet")]
    VideoMissing,
    /// The episode is for members.
    #[error("the episode is for VIP members")]
    VipRequired,
    /// There is no such start token.
    #[error("there is no such start token")]
    StartTokenUnknown,
    /// The start token was redeemed before.
    #[error("the start token was used before")]
    StartTokenUsed,
    /// The start token is too old.
    #[error("the start token is too old")]
    StartTokenExpired,
    /// The start token is another user's.
    #[error("the start token belongs to another user")]
    StartTokenForeign,
    /// The watch link is altered or too old.
    #[error("the watch link is of no use any more")]
    WatchLinkExpired,
    /// Fewer units are left than were ordered.
    #[error("{product} has {left} left")]
    OutOfStock {
        /// Of which product.
        product: ProductId,
        /// How many can be ordered.
        left: i64,
    },
    /// The subtotal is another than the buyer was shown.
    #[error("the price has changed: it is {subtotal} rupiah now")]
    PriceChanged {
        /// What it is now.
        subtotal: i64,
    },
    /// The buyer has as many unpaid orders as are allowed.
    #[error("there are too many unpaid orders: pay or cancel one")]
    TooManyUnpaidOrders,
    /// No way to pay takes so little.
    #[error("no way to pay takes so little; the least is {minimum} rupiah")]
    AmountBelowMinimum {
        /// The least that can be paid.
        minimum: i64,
    },
    /// The order can't be paid any more.
    #[error("the order is paid, cancelled or expired")]
    OrderNotPayable,
    /// The order is no longer PENDING.
    #[error("the order can't be cancelled any more")]
    OrderNotCancellable,
    /// The balance does not hold as much.
    #[error("the balance does not hold as much")]
    BalanceTooLow,
    /// The gateway does not answer, or would not do it.
    #[error("the payment gateway does not answer; try again")]
    GatewayUnavailable,
    /// The order can't be paid that way.
    #[error("this way to pay is not offered")]
    PaymentMethodUnavailable,
    /// No gateway is left that all of the order may be paid through.
    #[error("nothing that this store takes may pay all of it")]
    NoWayToPay,
    /// There is no open invoice.
    #[error("the payment is not open")]
    PaymentNotOpen,
    /// The order has no goods that could be sent.
    #[error("the order has no goods that could be sent")]
    NothingToSend,
    /// The order waits for nothing that is made by hand.
    #[error("the order waits for nothing that is made by hand")]
    NothingToFulfil,
    /// The order is not paid, or less of it is left.
    #[error("the order is not paid, or less of it is left than was asked for")]
    OrderNotRefundable,
    /// The money can't go back that way.
    #[error("the money can't go back that way")]
    RefundUnsupported,
    /// The refund has ended, or its gateway may be answering yet.
    #[error("the refund has ended, or its gateway may be answering yet")]
    RefundNotClosable,
    /// A top-up goes back through its gateway alone.
    #[error("a top-up goes back through its gateway alone")]
    TopUpByGatewayOnly,
    /// A top-up goes back through its gateway alone, and its gateway gives no money back.
    #[error("a top-up goes back through its gateway alone, which gives no money back: return it outside of the store")]
    TopUpNotRefundable,
    /// Somebody else edited it since the caller looked.
    #[error("somebody edited it since you looked: look at it again, and make your change once more")]
    EditedMeanwhile,
    /// No seller need look at the payment.
    #[error("nothing of the payment waits for a seller's look")]
    PaymentNotInReview,
    /// The order was begun to be paid as often as is allowed.
    #[error("the order was begun to be paid too often: pay what is open, pay from the balance, or order again")]
    TooManyPayments,
    /// The gateway made an invoice that can't be paid; the order is cancelled.
    #[error(
        "the payment gateway made an invoice that can't be paid, so the order is cancelled: order again later, or pay another way"
    )]
    InvoiceUnusable,
    /// The webhook is not for this store, or not signed as configured.
    #[error("the webhook is not signed as configured, or not for this store")]
    WebhookRefused,
    /// The only owner can't stop being one.
    #[error("this is the only owner: make somebody else one first")]
    LastOwner,
    /// Sellers and owners can't be blocked.
    #[error("a seller or an owner can't be blocked: revoke the role first")]
    UserHasRole,
    /// The secret of the API key was in the first answer, and is nowhere else.
    #[error("the key's secret was shown before and is gone: revoke it and make another")]
    ApiKeyShown,
}

impl Error {
    /// A single violation.
    #[must_use]
    pub fn invalid(field: &str, description: &str) -> Self {
        let mut violations = Violations::new();
        violations.add(field, description);
        Self::Invalid(violations)
    }

    /// Something that is not there.
    pub fn not_found(kind: &'static str, name: &impl ToString) -> Self {
        Self::NotFound { kind, name: cut(&name.to_string(), NAME_CHARACTERS_MAX).into_owned() }
    }

    /// A row that breaks a rule of ours.
    pub fn inconsistent(what: impl Into<String>) -> Self {
        Self::Store(warung_store::Error::Inconsistent(what.into()))
    }
}

impl From<Violations> for Error {
    fn from(violations: Violations) -> Self {
        Self::Invalid(violations)
    }
}

impl From<Precondition> for Error {
    fn from(precondition: Precondition) -> Self {
        Self::Precondition(precondition)
    }
}

impl From<Unproven> for Error {
    fn from(unproven: Unproven) -> Self {
        Self::Unauthenticated(unproven)
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::Internal(error.to_string())
    }
}

impl StoreError for Error {
    fn store(&self) -> Option<&warung_store::Error> {
        match self {
            Self::Store(error) => Some(error),
            _ => None,
        }
    }
}
