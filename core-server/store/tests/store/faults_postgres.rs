//! What may befall the way to PostgreSQL: a connection that is cut, a server that is not there, a deadlock.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use crate::common::{at, count, insert, is_there, lease, look, now, run_sql, write};
use tokio::sync::Barrier;
use uuid::Uuid;
use warung_store::{
    Claim, Error, OpenError, RequestKey, Result, Store, StoreConfig, Tx, Work, rows,
    testing::{
        Kind, TestDatabase,
        faults::{Cut, Proxy, empty_disk, fill_disk, socket_folder, with_socket_folder},
    },
};

/// As the engine's work: it claims a request id first, and so finds its own trace.
struct Claimed {
    request_id: Uuid,
    runs: Arc<AtomicU32>,
}

impl Work for Claimed {
    type Output = String;
    type Error = Error;

    async fn run(&self, tx: &mut Tx) -> Result<String> {
        let key = RequestKey { principal: "user:1", command: "test.once", request_id: self.request_id };
        if let Claim::Done(output) = tx.claim_request(key, b"hash", now()).await? {
            return Ok(output);
        }
        let run = self.runs.fetch_add(1, Ordering::SeqCst);
        tx.insert(lease(&format!("run {run}"))).await?;
        tx.finish_request(key, format!("run {run}")).await?;
        Ok(format!("run {run}"))
    }

    fn finds_its_trace(&self) -> bool {
        true
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_whose_outcome_is_unknown_is_resolved_by_its_trace() {
    for cut in [Cut::Before, Cut::After] {
        let database = TestDatabase::new(Kind::Postgres).await;
        let proxy = Proxy::start(&database.config, cut);
        let store = Store::open(&proxy.config).await.unwrap();
        let runs = Arc::new(AtomicU32::new(0));
        proxy.arm();
        let work = Claimed { request_id: Uuid::from_u128(1), runs: Arc::clone(&runs) };
        let output = store.transact(work).await.unwrap();
        assert!(!proxy.is_armed(), "{cut:?}: a connection was cut");
        // Cut before, it ran twice and the second was committed; cut after, the second found what the first had left.
        let (expected_runs, expected_output) = if cut == Cut::Before { (2, "run 1") } else { (1, "run 0") };
        assert_eq!((runs.load(Ordering::SeqCst), output.as_str()), (expected_runs, expected_output), "{cut:?}");
        assert_eq!(count(&store, "select count(*) as number from lease").await, 1, "{cut:?}");
        let again = Claimed { request_id: Uuid::from_u128(1), runs };
        assert_eq!(store.transact(again).await.unwrap(), expected_output, "{cut:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_whose_outcome_is_unknown_is_reported_when_nothing_tells_it() {
    for cut in [Cut::Before, Cut::After] {
        let database = TestDatabase::new(Kind::Postgres).await;
        let proxy = Proxy::start(&database.config, cut);
        let store = Store::open(&proxy.config).await.unwrap();
        let seen = proxy.commits_seen();
        proxy.arm();
        let outcome = insert(&store, "once").await;
        assert!(matches!(outcome, Err(Error::OutcomeUnknown(_))), "{cut:?}: {outcome:?}");
        assert_eq!(proxy.commits_seen(), seen + 1, "{cut:?}: it is not tried again");
        assert_eq!(is_there(&store, "once").await, cut == Cut::After, "{cut:?}");
        // The way is whole again.
        insert(&store, "after").await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_told_as_such_at_a_write_and_at_a_commit_and_leaves_nothing() {
    let database = TestDatabase::new(Kind::Postgres).await;
    let store = database.open().await;
    write(&store, |tx| Box::pin(fill_disk(tx, "lease"))).await.unwrap();
    assert_eq!(insert(&store, "in vain").await, Err(Error::Full));
    // The same, said when all the statements have succeeded.
    for sql in [
        "drop trigger no_room on lease",
        "create constraint trigger no_room after insert on lease initially deferred for each row \
         execute function no_room()",
    ] {
        run_sql(&store, sql).await.unwrap();
    }
    assert_eq!(insert(&store, "in vain").await, Err(Error::Full));
    write(&store, |tx| Box::pin(empty_disk(tx, "lease"))).await.unwrap();
    assert!(!is_there(&store, "in vain").await);
    insert(&store, "there is room").await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_is_ended_in_a_transaction_leaves_nothing_and_harms_nobody_else() {
    let database = TestDatabase::new(Kind::Postgres).await;
    let store = database.open().await;
    let outcome = write(&store, |tx| {
        Box::pin(async move {
            use sea_orm::{ConnectionTrait as _, Statement};
            tx.insert(lease("half")).await?;
            let end = "select pg_terminate_backend(pg_backend_pid())";
            tx.query_all_raw(Statement::from_string(tx.get_database_backend(), end)).await?;
            Ok(())
        })
    });
    let outcome = outcome.await;
    assert!(matches!(outcome, Err(Error::Unavailable(_))), "{outcome:?}");
    assert!(!is_there(&store, "half").await);
    insert(&store, "whole").await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_the_server_ended_while_they_lay_idle_are_replaced_unseen() {
    let database = TestDatabase::new(Kind::Postgres).await;
    let store = database.open().await;
    let mut tasks = tokio::task::JoinSet::new();
    let together = Arc::new(Barrier::new(4));
    for _ in 0..4 {
        let (store, together) = (store.clone(), Arc::clone(&together));
        tasks.spawn(async move {
            write(&store, move |_| {
                let together = Arc::clone(&together);
                Box::pin(async move {
                    together.wait().await;
                    Ok(())
                })
            })
            .await
            .unwrap();
        });
    }
    tasks.join_all().await;
    let other = database.open().await;
    run_sql(
        &other,
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() \
         and pid <> pg_backend_pid()",
    )
    .await
    .unwrap();
    insert(&store, "as if nothing had been").await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_exhausted_pool_is_an_error_in_time_and_not_a_hang() {
    let database = TestDatabase::new(Kind::Postgres).await;
    let store = Store::open(&StoreConfig { connections: 1, ..database.config.clone() }).await.unwrap();
    let (begun, end) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
    let holder = {
        let (store, begun, end) = (store.clone(), Arc::clone(&begun), Arc::clone(&end));
        tokio::spawn(async move {
            write(&store, move |_| {
                let (begun, end) = (Arc::clone(&begun), Arc::clone(&end));
                Box::pin(async move {
                    begun.wait().await;
                    end.wait().await;
                    Ok(())
                })
            })
            .await
        })
    };
    begun.wait().await;
    let started = Instant::now();
    let (written, read) = tokio::join!(
        insert(&store, "starved"),
        look(&store, |read| Box::pin(async move { read.find::<rows::Lease>("starved".to_owned()).await })),
    );
    assert!(matches!(written, Err(Error::Unavailable(_))), "{written:?}");
    assert!(matches!(read, Err(Error::Unavailable(_))), "{read:?}");
    assert!(started.elapsed() < Duration::from_secs(8), "{:?}", started.elapsed());
    end.wait().await;
    holder.await.unwrap().unwrap();
    insert(&store, "fed").await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deadlock_is_resolved_by_running_the_loser_again() {
    struct Cross {
        first: &'static str,
        second: &'static str,
        /// Both hold their first row before either asks for its second, the first time.
        met: Arc<Barrier>,
        tries: Arc<AtomicU32>,
    }
    impl Work for Cross {
        type Output = ();
        type Error = Error;

        async fn run(&self, tx: &mut Tx) -> Result<()> {
            tx.take_lease(self.first, self.first, at(100), at(200)).await?;
            if self.tries.fetch_add(1, Ordering::SeqCst) < 2 {
                self.met.wait().await;
            }
            tx.take_lease(self.second, self.first, at(200), at(300)).await?;
            Ok(())
        }
    }
    let database = TestDatabase::new(Kind::Postgres).await;
    let store = database.open().await;
    insert(&store, "a").await.unwrap();
    insert(&store, "b").await.unwrap();
    let (met, tries) = (Arc::new(Barrier::new(2)), Arc::new(AtomicU32::new(0)));
    let cross = |first, second| Cross { first, second, met: Arc::clone(&met), tries: Arc::clone(&tries) };
    let (one, other) = tokio::join!(store.transact(cross("a", "b")), store.transact(cross("b", "a")));
    assert_eq!((one, other), (Ok(()), Ok(())));
    assert!(tries.load(Ordering::SeqCst) > 2, "one of them ran again");
}

#[tokio::test]
async fn a_transaction_mode_pooler_is_refused_by_name() {
    for url in [
        "postgres://user:secret@db.example.supabase.co:6543/postgres",
        "postgresql://user@aws-0.pooler.supabase.com:6543/postgres?sslmode=require",
        "postgres://user@localhost:6543",
        "postgres://user@localhost:6543?sslmode=disable",
        "postgres://user@localhost/postgres?port=6543",
    ] {
        let error = Store::open(&StoreConfig::new(url)).await.unwrap_err();
        assert!(matches!(error, OpenError::TransactionPooler), "{url}: {error:?}");
        assert!(error.to_string().contains("5432"), "it says what to use");
    }
}

#[tokio::test]
async fn what_keeps_us_from_the_server_is_said_without_the_password() {
    let database = TestDatabase::new(Kind::Postgres).await;
    let folder = socket_folder(&database.config.url);
    let missing = with_socket_folder("postgres://warung:very-secret@x/no_such_database", &folder);
    let stranger = with_socket_folder("postgres://stranger:very-secret@x/postgres", &folder);
    let nobody_listens = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("postgres://warung:very-secret@{}/shop", listener.local_addr().unwrap())
    };
    let (missing, stranger, refused, garbled) = tokio::join!(
        failure(&missing),
        failure(&stranger),
        failure(&nobody_listens),
        failure("postgres://warung:very-secret@host:port/shop")
    );
    assert!(missing.contains("no_such_database\" does not exist"), "{missing}");
    assert!(stranger.contains("role \"stranger\" does not exist"), "{stranger}");
    assert!(refused.contains("127.0.0.1") && refused.contains("refused"), "{refused}");
    for text in [missing, stranger, refused, garbled] {
        assert!(!text.contains("very-secret"), "{text}");
    }
}

async fn failure(url: &str) -> String {
    Store::open(&StoreConfig::new(url)).await.unwrap_err().to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn transactions_run_at_read_committed() {
    let database = TestDatabase::new(Kind::Postgres).await;
    let store = database.open().await;
    let level = write(&store, |tx| {
        Box::pin(async move {
            use sea_orm::{ConnectionTrait as _, Statement};
            let sql = "select current_setting('transaction_isolation') as level";
            let row = tx.query_one_raw(Statement::from_string(tx.get_database_backend(), sql)).await?.unwrap();
            Ok(row.try_get::<String>("", "level")?)
        })
    });
    assert_eq!(level.await.unwrap(), "read committed");
}
