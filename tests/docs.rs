//! What the documents say of the code is so.
#![cfg(test)]

use std::{fmt::Write as _, fs};

use warung::settings::NAMES;
use warung_proto::descriptor;

/// `docs/errors.md`, from the comments of the API's own vocabulary.
fn errors() -> String {
    let reasons = descriptor::pool().get_enum_by_name("warung.error.v1.ErrorReason").unwrap();
    let file = reasons.parent_file().file_descriptor_proto().clone();
    let comments = file.source_code_info.unwrap();
    let mut page = String::from(
        "# Errors\n\nEvery error status carries `google.rpc.ErrorInfo` with the domain `warung` and one of these reasons. JSON has the reason as \
         `reason`.\nThis page is made from `proto/warung/error/v1/error_reason.proto` by the tests: `UPDATE_DOCS=1 cargo test --test docs`.\n\n\
         | reason | meaning |\n| --- | --- |\n",
    );
    for (index, value) in reasons.values().enumerate().filter(|(_, value)| value.number() != 0) {
        // Field 5 of a file is its enums, field 2 of an enum its values.
        let path = [5, 0, 2, i32::try_from(index).unwrap()];
        let comment = comments.location.iter().find(|location| location.path == path).unwrap().leading_comments();
        let words = comment.split_whitespace().collect::<Vec<_>>().join(" ");
        writeln!(page, "| `{}` | {words} |", value.name().trim_start_matches("ERROR_REASON_")).unwrap();
    }
    page
}

#[test]
#[expect(clippy::disallowed_methods, reason = "how a person asks for the page to be written anew")]
fn the_page_of_errors_is_what_the_api_says() {
    let page = errors();
    if std::env::var("UPDATE_DOCS").is_ok() {
        fs::write("docs/errors.md", &page).unwrap();
    }
    let written = fs::read_to_string("docs/errors.md").unwrap();
    assert_eq!(written, page, "run `UPDATE_DOCS=1 cargo test --test docs`");
}

#[test]
fn every_setting_is_in_the_example_and_in_the_readmes() {
    let example = fs::read_to_string(".env.example").unwrap();
    for name in NAMES {
        let name = name.name;
        assert!(example.contains(name), "{name} is not in .env.example");
        let family = name.split('_').next().unwrap();
        for readme in ["README.md", "README.id.md"] {
            let text = fs::read_to_string(readme).unwrap();
            let named = text.contains(&format!("`{name}`"))
                || text.contains(&format!("`{family}_*`"))
                || (name.starts_with("WARUNG_MEDIA_") && text.contains("`WARUNG_MEDIA_*`"));
            assert!(named, "{name} is not in {readme}");
        }
    }
}

#[test]
fn the_example_names_no_setting_that_is_not_there() {
    let example = fs::read_to_string(".env.example").unwrap();
    for line in example.lines() {
        let Some((name, _)) = line.trim_start_matches('#').split_once('=') else { continue };
        if name.chars().all(|letter| letter.is_ascii_uppercase() || letter == '_') && !name.is_empty() {
            assert!(NAMES.iter().any(|known| known.name == name), "{name}");
        }
    }
}
