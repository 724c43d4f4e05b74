//! When a gateway is asked about a payment.

use chrono::{DateTime, TimeDelta, Utc};

/// The first look at the gateway after a payment was begun.
const FIRST_CHECK: TimeDelta = TimeDelta::seconds(20);
/// How long looks are close to each other: most buyers pay at once.
const EAGER_FOR: TimeDelta = TimeDelta::minutes(10);
const EAGER_STEP: TimeDelta = TimeDelta::seconds(30);
const PATIENT_STEP: TimeDelta = TimeDelta::minutes(2);
/// Looks after the end: money may have been on its way.
const AFTER_THE_END: [TimeDelta; 4] =
    [TimeDelta::minutes(1), TimeDelta::minutes(10), TimeDelta::hours(1), TimeDelta::hours(24)];
/// A gateway that gave no answer is asked again so soon at the latest.
const UNANSWERED_STEP: TimeDelta = TimeDelta::minutes(10);
/// So long after the end a gateway without an answer is asked again.
const PATIENCE: TimeDelta = TimeDelta::days(7);

/// When the gateway is asked next about a payment that was begun at `begun` and can't be paid after `ends`, as it could
/// not be confirmed at `now`; `None`: never again.
#[must_use]
pub fn next_check(begun: DateTime<Utc>, ends: DateTime<Utc>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let first = begun + FIRST_CHECK;
    let step = if now - begun < EAGER_FOR { EAGER_STEP } else { PATIENT_STEP };
    let next = if now < first { first } else { now + step };
    if next <= ends {
        return Some(next);
    }
    AFTER_THE_END.into_iter().map(|wait| ends + wait).find(|time| *time > now)
}

/// When the gateway is asked again about such a payment, as it gave no answer at `now`: by the schedule, but after ten
/// minutes at the latest, since a question without an answer counts as none; `None`: it has not answered for a week.
#[must_use]
pub fn next_check_unanswered(begun: DateTime<Utc>, ends: DateTime<Utc>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let again = (now < ends + PATIENCE).then_some(now + UNANSWERED_STEP)?;
    Some(next_check(begun, ends, now).map_or(again, |next| next.min(again)))
}

/// When the gateway is asked next about such a payment, as it was given up at `now`: at least once more, since the money
/// may have been on its way.
#[must_use]
pub fn next_check_given_up(begun: DateTime<Utc>, ends: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
    next_check(begun, ends, now).unwrap_or(now + UNANSWERED_STEP)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    #[test]
    fn a_gateway_is_asked_often_at_first_then_less_and_four_times_after_the_end() {
        let (begun, ends) = (at(0), at(900));
        for (now, next) in [
            (0, Some(20)),
            (19, Some(20)),
            (20, Some(50)),
            (599, Some(629)),
            (600, Some(720)),
            (780, Some(900)),
            (781, Some(960)),
            (900, Some(960)),
            (960, Some(1_500)),
            (1_500, Some(4_500)),
            (4_500, Some(87_300)),
            (87_300, None),
            (1_000_000, None),
        ] {
            assert_eq!(next_check(begun, ends, at(now)), next.map(at), "{now}");
        }
    }

    #[test]
    fn a_gateway_that_gives_no_answer_is_asked_again_for_a_week() {
        let (begun, ends, day) = (at(0), at(900), 86_400);
        for (now, next) in [
            (20, Some(50)),
            (900, Some(960)),
            (1_500, Some(2_100)),
            (4_500, Some(5_100)),
            (900 + day, Some(1_500 + day)),
            (899 + 7 * day, Some(1_499 + 7 * day)),
            (900 + 7 * day, None),
        ] {
            assert_eq!(next_check_unanswered(begun, ends, at(now)), next.map(at), "{now}");
        }
    }

    #[test]
    fn a_payment_that_is_given_up_is_asked_about_at_least_once_more() {
        let (begun, ends) = (at(0), at(900));
        assert_eq!(next_check_given_up(begun, ends, at(900)), at(960));
        assert_eq!(next_check_given_up(begun, ends, at(1_000_000)), at(1_000_600), "however late it was");
    }

    proptest! {
        #[test]
        fn asking_comes_to_an_end_and_never_stands_still(length in 0_i64..100_000) {
            let ends = at(length);
            let (mut now, mut looks) = (at(0), 0);
            while let Some(next) = next_check(at(0), ends, now) {
                prop_assert!(next > now);
                now = next;
                looks += 1;
                prop_assert!(looks < 2_000);
            }
            prop_assert!(now >= ends + TimeDelta::hours(24));
        }
    }
}
