//! Where a payment stands: a state machine whose states carry their data. The one place where that changes.

use chrono::{DateTime, Utc};

use super::PaymentState;
use crate::named;

named! {
    /// Whose word of a payment is awaited that no gateway can be asked about.
    pub enum Word {
        /// A seller's, who looks at the buyer's proof.
        Seller = "SELLER",
        /// Telegram's, which brings it by itself.
        Telegram = "TELEGRAM",
    }
}

/// Why nobody is to pay a payment any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closure {
    /// Its order was cancelled, or another payment took its place.
    Cancelled,
    /// Nobody paid in time.
    Expired,
    /// The gateway would not make it, or a seller found the buyer's proof to be none.
    Failed,
}

/// Where a payment stands, with what belongs to that. Amounts are without the gateway's fee, in the smallest unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The gateway is being asked to make it.
    Creating,
    /// It can be paid.
    Open {
        /// Until when.
        expire_time: DateTime<Utc>,
    },
    /// The buyer says that they paid. No gateway is asked; its order keeps what it keeps until the word has come.
    Awaiting {
        /// Whose word.
        word: Word,
        /// Until when: without one by then its order may end.
        until: DateTime<Utc>,
    },
    /// The money has arrived.
    Paid {
        /// How much; at least 1.
        received: i64,
        /// When.
        paid_time: DateTime<Utc>,
    },
    /// Nobody is to pay it any more. Money that comes all the same counts.
    Closed {
        /// Why.
        how: Closure,
        /// Until when it could be paid at its gateway.
        end: DateTime<Utc>,
    },
    /// What had come from a balance went back there.
    Returned {
        /// How much.
        received: i64,
        /// When it had come.
        paid_time: DateTime<Utc>,
    },
    /// The gateway took money back: a refund that was made there, or a chargeback.
    Reversed {
        /// How much had come.
        received: i64,
        /// When it had come.
        paid_time: DateTime<Utc>,
        /// How much is gone, of all times that some was taken; from 1 to what had come.
        reversed: i64,
    },
}

/// Something that happens to a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The gateway made an invoice, which is good until then.
    Invoiced(DateTime<Utc>),
    /// The buyer says that they paid, and somebody's word is awaited until then.
    WordAwaited(Word, DateTime<Utc>),
    /// So much money has arrived, at this time.
    Arrived(i64, DateTime<Utc>),
    /// It is given up, though it may be paid at the gateway until its own end.
    GivenUp(Closure),
    /// It can't be paid at the gateway any more.
    Ended(Closure),
    /// What had come from a balance goes back there.
    Returned,
    /// Of what had come the gateway has taken so much back, in all.
    Reversed(i64),
}

/// What can't happen to a payment as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{event:?} can't happen to a payment that is {state:?}")]
pub struct Impossible {
    /// As it stands.
    pub state: PaymentState,
    /// What should have happened.
    pub event: Event,
}

impl Stage {
    /// Its name.
    #[must_use]
    pub fn state(self) -> PaymentState {
        match self {
            Self::Creating => PaymentState::Creating,
            Self::Open { .. } => PaymentState::Open,
            Self::Awaiting { .. } => PaymentState::Awaiting,
            Self::Paid { .. } => PaymentState::Paid,
            Self::Closed { how: Closure::Cancelled, .. } => PaymentState::Cancelled,
            Self::Closed { how: Closure::Expired, .. } => PaymentState::Expired,
            Self::Closed { how: Closure::Failed, .. } => PaymentState::Failed,
            Self::Returned { .. } => PaymentState::Returned,
            Self::Reversed { .. } => PaymentState::Reversed,
        }
    }

    /// Until when it can be paid, or could.
    #[must_use]
    pub fn end(self) -> Option<DateTime<Utc>> {
        match self {
            Self::Open { expire_time: end } | Self::Awaiting { until: end, .. } | Self::Closed { end, .. } => Some(end),
            Self::Creating | Self::Paid { .. } | Self::Returned { .. } | Self::Reversed { .. } => None,
        }
    }

    /// Somebody's word of it is awaited at `now`: until it has come, its order does not end.
    #[must_use]
    pub fn awaits_word(self, now: DateTime<Utc>) -> bool {
        matches!(self, Self::Awaiting { until, .. } if now < until)
    }

    /// What an event at `now` makes of it.
    pub fn after(self, event: Event, now: DateTime<Utc>) -> Result<Self, Impossible> {
        let impossible = Impossible { state: self.state(), event };
        Ok(match (self, event) {
            (Self::Creating, Event::Invoiced(expire_time)) => Self::Open { expire_time },
            (Self::Open { .. } | Self::Awaiting { .. }, Event::WordAwaited(word, until)) => {
                Self::Awaiting { word, until }
            }
            // Money counts whenever it comes, once.
            (
                Self::Creating | Self::Open { .. } | Self::Awaiting { .. } | Self::Closed { .. },
                Event::Arrived(received @ 1.., paid_time),
            ) => Self::Paid { received, paid_time },
            // A gateway that would not make it has nothing that fails later; a proof that is none fails.
            (Self::Creating | Self::Awaiting { .. }, Event::GivenUp(how) | Event::Ended(how)) => {
                Self::Closed { how, end: now }
            }
            (Self::Open { .. }, Event::GivenUp(Closure::Failed) | Event::Ended(Closure::Failed)) => {
                return Err(impossible);
            }
            (Self::Open { expire_time }, Event::GivenUp(how)) => Self::Closed { how, end: expire_time },
            (Self::Open { expire_time }, Event::Ended(how)) => Self::Closed { how, end: expire_time.min(now) },
            (Self::Paid { received, paid_time }, Event::Returned) => Self::Returned { received, paid_time },
            (Self::Paid { received, paid_time }, Event::Reversed(reversed)) if (1..=received).contains(&reversed) => {
                Self::Reversed { received, paid_time, reversed }
            }
            // It tells of all that is gone: the same again is no news.
            (Self::Reversed { received, paid_time, reversed: before }, Event::Reversed(reversed))
                if (before..=received).contains(&reversed) =>
            {
                Self::Reversed { received, paid_time, reversed }
            }
            _ => return Err(impossible),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use chrono::TimeDelta;
    use proptest::prelude::*;

    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    /// Something of each kind, at every number of seconds.
    fn event() -> impl Strategy<Value = Event> {
        let closure = prop::sample::select(vec![Closure::Cancelled, Closure::Expired, Closure::Failed]);
        let word = prop::sample::select(Word::ALL.to_vec());
        prop_oneof![
            (1_i64..2_000).prop_map(|end| Event::Invoiced(at(end))),
            (word, 1_i64..2_000).prop_map(|(word, end)| Event::WordAwaited(word, at(end))),
            (-1_i64..100, 0_i64..2_000).prop_map(|(received, time)| Event::Arrived(received, at(time))),
            closure.clone().prop_map(Event::GivenUp),
            closure.prop_map(Event::Ended),
            Just(Event::Returned),
            (-1_i64..120).prop_map(Event::Reversed),
        ]
    }

    #[test]
    fn every_state_is_reached_and_money_ends_in_none_that_can_be_paid() {
        let events = [
            Event::Invoiced(at(900)),
            Event::WordAwaited(Word::Seller, at(1_000)),
            Event::WordAwaited(Word::Telegram, at(1_000)),
            Event::Arrived(50, at(3)),
            Event::GivenUp(Closure::Cancelled),
            Event::GivenUp(Closure::Failed),
            Event::Ended(Closure::Expired),
            Event::Returned,
            Event::Reversed(20),
            Event::Reversed(50),
        ];
        let (mut reached, mut stages, mut count) = (HashSet::from([PaymentState::Creating]), vec![Stage::Creating], 0);
        while let Some(stage) = stages.pop() {
            for event in events {
                let Ok(next) = stage.after(event, at(5)) else { continue };
                count += 1;
                assert!(!stage.state().has_money() || next.state().has_money(), "{stage:?} {event:?}");
                assert!(!next.state().is_underway() || stage.state().is_underway(), "{stage:?} {event:?}");
                if next != stage && reached.insert(next.state()) {
                    stages.push(next);
                }
            }
        }
        assert_eq!(reached, HashSet::from(PaymentState::ALL));
        assert!(count > 20, "{count}");
    }

    #[test]
    fn what_is_given_up_stays_good_at_its_gateway_and_what_ended_there_does_not() {
        let open = Stage::Open { expire_time: at(900) };
        for (event, end) in [
            (Event::GivenUp(Closure::Cancelled), 900),
            (Event::Ended(Closure::Cancelled), 5),
            (Event::Ended(Closure::Expired), 5),
        ] {
            assert_eq!(open.after(event, at(5)).unwrap().end(), Some(at(end)), "{event:?}");
        }
        assert_eq!(open.after(Event::Ended(Closure::Expired), at(950)).unwrap().end(), Some(at(900)));
        assert_eq!(open.after(Event::GivenUp(Closure::Failed), at(5)).unwrap_err().state, PaymentState::Open);
        let creating = Stage::Creating.after(Event::GivenUp(Closure::Failed), at(5)).unwrap();
        assert_eq!(creating, Stage::Closed { how: Closure::Failed, end: at(5) });
    }

    #[test]
    fn a_word_is_awaited_until_its_time_and_money_or_a_no_ends_that() {
        let awaiting = Stage::Open { expire_time: at(900) }.after(Event::WordAwaited(Word::Seller, at(5_000)), at(899));
        let awaiting = awaiting.unwrap();
        assert!(awaiting.awaits_word(at(4_999)) && !awaiting.awaits_word(at(5_000)));
        let paid = awaiting.after(Event::Arrived(7, at(1_000)), at(1_000)).unwrap();
        assert_eq!(paid, Stage::Paid { received: 7, paid_time: at(1_000) });
        let refused = awaiting.after(Event::GivenUp(Closure::Failed), at(1_000)).unwrap();
        assert_eq!(refused.state(), PaymentState::Failed);
        let again = awaiting.after(Event::WordAwaited(Word::Seller, at(9_000)), at(4_000)).unwrap();
        assert!(again.awaits_word(at(8_999)), "a second proof has its own time");
    }

    #[test]
    fn what_is_taken_back_grows_to_what_had_come_and_no_further() {
        let paid = Stage::Paid { received: 100, paid_time: at(1) };
        let part = paid.after(Event::Reversed(40), at(2)).unwrap();
        assert_eq!(part, Stage::Reversed { received: 100, paid_time: at(1), reversed: 40 });
        assert_eq!(part.after(Event::Reversed(40), at(3)), Ok(part), "the same again is no news");
        for (stage, reversed) in [(paid, 0), (paid, 101), (part, 39), (part, 101)] {
            assert!(stage.after(Event::Reversed(reversed), at(3)).is_err(), "{stage:?} {reversed}");
        }
        assert!(part.after(Event::Reversed(100), at(3)).is_ok());
        assert!(Stage::Open { expire_time: at(9) }.after(Event::Reversed(1), at(3)).is_err(), "nothing had come");
    }

    proptest! {
        #[test]
        fn whatever_happens_money_comes_once_and_is_never_more_than_came(
            events in prop::collection::vec((event(), 0_i64..100), 0..24)
        ) {
            let (mut stage, mut now, mut came, mut gone) = (Stage::Creating, at(0), None, 0);
            for (event, wait) in events {
                now += TimeDelta::seconds(wait);
                let Ok(next) = stage.after(event, now) else { continue };
                match (event, next) {
                    (Event::Arrived(received, time), Stage::Paid { received: kept, paid_time }) => {
                        prop_assert_eq!((came, received >= 1), (None, true));
                        prop_assert_eq!((kept, paid_time), (received, time));
                        came = Some(received);
                    }
                    (Event::Reversed(_), Stage::Reversed { received, reversed, .. }) => {
                        prop_assert_eq!(came, Some(received));
                        prop_assert!(gone <= reversed && reversed <= received);
                        gone = reversed;
                    }
                    (Event::Returned, Stage::Returned { received, .. }) => prop_assert_eq!(came, Some(received)),
                    _ => prop_assert_eq!(came, None),
                }
                prop_assert_eq!(next.state().has_money(), came.is_some());
                prop_assert!(!next.state().is_underway() || stage.state().is_underway());
                stage = next;
            }
        }
    }
}
