//! Reading QRIS codes: fields of a tag, a length and a value, with a checksum at the end.

use crate::money::{Currency, Money};

/// The longest code that a QR picture is made of, in characters.
const CHARACTERS_MAX: usize = 512;
/// ISO 4217 of the rupiah.
const RUPIAH: &str = "360";

/// Why a text is no QRIS code that can be paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QrisError {
    /// It is no sequence of fields, or lacks one that every code has.
    #[error("it is no QRIS code")]
    Malformed,
    /// The checksum is another's: a character was lost or changed.
    #[error("its checksum is not right")]
    Checksum,
    /// It is not in rupiah.
    #[error("it is not in rupiah")]
    Currency,
    /// Its amount can't be read, or is not of whole rupiah.
    #[error("its amount is not one of whole rupiah")]
    Amount,
}

/// A QRIS code whose checksum is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Qris {
    /// What it asks for; `None`: the payer says how much.
    pub amount: Option<Money>,
}

impl Qris {
    /// Reads the text of a code.
    pub fn read(text: &str) -> Result<Self, QrisError> {
        if text.len() > CHARACTERS_MAX || !text.is_ascii() {
            return Err(QrisError::Malformed);
        }
        let fields = fields(text)?;
        let value = |tag: &str| fields.iter().find(|(name, _)| *name == tag).map(|(_, value)| *value);
        let (Some(("00", "01")), Some(("63", checksum))) = (fields.first(), fields.last()) else {
            return Err(QrisError::Malformed);
        };
        let covered = text.strip_suffix(checksum).filter(|_| checksum.len() == 4).ok_or(QrisError::Malformed)?;
        if format!("{:04X}", crc16(covered.as_bytes())) != *checksum {
            return Err(QrisError::Checksum);
        }
        if value("53") != Some(RUPIAH) {
            return Err(QrisError::Currency);
        }
        Ok(Self { amount: value("54").map(amount).transpose()? })
    }
}

/// The fields of a text, each once.
fn fields(text: &str) -> Result<Vec<(&str, &str)>, QrisError> {
    let mut fields: Vec<(&str, &str)> = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (tag, after) = rest.split_at_checked(2).ok_or(QrisError::Malformed)?;
        let (length, after) = after.split_at_checked(2).ok_or(QrisError::Malformed)?;
        let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let repeated = fields.iter().any(|(known, _)| *known == tag);
        if !are_digits(tag) || !are_digits(length) || repeated {
            return Err(QrisError::Malformed);
        }
        let length = length.parse().map_err(|_| QrisError::Malformed)?;
        let (value, after) = after.split_at_checked(length).ok_or(QrisError::Malformed)?;
        fields.push((tag, value));
        rest = after;
    }
    Ok(fields)
}

/// `50000` or `50000.00`: there are no parts of a rupiah.
fn amount(text: &str) -> Result<Money, QrisError> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let fits = (1..=13).contains(&whole.len()) && whole.bytes().all(|byte| byte.is_ascii_digit());
    if !fits || part.len() > 2 || part.bytes().any(|byte| byte != b'0') {
        return Err(QrisError::Amount);
    }
    let minor_units = whole.parse().map_err(|_| QrisError::Amount)?;
    Ok(Money { currency: Currency::Idr, minor_units })
}

/// CRC-16/CCITT-FALSE.
fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xFFFF, |crc, byte| {
        (0..8).fold(
            crc ^ (u16::from(*byte) << 8),
            |crc, _| {
                if crc & 0x8000 == 0 { crc << 1 } else { (crc << 1) ^ 0x1021 }
            },
        )
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The sample of the gateway's documentation: Rp99.000 and a fee of Rp1.003.
    const SAMPLE: &str = "00020101021226610016ID.CO.SHOPEE.WWW01189360091800216005230208216005230303UME51440014ID.CO.QRIS.\
                          WWW0215ID10243228429300303UME5204792953033605409100003.005802ID5907Pakasir6012KAB. KEBUMEN\
                          61055439262230519SP25RZRATEQI2HQ65Q46304A079";

    /// A code of these fields, with its checksum.
    fn code(fields: &[(&str, &str)]) -> String {
        let fields: Vec<_> = fields.iter().map(|(tag, value)| format!("{tag}{:02}{value}", value.len())).collect();
        let body = format!("{}6304", fields.concat());
        let checksum = crc16(body.as_bytes());
        format!("{body}{checksum:04X}")
    }

    fn of_amount(amount: &str) -> String {
        code(&[("00", "01"), ("01", "12"), ("53", "360"), ("54", amount), ("58", "ID"), ("59", "WARUNG UJI")])
    }

    #[test]
    fn the_checksum_is_the_one_of_the_standard() {
        assert_eq!(crc16(b"123456789"), 0x29B1);
    }

    #[test]
    fn the_gateways_sample_asks_for_amount_and_fee() {
        assert_eq!(Qris::read(SAMPLE), Ok(Qris { amount: Some(Money::idr(100_003)) }));
    }

    #[test]
    fn an_amount_has_no_parts_of_a_rupiah() {
        for (text, rupiah) in
            [("50000", 50_000), ("50000.00", 50_000), ("1", 1), ("7.", 7), ("9999999999999", 9_999_999_999_999)]
        {
            assert_eq!(Qris::read(&of_amount(text)).unwrap().amount, Some(Money::idr(rupiah)), "{text}");
        }
        for text in ["", ".00", "50000.50", "50000.001", "-1", "+1", "1e3", "1,000", " 1", "99999999999999"] {
            assert_eq!(Qris::read(&of_amount(text)), Err(QrisError::Amount), "{text}");
        }
        let open = code(&[("00", "01"), ("01", "11"), ("53", "360"), ("58", "ID")]);
        assert_eq!(Qris::read(&open), Ok(Qris { amount: None }), "a code without an amount asks the payer");
    }

    #[test]
    fn what_is_no_code_is_refused() {
        let other_currency = code(&[("00", "01"), ("53", "840"), ("54", "5")]);
        assert_eq!(Qris::read(&other_currency), Err(QrisError::Currency));
        let twice = code(&[("00", "01"), ("53", "360"), ("54", "5"), ("54", "5000")]);
        let without_head = code(&[("53", "360"), ("54", "5")]);
        let goes_on = format!("{}0401x", of_amount("5"));
        for text in
            ["", "0", "0002", "000201", "00AB01", "https://qris.example", "６３０４", &twice, &without_head, &goes_on]
        {
            assert_eq!(Qris::read(text), Err(QrisError::Malformed), "{text}");
        }
        let long = format!("{}{}", SAMPLE, "0".repeat(600));
        assert_eq!(Qris::read(&long), Err(QrisError::Malformed));
    }

    proptest! {
        #[test]
        fn one_changed_character_is_found(index in 0..SAMPLE.len(), other in 0x20_u8..0x7F) {
            let mut bytes = SAMPLE.as_bytes().to_vec();
            prop_assume!(bytes[index] != other);
            bytes[index] = other;
            prop_assert!(Qris::read(std::str::from_utf8(&bytes).unwrap()).is_err());
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,64}|[0-9.A-F]{0,64}") {
            let _ = Qris::read(&text);
        }
    }
}
