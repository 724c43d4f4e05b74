//! A text with a NUL character: PostgreSQL stores none, so no RPC takes one, on either database.

use http::uri::PathAndQuery;
use prost_reflect::{DynamicMessage, Kind as FieldKind, MessageDescriptor, Value};
use tonic::{Code, Status, client::Grpc};
use tonic_prost::ProstCodec;
use tonic_types::StatusExt as _;
use warung_app::testing::{ADMIN_ID, OWNER_ID};
use warung_proto::{ErrorReason, access::Role, descriptor, error};
use warung_store::{on_both_databases, testing::TestDatabase};

use crate::support::{BUYER, Caller, Shop};

on_both_databases! {
    every_text_of_every_request_is_refused_with_its_field_when_it_has_a_nul;
}

/// How deep messages lie within each other, at most.
const DEPTH: usize = 4;

/// A message for each text that may be in it: with a NUL in that one, and the path of it.
fn spoilt(message: &MessageDescriptor, depth: usize) -> Vec<(String, DynamicMessage)> {
    let mut found = Vec::new();
    for field in message.fields() {
        let values = match field.kind() {
            FieldKind::String => vec![(String::new(), Value::String("a\0b".into()))],
            FieldKind::Message(below) if depth < DEPTH => spoilt(&below, depth + 1)
                .into_iter()
                .map(|(path, message)| (format!(".{path}"), Value::Message(message)))
                .collect(),
            _ => Vec::new(),
        };
        for (path, value) in values {
            let (index, value) = if field.is_list() { ("[0]", Value::List(vec![value])) } else { ("", value) };
            let mut spoilt = DynamicMessage::new(message.clone());
            spoilt.set_field(&field, value);
            found.push((format!("{}{index}{path}", field.name()), spoilt));
        }
    }
    found
}

/// Somebody who may call it; of buyers each time another, whose budget is whole.
fn caller(roles: &[Role], turn: i64) -> Caller {
    for (role, caller) in [
        (Role::Operator, Caller::operator()),
        (Role::Edge, Caller::edge()),
        (Role::Anyone, Caller::edge()),
        (Role::Buyer, Caller::bot().acting_for(BUYER + turn)),
        (Role::Admin, Caller::bot().acting_for(ADMIN_ID)),
        (Role::Owner, Caller::bot().acting_for(OWNER_ID)),
    ] {
        if roles.contains(&role) {
            return caller;
        }
    }
    Caller::bot()
}

async fn call(shop: &Shop, path: &str, caller: &Caller, message: DynamicMessage) -> Status {
    let mut grpc = Grpc::new(shop.core.channel());
    grpc.ready().await.unwrap();
    let path: PathAndQuery = path.parse().unwrap();
    let answer = grpc.unary(caller.says(message), path, ProstCodec::<DynamicMessage, ()>::default()).await;
    answer.err().unwrap_or_else(|| Status::ok("it was taken"))
}

async fn every_text_of_every_request_is_refused_with_its_field_when_it_has_a_nul(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let mut turn = 0;
    for method in descriptor::methods() {
        let path = descriptor::path(&method);
        let roles: Vec<_> = descriptor::access(&method).unwrap().roles().collect();
        for (field, message) in spoilt(&method.input(), 0) {
            turn += 1;
            let refused = call(&shop, &path, &caller(&roles, turn), message).await;
            assert_eq!(
                (refused.code(), error::reason(&refused)),
                (Code::InvalidArgument, ErrorReason::InvalidArgument),
                "{path} {field}: {refused:?}"
            );
            let violations = refused.get_details_bad_request().unwrap().field_violations;
            let told: Vec<_> = violations.iter().map(|told| (&*told.field, &*told.description)).collect();
            assert_eq!(told, [(&*field, "must not have a NUL character (U+0000)")], "{path}");
        }
    }
    assert!(turn > 100, "{turn} texts are not the whole API");
}
