//! What may befall a SQLite file: a kill, a second process, a full disk.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use crate::common::{count, insert, is_there, lease, look, run_sql, write};
use warung_store::{
    Durability, Error, OpenError, Store, StoreConfig,
    testing::{Kind, TestDatabase},
};

/// Names the file to the second process, which is this test program again with the same test.
const VICTIM: &str = "WARUNG_TEST_VICTIM";

fn config(path: &Path) -> StoreConfig {
    let mut config = StoreConfig::new(format!("sqlite://{}", path.display()));
    config.durability = Durability::Full;
    config
}

fn file_of(database: &TestDatabase) -> PathBuf {
    PathBuf::from(database.config.url.strip_prefix("sqlite://").unwrap())
}

/// Starts the running test once more as a process of its own.
fn start_again(test: &str, victim: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture"])
        .env(VICTIM, victim)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Commits pairs as fast as it can, and tells of each that it was acknowledged, until it is killed.
fn commit_until_killed(victim: &str) -> ! {
    let (path, cycle) = victim.split_once('#').unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let store = Store::open(&config(Path::new(path))).await.unwrap();
        say("open");
        let mut tasks = tokio::task::JoinSet::new();
        for task in 0..16 {
            let (store, cycle) = (store.clone(), cycle.to_owned());
            tasks.spawn(async move {
                for number in 0_u64.. {
                    let name = format!("{cycle}-{task}-{number}");
                    insert_pair(&store, &name).await.unwrap();
                    say(&name);
                }
            });
        }
        tasks.join_all().await;
    });
    unreachable!("it is killed")
}

async fn insert_pair(store: &Store, name: &str) -> warung_store::Result<()> {
    let name = name.to_owned();
    write(store, move |tx| {
        let (left, right) = (lease(&format!("left {name}")), lease(&format!("right {name}")));
        Box::pin(async move {
            tx.insert(left).await?;
            tx.insert(right).await
        })
    })
    .await
}

/// One line in one write, of which a pipe takes all or nothing; the test harness may have left its own line open.
fn say(text: &str) {
    std::io::stdout().write_all(format!("\n+{text}\n").as_bytes()).unwrap();
}

#[test]
fn what_was_acknowledged_survives_a_kill_at_any_moment() {
    if let Ok(victim) = std::env::var_os(VICTIM).unwrap_or_default().into_string()
        && !victim.is_empty()
    {
        commit_until_killed(&victim);
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("warung.db");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut acknowledged = Vec::new();
    for cycle in 0..24_usize {
        let victim = format!("{}#{cycle}", path.display());
        let mut child = start_again("faults_sqlite::what_was_acknowledged_survives_a_kill_at_any_moment", &victim);
        let output = BufReader::new(child.stdout.take().unwrap());
        let mut lines =
            output.lines().map_while(Result::ok).filter_map(|line| Some(line.strip_prefix('+')?.to_owned()));
        // Before the file is open, at once, then later and later, at moments that fall anywhere in a commit.
        let acknowledged_before_the_kill = (cycle * cycle * 3).saturating_sub(1);
        if cycle > 0 {
            assert_eq!(lines.next().as_deref(), Some("open"), "cycle {cycle}: the file can be opened again");
        }
        let mut of_cycle: Vec<_> = lines.by_ref().take(acknowledged_before_the_kill).collect();
        child.kill().unwrap();
        // What it had said before it died counts too.
        of_cycle.extend(lines);
        child.wait().unwrap();
        acknowledged.extend(of_cycle.into_iter().filter(|name| name != "open"));
    }
    assert!(acknowledged.len() > 1_000, "{} commits are no load", acknowledged.len());
    runtime.block_on(async {
        let store = Store::open(&config(&path)).await.unwrap();
        let kept = names(&store).await;
        for name in &acknowledged {
            assert!(kept.contains(&format!("left {name}")), "{name} was acknowledged and is lost");
        }
        for name in &kept {
            let (side, rest) = name.split_once(' ').unwrap();
            let twin = format!("{} {rest}", if side == "left" { "right" } else { "left" });
            assert!(kept.contains(&twin), "{name} stands without its pair");
        }
        store.close().await;
    });
    let check: String =
        rusqlite::Connection::open(&path).unwrap().query_row("pragma integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(check, "ok");
}

async fn names(store: &Store) -> std::collections::HashSet<String> {
    use sea_orm::{ConnectionTrait as _, Statement};
    let found = look(store, |read| {
        Box::pin(async move {
            let statement = Statement::from_string(read.get_database_backend(), "select name from lease");
            let rows = read.query_all_raw(statement).await?;
            Ok(rows.iter().map(|row| row.try_get::<String>("", "name")).collect::<Result<_, _>>()?)
        })
    });
    found.await.unwrap()
}

#[test]
fn a_second_process_is_refused_by_whatever_name_until_the_first_lets_go() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    if let Some(victim) = std::env::var_os(VICTIM).filter(|victim| !victim.is_empty()) {
        let opened = runtime.block_on(Store::open(&config(Path::new(&victim))));
        say(&match opened {
            Ok(_) => "opened".to_owned(),
            Err(error @ OpenError::InUse(_)) => format!("in use: {error}"),
            Err(error) => format!("failed: {error}"),
        });
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("warung.db");
    let (elsewhere, linked) = (folder.path().join("elsewhere"), folder.path().join("linked"));
    std::fs::create_dir(&elsewhere).unwrap();
    std::os::unix::fs::symlink(folder.path(), &linked).unwrap();
    let second_process = |path: &Path| {
        let child = start_again(
            "faults_sqlite::a_second_process_is_refused_by_whatever_name_until_the_first_lets_go",
            path.to_str().unwrap(),
        );
        let output = child.wait_with_output().unwrap();
        String::from_utf8(output.stdout)
            .unwrap()
            .lines()
            .find_map(|line| Some(line.strip_prefix('+')?.to_owned()))
            .unwrap()
    };
    let store = runtime.block_on(Store::open(&config(&path))).unwrap();
    let (symbolic, hard) = (elsewhere.join("symbolic.db"), elsewhere.join("hard.db"));
    std::os::unix::fs::symlink(&path, &symbolic).unwrap();
    std::fs::hard_link(&path, &hard).unwrap();
    for name in [&path, &symbolic, &hard, &linked.join("warung.db"), &elsewhere.join("../warung.db")] {
        let refused = second_process(name);
        assert!(refused.starts_with("in use: ") && refused.contains(name.to_str().unwrap()), "{refused}");
        assert!(refused.contains("PostgreSQL"), "it says what to do: {refused}");
    }
    // A clone in this process is refused as another process is.
    assert!(matches!(runtime.block_on(Store::open(&config(&path))), Err(OpenError::InUse(_))));
    runtime.block_on(store.close());
    assert_eq!(second_process(&path), "opened");
    assert_eq!(second_process(&symbolic), "opened");
}

#[tokio::test]
async fn nothing_stays_locked_after_a_failed_open_and_the_error_names_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("warung.db");
    std::fs::write(&path, "this is a letter, and no database at all, and long enough to look like one").unwrap();
    for _ in 0..2 {
        let error = Store::open(&config(&path)).await.unwrap_err();
        assert!(matches!(error, OpenError::Sqlite { .. }), "{error:?}");
        assert!(error.to_string().contains("warung.db"), "{error}");
    }
    std::fs::remove_file(&path).unwrap();
    Store::open(&config(&path)).await.unwrap();
}

#[tokio::test]
async fn an_address_that_can_not_be_a_file_is_refused_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("file"), "").unwrap();
    for (url, words) in [
        ("mysql://localhost/shop".to_owned(), "sqlite:// or postgres://"),
        (String::new(), "sqlite:// or postgres://"),
        ("sqlite::memory:".to_owned(), "name a file"),
        ("sqlite://".to_owned(), "name a file"),
        (format!("sqlite://{}/file/warung.db", folder.path().display()), "file/warung.db can't be opened"),
        (format!("sqlite://{}", folder.path().display()), "can't be"),
    ] {
        let error = Store::open(&StoreConfig::new(&url)).await.unwrap_err().to_string();
        assert!(error.contains(words), "{url}: {error}");
    }
}

#[tokio::test]
async fn a_database_of_a_newer_release_is_refused_by_name() {
    for kind in Kind::ALL {
        let database = TestDatabase::new(kind).await;
        let store = database.open().await;
        run_sql(&store, "insert into seaql_migrations (version, applied_at) values ('m9999_future', 0)").await.unwrap();
        store.close().await;
        let error = Store::open(&database.config).await.unwrap_err();
        assert!(matches!(error, OpenError::Newer), "{kind:?}: {error:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_fails_the_whole_group_cleanly_and_passes_when_there_is_space_again() {
    let database = TestDatabase::new(Kind::Sqlite).await;
    let store = database.open().await;
    insert(&store, "before").await.unwrap();
    let pages = count(&store, "select page_count as number from pragma_page_count").await;
    run_sql(&store, format!("pragma max_page_count = {}", pages + 4)).await.unwrap();
    // Enough at once that they share transactions; each row takes a page.
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..200 {
        let store = store.clone();
        tasks.spawn(async move { (number, insert(&store, &format!("{number} {}", "x".repeat(4_000))).await) });
    }
    let outcomes = tasks.join_all().await;
    assert!(outcomes.iter().any(|(_, outcome)| *outcome == Err(Error::Full)));
    for (number, outcome) in outcomes {
        assert!(matches!(outcome, Ok(()) | Err(Error::Full)), "{number}: {outcome:?}");
        let kept = is_there(&store, &format!("{number} {}", "x".repeat(4_000))).await;
        assert_eq!(kept, outcome.is_ok(), "{number}: what failed left nothing, what was answered is there");
    }
    run_sql(&store, "pragma max_page_count = 1000000").await.unwrap();
    insert(&store, &format!("after {}", "x".repeat(4_000))).await.unwrap();
    assert!(is_there(&store, "before").await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_write_ahead_log_stays_bounded_under_writes_and_reads() {
    let database = TestDatabase::new(Kind::Sqlite).await;
    let store = database.open().await;
    let started = Instant::now();
    let reader = {
        let store = store.clone();
        tokio::spawn(
            async move { while started.elapsed() < Duration::from_mins(1) && !is_there(&store, "last").await {} },
        )
    };
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..32 {
        let store = store.clone();
        tasks.spawn(async move {
            for number in 0..320 {
                let name = format!("{task} {number} {}", "x".repeat(12_000));
                insert(&store, &name).await.unwrap();
            }
        });
    }
    tasks.join_all().await;
    insert(&store, "last").await.unwrap();
    reader.await.unwrap();
    let file = file_of(&database);
    let written = std::fs::metadata(&file).unwrap().len();
    let log = std::fs::metadata(format!("{}-wal", file.display())).unwrap().len();
    assert!(written > 110 << 20, "{written} bytes are no load");
    assert!(log < 72 << 20, "{log} bytes of log");
    store.close().await;
    assert!(!Path::new(&format!("{}-wal", file.display())).exists(), "closing leaves one file");
}
