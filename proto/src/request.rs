//! What tells one request of the API from another.

use prost::{Message as _, bytes::Bytes};
use prost_reflect::{DynamicMessage, MessageDescriptor, MethodDescriptor};

/// The field in which a request that changes something carries the id that its client made.
const REQUEST_ID: &str = "request_id";
/// What stands before a message on the wire: whether it is compressed, and its length in four bytes.
const PREFIX_BYTES: usize = 5;

/// A request that changes something, as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The id that its client made, as it is written there.
    pub request_id: String,
    /// All else that it says, in one form: the fields in the order of their numbers, each in its only encoding, none that
    /// has its default. So it is the same whether it came as JSON or by gRPC. A field that this version does not know
    /// stands in it as well: the version that knows it makes the same of the request.
    pub content: Vec<u8>,
}

/// The message of the RPC's requests when they carry a request id.
#[must_use]
pub fn with_id(method: &MethodDescriptor) -> Option<MessageDescriptor> {
    let input = method.input();
    input.get_field_by_name(REQUEST_ID).map(|_| input)
}

/// Reads the body of a call: one message that is not compressed. `None`: it is something else, and to be refused by what
/// decodes it.
#[must_use]
pub fn read(input: MessageDescriptor, body: &Bytes) -> Option<Asked> {
    let (prefix, message) = body.split_first_chunk::<PREFIX_BYTES>()?;
    let [0, length @ ..] = *prefix else { return None };
    if usize::try_from(u32::from_be_bytes(length)).ok()? != message.len() {
        return None;
    }
    // A picture is not copied for it.
    let mut message = DynamicMessage::decode(input, body.slice(PREFIX_BYTES..)).ok()?;
    let request_id = message.get_field_by_name(REQUEST_ID)?.as_str()?.to_owned();
    message.clear_field_by_name(REQUEST_ID);
    Some(Asked { request_id, content: message.encode_to_vec() })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use prost::{Message, Name};

    use super::*;
    use crate::{
        descriptor,
        library::{EpisodeInput, PutTitleRequest},
        operations::UpdateSettingRequest,
        order::{OrderItem, PlaceOrderRequest},
        types::Money,
    };

    fn frame(message: &[u8]) -> Bytes {
        let length = u32::try_from(message.len()).unwrap();
        [&[0], length.to_be_bytes().as_slice(), message].concat().into()
    }

    fn asked_in<M: Name>(message: &[u8]) -> Option<Asked> {
        let input = descriptor::pool().get_message_by_name(&M::full_name()).unwrap();
        read(input, &frame(message))
    }

    fn asked<M: Message + Name>(message: &M) -> Asked {
        asked_in::<M>(&message.encode_to_vec()).unwrap()
    }

    fn order() -> PlaceOrderRequest {
        PlaceOrderRequest {
            request_id: "an id".into(),
            items: vec![OrderItem { product_id: "pulsa".into(), quantity: 1 }],
            expected_subtotal: Some(Money { currency_code: "IDR".into(), minor_units: 0 }),
            ..PlaceOrderRequest::default()
        }
    }

    #[test]
    fn the_id_is_told_apart_from_what_is_asked_for() {
        let one = asked(&order());
        assert_eq!(one.request_id, "an id");
        let other = asked(&PlaceOrderRequest { request_id: "another".into(), ..order() });
        assert_eq!(one.content, other.content);
        let more = OrderItem { product_id: "pulsa".into(), quantity: 2 };
        assert_ne!(one.content, asked(&PlaceOrderRequest { items: vec![more], ..order() }).content);
        assert_ne!(one.content, asked(&PlaceOrderRequest { expected_subtotal: None, ..order() }).content);
    }

    #[test]
    fn the_order_of_fields_and_defaults_that_are_written_out_make_no_other_request() {
        let message =
            UpdateSettingRequest { request_id: "1".into(), key: "k".into(), value: String::new(), etag: String::new() };
        // The value, empty as it is by default; the key; the id.
        let written_otherwise = b"\x1a\x00\x12\x01k\x0a\x011";
        assert_eq!(asked_in::<UpdateSettingRequest>(written_otherwise).unwrap(), asked(&message));
    }

    #[test]
    fn a_field_of_a_later_version_is_a_part_of_the_request() {
        let message = order().encode_to_vec();
        let without = asked(&order()).content;
        // The field 1000, a number, behind what this version knows, and before it.
        let field = b"\xc0\x3e\x05";
        let behind = asked_in::<PlaceOrderRequest>(&[&message[..], field].concat()).unwrap().content;
        let before = asked_in::<PlaceOrderRequest>(&[field, &message[..]].concat()).unwrap().content;
        assert_eq!(behind, before);
        assert_eq!(behind, [&without[..], field].concat());
    }

    #[test]
    fn what_is_no_plain_message_is_left_to_what_decodes_it() {
        let input = || descriptor::pool().get_message_by_name(&PlaceOrderRequest::full_name()).unwrap();
        let whole = frame(&order().encode_to_vec());
        assert!(read(input(), &whole).is_some());
        assert_eq!(read(input(), &whole.slice(..whole.len() - 1)), None);
        assert_eq!(read(input(), &Bytes::new()), None);
        assert_eq!(read(input(), &[&whole[..], &whole[..]].concat().into()), None);
        let mut compressed = whole.to_vec();
        compressed[0] = 1;
        assert_eq!(read(input(), &compressed.into()), None);
        assert_eq!(read(input(), &frame(b"\x0a\x05abc")), None);
    }

    #[test]
    fn what_changes_something_by_a_request_id_carries_one_in_its_first_field() {
        let by_id = |method: &MethodDescriptor| descriptor::idempotency(method) == descriptor::Idempotency::ByRequestId;
        for method in descriptor::methods().filter(|method| method.full_name().starts_with("warung.")) {
            let path = descriptor::path(&method);
            assert_eq!(with_id(&method).is_some(), by_id(&method), "{path}");
            let number = method.input().get_field_by_name(REQUEST_ID).map(|field| field.number());
            assert_eq!(number.unwrap_or(1), 1, "{path}");
        }
    }

    #[test]
    fn no_request_has_a_map_whose_entries_have_no_order() {
        fn look(message: &MessageDescriptor, seen: &mut BTreeSet<String>) {
            if !seen.insert(message.full_name().to_owned()) {
                return;
            }
            for field in message.fields() {
                assert!(!field.is_map(), "{}", field.full_name());
                if let Some(message) = field.kind().as_message() {
                    look(message, seen);
                }
            }
        }
        let mut seen = BTreeSet::new();
        descriptor::methods().filter_map(|method| with_id(&method)).for_each(|input| look(&input, &mut seen));
        assert!(seen.contains(&PutTitleRequest::full_name()) && seen.contains(&EpisodeInput::full_name()));
    }
}
