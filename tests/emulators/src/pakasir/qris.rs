//! QRIS strings: tags with lengths and a checksum at the end, as in `EMVCo`'s merchant-presented mode.

/// The bank-side names of a merchant that does not exist.
const ACQUIRER: &str = "ID.CO.BANKCONTOH.WWW";
const PAN: &str = "936009990000000042";
const MERCHANT_ID: &str = "990000042";
const NMID: &str = "ID9900000000042";

/// The string of a payment: `total` rupiah to a merchant of this name, under a reference.
pub(crate) fn dynamic(merchant: &str, total: i64, reference: &str) -> String {
    let account = [tag("00", ACQUIRER), tag("01", PAN), tag("02", MERCHANT_ID), tag("03", "UME")].concat();
    let national = [tag("00", "ID.CO.QRIS.WWW"), tag("02", NMID), tag("03", "UME")].concat();
    let fields = [
        tag("00", "01"),
        tag("01", "12"),
        tag("26", &account),
        tag("51", &national),
        tag("52", "4829"),
        tag("53", "360"),
        tag("54", &format!("{total}.00")),
        tag("58", "ID"),
        tag("59", &shortened(merchant, 25)),
        tag("60", "KAB. CONTOH"),
        tag("61", "54392"),
        tag("62", &tag("05", &shortened(reference, 25))),
    ];
    signed(&fields.concat())
}

/// The string with its checksum: the last tag, over all before it and its own name and length.
pub(crate) fn signed(fields: &str) -> String {
    let text = format!("{fields}6304");
    let crc = crc(text.as_bytes());
    format!("{text}{crc:04X}")
}

/// A tag of a template or of the string itself: the name, the length in two digits, the value.
fn tag(name: &str, value: &str) -> String {
    format!("{name}{:02}{value}", value.len())
}

/// Lengths count bytes, so other than ASCII is left out.
fn shortened(text: &str, max: usize) -> String {
    text.chars().filter(|letter| letter.is_ascii_graphic() || *letter == ' ').take(max).collect()
}

/// CRC-16/CCITT-FALSE.
fn crc(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xffff, |crc, byte| {
        (0..8).fold(crc ^ (u16::from(*byte) << 8), |crc, _| (crc << 1) ^ if crc & 0x8000 == 0 { 0 } else { 0x1021 })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the gateway's documentation.
    const PUBLISHED: &str = "00020101021226610016ID.CO.SHOPEE.WWW01189360091800216005230208216005230303UME51440014ID.CO.QRIS.WWW0215ID10243228429300303UME5204792953033605409100003.005802ID5907Pakasir6012KAB. KEBUMEN61055439262230519SP25RZRATEQI2HQ65Q46304A079";

    #[test]
    fn the_checksum_is_that_of_the_published_strings() {
        assert_eq!(crc(b"123456789"), 0x29b1);
        let (fields, _) = PUBLISHED.split_at(PUBLISHED.len() - 8);
        assert_eq!(signed(fields), PUBLISHED);
    }

    #[test]
    fn a_string_has_the_published_order_of_tags_and_the_total_with_two_decimals() {
        let tags = |text: &str| {
            let (mut rest, mut found) = (text, Vec::new());
            while !rest.is_empty() {
                let length: usize = rest[2..4].parse().unwrap();
                found.push((rest[..2].to_owned(), rest[4..4 + length].to_owned()));
                rest = &rest[4 + length..];
            }
            found
        };
        let text = dynamic("Warung Sinema – toko film yang panjang", 100_003, "SP25RZRATEQI2HQ65Q4");
        let (ours, theirs) = (tags(&text), tags(PUBLISHED));
        let names = |tags: &[(String, String)]| tags.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
        assert_eq!(names(&ours), names(&theirs));
        assert!(ours.contains(&("54".into(), "100003.00".into())), "{text}");
        assert!(ours.contains(&("59".into(), "Warung Sinema  toko film ".into())), "{text}");
    }
}
