//! The store's secret key, and what is signed with it.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// How short a secret key may be, in characters.
pub const MIN_SECRET_CHARACTERS: usize = 32;

/// The longest token that [`Secret::open`] looks at, in bytes.
const MAX_TOKEN_BYTES: usize = 4_096;
const TAG_BYTES: usize = 32;

/// A secret key that is too short to be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a secret key has at least {MIN_SECRET_CHARACTERS} characters; `openssl rand -hex 32` makes a good one")]
pub struct WeakSecret;

/// What a key is for. Each purpose has a key of its own, so that a token made for one never opens as another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Session tokens.
    Session,
    /// Page tokens of lists.
    Page,
    /// Start tokens.
    StartToken,
    /// Links to videos.
    WatchLink,
    /// The keys of services, when the environment names none.
    Service,
    /// Goods at rest: stock lines, shared content, what a seller handed over.
    Goods,
    /// Keyed hashes of stock lines, which tell equal ones apart from others and nothing else.
    Fingerprint,
    /// Keyed hashes of requests: one of a short secret can't be found out by trying.
    Request,
    /// What tells one secret key from another.
    KeyId,
    /// Seals on checkpoints of the books.
    Checkpoint,
}

impl Purpose {
    /// Goes into every key: a change here ends all tokens of the purpose.
    fn label(self) -> &'static str {
        match self {
            Self::Session => "warung session v1",
            Self::Page => "warung page v1",
            Self::StartToken => "warung start token v1",
            Self::WatchLink => "warung watch link v1",
            Self::Service => "warung service v1",
            Self::Goods => "warung goods v1",
            Self::Fingerprint => "warung fingerprint v1",
            Self::Request => "warung request v1",
            Self::KeyId => "warung key id v1",
            Self::Checkpoint => "warung checkpoint v1",
        }
    }
}

/// Which secret key it is, told without telling anything of the key: it stands in front of all that is sealed, and people
/// may read it. Its display is 8 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KeyId(pub [u8; KeyId::BYTES]);

impl KeyId {
    /// How long it is. It tells the few keys of one store apart; whether one opens a value is decided by the seal.
    pub const BYTES: usize = 4;
}

impl fmt::Display for KeyId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:08x}", u32::from_be_bytes(self.0))
    }
}

/// The bytes of `WARUNG_SECRET_KEY`. Its debug form shows nothing, and its memory is wiped when it goes.
#[derive(Clone)]
pub struct Secret(Zeroizing<Vec<u8>>);

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret([redacted])")
    }
}

impl Secret {
    /// Takes a secret key of at least [`MIN_SECRET_CHARACTERS`] characters.
    pub fn new(key: &str) -> Result<Self, WeakSecret> {
        if key.chars().count() < MIN_SECRET_CHARACTERS {
            return Err(WeakSecret);
        }
        Ok(Self(Zeroizing::new(key.as_bytes().to_vec())))
    }

    /// The key of a purpose.
    #[must_use]
    pub fn key(&self, purpose: Purpose) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(hmac_sha256(&self.0, &[purpose.label().as_bytes()]))
    }

    /// Which key this is.
    #[must_use]
    pub fn id(&self) -> KeyId {
        let [first, second, third, fourth, ..] = *self.key(Purpose::KeyId);
        KeyId([first, second, third, fourth])
    }

    /// A token that carries `payload` in the clear and proves that we made it: base64url without padding.
    #[must_use]
    pub fn sign(&self, purpose: Purpose, payload: &[u8]) -> String {
        let tag = hmac_sha256(&*self.key(purpose), &[payload]);
        URL_SAFE_NO_PAD.encode([payload, &tag].concat())
    }

    /// The payload of a token of ours; `None` for any other text, or one of more than 4 KiB.
    #[must_use]
    pub fn open(&self, purpose: Purpose, token: &str) -> Option<Vec<u8>> {
        self.open_within(purpose, token, MAX_TOKEN_BYTES)
    }

    /// The same of a token of up to so many bytes.
    #[must_use]
    pub fn open_within(&self, purpose: Purpose, token: &str, most: usize) -> Option<Vec<u8>> {
        if token.len() > most {
            return None;
        }
        let mut bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let tag = bytes.split_off(bytes.len().checked_sub(TAG_BYTES)?);
        let ours = hmac_sha256(&*self.key(purpose), &[&bytes]);
        bool::from(ours.ct_eq(&tag)).then_some(bytes)
    }

    /// 32 bytes that nobody without the secret can guess, the same each time for the same id: what is made again after
    /// a retry or a restart needs no place to be stored.
    #[must_use]
    pub fn derive_token(&self, purpose: Purpose, id: &[u8]) -> [u8; 32] {
        hmac_sha256(&*self.key(purpose), &[id])
    }
}

/// HMAC-SHA256 of the parts, one after another.
pub(crate) fn hmac_sha256(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// Takes a number from the front of a payload.
pub(crate) fn split_i64(payload: &[u8]) -> Option<(i64, &[u8])> {
    let (number, rest) = payload.split_first_chunk()?;
    Some((i64::from_be_bytes(*number), rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PURPOSES: [Purpose; 9] = [
        Purpose::Session,
        Purpose::Page,
        Purpose::StartToken,
        Purpose::WatchLink,
        Purpose::Service,
        Purpose::Goods,
        Purpose::Fingerprint,
        Purpose::Request,
        Purpose::KeyId,
    ];

    fn secret(letter: &str) -> Secret {
        Secret::new(&letter.repeat(MIN_SECRET_CHARACTERS)).unwrap()
    }

    #[test]
    fn a_short_secret_is_refused() {
        assert_eq!(Secret::new(&"s".repeat(31)).unwrap_err(), WeakSecret);
        assert!(Secret::new(&"s".repeat(32)).is_ok());
        assert_eq!(Secret::new(&"é".repeat(31)).unwrap_err(), WeakSecret, "characters count, not bytes");
    }

    #[test]
    fn a_secret_is_not_shown() {
        assert_eq!(format!("{:?}", secret("s")), "Secret([redacted])");
    }

    #[test]
    fn hmac_fits_the_published_vector() {
        // RFC 4231, test case 2.
        let tag = hmac_sha256(b"Jefe", &[b"what do ya want ", b"for nothing?"]);
        let hex = tag.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
        assert_eq!(hex, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }

    #[test]
    fn a_token_opens_for_its_own_purpose_and_secret_alone() {
        for made_for in PURPOSES {
            let token = secret("a").sign(made_for, b"payload");
            for opened_as in PURPOSES {
                assert_eq!(secret("a").open(opened_as, &token).is_some(), made_for == opened_as);
            }
            assert_eq!(secret("b").open(made_for, &token), None);
        }
    }

    #[test]
    fn a_key_id_tells_keys_apart_and_is_the_same_again() {
        assert_eq!(secret("a").id(), secret("a").id());
        assert_ne!(secret("a").id(), secret("b").id());
        assert_eq!(KeyId([0, 1, 0xab, 2]).to_string(), "0001ab02");
    }

    #[test]
    fn a_token_beyond_the_limit_is_refused() {
        let secret = secret("a");
        let token = secret.sign(Purpose::Page, &vec![0; MAX_TOKEN_BYTES]);
        assert_eq!(secret.open(Purpose::Page, &token), None);
    }

    #[test]
    fn derived_tokens_differ_by_id_and_purpose_and_are_the_same_again() {
        let secret = secret("a");
        let token = secret.derive_token(Purpose::StartToken, b"1");
        assert_eq!(token, secret.derive_token(Purpose::StartToken, b"1"));
        assert_ne!(token, secret.derive_token(Purpose::StartToken, b"2"));
        assert_ne!(token, secret.derive_token(Purpose::Page, b"1"));
    }

    proptest! {
        #[test]
        fn a_payload_reads_back(payload in prop::collection::vec(any::<u8>(), 0..200)) {
            let token = secret("a").sign(Purpose::Page, &payload);
            prop_assert_eq!(secret("a").open(Purpose::Page, &token), Some(payload));
        }

        #[test]
        fn an_altered_token_does_not_open(payload: [u8; 20], place: prop::sample::Index, letter in "[A-Za-z0-9_-]") {
            let token = secret("a").sign(Purpose::Page, &payload);
            let place = place.index(token.len());
            prop_assume!(token[place..=place] != letter);
            let mut altered = token.clone();
            altered.replace_range(place..=place, &letter);
            prop_assert_eq!(secret("a").open(Purpose::Page, &altered), None);
            prop_assert_eq!(secret("a").open(Purpose::Page, &token[..place]), None);
        }

        #[test]
        fn any_text_is_refused_without_a_panic(text in "\\PC{0,100}") {
            prop_assert_eq!(secret("a").open(Purpose::Session, &text), None);
        }
    }
}
