//! Start tokens and watch links.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::{
    ids::{EpisodeId, PendingActionId},
    secret::{Purpose, Secret, split_i64},
};

/// How long a start token is, in characters.
pub const START_TOKEN_CHARACTERS: usize = 43;

/// Which form of claims follows.
const VERSION: u8 = 1;

/// What a user brings along when they press Start: 32 bytes that nobody can guess. Only its hash is stored. Its debug
/// form shows nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct StartToken(Zeroizing<[u8; 32]>);

impl StartToken {
    /// The token of a pending action: the same one each time, so that a repeated request gets the same link.
    #[must_use]
    pub fn of(secret: &Secret, id: PendingActionId) -> Self {
        Self(Zeroizing::new(secret.derive_token(Purpose::StartToken, id.0.as_bytes())))
    }

    /// Reads a token as it stood in a link: 43 characters of base64url. `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != START_TOKEN_CHARACTERS {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        Some(Self(Zeroizing::new(bytes.try_into().ok()?)))
    }

    /// As it stands in a link.
    #[must_use]
    pub fn reveal(&self) -> String {
        URL_SAFE_NO_PAD.encode(*self.0)
    }

    /// What is stored: from it nobody can make the token.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(*self.0).into()
    }

    /// The link that a user presses.
    #[must_use]
    pub fn link(&self, bot_username: &str) -> String {
        format!("https://t.me/{bot_username}?start={}", self.reveal())
    }
}

impl fmt::Debug for StartToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("StartToken([redacted])")
    }
}

/// What a link to a video says: who may watch what, until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WatchLink {
    /// Whose it is: their Telegram id.
    pub telegram_id: i64,
    /// What they watch.
    pub episode_id: EpisodeId,
    /// When it ends, to the microsecond.
    pub expire_time: DateTime<Utc>,
}

/// Why a link to a video is of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WatchLinkError {
    /// It is not ours, or was altered.
    #[error("the link is not one of ours")]
    Invalid,
    /// Its time is over.
    #[error("the link has ended: ask for the film again")]
    Expired,
}

impl WatchLink {
    /// Its token, about 90 characters of base64url.
    #[must_use]
    pub fn token(&self, secret: &Secret) -> String {
        let payload = [
            &[VERSION][..],
            self.episode_id.0.as_bytes(),
            &self.telegram_id.to_be_bytes(),
            &self.expire_time.timestamp_micros().to_be_bytes(),
        ];
        secret.sign(Purpose::WatchLink, &payload.concat())
    }

    /// What a token says, if it is ours and holds at `now`. It ends at the very moment of its `expire_time`.
    pub fn open(secret: &Secret, token: &str, now: DateTime<Utc>) -> Result<Self, WatchLinkError> {
        let payload = secret.open(Purpose::WatchLink, token).ok_or(WatchLinkError::Invalid)?;
        let link = Self::decode(&payload).ok_or(WatchLinkError::Invalid)?;
        if now < link.expire_time { Ok(link) } else { Err(WatchLinkError::Expired) }
    }

    fn decode(payload: &[u8]) -> Option<Self> {
        let rest = payload.strip_prefix(&[VERSION])?;
        let (episode_id, rest) = rest.split_first_chunk()?;
        let (telegram_id, rest) = split_i64(rest)?;
        let (expire_time, rest) = split_i64(rest)?;
        rest.is_empty().then_some(Self {
            telegram_id,
            episode_id: EpisodeId(Uuid::from_bytes(*episode_id)),
            expire_time: DateTime::from_timestamp_micros(expire_time)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use proptest::prelude::*;

    use super::*;

    fn secret() -> Secret {
        Secret::new(&"s".repeat(32)).unwrap()
    }

    fn action(number: u128) -> PendingActionId {
        PendingActionId(Uuid::from_u128(number))
    }

    fn link() -> WatchLink {
        WatchLink {
            telegram_id: 42,
            episode_id: EpisodeId(Uuid::from_u128(7)),
            expire_time: DateTime::from_timestamp(1_800_000_000, 0).unwrap(),
        }
    }

    #[test]
    fn a_start_token_is_the_same_again_and_another_for_another_action() {
        let token = StartToken::of(&secret(), action(1));
        assert_eq!(token, StartToken::of(&secret(), action(1)));
        assert_ne!(token, StartToken::of(&secret(), action(2)));
        assert_ne!(token.hash(), StartToken::of(&secret(), action(2)).hash());
        let other = Secret::new(&"o".repeat(32)).unwrap();
        assert_ne!(token, StartToken::of(&other, action(1)));
    }

    #[test]
    fn a_start_token_fits_a_deep_link() {
        let token = StartToken::of(&secret(), action(1));
        assert_eq!(token.reveal().len(), START_TOKEN_CHARACTERS);
        let parameter = token.link("warung_bot").strip_prefix("https://t.me/warung_bot?start=").map(StartToken::parse);
        assert_eq!(parameter, Some(Some(token.clone())));
        assert!(!format!("{token:?}").contains(&token.reveal()));
    }

    #[test]
    fn what_is_no_start_token_is_refused() {
        let token = StartToken::of(&secret(), action(1)).reveal();
        let long = "a".repeat(65);
        for text in
            ["", &token[1..], &format!("{token}A"), &format!("p_{token}"), &long, &"+".repeat(43), &"é".repeat(21)]
        {
            assert_eq!(StartToken::parse(text), None, "{text}");
        }
        assert_eq!(
            StartToken::parse(&"_".repeat(43)),
            None,
            "one text per token: the last character has two bits less"
        );
    }

    #[test]
    fn a_watch_link_holds_until_its_very_end() {
        let token = link().token(&secret());
        let last = link().expire_time - TimeDelta::microseconds(1);
        assert_eq!(WatchLink::open(&secret(), &token, last), Ok(link()));
        assert_eq!(WatchLink::open(&secret(), &token, link().expire_time), Err(WatchLinkError::Expired));
    }

    #[test]
    fn a_watch_link_that_is_not_ours_is_refused() {
        let now = link().expire_time - TimeDelta::hours(1);
        let other = Secret::new(&"o".repeat(32)).unwrap();
        let payload = secret().open(Purpose::WatchLink, &link().token(&secret())).unwrap();
        let short = &payload[..payload.len() - 1];
        for token in [
            link().token(&other),
            secret().sign(Purpose::Session, &payload),
            secret().sign(Purpose::WatchLink, short),
            secret().sign(Purpose::WatchLink, &[&payload[..], &[0]].concat()),
            String::new(),
        ] {
            assert_eq!(WatchLink::open(&secret(), &token, now), Err(WatchLinkError::Invalid), "{token}");
        }
    }

    proptest! {
        #[test]
        fn a_watch_link_reads_back(telegram_id: i64, episode: u128, seconds in 1_i64..4_000_000_000) {
            let expire_time = DateTime::from_timestamp(seconds, 0).unwrap();
            let link = WatchLink { telegram_id, episode_id: EpisodeId(Uuid::from_u128(episode)), expire_time };
            let token = link.token(&secret());
            prop_assert!(token.len() < 100);
            prop_assert_eq!(WatchLink::open(&secret(), &token, DateTime::UNIX_EPOCH), Ok(link));
        }

        #[test]
        fn any_text_is_no_start_token_or_reads_back(text in "[A-Za-z0-9_-]{43}|\\PC{0,50}") {
            if let Some(token) = StartToken::parse(&text) {
                prop_assert_eq!(token.reveal(), text);
            }
        }
    }
}
