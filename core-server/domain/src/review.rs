//! Why a seller must look at a payment: as codes with their values, for which each reader has words of their own.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{ids::RefundId, money::Money};

/// Why a gateway's answer does not fit what it was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Misfit {
    /// It is about another project.
    Project,
    /// It is about another order.
    Order,
    /// It is about another amount.
    Amount {
        /// Which.
        told: Money,
    },
    /// It was paid in a sandbox, and counts nowhere else.
    Sandbox,
    /// An invoice that can't be paid, or not as it was asked for: what is wrong with it, in English, for the log.
    Invoice(String),
}

impl fmt::Display for Misfit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Project => formatter.write_str("it is about another project"),
            Self::Order => formatter.write_str("it is about another order"),
            Self::Amount { told } => write!(formatter, "it is about {told}"),
            Self::Sandbox => formatter.write_str("it was paid in the sandbox"),
            Self::Invoice(what) => formatter.write_str(what),
        }
    }
}

/// Why a seller must look at a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ReviewReason {
    /// Its gateway has received another amount under its reference than was asked for.
    OtherAmount {
        /// How much.
        received: Money,
    },
    /// Somebody says that another amount was paid under its reference, and its gateway has not said for days whether that
    /// is so.
    OtherAmountUnknown {
        /// How much.
        claimed: Money,
    },
    /// The money has arrived, and can't be booked.
    NotBooked {
        /// How much.
        received: Money,
    },
    /// Its gateway has not said for days whether it is paid.
    Unanswered,
    /// Its gateway answered about another amount than it was asked about.
    AnswerOfAmount {
        /// About which.
        told: Money,
    },
    /// Its gateway answered about something else than it was asked about.
    AnswerOfAnother,
    /// It was paid in the gateway's sandbox, which counts for nothing.
    PaidInSandbox,
    /// Nobody knows whether a refund of it was made.
    RefundUnknown {
        /// Which.
        refund_id: RefundId,
        /// How much.
        amount: Money,
    },
    /// Its gateway took money back that had arrived.
    Reversed {
        /// How much.
        amount: Money,
    },
    /// Something that a newer version of this program wrote.
    #[serde(other)]
    Newer,
}

impl ReviewReason {
    /// Why a seller looks at a payment whose gateway answered something that does not fit.
    #[must_use]
    pub fn of(misfit: &Misfit) -> Self {
        match misfit {
            Misfit::Amount { told } => Self::AnswerOfAmount { told: *told },
            Misfit::Sandbox => Self::PaidInSandbox,
            Misfit::Project | Misfit::Order | Misfit::Invoice(_) => Self::AnswerOfAnother,
        }
    }

    /// Its code in the API and in the keys of words: `OTHER_AMOUNT`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::OtherAmount { .. } => "OTHER_AMOUNT",
            Self::OtherAmountUnknown { .. } => "OTHER_AMOUNT_UNKNOWN",
            Self::NotBooked { .. } => "NOT_BOOKED",
            Self::Unanswered => "UNANSWERED",
            Self::AnswerOfAmount { .. } => "ANSWER_OF_AMOUNT",
            Self::AnswerOfAnother => "ANSWER_OF_ANOTHER",
            Self::PaidInSandbox => "PAID_IN_SANDBOX",
            Self::RefundUnknown { .. } => "REFUND_UNKNOWN",
            Self::Reversed { .. } => "REVERSED",
            Self::Newer => "NEWER",
        }
    }

    /// The amount that it is about, if there is one.
    #[must_use]
    pub fn amount(self) -> Option<Money> {
        match self {
            Self::OtherAmount { received: amount }
            | Self::OtherAmountUnknown { claimed: amount }
            | Self::NotBooked { received: amount }
            | Self::AnswerOfAmount { told: amount }
            | Self::RefundUnknown { amount, .. }
            | Self::Reversed { amount } => Some(amount),
            Self::Unanswered | Self::AnswerOfAnother | Self::PaidInSandbox | Self::Newer => None,
        }
    }

    /// It is about a refund, which is closed by itself.
    #[must_use]
    pub fn is_refund(self) -> bool {
        matches!(self, Self::RefundUnknown { .. })
    }

    /// Money of this amount, which nobody had asked for, was booked: nothing is left to look at.
    #[must_use]
    pub fn is_about_booked(self, booked: Money) -> bool {
        match self {
            Self::OtherAmount { received: amount }
            | Self::OtherAmountUnknown { claimed: amount }
            | Self::AnswerOfAmount { told: amount } => amount == booked,
            Self::NotBooked { .. }
            | Self::Unanswered
            | Self::AnswerOfAnother
            | Self::PaidInSandbox
            | Self::RefundUnknown { .. }
            | Self::Reversed { .. }
            | Self::Newer => false,
        }
    }
}

/// For the log.
impl fmt::Display for ReviewReason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.code())?;
        self.amount().map_or(Ok(()), |amount| write!(formatter, " {amount}"))
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_reason_reads_back_and_one_of_a_newer_version_is_kept() {
        let amount = Money::idr(17_000);
        let refund_id = RefundId(Uuid::from_u128(7));
        for reason in [
            ReviewReason::OtherAmount { received: amount },
            ReviewReason::OtherAmountUnknown { claimed: amount },
            ReviewReason::NotBooked { received: amount },
            ReviewReason::Unanswered,
            ReviewReason::AnswerOfAmount { told: amount },
            ReviewReason::AnswerOfAnother,
            ReviewReason::PaidInSandbox,
            ReviewReason::RefundUnknown { refund_id, amount },
            ReviewReason::Reversed { amount },
        ] {
            let text = serde_json::to_string(&reason).unwrap();
            assert!(text.contains(&format!("\"code\":\"{}\"", reason.code())), "{text}");
            assert_eq!(serde_json::from_str::<ReviewReason>(&text).unwrap(), reason);
        }
        let newer = serde_json::from_str::<ReviewReason>(r#"{"code":"WEATHER","degrees":31}"#);
        assert_eq!(newer.unwrap(), ReviewReason::Newer);
    }
}
