//! Keys of programs: what one looks like, and what of it is kept.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::violation::Violations;

/// What the secret of every key begins with.
pub const PREFIX: &str = "wrg_";
/// How many characters of base64url 32 bytes make.
const ENCODED_CHARACTERS: usize = 43;
/// The longest name, in characters.
const NAME_CHARACTERS: usize = 64;

/// The secret of a new key. Its debug form shows nothing, and its memory is wiped when it goes.
#[derive(Clone)]
pub struct ApiKeySecret(Zeroizing<String>);

impl fmt::Debug for ApiKeySecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ApiKeySecret([redacted])")
    }
}

impl ApiKeySecret {
    /// The secret that these bytes make, which nobody can guess.
    #[must_use]
    pub fn new(random: [u8; 32]) -> Self {
        let random = Zeroizing::new(random);
        let mut text = Zeroizing::new(String::with_capacity(PREFIX.len().saturating_add(ENCODED_CHARACTERS)));
        text.push_str(PREFIX);
        URL_SAFE_NO_PAD.encode_string(*random, &mut text);
        Self(text)
    }

    /// The secret itself, for the one answer that shows it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is kept of it.
    #[must_use]
    pub fn hash(&self) -> ApiKeyHash {
        ApiKeyHash::of(&self.0)
    }
}

/// SHA-256 of the text of a secret. Of 256 random bits it needs no salt and no slowness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ApiKeyHash([u8; 32]);

impl ApiKeyHash {
    /// The hash of what came with a call; `None` when it has not the form of a secret.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let encoded = text.strip_prefix(PREFIX)?;
        let is_digit = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        (encoded.len() == ENCODED_CHARACTERS && encoded.bytes().all(is_digit)).then(|| Self::of(text))
    }

    fn of(text: &str) -> Self {
        Self(Sha256::digest(text).into())
    }

    /// Its bytes, as they are stored.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether these stored bytes are the same; it takes as long when they are not.
    #[must_use]
    pub fn matches(&self, stored: &[u8]) -> bool {
        bool::from(self.0.as_slice().ct_eq(stored))
    }
}

/// Everything that is wrong with a new key's name and scopes. `known` are the scopes that there are.
#[must_use]
pub fn violations(name: &str, scopes: &[String], known: &[String]) -> Violations {
    let mut found = Violations::new();
    found.length("name", name, 1..=NAME_CHARACTERS);
    found.check(!name.contains(char::is_control), "name", "must be on one line");
    if !(1..=known.len()).contains(&scopes.len()) || scopes.iter().any(|scope| !known.contains(scope)) {
        found.add("scopes", format!("must be one or more of {}, each once", known.join(", ")));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_a_prefix_and_256_bits() {
        let secret = ApiKeySecret::new([0xff; 32]);
        assert_eq!(secret.expose(), format!("wrg_{}8", "_".repeat(42)));
        assert_eq!(ApiKeyHash::read(secret.expose()), Some(secret.hash()));
        assert_eq!(format!("{secret:?}"), "ApiKeySecret([redacted])");
    }

    #[test]
    fn the_hash_is_that_of_the_whole_text() {
        // printf 'wrg_%043d' 0 | sha256sum
        let hash = ApiKeyHash::read(&format!("wrg_{}", "0".repeat(43))).unwrap();
        let hex = hash.as_bytes().iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
        assert_eq!(hex, "f2cec30ca76d392bf89015e81be0a949f93ce1ae729b7e8f7525bec072f2a388");
    }

    #[test]
    fn an_altered_secret_has_another_hash_or_none() {
        let secret = ApiKeySecret::new([7; 32]);
        let text = secret.expose();
        for place in 0..text.len() {
            for letter in ["A", "z", "9", "-", " ", "ä"] {
                if text[place..].starts_with(letter) {
                    continue;
                }
                let mut altered = text.to_owned();
                altered.replace_range(place..=place, letter);
                assert_ne!(ApiKeyHash::read(&altered), Some(secret.hash()), "{altered}");
            }
        }
        for other in ["", "wrg_", &text[..46], &format!("{text}A"), &text[4..], &text.to_uppercase()] {
            assert_eq!(ApiKeyHash::read(other), None, "{other}");
        }
    }

    #[test]
    fn a_hash_matches_its_own_bytes_alone() {
        let hash = ApiKeySecret::new([7; 32]).hash();
        assert!(hash.matches(hash.as_bytes()));
        for other in [&[][..], &hash.as_bytes()[..31], &[0; 32]] {
            assert!(!hash.matches(other));
        }
    }

    #[test]
    fn a_key_needs_a_name_and_scopes_that_there_are() {
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let known = texts(&["order.read", "order.write"]);
        let fields = |name: &str, scopes: &[&str]| {
            let found = violations(name, &texts(scopes), &known);
            found.iter().map(|violation| violation.field.clone()).collect::<Vec<_>>()
        };
        assert!(fields("bot", &["order.read"]).is_empty());
        assert!(fields(&"é".repeat(64), &["order.write", "order.read"]).is_empty());
        assert_eq!(fields(" ", &[]), ["name", "scopes"]);
        assert_eq!(fields(&"x".repeat(65), &["order.*"]), ["name", "scopes"]);
        assert_eq!(fields("two\nlines", &["order.read", "ORDER.READ"]), ["name", "scopes"]);
        assert_eq!(fields("bot", &["order.read", "order.read", "order.read"]), ["scopes"]);
    }
}
