//! What a seller says of a payment or a refund that needs a look.

use std::fmt;

use super::{
    UnknownCallback,
    parts::{id, number},
};

/// What a seller saw at the gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// So many rupiah have arrived for a payment (`pay_` and 26 characters).
    Arrived(String, u64),
    /// Nothing has arrived for a payment, and nothing is to be done.
    NoMoney(String),
    /// A refund (`rfd_` and 26 characters) was made, or was not.
    Refund(String, bool),
}

/// A button under a payment that needs a look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Review {
    /// Asks whether it is meant.
    Ask(Verdict),
    /// It is meant.
    Confirmed(Verdict),
    /// It is not.
    Kept,
}

impl fmt::Display for Review {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (letter, verdict) = match self {
            Self::Ask(verdict) => ('r', verdict),
            Self::Confirmed(verdict) => ('y', verdict),
            Self::Kept => return f.write_str("v1:rn"),
        };
        match verdict {
            Verdict::Arrived(payment_id, amount) => write!(f, "v1:{letter}s:{payment_id}:{amount}"),
            Verdict::NoMoney(payment_id) => write!(f, "v1:{letter}d:{payment_id}"),
            Verdict::Refund(refund_id, made) => write!(f, "v1:{letter}f:{refund_id}:{}", u8::from(*made)),
        }
    }
}

/// Reads the parts of a button, if it is one of these.
pub(super) fn read(parts: &[&str]) -> Option<Result<Review, UnknownCallback>> {
    let is_one = matches!(parts.first(), Some(&("rs" | "rd" | "rf" | "ys" | "yd" | "yf" | "rn")));
    is_one.then(|| parse(parts))
}

fn parse(parts: &[&str]) -> Result<Review, UnknownCallback> {
    let verdict = match *parts {
        ["rn"] => return Ok(Review::Kept),
        ["rs" | "ys", payment, amount] => Verdict::Arrived(id("pay_", payment)?, number(amount)?),
        ["rd" | "yd", payment] => Verdict::NoMoney(id("pay_", payment)?),
        ["rf" | "yf", refund, made @ ("0" | "1")] => Verdict::Refund(id("rfd_", refund)?, made == "1"),
        _ => return Err(UnknownCallback),
    };
    let is_meant = parts.first().is_some_and(|code| code.starts_with('y'));
    Ok(if is_meant { Review::Confirmed(verdict) } else { Review::Ask(verdict) })
}
