//! Secrets at rest: XChaCha20-Poly1305 under a key of the store's secret, bound to the row that holds them.
//!
//! A sealed value is: its form (1 byte), the id of the key it was sealed with (4), a nonce (24), and the text encrypted
//! with its tag (16 more than the text). The id tells at once which key is wanted, and lets several keys be in use while one
//! takes the place of another.

use chacha20poly1305::{
    KeyInit as _, XChaCha20Poly1305, XNonce,
    aead::{Aead as _, Payload},
};

use crate::{
    goods::Goods,
    secret::{KeyId, Purpose, Secret, hmac_sha256},
};

/// The form that is described above, so that another can take its place one day.
const FORM: u8 = 2;
const NONCE_BYTES: usize = 24;
/// What a store's check value says.
const CHECK: &str = "the store's secret key";
/// The row of the check value, of which there is one.
const CHECK_ROW: &[u8] = b"secret_check";

/// A sealed value does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// It was sealed with another key.
    #[error(
        "what was sealed can't be opened: it is of the WARUNG_SECRET_KEY with the id {sealed_with}, and the one in use has \
         the id {in_use}; set that key again"
    )]
    OtherKey {
        /// The key that it wants.
        sealed_with: KeyId,
        /// The key that there is.
        in_use: KeyId,
    },
    /// It was altered or moved since.
    #[error("what was sealed can't be opened: it is not as WARUNG_SECRET_KEY sealed it; the row was altered or moved")]
    Altered,
    /// It has a form that is not known here.
    #[error(
        "what was sealed can't be opened: another release of Warung sealed it, with WARUNG_SECRET_KEY, in another form"
    )]
    OtherForm,
}

impl Secret {
    /// Encrypts goods for the row with this id. `random` must never come twice.
    pub fn seal(&self, row_id: &[u8], random: [u8; 32], goods: &Goods) -> Result<Vec<u8>, SealError> {
        self.encrypt(row_id, random, goods.reveal())
    }

    /// Decrypts the goods of the row with this id.
    pub fn unseal(&self, row_id: &[u8], sealed: &[u8]) -> Result<Goods, SealError> {
        let text = self.decrypt(row_id, sealed)?;
        String::from_utf8(text).map(Goods::opened).map_err(|_| SealError::Altered)
    }

    /// A value by which a store knows its secret key again. `random` must never come twice.
    pub fn seal_check(&self, random: [u8; 32]) -> Result<Vec<u8>, SealError> {
        self.encrypt(CHECK_ROW, random, CHECK)
    }

    /// Whether a store's check value is of this very key.
    pub fn open_check(&self, sealed: &[u8]) -> Result<(), SealError> {
        let text = self.decrypt(CHECK_ROW, sealed)?;
        if text == CHECK.as_bytes() { Ok(()) } else { Err(SealError::Altered) }
    }

    /// A keyed hash of goods within a product: the same for the same text, and telling nothing else.
    #[must_use]
    pub fn fingerprint(&self, product_id: &[u8], goods: &Goods) -> [u8; 32] {
        hmac_sha256(&*self.key(Purpose::Fingerprint), &[product_id, goods.reveal().as_bytes()])
    }

    fn encrypt(&self, row_id: &[u8], random: [u8; 32], text: &str) -> Result<Vec<u8>, SealError> {
        let (nonce, _) = random.split_first_chunk::<NONCE_BYTES>().ok_or(SealError::Altered)?;
        let head = [&[FORM][..], &self.id().0].concat();
        let payload = Payload { msg: text.as_bytes(), aad: &[&head, row_id].concat() };
        let cipher = XChaCha20Poly1305::new((&*self.key(Purpose::Goods)).into());
        let sealed = cipher.encrypt(&XNonce::from(*nonce), payload).map_err(|_| SealError::Altered)?;
        Ok([&head, &nonce[..], &sealed].concat())
    }

    fn decrypt(&self, row_id: &[u8], sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let (form, rest) = sealed.split_first().ok_or(SealError::Altered)?;
        if *form != FORM {
            return Err(SealError::OtherForm);
        }
        let (key_id, rest) = rest.split_first_chunk::<{ KeyId::BYTES }>().ok_or(SealError::Altered)?;
        let (sealed_with, in_use) = (KeyId(*key_id), self.id());
        if sealed_with != in_use {
            return Err(SealError::OtherKey { sealed_with, in_use });
        }
        let (nonce, sealed) = rest.split_first_chunk::<NONCE_BYTES>().ok_or(SealError::Altered)?;
        let payload = Payload { msg: sealed, aad: &[&[*form][..], key_id, row_id].concat() };
        let cipher = XChaCha20Poly1305::new((&*self.key(Purpose::Goods)).into());
        cipher.decrypt(&XNonce::from(*nonce), payload).map_err(|_| SealError::Altered)
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
        let sealed = secret("a").seal(b"row", [7; 32], &Goods::new("user:pass")).unwrap();
        assert_eq!(secret("a").unseal(b"row", &sealed).unwrap().reveal(), "user:pass");
        assert_eq!(secret("a").unseal(b"other", &sealed).unwrap_err(), SealError::Altered);
    }

    #[test]
    fn a_value_of_another_key_names_both_keys() {
        let sealed = secret("a").seal(b"row", [7; 32], &Goods::new("user:pass")).unwrap();
        let error = secret("b").unseal(b"row", &sealed).unwrap_err();
        assert_eq!(error, SealError::OtherKey { sealed_with: secret("a").id(), in_use: secret("b").id() });
        let told = error.to_string();
        assert!(told.contains(&secret("a").id().to_string()) && told.contains("WARUNG_SECRET_KEY"), "{told}");
        let [_, rest @ ..] = &*sealed else { unreachable!() };
        let of_another_form = [&[FORM + 1], rest].concat();
        assert_eq!(secret("a").unseal(b"row", &of_another_form).unwrap_err(), SealError::OtherForm);
    }

    #[test]
    fn a_store_knows_its_key_again() {
        let check = secret("a").seal_check([7; 32]).unwrap();
        assert_eq!(secret("a").open_check(&check), Ok(()));
        assert!(matches!(secret("b").open_check(&check), Err(SealError::OtherKey { .. })));
        let goods = secret("a").seal(b"row", [7; 32], &Goods::new(CHECK)).unwrap();
        assert_eq!(secret("a").open_check(&goods), Err(SealError::Altered), "goods are no check value");
        // One whose id meets that of the right key by chance.
        let mut forged = secret("b").seal_check([7; 32]).unwrap();
        forged[1..=KeyId::BYTES].copy_from_slice(&secret("a").id().0);
        assert_eq!(secret("a").open_check(&forged), Err(SealError::Altered));
    }

    #[test]
    fn sealed_goods_hold_nothing_of_the_text_and_differ_each_time() {
        let text = "user@example.test:correct horse";
        let one = secret("a").seal(b"row", [1; 32], &Goods::new(text)).unwrap();
        let other = secret("a").seal(b"row", [2; 32], &Goods::new(text)).unwrap();
        assert_ne!(one, other);
        assert!(!one.windows(4).any(|window| text.as_bytes().windows(4).any(|part| part == window)));
        assert_eq!(format!("{:?}", secret("a").unseal(b"row", &one).unwrap()), "Goods([redacted])");
    }

    #[test]
    fn a_fingerprint_tells_equal_lines_of_a_product_from_others() {
        let secret = secret("a");
        let fingerprint = |product: &[u8], line: &str| secret.fingerprint(product, &Goods::new(line));
        assert_eq!(fingerprint(b"p", "x"), fingerprint(b"p", "x \u{200b}"));
        assert_ne!(fingerprint(b"p", "x"), fingerprint(b"q", "x"));
        assert_ne!(fingerprint(b"p", "x"), fingerprint(b"p", "y"));
    }

    proptest! {
        #[test]
        fn altered_goods_never_open(goods in "\\PC{0,80}", random: [u8; 32], place: prop::sample::Index, bit in 0..8_u8) {
            let goods = Goods::new(&goods);
            let sealed = secret("a").seal(b"row", random, &goods).unwrap();
            prop_assert_eq!(secret("a").unseal(b"row", &sealed).unwrap(), goods);
            let mut altered = sealed.clone();
            let place = place.index(altered.len());
            altered[place] ^= 1 << bit;
            prop_assert!(secret("a").unseal(b"row", &altered).is_err());
            prop_assert!(secret("a").unseal(b"row", &sealed[..place]).is_err());
        }
    }
}
