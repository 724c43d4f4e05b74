//! The film library: what a seller may put into it, and the tokens by which users get films out of it.

use serde::{Deserialize, Serialize};

use crate::{https_url::HttpsUrl, named, text::is_code, violation::Violations};

mod token;

pub use token::{START_TOKEN_CHARACTERS, StartToken, WatchLink, WatchLinkError};

/// How many episodes a title may have.
pub const MAX_EPISODES: usize = 1_000;
/// The greatest number of an episode.
pub const MAX_EPISODE_NUMBER: i32 = 9_999;
/// The longest episode, in seconds: a day.
pub const MAX_DURATION_SECONDS: i32 = 86_400;

const NAME_CHARACTERS: usize = 200;
const SYNOPSIS_CHARACTERS: usize = 4_000;
const FILE_ID_CHARACTERS: usize = 255;

named! {
    /// Who may watch an episode.
    #[derive(Serialize, Deserialize)]
    pub enum EpisodeAccess {
        /// Everyone.
        Free = "FREE",
        /// Members.
        Vip = "VIP",
    }
}

named! {
    /// Where an episode's video is, without what leads there: [`VideoSource`] holds that.
    pub enum VideoKind {
        /// [`VideoSource::File`].
        File = "FILE",
        /// [`VideoSource::Copy`].
        Copy = "COPY",
        /// [`VideoSource::Url`].
        Url = "URL",
    }
}

named! {
    /// Where a request for a film stands.
    pub enum RequestState {
        /// On its way.
        Queued = "QUEUED",
        /// In the user's chat.
        Sent = "SENT",
        /// The user has to press Start.
        NeedStart = "NEED_START",
        /// The user has to become a member. Never stored.
        VipRequired = "VIP_REQUIRED",
        /// It could not be delivered.
        Failed = "FAILED",
    }
}

impl EpisodeAccess {
    /// Somebody may watch, being a member or not.
    #[must_use]
    pub fn permits(self, is_member: bool) -> bool {
        self == Self::Free || is_member
    }
}

/// A title as a seller gives it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TitleInput {
    /// The key: 1 to 64 of `a-z 0-9 -`.
    pub code: String,
    /// 1 to 200 characters.
    pub name: String,
    /// At most 4,000 characters.
    pub synopsis: String,
    /// The code of its category; empty for none.
    pub category_code: String,
    /// A picture of the media store; empty for none.
    pub poster_media_id: String,
    /// From 1880 to 2200; 0 when not given.
    pub release_year: i32,
    /// It is not shown and can't be requested.
    pub hidden: bool,
    /// 1 to 1,000 episodes, each number once.
    pub episodes: Vec<EpisodeInput>,
}

/// An episode as a seller gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EpisodeInput {
    /// From 1 to 9,999.
    pub number: i32,
    /// At most 200 characters; may be empty.
    pub name: String,
    /// Who may watch it; `None`, when nobody said, is a violation.
    pub access: Option<EpisodeAccess>,
    /// Its length, at most a day; 0 when not given.
    pub duration_seconds: i32,
    /// Where its video is; `None`: it is shown and can't be requested yet.
    pub video: Option<VideoSource>,
}

/// Where an episode's video is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VideoSource {
    /// A file on Telegram's servers.
    File {
        /// Telegram's id of it: at most 255 visible ASCII characters.
        file_id: String,
        /// The bot that the id works for; 0 means the main bot of now.
        bot_id: i64,
    },
    /// A message to copy.
    Copy {
        /// The chat that holds it.
        chat_id: i64,
        /// The message in it; positive.
        message_id: i64,
    },
    /// An address, never shown to users or in logs.
    Url(SecretUrl),
}

/// An address as somebody gave it, not yet checked. Its debug form shows nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretUrl(pub String);

impl std::fmt::Debug for SecretUrl {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("SecretUrl([redacted])")
    }
}

impl TitleInput {
    /// Every rule that it breaks, in all its episodes.
    #[must_use]
    pub fn violations(&self) -> Violations {
        let Self { code, name, synopsis, category_code, poster_media_id, release_year, hidden: _, episodes } = self;
        let mut found = Violations::new();
        check_code(&mut found, "code", code);
        check_name(&mut found, "name", name, 1, NAME_CHARACTERS);
        found.length("synopsis", synopsis, 0..=SYNOPSIS_CHARACTERS);
        if !category_code.is_empty() {
            check_code(&mut found, "category_code", category_code);
        }
        let poster = poster_media_id.is_empty() || is_media_id(poster_media_id);
        found.check(poster, "poster_media_id", "must be `med_` and 64 hexadecimal digits, or empty");
        if *release_year != 0 {
            found.range("release_year", i64::from(*release_year), 1_880..=2_200);
        }
        if !(1..=MAX_EPISODES).contains(&episodes.len()) {
            found.add("episodes", format!("must have 1 to {MAX_EPISODES} episodes"));
        }
        let mut numbers = std::collections::BTreeSet::new();
        // No more than may be: what is looked at and answered stays bounded.
        for (index, episode) in episodes.iter().enumerate().take(MAX_EPISODES) {
            let mut part = episode.violations();
            part.check(numbers.insert(episode.number), "number", "is that of another episode, too");
            found.nest(&format!("episodes[{index}]"), part);
        }
        found
    }
}

impl EpisodeInput {
    fn violations(&self) -> Violations {
        let Self { number, name, access, duration_seconds, video } = self;
        let mut found = Violations::new();
        found.range("number", i64::from(*number), 1..=i64::from(MAX_EPISODE_NUMBER));
        check_name(&mut found, "name", name, 0, NAME_CHARACTERS);
        found.check(access.is_some(), "access", "is required: free or VIP");
        found.range("duration_seconds", i64::from(*duration_seconds), 0..=i64::from(MAX_DURATION_SECONDS));
        match video {
            None => {}
            Some(VideoSource::File { file_id, bot_id }) => {
                let fits = (1..=FILE_ID_CHARACTERS).contains(&file_id.len())
                    && file_id.bytes().all(|byte| byte.is_ascii_graphic());
                found.check(fits, "file.file_id", "must have 1 to 255 characters, without spaces");
                found.check(*bot_id >= 0, "file.bot_id", "must be a bot's id, or 0");
            }
            Some(VideoSource::Copy { chat_id, message_id }) => {
                found.check(*chat_id != 0, "message_copy.chat_id", "is required");
                found.check(*message_id > 0, "message_copy.message_id", "must be positive");
            }
            Some(VideoSource::Url(SecretUrl(url))) => {
                if let Err(invalid) = HttpsUrl::parse(url) {
                    found.add("url", invalid.to_string());
                }
            }
        }
        found
    }
}

/// The id of a picture of the media store: `med_` and the SHA-256 of its bytes in lower-case hexadecimal.
#[must_use]
pub fn is_media_id(text: &str) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    text.strip_prefix("med_").is_some_and(|digits| digits.len() == 64 && digits.bytes().all(is_digit))
}

pub(crate) fn check_code(found: &mut Violations, field: &str, code: &str) {
    found.check(is_code(code), field, "must have 1 to 64 of the characters a-z 0-9 -");
}

pub(crate) fn check_name(found: &mut Violations, field: &str, name: &str, min: usize, max: usize) {
    found.length(field, name, min..=max);
    found.check(!name.contains(char::is_control), field, "must be on one line");
}

#[cfg(test)]
mod tests;
