//! What an emulated Telegram starts with.

use std::time::Duration;

use ed25519_dalek::SigningKey;

use super::model::{BotConfig, Channel, User};
use crate::clock::Clock;

/// The seed of the Ed25519 key that signs launches unless another is given. It is a published test vector and no secret.
const TEST_KEY_SEED: [u8; 32] = [
    0xc8, 0x0e, 0x09, 0xdc, 0x60, 0xf5, 0xef, 0xcf, 0x2e, 0x1f, 0x8d, 0x07, 0x93, 0x35, 0x8e, 0x0e, 0xa3, 0x37, 0x12,
    0x67, 0xbe, 0xf0, 0x02, 0x45, 0x88, 0xf7, 0xbf, 0x67, 0xcf, 0x48, 0xdf, 0xb9,
];

/// How strict the emulator is where the real Telegram cannot be followed on one machine.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Accept `http` addresses for Mini Apps and loopback addresses on buttons, which Telegram refuses. Default: yes.
    pub allow_http_web_app: bool,
    /// Answer 429 above 30 messages a second for a bot, and above one a second (three at once) for a chat. Default: no.
    pub enforce_limits: bool,
    /// Fetch a photo that is sent by URL, as Telegram does, and refuse it where that fails. Default: no, the address is kept.
    pub fetch_urls: bool,
    /// The first pause before a failed webhook is tried again; it doubles up to a minute. Default: one second.
    pub webhook_retry: Duration,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            allow_http_web_app: true,
            enforce_limits: false,
            fetch_urls: false,
            webhook_retry: Duration::from_secs(1),
        }
    }
}

/// What an emulated Telegram starts with.
#[derive(Clone, Debug)]
pub struct TelegramConfig {
    /// The bots.
    pub bots: Vec<BotConfig>,
    /// The people. More can be added while it runs.
    pub users: Vec<User>,
    /// The channels.
    pub channels: Vec<Channel>,
    /// How strict it is.
    pub rules: Rules,
    /// The key that signs launches for third parties.
    pub signing_key: SigningKey,
    /// The source of the current time.
    pub clock: Clock,
    /// Whether the chat page is served at `/`. Default: yes.
    pub chat_page: bool,
}

impl Default for TelegramConfig {
    fn default() -> Self {
        Self {
            bots: Vec::new(),
            users: Vec::new(),
            channels: Vec::new(),
            rules: Rules::default(),
            signing_key: SigningKey::from_bytes(&TEST_KEY_SEED),
            clock: Clock::default(),
            chat_page: true,
        }
    }
}
