//! Values that JSON, paths and queries write as text, to and from the wire.

use base64::{
    Engine as _,
    alphabet::{STANDARD, URL_SAFE},
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use chrono::{DateTime, Utc};
use prost::encoding::{WireType, encode_key, encode_varint};

use super::schema::{Kind, Schema, Special};

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const BASE64: GeneralPurpose = GeneralPurpose::new(&STANDARD, LENIENT);
const BASE64_URL: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, LENIENT);

/// The years 1 and 9999, in seconds: what `google.protobuf.Timestamp` spans.
const TIMESTAMP_SECONDS: std::ops::RangeInclusive<i64> = -62_135_596_800..=253_402_300_799;
/// 10,000 years, in seconds: what `google.protobuf.Duration` spans.
const DURATION_SECONDS_MAX: i64 = 315_576_000_000;

pub(super) fn put_varint(number: u32, value: u64, out: &mut Vec<u8>) {
    encode_key(number, WireType::Varint, out);
    encode_varint(value, out);
}

pub(super) fn put_bytes(number: u32, value: &[u8], out: &mut Vec<u8>) {
    encode_key(number, WireType::LengthDelimited, out);
    encode_varint(u64::try_from(value.len()).unwrap_or(u64::MAX), out);
    out.extend_from_slice(value);
}

pub(super) fn put_signed(number: u32, value: i64, out: &mut Vec<u8>) {
    put_varint(number, value.cast_unsigned(), out);
}

/// Writes a field whose JSON form is a string. The error says what it must be.
pub(super) fn write(schema: &Schema, kind: Kind, number: u32, text: &str, out: &mut Vec<u8>) -> Result<(), String> {
    match kind {
        Kind::String => put_bytes(number, text.as_bytes(), out),
        Kind::Bytes => {
            let url = text.contains(['-', '_']);
            let bytes = if url { BASE64_URL.decode(text) } else { BASE64.decode(text) };
            put_bytes(number, &bytes.map_err(|_| "must be base64".to_owned())?, out);
        }
        Kind::Int32 => put_signed(number, i64::from(whole::<i32>(text, "32-bit")?), out),
        Kind::Int64 => put_signed(number, whole(text, "64-bit")?, out),
        Kind::Uint32 => put_varint(number, u64::from(whole::<u32>(text, "unsigned 32-bit")?), out),
        Kind::Uint64 => put_varint(number, whole(text, "unsigned 64-bit")?, out),
        Kind::Enum(index) => {
            let value = schema.enumeration(index).and_then(|values| values.number(text));
            let value = value.ok_or_else(|| format!("has no value {}", quoted(text)))?;
            put_signed(number, i64::from(value), out);
        }
        Kind::Message(index) => match schema.message(index).and_then(|message| message.special) {
            Some(Special::Timestamp) => put_moment(number, parse_timestamp(text)?, out),
            Some(Special::Duration) => put_moment(number, parse_duration(text)?, out),
            None => return Err("must be an object, not a string".to_owned()),
        },
        Kind::Bool => return Err("must be true or false, not a string".to_owned()),
    }
    Ok(())
}

fn whole<T: std::str::FromStr>(text: &str, size: &str) -> Result<T, String> {
    // A leading plus is a number to Rust, and none to JSON.
    let plain = !text.starts_with('+');
    let parsed = if plain { text.parse().ok() } else { None };
    parsed.ok_or_else(|| format!("must be a whole {size} number"))
}

/// Timestamps and durations have the same two fields.
fn put_moment(number: u32, (seconds, nanos): (i64, i32), out: &mut Vec<u8>) {
    let mut message = Vec::with_capacity(16);
    put_signed(1, seconds, &mut message);
    put_signed(2, i64::from(nanos), &mut message);
    put_bytes(number, &message, out);
}

fn parse_timestamp(text: &str) -> Result<(i64, i32), String> {
    let must = "must be a time such as 2026-01-31T09:30:00Z";
    let time = DateTime::parse_from_rfc3339(text).map_err(|_| must.to_owned())?;
    let nanos = i32::try_from(time.timestamp_subsec_nanos()).map_err(|_| must.to_owned())?;
    if !TIMESTAMP_SECONDS.contains(&time.timestamp()) || nanos > 999_999_999 {
        return Err(must.to_owned());
    }
    Ok((time.timestamp(), nanos))
}

fn parse_duration(text: &str) -> Result<(i64, i32), String> {
    let read = || {
        let number = text.strip_suffix('s')?;
        let (negative, number) = number.strip_prefix('-').map_or((false, number), |number| (true, number));
        let (seconds, fraction) = number.split_once('.').unwrap_or((number, ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if seconds.is_empty() || !digits(seconds) || !digits(fraction) || fraction.len() > 9 {
            return None;
        }
        let seconds: i64 = seconds.parse().ok().filter(|seconds| *seconds <= DURATION_SECONDS_MAX)?;
        let nanos: i32 = format!("{fraction:0<9}").parse().ok()?;
        Some(if negative { (-seconds, -nanos) } else { (seconds, nanos) })
    };
    read().ok_or_else(|| "must be a duration in seconds such as \"3.5s\"".to_owned())
}

/// A timestamp as JSON writes it; `None` when it is no time that has a written form.
pub(crate) fn timestamp(seconds: i64, nanos: i32) -> Option<String> {
    let subsecond = u32::try_from(nanos).ok()?;
    if !TIMESTAMP_SECONDS.contains(&seconds) {
        return None;
    }
    let time = DateTime::<Utc>::from_timestamp(seconds, subsecond)?;
    Some(format!("{}{}Z", time.format("%Y-%m-%dT%H:%M:%S"), fraction(nanos.unsigned_abs())))
}

/// A duration as JSON writes it.
pub(crate) fn duration(seconds: i64, nanos: i32) -> String {
    let sign = if seconds < 0 || nanos < 0 { "-" } else { "" };
    format!("{sign}{}{}s", seconds.unsigned_abs(), fraction(nanos.unsigned_abs()))
}

/// No, three, six or nine decimals.
fn fraction(nanos: u32) -> String {
    if nanos == 0 {
        String::new()
    } else if nanos.is_multiple_of(1_000_000) {
        format!(".{:03}", nanos / 1_000_000)
    } else if nanos.is_multiple_of(1_000) {
        format!(".{:06}", nanos / 1_000)
    } else {
        format!(".{nanos:09}")
    }
}

/// What a client sent, short enough to send back.
pub(super) fn quoted(text: &str) -> String {
    let short: String = text.chars().take(40).collect();
    format!("{short:?}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_and_written_in_their_canonical_form() {
        for (text, value) in [
            ("0s", (0, 0)),
            ("3s", (3, 0)),
            ("3.500s", (3, 500_000_000)),
            ("0.000001s", (0, 1_000)),
            ("-1.000000001s", (-1, -1)),
            ("-0.500s", (0, -500_000_000)),
            ("315576000000s", (315_576_000_000, 0)),
        ] {
            assert_eq!(parse_duration(text), Ok(value), "{text}");
            assert_eq!(duration(value.0, value.1), text);
        }
        for junk in ["", "s", "3", "3.s5", "1e3s", "+1s", "--1s", "3.1234567891s", " 3s", "315576000001s"] {
            assert!(parse_duration(junk).is_err(), "{junk}");
        }
    }

    #[test]
    fn timestamps_are_read_with_any_offset_and_written_in_utc() {
        for (text, written) in [
            ("2026-01-31T09:30:00Z", "2026-01-31T09:30:00Z"),
            ("2026-01-31T16:30:00.5+07:00", "2026-01-31T09:30:00.500Z"),
            ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
            ("9999-12-31T23:59:59.999999999Z", "9999-12-31T23:59:59.999999999Z"),
        ] {
            let (seconds, nanos) = parse_timestamp(text).unwrap();
            assert_eq!(timestamp(seconds, nanos).as_deref(), Some(written));
        }
        for junk in ["", "2026-01-31", "2026-02-30T00:00:00Z", "0000-01-01T00:00:00Z", "1769852400"] {
            assert!(parse_timestamp(junk).is_err(), "{junk}");
        }
    }
}
