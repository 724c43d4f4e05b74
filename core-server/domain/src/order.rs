//! Orders: a state machine whose states carry their data, and the code that people call one by.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::named;

named! {
    /// Where an order stands, by name.
    #[derive(Serialize, Deserialize)]
    pub enum OrderState {
        /// Placed, and waiting for its money.
        Pending = "PENDING",
        /// Paid; its goods are on their way or held back.
        Paid = "PAID",
        /// The goods were handed over.
        Completed = "COMPLETED",
        /// Cancelled before it was paid.
        Cancelled = "CANCELLED",
        /// Not paid in time.
        Expired = "EXPIRED",
        /// Its money went back.
        Refunded = "REFUNDED",
    }
}

impl OrderState {
    /// Its money came, and its goods were the buyer's.
    #[must_use]
    pub fn is_settled(self) -> bool {
        matches!(self, Self::Paid | Self::Completed | Self::Refunded)
    }
}

named! {
    /// Why the goods of a paid order have not arrived yet.
    #[derive(Serialize, Deserialize)]
    pub enum HoldReason {
        /// The seller fulfils it by hand.
        Manual = "MANUAL",
        /// The bot may not write to the buyer.
        BuyerUnreachable = "BUYER_UNREACHABLE",
        /// The messenger refuses the goods.
        Undeliverable = "UNDELIVERABLE",
    }
}

/// Where an order stands, with what belongs to that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Waiting for its money.
    Pending {
        /// Until when its stock is kept.
        expire_time: DateTime<Utc>,
    },
    /// Paid; the goods have not been handed over.
    Paid {
        /// When its money was complete.
        paid_time: DateTime<Utc>,
        /// Why the goods wait; `None`: they are on their way.
        hold: Option<HoldReason>,
    },
    /// Handed over.
    Completed {
        /// When its money was complete.
        paid_time: DateTime<Utc>,
        /// When the goods were handed over.
        end_time: DateTime<Utc>,
    },
    /// Cancelled before it was paid.
    Cancelled {
        /// When.
        end_time: DateTime<Utc>,
    },
    /// Not paid in time.
    Expired {
        /// When that was noticed.
        end_time: DateTime<Utc>,
    },
    /// Its money went back.
    Refunded {
        /// When its money was complete.
        paid_time: DateTime<Utc>,
        /// When all of it had gone back.
        end_time: DateTime<Utc>,
    },
}

/// How a settled order's goods reach the buyer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HandOver {
    /// There is nothing to hand over: settling did it all.
    None,
    /// A message carries them.
    Message,
    /// A seller makes them first.
    Manual,
}

/// Something that happens to an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// Its money is complete, its stock allocated. Of a cancelled or expired one: late, and its goods were still there.
    Settled(HandOver),
    /// The message with the goods arrived.
    GoodsArrived,
    /// The buyer's chat is closed to the bot.
    BuyerRefused,
    /// The messenger takes the goods under no circumstances.
    GoodsFailed,
    /// A seller handed over what is made by hand for a line; a message carries it.
    Fulfilled {
        /// Other lines still wait for a seller.
        more: bool,
    },
    /// Nobody wants it any more.
    Cancelled,
    /// Its time has passed.
    Expired,
    /// All of its money went back.
    Refunded,
}

/// What can't happen to an order as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{event:?} can't happen to an order that is {state:?}")]
pub struct Impossible {
    /// As it stands.
    pub state: OrderState,
    /// What should have happened.
    pub event: Event,
}

impl Stage {
    /// Its name.
    #[must_use]
    pub fn state(self) -> OrderState {
        match self {
            Self::Pending { .. } => OrderState::Pending,
            Self::Paid { .. } => OrderState::Paid,
            Self::Completed { .. } => OrderState::Completed,
            Self::Cancelled { .. } => OrderState::Cancelled,
            Self::Expired { .. } => OrderState::Expired,
            Self::Refunded { .. } => OrderState::Refunded,
        }
    }

    /// When its money was complete.
    #[must_use]
    pub fn paid_time(self) -> Option<DateTime<Utc>> {
        match self {
            Self::Paid { paid_time, .. } | Self::Completed { paid_time, .. } | Self::Refunded { paid_time, .. } => {
                Some(paid_time)
            }
            Self::Pending { .. } | Self::Cancelled { .. } | Self::Expired { .. } => None,
        }
    }

    /// When it came to its end.
    #[must_use]
    pub fn end_time(self) -> Option<DateTime<Utc>> {
        match self {
            Self::Completed { end_time, .. }
            | Self::Cancelled { end_time }
            | Self::Expired { end_time }
            | Self::Refunded { end_time, .. } => Some(end_time),
            Self::Pending { .. } | Self::Paid { .. } => None,
        }
    }

    /// Why its goods wait.
    #[must_use]
    pub fn hold(self) -> Option<HoldReason> {
        match self {
            Self::Paid { hold, .. } => hold,
            _ => None,
        }
    }

    /// What an event at `now` makes of it. The one place where an order's state changes.
    pub fn after(self, event: Event, now: DateTime<Utc>) -> Result<Self, Impossible> {
        let impossible = Impossible { state: self.state(), event };
        Ok(match (self, event) {
            (Self::Pending { .. } | Self::Cancelled { .. } | Self::Expired { .. }, Event::Settled(hand_over)) => {
                match hand_over {
                    HandOver::None => Self::Completed { paid_time: now, end_time: now },
                    HandOver::Message => Self::Paid { paid_time: now, hold: None },
                    HandOver::Manual => Self::Paid { paid_time: now, hold: Some(HoldReason::Manual) },
                }
            }
            (Self::Pending { .. }, Event::Cancelled) => Self::Cancelled { end_time: now },
            (Self::Pending { expire_time }, Event::Expired) if expire_time <= now => Self::Expired { end_time: now },
            // What a seller still has to make decides: a message with the rest of the goods does not end that. And goods
            // that are sent once more change nothing of an order that is done.
            (
                Self::Paid { hold: Some(HoldReason::Manual), .. } | Self::Completed { .. } | Self::Refunded { .. },
                Event::GoodsArrived | Event::BuyerRefused | Event::GoodsFailed,
            )
            | (Self::Paid { hold: Some(HoldReason::Manual), .. }, Event::Fulfilled { more: true }) => self,
            (Self::Paid { paid_time, hold: Some(HoldReason::Manual) }, Event::Fulfilled { more: false }) => {
                Self::Paid { paid_time, hold: None }
            }
            (Self::Paid { paid_time, .. }, Event::GoodsArrived) => Self::Completed { paid_time, end_time: now },
            (Self::Paid { paid_time, .. }, Event::BuyerRefused) => {
                Self::Paid { paid_time, hold: Some(HoldReason::BuyerUnreachable) }
            }
            (Self::Paid { paid_time, .. }, Event::GoodsFailed) => {
                Self::Paid { paid_time, hold: Some(HoldReason::Undeliverable) }
            }
            (Self::Paid { paid_time, .. } | Self::Completed { paid_time, .. }, Event::Refunded) => {
                Self::Refunded { paid_time, end_time: now }
            }
            _ => return Err(impossible),
        })
    }
}

/// How many characters of randomness a code has.
const SUFFIX_CHARACTERS: usize = 8;
/// Crockford's base32 in lower case: no letter looks like a digit.
const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// The code that people call an order by: `tg`, the buyer's Telegram id, `-` and 8 characters of `random`.
#[must_use]
pub fn order_code(telegram_id: i64, random: [u8; 32]) -> String {
    let mut bits = random.iter().rev().take(5).fold(0_u64, |bits, byte| (bits << 8) | u64::from(*byte));
    let mut code = format!("tg{telegram_id}-");
    for _ in 0..SUFFIX_CHARACTERS {
        let digit = usize::try_from(bits & 31).ok().and_then(|index| DIGITS.get(index)).copied().unwrap_or(b'0');
        code.push(char::from(digit));
        bits >>= 5;
    }
    code
}

#[cfg(test)]
mod tests;
