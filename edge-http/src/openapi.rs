//! `/openapi.json`: the JSON API described from the same descriptors that serve it.

use std::{
    collections::{BTreeMap, HashMap},
    fmt::Write as _,
    hash::{DefaultHasher, Hash as _, Hasher as _},
};

use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use prost_reflect::{EnumDescriptor, FieldDescriptor, FileDescriptor, Kind, MessageDescriptor, MethodDescriptor};
use serde_json::{Map, Value, json};
use warung_proto::{
    access::Role,
    descriptor::{self, HttpBinding},
};

use crate::media::none_match;

/// The description as bytes, made once.
#[derive(Clone)]
pub(crate) struct Served {
    bytes: Bytes,
    tag: String,
}

impl Served {
    pub(crate) fn new(public_url: Option<&str>) -> Self {
        let bytes = Bytes::from(document(public_url).to_string());
        let mut hasher = DefaultHasher::new();
        bytes.hash(&mut hasher);
        Self { bytes, tag: format!("\"{:016x}\"", hasher.finish()) }
    }

    pub(crate) fn answer(&self, headers: &HeaderMap) -> Response {
        let mut response = if none_match(headers, &self.tag) {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            ([(header::CONTENT_TYPE, "application/json")], self.bytes.clone()).into_response()
        };
        if let Ok(tag) = HeaderValue::try_from(&self.tag) {
            response.headers_mut().insert(header::ETAG, tag);
        }
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        response
    }
}

/// The description of all public RPCs.
pub(crate) fn document(public_url: Option<&str>) -> Value {
    let mut writer = Writer { schemas: BTreeMap::new(), comments: descriptor::comments() };
    let mut paths: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    let mut tags: BTreeMap<String, String> = BTreeMap::new();
    for method in descriptor::methods().filter(descriptor::is_public) {
        let service = method.parent_service();
        tags.insert(service.name().to_owned(), writer.comment(&service.parent_file(), service.path()));
        for (index, binding) in descriptor::http_bindings(&method).iter().enumerate() {
            let operation = writer.operation(&method, binding, index);
            paths.entry(binding.path.clone()).or_default().insert(binding.verb.to_ascii_lowercase(), operation);
        }
    }
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Warung",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "A shop and a cinema that live inside Telegram",
            "description": "JSON as protobuf writes it: fields in lowerCamelCase, 64-bit integers as strings, absent \
                fields are at their default. Fields that a request does not have are refused. Errors carry a `reason`; \
                `429` and `503` carry `Retry-After`.",
        },
        "tags": tags.into_iter().map(|(name, description)| json!({"name": name, "description": description}))
            .collect::<Vec<_>>(),
        "paths": paths,
        "components": {
            "securitySchemes": {
                "apiKey": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A key of a program: `wrg_…`, made by `warung key create`. It needs the scope that \
                        an operation names beside it.",
                },
                "session": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A session token, from `POST /api/v1/sessions`.",
                },
                "initData": {
                    "type": "http",
                    "scheme": "tma",
                    "description": "`Authorization: tma {Telegram.WebApp.initData}`, raw, for a single call.",
                },
            },
            "responses": {
                "Error": {
                    "description": "The call failed.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
                },
            },
            "schemas": writer.finish(),
        },
    });
    if let (Some(url), Some(document)) = (public_url, document.as_object_mut()) {
        document.insert("servers".to_owned(), json!([{"url": url}]));
    }
    document
}

/// Collects schemas as operations need them.
struct Writer {
    schemas: BTreeMap<String, Value>,
    comments: HashMap<String, HashMap<Vec<i32>, String>>,
}

impl Writer {
    /// The comment before a declaration.
    fn comment(&self, file: &FileDescriptor, path: &[i32]) -> String {
        self.comments.get(file.name()).and_then(|comments| comments.get(path)).cloned().unwrap_or_default()
    }

    fn operation(&mut self, method: &MethodDescriptor, binding: &HttpBinding, index: usize) -> Value {
        let request = method.input();
        let bound: Vec<&str> = binding.path.split('{').skip(1).filter_map(|part| part.split('}').next()).collect();
        let in_path = |field: &FieldDescriptor| bound.contains(&field.name());
        let mut parameters = Vec::new();
        for field in request.fields() {
            // With a whole body, nothing but the path is outside of it.
            let place = if in_path(&field) { "path" } else { "query" };
            if place == "path" || binding.body.is_empty() {
                let name = if place == "path" { field.name() } else { field.json_name() };
                let mut parameter = json!({"name": name, "in": place, "required": place == "path"});
                let mut schema = self.field(&field);
                if let (Some(parameter), Some(schema)) = (parameter.as_object_mut(), schema.as_object_mut()) {
                    parameter.extend(schema.remove("description").map(|words| ("description".to_owned(), words)));
                }
                merge(&mut parameter, "schema", schema);
                parameters.push(parameter);
            }
        }
        let repeated = if index == 0 { String::new() } else { format!("_{index}") };
        let mut operation = json!({
            "operationId": format!("{}_{}{repeated}", method.parent_service().name(), method.name()),
            "tags": [method.parent_service().name()],
            "description": self.comment(&method.parent_file(), method.path()),
            "security": security(method),
            "parameters": parameters,
            "responses": {
                "200": {
                    "description": "The call succeeded.",
                    "content": {"application/json": {"schema": self.reference(&method.output())}},
                },
                "default": {"$ref": "#/components/responses/Error"},
            },
        });
        let body = match binding.body.as_str() {
            "" => return operation,
            "*" if bound.is_empty() => self.reference(&request),
            "*" => self.object(&request, |field| !in_path(field)),
            name => request.get_field_by_name(name).map(|field| self.field(&field)).unwrap_or_default(),
        };
        let body = json!({"required": true, "content": {"application/json": {"schema": body}}});
        merge(&mut operation, "requestBody", body);
        operation
    }

    fn reference(&mut self, message: &MessageDescriptor) -> Value {
        let name = message.full_name();
        if !self.schemas.contains_key(name) {
            // The place is taken first: a message may hold itself.
            self.schemas.insert(name.to_owned(), Value::Null);
            let schema = self.object(message, |_| true);
            self.schemas.insert(name.to_owned(), schema);
        }
        json!({"$ref": format!("#/components/schemas/{name}")})
    }

    fn object(&mut self, message: &MessageDescriptor, wanted: impl Fn(&FieldDescriptor) -> bool) -> Value {
        let fields: Vec<FieldDescriptor> = message.fields().filter(wanted).collect();
        let properties: Map<String, Value> =
            fields.iter().map(|field| (field.json_name().to_owned(), self.field(field))).collect();
        let description = self.comment(&message.parent_file(), message.path());
        json!({"type": "object", "description": description, "properties": properties, "additionalProperties": false})
    }

    fn field(&mut self, field: &FieldDescriptor) -> Value {
        let mut schema = self.kind(&field.kind());
        if field.is_list() {
            schema = json!({"type": "array", "items": schema});
        }
        let description = self.comment(&field.parent_file(), field.path());
        merge(&mut schema, "description", description.into());
        schema
    }

    fn kind(&mut self, kind: &Kind) -> Value {
        match kind {
            Kind::Bool => json!({"type": "boolean"}),
            Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => json!({"type": "integer", "format": "int32"}),
            Kind::Uint32 | Kind::Fixed32 => json!({"type": "integer", "format": "int64", "minimum": 0}),
            Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => {
                json!({"type": "string", "format": "int64", "pattern": "^-?[0-9]{1,19}$"})
            }
            Kind::Uint64 | Kind::Fixed64 => json!({"type": "string", "format": "uint64", "pattern": "^[0-9]{1,20}$"}),
            Kind::Float | Kind::Double => json!({"type": "number"}),
            Kind::String => json!({"type": "string"}),
            Kind::Bytes => json!({"type": "string", "contentEncoding": "base64"}),
            Kind::Enum(descriptor) => self.enumeration(descriptor),
            Kind::Message(message) => match message.full_name() {
                "google.protobuf.Timestamp" => json!({"type": "string", "format": "date-time"}),
                "google.protobuf.Duration" => {
                    json!({"type": "string", "pattern": "^-?[0-9]+(\\.[0-9]{1,9})?s$", "examples": ["3.5s"]})
                }
                _ => self.reference(message),
            },
        }
    }

    fn enumeration(&mut self, descriptor: &EnumDescriptor) -> Value {
        let name = descriptor.full_name();
        if !self.schemas.contains_key(name) {
            let file = descriptor.parent_file();
            let mut description = self.comment(&file, descriptor.path());
            let values: Vec<String> = descriptor.values().map(|value| value.name().to_owned()).collect();
            for value in descriptor.values() {
                let _ = write!(description, "\n* `{}`: {}", value.name(), self.comment(&file, value.path()));
            }
            self.schemas.insert(name.to_owned(), json!({"type": "string", "enum": values, "description": description}));
        }
        json!({"$ref": format!("#/components/schemas/{name}")})
    }

    fn finish(mut self) -> BTreeMap<String, Value> {
        self.schemas.insert("Error".to_owned(), error_schema());
        self.schemas
    }
}

/// Adds a member to an object.
fn merge(object: &mut Value, name: &str, value: Value) {
    if let Some(object) = object.as_object_mut() {
        object.insert(name.to_owned(), value);
    }
}

/// Anyone may call without credentials where that is declared; knowing who asks does no harm there. An API key needs one
/// of the scopes.
fn security(method: &MethodDescriptor) -> Value {
    let access = descriptor::access(method).unwrap_or_default();
    let open = access.roles().any(|role| role == Role::Anyone).then(|| json!({}));
    let people = if access.roles.is_empty() { vec![] } else { vec![json!({"session": []}), json!({"initData": []})] };
    let keys = access.scopes.iter().map(|scope| json!({"apiKey": [scope]}));
    open.into_iter().chain(people).chain(keys).collect()
}

fn error_schema() -> Value {
    let reasons: Vec<&str> = descriptor::pool()
        .get_enum_by_name("warung.error.v1.ErrorReason")
        .map(|reasons| reasons.values().skip(1).map(|value| value.number()).collect::<Vec<_>>())
        .unwrap_or_default()
        .into_iter()
        .filter_map(|number| warung_proto::ErrorReason::try_from(number).ok())
        .map(warung_proto::ErrorReason::as_reason)
        .collect();
    json!({
        "type": "object",
        "description": "Why a call failed.",
        "required": ["code", "reason", "message", "details"],
        "properties": {
            "code": {"type": "integer", "description": "The gRPC code, 1 to 16."},
            "reason": {
                "type": "string",
                "description": "What a program decides by; more may come.",
                "examples": reasons,
            },
            "message": {"type": "string", "description": "For developers, in English."},
            "details": {
                "type": "array",
                "description": "`google.rpc` messages: ErrorInfo always; BadRequest, PreconditionFailure, ResourceInfo \
                    or RetryInfo as fits.",
                "items": {
                    "type": "object",
                    "required": ["@type"],
                    "properties": {"@type": {"type": "string"}},
                },
            },
        },
    })
}
