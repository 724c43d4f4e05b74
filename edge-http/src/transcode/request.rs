//! A JSON body to a protobuf message, without a tree between: what serde reads is written to the wire at once.
//!
//! Every field that breaks a rule is reported, not the first alone; only JSON that is no JSON ends the reading.

use std::fmt::{self, Write as _};

use serde::{
    Deserialize as _,
    de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

use super::{
    number::{self, NotWhole},
    schema::{Field, Kind, Message, Schema},
    text,
};
use crate::error::Fault;

/// More violations than anyone reads are not collected.
const VIOLATIONS_MAX: usize = 20;

/// Reads `json` as `message` and appends it, encoded, to `out`. An empty body is an empty message.
pub(crate) fn read(
    schema: &Schema,
    message: &Message,
    json: &[u8],
    depth_max: usize,
    out: &mut Vec<u8>,
) -> Result<(), Fault> {
    if json.is_empty() {
        return Ok(());
    }
    if depth(json) > depth_max {
        return Err(Fault::malformed(format!("the JSON is nested deeper than {depth_max} levels")));
    }
    let mut reading = Reading { schema, path: Vec::new(), violations: Vec::new() };
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let seed = MessageSeed { reading: &mut reading, message, out };
    seed.deserialize(&mut deserializer)
        .and_then(|()| deserializer.end())
        .map_err(|error| Fault::malformed(format!("the body is no JSON: {error}")))?;
    if reading.violations.is_empty() { Ok(()) } else { Err(Fault::invalid(reading.violations)) }
}

/// How deep brackets are nested outside of strings. Broken JSON may count wrong: it is refused anyway.
pub(crate) fn depth(json: &[u8]) -> usize {
    let (mut depth, mut deepest, mut in_string, mut escaped) = (0_usize, 0_usize, false, false);
    for byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => {
                depth = depth.saturating_add(1);
                deepest = deepest.max(depth);
            }
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

struct Reading<'s> {
    schema: &'s Schema,
    path: Vec<Step<'s>>,
    violations: Vec<(String, String)>,
}

#[derive(Clone, Copy)]
enum Step<'s> {
    Field(&'s str),
    Item(usize),
}

impl Reading<'_> {
    /// Reports the field that is being read.
    fn violation(&mut self, description: impl Into<String>) {
        self.violation_at(None, description);
    }

    fn violation_at(&mut self, key: Option<&str>, description: impl Into<String>) {
        if self.violations.len() >= VIOLATIONS_MAX {
            return;
        }
        let mut field = String::new();
        for step in &self.path {
            let _ = match step {
                Step::Field(name) if field.is_empty() => write!(field, "{name}"),
                Step::Field(name) => write!(field, ".{name}"),
                Step::Item(index) => write!(field, "[{index}]"),
            };
        }
        if let Some(key) = key {
            let dot = if field.is_empty() { "" } else { "." };
            let _ = write!(field, "{dot}{}", key.chars().take(64).collect::<String>());
        }
        self.violations.push((field, description.into()));
    }
}

/// Reads an object into a message.
struct MessageSeed<'r, 's> {
    reading: &'r mut Reading<'s>,
    message: &'s Message,
    out: &'r mut Vec<u8>,
}

impl<'de> DeserializeSeed<'de> for MessageSeed<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for MessageSeed<'_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self { reading, message, out } = self;
        let (mut seen, mut oneofs) = (0_u128, 0_u128);
        while let Some(key) = map.next_key_seed(KeySeed { reading, message })? {
            let Some(field) = key else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            reading.path.push(Step::Field(&field.name));
            if !mark(&mut seen, field.index) {
                reading.violation("is given twice");
            }
            let before = out.len();
            map.next_value_seed(ValueSeed { reading, field, out, item: false })?;
            let given = out.len() > before;
            if given && field.oneof.is_some_and(|oneof| !mark(&mut oneofs, oneof)) {
                reading.violation("excludes another field that is given");
            }
            reading.path.pop();
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        self.reading.violation("must be an object, not a list");
        drain(&mut seq)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        self.reading.violation("must be an object, not true or false");
        Ok(())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        self.reading.violation("must be an object, not a number");
        Ok(())
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        self.visit_i64(0)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        self.visit_i64(0)
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
        self.reading.violation("must be an object, not a string");
        Ok(())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.reading.violation("must be an object, not null");
        Ok(())
    }
}

/// Sets a bit; `false` when it was set before.
fn mark(bits: &mut u128, index: usize) -> bool {
    let bit = u32::try_from(index).ok().and_then(|index| 1_u128.checked_shl(index)).unwrap_or(0);
    let fresh = *bits & bit == 0;
    *bits |= bit;
    fresh
}

fn drain<'de, A: SeqAccess<'de>>(seq: &mut A) -> Result<(), A::Error> {
    while seq.next_element::<IgnoredAny>()?.is_some() {}
    Ok(())
}

/// Reads a key: the field of that name.
struct KeySeed<'r, 's> {
    reading: &'r mut Reading<'s>,
    message: &'s Message,
}

impl<'de, 's> DeserializeSeed<'de> for KeySeed<'_, 's> {
    type Value = Option<&'s Field>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'s> Visitor<'_> for KeySeed<'_, 's> {
    type Value = Option<&'s Field>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a field's name")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<Self::Value, E> {
        let field = self.message.field(key);
        if field.is_none() {
            self.reading.violation_at(Some(key), "is no field that this request has");
        }
        Ok(field)
    }
}

/// Reads a value of a field: all of it, or an item of its list.
struct ValueSeed<'r, 's> {
    reading: &'r mut Reading<'s>,
    field: &'s Field,
    out: &'r mut Vec<u8>,
    item: bool,
}

impl ValueSeed<'_, '_> {
    fn wants_list(&self) -> bool {
        self.field.repeated && !self.item
    }

    fn wanted(&self) -> &'static str {
        if self.wants_list() {
            return "a list";
        }
        match self.field.kind {
            Kind::Bool => "true or false",
            Kind::Int32 | Kind::Int64 | Kind::Uint32 | Kind::Uint64 => "a whole number",
            Kind::String | Kind::Bytes | Kind::Enum(_) => "a string",
            Kind::Message(index) => match self.reading.schema.message(index).and_then(|message| message.special) {
                Some(_) => "a string",
                None => "an object",
            },
        }
    }

    fn mismatch(self, found: &str) {
        let wanted = self.wanted();
        self.reading.violation(format!("must be {wanted}, not {found}"));
    }

    /// Whether only a number, or text of one, is any good here.
    fn wants_number(&self) -> bool {
        !self.wants_list()
            && matches!(self.field.kind, Kind::Int32 | Kind::Int64 | Kind::Uint32 | Kind::Uint64 | Kind::Enum(_))
    }

    /// Reads a number as it is written: serde would make a float of one with a point or an exponent.
    fn number(self, written: &str) {
        match number::whole(written) {
            Ok(number) => self.whole(number),
            Err(NotWhole::TooLarge) => self.reading.violation("is a number out of its range"),
            Err(NotWhole::Decimals) => self.mismatch("a number with decimals"),
        }
    }

    fn whole(self, number: i128) {
        let wire = match self.field.kind {
            Kind::Int32 | Kind::Enum(_) => i32::try_from(number).ok().map(|number| i64::from(number).cast_unsigned()),
            Kind::Int64 => i64::try_from(number).ok().map(i64::cast_unsigned),
            Kind::Uint32 => u32::try_from(number).ok().map(u64::from),
            Kind::Uint64 => u64::try_from(number).ok(),
            Kind::Bool | Kind::String | Kind::Bytes | Kind::Message(_) => return self.mismatch("a number"),
        };
        match wire {
            Some(wire) => text::put_varint(self.field.number, wire, self.out),
            None => self.reading.violation("is a number out of its range"),
        }
    }
}

impl<'de> DeserializeSeed<'de> for ValueSeed<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if !self.wants_number() {
            return deserializer.deserialize_any(self);
        }
        let raw = <&RawValue>::deserialize(deserializer)?.get();
        if raw.starts_with(|first: char| first == '-' || first.is_ascii_digit()) {
            self.number(raw);
            return Ok(());
        }
        serde_json::Deserializer::from_str(raw).deserialize_any(self).map_err(D::Error::custom)
    }
}

impl<'de> Visitor<'de> for ValueSeed<'_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.wanted())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        // A null field is an absent one; an absent item makes no sense.
        if self.item {
            self.mismatch("null");
        }
        Ok(())
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        if self.wants_list() || self.field.kind != Kind::Bool {
            self.mismatch("true or false");
        } else {
            text::put_varint(self.field.number, u64::from(value), self.out);
        }
        Ok(())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        self.mismatch("a number");
        Ok(())
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        self.visit_i64(0)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        self.visit_i64(0)
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<(), E> {
        if self.wants_list() {
            self.mismatch("a string");
        } else if let Err(must) = text::write(self.reading.schema, self.field.kind, self.field.number, value, self.out)
        {
            self.reading.violation(must);
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        if !self.wants_list() {
            self.mismatch("a list");
            return drain(&mut seq);
        }
        let Self { reading, field, out, .. } = self;
        for index in 0.. {
            reading.path.push(Step::Item(index));
            let more = seq.next_element_seed(ValueSeed { reading, field, out, item: true })?;
            reading.path.pop();
            if more.is_none() {
                break;
            }
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let nested = match self.field.kind {
            Kind::Message(index) if !self.wants_list() => self.reading.schema.message(index),
            _ => None,
        };
        let Some(message) = nested.filter(|message| message.special.is_none()) else {
            self.mismatch("an object");
            while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            return Ok(());
        };
        let mut inner = Vec::new();
        MessageSeed { reading: self.reading, message, out: &mut inner }.visit_map(map)?;
        text::put_bytes(self.field.number, &inner, self.out);
        Ok(())
    }
}
