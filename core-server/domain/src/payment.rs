//! Attempts to pay an order: how, where they stand, and when the gateway is asked about them.

mod schedule;
mod stage;

use serde::{Deserialize, Serialize};

pub use schedule::{next_check, next_check_given_up, next_check_unanswered};
pub use stage::{Closure, Event, Impossible, Stage, Word};

use crate::named;

/// The gateway that the wallet balance is.
pub const BALANCE_GATEWAY: &str = "BALANCE";

/// How an order is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Method {
    /// The buyer's wallet balance.
    Balance,
    /// A QRIS code.
    Qris,
    /// A virtual account of Bank CIMB Niaga.
    CimbNiagaVa,
    /// A virtual account of Bank BNI.
    BniVa,
    /// A virtual account of Bank BRI.
    BriVa,
    /// A virtual account of Bank Permata.
    PermataVa,
    /// A virtual account of Maybank.
    MaybankVa,
    /// A virtual account of Bank Neo Commerce.
    BncVa,
    /// A virtual account of Bank Sampoerna.
    SampoernaVa,
    /// A virtual account of ATM Bersama.
    AtmBersamaVa,
    /// A virtual account of Bank Artha Graha.
    ArthaGrahaVa,
}

impl Method {
    /// All methods.
    pub const ALL: [Self; 11] = [
        Self::Balance,
        Self::Qris,
        Self::CimbNiagaVa,
        Self::BniVa,
        Self::BriVa,
        Self::PermataVa,
        Self::MaybankVa,
        Self::BncVa,
        Self::SampoernaVa,
        Self::AtmBersamaVa,
        Self::ArthaGrahaVa,
    ];

    /// Its name in the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Balance => "BALANCE",
            Self::Qris => "QRIS",
            Self::CimbNiagaVa => "CIMB_NIAGA_VA",
            Self::BniVa => "BNI_VA",
            Self::BriVa => "BRI_VA",
            Self::PermataVa => "PERMATA_VA",
            Self::MaybankVa => "MAYBANK_VA",
            Self::BncVa => "BNC_VA",
            Self::SampoernaVa => "SAMPOERNA_VA",
            Self::AtmBersamaVa => "ATM_BERSAMA_VA",
            Self::ArthaGrahaVa => "ARTHA_GRAHA_VA",
        }
    }

    /// What people call it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Balance => "Saldo",
            Self::Qris => "QRIS",
            Self::CimbNiagaVa => "CIMB Niaga Virtual Account",
            Self::BniVa => "BNI Virtual Account",
            Self::BriVa => "BRI Virtual Account",
            Self::PermataVa => "Permata Virtual Account",
            Self::MaybankVa => "Maybank Virtual Account",
            Self::BncVa => "BNC Virtual Account",
            Self::SampoernaVa => "Sampoerna Virtual Account",
            Self::AtmBersamaVa => "ATM Bersama Virtual Account",
            Self::ArthaGrahaVa => "Artha Graha Virtual Account",
        }
    }

    /// The method of a name in the database.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.name() == name)
    }

    /// It is the buyer's wallet balance: no gateway is asked.
    #[must_use]
    pub fn is_balance(self) -> bool {
        self == Self::Balance
    }
}

/// Where a payment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PaymentState {
    /// The gateway is being asked for it.
    Creating,
    /// It can be paid.
    Open,
    /// The buyer says that they paid: somebody's word of it is awaited.
    Awaiting,
    /// The money has arrived.
    Paid,
    /// Its order was cancelled, or another payment took its place.
    Cancelled,
    /// Nobody paid in time.
    Expired,
    /// The gateway would not make it.
    Failed,
    /// The money went back to the buyer.
    Returned,
    /// The gateway took the money back, all of it or a part.
    Reversed,
}

impl PaymentState {
    /// All states.
    pub const ALL: [Self; 9] = [
        Self::Creating,
        Self::Open,
        Self::Awaiting,
        Self::Paid,
        Self::Cancelled,
        Self::Expired,
        Self::Failed,
        Self::Returned,
        Self::Reversed,
    ];

    /// Its name in the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Creating => "CREATING",
            Self::Open => "OPEN",
            Self::Awaiting => "AWAITING",
            Self::Paid => "PAID",
            Self::Cancelled => "CANCELLED",
            Self::Expired => "EXPIRED",
            Self::Failed => "FAILED",
            Self::Returned => "RETURNED",
            Self::Reversed => "REVERSED",
        }
    }

    /// The state of a name in the database.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// It may be paid, or will be once the gateway has answered. Of one order's payments one is.
    #[must_use]
    pub fn is_underway(self) -> bool {
        matches!(self, Self::Creating | Self::Open | Self::Awaiting)
    }

    /// The money has arrived, whatever became of it.
    #[must_use]
    pub fn has_money(self) -> bool {
        matches!(self, Self::Paid | Self::Returned | Self::Reversed)
    }
}

named! {
    /// Where a question about a payment and an amount stands.
    pub enum QuestionState {
        /// The gateway is to be asked.
        Asking = "ASKING",
        /// The gateway knew nothing of another amount when it was asked; it makes room for another.
        Unknown = "UNKNOWN",
        /// The gateway has received another amount: a seller decides.
        Received = "RECEIVED",
    }
}

/// Where a refund stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RefundState {
    /// Its gateway was asked for it.
    Pending,
    /// The money went back.
    Done,
    /// Its gateway did not give the money back.
    Failed,
}

impl RefundState {
    /// Its name in the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Done => "DONE",
            Self::Failed => "FAILED",
        }
    }

    /// The state of a name in the database.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Pending, Self::Done, Self::Failed].into_iter().find(|state| state.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for method in Method::ALL {
            assert_eq!(Method::from_name(method.name()), Some(method));
            assert_eq!(method.is_balance(), method.name() == BALANCE_GATEWAY);
        }
        for state in [RefundState::Pending, RefundState::Done, RefundState::Failed] {
            assert_eq!(RefundState::from_name(state.name()), Some(state));
        }
        for state in PaymentState::ALL {
            assert_eq!(PaymentState::from_name(state.name()), Some(state));
        }
        assert_eq!(Method::from_name("qris"), None);
        assert_eq!(PaymentState::from_name(""), None);
        for word in Word::ALL {
            assert_eq!(Word::from_name(word.name()), Some(word));
        }
    }
}
