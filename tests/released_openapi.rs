//! What the released description of the JSON API promises stays true. `scripts/check-proto.sh` compares what is declared;
//! this compares what is made of it, so that a change of how it is made is seen as well.
#![cfg(test)]

use std::{collections::BTreeSet, fs};

use serde_json::Value;

/// The description as it was released, without words: no promise is made of those.
const RELEASED: &str = "proto/released/openapi.json";
const WORDS: [&str; 5] = ["description", "summary", "title", "tags", "info"];

/// The document without the words in it. Names of fields that are like those of words stay.
fn without_words(document: &Value, is_of_names: bool) -> Value {
    match document {
        Value::Object(entries) => {
            let kept = entries.iter().filter(|(name, _)| is_of_names || !WORDS.contains(&name.as_str()));
            let deeper = |name: &str| !is_of_names && matches!(name, "properties" | "schemas" | "paths");
            Value::Object(kept.map(|(name, value)| (name.clone(), without_words(value, deeper(name)))).collect())
        }
        Value::Array(items) => items.iter().map(|item| without_words(item, false)).collect(),
        other => other.clone(),
    }
}

/// Adds each place where `now` takes something from who relies on `released`.
fn compare(released: &Value, now: &Value, place: &str, lost: &mut Vec<String>) {
    match (released, now) {
        (Value::Object(released), Value::Object(now)) => {
            for (name, value) in released {
                match now.get(name) {
                    Some(other) => compare(value, other, &format!("{place}/{name}"), lost),
                    // What need not be given any more was given all the same.
                    None if name == "required" => {}
                    None => lost.push(format!("{place}/{name} is gone")),
                }
            }
            if let (None, Some(required)) = (released.get("required"), now.get("required")) {
                lost.push(format!("{place}: {required} is required"));
            }
        }
        (Value::Array(released), Value::Array(now)) if place.ends_with("/required") => {
            let before: BTreeSet<_> = released.iter().map(Value::to_string).collect();
            for name in now.iter().map(Value::to_string).filter(|name| !before.contains(name)) {
                lost.push(format!("{place}: {name} is required"));
            }
        }
        (Value::Array(released), Value::Array(now)) => {
            for (index, item) in released.iter().enumerate() {
                // A parameter is found by its name, anything else by what it is.
                let same = |other: &&Value| match item.get("name") {
                    Some(name) => other.get("name") == Some(name),
                    None => *other == item,
                };
                match now.iter().find(same) {
                    Some(other) => compare(item, other, &format!("{place}/{index}"), lost),
                    None => lost.push(format!("{place}: {item} is gone")),
                }
            }
        }
        (released, now) if released == now => {}
        (released, now) => lost.push(format!("{place} was {released}, and is {now}")),
    }
}

fn lost(released: &Value, now: &Value) -> Vec<String> {
    let mut lost = Vec::new();
    compare(&without_words(released, false), &without_words(now, false), "", &mut lost);
    lost
}

#[test]
#[expect(clippy::disallowed_methods, reason = "how `make release-api` asks for the document to be written anew")]
fn what_was_released_of_the_json_api_stays() {
    let now = warung_edge::openapi();
    if std::env::var("RELEASE_API").is_ok() {
        let text = serde_json::to_string_pretty(&without_words(&now, false)).unwrap();
        fs::write(RELEASED, format!("{text}\n")).unwrap();
    }
    let released = serde_json::from_str(&fs::read_to_string(RELEASED).unwrap()).unwrap();
    assert_eq!(lost(&released, &now), Vec::<String>::new());
}

#[test]
fn what_a_document_takes_from_its_callers_is_named_and_what_it_adds_passes() {
    let released = warung_edge::openapi();
    assert_eq!(lost(&released, &released), Vec::<String>::new());
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut now = released.clone();
        change(&mut now);
        lost(&released, &now)
    };
    let title = "/paths/~1api~1v1~1titles~1{title_id}/get";
    assert!(released.pointer(title).is_some(), "{:?}", released["paths"].as_object().unwrap().keys());
    let taken = changed(&|now| drop(now.pointer_mut(title).unwrap().as_object_mut().unwrap().remove("responses")));
    assert_eq!(taken.len(), 1, "{taken:?}");
    let schemas = released["components"]["schemas"].as_object().unwrap();
    let (name, _) = schemas.iter().find(|(_, schema)| schema["properties"]["code"]["type"] == "string").unwrap();
    let other_type =
        changed(&|now| now["components"]["schemas"][name]["properties"]["code"]["type"] = "integer".into());
    assert_eq!(other_type.len(), 1, "{other_type:?}");
    assert!(other_type[0].contains("was \"string\", and is \"integer\""), "{other_type:?}");
    let more = changed(&|now| {
        now["components"]["schemas"][name]["properties"]["more"] = serde_json::json!({"type": "string"});
    });
    assert_eq!(more, Vec::<String>::new());
    let words = changed(&|now| now["components"]["schemas"][name]["description"] = "Other words.".into());
    assert_eq!(words, Vec::<String>::new());
}
