//! No change takes anything from the callers of the released API unnoticed: each kind of change is made in a copy, where
//! `scripts/check-proto.sh` has to name it.
#![cfg(test)]

use std::{fs, os::unix::fs::symlink, path::Path, process::Command};

use tempfile::TempDir;

/// Where the changes are made, and what they are made to.
const LIBRARY: &str = "proto/warung/library/v1/library_service.proto";
const GET_TITLE: &str = "rpc GetTitle(";
const REQUEST_TITLE: &str = "rpc RequestTitle(";
const GET_TITLE_RESPONSE: &str = "message GetTitleResponse {";

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (path, into) = (entry.as_ref().unwrap().path(), to.join(entry.unwrap().file_name()));
        if path.is_dir() {
            copy(&path, &into);
        } else {
            fs::copy(&path, &into).unwrap();
        }
    }
}

/// A copy of all that the guard reads, whose released API is what it declares now.
fn project() -> TempDir {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().unwrap();
    copy(&root.join("proto"), &folder.path().join("proto"));
    copy(&root.join("scripts"), &folder.path().join("scripts"));
    fs::copy(root.join("buf.yaml"), folder.path().join("buf.yaml")).unwrap();
    fs::create_dir(folder.path().join("clients")).unwrap();
    symlink(root.join("clients/node_modules"), folder.path().join("clients/node_modules")).unwrap();
    guard(folder.path(), &["--release"]).unwrap();
    folder
}

/// What the guard says: `Err` when it refuses.
fn guard(project: &Path, arguments: &[&str]) -> Result<String, String> {
    let output = Command::new(project.join("scripts/check-proto.sh")).args(arguments).output().unwrap();
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
    if output.status.success() { Ok(said) } else { Err(said) }
}

/// Replaces `from`, which stands once between `begin` and the next closing brace of that depth.
fn change(project: &Path, begin: &str, from: &str, to: &str) {
    let path = project.join(LIBRARY);
    let text = fs::read_to_string(&path).unwrap();
    let start = text.find(begin).unwrap();
    let indent = text[..start].lines().next_back().map_or(0, |line| line.len() - line.trim_start().len());
    let close = format!("\n{}}}\n", " ".repeat(indent));
    let end = start + text[start..].find(&close).unwrap();
    assert_eq!(text[start..end].matches(from).count(), 1, "once: {from}");
    fs::write(&path, [&text[..start], &text[start..end].replace(from, to), &text[end..]].concat()).unwrap();
}

/// The change is refused, and one line of the refusal has all of these words.
#[track_caller]
fn refused(begin: &str, from: &str, to: &str, words: &[&str]) {
    let project = project();
    change(project.path(), begin, from, to);
    let said = guard(project.path(), &[]).unwrap_err();
    assert!(said.lines().any(|line| words.iter().all(|word| line.contains(word))), "{words:?} in:\n{said}");
}

#[test]
fn a_changed_path_is_refused_by_name() {
    let words = ["warung.library.v1.LibraryService/GetTitle", "GET /api/v1/titles/{title_id} is gone", "/films/"];
    refused(GET_TITLE, "/titles/", "/films/", &words);
}

#[test]
fn a_changed_verb_is_refused_by_name() {
    refused(GET_TITLE, "{get:", "{delete:", &["LibraryService/GetTitle", "GET /api/v1/titles/{title_id} is gone"]);
}

#[test]
fn a_changed_body_is_refused_by_name() {
    let words = ["LibraryService/RequestTitle", "POST /api/v1/title-requests", "body title_id", "released: body *"];
    refused(REQUEST_TITLE, "body: \"*\"", "body: \"title_id\"", &words);
}

#[test]
fn a_method_that_leaves_http_is_refused_by_name() {
    let option = "    option (google.api.http) = {get: \"/api/v1/titles/{title_id}\"};\n";
    refused(GET_TITLE, option, "", &["LibraryService/GetTitle", "is gone", "no HTTP"]);
}

#[test]
fn a_method_that_is_gone_is_refused_by_name() {
    refused(
        GET_TITLE,
        "rpc GetTitle(",
        "rpc ReadTitle(",
        &["warung.library.v1.LibraryService/GetTitle: the method is gone"],
    );
}

#[test]
fn a_role_that_may_call_no_more_is_refused_by_name() {
    let words = ["LibraryService/GetTitle", "the role ROLE_ANYONE", "now: ROLE_BUYER"];
    refused(GET_TITLE, "[ROLE_ANYONE]", "[ROLE_BUYER]", &words);
}

#[test]
fn a_scope_that_may_call_no_more_is_refused_by_name() {
    let words = ["LibraryService/GetTitle", "the scope library.read", "now: library.write"];
    refused(GET_TITLE, "library.read", "library.write", &words);
}

#[test]
fn a_changed_field_is_refused_by_name() {
    refused(GET_TITLE_RESPONSE, "title = 1", "film = 1", &["GetTitleResponse", "title", "film"]);
    refused(GET_TITLE_RESPONSE, "Title title = 1", "string title = 1", &["GetTitleResponse", "type"]);
    refused(GET_TITLE_RESPONSE, "title = 1", "title = 2", &["GetTitleResponse", "\"1\""]);
}

#[test]
fn a_method_that_has_become_a_write_is_refused_by_name() {
    let option = "    option idempotency_level = NO_SIDE_EFFECTS;\n";
    refused(GET_TITLE, option, "", &["GetTitle", "idempotency"]);
}

#[test]
fn what_is_added_passes() {
    let project = project();
    let change = |begin, from, to| change(project.path(), begin, from, to);
    change(GET_TITLE, "[ROLE_ANYONE]", "[\n        ROLE_ANYONE,\n        ROLE_BOT\n      ]");
    change(GET_TITLE, "[\"library.read\"]", "[\n        \"library.read\",\n        \"catalog.read\"\n      ]");
    change(
        GET_TITLE,
        "= {get: \"/api/v1/titles/{title_id}\"}",
        "= {
      get: \"/api/v1/titles/{title_id}\"
      additional_bindings: {get: \"/api/v1/films/{title_id}\"}
    }",
    );
    change(GET_TITLE_RESPONSE, "  Title title = 1;", "  Title title = 1;\n  // Added.\n  string added = 2;");
    let said = guard(project.path(), &[]).unwrap();
    assert_eq!(said, "");

    guard(project.path(), &["--release"]).unwrap();
    change(GET_TITLE, "      additional_bindings: {get: \"/api/v1/films/{title_id}\"}\n", "");
    let said = guard(project.path(), &[]).unwrap_err();
    assert!(said.contains("GET /api/v1/films/{title_id} is gone"), "a way that was released besides counts: {said}");
}
