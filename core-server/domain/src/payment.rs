//! Attempts to pay an order: how, where they stand, and when the gateway is asked about them.

mod paid_through;
mod schedule;
mod stage;

use serde::{Deserialize, Serialize};

pub use paid_through::PaidThrough;
pub use schedule::{next_check, next_check_given_up, next_check_unanswered};
pub use stage::{Closure, Event, Impossible, Stage, Word};

use crate::named;

/// The gateway that the wallet balance is.
pub const BALANCE_GATEWAY: &str = "BALANCE";

named! {
    /// How an order is paid.
    #[derive(Serialize, Deserialize)]
    pub enum Method {
        /// The buyer's wallet balance.
        Balance = "BALANCE",
        /// A QRIS code.
        Qris = "QRIS",
        /// A virtual account of Bank CIMB Niaga.
        CimbNiagaVa = "CIMB_NIAGA_VA",
        /// A virtual account of Bank BNI.
        BniVa = "BNI_VA",
        /// A virtual account of Bank BRI.
        BriVa = "BRI_VA",
        /// A virtual account of Bank Permata.
        PermataVa = "PERMATA_VA",
        /// A virtual account of Maybank.
        MaybankVa = "MAYBANK_VA",
        /// A virtual account of Bank Neo Commerce.
        BncVa = "BNC_VA",
        /// A virtual account of Bank Sampoerna.
        SampoernaVa = "SAMPOERNA_VA",
        /// A virtual account of ATM Bersama.
        AtmBersamaVa = "ATM_BERSAMA_VA",
        /// A virtual account of Bank Artha Graha.
        ArthaGrahaVa = "ARTHA_GRAHA_VA",
    }
}

impl Method {
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

    /// It is the buyer's wallet balance: no gateway is asked.
    #[must_use]
    pub fn is_balance(self) -> bool {
        self == Self::Balance
    }
}

named! {
    /// Where a payment stands.
    #[derive(Serialize, Deserialize)]
    pub enum PaymentState {
        /// The gateway is being asked for it.
        Creating = "CREATING",
        /// It can be paid.
        Open = "OPEN",
        /// The buyer says that they paid: somebody's word of it is awaited.
        Awaiting = "AWAITING",
        /// The money has arrived.
        Paid = "PAID",
        /// Its order was cancelled, or another payment took its place.
        Cancelled = "CANCELLED",
        /// Nobody paid in time.
        Expired = "EXPIRED",
        /// The gateway would not make it.
        Failed = "FAILED",
        /// The money went back to the buyer.
        Returned = "RETURNED",
        /// The gateway took the money back, all of it or a part.
        Reversed = "REVERSED",
    }
}

impl PaymentState {
    /// It may be paid, or will be once the gateway has answered. Of one order's payments one is.
    pub const UNDERWAY: [Self; 3] = [Self::Creating, Self::Open, Self::Awaiting];

    /// It is one of [`UNDERWAY`](Self::UNDERWAY).
    #[must_use]
    pub fn is_underway(self) -> bool {
        Self::UNDERWAY.contains(&self)
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

named! {
    /// Where refunded money goes.
    pub enum Destination {
        /// To the buyer's wallet balance.
        Balance = "BALANCE",
        /// Back through the gateway that took it.
        Gateway = "GATEWAY",
    }
}

named! {
    /// Where a refund stands.
    #[derive(Serialize, Deserialize)]
    pub enum RefundState {
        /// Its gateway was asked for it.
        Pending = "PENDING",
        /// The money went back.
        Done = "DONE",
        /// Its gateway did not give the money back.
        Failed = "FAILED",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_balance_alone_is_its_own_gateway() {
        for method in Method::ALL {
            assert_eq!(method.is_balance(), method.name() == BALANCE_GATEWAY);
        }
    }
}
