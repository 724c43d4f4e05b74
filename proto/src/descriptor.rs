//! The descriptors of the API, and what its methods declare of themselves.

use std::{collections::HashMap, sync::LazyLock};

use prost::Message as _;
use prost_reflect::{DescriptorPool, DynamicMessage, MethodDescriptor, Value};

use crate::{
    access::{Access, Rate, Role, Room},
    channel::MESSAGE_BYTES_MAX,
};

/// The encoded `FileDescriptorSet` of the whole API, with our own options and without comments.
pub const DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));

/// The same with comments. Held decoded, it takes megabytes.
const COMMENTED_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/commented.bin"));

/// The comments before the declarations of the API's files, without their line breaks: by the name of the file, and by the
/// path of the declaration in it, as `google.protobuf.SourceCodeInfo` has it. Nothing of it is kept.
#[must_use]
pub fn comments() -> HashMap<String, HashMap<Vec<i32>, String>> {
    let set = prost_types::FileDescriptorSet::decode(COMMENTED_SET).expect("the build compiled these descriptors");
    let of_file = |info: prost_types::SourceCodeInfo| {
        let locations = info.location.into_iter();
        let commented = locations.filter_map(|location| Some((location.path, location.leading_comments?)));
        commented.map(|(path, text)| (path, text.split_whitespace().collect::<Vec<_>>().join(" "))).collect()
    };
    set.file
        .into_iter()
        .map(|file| (file.name.unwrap_or_default(), file.source_code_info.map(of_file).unwrap_or_default()))
        .collect()
}

static POOL: LazyLock<DescriptorPool> =
    LazyLock::new(|| DescriptorPool::decode(DESCRIPTOR_SET).expect("the build compiled these descriptors"));

/// All descriptors of the API.
#[must_use]
pub fn pool() -> &'static DescriptorPool {
    &POOL
}

/// All RPCs of Warung's own services.
pub fn methods() -> impl Iterator<Item = MethodDescriptor> {
    pool().services().flat_map(|service| service.methods().collect::<Vec<_>>())
}

/// The path of an RPC as gRPC calls it, such as `/warung.library.v1.LibraryService/GetTitle`.
#[must_use]
pub fn path(method: &MethodDescriptor) -> String {
    format!("/{}/{}", method.parent_service().full_name(), method.name())
}

/// How an RPC may be repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Idempotency {
    /// It reads.
    NoSideEffects,
    /// It writes, and twice is as good as once.
    Idempotent,
    /// It writes, and a `request_id` makes it safe to repeat.
    ByRequestId,
}

/// The RPC's `idempotency_level`.
#[must_use]
pub fn idempotency(method: &MethodDescriptor) -> Idempotency {
    use prost_types::method_options::IdempotencyLevel as Level;
    let options = method.method_descriptor_proto().options.clone().unwrap_or_default();
    match options.idempotency_level() {
        Level::NoSideEffects => Idempotency::NoSideEffects,
        Level::Idempotent => Idempotency::Idempotent,
        Level::IdempotencyUnknown => Idempotency::ByRequestId,
    }
}

/// Who may call the RPC; `None` when it declares nobody, which the core refuses to serve.
#[must_use]
pub fn access(method: &MethodDescriptor) -> Option<Access> {
    let extension = pool().get_extension_by_name("warung.access.v1.access")?;
    let options = method.options();
    // An option that is absent reads as its default, which must not be taken for a declaration.
    if !options.has_extension(&extension) {
        return None;
    }
    let access = options.get_extension(&extension).as_message()?.transcode_to::<Access>().ok()?;
    (!access.roles.is_empty() || !access.scopes.is_empty()).then_some(access)
}

/// The budget that a call of the RPC is counted on.
#[must_use]
pub fn rate(method: &MethodDescriptor) -> Rate {
    match access(method).map(|access| access.rate()) {
        Some(Rate::Unspecified) | None => match idempotency(method) {
            Idempotency::NoSideEffects => Rate::Read,
            Idempotency::Idempotent | Idempotency::ByRequestId => Rate::Write,
        },
        Some(rate) => rate,
    }
}

/// The largest request of an RPC that declares no other size, in bytes.
pub const REQUEST_BYTES: usize = 64 * 1_024;

/// The room in which a call of the RPC has its place while it is in work.
#[must_use]
pub fn room(method: &MethodDescriptor) -> Room {
    access(method).map_or(Room::Unspecified, |access| access.room())
}

/// The largest request of the RPC, in bytes.
#[must_use]
pub fn request_bytes(method: &MethodDescriptor) -> usize {
    let declared = access(method).and_then(|access| usize::try_from(access.request_bytes).ok());
    declared.filter(|bytes| *bytes > 0).unwrap_or(REQUEST_BYTES).min(MESSAGE_BYTES_MAX)
}

/// Whether the edge lets the RPC through: only what a person or an API key may call.
#[must_use]
pub fn is_public(method: &MethodDescriptor) -> bool {
    access(method).is_some_and(|access| {
        !access.scopes.is_empty()
            || access.roles().any(|role| matches!(role, Role::Anyone | Role::Buyer | Role::Admin | Role::Owner))
    })
}

/// A way to call an RPC by HTTP and JSON: a binding of its `google.api.http` option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpBinding {
    /// The HTTP method, in capitals.
    pub verb: String,
    /// The path template, such as `/api/v1/titles/{title_id}`.
    pub path: String,
    /// Which field the body is: `*` all that the path does not bind, empty: there is no body.
    pub body: String,
}

/// The HTTP bindings of an RPC, the main one first; none when only gRPC reaches it.
#[must_use]
pub fn http_bindings(method: &MethodDescriptor) -> Vec<HttpBinding> {
    let Some(extension) = pool().get_extension_by_name("google.api.http") else { return Vec::new() };
    let options = method.options();
    if !options.has_extension(&extension) {
        return Vec::new();
    }
    let option = options.get_extension(&extension);
    let Some(rule) = option.as_message() else { return Vec::new() };
    let more = rule.get_field_by_name("additional_bindings");
    let more = more.as_deref().and_then(Value::as_list).into_iter().flatten().filter_map(Value::as_message);
    std::iter::once(rule).chain(more).filter_map(binding).collect()
}

fn binding(rule: &DynamicMessage) -> Option<HttpBinding> {
    let text = |name: &str| rule.get_field_by_name(name)?.as_str().map(str::to_owned);
    let (verb, path) = ["get", "put", "post", "delete", "patch"]
        .into_iter()
        .find_map(|verb| text(verb).filter(|path| !path.is_empty()).map(|path| (verb.to_ascii_uppercase(), path)))?;
    Some(HttpBinding { verb, path, body: text("body").unwrap_or_default() })
}
