//! VIP membership: a time at which it ends.

use chrono::{DateTime, SubsecRound as _, TimeDelta, Utc};

/// The most days that one grant adds.
pub const MAX_GRANT_DAYS: i64 = 3_660;
/// How far from now a membership may end, in days: about a hundred years.
pub const MAX_REMAINING_DAYS: i64 = 36_600;

/// Why a membership can't be changed so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MembershipError {
    /// A grant of too few or too many days.
    #[error("must be from 1 to {MAX_GRANT_DAYS}")]
    Days,
    /// It would end too far in the future.
    #[error("the membership must end within {MAX_REMAINING_DAYS} days from now")]
    TooFar,
}

/// A user's VIP membership.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Membership {
    /// When it ends or ended, to the microsecond; `None` when there never was one.
    pub expire_time: Option<DateTime<Utc>>,
}

impl Membership {
    /// It holds at `now`. It ends at the very moment of its `expire_time`.
    #[must_use]
    pub fn is_active(self, now: DateTime<Utc>) -> bool {
        self.expire_time.is_some_and(|expire_time| now < expire_time)
    }

    /// It with so many days of 24 hours more, from its end or from `now`, whichever is later.
    pub fn extend(self, now: DateTime<Utc>, days: i64) -> Result<Self, MembershipError> {
        if !(1..=MAX_GRANT_DAYS).contains(&days) {
            return Err(MembershipError::Days);
        }
        let start = self.expire_time.map_or(now, |expire_time| expire_time.max(now));
        let end = start.checked_add_signed(TimeDelta::days(days)).ok_or(MembershipError::TooFar)?;
        Self::ending(end, now)
    }

    /// It with so many days of 24 hours more, which were paid for and are never refused: as [`Self::extend`], but of any
    /// number, and granted as far as a membership reaches at all.
    #[must_use]
    pub fn extend_paid(self, now: DateTime<Utc>, days: i64) -> Self {
        let start = self.expire_time.map_or(now, |expire_time| expire_time.max(now));
        let furthest = now + TimeDelta::days(MAX_REMAINING_DAYS);
        let end = TimeDelta::try_days(days).and_then(|more| start.checked_add_signed(more));
        Self { expire_time: Some(end.map_or(furthest, |end| end.min(furthest))) }
    }

    /// It with so many seconds less, but none that have passed.
    #[must_use]
    pub fn shorten(self, now: DateTime<Utc>, seconds: i64) -> Self {
        let Some(expire_time) = self.expire_time.filter(|expire_time| *expire_time > now) else { return self };
        let end = TimeDelta::try_seconds(seconds).and_then(|less| expire_time.checked_sub_signed(less));
        Self { expire_time: Some(end.map_or(now, |end| end.max(now))) }
    }

    /// One that ends at a time, which may have passed.
    pub fn ending(expire_time: DateTime<Utc>, now: DateTime<Utc>) -> Result<Self, MembershipError> {
        if expire_time.signed_duration_since(now) > TimeDelta::days(MAX_REMAINING_DAYS) {
            return Err(MembershipError::TooFar);
        }
        // Databases keep no more.
        Ok(Self { expire_time: Some(expire_time.trunc_subsecs(6)) })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap()
    }

    fn ending_in(delta: TimeDelta) -> Membership {
        Membership { expire_time: Some(now() + delta) }
    }

    #[test]
    fn a_membership_holds_until_its_very_end() {
        assert!(!Membership::default().is_active(now()));
        assert!(ending_in(TimeDelta::microseconds(1)).is_active(now()));
        assert!(!ending_in(TimeDelta::zero()).is_active(now()));
    }

    #[test]
    fn days_are_added_to_the_end_or_to_now_whichever_is_later() {
        let thirty = ending_in(TimeDelta::days(30));
        assert_eq!(Membership::default().extend(now(), 30), Ok(thirty));
        assert_eq!(ending_in(TimeDelta::days(-5)).extend(now(), 30), Ok(thirty));
        assert_eq!(ending_in(TimeDelta::days(5)).extend(now(), 30), Ok(ending_in(TimeDelta::days(35))));
    }

    #[test]
    fn a_grant_is_bounded() {
        for days in [i64::MIN, -1, 0, 3_661, i64::MAX] {
            assert_eq!(Membership::default().extend(now(), days), Err(MembershipError::Days), "{days}");
        }
        let almost = ending_in(TimeDelta::days(MAX_REMAINING_DAYS - 1));
        assert!(almost.extend(now(), 1).is_ok());
        assert_eq!(almost.extend(now(), 2), Err(MembershipError::TooFar));
        let last = Membership { expire_time: Some(DateTime::<Utc>::MAX_UTC) };
        assert_eq!(last.extend(now(), 1), Err(MembershipError::TooFar));
    }

    #[test]
    fn days_that_were_paid_for_are_granted_as_far_as_a_membership_reaches() {
        let furthest = ending_in(TimeDelta::days(MAX_REMAINING_DAYS));
        for days in [1, MAX_GRANT_DAYS, MAX_GRANT_DAYS + 1, MAX_REMAINING_DAYS] {
            assert_eq!(Membership::default().extend_paid(now(), days), ending_in(TimeDelta::days(days)));
        }
        assert_eq!(ending_in(TimeDelta::days(-5)).extend_paid(now(), 30), ending_in(TimeDelta::days(30)));
        assert_eq!(ending_in(TimeDelta::days(5)).extend_paid(now(), 30), ending_in(TimeDelta::days(35)));
        for days in [MAX_REMAINING_DAYS + 1, i64::MAX] {
            assert_eq!(Membership::default().extend_paid(now(), days), furthest, "{days}");
        }
        assert_eq!(ending_in(TimeDelta::days(MAX_REMAINING_DAYS - 1)).extend_paid(now(), 2), furthest);
    }

    #[test]
    fn what_is_taken_back_never_reaches_into_the_past() {
        let (day, now) = (86_400, now());
        assert_eq!(ending_in(TimeDelta::days(30)).shorten(now, 10 * day), ending_in(TimeDelta::days(20)));
        assert_eq!(ending_in(TimeDelta::days(30)).shorten(now, 0), ending_in(TimeDelta::days(30)));
        for seconds in [30 * day, 31 * day, i64::MAX] {
            assert_eq!(ending_in(TimeDelta::days(30)).shorten(now, seconds), ending_in(TimeDelta::zero()));
        }
        let over = ending_in(TimeDelta::days(-1));
        assert_eq!(over.shorten(now, day), over, "one that has ended stays as it is");
        assert_eq!(Membership::default().shorten(now, day), Membership::default());
    }

    #[test]
    fn whole_microseconds_are_kept() {
        let time = DateTime::from_timestamp(1_800_000_000, 123_456_789).unwrap();
        let kept = DateTime::from_timestamp(1_800_000_000, 123_456_000);
        assert_eq!(Membership::ending(time, now()).map(|membership| membership.expire_time), Ok(kept));
        assert!(Membership::ending(DateTime::<Utc>::MIN_UTC, now()).is_ok(), "a time that has passed ends it");
        assert_eq!(Membership::ending(DateTime::<Utc>::MAX_UTC, now()), Err(MembershipError::TooFar));
    }

    proptest! {
        #[test]
        fn an_extended_membership_holds_at_least_that_long(offset in -10_000_i64..10_000, days in 1_i64..=MAX_GRANT_DAYS) {
            let before = ending_in(TimeDelta::days(offset));
            let after = before.extend(now(), days).unwrap();
            prop_assert!(after.is_active(now() + TimeDelta::days(days) - TimeDelta::seconds(1)));
            prop_assert!(after.expire_time > before.expire_time);
        }
    }
}
