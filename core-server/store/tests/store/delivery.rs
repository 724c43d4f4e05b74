//! Deliveries: which may be claimed, in which order, and by whom.

use std::sync::Arc;

use crate::common::{at, count, id, look, now, write};
use chrono::{DateTime, Utc};
use tokio::sync::Barrier;
use warung_domain::message::Bot;
use warung_store::{
    ClaimFilter, Store, on_both_databases, rows,
    testing::{Kind, TestDatabase},
};

fn delivery(number: u128, chat_id: i64) -> rows::Delivery {
    rows::Delivery {
        id: id(number),
        bot: "MAIN".into(),
        chat_id,
        lane: 1,
        operation: "{}".into(),
        purpose: "TITLE_REQUEST".into(),
        purpose_id: None,
        state: "PENDING".into(),
        attempts: 0,
        due_time: now(),
        worker: None,
        may_be_repeated: false,
        message_id: None,
        error: None,
        create_time: now(),
        release_time: now(),
        done_time: None,
    }
}

fn done(number: u128, chat_id: i64, seconds: i64) -> rows::Delivery {
    rows::Delivery { state: "SENT".into(), done_time: Some(at(seconds)), ..delivery(number, chat_id) }
}

async fn put(store: &Store, rows: Vec<rows::Delivery>) {
    let outcome = write(store, move |tx| {
        let rows = rows.clone();
        Box::pin(async move {
            for row in rows {
                tx.insert(row).await?;
            }
            Ok(())
        })
    });
    outcome.await.unwrap();
}

/// The ids that are due at a second, of a bot, when chats that were written to in the second before it wait.
async fn due(store: &Store, bot: &'static str, seconds: i64, limit: u64) -> Vec<u128> {
    let found = write(store, move |tx| {
        Box::pin(async move {
            let filter = ClaimFilter { bot, now: at(seconds), chat_quiet_since: at(seconds - 1), limit };
            tx.due_deliveries(&filter).await
        })
    });
    found.await.unwrap().iter().map(|row| row.id.as_u128()).collect()
}

async fn lease(store: &Store, ids: &[u128], worker: &'static str, until: i64) {
    let ids: Vec<_> = ids.iter().map(|number| id(*number)).collect();
    let outcome = write(store, move |tx| {
        let ids = ids.clone();
        Box::pin(async move { tx.lease_deliveries(ids, worker, at(until)).await })
    });
    outcome.await.unwrap();
}

async fn row(store: &Store, number: u128) -> rows::Delivery {
    let found = look(store, move |read| Box::pin(async move { read.find::<rows::Delivery>(id(number)).await }));
    found.await.unwrap().unwrap()
}

on_both_databases! {
    one_delivery_of_a_chat_is_due_at_a_time_in_the_order_they_were_made;
    lower_lanes_go_first_then_what_is_due_earlier;
    what_is_not_due_or_done_or_of_another_bot_is_not_claimed;
    a_chat_that_was_just_written_to_waits;
    a_lease_keeps_a_delivery_and_its_chat_until_it_ends;
    only_what_was_claimed_before_may_be_repeated;
    a_worker_finds_what_it_holds_and_nothing_of_others;
    a_chat_is_busy_while_it_waits_for_something_and_for_a_while_after_it_got_it;
    many_deliveries_arrive_at_once_each_as_its_own_message;
    whoever_waits_for_deliveries_hears_of_them_and_of_no_other_commit;
    the_next_time_is_the_earliest_of_all_lanes;
    claimers_at_the_same_time_never_get_the_same;
    a_refused_chat_gets_its_deliveries_when_it_opens;
    the_pace_of_a_bot_is_taken_by_one_at_a_time;
    a_pause_of_a_bot_is_kept_with_whose_refusal_began_it;
    the_last_file_id_of_a_picture_is_kept;
}

async fn one_delivery_of_a_chat_is_due_at_a_time_in_the_order_they_were_made(database: TestDatabase) {
    let store = database.open().await;
    // The first of chat 7 has the highest lane, and is due last: it goes first all the same.
    let first = rows::Delivery { lane: 3, due_time: at(-1), ..delivery(1, 7) };
    let second = rows::Delivery { due_time: at(-50), ..delivery(2, 7) };
    put(&store, vec![second, first, delivery(3, 7), delivery(4, 8)]).await;
    assert_eq!(due(&store, "MAIN", 0, 10).await, [4, 1]);
}

async fn lower_lanes_go_first_then_what_is_due_earlier(database: TestDatabase) {
    let store = database.open().await;
    let in_lane = |number, lane, seconds| {
        let chat_id = i64::try_from(number).unwrap();
        rows::Delivery { lane, due_time: at(seconds), ..delivery(number, chat_id) }
    };
    let rows = vec![in_lane(1, 3, -9), in_lane(2, 2, -1), in_lane(3, 2, -2), in_lane(4, 1, 0), in_lane(5, 1, 0)];
    put(&store, rows).await;
    assert_eq!(due(&store, "MAIN", 0, 10).await, [4, 5, 3, 2, 1]);
    assert_eq!(due(&store, "MAIN", 0, 3).await, [4, 5, 3]);
    assert_eq!(due(&store, "MAIN", 0, 0).await, []);
}

async fn what_is_not_due_or_done_or_of_another_bot_is_not_claimed(database: TestDatabase) {
    let store = database.open().await;
    let later = rows::Delivery { due_time: at(5), ..delivery(1, 1) };
    let of_owner = rows::Delivery { bot: "OWNER".into(), ..delivery(3, 7) };
    put(&store, vec![later, done(2, 2, -100), of_owner, delivery(4, 7)]).await;
    assert_eq!(due(&store, "MAIN", 0, 10).await, [4]);
    assert_eq!(due(&store, "OWNER", 0, 10).await, [3], "another bot's delivery to the same chat holds nothing up");
    assert_eq!(due(&store, "MAIN", 4, 10).await, [4]);
    assert_eq!(due(&store, "MAIN", 5, 10).await, [4, 1]);
}

async fn a_chat_that_was_just_written_to_waits(database: TestDatabase) {
    let store = database.open().await;
    put(&store, vec![done(1, 7, 10), delivery(2, 7), delivery(3, 8)]).await;
    assert_eq!(due(&store, "MAIN", 10, 10).await, [3]);
    assert_eq!(due(&store, "MAIN", 11, 10).await, [2, 3]);
}

async fn a_lease_keeps_a_delivery_and_its_chat_until_it_ends(database: TestDatabase) {
    let store = database.open().await;
    put(&store, vec![delivery(1, 7), delivery(2, 7)]).await;
    lease(&store, &[1], "w1", 30).await;
    let leased = row(&store, 1).await;
    assert_eq!((leased.state.as_str(), leased.worker.as_deref(), leased.attempts), ("CLAIMED", Some("w1"), 1));
    assert_eq!(due(&store, "MAIN", 29, 10).await, [], "the second waits for the first");
    assert_eq!(due(&store, "MAIN", 30, 10).await, [1]);
}

async fn only_what_was_claimed_before_may_be_repeated(database: TestDatabase) {
    let store = database.open().await;
    put(&store, vec![delivery(1, 7), delivery(2, 8)]).await;
    lease(&store, &[1], "w1", 30).await;
    assert!(!row(&store, 1).await.may_be_repeated, "the first claim repeats nothing");
    lease(&store, &[1, 2], "w2", 60).await;
    assert!(row(&store, 1).await.may_be_repeated, "its first worker was not heard of");
    assert!(!row(&store, 2).await.may_be_repeated);
    assert_eq!(row(&store, 1).await.attempts, 2);
    lease(&store, &[], "w3", 90).await;
    assert_eq!(row(&store, 2).await.worker.as_deref(), Some("w2"));
}

async fn a_worker_finds_what_it_holds_and_nothing_of_others(database: TestDatabase) {
    let store = database.open().await;
    put(&store, vec![delivery(1, 1), delivery(2, 2), delivery(3, 3), done(4, 4, 0)]).await;
    lease(&store, &[3, 1], "w1", 30).await;
    lease(&store, &[2], "w2", 30).await;
    let lost = |held: &'static [u128], seconds, limit| {
        let found = write(&store, move |tx| {
            let held = held.iter().map(|number| id(*number)).collect();
            Box::pin(async move { tx.lost_deliveries("MAIN", "w1", held, at(seconds), limit).await })
        });
        async { found.await.unwrap().iter().map(|row| row.id.as_u128()).collect::<Vec<_>>() }
    };
    assert_eq!(lost(&[], 29, 100).await, [1, 3]);
    assert_eq!(lost(&[], 29, 1).await, [1], "no more than are asked for");
    assert_eq!(lost(&[1, 2], 29, 1).await, [3], "what it knows of is not lost");
    assert_eq!(lost(&[], 30, 100).await, [], "a lease that has ended is nobody's");
}

async fn a_chat_is_busy_while_it_waits_for_something_and_for_a_while_after_it_got_it(database: TestDatabase) {
    let store = database.open().await;
    let of_owner = rows::Delivery { bot: "OWNER".into(), ..delivery(4, 9) };
    let later = rows::Delivery { due_time: at(90), ..delivery(1, 7) };
    put(&store, vec![later, done(2, 8, 10), done(3, 9, 9), of_owner]).await;
    let busy = look(&store, |read| Box::pin(async move { read.busy_chats("MAIN", vec![7, 8, 9, 10], at(9)).await }));
    let mut busy = busy.await.unwrap();
    busy.sort_unstable();
    assert_eq!(busy, [7, 8]);
}

async fn many_deliveries_arrive_at_once_each_as_its_own_message(database: TestDatabase) {
    let store = database.open().await;
    put(&store, (1..=5).map(|number| delivery(number, 7)).collect()).await;
    lease(&store, &[1, 2, 3, 4], "w1", 60).await;
    let sent = write(&store, |tx| {
        let sent = (1..=3).map(|number| (id(number), 100 + i64::try_from(number).unwrap())).collect();
        Box::pin(async move { tx.set_deliveries_sent(sent, at(5)).await })
    });
    sent.await.unwrap();
    for number in 1..=3 {
        let row = row(&store, number).await;
        assert_eq!((row.state.as_str(), row.worker, row.error, row.done_time), ("SENT", None, None, Some(at(5))));
        assert_eq!((row.message_id, row.attempts), (Some(100 + i64::try_from(number).unwrap()), 1));
    }
    assert_eq!((row(&store, 4).await.state.as_str(), row(&store, 5).await.state.as_str()), ("CLAIMED", "PENDING"));
    assert_eq!(row(&store, 4).await.message_id, None);
}

async fn whoever_waits_for_deliveries_hears_of_them_and_of_no_other_commit(database: TestDatabase) {
    let store = database.open().await;
    let of_owner = store.watch().deliveries(Bot::Owner);
    let mut due = store.watch().deliveries(Bot::Main);
    // The commit is told of after its caller is. What another process may have written is no matter here.
    let mut written = async |count| {
        let has_come = due.wait_for(|written| written.here >= count);
        tokio::time::timeout(std::time::Duration::from_secs(10), has_come).await.unwrap().unwrap().here
    };
    crate::common::insert(&store, "a lease").await.unwrap();
    assert_eq!(written(0).await, 0);
    put(&store, vec![delivery(1, 7)]).await;
    assert_eq!(written(1).await, 1);
    let mut one = row(&store, 1).await;
    one.due_time = at(9);
    let retried = write(&store, move |tx| {
        let one = one.clone();
        Box::pin(async move { tx.update(one).await })
    });
    retried.await.unwrap();
    assert_eq!(written(2).await, 2);
    assert_eq!(of_owner.borrow().here, 0, "these were of another bot");
}

async fn the_next_time_is_the_earliest_of_all_lanes(database: TestDatabase) {
    async fn next(store: &Store) -> Option<DateTime<Utc>> {
        look(store, |read| Box::pin(async move { read.next_delivery_time("MAIN").await })).await.unwrap()
    }
    let store = database.open().await;
    assert_eq!(next(&store).await, None);
    let of_owner = rows::Delivery { bot: "OWNER".into(), due_time: at(-100), ..delivery(9, 9) };
    put(&store, vec![done(1, 1, 0), of_owner, rows::Delivery { due_time: at(40), ..delivery(2, 2) }]).await;
    assert_eq!(next(&store).await, Some(at(40)));
    for (number, lane, seconds) in [(3, 2, 30), (4, 3, 20), (5, 2, 25)] {
        put(&store, vec![rows::Delivery { lane, due_time: at(seconds), ..delivery(number, 3) }]).await;
    }
    assert_eq!(next(&store).await, Some(at(20)));
}

async fn claimers_at_the_same_time_never_get_the_same(database: TestDatabase) {
    let store = database.open().await;
    put(&store, (1..=40).map(|number| delivery(number, i64::try_from(number).unwrap())).collect()).await;
    let claim = |worker: usize, together: Option<Arc<Barrier>>| {
        let store = store.clone();
        async move {
            let claimed = write(&store, move |tx| {
                let together = together.clone();
                Box::pin(async move {
                    let filter = ClaimFilter { bot: "MAIN", now: at(0), chat_quiet_since: at(-1), limit: 5 };
                    let found = tx.due_deliveries(&filter).await?;
                    // On PostgreSQL all have found theirs before any leases: what one has locked, the others skip.
                    if let Some(together) = together {
                        together.wait().await;
                    }
                    let ids: Vec<_> = found.iter().map(|row| row.id).collect();
                    tx.lease_deliveries(ids.clone(), &format!("w{worker}"), at(30)).await?;
                    Ok(ids)
                })
            });
            claimed.await.unwrap()
        }
    };
    let together = (!store.is_sqlite()).then(|| Arc::new(Barrier::new(4)));
    let mut claimed = Vec::new();
    for round in 0..2 {
        let mut tasks = tokio::task::JoinSet::new();
        for worker in 0..4 {
            tasks.spawn(claim(round * 4 + worker, together.clone()));
        }
        for ids in tasks.join_all().await {
            assert_eq!(ids.len(), 5);
            claimed.extend(ids);
        }
    }
    claimed.sort();
    claimed.dedup();
    assert_eq!(claimed.len(), 40, "each was claimed once");
    assert_eq!(count(&store, "select count(*) as number from delivery where attempts = 1").await, 40);
}

async fn a_refused_chat_gets_its_deliveries_when_it_opens(database: TestDatabase) {
    let store = database.open().await;
    let refused = |number, lane, state: &str| rows::Delivery {
        lane,
        state: state.into(),
        done_time: Some(at(-60)),
        ..delivery(number, 7)
    };
    let elsewhere = rows::Delivery { chat_id: 8, ..refused(5, 1, "BLOCKED") };
    let rows = vec![
        refused(1, 1, "NEVER_STARTED"),
        refused(2, 2, "BLOCKED"),
        refused(3, 3, "BLOCKED"),
        refused(4, 1, "SENT"),
        elsewhere,
    ];
    put(&store, rows).await;
    let released =
        write(&store, |tx| Box::pin(async move { tx.release_deliveries("MAIN", 7, vec![1, 2], at(0)).await }));
    assert_eq!(released.await.unwrap(), 2);
    assert_eq!(due(&store, "MAIN", 0, 10).await, [1], "in order, one at a time");
    for (number, state) in [(1, "PENDING"), (2, "PENDING"), (3, "BLOCKED"), (4, "SENT"), (5, "BLOCKED")] {
        assert_eq!(row(&store, number).await.state, state, "{number}");
    }
}

fn pace(tokens_milli: i64) -> rows::BotPace {
    let (bot, refill_time, blocked_until) = ("MAIN".into(), now(), now());
    rows::BotPace { bot, tokens_milli, refill_time, blocked_until, pause_ms: 0, refused_chat_id: 0 }
}

async fn the_pace_of_a_bot_is_taken_by_one_at_a_time(database: TestDatabase) {
    let store = database.open().await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let store = store.clone();
        tasks.spawn(async move {
            let taken = write(&store, |tx| {
                Box::pin(async move {
                    let found = tx.lock_bot_pace("MAIN", pace(1_000)).await?;
                    let left = pace(found.tokens_milli - 10);
                    tx.update(left).await
                })
            });
            taken.await.unwrap();
        });
    }
    tasks.join_all().await;
    let left = look(&store, |read| Box::pin(async move { read.bot_pace("MAIN").await })).await.unwrap().unwrap();
    assert_eq!(left.tokens_milli, 800, "no taking was lost");
}

async fn a_pause_of_a_bot_is_kept_with_whose_refusal_began_it(database: TestDatabase) {
    let store = database.open().await;
    write(&store, |tx| Box::pin(async move { tx.insert(pace(0)).await })).await.unwrap();
    write(&store, |tx| Box::pin(async move { tx.pause_bot("MAIN", at(30), 4_000, 7).await })).await.unwrap();
    let found = look(&store, |read| Box::pin(async move { read.bot_pace("MAIN").await })).await.unwrap().unwrap();
    assert_eq!((found.blocked_until, found.pause_ms, found.refused_chat_id), (at(30), 4_000, 7));
}

async fn the_last_file_id_of_a_picture_is_kept(database: TestDatabase) {
    let store = database.open().await;
    let hash = "ab".repeat(32);
    let media = rows::Media {
        hash: hash.clone(),
        content_type: "image/png".into(),
        size_bytes: 1,
        width: 1,
        height: 1,
        create_time: now(),
    };
    write(&store, move |tx| {
        let media = media.clone();
        Box::pin(async move { tx.insert(media).await })
    })
    .await
    .unwrap();
    for (bot_id, file_id) in [(1, "first"), (2, "of another bot"), (1, "second")] {
        let row = rows::MediaFile { hash: hash.clone(), bot_id, file_id: file_id.into() };
        let kept = write(&store, move |tx| {
            let row = row.clone();
            Box::pin(async move { tx.keep_media_file(row).await })
        });
        kept.await.unwrap();
    }
    let found = look(&store, move |read| {
        let hashes = vec![hash.clone(), "unknown".to_owned()];
        Box::pin(async move { read.media_files(1, hashes).await })
    });
    let ids: Vec<_> = found.await.unwrap().into_iter().map(|row| row.file_id).collect();
    assert_eq!(ids, ["second"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_claimer_does_not_wait_for_another_on_postgres() {
    let database = TestDatabase::new(Kind::Postgres).await;
    let store = database.open().await;
    put(&store, vec![delivery(1, 1), delivery(2, 2)]).await;
    let (locked, end) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
    let first = {
        let (store, locked, end) = (store.clone(), Arc::clone(&locked), Arc::clone(&end));
        tokio::spawn(async move {
            let found = write(&store, move |tx| {
                let (locked, end) = (Arc::clone(&locked), Arc::clone(&end));
                Box::pin(async move {
                    let filter = ClaimFilter { bot: "MAIN", now: at(0), chat_quiet_since: at(-1), limit: 1 };
                    let found = tx.due_deliveries(&filter).await?;
                    locked.wait().await;
                    end.wait().await;
                    Ok(found.iter().map(|row| row.id.as_u128()).collect::<Vec<_>>())
                })
            });
            found.await.unwrap()
        })
    };
    locked.wait().await;
    assert_eq!(due(&store, "MAIN", 0, 10).await, [2]);
    end.wait().await;
    assert_eq!(first.await.unwrap(), [1]);
}
