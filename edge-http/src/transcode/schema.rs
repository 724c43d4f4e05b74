//! The messages of public RPCs, compiled from their descriptors once, so that a request looks nothing up by name.

use std::collections::HashMap;

use prost_reflect::{EnumDescriptor, FieldDescriptor, Kind as ProtoKind, MessageDescriptor};

/// All messages that the JSON API knows; they refer to each other by index.
#[derive(Debug, Default)]
pub(crate) struct Schema {
    messages: Vec<Message>,
    enums: Vec<Enum>,
    indices: HashMap<String, usize>,
}

/// A message.
#[derive(Debug)]
pub(crate) struct Message {
    /// For what the quick paths leave alone.
    pub(crate) descriptor: MessageDescriptor,
    /// How JSON writes it, when not as an object.
    pub(crate) special: Option<Special>,
    /// By number, ascending.
    pub(crate) fields: Vec<Field>,
    names: HashMap<String, usize>,
}

/// A message that JSON writes as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Special {
    Timestamp,
    Duration,
}

/// A field.
#[derive(Debug)]
pub(crate) struct Field {
    /// Its place in [`Message::fields`].
    pub(crate) index: usize,
    /// Its number on the wire.
    pub(crate) number: u32,
    /// Its name in the proto file, which errors use.
    pub(crate) name: String,
    /// `"name":`, as JSON writes it.
    pub(crate) json_key: String,
    /// What it holds.
    pub(crate) kind: Kind,
    /// It is a list.
    pub(crate) repeated: bool,
    /// Fields with the same one exclude each other.
    pub(crate) oneof: Option<usize>,
}

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Bool,
    Int32,
    Int64,
    Uint32,
    Uint64,
    String,
    Bytes,
    Enum(usize),
    Message(usize),
}

/// An enum.
#[derive(Debug, Default)]
pub(crate) struct Enum {
    names: HashMap<i32, String>,
    numbers: HashMap<String, i32>,
}

impl Enum {
    pub(crate) fn name(&self, number: i32) -> Option<&str> {
        self.names.get(&number).map(String::as_str)
    }

    pub(crate) fn number(&self, name: &str) -> Option<i32> {
        self.numbers.get(name).copied()
    }
}

impl Message {
    /// A field by either of its names.
    pub(crate) fn field(&self, name: &str) -> Option<&Field> {
        self.fields.get(*self.names.get(name)?)
    }
}

impl Schema {
    pub(crate) fn message(&self, index: usize) -> Option<&Message> {
        self.messages.get(index)
    }

    pub(crate) fn enumeration(&self, index: usize) -> Option<&Enum> {
        self.enums.get(index)
    }

    /// The index of a message that was added.
    #[cfg(test)]
    pub(crate) fn index_of(&self, descriptor: &MessageDescriptor) -> usize {
        self.indices[descriptor.full_name()]
    }

    /// Adds a message with all that it holds. The error names what JSON support is not written for: nothing of
    /// Warung's API has it, and the test over the whole API tells when something does.
    pub(crate) fn add(&mut self, descriptor: &MessageDescriptor) -> Result<usize, String> {
        if let Some(index) = self.indices.get(descriptor.full_name()) {
            return Ok(*index);
        }
        let special = match descriptor.full_name() {
            "google.protobuf.Timestamp" => Some(Special::Timestamp),
            "google.protobuf.Duration" => Some(Special::Duration),
            other if other.starts_with("google.protobuf.") => return Err(format!("no JSON form of {other}")),
            _ => None,
        };
        let index = self.messages.len();
        self.indices.insert(descriptor.full_name().to_owned(), index);
        // The place is taken before the fields are added, so that a message may hold itself.
        let empty = Message { descriptor: descriptor.clone(), special, fields: Vec::new(), names: HashMap::new() };
        self.messages.push(empty);
        let mut sorted: Vec<FieldDescriptor> = descriptor.fields().collect();
        sorted.sort_by_key(FieldDescriptor::number);
        if sorted.len() > 128 {
            return Err(format!("{} has more than 128 fields", descriptor.full_name()));
        }
        let mut fields = Vec::with_capacity(sorted.len());
        let mut names = HashMap::new();
        for (place, field) in sorted.iter().enumerate() {
            names.insert(field.name().to_owned(), place);
            names.insert(field.json_name().to_owned(), place);
            fields.push(self.field(place, field)?);
        }
        if let Some(message) = self.messages.get_mut(index) {
            message.fields = fields;
            message.names = names;
        }
        Ok(index)
    }

    fn field(&mut self, index: usize, field: &FieldDescriptor) -> Result<Field, String> {
        if field.is_map() || field.is_group() {
            return Err(format!("{} is a map or a group", field.full_name()));
        }
        let kind = match field.kind() {
            ProtoKind::Bool => Kind::Bool,
            ProtoKind::Int32 => Kind::Int32,
            ProtoKind::Int64 => Kind::Int64,
            ProtoKind::Uint32 => Kind::Uint32,
            ProtoKind::Uint64 => Kind::Uint64,
            ProtoKind::String => Kind::String,
            ProtoKind::Bytes => Kind::Bytes,
            ProtoKind::Enum(descriptor) => Kind::Enum(self.add_enum(&descriptor)),
            ProtoKind::Message(descriptor) => Kind::Message(self.add(&descriptor)?),
            other => return Err(format!("{} is of type {other:?}", field.full_name())),
        };
        Ok(Field {
            index,
            number: field.number(),
            name: field.name().to_owned(),
            json_key: format!("\"{}\":", field.json_name()),
            kind,
            repeated: field.is_list(),
            oneof: field.containing_oneof().and_then(|oneof| {
                field.parent_message().oneofs().position(|other| other.full_name() == oneof.full_name())
            }),
        })
    }

    fn add_enum(&mut self, descriptor: &EnumDescriptor) -> usize {
        let mut values = Enum::default();
        for value in descriptor.values() {
            values.names.entry(value.number()).or_insert_with(|| value.name().to_owned());
            values.numbers.insert(value.name().to_owned(), value.number());
        }
        self.enums.push(values);
        self.enums.len().saturating_sub(1)
    }
}
