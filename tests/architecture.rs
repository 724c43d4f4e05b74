//! The shape that `docs/ARCHITECTURE.md` describes, proved over the manifests and the sources.

// So that clippy takes the helpers below for tests as well.
#![cfg(test)]

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// A crate, the crates of ours it may use, and those its tests may use besides.
struct Arrow {
    from: &'static str,
    to: &'static [&'static str],
    tests_to: &'static [&'static str],
}

/// Arrows point one way: `core → app → store → domain`, and everyone outside the core sees the API only.
const ARROWS: &[Arrow] = &[
    Arrow { from: "warung-domain", to: &[], tests_to: &[] },
    Arrow { from: "warung-language", to: &[], tests_to: &[] },
    Arrow { from: "warung-migrations", to: &[], tests_to: &[] },
    Arrow { from: "warung-proto", to: &[], tests_to: &[] },
    Arrow { from: "warung-connections", to: &[], tests_to: &[] },
    Arrow { from: "warung-emulators", to: &[], tests_to: &[] },
    Arrow { from: "warung-store", to: &["warung-domain", "warung-migrations"], tests_to: &[] },
    Arrow { from: "warung-app", to: &["warung-domain", "warung-language", "warung-store"], tests_to: &[] },
    Arrow {
        from: "warung-core",
        to: &["warung-app", "warung-connections", "warung-domain", "warung-proto", "warung-store"],
        tests_to: &["warung-emulators"],
    },
    Arrow {
        from: "warung-edge",
        to: &["warung-connections", "warung-language", "warung-proto"],
        tests_to: &["warung-emulators"],
    },
    Arrow { from: "warung-bot", to: &["warung-language", "warung-proto"], tests_to: &["warung-emulators"] },
    Arrow { from: "warung-bench", to: &["warung-emulators", "warung-proto"], tests_to: &[] },
];

/// The one crate that may know all.
const ROOT: &str = "warung";

/// Libraries that have one home: `(how its packages' names begin, how a source names it, the homes)`.
const HOMES: &[(&str, &str, &[&str])] = &[
    ("sea-orm", "sea_orm", &["warung-store", "warung-migrations"]),
    ("sqlx", "sqlx", &["warung-store"]),
    ("rusqlite", "rusqlite", &["warung-store", "warung-bench"]),
    ("object_store", "object_store", &["warung-store"]),
    ("teloxide", "teloxide", &["warung-bot"]),
    ("tonic-web", "tonic_web", &["warung-edge"]),
    ("tokio-cron-scheduler", "tokio_cron_scheduler", &["warung-core"]),
];

/// What pure rules never need, at any depth.
const NOT_PURE: &[&str] = &[
    "async-trait",
    "axum",
    "futures-core",
    "futures-util",
    "hyper",
    "mio",
    "prost",
    "reqwest",
    "rusqlite",
    "sea-orm",
    "socket2",
    "sqlx",
    "tokio",
    "tonic",
];

/// The most lines a file of sources may have.
const LINES_MAX: usize = 500;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn workspace() -> Metadata {
    MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .no_deps()
        .other_options(["--locked".to_owned(), "--offline".to_owned()])
        .exec()
        .expect("the workspace's manifests can be read")
}

/// Names of `package`'s direct dependencies: of its tests, or else of itself and its build.
fn dependencies(package: &Package, of_tests: bool) -> impl Iterator<Item = &str> {
    let wanted = move |kind| (kind == DependencyKind::Development) == of_tests;
    package.dependencies.iter().filter(move |dependency| wanted(dependency.kind)).map(|dependency| &*dependency.name)
}

/// Files under `folder` with one of `extensions`, without what is built, installed or generated.
fn files(folder: &Path, extensions: &[&str]) -> Vec<PathBuf> {
    const LEFT_OUT: &[&str] = &["target", "node_modules", "dist", "gen", "data", "logs", "third_party", "__pycache__"];
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of the project can be read") {
            let path = entry.expect("an entry of a folder can be read").path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if path.is_dir() {
                let hidden = name.starts_with('.') && name != ".ci";
                if !hidden && !LEFT_OUT.contains(&&*name) {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|extension| extensions.iter().any(|wanted| extension == *wanted)) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn folder_of(package: &Package) -> PathBuf {
    package.manifest_path.parent().expect("a manifest lies in a folder").as_std_path().to_owned()
}

/// The text holds `word` as a whole identifier.
fn names(text: &str, word: &str) -> bool {
    let outside = |next: Option<char>| next.is_none_or(|next| !next.is_alphanumeric() && next != '_');
    text.match_indices(word)
        .any(|(at, _)| outside(text[..at].chars().next_back()) && outside(text[at + word.len()..].chars().next()))
}

/// The areas of the use cases: the folders of `app` beside the engine's.
fn areas() -> Vec<String> {
    let folders = fs::read_dir(root().join("core-server/app/src")).expect("the folder of the use cases can be read");
    let folders =
        folders.map(|entry| entry.expect("an entry of a folder can be read")).filter(|entry| entry.path().is_dir());
    folders.map(|entry| entry.file_name().to_string_lossy().into_owned()).filter(|name| name != "engine").collect()
}

#[test]
fn the_engine_knows_no_use_case() {
    let areas = areas();
    assert!(areas.len() >= 8, "{areas:?}");
    let mut faults = Vec::new();
    for file in files(&root().join("core-server/app/src/engine"), &["rs"]) {
        let text = fs::read_to_string(&file).expect("a source can be read");
        // A path into an area, in a nested `use` too.
        let named = areas.iter().filter(|area| names(&text, area) && text.contains(&format!("{area}::")));
        faults.extend(named.map(|area| format!("{} uses {area}", file.display())));
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn the_port_to_gateways_knows_nothing_else_of_the_core() {
    let sources = files(&root().join("core-server/app/src/gateway"), &["rs"]);
    assert!(!sources.is_empty());
    for file in sources {
        let text = fs::read_to_string(&file).expect("a source can be read");
        for word in ["crate::", "super::super", "warung_store"] {
            assert!(!text.contains(word), "{} uses {word}", file.display());
        }
    }
}

#[test]
fn arrows_between_crates_point_one_way() {
    let workspace = workspace();
    let mut faults = Vec::new();
    for package in workspace.workspace_packages() {
        if package.name == ROOT {
            continue;
        }
        let Some(arrow) = ARROWS.iter().find(|arrow| package.name == arrow.from) else {
            faults.push(format!("{} has no arrow in this test: say what it may use", package.name));
            continue;
        };
        let ours = |name: &&str| name.starts_with("warung");
        for name in dependencies(package, false).filter(ours) {
            if !arrow.to.contains(&name) {
                faults.push(format!("{} must not use {name}", package.name));
            }
        }
        for name in dependencies(package, true).filter(ours) {
            let itself = package.name == name;
            if !itself && !arrow.to.contains(&name) && !arrow.tests_to.contains(&name) {
                faults.push(format!("the tests of {} must not use {name}", package.name));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn only_the_root_package_knows_all_roles() {
    let workspace = workspace();
    let root = workspace.workspace_packages().into_iter().find(|package| package.name == ROOT).expect("a root package");
    let known: BTreeSet<&str> = dependencies(root, false).collect();
    for role in ["warung-core", "warung-edge", "warung-bot"] {
        assert!(known.contains(role), "the root package composes {role}");
    }
}

#[test]
fn a_library_with_one_home_is_named_nowhere_else() {
    let workspace = workspace();
    let mut faults = Vec::new();
    for package in workspace.workspace_packages() {
        for (library, identifier, homes) in HOMES {
            if homes.iter().any(|home| package.name == *home) {
                continue;
            }
            let depends = [false, true].into_iter().flat_map(|of_tests| dependencies(package, of_tests));
            for name in depends.filter(|name| name.starts_with(library)) {
                faults.push(format!("{} depends on {name}, whose home is {}", package.name, homes.join(", ")));
            }
            // The root package's folder holds all others: only its own sources count.
            let folder = folder_of(package);
            let sources = ["src", "tests", "benches"].map(|part| folder.join(part));
            for file in sources.iter().filter(|part| part.is_dir()).flat_map(|part| files(part, &["rs"])) {
                let others = ["tests/emulators", "tests/bench"].map(|folder| root().join(folder));
                let own = package.name != ROOT || !others.iter().any(|folder| file.starts_with(folder));
                let this_test = file.ends_with(Path::new(file!()).file_name().unwrap_or_default());
                let text = fs::read_to_string(&file).expect("a source is UTF-8 text");
                if own && !this_test && text.lines().map(code_of).any(|line| names(line, identifier)) {
                    faults.push(format!("{} names {identifier}", file.display()));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// A line without its comment: words about a library are no use of it.
fn code_of(line: &str) -> &str {
    line.split("//").next().unwrap_or_default()
}

#[test]
fn the_domain_is_pure() {
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--offline", "--package", "warung-domain", "--edges", "normal"])
        .args(["--prefix", "none", "--format", "{p}"])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let tree = String::from_utf8_lossy(&tree.stdout).into_owned();
    let below: BTreeSet<&str> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(below.contains("warung-domain"), "the tree begins with the domain");
    let impure: Vec<&&str> = NOT_PURE.iter().filter(|name| below.contains(**name)).collect();
    assert!(impure.is_empty(), "the domain reaches {impure:?}");

    for file in files(&root().join("core-server/domain/src"), &["rs"]) {
        let text = fs::read_to_string(&file).expect("a source is UTF-8 text");
        for line in text.lines().map(code_of) {
            for word in ["async", "await"] {
                assert!(!names(line, word), "{}: `{word}` in: {line}", file.display());
            }
            for path in ["std::fs", "std::net", "std::env", "std::process", "std::thread"] {
                assert!(!line.contains(path), "{}: `{path}` in: {line}", file.display());
            }
        }
    }
}

#[test]
fn no_source_is_longer_than_a_reader_can_hold() {
    let mut faults = Vec::new();
    let sources = files(&root(), &["rs", "ts", "svelte", "py", "sh"]);
    assert!(!sources.is_empty());
    for file in sources {
        let lines = fs::read_to_string(&file).expect("a source is UTF-8 text").lines().count();
        if lines > LINES_MAX {
            faults.push(format!("{}: {lines} lines", file.display()));
        }
    }
    assert!(faults.is_empty(), "longer than {LINES_MAX} lines, so probably two things:\n{}", faults.join("\n"));
}

#[test]
fn nothing_points_outside_the_project() {
    // In two parts, so that this file does not hold what it looks for.
    let forbidden = [concat!("/ro", "ot/"), concat!("/wo", "rk/"), concat!("../sha", "red"), concat!("/ho", "me/")];
    let mut faults = Vec::new();
    let kinds =
        ["rs", "toml", "proto", "md", "sh", "py", "ts", "svelte", "json", "yaml", "yml", "html", "service", "sql"];
    for file in files(&root(), &kinds) {
        let Ok(text) = fs::read_to_string(&file) else {
            continue;
        };
        for word in forbidden {
            if let Some((number, _)) = text.lines().enumerate().find(|(_, line)| line.contains(word)) {
                faults.push(format!("{}:{}: {word}", file.display(), number + 1));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_metric_carries_the_name_of_its_store() {
    let mut found = 0;
    for folder in ["core-server", "edge-http/src", "bot-adapter/src"] {
        for file in files(&root().join(folder), &["rs"]) {
            let text = fs::read_to_string(&file).expect("a source is UTF-8 text");
            for kind in ["counter!(", "gauge!(", "histogram!("] {
                for (place, _) in text.match_indices(kind).filter(|(place, _)| !text[..*place].ends_with("describe_")) {
                    let end = text[place..].find(';').map_or(text.len(), |end| place + end);
                    let call = &text[place..end];
                    assert!(call.contains("\"store\" =>"), "{}: {call}", file.display());
                    found += 1;
                }
            }
        }
    }
    assert!(found > 10, "they are found: {found}");
}

#[test]
fn no_crate_can_be_published_and_each_takes_the_lints() {
    for package in workspace().workspace_packages() {
        assert_eq!(package.publish.as_deref(), Some(&[][..]), "{} can be published", package.name);
        let manifest = fs::read_to_string(&package.manifest_path).expect("a manifest is UTF-8 text");
        assert!(
            manifest.contains("[lints]\nworkspace = true")
                || manifest.contains("[lints.rust]\nunsafe_code = \"forbid\""),
            "{} takes no lints",
            package.name
        );
    }
}
