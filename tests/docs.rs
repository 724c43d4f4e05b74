//! What the documents say of the code is so.
#![cfg(test)]

use std::{fmt::Write as _, fs, process::Command};

use warung::settings::NAMES;
use warung_proto::descriptor;

/// Where the links of a page lead to beside it, without what stands behind `#`.
fn relative_links(page: &str) -> Vec<&str> {
    let links = page.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
    links.filter(|link| !link.is_empty() && !link.contains(':')).collect()
}

/// `docs/errors.md`, from the comments of the API's own vocabulary.
fn errors() -> String {
    let reasons = descriptor::pool().get_enum_by_name("warung.error.v1.ErrorReason").unwrap();
    let comments = descriptor::comments().remove(reasons.parent_file().name()).unwrap();
    let mut page = String::from(
        "# Errors\n\nEvery error status carries `google.rpc.ErrorInfo` with the domain `warung` and one of these reasons. JSON has the reason as \
         `reason`.\nThis page is made from `proto/warung/error/v1/error_reason.proto` by the tests: `UPDATE_DOCS=1 cargo test --test docs`.\n\n\
         | reason | meaning |\n| --- | --- |\n",
    );
    for (index, value) in reasons.values().enumerate().filter(|(_, value)| value.number() != 0) {
        // Field 5 of a file is its enums, field 2 of an enum its values.
        let path = [5, 0, 2, i32::try_from(index).unwrap()];
        let words = &comments[path.as_slice()];
        writeln!(page, "| `{}` | {words} |", value.name().trim_start_matches("ERROR_REASON_")).unwrap();
    }
    page.push_str(
        "\n`POST /api/v1/handle_movie_request` and `GET /api/v1/pending/{token}`, which other programs already spoke, answer an error as\n\
         `{\"reason\", \"message\"}` alone: 400, 401, 403, 404 and 429, and 410 for a pending action that is over. In the same form come 405 for\n\
         another method, 408 for a body that took too long, 413 for one that is too large, 415 for one that is not JSON, and 500, 503 and\n\
         504 where the core could not do it. 429 and 503 carry `Retry-After`.\n",
    );
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

#[test]
fn the_archive_holds_the_binary_and_all_that_the_readmes_link_to() {
    assert!(fs::exists("clients/mini-app/dist/index.html").unwrap(), "run `cd clients && npm run build`");
    let folder = tempfile::Builder::new().prefix("warung-dist-").tempdir().unwrap();
    let binary = folder.path().join("built");
    fs::write(&binary, "binary").unwrap();
    let mut pack = Command::new("scripts/dist.sh");
    let packed = pack.args(["1.2.3", "any"]).arg(&binary).arg(folder.path()).output().unwrap();
    assert!(packed.status.success(), "{packed:?}");
    let unpack = Command::new("tar").arg("-xzf").arg("warung-1.2.3-any.tar.gz").current_dir(folder.path()).status();
    assert!(unpack.unwrap().success());
    let archive = folder.path().join("warung-1.2.3-any");
    assert_eq!(fs::read_to_string(archive.join("warung")).unwrap(), "binary");
    assert!(archive.join("mini-app/index.html").exists());
    for readme in ["README.md", "README.id.md"] {
        let text = fs::read_to_string(archive.join(readme)).unwrap();
        let links = relative_links(&text);
        assert!(links.len() > 10, "{links:?}");
        for link in links {
            assert!(archive.join(link).exists(), "{readme} links to {link}, which is not in the archive");
        }
    }
}

#[test]
fn the_times_that_payments_take_nest() {
    let bot = warung_bot::Limits::default().payment_timeout;
    assert_eq!(bot, warung_app::payment::limits::FLOW_MAX, "the bot waits as long as a flow may take");
    let page = fs::read_to_string("clients/mini-app/src/shop/submission.ts").unwrap();
    let page = page.split("GATEWAY_MS = ").nth(1).and_then(|rest| rest.split(';').next()).unwrap().replace('_', "");
    let page = std::time::Duration::from_millis(page.parse().unwrap());
    assert_eq!((bot.as_secs(), page.as_secs()), (25, 45), "as the page of money says");
    let written = fs::read_to_string("docs/money.md").unwrap();
    for row in ["| the Mini App | an answer of the API | 45 s |", "an answer of the core that asks a gateway | 25 s |"]
    {
        assert!(written.contains(row), "{row}");
    }
}
