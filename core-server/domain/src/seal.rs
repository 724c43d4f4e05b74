//! Goods at rest: XChaCha20-Poly1305 under a key of the store's secret, bound to the row that holds them.

use chacha20poly1305::{
    KeyInit as _, XChaCha20Poly1305, XNonce,
    aead::{Aead as _, Payload},
};
use serde::{Serialize, Serializer};
use zeroize::Zeroizing;

use crate::secret::{Purpose, Secret, hmac_sha256};

/// The form of what follows, so that another can take its place one day.
const FORM: u8 = 1;
const NONCE_BYTES: usize = 24;

/// A row does not open: another secret key wrote it, or it was altered or moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the goods can't be opened: WARUNG_SECRET_KEY is another than the one they were stored with, or the row was altered"
)]
pub struct SealError;

/// Goods in the clear: the memory is wiped when they go, and no log shows them.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Goods(Zeroizing<String>);

impl Goods {
    /// Takes a text.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text itself.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

/// For the hash of a request alone: it writes the text itself.
impl Serialize for Goods {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl std::fmt::Debug for Goods {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Goods([redacted])")
    }
}

impl Secret {
    /// Encrypts goods for the row with this id. `random` must never come twice.
    pub fn seal(&self, row_id: &[u8], random: [u8; 32], goods: &str) -> Result<Vec<u8>, SealError> {
        let (nonce, _) = random.split_first_chunk::<NONCE_BYTES>().ok_or(SealError)?;
        let payload = Payload { msg: goods.as_bytes(), aad: row_id };
        let cipher = XChaCha20Poly1305::new((&*self.key(Purpose::Goods)).into());
        let sealed = cipher.encrypt(&XNonce::from(*nonce), payload).map_err(|_| SealError)?;
        Ok([&[FORM][..], nonce, &sealed].concat())
    }

    /// Decrypts the goods of the row with this id.
    pub fn unseal(&self, row_id: &[u8], sealed: &[u8]) -> Result<Goods, SealError> {
        let (form, rest) = sealed.split_first().ok_or(SealError)?;
        let (nonce, sealed) = rest.split_first_chunk::<NONCE_BYTES>().ok_or(SealError)?;
        if *form != FORM {
            return Err(SealError);
        }
        let payload = Payload { msg: sealed, aad: row_id };
        let cipher = XChaCha20Poly1305::new((&*self.key(Purpose::Goods)).into());
        let goods = cipher.decrypt(&XNonce::from(*nonce), payload).map_err(|_| SealError)?;
        String::from_utf8(goods).map(Goods::new).map_err(|_| SealError)
    }

    /// A keyed hash of goods within a product: the same for the same text, and telling nothing else.
    #[must_use]
    pub fn fingerprint(&self, product_id: &[u8], goods: &str) -> [u8; 32] {
        hmac_sha256(&*self.key(Purpose::Fingerprint), &[product_id, goods.as_bytes()])
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::secret::MIN_SECRET_CHARACTERS;

    fn secret(letter: &str) -> Secret {
        Secret::new(&letter.repeat(MIN_SECRET_CHARACTERS)).unwrap()
    }

    #[test]
    fn goods_open_for_their_own_row_and_secret_alone() {
        let sealed = secret("a").seal(b"row", [7; 32], "user:pass").unwrap();
        assert_eq!(secret("a").unseal(b"row", &sealed).unwrap().reveal(), "user:pass");
        assert_eq!(secret("a").unseal(b"other", &sealed).unwrap_err(), SealError);
        assert_eq!(secret("b").unseal(b"row", &sealed).unwrap_err(), SealError);
    }

    #[test]
    fn sealed_goods_hold_nothing_of_the_text_and_differ_each_time() {
        let text = "user@example.test:correct horse";
        let one = secret("a").seal(b"row", [1; 32], text).unwrap();
        let other = secret("a").seal(b"row", [2; 32], text).unwrap();
        assert_ne!(one, other);
        assert!(!one.windows(4).any(|window| text.as_bytes().windows(4).any(|part| part == window)));
        assert_eq!(format!("{:?}", secret("a").unseal(b"row", &one).unwrap()), "Goods([redacted])");
    }

    #[test]
    fn a_fingerprint_tells_equal_lines_of_a_product_from_others() {
        let secret = secret("a");
        assert_eq!(secret.fingerprint(b"p", "x"), secret.fingerprint(b"p", "x"));
        assert_ne!(secret.fingerprint(b"p", "x"), secret.fingerprint(b"q", "x"));
        assert_ne!(secret.fingerprint(b"p", "x"), secret.fingerprint(b"p", "y"));
    }

    proptest! {
        #[test]
        fn altered_goods_never_open(goods in "\\PC{0,80}", random: [u8; 32], place: prop::sample::Index, bit in 0..8_u8) {
            let sealed = secret("a").seal(b"row", random, &goods).unwrap();
            let opened = secret("a").unseal(b"row", &sealed).unwrap();
            prop_assert_eq!(opened.reveal(), &goods);
            let mut altered = sealed.clone();
            let place = place.index(altered.len());
            altered[place] ^= 1 << bit;
            prop_assert!(secret("a").unseal(b"row", &altered).is_err());
            prop_assert!(secret("a").unseal(b"row", &sealed[..place]).is_err());
        }
    }
}
