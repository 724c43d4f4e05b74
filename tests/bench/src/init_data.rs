//! Init data, signed as Telegram signs it for a bot.

use std::fmt::Write as _;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { unreachable!("HMAC takes a key of any length") };
    mac.update(message);
    mac.finalize().into_bytes().into()
}

/// Signs launches of one bot.
#[derive(Clone, Debug)]
pub(crate) struct Signer([u8; 32]);

impl Signer {
    pub(crate) fn new(bot_token: &str) -> Self {
        Self(hmac(b"WebAppData", bot_token.as_bytes()))
    }

    /// The launch of a user at `auth_date`, in seconds since 1970.
    pub(crate) fn launch(&self, telegram_id: i64, auth_date: i64) -> String {
        let user = format!(
            r#"{{"id":{telegram_id},"first_name":"Tamu {telegram_id}","username":"tamu{telegram_id}","language_code":"id"}}"#
        );
        let query_id = format!("AAH{telegram_id}");
        let message = format!("auth_date={auth_date}\nquery_id={query_id}\nuser={user}");
        let hash = hex(&hmac(&self.0, message.as_bytes()));
        format!("query_id={query_id}&user={}&auth_date={auth_date}&hash={hash}", encode(&user))
    }
}

/// Bytes in hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn encode(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_launch_carries_the_hash_of_its_own_fields() {
        let launch = Signer::new("7:secret").launch(42, 1_700_000_000);
        let (fields, hash) = launch.rsplit_once("&hash=").unwrap();
        assert!(fields.contains("user=%7B%22id%22%3A42%2C"), "{fields}");
        let key = hmac(b"WebAppData", b"7:secret");
        let message = "auth_date=1700000000\nquery_id=AAH42\nuser={\"id\":42,\"first_name\":\"Tamu 42\",\
                       \"username\":\"tamu42\",\"language_code\":\"id\"}";
        assert_eq!(hash, hex(&hmac(&key, message.as_bytes())));
        assert_ne!(launch, Signer::new("7:other").launch(42, 1_700_000_000));
    }
}
