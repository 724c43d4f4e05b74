//! A protobuf message to JSON, straight from its bytes.
//!
//! What prost encodes is in a fixed order: fields ascend, and a list's items stand together. Such bytes are written as
//! they are read. Anything else (another encoder's order, a field given twice) is legal and rare: prost-reflect reads it.

use prost::encoding::{WireType, decode_key, decode_varint};
use prost_reflect::DynamicMessage;

use super::{
    schema::{Field, Kind, Message, Schema, Special},
    text,
};

/// The bytes are not in the order that the quick path knows, or are no message at all.
struct Unusual;

/// Appends `bytes` of a `message` to `out` as canonical JSON; `None` when they are no such message.
pub(crate) fn write(schema: &Schema, message: &Message, bytes: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let before = out.len();
    if object(schema, message, bytes, out).is_ok() {
        return Some(());
    }
    out.truncate(before);
    let dynamic = DynamicMessage::decode(message.descriptor.clone(), bytes).ok()?;
    serde_json::to_writer(out, &dynamic).ok()
}

/// The list that is being written.
struct Run {
    number: u32,
    list: bool,
    ended: bool,
}

fn object(schema: &Schema, message: &Message, mut bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Unusual> {
    let mut fields = message.fields.iter();
    let mut field: Option<&Field> = None;
    let mut run = Run { number: 0, list: false, ended: true };
    let mut first = true;
    out.push(b'{');
    while !bytes.is_empty() {
        let (number, wire_type) = decode_key(&mut bytes).map_err(|_| Unusual)?;
        let (varint, content) = raw(&mut bytes, wire_type)?;
        if number < run.number {
            return Err(Unusual);
        }
        if number == run.number {
            if !run.list || run.ended {
                // A field twice, or more of a list that came packed.
                return Err(Unusual);
            }
            out.push(b',');
        } else {
            if run.list && !run.ended {
                out.push(b']');
            }
            // A field that this edge does not know yet is not on the quick path.
            let known = fields.by_ref().find(|field| field.number >= number);
            let known = known.filter(|field| field.number == number).ok_or(Unusual)?;
            field = Some(known);
            if !first {
                out.push(b',');
            }
            first = false;
            out.extend_from_slice(known.json_key.as_bytes());
            run = Run { number, list: known.repeated, ended: false };
            if known.repeated {
                out.push(b'[');
            }
        }
        let Some(known) = field else { return Err(Unusual) };
        if known.repeated && packable(known.kind) && wire_type == WireType::LengthDelimited {
            packed(schema, known.kind, content, out)?;
            out.push(b']');
            run.ended = true;
        } else {
            value(schema, known.kind, wire_type, varint, content, out)?;
        }
    }
    if run.list && !run.ended {
        out.push(b']');
    }
    out.push(b'}');
    Ok(())
}

/// The value of any field: a number, or bytes.
fn raw<'b>(bytes: &mut &'b [u8], wire_type: WireType) -> Result<(u64, &'b [u8]), Unusual> {
    match wire_type {
        WireType::Varint => Ok((decode_varint(bytes).map_err(|_| Unusual)?, &[])),
        WireType::LengthDelimited => {
            let length = usize::try_from(decode_varint(bytes).map_err(|_| Unusual)?).map_err(|_| Unusual)?;
            let (content, rest) = bytes.split_at_checked(length).ok_or(Unusual)?;
            *bytes = rest;
            Ok((0, content))
        }
        _ => Err(Unusual),
    }
}

fn packable(kind: Kind) -> bool {
    !matches!(kind, Kind::String | Kind::Bytes | Kind::Message(_))
}

fn packed(schema: &Schema, kind: Kind, mut bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Unusual> {
    let mut first = true;
    while !bytes.is_empty() {
        if !first {
            out.push(b',');
        }
        first = false;
        scalar(schema, kind, decode_varint(&mut bytes).map_err(|_| Unusual)?, out)?;
    }
    Ok(())
}

fn value(
    schema: &Schema,
    kind: Kind,
    wire_type: WireType,
    varint: u64,
    content: &[u8],
    out: &mut Vec<u8>,
) -> Result<(), Unusual> {
    if packable(kind) != (wire_type == WireType::Varint) {
        return Err(Unusual);
    }
    match kind {
        Kind::String => json(std::str::from_utf8(content).map_err(|_| Unusual)?, out),
        Kind::Bytes => {
            use base64::{Engine as _, prelude::BASE64_STANDARD};
            json(&BASE64_STANDARD.encode(content), out)
        }
        Kind::Message(index) => {
            let message = schema.message(index).ok_or(Unusual)?;
            match message.special {
                None => object(schema, message, content, out),
                Some(special) => moment(special, content, out),
            }
        }
        _ => scalar(schema, kind, varint, out),
    }
}

fn scalar(schema: &Schema, kind: Kind, varint: u64, out: &mut Vec<u8>) -> Result<(), Unusual> {
    match kind {
        Kind::Bool => {
            out.extend_from_slice(if varint == 0 { b"false" } else { b"true" });
            Ok(())
        }
        Kind::Int32 => json(&low_i32(varint), out),
        Kind::Uint32 => json(&low_i32(varint).cast_unsigned(), out),
        Kind::Int64 | Kind::Uint64 => {
            out.push(b'"');
            match kind {
                Kind::Int64 => json(&varint.cast_signed(), out)?,
                _ => json(&varint, out)?,
            }
            out.push(b'"');
            Ok(())
        }
        Kind::Enum(index) => {
            let number = low_i32(varint);
            match schema.enumeration(index).and_then(|values| values.name(number)) {
                Some(name) => json(name, out),
                None => json(&number, out),
            }
        }
        Kind::String | Kind::Bytes | Kind::Message(_) => Err(Unusual),
    }
}

/// The low half: 32-bit integers travel as 64-bit ones.
fn low_i32(varint: u64) -> i32 {
    let [a, b, c, d, ..] = varint.to_le_bytes();
    i32::from_le_bytes([a, b, c, d])
}

fn moment(special: Special, mut bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Unusual> {
    let (mut seconds, mut nanos) = (0_i64, 0_i32);
    while !bytes.is_empty() {
        let (number, wire_type) = decode_key(&mut bytes).map_err(|_| Unusual)?;
        let (varint, _) = raw(&mut bytes, wire_type)?;
        match (number, wire_type) {
            (1, WireType::Varint) => seconds = varint.cast_signed(),
            (2, WireType::Varint) => nanos = low_i32(varint),
            _ => return Err(Unusual),
        }
    }
    match special {
        Special::Timestamp => json(&text::timestamp(seconds, nanos).ok_or(Unusual)?, out),
        Special::Duration => json(&text::duration(seconds, nanos), out),
    }
}

fn json<T: serde::Serialize + ?Sized>(value: &T, out: &mut Vec<u8>) -> Result<(), Unusual> {
    serde_json::to_writer(out, value).map_err(|_| Unusual)
}
