//! `/openapi.json`.

use http::Method;
use serde_json::Value;
use warung_proto::descriptor;

use crate::support::{World, request};

#[test]
fn every_public_rpc_is_described_with_all_its_fields() {
    let document = warung_edge::openapi();
    assert_eq!(document["openapi"], "3.1.0");
    let mut operations = 0;
    for method in descriptor::methods() {
        for binding in descriptor::http_bindings(&method) {
            let operation = &document["paths"][&binding.path][binding.verb.to_lowercase()];
            assert!(!operation["description"].as_str().unwrap_or_default().is_empty(), "{}", method.full_name());
            let parameters = operation["parameters"].as_array().unwrap();
            let body = resolve(&document, &operation["requestBody"]["content"]["application/json"]["schema"]);
            for field in method.input().fields() {
                let parameter = parameters
                    .iter()
                    .find(|parameter| parameter["name"] == field.name() || parameter["name"] == field.json_name());
                let description = match parameter {
                    Some(parameter) => &parameter["description"],
                    None => &body["properties"][field.json_name()]["description"],
                };
                assert!(description.is_string(), "{} is described once", field.full_name());
                let bound = binding.path.contains(&format!("{{{}}}", field.name()));
                assert_eq!(parameter.is_some_and(|parameter| parameter["in"] == "path"), bound);
                assert!(
                    !(bound && body["properties"].get(field.json_name()).is_some()),
                    "a bound field is not in the body"
                );
            }
            let answer = &operation["responses"]["200"]["content"]["application/json"]["schema"];
            let answer = resolve(&document, answer);
            for field in method.output().fields() {
                assert!(answer["properties"][field.json_name()].is_object(), "{}", field.full_name());
            }
            assert_eq!(operation["responses"]["default"]["$ref"], "#/components/responses/Error");
            operations += 1;
        }
    }
    let described: usize =
        document["paths"].as_object().unwrap().values().map(|path| path.as_object().unwrap().len()).sum();
    assert_eq!(described, operations, "and nothing else is");
}

fn resolve<'d>(document: &'d Value, schema: &'d Value) -> &'d Value {
    match schema["$ref"].as_str() {
        Some(reference) => {
            document.pointer(reference.strip_prefix('#').unwrap()).unwrap_or_else(|| panic!("{reference}"))
        }
        None => schema,
    }
}

#[test]
fn every_reference_leads_somewhere_and_every_operation_has_its_own_name() {
    let document = warung_edge::openapi();
    let mut names = std::collections::HashSet::new();
    let mut open = vec![&document];
    while let Some(value) = open.pop() {
        resolve(&document, value);
        if let Some(name) = value["operationId"].as_str() {
            assert!(names.insert(name.to_owned()), "{name}");
        }
        match value {
            Value::Object(members) => open.extend(members.values()),
            Value::Array(items) => open.extend(items),
            _ => {}
        }
    }
    assert!(names.len() > 10);
}

#[test]
fn who_may_call_is_told_and_the_service_key_is_not() {
    let document = warung_edge::openapi();
    let security = |path: &str, verb: &str| document["paths"][path][verb]["security"].as_array().unwrap().clone();
    assert!(security("/api/v1/titles", "get").contains(&serde_json::json!({})));
    assert!(!security("/api/v1/me", "get").contains(&serde_json::json!({})));
    let schemes: Vec<&String> = document["components"]["securitySchemes"].as_object().unwrap().keys().collect();
    assert_eq!(schemes, ["apiKey", "initData", "session"]);
    let scope = |scope: &str| serde_json::json!({"apiKey": [scope]});
    assert!(security("/api/v1/titles", "get").contains(&scope("library.read")));
    assert!(security("/api/v1/orders", "post").contains(&scope("order.write")));
    assert!(security("/api/v1/me", "get").iter().all(|way| way.get("apiKey").is_none()));
    assert!(!document.to_string().contains("warung-service-key"));
}

#[tokio::test]
async fn the_description_is_served_once() {
    let world = World::with(|config| config.public_url = Some("https://shop.example".to_owned()));
    let reply = world.get("/openapi.json").await;
    assert_eq!(reply.json()["servers"][0]["url"], "https://shop.example");
    let tag = reply.header("etag").unwrap();
    let again = world.send(request(Method::GET, "/openapi.json", &[("if-none-match", tag)], "")).await;
    assert_eq!((again.status.as_u16(), again.body.len()), (304, 0));
}
