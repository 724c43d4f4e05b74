//! Commands of a private chat.

use crate::payload::StartPayload;

/// A command that the bot knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Command {
    /// `/start` and what stands behind it.
    Start(StartPayload),
    /// `/help`.
    Help,
    /// `/language`.
    Language,
}

impl Command {
    /// Reads `/name`, `/name@bot` and `/name words`, in any case.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix('/')?;
        let (name, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        // In a private chat the bot is the only one that can be meant.
        let name = name.split_once('@').map_or(name, |(name, _)| name);
        match name.to_ascii_lowercase().as_str() {
            "start" => Some(Self::Start(StartPayload::parse(rest.trim()))),
            "help" => Some(Self::Help),
            "language" => Some(Self::Language),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_read_with_and_without_the_bot_s_name() {
        assert_eq!(Command::parse("/start"), Some(Command::Start(StartPayload::Welcome)));
        assert_eq!(Command::parse("/start@warung_bot vip"), Some(Command::Start(StartPayload::Membership)));
        assert_eq!(Command::parse("/HELP"), Some(Command::Help));
        assert_eq!(Command::parse("/language id"), Some(Command::Language));
        for other in ["", "/", "/ start", "start", "/starting", "halo /start"] {
            assert_eq!(Command::parse(other), None, "{other}");
        }
    }
}
