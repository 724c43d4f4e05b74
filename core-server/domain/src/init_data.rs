//! Init data: what Telegram tells a Mini App about its user, and the proof that Telegram said it.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use ed25519_dalek::{Signature, VerifyingKey};
use serde::Deserialize;
use subtle::ConstantTimeEq as _;

use crate::secret::hmac_sha256;

#[cfg(test)]
mod tests;

/// The longest init data that is looked at, in bytes.
pub const MAX_INIT_DATA_BYTES: usize = 16 * 1_024;
/// How old init data may be when nobody says otherwise.
pub const DEFAULT_MAX_AGE: TimeDelta = TimeDelta::hours(24);
/// How far in the future init data may be: clocks differ.
pub const DEFAULT_MAX_SKEW: TimeDelta = TimeDelta::seconds(60);
/// The greatest id of a Telegram user: they have at most 52 bits.
pub const MAX_TELEGRAM_ID: i64 = (1 << 52) - 1;

/// Telegram's key for third parties, production environment.
pub const PRODUCTION_PUBLIC_KEY: [u8; 32] = [
    0xe7, 0xbf, 0x03, 0xa2, 0xfa, 0x46, 0x02, 0xaf, 0x45, 0x80, 0x70, 0x3d, 0x88, 0xdd, 0xa5, 0xbb, 0x59, 0xf3, 0x2e,
    0xd8, 0xb0, 0x2a, 0x56, 0xc1, 0x87, 0xfe, 0x7d, 0x34, 0xca, 0xed, 0x24, 0x2d,
];
/// Telegram's key for third parties, test environment.
pub const TEST_PUBLIC_KEY: [u8; 32] = [
    0x40, 0x05, 0x50, 0x58, 0xa4, 0xee, 0x38, 0x15, 0x6a, 0x06, 0x56, 0x2e, 0x52, 0xee, 0xce, 0x92, 0xa7, 0x71, 0xbc,
    0xd8, 0x34, 0x6a, 0x8c, 0x46, 0x15, 0xcb, 0x73, 0x76, 0xed, 0xdf, 0x72, 0xec,
];

/// What Telegram says of a launch, verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InitData {
    /// Who opened the Mini App.
    pub user: TelegramUser,
    /// When Telegram signed it.
    pub auth_date: DateTime<Utc>,
    /// The `startapp` parameter of the link: 1 to 512 of `A-Z a-z 0-9 _ -`, chosen by whoever made the link.
    pub start_param: Option<String>,
    /// The launch's id for `answerWebAppQuery`.
    pub query_id: Option<String>,
}

/// A user as Telegram describes them. The texts are the user's own: untrusted.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct TelegramUser {
    /// From 1 to [`MAX_TELEGRAM_ID`].
    pub id: i64,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: Option<String>,
    /// Username without `@`.
    pub username: Option<String>,
    /// IETF tag of the language of the user's client.
    pub language_code: Option<String>,
    /// The user pays Telegram.
    #[serde(default)]
    pub is_premium: bool,
    /// The user has allowed the bot to write.
    #[serde(default)]
    pub allows_write_to_pm: bool,
    /// The user's picture.
    pub photo_url: Option<String>,
}

/// Why init data is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InitDataError {
    /// It is longer than [`MAX_INIT_DATA_BYTES`].
    #[error("the init data is too long")]
    TooLong,
    /// It is not of the form that Telegram sends, or has a field twice.
    #[error("the init data is malformed")]
    Malformed,
    /// It names no user, as in a launch from an inline result or a keyboard button.
    #[error("the init data names no user")]
    UserMissing,
    /// Its user has no id that a Telegram user can have.
    #[error("the init data describes its user wrongly")]
    UserInvalid,
    /// It was not signed for this bot, or altered since.
    #[error("the signature of the init data is not right")]
    SignatureMismatch,
    /// It is older than allowed.
    #[error("the init data is too old: open the Mini App again")]
    Expired,
    /// It is from the future: one of the clocks is wrong.
    #[error("the init data is from the future: check the clock")]
    FromFuture,
    /// There is no bot token or public key to verify with. Anyone can sign with an empty one.
    #[error("there is no key to verify init data with")]
    KeyMissing,
}

/// Verifies init data by the bot's own token, and that it is at most `max_age` old and `max_skew` ahead of `now`.
pub fn verify_hmac(
    raw: &str,
    bot_token: &str,
    now: DateTime<Utc>,
    max_age: TimeDelta,
    max_skew: TimeDelta,
) -> Result<InitData, InitDataError> {
    if bot_token.is_empty() {
        return Err(InitDataError::KeyMissing);
    }
    let fields = Fields::parse(raw)?;
    let hash = fields.get("hash").and_then(decode_hash).ok_or(InitDataError::Malformed)?;
    // The field `signature` stays in: Telegram signs it too.
    let message = fields.check_string(&["hash"]);
    let key = hmac_sha256(b"WebAppData", &[bot_token.as_bytes()]);
    let ours = hmac_sha256(&key, &[message.as_bytes()]);
    if !bool::from(ours.ct_eq(&hash)) {
        return Err(InitDataError::SignatureMismatch);
    }
    fields.read(now, max_age, max_skew)
}

/// Verifies init data of the bot `bot_id` without its token, by Telegram's public key, and its age as [`verify_hmac`].
pub fn verify_third_party(
    raw: &str,
    bot_id: i64,
    public_key: &[u8; 32],
    now: DateTime<Utc>,
    max_age: TimeDelta,
    max_skew: TimeDelta,
) -> Result<InitData, InitDataError> {
    let public_key = VerifyingKey::from_bytes(public_key).map_err(|_| InitDataError::KeyMissing)?;
    let fields = Fields::parse(raw)?;
    let signature = fields.get("signature").and_then(decode_signature).ok_or(InitDataError::Malformed)?;
    let message = format!("{bot_id}:WebAppData\n{}", fields.check_string(&["hash", "signature"]));
    public_key.verify_strict(message.as_bytes(), &signature).map_err(|_| InitDataError::SignatureMismatch)?;
    fields.read(now, max_age, max_skew)
}

/// The fields, decoded, by key; each key once.
struct Fields(Vec<(String, String)>);

impl Fields {
    fn parse(raw: &str) -> Result<Self, InitDataError> {
        if raw.len() > MAX_INIT_DATA_BYTES {
            return Err(InitDataError::TooLong);
        }
        let mut fields = raw
            .split('&')
            .map(|pair| {
                let (key, value) = pair.split_once('=')?;
                let (key, value) = (decode_percent(key)?, decode_percent(value)?);
                // The signed message joins fields with line ends and `=`: a key or value that holds one could pass for
                // two fields, and two fields for one.
                let known_form = !key.is_empty()
                    && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
                    && !value.contains('\n');
                known_form.then_some((key, value))
            })
            .collect::<Option<Vec<_>>>()
            .ok_or(InitDataError::Malformed)?;
        fields.sort();
        let repeated = fields.iter().zip(fields.iter().skip(1)).any(|(one, next)| one.0 == next.0);
        if repeated { Err(InitDataError::Malformed) } else { Ok(Self(fields)) }
    }

    fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    /// The message that Telegram signs: a line a field, by key, without those left out.
    fn check_string(&self, left_out: &[&str]) -> String {
        let lines = self.0.iter().filter(|(key, _)| !left_out.contains(&key.as_str()));
        lines.map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join("\n")
    }

    /// What the fields say. To be asked only once the signature is known to be right.
    fn read(&self, now: DateTime<Utc>, max_age: TimeDelta, max_skew: TimeDelta) -> Result<InitData, InitDataError> {
        let auth_date = self.get("auth_date").and_then(decode_time).ok_or(InitDataError::Malformed)?;
        let age = now.signed_duration_since(auth_date);
        if age > max_age {
            return Err(InitDataError::Expired);
        }
        if age < -max_skew {
            return Err(InitDataError::FromFuture);
        }
        let user = self.get("user").ok_or(InitDataError::UserMissing)?;
        let user: TelegramUser = serde_json::from_str(user).map_err(|_| InitDataError::UserInvalid)?;
        if !(1..=MAX_TELEGRAM_ID).contains(&user.id) {
            return Err(InitDataError::UserInvalid);
        }
        let start_param = self.get("start_param").filter(|value| !value.is_empty());
        if start_param.is_some_and(|value| !is_start_param(value)) {
            return Err(InitDataError::Malformed);
        }
        Ok(InitData {
            user,
            auth_date,
            start_param: start_param.map(str::to_owned),
            query_id: self.get("query_id").map(str::to_owned),
        })
    }
}

fn is_start_param(value: &str) -> bool {
    value.len() <= 512 && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

/// `application/x-www-form-urlencoded`, strictly: a broken escape or what is not UTF-8 is refused.
fn decode_percent(text: &str) -> Option<String> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => {
                let (high, low) = (hex_digit(bytes.next()?)?, hex_digit(bytes.next()?)?);
                high << 4 | low
            }
            byte => byte,
        });
    }
    String::from_utf8(decoded).ok()
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// 64 lower-case hexadecimal digits: the one form that Telegram sends.
fn decode_hash(text: &str) -> Option<[u8; 32]> {
    if text.len() != 64 || text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return None;
    }
    let mut hash = [0; 32];
    for (byte, digits) in hash.iter_mut().zip(text.as_bytes().as_chunks::<2>().0) {
        let [high, low] = *digits;
        *byte = hex_digit(high)? << 4 | hex_digit(low)?;
    }
    Some(hash)
}

fn decode_signature(text: &str) -> Option<Signature> {
    Signature::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}

/// Seconds since 1970, digits alone.
fn decode_time(text: &str) -> Option<DateTime<Utc>> {
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    DateTime::from_timestamp(text.parse().ok()?, 0)
}
