//! Session tokens: what a signed-in user sends with each call.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{
    ids::UserId,
    secret::{Purpose, Secret, split_i64},
};

/// Which form of claims follows.
const VERSION: u8 = 1;

/// What a session token says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claims {
    /// The user.
    pub user_id: UserId,
    /// Telegram's id of the user.
    pub telegram_id: i64,
    /// When it was made, to the microsecond.
    pub issue_time: DateTime<Utc>,
    /// When it ends, to the microsecond.
    pub expire_time: DateTime<Utc>,
}

/// Why a session token is of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    /// It is not ours, or was altered.
    #[error("the session token is not one of ours")]
    Invalid,
    /// Its time is over.
    #[error("the session has ended")]
    Expired,
}

/// A token of about 100 characters that carries the claims.
#[must_use]
pub fn issue(secret: &Secret, claims: &Claims) -> String {
    let payload = [
        &[VERSION][..],
        claims.user_id.0.as_bytes(),
        &claims.telegram_id.to_be_bytes(),
        &claims.issue_time.timestamp_micros().to_be_bytes(),
        &claims.expire_time.timestamp_micros().to_be_bytes(),
    ];
    secret.sign(Purpose::Session, &payload.concat())
}

/// What a token says, if it is ours and holds at `now`. It ends at the very moment of its `expire_time`.
pub fn open(secret: &Secret, token: &str, now: DateTime<Utc>) -> Result<Claims, SessionError> {
    let claims =
        secret.open(Purpose::Session, token).and_then(|payload| decode(&payload)).ok_or(SessionError::Invalid)?;
    if now < claims.expire_time { Ok(claims) } else { Err(SessionError::Expired) }
}

fn decode(payload: &[u8]) -> Option<Claims> {
    let rest = payload.strip_prefix(&[VERSION])?;
    let (user_id, rest) = rest.split_first_chunk()?;
    let (telegram_id, rest) = split_i64(rest)?;
    let (issue_time, rest) = split_i64(rest)?;
    let (expire_time, rest) = split_i64(rest)?;
    rest.is_empty().then_some(Claims {
        user_id: UserId(Uuid::from_bytes(*user_id)),
        telegram_id,
        issue_time: DateTime::from_timestamp_micros(issue_time)?,
        expire_time: DateTime::from_timestamp_micros(expire_time)?,
    })
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use proptest::prelude::*;

    use super::*;

    fn secret() -> Secret {
        Secret::new(&"s".repeat(32)).unwrap()
    }

    fn claims() -> Claims {
        let issue_time = DateTime::from_timestamp(1_700_000_000, 123_456_000).unwrap();
        Claims {
            user_id: UserId(Uuid::from_u128(42)),
            telegram_id: 279_058_397,
            issue_time,
            expire_time: issue_time + TimeDelta::hours(1),
        }
    }

    #[test]
    fn a_session_holds_until_its_very_end() {
        let claims = claims();
        let token = issue(&secret(), &claims);
        let last = claims.expire_time - TimeDelta::microseconds(1);
        assert_eq!(open(&secret(), &token, last), Ok(claims));
        assert_eq!(open(&secret(), &token, claims.expire_time), Err(SessionError::Expired));
    }

    #[test]
    fn a_token_made_with_another_secret_or_for_another_purpose_is_refused() {
        let other = Secret::new(&"o".repeat(32)).unwrap();
        let now = claims().issue_time;
        assert_eq!(open(&secret(), &issue(&other, &claims()), now), Err(SessionError::Invalid));
        let payload = secret().open(Purpose::Session, &issue(&secret(), &claims())).unwrap();
        let page = secret().sign(Purpose::Page, &payload);
        assert_eq!(open(&secret(), &page, now), Err(SessionError::Invalid));
        for wrong in [&payload[..payload.len() - 1], &[&payload[..], &[0]].concat(), &[2], &[]] {
            let token = secret().sign(Purpose::Session, wrong);
            assert_eq!(open(&secret(), &token, now), Err(SessionError::Invalid));
        }
    }

    #[test]
    fn a_token_is_short() {
        assert!(issue(&secret(), &claims()).len() <= 128);
    }

    proptest! {
        #[test]
        fn claims_read_back(user: u128, telegram_id: i64, seconds in 0_i64..4_000_000_000, micros in 0_u32..1_000_000) {
            let issue_time = DateTime::from_timestamp(seconds, micros * 1_000).unwrap();
            let expire_time = issue_time + TimeDelta::seconds(300);
            let claims = Claims { user_id: UserId(Uuid::from_u128(user)), telegram_id, issue_time, expire_time };
            prop_assert_eq!(open(&secret(), &issue(&secret(), &claims), issue_time), Ok(claims));
        }
    }
}
