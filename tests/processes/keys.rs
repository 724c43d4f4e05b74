//! `warung key`, beside a store that runs and without one.

use std::path::Path;

use tempfile::TempDir;

use crate::{
    api::Api,
    process::{self, Ended, Process, Values, port},
    time::{DEADLINE, eventually},
};

/// A store in a folder of its own, which logs all it can, and whose Telegram can't be reached.
struct Store {
    folder: TempDir,
    values: Values,
    api: Api,
}

impl Store {
    fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("warung-keys-").tempdir().unwrap();
        let [http, grpc, nobody] = [port(), port(), port()].map(|port| format!("127.0.0.1:{port}"));
        let values = [
            ("BOT_TOKEN", "7100000003:AAtoken-of-the-keys-tests"),
            ("BOT_USERNAME", "warung_bot"),
            ("WARUNG_SECRET_KEY", "secret-key-of-the-keys-tests-0123456789"),
            ("WARUNG_HTTP_ADDR", &*http),
            ("WARUNG_GRPC_ADDR", &grpc),
            ("TELEGRAM_API_URL", &format!("http://{nobody}")),
            ("LOG_LEVEL", "trace"),
        ];
        let values = values.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        Self { folder, values, api: Api::new(&[format!("http://{http}")]) }
    }

    async fn serve(&self) -> Process {
        let process = Process::start("serve", "serve", &self.values, self.folder.path());
        eventually("the store", DEADLINE, async || self.api.is_ready().await.then_some(())).await;
        process
    }

    fn key(&self, arguments: &[&str]) -> Ended {
        process::run(&[&["key"], arguments].concat(), &self.values, self.folder.path())
    }

    /// Makes a key; answers its id and its secret.
    fn create(&self, name: &str, scope: &str) -> (String, String) {
        let ended = self.key(&["create", name, "--scope", scope]);
        assert!(ended.status.success(), "{ended:?}");
        let secret = ended.stdout.strip_suffix('\n').unwrap().to_owned();
        assert!(secret.starts_with("wrg_") && secret.len() == 47 && !secret.contains('\n'), "{ended:?}");
        assert!(!ended.stderr.contains(&secret), "{ended:?}");
        let id = ended.stderr.split_whitespace().find(|word| word.starts_with("key_")).unwrap().to_owned();
        (id, secret)
    }

    async fn titles(&self, secret: &str) -> (u16, String) {
        let answer = self.api.get("/api/v1/titles", &format!("Bearer {secret}")).await;
        let (status, reason) = answer.outcome();
        (status, reason.to_owned())
    }
}

/// Every file below a folder, with its bytes.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push((path.display().to_string(), std::fs::read(&path).unwrap()));
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_is_made_used_by_json_and_revoked_beside_a_store_that_runs() {
    let store = Store::new();
    let process = store.serve().await;
    let (id, secret) = store.create("Web shop", "library.read");
    assert_eq!(store.titles(&secret).await, (200, String::new()));
    let (_, other) = store.create("Till", "order.read");
    assert_eq!(store.titles(&other).await, (403, "FORBIDDEN".into()));
    let altered = format!("{}{}", &secret[..46], if secret.ends_with('A') { 'E' } else { 'A' });
    assert_eq!(store.titles(&altered).await, (401, "API_KEY_INVALID".into()));

    let listed = store.key(&["list"]);
    let lines: Vec<Vec<&str>> = listed.stdout.lines().map(|line| line.split('\t').collect()).collect();
    assert_eq!(lines.iter().map(|line| line[1]).collect::<Vec<_>>(), ["Till", "Web shop"]);
    assert_eq!((lines[1][0], lines[1][2], lines[1][5]), (&*id, "library.read", "valid"));
    assert_eq!(listed.stderr.trim().split('\t').collect::<Vec<_>>(), ["id", "name", "scopes", "made", "used", "state"]);

    assert!(store.key(&["revoke", &id]).status.success());
    assert_eq!(store.titles(&secret).await, (401, "API_KEY_INVALID".into()), "the core that revoked it knows at once");
    assert!(store.key(&["revoke", &id]).status.success(), "twice is as good as once");
    assert!(store.key(&["list"]).stdout.contains("revoked"));
    drop(process);

    // Neither what the processes said and logged nor what they stored has a secret.
    let all = files(store.folder.path());
    for wanted in ["serve.output", "warung.db"] {
        assert!(all.iter().any(|(name, _)| name.ends_with(wanted)), "{wanted} was looked at");
    }
    for (name, bytes) in all {
        for secret in [&secret, &other, &altered] {
            let encoded = &secret.as_bytes()[4..];
            assert!(!bytes.windows(encoded.len()).any(|window| window == encoded), "{name} has a secret");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_is_made_without_a_store_that_runs() {
    let store = Store::new();
    let (_, secret) = store.create("Web shop", "library.read");
    let _process = store.serve().await;
    assert_eq!(store.titles(&secret).await, (200, String::new()));
}

#[test]
fn the_help_names_every_scope_that_a_key_can_have() {
    let store = Store::new();
    let refused = store.key(&["create", "bot", "--scope", "order.delete"]).stderr;
    let is_scope =
        |word: &&str| word.split_once('.').is_some_and(|(area, action)| !area.is_empty() && !action.is_empty());
    let words =
        refused.split(|character: char| !character.is_ascii_alphanumeric() && character != '.' && character != '_');
    let scopes: Vec<_> = words.filter(is_scope).filter(|scope| *scope != "order.delete").collect();
    assert!(scopes.len() >= 5, "{refused}");
    let help = store.key(&["create", "--help"]).stdout;
    assert!(scopes.iter().all(|scope| help.contains(scope)), "{scopes:?} {help}");
}

#[test]
fn what_can_not_be_done_is_told_on_standard_error() {
    let store = Store::new();
    for (arguments, words) in [
        (&["create", "bot"][..], "--scope"),
        (&["create", "bot", "--scope", "order.delete"], "order.write"),
        (&["create", " ", "--scope", "order.write"], "name is required"),
        (&["revoke", "key_0"], "there is no such API key"),
    ] {
        let ended = store.key(arguments);
        assert!(!ended.status.success() && ended.stdout.is_empty() && ended.stderr.contains(words), "{ended:?}");
    }
    let listed = store.key(&["list"]);
    assert_eq!((listed.status.success(), &*listed.stdout, &*listed.stderr), (true, "", "There are no keys.\n"));
}
