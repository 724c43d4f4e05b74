//! Path variables and query parameters to fields: `page_size=3`, `pageSize=3`, `wait=20s`, `filter.name=x`.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use super::{
    schema::{Field, Kind, Message, Schema},
    text,
};

/// A field that was not read: its name, and what is wrong.
type Violation = (String, String);

/// More parameters than any RPC has are not read.
const PARAMETERS_MAX: usize = 100;

/// Appends the parameters of a query to an encoded message.
pub(crate) fn read(
    schema: &Schema,
    message: &Message,
    query: &str,
    bound: &[String],
    out: &mut Vec<u8>,
) -> Result<(), Vec<Violation>> {
    let mut violations = Vec::new();
    let mut seen = Vec::new();
    for (index, parameter) in query.split('&').filter(|parameter| !parameter.is_empty()).enumerate() {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let (Some(name), Some(value)) = (decode(name), decode(value)) else {
            violations.push((String::new(), "has a query that is not UTF-8".to_owned()));
            break;
        };
        if index >= PARAMETERS_MAX {
            violations.push((String::new(), format!("has more than {PARAMETERS_MAX} query parameters")));
            break;
        }
        if let Err(description) = parameter_into(schema, message, &name, &value, bound, &mut seen, out) {
            violations.push((name.chars().take(64).collect(), description));
        }
    }
    if violations.is_empty() { Ok(()) } else { Err(violations) }
}

/// A plus is a space in a query.
fn decode(text: &str) -> Option<String> {
    let spaced: Cow<'_, str> = if text.contains('+') { text.replace('+', " ").into() } else { text.into() };
    percent_decode_str(&spaced).decode_utf8().ok().map(Cow::into_owned)
}

fn parameter_into(
    schema: &Schema,
    message: &Message,
    name: &str,
    value: &str,
    bound: &[String],
    seen: &mut Vec<Vec<u32>>,
    out: &mut Vec<u8>,
) -> Result<(), String> {
    let unknown = || "is no parameter that this request has".to_owned();
    let fields = resolve(schema, message, name).ok_or_else(unknown)?;
    let (Some(first), Some(last)) = (fields.first(), fields.last()) else { return Err(unknown()) };
    if bound.contains(&first.name) {
        return Err("is given by the path".to_owned());
    }
    let place: Vec<u32> = fields.iter().map(|field| field.number).collect();
    if !last.repeated && seen.contains(&place) {
        return Err("is given twice".to_owned());
    }
    seen.push(place);
    put(schema, &fields, value, out)
}

/// Appends a value from the path.
pub(crate) fn variable(
    schema: &Schema,
    message: &Message,
    name: &str,
    value: &str,
    out: &mut Vec<u8>,
) -> Result<(), String> {
    let fields = resolve(schema, message, name).ok_or_else(|| "is no field that this request has".to_owned())?;
    put(schema, &fields, value, out)
}

/// The fields along a dotted name.
fn resolve<'s>(schema: &'s Schema, message: &'s Message, name: &str) -> Option<Vec<&'s Field>> {
    let mut fields = Vec::with_capacity(1);
    let mut inside = Some(message);
    for part in name.split('.') {
        let field = inside?.field(part)?;
        fields.push(field);
        inside = match field.kind {
            Kind::Message(index) if !field.repeated => {
                schema.message(index).filter(|message| message.special.is_none())
            }
            _ => None,
        };
    }
    // A message that is an object in JSON has no form in a query.
    inside.is_none().then_some(fields)
}

/// Writes a value into its field, and that into the messages around it. Messages that come in pieces are merged by
/// whoever decodes them.
fn put(schema: &Schema, fields: &[&Field], value: &str, out: &mut Vec<u8>) -> Result<(), String> {
    let Some((field, rest)) = fields.split_first() else { return Ok(()) };
    if !rest.is_empty() {
        let mut inner = Vec::new();
        put(schema, rest, value, &mut inner)?;
        text::put_bytes(field.number, &inner, out);
        return Ok(());
    }
    match field.kind {
        Kind::Bool => {
            let value = match value {
                "true" => 1,
                "false" => 0,
                _ => return Err("must be true or false".to_owned()),
            };
            text::put_varint(field.number, value, out);
            Ok(())
        }
        Kind::Enum(_) if value.parse::<i32>().is_ok() => text::write(schema, Kind::Int32, field.number, value, out),
        kind => text::write(schema, kind, field.number, value, out),
    }
}
