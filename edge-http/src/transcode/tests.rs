//! The codec against prost-reflect's, which is another reading of the same rules.

use std::sync::LazyLock;

use proptest::prelude::*;
use prost::Message as _;
use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, Value};
use warung_proto::descriptor;

use super::*;

static TRANSCODER: LazyLock<Transcoder> = LazyLock::new(|| Transcoder::new().0);

#[test]
fn every_public_rpc_has_a_json_form() {
    let (_, faults) = Transcoder::new();
    assert_eq!(faults, Vec::<String>::new());
}

fn messages() -> Vec<MessageDescriptor> {
    let public = descriptor::methods().filter(descriptor::is_public);
    public.flat_map(|method| [method.input(), method.output()]).collect()
}

/// Numbers without end that a seed decides.
fn numbers(seed: u64) -> impl Iterator<Item = u64> {
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};
    (0_u64..).map(move |index| {
        let mut hasher = DefaultHasher::new();
        (seed, index).hash(&mut hasher);
        hasher.finish()
    })
}

/// Any value of a field, from a stream of random numbers.
fn value(field: &FieldDescriptor, random: &mut impl Iterator<Item = u64>, depth: usize) -> Value {
    let one = |random: &mut dyn Iterator<Item = u64>| {
        let mut random = random;
        let number = random.next().unwrap_or(0);
        match field.kind() {
            Kind::Bool => Value::Bool(number % 2 == 1),
            Kind::Int32 => Value::I32(i32::from_le_bytes(number.to_le_bytes()[..4].try_into().unwrap())),
            Kind::Int64 => Value::I64(number.cast_signed()),
            Kind::Uint32 => Value::U32(u32::from_le_bytes(number.to_le_bytes()[..4].try_into().unwrap())),
            Kind::Uint64 => Value::U64(number),
            Kind::String => {
                let letters = ["a", "\"", "\\", "\u{1f305}", "\n", "<b>", "\u{0}", "\u{2028}"];
                let pick = |place: u32| letters[usize::try_from(number >> (place * 3) & 7).unwrap()];
                Value::String((0..u32::try_from(number >> 60).unwrap()).map(pick).collect())
            }
            Kind::Bytes => Value::Bytes(number.to_le_bytes()[..usize::try_from(number % 9).unwrap()].to_vec().into()),
            Kind::Enum(values) => {
                let known = values.values().nth(usize::try_from(number % 7).unwrap());
                Value::EnumNumber(known.map_or(99, |value| value.number()))
            }
            Kind::Message(message) => Value::Message(dynamic(&message, &mut random, depth + 1)),
            other => panic!("{other:?}"),
        }
    };
    if field.is_list() {
        let items = random.next().unwrap_or(0) % 4;
        return Value::List((0..items).map(|_| one(random)).collect());
    }
    one(random)
}

fn dynamic(descriptor: &MessageDescriptor, random: &mut dyn Iterator<Item = u64>, depth: usize) -> DynamicMessage {
    let mut random = random;
    let mut message = DynamicMessage::new(descriptor.clone());
    let special = descriptor.full_name().starts_with("google.protobuf.");
    for field in descriptor.fields() {
        let present = !random.next().unwrap_or(0).is_multiple_of(3);
        if special {
            let number = random.next().unwrap_or(0);
            let value = match field.name() {
                "seconds" => Value::I64((number % 250_000_000_000).cast_signed()),
                _ => Value::I32(i32::try_from(number % 1_000_000_000).unwrap()),
            };
            message.set_field(&field, value);
        } else if present && depth < 6 {
            message.set_field(&field, value(&field, &mut random, depth));
        }
    }
    message
}

proptest! {
    #[test]
    fn both_codecs_agree_on_every_message(seed in any::<u64>()) {
        let schema = &TRANSCODER.schema;
        for descriptor in messages() {
            let mut random = numbers(seed);
            let message = dynamic(&descriptor, &mut random, 0);
            let bytes = message.encode_to_vec();
            let theirs = serde_json::to_vec(&message).unwrap();
            let compiled = schema.message(schema.index_of(&descriptor)).unwrap();

            let mut ours = Vec::new();
            response::write(schema, compiled, &bytes, &mut ours).unwrap();
            prop_assert_eq!(String::from_utf8_lossy(&ours), String::from_utf8_lossy(&theirs));

            let mut wire = Vec::new();
            request::read(schema, compiled, &theirs, 32, &mut wire).unwrap();
            let read = DynamicMessage::decode(descriptor.clone(), wire.as_slice()).unwrap();
            let sent = DynamicMessage::decode(descriptor.clone(), bytes.as_slice()).unwrap();
            prop_assert!(read == sent, "{}", String::from_utf8_lossy(&theirs));
        }
    }

    #[test]
    fn any_bytes_are_written_as_prost_reflect_writes_them_or_not_at_all(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        let schema = &TRANSCODER.schema;
        for descriptor in messages() {
            let compiled = schema.message(schema.index_of(&descriptor)).unwrap();
            let mut ours = Vec::new();
            if response::write(schema, compiled, &bytes, &mut ours).is_some() {
                prop_assert!(serde_json::from_slice::<serde_json::Value>(&ours).is_ok());
                prop_assert!(DynamicMessage::decode(descriptor, bytes.as_slice()).is_ok());
            }
        }
    }
}

#[test]
fn another_encoders_order_is_read_as_well() {
    let schema = &TRANSCODER.schema;
    let descriptor = descriptor::pool().get_message_by_name("warung.library.v1.ListTitlesResponse").unwrap();
    let compiled = schema.message(schema.index_of(&descriptor)).unwrap();
    // Field 2, then a title, a field nobody knows, another title, and field 2 again.
    let bytes = b"\x12\x01a\x0a\x03\x0a\x01x\xf8\x07\x01\x0a\x03\x0a\x01y\x12\x01b";
    let mut json = Vec::new();
    response::write(schema, compiled, bytes, &mut json).unwrap();
    assert_eq!(String::from_utf8(json).unwrap(), r#"{"titles":[{"titleId":"x"},{"titleId":"y"}],"nextPageToken":"b"}"#);
}
