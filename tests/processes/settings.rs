//! What becomes of settings that are wrong, and of those that are right; and what the logs show of them.

use std::{path::Path, time::Duration};

use secrecy::ExposeSecret as _;
use tempfile::TempDir;
use warung::settings::{Role, Settings};

use crate::{
    process::{self, Ended, Process, port},
    time::{DEADLINE, eventually},
};

const TOKEN: &str = "7100000003:AAtoken-that-nobody-may-see";

/// Just enough to serve.
const ENOUGH: [(&str, &str); 3] = [
    ("BOT_TOKEN", TOKEN),
    ("BOT_USERNAME", "warung_bot"),
    ("WARUNG_SECRET_KEY", "secret-key-that-nobody-may-see-0123456789"),
];

fn owned(values: &[(&str, &str)]) -> Vec<(String, String)> {
    values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn read(more: &[(&str, &str)]) -> Settings {
    Settings::from_values(Role::Serve, owned(&ENOUGH).into_iter().chain(owned(more))).unwrap()
}

/// The names of the settings that are at fault.
fn faults(more: &[(&str, &str)]) -> Vec<String> {
    let read = Settings::from_values(Role::Serve, owned(&ENOUGH).into_iter().chain(owned(more)));
    read.err().map(|faults| faults.0.into_iter().map(|fault| fault.name).collect()).unwrap_or_default()
}

fn folder() -> TempDir {
    tempfile::Builder::new().prefix("warung-settings-").tempdir().unwrap()
}

fn warung(arguments: &[&str], values: &[(&str, &str)], folder: &Path) -> Ended {
    process::run(arguments, &owned(values), folder)
}

/// Every line of a log in text: `[timestamp] [level] message`.
fn assert_is_log(text: &str) {
    assert!(!text.is_empty());
    for line in text.lines() {
        let rest = line.strip_prefix('[').and_then(|line| line.split_once("] [")).unwrap_or_else(|| panic!("{line}"));
        assert!(rest.0.parse::<chrono::DateTime<chrono::Utc>>().is_ok(), "{line}");
        let (level, message) = rest.1.split_once("] ").unwrap_or_else(|| panic!("{line}"));
        assert!(["ERROR", "WARN", "INFO", "DEBUG", "TRACE"].contains(&level), "{line}");
        assert!(!message.trim().is_empty(), "{line}");
    }
}

/// The one file of the log of a service.
fn log_of(data: &Path, service: &str) -> (String, String) {
    let mut files = std::fs::read_dir(data.join("logs").join(service)).unwrap();
    let file = files.next().unwrap().unwrap();
    assert!(files.next().is_none());
    (file.file_name().into_string().unwrap(), std::fs::read_to_string(file.path()).unwrap())
}

#[test]
fn all_faults_are_told_at_once_and_no_value_of_any() {
    let folder = folder();
    let values = [
        ("BOT_TOKEN", "hush-not-a-token"),
        ("TELEGRAM_BOT_TOKEN", "71:hush-another"),
        ("OWNER_BOT_TOKEN", "72:hush-owner"),
        ("TELEGRAM_ADMIN_IDS", "12,hush"),
        ("BOT_TIMEZONE", "Mars/hush"),
        ("LOG_LEVEL", "hush"),
        ("TELEGRAM_API_URL", "https://user:hush@api.example"),
        ("DATABASE_URL", "postgres://warung:hush@db.example:6543/postgres"),
        ("DB_HOST", "hush.example"),
        ("WARUNG_BOT_MODE", "hush"),
        ("WARUNG_GRPC_ADDR", "hush"),
        ("WARUNG_HTTP_ADDR", "hush"),
        ("WARUNG_LOG_FORMAT", "hush"),
        ("WARUNG_MEDIA_URL", "https://hush"),
        ("WARUNG_PUBLIC_URI", "https://hush.example"),
        ("WARUNG_PUBLIC_URL", "http://hush.example/shop"),
        ("WARUNG_SECRET_KEY", "hush"),
        ("WARUNG_TRUSTED_PROXIES", "-1"),
        ("WARUNG_WHATEVER", "hush"),
        ("PAKASIR_SANDBOX", "hush"),
        ("PAKASIR_API_KEY", "hush"),
        ("MIDTRANS_CORE_URL", "hush"),
        ("UNRELATED", "stays unread"),
    ];
    let ended = warung(&["serve"], &values, folder.path());
    assert_eq!((ended.status.code(), &*ended.stdout), (Some(1), ""));
    assert!(!ended.stderr.contains("hush"), "{}", ended.stderr);
    assert_eq!(ended.stderr, EVERY_FAULT);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing was begun");
}

const EVERY_FAULT: &str = "\
warung: the settings have faults (README.md lists all settings):
  WARUNG_PUBLIC_URI: there is no such setting; is WARUNG_PUBLIC_URL meant?
  WARUNG_WHATEVER: there is no such setting; remove it
  TELEGRAM_BOT_TOKEN: is another name of BOT_TOKEN, which has another value; give one of them
  BOT_USERNAME: is required: the bot's username, without @
  WARUNG_PUBLIC_URL: must begin with https://, or Telegram does not open it
  WARUNG_BOT_MODE: must be one of polling, webhook
  TELEGRAM_API_URL: must be an http or https address without a password in it
  BOT_TIMEZONE: must be an IANA name such as Asia/Jakarta
  LOG_LEVEL: must be one of error, warn, warning, info, debug, trace
  WARUNG_LOG_FORMAT: must be one of text, json
  BOT_TOKEN: must be a bot's token as BotFather gives it: digits, a colon, letters
  TELEGRAM_ADMIN_IDS: must be Telegram ids (whole numbers) with commas between
  WARUNG_SECRET_KEY: a secret key has at least 32 characters; `openssl rand -hex 32` makes a good one
  WARUNG_HTTP_ADDR: must be an address and port such as 127.0.0.1:8080
  WARUNG_TRUSTED_PROXIES: must be a number of proxies, such as 1
  DB_HOST: conflicts with DATABASE_URL; give the address or its parts, not both
  DATABASE_URL: port 6543 is Supabase's transaction-mode pooler, which does not work; take the session pooler or the direct address, port 5432
  PAKASIR_SANDBOX: must be one of true, false
  PAKASIR_PROJECT_SLUG: and PAKASIR_API_KEY go together; give both or neither
  WARUNG_MEDIA_URL: must be s3://bucket or s3://bucket/prefix
  WARUNG_MEDIA_ACCESS_KEY_ID: is required with WARUNG_MEDIA_URL
  WARUNG_MEDIA_SECRET_ACCESS_KEY: is required with WARUNG_MEDIA_URL
  WARUNG_GRPC_ADDR: must be a host and port such as 127.0.0.1:50051
  OWNER_BOT_TOKEN: has nobody to write to; give TELEGRAM_OWNER_IDS too
  MIDTRANS_CORE_URL: must be an address such as https://warung.example
";

#[test]
fn what_is_missing_is_told_by_the_role_that_needs_it() {
    let folder = folder();
    let missing = |role: &str| {
        let ended = warung(&[role], &[], folder.path());
        assert_eq!(ended.status.code(), Some(1));
        let names = ended.stderr.lines().skip(1).filter_map(|line| Some(line.trim().split_once(':')?.0.to_owned()));
        names.collect::<Vec<_>>()
    };
    assert_eq!(missing("serve"), ["BOT_USERNAME", "BOT_TOKEN", "WARUNG_SECRET_KEY"]);
    assert_eq!(missing("core"), ["BOT_USERNAME", "WARUNG_SERVICE_KEY", "BOT_TOKEN", "WARUNG_SECRET_KEY"]);
    assert_eq!(missing("edge"), ["WARUNG_SERVICE_KEY"]);
    assert_eq!(missing("bot"), ["WARUNG_SERVICE_KEY", "BOT_TOKEN"]);
    assert_eq!(missing("migrate"), ["BOT_USERNAME", "BOT_TOKEN", "WARUNG_SECRET_KEY"]);
}

#[test]
fn settings_that_do_not_go_together_are_refused() {
    for (values, faulty) in [
        (&[("WARUNG_BOT_MODE", "webhook")][..], "WARUNG_BOT_MODE"),
        (&[("OWNER_BOT_TOKEN", "72:owner")], "OWNER_BOT_TOKEN"),
        (&[("DATABASE_URL", "sqlite://a.db"), ("DB_NAME", "a")], "DB_NAME"),
        (&[("TELEGRAM_ADMIN_IDS", "1"), ("ADMIN_ID", "2")], "ADMIN_ID"),
        (&[("TELEGRAM_BOT_TOKEN", "71:other")], "TELEGRAM_BOT_TOKEN"),
        (&[("PAKASIR_PROJECT_SLUG", "toko")], "PAKASIR_PROJECT_SLUG"),
        (&[("PAKASIR_BASE_URL", "http://pakasir.example")], "PAKASIR_BASE_URL"),
        (&[("PAKASIR_WEBHOOK_SECRET", "rahasia")], "PAKASIR_WEBHOOK_SECRET"),
        (&[("PAKASIR_PROJECT_SLUG", "https://x/toko"), ("PAKASIR_API_KEY", "k")], "PAKASIR_PROJECT_SLUG"),
        (&[("WARUNG_PUBLIC_URL", "https://shop.example/warung")], "WARUNG_PUBLIC_URL"),
        (&[("WARUNG_PUBLIC_URL", "http://shop.example")], "WARUNG_PUBLIC_URL"),
        (&[("DATABASE_URL", "mysql://db.example/warung")], "DATABASE_URL"),
        (&[("DATABASE_URL", "postgres://u:p@pooler.supabase.com:6543/postgres")], "DATABASE_URL"),
    ] {
        assert_eq!(faults(values), [faulty], "{values:?}");
    }
    assert_eq!(faults(&[]), [""; 0]);
}

#[test]
fn another_spelling_is_the_same_setting() {
    let settings = Settings::from_values(
        Role::Serve,
        owned(&[
            ("TELEGRAM_BOT_TOKEN", TOKEN),
            ("BOT_USERNAME", "@warung_bot"),
            ("ADMIN_ID", "5, 6"),
            ("WARUNG_SECRET_KEY", ENOUGH[2].1),
        ]),
    );
    let settings = settings.unwrap();
    assert_eq!(settings.bot_token.unwrap().expose_secret(), TOKEN);
    assert_eq!((&*settings.bot_username, settings.admin_ids), ("warung_bot", vec![5, 6]));
    // Both with the same value are no conflict.
    assert_eq!(read(&[("TELEGRAM_BOT_TOKEN", TOKEN)]).bot_token.unwrap().expose_secret(), TOKEN);
}

#[test]
fn the_parts_of_a_database_make_its_address() {
    let parts = |host: &str, password: &str| {
        let values = [("DB_HOST", host), ("DB_NAME", "warung"), ("DB_USER", "toko@malam"), ("DB_PASS", password)];
        read(&values).database_url.expose_secret().to_owned()
    };
    assert_eq!(parts("db.example", "plain"), "postgresql://toko%40malam:plain@db.example:5432/warung");
    for password in ["p@ss/w:rd?#", "100%", "%41", "kata sandi", "påss+&=", "'\"\\[]"] {
        let url: url::Url = parts("db.example", password).parse().unwrap();
        let decoded = percent_encoding::percent_decode_str(url.password().unwrap()).decode_utf8().unwrap().into_owned();
        assert_eq!((&*decoded, url.host_str()), (password, Some("db.example")));
    }
    assert_eq!(parts("127.0.0.1", "x"), "postgresql://toko%40malam:x@127.0.0.1:5432/warung");
    assert_eq!(faults(&[("DB_HOST", "db"), ("DB_PASS", "x")]), ["DB_NAME", "DB_USER"]);
    let whole = [("DB_NAME", "warung"), ("DB_USER", "toko")];
    let with = |more: &[(&'static str, &'static str)]| faults(&[&whole[..], more].concat());
    assert_eq!(with(&[("DB_HOST", "db.example:5432")]), ["DB_HOST"], "a port has a setting of its own");
    assert_eq!(with(&[("DB_HOST", "https://db.example")]), ["DB_HOST"]);
    assert_eq!(with(&[("DB_HOST", "db"), ("DB_PORT", "6543")]), ["DB_PORT"], "a pooler that does not work");
    assert_eq!(with(&[("DB_HOST", "db"), ("DB_PORT", "0x1")]), ["DB_PORT"]);
}

#[test]
fn without_a_word_of_the_database_it_is_a_file_of_the_data_folder() {
    let settings = read(&[("WARUNG_DATA_DIR", "/srv/warung")]);
    assert_eq!(settings.database_url.expose_secret(), "sqlite:///srv/warung/warung.db");
    assert_eq!(read(&[]).database_url.expose_secret(), "sqlite://data/warung.db");
}

#[test]
fn the_environment_wins_over_the_file_and_empty_is_absent() {
    let folder = folder();
    let file = format!(
        "# a comment\nBOT_TOKEN={TOKEN}\nexport BOT_USERNAME='warung_bot'\nTELEGRAM_OWNER_IDS=\n\n\
         WARUNG_SECRET_KEY=\"{}\" # and another\nWARUNG_DATA_DIR=from-the-file\n",
        ENOUGH[2].1
    );
    std::fs::write(folder.path().join(".env"), file).unwrap();
    let is_there = |name: &str| folder.path().join(name).join("warung.db").exists();
    assert!(warung(&["migrate"], &[], folder.path()).status.success());
    assert!(is_there("from-the-file"));
    assert!(warung(&["migrate"], &[("WARUNG_DATA_DIR", "from-the-environment")], folder.path()).status.success());
    assert!(is_there("from-the-environment"));
    std::fs::remove_dir_all(folder.path().join("from-the-file")).unwrap();
    assert!(warung(&["migrate"], &[("WARUNG_DATA_DIR", "")], folder.path()).status.success());
    assert!(is_there("from-the-file") && !is_there("data"), "an empty variable hides nothing");
}

#[test]
fn every_name_in_a_file_must_be_one_of_ours() {
    let folder = folder();
    std::fs::write(folder.path().join(".env"), "BOT_TOKEM=x\nLOG_LEVAL=info\nSOMETHING=else\n").unwrap();
    let ended = warung(&["edge"], &[("WARUNG_SERVICE_KEY", "k"), ("PATH", "/bin"), ("LOGNAME", "x")], folder.path());
    let expected = "warung: the settings have faults (README.md lists all settings):\n  \
                    BOT_TOKEM: there is no such setting; is BOT_TOKEN meant?\n  \
                    LOG_LEVAL: there is no such setting; is LOG_LEVEL meant?\n  \
                    SOMETHING: there is no such setting; remove it\n";
    assert_eq!(ended.stderr, expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_has_its_form_and_no_secret_even_where_telegram_can_not_be_reached() {
    let folder = folder();
    let (http, grpc) = (format!("127.0.0.1:{}", port()), format!("127.0.0.1:{}", port()));
    let nobody = format!("http://127.0.0.1:{}", port());
    let more = [
        ("WARUNG_HTTP_ADDR", &*http),
        ("WARUNG_GRPC_ADDR", &grpc),
        ("TELEGRAM_API_URL", &nobody),
        ("OWNER_BOT_TOKEN", "7100000004:AAowner-token-that-nobody-may-see"),
        ("TELEGRAM_OWNER_IDS", "5"),
        ("DB_NAME", ""),
        ("LOG_LEVEL", "trace"),
        ("WARUNG_DATA_DIR", "data"),
    ];
    let process = Process::start("serve", "serve", &owned(&[&ENOUGH[..], &more].concat()), folder.path());
    let output = eventually("the warning", DEADLINE, async || {
        let output = process.output();
        output.contains("Telegram gave no updates").then_some(output)
    })
    .await;
    assert_is_log(&output);
    let (name, file) = eventually("the line in the file", DEADLINE, async || {
        let (name, file) = log_of(&folder.path().join("data"), "warung");
        file.contains("Telegram gave no updates").then_some((name, file))
    })
    .await;
    assert_is_log(file.trim_end());
    let date = name.strip_suffix(".log").unwrap();
    assert!(date.parse::<chrono::NaiveDate>().is_ok(), "{name}");
    for text in [output, file] {
        assert!(!text.contains("nobody-may-see"), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_in_json_has_an_object_on_each_line() {
    let folder = folder();
    let address = format!("127.0.0.1:{}", port());
    let values = [
        ("WARUNG_SERVICE_KEY", "service-key-that-nobody-may-see"),
        ("WARUNG_HTTP_ADDR", &*address),
        ("WARUNG_LOG_FORMAT", "json"),
    ];
    let process = Process::start("edge", "edge", &owned(&values), folder.path());
    let output =
        eventually("the first line", DEADLINE, async || Some(process.output()).filter(|text| text.ends_with('\n')));
    for line in output.await.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(line["fields"]["message"], "the edge serves");
    }
}

#[test]
fn a_port_that_is_taken_is_named_with_its_setting() {
    let folder = folder();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let values = [("WARUNG_SERVICE_KEY", "key"), ("WARUNG_HTTP_ADDR", &*address)];
    let ended = warung(&["edge"], &values, folder.path());
    assert_eq!(ended.status.code(), Some(1));
    let expected =
        format!("warung: WARUNG_HTTP_ADDR: can't listen on {address}: Address already in use (os error 98)\n");
    assert_eq!(ended.stderr, expected);
}

#[test]
fn a_second_process_on_one_sqlite_file_is_refused() {
    let folder = folder();
    let start = |name: &str| {
        let (http, grpc) = (format!("127.0.0.1:{}", port()), format!("127.0.0.1:{}", port()));
        let nobody = format!("http://127.0.0.1:{}", port());
        let more = [("WARUNG_HTTP_ADDR", &*http), ("WARUNG_GRPC_ADDR", &grpc), ("TELEGRAM_API_URL", &nobody)];
        Process::start(name, "serve", &owned(&[&ENOUGH[..], &more].concat()), folder.path())
    };
    let (one, other) = (start("one"), start("other"));
    let started = std::time::Instant::now();
    let refused = |process: &Process| process.output().contains("another Warung process has data/warung.db open");
    while !refused(&one) && !refused(&other) {
        assert!(started.elapsed() < DEADLINE, "both run");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(!(refused(&one) && refused(&other)), "one of them serves");
}
