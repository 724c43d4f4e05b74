//! What money that has arrived does to its order.

use crate::order::OrderState;

/// An order's money, when more of it arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account {
    /// Where the order stands.
    pub state: OrderState,
    /// What it costs, without gateways' fees.
    pub due: i64,
    /// How much of that it holds already.
    pub paid: i64,
}

/// What is done with money that has arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The order is complete and is settled; what is over goes to the wallet.
    Settle {
        /// How much the order keeps.
        kept: i64,
        /// How much goes to the wallet.
        over: i64,
    },
    /// The order was given up. If its goods can still be had it is settled, else all of the money goes to the wallet.
    Late {
        /// How much the order keeps if it is settled.
        kept: i64,
        /// How much goes to the wallet all the same.
        over: i64,
    },
    /// It is not enough: all of it goes to the wallet, and the order stays as it is.
    Short,
    /// The order needs nothing more: all of it goes to the wallet.
    Double,
    /// The order was given up, and this would not be enough for it: all of it goes to the wallet.
    TooLate,
}

/// What is done with `received`, which is positive.
#[must_use]
pub fn judge(account: Account, received: i64) -> Verdict {
    let missing = account.due.saturating_sub(account.paid).max(0);
    let kept = received.min(missing);
    let over = received.saturating_sub(kept);
    let enough = received >= missing;
    match account.state {
        OrderState::Paid | OrderState::Completed | OrderState::Refunded => Verdict::Double,
        OrderState::Pending if enough => Verdict::Settle { kept, over },
        OrderState::Pending => Verdict::Short,
        OrderState::Cancelled | OrderState::Expired if enough => Verdict::Late { kept, over },
        OrderState::Cancelled | OrderState::Expired => Verdict::TooLate,
    }
}

/// How much of an order is paid from a balance, when the rest goes through a gateway that takes no less than `minimum`.
/// All of it when the balance is enough; else rather less of the balance than nothing through the gateway.
#[must_use]
pub fn from_balance(missing: i64, balance: i64, minimum: i64) -> i64 {
    if balance >= missing {
        return missing.max(0);
    }
    balance.min(missing.saturating_sub(minimum.max(1))).max(0)
}

/// How many of `seconds` of membership go back when `refunded` of `due` has gone back in all.
#[must_use]
pub fn taken_back(seconds: i64, due: i64, refunded: i64) -> i64 {
    if due <= 0 || refunded >= due {
        return seconds;
    }
    let share = i128::from(seconds) * i128::from(refunded.max(0)) / i128::from(due);
    i64::try_from(share).unwrap_or(seconds)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn judged(state: OrderState, due: i64, paid: i64, received: i64) -> Verdict {
        judge(Account { state, due, paid }, received)
    }

    #[test]
    fn money_is_judged_by_the_order_it_is_for() {
        use OrderState::{Cancelled, Completed, Expired, Paid, Pending, Refunded};
        for (state, due, paid, received, verdict) in [
            (Pending, 10_000, 0, 10_000, Verdict::Settle { kept: 10_000, over: 0 }),
            (Pending, 10_000, 0, 10_001, Verdict::Settle { kept: 10_000, over: 1 }),
            (Pending, 10_000, 0, 9_999, Verdict::Short),
            (Pending, 10_000, 4_000, 6_000, Verdict::Settle { kept: 6_000, over: 0 }),
            (Pending, 10_000, 4_000, 10_000, Verdict::Settle { kept: 6_000, over: 4_000 }),
            (Pending, 10_000, 4_000, 5_999, Verdict::Short),
            (Expired, 10_000, 0, 10_000, Verdict::Late { kept: 10_000, over: 0 }),
            (Cancelled, 10_000, 0, 12_000, Verdict::Late { kept: 10_000, over: 2_000 }),
            (Expired, 10_000, 0, 9_000, Verdict::TooLate),
            (Paid, 10_000, 10_000, 10_000, Verdict::Double),
            (Completed, 10_000, 10_000, 1, Verdict::Double),
            (Refunded, 10_000, 10_000, 10_000, Verdict::Double),
        ] {
            assert_eq!(judged(state, due, paid, received), verdict, "{state:?} {due} {paid} {received}");
        }
    }

    #[test]
    fn a_balance_leaves_the_gateway_its_minimum() {
        for (missing, balance, minimum, taken) in [
            (10_000, 10_000, 500, 10_000),
            (10_000, 20_000, 500, 10_000),
            (10_000, 9_999, 500, 9_500),
            (10_000, 3_000, 500, 3_000),
            (10_000, 0, 500, 0),
            (600, 599, 500, 100),
            (500, 499, 500, 0),
            (400, 399, 500, 0),
        ] {
            assert_eq!(from_balance(missing, balance, minimum), taken, "{missing} {balance} {minimum}");
        }
    }

    #[test]
    fn days_go_back_in_proportion_and_all_of_them_at_the_end() {
        assert_eq!(taken_back(30, 10_000, 0), 0);
        assert_eq!(taken_back(30, 10_000, 5_000), 15);
        assert_eq!(taken_back(30, 10_000, 9_999), 29);
        assert_eq!(taken_back(30, 10_000, 10_000), 30);
        assert_eq!(taken_back(i64::MAX, i64::MAX, i64::MAX - 1), i64::MAX - 1);
    }

    proptest! {
        #[test]
        fn no_rupiah_is_lost_or_invented(
            state in prop::sample::select(&OrderState::ALL[..]),
            due in 0_i64..=1_000_000_000, paid in 0_i64..=1_000_000_000, received in 1_i64..=2_000_000_000
        ) {
            match judged(state, due, paid, received) {
                Verdict::Settle { kept, over } | Verdict::Late { kept, over } => {
                    prop_assert_eq!(kept + over, received);
                    prop_assert!(kept >= 0 && over >= 0 && !state.is_settled());
                    prop_assert_eq!(paid.max(due), paid + kept);
                }
                Verdict::Short | Verdict::TooLate => prop_assert!(paid + received < due),
                Verdict::Double => prop_assert!(state.is_settled()),
            }
        }

        #[test]
        fn what_the_balance_pays_fits_both_sides(missing in 1_i64..1_000_000, balance in 0_i64..1_000_000, minimum in 1_i64..10_000) {
            let taken = from_balance(missing, balance, minimum);
            prop_assert!(taken >= 0 && taken <= balance && taken <= missing);
            prop_assert!(taken == 0 || taken == missing || missing - taken >= minimum);
        }
    }
}
