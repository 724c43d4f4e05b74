//! `warung doctor`: each fault with its remedy.

use axum::{Json, Router, routing::get};
use serde_json::{Value, json};
use uuid::Uuid;
use warung_store::{Error, Store, StoreConfig, Tx, Work, rows};

use crate::{
    outside::{front, store},
    process::{self, Ended, Values, port},
    shop::{BOT, OWNER_TOKEN, Shop, TOKEN, edges},
    time::{DEADLINE, eventually},
};

/// A store with a database, which is not started.
pub(crate) async fn shop() -> (Shop, Values) {
    let shop = Shop::new().await;
    let values = shop.values(&shop.folder("store").join("data"), &[]);
    let migrated = process::run(&["migrate"], &values, &shop.folder("store"));
    assert!(migrated.status.success(), "{migrated:?}");
    (shop, values)
}

/// A Bot API that answers as of this date, and knows this of the webhook: its address. With 7 updates that wait, chats
/// with the bot have topics.
async fn bot_api(date: Option<&'static str>, webhook: Value) -> String {
    let answer = move |result: Value| {
        let date = date.map(|date| [("date", date)]);
        std::future::ready((date, Json(json!({"ok": true, "result": result}))))
    };
    let me = json!({"id": BOT, "is_bot": true, "first_name": "Warung", "username": "warung_proses_bot",
        "has_topics_enabled": webhook["pending_update_count"] == 7});
    let api = Router::new()
        .route("/{bot}/getMe", get(move || answer(me)))
        .route("/{bot}/getWebhookInfo", get(move || answer(webhook)));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, api).await.unwrap() });
    address
}

/// What the doctor says of settings with some changed, without what differs from run to run.
pub(crate) fn doctor(shop: &Shop, values: &[(String, String)], more: &[(&str, &str)]) -> Ended {
    let mut values = values.to_vec();
    for (name, value) in more {
        values.retain(|(known, _)| known != name);
        values.push(((*name).to_owned(), (*value).to_owned()));
    }
    let mut ended = process::run(&["doctor"], &values, &shop.folder("doctor"));
    for secret in [TOKEN, OWNER_TOKEN].map(|token| token.split_once(':').unwrap().1) {
        assert!(!format!("{ended:?}").contains(secret), "a token is shown: {ended:?}");
    }
    let folder = shop.folder("").display().to_string();
    ended.stdout = ended.stdout.replace(folder.trim_end_matches('/'), "").replace(&shop.grpc, "GRPC");
    ended
}

/// The lines of one finding.
pub(crate) fn finding<'a>(ended: &'a Ended, subject: &str) -> Vec<&'a str> {
    let lines: Vec<&str> = ended.stdout.lines().collect();
    let first =
        lines.iter().position(|line| line.get(7..).is_some_and(|rest| rest.starts_with(&format!("{subject}: "))));
    let first = first.unwrap_or_else(|| panic!("nothing is said of {subject}: {ended:?}"));
    let remedies = lines[first + 1..].iter().take_while(|line| line.starts_with("       -> ")).count();
    lines[first..=first + remedies].to_vec()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_without_faults_has_none() {
    let (shop, values) = shop().await;
    let ended = doctor(&shop, &values, &[]);
    let expected = "\
ok     settings: all can be read
notice Mini App: has no address, so the bot shows no button that opens it
       -> put a TLS proxy before WARUNG_HTTP_ADDR (deploy/caddy) and set WARUNG_PUBLIC_URL
ok     WARUNG_DATA_DIR: /store/data can be written
ok     database: SQLite opens, and its schema is up to date
ok     WARUNG_SECRET_KEY: is the one that the database was made with
ok     roles: owners 700000005; sellers 700000004; they get their roles at the first start
ok     books: every sum holds
ok     BOT_TOKEN: is @warung_proses_bot
ok     updates: polling; 0 wait
ok     OWNER_BOT_TOKEN: is @warung_pemilik_bot
notice Pakasir: is not set, so orders are paid from the balance alone and nobody can top it up
       -> give PAKASIR_PROJECT_SLUG and PAKASIR_API_KEY, as the project's page at Pakasir shows them

No faults.
";
    assert_eq!((&*ended.stdout, &*ended.stderr, ended.status.code()), (expected, "", Some(0)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn faults_at_telegram_are_found() {
    let (shop, values) = shop().await;
    let revoked = doctor(&shop, &values, &[("BOT_TOKEN", "7100000001:AArevoked")]);
    let remedy = "       -> the token is not valid (any more): ask BotFather for the bot's token";
    assert_eq!(finding(&revoked, "BOT_TOKEN"), ["FAULT  BOT_TOKEN: Telegram answers: Unauthorized", remedy]);
    assert_eq!((revoked.status.code(), &*revoked.stderr), (Some(1), "warung: 1 of 10 checks found a fault\n"));

    let renamed = doctor(&shop, &values, &[("BOT_USERNAME", "warung_lama_bot")]);
    let expected = [
        "FAULT  BOT_USERNAME: is warung_lama_bot, but the token is @warung_proses_bot's",
        "       -> set BOT_USERNAME=warung_proses_bot, or links to Start lead to another bot",
    ];
    assert_eq!(finding(&renamed, "BOT_USERNAME"), expected);

    let nobody = format!("http://127.0.0.1:{}", port());
    let unreachable = doctor(&shop, &values, &[("TELEGRAM_API_URL", &nobody)]);
    let remedy = "       -> check the network and TELEGRAM_API_URL";
    for name in ["BOT_TOKEN", "OWNER_BOT_TOKEN"] {
        let found = finding(&unreachable, name);
        assert!(found[0].starts_with(&format!("FAULT  {name}: Telegram can't be reached: ")), "{found:?}");
        assert!(found[0].contains("Connection refused"), "{found:?}");
        assert_eq!(found[1], remedy);
    }
    assert_eq!(unreachable.status.code(), Some(1));

    let set = json!({"url": "https://another.example/hook"});
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("{}/bot{TOKEN}/setWebhook", shop.telegram.url());
    assert!(http.post(url).json(&set).send().await.unwrap().status().is_success());
    let elsewhere = doctor(&shop, &values, &[]);
    let expected = [
        "notice webhook: is set at Telegram to another address",
        "       -> start the bot: it sets or removes it by itself; if another program uses this token, stop that one",
    ];
    assert_eq!((finding(&elsewhere, "webhook"), elsewhere.status.code()), (expected.to_vec(), Some(0)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_is_off_is_a_fault() {
    let (shop, values) = shop().await;
    let remedy =
        "       -> turn time synchronisation on (timedatectl set-ntp true), or launches of the Mini App are refused";
    for (date, way) in [("Sun, 06 Nov 1994 08:49:37 GMT", "fast"), ("Fri, 31 Dec 2100 00:00:00 GMT", "slow")] {
        let url = bot_api(Some(date), json!({"url": "", "pending_update_count": 0})).await;
        let ended = doctor(&shop, &values, &[("TELEGRAM_API_URL", &url)]);
        let found = finding(&ended, "clock");
        assert!(
            found[0].starts_with("FAULT  clock: is ") && found[0].ends_with(&format!(" seconds {way}")),
            "{found:?}"
        );
        assert_eq!((found[1], ended.status.code()), (remedy, Some(1)));
    }
    let right = bot_api(None, json!({"url": "", "pending_update_count": 0})).await;
    let ended = doctor(&shop, &values, &[("TELEGRAM_API_URL", &right)]);
    assert!(!ended.stdout.contains(" clock: ") && !ended.stdout.contains(" topics: "), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn topics_in_the_chats_with_the_bot_are_told() {
    let (shop, values) = shop().await;
    let url = bot_api(None, json!({"url": "", "pending_update_count": 7})).await;
    let ended = doctor(&shop, &values, &[("TELEGRAM_API_URL", &url)]);
    let found = finding(&ended, "topics");
    assert!(found[0].starts_with("notice topics: are on for the chats with the bot"), "{found:?}");
    assert_eq!(found[1], "       -> turn threaded mode off in BotFather, unless you want it so");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_telegram_knows_of_the_webhook_is_told_in_webhook_mode() {
    let (shop, values) = shop().await;
    let public = front(store()).await;
    let ours = format!("{public}/telegram/webhook");
    let failed = json!({"url": &ours, "last_error_message": "Connection refused", "pending_update_count": 3});
    for (webhook, subject, expected) in [
        (
            json!({"url": "", "pending_update_count": 0}),
            "webhook",
            &["notice webhook: is not set at Telegram yet", "       -> start the bot: it sets its webhook by itself"][..],
        ),
        (json!({"url": &ours, "pending_update_count": 2}), "updates", &["ok     updates: by webhook; 2 wait"]),
        (
            failed,
            "webhook",
            &[
                "notice webhook: Telegram's last call failed: Connection refused (3 updates wait)",
                "       -> check that the TLS proxy passes /telegram/webhook on to the bot (WARUNG_HTTP_ADDR of `warung serve` or `warung bot`)",
            ],
        ),
        (
            json!({"url": "https://another.example/hook", "pending_update_count": 0}),
            "webhook",
            &[
                "notice webhook: is set at Telegram to another address",
                "       -> start the bot: it sets or removes it by itself; if another program uses this token, stop that one",
            ],
        ),
    ] {
        let url = bot_api(None, webhook).await;
        let more = [("TELEGRAM_API_URL", &*url), ("WARUNG_BOT_MODE", "webhook"), ("WARUNG_PUBLIC_URL", &public)];
        let ended = doctor(&shop, &values, &more);
        assert_eq!((finding(&ended, subject), ended.status.code()), (expected.to_vec(), Some(0)), "{ended:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn waiting_migrations_are_told_and_not_run() {
    let (shop, values) = shop().await;
    let data = shop.folder("fresh").join("data");
    let more = [("WARUNG_DATA_DIR", &*data.display().to_string())];
    for _ in 0..2 {
        let ended = doctor(&shop, &values, &more);
        let found = finding(&ended, "database");
        let words = "notice database: can be used, but its schema is not up to date; migrations waiting: ";
        assert!(found[0].strip_prefix(words).unwrap().parse::<u32>().unwrap() > 0, "{found:?}");
        assert_eq!(found[1], "       -> run `warung migrate`; a core that starts does the same");
        assert_eq!(ended.status.code(), Some(0), "{ended:?}");
        assert!(!data.join("warung.db").exists(), "the doctor has made a database");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_media_store_that_can_not_be_opened_is_named_with_its_own_remedy() {
    let (shop, values) = shop().await;
    std::fs::write(shop.folder("store").join("data/media"), "in its place").unwrap();
    let ended = doctor(&shop, &values, &[]);
    let found = finding(&ended, "media store");
    assert!(found[0].starts_with("FAULT  media store: can't be opened: "), "{found:?}");
    let remedy = "       -> make it a folder that the user who runs Warung may write, or move what is in its place";
    assert_eq!(found[1], remedy);
    let books = ["notice books: were not looked at: they need the media store", "       -> mend that first"];
    assert_eq!((finding(&ended, "books"), ended.status.code()), (books.to_vec(), Some(1)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn faults_of_the_folder_and_the_database_are_found() {
    let (shop, values) = shop().await;
    // Nobody can make a folder in a file, not even root.
    std::fs::write(shop.folder("file"), "").unwrap();
    let data = shop.folder("file").join("data").display().to_string();
    let closed = doctor(&shop, &values, &[("WARUNG_DATA_DIR", &data)]);
    let expected = [
        "FAULT  WARUNG_DATA_DIR: /file/data can't be written: Not a directory (os error 20)",
        "       -> give the user that runs Warung the folder, or free some space",
    ];
    assert_eq!(finding(&closed, "WARUNG_DATA_DIR"), expected);
    assert!(finding(&closed, "database")[0].starts_with("FAULT  database: /file/data/warung.db can't be opened: "));

    let nobody = format!("postgres://warung:hush@127.0.0.1:{}/warung", port());
    let unreachable = doctor(&shop, &values, &[("DATABASE_URL", &nobody)]);
    let found = finding(&unreachable, "database");
    assert!(found[0].starts_with("FAULT  database: PostgreSQL at 127.0.0.1:"), "{found:?}");
    assert!(!unreachable.stdout.contains("hush"));
    let remedy = "       -> check DATABASE_URL (or DB_HOST and its like), that the server runs, and that the user may create tables";
    assert_eq!(found[1], remedy);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn faults_of_the_settings_are_found_in_the_same_words() {
    let (shop, _) = shop().await;
    let ended = doctor(&shop, &[], &[("BOT_USERNAME", "x"), ("WARUNG_SECRET_KEY", "short"), ("BOT_TOKEN", TOKEN)]);
    assert_eq!(ended.status.code(), Some(1));
    let expected = [
        "FAULT  WARUNG_SECRET_KEY: is not right",
        "       -> a secret key has at least 32 characters; `openssl rand -hex 32` makes a good one",
    ];
    assert_eq!(finding(&ended, "WARUNG_SECRET_KEY"), expected);
    assert_eq!(ended.stderr, "warung: 1 of 1 checks found a fault\n");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_setting_that_is_missing_is_said_to_be_required() {
    let (shop, _) = shop().await;
    let ended = doctor(&shop, &[], &[("BOT_USERNAME", ""), ("BOT_TOKEN", TOKEN)]);
    assert_eq!(ended.status.code(), Some(1));
    let expected = ["FAULT  BOT_USERNAME: is required", "       -> the bot's username, without @"];
    assert_eq!(finding(&ended, "BOT_USERNAME"), expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_runs_answers_for_its_database() {
    let (shop, values) = shop().await;
    let address = format!("127.0.0.1:{}", port());
    let api = edges(&[address.rsplit_once(':').unwrap().1.parse().unwrap()]);
    let _serve = shop.start("store", "serve", &[("WARUNG_HTTP_ADDR", &address)]);
    eventually("readiness", DEADLINE, async || api.is_ready().await.then_some(())).await;
    // Until its bot polls, what Telegram keeps is not told.
    shop.sim().wait_for_call(|call| call.bot == BOT && call.method == "deletewebhook", DEADLINE).await.unwrap();
    let ended = doctor(&shop, &values, &[]);
    assert_eq!(finding(&ended, "core"), ["ok     core: runs at GRPC and answers"]);
    assert_eq!(finding(&ended, "books"), ["ok     books: every sum holds"], "the core proves them while it runs");
    let not_asked = "notice WARUNG_SECRET_KEY: not asked: the database is open in the core that runs, which has compared its own key with it";
    assert_eq!(finding(&ended, "WARUNG_SECRET_KEY")[0], not_asked);
    assert_eq!(ended.status.code(), Some(0), "{ended:?}");

    let stranger = doctor(&shop, &values, &[("WARUNG_SERVICE_KEY", "another-service-key-0123456789012345")]);
    let found = finding(&stranger, "core");
    assert!(found[0].starts_with("FAULT  core: has the database open, but does not answer at GRPC: "), "{found:?}");
    assert_eq!(
        found[1],
        "       -> check that WARUNG_GRPC_ADDR and WARUNG_SECRET_KEY are those that it was started with, or restart it"
    );
}

/// A journal of nothing that happened, which does not sum to zero: no command would write it.
struct Unbalanced(Uuid);

impl Work for Unbalanced {
    type Output = ();
    type Error = Error;

    async fn run(&self, tx: &mut Tx) -> Result<(), Error> {
        let Self(id) = *self;
        let create_time = chrono::DateTime::UNIX_EPOCH;
        tx.insert(rows::Journal { id, kind: "TEST".into(), ref_id: id, order_id: None, create_time }).await?;
        let (account, currency) = ("revenue".into(), warung_domain::money::Currency::Idr.into());
        let entry =
            rows::LedgerEntry { id, journal_id: id, account, currency, amount_minor: 5, balance_after_minor: None };
        tx.insert(entry).await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fault_of_the_books_is_named() {
    let (shop, values) = shop().await;
    let data = shop.folder("store").join("data");
    std::fs::create_dir_all(&data).unwrap();
    let config = StoreConfig::new(format!("sqlite://{}", data.join("warung.db").display()));
    let store = Store::open(&config).await.unwrap();
    let id = Uuid::from_u128(7);
    store.transact(Unbalanced(id)).await.unwrap();
    store.close().await;

    let named = format!(
        "FAULT  books: 2 faults: every journal sums to zero: not so with journal {id}; every journal is of something that \
         happened: not so with journal {id}"
    );
    let remedy = "       -> keep a copy of the database as it is, and ask who knows the code: the books are never mended by hand";
    let standing = doctor(&shop, &values, &[]);
    assert_eq!(finding(&standing, "books"), [&named, remedy]);
    assert_eq!((standing.status.code(), standing.stderr.contains("1 of")), (Some(1), true), "{standing:?}");

    let address = format!("127.0.0.1:{}", port());
    let api = edges(&[address.rsplit_once(':').unwrap().1.parse().unwrap()]);
    let _serve = shop.start("store", "serve", &[("WARUNG_HTTP_ADDR", &address)]);
    eventually("readiness", DEADLINE, async || api.is_ready().await.then_some(())).await;
    let running = doctor(&shop, &values, &[]);
    assert_eq!(finding(&running, "books"), [&named, remedy], "the core that runs names it in the same words");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn faults_at_pakasir_are_found() {
    use warung_emulators::pakasir::{Pakasir, PakasirConfig, Project};
    const KEY: &str = "kunci-rahasia-proyek";
    let (shop, values) = shop().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let pakasir = Pakasir::start(listener, PakasirConfig::new(Project::new("toko", KEY, "Toko")));
    let url = pakasir.url();
    let ask = |slug: &str, key: &str, url: &str| {
        let more = [("PAKASIR_PROJECT_SLUG", slug), ("PAKASIR_API_KEY", key), ("PAKASIR_BASE_URL", url)];
        let ended = doctor(&shop, &values, &more);
        assert!(!format!("{ended:?}").contains(key), "the key is shown: {ended:?}");
        ended
    };
    let right = ask("toko", KEY, &url);
    assert_eq!(finding(&right, "Pakasir"), ["ok     Pakasir: the project toko is let in"]);
    let no_address =
        "notice Pakasir webhook: has no address, so payments are found by asking alone, up to half a minute later";
    assert_eq!(finding(&right, "Pakasir webhook")[0], no_address);
    let remedy = "       -> compare PAKASIR_PROJECT_SLUG and PAKASIR_API_KEY with the project's page at Pakasir";
    for wrong in [ask("toko", "kunci-yang-salah", &url), ask("toko-lain", KEY, &url)] {
        let found = finding(&wrong, "Pakasir");
        assert!(found[0].starts_with("FAULT  Pakasir: refuses the project toko"), "{found:?}");
        assert_eq!((found[1], wrong.status.code()), (remedy, Some(1)));
    }
    let gone = ask("toko", KEY, &format!("http://127.0.0.1:{}", port()));
    assert!(finding(&gone, "Pakasir")[0].starts_with("FAULT  Pakasir: gives no answer"), "{gone:?}");
}
