//! Budgets, jobs, settings and the trails.

use crate::common::{at, count, id, look, now, write};
use warung_store::{Claim, Error, RequestKey, Result, Store, on_both_databases, rows, testing::TestDatabase};

on_both_databases! {
    a_budget_raced_by_many_gives_out_its_limit_and_no_more;
    a_budget_gives_what_is_left_and_each_window_has_its_own;
    many_budgets_are_taken_from_at_once_and_each_answer_stands_in_its_place;
    of_all_replicas_one_begins_a_run_of_a_job;
    a_lease_is_given_back_by_its_holder_alone;
    a_setting_is_written_over_and_given_back;
    a_setting_that_somebody_else_made_meanwhile_is_not_written_over;
    old_rows_are_removed_a_batch_at_a_time_the_oldest_first_and_young_ones_stay;
    the_audit_trail_is_read_from_the_newest_on;
}

fn window(principal: &str, seconds: i64, wanted: i64) -> rows::CallBudget {
    rows::CallBudget { principal: principal.into(), kind: "read".into(), window_time: at(seconds), used: wanted }
}

async fn take(store: &Store, window: rows::CallBudget, limit: i64) -> i64 {
    let taken = write(store, move |tx| {
        let window = window.clone();
        Box::pin(async move { tx.take_calls(window, limit).await })
    });
    taken.await.unwrap()
}

async fn a_budget_raced_by_many_gives_out_its_limit_and_no_more(database: TestDatabase) {
    let store = database.open().await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let store = store.clone();
        tasks.spawn(async move { take(&store, window("user:1", 0, 3), 100).await });
    }
    let taken = tasks.join_all().await;
    assert_eq!(taken.iter().sum::<i64>(), 100, "{taken:?}");
    assert!(taken.iter().all(|taken| (0..=3).contains(taken)));
    assert_eq!(count(&store, "select used as number from call_budget").await, 100);
}

async fn a_budget_gives_what_is_left_and_each_window_has_its_own(database: TestDatabase) {
    let store = database.open().await;
    assert_eq!(take(&store, window("user:1", 0, 8), 10).await, 8);
    assert_eq!(take(&store, window("user:1", 0, 8), 10).await, 2);
    assert_eq!(take(&store, window("user:1", 0, 8), 10).await, 0);
    assert_eq!(take(&store, window("user:2", 0, 8), 10).await, 8, "another's");
    assert_eq!(take(&store, window("user:1", 60, 8), 10).await, 8, "the next window");
    assert_eq!(take(&store, window("user:1", 0, 8), 5).await, 0, "a limit that was lowered");
}

async fn many_budgets_are_taken_from_at_once_and_each_answer_stands_in_its_place(database: TestDatabase) {
    let store = database.open().await;
    let ask = |wanted: Vec<(rows::CallBudget, i64)>| {
        let store = store.clone();
        async move {
            let taken = write(&store, move |tx| {
                let wanted = wanted.clone();
                Box::pin(async move { tx.take_calls_of_many(wanted).await })
            });
            taken.await.unwrap()
        }
    };
    assert_eq!(ask(Vec::new()).await, Vec::<i64>::new());
    assert_eq!(take(&store, window("user:2", 0, 8), 10).await, 8);
    let asked = vec![(window("user:3", 0, 8), 10), (window("user:2", 0, 8), 10), (window("user:1", 0, 8), 5)];
    assert_eq!(ask(asked.clone()).await, [8, 2, 5]);
    assert_eq!(ask(asked).await, [2, 0, 0]);
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..20 {
        let mut asked: Vec<_> = (4..8).map(|user| (window(&format!("user:{user}"), 0, 3), 10)).collect();
        asked.rotate_left(number % 4);
        tasks.spawn(ask(asked));
    }
    let taken: i64 = tasks.join_all().await.into_iter().flatten().sum();
    assert_eq!(taken, 40, "four budgets of ten, whatever the order they are named in");
}

async fn of_all_replicas_one_begins_a_run_of_a_job(database: TestDatabase) {
    let store = database.open().await;
    for scheduled in [0, 60] {
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..10 {
            let store = store.clone();
            tasks.spawn(async move {
                let begun = write(&store, move |tx| {
                    Box::pin(async move { tx.begin_job("backup", at(scheduled), at(61)).await })
                });
                begun.await.unwrap()
            });
        }
        assert_eq!(tasks.join_all().await.into_iter().filter(|begun| *begun).count(), 1);
    }
}

async fn a_lease_is_given_back_by_its_holder_alone(database: TestDatabase) {
    async fn take(store: &Store, holder: &'static str) -> String {
        let taken =
            write(store, move |tx| Box::pin(async move { tx.take_lease("polling", holder, at(0), at(10)).await }));
        taken.await.unwrap().holder
    }
    async fn release(store: &Store, holder: &'static str) {
        write(store, move |tx| Box::pin(async move { tx.release_lease("polling", holder).await })).await.unwrap();
    }
    let store = database.open().await;
    assert_eq!(take(&store, "a").await, "a");
    release(&store, "b").await;
    assert_eq!(take(&store, "b").await, "a");
    assert_eq!(take(&store, "a").await, "a", "its holder renews it");
    release(&store, "a").await;
    assert_eq!(take(&store, "b").await, "b");
}

async fn put_setting(store: &Store, value: Option<&'static str>, is_new: bool) -> Result<Vec<String>> {
    let row = value.map(|value| rows::Setting {
        key: "greeting".into(),
        value: value.into(),
        updated_by: "user:1".into(),
        update_time: now(),
    });
    let written = write(store, move |tx| {
        let row = row.clone();
        Box::pin(async move { tx.put_setting("greeting", row, is_new).await })
    });
    written.await?;
    let found = look(store, |read| Box::pin(async move { read.settings().await })).await?;
    Ok(found.into_iter().map(|row| row.value).collect())
}

async fn a_setting_is_written_over_and_given_back(database: TestDatabase) {
    let store = database.open().await;
    assert_eq!(put_setting(&store, Some("halo"), true).await.unwrap(), ["halo"]);
    assert_eq!(put_setting(&store, Some("hai"), false).await.unwrap(), ["hai"]);
    assert_eq!(put_setting(&store, None, false).await.unwrap(), Vec::<String>::new());
}

async fn a_setting_that_somebody_else_made_meanwhile_is_not_written_over(database: TestDatabase) {
    let store = database.open().await;
    put_setting(&store, Some("halo"), true).await.unwrap();
    let late = put_setting(&store, Some("hai"), true).await;
    assert!(matches!(late, Err(Error::Conflict(_))), "{late:?}");
    assert_eq!(put_setting(&store, Some("halo"), false).await.unwrap(), ["halo"]);
}

/// A request, a run of a job, a budget and a call of each of these seconds.
async fn write_old(store: &Store, seconds: std::ops::Range<i64>) {
    let written = write(store, move |tx| {
        let seconds = seconds.clone();
        Box::pin(async move {
            let mut trail = Vec::new();
            for second in seconds {
                let number = u128::try_from(second).unwrap() + 1;
                let key = RequestKey { principal: "user:1", command: "test.once", request_id: id(number) };
                assert_eq!(tx.claim_request(key, b"hash", at(second)).await?, Claim::New);
                tx.begin_job("backup", at(second), at(second)).await?;
                tx.take_calls(window("user:1", second, 1), 10).await?;
                trail.push(rows::Activity {
                    id: id(number),
                    create_time: at(second),
                    principal: "user:1".into(),
                    method: "m".into(),
                    outcome: "OK".into(),
                    duration_us: 5,
                    call_id: String::new(),
                });
            }
            tx.add_activity(trail).await?;
            tx.add_activity(Vec::new()).await
        })
    });
    written.await.unwrap();
}

async fn old_rows_are_removed_a_batch_at_a_time_the_oldest_first_and_young_ones_stay(database: TestDatabase) {
    let store = database.open().await;
    write_old(&store, 0..7).await;
    // Five are old; a batch is two.
    for (removed, first_left) in [(2, 3), (2, 5), (1, 6), (0, 6)] {
        let batch = write(&store, |tx| {
            Box::pin(async move {
                Ok([
                    tx.remove_old_requests(at(5), 2).await?,
                    tx.remove_old_job_runs(at(5), 2).await?,
                    tx.remove_old_budgets(at(5), 2).await?,
                    tx.remove_old_activity(at(5), 2).await?,
                ])
            })
        });
        assert_eq!(batch.await.unwrap(), [removed; 4]);
        let calls = look(&store, |read| {
            Box::pin(async move {
                let mut left = Vec::new();
                for number in 1..=7 {
                    left.extend(read.find::<rows::Activity>(id(number)).await?.map(|_| number));
                }
                Ok(left)
            })
        });
        assert_eq!(calls.await.unwrap(), (first_left..=7).collect::<Vec<_>>());
    }
    let left = "select (select count(*) from idempotency) + (select count(*) from job_run) + \
                (select count(*) from call_budget) + (select count(*) from activity) as number";
    assert_eq!(count(&store, left).await, 8, "the two young ones of each");
}

async fn the_audit_trail_is_read_from_the_newest_on(database: TestDatabase) {
    let store = database.open().await;
    let written = write(&store, |tx| {
        Box::pin(async move {
            for number in 1..=5 {
                tx.insert(rows::AuditEntry {
                    id: id(number),
                    create_time: now(),
                    actor: "user:1".into(),
                    command: "c".into(),
                    target: "t".into(),
                    before_json: None,
                    after_json: None,
                })
                .await?;
            }
            Ok(())
        })
    });
    written.await.unwrap();
    let page = |after: Option<u128>| {
        let found = look(&store, move |read| Box::pin(async move { read.audit_entries(after.map(id), 2).await }));
        async { found.await.unwrap().iter().map(|row| row.id.as_u128()).collect::<Vec<_>>() }
    };
    assert_eq!(page(None).await, [5, 4]);
    assert_eq!(page(Some(4)).await, [3, 2]);
    assert_eq!(page(Some(2)).await, [1]);
    assert_eq!(page(Some(1)).await, Vec::<u128>::new());
}
