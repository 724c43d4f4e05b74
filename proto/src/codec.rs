//! How the messages of the API are read: every RPC's request passes here, whatever transport brought it.
//!
//! PostgreSQL stores no text with a NUL character (U+0000), and nobody means to send one. So it is refused here, with its
//! field, and no use case has to think of it.

use std::{collections::HashMap, marker::PhantomData};

use prost::{Message, Name, bytes::Buf as _};
use prost_reflect::{DynamicMessage, Value};
use tonic::{
    Code, Status,
    codec::{BufferSettings, Codec, DecodeBuf, Decoder},
};
use tonic_prost::{ProstCodec, ProstDecoder, ProstEncoder};
use tonic_types::{ErrorDetails, StatusExt as _};

use crate::{ErrorReason, descriptor, error::DOMAIN};

/// How a request's name ends; `buf lint` sees to it.
const REQUEST: &str = "Request";

/// Encodes by prost, and decodes what [`TextDecoder`] lets through.
#[derive(Debug)]
pub struct TextCodec<T, U>(PhantomData<(T, U)>);

impl<T, U> Default for TextCodec<T, U> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<T, U> Codec for TextCodec<T, U>
where
    T: Message + Send + 'static,
    U: Message + Name + Default + Send + 'static,
{
    type Encode = T;
    type Decode = U;
    type Encoder = ProstEncoder<T>;
    type Decoder = TextDecoder<U>;

    fn encoder(&mut self) -> Self::Encoder {
        ProstCodec::<T, U>::default().encoder()
    }

    fn decoder(&mut self) -> Self::Decoder {
        TextDecoder(ProstCodec::<T, U>::default().decoder())
    }
}

/// Decodes by prost, and refuses requests with a NUL character in a text.
#[derive(Debug)]
pub struct TextDecoder<U>(ProstDecoder<U>);

impl<U: Message + Name + Default> Decoder for TextDecoder<U> {
    type Item = U;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<U>, Status> {
        // Most requests have no byte of 0 at all, and are not looked at again.
        let suspect = if U::NAME.ends_with(REQUEST) { suspect(buffer) } else { None };
        let message = self.0.decode(buffer)?;
        match suspect.and_then(|bytes| nul_field(&U::full_name(), &bytes)) {
            Some(field) => Err(refusal(&field)),
            None => Ok(message),
        }
    }

    fn buffer_settings(&self) -> BufferSettings {
        self.0.buffer_settings()
    }
}

/// The bytes of a message that may have a NUL in a text. A byte of 0 may also be of a number or a picture.
fn suspect(buffer: &DecodeBuf<'_>) -> Option<Vec<u8>> {
    let bytes = buffer.chunk();
    // It is one piece; of several, the whole would have to be looked at.
    (bytes.len() < buffer.remaining() || bytes.contains(&0)).then(|| bytes.to_vec())
}

/// The path of the first text with a NUL.
fn nul_field(message: &str, bytes: &[u8]) -> Option<String> {
    let descriptor = descriptor::pool().get_message_by_name(message)?;
    find(&DynamicMessage::decode(descriptor, bytes).ok()?)
}

fn find(message: &DynamicMessage) -> Option<String> {
    message.fields().find_map(|(field, value)| in_value(value).map(|rest| format!("{}{rest}", field.name())))
}

/// What follows the name of a value's field: nothing for a text, an index or a path below it otherwise.
fn in_value(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => text.contains('\0').then(String::new),
        Value::Message(message) => find(message).map(|rest| format!(".{rest}")),
        Value::List(values) => {
            values.iter().enumerate().find_map(|(index, value)| Some(format!("[{index}]{}", in_value(value)?)))
        }
        Value::Map(entries) => entries.iter().find_map(|(key, value)| {
            let in_key = key.as_str().is_some_and(|key| key.contains('\0')).then(String::new);
            in_key.or_else(|| in_value(value))
        }),
        _ => None,
    }
}

fn refusal(field: &str) -> Status {
    let words = "must not have a NUL character (U+0000)";
    let mut details = ErrorDetails::with_error_info(ErrorReason::InvalidArgument.as_reason(), DOMAIN, HashMap::new());
    details.add_bad_request_violation(field, words);
    Status::with_error_details(Code::InvalidArgument, format!("{field} {words}"), details)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        catalog::{AddStockRequest, PutProductRequest},
        library::{EpisodeInput, PutTitleRequest, TelegramFile, episode_input::Video},
        operations::PutMediaRequest,
        types::Money,
    };

    fn field<M: Message + Name>(message: &M) -> Option<String> {
        nul_field(&M::full_name(), &message.encode_to_vec())
    }

    #[test]
    fn a_nul_is_found_in_every_text_however_deep() {
        let lines = vec!["a".into(), "b\0c".into()];
        assert_eq!(field(&AddStockRequest { lines, ..AddStockRequest::default() }).unwrap(), "lines[1]");
        let price = Some(Money { currency_code: "ID\0".into(), minor_units: 0 });
        let put = PutProductRequest { price, ..PutProductRequest::default() };
        assert_eq!(field(&put).unwrap(), "price.currency_code");
        let video = Some(Video::File(TelegramFile { file_id: "\0".into(), bot_id: 0 }));
        let episodes = vec![EpisodeInput::default(), EpisodeInput { video, ..EpisodeInput::default() }];
        let put = PutTitleRequest { episodes, ..PutTitleRequest::default() };
        assert_eq!(field(&put).unwrap(), "episodes[1].file.file_id");
    }

    #[test]
    fn bytes_of_zero_that_are_no_text_are_let_through() {
        let media = PutMediaRequest { content: vec![0; 64].into(), ..PutMediaRequest::default() };
        assert_eq!(field(&media), None);
        let price = Some(Money { currency_code: "IDR".into(), minor_units: 0 });
        assert_eq!(field(&PutProductRequest { price, ..PutProductRequest::default() }), None);
    }
}
