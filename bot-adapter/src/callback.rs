//! The data of buttons: small typed codes, `v1:{letter}` and its parts.

use std::{fmt, str::FromStr};

use crate::words::Language;

/// The longest callback data that Telegram takes, in bytes.
pub const CALLBACK_DATA_BYTES_MAX: usize = 64;

/// What a button under a message asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Callback {
    /// "Tonton Sekarang": send the video of this episode (`eps_` and 26 characters).
    Watch(String),
    /// Show the help.
    Help,
    /// Show the languages.
    Languages,
    /// Choose this language.
    Language(Language),
}

/// The data is of no code that this version knows: too old, too new, or altered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownCallback;

impl fmt::Display for Callback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Watch(episode_id) => write!(f, "v1:w:{episode_id}"),
            Self::Help => f.write_str("v1:h"),
            Self::Languages => f.write_str("v1:l"),
            Self::Language(language) => write!(f, "v1:l:{}", language.code()),
        }
    }
}

impl FromStr for Callback {
    type Err = UnknownCallback;

    fn from_str(data: &str) -> Result<Self, Self::Err> {
        if data.len() > CALLBACK_DATA_BYTES_MAX {
            return Err(UnknownCallback);
        }
        let mut parts = data.split(':');
        let head = (parts.next(), parts.next(), parts.next(), parts.next());
        match head {
            (Some("v1"), Some("w"), Some(episode_id), None) if is_episode_id(episode_id) => {
                Ok(Self::Watch(episode_id.to_owned()))
            }
            (Some("v1"), Some("h"), None, None) => Ok(Self::Help),
            (Some("v1"), Some("l"), None, None) => Ok(Self::Languages),
            (Some("v1"), Some("l"), Some(code), None) => {
                Language::from_code(code).map(Self::Language).ok_or(UnknownCallback)
            }
            _ => Err(UnknownCallback),
        }
    }
}

fn is_episode_id(text: &str) -> bool {
    text.strip_prefix("eps_")
        .is_some_and(|rest| rest.len() == 26 && rest.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_callback() -> impl Strategy<Value = Callback> {
        prop_oneof![
            "eps_[0-9a-hjkmnp-tv-z]{26}".prop_map(Callback::Watch),
            Just(Callback::Help),
            Just(Callback::Languages),
            prop_oneof![Just(Language::Indonesian), Just(Language::English)].prop_map(Callback::Language),
        ]
    }

    proptest! {
        #[test]
        fn every_code_fits_telegram_and_is_read_back(callback in any_callback()) {
            let data = callback.to_string();
            prop_assert!(data.len() <= CALLBACK_DATA_BYTES_MAX);
            prop_assert_eq!(data.parse(), Ok(callback));
        }

        #[test]
        fn what_is_read_is_written_the_same(data in ".{0,70}") {
            if let Ok(callback) = data.parse::<Callback>() {
                prop_assert_eq!(callback.to_string(), data);
            }
        }
    }

    #[test]
    fn old_new_and_altered_codes_are_unknown() {
        for data in ["", "v0:h", "v2:h", "v1", "v1:", "v1:x", "v1:h:", "v1:w:", "v1:w:eps_1", "v1:l:fr", "V1:h"] {
            assert_eq!(data.parse::<Callback>(), Err(UnknownCallback), "{data}");
        }
    }
}
